"""Plans against all there is to try, against one whole model, and against linear programmes solved by scipy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from enumeration import cheapest_by_enumeration
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from instances import random_problem, tiny_problems
from linear_oracle import cheapest_with_fractions
from whole_model import solve_whole

from invopt_xl.optimise import OrderProblem, check_plan, plan_orders, solvers

CENT = 1e-4
"""What solvers' tolerances may make of totals of some tens."""

tiny = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@tiny
@given(tiny_problems())
def test_the_whole_model_is_no_dearer_than_any_plan_there_is_to_try(problem: OrderProblem) -> None:
    tried = cheapest_by_enumeration(problem, most_plans=1500)
    whole = solve_whole(problem)
    if whole.quantity is None:
        assert tried == np.inf
        return
    verdict = check_plan(problem, whole.quantity)
    assert verdict.violations == ()
    assert verdict.total == pytest.approx(whole.objective, abs=CENT)
    assert whole.bound == pytest.approx(whole.objective, abs=CENT)
    assert whole.objective <= tried + CENT
    assert solve_whole(problem, relaxed=True).objective <= whole.objective + CENT


@pytest.mark.parametrize("solver", solvers.available_solvers())
def test_every_solver_finds_the_cheapest_plan_of_the_whole_model(solver: str) -> None:
    problem = random_problem(6, 5, 2, seed=4, tight=1.2, rich=True)
    whole = solve_whole(problem, solver)
    assert whole.objective == pytest.approx(solve_whole(problem).objective, abs=CENT)
    assert whole.bound == pytest.approx(whole.objective, abs=CENT)


@tiny
@given(tiny_problems())
def test_a_tiny_plan_is_the_cheapest_and_proven(problem: OrderProblem) -> None:
    cheapest = solve_whole(problem).objective
    plan = plan_orders(problem, seconds=60.0, gap=0.0, workers=1)
    verdict = check_plan(problem, plan.quantity)
    assert verdict.total == pytest.approx(plan.total)
    assert plan.bound <= min(cheapest, plan.total) + CENT
    if check_plan(problem, np.nan_to_num(problem.fixed_quantity)).feasible:  # the planner's own orders break no limit
        assert verdict.violations == ()
        assert plan.total == pytest.approx(cheapest, abs=CENT)
        assert plan.bound == pytest.approx(cheapest, abs=CENT)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shortage", ["lost", "backorder"])
def test_a_small_plan_of_every_rule_is_within_its_gap_of_the_cheapest(seed: int, shortage: str) -> None:
    problem = random_problem(8, 5, 3, seed=seed, tight=1.3, shortage=shortage, rich=True)
    whole = solve_whole(problem, seconds=30.0)
    plan = plan_orders(problem, seconds=60.0, gap=0.01)
    assert check_plan(problem, plan.quantity).violations == ()
    assert plan.bound <= whole.objective + CENT
    assert whole.bound <= plan.total + CENT
    assert plan.gap <= 0.03


@st.composite
def linear_problems(draw: st.DrawFn) -> OrderProblem:
    """Whole numbers of units, a usual and an emergency source for each item, and nothing that is yes or no."""
    items = draw(st.integers(1, 3))

    def table(rows: int, low: int, high: int) -> list[list[int]]:
        return [[draw(st.integers(low, high)) for _ in range(4)] for _ in range(rows)]

    return OrderProblem(
        item_names=tuple(f"item {number}" for number in range(items)),
        source_item=[*range(items), *range(items)],
        supplier=[0] * items + [-1] * items,
        emergency=[False] * items + [True] * items,
        unit_cost=np.array(table(items, 3, 6) + [[8] * 4] * items, dtype=float),
        lead_time_periods=[draw(st.integers(0, 2)) for _ in range(items)] + [0] * items,
        demand=np.array(table(items, 0, 7), dtype=float),
        on_hand=[float(draw(st.integers(0, 6))) for _ in range(items)],
        shortage_cost=[float(draw(st.integers(1, 9))) for _ in range(items)],
        holding_cost=[draw(st.sampled_from([0.25, 0.5, 1.0])) for _ in range(items)],
        scheduled_receipts=np.array(table(items, 0, 1), dtype=float),
        supplier_names=("K",),
        shortage=draw(st.sampled_from(["lost", "backorder"])),
    )


@tiny
@given(linear_problems(), st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_under_capacity_alone_a_plan_costs_what_the_linear_programme_does(
    problem: OrderProblem, capacity: list[int]
) -> None:
    # Whole numbers flow through a network in whole numbers, so fractions save nothing.
    problem = replace(problem, capacity_units=np.array([capacity], dtype=float))
    total, quantity = cheapest_with_fractions(problem)
    assert quantity == pytest.approx(np.round(quantity), abs=1e-6)
    plan = plan_orders(problem, seconds=60.0, gap=0.0, workers=1)
    assert plan.total == pytest.approx(total, abs=CENT)
    assert plan.bound == pytest.approx(total, abs=CENT)


@tiny
@given(linear_problems(), st.lists(st.integers(0, 60), min_size=4, max_size=4), st.sampled_from([np.inf, 5.0]))
def test_under_a_budget_a_plan_costs_no_less_than_the_linear_programme_and_the_same_where_it_is_whole(
    problem: OrderProblem, budget: list[int], capacity: float
) -> None:
    problem = replace(problem, budget=np.array(budget, dtype=float), capacity_units=capacity)
    total, quantity = cheapest_with_fractions(problem)
    assert total <= solve_whole(problem, relaxed=True).objective + CENT  # lines are no larger than a budget allows
    cheapest = solve_whole(problem).objective
    plan = plan_orders(problem, seconds=60.0, gap=0.0, workers=1)
    assert total - CENT <= plan.total
    assert plan.bound <= cheapest + CENT
    assert plan.total == pytest.approx(cheapest, abs=CENT)
    if np.allclose(quantity, np.round(quantity), atol=1e-6):
        assert plan.total == pytest.approx(total, abs=CENT)
