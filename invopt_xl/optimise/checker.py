"""Judges any plan from its quantities alone, item by item and period by period, apart from how plans are made."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from invopt_xl.errors import require
from invopt_xl.optimise.checked_moves import Moves, moves_of
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import TOLERANCE, Discount, FloatArray
from invopt_xl.optimise.wording import source_name, units_named, units_that

PARTS_CHECKED = (
    *("purchase", "order", "supplier order", "price", "emergency", "transfer", "lateness"),
    *("holding", "shortage", "floor", "waste", "discount", "end stock"),
)
"""The names of `OrderPlan.costs`, written once more: nothing here is taken from where plans are made."""


@dataclass(frozen=True)
class Verdict:
    """What the checker found.

    Parameters
    ----------
    violations
        One line for each limit that is not kept.
    costs
        Money by kind, with the names of `OrderPlan.costs`.
    total
        The plan's cost, money, as `OrderPlan.total` defines it.
    unavoidable
        The part of it that no order could change: holding, shortage, floor and waste before the first arrival.
    """

    violations: tuple[str, ...]
    costs: dict[str, float]
    total: float
    unavoidable: float

    @property
    def feasible(self) -> bool:
        """Whether every limit is kept."""
        return not self.violations

    @property
    def controllable(self) -> float:
        """What orders can change of the cost, before discounts won, money: what a gap is measured against."""
        return self.total + self.costs["discount"] - self.unavoidable


def check_plan(problem: OrderProblem, quantity: FloatArray) -> Verdict:
    """Recompute the feasibility and the cost of a plan.

    Parameters
    ----------
    problem
        What the plan is for.
    quantity
        Units ordered by source and order period.

    Raises
    ------
    InputError
        If the quantities are not a table of finite numbers, a row per source and a column per period.

    Examples
    --------
    >>> problem = OrderProblem(item_names=("tea",), supplier=-1, unit_cost=2.0, demand=[[5.0, 5.0]], on_hand=6.0,
    ...                        lead_time_periods=1, order_cost=3.0, holding_cost=0.1, shortage_cost=4.0, lot_size=6.0)
    >>> verdict = check_plan(problem, np.array([[4.0, 0.0]]))
    >>> verdict.violations
    ('tea, period 0: 4 units are not whole lots of 6',)
    >>> f"{verdict.total:.2f}"
    '3.10'
    """
    table = np.asarray(quantity, dtype=np.float64)
    shape = problem.fixed_quantity.shape
    fits = table.shape == shape and bool(np.isfinite(table).all())
    require(fits, "plan", f"of shape {table.shape}", f"finite quantities of shape {shape}")
    violations: list[str] = []
    costs = dict.fromkeys(PARTS_CHECKED, 0.0)
    moves, held = moves_of(problem, table), _Held(problem.periods)
    for source in range(problem.sources):
        violations += _check_lines(problem, source, table[source])
        _pay_lines(problem, source, table[source], costs)
    first = _first_changes(problem)
    for item in range(problem.items):
        violations += _follow_item(problem, item, moves, held, first[item])
    for name, amount in held.costs.items():
        costs[name] += amount
    costs["end stock"] += _given_back(problem, first, held.left)
    violations += _check_suppliers(problem, table, costs)
    violations += _check_shared(problem, table, held)
    total = sum(costs.values()) - costs["purchase"] - 2 * costs["discount"]
    return Verdict(tuple(violations), costs, total, held.unavoidable)


class _Held:
    """What stock takes and costs, added up item by item."""

    def __init__(self, periods: int) -> None:
        self.volume, self.capital = [0.0] * periods, [0.0] * periods
        self.costs = dict.fromkeys(("holding", "shortage", "floor", "waste"), 0.0)
        self.unavoidable = 0.0
        self.left: list[float] = []
        """Stock of each item after the last period."""

    def pay(self, name: str, amount: float, *, changeable: bool) -> None:
        """Add a cost, which orders can change or not."""
        self.costs[name] += amount
        if not changeable:
            self.unavoidable += amount


def _check_lines(problem: OrderProblem, source: int, ordered: FloatArray) -> list[str]:
    lines: list[str] = []
    if not ordered.any() and np.isnan(problem.fixed_quantity[source]).all():
        return lines
    name, lot = source_name(problem, source), float(problem.lot_size[source])
    smallest = float(problem.minimum_order_quantity[source])
    # A maximum below what minimum and lot allow gives way to them.
    largest = max(float(problem.maximum_order_quantity[source]), math.ceil(max(smallest, lot) / lot - TOLERANCE) * lot)
    for period, units in enumerate(ordered.tolist()):
        place = f"{name}, period {period}"
        fixed = float(problem.fixed_quantity[source, period])
        if fixed == fixed:  # the planner's quantity stands above every other rule
            if abs(units - fixed) > TOLERANCE * max(1.0, fixed):
                lines.append(f"{place}: {units:,.6g} ordered although the planner fixed {fixed:,.6g}")
            continue
        if units < -TOLERANCE:
            lines.append(f"{place}: {units_named(f'{units:,.6g}')}; a quantity cannot be negative")
        if units <= 0:
            continue
        if period < problem.frozen_periods:
            lines.append(f"{place}: {units_named(f'{units:,.6g}')} ordered although the period is frozen")
        if period + int(problem.lead_time_periods[source]) >= problem.periods:
            lines.append(f"{place}: the order would arrive after the horizon")
        if abs(units / lot - round(units / lot)) > TOLERANCE * max(1.0, units / lot):
            lines.append(f"{place}: {units_that(f'{units:,.6g}', 'are')} not whole lots of {lot:,.6g}")
        if units > largest * (1 + TOLERANCE):
            lines.append(f"{place}: {units_that(f'{units:,.6g}', 'exceed')} the maximum of {largest:,.6g}")
        if units < smallest * (1 - TOLERANCE):
            lines.append(f"{place}: {units_that(f'{units:,.6g}', 'are')} below the minimum of {smallest:,.6g}")
    return lines


def _worth(problem: OrderProblem, source: int) -> float:
    """Return what a unit is worth where it arrives, less, for a transfer, what it was worth where it left."""
    worth = float(problem.unit_value[int(problem.source_item[source])])
    origin = int(problem.origin[source])
    return worth - float(problem.unit_value[origin]) if origin >= 0 else worth


def _pay_lines(problem: OrderProblem, source: int, ordered: FloatArray, costs: dict[str, float]) -> None:
    kind = "price"
    if problem.origin[source] >= 0:
        kind = "transfer"
    elif problem.emergency[source]:
        kind = "emergency"
    for period, units in enumerate(ordered.tolist()):
        if units > 0:
            costs["order"] += float(problem.order_cost[source])
            costs["lateness"] += float(problem.lateness_cost[source]) * units
            costs[kind] += (float(problem.unit_cost[source, period]) - _worth(problem, source)) * units
            if kind != "transfer":
                costs["purchase"] += float(problem.unit_cost[source, period]) * units


def _sells_within_life(problem: OrderProblem, item: int, period: int) -> float:
    """Return the units that sell from a period on within shelf life; beyond the horizon demand goes on at its mean."""
    aged = float(problem.age_on_arrival[item]) if period else 0.0
    life = max(float(problem.shelf_life_periods[item]) - aged, 1.0)
    mean = float(problem.demand[item].mean())
    units, ahead = 0.0, period
    while life > 0 and ahead < problem.periods:
        units += float(problem.demand[item, ahead]) * min(life, 1.0)
        life, ahead = life - 1.0, ahead + 1
    return units + max(life, 0.0) * mean


def _follow_item(problem: OrderProblem, item: int, moves: Moves, held: _Held, first: int) -> list[str]:
    """Walk one item through the periods, add up what its stock costs and name what is sent on without being there.

    Units sent on that are not there are short: somebody who has to send them waits for them, or goes without.
    """
    lines = []
    floor, perishable = float(problem.safety_stock[item]), bool(np.isfinite(problem.shelf_life_periods[item]))
    stock, waiting = float(problem.on_hand[item]), 0.0
    for period in range(problem.periods):
        stock += float(problem.scheduled_receipts[item, period]) + moves.arriving[item][period]
        leaving, circling = moves.leaving[item][period], moves.circling[item][period]
        there = stock - circling
        if leaving > there * (1 + TOLERANCE) + TOLERANCE:
            place = f"{problem.item_names[item]}, period {period}"
            besides = " beside what comes round in a circle" if circling > 0 else ""
            lines.append(
                f"{place}: {units_that(f'{leaving:,.6g}', 'are')} sent on, and {there:,.6g} are there{besides}"
            )
        waiting += max(leaving - stock, 0.0)
        stock = max(stock - leaving, 0.0)
        served = min(stock, waiting)
        stock, waiting = stock - served, waiting - served
        changeable = period >= first
        if perishable:
            spoiled = max(stock - _sells_within_life(problem, item, period), 0.0)
            stock -= spoiled
            held.pay("waste", float(problem.unit_value[item]) * spoiled, changeable=changeable)
        held.volume[period] += float(problem.unit_volume[item]) * stock
        demand = float(problem.demand[item, period])
        met = min(stock, demand)
        stock -= met
        short = demand - met + waiting
        waiting = short if problem.shortage == "backorder" else 0.0
        held.capital[period] += float(problem.unit_value[item]) * stock
        held.pay("holding", float(problem.holding_cost[item]) * stock, changeable=changeable)
        held.pay("shortage", float(problem.shortage_cost[item]) * short, changeable=changeable)
        held.pay("floor", float(problem.floor_penalty[item]) * max(floor - stock, 0.0), changeable=changeable)
    held.left.append(stock)
    return lines


def _first_changes(problem: OrderProblem) -> list[int]:
    """Return by item the first period whose stock an order or a transfer can change; `periods` if there is none."""
    first = [problem.periods] * problem.items
    for source in range(problem.sources):
        arrival = problem.frozen_periods + int(problem.lead_time_periods[source])
        if arrival >= problem.periods:
            continue
        item, origin = int(problem.source_item[source]), int(problem.origin[source])
        first[item] = min(first[item], arrival)
        if origin >= 0:
            first[origin] = min(first[origin], problem.frozen_periods)
    return first


def _given_back(problem: OrderProblem, first: list[int], left: list[float]) -> float:
    """Return what is given back on units left over above the floor: the most a unit can cost less than it is worth."""
    best = [max(float(one), 0.0) for one in problem.unit_value - problem.replacement_cost]
    for source in range(problem.sources):
        item = int(problem.source_item[source])
        if problem.origin[source] >= 0:
            continue
        rate = max((one.rate for one in problem.discounts if _counts(problem, one, source)), default=0.0)
        for cost in problem.unit_cost[source].tolist():
            best[item] = max(best[item], _worth(problem, source) - (1.0 - rate) * cost)
    moves = np.flatnonzero(problem.origin >= 0).tolist()
    for _ in range(problem.items):  # once more for each location that units may come through
        for source in moves:
            item, origin = int(problem.source_item[source]), int(problem.origin[source])
            moving = float(problem.unit_cost[source].min())
            best[item] = max(best[item], best[origin] + _worth(problem, source) - moving)
    spare = [max(stock - float(floor), 0.0) for stock, floor in zip(left, problem.safety_stock, strict=True)]
    able = [begin < problem.periods for begin in first]
    return sum(saving * units for saving, units, can in zip(best, spare, able, strict=True) if can)


def _counts(problem: OrderProblem, discount: Discount, source: int) -> bool:
    """Return whether a discount is for the source; incremental ones on an order's value must be for all items."""
    if discount.kind == "incremental" and discount.from_value is not None and discount.item is not None:
        return False
    for_item = discount.item in (None, int(problem.source_item[source]))
    return int(problem.supplier[source]) == discount.supplier and for_item


