"""What a plan says of itself: whom a line serves, what shaped it, what a limit lacks, what changed."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import random_problem
from scipy.optimize import linprog

from invopt_xl.errors import InputError
from invopt_xl.optimise import (
    SHAPES,
    Discount,
    OrderPlan,
    OrderProblem,
    check_plan,
    compare_plans,
    coverage_of,
    plan_orders,
    reason_short,
    solvers,
    source_name,
)
from invopt_xl.optimise.accounting import arrivals, overdrawn, simulate
from invopt_xl.optimise.comparison import difference_in_words, line_changes
from invopt_xl.optimise.groundwork import prepare
from invopt_xl.optimise.relaxation import smallest_relaxation
from invopt_xl.optimise.shapes import shapes_of
from invopt_xl.optimise.shortfalls import shortfalls_of


def tea(**changes: object) -> OrderProblem:
    """One item, four periods, ten a period, nothing there."""
    values: dict[str, object] = {
        "item_names": ("tea",),
        "supplier": 0,
        "unit_cost": 2.0,
        "demand": [[10.0] * 4],
        "on_hand": 0.0,
        "lead_time_periods": 0,
        "shortage_cost": 5.0,
        "holding_cost": 0.1,
        "floor_penalty": 0.5,
        "unit_volume": 1.0,
        "supplier_names": ("K",),
    }
    return OrderProblem(**(values | changes))  # type: ignore[arg-type]


def two_sources(**changes: object) -> OrderProblem:
    """Tea from the slow supplier K and, dearer, at once from W."""
    values: dict[str, object] = {
        "source_item": [0, 0],
        "supplier": [0, 1],
        "unit_cost": [2.0, 3.0],
        "lead_time_periods": [2, 0],
        "emergency": [False, True],
        "supplier_names": ("K", "W"),
    }
    return tea(**(values | changes))


def messages(problem: OrderProblem, quantity: list[list[float]] | None = None) -> list[str]:
    work = prepare(problem)
    plan = work.fixed if quantity is None else np.array(quantity, dtype=float)
    return [str(one) for one in shortfalls_of(work, plan)]


# Shortfalls: the smallest relaxation


def test_a_budget_that_is_slack_early_lacks_only_what_the_whole_horizon_lacks() -> None:
    # 80 are needed, 70 may be spent; buying ahead helps, so 10 are missing, and late is soon enough.
    assert messages(tea(budget=[40.0, 10.0, 10.0, 10.0]), [[20.0, 5.0, 5.0, 5.0]]) == [
        "budget of period 3 (10) is 10 short of what the targets need"
    ]


def test_a_budget_cannot_be_moved_to_later_periods() -> None:
    assert messages(tea(budget=[10.0, 100.0, 100.0, 100.0]), [[5.0, 10.0, 10.0, 10.0]]) == [
        "budget of period 0 (10) is 10 short of what the targets need"
    ]


def test_storage_lacks_what_one_period_needs_beyond_it() -> None:
    assert messages(tea(demand=[[10.0, 25.0, 10.0, 10.0]], storage_volume=20.0)) == [
        "storage (20) is short by 5 in period 1"
    ]


def test_storage_that_open_orders_alone_exceed_is_named() -> None:
    receipts = [[0.0, 50.0, 0.0, 0.0]]
    assert (
        messages(tea(storage_volume=45.0, scheduled_receipts=receipts))[0] == "storage (45) is short by 5 in period 1"
    )


def test_working_capital_lacks_what_the_safety_stock_is_worth_beyond_it() -> None:
    assert messages(tea(safety_stock=8.0, working_capital=[20.0, 10.0, 20.0, 20.0])) == [
        "working capital (10) is short by 6 in period 1"
    ]


def test_capacity_lacks_only_what_no_other_supplier_brings() -> None:
    alone = tea(capacity_units=[[10.0, 4.0, 8.0, 10.0]])
    assert messages(alone, [[10.0, 4.0, 8.0, 10.0]]) == [
        "capacity of supplier K in period 1 (4 units) is 6 units short of what the targets need",
        "capacity of supplier K in period 2 (8 units) is 2 units short of what the targets need",
    ]
    both = two_sources(capacity_units=[[0.0] * 4, [np.inf] * 4])
    assert messages(both) == []


def test_a_closed_supplier_is_a_limit_like_any_other() -> None:
    closed = np.array([[np.inf, np.inf, 0.0, np.inf]])
    assert messages(tea(capacity_units=closed), [[10.0, 20.0, 0.0, 10.0]]) == []
    found = messages(tea(capacity_units=closed, storage_volume=10.0), [[10.0, 10.0, 0.0, 10.0]])
    assert len(found) == 1
    assert found[0] in (
        "supplier K takes no orders in period 2, 10 units short of what the targets need",
        "storage (10) is short by 10 in period 1",
    )


def test_a_spell_in_which_a_supplier_takes_no_orders_is_one_line() -> None:
    spell = tea(demand=[[10.0] * 6], capacity_units=[[10.0, 0.0, 0.0, 0.0, 9.0, 10.0]])
    lacking = "short of what the targets need"
    assert messages(spell, [[10.0, 0.0, 0.0, 0.0, 9.0, 10.0]]) == [
        f"supplier K takes no orders in periods 1 to 3, 30 units {lacking}",
        f"capacity of supplier K in period 4 (9 units) is 1 unit {lacking}",
    ]
    always = tea(capacity_units=0.0)
    assert messages(always, [[0.0] * 4]) == [
        f"nothing can be ordered from supplier K: its capacity is 0, 40 units {lacking}"
    ]


def test_an_item_whose_suppliers_take_no_orders_says_so_once() -> None:
    closed = tea(capacity_units=0.0)
    assert reason_short(closed, np.zeros((1, 4)), 0) == (
        "tea is 40 short from period 0: nothing can be ordered from supplier K: its capacity is 0"
    )


def test_what_no_order_can_reach_is_no_limits_fault() -> None:
    assert messages(tea(lead_time_periods=2, budget=20.0)) == []


def test_frozen_periods_leave_short_what_orders_could_have_reached() -> None:
    assert messages(tea(lead_time_periods=1, on_hand=12.0, frozen_periods=2)) == [
        "frozen periods leave 18 units of tea short"
    ]


def test_a_largest_order_is_a_limit() -> None:
    assert messages(tea(maximum_order_quantity=8.0)) == [
        "the largest order of 8 units of tea is 8 units short of what the targets need"
    ]


def test_a_limit_that_stands_in_nobodys_way_is_not_named() -> None:
    # 12 money are too few for both, and enough for either; but an order costs too much for anyone to place it.
    dear = tea(
        item_names=("tea", "salt"),
        demand=[[10.0] * 4] * 2,
        supplier=0,
        order_cost=500.0,
        on_hand=35.0,
        budget=[0.0, 0.0, 0.0, 12.0],
    )
    assert smallest_relaxation(prepare(dear)).budget.tolist() == pytest.approx([0.0, 0.0, 0.0, 8.0])
    assert messages(dear) == []
    assert reason_short(dear, np.zeros((2, 4)), 0) == (
        "tea is 5 short from period 3: an order in period 3 would cost 475 more than it saves"
    )


def test_a_limit_too_small_for_all_is_named_though_it_leaves_room_for_each() -> None:
    items = 10
    many = tea(
        item_names=tuple(f"tea {number}" for number in range(items)),
        demand=[[10.0] * 4] * items,
        supplier=0,
        on_hand=35.0,
        budget=[0.0, 0.0, 0.0, 40.0],
    )
    plan = np.zeros((items, 4))
    plan[:3, 3] = 5.0  # 30 of the 40 that 3 of 10 lines take
    assert messages(many, plan.tolist()) == ["budget of period 3 (40) is 60 short of what the targets need"]


def test_what_costs_nothing_to_lack_is_no_target() -> None:
    assert messages(tea(shortage_cost=0.0, floor_penalty=0.0, safety_stock=5.0, budget=1.0)) == []
    free = tea(floor_penalty=0.0, safety_stock=500.0, budget=20.0)
    assert messages(free) == []


def test_a_minimum_that_spoils_is_named() -> None:
    problem = tea(minimum_order_quantity=50.0, shelf_life_periods=2.0)
    assert messages(problem, [[50.0, 0, 50.0, 0]]) == [
        "supplier K's minimum order forces 60 units of tea beyond its shelf life"
    ]
    assert messages(replace(problem, minimum_order_quantity=np.zeros(1), lot_size=np.full(1, 25.0)), [[25.0, 0, 0, 0]])[
        0
    ].startswith("supplier K's lot of 25 forces 5 units of tea beyond its shelf life")


def test_a_minimum_order_value_that_fills_the_shelves_is_named() -> None:
    assert messages(tea(minimum_order_value=200.0), [[100.0, 0, 0, 0]]) == [
        "supplier K's minimum order value (200) forces stock worth 120 beyond need: 60 units of tea"
    ]


def test_a_minimum_order_value_above_all_that_the_capacity_is_worth_is_impossible_and_not_a_matter_of_price() -> None:
    small = tea(minimum_order_value=1000.0, capacity_units=50.0)
    assert messages(small) == [
        "nothing can be ordered from supplier K: its capacity of 50 is worth 100 at most, below its minimum order "
        "value of 1,000"
    ]
    assert reason_short(small, np.zeros((1, small.periods)), 0).endswith(messages(small)[0])
    assert not any("worth" in one for one in messages(replace(small, capacity_units=np.full((1, 4), 500.0))))
    # The planner's own order stands, and beside it nothing can be ordered.
    fixed = messages(replace(small, fixed_quantity=np.array([[60.0, np.nan, np.nan, np.nan]])), [[60.0, 0, 0, 0]])
    assert any(one.startswith("nothing else can be ordered from supplier K: its capacity of 50 is") for one in fixed)
    assert not any("not worth paying" in one for one in fixed)
    # What is worth enough in one period alone can be ordered then.
    once = replace(small, capacity_units=np.array([[50.0, 500.0, 50.0, 50.0]]))
    assert not any(one.startswith("nothing can be ordered") for one in messages(once))


def test_orders_one_after_the_other_that_would_pay_are_told_where_neither_the_first_nor_all_at_once_does() -> None:
    # The first period needs a lot for a single unit; all at once spoil; each of the others is worth its lot.
    weekly = tea(demand=[[1.0, 10.0, 10.0, 10.0]], lot_size=10.0, shelf_life_periods=1.0, shortage_cost=3.0)
    nothing = np.zeros((1, 4))
    best = np.array([[0.0, 10.0, 10.0, 10.0]])
    saved = check_plan(weekly, nothing).total - check_plan(weekly, best).total
    assert saved > 0
    assert reason_short(weekly, nothing, 0) == (
        "tea is 31 short from period 0: "
        f"orders in periods 1 to 3 would save {saved:.4g}, which a longer search may find"
    )
    alone = replace(weekly, demand=np.array([[1.0, 10.0, 1.0, 1.0]]))
    assert "an order in period 1 would save" in reason_short(alone, nothing, 0)
    dear = replace(weekly, order_cost=np.array([50.0]))
    assert reason_short(dear, nothing, 0).endswith("more than it saves")


def test_a_reason_does_not_deny_the_order_that_is_placed_in_the_period_it_speaks_of() -> None:
    cases = tea(demand=[[11.0, 0.0, 0.0, 0.0]], lot_size=8.0, shelf_life_periods=1.0, unit_cost=2.0, shortage_cost=1.0)
    one_case = np.array([[8.0, 0.0, 0.0, 0.0]])
    assert reason_short(cases, one_case, 0) == (
        "tea is 3 short from period 0: a larger order in period 0, of which 5 would spoil, would cost 7 more than it "
        "saves"
    )
    assert "an order in period 0" in reason_short(replace(cases, shortage_cost=np.array([0.1])), 0.0 * one_case, 0)


def test_a_single_unit_is_one_unit_in_every_message() -> None:
    dear = tea(minimum_order_quantity=1.0, lot_size=1.0, budget=1.0)
    assert "its smallest order of 1 unit costs 2.00" in messages(dear)[0]
    found = check_plan(tea(lot_size=2.0, capacity_units=0.5), np.array([[1.0, 0, 0, 0]])).violations
    assert "tea, period 0: 1 unit is not whole lots of 2" in found
    assert "supplier K, period 0: 1 unit exceeds the capacity of 0.5" in found


def test_an_order_no_budget_covers_is_named() -> None:
    found = messages(tea(minimum_order_quantity=50.0, budget=60.0))
    assert found[0] == (
        "tea cannot be ordered: its smallest order of 50 units costs 100.00, more than the budget of every period "
        "(60.00)"
    )
    assert messages(tea(minimum_order_value=90.0, budget=60.0))[0] == (
        "nothing can be ordered from supplier K: its minimum order value of 90.00 exceeds the budget of every period "
        "(60.00)"
    )


def test_minimums_that_take_most_of_a_budget_are_named_in_one_line_where_others_go_without() -> None:
    two = tea(item_names=("tea", "salt"), supplier=[0, 1], demand=[[10.0] * 4] * 2, supplier_names=("K", "W"))
    both = replace(two, minimum_order_value=np.array([50.0, 0.0]), minimum_order_quantity=np.array([0.0, 28.0]))
    crowded = replace(both, budget=np.full(4, 60.0))
    said = (
        "the smallest order of salt (56) and supplier K's minimum order value (50) each take most of the budget of "
        "every period (60) and leave little for others"
    )
    assert said in messages(crowded)
    assert not any("take most" in one for one in messages(replace(both, budget=np.full(4, 120.0))))
    # Where all is met, nobody minds.
    assert not any("take most" in one for one in messages(crowded, [[40.0, 0.0, 0.0, 0.0]] * 2))
    once = replace(crowded, minimum_order_quantity=np.zeros(2), budget=np.array([0.0, 200.0, 40.0, 200.0]))
    assert (
        "supplier K's minimum order value (50) takes most of the budget of period 2 (40) and leaves little for others"
        in messages(once)
    )
    alone = tea(minimum_order_value=55.0, budget=60.0)
    assert not any("takes most" in one for one in messages(alone)), "nobody else wants any of it"


def test_a_transfer_of_what_is_not_there_is_named() -> None:
    problem = tea(
        item_names=("tea WEST", "tea EAST"),
        demand=[[1.0] * 4] * 2,
        on_hand=[10.0, 0.0],
        supplier=[0, 0, -1],
        source_item=[0, 1, 1],
        origin=[-1, -1, 0],
        fixed_quantity=[np.nan, np.nan, 30.0],
    )
    assert messages(problem)[0] == "the planner sends 20 units of tea WEST on that are not there"
    assert source_name(problem, 2) == "tea EAST from tea WEST"


def test_stock_elsewhere_helps_before_a_limit_is_named() -> None:
    values: dict[str, object] = {
        "item_names": ("tea WEST", "tea EAST"),
        "demand": [[0.0] * 4, [10.0] * 4],
        "source_item": [0, 1, 1],
        "supplier": [0, 0, -1],
        "origin": [-1, -1, 0],
        "budget": [0.0] * 4,
    }
    assert messages(tea(on_hand=[100.0, 0.0], **values)) == []
    sent = np.array([[0.0] * 4, [0.0] * 4, [10.0, 10.0, 5.0, 0.0]])
    found = shortfalls_of(prepare(tea(on_hand=[25.0, 0.0], **values)), sent)
    assert sum(one.value for one in found if one.kind == "budget") == pytest.approx(30.0)


def least_excess_by_enumeration(problem: OrderProblem) -> float:
    """Try every plan of up to three lots a line that meets the targets: the least money in all beyond the limits."""
    work = prepare(problem)
    shape = (problem.sources, problem.periods)
    reached = np.arange(problem.periods) >= problem.lead_time_periods[: problem.items, None]
    least = np.inf
    for lots in itertools.product((0.0, 2.0, 4.0, 6.0), repeat=shape[0] * shape[1]):
        plan = np.array(lots).reshape(shape)
        small = (plan > 0) & (plan < problem.minimum_order_quantity[:, None])
        if small.any() or ((plan > 0) & ~work.can_order).any() or overdrawn(problem, plan).any():
            continue
        flow = simulate(problem, plan)
        lacking, before = (
            one.short + np.maximum(problem.safety_stock[:, None] - one.stock, 0) for one in (flow, work.flow)
        )
        if (lacking > np.where(reached, 0.0, before)).any():  # where nothing arrives, no transfer may do harm
            continue
        over = np.maximum((problem.unit_cost * plan)[~problem.transfer].sum(axis=0) - problem.budget, 0).sum()
        over += np.maximum(problem.unit_volume @ flow.available - problem.storage_volume, 0).sum()
        over += np.maximum(problem.unit_value @ flow.stock - problem.working_capital, 0).sum()
        least = min(least, float(over))
    return least


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.booleans())
def test_no_plan_in_whole_lots_meets_the_targets_with_less(seed: int, transfer: bool) -> None:
    random = np.random.default_rng(seed)
    periods, sources = (2, 3) if transfer else (3, 2)
    problem = OrderProblem(
        item_names=("tea", "salt"),
        source_item=[0, 1, 1][:sources],
        supplier=[0, 0, -1][:sources],
        origin=[-1, -1, 0][:sources],
        unit_cost=random.integers(1, 4, sources).astype(float),
        demand=random.integers(0, 4, (2, periods)).astype(float),
        on_hand=random.integers(0, 4, 2).astype(float),
        lead_time_periods=np.append(random.integers(0, 2, 2), 1)[:sources],
        lot_size=2.0,
        minimum_order_quantity=np.append(random.choice([0.0, 4.0], 2), 0.0)[:sources],
        safety_stock=random.integers(0, 3, 2).astype(float),
        unit_volume=1.0,
        unit_value=1.0,
        shortage_cost=1.0,
        floor_penalty=1.0,
        supplier_names=("K",),
        budget=random.integers(0, 9, periods).astype(float),
        storage_volume=float(random.integers(4, 12)),
        working_capital=float(random.integers(2, 9)),
        shortage=str(random.choice(["lost", "backorder"])),  # type: ignore[arg-type]
    )
    found = smallest_relaxation(prepare(problem))
    named = float(found.budget.sum() + found.storage.sum() + found.working_capital.sum())
    assert named <= least_excess_by_enumeration(problem) * 1.01 + 1e-6


def least_excess_by_linear_programming(problem: OrderProblem) -> float:
    """Follow stock itself, item by item: scipy's word on what the limits lack, money, with lead times of zero."""
    items, periods = problem.demand.shape
    width = 2 * items * periods + 3 * periods
    units, stock = (np.arange(items * periods).reshape(items, periods) + shift for shift in (0, items * periods))
    over = np.arange(3 * periods).reshape(3, periods) + 2 * items * periods
    balance, right = np.zeros((items * periods, width)), np.zeros(items * periods)
    for row, (item, period) in enumerate(np.ndindex(items, periods)):
        balance[row, stock[item, period]] = 1.0
        balance[row, units[item, period]] = -1.0
        right[row] = problem.scheduled_receipts[item, period] - problem.demand[item, period]
        if period:
            balance[row, stock[item, period - 1]] = -1.0
        else:
            right[row] += problem.on_hand[item]
    limits, room = np.zeros((3 * periods, width)), np.zeros(3 * periods)
    for period in range(periods):
        limits[period, units[:, period]] = problem.unit_cost[:, period]
        limits[periods + period, stock[:, period]] = problem.unit_volume
        limits[2 * periods + period, stock[:, period]] = problem.unit_value
        limits[np.arange(3) * periods + period, over[:, period]] = -1.0
        room[period], room[2 * periods + period] = problem.budget[period], problem.working_capital[period]
        room[periods + period] = problem.storage_volume[period] - problem.unit_volume @ problem.demand[:, period]
    lower = np.zeros(width)
    lower[stock] = problem.safety_stock[:, None]
    volume_worth = problem.unit_value @ (problem.demand.sum(axis=1) + problem.safety_stock)
    volume_worth /= problem.unit_volume @ (problem.demand.sum(axis=1) + problem.safety_stock)
    cost = np.zeros(width)
    cost[over] = np.array([1.0, volume_worth, 1.0])[:, None]
    found = linprog(cost, limits, room, balance, right, [(low, None) for low in lower], method="highs")
    return float(found.fun)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.sampled_from(["lost", "backorder"]))
