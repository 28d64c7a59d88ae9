"""The cheapest plans of single items, against every table of quantities there is to try."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from item_enumeration import cheapest_of_item, line_won

from invopt_xl.optimise import Discount, OrderProblem, lattice_rows
from invopt_xl.optimise.groundwork import Groundwork, keeps_limits, prepare
from invopt_xl.optimise.item_plans import ItemPlanner
from invopt_xl.optimise.line_prices import ItemPlans, Limits, LinePrices
from invopt_xl.optimise.master import Structure
from invopt_xl.optimise.modes import Mode, modes_of
from invopt_xl.optimise.terms import FloatArray

TINY = 1e-6
many = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@dataclass(frozen=True, eq=False)
class Case:
    """An item, another that it may exchange units with, prices, and limits of a search."""

    problem: OrderProblem
    limits: Limits
    seed: int

    @property
    def work(self) -> Groundwork:
        return prepare(self.problem)

    def prices(self, modes: list[list[Mode]]) -> LinePrices:
        """Return random prices: lines cost, units cost or are paid for, stock costs now and then."""
        random = np.random.default_rng(self.seed)
        problem = self.problem
        width = max((len(own) for own in modes), default=1)
        shape = (problem.sources, width, problem.periods)
        line = random.choice([0.0, 0.5, 2.0, 4.0], shape)
        for source, supplier in enumerate(problem.supplier.tolist()):
            line[source, len(modes[supplier]) if supplier >= 0 else 1 :] = np.inf
        low, high = [(-0.3, 0.6), (-2.5, 1.0), (0.0, 0.0), (-0.5, 3.0)][self.seed % 4]
        stock = [0.0, 0.4][self.seed // 4 % 2] * random.random((2, problem.periods))
        return LinePrices(
            line,
            random.uniform(low, high, shape).round(3),
            random.uniform(-3.0, 1.0, shape[::2]).round(3),
            stock[0] * (stock[0] > 0.2),
            stock[1],
        )


@st.composite
def cases(draw: st.DrawFn, *, sends: bool = False, restricted: bool = False, lost: bool | None = None) -> Case:
    """One item with up to two sources of its own, three or four periods, rules of every kind."""
    periods = draw(st.integers(3, 4))
    unit = draw(st.sampled_from([1.0, 1.0, 0.5, 0.3]))
    kinds = draw(st.sampled_from([["usual"], ["usual"], ["usual", "usual"], ["usual", "other"], ["transfer", "usual"]]))
    if sends:
        kinds = [
            draw(st.sampled_from(["usual", "transfer"])),
            *draw(st.sampled_from([["sent"], ["sent"], ["sent"] * 2])),
        ]
    rows = range(len(kinds))
    fine = draw(st.booleans())

    def numbers(size: int, values: list[float]) -> list[float]:
        return [draw(st.sampled_from(values)) for _ in range(size)]

    few = [0.0, 1.0, 2.0, 3.0] if not fine else [0.0, 0.7, 1.25, 2.3]
    lots = [lot * unit for lot in numbers(len(kinds), [1.0, 2.0, 3.0, 1.5])]
    cost = [[draw(st.sampled_from([2.0, 1.0, 3.0]))] * periods for _ in rows]
    for row in rows:
        if draw(st.integers(0, 3)) == 0:
            cost[row] = numbers(periods, [1.5, 2.0, 2.5])
    fixed = np.array(numbers(len(kinds) * periods, [np.nan] * 12 + [0.0, 2.0])).reshape(len(kinds), periods)
    fixed[[kind == "sent" for kind in kinds]] = np.nan
    problem = OrderProblem(
        item_names=("tea", "rice"),
        source_item=[1 if kind == "sent" else 0 for kind in kinds],
        origin=[{"sent": 0, "transfer": 1}.get(kind, -1) for kind in kinds],
        supplier=[{"usual": 0, "other": 1}.get(kind, -1) for kind in kinds],
        unit_cost=cost,
        demand=np.array([numbers(periods, [*few, 5.0]), [1.0] * periods]),
        on_hand=[*numbers(1, [*few, 8.0]), 0.0],
        unit_value=numbers(2, [2.0, 2.0, 1.2, 3.0]),
        lead_time_periods=[int(draw(st.sampled_from([0, 0, 1]))) for _ in rows],
        shortage_cost=numbers(2, [1.0, 3.0, 6.0]),
        holding_cost=numbers(2, [0.25, 0.0, 0.5]),
        order_cost=numbers(len(kinds), [0.0, 1.0]),
        minimum_order_quantity=numbers(len(kinds), [0.0, 0.0, 3.0]),
        # Several sources make more plans than can be tried, unless their lines are small.
        maximum_order_quantity=numbers(len(kinds), [2.0, 2.0, 5.0, np.inf] if sends else [np.inf, np.inf, 5.0, 2.0]),
        lot_size=lots,
        lateness_cost=numbers(len(kinds), [0.0, 0.25]),
        safety_stock=[*numbers(1, [0.0, 1.0, 2.5]), 0.0],
        floor_penalty=numbers(2, [0.0, 0.5, 2.0]),
        unit_volume=1.0,
        shelf_life_periods=[*numbers(1, [np.inf, np.inf, 1.0, 1.5, 2.0, 0.4]), np.inf],
        age_on_arrival=[*numbers(1, [0.0, 0.0, 0.4]), 0.0],
        fixed_quantity=fixed,
        scheduled_receipts=np.array([numbers(periods, [0.0, 0.0, 0.0, 2.0, 0.6]), [0.0] * periods]),
        supplier_names=("K", "L"),
        supplier_order_cost=1.0,
        minimum_order_value=numbers(2, [0.0, 0.0, 8.0]),
        discounts=tuple(draw(st.lists(discounts(), max_size=3))),
        shortage="lost" if (draw(st.booleans()) if lost is None else lost) else "backorder",
        frozen_periods=draw(st.sampled_from([0, 0, 0, 1] if len(kinds) < 3 else [0, 1, periods - 2])),
    )
    limits: Limits = {}
    lines = np.argwhere(prepare(problem).can_order).tolist() if restricted else []
    if lines:
        for _ in range(draw(st.integers(1, 3))):
            source, period = draw(st.sampled_from(lines))
            line, lot = (source, period), float(problem.lot_size[source])
            least = draw(st.sampled_from([0.0, lot, 2 * lot, 3 * lot]))
            limits[line] = least, least + lot * draw(st.sampled_from([0, 1, 2, 100]))
    return Case(problem, limits, draw(st.integers(0, 10_000)))


@st.composite
def discounts(draw: st.DrawFn) -> Discount:
    """A price break of any kind, of the first supplier."""
    on_quantity = draw(st.booleans())
    return Discount(
        0,
        draw(st.sampled_from([None, 0])),
        draw(st.sampled_from([0.1, 0.25])),
        from_quantity=draw(st.sampled_from([2.0, 3.5])) if on_quantity else None,
        from_value=None if on_quantity else draw(st.sampled_from([5.0, 8.0])),
        kind=draw(st.sampled_from(["all-unit", "incremental"])),
    )


@dataclass(frozen=True, eq=False)
class Solved:
    """An item's cheapest plan, as planned and as tried."""

    work: Groundwork
    modes: list[list[Mode]]
    prices: LinePrices
    plans: ItemPlans
    value: float
    tried: float

    @property
    def cost(self) -> float:
        """What the plan costs by its account and the prices."""
        problem, plans, prices = self.work.problem, self.plans, self.prices
        made = Structure(self.work, self.modes).costs_of(plans)
        own = np.flatnonzero(problem.source_item == 0)
        source, period = np.nonzero(plans.quantity[own])
        source = own[source]
        units, mode = plans.quantity[source, period], plans.mode[source, period]
        paid = (prices.line[source, mode, period] + prices.unit[source, mode, period] * units).sum()
        sent = (prices.sent * plans.sent)[problem.origin == 0].sum()
        stock = made.volume[0] @ prices.start + made.capital[0] @ prices.end
        return float(made.cost[0] + paid + sent + stock)


