"""Lines of one source on a lattice: what the best one costs from every level, and which it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from invopt_xl.optimise.lattice_rows import Stage
from invopt_xl.optimise.lattice_stock import LatticeStock
from invopt_xl.optimise.line_prices import Limits, LinePrices
from invopt_xl.optimise.terms import BoolArray, FloatArray, IntArray

_KEPT_PLACES = 30_000
"""Numbers of a table of places that are kept."""


@dataclass(frozen=True, eq=False)
class Choice:
    """One way of ordering at the prices; arrays by item, or by item and the period in which stock changes."""

    mode: IntArray
    rate: FloatArray
    constant: FloatArray
    least: IntArray  # steps
    line: FloatArray  # money per line; infinite where it cannot be
    step: FloatArray  # money per step


@dataclass(frozen=True, eq=False)
class Taken:
    """The lines taken: steps, number of the choice, and the level that each leads to."""

    steps: IntArray
    choice: IntArray
    level: IntArray


@dataclass(frozen=True, eq=False)
class _Bounds:
    """Limits that a search has set, in steps, and where there must be a line; by item and period.

    `binds` tells by period whether a most of them is below what the levels allow.
    """

    least: IntArray
    most: IntArray
    must: BoolArray
    binds: BoolArray


class LineStage:
    """The lines of one source of each item: into its stock, or, for a transfer, out of the stock it comes from.

    Parameters
    ----------
    stock
        The items' stock.
    stages
        Of each item.
    """

    def __init__(self, stock: LatticeStock, stages: list[Stage]) -> None:
        self.stock, self.stages = stock, stages
        self.sends = stages[0].sends
        self.source = np.array([stage.source for stage in stages])
        self.stride = stages[0].stride
        self.most = np.array([stage.most for stage in stages])
        # A line may lead from the first level to the last, which is that of the longest lattice of the pass.
        self.limited = min(stage.largest for stage in stages) < stock.levels - 1
        lead = stock.work.problem.lead_time_periods[self.source]
        self.shift = np.zeros_like(lead) if self.sends else lead
        self.bounds: _Bounds | None = None
        self.places: dict[tuple[int, bytes], IntArray] = {}

    def restrict(self, limits: Limits) -> None:
        """Keep the lines within limits that a search has set."""
        self.bounds = None
        shape = (len(self.source), self.stock.periods)
        for (source, period), (low, high) in limits.items():
            for row in np.flatnonzero(self.source == source).tolist():
                at, step = period + int(self.shift[row]), float(self.stock.step[row])
                if at >= self.stock.periods:
                    continue  # too late for a line
                if self.bounds is None:
                    most = np.broadcast_to(self.most[:, None], shape).copy()
                    least = np.zeros(shape, dtype=np.int64)
                    self.bounds = _Bounds(least, most, least > 0, np.full(shape[1], self.limited))
                highest = round(min(high / step, 1e15))
                self.bounds.least[row, at] = round(low / step)
                self.bounds.most[row, at] = min(self.most[row], highest)
                self.bounds.must[row, at] = low > 0
                self.bounds.binds[at] |= highest < self.stock.levels - 1

    def must(self, period: int) -> BoolArray:
        """Return which items must have a line."""
        none = np.zeros(len(self.source), dtype=bool)
        return none if self.bounds is None else self.bounds.must[:, period]

    def priced(self, prices: LinePrices) -> list[Choice]:
        """Return the ways of ordering at prices."""
        return [self._choice(number, prices) for number in range(len(self.stages[0].options))]

    def _choice(self, number: int, prices: LinePrices) -> Choice:
        work, source = self.stock.work, self.source
        problem = work.problem
        options = [stage.options[number] for stage in self.stages]
        mode = np.array([option.mode for option in options])
        rate = np.array([option.rate for option in options])
        constant = np.array([option.constant for option in options])
        if self.sends:
            by_unit, by_line = prices.sent[source], np.zeros((len(source), problem.periods))
        else:
            cost = problem.unit_cost[source]
            by_unit = problem.premium[source] + problem.lateness_cost[source][:, None] - rate[:, None] * cost
            by_unit = by_unit + prices.unit[source, mode]
            by_line = problem.order_cost[source][:, None] + constant[:, None] * cost + prices.line[source, mode]
        by_line = np.where(work.can_order[source], by_line, np.inf)
        ordered = np.arange(problem.periods) - self.shift[:, None]
        there, at = ordered >= 0, np.maximum(ordered, 0)
        return Choice(
            mode=mode,
            rate=rate,
            constant=constant,
            least=np.array([option.least for option in options]),
            line=np.where(there, np.take_along_axis(by_line, at, 1), np.inf),
            step=np.take_along_axis(by_unit, at, 1) * self.stock.step[:, None],
        )

    def _bounded(self, choice: Choice, period: int) -> tuple[Choice, IntArray, bool]:
        """Return a choice within the search's limits, the most steps, and whether these bind."""
        if self.bounds is None:
            return choice, self.most, self.limited
        least = np.maximum(choice.least, self.bounds.least[:, period])
        most = self.bounds.most[:, period]
        line = np.where((most < least)[:, None], np.inf, choice.line)
        return replace(choice, least=least, line=line), most, bool(self.bounds.binds[period])

    def improved(self, values: FloatArray, choices: list[Choice], period: int, kept: FloatArray) -> FloatArray:
        """Return the values if a line may be placed at the start of the period.

        Parameters
        ----------
        values
            Without one.
        choices
            Ways of ordering.
        period
            In which stock changes.
        kept
            By item, what a step beyond the last level costs to the end.
        """
        must = self.must(period)
        if not must.any() and not any(np.isfinite(choice.line[:, period]).any() for choice in choices):
            return values
        best = values.copy()
        best[must] = np.inf
        best = best[:, :, ::-1] if self.sends else best
        ahead = self._there(values, period)
        number = self.stock.number
        for one in choices:
            choice, most, bind = self._bounded(one, period)
            line, step = choice.line[:, period], choice.step[:, period]
            if np.isinf(line).all():
                continue
            paid = step[:, None] * number
            least = self._least_ahead(ahead + paid[:, None], choice.least, most if bind else None)
            least += (line[:, None] - paid)[:, None]
            np.minimum(best, least, out=best)
            beyond = self._beyond(choice, most, period, kept)
            if beyond is not None:
                reaches = (number + beyond[0][:, None] >= self.stock.levels)[:, None]
                np.minimum(best, np.where(reaches, beyond[1][:, None] + values[:, :, -1:], np.inf), out=best)
        return np.ascontiguousarray(best[:, :, ::-1]) if self.sends else best

    def _there(self, values: FloatArray, period: int) -> FloatArray:
        """Return the values of the levels a line leads to, in its direction; what is not there cannot be sent.

        With backorders levels do not tell what stands there while customers wait: the value is then a bound.
        """
        if not self.sends:
            return values
        if not self.stock.lost:
            return values[:, :, ::-1]
        before = self.stock.ends(period + 1)[:, : values.shape[1]] + self.stock.demand[:, period, None, None]
        return np.where(before < -1e-9, np.inf, values)[:, :, ::-1]

    def _beyond(
        self, choice: Choice, most: IntArray, period: int, kept: FloatArray
    ) -> tuple[IntArray, FloatArray] | None:
        """Return the steps of the best line that leads beyond the last level, and by level what it costs.

        Stock beyond the last level is never needed: it is held to the end, or thrown away. So such a line is worth it
        only if units are paid for being ordered, as they are to fill an order's minimum value, or if there must be a
        line. Items that send units on have levels for that.
        """
        line, step = choice.line[:, period], choice.step[:, period]
        pays, must = step + kept < 0, self.must(period)
        if self.sends or self.stock.sends or not (pays | must).any():
            return None
        steps = np.where(pays, most, np.where(must, choice.least, 0))
        over = self.stock.number + (steps - self.stock.levels + 1)[:, None]
        return steps, (line + step * steps)[:, None] + kept[:, None] * over

    def _least_ahead(self, paid: FloatArray, least: IntArray, most: IntArray | None) -> FloatArray:
        """Return for each level the least of those a line can lead to."""
        if most is not None:
            return _least_within(paid, least, most, self.stride)
        items, lanes, levels = paid.shape
        table = np.empty((items, lanes, levels + 1))
        table[:, :, -1] = np.inf  # lines beyond the last level
        if self.stride == 1:
            np.minimum.accumulate(paid[:, :, ::-1], axis=2, out=table[:, :, levels - 1 :: -1])
        else:
            by_lot = paid.reshape(items, lanes, -1, self.stride)[:, :, ::-1]
            table[:, :, :-1] = np.minimum.accumulate(by_lot, axis=2)[:, :, ::-1].reshape(paid.shape)
        first = int(least[0])
        if (least == first).all():
            return _ahead(table, first)
        return np.take(table, self._shifted(lanes, least))

    def _shifted(self, lanes: int, least: IntArray) -> IntArray:
        """Return where in a table with one level more each level finds that `least` steps above it."""
        key = (lanes, least.tobytes())
        if key in self.places:
            return self.places[key]
        levels = self.stock.levels
        begins = (np.arange(len(least) * lanes) * (levels + 1)).reshape(len(least), lanes, 1)
        at = np.minimum(self.stock.number + least[:, None], levels)[:, None]
        if begins.size * levels <= _KEPT_PLACES:
            self.places[key] = begins + at
        return np.asarray(begins + at)

    def take(
        self,
        values: FloatArray,
        rows: IntArray,
        place: tuple[IntArray, IntArray],
        choices: list[Choice],
        when: tuple[int, FloatArray],
    ) -> Taken:
        """Return the best lines of some items from where they are.

        Parameters
        ----------
        values
            Without a line.
        rows
            The items.
        place
            Their lattices and levels.
        choices
            Ways of ordering.
        when
            The period, and what a step beyond the last level costs to the end.
        """
        period, kept = when
        lane, level = place
        here = self._there(values, period)[rows, lane]
        top = self.stock.levels - 1
        begin = top - level if self.sends else level
        ahead = self.stock.number - begin[:, None]
        best = np.full(len(rows), np.inf)
        steps, leads, chosen = (np.zeros(len(rows), dtype=np.int64) for _ in range(3))
        for number, one in enumerate(choices):
            choice, most, bind = self._bounded(one, period)
            line, step = choice.line[rows, period], choice.step[rows, period]
            allowed = (ahead >= choice.least[rows][:, None]) & (ahead % self.stride == 0)
            if bind:
                allowed &= ahead <= most[rows][:, None]
            costs = np.where(allowed, line[:, None] + step[:, None] * ahead + here, np.inf)
            at = costs.argmin(axis=1)
            cost, moved = costs[np.arange(len(rows)), at], at - begin
            beyond = self._beyond(choice, most, period, kept)
            if beyond is not None:
                reaches = begin + beyond[0][rows] > top
                over = np.where(reaches, beyond[1][rows, begin] + here[:, -1], np.inf)
                moved, at = np.where(over < cost, beyond[0][rows], moved), np.where(over < cost, top, at)
                cost = np.minimum(cost, over)
            better = cost < best
            best = np.where(better, cost, best)
            steps, leads = np.where(better, moved, steps), np.where(better, at, leads)
            chosen = np.where(better, number, chosen)
        return Taken(steps, chosen, top - leads if self.sends else leads)


