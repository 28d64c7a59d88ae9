"""The checker finds every planted violation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import random_problem, tiny_problems

from invopt_xl.errors import InputError
from invopt_xl.optimise import Discount, OrderProblem, check_plan
from invopt_xl.optimise.accounting import account, overdrawn


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


@pytest.fixture
def shared() -> OrderProblem:
    """Two locations of one article, and an emergency source at the second."""
    return OrderProblem(
        item_names=("tea in Leeds", "tea in York"),
        source_item=[0, 1, 1, 1],
        supplier=[0, 0, -1, 1],
        origin=[-1, -1, 0, -1],
        emergency=[False, False, False, True],
        unit_cost=[[10.0, 10.0, 11.0], [12.0] * 3, [0.5] * 3, [15.0] * 3],
        lead_time_periods=[1, 1, 0, 0],
        lateness_cost=[0.25, 0.0, 0.0, 0.0],
        order_cost=[1.0, 1.0, 2.0, 3.0],
        demand=[[10.0] * 3, [20.0] * 3],
        on_hand=[30.0, 20.0],
        shelf_life_periods=[2.0, np.inf],
        supplier_names=("K", "express"),
        capacity_units=[[60.0, 50.0, 0.0], [np.inf, 5.0, 5.0]],
        fixed_quantity=[[20.0, np.nan, np.nan], [0.0, np.nan, np.nan], [np.nan] * 3, [np.nan] * 3],
        working_capital=[400.0, 420.0, np.inf],
        frozen_periods=1,
    )


QUIET = ((20.0, 10.0, 0.0), (0.0, 0.0, 0.0), (0.0, 5.0, 5.0), (0.0, 4.0, 5.0))


def test_a_good_plan_of_several_sources_has_no_violations(shared: OrderProblem) -> None:
    assert check_plan(shared, np.array(QUIET)).violations == ()


@pytest.mark.parametrize(
    ("source", "period", "units", "message"),
    [
        (2, 0, 5.0, "tea in York from tea in Leeds, period 0: 5 units ordered although the period is frozen"),
        (3, 0, 5.0, "tea in York from supplier express, period 0: 5 units ordered although the period is frozen"),
        (0, 0, 21.0, "tea in Leeds, period 0: 21 ordered although the planner fixed 20"),
        (1, 0, 8.0, "tea in York from supplier K, period 0: 8 ordered although the planner fixed 0"),
        (2, 1, 31.0, "tea in Leeds, period 1: 31 units are sent on, and 30 are there"),
        (3, 1, 6.0, "supplier express, period 1: 6 units exceed the capacity of 5"),
        (0, 1, 51.0, "supplier K, period 1: 51 units exceed the capacity of 50"),
        (0, 2, 1.0, "tea in Leeds, period 2: the order would arrive after the horizon"),
        (0, 2, 1.0, "supplier K, period 2: 1 unit exceeds the capacity of 0"),
        (2, 1, 30.0, "period 1: stock is worth 168.00, more than 150.00"),
    ],
)
def test_a_planted_violation_of_several_sources_is_named(
    shared: OrderProblem, source: int, period: int, units: float, message: str
) -> None:
    plan = np.array(QUIET)
    plan[source, period] = units
    assert message in check_plan(replace(shared, working_capital=[400.0, 150.0, np.inf]), plan).violations


def test_what_backorders_wait_for_cannot_be_sent_on_before_it_is_there(shared: OrderProblem) -> None:
    short = replace(shared, shortage="backorder", on_hand=0.0, fixed_quantity=np.nan, frozen_periods=0)
    plan = np.zeros_like(shared.fixed_quantity)
    plan[2, 0] = 1.0
    assert "tea in Leeds, period 0: 1 unit is sent on, and 0 are there" in check_plan(short, plan).violations


@pytest.mark.parametrize(("on_hand", "sent"), [(400.0, 30.0), (400.0, 400.0), (40.0, 40.0)])
def test_a_move_saves_no_purchase_but_all_that_stands_at_the_sender_may_go(on_hand: float, sent: float) -> None:
    """A unit counts as worth its cost wherever it stands: moving is weighed against holding and ordering alone."""
    two = OrderProblem(
        item_names=("A", "B"), source_item=[0, 1, 1], supplier=-1, origin=[-1, -1, 0], unit_cost=[2.0, 2.0, 0.3],
        demand=[[0.0] * 3] * 2, on_hand=[on_hand, 0.0], lead_time_periods=0, holding_cost=0.01,
        order_cost=[5.0, 5.0, 1.0],
    )  # fmt: skip
    bought, moved = np.zeros((2, 3, 3))
    bought[1, 0] = moved[2, 0] = sent
    assert check_plan(two, moved).violations == ()
    own, other = account(two, bought), account(two, moved)
    assert own.purchase.sum() - other.purchase.sum() == pytest.approx(2.0 * sent)
    saved = 5.0 - 1.0 + 3 * 0.01 * sent - 0.3 * sent
    assert own.total - other.total == pytest.approx(saved)


@pytest.fixture
def ring() -> OrderProblem:
    """Three locations; lanes lead from each to the next at once, and back to the first from the second."""
    return OrderProblem(
        item_names=("A", "B", "C"),
        source_item=[0, 1, 2, 1, 2, 0, 0],
        supplier=-1,
        origin=[-1, -1, -1, 0, 1, 2, 1],
        unit_cost=[2.0, 2.0, 2.0, 0.1, 0.1, 0.1, 0.1],
        demand=[[0.0, 0.0]] * 3,
        on_hand=0.0,
        lead_time_periods=0,
        shortage_cost=5.0,
    )


NO_ORDER, LANES = [0.0, 0.0, 0.0], ["A to B", "B to C", "C to A", "B to A"]


def sent_along(ring: OrderProblem, bought: list[float], **sent: float) -> list[tuple[str, float]]:
    """Return what the checker finds missing where units are bought and sent on in the first period."""
    plan = np.zeros((7, 2))
    plan[:3, 0] = bought
    for lane, units in sent.items():
        plan[3 + LANES.index(lane.replace("_", " ")), 0] = units
    missing = overdrawn(ring, plan)
    named = [line.split(",")[0] for line in check_plan(ring, plan).violations]
    found = [(name, float(units)) for name, units in zip(ring.item_names, missing[:, 0], strict=True) if units > 1e-9]
    assert named == [name for name, _ in found]
    return found


def test_units_that_only_go_round_are_not_there(ring: OrderProblem) -> None:
    assert sent_along(ring, NO_ORDER, A_to_B=7, B_to_A=7) == [("A", 7.0), ("B", 7.0)]
    assert sent_along(ring, NO_ORDER, A_to_B=7, B_to_C=7, C_to_A=7) == [("A", 7.0), ("B", 7.0), ("C", 7.0)]


def test_units_may_be_passed_on_at_once_as_far_as_they_are_there(ring: OrderProblem) -> None:
    assert sent_along(ring, [7.0, 0.0, 0.0], A_to_B=7, B_to_C=7) == []
    assert sent_along(ring, [5.0, 0.0, 0.0], A_to_B=5, B_to_C=7) == [("B", 2.0)]
    assert sent_along(ring, [7.0, 7.0, 0.0], A_to_B=7, B_to_A=7) == [], "each sends what it has bought"


def test_units_that_are_on_their_way_for_a_period_come_back_all_the_same(ring: OrderProblem) -> None:
    slow = replace(ring, lead_time_periods=[0, 0, 0, 1, 0, 0, 1], on_hand=[7.0, 0.0, 0.0])
    plan = np.zeros((7, 2))
    plan[3, 0] = plan[4, 1] = plan[5, 1] = 7.0
    assert not overdrawn(slow, plan).any()
    assert check_plan(slow, plan).violations == ()


@pytest.mark.parametrize(("shortage", "short"), [("lost", 4.0 + 1.0), ("backorder", 4.0 + 4.0 + 1.0)])
def test_units_sent_on_that_are_not_there_are_short(ring: OrderProblem, shortage: str, short: float) -> None:
    sold = replace(ring, demand=[[0.0, 1.0], [0.0, 0.0], [0.0, 0.0]], on_hand=[6.0, 0.0, 0.0], shortage=shortage)
    plan = np.zeros((7, 2))
    plan[3, 0] = 10.0
    verdict = check_plan(sold, plan)
    assert verdict.violations == ("A, period 0: 10 units are sent on, and 6 are there",)
    assert verdict.costs["shortage"] == pytest.approx(5.0 * short)
    assert account(sold, plan).total == pytest.approx(verdict.total)


def test_every_kind_of_cost_is_what_it_is_by_hand(shared: OrderProblem) -> None:
    priced = replace(shared, unit_value=[10.0, 12.0], holding_cost=[0.1, 0.2], shortage_cost=[4.0, 5.0])
    plan = np.array([[20.0, 10.0, 0.0], [0.0, 3.0, 0.0], [0.0, 5.0, 5.0], [0.0, 4.0, 5.0]])
    # Leeds: of 30 on hand 10 spoil, for 20 sell in two periods; 10 are left, 20 come, 5 leave, 5 spoil; 10 are left,
    # 10 come, 5 leave; beyond the horizon 10 a period go on selling, so none spoils, and 5 are left.
    # York: 20 sold; 9 come, 11 short; 10 and the 3 come, 7 short.
    costs = check_plan(priced, plan).costs
    assert costs["waste"] == pytest.approx(10.0 * (10 + 5))
    assert costs["price"] == pytest.approx(0.0)
    assert costs["emergency"] == pytest.approx((15 - 12) * 9)
    assert costs["transfer"] == pytest.approx((0.5 + 10 - 12) * 10)
    assert costs["lateness"] == pytest.approx(0.25 * 30)
    assert costs["order"] == pytest.approx(1.0 * 3 + 2.0 * 2 + 3.0 * 2)
    assert costs["holding"] == pytest.approx(0.1 * (10 + 10 + 5))
    assert costs["shortage"] == pytest.approx(5.0 * (11 + 7))
    assert costs["purchase"] == pytest.approx(10 * 30 + 12 * 3 + 15 * 9)
    assert check_plan(replace(priced, unit_value=[9.5, 12.0]), plan).costs["price"] == pytest.approx(0.5 * 30)


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


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.sampled_from(["lost", "backorder"]))
def test_the_checkers_costs_of_many_sources_are_those_the_plans_are_made_with(seed: int, shortage: str) -> None:
    problem = random_problem(12, 6, 3, seed=seed, shortage=shortage, rich=True)
    random = np.random.default_rng(seed)
    shape = problem.fixed_quantity.shape
    plan = np.where(random.random(shape) < 0.4, random.integers(1, 60, shape), 0.0)
    plan[problem.transfer] *= random.choice([0.1, 1.0])
    verdict, costs = check_plan(problem, plan), account(problem, plan)
    assert verdict.total == pytest.approx(costs.total)
    assert verdict.controllable == pytest.approx(costs.controllable)
    for name, amount in costs.breakdown().items():
        assert verdict.costs[name] == pytest.approx(amount), name
    assert any("sent on" in line for line in verdict.violations) == bool((overdrawn(problem, plan) > 1e-3).any())


@settings(max_examples=60, deadline=None, derandomize=True)
@given(tiny_problems(), st.integers(0, 1000))
def test_the_checkers_costs_of_tiny_plans_are_those_the_plans_are_made_with(problem: OrderProblem, seed: int) -> None:
    random = np.random.default_rng(seed)
    plan = random.integers(0, 3, problem.fixed_quantity.shape) * problem.lot_size[:, None]
    verdict, costs = check_plan(problem, plan), account(problem, plan)
    assert verdict.total == pytest.approx(costs.total)
    assert verdict.unavoidable == pytest.approx(costs.unavoidable.sum())
    assert any("sent on" in line for line in verdict.violations) == bool((overdrawn(problem, plan) > 1e-3).any())