def solved(case: Case) -> Solved:
    work = case.work
    assume(work.problem.first_change[0] < work.problem.periods)
    modes = [modes_of(work, supplier) for supplier in range(2)]
    prices = case.prices(modes)
    planner = ItemPlanner(work, modes)
    if case.limits:
        planner.restrict(case.limits)
    # Items that send units on have levels for all that others need, not for trade without end.
    stocks, stages = planner.lattice.stocks, planner.lattice.stages
    above = float((stocks.levels[0].max() - stocks.base[0] - 1) * stocks.step[0])
    room = above if stages.sends[: stocks.stage[1]].any() else np.inf
    tried = cheapest_of_item(work, modes, prices, most_units(planner), case.limits, room)
    assume(tried is not None)
    assert tried is not None
    plans = planner.cheapest(prices)
    return Solved(work, modes, prices, plans, float(plans.value[0]), tried)


def most_units(planner: ItemPlanner) -> FloatArray:
    """Return the units of the largest line by source that the planner looks at."""
    most = np.zeros(planner.work.problem.sources)
    lattice = planner.lattice
    for stage, source in enumerate(lattice.lines.source.tolist()):
        row = lattice.lines.row[stage]
        if lattice.item[row] == 0:
            steps = min(int(lattice.lines.most[stage]), int(lattice.stocks.levels[row].max()))
            most[source] = steps * lattice.stocks.step[row]
    return most


