"""From order cycles to quantities: a pass through the periods that keeps minimums, lots, capacity and shared limits.

Every item has one source here, in the items' order (see `constructive`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.accounting import simulate
from invopt_xl.optimise.groundwork import Groundwork, of_sources, whole_lots
from invopt_xl.optimise.terms import TOLERANCE, FloatArray, IntArray

TOP_UPS = 4
"""Rounds of raising an order's lines to its minimum value; each round leaves out lines that hold all they may."""


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
        Keep budget, storage and working capital as well.
    """
    problem = work.problem
    quantity = work.fixed.copy()
    state = _Position(work)
    has_minimum = bool((work.order_minimum > 0).any())
    for period in range(problem.periods):
        need, at_once = (np.where(work.can_order[:, period], units, 0.0) for units in state.needed(cycles))
        wanted = np.where(need > TOLERANCE, _lots(work, need), 0.0)
        if has_minimum:
            wanted = _top_up(work, wanted, period)
        first = np.minimum(wanted, np.where(at_once > TOLERANCE, _lots(work, at_once), 0.0))
        placed = _within_capacity(work, wanted, first, period)
        if has_minimum:
            placed = _drop_small_orders(work, placed, period)
        if coupled and placed.any():
            placed = _within_shared(work, quantity, placed, np.minimum(first, placed), period)
        quantity[:, period] += placed
        # What was cut is asked for again in the next period, whatever the cycles say.
        state.pending = np.where(placed < wanted - TOLERANCE, state.ends, 0)
        state.advance(quantity[:, period])
    return quantity


def _lots(work: Groundwork, need: FloatArray) -> FloatArray:
    lots = whole_lots(np.maximum(need, work.smallest_line), work.problem.lot_size)
    return np.asarray(np.minimum(lots, work.largest_line))


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
        self.ends = np.zeros(problem.items, dtype=np.int64)
        self.pending = np.zeros(problem.items, dtype=np.int64)

    def needed(self, cycles: Cycles) -> tuple[FloatArray, FloatArray]:
        """Return units to keep the floor to the end of the cycle that begins now, and of its first period."""
        problem = self.work.problem
        clock = np.minimum(self.clock, problem.periods - 1)
        self.ends = np.maximum(np.where(self.clock < problem.periods, cycles.covers[self.rows, clock], 0), self.pending)
        ends = np.where(self.ends > clock, self.ends, 0)
        inside = (self.periods >= clock[:, None]) & (self.periods < ends[:, None])
        level = self.net[:, 1:] - self.net[self.rows, clock][:, None] + problem.safety_stock[:, None]
        highest = np.where(inside, level, -np.inf).max(axis=1)
        need = np.where(ends > 0, np.maximum(highest - self.position, 0), 0.0)
        return need, np.minimum(need, np.maximum(level[self.rows, clock] - self.position, 0))

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
    """Raise the lines of orders below the supplier's minimum value, in proportion, each to the most it may hold."""
    problem = work.problem
    minimum = work.order_minimum[:, period]
    for _ in range(TOP_UPS):
        value = _order_values(work, wanted, period)
        open_value = _order_values(work, np.where(wanted < work.largest_line, wanted, 0.0), period)
        small = (open_value > 0) & (value < minimum)
        if not small.any():
            break
        factor = np.where(small, 1.0 + (minimum - value) / np.where(small, open_value, 1.0), 1.0)
        raised = whole_lots(wanted * of_sources(problem, factor, 1.0), problem.lot_size)
        wanted = np.where(of_sources(problem, factor, 1.0) > 1, np.minimum(raised, work.largest_line), wanted)
    return wanted


def _order_values(work: Groundwork, ordered: FloatArray, period: int) -> FloatArray:
    return work.problem.sum_by_supplier(work.problem.unit_cost[:, period] * ordered)


def _drop_small_orders(work: Groundwork, placed: FloatArray, period: int) -> FloatArray:
    """Cancel what capacity left below a supplier's minimum value, so that it takes no room from others."""
    small = _order_values(work, placed, period) < work.order_minimum[:, period] * (1 - TOLERANCE)
    return np.where(of_sources(work.problem, small.astype(float), 0.0) > 0, 0.0, placed)


def _within_capacity(work: Groundwork, wanted: FloatArray, first: FloatArray, period: int) -> FloatArray:
    """Cut the lines of suppliers asked for more than their capacity: first what is needed at once, then the rest."""
    problem = work.problem
    served = problem.supplier >= 0
    if not served.any():
        return wanted
    units = np.bincount(problem.supplier[served], wanted[served], minlength=problem.suppliers)
    placed = wanted.copy()
    urgency = _urgency(work)
    for supplier in np.flatnonzero(units > work.capacity[:, period] * (1 + TOLERANCE)):
        room = work.capacity[supplier, period]
        lines = np.flatnonzero((problem.supplier == supplier) & (wanted > 0))
        lines = lines[np.argsort(-urgency[lines], kind="stable")]
        placed[lines] = 0.0
        for aim in (first, wanted):
            for line in lines.tolist():
                more = _fits(work, line, aim[line], room + placed[line])
                if more > placed[line]:
                    room -= more - placed[line]
                    placed[line] = more
    return placed