def _check_suppliers(problem: OrderProblem, ordered: FloatArray, costs: dict[str, float]) -> list[str]:
    lines = []
    for supplier, name in enumerate(problem.supplier_names):
        sources = np.flatnonzero(problem.supplier == supplier).tolist()
        for period in range(problem.periods):
            order = {source: float(ordered[source, period]) for source in sources if ordered[source, period] > 0}
            if not order:
                continue
            place = f"supplier {name}, period {period}"
            costs["supplier order"] += float(problem.supplier_order_cost[supplier])
            costs["discount"] += _discount_of(problem, supplier, order, period)
            units = sum(order.values())
            value = sum(float(problem.unit_cost[source, period]) * order[source] for source in order)
            capacity, minimum = float(problem.capacity_units[supplier, period]), problem.minimum_order_value[supplier]
            if units > capacity * (1 + TOLERANCE) + TOLERANCE:
                lines.append(f"{place}: {units_that(f'{units:,.6g}', 'exceed')} the capacity of {capacity:,.6g}")
            if value < minimum * (1 - TOLERANCE):
                lines.append(f"{place}: the order is worth {value:,.2f}, below the minimum of {minimum:,.2f}")
    return lines


def _discount_of(problem: OrderProblem, supplier: int, order: dict[int, float], period: int) -> float:
    """Return what one order wins: each line's best discount, or that of the whole order if it wins more."""
    value = sum(float(problem.unit_cost[source, period]) * units for source, units in order.items())
    own = [one for one in problem.discounts if one.supplier == supplier]
    lines = 0.0
    for source, units in order.items():
        cost = float(problem.unit_cost[source, period])
        mine = [one for one in own if _counts(problem, one, source)]
        offers = [0.0]
        for one in mine:
            reached = units >= (one.from_quantity or 0.0) if one.from_value is None else value >= one.from_value
            if one.kind == "all-unit" and reached:
                offers.append(one.rate * cost * units)
        tiers = [one for one in mine if one.kind == "incremental" and one.from_value is None]
        offers.append(cost * _above([(one.from_quantity or 0.0, one.rate) for one in tiers], units))
        lines += max(offers)
    whole = [one for one in own if one.kind == "incremental" and one.from_value is not None and one.item is None]
    return max(lines, _above([(one.from_value or 0.0, one.rate) for one in whole], value))


