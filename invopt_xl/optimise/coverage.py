"""Which demand each order line covers: first in, first out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.accounting import simulate
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import TOLERANCE, FloatArray, IntArray
from invopt_xl.optimise.wording import units_in_words


@dataclass(frozen=True, eq=False)
class Coverage:
    """Where the units of every line go.

    Tables are by source and order period. A line's units are covered + sent on + floor + left + wasted.

    Parameters
    ----------
    covered
        Units that demand takes.
    sent_on
        Units that leave for other locations.
    floor
        Units in the safety stock at the horizon's end.
    left
        Units left beyond it at the horizon's end, or arriving after it.
    wasted
        Units thrown away on arrival, for they would outlast their shelf life.
    first, last
        First and last period of the demand covered; -1 where none is.
    line_source, line_period, demand_period, units
        The same in full: units of a line (source, order period) for the demand of a period, one after the other.
    from_stock
        Units of demand met from what is on hand, by item and period of the demand.
    from_open_orders
        Units of demand met from open orders, by item and period of the demand.
    """

    covered: FloatArray
    sent_on: FloatArray
    floor: FloatArray
    left: FloatArray
    wasted: FloatArray
    first: IntArray
    last: IntArray
    line_source: IntArray
    line_period: IntArray
    demand_period: IntArray
    units: FloatArray
    from_stock: FloatArray
    from_open_orders: FloatArray

    def sentence(self, source: int, period: int) -> str:
        """Return in words where the units of a line go; empty if there is no line."""
        first, last = int(self.first[source, period]), int(self.last[source, period])
        to = f" to period {last}" if last > first else ""
        parts = [
            (self.covered, f"for the demand of period {first}{to}"),
            (self.sent_on, "sent on"),
            (self.floor, "in the safety stock"),
            (self.left, "left at the horizon's end"),
            (self.wasted, "beyond shelf life"),
        ]
        told = [(float(table[source, period]), words) for table, words in parts]
        return ", ".join(f"{units_in_words(units)} {words}" for units, words in told if units > TOLERANCE)


def coverage_of(problem: OrderProblem, quantity: FloatArray) -> Coverage:
    """Return which demand every line covers, first in, first out from stock on hand, open orders and lines.

    Units that arrive together are used in the order open orders, the planner's lines, then lines as sources are listed;
    what spoils on arrival is taken from the last of them. With backorders units cover the demand that waited longest.

    Parameters
    ----------
    problem
        What the plan is for.
    quantity
        Units ordered by source and order period.

    Examples
    --------
    >>> problem = OrderProblem(item_names=("tea",), supplier=-1, unit_cost=2.0, demand=[[5.0, 5.0, 5.0]], on_hand=6.0,
    ...                        lead_time_periods=1, shortage_cost=4.0)
    >>> coverage = coverage_of(problem, np.array([[12.0, 0.0, 0.0]]))
    >>> int(coverage.first[0, 0]), int(coverage.last[0, 0]), coverage.covered.tolist(), coverage.left.tolist()
    (1, 2, [[9.0, 0.0, 0.0]], [[3.0, 0.0, 0.0]])
    >>> coverage.sentence(0, 0)
    "9 for the demand of period 1 to period 2, 3 left at the horizon's end"
    """
    walk = _Walk(problem, quantity)
    for item in range(problem.items):
        walk.follow(item)
    return walk.result()


class _Walk:
    """Items one after the other: what comes in and what goes out as two rows of units, laid side by side."""

    def __init__(self, problem: OrderProblem, quantity: FloatArray) -> None:
        self.problem, self.quantity = problem, quantity
        self.flow = simulate(problem, quantity)
        moved = np.flatnonzero(problem.transfer)
        self.leaving = np.zeros_like(problem.demand)
        np.add.at(self.leaving, problem.origin[moved], quantity[moved])
        shape = quantity.shape
        self.covered, self.sent_on, self.floor, self.left, self.wasted = (np.zeros(shape) for _ in range(5))
        self.first, self.last = np.full(shape, -1), np.full(shape, -1)
        self.from_stock, self.from_open = np.zeros_like(problem.demand), np.zeros_like(problem.demand)
        self.parts: list[tuple[IntArray, IntArray, IntArray, FloatArray]] = []
        order = np.argsort(problem.source_item, kind="stable")
        ends = np.searchsorted(problem.source_item[order], np.arange(problem.items + 1))
        self.sources = [order[ends[item] : ends[item + 1]] for item in range(problem.items)]

    def follow(self, item: int) -> None:
        """Lay the item's supply along its uses."""
        problem, periods = self.problem, self.problem.periods
        source, period, arrival, units = self._supply(item)
        wasted = self._wasted(item, arrival, units)
        uses = self._uses(item)
        net = units - wasted
        over = _overlap(net, uses)
        line = source >= 0
        rows, columns = source[line], period[line]
        self.wasted[rows, columns] = wasted[line]
        to_demand = over[:, periods : 2 * periods]
        self.sent_on[rows, columns] = over[line, :periods].sum(axis=1)
        self.covered[rows, columns] = to_demand[line].sum(axis=1)
        self.floor[rows, columns] = over[line, -1]
        used = over.sum(axis=1)
        self.left[rows, columns] = np.maximum(net - used, 0.0)[line]
        self.from_stock[item] = to_demand[0]
        self.from_open[item] = to_demand[1:][~line[1:]].sum(axis=0)
        batch, demanded = np.nonzero((to_demand > TOLERANCE * 1e-3) & line[:, None])
        if len(batch):
            self.parts.append((source[batch], period[batch], demanded, to_demand[batch, demanded]))
            self.last[source[batch], period[batch]] = demanded  # in order: the last one stays
            self.first[source[batch[::-1]], period[batch[::-1]]] = demanded[::-1]
        late = self.quantity[self.sources[item]] * (
            np.arange(periods) + problem.lead_time_periods[self.sources[item]][:, None] >= periods
        )
        self.left[self.sources[item]] += late

    def _supply(self, item: int) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
        """Return source, order period, arrival and units of all that comes in, in the order it is used."""
        problem = self.problem
        sources = self.sources[item]
        row, period = np.nonzero(self.quantity[sources] > 0)
        arrival = period + problem.lead_time_periods[sources[row]]
        inside = arrival < problem.periods
        row, period, arrival = row[inside], period[inside], arrival[inside]
        due = np.flatnonzero(problem.scheduled_receipts[item] > 0)
        source = np.concatenate(([-1], np.full(len(due), -1), sources[row]))
        when = np.concatenate(([-1], due, arrival))
        units = np.concatenate(
            (problem.on_hand[[item]], problem.scheduled_receipts[item, due], self.quantity[sources[row], period])
        )
        placed = np.concatenate(([-1], np.full(len(due), -1), period))
        own = np.concatenate((np.zeros(1 + len(due)), np.isnan(problem.fixed_quantity[sources[row], period])))
        # What is decided already comes before what is planned beside it.
        order = np.lexsort((placed, source, own, when))
        return source[order], placed[order], when[order], units[order]

    def _wasted(self, item: int, arrival: IntArray, units: FloatArray) -> FloatArray:
        """Return what spoils of each batch: the last to arrive in a period first."""
        wasted = np.zeros_like(units)
        spoilt = self.flow.waste[item]
        for period in np.flatnonzero(spoilt > 0).tolist():
            missing = float(spoilt[period])
            for batch in np.flatnonzero(arrival <= period)[::-1].tolist():
                taken = min(missing, float(units[batch] - wasted[batch]))
                wasted[batch] += taken
                missing -= taken
        return wasted

    def _uses(self, item: int) -> tuple[FloatArray, IntArray]:
        """Return the units of each use in the order of time, and each use's column: sent on, demand, floor."""
        problem, periods = self.problem, self.problem.periods
        met = problem.demand[item] - self.flow.short[item]
        if problem.shortage == "backorder":
            total = float(problem.demand[item].sum() - self.flow.short[item, -1])
            met = np.diff(np.minimum(np.concatenate(([0.0], np.cumsum(problem.demand[item]))), total))
        units = np.empty(2 * periods + 1)
        units[0:-1:2], units[1:-1:2] = self.leaving[item], met
        units[-1] = min(float(self.flow.stock[item, -1]), float(problem.safety_stock[item]))
        columns = np.empty(2 * periods + 1, dtype=np.int64)
        columns[0:-1:2], columns[1:-1:2] = np.arange(periods), np.arange(periods, 2 * periods)
        columns[-1] = 2 * periods
        return units, columns

    def result(self) -> Coverage:
        """Return all that was found."""
        none = (np.zeros(0, dtype=np.int64),) * 3 + (np.zeros(0),)
        source, period, demanded, units = (
            np.concatenate(column) for column in zip(*(self.parts or [none]), strict=True)
        )
        tables = (self.covered, self.sent_on, self.floor, self.left, self.wasted, self.first, self.last)
        return Coverage(*tables, source, period, demanded, units, self.from_stock, self.from_open)


def _overlap(supply: FloatArray, uses: tuple[FloatArray, IntArray]) -> FloatArray:
    """Return the units of each batch that go to each use, by batch and the use's column."""
    units, columns = uses
    came, went = np.cumsum(supply), np.cumsum(units)
    lower = np.maximum((came - supply)[:, None], went - units)
    upper = np.minimum(came[:, None], went)
    result = np.zeros((len(supply), len(units)))
    result[:, columns] = np.maximum(upper - lower, 0.0)
    return result
