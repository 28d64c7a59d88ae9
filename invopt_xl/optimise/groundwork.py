"""What is settled before anything is planned: the planner's own orders, and the room every limit leaves beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from invopt_xl.optimise.accounting import Flow, overdrawn, simulate
from invopt_xl.optimise.oversize import oversized_lines, oversized_orders
from invopt_xl.optimise.problem import BY_ITEM, BY_SUPPLIER, OrderProblem
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray, IntArray


def whole_lots(quantity: FloatArray, lot: FloatArray) -> FloatArray:
    """Return the quantity rounded up to whole lots.

    Examples
    --------
    >>> whole_lots(np.array([1.0, 12.0, 12.5]), np.array([12.0])).tolist()
    [12.0, 12.0, 24.0]
    """
    return np.asarray(np.ceil(quantity / lot - TOLERANCE) * lot)


@dataclass(frozen=True, eq=False)
class Groundwork:
    """A problem with the planner's orders placed.

    Parameters
    ----------
    problem
        As given.
    fixed
        The planner's orders, units by source and period.
    flow
        Stock and shortage if nothing else were ordered.
    can_order
        Lines a plan may use, by source and period: not frozen, they arrive within the horizon, the planner left them
        open, the smallest allowed quantity is within the supplier's capacity and not `too_large`, and that capacity
        is worth the minimum of an order.
    too_large
        By source, whether its smallest line costs more than it can save, see `oversize.oversized_lines`.
    order_too_large
        By supplier, whether an order of its minimum value does.
    too_little_worth
        By supplier and period, whether all that the supplier can deliver is worth less than the minimum of an order.
    smallest_line
        Least units of a line by source: the minimum quantity in whole lots.
    largest_line
        Most units of a line by source: the maximum quantity in whole lots, at least the smallest line.
    budget
        Money left by period after the planner's orders; never below zero.
    capacity
        Units left by supplier and period after the planner's orders; never below zero.
    storage, working_capital
        Volume, and money in stock, by period; at least what is taken if nothing is ordered, for a plan cannot help
        that.
    order_minimum
        Least value at list price of what is ordered beside the planner's own lines, by supplier and period; zero
        where the planner has orders with the supplier, for those stand whatever their value.
    """

    problem: OrderProblem
    fixed: FloatArray
    flow: Flow
    can_order: BoolArray
    too_large: BoolArray
    order_too_large: BoolArray
    too_little_worth: BoolArray
    smallest_line: FloatArray
    largest_line: FloatArray
    budget: FloatArray
    capacity: FloatArray
    storage: FloatArray
    working_capital: FloatArray
    order_minimum: FloatArray

    @property
    def open(self) -> bool:
        """Whether anything can be ordered that arrives in time to change anything."""
        return bool(self.can_order.any() and (self.problem.first_change < self.problem.periods).any())

    @property
    def coupled(self) -> bool:
        """Whether any limit is shared by all suppliers."""
        shared = (self.budget, self.storage, self.working_capital)
        return any(bool(np.isfinite(limit).any()) for limit in shared)


def of_sources(problem: OrderProblem, by_supplier: FloatArray, otherwise: float) -> FloatArray:
    """Return each source's row of a table by supplier; rows of `otherwise` for sources without one."""
    rest = np.full((1, *by_supplier.shape[1:]), otherwise)
    return np.asarray(np.concatenate((by_supplier, rest))[problem.supplier])  # supplier -1 is the last row


def most_worth(problem: OrderProblem) -> FloatArray:
    """Return what the capacity of each supplier is worth at most in each period, money: all of its dearest item.

    Examples
    --------
    >>> problem = OrderProblem(item_names=("tea",), supplier=0, unit_cost=5.0, demand=[[9.0]], on_hand=0.0,
    ...                        lead_time_periods=0, supplier_names=("K",), capacity_units=50.0)
    >>> most_worth(problem).tolist()
    [[250.0]]
    """
    dearest = np.zeros((problem.suppliers, problem.periods))
    served = problem.supplier >= 0
    np.maximum.at(dearest, problem.supplier[served], problem.unit_cost[served])
    worth = np.full_like(dearest, np.inf)
    return np.multiply(dearest, problem.capacity_units, out=worth, where=np.isfinite(problem.capacity_units))


def prepare(problem: OrderProblem) -> Groundwork:
    """Place the planner's orders and measure what they leave."""
    overridden = ~np.isnan(problem.fixed_quantity)
    fixed = np.where(overridden, problem.fixed_quantity, 0.0)
    flow = simulate(problem, fixed)
    smallest = whole_lots(np.maximum(problem.minimum_order_quantity, problem.lot_size), problem.lot_size)
    lot = problem.lot_size
    largest = np.floor(problem.maximum_order_quantity / lot + TOLERANCE) * lot
    clock = np.arange(problem.periods)
    can_order = (clock >= problem.frozen_periods) & (clock + problem.lead_time_periods[:, None] < problem.periods)
    capacity = of_sources(problem, problem.capacity_units, np.inf)
    too_large = oversized_lines(problem, fixed, flow, smallest)
    can_order &= (smallest[:, None] <= capacity * (1 + TOLERANCE)) & ~too_large[:, None]
    can_order &= ~overridden
    taken = problem.sum_by_supplier(fixed)
    minimum = np.where(taken > 0, 0.0, problem.minimum_order_value[:, None])
    order_too_large = oversized_orders(problem, fixed, flow)
    can_order &= of_sources(problem, np.where(order_too_large[:, None], minimum, 0.0), 0.0) == 0
    too_little_worth = most_worth(problem) < minimum * (1 - TOLERANCE)
    can_order &= of_sources(problem, too_little_worth.astype(float), 0.0) == 0
    return Groundwork(
        problem=problem,
        fixed=fixed,
        flow=flow,
        can_order=can_order,
        too_large=too_large,
        order_too_large=order_too_large,
        too_little_worth=too_little_worth,
        smallest_line=smallest,
        largest_line=np.maximum(largest, smallest),
        budget=np.maximum(problem.budget - money_ordered(problem, fixed), 0),
        capacity=np.maximum(problem.capacity_units - taken, 0),
        storage=np.maximum(problem.storage_volume, problem.unit_volume @ flow.available),
        working_capital=np.maximum(problem.working_capital, problem.unit_value @ flow.stock),
        order_minimum=minimum,
    )