def check_lines(found: Solved) -> None:
    """Lines keep their rules, and win what they are said to win."""
    work, plans = found.work, found.plans
    own = work.problem.source_item == 0
    quantity = np.where(own[:, None], plans.quantity, 0.0)
    bought = np.where(work.problem.origin == 1, -1, work.problem.origin)  # the other item sends what is asked for
    lone = prepare(replace(work.problem, minimum_order_value=np.zeros(2), origin=bought))
    taken = np.where((work.problem.origin == 0)[:, None], plans.sent, quantity)
    if work.problem.shortage == "lost" or not (plans.sent > 0).any():
        assert keeps_limits(lone, taken + work.fixed)
    for source in np.flatnonzero(own).tolist():
        for period in np.flatnonzero(quantity[source]).tolist():
            units = quantity[[source], period]
            won = line_won(work, found.modes, source, int(plans.mode[source, period]), units)
            cost = work.problem.unit_cost[source, period]
            assert plans.saved[source, period] <= cost * won[0] + TINY


@many
@given(cases())
def test_an_items_plan_is_the_cheapest_of_all_there_are_to_try(case: Case) -> None:
    found = solved(case)
    assert found.value <= found.tried + TINY
    assert found.value == pytest.approx(found.cost, abs=TINY)
    check_lines(found)


@many
@given(cases(restricted=True))
def test_it_is_so_within_the_limits_of_a_search(case: Case) -> None:
    found = solved(case)
    assert found.value <= found.tried + TINY
    if np.isfinite(found.value):
        assert found.value == pytest.approx(found.cost, abs=TINY)
        check_lines(found)
        for (source, period), (low, high) in case.limits.items():
            if found.work.problem.origin[source] != 0:
                assert low - TINY <= found.plans.quantity[source, period] <= high + TINY


@many
@given(cases(sends=True))
def test_it_is_so_for_items_that_send_units_on(case: Case) -> None:
    found = solved(case)
    assert found.value <= found.tried + TINY
    if case.problem.shortage == "lost":  # with backorders levels do not tell what stands there: a bound
        assert found.value == pytest.approx(found.cost, abs=TINY)
        check_lines(found)


@many
@given(cases(sends=True, restricted=True))
def test_it_is_so_for_them_within_the_limits_of_a_search(case: Case) -> None:
    found = solved(case)
    assert found.value <= found.tried + TINY
    if np.isfinite(found.plans.value).all() and case.problem.shortage == "lost":
        assert found.value == pytest.approx(found.cost, abs=TINY)
        check_lines(found)


@many
@given(cases())
def test_whole_steps_of_several_lots_give_a_bound(case: Case) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lattice_rows, "_COARSEST", 3)
        found = solved(case)
    assert found.value <= found.tried + TINY


@many
@given(cases(sends=True, lost=True))
def test_they_do_so_for_items_that_send_units_on(case: Case) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lattice_rows, "_COARSEST", 3)
        found = solved(case)
    assert found.value <= found.tried + TINY
