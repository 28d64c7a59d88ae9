"""Items made ready for their lattices: how fine stock levels are, and in which ways lines may be ordered."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from invopt_xl.optimise.extents import extents
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.modes import Mode
from invopt_xl.optimise.terms import TOLERANCE, FloatArray

_COARSEST = 3000
"""Levels beyond which several lots are one step."""

_ANY_SIZE = 10**9
"""Steps of a line that may be as large as one likes."""

_PRECISION = 10_000
"""Lots are taken as multiples of the smallest, with denominators up to this, to find a step that divides them all."""


@dataclass(frozen=True)
class Option:
    """One way of ordering a line.

    Parameters
    ----------
    mode
        Index of the supplier's mode.
    rate, constant
        Discount: share of the line's value, less so many units' cost.
    threshold
        Units from which the discount is won.
    least
        Steps of the smallest line.
    """

    mode: int
    rate: float
    constant: float
    threshold: float
    least: int


@dataclass(frozen=True)
class Stage:
    """One source of an item.

    Parameters
    ----------
    source
        Its index.
    stride
        Steps that a lot is.
    most
        Steps of the largest line that could be worth it.
    largest
        Steps of the largest line that there may be.
    sends
        Whether lines leave the item's stock for another location.
    room
        Steps of the largest of the smallest lines that there are levels for beyond all need.
    options
        Ways of ordering from it.
    """

    source: int
    stride: int
    most: int
    largest: int
    sends: bool
    room: float
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Row:
    """An item ready for its lattice.

    Parameters
    ----------
    item
        Its index.
    step
        Units between stock levels.
    below
        Levels under the opening stock, for units that are sent on.
    levels
        Number of levels, by the period in which a lane of them begins, and one more; a stock beyond the last counts
        as the last.
    coarse
        Whether a step is more than a lot.
    spoils
        Whether its shelf may be cleared: that takes twice the lattices.
    stages
        Its sources, then the transfers that leave it.
    """

    item: int
    step: float
    below: int
    levels: tuple[int, ...]
    coarse: bool
    spoils: bool
    stages: tuple[Stage, ...]


def lattice_rows(work: Groundwork, modes: list[list[Mode]]) -> list[Row]:
    """Return the items whose stock a plan can change."""
    builder = _Builder(work, modes)
    return [builder.row(item) for item in np.flatnonzero(work.problem.first_change < work.problem.periods).tolist()]


class _Builder:
    """Makes items ready."""

    def __init__(self, work: Groundwork, modes: list[list[Mode]]) -> None:
        problem = work.problem
        self.work, self.modes = work, modes
        self.extents = extents(work, modes)
        self.sources: list[list[int]] = [[] for _ in range(problem.items)]
        self.sent: list[list[int]] = [[] for _ in range(problem.items)]
        for source in np.flatnonzero(work.can_order.any(axis=1)).tolist():
            self.sources[problem.source_item[source]].append(source)
            if problem.origin[source] >= 0:
                self.sent[problem.origin[source]].append(source)

    def row(self, item: int) -> Row:
        """Return an item ready for its lattice."""
        own, sent = self.sources[item], self.sent[item]
        span, under = float(self.extents.span[item]), float(self.extents.below[item])
        step, strides, coarse = _steps(self.work.problem.lot_size[[*own, *sent]], span + under)
        made = [
            self._stage(source, step, stride, coarse=coarse)
            for source, stride in zip([*own, *sent], strides, strict=True)
        ]
        ready = made[: len(own)] + [replace(stage, sends=True, most=stage.largest) for stage in made[len(own) :]]
        below = math.ceil(under / step)
        spoils = bool(np.isfinite(self.work.problem.shelf_life_periods[item]))
        later = np.minimum(self.extents.later[item], span)
        levels = below + np.ceil(later / step).astype(int) + (2 + len(ready) if coarse else 2)
        return Row(item, step, below, tuple(levels.tolist()), coarse, spoils, tuple(ready))

    def _stage(self, source: int, step: float, stride: int, *, coarse: bool) -> Stage:
        work, lot = self.work, float(self.work.problem.lot_size[source])

        def whole(units: float) -> int:
            """Return the steps of at least so many units, in whole lots."""
            if coarse:  # rounding to steps may take almost one off a line
                return max(math.ceil(units / step - TOLERANCE) - 1, 1)
            return math.ceil(units / lot - TOLERANCE) * stride

        options = self._options(source, whole)
        most = (math.ceil(float(self.extents.line[source]) / lot - TOLERANCE) + 1) * lot
        most = min(float(work.largest_line[source]), most)
        limit = math.ceil(most / step) + 1 if coarse else math.floor(most / lot + TOLERANCE) * stride
        least = max(one.least for one in options)
        may = float(work.largest_line[source]) / step
        largest = _ANY_SIZE if coarse or may >= _ANY_SIZE else math.floor(may + TOLERANCE)
        room = float(self.extents.room[work.problem.source_item[source]]) / step
        return Stage(source, stride, max(limit, least), max(largest, least), False, room, options)

    def _options(self, source: int, whole: Callable[[float], int]) -> tuple[Option, ...]:
        """Return the ways of ordering from a source; `whole` makes steps of units."""
        smallest = float(self.work.smallest_line[source])
        supplier = int(self.work.problem.supplier[source])
        if supplier < 0:
            return (Option(0, 0.0, 0.0, 0.0, whole(smallest)),)
        options = []
        for number, mode in enumerate(self.modes[supplier]):
            rate = float(mode.rate[source])
            options.append(Option(number, rate, 0.0, 0.0, whole(smallest)))
            for tier in self.extents.tiers[source] if mode.by_line else []:
                if tier.constant > 0 or tier.rate > rate:
                    least = whole(max(smallest, tier.threshold))
                    options.append(Option(number, tier.rate, tier.constant, tier.threshold, least))
        return tuple(options)


def _steps(lots: FloatArray, span: float) -> tuple[float, list[int], bool]:
    """Return units between levels, the steps of each lot, and whether a step is several lots.

    Parameters
    ----------
    lots
        Units, by source.
    span
        Units from the lowest level to the highest.

    Examples
    --------
    >>> _steps(np.array([6.0]), 60.0)
    (6.0, [1], False)
    >>> _steps(np.array([1.0, 12.0]), 600.0)
    (1.0, [1, 12], False)
    >>> _steps(np.array([4e-9, 6e-9]), 6e-7)
    (2e-09, [2, 3], False)
    >>> _steps(np.array([1.0]), 12000.0)
    (6.0, [1], True)
    """
    if not len(lots):
        return max(span, 1e-9) / 4, [], False
    parts = [Fraction(float(lot / lots.min())).limit_denominator(_PRECISION) for lot in lots]
    common = math.lcm(*(part.denominator for part in parts))
    whole = [int(part * common) for part in parts]
    finest = math.gcd(*whole)
    natural = float(lots[0]) * finest / whole[0]
    if span / natural > _COARSEST:
        largest = float(lots[0]) * math.lcm(*whole) / whole[0]
        times = max(1, round(span / _COARSEST * 1.5 / largest))
        return largest * times, [1] * len(lots), True
    return natural, [one // finest for one in whole], False