def _above(tiers: list[tuple[float, float]], amount: float) -> float:
    """Return what rates win that hold from one threshold to the next; a lower rate never replaces a higher one."""
    saved, rate, since = 0.0, 0.0, 0.0
    for threshold, next_rate in sorted(tiers):
        if next_rate <= rate or threshold >= amount:
            continue
        saved += rate * (threshold - since)
        rate, since = next_rate, threshold
    return saved + rate * max(amount - since, 0.0)


def _check_shared(problem: OrderProblem, ordered: FloatArray, held: _Held) -> list[str]:
    lines = []
    volume, capital = held.volume, held.capital
    bought = [source for source in range(problem.sources) if problem.origin[source] < 0]
    for period in range(problem.periods):
        value = sum(float(problem.unit_cost[source, period] * ordered[source, period]) for source in bought)
        budget, room = float(problem.budget[period]), float(problem.storage_volume[period])
        if value > budget * (1 + TOLERANCE) + TOLERANCE:
            lines.append(f"period {period}: orders worth {value:,.2f} exceed the budget of {budget:,.2f}")
        if volume[period] > room * (1 + TOLERANCE) + TOLERANCE:
            lines.append(f"period {period}: stock takes {volume[period]:,.6g} of storage, more than {room:,.6g}")
        ceiling = float(problem.working_capital[period])
        if capital[period] > ceiling * (1 + TOLERANCE) + TOLERANCE:
            lines.append(f"period {period}: stock is worth {capital[period]:,.2f}, more than {ceiling:,.2f}")
    return lines
