"""Minimums and lots that are not worth paying are named, with what they leave unmet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from invopt_xl.optimise import OrderProblem, plan_orders, reason_short
from invopt_xl.optimise import unpaid_minimums as unpaid
from invopt_xl.optimise.groundwork import prepare


def yoghurt(**changes: object) -> OrderProblem:
    """Ten yoghurts a period, that keep for three."""
    values: dict[str, object] = {
        "item_names": ("yoghurt",),
        "supplier": 0,
        "unit_cost": 2.0,
        "demand": [[10.0] * 6],
        "on_hand": 0.0,
        "lead_time_periods": 0,
        "shortage_cost": 1.5,
        "holding_cost": 0.01,
        "order_cost": 1.0,
        "shelf_life_periods": 3.0,
        "supplier_names": ("South",),
    }
    return OrderProblem(**(values | changes))  # type: ignore[arg-type]


def told(problem: OrderProblem) -> list[str]:
    plan = plan_orders(problem, seconds=60.0)
    return [str(one) for one in plan.shortfalls]


def test_a_minimum_value_that_does_not_pay_is_named_with_what_is_not_met() -> None:
    problem = yoghurt(minimum_order_value=3000.0)
    plan = plan_orders(problem, seconds=60.0)
    assert not plan.quantity.any()
    (one,) = plan.shortfalls
    assert str(one) == (
        "supplier South's minimum order value (3,000) is not worth paying for yoghurt, "
        "as 1,470 of 1,500 units would outlast their shelf life: 60 of 60 units are not met"
    )
    assert (one.kind, one.subject, one.amount, one.value) == ("minimum", "South", 60.0, 120.0)


def test_an_items_own_minimum_or_lot_that_does_not_pay_is_named() -> None:
    assert told(yoghurt(minimum_order_quantity=600.0)) == [
        "the minimum order of 600 is not worth paying for yoghurt, "
        "as 570 of 600 units would outlast their shelf life: 60 of 60 units are not met"
    ]
    assert told(yoghurt(lot_size=200.0)) == [
        "the lot of 200 is not worth paying for yoghurt, "
        "as 170 of 200 units would outlast their shelf life: 60 of 60 units are not met"
    ]


def test_a_shelf_life_too_short_for_any_order_to_pay_is_named() -> None:
    brief = yoghurt(shelf_life_periods=1.0, order_cost=20.0)
    assert told(brief) == [
        "an order that sells within its shelf life is not worth paying for yoghurt: 60 of 60 units are not met"
    ]


def test_a_minimum_that_pays_is_not_named_and_neither_is_one_that_stands_in_nobodys_way() -> None:
    assert told(yoghurt(minimum_order_value=40.0)) == []
    assert told(yoghurt(minimum_order_value=3000.0, shortage_cost=0.0)) == []
    # Without a minimum an order would not pay either.
    assert told(yoghurt(minimum_order_value=3000.0, order_cost=500.0, shelf_life_periods=np.inf)) == []


def test_several_items_of_a_supplier_are_named_together() -> None:
    names = ("yoghurt", "cheese", "milk", "cream")
    demand = np.repeat(np.array([[10.0], [5.0], [4.0], [1.0]]), 6, axis=1)
    (message,) = told(yoghurt(item_names=names, demand=demand, minimum_order_value=9000.0))
    assert "is not worth paying for yoghurt, cheese, milk and 1 more: 120 of 120 units are not met" in message


@pytest.mark.parametrize("least", [3000.0, 300.0])
def test_a_reason_counts_the_minimum_value_of_the_supplier(least: float) -> None:
    problem = yoghurt(minimum_order_value=least)
    reason = reason_short(problem, np.zeros((1, 6)), 0)
    assert f"an order of the supplier's minimum value of {least:,.0f} in period 0, of which" in reason
    assert reason.endswith("more than it saves")
    held = reason_short(yoghurt(minimum_order_value=least, maximum_order_quantity=50.0), np.zeros((1, 6)), 0)
    assert held.endswith(
        f"the largest order of 50 and the supplier's minimum value of {least:,.0f} leave no room for it"
    )


def test_a_minimum_is_not_blamed_for_weeks_in_which_its_supplier_is_ordered_from_anyway(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # However little the search finds in the time it has.
    search = unpaid._cheaper
    monkeypatch.setattr(
        unpaid, "_cheaper", lambda free, plan: None if free.minimum_order_value.any() else search(free, plan)
    )
    # Cheese pays the minimum in every period; what keeps the yoghurt out is not its supplier's minimum then.
    pair = yoghurt(
        item_names=("yoghurt", "cheese"), demand=[[10.0] * 6] * 2, supplier=[0, 0], unit_cost=[2.0, 20.0],
        minimum_order_value=180.0, shelf_life_periods=1.0, shortage_cost=[1.5, 30.0],
    )  # fmt: skip
    only_cheese = np.array([[0.0] * 6, [10.0] * 6])
    assert unpaid.unpaid_minimums(prepare(pair), only_cheese, set()) == []
    # In the periods without an order it is: there the minimum would have to be paid for the yoghurt.
    at_first = replace(pair, demand=np.array([[10.0] * 6, [10.0] * 3 + [0.0] * 3]))
    (one,) = unpaid.unpaid_minimums(prepare(at_first), np.where(np.arange(6) < 3, only_cheese, 0.0), set())
    assert str(one).startswith("supplier South's minimum order value (180) is not worth paying for yoghurt")
    assert one.unmet == (("yoghurt", 30.0),)
    late = "yoghurt is 60 short from period 0: an order in period 0 would save"
    assert reason_short(pair, only_cheese, 0).startswith(late)


def test_a_minimum_that_pays_now_and_then_only_is_named_so() -> None:
    seasonal = yoghurt(demand=[[40.0, 0.0, 0.0, 0.0, 10.0, 5.0]], minimum_order_value=80.0)
    plan = plan_orders(seasonal, seconds=60.0)
    assert plan.quantity.tolist() == [[40.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    assert str(plan.shortfalls[0]).startswith(
        "supplier South's minimum order value (80) is not worth paying more often for yoghurt"
    )