def _ahead(table: FloatArray, steps: int) -> FloatArray:
    """Return for each level what a table with one level more tells of that so many steps above it."""
    levels = table.shape[2] - 1
    found = np.full((*table.shape[:2], levels), np.inf)
    found[:, :, : max(levels - steps, 0)] = table[:, :, steps:levels]
    return found


def _least_within(paid: FloatArray, least: IntArray, most: IntArray, stride: int) -> FloatArray:
    """Return for each level the least of those from `least` to `most` steps above it.

    Windows are made of two that are powers of two wide.
    """
    levels = paid.shape[2]
    low = np.minimum(least, levels)
    width = np.maximum(np.minimum(most, levels - 1) - low, 0) // stride + 1
    power = np.floor(np.log2(width)).astype(np.int64)
    room = int(low.max()) + stride * int(width.max()) + 1
    table = np.concatenate((paid, np.full((*paid.shape[:2], room), np.inf)), axis=2)
    found = np.empty_like(paid)
    for size in range(int(power.max()) + 1):
        rows = np.flatnonzero(power == size)
        if len(rows):
            first = np.arange(levels) + low[rows][:, None]
            second = first + (stride * (width[rows] - 2**size))[:, None]
            lanes = paid.shape[1]
            ends = [np.take_along_axis(table[rows], one[:, None].repeat(lanes, axis=1), 2) for one in (first, second)]
            found[rows] = np.minimum(*ends)
        moved = np.full_like(table, np.inf)
        shift = stride * 2**size
        moved[:, :, : max(table.shape[2] - shift, 0)] = table[:, :, shift:]
        table = np.minimum(table, moved)
    return found