def test_the_smallest_relaxation_is_that_of_scipys_linprog(seed: int, shortage: str) -> None:
    random = np.random.default_rng(seed)
    problem = OrderProblem(
        item_names=("tea", "salt", "rice"),
        supplier=-1,
        unit_cost=random.integers(1, 9, (3, 4)).astype(float),
        unit_value=random.integers(1, 9, 3).astype(float),
        demand=random.integers(1, 20, (3, 4)).astype(float),
        on_hand=random.integers(0, 30, 3).astype(float),
        scheduled_receipts=random.integers(0, 30, (3, 4)) * (random.random((3, 4)) < 0.2),
        lead_time_periods=0,
        shortage_cost=1.0,
        floor_penalty=1.0,
        safety_stock=random.integers(0, 9, 3).astype(float),
        unit_volume=random.integers(1, 3, 3).astype(float),
        budget=random.integers(0, 200, 4).astype(float),
        storage_volume=random.integers(30, 150, 4).astype(float),
        working_capital=random.integers(50, 300, 4).astype(float),
        shortage=shortage,  # type: ignore[arg-type]
    )
    found = smallest_relaxation(prepare(problem))
    needs = problem.demand.sum(axis=1) + problem.safety_stock
    worth = (problem.unit_value @ needs) / (problem.unit_volume @ needs)
    named = float(found.budget.sum() + worth * found.storage.sum() + found.working_capital.sum())
    assert named == pytest.approx(least_excess_by_linear_programming(problem), rel=2e-3, abs=1e-6)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.sampled_from(["lost", "backorder"]))
