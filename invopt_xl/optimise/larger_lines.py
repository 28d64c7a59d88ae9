"""What a plan's lines would save if they were larger, and which limits forbid it.

Every line is tried with some lots more, bought in addition or in place of what its source brings next. Lines of
different items are tried together: but for their orders and shared limits, items have nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.accounting import Flow, account, simulate
from invopt_xl.optimise.discounts import order_discounts
from invopt_xl.optimise.groundwork import Groundwork, of_sources, part_of, whole_lots
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.room import hardly_any, room_left
from invopt_xl.optimise.targets import targets_of
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray, IntArray

LOTS = (1.0, 2.0, 4.0, 8.0)
"""Lots by which lines are made larger."""

WORTH_SAVING = 0.005
"""Money below which a larger line saves nothing."""

KINDS = ("working capital", "storage", "budget", "capacity")
"""The limits, those first that are told only if no later one forbids a line as well."""


@dataclass(frozen=True, eq=False)
class Larger:
    """Some lines of one period made larger, a source of each item at most.

    Parameters
    ----------
    source
        Of the lines.
    period
        In which they are ordered.
    units
        By which each is larger.
    later, cut
        A later period in which the source brings so many units less.
    saved
        Money, by line; negative where it costs more.
    use
        What each line takes more of the limits, by kind, line and period.
    beyond
        Whether that is more than is left of them.
    full
        Whether, besides, not even a lot of the line is left.
    """

    source: IntArray
    period: int
    units: FloatArray
    later: IntArray
    cut: FloatArray
    saved: FloatArray
    use: FloatArray
    beyond: BoolArray
    full: BoolArray

    def plan(self, quantity: FloatArray, line: int) -> FloatArray:
        """Return a plan with one of the lines larger."""
        trial = quantity.copy()
        trial[self.source[line], self.period] += self.units[line]
        trial[self.source[line], self.later[line]] -= self.cut[line]
        return trial


class LargerLines:
    """Tries larger lines of a plan.

    Parameters
    ----------
    work
        The problem.
    quantity
        The plan, units by source and period.
    """

    def __init__(self, work: Groundwork, quantity: FloatArray) -> None:
        problem = work.problem
        self.work, self.problem, self.quantity = work, problem, quantity
        self.flow = simulate(problem, quantity)
        self.room = room_left(work, quantity, self.flow)
        self.cost = account(problem, quantity, self.flow, discounts=False).per_item
        self.orders = problem.sum_by_supplier((quantity > 0).astype(float))
        self.value = problem.sum_by_supplier(problem.unit_cost * quantity)
        self.won = order_discounts(problem, quantity)
        spent = problem.unit_cost * quantity
        self.rate = np.divide(self.won, spent, out=np.zeros_like(spent), where=spent > 0)
        self.by_line = tuple(one for one in problem.discounts if one.from_quantity is not None)
        self.money = np.where(problem.transfer[:, None], 0.0, problem.unit_cost)
        self.may = targets_of(work).usable & ~problem.transfer[:, None]

    def tight(self) -> BoolArray:
        """Return the lines, by source and order period, for a lot more of which a limit has no room."""
        full = self._full(np.arange(self.problem.sources))
        # What arrives takes room until it is sold.
        stored: BoolArray = np.asarray(full[:2].any(axis=0))
        waiting = np.maximum.accumulate(stored[:, ::-1], axis=1)[:, ::-1]
        found: BoolArray = np.asarray(full[2:].any(axis=0))
        for lead_time in np.unique(self.problem.lead_time_periods):
            rows = self.problem.lead_time_periods == lead_time
            found[rows, : max(self.problem.periods - lead_time, 0)] |= waiting[rows, lead_time:]
        return np.asarray(found & self.may)

    def used_up(self) -> tuple[BoolArray, BoolArray, BoolArray, BoolArray]:
        """Return by kind and period (of capacity by supplier too) whether a limit is used up.

        It is where no lot of any line has room in it, or where next to nothing is left of it: among thousands of lines
        the lot of some always has.
        """
        problem, room = self.problem, self.room
        bought = ~problem.transfer
        full = self._full(np.arange(problem.sources))
        takes = np.stack((problem.source_value > 0, problem.unit_volume[problem.source_item] > 0))
        stored = [(full[kind] | ~takes[kind][:, None])[bought].all(axis=0) & takes[kind].any() for kind in range(2)]
        paid = (self.money > 0) & self.may
        spent = (full[2] | ~paid).all(axis=0)
        free = problem.sum_by_supplier((self.may & ~full[3]).astype(float)) > 0
        served = problem.sum_by_supplier(self.may.astype(float)) > 0
        units = problem.capacity_units - problem.sum_by_supplier(self.quantity)
        return (
            stored[0] | hardly_any(room.working_capital, self.work.working_capital),
            stored[1] | hardly_any(room.storage, self.work.storage),
            (spent | hardly_any(room.budget, self.work.budget)) & paid.any(axis=0),
            (~free | hardly_any(units, problem.capacity_units)) & served,
        )

    def tried(self, lines: BoolArray) -> Iterator[Larger]:
        """Yield lines by source and period made larger in all ways; those in use first of each item."""
        for period in np.flatnonzero(lines.any(axis=0)).tolist():
            sources = np.flatnonzero(lines[:, period])
            while len(sources):
                first = np.unique(self.problem.source_item[sources], return_index=True)[1]
                yield from self._ways(_Batch(self.problem, self.quantity, sources[first], period))
                sources = np.delete(sources, first)

    def _ways(self, batch: _Batch) -> Iterator[Larger]:
        """Yield these lines larger by some lots, to a price break, all that comes next, or all that is missing."""
        source, period, later = batch.source, batch.period, batch.later
        lot, now = self.problem.lot_size[source], self.quantity[source, period]
        coming = np.where((later > period) & self.may[source, later], self.quantity[source, later], 0.0)
        least = np.where(now > 0, lot, self.work.smallest_line[source])
        sizes = [np.maximum(lots * lot, least) for lots in LOTS]
        if self.by_line:
            sizes.append(np.maximum(whole_lots(self._to_break(source, now), lot), least))
        missing = np.where((now <= 0) & (coming <= 0), self._missing(source, period), 0.0)
        if missing.any():
            sizes.append(np.maximum(whole_lots(missing, lot), least))
        for units in sizes:
            yield self._larger(batch, units, np.zeros_like(units))
            yield self._larger(batch, units, self._cut(source, units, coming))
        yield self._larger(batch, np.maximum(coming, least), coming)

    def _missing(self, source: IntArray, period: int) -> FloatArray:
        """Return what of an item is short from the arrival of a line on, at least its supplier's minimum; zero of none.

        Where nothing is ordered any more, some lots need not pay for an order: all that is missing may.
        """
        arrival = period + self.problem.lead_time_periods[source]
        later = np.arange(self.problem.periods) >= arrival[:, None]
        short = self.flow.short[self.problem.source_item[source]] * later
        units = short.sum(axis=1) if self.problem.shortage == "lost" else short.max(axis=1)
        price = self.problem.unit_cost[source, period]
        lacking = of_sources(self.problem, self.work.order_minimum - self.value, 0.0)[source, period]
        least = np.divide(lacking, price, out=np.zeros_like(price), where=price > 0)
        return np.where(units > 0, np.maximum(units, least), 0.0)

    def _cut(self, source: IntArray, units: FloatArray, coming: FloatArray) -> FloatArray:
        """Return what of the next line is left out for so many units before it: what is too small to order as well."""
        rest = np.maximum(coming - units, 0.0)
        return np.where(rest < self.work.smallest_line[source] * (1 - TOLERANCE), coming, units)

    def _to_break(self, source: IntArray, now: FloatArray) -> FloatArray:
        """Return the units that lines lack to the next price break; zero where there is none."""
        lacking = np.full(len(source), np.inf)
        for one in self.by_line:
            covered = self.problem.supplier[source] == one.supplier
            if one.item is not None:
                covered &= self.problem.source_item[source] == one.item
            more = (one.from_quantity or 0.0) - now
            lacking = np.where(covered & (more > 0), np.minimum(lacking, more), lacking)
        return np.where(np.isfinite(lacking), lacking, 0.0)

    def _larger(self, batch: _Batch, units: FloatArray, cut: FloatArray) -> Larger:
        source, period = batch.source, batch.period
        trial = batch.trial(units, cut)
        flow = simulate(batch.part, trial)
        costs = account(batch.part, trial, flow, discounts=False).per_item[batch.item]
        saved = self.cost[self.problem.source_item[source]] - costs + self._won(batch, trial)
        saved -= self._orders(batch, trial[batch.row])
        allowed = trial[batch.row, period] <= self.work.largest_line[source] * (1 + TOLERANCE)
        allowed &= self._minimum_kept(batch, units, cut)
        use = self._use(batch, units, flow)
        beyond = use > np.maximum(self._left(source), 0.0) + TOLERANCE * np.maximum(use, 1.0)
        saved = np.where(allowed, saved, -np.inf)
        return Larger(source, period, units, batch.later, cut, saved, use, beyond, beyond & self._full(source))

    def _won(self, batch: _Batch, trial: FloatArray) -> FloatArray:
        """Return what these lines win more by discounts: by their own quantity, or at the rate of their order."""
        source, row = batch.source, batch.row
        won = self.rate[source] * self.problem.unit_cost[source] * trial[row]
        if self.by_line:
            by_line = [one for one in batch.part.discounts if one.from_quantity is not None]
            won = np.maximum(won, order_discounts(batch.part, trial, by_line)[row])
        more, line = won - self.won[source], np.arange(len(source))
        return more[:, batch.period] + np.where(batch.later > batch.period, more[line, batch.later], 0.0)

    def _orders(self, batch: _Batch, trial: FloatArray) -> FloatArray:
        """Return what the suppliers' orders of these lines cost more."""
        source, later, line = batch.source, batch.later, np.arange(len(batch.source))
        orders = of_sources(self.problem, self.orders, 1.0)[source]
        new = orders[:, batch.period] == 0
        gone = (trial[line, later] <= 0) & (self.quantity[source, later] > 0) & (orders[line, later] == 1)
        cost = of_sources(self.problem, self.problem.supplier_order_cost, 0.0)[source]
        return np.asarray(cost * (new.astype(float) - gone))

    def _minimum_kept(self, batch: _Batch, units: FloatArray, cut: FloatArray) -> BoolArray:
        """Return whether the orders of these lines are worth their minimum, or not there."""
        source, line = batch.source, np.arange(len(batch.source))
        kept = np.ones(len(source), dtype=bool)
        least = of_sources(self.problem, self.work.order_minimum, 0.0)[source]
        value = of_sources(self.problem, self.value, np.inf)[source]
        for when, more in ((np.full(len(source), batch.period), units), (batch.later, -cut)):
            after = value[line, when] + more * self.problem.unit_cost[source, when]
            kept &= (after >= least[line, when] * (1 - TOLERANCE)) | (np.abs(after) <= TOLERANCE)
        return kept

    def _use(self, batch: _Batch, units: FloatArray, flow: Flow) -> FloatArray:
        """Return what lines take of the limits, by kind, line and period."""
        problem, item = self.problem, self.problem.source_item[batch.source]
        use = np.zeros((len(KINDS), len(item), problem.periods))
        use[0] = problem.unit_value[item][:, None] * (flow.stock[batch.item] - self.flow.stock[item])
        use[1] = problem.unit_volume[item][:, None] * (flow.available[batch.item] - self.flow.available[item])
        use[2, :, batch.period] = self.money[batch.source, batch.period] * units
        use[3, :, batch.period] = units
        return use

    def _full(self, source: IntArray) -> BoolArray:
        """Return by kind, line and period whether a limit has no room for a lot more."""
        problem, item = self.problem, self.problem.source_item[source]
        lot = problem.lot_size[source][:, None]
        worth, volume = problem.unit_value[item][:, None], problem.unit_volume[item][:, None]
        one = (lot * worth, lot * volume, lot * self.money[source], lot)
        left = self._left(source)
        return np.stack([each > room * (1 + TOLERANCE) for each, room in zip(one, left, strict=True)])

    def _left(self, source: IntArray) -> FloatArray:
        """Return what is left of each limit, by kind, line and period."""
        room = self.room
        left = (room.working_capital, room.storage, room.budget, room.capacity[source])
        return np.stack([np.broadcast_to(each, (len(source), self.problem.periods)) for each in left])


class _Batch:
    """Lines of one period, one of each item at most, with the problem of their items alone."""

    def __init__(self, problem: OrderProblem, quantity: FloatArray, source: IntArray, period: int) -> None:
        self.source, self.period = source, period
        self.later = _next_line(quantity, source, period)
        items = np.unique(problem.source_item[source])
        self.part, kept = problem, np.arange(problem.sources)
        if not problem.transfer.any() and 2 * len(items) < problem.items:
            self.part, kept = part_of(problem, items)
        self.quantity = quantity[kept]
        self.row = np.searchsorted(kept, source)
        self.item = self.part.source_item[self.row]

    def trial(self, units: FloatArray, cut: FloatArray) -> FloatArray:
        """Return the plan of these items with lines larger by some units, and what comes next cut."""
        trial = self.quantity.copy()
        trial[self.row, self.period] += units
        trial[self.row, self.later] -= cut
        return trial


def _next_line(quantity: FloatArray, source: IntArray, period: int) -> IntArray:
    """Return the period of each source's next line; the period itself where there is none."""
    after = quantity[source, period + 1 :] > 0
    if not after.shape[1]:
        return np.full(len(source), period)
    return np.where(after.any(axis=1), period + 1 + after.argmax(axis=1), period)
