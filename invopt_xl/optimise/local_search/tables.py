"""What the compiled search reads and writes: a problem as flat tables, and a plan with all that it takes and costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from invopt_xl.optimise.accounting import arrivals, sellable
from invopt_xl.optimise.discounts import best_savings, counted, covered_sources
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.local_search.columns import BY_QUANTITY, BY_VALUE, ORDER_STEPS, STEPS
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import TOLERANCE, Discount, FloatArray, IntArray

COUNTLESS = 2**52
"""Lots that stand for no limit."""


class Tables(NamedTuple):
    """A problem for compiled code: few tables with many columns, named in `columns`, for each array costs every call.

    Parameters
    ----------
    items
        By item and column: stock now, money rates and volume, as in `OrderProblem`; what is given back for a unit left.
    flows
        By column, item and period: demand, arriving open orders, units that sell within shelf life, units that the
        planner's own lines send on without their being there.
    sources
        By source and column: item, supplier, origin, lead time, least and most lots of a line.
    lines
        By column, source and period: what a unit and a line add to the total, list price, lot, the planner's orders,
        whether the plan may use the line.
    orders
        By column, supplier and period: joint cost, capacity, minimum value, whether there are price breaks.
    shared
        Budget, storage and working capital by period, shape (3, periods).
    lanes
        The sources that are other locations and may be used.
    member_starts, members
        Sources of each item, and after the items of each supplier, end to end: those of number n are
        ``members[member_starts[n]:member_starts[n + 1]]``.
    tier_starts, tiers
        Price breaks likewise, by kind: on whole lines by order value and by units of the line, incremental ones by
        source and by supplier; threshold, and the rate or what it rises by.
    backorder
        Whether unmet demand waits.
    """

    items: FloatArray
    flows: FloatArray
    sources: IntArray
    lines: FloatArray
    orders: FloatArray
    shared: FloatArray
    lanes: IntArray
    member_starts: IntArray
    members: IntArray
    tier_starts: IntArray
    tiers: FloatArray
    backorder: bool


class State(NamedTuple):
    """A plan, all that follows from it, and the best one so far.

    Parameters
    ----------
    lots, quantity
        By source and period; the quantity is in units and has the planner's orders as well.
    flows
        By column, item and period: what arrives less what leaves, and stock as in `accounting.Flow`.
    item_cost
        Money by item: holding, shortage, floor, waste and what is given back.
    orders
        By column, supplier and period: lines, value and cost of an order, what the plan adds to the planner's own part,
        and whether a move rules the order out or counts it as placed.
    used
        Budget, storage and working capital by period, shape (3, periods).
    limits
        How far each is exceeded, money per unit of that now and at first. First the shared limits, end
        to end, then capacity and minimum value by supplier and period, then what items send on without having it.
    totals
        Money: the plan's cost, the weighted excess, the cost of the best plan that keeps every limit.
    counts
        Limits exceeded, entries in the log.
    best
        Lots of the best plan.
    log
        Lines changed since the last accepted move: source, period, lots before.
    random
        State of the random numbers.
    labels, label_from
        Partial plans of an item by period: cost and stock; the period, source and lots they came by.
    queue
        Items in the order in which they are planned anew.
    """

    lots: IntArray
    quantity: FloatArray
    flows: FloatArray
    item_cost: FloatArray
    orders: FloatArray
    used: FloatArray
    limits: FloatArray
    totals: FloatArray
    counts: IntArray
    best: IntArray
    log: IntArray
    random: npt.NDArray[np.uint64]
    labels: FloatArray
    label_from: IntArray
    queue: IntArray


def tables_of(work: Groundwork) -> Tables:
    """Return a problem for compiled code."""
    problem = work.problem
    periods, within = problem.periods, TOLERANCE / 2  # of what the limits allow, so that rounding never decides
    give_back = np.where(problem.first_change < periods, best_savings(problem), 0.0)
    rates = (problem.holding_cost, problem.shortage_cost, problem.safety_stock, problem.floor_penalty)
    least = np.maximum(np.round(work.smallest_line / problem.lot_size), 1.0)
    most = np.floor(np.minimum(work.largest_line / problem.lot_size + TOLERANCE, COUNTLESS))
    kinds = (problem.source_item, problem.supplier, problem.origin, problem.lead_time_periods, least, most)
    added = problem.premium + problem.lateness_cost[:, None]
    by_line = (added, problem.unit_cost, problem.lot_size, problem.order_cost, work.fixed, work.can_order)
    breaks = np.isin(np.arange(problem.suppliers), [one.supplier for one in counted(problem)])
    limits = (work.capacity * (1 + within), work.order_minimum * (1 - within))
    member_starts, members = _members(problem)
    tier_starts, tiers = _tiers(problem)
    return Tables(
        items=np.stack((problem.on_hand, *rates, problem.unit_value, problem.unit_volume, give_back), axis=1),
        flows=np.stack((problem.demand, problem.scheduled_receipts, sellable(problem), _lacking(work))),
        sources=np.stack(kinds, axis=1).astype(np.int64),
        lines=_spread(by_line, (problem.sources, periods)),
        orders=_spread((problem.supplier_order_cost, *limits, breaks), (problem.suppliers, periods)),
        shared=np.stack((work.budget, work.storage, work.working_capital)) * (1 + within),
        lanes=np.flatnonzero(problem.transfer & work.can_order.any(axis=1)),
        member_starts=member_starts,
        members=members,
        tier_starts=tier_starts,
        tiers=tiers,
        backorder=problem.shortage == "backorder",
    )


def state_of(work: Groundwork, quantity: FloatArray, seed: int) -> State:
    """Return a plan's state with empty accounts, to be filled by `evaluator.take_stock`."""
    problem = work.problem
    lots = np.round((quantity - work.fixed) / problem.lot_size[:, None]).astype(np.int64)
    items, periods, suppliers = problem.items, problem.periods, problem.suppliers
    weights = _weights(problem)
    return State(
        lots=lots,
        quantity=work.fixed + lots * problem.lot_size[:, None],
        flows=np.zeros((3, items, periods)),
        item_cost=np.zeros(items),
        orders=np.zeros((8, suppliers, periods)),
        used=np.zeros((3, periods)),
        limits=np.stack((np.zeros(len(weights)), weights, weights)),
        totals=np.array([0.0, 0.0, np.inf]),
        counts=np.zeros(3, dtype=np.int64),
        best=lots.copy(),
        log=np.zeros((3, 8 * max(quantity.size, 64)), dtype=np.int64),
        random=np.array([2 * seed + 1], dtype=np.uint64),
        labels=np.zeros((2, periods + 1)),
        label_from=np.zeros((3, periods + 1), dtype=np.int64),
        queue=np.zeros((2, items), dtype=np.int64),
    )


