"""Sums along sample paths made small: some tens of points for each number of periods, finest in the upper tail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from invopt_xl.domain import Forecast
from invopt_xl.errors import require
from invopt_xl.policy.costs import BoolArray, FloatArray
from invopt_xl.policy.families import IntArray

_EDGES = np.concatenate(
    [np.linspace(0.0, 0.75, 26), np.linspace(0.76, 0.9, 15), np.linspace(0.905, 0.99, 18), np.linspace(0.992, 1.0, 5)]
)
"""Sums along paths are kept as the means of slices between these shares of paths, finest where stock is decided."""
_MOST_DRAWS = 256
"""Draws kept of an item's demand over all its lengths."""
_BLOCK = 64
"""Items whose paths are added up together."""


@dataclass(frozen=True, eq=False)
class PathSums:
    """Sums along sample paths, of items whose family is `EMPIRICAL`.

    Parameters
    ----------
    points
        Demand from now to the end of each period, ascending, units, shape (items, periods, points).
    share
        Share of paths that each point stands for, shape (points,).
    whole
        True where paths hold whole units only, shape (items,).
    """

    points: FloatArray
    share: FloatArray
    whole: BoolArray

    @classmethod
    def of(cls, forecasts: Sequence[Forecast]) -> PathSums:
        """Return the sums along the paths of forecasts with as many paths and periods each."""
        paths, periods = common_shape(forecasts)
        edges = np.unique(np.round(_EDGES * paths).astype(np.int64))
        points = np.empty((len(forecasts), periods, len(edges) - 1))
        whole = np.empty(len(forecasts), dtype=bool)
        for block, sums in summed_paths(forecasts):
            # Sums are whole where the paths are.
            whole[block] = (sums == np.floor(sums)).all(axis=(1, 2))
            sums.sort(axis=-1)
            means = np.add.reduceat(sums, edges[:-1], axis=-1, dtype=np.float64) / np.diff(edges)
            middles = sums[..., (edges[:-1] + edges[1:] - 1) // 2]
            points[block] = np.where(whole[block][:, None, None], middles, means)
        return cls(points, np.diff(edges) / paths, whole)

    def widened(self, factor: FloatArray) -> PathSums:
        """Return sums whose deviations from their median are so many times as large, but not below zero."""
        middle = self.points[..., np.searchsorted(np.cumsum(self.share), 0.5)][..., None]
        points = np.maximum(middle + factor[:, None, None] * (self.points - middle), 0.0)
        return PathSums(np.where(self.whole[:, None, None], np.round(points), points), self.share, self.whole)

    @property
    def moments(self) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of the sums, units and units squared, shape (items, periods)."""
        mean = self.points @ self.share
        return mean, (self.points - mean[..., None]) ** 2 @ self.share

    def rows(self, rows: IntArray | BoolArray) -> PathSums:
        """Return the sums of some of the items."""
        return PathSums(self.points[rows], self.share, self.whole[rows])


def common_shape(forecasts: Sequence[Forecast]) -> tuple[int, int]:
    """Return the number of paths and periods that all forecasts have."""
    shapes = sorted({forecast.paths.shape for forecast in forecasts})
    require(len(shapes) == 1, "shapes of forecasts", shapes, "the same number of paths and periods in all")
    paths, periods = shapes[0]
    return paths, periods


def summed_paths(forecasts: Sequence[Forecast]) -> Iterator[tuple[slice, FloatArray]]:
    """Yield the sums along the paths of some items after another, shape (items, periods, paths)."""
    for first in range(0, len(forecasts), _BLOCK):
        block = slice(first, first + _BLOCK)
        table = np.moveaxis(np.array([forecast.paths for forecast in forecasts[block]]), 1, 2)
        sums = np.ascontiguousarray(table)
        # Added up period by period: ten times as fast as a cumulative sum across memory.
        for period in range(1, sums.shape[1]):
            sums[:, period] += sums[:, period - 1]
        yield block, sums


class Lengths(NamedTuple):
    """Lengths of the interval: whole periods before, the part of the next, and their probabilities."""

    periods: FloatArray
    weight: FloatArray


def draws_over(
    paths: PathSums, mean: FloatArray, variance: FloatArray, lengths: Lengths
) -> tuple[FloatArray, FloatArray]:
    """Return draws of demand over all lengths, ascending, and their shares, shape (items, draws) each."""
    items, count = len(mean), len(paths.share)
    values, shares = [], []
    # Lengths are taken one by one, and those that no item has are left out: a fixed lead time has only one.
    for value, share in _columns(paths, mean, variance, lengths):
        values.append(value)
        shares.append(share[:, None] * paths.share)
    table = np.concatenate(values, axis=1) if values else np.zeros((items, count))
    share = np.concatenate(shares, axis=1) if shares else np.tile(paths.share, (items, 1))
    order = np.argsort(table, axis=1)
    table, share = np.take_along_axis(table, order, axis=1), np.take_along_axis(share, order, axis=1)
    return _fewer(table, share, paths.whole)


def _columns(
    paths: PathSums, mean: FloatArray, variance: FloatArray, lengths: Lengths
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield for each length the points of every item, and the probability of the length."""
    for column in range(lengths.periods.shape[1]):
        weight = lengths.weight[:, column]
        if not weight.any():
            continue
        between = _between(paths, mean[:, column], variance[:, column], lengths.periods[:, column])
        if not paths.whole.any():
            yield between[2], weight
            continue
        # A part of a period cuts no whole unit in two: the unit comes before or after, each with its chance.
        part = np.where(paths.whole, between[3], 0.0)
        yield np.where(paths.whole[:, None], between[0], between[2]), weight * (1.0 - part)
        if part.any():
            yield between[1], weight * part


def _between(
    paths: PathSums, mean: FloatArray, variance: FloatArray, periods: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return the points before and after, between them with the moments of the length, and how far between."""
    items, horizon, _ = paths.points.shape
    rows = np.arange(items)
    whole = np.minimum(np.floor(periods).astype(np.int64), horizon)
    after = paths.points[rows, np.minimum(whole, horizon - 1)]
    before = np.where(whole[:, None] > 0, paths.points[rows, np.maximum(whole - 1, 0)], 0.0)
    part = np.where(whole < horizon, periods - whole, 0.0)
    points = before + part[:, None] * (after - before)
    exact = (part == 0.0) & (periods <= horizon)
    own_mean = points @ paths.share
    own_variance = (points - own_mean[:, None]) ** 2 @ paths.share
    stretch = np.sqrt(np.divide(variance, own_variance, out=np.ones(items), where=own_variance > 0))
    moved = np.maximum(mean[:, None] + (points - own_mean[:, None]) * stretch[:, None], 0.0)
    points = np.where(exact[:, None], points, moved)
    beyond = (periods > horizon) & paths.whole
    before = np.where(beyond[:, None], np.round(points), before)
    return before, after, points, part


def _fewer(table: FloatArray, share: FloatArray, whole: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Join neighbours among many draws: their mean, or of whole units the middle one."""
    count = table.shape[1]
    group = -(-count // _MOST_DRAWS)
    if group == 1:
        return table, share
    starts = np.arange(0, count, group)
    shares = np.add.reduceat(share, starts, axis=1)
    sums = np.add.reduceat(share * table, starts, axis=1)
    middles = table[:, np.minimum(starts + group // 2, count - 1)]
    means = np.divide(sums, shares, out=middles.copy(), where=shares > 0)
    return np.where(whole[:, None], middles, means), shares