def test_limits_raised_by_what_is_named_lack_nothing_any_more(seed: int, shortage: str) -> None:
    problem = random_problem(15, 6, 3, seed=seed, tight=0.7, shortage=shortage)
    found = smallest_relaxation(prepare(problem))
    enough = replace(
        problem,
        budget=problem.budget + found.budget + 1e-6,
        storage_volume=problem.storage_volume + found.storage + 1e-6,
        capacity_units=problem.capacity_units + found.capacity + 1e-6,
    )
    again = smallest_relaxation(prepare(enough))
    assert max(again.budget.max(), again.storage.max(), again.capacity.max()) == pytest.approx(0.0, abs=1e-4)
    if found.budget.max() > 1.0:  # and with less than that they still lack something
        short = replace(problem, budget=problem.budget + 0.9 * found.budget, storage_volume=enough.storage_volume)
        still = smallest_relaxation(prepare(replace(short, capacity_units=enough.capacity_units)))
        assert still.budget.max() > 0


def test_without_a_solver_each_limit_is_told_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    early = tea(budget=[40.0, 10.0, 10.0, 10.0])
    storage = tea(demand=[[10.0, 25.0, 10.0, 10.0]], storage_volume=20.0)
    capital = tea(safety_stock=8.0, working_capital=[20.0, 10.0, 20.0, 20.0])
    capacity = tea(lead_time_periods=1, capacity_units=[[4.0, 20.0, 8.0, 10.0]])
    limited = (early, storage, capital, capacity)
    with_solver = [smallest_relaxation(prepare(problem)) for problem in limited]
    monkeypatch.setattr(solvers, "available_solvers", tuple)
    for problem, told in zip(limited, with_solver, strict=True):
        alone = smallest_relaxation(prepare(problem))
        for kind in ("budget", "storage", "working_capital", "capacity"):
            np.testing.assert_allclose(getattr(alone, kind), getattr(told, kind), atol=1e-6)
        assert sum(getattr(alone, kind).sum() for kind in ("budget", "storage", "working_capital", "capacity")) > 0


