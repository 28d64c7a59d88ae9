"""Judges any plan from its quantities alone, item by item and period by period, apart from how plans are made."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from invopt_xl.errors import require
from invopt_xl.optimise.problem import TOLERANCE, Discount, FloatArray, OrderProblem


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
    """

    violations: tuple[str, ...]
    costs: dict[str, float]
    total: float

    @property
    def feasible(self) -> bool:
        """Whether every limit is kept."""
        return not self.violations


def check_plan(problem: OrderProblem, quantity: FloatArray) -> Verdict:
    """Recompute the feasibility and the cost of a plan.

    Parameters
    ----------
    problem
        What the plan is for.
    quantity
        Units ordered by item and order period.

    Raises
    ------
    InputError
        If the quantities are not a table of finite numbers, a row per item and a column per period.

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
    fits = table.shape == problem.demand.shape and bool(np.isfinite(table).all())
    require(fits, "plan", f"of shape {table.shape}", f"finite quantities of shape {problem.demand.shape}")
    violations: list[str] = []
    costs = dict.fromkeys(
        ("purchase", "order", "supplier order", "holding", "shortage", "floor", "discount", "end stock"), 0.0
    )
    volume = [0.0] * problem.periods
    for item in range(problem.items):
        violations += _check_lines(problem, item, table[item])
        _follow_item(problem, item, table[item], costs, volume)
    violations += _check_suppliers(problem, table, costs)
    violations += _check_shared(problem, table, volume)
    total = sum(costs.values()) - costs["purchase"] - 2 * costs["discount"]
    return Verdict(tuple(violations), costs, total)


def _check_lines(problem: OrderProblem, item: int, ordered: FloatArray) -> list[str]:
    lines = []
    name, lot = problem.item_names[item], float(problem.lot_size[item])
    smallest = float(problem.minimum_order_quantity[item])
    # A maximum below what minimum and lot allow gives way to them.
    largest = max(float(problem.maximum_order_quantity[item]), math.ceil(max(smallest, lot) / lot - TOLERANCE) * lot)
    for period, units in enumerate(ordered.tolist()):
        place = f"{name}, period {period}"
        fixed = float(problem.fixed_quantity[item]) if period == 0 else float("nan")
        if fixed == fixed:  # the planner's quantity stands above every other rule
            if abs(units - fixed) > TOLERANCE * max(1.0, fixed):
                lines.append(f"{place}: {units:,.6g} ordered although the planner fixed {fixed:,.6g}")
            continue
        if units < -TOLERANCE:
            lines.append(f"{place}: {units:,.6g} units; a quantity cannot be negative")
        if units <= 0:
            continue
        if period + int(problem.lead_time_periods[item]) >= problem.periods:
            lines.append(f"{place}: the order would arrive after the horizon")
        if abs(units / lot - round(units / lot)) > TOLERANCE * max(1.0, units / lot):
            lines.append(f"{place}: {units:,.6g} units are not whole lots of {lot:,.6g}")
        if units > largest * (1 + TOLERANCE):
            lines.append(f"{place}: {units:,.6g} units exceed the maximum of {largest:,.6g}")
        if units < smallest * (1 - TOLERANCE):
            lines.append(f"{place}: {units:,.6g} units are below the minimum of {smallest:,.6g}")
    return lines


def _follow_item(
    problem: OrderProblem, item: int, ordered: FloatArray, costs: dict[str, float], volume: list[float]
) -> None:
    """Walk one item through the periods and add up its costs."""
    lead_time = int(problem.lead_time_periods[item])
    floor = float(problem.safety_stock[item])
    stock, waiting = float(problem.on_hand[item]), 0.0
    for period in range(problem.periods):
        stock += float(problem.scheduled_receipts[item, period])
        if period >= lead_time:
            stock += float(ordered[period - lead_time])
        served = min(stock, waiting)
        stock, waiting = stock - served, waiting - served
        volume[period] += float(problem.unit_volume[item]) * stock
        demand = float(problem.demand[item, period])
        met = min(stock, demand)
        stock -= met
        short = demand - met + waiting
        waiting = short if problem.shortage == "backorder" else 0.0
        costs["holding"] += float(problem.holding_cost[item]) * stock
        costs["shortage"] += float(problem.shortage_cost[item]) * short
        costs["floor"] += float(problem.floor_penalty[item]) * max(floor - stock, 0.0)
        if ordered[period] > 0:
            costs["order"] += float(problem.order_cost[item])
            costs["purchase"] += float(problem.unit_cost[item] * ordered[period])
    if lead_time < problem.periods:
        best = max((one.rate for one in problem.discounts if _counts(problem, one, item)), default=0.0)
        costs["end stock"] += best * float(problem.unit_cost[item]) * max(stock - floor, 0.0)


def _counts(problem: OrderProblem, discount: Discount, item: int) -> bool:
    """Return whether a discount is for the item; incremental ones on an order's value must be for all items."""
    if discount.kind == "incremental" and discount.from_value is not None and discount.item is not None:
        return False
    return int(problem.supplier[item]) == discount.supplier and discount.item in (None, item)


def _check_suppliers(problem: OrderProblem, ordered: FloatArray, costs: dict[str, float]) -> list[str]:
    lines = []
    for supplier, name in enumerate(problem.supplier_names):
        items = np.flatnonzero(problem.supplier == supplier).tolist()
        for period in range(problem.periods):
            order = {item: float(ordered[item, period]) for item in items if ordered[item, period] > 0}
            if not order:
                continue
            place = f"supplier {name}, period {period}"
            costs["supplier order"] += float(problem.supplier_order_cost[supplier])
            costs["discount"] += _discount_of(problem, supplier, order)
            units, value = sum(order.values()), sum(problem.unit_cost[item] * order[item] for item in order)
            capacity, minimum = problem.capacity_units[supplier], problem.minimum_order_value[supplier]
            if units > capacity * (1 + TOLERANCE) + TOLERANCE:
                lines.append(f"{place}: {units:,.6g} units exceed the capacity of {capacity:,.6g}")
            if value < minimum * (1 - TOLERANCE):
                lines.append(f"{place}: the order is worth {value:,.2f}, below the minimum of {minimum:,.2f}")
    return lines


def _discount_of(problem: OrderProblem, supplier: int, order: dict[int, float]) -> float:
    """Return what one order wins: each line's best discount, or that of the whole order if it wins more."""
    value = sum(float(problem.unit_cost[item]) * units for item, units in order.items())
    own = [one for one in problem.discounts if one.supplier == supplier]
    lines = 0.0
    for item, units in order.items():
        cost = float(problem.unit_cost[item])
        mine = [one for one in own if _counts(problem, one, item)]
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


def _check_shared(problem: OrderProblem, ordered: FloatArray, volume: list[float]) -> list[str]:
    lines = []
    for period in range(problem.periods):
        value, budget = float(problem.unit_cost @ ordered[:, period]), float(problem.budget[period])
        if value > budget * (1 + TOLERANCE) + TOLERANCE:
            lines.append(f"period {period}: orders worth {value:,.2f} exceed the budget of {budget:,.2f}")
        if volume[period] > problem.storage_volume * (1 + TOLERANCE) + TOLERANCE:
            room = problem.storage_volume
            lines.append(f"period {period}: stock takes {volume[period]:,.6g} of storage, more than {room:,.6g}")
    return lines
