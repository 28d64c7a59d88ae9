"""What cannot be met is told of the periods that were asked for, not of those that are planned beyond them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from invopt_xl.errors import InputError
from invopt_xl.optimise import OrderProblem, plan_orders, reason_short

PLANNED, TOLD = 9, 6


def tea(**changes: Any) -> OrderProblem:
    """Ten units a period; six periods are asked for, and three more planned."""
    values: dict[str, Any] = {
        "item_names": ("tea",),
        "supplier": 0,
        "unit_cost": 2.0,
        "demand": [[10.0] * PLANNED],
        "on_hand": 0.0,
        "lead_time_periods": 0,
        "shortage_cost": 1.5,
        "holding_cost": 0.01,
        "supplier_names": ("South",),
        "told_periods": TOLD,
    }
    return OrderProblem(**(values | changes))


def told(problem: OrderProblem) -> list[str]:
    return [str(one) for one in plan_orders(problem, seconds=60.0).shortfalls]


@pytest.mark.parametrize(
    "limit",
    [
        {"minimum_order_value": 9000.0, "shelf_life_periods": 3.0},
        {"minimum_order_quantity": 900.0, "shelf_life_periods": 3.0},
        {"lot_size": 900.0, "shelf_life_periods": 3.0},
        {"order_cost": 40.0, "shelf_life_periods": 1.0},
        {"lot_size": 900.0, "shelf_life_periods": 3.0, "shortage": "backorder"},
        {"capacity_units": 0.0},
        {"frozen_periods": PLANNED},
        {"frozen_periods": PLANNED, "shortage": "backorder"},
        {"minimum_order_quantity": 9000.0},
        {"minimum_order_value": 18000.0},
    ],
)
def test_units_and_money_told_are_those_of_the_periods_asked_for(limit: dict[str, Any]) -> None:
    (line,) = told(tea(**limit))
    (shorter,) = told(tea(**limit, demand=[[10.0] * TOLD]))
    assert line == shorter
    assert re.search(r"\b(60|120\.00)\b", line)


def test_what_the_largest_line_leaves_short_counts_until_the_last_period_asked_for() -> None:
    (one,) = plan_orders(tea(maximum_order_quantity=7.0), seconds=60.0).shortfalls
    assert (one.kind, one.amount) == ("maximum", pytest.approx(3.0 * TOLD))
    assert str(one) == "the largest order of 7 units of tea is 18 units short of what the targets need"


def test_what_spoils_counts_for_the_lines_ordered_in_the_periods_asked_for() -> None:
    lots = {"lot_size": 30.0, "shelf_life_periods": 2.0, "shortage_cost": 50.0}
    found = [one for one in plan_orders(tea(**lots), seconds=60.0).shortfalls if one.kind == "shelf life"]
    whole = plan_orders(tea(**lots, told_periods=PLANNED), seconds=60.0).shortfalls
    assert found[0].amount == pytest.approx(30.0)  # three lines, of each of which a third is not sold in time
    assert whole[0].amount > found[0].amount


def test_a_limit_that_lacks_only_later_is_not_told() -> None:
    late = np.where(np.arange(PLANNED) < TOLD, 10.0, 0.0)
    for limit in (
        {"budget": 2.0 * late},
        {"capacity_units": late[None, :]},
        {"storage_volume": late, "unit_volume": 1.0},
    ):
        assert told(tea(**limit)) == []
        assert len(told(tea(**limit, told_periods=PLANNED))) > 0


def test_why_an_item_is_short_is_told_of_the_periods_asked_for() -> None:
    problem = tea()
    quantity = np.array([[10.0] * TOLD + [0.0] * (PLANNED - TOLD)])
    assert reason_short(problem, quantity, 0) == ""
    quantity[0, 4:] = 0.0
    assert reason_short(problem, quantity, 0).startswith("tea is 20 short from period 4: ")


def test_all_periods_are_told_of_unless_said_otherwise_and_never_none() -> None:
    assert tea(told_periods=None).told_periods == PLANNED
    assert tea(told_periods=40).told_periods == PLANNED
    assert tea().until(4).told_periods == 4
    with pytest.raises(InputError, match="told periods is 0; expected a whole number, one or more"):
        tea(told_periods=0)