# Reasons


def test_a_reason_is_given_where_no_limit_is_at_fault() -> None:
    nothing = np.zeros((1, 4))
    assert reason_short(tea(on_hand=40.0), nothing, 0) == ""
    assert reason_short(tea(lead_time_periods=1), nothing, 0) == (
        "tea is 40 short from period 0: no order can arrive before period 1"
    )
    assert reason_short(tea(frozen_periods=1), nothing, 0).endswith(": orders are frozen before period 1")
    held = tea(fixed_quantity=[[0.0, np.nan, np.nan, np.nan]])
    assert reason_short(held, nothing, 0).endswith(": the planner decided every order that could arrive in time")
    assert "cannot be ordered: its smallest order of" in reason_short(tea(minimum_order_quantity=1e6), nothing, 0)
    assert reason_short(tea(budget=0.0), nothing, 0).endswith(": the budget of period 0 leaves no room for it")
    assert reason_short(tea(capacity_units=5.0), nothing, 0).endswith(
        ": the capacity of supplier K in period 0 leaves no room for it"
    )
    dear = tea(order_cost=100.0, on_hand=37.0)
    assert reason_short(dear, nothing, 0) == (
        "tea is 3 short from period 3: an order in period 3 would cost 85 more than it saves"
    )
    spoiling = reason_short(tea(on_hand=37.0, shelf_life_periods=1.0, minimum_order_quantity=400.0), nothing, 0)
    assert "in period 1, of which 390 would spoil, would cost" in spoiling
    little = tea(on_hand=30.0, demand=[[10.0, 10.0, 10.0, 9.6]], shelf_life_periods=1.0, order_cost=99.0)
    assert "spoil" not in reason_short(little, nothing, 0)  # 0.4 of a unit
    idle = reason_short(tea(on_hand=30.0), nothing, 0)
    assert idle == "tea is 10 short from period 3: an order in period 3 would save 50, which a longer search may find"
    with pytest.raises(InputError, match="item is 4"):
        reason_short(tea(), nothing, 4)


