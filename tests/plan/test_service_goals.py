"""A goal gives the service it names: item by item, by class, or over all items at the least stock money."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from plan_alone import run
from small_tables import small_tables

from invopt_xl.domain import Forecast
from invopt_xl.plan.columns import TREND, Tables
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.pipeline import PlanResult
from invopt_xl.plan.quality import admit
from invopt_xl.plan.replenishment import (
    expected_lead_times,
    mean_rate,
    set_stock_levels,
    stocked_items,
    with_terms,
)
from invopt_xl.plan.service_goals import OverallService
from invopt_xl.plan.service_targets import on_time
from invopt_xl.policy import CumulativeDemand
from invopt_xl.policy.replay import Replay, Rules, World, replay

PERIODS = 12_000
RATES = (3.0, 40.0)
"""Slow whole units, and demand that is modelled as continuous."""


def stock(rates: tuple[float, ...] = RATES, **columns: Any) -> Tables:
    """Return input tables of items of Poisson demand, one for each rate; columns are added to the items."""
    count = len(rates)
    items = {
        "item": [f"i{row}" for row in range(count)],
        "unit_cost": 2.0,
        "unit_price": 3.0,
        "lead_time_days": 14,
        "lead_time_sd_days": 0,
        "on_hand": 50,
        "moq": 0,
        "lot_size": [max(1.0, 2.0 * rate) for rate in rates],
    }
    demand = {"item": items["item"], "date": "2024-06-24", "quantity": list(rates)}
    frame = pd.DataFrame({**items, **columns}).astype(object)
    return {"items": frame, "demand": pd.DataFrame(demand).astype(object)}


def with_levels(
    tables: Tables, rates: tuple[float, ...] = RATES, **parameters: Any
) -> tuple[pd.DataFrame, OverallService | None]:
    """Return the items with levels, given what demand will be like."""
    values = {"plan_date": "2024-07-01", **parameters}
    tables["parameters"] = pd.DataFrame({"name": list(values), "value": list(values.values())}).astype(object)
    admitted = admit(tables)
    rng = np.random.default_rng(4)
    forecasts = [Forecast(rng.poisson(rate, (4000, 8)).astype(np.float32), "Poisson", "given") for rate in rates]
    items = with_terms(admitted.tables, admitted.parameters)
    rate = mean_rate(forecasts, admitted.parameters)
    known = items.assign(weak_forecast=False, known_periods=52, demand_per_period=rate, pattern="smooth")
    demand = CumulativeDemand.of(forecasts, rate < 30.0)
    times = expected_lead_times(known, admitted.tables)
    stocked = stocked_items(known, demand, times, admitted.parameters)
    return set_stock_levels(stocked, times, admitted.tables, admitted.parameters)


def played(items: pd.DataFrame, *, lost: bool, rates: tuple[float, ...] = RATES, seed: int = 9) -> Replay:
    """Return what becomes of the levels when Poisson demand and two weeks of lead time meet them."""
    rng = np.random.default_rng(seed)
    demand = np.stack([rng.poisson(rate, PERIODS) for rate in rates]).astype(float)
    lot = items["order_cycle"].to_numpy()
    lead = np.full(demand.shape, 2)
    world = World(demand, lead, np.ones(len(items), dtype=np.int64), lot, lot, lost)
    point = np.repeat(items["reorder_point"].to_numpy()[:, None], PERIODS, axis=1)
    return replay(world, Rules(point, point), items["order_up_to"].to_numpy())


@pytest.mark.parametrize("shortage", ["lost", "backorder"])
@pytest.mark.parametrize("target", [0.8, 0.95, 0.98])
def test_a_fill_rate_asked_for_is_the_fill_rate_achieved(target: float, shortage: str) -> None:
    items, _ = with_levels(stock(), service_measure="fill", service_target=target, shortage=shortage)
    achieved = played(items, lost=shortage == "lost").fill_rate
    # What is known of lost sales is an approximation on the careful side; where demand waits all is exact.
    off = 0.006 if shortage == "backorder" else 0.018
    assert target - 0.006 < achieved[1] < target + off
    # Whole units cannot be cut: one less would give too little.
    assert target - 0.006 < achieved[0] < target + 0.05
    assert items["expected_fill_rate"].to_numpy() == pytest.approx(achieved, abs=off)


def test_a_large_lot_may_meet_the_target_below_the_expected_demand() -> None:
    items, _ = with_levels(stock(lot_size=[60.0, 800.0]), service_measure="fill", service_target=0.9)
    assert (items["reorder_point"] < items["protection_demand"]).all()
    assert (items["safety_stock"] < 0).all()
    assert (items["reorder_point"] >= 0).all()
    assert played(items, lost=True).fill_rate == pytest.approx([0.9, 0.9], abs=0.02)


def test_where_demand_is_lost_an_empty_shelf_is_always_below_the_reorder_point() -> None:
    large = stock(lot_size=[600.0, 4000.0])
    lost, _ = with_levels(large, service_measure="fill", service_target=0.5, shortage="lost")
    waits, _ = with_levels(large, service_measure="fill", service_target=0.5, shortage="backorder")
    assert lost["reorder_point"].tolist() == [1.0, 1.0]
    assert waits["reorder_point"].tolist() == [0.0, 0.0]


def test_a_ready_rate_is_the_share_of_periods_that_end_with_stock() -> None:
    items, _ = with_levels(stock(), service_measure="ready", service_target=0.93, shortage="backorder")
    left = played(items, lost=False).closing > 0
    assert left.mean(axis=1)[1] == pytest.approx(0.93, abs=0.008)
    assert 0.92 < left.mean(axis=1)[0] < 0.98


@pytest.mark.parametrize("shortage", ["lost", "backorder"])
def test_at_least_cost_no_other_level_is_cheaper(shortage: str) -> None:
    lost = shortage == "lost"
    cost = 1.5 if lost else 0.12
    tables = stock(holding_rate=1.0, shortage_cost=cost)
    items, _ = with_levels(tables, service_measure="cost", shortage=shortage)

    def cost_of(shift: float) -> np.ndarray:
        found = played(items.assign(reorder_point=items["reorder_point"] + shift), lost=lost)
        held = items["holding_cost"].to_numpy() * np.where(found.measured, found.closing, 0).sum(axis=1)
        if lost:
            return held + cost * (found.demand - found.served).sum(axis=1)
        position = np.cumsum(found.received - found.demand, axis=1) + items["order_up_to"].to_numpy()[:, None]
        return held + cost * np.maximum(-position, 0).sum(axis=1)

    chosen = cost_of(0.0)
    for shift in (-12.0, -6.0, 6.0, 12.0):
        assert (cost_of(shift)[1] > 0.997 * chosen[1]) if abs(shift) < 10 else (cost_of(shift)[1] > chosen[1])
    for shift in (-2.0, 2.0):
        assert cost_of(shift)[0] > 0.99 * chosen[0]


def test_a_target_by_class_follows_value_and_criticality_and_the_items_own_wins() -> None:
    rates = (40.0, 40.0, 2.0, 2.0)
    tables = stock(
        rates,
        criticality=["critical", "normal", "minor", "normal"],
        service_target=[None, None, None, 0.9],
    )
    items, _ = with_levels(tables, rates, service_goal="classes", service_measure="fill")
    assert items["abc"].tolist() == ["A", "A", "C", "C"]
    assert items["service_target"].tolist() == [0.99, 0.95, 0.93, 0.9]
    assert items["service_note"].tolist()[0] == " by class A, critical"
    assert items["service_note"].tolist()[3] == ", its own target"


def test_an_unreliable_supplier_raises_the_target_of_its_class() -> None:
    tables = stock(supplier=["late", "true"])
    ordered = pd.date_range("2024-01-01", periods=20, freq="7D")
    days = {"late": 21, "true": 14}
    tables["receipts"] = pd.concat(
        [
            pd.DataFrame({"supplier": name, "order_date": ordered, "receipt_date": ordered + pd.Timedelta(late, "D")})
            for name, late in days.items()
        ]
    ).astype(object)
    tables["suppliers"] = pd.DataFrame({"supplier": ["late", "true"], "lead_time_days": [14, 14]}).astype(object)
    items, _ = with_levels(tables, service_goal="classes", service_measure="fill")
    # The late one sells little, so that it is class B: 96%, of which a quarter of the shortage is taken.
    assert items["service_target"].round(6).tolist() == [0.97, 0.95]
    assert items["service_note"].iloc[0].endswith("normal, raised from 96%: supplier unreliable")


def test_a_supplier_that_varies_as_it_says_is_on_time() -> None:
    tables = small_tables()
    ordered = pd.date_range("2024-01-01", periods=20, freq="7D")
    late = ordered + pd.to_timedelta([12, 16] * 10, unit="D")
    tables["receipts"] = pd.DataFrame({"item": "steady", "order_date": ordered, "receipt_date": late}).astype(object)
    admitted = admit(tables)
    assert on_time(with_terms(admitted.tables, admitted.parameters), admitted.tables)[0] == pytest.approx(1.0)
    nothing = admitted.tables | {"receipts": admitted.tables["receipts"].iloc[:0]}
    assert on_time(with_terms(nothing, admitted.parameters), nothing).tolist() == [1.0] * 6


MIXED = (40.0, 40.0, 3.0, 3.0, 20.0, 20.0)


def mixed(**columns: Any) -> Tables:
    return stock(MIXED, **{"unit_cost": [1.0, 10.0, 1.0, 10.0, 2.0, 5.0], "unit_price": 12.0, **columns})


def overall_fill(items: pd.DataFrame) -> float:
    return float(np.average(items["expected_fill_rate"], weights=items["overall_weight"]))


def test_the_overall_fill_rate_is_met_at_less_stock_than_one_target_for_all() -> None:
    items, found = with_levels(mixed(), MIXED, service_goal="overall", service_target=0.95)
    assert found is not None
    assert found.service == pytest.approx(0.95, abs=1e-4)
    assert overall_fill(items) == pytest.approx(0.95, abs=0.003)
    assert found.money < 0.97 * found.uniform_money
    assert (items["average_stock"] * items["unit_cost"]).sum() == pytest.approx(found.money, rel=0.01)
    achieved = played(items, lost=True, rates=MIXED).fill_rate
    assert 0.944 < np.average(achieved, weights=items["overall_weight"]) < 0.97
    fill = items["expected_fill_rate"]
    assert fill[0] > fill[1]
    assert fill[2] > fill[3]


def test_one_more_point_costs_about_its_price() -> None:
    money = []
    for target in (0.945, 0.95, 0.955):
        _, found = with_levels(mixed(), MIXED, service_goal="overall", service_target=target)
        assert found is not None
        money.append((found.money, found.price_of_a_point))
    assert money[2][0] - money[0][0] == pytest.approx(money[1][1], rel=0.15)


def test_critical_items_and_important_customers_are_served_better() -> None:
    alike = {"unit_cost": 5.0, "unit_price": 12.0}
    rates = (20.0, 20.0, 20.0, 20.0)
    tables = stock(rates, criticality=["critical", "normal", "minor", "normal"], customer_weight=[1, 1, 1, 3], **alike)
    items, _ = with_levels(tables, rates, service_goal="overall")
    fill = items["expected_fill_rate"]
    assert fill[0] == pytest.approx(fill[3], abs=0.003)
    assert fill[0] > fill[1] > fill[2]
    assert overall_fill(items) == pytest.approx(0.95, abs=0.003)


def test_an_items_own_target_is_its_floor_in_the_mix_whatever_its_measure() -> None:
    own = {
        "service_target": [None, 0.99, None, 0.97, None, None],
        "service_measure": [None, "fill", None, "cycle", None, "cost"],
    }
    alone, _ = with_levels(mixed(**own), MIXED)
    items, _ = with_levels(mixed(**own), MIXED, service_goal="overall", service_target=0.9)
    for row in (1, 3, 5):
        assert items["reorder_point"][row] >= alone["reorder_point"][row] - 1e-6
    assert items["expected_fill_rate"][1] >= 0.99 - 1e-3
    assert items[["service_target", "service_measure"]].values.tolist()[3] == [0.97, "cycle"]
    assert items["service_note"].tolist()[3] == ", its own within the overall 90%"


def test_what_is_phased_out_does_not_count_in_the_overall_fill_rate() -> None:
    tables = mixed(status=["active", "phase-out", "active", "active", "active", "active"])
    items, _ = with_levels(tables, MIXED, service_goal="overall")
    assert items["overall_weight"].tolist()[1] == 0.0
    assert overall_fill(items) == pytest.approx(0.95, abs=0.003)


@pytest.mark.parametrize("weight", ["value", "units", "lines"])
def test_the_overall_fill_rate_counts_what_it_is_told_to(weight: str) -> None:
    items, _ = with_levels(mixed(), MIXED, service_goal="overall", service_weight=weight)
    rate = items["demand_per_period"]
    counted = {"value": rate * 12.0, "units": rate, "lines": 1.0 - np.exp(-3.0 * rate)}[weight]
    assert items["overall_weight"].tolist() == pytest.approx(counted.tolist(), rel=1e-4)
    assert overall_fill(items) == pytest.approx(0.95, abs=0.004)


def test_a_line_counts_an_item_by_its_chance_of_being_asked_for() -> None:
    """Beside Poisson demand that is drawn: two weeks of lead time and one of review pass without any demand, or not."""
    rates = (40.0, 1.0, 0.2, 0.02)
    items, _ = with_levels(stock(rates), rates, service_weight="lines")
    drawn = np.random.default_rng(5).poisson(np.array(rates)[:, None, None], (4, 100_000, 3)).sum(axis=-1)
    assert items["asked_chance"].tolist() == pytest.approx((drawn > 0).mean(axis=1).tolist(), rel=0.12)
    assert items["overall_weight"].tolist() == items["asked_chance"].tolist()
    never, _ = with_levels(stock((3.0, 1.0)), (3.0, 0.0), service_weight="lines")
    assert never["overall_weight"].tolist()[1] == 0.0


def test_an_overall_target_beyond_what_shelf_life_allows_is_told_with_what_holds_it_back() -> None:
    tables = small_tables(service_goal="overall", service_target=0.99)
    tables["items"]["shelf_life_days"] = 10
    result = run(tables)
    check = result.tables["checks"].set_index("check").loc["The overall service target is in reach"]
    assert check["result"] == "CHECK"
    # The most wanted item first; what nobody asks for holds nothing back.
    assert re.fullmatch(
        r"99\.0% asked for; \d\d\.?\d?% is reached, as 6 items keep too short a time to be held for more "
        r"\(erratic, steady, new, 3 more\)",
        check["detail"],
    )
    (row,) = result.tables["exceptions"].query("kind == 'target out of reach'").to_dict("records")
    assert row["severity"] == "warning"
    assert row["message"].startswith("the overall service target of 99% is missed: ")
    assert row["message"].endswith(check["detail"].partition("; ")[2])
    assert "Price of one more point" not in result.tables["kpis"]["name"].tolist()
    assert "as it keeps 10 days" in result.tables["plan"]["why"].iloc[0]


def test_items_that_keep_long_enough_do_not_make_up_for_what_does_not() -> None:
    """Beside a mix of the others alone: they meet the target together, at the money that takes without the rest."""
    rest = MIXED[1:]
    fresh = mixed(shelf_life_days=[7, None, None, None, None, None])
    alone = stock(rest, unit_cost=[10.0, 1.0, 10.0, 2.0, 5.0], unit_price=12.0)
    money = []
    for target in (0.9, 0.95, 0.98):
        goal = {"service_goal": "overall", "service_target": target}
        items, found = with_levels(fresh, MIXED, **goal)
        others, without = with_levels(alone, rest, **goal)
        assert found is not None
        assert without is not None
        assert found.service < found.reachable < target
        assert items["cut_to_shelf_life"].tolist() == [True] + 5 * [False]
        assert overall_fill(items[1:]) == pytest.approx(target, abs=0.003)
        assert items["reorder_point"].to_numpy()[1:] == pytest.approx(others["reorder_point"].to_numpy(), abs=1.1)
        assert found.money == pytest.approx(without.money + items["average_stock"][0] * 1.0, rel=0.01)
        assert found.uniform_money >= found.money
        money.append(found.money)
    assert money == sorted(money)


def test_an_overall_target_in_reach_is_met_though_an_item_cannot_meet_it() -> None:
    items, found = with_levels(mixed(shelf_life_days=[None, None, None, 7, None, None]), MIXED, service_goal="overall")
    assert found is not None
    assert found.in_reach
    assert items["expected_fill_rate"][3] < 0.95
    assert overall_fill(items) == pytest.approx(0.95, abs=0.003)


def test_the_headline_figures_tell_the_goal() -> None:
    def kpis(**parameters: object) -> pd.DataFrame:
        return run(small_tables(**parameters)).tables["kpis"].set_index("name")

    overall = kpis(service_goal="overall", service_measure="fill", currency="EUR")
    assert overall.loc["Overall fill rate", "value"] == pytest.approx(95.0, abs=0.6)
    assert overall.loc["Overall service target", "value"] == 95.0
    assert overall.loc["Price of one more point", "unit"] == "EUR"
    assert overall.loc["Stock at one target for all", "value"] >= overall.loc["Stock for this service", "value"]
    assert overall.loc["Stock at one target for all", "note"].endswith("% stock.")
    items = kpis(service_measure="fill", service_weight="units")
    assert items.loc["Average service target", "value"] == 95.0
    assert items.loc["Expected fill rate", "note"] == "Under these levels, weighted by units."
    assert "Overall service target" not in items.index


def test_the_expected_fill_rate_counts_no_more_of_an_item_than_the_order_plan_meets() -> None:
    def told(tables: Tables) -> tuple[PlanResult, pd.Series]:
        result = run(tables)
        return result, result.tables["kpis"].set_index("name").loc["Expected fill rate"]

    tables = small_tables()
    _, ordered = told(tables)
    tables["suppliers"]["minimum_order_value"] = [50.0, 50_000.0]  # South is never worth its minimum
    result, held = told(tables)
    items = result.items
    weight = items["overall_weight"].to_numpy()
    met = (items["item"] != "lumpy") & (items["item"] != "new")  # of these nothing is ordered, and nothing left in time
    assert held["value"] == pytest.approx(100 * np.average(items["expected_fill_rate"] * met, weights=weight), abs=0.1)
    assert held["value"] < ordered["value"] - 20.0
    assert held["note"] == (
        f"Under these levels, weighted by sales value. The levels alone give {ordered['value']:.1f}%; "
        "of 2 items the order plan meets less."
    )
    tables["parameters"].loc[len(tables["parameters"]) + 2] = ["service_goal", "overall"]
    overall = run(tables).tables["kpis"].set_index("name").loc["Overall fill rate"]
    assert overall["value"] < 75.0
    assert re.search(r"; the levels alone give 9[45]\.\d%\.$", overall["note"])
    # What a single item's levels mean does not depend on the order plan.
    plan = result.tables["plan"].set_index("item")
    assert (plan.loc[["lumpy", "new"], "expected_fill_rate"] > 0.95).all()


def test_what_no_order_can_reach_counts_by_the_stock_that_is_left_of_it() -> None:
    two = ["steady", "erratic"]
    tables = {
        stem: frame[frame["item"].isin(two)] if "item" in frame else frame for stem, frame in small_tables().items()
    }
    tables["items"].loc[tables["items"]["item"] == "steady", "lead_time_days"] = 800
    result = run(tables)
    (steady,) = result.items.query("item == 'steady'").to_dict("records")
    demand = result.tables["forecast"].query("item == 'steady'")["mean"].sum()
    assert steady["beyond_plan"]
    assert steady["planned_met"] == pytest.approx(steady["on_hand"] / demand, abs=0.01)
    assert not steady["far_below"], "that it is beyond the plan is said already"
    assert result.items.set_index("item")["reached_in_part"].to_dict() == {"steady": False, "erratic": True}


def bad_items() -> Tables:
    tables = small_tables(service_goal="overall", service_measure="fill")
    items = tables["items"]
    items["service_target"], items["shortage_cost"], items["service_measure"] = None, None, None
    items["criticality"], items["customer_weight"], items["holding_rate"] = None, None, None
    return tables


def planned(tables: Tables) -> PlanResult:
    """Return the plan, with every item that is not rejected in it, and without a hole in its figures."""
    result = run(tables)
    unknown = ["cover_days", "override_quantity", "demand_change", *TREND]
    numbers = result.tables["plan"].drop(columns=unknown).select_dtypes("number")
    assert numbers.notna().all(axis=None)
    assert result.tables["plan"]["why"].str.endswith(".").all()
    return result


BAD = [
    ("service_target", 0, "out of bounds; expected a number above 0 and at most 0.9999"),
    ("service_target", 1, "out of bounds; expected a number above 0 and at most 0.9999"),
    ("service_target", 95, "out of bounds; expected a number above 0 and at most 0.9999"),
    ("shortage_cost", -1, "out of bounds; expected a number at least 0"),
    ("holding_rate", -0.1, "out of bounds; expected a number at least 0 and at most 5"),
    ("lead_time_sd_days", "inf", "not a number; expected a number at least 0 and at most 1095"),
    ("lead_time_sd_days", 43, "above 3 times lead_time_days, the item's own or its supplier's; expected less"),
    ("criticality", "vital", "out of bounds; expected critical, normal or minor"),
    ("customer_weight", 0, "out of bounds; expected a number above 0"),
    ("service_measure", "fillrate", "out of bounds; expected cycle, fill, ready or cost"),
]


def test_impossible_values_are_a_line_each_and_every_item_is_planned() -> None:
    tables = bad_items()
    rows = tables["items"].index.tolist()
    expected = []
    for case, (column, value, reason) in enumerate(BAD):
        row = rows[case % len(rows)]
        tables["items"].loc[row, column] = value
        expected.append([float(row), column, reason])
    result = planned(tables)
    assert result.planned == 6
    quality = result.tables["quality"].query("table == 'tblItems'")
    found = quality[quality["column"].isin([column for column, _, _ in BAD])]
    assert sorted(found[["row", "column", "reason"]].values.tolist()) == sorted(expected)
    assert "no levels" not in result.tables["exceptions"]["kind"].tolist()


def test_a_negative_unit_cost_is_one_line_and_the_others_are_planned() -> None:
    tables = bad_items()
    tables["items"].loc[2, "unit_cost"] = -1
    result = planned(tables)
    assert result.planned == 5
    (said,) = result.tables["exceptions"].query("kind == 'not planned'")["message"]
    assert said == "row 2 of tblItems is not used: unit_cost is -1, out of bounds; expected a number at least 0"


IMPOSSIBLE = {
    "steady": ({"moq": 1e6}, "the smallest order is 1000008; expected at most 5 years of demand"),
    "erratic": ({"lot_size": 50_000}, "the smallest order is 50000; expected at most 5 years of demand"),
    "rare": ({"service_measure": "cost", "holding_rate": 0}, "holding cost is 0; expected above zero, such as 0.5"),
    "new": ({"service_measure": "cost", "shortage_cost": 0}, "shortage cost is 0; expected above zero, such as 9"),
}


def test_items_that_cannot_have_levels_are_an_exception_each_and_the_others_are_planned() -> None:
    tables = bad_items()
    for item, (values, _) in IMPOSSIBLE.items():
        for column, value in values.items():
            tables["items"].loc[tables["items"]["item"] == item, column] = value
    result = planned(tables)
    plan = result.tables["plan"].set_index("item")
    exceptions = result.tables["exceptions"]
    for item, (_, line) in IMPOSSIBLE.items():
        assert plan.loc[item, ["order_quantity", "reorder_point", "order_up_to"]].tolist() == [0, 0, 0]
        assert plan.loc[item, "why"] == f"No order: {line}."
    said = exceptions.query("kind == 'no levels'")[["item", "message"]].values.tolist()
    assert sorted(said) == sorted([item, f"{line}, so nothing is ordered"] for item, (_, line) in IMPOSSIBLE.items())
    assert not exceptions["message"].str.contains("cannot be ordered").any()
    assert (plan["order_quantity"] > 0).any()


def test_a_single_unit_is_never_too_much_to_order() -> None:
    tables = bad_items()
    rare = tables["demand"]["item"] == "rare"
    tables["demand"].loc[tables["demand"].index[rare], "quantity"] = 0
    tables["demand"].loc[tables["demand"].index[rare][40], "quantity"] = 1
    assert "no levels" not in planned(tables).tables["exceptions"]["kind"].tolist()


def test_an_item_without_demand_stays_in_the_plan_without_an_order_and_all_its_stock_is_excess() -> None:
    tables = bad_items()
    tables["demand"] = tables["demand"][tables["demand"]["item"] != "steady"]
    row = planned(tables).tables["plan"].iloc[0]
    assert (row["order_quantity"], row["reorder_point"], row["order_up_to"]) == (0, 0, 0)
    assert row["excess_quantity"] == row["on_hand"] == 60
    assert row["why"] == "No order: no demand is expected."


def test_a_history_of_zeros_is_not_ordered() -> None:
    tables = bad_items()
    tables["demand"].loc[tables["demand"]["item"] == "steady", "quantity"] = 0
    result = planned(tables)
    row = result.tables["plan"].iloc[0]
    assert (row["order_quantity"], row["on_hand"]) == (0, 60)
    assert row["excess_quantity"] > 50
    assert result.tables["exceptions"].query("item == 'steady'")["kind"].tolist() == ["no recent demand"]


def test_what_was_never_asked_for_is_not_ordered_though_the_shelf_is_empty() -> None:
    for goal in ("items", "classes", "overall"):
        tables = bad_items()
        tables["parameters"].loc[tables["parameters"]["name"] == "service_goal", "value"] = goal
        tables["demand"].loc[tables["demand"]["item"] == "steady", "quantity"] = 0
        tables["items"].loc[0, ["on_hand", "service_target"]] = [0, 0.98]
        row = planned(tables).tables["plan"].iloc[0]
        assert (row["order_quantity"], row["reorder_point"], row["order_up_to"]) == (0, 0, 0)
        assert row["why"] == "No order: nobody has asked for it in any known period."


def test_advice_against_waste_is_about_what_can_still_be_done() -> None:
    tables = bad_items()
    tables["items"]["shelf_life_days"], tables["items"]["on_hand"] = 14, 5000
    found = planned(tables).tables["exceptions"].query("kind == 'shelf life'")
    assert dict(zip(found["item"], found["action"], strict=True))["erratic"].startswith("Delay or cancel")
    assert set(found[found["item"] != "erratic"]["action"]) == {"Promote or mark down before it spoils."}


def test_a_plan_of_nothing_but_impossible_items_is_still_a_plan() -> None:
    tables = bad_items()
    tables["items"]["moq"] = 1e7
    result = planned(tables)
    assert (result.tables["plan"]["order_quantity"] == 0).all()


def test_least_cost_with_a_target_is_called_out() -> None:
    tables = bad_items()
    tables["items"].loc[2, ["service_measure", "service_target"]] = ["cost", 0.9]
    (found,) = planned(tables).tables["quality"].query("column == 'service_target'")["reason"]
    assert found == "with the measure cost; expected one of them"


def test_an_own_target_counts_though_the_usual_measure_is_least_cost() -> None:
    tables = stock(service_target=[None, 0.9])
    items, _ = with_levels(tables, service_measure="cost")
    assert items["service_measure"].tolist() == ["cost", "fill"]
    assert items["expected_fill_rate"][1] == pytest.approx(0.9, abs=1e-3)


def test_the_goal_is_a_parameter_with_defaults_that_leave_plans_as_they_were() -> None:
    parameters = Parameters(date(2024, 7, 1))
    assert (parameters.service_goal, parameters.service_weight) == ("items", "value")