def part_of(problem: OrderProblem, items: IntArray) -> tuple[OrderProblem, IntArray]:
    """Return the problem of some items alone, and their sources' numbers in the whole one.

    The items must be all that their suppliers and locations share orders or stock with. Shared limits stay as they are.
    """
    number = np.full(problem.items, -1)
    number[items] = np.arange(len(items))
    sources = np.flatnonzero(number[problem.source_item] >= 0)
    suppliers = np.unique(problem.supplier[sources][problem.supplier[sources] >= 0])
    place = np.full(problem.suppliers + 1, -1)
    place[suppliers] = np.arange(len(suppliers))  # the last one stays -1: no supplier
    own = problem.only(sources)
    discounts = tuple(
        replace(one, supplier=int(place[one.supplier]), item=None if one.item is None else int(number[one.item]))
        for one in problem.discounts
        if place[one.supplier] >= 0 and (one.item is None or number[one.item] >= 0)
    )
    by_item = {name: getattr(problem, name)[items] for name in (*BY_ITEM, "demand", "scheduled_receipts")}
    by_supplier = {name: getattr(problem, name)[suppliers] for name in (*BY_SUPPLIER, "capacity_units")}
    part = replace(
        own,
        item_names=tuple(problem.item_names[item] for item in items.tolist()),
        supplier_names=tuple(problem.supplier_names[one] for one in suppliers.tolist()),
        source_item=number[own.source_item],
        supplier=place[own.supplier],
        origin=np.where(own.origin >= 0, number[own.origin], -1),
        discounts=discounts,
        **by_item,
        **by_supplier,
    )
    return part, sources


def money_ordered(problem: OrderProblem, quantity: FloatArray) -> FloatArray:
    """Return the money spent on orders in each period, at list price; transfers are no orders."""
    return np.asarray((problem.unit_cost * quantity)[~problem.transfer].sum(axis=0))


def keeps_limits(work: Groundwork, quantity: FloatArray, *, coupled: bool = True) -> bool:
    """Return whether a plan keeps every limit beside the planner's orders; those shared by all only if `coupled`."""
    return _lines_sound(work, quantity) and _suppliers_sound(work, quantity) and (not coupled or _fits(work, quantity))


def _lines_sound(work: Groundwork, quantity: FloatArray) -> bool:
    problem = work.problem
    own = quantity - work.fixed
    lots = own / problem.lot_size[:, None]
    lines = own > 0
    sound = not (own < -TOLERANCE).any() and not (lines & ~work.can_order).any()
    sound = sound and not (np.abs(lots - np.round(lots)) > TOLERANCE * np.maximum(1, lots)).any()
    sound = sound and not (lines & (own < work.smallest_line[:, None] * (1 - TOLERANCE))).any()
    sound = sound and not (own > work.largest_line[:, None] * (1 + TOLERANCE)).any()
    return sound and sends_what_is_there(work, quantity)


def sends_what_is_there(work: Groundwork, quantity: FloatArray) -> bool:
    """Return whether a plan sends on no more than is there; what the planner's own lines lack is not its fault."""
    within = TOLERANCE * max(1.0, float(quantity.max(initial=0.0)))
    missing = overdrawn(work.problem, quantity)
    if not (missing > within).any():
        return True
    return not (missing - overdrawn(work.problem, work.fixed) > within).any()


def _suppliers_sound(work: Groundwork, quantity: FloatArray) -> bool:
    problem = work.problem
    own = quantity - work.fixed
    units = problem.sum_by_supplier(own)
    value = problem.sum_by_supplier(problem.unit_cost * own)
    sound = bool((units <= work.capacity * (1 + TOLERANCE)).all())
    return sound and not ((units > 0) & (value < work.order_minimum * (1 - TOLERANCE))).any()


def _fits(work: Groundwork, quantity: FloatArray) -> bool:
    problem = work.problem
    spent = money_ordered(problem, quantity - work.fixed)
    sound = bool((spent <= work.budget * (1 + TOLERANCE)).all())
    if sound and (np.isfinite(work.storage).any() or np.isfinite(work.working_capital).any()):
        flow = simulate(problem, quantity)
        sound = bool((problem.unit_volume @ flow.available <= work.storage * (1 + TOLERANCE)).all())
        sound = sound and bool((problem.unit_value @ flow.stock <= work.working_capital * (1 + TOLERANCE)).all())
    return sound