# Shapes


def shape(problem: OrderProblem, quantity: list[list[float]]) -> list[str]:
    plan = np.array(quantity, dtype=float)
    return shapes_of(prepare(problem), plan)[plan > 0].tolist()


def test_a_line_tells_what_shaped_it() -> None:
    assert shape(tea(), [[40, 0, 0, 0]]) == ["need"]
    assert shape(tea(minimum_order_quantity=60.0), [[60, 0, 0, 0]]) == ["minimum"]
    assert shape(tea(lot_size=12.0), [[48, 0, 0, 0]]) == ["lot"]
    assert shape(tea(minimum_order_value=160.0), [[80, 0, 0, 0]]) == ["supplier minimum"]
    assert shape(tea(budget=10.0), [[5, 0, 0, 0]]) == ["budget"]
    assert shape(tea(storage_volume=5.0), [[5, 0, 0, 0]]) == ["storage"]
    assert shape(tea(capacity_units=5.0), [[5, 0, 0, 0]]) == ["capacity"]
    assert shape(tea(safety_stock=5.0, working_capital=4.0), [[12, 0, 0, 0]]) == ["working capital"]
    assert shape(tea(shelf_life_periods=2.0), [[20, 0, 20, 0]]) == ["shelf life", "need"]
    assert shape(tea(shelf_life_periods=2.0, minimum_order_quantity=30.0), [[30, 0, 0, 0]]) == ["minimum"]
    assert shape(tea(frozen_periods=1), [[0, 30, 0, 0]]) == ["frozen"]
    assert shape(tea(fixed_quantity=[7.0]), [[7, 10, 10, 10]]) == ["override", "need", "need", "need"]


