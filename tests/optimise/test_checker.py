"""The checker finds every planted violation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import random_problem

from invopt_xl.errors import InputError
from invopt_xl.optimise import Discount, OrderProblem, check_plan
from invopt_xl.optimise.accounting import account


@pytest.fixture
def problem() -> OrderProblem:
    return OrderProblem(
        item_names=("tea", "salt"),
        supplier=0,
        unit_cost=[10.0, 1.0],
        demand=[[10.0] * 3, [20.0] * 3],
        on_hand=[10.0, 20.0],
        lead_time_periods=[0, 1],
        lot_size=5.0,
        minimum_order_quantity=10.0,
        maximum_order_quantity=[60.0, 70.0],
        unit_volume=1.0,
        fixed_quantity=[np.nan, 20.0],
        supplier_names=("K",),
        minimum_order_value=50.0,
        capacity_units=60.0,
        budget=550.0,
        storage_volume=80.0,
    )


GOOD = ((20.0, 0.0, 0.0), (20.0, 60.0, 0.0))


def test_a_good_plan_has_no_violations(problem: OrderProblem) -> None:
    assert check_plan(problem, np.array(GOOD)).violations == ()


@pytest.mark.parametrize(
    ("item", "period", "units", "message"),
    [
        (0, 0, 21.0, "tea, period 0: 21 units are not whole lots of 5"),
        (0, 1, 65.0, "tea, period 1: 65 units exceed the maximum of 60"),
        (0, 1, 5.0, "tea, period 1: 5 units are below the minimum of 10"),
        (0, 1, -5.0, "tea, period 1: -5 units; a quantity cannot be negative"),
        (1, 2, 60.0, "salt, period 2: the order would arrive after the horizon"),
        (1, 0, 25.0, "salt, period 0: 25 ordered although the planner fixed 20"),
        (1, 1, 65.0, "supplier K, period 1: 65 units exceed the capacity of 60"),
        (1, 1, 40.0, "supplier K, period 1: the order is worth 40.00, below the minimum of 50.00"),
        (0, 2, 60.0, "period 2: orders worth 600.00 exceed the budget of 550.00"),
        (0, 0, 55.0, "period 0: stock takes 85 of storage, more than 80"),
    ],
)
def test_a_planted_violation_is_named(
    problem: OrderProblem, item: int, period: int, units: float, message: str
) -> None:
    plan = np.array(GOOD)
    plan[item, period] = units
    assert message in check_plan(problem, plan).violations


def test_a_plan_of_another_shape_is_refused(problem: OrderProblem) -> None:
    with pytest.raises(InputError, match="plan is of shape"):
        check_plan(problem, np.zeros((1, 3)))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.sampled_from(["lost", "backorder"]))
def test_the_checkers_costs_are_those_the_plans_are_made_with(seed: int, shortage: str) -> None:
    problem = random_problem(12, 6, 3, seed=seed, shortage=shortage)
    breaks = (
        *problem.discounts,
        Discount(1, None, 0.04, from_value=50.0, kind="incremental"),
        Discount(2, None, 0.05, from_quantity=10.0, kind="incremental"),
        Discount(2, None, 0.09, from_quantity=30.0, kind="incremental"),
    )
    object.__setattr__(problem, "discounts", breaks)
    random = np.random.default_rng(seed)
    plan = np.where(random.random(problem.demand.shape) < 0.4, random.integers(1, 60, problem.demand.shape), 0.0)
    verdict, costs = check_plan(problem, plan), account(problem, plan)
    assert verdict.total == pytest.approx(costs.total)
    for name, amount in costs.breakdown().items():
        assert verdict.costs[name] == pytest.approx(amount), name
