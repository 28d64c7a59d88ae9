"""What a planner is told to look at: how bad it is, and what can be done about it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_alone import run
from shop_tables import levelled, shop, table
from small_tables import small_tables

from invopt_xl.plan.checks import SMALL_SAVING, closeness_check
from invopt_xl.plan.exceptions import with_dues
from invopt_xl.plan.exceptions.attention import order_signals
from invopt_xl.plan.exceptions.signals import Signal, severity_by_value, table_of
from invopt_xl.plan.exceptions.stock import stock_out_signals, surplus_signals
from invopt_xl.plan.order_plan import problem_of
from invopt_xl.plan.orders import Planned
from invopt_xl.plan.orders.planned import Effort, plan_problem
from invopt_xl.plan.orders.worth import possible_saving, saving_in_words
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import admit
from invopt_xl.plan.results import within_reach

USUAL = {
    "item": "tea", "location": "MAIN", "description": "", "status": "active", "criticality": "normal",
    "recent_demand": 90.0, "recent_periods": 26.0, "known_periods": 52, "demand_per_period": 10.0, "refused": "",
    "unit_cost": 10.0, "shortage_cost": 5.0, "stockout_probability": 0.9, "expected_shortage": 4.0,
    "reorder_point": 20.0, "on_hand": 0.0, "available": 0.0, "on_order": 0.0, "order_quantity": 0.0, "moved_in": 0.0,
    "first_due": "", "first_due_quantity": 0.0, "override": np.nan, "excess_quantity": 0.0, "excess_value": 0.0,
    "short_reason": "", "planned_short": 0.0, "planned_met": 1.0, "far_below": False, "expected_fill_rate": 0.95,
    "reached_in_part": False, "beyond_plan": False, "lead_time_days": 7.0, "moq": 0.0, "lot_size": 1.0,
    "spoiling": 0.0, "spoiling_order": 0.0, "shelf_life_days": 14.0, "whole_units": True,
}  # fmt: skip
"""An item out of stock: 20 at stake, of 100 that a period's demand is worth."""

PARAMETERS = Parameters(pd.Timestamp("2018-01-01").date())


def items(*changes: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([USUAL | change for change in changes])


def rows(signals: list[Signal], frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    parts = [table_of(signal, frame) for signal in signals if signal.kind == kind]
    return pd.concat(parts, ignore_index=True)


def test_a_stock_out_is_critical_only_where_much_money_is_at_stake() -> None:
    little, critical_item = {"expected_shortage": 0.015}, {"expected_shortage": 0.015, "criticality": "critical"}
    frame = items({}, little, critical_item)  # a period's demand is worth 300: 0.30 is critical
    found = rows(list(stock_out_signals(frame, PARAMETERS)), frame, "stock-out")
    assert found["value_at_stake"].tolist() == [20.0, 0.08, 0.08]
    assert found["severity"].tolist() == ["critical", "warning", "warning"]
    frame = items({}, little, critical_item | {"expected_shortage": 0.03})
    assert rows(list(stock_out_signals(frame, PARAMETERS)), frame, "stock-out")["severity"].tolist()[2] == "critical"


def test_waste_is_critical_where_it_is_worth_a_hundredth_of_a_periods_demand() -> None:
    frame = items({"spoiling": 0.21, "on_hand": 5.0}, {"spoiling": 0.19, "on_hand": 5.0})
    found = rows(list(order_signals(frame, PARAMETERS)), frame, "shelf life")
    assert found["severity"].tolist() == ["critical", "warning"]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=8), st.floats(1e-4, 0.1))
def test_nothing_critical_is_worth_less_than_what_is_not(values: list[float], share: float) -> None:
    frame = items(*({} for _ in values))
    value = pd.Series(values)
    severity = severity_by_value(frame, value, share)
    assert value[severity == "critical"].min() >= value[severity == "warning"].max() or severity.nunique() == 1