def test_a_line_ahead_of_a_price_rise_or_from_a_cheaper_source_says_so() -> None:
    rising = tea(unit_cost=[[2.0, 4.0, 4.0, 4.0]], unit_value=2.0)
    assert shape(rising, [[55, 0, 0, 0]]) == ["price"]
    cheaper = two_sources(emergency=False, unit_cost=[3.0, 2.0], lead_time_periods=0)
    assert shape(cheaper, [[0, 0, 0, 0], [40, 0, 0, 0]]) == ["price"]


def three(quantity: list[float], **changes: object) -> list[str]:
    """Return what shaped lines of three items ordered at once, of which the first alone is needed on arrival."""
    values: dict[str, object] = {
        "item_names": ("tea", "salt", "rice"),
        "demand": [[10.0] * 4, [0.0, 10.0, 10.0, 10.0], [0.0, 10.0, 10.0, 10.0]],
    }
    return shape(tea(**(values | changes)), [[units, 0, 0, 0] for units in quantity])


def test_lines_without_which_an_order_would_not_reach_a_discount_say_so() -> None:
    step = Discount(0, None, 0.02, from_value=198.0)
    assert three([40, 30, 30]) == ["need", "joint", "joint"]
    assert three([40, 30, 30], discounts=(step,)) == ["need", "discount", "discount"]  # 200 of 198
    # An order with 50 to spare needs the line of 60 for it, and not that of 40; one that earns nothing needs none.
    ample = Discount(0, None, 0.02, from_value=130.0)
    assert three([40, 30, 20], discounts=(ample,)) == ["need", "discount", "joint"]
    assert three([40, 30, 30], discounts=(Discount(0, None, 0.02, from_value=202.0),)) == ["need", "joint", "joint"]
    only_rice = Discount(0, 2, 0.02, from_value=198.0)
    assert three([40, 30, 30], discounts=(only_rice,)) == ["need", "joint", "discount"]


def test_lines_without_which_an_order_would_not_reach_its_minimum_say_so() -> None:
    assert three([40, 30, 30], minimum_order_value=198.0) == ["need", "supplier minimum", "supplier minimum"]
    # An order with 50 to spare needs the line of 60 for it, and not that of 40; one far beyond it needs none.
    assert three([40, 30, 20], minimum_order_value=130.0) == ["need", "supplier minimum", "joint"]
    assert three([40, 30, 20], minimum_order_value=80.0) == ["need", "joint", "joint"]
    # An order that reaches a higher step of a discount as well is made for that.
    step = Discount(0, None, 0.02, from_value=170.0)
    assert three([40, 30, 20], minimum_order_value=130.0, discounts=(step,)) == ["need", "discount", "discount"]
    # Beside a line of the planner no minimum is asked for.
    fixed = [[40.0, np.nan, np.nan, np.nan], [np.nan] * 4, [np.nan] * 4]
    told = three([40, 30, 20], minimum_order_value=130.0, fixed_quantity=fixed)
    assert told == ["override", "joint", "joint"]


