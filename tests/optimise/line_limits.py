"""How large an order line can be and still be of use: what keeps the factors of the whole model small."""

from __future__ import annotations

import numpy as np
from price_offers import line_offers, order_offers

from invopt_xl.optimise import OrderProblem
from invopt_xl.optimise.accounting import arrivals, simulate
from invopt_xl.optimise.terms import FloatArray


def most_useful(problem: OrderProblem, *, filler: bool) -> FloatArray:
    """Return the most units of each line worth ordering, in whole lots; 0 where no line is possible.

    Beyond all that is still needed a line only makes sense up to its smallest quantity, up to a price break, and, if
    `filler`, up to a value that the whole order must reach.
    """
    most = np.zeros((problem.sources, problem.periods))
    needed = _needed(problem)
    thresholds = [_thresholds(problem, source) for source in range(problem.sources)]
    buying = np.flatnonzero(~problem.transfer).tolist()
    for source in [*buying, *np.flatnonzero(problem.transfer).tolist()]:
        last = problem.periods - int(problem.lead_time_periods[source])
        for period in range(problem.frozen_periods, last):
            if np.isnan(problem.fixed_quantity[source, period]):
                units = needed[source, period]
                value = max(thresholds[source][1]) if filler else 0.0
                if problem.transfer[source]:
                    units = _could_be_there(problem, source, most)
                most[source, period] = _in_lots(problem, source, period, [units, *thresholds[source][0]], value)
    return most


def _needed(problem: OrderProblem) -> FloatArray:
    """Return by source and order period what is still needed from its arrival on, floor and backorders included."""
    fixed = np.nan_to_num(problem.fixed_quantity)
    idle, arriving = simulate(problem, fixed), arrivals(problem, fixed)
    waiting = idle.short if problem.shortage == "backorder" else np.zeros_like(idle.short)
    needed = np.zeros((problem.sources, problem.periods))
    for source in range(problem.sources):
        item = int(problem.source_item[source])
        floor = float(problem.safety_stock[item])
        linked = _linked(problem, item)
        for period in range(problem.periods):
            begin = period + int(problem.lead_time_periods[source])
            if begin >= problem.periods:
                continue
            demand = problem.demand[item, begin:]
            owed = waiting[item, begin - 1] if begin else 0.0
            if len(linked) > 1:
                units = _needed_together(problem, linked)
            elif np.isfinite(problem.shelf_life_periods[item]):  # what is there may spoil
                units = demand.sum() + floor + owed
            else:
                there = idle.stock[item, begin - 1] if begin else problem.on_hand[item]
                units = np.cumsum(demand - arriving[item, begin:]).max() + floor + owed - there
            needed[source, period] = max(float(units), 0.0)
    return needed


def _linked(problem: OrderProblem, item: int) -> set[int]:
    """Return the items that transfers connect with one, itself included."""
    linked = {item}
    while True:
        more = {
            other
            for source in np.flatnonzero(problem.transfer).tolist()
            for other in (int(problem.origin[source]), int(problem.source_item[source]))
            if {int(problem.origin[source]), int(problem.source_item[source])} & linked
        }
        if more <= linked:
            return linked
        linked |= more


def _needed_together(problem: OrderProblem, linked: set[int]) -> float:
    """Return what items connected by transfers need in all, with what the transfers' own minimums and lots add."""
    items = sorted(linked)
    moves = np.flatnonzero(problem.transfer & np.isin(problem.source_item, items))
    smallest = np.maximum(problem.minimum_order_quantity, problem.lot_size)[moves].sum() * problem.periods
    sent = np.nan_to_num(problem.fixed_quantity[moves]).sum()
    return float(problem.demand[items].sum() + problem.safety_stock[items].sum() + smallest + sent)


def _could_be_there(problem: OrderProblem, source: int, most: FloatArray) -> float:
    """Return what could be there to be moved at all: any of it may be cheaper to keep elsewhere."""
    items = sorted(_linked(problem, int(problem.source_item[source])))
    bought = np.isin(problem.source_item, items) & ~problem.transfer
    orders = most[bought].sum() + np.nan_to_num(problem.fixed_quantity[bought]).sum()
    return float(problem.on_hand[items].sum() + problem.scheduled_receipts[items].sum() + orders)


def _thresholds(problem: OrderProblem, source: int) -> tuple[list[float], list[float]]:
    """Return the units of a line, and the values of an order, from which on something is granted."""
    supplier = int(problem.supplier[source])
    if supplier < 0:
        return [0.0], [0.0]
    own, whole = line_offers(problem, source), order_offers(problem, supplier)
    values = [offer.from_value for offer in (*own, *whole)]
    return [offer.from_quantity for offer in own], [*values, float(problem.minimum_order_value[supplier])]


def _in_lots(problem: OrderProblem, source: int, period: int, useful: list[float], value: float) -> float:
    """Return a line's most units in whole lots within its maximum, capacity and budget; 0 if that is too little."""
    lot, cost = float(problem.lot_size[source]), float(problem.unit_cost[source, period])
    supplier, minimum = int(problem.supplier[source]), float(problem.minimum_order_quantity[source])
    smallest = float(np.ceil(max(minimum, lot) / lot - 1e-6) * lot)
    to_value = value / cost if cost > 0 else 0.0
    most = float(np.ceil(max(*useful, smallest, to_value) / lot - 1e-9) * lot)
    limits = [max(float(problem.maximum_order_quantity[source]), smallest)]
    if supplier >= 0:
        limits.append(float(problem.capacity_units[supplier, period]))
    if cost > 0 and not problem.transfer[source]:
        limits.append(float(problem.budget[period]) / cost)
    if min(limits) < most:
        most = float(np.floor(min(limits) / lot + 1e-9) * lot)
    return most if most >= smallest * (1 - 1e-9) else 0.0
