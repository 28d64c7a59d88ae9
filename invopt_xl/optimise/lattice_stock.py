"""Stock on a lattice: what the levels are, what the end of a period costs there, and what follows.

An item's stock levels are its opening stock less demand so far, and so many steps above it. Two things leave this
lattice: lost sales, and clearing by shelf life. An empty shelf begins a lattice of its own. A cleared one is brought
back to the first lattice: the value there is taken from the level above, less what holding the difference could cost,
or from the one below, less what lacking it could cost, whichever is more. Both are below the truth, and close to it
where steps are fine.
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

    Arrays of values have the shape (items, lattices, levels). The first lattice begins with the opening stock, the
    others with an empty shelf, a period later each.

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
        self.lost = problem.shortage == "lost"
        self.first = problem.first_change[item]
        self.begin = int(self.first.min())
        self.demand = problem.demand[item]
        self.floor, self.floor_penalty = problem.safety_stock[item], problem.floor_penalty[item]
        self.holding, self.shortage = problem.holding_cost[item], problem.shortage_cost[item]
        self.volume, self.value = problem.unit_volume[item], problem.unit_value[item]
        self.saving = best_savings(problem)[item]
        perishable = bool(np.isfinite(problem.shelf_life_periods[item]).any())
        self.clears = sellable(problem)[item] if perishable else None
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
        origins = self.origin[:, None]
        if self.lost:
            origins = np.hstack((origins, self.net[:, self.begin + 1 : upto + 1]))
        above = self.step[:, None] * (self.number - self.base[:, None])
        return (origins - self.net[:, upto, None])[:, :, None] + above[:, None]

    def lowest(self, upto: int) -> FloatArray:
        """Return the lowest stock of the first lattice once periods before `upto` are over, by item."""
        return np.asarray(self.origin - self.net[:, upto] - self.step * self.base)

    def at_last(self) -> FloatArray:
        """Return what is given back on stock left over."""
        left = np.maximum(self.ends(self.periods) - self.floor[:, None, None], 0.0)
        return np.asarray(self.saving[:, None, None] * left)

    def bounds(self, prices: LinePrices) -> list[tuple[FloatArray, FloatArray]]:
        """Return the most that a unit more, or a unit less, can cost from each period on."""
        times = np.maximum(self.periods - np.arange(self.periods + 1), 0)
        end, start = (np.append(np.cumsum(one[::-1])[::-1], 0.0) for one in (prices.end, prices.start))
        return [
            (
                self.holding * left + end[period] * self.value + start[period] * self.volume + self.saving,
                self.shortage * (1 if self.lost else max(left, 1)) + self.floor_penalty * left,
            )
            for period, left in enumerate(times.tolist())
        ]

    def end_of_period(
        self, period: int, following: FloatArray, prices: LinePrices, after: tuple[FloatArray, FloatArray]
    ) -> FloatArray:
        """Return the cost of a period's end and of all that follows.

        Parameters
        ----------
        period
            Which one.
        following
            Values at the start of the next period.
        prices
            Of stock.
        after
            `bounds` from the next period on.
        """
        ends = self.ends(period + 1)
        follows = following
        if self.lost:
            ends = ends[:, :-1]  # the last one begins when the period is over
            empty = np.take_along_axis(following[:, -1], self.base[:, None], 1)[:, :, None]
            follows = np.where(ends < 0, empty, following[:, :-1])
        if self.clears is None:
            return self._running(ends, period, prices) + follows
        most = (self.clears[:, period] - self.demand[:, period])[:, None, None]
        beyond = ends > most
        thrown = np.where(beyond, ends - np.where(beyond, most, 0.0), 0.0) * self.value[:, None, None]
        costs = self._running(np.minimum(ends, most), period, prices) + thrown
        return costs + np.where(beyond, self._cleared(period, following[:, 0], after)[:, None, None], follows)

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

    def _place_cleared(self, period: int) -> FloatArray:
        """Return where the shelf stands after clearing, in steps above the first lattice's lowest level."""
        assert self.clears is not None
        stock = self.clears[:, period] - self.demand[:, period]
        lowest = self.lowest(period + 1)
        return np.asarray((np.where(np.isfinite(stock), stock, lowest) - lowest) / self.step)

    def _beside(self, place: FloatArray) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
        """Return the levels below and above places, and the units to them; a place beyond the last counts as it."""
        place = np.minimum(place, self.levels - 1.0)
        low = np.floor(place + 1e-9)
        below, above = (np.clip(one, 0, self.levels - 1).astype(np.int64) for one in (low, low + 1))
        lacking = np.where(low < 0, np.inf, np.maximum(place - low, 0.0) * self.step)
        holding = np.where(low < 0, -place, low + 1 - place) * self.step
        return below, above, lacking, np.where(low >= self.levels - 1, 0.0, np.maximum(holding, 0.0))

    def _cleared(self, period: int, main: FloatArray, after: tuple[FloatArray, FloatArray]) -> FloatArray:
        """Return by item the value after the shelf was cleared, of the first lattice's values."""
        below, above, lacking, holding = self._beside(self._place_cleared(period))
        rows = np.arange(len(self.item))
        less = np.where(np.isinf(lacking), np.inf, after[1] * np.where(np.isinf(lacking), 0.0, lacking))
        return np.maximum(main[rows, above] - after[0] * holding, main[rows, below] - less)

    def after(
        self, period: int, place: tuple[IntArray, IntArray], following: FloatArray, after: tuple[FloatArray, FloatArray]
    ) -> tuple[IntArray, IntArray]:
        """Return the lattice and level in which a period's end leaves each item."""
        lane, level = place
        rows = np.arange(len(self.item))
        ends = self.ends(period + 1)[rows, lane, level]
        if self.clears is not None:
            cleared = ends > self.clears[:, period] - self.demand[:, period]
            below, above, lacking, holding = self._beside(self._place_cleared(period))
            main = following[:, 0]
            less = np.where(np.isinf(lacking), np.inf, after[1] * np.where(np.isinf(lacking), 0.0, lacking))
            up = main[rows, above] - after[0] * holding >= main[rows, below] - less
            lane, level = np.where(cleared, 0, lane), np.where(cleared, np.where(up, above, below), level)
        if self.lost:
            empty = ends < 0
            lane, level = np.where(empty, following.shape[1] - 1, lane), np.where(empty, self.base, level)
        return lane, level
