"""Dynamic programming over stock levels, backwards through the periods, for items of one shape at a time."""

from __future__ import annotations

import numpy as np

from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.lattice_lines import Choice, LineStage
from invopt_xl.optimise.lattice_rows import Row
from invopt_xl.optimise.lattice_stock import LatticeStock
from invopt_xl.optimise.line_prices import ItemPlans, Limits, LinePrices
from invopt_xl.optimise.terms import FloatArray, IntArray

_TIE = 1e-9
"""A line is taken if it saves more money than this."""


class Lattice:
    """Items with equally many sources, and lots of equally many steps.

    Within a period what is ordered arrives first, then what is sent to other locations leaves, then demand is met.

    Parameters
    ----------
    work
        The problem.
    rows
        The items.
    """

    def __init__(self, work: Groundwork, rows: list[Row]) -> None:
        self.work, self.rows = work, rows
        self.stock = LatticeStock(work, rows)
        self.stages = [
            LineStage(self.stock, list(stages)) for stages in zip(*(row.stages for row in rows), strict=True)
        ]
        self.coarse = np.array([row.coarse for row in rows])
        self.sources = {stage.source for row in rows for stage in row.stages}

    def restricted(self, limits: Limits) -> Lattice:
        """Return the items with their lines within limits that a search has set.

        Lines that there must be may lead to more stock than is ever needed: there are levels for them.
        """
        more = {row.item: sum(limits[line][0] for line in limits if line[0] in row.sources) for row in self.rows}
        kept = Lattice(self.work, [row.raised(more[row.item]) for row in self.rows])
        for stage in kept.stages:
            stage.restrict(limits)
        return kept

    def solve(self, prices: LinePrices, plans: ItemPlans) -> None:
        """Write the items' cheapest plans and their values."""
        stock = self.stock
        choices = [stage.priced(prices) for stage in self.stages]
        held = stock.held(prices)
        kept = [cost * stock.step for cost in held]
        following = stock.at_last()
        values: dict[int, list[FloatArray]] = {}
        lanes: dict[int, int] = {}
        found = np.zeros(len(stock.item))
        for period in range(stock.periods - 1, stock.begin - 1, -1):
            lanes[period] = following.shape[1]
            levels = [stock.end_of_period(period, following, prices)]
            for stage, ways in zip(self.stages[::-1], choices[::-1], strict=True):
                levels.insert(0, stage.improved(levels[0], ways, period, kept[period]))
            values[period], following = levels, levels[0]
            starts = stock.first == period
            found[starts] = following[starts, 0, stock.base[starts]]
        plans.value[stock.item] = found - self._coarseness(choices, held[0])
        if np.isfinite(found).all():
            self._trace(values, lanes, (choices, kept), plans)

    def _coarseness(self, choices: list[list[Choice]], held: FloatArray) -> FloatArray:
        """Return what whole steps instead of lots could cost at most, for items whose steps are several lots.

        Any plan, its cumulated quantities rounded up to whole steps (what is sent: down), is one of the lattice: it
        holds less than a step more at any time, or two where units are sent, and moves less than one between lines.
        """
        step = self.stock.step
        if not self.coarse.any():
            return np.zeros(len(step))
        most = held * (2 if any(stage.sends for stage in self.stages) else 1)
        for ways in choices:
            unit = np.stack([choice.step for choice in ways]) / step[:, None]
            middle = np.median(unit, axis=(0, 2))
            most = most + np.abs(unit - middle[:, None]).max(axis=0).sum(axis=1) + np.abs(middle)
        return np.where(self.coarse, step * most, 0.0)

    def _trace(
        self,
        values: dict[int, list[FloatArray]],
        lanes: dict[int, int],
        priced: tuple[list[list[Choice]], list[FloatArray]],
        plans: ItemPlans,
    ) -> None:
        """Follow the cheapest decisions from the opening stock."""
        stock = self.stock
        choices, kept = priced
        rows = np.arange(len(stock.item))
        lane, level = np.zeros(len(rows), dtype=np.int64), stock.base.copy()
        for period in range(stock.begin, stock.periods):
            live = stock.first <= period
            for number, stage in enumerate(self.stages):
                before, after = values[period][number], values[period][number + 1]
                gain = after[rows, lane, level] - before[rows, lane, level]
                takes = np.flatnonzero(live & ((gain > _TIE) | stage.must(period)))
                if len(takes):
                    place = lane[takes], level[takes]
                    taken = stage.take(after, takes, place, choices[number], (period, kept[period]))
                    level[takes] = taken.level
                    lines = stage.source[takes], period - stage.shift[takes]
                    self._write(stage, takes, lines, (taken.steps, taken.choice), (choices[number], plans))
            reached = stock.after(period, (lane, level), lanes[period])
            lane, level = (np.where(live, new, old) for new, old in zip(reached, (lane, level), strict=True))

    def _write(
        self,
        stage: LineStage,
        rows: IntArray,
        lines: tuple[IntArray, IntArray],
        taken: tuple[IntArray, IntArray],
        into: tuple[list[Choice], ItemPlans],
    ) -> None:
        """Write lines into plans."""
        problem = self.work.problem
        (steps, chosen), (choices, plans) = taken, into
        source = lines[0]
        lot = problem.lot_size[source]
        units = np.round(steps * self.stock.step[rows] / lot) * lot
        if stage.sends:
            plans.sent[lines] = units
            return
        mode, rate, constant = (
            np.stack([getattr(choice, name) for choice in choices])[chosen, rows]
            for name in ("mode", "rate", "constant")
        )
        plans.quantity[lines] = units
        plans.mode[lines] = mode
        plans.saved[lines] = problem.unit_cost[lines] * (rate * units - constant)
