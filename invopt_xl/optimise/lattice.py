"""Dynamic programming over stock levels, backwards through the periods, for items of one shape at a time.

An item's stock levels lie on a lattice: its opening stock less demand so far, and so many steps above it. Lost sales
leave it: an empty shelf begins a lattice of its own. So does clearing by shelf life; but there stock is brought back to
the first lattice. The value there is taken from the level above, less what holding the difference could cost, or from
the one below, less what lacking it could cost, whichever is more: both are below the truth, and close to it where steps
are fine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from invopt_xl.optimise.accounting import arrivals, sellable
from invopt_xl.optimise.discounts import best_savings
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.lattice_rows import Row
from invopt_xl.optimise.terms import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from invopt_xl.optimise.item_plans import ItemPlans, LinePrices

_KEPT_ENDS = 2_000_000
"""Numbers that a lattice may keep to spare itself the work of making them again."""

_KEPT_PLACES = 30_000
"""The same for each table of places."""

_TIE = 1e-9
"""A line is taken if it saves more than this share of a unit of money."""


@dataclass(frozen=True, eq=False)
class _Choice:
    """An option of a stage at the prices, arrays by item (and order period)."""

    mode: IntArray
    least: IntArray
    line: FloatArray  # money per line, by item and period of arrival; infinite where it cannot be
    step: FloatArray  # money per step, of the same shape
    rate: FloatArray
    constant: FloatArray


class Lattice:
    """Items with equally many sources and options, and lots of equally many steps.

    Parameters
    ----------
    work
        The problem.
    rows
        The items.
    """

    def __init__(self, work: Groundwork, rows: list[Row]) -> None:
        problem = work.problem
        self.work, self.rows = work, rows
        self.item = item = np.array([row.item for row in rows])
        self.step = np.array([row.step for row in rows])
        self.stages = len(rows[0].stages)
        self.source = np.array([[stage.source for stage in row.stages] for row in rows]).reshape(len(rows), -1)
        self.stride = [stage.stride for stage in rows[0].stages]
        self.most = np.array([[stage.most for stage in row.stages] for row in rows]).reshape(len(rows), -1)
        widest = math.lcm(*self.stride)
        self.levels = -(-max(row.levels for row in rows) // widest) * widest
        self.windowed = [stage.limited for stage in rows[0].stages]
        self.number = np.arange(self.levels)
        self.lost = problem.shortage == "lost"
        self.perishable = bool(np.isfinite(problem.shelf_life_periods[item]).any())
        self.first = problem.first_change[item]
        self.begin = int(self.first.min())
        self._settle_stock()
        small = len(rows) * self.levels * problem.periods**2 <= _KEPT_ENDS
        self.places: dict[tuple[int, bytes], IntArray] = {}
        self.kept_ends = [self._ends(upto) for upto in range(problem.periods + 1)] if small else []

    def _settle_stock(self) -> None:
        """Cumulate demand less receipts, and find each lattice's lowest level at the end of each period."""
        problem, item, work = self.work.problem, self.item, self.work
        receipts = problem.scheduled_receipts[item] + _arrivals(work)[item]
        net = np.cumsum(problem.demand[item] - receipts, axis=1)
        self.net = np.hstack((np.zeros((len(item), 1)), net))
        rows = np.arange(len(item))
        before = np.maximum(self.first - 1, 0)
        opening = np.where(self.first > 0, work.flow.stock[item, before], problem.on_hand[item])
        if not self.lost:
            opening = opening - np.where(self.first > 0, work.flow.short[item, before], 0.0)
        # Lowest level at the end of period t is origin - net[t + 1].
        self.origin = opening + self.net[rows, np.minimum(self.first, problem.periods)]
        self.demand = problem.demand[item]
        self.floor, self.floor_penalty = problem.safety_stock[item], problem.floor_penalty[item]
        self.holding, self.shortage = problem.holding_cost[item], problem.shortage_cost[item]
        self.volume, self.value = problem.unit_volume[item], problem.unit_value[item]
        self.saving = best_savings(problem)[item]
        self.clears = sellable(problem)[item] if self.perishable else None

    # -- backwards ------------------------------------------------------------------------------------------------

    def solve(self, prices: LinePrices, plans: ItemPlans) -> None:
        """Write the items' cheapest plans and their values."""
        periods = self.work.problem.periods
        choices = self._choices(prices)
        self.bounds = [self._bounds(period, prices) for period in range(-1, periods)]
        ends = self._ends_of(periods)
        following = self.saving[:, None, None] * np.maximum(ends - self.floor[:, None, None], 0.0)
        levels: dict[int, list[FloatArray]] = {}
        follows: dict[int, FloatArray] = {}
        found = np.zeros(len(self.item))
        for period in range(periods - 1, self.begin - 1, -1):
            follows[period] = following
            values = [self._end_of_period(period, following, prices)]
            for stage in range(self.stages - 1, -1, -1):
                values.insert(0, self._with_lines(values[0], stage, choices[stage], period))
            levels[period], following = values, values[0]
            starts = self.first == period
            found[starts] = following[starts, 0, 0]
        plans.value[self.item] = found - self._coarseness(choices, prices)
        self._trace(levels, follows, choices, plans)

    def _choices(self, prices: LinePrices) -> list[list[_Choice]]:
        """Price every option of every stage by period of arrival."""
        return [
            [self._choice(stage, number, prices) for number in range(len(self.rows[0].stages[stage].options))]
            for stage in range(self.stages)
        ]

    def _choice(self, stage: int, number: int, prices: LinePrices) -> _Choice:
        problem = self.work.problem
        options = [row.stages[stage].options[number] for row in self.rows]
        source = self.source[:, stage]
        mode = np.array([option.mode for option in options])
        rate = np.array([option.rate for option in options])
        constant = np.array([option.constant for option in options])
        cost = problem.unit_cost[source]
        by_unit = problem.premium[source] + problem.lateness_cost[source][:, None] - rate[:, None] * cost
        by_unit = by_unit + prices.unit[source, mode]
        by_line = problem.order_cost[source][:, None] + constant[:, None] * cost + prices.line[source, mode]
        by_line = np.where(self.work.can_order[source], by_line, np.inf)
        lead = problem.lead_time_periods[source]
        arrival = np.arange(problem.periods) - lead[:, None]
        there, at = arrival >= 0, np.maximum(arrival, 0)
        return _Choice(
            mode=mode,
            least=np.array([option.least for option in options]),
            line=np.where(there, np.take_along_axis(by_line, at, 1), np.inf),
            step=np.take_along_axis(by_unit, at, 1) * self.step[:, None],
            rate=rate,
            constant=constant,
        )

    def _ends(self, upto: int) -> FloatArray:
        """Return stock less what is short once periods `upto` are over: by item, lattice and level.

        The first lattice begins with the opening stock, the others with an empty shelf at the start of a period; those
        that begin at `upto` are among them.
        """
        origins = self.origin[:, None]
        if self.lost:
            origins = np.hstack((origins, self.net[:, self.begin + 1 : upto + 1]))
        return (origins - self.net[:, upto, None])[:, :, None] + (self.step[:, None] * self.number)[:, None]

    def _ends_of(self, upto: int) -> FloatArray:
        return self.kept_ends[upto] if self.kept_ends else self._ends(upto)

    def _end_of_period(self, period: int, following: FloatArray, prices: LinePrices) -> FloatArray:
        """Return by item, lattice and level the cost of a period's end and of all that follows."""
        ends = self._ends_of(period + 1)
        main = following[:, 0]
        if self.lost:
            ends = ends[:, :-1]  # the last one begins when the period is over
            follows = np.where(ends < 0, following[:, -1:, :1], following[:, :-1])
        else:
            follows = following
        if self.clears is None:
            return self._running(ends, period, prices) + follows
        most = (self.clears[:, period] - self.demand[:, period])[:, None, None]
        beyond = ends > most
        thrown = np.where(beyond, ends - np.where(beyond, most, 0.0), 0.0) * self.value[:, None, None]
        costs = self._running(np.minimum(ends, most), period, prices) + thrown
        return costs + np.where(beyond, self._cleared(period, main)[:, None, None], follows)

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
        return costs

    def _between(self, period: int, main: FloatArray, place: FloatArray) -> FloatArray:
        """Return the value after a period of stocks that lie so many steps above the first lattice's lowest level.

        Parameters
        ----------
        period
            The period that is over.
        main
            What follows from the levels of the first lattice, shape (items, levels).
        place
            Steps, fractions of them included, one row an item.
        """
        low = np.floor(place + 1e-9)
        part = np.maximum(place - low, 0.0) * self.step[:, None]
        below = np.clip(low, 0, self.levels - 1).astype(np.int64)
        above = np.clip(low + 1, 0, self.levels - 1).astype(np.int64)
        held, lacked = self.bounds[period + 1]
        # A level beyond the last counts as the last, one below the first is compared with the first.
        over = np.where(low < 0, (0.0 - place) * self.step[:, None], self.step[:, None] - part)
        from_above = np.take_along_axis(main, above, 1) - held[:, None] * np.where(low >= self.levels - 1, 0.0, over)
        from_below = np.take_along_axis(main, below, 1) - lacked[:, None] * part
        return np.where((low < 0) | (low >= self.levels - 1), from_above, np.maximum(from_above, from_below))

    def _bounds(self, period: int, prices: LinePrices) -> tuple[FloatArray, FloatArray]:
        """Return the most that a unit more, or a unit less, after a period can cost."""
        after = slice(period + 1, None)
        left = self.work.problem.periods - 1 - period
        held = self.holding * left + prices.end[after].sum() * self.value + prices.start[after].sum() * self.volume
        times = 1 if self.lost else max(left, 1)
        return held + self.saving, self.shortage * times + self.floor_penalty * left

    def _cleared(self, period: int, main: FloatArray) -> FloatArray:
        """Return by item the value after the shelf was cleared down to what sells within shelf life."""
        assert self.clears is not None
        stock = self.clears[:, period] - self.demand[:, period]
        stock = np.where(np.isfinite(stock), stock, 0.0)
        place = (stock - self.origin + self.net[:, period + 1]) / self.step
        return self._between(period, main, place[:, None])[:, 0]

    def _with_lines(self, values: FloatArray, stage: int, choices: list[_Choice], period: int) -> FloatArray:
        """Return the values if a line may arrive at the start of the period."""
        best = values
        for choice in choices:
            line, step = choice.line[:, period], choice.step[:, period]
            if not np.isfinite(line).any():
                continue
            if best is values:
                best = values.copy()
            paid = step[:, None, None] * self.number
            dearest = self._least_above(values + paid, stage, choice.least)
            np.minimum(best, line[:, None, None] + dearest - paid, out=best)
            beyond, top = self._beyond(choice, stage, period)
            if beyond is not None:
                reaches = (self.number + beyond[:, None] >= self.levels)[:, None]
                np.minimum(best, np.where(reaches, top[:, None] + values[:, :, -1:], np.inf), out=best)
        return best

    def _beyond(self, choice: _Choice, stage: int, period: int) -> tuple[IntArray | None, FloatArray]:
        """Return the steps of the best line that leads beyond the last level, and by level what it costs.

        Stock beyond the last level is never needed: it is held to the end, or thrown away. So such a line is worth it
        only if units are paid for being ordered, as they are to fill an order's minimum value.
        """
        line, step = choice.line[:, period], choice.step[:, period]
        kept = self.bounds[period][0]
        if self.clears is not None:
            kept = np.where(np.isfinite(self.clears[:, -1]), np.minimum(kept, self.value), kept)
        kept = kept * self.step
        pays = step + kept < 0
        if not pays.any():
            return None, step
        beyond = np.where(pays, self.most[:, stage], 0)
        over = self.number + (beyond - self.levels + 1)[:, None]
        return beyond, (line + step * beyond)[:, None] + kept[:, None] * over

    def _least_above(self, paid: FloatArray, stage: int, least: IntArray) -> FloatArray:
        """Return for each level the least of those a line can lead to."""
        if self.windowed[stage]:
            return self._least_within(paid, stage, least)
        items, lanes, levels = paid.shape
        table = np.full((items, lanes, levels + 1), np.inf)  # the last one: lines beyond the last level
        stride = self.stride[stage]
        if stride == 1:
            np.minimum.accumulate(paid[:, :, ::-1], axis=2, out=table[:, :, levels - 1 :: -1])
        else:
            by_lot = paid.reshape(items, lanes, -1, stride)[:, :, ::-1]
            table[:, :, :-1] = np.minimum.accumulate(by_lot, axis=2)[:, :, ::-1].reshape(paid.shape)
        return np.take(table, self._shifted(lanes, least))

    def _shifted(self, lanes: int, least: IntArray) -> IntArray:
        """Return where in a table with one level more each level finds that `least` steps above it."""
        key = (lanes, least.tobytes())
        if key in self.places:
            return self.places[key]
        begins = (np.arange(len(least) * lanes) * (self.levels + 1)).reshape(len(least), lanes, 1)
        at = np.minimum(self.number + least[:, None], self.levels)[:, None]
        if begins.size * self.levels <= _KEPT_PLACES:
            self.places[key] = begins + at
        return begins + at

    def _least_within(self, paid: FloatArray, stage: int, least: IntArray) -> FloatArray:
        """Return the same where lines have a largest quantity: windows made of two that are powers of two wide."""
        stride, most = self.stride[stage], self.most[:, stage]
        width = np.maximum(np.minimum(most, self.levels - 1) - least, 0) // stride + 1
        power = np.floor(np.log2(width)).astype(np.int64)
        room = int(least.max()) + stride * int(width.max()) + 1
        table = np.concatenate((paid, np.full((*paid.shape[:2], room), np.inf)), axis=2)
        found = np.empty_like(paid)
        for size in range(int(power.max()) + 1):
            rows = np.flatnonzero(power == size)
            if len(rows):
                first = self.number + np.minimum(least[rows], self.levels)[:, None]
                second = first + (stride * (width[rows] - 2**size))[:, None]
                part = table[rows]
                lanes = part.shape[1]
                found[rows] = np.minimum(
                    np.take_along_axis(part, first[:, None].repeat(lanes, axis=1), 2),
                    np.take_along_axis(part, second[:, None].repeat(lanes, axis=1), 2),
                )
            shift = stride * 2**size
            moved = np.full_like(table, np.inf)
            moved[:, :, : max(table.shape[2] - shift, 0)] = table[:, :, shift:]
            table = np.minimum(table, moved)
        return found

    def _coarseness(self, choices: list[list[_Choice]], prices: LinePrices) -> FloatArray:
        """Return what whole steps instead of lots could cost at most, for items whose steps are several lots.

        Any plan, its cumulated quantities rounded up to whole steps, is one of the lattice: it holds less than a step
        more at any time, and moves less than a step between lines.
        """
        coarse = np.array([row.coarse for row in self.rows])
        if not coarse.any():
            return np.zeros(len(coarse))
        held = self.holding * self.work.problem.periods + prices.end.sum() * self.value
        held = held + prices.start.sum() * self.volume + self.saving
        steps = np.stack([choice.step / self.step[:, None] for options in choices for choice in options])
        middle = np.median(steps.reshape(len(steps), len(coarse), -1), axis=(0, 2))
        moved = np.abs(steps - middle[:, None]).max(axis=0).sum(axis=1)
        return np.where(coarse, self.step * (held + moved + np.abs(middle)), 0.0)

    # -- forwards -------------------------------------------------------------------------------------------------

    def _trace(
        self,
        levels: dict[int, list[FloatArray]],
        follows: dict[int, FloatArray],
        choices: list[list[_Choice]],
        plans: ItemPlans,
    ) -> None:
        """Follow the cheapest decisions from the opening stock."""
        count = len(self.item)
        rows = np.arange(count)
        lane, level = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        for period in range(self.begin, self.work.problem.periods):
            live = self.first <= period
            for stage in range(self.stages):
                before, after = levels[period][stage], levels[period][stage + 1]
                gain = after[rows, lane, level] - before[rows, lane, level]
                takes = np.flatnonzero(live & (gain > _TIE))
                if len(takes):
                    level[takes] = self._take(after, takes, (lane, level), (stage, period), choices[stage], plans)
            lane, level = self._after(period, (lane, level), live, follows[period])

    def _take(
        self,
        values: FloatArray,
        rows: IntArray,
        place: tuple[IntArray, IntArray],
        when: tuple[int, int],
        choices: list[_Choice],
        plans: ItemPlans,
    ) -> IntArray:
        """Order the best line of a stage; return the levels it leads to."""
        stage, period = when
        lane, level = place[0][rows], place[1][rows]
        here = values[rows, lane]
        ahead = self.number - level[:, None]
        most = self.most[rows, stage]
        best = np.full(len(rows), np.inf)
        steps, leads, chosen = (np.zeros(len(rows), dtype=np.int64) for _ in range(3))
        for number, choice in enumerate(choices):
            line, step, least = choice.line[rows, period], choice.step[rows, period], choice.least[rows]
            allowed = (ahead >= least[:, None]) & (ahead % self.stride[stage] == 0)
            if self.windowed[stage]:
                allowed &= ahead <= most[:, None]
            costs = np.where(allowed, line[:, None] + step[:, None] * ahead + here, np.inf)
            at = costs.argmin(axis=1)
            cost = costs[np.arange(len(rows)), at]
            beyond, top = self._top(choice, rows, (stage, period), level, here[:, -1])
            over = top < cost
            better = np.minimum(top, cost) < best
            best = np.where(better, np.minimum(top, cost), best)
            steps = np.where(better, np.where(over, beyond, at - level), steps)
            leads = np.where(better, np.where(over, self.levels - 1, at), leads)
            chosen = np.where(better, number, chosen)
        self._write(rows, (stage, period), (steps, chosen), choices, plans)
        return leads

    def _top(
        self, choice: _Choice, rows: IntArray, when: tuple[int, int], level: IntArray, last: FloatArray
    ) -> tuple[IntArray, FloatArray]:
        """Return the steps of lines beyond the last level from where items are, and what these cost in all."""
        beyond, cost = self._beyond(choice, *when)
        if beyond is None:
            return level, np.full(len(rows), np.inf)
        steps = beyond[rows]
        return steps, np.where(level + steps >= self.levels, cost[rows, level] + last, np.inf)

    def _write(
        self,
        rows: IntArray,
        when: tuple[int, int],
        lines: tuple[IntArray, IntArray],
        choices: list[_Choice],
        plans: ItemPlans,
    ) -> None:
        problem = self.work.problem
        (stage, period), (steps, chosen) = when, lines
        source = self.source[rows, stage]
        ordered = period - problem.lead_time_periods[source]
        units = steps * self.step[rows]
        lot = problem.lot_size[source]
        plans.quantity[source, ordered] = np.round(units / lot) * lot
        mode = np.stack([choice.mode for choice in choices])[chosen, rows]
        rate = np.stack([choice.rate for choice in choices])[chosen, rows]
        constant = np.stack([choice.constant for choice in choices])[chosen, rows]
        plans.mode[source, ordered] = mode
        plans.saved[source, ordered] = problem.unit_cost[source, ordered] * (rate * units - constant)

    def _after(
        self, period: int, place: tuple[IntArray, IntArray], live: BoolArray, following: FloatArray
    ) -> tuple[IntArray, IntArray]:
        """Return where a period's end leaves each item."""
        lane, level = place
        ends = self._ends_of(period + 1)[np.arange(len(self.item)), lane, level]
        if self.clears is not None:
            most = self.clears[:, period] - self.demand[:, period]
            cleared = ends > most
            lowest = self.origin - self.net[:, period + 1]
            landed = self._nearest(period, following[:, 0], (np.where(cleared, most, lowest) - lowest) / self.step)
            lane, level = np.where(cleared, 0, lane), np.where(cleared, landed, level)
        if self.lost:
            empty = ends < 0
            lane, level = np.where(empty, following.shape[1] - 1, lane), np.where(empty, 0, level)
        return np.where(live, lane, 0), np.where(live, level, 0)

    def _nearest(self, period: int, main: FloatArray, place: FloatArray) -> IntArray:
        """Return the level that `_between` takes the value from."""
        rows = np.arange(len(self.item))
        low = np.floor(place + 1e-9)
        part = np.maximum(place - low, 0.0) * self.step
        held, lacked = self.bounds[period + 1]
        below, above = (np.clip(one, 0, self.levels - 1).astype(np.int64) for one in (low, low + 1))
        up = main[rows, above] - held * (self.step - part) > main[rows, below] - lacked * part
        return np.where(up | (low < 0), above, below)


def _arrivals(work: Groundwork) -> FloatArray:
    """Return what the planner's own lines bring and take away, by item and period."""
    return arrivals(work.problem, work.fixed) - work.problem.scheduled_receipts