def test_a_line_that_is_needed_on_arrival_is_never_there_for_a_discount_alone() -> None:
    step = Discount(0, None, 0.02, from_value=198.0)
    assert three([100, 0, 0], discounts=(step,)) == ["discount"]  # 60 more than are needed
    assert three([40, 30, 30], demand=[[10.0] * 4] * 3, discounts=(step,)) == ["need"] * 3


def test_an_emergency_and_a_transfer_are_called_so() -> None:
    assert shape(two_sources(), [[20, 0, 0, 0], [20, 0, 0, 0]]) == ["need", "emergency"]
    problem = tea(
        item_names=("tea WEST", "tea EAST"),
        demand=[[1.0] * 4] * 2,
        on_hand=[10.0, 0.0],
        source_item=[0, 1, 1],
        supplier=[0, 0, -1],
        origin=[-1, -1, 0],
    )
    assert shape(problem, [[0] * 4, [0] * 4, [4, 0, 0, 0]]) == ["transfer"]


# Coverage


def test_lines_cover_demand_first_in_first_out() -> None:
    problem = tea(on_hand=8.0, scheduled_receipts=[[0.0, 7.0, 0.0, 0.0]], safety_stock=3.0, lead_time_periods=1)
    coverage = coverage_of(problem, np.array([[10.0, 12.0, 9.0, 6.0]]))
    assert coverage.from_stock.tolist() == [[8.0, 0.0, 0.0, 0.0]]
    assert coverage.from_open_orders.tolist() == [[0.0, 7.0, 0.0, 0.0]]
    assert coverage.covered.tolist() == [[10.0, 12.0, 1.0, 0.0]]
    assert coverage.first.tolist() == [[1, 2, 3, -1]]
    assert coverage.last.tolist() == [[2, 3, 3, -1]]
    assert coverage.floor.tolist() == [[0.0, 0.0, 3.0, 0.0]]
    assert coverage.left.tolist() == [[0.0, 0.0, 5.0, 6.0]]  # the last one arrives after the horizon


def test_backorders_are_covered_by_the_line_they_waited_for() -> None:
    coverage = coverage_of(tea(shortage="backorder"), np.array([[0.0, 0.0, 25.0, 0.0]]))
    assert coverage.units.tolist() == [10.0, 10.0, 5.0]
    assert coverage.demand_period.tolist() == [0, 1, 2]


def test_what_spoils_is_the_last_to_arrive() -> None:
    coverage = coverage_of(tea(shelf_life_periods=2.0, on_hand=5.0), np.array([[30.0, 0.0, 0.0, 0.0]]))
    assert coverage.wasted[0, 0] == pytest.approx(15.0)
    assert coverage.covered[0, 0] == pytest.approx(15.0)


@st.composite
def plans(draw: st.DrawFn) -> tuple[OrderProblem, np.ndarray]:
    """Three items, one of them at two locations, with shelf lives, open orders and any orders."""
    random = np.random.default_rng(draw(st.integers(0, 100_000)))
    periods = 5
    problem = OrderProblem(
        item_names=("tea", "salt", "salt WEST"),
        source_item=[0, 0, 1, 2, 2],
        supplier=[0, 1, 0, 1, -1],
        origin=[-1, -1, -1, -1, 1],
        unit_cost=1.0,
        demand=random.integers(0, 9, (3, periods)).astype(float),
        on_hand=random.integers(0, 12, 3).astype(float),
        lead_time_periods=random.integers(0, 3, 5),
        safety_stock=random.integers(0, 4, 3).astype(float),
        shelf_life_periods=random.choice([1.0, 1.5, 2.0, np.inf], 3),
        scheduled_receipts=random.integers(0, 6, (3, periods)) * (random.random((3, periods)) < 0.3),
        supplier_names=("K", "W"),
        shortage=draw(st.sampled_from(["lost", "backorder"])),
    )
    plan = np.where(random.random((5, periods)) < 0.5, random.integers(1, 15, (5, periods)), 0).astype(float)
    plan[4] = np.where(np.arange(periods) == 0, np.minimum(plan[4], problem.on_hand[1]), 0)  # sends what is there
    return problem, plan


@settings(max_examples=60, deadline=None, derandomize=True)
@given(plans())
def test_coverage_adds_up_to_demand_met_and_to_every_line(drawn: tuple[OrderProblem, np.ndarray]) -> None:
    problem, plan = drawn
    coverage, flow = coverage_of(problem, plan), simulate(problem, plan)
    parts = coverage.covered + coverage.sent_on + coverage.floor + coverage.left + coverage.wasted
    np.testing.assert_allclose(parts, plan, atol=1e-9)
    met = coverage.from_stock + coverage.from_open_orders
    np.add.at(met, (problem.source_item[coverage.line_source], coverage.demand_period), coverage.units)
    if problem.shortage == "lost":
        np.testing.assert_allclose(met, problem.demand - flow.short, atol=1e-9)
    else:
        np.testing.assert_allclose(met.sum(axis=1), problem.demand.sum(axis=1) - flow.short[:, -1], atol=1e-9)
        assert (met <= problem.demand + 1e-9).all()
    assert (coverage.units > 0).all()
    ahead = coverage.line_period + problem.lead_time_periods[coverage.line_source]
    if problem.shortage == "lost":  # nothing is used before it is there
        assert (coverage.demand_period >= ahead).all()


