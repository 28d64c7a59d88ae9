"""What more of a limit would save, and which lines a limit cuts short."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from instances import scarce_problem
from whole_model import solve_whole

from invopt_xl.optimise import Discount, OrderPlan, OrderProblem, plan_orders
from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.groundwork import prepare
from invopt_xl.optimise.larger_lines import LargerLines
from invopt_xl.optimise.price_trials import tried_prices
from invopt_xl.optimise.shadow_prices import MoreRoom, ShadowPrices
from invopt_xl.optimise.shapes import shapes_of
from invopt_xl.optimise.terms import FloatArray


def crowded(seed: int, **changes: object) -> OrderProblem:
    """Four items of one supplier, who can deliver 200 units a period: less than is asked for."""
    random = np.random.default_rng(seed)
    values: dict[str, object] = {
        "item_names": ("a", "b", "c", "d"),
        "supplier": 0,
        "unit_cost": random.choice([1.0, 2.0, 3.0], 4),
        "demand": random.integers(3, 12, (4, 4)) * 10.0,
        "on_hand": 0.0,
        "lead_time_periods": 0,
        "shortage_cost": random.choice([1.0, 2.0, 4.0], 4),
        "holding_cost": 0.05,
        "order_cost": 0.5,
        "supplier_names": ("K",),
        "supplier_order_cost": 3.0,
        "capacity_units": 200.0,
    }
    return OrderProblem(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [0, 1, 3, 4])
@pytest.mark.parametrize("discounted", [False, True])
def test_the_price_of_capacity_is_what_ten_units_more_save(seed: int, discounted: bool) -> None:
    # The second discount is out of reach: its mode of an order has duals, and no order is in it.
    steps = (Discount(0, None, 0.1, from_value=700.0), Discount(0, None, 0.2, from_value=5000.0))
    problem = crowded(seed, discounts=steps if discounted else ())
    plan = plan_orders(problem, seconds=60.0, gap=0.0, workers=1)
    least = solve_whole(problem, seconds=60.0).objective
    assert plan.total == pytest.approx(least)
    for period in range(4):
        more = problem.capacity_units.copy()
        more[0, period] += 10.0
        saved = (least - solve_whole(replace(problem, capacity_units=more), seconds=60.0).objective) / 10.0
        assert plan.shadow_prices.capacity[0, period] == pytest.approx(saved, rel=0.1)


def cups(**changes: object) -> OrderProblem:
    """Ten cups a period, in cases of four, lost if they are not there."""
    values: dict[str, object] = {
        "item_names": ("cup",),
        "supplier": 0,
        "unit_cost": 2.0,
        "demand": [[10.0] * 4],
        "on_hand": 0.0,
        "lead_time_periods": 0,
        "shortage_cost": 3.0,
        "holding_cost": 0.01,
        "lot_size": 4.0,
        "unit_volume": 1.0,
        "supplier_names": ("K",),
    }
    return OrderProblem(**(values | changes))  # type: ignore[arg-type]


def tried(
    problem: OrderProblem, quantity: list[list[float]], relaxed: float = 0.0, doubt: float = 0.0
) -> tuple[ShadowPrices, MoreRoom]:
    """Prices of a plan, and the room that they are told of, where a relaxation has one price for all limits."""
    none = ShadowPrices.none(problem)
    given = replace(
        none,
        budget=np.full(problem.periods, relaxed),
        storage=np.full(problem.periods, relaxed),
        capacity=np.full_like(none.capacity, relaxed),
    )
    return tried_prices(prepare(problem), np.array(quantity), given, doubt)


def prices(
    problem: OrderProblem, quantity: list[list[float]], relaxed: float = 0.0, doubt: float = 0.0
) -> ShadowPrices:
    return tried(problem, quantity, relaxed, doubt)[0]


def test_a_limit_that_no_line_wants_more_of_has_no_price() -> None:
    plan = [[12.0, 8.0, 12.0, 8.0]]
    assert prices(cups(budget=32.0), plan).budget.tolist() == [0.0] * 4  # 8 left, a case costs 8
    assert prices(cups(budget=24.0), plan).budget.tolist() == [0.0] * 4  # none left, and all is covered
    unsolved = tried_prices(prepare(cups(budget=24.0)), np.array(plan), ShadowPrices.unknown(cups()))[0]
    assert np.isnan(unsolved.budget).tolist() == [True, False, True, False]  # only a relaxation tells of several lines


def test_a_limit_is_used_up_though_a_line_that_wants_no_more_would_fit() -> None:
    # A pot more of two each would fit in the three that are left, and nobody wants one; a case lacks five.
    problem = OrderProblem(
        item_names=("pot", "cup"),
        supplier=-1,
        unit_cost=[2.0, 2.0],
        demand=[[4.0], [8.0]],
        on_hand=0.0,
        lead_time_periods=0,
        shortage_cost=[3.0, 3.0],
        lot_size=[1.0, 4.0],
        budget=19.0,
    )
    found, more = tried(problem, [[4.0], [4.0]])
    assert more.budget.tolist() == [5.0]
    assert found.budget * more.budget == pytest.approx([12.0])


def test_a_price_is_what_a_lot_saves_though_a_relaxation_spreads_fees_that_are_paid_already() -> None:
    dear = cups(lot_size=1.0, order_cost=20.0, shortage_cost=4.0, storage_volume=8.0, demand=[[10.0, 10.0, 0.0, 0.0]])
    found, more = tried(dear, [[8.0, 8.0, 0.0, 0.0]], relaxed=1.5)
    assert found.storage == pytest.approx([4.0, 4.0, np.nan, np.nan], nan_ok=True)
    assert more.storage.tolist() == [1.0, 1.0, 0.0, 0.0]


def test_a_price_in_doubt_is_no_more_than_the_relaxation_says_unless_no_better_plan_could_save_as_much() -> None:
    plan = [[8.0, 8.0, 8.0, 8.0]]
    problem = cups(budget=16.0)
    now = np.array(plan)
    more = now + np.array([[4.0, 0.0, 0.0, 0.0]])
    saved = account(problem, now).total - account(problem, more).total
    assert prices(problem, plan).budget[0] == pytest.approx(saved / 8.0)
    assert prices(problem, plan, 0.2).budget[0] == pytest.approx(saved / 8.0)
    assert prices(problem, plan, 0.2, doubt=np.inf).budget[0] == pytest.approx(0.2)
    assert prices(problem, plan, 9.0, doubt=np.inf).budget[0] == pytest.approx(saved / 8.0)
    least = max((account(problem, now).total - account(problem, now + one).total - 8.0) / size for one, size in _more())
    assert prices(problem, plan, 0.2, doubt=8.0).budget[0] == pytest.approx(max(least, 0.2))


def _more() -> list[tuple[FloatArray, float]]:
    """Cases more in the first period, and what they cost."""
    return [(np.array([[4.0 * cases, 0.0, 0.0, 0.0]]), 8.0 * cases) for cases in (1, 2, 4, 8)]


def test_room_that_an_override_takes_beyond_a_limit_is_missing_first() -> None:
    problem = OrderProblem(
        item_names=("pot", "cup"),
        supplier=0,
        unit_cost=2.0,
        demand=[[20.0], [5.0]],
        on_hand=0.0,
        lead_time_periods=0,
        shortage_cost=3.0,
        fixed_quantity=[[20.0], [np.nan]],
        unit_volume=1.0,
        supplier_names=("K",),
        capacity_units=12.0,
    )
    found, more = tried(problem, [[20.0], [0.0]])
    assert more.capacity.tolist() == [[13.0]]  # eight are missing, then five cups
    assert found.capacity == pytest.approx(np.array([[15.0 / 13.0]]))
    spent = tried(replace(problem, capacity_units=np.inf, budget=30.0), [[20.0], [0.0]])
    assert spent[1].budget.tolist() == [20.0]
    stored = tried(replace(problem, capacity_units=np.inf, storage_volume=12.0), [[20.0], [0.0]])
    assert stored[1].storage.tolist() == [13.0]


def test_what_more_of_a_limit_would_save_is_unknown_where_no_line_alone_tells() -> None:
    enough = [[40.0, 0.0, 0.0, 0.0]]
    assert np.isnan(prices(cups(budget=80.0), enough, 0.9).budget[0])
    both = cups(budget=16.0, capacity_units=8.0)  # more of one alone helps nobody
    found = prices(both, [[8.0, 8.0, 8.0, 8.0]], 0.9)
    assert np.isnan(found.budget).all()
    assert np.isnan(found.capacity).all()


def test_a_supplier_without_capacity_has_a_price_though_a_few_lots_would_not_pay_for_an_order() -> None:
    none = [[0.0] * 4]
    dear = cups(lot_size=1.0, supplier_order_cost=28.0, holding_cost=0.0, capacity_units=0.0)
    # An order of all that is missing: 40, 30, 20, and at last 10 cups, at 3 each.
    by_hand = [(3.0 * units - 28.0) / units for units in (40.0, 30.0, 20.0, 10.0)]
    found, more = tried(dear, none)
    assert found.capacity[0] == pytest.approx(by_hand)
    assert more.capacity[0].tolist() == [40.0, 30.0, 20.0, 10.0]  # told of all of it, not of a few
    assert prices(dear, none, 0.5, doubt=np.inf).capacity[0] == pytest.approx([0.5, 0.5, 0.5, 0.2])
    least = cups(lot_size=1.0, minimum_order_value=60.0, holding_cost=0.0, shelf_life_periods=1.0, capacity_units=0.0)
    # 30 cups at least, of which 20 spoil.
    assert not prices(least, none).capacity.any()
    keeps = cups(lot_size=1.0, minimum_order_value=60.0, holding_cost=0.0, capacity_units=0.0)
    assert prices(keeps, none).capacity[0] == pytest.approx([3.0, 3.0, 2.0, 1.0])
    few = cups(minimum_order_quantity=12.0, holding_cost=0.0, capacity_units=8.0)
    found, more = tried(few, none)
    assert more.capacity[0].tolist() == [4.0, 4.0, 4.0, 4.0]  # no line fits: the smallest lacks a case


def test_storage_and_working_capital_have_prices_by_trial() -> None:
    plan = [[8.0, 8.0, 8.0, 8.0]]
    assert prices(cups(storage_volume=8.0, lot_size=1.0), plan).storage[0] > 0.0
    # A case for the two periods to come waits one of them; nothing else is short of room.
    waiting = cups(demand=[[10.0, 10.0, 0.0, 0.0]], order_cost=6.0, lot_size=10.0, working_capital=0.0)
    found = prices(waiting, [[10.0, 10.0, 0.0, 0.0]])
    assert found.working_capital[0] == pytest.approx((6.0 - 0.1) / 20.0)
    assert prices(cups(), plan).working_capital.tolist() == [0.0] * 4


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), lot=st.sampled_from([1.0, 5.0]))
def test_every_price_is_backed_by_a_plan_that_breaks_one_limit_only(seed: int, lot: float) -> None:
    random = np.random.default_rng(seed)
    problem = crowded(seed, lot_size=lot, budget=300.0, minimum_order_quantity=2 * lot)
    quantity = random.integers(0, 12, (4, 4)) * lot * (random.random((4, 4)) < 0.6)
    quantity[quantity < 2 * lot] = 0.0
    lines = LargerLines(prepare(problem), quantity)
    base = account(problem, quantity).total
    for larger in lines.tried(lines.may):
        for line in np.flatnonzero(np.isfinite(larger.saved)).tolist():
            trial = larger.plan(quantity, line)
            assert (trial >= 0.0).all()
            # Trials are made of many lines at once, and cost what they cost alone.
            assert larger.saved[line] == pytest.approx(base - account(problem, trial).total, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), limit=st.sampled_from(["budget", "storage_volume", "working_capital"]))
def test_every_line_that_a_limit_could_forbid_is_tried(seed: int, limit: str) -> None:
    random = np.random.default_rng(seed)
    steps = (Discount(0, None, 0.1, from_quantity=90.0),)
    problem = crowded(seed, unit_volume=1.0, minimum_order_value=250.0, discounts=steps, **{limit: 600.0})
    quantity = random.integers(1, 9, (4, 4)) * 10.0 * (random.random((4, 4)) < 0.4)
    lines = LargerLines(prepare(problem), quantity)
    others = lines.may & ~lines.tight()
    assert not any(larger.beyond.any() for larger in lines.tried(others))


def proven(problem: OrderProblem) -> OrderPlan:
    plan = plan_orders(problem, seconds=60.0, gap=0.0, workers=1)  # proven in a tenth of a second
    assume(plan.total - plan.bound < 1e-5)
    return plan


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_planning_with_the_room_that_is_told_saves_what_is_told(seed: int) -> None:
    problem = scarce_problem(seed)
    plan = proven(problem)
    for name, price in vars(plan.shadow_prices).items():
        limit = {"storage": "storage_volume", "capacity": "capacity_units"}.get(name, name)
        more = getattr(plan.more_room, name)
        for at in zip(*np.nonzero(price > 0), strict=True):
            larger = getattr(problem, limit).copy()
            larger[at] += more[at]
            saved = plan.total - proven(replace(problem, **{limit: larger})).total
            assert price[at] * more[at] <= saved + 1e-4, (name, at)


# Lines cut short


def shape(problem: OrderProblem, quantity: list[list[float]]) -> list[str]:
    plan = np.array(quantity, dtype=float)
    return shapes_of(prepare(problem), plan)[plan > 0].tolist()


def test_a_line_that_a_limit_cuts_short_says_so_though_stock_is_never_short() -> None:
    # One order of 40 would save the cost of the others.
    dear = {"lot_size": 1.0, "order_cost": 5.0}
    plan = [[20.0, 0.0, 20.0, 0.0]]
    assert shape(cups(**dear), plan) == ["need", "need"]
    assert shape(cups(**dear, budget=40.0), plan) == ["budget", "budget"]
    assert shape(cups(**dear, capacity_units=20.0), plan)[0] == "capacity"
    assert shape(cups(**dear, storage_volume=20.0), plan)[0] == "storage"
    assert shape(cups(**dear, working_capital=20.0), plan)[0] == "working capital"


def test_a_limit_with_plenty_left_holds_no_line_but_leaves_no_room_for_the_next_one() -> None:
    # A fifth and more of each limit is left; both lines at once would not fit.
    dear = {"lot_size": 1.0, "order_cost": 5.0}
    plan = [[20.0, 0.0, 20.0, 0.0]]
    assert shape(cups(**dear, budget=60.0), plan) == ["next budget", "need"]
    assert shape(cups(**dear, capacity_units=30.0), plan) == ["next capacity", "need"]
    assert shape(cups(**dear, storage_volume=30.0), plan) == ["next storage", "need"]
    assert shape(cups(**dear, working_capital=50.0), plan) == ["next capital", "need"]
    # Of two limits, the one that is used up is told.
    assert shape(cups(**dear, budget=40.0, capacity_units=30.0), plan)[0] == "budget"


def test_a_line_below_a_price_break_is_cut_by_the_budget_that_does_not_reach_it() -> None:
    breaks = (Discount(0, None, 0.2, from_quantity=25.0),)
    plan = [[20.0, 0.0, 20.0, 0.0]]
    assert shape(cups(lot_size=1.0, discounts=breaks, budget=40.0), plan)[0] == "budget"


def test_a_line_far_beyond_a_price_break_was_not_raised_for_it() -> None:
    breaks = (Discount(0, None, 0.1, from_quantity=20.0),)
    assert shape(cups(discounts=breaks, holding_cost=0.0), [[48.0, 0.0, 0.0, 0.0]])[0] != "discount"
    assert shape(cups(discounts=breaks, demand=[[10.0, 0.0, 0.0, 0.0]]), [[20.0, 0.0, 0.0, 0.0]]) == ["discount"]


def test_a_limit_cuts_nothing_short_that_would_be_no_larger_without_it() -> None:
    enough = [[12.0, 8.0, 12.0, 8.0]]
    assert "budget" not in shape(cups(budget=30.0), enough)  # six are left, which is not a case
    assert shape(cups(budget=30.0), [[8.0, 8.0, 12.0, 8.0]])[0] != "budget"  # a case more would do, and fits


def test_a_limit_cuts_lines_short_though_it_has_room_for_a_lot() -> None:
    # Two are left of the capital, and ten more would save an order.
    dear = {"lot_size": 1.0, "order_cost": 5.0, "demand": [[10.0] * 6]}
    lines = [[30.0, 0.0, 0.0, 30.0, 0.0, 0.0]]
    assert shape(cups(**dear, working_capital=42.0), lines)[0] == "working capital"
    assert shape(cups(**dear), lines) == ["need", "need"]
