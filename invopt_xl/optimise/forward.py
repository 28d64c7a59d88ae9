"""From order cycles to quantities: a pass through the periods that keeps minimums, lots, capacity, budget, storage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.accounting import simulate
from invopt_xl.optimise.groundwork import Groundwork, of_items, whole_lots
from invopt_xl.optimise.problem import TOLERANCE, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Cycles:
    """For each item and period of arrival, the period before which the next order arrives; 0: no order arrives."""

    covers: IntArray


def place_orders(work: Groundwork, cycles: Cycles, *, coupled: bool) -> FloatArray:
    """Return quantities by item and order period that follow the cycles and keep all limits.

    Parameters
    ----------
    work
        The problem.
    cycles
        When to order, and to cover what.
    coupled
        Keep budget and storage as well.
    """
    problem = work.problem
    quantity = work.fixed.copy()
    state = _Position(work)
    has_minimum = bool((work.order_minimum > 0).any())
    for period in range(problem.periods):
        need = np.where(work.can_order[:, period], state.needed(cycles), 0.0)
        wanted = np.where(need > TOLERANCE, _lots(work, need), 0.0)
        if has_minimum:
            wanted = _top_up(work, wanted, period)
        placed = _within_capacity(work, wanted, period)
        if coupled and placed.any():
            placed = _within_shared(work, quantity, placed, period)
        if has_minimum:
            placed = _drop_small_orders(work, placed, period)
        quantity[:, period] += placed
        state.advance(quantity[:, period])
    return quantity


def follow(work: Groundwork, desired: FloatArray) -> FloatArray:
    """Return the plan nearest to desired quantities that keeps all limits; what is cut is asked for again later."""
    quantity = work.fixed.copy()
    owed = np.zeros(work.problem.items)
    has_minimum = bool((work.order_minimum > 0).any())
    for period in range(work.problem.periods):
        asked = np.where(work.can_order[:, period], desired[:, period] - work.fixed[:, period] + owed, 0.0)
        wanted = np.where(asked > TOLERANCE, _lots(work, asked), 0.0)
        placed = _within_shared(work, quantity, _within_capacity(work, wanted, period), period)
        if has_minimum:
            placed = _drop_small_orders(work, placed, period)
        quantity[:, period] += placed
        owed = np.maximum(asked - placed, 0.0)
    return quantity


def _lots(work: Groundwork, need: FloatArray) -> FloatArray:
    return whole_lots(np.maximum(need, work.smallest_line), work.problem.lot_size)


class _Position:
    """Stock of each item just before the arrival of an order placed in the current period."""

    def __init__(self, work: Groundwork) -> None:
        problem = work.problem
        self.work = work
        self.clock = problem.lead_time_periods.copy()
        self.rows = np.arange(problem.items)
        before = np.minimum(self.clock, problem.periods) - 1
        flow = work.flow
        stock = flow.stock[self.rows, before]
        if problem.shortage == "backorder":
            stock = stock - flow.short[self.rows, before]
        self.position = np.where(self.clock > 0, stock, problem.on_hand)
        net = np.cumsum(problem.demand - problem.scheduled_receipts, axis=1)
        self.net = np.hstack((np.zeros((problem.items, 1)), net))
        self.periods = np.arange(problem.periods)

    def needed(self, cycles: Cycles) -> FloatArray:
        """Return units to keep the floor to the end of the cycle that begins now, or zero."""
        problem = self.work.problem
        clock = np.minimum(self.clock, problem.periods - 1)
        ends = np.where(self.clock < problem.periods, cycles.covers[self.rows, clock], 0)
        inside = (self.periods >= clock[:, None]) & (self.periods < ends[:, None])
        level = self.net[:, 1:] - self.net[self.rows, clock][:, None] + problem.safety_stock[:, None]
        highest = np.where(inside, level, -np.inf).max(axis=1)
        return np.where(ends > 0, np.maximum(highest - self.position, 0), 0.0)

    def advance(self, ordered: FloatArray) -> None:
        problem = self.work.problem
        live = self.clock < problem.periods
        clock = np.minimum(self.clock, problem.periods - 1)
        change = problem.scheduled_receipts[self.rows, clock] + ordered - problem.demand[self.rows, clock]
        after = self.position + change
        if problem.shortage == "lost":
            after = np.maximum(after, 0)
        self.position = np.where(live, after, self.position)
        self.clock = self.clock + 1


def _top_up(work: Groundwork, wanted: FloatArray, period: int) -> FloatArray:
    """Raise the lines of orders below the supplier's minimum value, in proportion."""
    problem = work.problem
    value = _order_values(work, wanted)
    minimum = work.order_minimum[:, period]
    factor = np.where((value > 0) & (value < minimum), minimum / np.where(value > 0, value, 1.0), 1.0)
    raised = of_items(problem, factor, 1.0)
    return np.where(raised > 1, whole_lots(wanted * raised, problem.lot_size), wanted)


