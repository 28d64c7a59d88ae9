"""Overrides in the log: once each, with who and when; and measured on the demand that came."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.plan.columns import OVERRIDES, Tables
from invopt_xl.plan.override_outcomes import ordered_before, override_log, value_added_figure
from invopt_xl.plan.override_outcomes.costs import Stretch
from invopt_xl.plan.quality import Admitted, admit

MONDAY = date(2024, 7, 1)
NOW = datetime(2024, 7, 1, 8, 30)


def week(number: int) -> pd.Timestamp:
    return pd.Timestamp(MONDAY) + timedelta(weeks=number)


@cache
def known(weeks: int, sold: Any = 10, in_stock: Any = 1, **parameters: object) -> Admitted:
    """Return tables admitted so many weeks after the first plan date, with what was sold in each week since."""
    dates = [week(number) for number in range(-80, weeks)]
    demand = pd.DataFrame({"item": "tea", "date": dates, "quantity": 10.0, "in_stock": 1})
    demand.loc[80:, "quantity"] = np.broadcast_to(sold, weeks)
    demand.loc[80:, "in_stock"] = np.broadcast_to(in_stock, weeks)
    cup = demand[["date"]].assign(item="cup", quantity=99.0, in_stock=1)
    demand = pd.concat([cup, demand], ignore_index=True)
    items = pd.DataFrame({"item": ["cup", "tea"], "unit_cost": 2.0, "lead_time_days": 7, "on_hand": 15})
    values = {"plan_date": week(weeks).isoformat()[:10], "minimum_history_months": 0} | parameters
    settings = pd.DataFrame({"name": list(values), "value": list(values.values())})
    return admit({"items": items, "demand": demand, "parameters": settings})


def tea(**changes: object) -> pd.DataFrame:
    """Return the planned item: ordered now it is there in a week, and the next order a week later."""
    row = {
        "item": "tea", "location": "MAIN", "override": 20.0, "override_period": 0.0, "override_on": pd.NaT,
        "proposed_quantity": 5.0, "proposed_period": 0.0, "note": "fair", "unit_cost": 2.0, "on_hand": 15.0,
        "lead_periods": 1.0, "review_days": 7.0, "holding_cost": 0.1, "shortage_cost": 3.0, "demand_per_period": 10.0,
        "criticality": "normal", "customer_weight": 1.0,
    }  # fmt: skip
    frame = pd.DataFrame([row | changes])
    frame["override_on"] = pd.to_datetime(frame["override_on"])
    return frame


def nothing() -> pd.DataFrame:
    return tea(override=np.nan, override_period=np.nan)


def logged(log: pd.DataFrame | None, items: pd.DataFrame, admitted: Admitted, **who: Any) -> pd.DataFrame:
    raw: Tables = {} if log is None else {"overrides": log}
    return override_log(raw, items, admitted, **({"user": "Ann", "now": NOW} | who))


def verdicts(log: pd.DataFrame) -> list[object]:
    return [None if value != value else value for value in log["verdict"]]


def test_an_override_is_logged_with_who_when_and_what_stood_there() -> None:
    (row,) = logged(None, tea(), known(0)).to_dict("records")
    assert (row["logged_at"], row["user"], row["note"]) == ("2024-07-01 08:30:00", "Ann", "fair")
    assert (row["proposed_quantity"], row["override_quantity"]) == (5, 20)
    assert (row["change"], row["change_value"]) == (15, 30)
    assert (row["on_hand"], row["on_order"], row["plan_date"]) == (15, 0, week(0))
    assert (row["measured_from"], row["measured_to"]) == (week(1), week(2) - timedelta(days=1))
    assert row["verdict"] == "open"


def test_an_override_of_a_day_is_one_order_though_the_plan_date_goes_back() -> None:
    dated = tea(override_on=week(3), override_period=3.0)
    log = logged(None, dated, known(1))
    assert verdicts(logged(log, dated, known(0))) == ["open"]
    assert verdicts(logged(log, tea(override_on=week(2), override_period=2.0), known(0))) == ["open", "open"]


def test_the_same_override_is_not_logged_again_on_its_plan_date() -> None:
    first = logged(None, tea(), known(0))
    again = logged(first, tea(note="agreed"), known(0), user="Bo")
    assert len(again) == 1
    assert again["user"].tolist() == ["Ann"], "who typed it first"
    assert again["note"].tolist() == ["agreed"], "the note as it is now"


@pytest.mark.parametrize("later", [tea(override=30.0), tea(override_on=week(2), override_period=2.0)])
def test_an_override_that_is_changed_on_its_plan_date_replaces_the_one_before(later: pd.DataFrame) -> None:
    log = logged(logged(None, tea(), known(0)), later, known(0))
    assert verdicts(log) == ["replaced", "open"]


def test_an_override_that_is_withdrawn_on_its_plan_date_was_never_ordered() -> None:
    log = logged(logged(None, tea(), known(0)), nothing(), known(0))
    assert verdicts(log) == ["replaced"]


def test_an_override_without_a_day_that_still_stands_later_is_another_order() -> None:
    log = logged(logged(None, tea(), known(0)), tea(), known(1))
    assert log["plan_date"].tolist() == [week(0), week(1)]
    assert verdicts(log) == ["open", "open"]


def test_a_standing_override_of_zero_is_logged_again_only_once_the_last_is_measured() -> None:
    stands = tea(override=0.0)
    log = logged(logged(None, stands, known(0)), stands, known(1, sold=10))
    assert log["plan_date"].tolist() == [week(0)]
    assert ordered_before({"overrides": log}, stands, known(1).parameters).tolist() == [""], "nothing was ordered"
    measured = logged(log, stands, known(2, sold=(10, 18)))
    assert logged(measured, stands, known(3, sold=(10, 18, 9)))["plan_date"].tolist() == [week(0), week(3)]
    assert logged(log, tea(), known(1, sold=10))["override_quantity"].tolist() == [0, 20]


def test_an_override_with_a_day_is_one_order_until_that_day_has_passed() -> None:
    dated = tea(override_on=week(2), override_period=2.0)
    log = logged(logged(None, dated, known(0)), dated.assign(override_period=1.0), known(1))
    assert len(log) == 1
    assert verdicts(logged(log, nothing(), known(2))) == ["replaced"], "withdrawn on the day itself"
    assert verdicts(logged(log, nothing(), known(3))) == ["open"], "it was ordered"


def test_a_row_of_a_later_plan_date_is_left_alone_when_the_plan_goes_back() -> None:
    later = logged(None, tea(), known(1))
    assert verdicts(logged(later, nothing(), known(0))) == ["open"]


def test_an_item_that_is_not_planned_today_withdraws_nothing() -> None:
    log = logged(None, tea(), known(0))
    assert verdicts(logged(log, tea(item="cup", override=np.nan), known(0))) == ["open"]


def test_rows_that_somebody_edited_are_kept_as_they_are() -> None:
    log = logged(None, tea(), known(0)).assign(plan_date="?", on_hand="many")
    again = logged(log, nothing(), known(4))
    assert again[["plan_date", "on_hand", "verdict"]].values.tolist() == [["?", "many", "open"]]


def test_what_came_is_told_once_the_next_order_could_have_come() -> None:
    # 15 there, 10 sold: 5 left; then 5 of 5 + 5, or 20 + 5 against 18.
    log = logged(None, tea(), known(0))
    assert verdicts(logged(log, nothing(), known(1, sold=10))) == ["open"]
    (row,) = logged(log, nothing(), known(2, sold=(10, 18))).to_dict("records")
    assert row["actual_demand"] == 28
    assert row["proposal_cost"] == pytest.approx(0.1 * 5 + 3.0 * 8)
    assert row["override_cost"] == pytest.approx(0.1 * 5 + 0.1 * 7 + 0.1 * 7 * 7 / 20, abs=0.005)
    assert row["value_added"] == pytest.approx(24.5 - 1.45, abs=0.011)
    assert row["verdict"] == "better"


def test_a_measured_row_is_never_measured_again() -> None:
    log = logged(logged(None, tea(), known(0)), nothing(), known(2, sold=(10, 18)))
    again = logged(log, nothing(), known(3, sold=(99, 99, 99)))
    assert again.equals(log)


def test_too_much_is_worse_than_the_proposal() -> None:
    (row,) = logged(logged(None, tea(), known(0)), nothing(), known(2, sold=(10, 8))).to_dict("records")
    assert row["verdict"] == "worse"
    assert row["value_added"] < 0


def test_demand_that_waits_counts_in_every_period_it_waits() -> None:
    log = logged(None, tea(on_hand=0.0), known(0))
    (lost,) = logged(log, nothing(), known(2, sold=(10, 10))).to_dict("records")
    (waits,) = logged(log, nothing(), known(2, sold=(10, 10), shortage="backorder")).to_dict("records")
    assert lost["proposal_cost"] == 3.0 * 10 + 3.0 * 5
    assert waits["proposal_cost"] == 3.0 * 10 + 3.0 * 15


@pytest.mark.parametrize(("stock", "verdict"), [((1, 1), "better"), ((1, 0), "unknown")])
def test_sales_of_a_week_out_of_stock_say_nothing(stock: tuple[int, ...], verdict: str) -> None:
    log = logged(logged(None, tea(), known(0)), nothing(), known(2, sold=(10, 18), in_stock=stock))
    assert verdicts(log) == [verdict]


def test_a_plan_date_that_ran_ahead_of_the_data_measures_nothing() -> None:
    log = logged(None, tea(), known(0))
    ahead = known(1, sold=10)
    ahead = replace(ahead, parameters=replace(ahead.parameters, plan_date=week(2).date()))
    assert verdicts(logged(log, nothing(), ahead)) == ["open"]


def test_open_orders_count_as_far_as_they_were_due_in_that_time() -> None:
    admitted = known(0)
    due = pd.DataFrame({"item": "tea", "location": "MAIN", "due_date": [week(1), week(2)], "quantity": [6.0, 50.0]})
    admitted = replace(admitted, tables=admitted.tables | {"open_orders": due})
    assert logged(None, tea(), admitted)["on_order"].tolist() == [6]


def test_orders_of_different_days_are_compared_until_the_later_one_has_its_review() -> None:
    later = tea(override_on=week(2), override_period=2.0, proposed_quantity=20.0, proposed_period=1.0)
    (row,) = logged(None, later, known(0)).to_dict("records")
    assert row["proposed_date"] == week(1)
    assert (row["measured_from"], row["measured_to"]) == (week(2), week(4) - timedelta(days=1))
    # 10 more on hand in the week between the two arrivals, where all that is there is sold.
    log = logged(None, later, known(0))
    (found,) = logged(log, nothing(), known(4, sold=(10, 5, 8, 12))).to_dict("records")
    assert found["proposal_cost"] == pytest.approx(0.1 * (5 + 12))
    assert found["override_cost"] == pytest.approx(0.1 * 5 + 3.0 * 8 + 0.1 * 8 + 0.1 * 8 * 8 / 20, abs=0.01)


def test_the_figure_sums_what_is_measured_and_is_missing_before() -> None:
    log = logged(None, tea(), known(0))
    parameters = known(0).parameters
    name, value, _, note = value_added_figure(log, parameters)
    assert name == "Value added by overrides"
    assert np.isnan(value)
    assert note.endswith("0 measured, 0 better; 1 open.")
    measured = logged(log, nothing(), known(2, sold=(10, 18)))
    assert value_added_figure(measured, parameters)[1] == measured["value_added"].iloc[0]


def test_an_override_left_standing_says_that_it_was_ordered_before() -> None:
    log = logged(None, tea(), known(0))
    raw = {"overrides": log}
    assert ordered_before(raw, tea(), known(0).parameters).tolist() == [""]
    assert ordered_before(raw, tea(), known(1).parameters).tolist() == ["1 Jul 2024"]
    assert ordered_before(raw, tea(override=21.0), known(1).parameters).tolist() == [""]
    assert ordered_before(raw, nothing(), known(1).parameters).tolist() == [""]


def test_the_log_has_the_columns_of_the_contract() -> None:
    assert logged(None, nothing(), known(0)).columns.tolist() == OVERRIDES.column_names


UNITS = st.integers(0, 60).map(float)


@st.composite
def stretches(draw: st.DrawFn) -> Stretch:
    """Return a time in which a unit short costs more than holding it all the time, as in any sound shop."""
    demand = np.array(draw(st.lists(UNITS, min_size=1, max_size=6)))
    rate = draw(st.floats(0.0, 30.0))
    holding = draw(st.floats(0.01, 1.0))
    return Stretch(demand, draw(UNITS), holding, holding * 60.0, draw(st.booleans()), rate, 52.0)


@given(stretches(), UNITS, st.integers(0, 6))
def test_equal_orders_cost_the_same(stretch: Stretch, quantity: float, arrives: int) -> None:
    assert stretch.cost(quantity, arrives) == stretch.cost(quantity, arrives)
    assert stretch.cost(quantity, arrives) >= 0
    assert stretch.cost(0.0, arrives) == stretch.cost(quantity, len(stretch.demand))


@given(stretches(), UNITS, st.data())
def test_an_order_of_exactly_what_is_needed_is_never_worse(stretch: Stretch, other: float, data: st.DataObject) -> None:
    arrives = data.draw(st.integers(0, len(stretch.demand) - 1))
    stock = stretch.stock
    for demand in stretch.demand[:arrives]:
        stock = stock - demand if stretch.waits else max(stock - demand, 0.0)
    needed = max(float(stretch.demand[arrives:].sum()) - stock, 0.0)
    assert stretch.cost(needed, arrives) <= stretch.cost(other, arrives) + 1e-9


@given(stretches(), UNITS, st.integers(0, 6))
def test_the_cost_is_that_of_every_single_unit(stretch: Stretch, quantity: float, arrives: int) -> None:
    """Follow units one by one: each left at the end of a period is held, each customer without one is short."""
    units, waiting, cost = int(stretch.stock), 0, 0.0
    for period, demand in enumerate(stretch.demand):
        units += int(quantity) if period == arrives else 0
        waiting += int(demand)
        while units and waiting:
            units, waiting = units - 1, waiting - 1
        cost += units * stretch.holding_cost + waiting * stretch.shortage_cost
        waiting = waiting if stretch.waits else 0
    lies = units / (2 * stretch.rate) if stretch.rate > 0 else 52.0
    assert stretch.cost(quantity, arrives) == pytest.approx(cost + units * stretch.holding_cost * min(lies, 52.0))
