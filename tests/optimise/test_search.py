"""The search: groups that share nothing, limits that all share, and what a little more of them would save."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from instances import random_problem
from whole_model import solve_whole

from invopt_xl.domain import Silent
from invopt_xl.optimise import Discount, OrderPlan, OrderProblem, check_plan, plan_orders, solvers
from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.annealed import annealing
from invopt_xl.optimise.constructive import construct
from invopt_xl.optimise.groundwork import keeps_limits, part_of, prepare
from invopt_xl.optimise.group_search import GroupSearch
from invopt_xl.optimise.groups import groups_of
from invopt_xl.optimise.improving import improve
from invopt_xl.optimise.incumbent import Asked, Incumbent
from invopt_xl.optimise.master import SharedPrices
from invopt_xl.optimise.neighbourhood import neighbourhood
from invopt_xl.optimise.search import Search


def test_items_that_share_a_supplier_or_stock_are_one_group() -> None:
    problem = OrderProblem(
        item_names=("tea", "salt", "rice", "tea in WEST", "milk"),
        source_item=[0, 1, 2, 3, 3, 4],
        supplier=[0, 0, 1, 2, -1, -1],
        origin=[-1, -1, -1, -1, 0, -1],
        unit_cost=1.0,
        demand=np.ones((5, 3)),
        on_hand=1.0,
        lead_time_periods=0,
        supplier_names=("K", "L", "M"),
    )
    groups = groups_of(prepare(problem))
    assert sorted(group.items.tolist() for group in groups) == [[0, 1, 3], [2], [4]]


def test_items_without_a_supplier_are_planned_exactly_all_at_once() -> None:
    problem = replace(random_problem(60, 8, 6, seed=2), supplier=-1, discounts=())
    assert len(groups_of(prepare(problem))) == 1
    plan = plan_orders(problem, seconds=60.0, gap=0.0)
    assert plan.gap == pytest.approx(0.0, abs=1e-6)
    assert plan.seconds < 8.0


def test_a_problem_of_two_that_share_nothing_costs_what_they_cost_alone() -> None:
    problem = random_problem(12, 6, 2, seed=3)
    plan = plan_orders(problem, seconds=60.0, gap=0.0)
    assert plan.gap == pytest.approx(0.0, abs=1e-6)
    alone = 0.0
    for supplier in range(2):
        part, _ = part_of(problem, np.flatnonzero(problem.supplier == supplier))
        alone += plan_orders(part, seconds=60.0, gap=0.0).total
    assert plan.total == pytest.approx(alone)


@pytest.fixture
def scarce() -> OrderProblem:
    """Tea sells ten a period and is bought with money for five: a unit short costs 8, a unit costs 10."""
    return OrderProblem(
        item_names=("tea",),
        supplier=0,
        unit_cost=10.0,
        demand=[[10.0] * 4],
        on_hand=0.0,
        lead_time_periods=0,
        shortage_cost=8.0,
        holding_cost=0.01,
        supplier_names=("K",),
        unit_volume=2.0,
    )


def test_a_little_more_budget_saves_what_its_price_says(scarce: OrderProblem) -> None:
    plan = plan_orders(replace(scarce, budget=50.0), seconds=60.0, gap=0.0)
    assert plan.total == pytest.approx(160.0)
    assert plan.shadow_prices.budget == pytest.approx(np.full(4, 0.8))
    more = plan_orders(replace(scarce, budget=60.0), seconds=60.0, gap=0.0)
    assert plan.total - more.total == pytest.approx(10.0 * plan.shadow_prices.budget.sum())


def test_a_little_more_storage_or_capacity_saves_what_its_price_says(scarce: OrderProblem) -> None:
    stored = plan_orders(replace(scarce, storage_volume=10.0), seconds=60.0, gap=0.0)
    assert stored.shadow_prices.storage == pytest.approx(np.full(4, 4.0))  # two of volume for a unit short
    made = plan_orders(replace(scarce, capacity_units=5.0), seconds=60.0, gap=0.0)
    assert made.shadow_prices.capacity == pytest.approx(np.full((1, 4), 8.0))


def test_limits_that_bind_nothing_have_no_price(scarce: OrderProblem) -> None:
    plan = plan_orders(replace(scarce, budget=1e4, storage_volume=1e4, capacity_units=1e4), seconds=60.0, gap=0.0)
    prices = plan.shadow_prices
    assert not prices.budget.any()
    assert not prices.storage.any()
    assert not prices.capacity.any()


@pytest.fixture(scope="module")
def unshared() -> OrderPlan:
    """Return the plan of a problem whose items share no limits."""
    return plan_orders(random_problem(40, 8, 6, seed=5), seconds=8.0)


@pytest.mark.parametrize("tight", [1.5, 1.2])
def test_shared_limits_are_kept_and_the_bound_stays_below(tight: float, unshared: OrderPlan) -> None:
    problem = random_problem(40, 8, 6, seed=5, tight=tight)
    plan = plan_orders(problem, seconds=3.0)
    assert check_plan(problem, plan.quantity).violations == ()
    assert plan.bound <= plan.total
    assert plan.total >= unshared.bound  # limits never make a plan cheaper


def test_a_plan_kept_as_it_is_keeps_the_limits_of_its_neighbourhood() -> None:
    problem = random_problem(40, 8, 6, seed=5, tight=1.5)
    work = prepare(problem)
    quantity = plan_orders(problem, seconds=1.0).quantity
    part, sources = neighbourhood(work, quantity, np.array([1, 4]))
    assert keeps_limits(part, quantity[sources])
    assert not np.isin(problem.supplier[sources], [0, 2, 3, 5]).any()


def test_bounds_of_groups_add_up_only_at_the_same_prices() -> None:
    problem = random_problem(30, 6, 5, seed=5, tight=1.2)
    work = prepare(problem)
    asked = Asked(time.monotonic() + 60.0, 0.01, 1)
    search = Search(work, work.fixed.copy(), solvers.HIGHS, asked, Silent())
    search.relax_whole(alone=False)
    groups = GroupSearch(search, groups_of(work), solvers.HIGHS, search.relaxed, Silent())
    groups.visit(1.0, 0.0)
    proven = search.bound
    assert np.isfinite(proven)
    none = np.zeros(problem.periods)
    groups.prices = SharedPrices(none, none, none)  # room costs nothing now, yet the groups still pay the old prices
    groups.sum_up()
    assert search.bound == proven
    total = plan_orders(problem, seconds=3.0).total
    assert proven <= total


@pytest.mark.parametrize("workers", [1, 2])
def test_annealing_offers_cheaper_plans_that_keep_every_limit_and_ends_when_all_else_has(workers: int) -> None:
    problem = random_problem(120, 9, 6, seed=2, tight=1.3)
    work = prepare(problem)
    first = construct(work)
    best = Incumbent(work, first, Asked(time.monotonic() + 2.0, 0.0, workers))
    before = best.total
    with annealing(best):
        assert best.total < before, "the first annealing is over before anything else begins"
    assert check_plan(problem, best.quantity).total == pytest.approx(best.total)
    assert not check_plan(problem, best.quantity).violations


def test_a_part_is_offered_with_all_others_as_they_are_by_then() -> None:
    problem = random_problem(12, 6, 3, seed=4, discounts=False)
    work = prepare(problem)
    quantity = construct(work)
    best = Incumbent(work, work.fixed.copy(), Asked(time.monotonic() + 10.0, 0.0, 1))
    for supplier in range(3):
        sources = np.flatnonzero(problem.supplier == supplier)
        assert best.offer_part(quantity[sources], sources)
    np.testing.assert_array_equal(best.quantity, quantity)
    assert not best.offer_part(quantity[:1], np.array([0])), "what is no better is not taken"


def test_a_search_that_is_broken_off_ends_in_all_threads() -> None:
    work = prepare(random_problem(40, 8, 6, seed=2, tight=1.3))
    best = Incumbent(work, construct(work), Asked(time.monotonic() + 600.0, 0.0, 2))
    with pytest.raises(KeyboardInterrupt), annealing(best):
        raise KeyboardInterrupt
    assert best.done
    assert best.left > 400.0, "nothing went on until the deadline"


@pytest.mark.parametrize(("items", "periods", "suppliers", "seed", "tight"), [(6, 4, 3, 0, 0.9), (12, 5, 4, 1, 1.1)])
def test_small_problems_with_shared_limits_are_proven(
    items: int, periods: int, suppliers: int, seed: int, tight: float
) -> None:
    problem = random_problem(items, periods, suppliers, seed=seed, tight=tight, rich=True)
    plan = plan_orders(problem, seconds=60.0)
    assert plan.gap <= 0.01
    whole = solve_whole(problem)
    assert plan.total <= whole.objective * 1.01


@pytest.mark.parametrize("workers", [1, 2])
def test_a_small_problem_is_annealed_only_where_it_is_not_proven_soon(workers: int) -> None:
    problem = random_problem(20, 8, 3, seed=2, tight=1.1)
    work = prepare(problem)
    for proven in (True, False):
        best = Incumbent(work, construct(work), Asked(time.monotonic() + 1.5, 0.0, workers))
        before = best.total
        with annealing(best):
            best.bound = best.total if proven else 0.0
        assert (best.total == before) == proven
        assert not check_plan(problem, best.quantity).violations


def test_plans_offered_of_late_are_taken_once_good_or_not() -> None:
    problem = random_problem(6, 4, 3, seed=0)
    work = prepare(problem)
    best = Incumbent(work, construct(work), Asked(time.monotonic() + 5.0, 0.01, 1))
    best.offer(work.fixed.copy())
    assert [quantity.tolist() for quantity in best.take_offered()] == [work.fixed.tolist()]
    assert best.take_offered() == []


def with_idle_supplier(problem: OrderProblem) -> OrderProblem:
    """Return the problem with one supplier more, who delivers nothing."""
    return replace(
        problem,
        supplier_names=(*problem.supplier_names, "idle"),
        supplier_order_cost=np.append(problem.supplier_order_cost, 5.0),
        minimum_order_value=np.append(problem.minimum_order_value, 50.0),
        capacity_units=np.vstack((problem.capacity_units, np.full((1, problem.periods), np.inf))),
    )


def test_a_supplier_that_delivers_nothing_is_never_planned_anew() -> None:
    problem = with_idle_supplier(random_problem(8, 5, 3, seed=2, tight=1.2))
    work = prepare(problem)
    best = Incumbent(work, work.fixed.copy(), Asked(time.monotonic() + 10.0, 0.0, 1))
    improve(best, solvers.HIGHS)
    assert best.total < account(problem, work.fixed).total
    assert check_plan(problem, best.quantity).feasible


def test_a_discount_on_what_its_supplier_does_not_deliver_changes_nothing() -> None:
    problem = random_problem(12, 5, 3, seed=4, tight=1.2, discounts=False)
    foreign = int(np.flatnonzero(problem.supplier != 0)[0])
    alike = replace(problem, discounts=(Discount(0, foreign, 0.1, from_value=30.0),))
    plan, other = (plan_orders(one, seconds=60.0, gap=0.001) for one in (problem, alike))
    assert max(plan.gap, other.gap) <= 0.001
    assert other.total == pytest.approx(plan.total, rel=0.002)
    assert "the supplier delivers no such item" in other.notes[0]


def test_what_a_plan_good_enough_may_cost_more_follows_the_best_plan() -> None:
    problem = random_problem(12, 6, 3, seed=4)
    work = prepare(problem)
    best = Incumbent(work, work.fixed.copy(), Asked(time.monotonic() + 10.0, 0.02, 1))
    for quantity in (work.fixed, construct(work)):
        best.offer(quantity)
        assert best.target == pytest.approx(0.02 * check_plan(problem, quantity).controllable)


@pytest.mark.parametrize("seed", range(6))
def test_idle_suppliers_foreign_discounts_and_fixed_lines_of_all_kinds_are_planned_around(seed: int) -> None:
    random = np.random.default_rng(seed)
    shortage = "lost" if seed % 2 else "backorder"
    problem = with_idle_supplier(random_problem(10, 5, 3, seed=seed, tight=1.2, rich=True, shortage=shortage))
    foreign = [
        Discount(int(random.integers(4)), int(random.integers(10)), 0.1, from_value=30.0),
        Discount(3, None, 0.1, from_value=20.0, kind="incremental"),
        Discount(int(random.integers(4)), int(random.integers(10)), 0.1, from_quantity=5.0),
    ]
    fixed = problem.fixed_quantity.copy()
    hit = random.random(fixed.shape) < 0.15
    fixed[hit] = random.choice([0.0, 1.0, 3.7, 400.0], hit.sum())
    problem = replace(problem, discounts=(*problem.discounts, *foreign), fixed_quantity=fixed)
    plan = plan_orders(problem, seconds=0.5, gap=0.0)
    told = ~np.isnan(fixed)
    np.testing.assert_array_equal(plan.quantity[told], fixed[told])
    alone, verdict = (check_plan(problem, quantity) for quantity in (prepare(problem).fixed, plan.quantity))
    places = {line.split(":")[0] for line in alone.violations}  # the planner's own lines break some limits
    assert {line.split(":")[0] for line in verdict.violations} <= places
    assert plan.bound <= plan.total <= alone.total
    assert verdict.total == pytest.approx(plan.total)


def test_a_group_that_no_order_can_help_counts_as_what_it_costs() -> None:
    problem = random_problem(12, 6, 4, seed=3, tight=1.2)
    late = replace(problem, lead_time_periods=np.where(problem.supplier == 0, 6, problem.lead_time_periods))
    plan = plan_orders(late, seconds=60.0)
    assert plan.gap <= 0.01
    helped = np.isin(np.arange(12), problem.source_item[problem.supplier != 0])
    assert (plan.short.sum(axis=1)[~helped] > 0).any()
    groups = groups_of(prepare(late))
    assert any(not group.work.open for group in groups)
