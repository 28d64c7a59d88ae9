"""The master programme's bound at any duals, against the cheapest plan of the whole model; costs of its columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from instances import random_problem, tiny_problems
from whole_model import solve_whole

from invopt_xl.optimise import OrderProblem, solvers
from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.generation import Generation
from invopt_xl.optimise.groundwork import prepare
from invopt_xl.optimise.item_plans import ItemPlanner
from invopt_xl.optimise.master import SharedPrices, Structure, shared_room, shared_use
from invopt_xl.optimise.modes import modes_of
from invopt_xl.optimise.terms import FloatArray

CENT = 1e-4
"""What solvers' tolerances may make of totals of some tens."""

tiny = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def bound_at(problem: OrderProblem, duals: FloatArray, structure: Structure, planner: ItemPlanner) -> float:
    """Return the bound at duals without limits of a search."""
    rows = structure.rows
    duals = np.where(np.isinf(rows.lower), np.minimum(duals, 0.0), duals)
    duals = np.where(np.isinf(rows.upper), np.maximum(duals, 0.0), duals)
    plans = planner.cheapest(structure.line_prices(duals))
    orders = structure.orders.shape[1]
    bound = structure.constant + float(plans.value[structure.live].sum())
    bound += structure.order_bound(duals, np.zeros(orders), np.ones(orders))
    return bound + structure.limits_at(duals, rows.lower, rows.upper)


def parts_of(problem: OrderProblem) -> tuple[Structure, ItemPlanner]:
    work = prepare(problem)
    modes = [modes_of(work, supplier) for supplier in range(problem.suppliers)]
    return Structure(work, modes), ItemPlanner(work, modes)


@tiny
@given(tiny_problems(), st.integers(0, 1000), st.sampled_from([0.0, 0.3, 1.0, 3.0]))
def test_no_duals_give_a_bound_above_the_cheapest_plan(problem: OrderProblem, seed: int, scale: float) -> None:
    cheapest = solve_whole(problem).objective
    assume(np.isfinite(cheapest))
    structure, planner = parts_of(problem)
    random = np.random.default_rng(seed)
    for _ in range(10):
        duals = random.normal(0.0, scale, len(structure.rows.lower)) * random.integers(0, 2, len(structure.rows.lower))
        assert bound_at(problem, duals, structure, planner) <= cheapest + CENT


@tiny
@given(tiny_problems())
def test_the_masters_own_duals_give_no_bound_above_the_cheapest_plan(problem: OrderProblem) -> None:
    cheapest = solve_whole(problem).objective
    assume(np.isfinite(cheapest))
    generation = Generation(prepare(problem), solvers.HIGHS)
    found = generation.generate(generation.root(), np.inf, np.inf, 1e-6)
    assert found.bound <= cheapest + CENT
    assert found.optimum is not None
    assert found.bound == pytest.approx(found.optimum.objective + generation.constant, abs=CENT)


def two_locations(**changed: object) -> OrderProblem:
    """A store that buys, and another that gets its units from it alone, ten at a time."""
    given: dict[str, object] = {
        "item_names": ("tea at A", "tea at B"),
        "source_item": [0, 1],
        "origin": [-1, 0],
        "supplier": -1,
        "unit_cost": [2.0, 0.1],
        "unit_value": 2.0,
        "demand": [[0.0] * 4, [1.0] * 4],
        "on_hand": 0.0,
        "lead_time_periods": 0,
        "shortage_cost": 20.0,
        "lot_size": [1.0, 10.0],
    }
    return OrderProblem(**(given | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"shortage": "backorder", "lot_size": [1.0, 7.0], "scheduled_receipts": [[0.0, 4.0, 0.0, 0.0], [0.0] * 4]},
        {"on_hand": [30.0, 0.0], "holding_cost": [1.0, 0.01], "lot_size": 1.0},
        {"shortage": "backorder", "lot_size": 1.0, "fixed_quantity": [[np.nan, 6.0, 0.0, 0.0], [np.nan] * 4]},
        {"on_hand": [0.0, 20.0], "source_item": [0, 1, 0], "origin": [-1, 0, 1], "unit_cost": [2.0, 0.1, 0.1],
         "demand": [[4.0] * 4, [1.0] * 4], "lot_size": [1.0, 10.0, 7.0], "holding_cost": [0.01, 1.0]},
        {"demand": [[1.0, 1.0, 1.0, 40.0], [1.0] * 4], "on_hand": [30.0, 0.0], "shelf_life_periods": [1.0, np.inf]},
    ],
    ids=["ten at a time", "sent on arrival", "kept where it is cheap", "the planner's own", "to and fro", "spoiled"],
)  # fmt: skip
def test_lattices_have_room_for_all_that_is_sent(changed: dict[str, object]) -> None:
    problem = two_locations(**changed)
    generation = Generation(prepare(problem), solvers.HIGHS)
    found = generation.generate(generation.root(), np.inf, np.inf, 1e-6)
    assert found.bound <= solve_whole(problem).objective + CENT


@tiny
@given(tiny_problems(), st.integers(0, 1000))
def test_items_costs_and_orders_add_up_to_the_account(problem: OrderProblem, seed: int) -> None:
    structure, planner = parts_of(replace(problem, discounts=()))
    work, random = structure.work, np.random.default_rng(seed)
    duals = random.normal(0.0, 2.0, len(structure.rows.lower))
    plans = planner.cheapest(structure.line_prices(np.where(np.isinf(structure.rows.lower), -np.abs(duals), duals)))
    quantity = work.fixed + plans.quantity
    plans = replace(plans, sent=np.where(work.problem.transfer[:, None], plans.quantity, 0.0))
    ordered = (work.problem.sum_by_supplier((quantity > 0).astype(float)) > 0) @ np.ones(work.problem.periods)
    joint = float(work.problem.supplier_order_cost @ ordered)
    cost = float(structure.costs_of(plans).cost[structure.live].sum())
    assert structure.constant + cost + joint == pytest.approx(account(work.problem, quantity).total)


@pytest.mark.parametrize("seed", range(3))
def test_shared_limits_are_used_and_paid_for_as_the_account_says(seed: int) -> None:
    problem = random_problem(8, 5, 2, seed=seed, tight=1.2, rich=True)
    structure, planner = parts_of(problem)
    plans = planner.cheapest(structure.line_prices(np.zeros(len(structure.rows.lower))))
    plans = replace(plans, sent=np.where(problem.transfer[:, None], plans.quantity, 0.0))
    made = structure.costs_of(plans)
    spent, volume, capital = shared_use(structure.work, structure.work.fixed + plans.quantity)
    np.testing.assert_allclose(made.spent.sum(axis=0), spent)
    np.testing.assert_allclose(made.volume.sum(axis=0), volume)
    np.testing.assert_allclose(made.capital.sum(axis=0), capital)
    ones = np.ones(problem.periods)
    priced = made.priced(SharedPrices(2 * ones, 3 * ones, 5 * ones))
    assert priced.sum() == pytest.approx(made.cost.sum() + 2 * spent.sum() + 3 * volume.sum() + 5 * capital.sum())
    budget, storage, working_capital = shared_room(structure.work)
    assert (budget == structure.work.budget).all()
    assert (storage <= structure.work.storage).all()
    assert (working_capital <= structure.work.working_capital).all()