# Comparison


def test_lines_that_moved_are_told_from_new_and_gone_ones() -> None:
    before = np.array([[10.0, 0.0, 0.0, 5.0, 0.0, 8.0], [0.0, 4.0, 0.0, 0.0, 0.0, 0.0]])
    after = np.array([[0.0, 12.0, 0.0, 7.0, 0.0, 0.0], [0.0, 4.0, 0.0, 0.0, 60.0, 0.0]])
    problem = two_sources(demand=[[10.0] * 6])
    assert [str(change) for change in line_changes(problem, before, after)] == [
        "tea from supplier K: 10, now 12, moved from period 0 to period 1",
        "tea from supplier K: 7 instead of 5 in period 3",
        "tea from supplier W: 60 in period 4 are new",
        "tea from supplier K: 8 in period 5 are gone",
    ]


tables = st.lists(st.sampled_from([0.0, 0.0, 5.0, 7.0, 30.0]), min_size=12, max_size=12)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(tables, tables)
def test_the_changes_make_one_plan_of_the_other(first: list[float], second: list[float]) -> None:
    problem = two_sources(demand=[[10.0] * 6])
    before, after = np.array(first).reshape(2, 6), np.array(second).reshape(2, 6)
    made = before.copy()
    for change in line_changes(problem, before, after):
        assert made[change.source, change.period] == change.before
        made[change.source, change.period] = 0.0
        made[change.source, change.to_period] = change.after
        assert (change.to_period != change.period) == (change.kind == "moved")
    assert (made == after).all()


def test_a_comparison_adds_up() -> None:
    problem = random_problem(20, 6, 4, seed=2)
    before = plan_orders(problem, seconds=0.5)
    after = plan_orders(replace(problem, demand=problem.demand * 1.2), seconds=0.5)
    comparison = compare_plans(problem, before, after)
    parts = sum(money for kind, money in comparison.costs.items() if kind != "purchase")
    assert parts - 2 * comparison.costs["discount"] == pytest.approx(comparison.total)
    assert comparison.short.sum() == pytest.approx(after.short.sum() - before.short.sum())
    assert comparison.reason.startswith("costs ")
    changed = {change.source for change in comparison.changes}
    assert changed == set(np.flatnonzero((before.quantity != after.quantity).any(axis=1)).tolist())
    same = compare_plans(problem, before, before)
    assert (same.changes, same.total, same.reason) == ((), 0.0, "costs the same")


def test_plans_of_other_sources_cannot_be_compared() -> None:
    one, two = plan_orders(tea(), seconds=0.5), plan_orders(two_sources(), seconds=0.5)
    with pytest.raises(InputError, match="plan after is of shape"):
        compare_plans(tea(), one, two)


@pytest.mark.parametrize(
    ("costs", "total", "sentence"),
    [
        (
            {"emergency": 280.0, "shortage": 45.0, "holding": -15.0},
            310.0,
            "costs 310 more: 280 emergency premium, 45 shortage, less 15 holding",
        ),
        ({"discount": -30.0, "order": -10.0}, 20.0, "costs 20 more: 30 of discounts lost, less 10 order lines"),
        ({"discount": 30.0, "holding": 10.0}, -20.0, "costs 20 less: 30 of discounts won, but 10 more holding"),
        ({"shortage": 5.0, "waste": -5.0}, 0.0, "costs the same: 5 more shortage, and 5 less waste"),
        ({"shortage": 0.0}, 0.0, "costs the same"),
    ],
)
def test_a_difference_is_told_in_one_sentence(costs: dict[str, float], total: float, sentence: str) -> None:
    assert difference_in_words(costs, total) == sentence


def test_every_line_of_a_plan_is_explained() -> None:
    problem = random_problem(25, 8, 4, seed=9, tight=1.0)
    plan: OrderPlan = plan_orders(problem, seconds=1.0)
    coverage = coverage_of(problem, plan.quantity)
    assert set(np.unique(plan.shaped_by)) <= set(SHAPES)
    assert ((plan.shaped_by != "") == (plan.quantity > 0)).all()
    assert coverage.covered.sum() <= arrivals(problem, plan.quantity).sum() + 1e-6
    for item in np.flatnonzero(plan.short.sum(axis=1) > 1e-6)[:5].tolist():
        assert reason_short(problem, plan.quantity, item).startswith(f"{problem.item_names[item]} is ")


def test_a_reason_may_be_asked_of_later_periods_only() -> None:
    problem = OrderProblem(
        item_names=("tea",), supplier=-1, unit_cost=2.0, demand=[[3.0, 3.0]], on_hand=0.0, lead_time_periods=1,
        shortage_cost=1.0, order_cost=10.0,
    )  # fmt: skip
    nothing = np.zeros((1, 2))
    assert reason_short(problem, nothing, 0).endswith("no order can arrive before period 1")
    later = reason_short(problem, nothing, 0, since=1)
    assert later == "tea is 3 short from period 1: an order in period 0 would cost 7 more than it saves"
    assert reason_short(problem, nothing, 0, since=2) == ""
