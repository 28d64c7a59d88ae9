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
from invopt_xl.optimise.groundwork import Groundwork, of_sources, whole_lots
from invopt_xl.optimise.line_batch import LineBatch
from invopt_xl.optimise.room import room_left
from invopt_xl.optimise.targets import placeable
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
    missing
        What each line takes more of the limits than is left of them, by kind, line and period.
    beyond
        Whether that is anything.
    full
        Whether, besides, not even a lot of the line is left.
    """

    source: IntArray
    period: int
    units: FloatArray
    later: IntArray
    cut: FloatArray
    saved: FloatArray
    missing: FloatArray
    beyond: BoolArray
    full: BoolArray

    def plan(self, quantity: FloatArray, line: int) -> FloatArray:
        """Return a plan with one of the lines larger."""
        trial = quantity.copy()
        trial[self.source[line], self.period] += self.units[line]
        trial[self.source[line], self.later[line]] -= self.cut[line]
        return trial

    def only(self, line: int) -> Larger:
        """Return one of the lines by itself."""
        at = [line]
        by_line = (self.units[at], self.later[at], self.cut[at], self.saved[at])
        by_limit = (self.missing[:, at], self.beyond[:, at], self.full[:, at])
        return Larger(self.source[at], self.period, *by_line, *by_limit)


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
        self.may = placeable(work) & ~problem.transfer[:, None]

    def tight(self) -> BoolArray:
        """Return the lines, by source and order period, of which a limit has no room for all that could be tried."""
        full = self._beyond(np.arange(self.problem.sources), self._largest())
        # What arrives takes room until it is sold.
        stored: BoolArray = np.asarray(full[:2].any(axis=0))
        waiting = np.maximum.accumulate(stored[:, ::-1], axis=1)[:, ::-1]
        found: BoolArray = np.asarray(full[2:].any(axis=0))
        for lead_time in np.unique(self.problem.lead_time_periods):
            rows = self.problem.lead_time_periods == lead_time
            found[rows, : max(self.problem.periods - lead_time, 0)] |= waiting[rows, lead_time:]
        return np.asarray(found & self.may)

    def _largest(self) -> FloatArray:
        """Return by source and period at least the most units by which a line is made larger."""
        problem = self.problem
        lot = problem.lot_size[:, None]
        coming = np.maximum.accumulate(self.quantity[:, ::-1], axis=1)[:, ::-1]
        most = np.maximum(np.maximum(LOTS[-1] * lot, self.work.smallest_line[:, None]), coming)
        for one in self.by_line:
            rows = problem.supplier == one.supplier
            most[rows] = np.maximum(most[rows], (one.from_quantity or 0.0) + lot[rows])
        short = self.flow.short.sum(axis=1)[problem.source_item][:, None]
        lacking = of_sources(problem, self.work.order_minimum, 0.0)
        least = np.divide(lacking, problem.unit_cost, out=np.zeros_like(coming), where=problem.unit_cost > 0)
        missing = np.where((coming <= 0) & (short > 0), np.maximum(short, least) + lot, 0.0)
        return np.asarray(np.maximum(most, missing))

    def tried(self, lines: BoolArray) -> Iterator[Larger]:
        """Yield lines by source and period made larger in all ways; those in use first of each item."""
        for period in np.flatnonzero(lines.any(axis=0)).tolist():
            sources = np.flatnonzero(lines[:, period])
            while len(sources):
                first = np.unique(self.problem.source_item[sources], return_index=True)[1]
                yield from self._ways(LineBatch(self.problem, self.quantity, sources[first], period))
                sources = np.delete(sources, first)

    def _ways(self, batch: LineBatch) -> Iterator[Larger]:
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

    def _larger(self, batch: LineBatch, units: FloatArray, cut: FloatArray) -> Larger:
        source, period = batch.source, batch.period
        trial = batch.trial(units, cut)
        flow = simulate(batch.part, trial)
        costs = account(batch.part, trial, flow, discounts=False).per_item[batch.item]
        saved = self.cost[self.problem.source_item[source]] - costs + self._won(batch, trial)
        saved -= self._orders(batch, trial[batch.row])
        allowed = trial[batch.row, period] <= self.work.largest_line[source] * (1 + TOLERANCE)
        allowed &= self._minimum_kept(batch, units, cut)
        use = self._use(batch, units, flow)
        missing = use - np.maximum(self._left(source), 0.0)
        beyond = missing > TOLERANCE * np.maximum(use, 1.0)
        saved = np.where(allowed, saved, -np.inf)
        full = self._beyond(source, self.problem.lot_size[source][:, None])
        return Larger(source, period, units, batch.later, cut, saved, missing, beyond, beyond & full)

    def _won(self, batch: LineBatch, trial: FloatArray) -> FloatArray:
        """Return what these lines win more by discounts: by their own quantity, or at the rate of their order."""
        source, row = batch.source, batch.row
        won = self.rate[source] * self.problem.unit_cost[source] * trial[row]
        if self.by_line:
            by_line = [one for one in batch.part.discounts if one.from_quantity is not None]
            won = np.maximum(won, order_discounts(batch.part, trial, by_line)[row])
        more, line = won - self.won[source], np.arange(len(source))
        return more[:, batch.period] + np.where(batch.later > batch.period, more[line, batch.later], 0.0)

    def _orders(self, batch: LineBatch, trial: FloatArray) -> FloatArray:
        """Return what the suppliers' orders of these lines cost more."""
        source, later, line = batch.source, batch.later, np.arange(len(batch.source))
        orders = of_sources(self.problem, self.orders, 1.0)[source]
        new = orders[:, batch.period] == 0
        gone = (trial[line, later] <= 0) & (self.quantity[source, later] > 0) & (orders[line, later] == 1)
        cost = of_sources(self.problem, self.problem.supplier_order_cost, 0.0)[source]
        return np.asarray(cost * (new.astype(float) - gone))

    def _minimum_kept(self, batch: LineBatch, units: FloatArray, cut: FloatArray) -> BoolArray:
        """Return whether the orders of these lines are worth their minimum, or not there."""
        source, line = batch.source, np.arange(len(batch.source))
        kept = np.ones(len(source), dtype=bool)
        least = of_sources(self.problem, self.work.order_minimum, 0.0)[source]
        value = of_sources(self.problem, self.value, np.inf)[source]
        for when, more in ((np.full(len(source), batch.period), units), (batch.later, -cut)):
            after = value[line, when] + more * self.problem.unit_cost[source, when]
            kept &= (after >= least[line, when] * (1 - TOLERANCE)) | (np.abs(after) <= TOLERANCE)
        return kept

    def _use(self, batch: LineBatch, units: FloatArray, flow: Flow) -> FloatArray:
        """Return what lines take of the limits, by kind, line and period."""
        problem, item = self.problem, self.problem.source_item[batch.source]
        use = np.zeros((len(KINDS), len(item), problem.periods))
        use[0] = problem.unit_value[item][:, None] * (flow.stock[batch.item] - self.flow.stock[item])
        use[1] = problem.unit_volume[item][:, None] * (flow.available[batch.item] - self.flow.available[item])
        use[2, :, batch.period] = self.money[batch.source, batch.period] * units
        use[3, :, batch.period] = units
        return use

    def _beyond(self, source: IntArray, units: FloatArray) -> BoolArray:
        """Return by kind, line and period whether a limit has no room for so many units more."""
        problem, item = self.problem, self.problem.source_item[source]
        worth, volume = problem.unit_value[item][:, None], problem.unit_volume[item][:, None]
        taken = (units * worth, units * volume, units * self.money[source], units)
        left = self._left(source)
        return np.stack([each > room * (1 + TOLERANCE) for each, room in zip(taken, left, strict=True)])

    def _left(self, source: IntArray) -> FloatArray:
        """Return what is left of each limit, by kind, line and period."""
        room = self.room
        left = (room.working_capital, room.storage, room.budget, room.capacity[source])
        return np.stack([np.broadcast_to(each, (len(source), self.problem.periods)) for each in left])
