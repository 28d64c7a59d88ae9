"""First plans where limits leave less than suppliers' minimum order values ask for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from instances import random_problem

from invopt_xl.optimise import OrderProblem
from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.constructive import construct
from invopt_xl.optimise.groundwork import Groundwork, keeps_limits, money_ordered, prepare


@pytest.fixture
def both_wanted() -> OrderProblem:
    """Two suppliers of whom the budget pays for one order at a time; salt is missed less for its money."""
    return OrderProblem(
        item_names=("tea", "cocoa", "salt", "flour"),
        supplier=[0, 0, 1, 1],
        unit_cost=10.0,
        demand=[[5.0] * 3] * 4,
        on_hand=0.0,
        lead_time_periods=0,
        shortage_cost=[8.0, 3.0, 7.0, 2.0],
        supplier_names=("K", "L"),
        minimum_order_value=80.0,
        budget=100.0,
    )


def test_room_too_small_for_all_minimums_goes_to_the_order_that_saves_most_for_its_money(
    both_wanted: OrderProblem,
) -> None:
    work = prepare(both_wanted)
    first = construct(work)
    assert keeps_limits(work, first)
    # What is missed most is tea and salt, yet 100 pays for no two orders of 80.
    np.testing.assert_array_equal(first, [[5.0] * 3, [5.0] * 3, [0.0] * 3, [0.0] * 3])


def test_what_an_order_given_up_leaves_is_filled_with_what_is_ordered_anyway(both_wanted: OrderProblem) -> None:
    smaller = replace(both_wanted, minimum_order_value=[20.0, 80.0])
    first = construct(prepare(smaller))
    # Cocoa came after salt, as long as half an order of salt took the room.
    np.testing.assert_array_equal(first[:, 0], [5.0, 5.0, 0.0, 0.0])


def test_an_order_below_its_minimum_for_want_of_storage_is_given_up_too(both_wanted: OrderProblem) -> None:
    stored = replace(both_wanted, budget=np.inf, unit_volume=1.0, storage_volume=10.0)
    work = prepare(stored)
    first = construct(work)
    assert keeps_limits(work, first)
    np.testing.assert_array_equal(money_ordered(stored, first), [100.0] * 3)


def short_of_money(seed: int, budget: float, least: float) -> Groundwork:
    """Return 200 items of 20 suppliers, budget as a share of their need and minimum values in periods of it."""
    problem = random_problem(200, 8, 20, seed=seed, capacity=False, discounts=False)
    need = problem.demand.mean(axis=1) * problem.unit_cost[:, 0]
    minimum = np.round(least * problem.sum_by_supplier(need))
    return prepare(replace(problem, minimum_order_value=minimum, budget=budget * float(need.sum())))


@pytest.mark.parametrize(("budget", "least"), [(0.5, 1.0), (0.5, 2.5), (0.8, 5.0)])
def test_scarce_budget_is_spent_on_orders_worth_their_minimum(budget: float, least: float) -> None:
    work = short_of_money(2, budget, least)
    first = construct(work, seconds=10.0)
    assert keeps_limits(work, first)
    spent = money_ordered(work.problem, first)[:4]
    assert (spent > 0.8 * work.budget[:4]).all()
    assert account(work.problem, first).total < 0.6 * account(work.problem, work.fixed).total