@pytest.mark.parametrize(
    ("change", "action"),
    [
        ({}, "Nothing is ordered now, see why in the plan; order by override if it must not run out."),
        ({"order_quantity": 24.0}, "24 are ordered now: ask for early delivery, or offer a substitute."),
        ({"on_order": 300.0}, "252 are due 4 Jan: ask for early delivery, or order by override."),
        (
            {"on_order": 300.0, "order_quantity": 24.0},
            "252 are due 4 Jan: ask for earlier delivery; 24 are ordered now besides.",
        ),
        (
            {"on_order": 252.0, "excess_quantity": 8.3},
            "252 are due 4 Jan: ask for early delivery of 244, or order by override.",
        ),
        (
            {"on_order": 252.0, "excess_quantity": 8.3, "order_quantity": 24.0},
            "252 are due 4 Jan: ask for earlier delivery of 244; 24 are ordered now besides.",
        ),
        ({"moved_in": 5.0}, "5 are sent from another location now; see that the transfer leaves at once."),
        ({"moved_in": 1.0}, "1 is sent from another location now; see that the transfer leaves at once."),
    ],
)
def test_what_to_do_against_a_stock_out_names_what_is_due_and_what_is_ordered(
    change: dict[str, object], action: str
) -> None:
    frame = items({"first_due": "4 Jan", "first_due_quantity": 252.0} | change)
    assert rows(list(stock_out_signals(frame, PARAMETERS)), frame, "stock-out")["action"].tolist() == [action]


@pytest.mark.parametrize(
    ("change", "action"),
    [
        ({}, "Promote, mark down or return; nothing is on order."),
        ({"on_order": 12.0}, "Cancel or delay the 12 on order; promote, mark down or return the rest."),
        (
            {"on_hand": 0.0, "on_order": 60.0, "excess_quantity": 8.3},
            "Cancel or delay 8 of the 60 on order, keep 52.",
        ),
        (
            {"on_order": 3.0, "order_quantity": 2.0, "excess_quantity": 3.0},
            "Cancel or delay the 3 on order. 2 are ordered now all the same: see why in the plan.",
        ),
        (
            {"order_quantity": 108.0, "excess_quantity": 1.8},
            "Promote, mark down or return. 108 are ordered now all the same: see why in the plan.",
        ),
        (
            {"override": 6.0, "order_quantity": 6.0},
            "Clear the override of 6 if it is not meant; promote, mark down or return.",
        ),
    ],
)
def test_what_to_do_about_excess_cancels_only_what_is_on_order(change: dict[str, object], action: str) -> None:
    frame = items({"on_hand": 80.0, "excess_quantity": 40.0, "excess_value": 400.0} | change)
    assert rows(list(surplus_signals(frame, PARAMETERS)), frame, "excess")["action"].tolist() == [action]


def test_what_is_due_soonest_is_added_up_over_its_day() -> None:
    tables = small_tables()
    tables["open_orders"] = table(
        item=["steady", "steady", "steady"], due_date=["2024-07-20", "2024-07-09", "2024-07-09"], quantity=[5, 30, 12]
    )
    admitted = admit(tables)
    found = with_dues(admitted.tables["items"].reset_index(drop=True), admitted).set_index("item")
    assert found.loc["steady", ["first_due", "first_due_quantity"]].tolist() == ["9 Jul", 42.0]
    assert found.loc["dead", ["first_due", "first_due_quantity"]].tolist() == ["", 0.0]


