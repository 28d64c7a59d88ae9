"""The whole job on a small shop: what comes out is complete, consistent and explained."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_tables import ITEMS, PLAN_DATE, small_tables

from invopt_xl.cache import ContentCache
from invopt_xl.errors import InputError
from invopt_xl.plan.columns import BY_STEM, OUTPUTS
from invopt_xl.plan.pipeline import PlanResult, run


@pytest.fixture(scope="module")
def result() -> PlanResult:
    return run(small_tables())


def plan_row(result: PlanResult, item: str) -> pd.Series:
    return result.tables["plan"].set_index("item").loc[item]


def test_every_output_table_has_the_columns_of_the_contract(result: PlanResult) -> None:
    assert set(result.tables) == {table.stem for table in OUTPUTS}
    for stem, frame in result.tables.items():
        assert list(frame.columns) == BY_STEM[stem].column_names, stem


def test_every_item_is_planned_in_the_order_of_the_items(result: PlanResult) -> None:
    assert result.planned == len(ITEMS)
    assert result.tables["plan"]["item"].tolist() == list(ITEMS)
    assert result.tables["plan"]["why"].str.endswith(".").all()


def test_levels_fit_together(result: PlanResult) -> None:
    plan = result.tables["plan"]
    assert (plan["order_up_to"] >= plan["reorder_point"]).all()
    assert (plan["reorder_point"] >= 0).all()
    assert plan["stockout_probability"].between(0, 1).all()
    assert plan["expected_fill_rate"].between(0, 1).all()


def test_lots_minimums_and_joint_values_are_kept(result: PlanResult) -> None:
    orders = result.tables["orders"]
    assert len(orders) > 0
    steady = orders[orders["item"] == "steady"]["quantity"]
    assert (steady % 24 == 0).all()
    assert (orders[orders["item"] == "lumpy"]["quantity"] >= 12).all()
    by_order = orders[orders["supplier"] == "North"].groupby("order_date")["value"].sum()
    assert (by_order >= 50 - 1e-6).all()


def test_order_lines_of_today_are_the_orders_of_the_plan(result: PlanResult) -> None:
    orders, plan = result.tables["orders"], result.tables["plan"]
    today = orders[orders["order_date"] == pd.Timestamp(PLAN_DATE)].set_index("item")["quantity"]
    planned = plan.set_index("item")["order_quantity"]
    assert planned[planned > 0].sort_index().to_dict() == today.sort_index().to_dict()


def test_dead_stock_is_called_out_and_not_ordered(result: PlanResult) -> None:
    row = plan_row(result, "dead")
    assert row["order_quantity"] == 0
    assert row["exception"] == "no recent demand"


def test_an_item_out_of_stock_is_critical_and_ordered_now(result: PlanResult) -> None:
    row = plan_row(result, "lumpy")
    assert row["exception"] == "stock-out"
    assert row["order_quantity"] > 0
    worst = result.tables["exceptions"].iloc[0]
    assert worst["severity"] == "critical"


def test_a_forecast_from_five_weeks_says_so(result: PlanResult) -> None:
    notices = result.tables["exceptions"].query("item == 'new' and kind == 'weak forecast'")
    assert len(notices) == 1
    assert "5" in notices["message"].iloc[0]


def test_forecast_quantiles_are_in_order_and_cover_the_horizon(result: PlanResult) -> None:
    forecast = result.tables["forecast"]
    quantiles = forecast[[name for name in forecast.columns if name.startswith("p")]].to_numpy(dtype=float)
    assert (np.diff(quantiles, axis=1) >= -1e-9).all()
    assert (quantiles >= 0).all()
    assert forecast.groupby("item").size().eq(8).all()
    assert forecast["date"].min() == pd.Timestamp(PLAN_DATE)


def test_the_master_check_stands_first_and_names_what_fails(result: PlanResult) -> None:
    checks = result.tables["checks"]
    assert checks["check"].iloc[0] == "Master check"
    failed = checks.loc[2:].query("result != 'OK'")["check"]
    assert (checks["result"].iloc[0] == "OK") == failed.empty
    assert all(name in checks["detail"].iloc[0] for name in failed)


def test_the_projection_follows_the_worst_items(result: PlanResult) -> None:
    worst, projection = result.tables["worst"], result.tables["projection"]
    assert worst["item"].iloc[0] == result.tables["exceptions"].query("item != ''")["item"].iloc[0]
    assert len(projection) == 8
    assert projection["stock_1"].notna().all()


def test_an_override_is_a_constraint_and_stays_with_its_item(result: PlanResult) -> None:
    tables = small_tables()
    last = result.tables["plan"].copy().astype(object)
    last.loc[last["item"] == "steady", ["override_quantity", "note"]] = [17, "agreed with Ann"]
    tables["plan"] = last.iloc[::-1]
    row = plan_row(run(tables), "steady")
    assert row["order_quantity"] == 17, "the planner's quantity stands, even against the case of 24"
    assert (row["override_quantity"], row["note"]) == (17, "agreed with Ann")
    assert "planner's own quantity" in row["why"]


def test_the_log_grows_by_a_line_a_refresh(result: PlanResult) -> None:
    tables = small_tables()
    tables["log"] = result.tables["log"]
    log = run(tables).tables["log"]
    assert len(log) == 2
    assert log["items"].tolist() == [6, 6]


def test_a_bad_row_is_named_and_the_rest_is_planned() -> None:
    tables = small_tables()
    tables["items"].loc[3, "on_hand"] = -5
    tables["demand"].loc[10, "quantity"] = "a lot"
    result = run(tables)
    assert result.rejected >= 2
    named = result.tables["quality"].query("severity == 'rejected'")
    assert {("tblItems", 3.0), ("tblDemand", 10.0)} <= set(zip(named["table"], named["row"], strict=True))
    assert result.tables["plan"]["item"].tolist() == [name for name in ITEMS if name != "erratic"]
    assert result.tables["checks"]["result"].iloc[0] == "CHECK"


def test_a_budget_too_small_gives_a_plan_with_the_shortfall_named() -> None:
    result = run(small_tables(budget=30))
    limits = result.tables["exceptions"].query("kind == 'limit'")
    assert limits["message"].str.contains("budget").any()
    orders = result.tables["orders"]
    assert (orders.groupby("order_date")["value"].sum() <= 30 + 1e-6).all()


def test_a_stock_out_is_not_learned_as_zero_demand() -> None:
    tables = small_tables()
    demand = tables["demand"]
    rows = demand.index[(demand["item"] == "steady")][-15:]
    demand.loc[rows, "quantity"] = 0
    learned = run(tables).tables["plan"].set_index("item").loc["steady", "demand_per_period"]
    tables["demand"] = demand.assign(in_stock=1)
    tables["demand"].loc[rows, "in_stock"] = 0
    known = run(tables).tables["plan"].set_index("item").loc["steady", "demand_per_period"]
    assert known == pytest.approx(40, rel=0.15)
    assert learned < 0.8 * known


def test_more_lead_time_spread_takes_more_safety_stock() -> None:
    calm, wild = small_tables(), small_tables()
    wild["items"].loc[2, "lead_time_sd_days"] = 10
    stock = [run(tables).tables["plan"].set_index("item").loc["steady", "safety_stock"] for tables in (calm, wild)]
    assert stock[1] > stock[0] + 10


def test_receipts_seen_count_more_than_the_stated_lead_time() -> None:
    tables = small_tables()
    ordered = pd.date_range("2024-01-01", periods=12, freq="7D")
    late = ordered + pd.to_timedelta([14, 45] * 6, unit="D")
    receipts = pd.DataFrame({"item": "steady", "supplier": "North", "order_date": ordered, "receipt_date": late})
    before = run(tables).tables["plan"].set_index("item").loc["steady", "reorder_point"]
    tables["receipts"] = receipts.astype(object)
    assert run(tables).tables["plan"].set_index("item").loc["steady", "reorder_point"] > 1.5 * before


def test_a_second_run_forecasts_nothing_again_and_a_changed_item_alone() -> None:
    with tempfile.TemporaryDirectory() as folder, ContentCache(Path(folder)) as cache:
        first = run(small_tables(), cache=cache)
        asked: list[str] = []
        stored: list[str] = []
        get, put = cache.get, cache.put
        cache.get = lambda key: asked.append(key) or get(key)  # type: ignore[method-assign,func-returns-value]
        cache.put = lambda key, arrays: stored.append(key) or put(key, arrays)  # type: ignore[method-assign,func-returns-value]
        second = run(small_tables(), cache=cache)
        assert asked
        assert not stored
        for stem in ("plan", "orders", "forecast", "exceptions", "kpis"):
            pd.testing.assert_frame_equal(first.tables[stem], second.tables[stem])
        changed = small_tables()
        changed["demand"].loc[changed["demand"].index[-1], "quantity"] = 99
        run(changed, cache=cache)
        assert len(stored) == 2, "one forecast and the order plan that rests on it"


def test_pmdarima_is_selectable_and_agrees_about_steady_demand(result: PlanResult) -> None:
    other = run(small_tables(forecast_engine="pmdarima"))
    mine, theirs = (plan_row(one, "steady")["demand_per_period"] for one in (result, other))
    assert theirs == pytest.approx(mine, rel=0.1)


def test_no_items_at_all_is_one_line() -> None:
    tables = small_tables()
    tables["items"] = tables["items"].iloc[:0]
    with pytest.raises(InputError) as refused:
        run(tables)
    assert "\n" not in str(refused.value)


def test_text_that_looks_like_a_formula_stays_text() -> None:
    tables = small_tables()
    tables["items"].loc[2, "description"] = "=2+3"
    tables["items"].loc[2, "item"] = "=steady"
    tables["demand"].loc[tables["demand"]["item"] == "steady", "item"] = "=steady"
    assert "=steady" in run(tables).tables["plan"]["item"].tolist()