def _urgency(work: Groundwork) -> FloatArray:
    """Rank lines for scarce room: what a unit short costs for its money."""
    problem = work.problem
    return np.asarray((problem.shortage_cost + problem.floor_penalty) / np.maximum(problem.unit_value, 1e-9))


def _fits(work: Groundwork, item: int, wanted: float, room: float) -> float:
    """Return the most whole lots of an item within the room, or zero if the smallest line is beyond it."""
    lot = work.problem.lot_size[item]
    most = min(wanted, float(np.floor(room / lot * (1 + TOLERANCE) + TOLERANCE) * lot))
    return most if most >= work.smallest_line[item] * (1 - TOLERANCE) else 0.0


def _within_shared(
    work: Groundwork, quantity: FloatArray, wanted: FloatArray, first: FloatArray, period: int
) -> FloatArray:
    """Cut the period's lines to what budget and storage leave: first what is needed at once, then the rest.

    Orders that this leaves below their supplier's minimum value are given up. What they took goes to those of them that
    save most for their money, each as large as it has to be, and what is left then to all that are placed.
    """
    room = _SharedRoom(work, quantity, wanted, period)
    if room.holds(wanted):
        return wanted
    problem, minimum = work.problem, work.order_minimum[:, period] * (1 - TOLERANCE)
    placed = np.zeros_like(wanted)
    lines = np.flatnonzero(wanted > 0)
    lines = lines[np.argsort(-_urgency(work)[lines], kind="stable")]
    room.fill(placed, lines, first)
    value, asked = _order_values(work, placed, period), _order_values(work, wanted, period)
    small = np.flatnonzero((asked > 0) & (value < minimum))
    if not len(small):
        return placed
    room.empty(placed, np.flatnonzero(np.isin(problem.supplier, small)))
    saved = problem.sum_by_supplier((problem.shortage_cost + problem.floor_penalty) * first)
    for supplier in small[np.argsort(-saved[small] / asked[small], kind="stable")].tolist():
        own = lines[problem.supplier[lines] == supplier]
        if room.fill(placed, own, first, enough=minimum[supplier]) < minimum[supplier]:
            room.empty(placed, own)
    kept = _order_values(work, placed, period) >= minimum
    room.fill(placed, lines[of_sources(problem, kept.astype(float), 1.0)[lines] > 0], first)
    return placed


class _SharedRoom:
    """Budget of a period, storage and working capital of all periods while its lines are placed."""

    def __init__(self, work: Groundwork, quantity: FloatArray, wanted: FloatArray, period: int) -> None:
        problem = work.problem
        self.work, self.wanted = work, wanted
        self.cost = problem.unit_cost[:, period]
        self.budget = float(work.budget[period])
        limits = np.concatenate((work.storage, work.working_capital))
        self.limited = np.isfinite(limits)
        without = self._use(quantity)
        trial = quantity.copy()
        trial[:, period] += wanted
        # What a line adds to stock falls at least in proportion with its quantity.
        self.added = self._use(trial) - without
        self.room = limits[self.limited] - without.sum(axis=0)
        self.slack = TOLERANCE * np.maximum(limits[self.limited], 1)

    def _use(self, quantity: FloatArray) -> FloatArray:
        """Return what each item takes of the limits that there are."""
        problem, flow = self.work.problem, simulate(self.work.problem, quantity)
        parts = (problem.unit_volume[:, None] * flow.available, problem.unit_value[:, None] * flow.stock)
        return np.asarray(np.hstack(parts)[:, self.limited])

    def holds(self, ordered: FloatArray) -> bool:
        """Return whether all that is wanted fits."""
        fits = bool((self.added.sum(axis=0) <= self.room + self.slack).all())
        return fits and float(self.cost @ ordered) <= self.budget * (1 + TOLERANCE)

    def take(self, line: int, units: float) -> None:
        """Use room for units of a line, or give it back."""
        self.budget -= float(self.cost[line]) * units
        if units:
            self.room = self.room - self.added[line] * (units / self.wanted[line])

    def most(self, line: int, units: float) -> float:
        """Return the most of a line, up to some units, that fits."""
        if units > 0 and self.cost[line] > 0:
            units = _fits(self.work, line, units, max(self.budget, 0.0) / self.cost[line])
        taken = self.added[line] > 0
        if units > 0 and taken.any():
            share = float((self.room[taken] / self.added[line][taken]).min())
            units = _fits(self.work, line, units, max(share, 0.0) * self.wanted[line])
        return units

    def fill(self, placed: FloatArray, lines: IntArray, first: FloatArray, enough: float = np.inf) -> float:
        """Place lines one after the other, what is needed at once and then the rest, and return what they are worth.

        Once they are worth enough, what is not needed at once is left out.
        """
        value = float(self.cost[lines] @ placed[lines])
        for aim, most in ((first, np.inf), (self.wanted, enough)):
            for line in lines.tolist():
                if value >= most:
                    return value
                before = placed[line]
                self.take(line, -before)
                placed[line] = max(self.most(line, float(aim[line])), before)
                self.take(line, placed[line])
                value += float(self.cost[line]) * (placed[line] - before)
        return value

    def empty(self, placed: FloatArray, lines: IntArray) -> None:
        """Take lines out, and give back what they took."""
        for line in lines[placed[lines] > 0].tolist():
            self.take(line, -placed[line])
            placed[line] = 0.0
