"""Stock on lattices: what the levels are, what the end of a period costs there, and what follows.

An item's stock levels are its opening stock less demand so far, and so many steps above it. Two things leave this
lattice: lost sales, and clearing by shelf life. An empty shelf, and a cleared one, begin a lattice of their own, so
that every stock that a plan can lead to is a level.
"""

from __future__ import annotations

import math

import numpy as np

from invopt_xl.optimise.accounting import arrivals, sellable
from invopt_xl.optimise.discounts import best_savings
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.lattice_rows import Row
from invopt_xl.optimise.line_prices import LinePrices
from invopt_xl.optimise.terms import FloatArray, IntArray

_KEPT_ENDS = 2_000_000
"""Numbers that are kept to spare the work of making them again."""


class LatticeStock:
    """The stock of items that share a pass.

    Arrays of values have the shape (items, lattices, levels). The first lattice begins with the opening stock; then
    come, for each period, those that begin with an empty shelf and with a cleared one.

    Parameters
    ----------
    work
        The problem.
    rows
        The items.
    """

    def __init__(self, work: Groundwork, rows: list[Row]) -> None:
        problem = work.problem
        self.work = work
        self.periods = problem.periods
        self.item = item = np.array([row.item for row in rows])
        self.step = np.array([row.step for row in rows])
        self.base = np.array([row.below for row in rows])
        widest = math.lcm(*(stage.stride for stage in rows[0].stages))
        self.levels = -(-max(row.levels for row in rows) // widest) * widest
        self.number = np.arange(self.levels)
        self.sends = any(stage.sends for stage in rows[0].stages)
        self.lost = problem.shortage == "lost"
        self.first = problem.first_change[item]
        self.begin = int(self.first.min())
        self.demand = problem.demand[item]
        self.floor, self.floor_penalty = problem.safety_stock[item], problem.floor_penalty[item]
        self.holding, self.shortage = problem.holding_cost[item], problem.shortage_cost[item]
        self.volume, self.value = problem.unit_volume[item], problem.unit_value[item]
        self.saving = best_savings(problem)[item]
        self.perishable = bool(np.isfinite(problem.shelf_life_periods[item]).any())
        self.begun = int(self.lost) + int(self.perishable)
        # What is left of a cleared shelf at a period's end; infinite where nothing spoils.
        self.cleared = (sellable(problem)[item] if self.perishable else np.inf) - self.demand
        self._settle()
        small = len(rows) * self.levels * problem.periods**2 <= _KEPT_ENDS
        self.kept_ends = [self._ends(upto) for upto in range(problem.periods + 1)] if small else []

    def _settle(self) -> None:
        """Cumulate demand less what arrives anyway, and find where each item's stock begins."""
        problem, item, work = self.work.problem, self.item, self.work
        net = np.cumsum(problem.demand[item] - arrivals(problem, work.fixed)[item], axis=1)
        self.net = np.hstack((np.zeros((len(item), 1)), net))
        before = np.maximum(self.first - 1, 0)
        opening = np.where(self.first > 0, work.flow.stock[item, before], problem.on_hand[item])
        if not self.lost:
            opening = opening - np.where(self.first > 0, work.flow.short[item, before], 0.0)
        # The level numbered `base` is, at the end of period t, origin - net[t + 1].
        self.origin = opening + self.net[np.arange(len(item)), np.minimum(self.first, problem.periods)]

    def ends(self, upto: int) -> FloatArray:
        """Return stock less what is short once periods before `upto` are over, by item, lattice and level."""
        return self.kept_ends[upto] if self.kept_ends else self._ends(upto)

    def _ends(self, upto: int) -> FloatArray:
        parts = [self.origin[:, None]]
        for begin in range(self.begin + 1, upto + 1):
            if self.lost:
                parts.append(self.net[:, begin, None])
            if self.perishable:
                left = self.cleared[:, begin - 1]
                parts.append((self.net[:, begin] + np.where(np.isfinite(left), left, 0.0))[:, None])
        above = self.step[:, None] * (self.number - self.base[:, None])
        return np.asarray((np.hstack(parts) - self.net[:, upto, None])[:, :, None] + above[:, None])

    def at_last(self) -> FloatArray:
        """Return what is given back on stock left over."""
        left = np.maximum(self.ends(self.periods) - self.floor[:, None, None], 0.0)
        return np.asarray(self.saving[:, None, None] * left)

    def held(self, prices: LinePrices) -> list[FloatArray]:
        """Return by period what a unit that is never needed costs from then on: held to the end, or thrown away."""
        end, start = (np.append(np.cumsum(one[::-1])[::-1], 0.0) for one in (prices.end, prices.start))
        costs = []
        for period in range(self.periods + 1):
            cost = self.holding * (self.periods - period) + end[period] * self.value + start[period] * self.volume
            cost = cost + self.saving
            if self.perishable and period < self.periods:
                at_last_level = self.ends(period + 1)[:, :, -1].min(axis=1)
                thrown = np.where(at_last_level >= self.cleared[:, period], self.value, np.minimum(cost, self.value))
                cost = np.where(np.isfinite(self.cleared[:, period]), thrown, cost)
            costs.append(cost)
        return costs

    def end_of_period(self, period: int, following: FloatArray, prices: LinePrices) -> FloatArray:
        """Return the cost of a period's end and of all that follows.

        Parameters
        ----------
        period
            Which one.
        following
            Values at the start of the next period.
        prices
            Of stock.
        """
        ends = self.ends(period + 1)
        if not self.begun:
            return self._running(ends, period, prices) + following
        ends, follows = ends[:, : -self.begun], following[:, : -self.begun]
        begun = np.take_along_axis(following[:, -self.begun :], self.base[:, None, None], 2)
        if self.lost:
            follows = np.where(ends < 0, begun[:, :1], follows)
        if not self.perishable:
            return self._running(ends, period, prices) + follows
        most = self.cleared[:, period, None, None]
        beyond = ends > most
        thrown = np.where(beyond, ends - np.where(beyond, most, 0.0), 0.0) * self.value[:, None, None]
        costs = self._running(np.minimum(ends, most), period, prices) + thrown
        return np.asarray(costs + np.where(beyond, begun[:, -1:], follows))

    def _running(self, ends: FloatArray, period: int, prices: LinePrices) -> FloatArray:
        """Return a period's cost of stock, of what is short, and of what the floor lacks."""

        def each(rate: FloatArray) -> FloatArray:
            return rate[:, None, None]

        held = np.maximum(ends, 0.0)
        costs = each(self.holding + prices.end[period] * self.value) * held
        costs += each(self.shortage) * (held - ends)
        costs += each(self.floor_penalty) * np.maximum(each(self.floor) - held, 0.0)
        if prices.start[period]:
            there = np.maximum(ends + each(self.demand[:, period]), 0.0)
            costs += each(prices.start[period] * self.volume) * there
        return np.asarray(costs)

    def after(self, period: int, place: tuple[IntArray, IntArray], lanes: int) -> tuple[IntArray, IntArray]:
        """Return the lattice and level in which a period's end leaves each item, of so many lattices."""
        lane, level = place
        ends = self.ends(period + 1)[np.arange(len(self.item)), lane, level]
        if self.perishable:
            cleared = ends > self.cleared[:, period]
            lane, level = np.where(cleared, lanes - 1, lane), np.where(cleared, self.base, level)
        if self.lost:
            empty = ends < 0
            lane, level = np.where(empty, lanes - self.begun, lane), np.where(empty, self.base, level)
        return lane, level
