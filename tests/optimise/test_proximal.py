"""Proximal steps: mixtures against a solver of quadratic programmes, bounds against exact ones, whatever the limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from instances import random_problem, tiny_problems
from scipy.optimize import LinearConstraint, minimize
from whole_model import solve_whole

from invopt_xl.optimise import OrderProblem, solvers
from invopt_xl.optimise.dual_scales import dual_scales
from invopt_xl.optimise.generation import Generation
from invopt_xl.optimise.groundwork import prepare
from invopt_xl.optimise.master import SharedPrices
from invopt_xl.optimise.proximal_loops import Mixture, Penalty, cheapest_columns, duals_at, mix
from invopt_xl.optimise.terms import FloatArray

CENT = 1e-4
"""What solvers' tolerances may make of totals of some tens."""


class Blocks:
    """A few blocks of columns with random entries in rows of every kind of limit."""

    def __init__(self, seed: int, rows: int = 5, blocks: int = 4, width: int = 3) -> None:
        random = np.random.default_rng(seed)
        count = blocks * width
        self.table = random.uniform(-1.0, 2.0, (rows, count)) * (random.random((rows, count)) < 0.7)
        column, row = np.nonzero(self.table.T)
        starts = np.searchsorted(column, np.arange(count + 1)).astype(np.int64)
        first, members = np.arange(0, count + 1, width), np.arange(count)
        weight = (np.arange(count) % width == 0).astype(float)
        cost = random.uniform(0.0, 3.0, count)
        self.mixture = Mixture(starts, row, self.table[row, column], cost, first, members, weight)
        lower, upper = np.full(rows, -np.inf), random.uniform(0.0, 2.0, rows)
        lower[0], upper[0] = upper[0], np.inf
        lower[1] = upper[1]
        lower[2] = upper[2] - 0.5
        centre = np.array([0.4, -0.2, 0.0, -0.5, -0.1])
        self.penalty = Penalty(centre, random.uniform(0.5, 2.0, rows), lower, upper)
        self.equal = np.repeat(np.eye(blocks), width, axis=1)

    def value(self, weight: FloatArray) -> float:
        """Return what a mixture costs with what its rows miss: the integral of the rows' duals."""
        centre, stiffness, lower, upper = self.penalty
        activity = self.table @ weight
        duals = duals_at(self.penalty, activity)
        miss = np.where(duals > 0, lower - activity, np.where(duals < 0, upper - activity, 0.0))
        inside = -(centre**2) / (2 * stiffness)
        paid = np.where(duals != 0, centre * miss + stiffness * miss**2 / 2, inside)
        return float(self.mixture.cost @ weight + paid.sum())

    def solved(self) -> float:
        """Return the least value, by a general solver."""
        start = np.full(len(self.mixture.cost), 1 / 3)
        rows = LinearConstraint(self.equal, 1.0, 1.0)
        bounds = [(0.0, 1.0)] * len(start)
        found = minimize(self.value, start, bounds=bounds, constraints=rows, method="SLSQP", options={"maxiter": 500})
        return float(found.fun)


@pytest.mark.parametrize("seed", range(8))
def test_weight_moves_until_no_mixture_costs_less(seed: int) -> None:
    blocks = Blocks(seed)
    activity = blocks.table @ blocks.mixture.weight
    duals = duals_at(blocks.penalty, activity)
    mix(blocks.mixture, blocks.penalty, activity, duals, (5000, 3, 1e-9))
    weight = blocks.mixture.weight
    np.testing.assert_allclose(blocks.equal @ weight, 1.0)
    assert (weight >= 0).all()
    np.testing.assert_allclose(activity, blocks.table @ weight, atol=1e-9)
    np.testing.assert_allclose(duals, duals_at(blocks.penalty, activity), atol=1e-9)
    assert blocks.value(weight) == pytest.approx(blocks.solved(), abs=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_the_cheapest_columns_are_those_of_least_reduced_cost(seed: int) -> None:
    blocks = Blocks(seed)
    duals = np.random.default_rng(seed).normal(size=5)
    reduced = (blocks.mixture.cost - duals @ blocks.table).reshape(4, 3)
    assert cheapest_columns(blocks.mixture, duals) == pytest.approx(reduced.min(axis=1).sum())


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(tiny_problems(), st.sampled_from([0.0, 0.01, 1.0]))
def test_a_bound_without_the_masters_optimum_is_below_the_best_plan(problem: OrderProblem, tolerance: float) -> None:
    cheapest = solve_whole(problem).objective
    assume(np.isfinite(cheapest))
    generation = Generation(prepare(problem), solvers.HIGHS)
    found = generation.generate(generation.root(), np.inf, np.inf, tolerance, exact=False)
    assert found.bound <= cheapest + CENT
    assert found.duals is not None
    assert generation.price(found.duals)[0] == pytest.approx(found.bound)


@pytest.mark.parametrize("limits", [{}, {"tight": 1.2}, {"tight": 1.5, "rich": True}, {"shortage": "backorder"}])
def test_bounds_by_proximal_steps_are_near_the_masters_optimum(limits: dict[str, object]) -> None:
    work = prepare(random_problem(30, 8, 4, seed=2, **limits))  # type: ignore[arg-type]
    near, exact = Generation(work, solvers.HIGHS), Generation(work, solvers.HIGHS)
    first = near.price(dual_scales(near.structure).first)[0]
    found = near.generate(near.root(), np.inf, np.inf, 1.0, exact=False)
    best = exact.generate(exact.root(), np.inf, np.inf, 1e-3).bound
    assert found.optimum is None
    assert found.bound <= best + 0.01
    assert best - found.bound <= 0.02 * (best - first)


def test_bounds_at_other_prices_begin_with_the_duals_of_those_before() -> None:
    problem = random_problem(30, 8, 4, seed=2)
    ones = np.ones(problem.periods)
    generation = Generation(prepare(problem), solvers.HIGHS, SharedPrices.none(problem.periods))
    generation.generate(generation.root(), np.inf, np.inf, 1.0)
    before = len(generation.item)
    prices = replace(SharedPrices.none(problem.periods), budget=0.02 * ones)
    generation.reprice(prices)
    again = generation.generate(generation.root(), np.inf, np.inf, 1.0)
    anew = Generation(prepare(problem), solvers.HIGHS, prices)
    assert again.bound == pytest.approx(anew.generate(anew.root(), np.inf, np.inf, 1.0).bound, abs=1.0)
    assert len(generation.item) - before < len(anew.item)


@pytest.mark.parametrize(
    "changed",
    [
        {"supplier_order_cost": 0.0, "order_cost": 0.0},
        {"budget": 0.0},
        {"shortage_cost": 0.0, "floor_penalty": 0.0},
        {"storage_volume": 1e-9, "budget": [0.0, *[50.0] * 5]},
        {"working_capital": 1.0},
    ],
    ids=["orders for nothing", "no budget", "nothing to lose", "no room", "no capital"],
)
def test_duals_without_a_scale_of_their_own_still_come_near(changed: dict[str, object]) -> None:
    problem = replace(random_problem(10, 6, 2, seed=1, tight=1.5), **changed)  # type: ignore[arg-type]
    generation = Generation(prepare(problem), solvers.HIGHS)
    found = generation.generate(generation.root(), np.inf, np.inf, 0.1)
    assert np.isfinite(found.bound)
    assert found.optimum is not None
    assert found.bound >= found.optimum.objective + generation.constant - 0.1 - CENT
