"""Items on lattices of stock levels: what the compiled loops need to know of them, and the plans that come of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from invopt_xl.optimise.accounting import arrivals, sellable, simulate
from invopt_xl.optimise.discounts import best_savings
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.lattice_rows import Option, Row, Stage
from invopt_xl.optimise.lattice_tables import Priced, Stages, Stocks, Taken
from invopt_xl.optimise.line_prices import ItemPlans, Limits, LinePrices
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray, IntArray

_WORTH_A_THREAD = 200_000
"""Levels, times periods, that are looked at in about the time that handing work to a thread takes many times over."""

_MOST_BEYOND = 10_000
"""Levels that lines there must be may add: beyond the last one it makes no difference how far they lead."""


class Lattice:
    """Items ready for dynamic programming.

    Parameters
    ----------
    work
        The problem.
    rows
        The items.
    """

    def __init__(self, work: Groundwork, rows: list[Row]) -> None:
        self.work, self.rows = work, rows
        self.item = np.array([row.item for row in rows], dtype=np.int64)
        self.lost = work.problem.shortage == "lost"
        self.stocks = _stocks(work, rows)
        self.lines = _Lines(work, rows)
        self.stages = self.lines.stages(self.stocks.levels)
        self.at_last = _lowest_at_last_level(self.stocks, lost=self.lost)

    def restricted(self, limits: Limits) -> Lattice:
        """Return the items with their lines within limits that a search has set.

        Lines that there must be may lead to more stock than is ever needed: there are levels for them.
        """
        kept = object.__new__(Lattice)
        kept.__dict__.update(self.__dict__)
        more = np.zeros(len(self.rows))
        number = {int(source): stage for stage, source in enumerate(self.lines.source) if not self.lines.sends[stage]}
        for (source, _), (low, _) in limits.items():
            if source in number:
                more[self.lines.row[number[source]]] += low
        steps = np.minimum(np.ceil(more / self.stocks.step), _MOST_BEYOND).astype(np.int64)
        levels = self.stocks.levels + steps[:, None]
        kept.stocks = self.stocks._replace(levels=levels)
        kept.stages = self.lines.stages(levels)
        kept.at_last = _lowest_at_last_level(kept.stocks, lost=self.lost)
        self.lines.restrict(kept.stages, kept.stocks, limits)
        return kept

    def solve(self, prices: LinePrices, plans: ItemPlans, workers: int = 1) -> None:
        """Write the items' cheapest plans and their values."""
        from invopt_xl.optimise.lattice_loops import cheapest_plans  # brings the compiler

        if not self.rows:
            return
        priced, coarseness = self._priced(prices)
        shape = len(self.lines.source), self.work.problem.periods
        taken = Taken(np.zeros(len(self.rows)), np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64))
        tables = self.stocks, self.stages, priced

        def follow(items: IntArray) -> None:
            cheapest_plans(tables, self.lost, items, taken)

        parts = self._parts(workers)
        if len(parts) == 1:
            follow(parts[0])
        else:
            with ThreadPoolExecutor(len(parts)) as pool:
                list(pool.map(follow, parts))
        plans.value[self.item] = taken.cost - coarseness
        self._write(taken, plans)

    def _parts(self, workers: int) -> list[IntArray]:
        """Return the items in parts of about equal work."""
        work = self.stocks.levels.max(axis=1) * (self.work.problem.periods - self.stocks.first) ** 2
        workers = int(np.clip(work.sum() // _WORTH_A_THREAD, 1, workers))
        order = np.argsort(-work)
        return [np.ascontiguousarray(order[part::workers]) for part in range(workers)]

    def _priced(self, prices: LinePrices) -> tuple[Priced, FloatArray]:
        """Return all prices, and by item what whole steps instead of lots could cost at most."""
        stocks, lines = self.stocks, self.lines
        line, unit = lines.priced(prices)
        price = unit * stocks.step[lines.row[lines.stage_of]][:, None]
        held = self._held(prices)
        refund, moved = self._coarse_moves(price)
        kept = self._never_needed(held)
        priced = Priced(lines.least, line, price, prices.start, prices.end, kept * stocks.step[:, None], refund)
        return priced, moved + self._coarse_stock(priced, held[:, 0])

    def _held(self, prices: LinePrices) -> FloatArray:
        """Return by period what a unit that is there from then on costs if it is held to the end."""
        stocks, periods = self.stocks, self.work.problem.periods
        end, start = (np.append(np.cumsum(one[::-1])[::-1], 0.0) for one in (prices.end, prices.start))
        cost = stocks.holding[:, None] * (periods - np.arange(periods + 1)) + stocks.saving[:, None]
        return np.asarray(cost + stocks.value[:, None] * end + stocks.volume[:, None] * start)

    def _never_needed(self, held: FloatArray) -> FloatArray:
        """Return by period what a unit that is never needed costs from then on: held to the end, or thrown away."""
        value, spoils = self.stocks.value[:, None], np.isfinite(self.stocks.cleared)
        thrown = np.where(self.at_last >= self.stocks.cleared, value, np.minimum(held[:, :-1], value))
        return np.hstack((np.where(spoils, thrown, held[:, :-1]), held[:, -1:]))

    def _coarse_moves(self, price: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return by item what a unit bought too much may cost, and what lines in whole steps cost more at most.

        Any plan has one on the lattice that follows it: each source brings its lines rounded up to whole steps, less
        what it is ahead by, and sends on likewise rounded down. So each is ahead by less than a step at any time; what
        it is ahead by ends as stock, as a sale that the plan loses, or as waste. A line differs by less than a step,
        and pays for that no more than its price differs from a usual one, beside the usual price of what it is ahead
        by. A usual price that is at most the cost of a lost sale is paid by that sale; of waste it is refunded.
        """
        refund, most = np.zeros(len(self.rows)), np.zeros(len(self.rows))
        choice = self.stages.choice
        for number, row in enumerate(self.rows):
            if not row.coarse:
                continue
            for stage in range(self.stocks.stage[number], self.stocks.stage[number + 1]):
                paid = price[choice[stage] : choice[stage + 1]] * (-1.0 if self.stages.sends[stage] else 1.0)
                usual = float(np.median(paid))
                if self.lost:
                    usual = min(usual, row.step * float(self.stocks.shortage[number]))
                most[number] += np.abs(paid - usual).max(axis=0).sum() + max(usual, 0.0)
                refund[number] = max(refund[number], usual / row.step)
        return np.where(self.stocks.spared > 0, refund, 0.0), most

    def _coarse_stock(self, priced: Priced, held: FloatArray) -> FloatArray:
        """Return by item what the stock costs that whole steps are ahead by: less than a step for each source.

        What spoils is thrown away as often as it is bought: so much waste is spared in each period. Beyond the last
        level there may be waste without what is spared.
        """
        ahead = np.array([row.step * len(row.stages) if row.coarse else 0.0 for row in self.rows])
        stocks = self.stocks
        unseen = (self.at_last < stocks.cleared + stocks.spared[:, None]) & np.isfinite(stocks.cleared)
        beyond = stocks.spared * (stocks.value + priced.refund) * unseen.sum(axis=1)
        return np.asarray(ahead * held + beyond)

    def _write(self, taken: Taken, plans: ItemPlans) -> None:
        """Write lines into plans, and take off what whole steps bring only for it to be thrown away."""
        problem, lines = self.work.problem, self.lines
        stage, period = np.nonzero(taken.steps)
        source = lines.source[stage]
        lot, steps = problem.lot_size[source], taken.steps[stage, period]
        units = np.round(steps * self.stocks.step[lines.row[stage]] / lot) * lot
        sends = lines.sends[stage]
        plans.sent[source[sends], period[sends]] = units[sends]
        chosen = (self.stages.choice[stage] + taken.choice[stage, period])[~sends]
        source, period, units = source[~sends], period[~sends], units[~sends]
        plans.quantity[source, period] = units
        if (self.stocks.spared > 0).any():
            units = self._trimmed(plans, (source, period, chosen))
            plans.quantity[source, period] = units
        plans.mode[source, period] = lines.mode[chosen]
        saved = lines.rate[chosen] * units - lines.constant[chosen]
        plans.saved[source, period] = problem.unit_cost[source, period] * saved

    def _trimmed(self, plans: ItemPlans, at: tuple[IntArray, IntArray, IntArray]) -> FloatArray:
        """Return units of lines, by source, period and choice, less whole lots that are thrown away as they arrive."""
        problem, units = self.work.problem, plans.quantity[at[0], at[1]]
        waste = simulate(problem, self.work.fixed + plans.quantity, self.work.fixed + plans.sent).waste
        coarse = set(self.item[self.stocks.spared > 0].tolist())
        for number, (source, period, choice) in enumerate(zip(*(one.tolist() for one in at), strict=True)):
            item, arrival = int(problem.source_item[source]), period + int(problem.lead_time_periods[source])
            if item in coarse and arrival < problem.periods and waste[item, arrival] > 0:
                lot, least = float(problem.lot_size[source]), float(self.lines.smallest[choice])
                spare = max(min(float(waste[item, arrival]), float(units[number]) - least), 0.0)
                taken = float(np.floor(spare / lot + TOLERANCE)) * lot
                units[number] -= taken
                waste[item, arrival] -= taken
        return units


def _stocks(work: Groundwork, rows: list[Row]) -> Stocks:
    """Return what is known of the items' stock."""
    problem = work.problem
    item = np.array([row.item for row in rows], dtype=np.int64)
    first = problem.first_change[item]
    net = np.cumsum(problem.demand[item] - arrivals(problem, work.fixed)[item], axis=1)
    net = np.hstack((np.zeros((len(item), 1)), net))
    before = np.maximum(first - 1, 0)
    opening = np.where(first > 0, work.flow.stock[item, before], problem.on_hand[item])
    if problem.shortage != "lost":
        opening = opening - np.where(first > 0, work.flow.short[item, before], 0.0)
    spoils = np.array([row.spoils for row in rows], dtype=bool)
    base = np.array([row.below for row in rows], dtype=np.int64)
    return Stocks(
        first=first.astype(np.int64),
        base=base,
        levels=np.array([row.levels for row in rows], dtype=np.int64).reshape(len(rows), problem.periods + 1),
        emptied=_emptied(first, opening, net, kept=spoils | (base > 0)),
        step=np.array([row.step for row in rows]),
        origin=opening + net[np.arange(len(item)), first],
        spoils=spoils,
        holding=problem.holding_cost[item],
        shortage=problem.shortage_cost[item],
        floor=problem.safety_stock[item],
        floor_penalty=problem.floor_penalty[item],
        volume=problem.unit_volume[item],
        value=problem.unit_value[item],
        saving=best_savings(problem)[item],
        net=net,
        demand=np.ascontiguousarray(problem.demand[item]),
        cleared=sellable(problem)[item] - problem.demand[item],
        spared=np.array([row.step * len(row.stages) if row.coarse and row.spoils else 0.0 for row in rows]),
        stage=np.cumsum([0, *(len(row.stages) for row in rows)]),
    )


def _emptied(first: IntArray, opening: FloatArray, net: FloatArray, *, kept: BoolArray) -> IntArray:
    """Return by item the first period that may begin with an empty shelf, or the next one where that is not known."""
    later = np.arange(net.shape[1]) > first[:, None]
    empty = later & (net - net[np.arange(len(first)), first][:, None] > opening[:, None] - TOLERANCE)
    found = np.where(empty.any(axis=1), empty.argmax(axis=1), net.shape[1])
    return np.where(kept, first + 1, found)


def _lowest_at_last_level(stocks: Stocks, *, lost: bool) -> FloatArray:
    """Return by item and period the least stock that the last levels of an item's lanes stand for at its end."""
    above = stocks.step[:, None] * (stocks.levels - 1 - stocks.base[:, None])
    begins = np.full(stocks.net.shape, np.inf)
    later = np.arange(stocks.net.shape[1]) > stocks.first[:, None]
    if lost:
        begins = np.where(later, stocks.net, np.inf)
    left = np.hstack((np.zeros((len(above), 1)), stocks.cleared))
    begins = np.where(later & np.isfinite(left), np.minimum(begins, stocks.net + left), begins)
    first = (stocks.origin + above[np.arange(len(above)), stocks.first])[:, None]
    lowest = np.minimum(np.minimum.accumulate(begins + above, axis=1), first)
    return np.asarray((lowest - stocks.net)[:, 1:])


class _Lines:
    """The lines of items' sources, and the ways of ordering them, one after another.

    Parameters
    ----------
    work
        The problem.
    rows
        The items.
    """

    def __init__(self, work: Groundwork, rows: list[Row]) -> None:
        self.work = work
        stages = [stage for row in rows for stage in row.stages]
        self.row = np.repeat(np.arange(len(rows)), [len(row.stages) for row in rows])
        self._of_stages(stages)
        self._of_choices([option for stage in stages for option in stage.options])

    def _of_stages(self, stages: list[Stage]) -> None:
        self.source = np.array([stage.source for stage in stages], dtype=np.int64)
        self.sends = np.array([stage.sends for stage in stages], dtype=bool)
        self.room = np.array([stage.room for stage in stages], dtype=float)
        self.stride = np.array([stage.stride for stage in stages], dtype=np.int64)
        self.most = np.array([stage.most for stage in stages], dtype=np.int64)
        self.largest = np.array([stage.largest for stage in stages], dtype=np.int64)
        self.shift = np.where(self.sends, 0, self.work.problem.lead_time_periods[self.source]).astype(np.int64)
        self.choice = np.cumsum([0, *(len(stage.options) for stage in stages)])
        self.stage_of = np.repeat(np.arange(len(stages)), np.diff(self.choice))

    def _of_choices(self, options: list[Option]) -> None:
        problem = self.work.problem
        self.mode = np.array([option.mode for option in options], dtype=np.int64)
        self.rate = np.array([option.rate for option in options], dtype=float)
        self.constant = np.array([option.constant for option in options], dtype=float)
        self.least = np.array([option.least for option in options], dtype=np.int64)
        source, sends = self.source[self.stage_of], self.sends[self.stage_of][:, None]
        self.smallest = np.maximum(self.work.smallest_line[source], [option.threshold for option in options])
        cost = problem.unit_cost[source]
        unit = problem.premium[source] + problem.lateness_cost[source][:, None] - self.rate[:, None] * cost
        line = problem.order_cost[source][:, None] + self.constant[:, None] * cost
        line = np.where(self.work.can_order[source], np.where(sends, 0.0, line), np.inf)
        ordered = np.arange(problem.periods) - self.shift[self.stage_of][:, None]
        self.ordered = np.maximum(ordered, 0)
        self.unit = np.take_along_axis(np.where(sends, 0.0, unit), self.ordered, 1)
        self.line = np.where(ordered >= 0, np.take_along_axis(line, self.ordered, 1), np.inf)

    def priced(self, prices: LinePrices) -> tuple[FloatArray, FloatArray]:
        """Return what a line and a unit cost, by choice and the period in which stock changes."""
        source, sends = self.source[self.stage_of][:, None], self.sends[self.stage_of][:, None]
        bought = source, self.mode[:, None], self.ordered
        line = self.line + np.where(sends, 0.0, prices.line[bought])
        return line, self.unit + np.where(sends, prices.sent[source, self.ordered], prices.unit[bought])

    def stages(self, levels: IntArray) -> Stages:
        """Return the stages of items with so many levels."""
        shape = len(self.source), self.work.problem.periods
        binds = self.largest < levels.max(axis=1)[self.row] - 1
        return Stages(
            sends=self.sends,
            far=self.least > self.room[self.stage_of] * (1 + TOLERANCE),
            stride=self.stride,
            shift=self.shift,
            least=np.zeros(shape, dtype=np.int64),
            most=np.repeat(self.most[:, None], shape[1], axis=1),
            must=np.zeros(shape, dtype=bool),
            binds=np.repeat(binds[:, None], shape[1], axis=1),
            choice=self.choice,
        )

    def restrict(self, stages: Stages, stocks: Stocks, limits: Limits) -> None:
        """Write the limits of lines that a search has set."""
        for stage in np.flatnonzero(np.isin(self.source, [source for source, _ in limits])).tolist():
            row = int(self.row[stage])
            step, levels = float(stocks.step[row]), int(stocks.levels[row].max())
            for (source, period), (low, high) in limits.items():
                at = period + int(self.shift[stage])
                if source != self.source[stage] or at >= self.work.problem.periods:
                    continue  # of another line, or too late for one
                highest = round(min(high / step, 1e15))
                stages.least[stage, at] = round(low / step)
                stages.most[stage, at] = min(int(self.most[stage]), highest)
                stages.must[stage, at] = low > 0
                stages.binds[stage, at] |= highest < levels - 1