def test_demand_that_the_plan_leaves_unmet_is_told_with_what_its_levels_mean() -> None:
    frame = items(
        {"on_hand": 60.0, "available": 60.0, "far_below": True, "planned_met": 0.236, "planned_short": 99.0,
         "short_reason": "an order now would cost 7 more than it saves"},
        {"on_hand": 60.0, "available": 60.0},
    )  # fmt: skip
    found = rows(list(stock_out_signals(frame, PARAMETERS)), frame, "shortage in plan")
    assert found["message"].tolist() == [
        "the order plan leaves demand unmet: 24% of it met over the horizon, against 95% by its levels: an order now "
        "would cost 7 more than it saves"
    ]
    assert found["value_at_stake"].tolist() == [495.0]
    later = frame.assign(reached_in_part=True)
    (message,) = rows(list(stock_out_signals(later, PARAMETERS)), later, "shortage in plan")["message"]
    assert message.startswith(
        "the order plan leaves demand unmet: 24% of what orders can still reach is met over the horizon, against 95%"
    )


def nothing_planned(**changes: object) -> tuple[Planned, Parameters]:
    basis = levelled(shop(**changes))
    problem, sources = problem_of(basis)
    planned = plan_problem(problem, sources, Effort(0.2, 1.0, 1))
    return planned, basis.admitted.parameters


@pytest.mark.parametrize("shortage", ["lost", "backorder"])
def test_demand_before_a_first_order_could_arrive_is_not_left_unmet_by_the_plan(shortage: str) -> None:
    planned, parameters = nothing_planned(shortage=shortage)
    problem = planned.problem
    late = np.zeros_like(problem.demand)
    late[:, :2] = 20.0 if shortage == "lost" else [20.0, 40.0]
    if shortage == "backorder":
        late[:, 2:] = 40.0  # still waiting, and counted when they began to
    unmet, met = within_reach(replace(planned, plan=replace(planned.plan, short=late)), parameters)
    assert unmet.tolist() == [0, 0, 0]
    assert met.tolist() == [1, 1, 1]
    late[:, 4:] += 10.0
    unmet, met = within_reach(replace(planned, plan=replace(planned.plan, short=late)), parameters)
    weeks = problem.demand[0, 2:10].sum() / 20.0
    expected = 60.0 if shortage == "lost" else 10.0
    assert unmet[0] == pytest.approx(expected)
    assert met[0] == pytest.approx(1 - expected / (20.0 * weeks))


def test_a_better_plan_is_told_in_money_and_passes_where_that_is_little() -> None:
    planned, parameters = nothing_planned(currency="USD", solver_gap=0.01)
    purchase = planned.plan.costs["purchase"]
    admitted = replace(levelled(shop()).admitted, parameters=parameters)

    def with_saving(money: float, gap: float) -> Planned:
        return replace(planned, plan=replace(planned.plan, total=1000.0, bound=1000.0 - money, gap=gap))

    assert possible_saving(with_saving(31.2, 0.008)) == pytest.approx(31.2)
    words = saving_in_words(with_saving(31.2, 0.008), "USD")
    assert words == "a better plan would save at most 31.20 USD (0.8% of what orders can change)"
    assert closeness_check(with_saving(31.2, 0.008), admitted)[1:] == (True, words)
    note = run(small_tables(currency="USD")).tables["kpis"].set_index("name").loc["Order plan gap", "note"]
    assert re.fullmatch(r"Of what orders can change: a better plan saves [\d.,]+ USD at most\.", note)
    _, holds, detail = closeness_check(with_saving(0.9 * SMALL_SAVING * purchase, 0.2), admitted)
    assert holds
    assert detail.endswith(", 1% was asked for; it is 0.90% of purchases")
    _, holds, detail = closeness_check(with_saving(1.1 * SMALL_SAVING * purchase, 0.2), admitted)
    assert not holds
    assert detail.endswith("; give the plan more solver_seconds")


def test_the_plan_shows_no_buffer_below_nothing_and_the_buffers_show_how_far_below() -> None:
    tables = small_tables(service_measure="fill", service_target=0.5)
    tables["items"]["moq"] = 400
    made = run(tables).tables
    shown, signed = made["plan"]["safety_stock"], made["buffers"]["safety_stock"]
    assert (signed < 0).any()
    assert shown.to_numpy() == pytest.approx(signed.clip(lower=0).to_numpy(), abs=0.051)
