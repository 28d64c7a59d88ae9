"""The compiled local search: its accounts are those of the plan, and what it returns is never worse."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from instances import random_problem, tiny_problems
from whole_model import solve_whole

from invopt_xl.optimise import OrderProblem, check_plan
from invopt_xl.optimise.accounting import account, simulate
from invopt_xl.optimise.constructive import construct
from invopt_xl.optimise.groundwork import keeps_limits, money_ordered, prepare
from invopt_xl.optimise.local_search import improved, polished
from invopt_xl.optimise.local_search.columns import AVAILABLE, EXCESS, STOCK, WEIGHT
from invopt_xl.optimise.local_search.evaluator import take_stock
from invopt_xl.optimise.local_search.moves import anneal
from invopt_xl.optimise.local_search.tables import state_of, tables_of

tiny = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

ANYTHING_GOES = 1e9
"""A temperature at which every change is accepted."""


def check_accounts(problem: OrderProblem, seed: int) -> None:
    """Change a plan at random, and compare its accounts with those worked out from its quantities."""
    work = prepare(problem)
    tables, state = tables_of(work), state_of(work, work.fixed, seed)
    take_stock(tables, state)
    for temperature in (ANYTHING_GOES, 1.0, ANYTHING_GOES, 0.01):
        anneal(tables, state, 15, temperature, 0.9)
        quantity = work.fixed + state.lots * problem.lot_size[:, None]
        flow = simulate(problem, quantity)
        spent = money_ordered(problem, quantity - work.fixed)
        assert state.totals[0] == pytest.approx(account(problem, quantity).total, abs=1e-6)
        assert state.totals[1] == pytest.approx(float(state.limits[WEIGHT] @ state.limits[EXCESS]), abs=1e-6)
        np.testing.assert_allclose(state.quantity, quantity)
        np.testing.assert_allclose(state.flows[AVAILABLE], flow.available, atol=1e-9)
        np.testing.assert_allclose(state.flows[STOCK], flow.stock, atol=1e-9)
        np.testing.assert_allclose(state.used[0], spent, atol=1e-6)
        kept = state.counts[0] == 0
        assert kept == (not (state.limits[EXCESS] > 0).any())
        assert kept == keeps_limits(work, quantity)
        np.testing.assert_array_equal(quantity[~work.can_order], work.fixed[~work.can_order])


@tiny
@given(tiny_problems())
def test_accounts_stay_exact_whatever_is_changed_in_tiny_plans(problem: OrderProblem) -> None:
    check_accounts(problem, seed=3)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shortage", ["lost", "backorder"])
@pytest.mark.parametrize("rich", [False, True], ids=["plain", "rich"])
def test_accounts_stay_exact_whatever_is_changed(seed: int, shortage: str, rich: bool) -> None:
    check_accounts(random_problem(15, 6, 4, seed=seed, tight=1.2, shortage=shortage, rich=rich), seed)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rich", [False, True], ids=["plain", "rich"])
def test_a_plan_gets_cheaper_and_keeps_every_limit(seed: int, rich: bool) -> None:
    problem = random_problem(20, 8, 4, seed=seed, tight=1.2, rich=rich)
    work = prepare(problem)
    quantity = construct(work)
    assert keeps_limits(work, quantity)
    found = improved(work, quantity, 0.0, rounds=500)
    assert check_plan(problem, found).violations == ()
    assert account(problem, found).total < account(problem, quantity).total
    given_orders = ~np.isnan(problem.fixed_quantity)
    np.testing.assert_array_equal(found[given_orders], problem.fixed_quantity[given_orders])


@tiny
@given(tiny_problems())
def test_no_plan_gets_dearer_or_breaks_a_limit(problem: OrderProblem) -> None:
    work = prepare(problem)
    found = improved(work, work.fixed, 0.0, rounds=30)
    assert keeps_limits(work, found) or not keeps_limits(work, work.fixed)
    assert account(problem, found).total <= account(problem, work.fixed).total


@pytest.mark.parametrize("seed", range(3))
def test_a_small_plan_comes_near_the_cheapest(seed: int) -> None:
    problem = random_problem(8, 5, 3, seed=seed, tight=1.3, rich=True)
    work = prepare(problem)
    found = improved(work, construct(work), 0.0, rounds=3000)
    cheapest = solve_whole(problem, seconds=30.0)
    assert account(problem, found).total <= cheapest.objective * 1.02


@pytest.mark.parametrize("nearer", [1.0, 5.0])
def test_an_item_is_bought_where_it_is_cheap_and_sent_where_it_is_needed(nearer: float) -> None:
    """Neither end gains by its own change: nobody ships what was not bought, or buys what nobody ships."""
    problem = OrderProblem(
        item_names=("tea at the port", "tea in the hills"),
        source_item=[0, 1, 1],
        supplier=-1,
        origin=[-1, -1, 0],
        unit_cost=[2.0, nearer, 0.2],
        unit_value=[2.0, nearer],
        demand=[[4.0] * 8, [10.0] * 8],
        on_hand=[20.0, 20.0],
        lead_time_periods=[2, 1, 1],
        order_cost=[3.0, 3.0, 1.0],
        holding_cost=0.02,
        shortage_cost=8.0,
    )
    work = prepare(problem)
    found = improved(work, work.fixed, 0.0, rounds=300)
    assert account(problem, found).total == pytest.approx(solve_whole(problem).objective, abs=1e-6)
    assert (found[2].sum() > 0) == (nearer > 2.2)


@pytest.mark.parametrize("seed", range(6))
def test_what_a_plan_leaves_out_for_no_reason_is_ordered_in_the_end(seed: int) -> None:
    problem = replace(random_problem(20, 8, 4, seed=seed, tight=1.5), minimum_order_value=0.0)
    work = prepare(problem)
    good = improved(work, construct(work), 0.0, rounds=500)
    ordered = np.flatnonzero((good - work.fixed > 0).any(axis=1))
    lacking = good.copy()
    lacking[ordered[seed]] = work.fixed[ordered[seed]]
    found = polished(work, lacking)
    totals = [account(problem, one).total for one in (good, lacking, found)]
    assert keeps_limits(work, found)
    assert totals[2] <= totals[0] + 0.1 * (totals[1] - totals[0])
    np.testing.assert_array_equal(polished(work, found), found)


def test_orders_without_limits_or_lots_are_those_of_wagner_and_whitin() -> None:
    # Wagner and Whitin (Management Science 5, 1958), the example of section 4 with order costs as they are first.
    demand = np.array([[69.0, 29, 36, 61, 61, 26, 34, 67, 45, 67, 79, 56]])
    problem = OrderProblem(("part",), -1, 1.0, demand, 0.0, 0, shortage_cost=1e4, holding_cost=1.0, order_cost=85.0)
    found = improved(prepare(problem), np.zeros((1, 12)), 0.0, rounds=200)
    assert account(problem, found).total == pytest.approx(solve_whole(problem).objective)


def test_the_same_seed_and_rounds_make_the_same_plan() -> None:
    problem = random_problem(20, 6, 4, seed=5, tight=1.2, rich=True)
    work = prepare(problem)
    quantity = construct(work)
    once, again = (improved(work, quantity, 0.0, seed=11, rounds=200) for _ in range(2))
    np.testing.assert_array_equal(once, again)


def test_time_is_kept() -> None:
    problem = random_problem(40, 8, 5, seed=2, tight=1.3)
    work = prepare(problem)
    quantity = construct(work)
    improved(work, quantity, 0.0, rounds=1)
    begin = time.monotonic()
    improved(work, quantity, begin + 0.3)
    assert time.monotonic() - begin < 0.6
    np.testing.assert_array_equal(improved(work, quantity, begin), quantity)


def test_a_plan_that_breaks_a_limit_gives_way_to_one_that_breaks_none() -> None:
    problem = random_problem(20, 8, 4, seed=1, tight=1.2)
    work = prepare(problem)
    over = construct(prepare(replace(problem, budget=np.inf, storage_volume=np.inf)))
    assert not keeps_limits(work, over)
    assert keeps_limits(work, improved(work, over, 0.0, rounds=500))