def _order_values(work: Groundwork, ordered: FloatArray) -> FloatArray:
    problem = work.problem
    served = problem.supplier >= 0
    values = np.bincount(problem.supplier[served], (problem.unit_cost * ordered)[served], minlength=problem.suppliers)
    return np.asarray(values, dtype=np.float64)


def _drop_small_orders(work: Groundwork, placed: FloatArray, period: int) -> FloatArray:
    """Cancel what limits left below a supplier's minimum value."""
    small = _order_values(work, placed) < work.order_minimum[:, period] * (1 - TOLERANCE)
    return np.where(of_items(work.problem, small.astype(float), 0.0) > 0, 0.0, placed)


def _within_capacity(work: Groundwork, wanted: FloatArray, period: int) -> FloatArray:
    """Cut the lines of suppliers asked for more than their capacity, the least urgent first."""
    problem = work.problem
    served = problem.supplier >= 0
    if not served.any():
        return wanted
    units = np.bincount(problem.supplier[served], wanted[served], minlength=problem.suppliers)
    placed = wanted.copy()
    for supplier in np.flatnonzero(units > work.capacity[:, period] * (1 + TOLERANCE)):
        room = work.capacity[supplier, period]
        lines = np.flatnonzero((problem.supplier == supplier) & (wanted > 0))
        for line in lines[np.argsort(-_urgency(work)[lines], kind="stable")]:
            placed[line] = _fits(work, int(line), wanted[line], room)
            room -= placed[line]
    return placed


def _urgency(work: Groundwork) -> FloatArray:
    """Rank lines for scarce room: what a unit short costs for its money."""
    problem = work.problem
    return np.asarray((problem.shortage_cost + problem.floor_penalty) / np.maximum(problem.unit_cost, 1e-9))


def _fits(work: Groundwork, item: int, wanted: float, room: float) -> float:
    """Return the most whole lots of an item within the room, or zero if the smallest line is beyond it."""
    lot = work.problem.lot_size[item]
    most = min(wanted, float(np.floor(room / lot * (1 + TOLERANCE) + TOLERANCE) * lot))
    return most if most >= work.smallest_line[item] * (1 - TOLERANCE) else 0.0


def _within_shared(work: Groundwork, quantity: FloatArray, wanted: FloatArray, period: int) -> FloatArray:
    """Cut the period's lines to what budget and storage leave, the least urgent first."""
    problem = work.problem
    budget = work.budget[period]
    without = simulate(problem, quantity).available
    trial = quantity.copy()
    trial[:, period] += wanted
    added = problem.unit_volume[:, None] * (simulate(problem, trial).available - without)
    room = work.storage - problem.unit_volume @ without
    tight = (added.sum(axis=0) > room + TOLERANCE * np.maximum(work.storage, 1)) & np.isfinite(work.storage)
    if problem.unit_cost @ wanted <= budget * (1 + TOLERANCE) and not tight.any():
        return wanted
    placed = np.zeros_like(wanted)
    lines = np.flatnonzero(wanted > 0)
    for line in lines[np.argsort(-_urgency(work)[lines], kind="stable")].tolist():
        units = wanted[line]
        if problem.unit_cost[line] > 0:
            units = _fits(work, line, units, budget / problem.unit_cost[line])
        if units > 0 and tight.any():
            # An added unit takes its volume from its arrival until it is used, at most.
            arrives = period + int(problem.lead_time_periods[line])
            later = added[line, arrives:] > 0
            spare = room[arrives:][later].min() if later.any() else np.inf
            if problem.unit_volume[line] > 0:
                units = _fits(work, line, units, max(spare, 0.0) / problem.unit_volume[line])
        placed[line] = units
        budget -= problem.unit_cost[line] * units
        room = room - added[line] * (units / wanted[line])
    return placed
