"""The whole job on a small shop: what comes out is complete, consistent and explained."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from plan_alone import run
from small_tables import ITEMS, PLAN_DATE, small_tables

from invopt_xl.cache import ContentCache
from invopt_xl.errors import InputError
from invopt_xl.plan import pipeline
from invopt_xl.plan.columns import BY_STEM, OUTPUTS, Tables
from invopt_xl.plan.pipeline import PlanResult


@pytest.fixture(scope="module")
def result() -> PlanResult:
    return pipeline.run(small_tables())


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


def only(tables: Tables, *items: str) -> Tables:
    """Return tables of these items alone."""
    return {stem: frame[frame["item"].isin(items)] if "item" in frame else frame for stem, frame in tables.items()}


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


def test_without_overrides_the_proposal_is_the_order(result: PlanResult) -> None:
    plan = result.tables["plan"]
    assert plan["proposed_quantity"].tolist() == plan["order_quantity"].tolist()


def test_the_log_grows_by_a_line_a_refresh(result: PlanResult) -> None:
    tables = small_tables()
    tables["log"] = result.tables["log"]
    log = run(tables).tables["log"]
    assert len(log) == 2
    assert log["items"].tolist() == [6, 6]


def with_repeated_row(items: pd.DataFrame) -> pd.DataFrame:
    items = items.assign(description=items["item"] + " good")
    return pd.concat([items, items.iloc[:1].set_axis(pd.Index([99]), axis=0)])


def test_a_bad_row_is_named_and_the_rest_is_planned() -> None:
    tables = small_tables()
    tables["items"].loc[3, "on_hand"] = -5
    tables["items"] = with_repeated_row(tables["items"])
    last = pd.DataFrame({"item": ["steady"], "override_quantity": ["lots"]})
    tables["plan"] = last.set_axis(pd.Index([2]), axis=0)
    tables["demand"].loc[10, "quantity"] = "a lot"
    result = run(tables)
    assert result.rejected >= 2
    named = result.tables["quality"].query("severity == 'rejected'")
    assert {("tblItems", 3.0), ("tblDemand", 10.0)} <= set(zip(named["table"], named["row"], strict=True))
    assert result.tables["plan"]["item"].tolist() == [name for name in ITEMS if name != "erratic"]
    assert result.tables["checks"]["result"].iloc[0] == "CHECK"
    told = result.tables["exceptions"].set_index("kind")
    worst = told.loc["not planned"]
    assert worst[["severity", "item", "description"]].tolist() == ["critical", "erratic", "erratic good"]
    assert worst["message"].startswith("row 3 of tblItems is not used: on_hand is -5")
    repeated = told.loc["repeated row"]
    assert repeated[["severity", "item"]].tolist() == ["warning", "steady"]
    assert repeated["message"] == "row 99 of tblItems repeats steady and is not used: row 2 counts"
    assert told.loc["override not followed", "description"] == "steady good"


def test_a_budget_too_small_gives_a_plan_with_the_shortfall_named() -> None:
    result = run(small_tables(budget=30, solver_seconds=2))
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


def test_stock_is_not_held_beyond_its_shelf_life_and_the_missed_target_is_said(result: PlanResult) -> None:
    fresh = small_tables()
    fresh["items"]["shelf_life_days"] = [10, None, None, None, None, None]
    rows = [found.tables["plan"].iloc[0] for found in (result, run(fresh))]
    assert rows[1]["order_up_to"] <= 40 * 1.15 * 10 / 7 < rows[0]["reorder_point"]
    assert rows[1]["expected_fill_rate"] < rows[0]["expected_fill_rate"]
    assert "short of the 95% level, for it keeps 10 days" in rows[1]["why"]


def test_more_lead_time_spread_takes_more_safety_stock(result: PlanResult) -> None:
    wild = small_tables()
    wild["items"].loc[2, "lead_time_sd_days"] = 10
    stock = [plan_row(found, "steady")["safety_stock"] for found in (result, run(wild))]
    assert stock[1] > stock[0] + 10


def test_receipts_seen_count_more_than_the_stated_lead_time(result: PlanResult) -> None:
    tables = small_tables()
    ordered = pd.date_range("2024-01-01", periods=12, freq="7D")
    late = ordered + pd.to_timedelta([14, 45] * 6, unit="D")
    receipts = pd.DataFrame({"item": "steady", "supplier": "North", "order_date": ordered, "receipt_date": late})
    tables["receipts"] = receipts.astype(object)
    before, after = (plan_row(found, "steady")["reorder_point"] for found in (result, run(tables)))
    assert after > 1.5 * before


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
    other = run(only(small_tables(forecast_engine="pmdarima"), "steady"))
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


@pytest.mark.parametrize(
    "parameters",
    [
        {"period": "day", "horizon_periods": 1},
        {"period": "month", "horizon_periods": 6},
        {"period": "month", "plan_date": "2024-07-15"},
        {"horizon_periods": 1},
        {"service_measure": "fill", "service_target": 0.9},
        {"shortage": "backorder"},
        {"storage_volume": 0, "budget": 0},
    ],
    ids=lambda parameters: ", ".join(f"{name} {value}" for name, value in parameters.items()),
)
def test_every_kind_of_plan_is_whole_and_consistent(parameters: dict[str, object]) -> None:
    result = run(small_tables(**parameters))
    assert result.planned == len(ITEMS)
    checks = result.tables["checks"].set_index("check")["result"]
    assert checks.drop(["Master check", "Last refresh", "Order plan is close to the cheapest"]).eq("OK").all()
    plan_date = pd.Timestamp(str(parameters.get("plan_date", PLAN_DATE)))
    assert (result.tables["orders"]["order_date"] >= plan_date).all()


def test_a_lead_time_beyond_the_horizon_is_still_ordered() -> None:
    tables = small_tables(horizon_periods=4)
    tables["items"].loc[2, ["lead_time_days", "lead_time_sd_days"]] = [70, 0]
    row = run(tables).tables["plan"].iloc[0]
    assert row["order_quantity"] > 0
    assert row["why"].startswith("Covers")


def test_a_lead_time_of_years_is_called_out_and_not_planned_in_silence() -> None:
    tables = only(small_tables(), "steady", "erratic")
    tables["items"].loc[2, "lead_time_days"] = 1000
    result = run(tables)
    assert "beyond the plan" in result.tables["exceptions"].query("item == 'steady'")["kind"].tolist()
    assert result.tables["checks"].set_index("check").loc["Every lead time fits the plan", "result"] == "CHECK"


def test_items_without_a_margin_are_still_worth_holding() -> None:
    prices = {"for nothing": 0, "unknown": None, "at cost": 2.0, "at a loss": 1.0}
    tables = only(small_tables(), "steady")
    for stem in ("items", "demand"):
        tables[stem] = pd.concat([tables[stem].assign(item=name) for name in prices], ignore_index=True)
    tables["items"]["unit_price"] = list(prices.values())
    plan = run(tables).tables["plan"]
    assert plan["item"].tolist() == list(prices)
    assert (plan["order_quantity"] > 0).all()


def test_an_open_order_that_comes_too_late_does_not_hide_the_risk() -> None:
    tables = small_tables()
    late = pd.DataFrame({"item": ["steady"], "due_date": ["2024-12-20"], "quantity": [2000]}, dtype=object)
    tables["open_orders"] = late
    result = run(tables)
    row = result.tables["plan"].iloc[0]
    assert row["on_order"] == 2000
    assert row["stockout_probability"] > 0.5
    assert row["order_quantity"] > 0
    message = result.tables["exceptions"].query("item == 'steady' and kind == 'stock-out likely'")["message"]
    assert "2,000 more come later" in message.iloc[0]


def test_an_item_nobody_ever_asked_for_is_not_ordered() -> None:
    tables = small_tables()
    tables["demand"] = tables["demand"][tables["demand"]["item"] != "rare"]
    result = run(tables)
    row = plan_row(result, "rare")
    assert (row["order_quantity"], row["demand_per_period"]) == (0, 0)
    kinds = result.tables["exceptions"].query("item == 'rare'")["kind"].tolist()
    assert kinds == ["no history"]


def test_a_discount_counts_though_its_supplier_has_no_row() -> None:
    tables = small_tables()
    del tables["suppliers"]
    tables["discounts"] = pd.DataFrame(
        {"supplier": ["North"], "from_value": [10], "discount_rate": [0.1]}, dtype=object
    )
    orders = run(tables).tables["orders"]
    assert orders.query("supplier == 'North' and value >= 10")["discount_rate"].max() == pytest.approx(0.1)


def test_a_shorter_review_than_a_period_does_not_thin_the_buffer() -> None:
    daily, weekly = small_tables(), small_tables()
    daily["items"]["review_days"], weekly["items"]["review_days"] = 1, 7
    levels = [run(tables).tables["plan"]["reorder_point"].tolist() for tables in (daily, weekly)]
    assert levels[0] == levels[1]


def test_the_due_date_rests_on_the_lead_times_seen() -> None:
    tables = small_tables()
    ordered = pd.date_range("2024-01-01", periods=12, freq="7D")
    seen = {
        "item": "steady",
        "supplier": "North",
        "order_date": ordered,
        "receipt_date": ordered + pd.Timedelta(28, "D"),
    }
    tables["receipts"] = pd.DataFrame(seen).astype(object)
    orders = run(tables).tables["orders"].query("item == 'steady'")
    assert (orders["due_date"] - orders["order_date"]).dt.days.eq(28).all()


def test_what_was_out_of_stock_all_the_time_is_not_called_dead() -> None:
    tables = small_tables()
    tables["demand"] = tables["demand"].assign(in_stock=1)
    tables["demand"].loc[tables["demand"]["item"] == "dead", "in_stock"] = 0
    assert "no recent demand" not in run(tables).tables["exceptions"].query("item == 'dead'")["kind"].tolist()


def test_a_phase_out_is_bought_by_override_alone() -> None:
    tables = small_tables()
    tables["items"]["status"] = "phase-out"
    assert run(tables).tables["orders"].empty
    tables["plan"] = pd.DataFrame({"item": ["steady"], "override_quantity": [48]})
    result = run(tables)
    assert result.tables["orders"]["quantity"].tolist() == [48.0]
    assert "shortage in plan" not in result.tables["exceptions"]["kind"].tolist()


def test_an_override_of_zero_says_whose_decision_it_is() -> None:
    tables = small_tables()
    tables["plan"] = pd.DataFrame({"item": ["steady"], "override_quantity": [0]})
    row = plan_row(run(tables), "steady")
    assert row["order_quantity"] == 0
    assert row["why"].startswith("No order now: the planner's own decision")