def _lacking(work: Groundwork) -> FloatArray:
    """Return the units by item and period that the planner's own lines send on without their being there."""
    there = arrivals(work.problem, work.fixed)
    there[:, 0] += work.problem.on_hand
    there[:, 1:] += work.flow.stock[:, :-1]
    return np.asarray(np.maximum(-there, 0.0))


def _spread(columns: Sequence[npt.NDArray[Any]], shape: tuple[int, int]) -> FloatArray:
    """Return columns by row, or by row and period, as one table."""
    spread = [np.broadcast_to(one if one.ndim == 2 else one[:, None], shape) for one in columns]
    return np.stack(spread).astype(np.float64)


def _weights(problem: OrderProblem) -> FloatArray:
    """Return what the excess of a limit costs at first, money per unit: about what a unit short costs."""
    worth = np.maximum(problem.demand.mean(axis=1), 1e-9)
    money = float(worth @ problem.shortage_cost) / max(float(worth @ problem.unit_value), 1e-9)
    volume = float(worth @ problem.shortage_cost) / max(float(worth @ problem.unit_volume), 1e-9)
    unit = float(worth @ problem.shortage_cost) / float(worth.sum())
    periods, orders = problem.periods, problem.suppliers * problem.periods
    sizes = (periods, periods, periods, orders, orders, problem.items)
    weights = (money, volume, money, unit, money, 0.0)
    flat = np.repeat(np.maximum(weights, 1e-9), sizes)
    flat[len(flat) - problem.items :] = problem.shortage_cost + problem.unit_value + 1e-6
    return np.asarray(flat)


def _members(problem: OrderProblem) -> tuple[IntArray, IntArray]:
    """Return the sources of each item and of each supplier, in rising order, end to end."""
    served = np.flatnonzero(problem.supplier >= 0)
    owner = np.concatenate((problem.source_item, problem.items + problem.supplier[served]))
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(problem.items + problem.suppliers + 1))
    return starts.astype(np.int64), np.concatenate((np.arange(problem.sources), served))[order]


def _tiers(problem: OrderProblem) -> tuple[IntArray, FloatArray]:
    """Return price breaks by kind and source (the last kind: by supplier), end to end."""
    rows = max(problem.sources, problem.suppliers)
    found: list[list[list[tuple[float, float]]]] = [[[] for _ in range(rows)] for _ in range(4)]
    for one in counted(problem):
        kind = _kind(one)
        threshold = one.from_quantity if one.from_value is None else one.from_value
        for row in [one.supplier] if kind == ORDER_STEPS else covered_sources(problem, one).tolist():
            found[kind][row].append((threshold or 0.0, one.rate))
    for kind in (STEPS, ORDER_STEPS):
        found[kind] = [_rises(tiers) for tiers in found[kind]]
    starts = np.zeros((4, rows + 1), dtype=np.int64)
    counts = np.cumsum([len(tiers) for kind in found for tiers in kind])
    starts[:, 1:] = counts.reshape(4, rows)
    starts[1:, 0] = starts[:-1, -1]
    pairs = [pair for kind in found for tiers in kind for pair in tiers]
    return starts, np.ascontiguousarray(np.array(pairs, dtype=np.float64).reshape(-1, 2).T)


def _kind(discount: Discount) -> int:
    if discount.kind == "all-unit":
        return BY_QUANTITY if discount.from_value is None else BY_VALUE
    return STEPS if discount.from_value is None else ORDER_STEPS


def _rises(tiers: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return what the rate rises by at each threshold; a lower rate never replaces a higher one."""
    rises, reached = [], 0.0
    for threshold, rate in sorted(tiers):
        if rate > reached:
            rises.append((threshold, rate - reached))
            reached = rate
    return rises
