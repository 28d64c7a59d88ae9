"""Sums along sample paths made small: some tens of points for each number of periods, finest in the upper tail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from invopt_xl.domain import Forecast
from invopt_xl.errors import require
from invopt_xl.policy.costs import BoolArray, FloatArray
from invopt_xl.policy.counts import NegativeBinomialDemand
from invopt_xl.policy.families import IntArray

_EDGES = np.concatenate(
    [np.linspace(0.0, 0.75, 26), np.linspace(0.76, 0.9, 15), np.linspace(0.905, 0.99, 18), np.linspace(0.992, 1.0, 5)]
)
"""Sums along paths are kept as the means of slices between these shares of paths, finest where stock is decided."""
_FEW_EDGES = np.concatenate([np.linspace(0.0, 0.8, 9), np.linspace(0.84, 0.96, 4), np.array([0.98, 0.99, 0.997, 1.0])])
"""The same for a distribution whose shape is known from its moments."""
_FEW = 30.0
"""Whole units up to this mean are counted; above, rounded gamma is as good."""
_WIDER = 1.001
"""Least variance of counts, as a share of their mean."""
_TINY = 1e-9
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
        Demand from now to the end of each period, units, shape (items, periods, points). The points of a column are in
        the same place in all periods, so that what lies between two periods lies between two points of a kind.
    share
        Share of paths that each point stands for, shape (items, points).
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
        return cls(points, np.tile(np.diff(edges) / paths, (len(forecasts), 1)), whole)

    @classmethod
    def of_moments(
        cls, mean: FloatArray, variance: FloatArray, whole: BoolArray, reach: IntArray | None = None
    ) -> PathSums:
        """Return sums that are gamma, or of few whole units negative binomial, with these moments.

        Parameters
        ----------
        mean, variance
            Demand from now to the end of each period, units and units squared, shape (items, periods).
        whole
            True where demand comes in whole units, shape (items,).
        reach
            Periods of each item that are wanted, one or more, shape (items,); later ones are like the last of them.
            All by default.

        Examples
        --------
        >>> sums = PathSums.of_moments(np.array([[100.0]]), np.array([[400.0]]), np.array([False]))
        >>> mean, variance = sums.moments
        >>> mean.round(1).tolist(), (variance**0.5).round(0).tolist()
        ([[100.0]], [[20.0]])
        """
        periods = mean.shape[1]
        last = np.full(len(mean), periods) if reach is None else np.clip(reach, 1, periods)
        wanted = (mean > _TINY) & (np.arange(periods) < last[:, None])
        few = wanted & whole[:, None] & (mean < _FEW)
        points = np.zeros((*mean.shape, len(_FEW_EDGES) - 1))
        if few.any():
            points[few] = _counted(mean[few], variance[few])
        many = wanted & ~few
        centre, spread = mean[many], np.maximum(variance[many], _TINY * mean[many] ** 2)
        sums = centre[:, None] * _gamma_slices(centre**2 / spread)
        points[many] = np.where(whole[np.nonzero(many)[0], None], np.round(sums), sums)
        if reach is not None:
            column = np.minimum(np.arange(periods), last[:, None] - 1)
            points = np.take_along_axis(points, column[..., None], axis=1)
        return cls(points, np.tile(np.diff(_FEW_EDGES), (len(mean), 1)), whole)

    def pooled(self, other: PathSums, weight: FloatArray) -> PathSums:
        """Return sums that are those of another with these chances, and else these: a linear opinion pool.

        Stone (1961), "The opinion pool", Annals of Mathematical Statistics 32(4). Unlike averages of quantiles it
        keeps whole units whole, and where two sources differ it is as wide as they do.

        Parameters
        ----------
        other
            Sums of the same items over as many periods.
        weight
            Chance of the other, shape (items,).

        Examples
        --------
        >>> one, other = (PathSums(np.full((1, 1, 1), x), np.ones((1, 1)), np.array([True])) for x in (2.0, 6.0))
        >>> one.pooled(other, np.array([0.25])).moments[0].tolist()
        [[3.0]]
        """
        share = np.concatenate([(1.0 - weight)[:, None] * self.share, weight[:, None] * other.share], axis=1)
        return PathSums(np.concatenate([self.points, other.points], axis=2), share, self.whole)

    def widened(self, factor: FloatArray) -> PathSums:
        """Return sums whose deviations from their median are so many times as large, but not below zero."""
        order = np.argsort(self.points, axis=-1)
        share = np.take_along_axis(np.broadcast_to(self.share[:, None], order.shape), order, axis=-1)
        at = (np.cumsum(share, axis=-1) < 0.5 - _TINY).sum(axis=-1, keepdims=True)
        middle = np.take_along_axis(self.points, np.take_along_axis(order, at, axis=-1), axis=-1)
        points = np.maximum(middle + factor[:, None, None] * (self.points - middle), 0.0)
        return PathSums(np.where(self.whole[:, None, None], np.round(points), points), self.share, self.whole)

    def scaled(self, factor: FloatArray) -> PathSums:
        """Return sums that are so many times as large, shape (items,)."""
        points = self.points * factor[:, None, None]
        return PathSums(np.where(self.whole[:, None, None], np.round(points), points), self.share, self.whole)

    @property
    def moments(self) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of the sums, units and units squared, shape (items, periods)."""
        mean = np.einsum("ijk,ik->ij", self.points, self.share)
        return mean, np.einsum("ijk,ik->ij", (self.points - mean[..., None]) ** 2, self.share)

    def rows(self, rows: IntArray | BoolArray) -> PathSums:
        """Return the sums of some of the items."""
        return PathSums(self.points[rows], self.share[rows], self.whole[rows])


def _gamma_slices(shape: FloatArray) -> FloatArray:
    """Return the means of slices of gamma distributions whose mean is one."""
    edges = special.gammaincinv(shape[..., None], _FEW_EDGES)
    return np.asarray(np.diff(special.gammainc(shape[..., None] + 1.0, edges), axis=-1) / np.diff(_FEW_EDGES))


def _counted(mean: FloatArray, variance: FloatArray) -> FloatArray:
    """Return the middles of slices of negative binomial distributions, shape (distributions, slices)."""
    middles = (_FEW_EDGES[1:] + _FEW_EDGES[:-1]) / 2.0
    deviation = np.sqrt(np.maximum(variance, _WIDER * mean))
    every = NegativeBinomialDemand(np.repeat(mean, len(middles)), np.repeat(deviation, len(middles)))
    return every.quantile(np.tile(middles, len(mean))).reshape(-1, len(middles))


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
    items, count = paths.share.shape
    values, shares = [], []
    # Lengths are taken one by one, and those that no item has are left out: a fixed lead time has only one.
    for value, share in _columns(paths, mean, variance, lengths):
        values.append(value)
        shares.append(share[:, None] * paths.share)
    table = np.concatenate(values, axis=1) if values else np.zeros((items, count))
    share = np.concatenate(shares, axis=1) if shares else paths.share
    order = np.argsort(table, axis=1)
    table, share = np.take_along_axis(table, order, axis=1), np.take_along_axis(share, order, axis=1)
    return fewer_draws(table, share, paths.whole)


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
    own_mean = (points * paths.share).sum(axis=1)
    own_variance = ((points - own_mean[:, None]) ** 2 * paths.share).sum(axis=1)
    stretch = np.sqrt(np.divide(variance, own_variance, out=np.ones(items), where=own_variance > 0))
    moved = np.maximum(mean[:, None] + (points - own_mean[:, None]) * stretch[:, None], 0.0)
    points = np.where(exact[:, None], points, moved)
    beyond = (periods > horizon) & paths.whole
    before = np.where(beyond[:, None], np.round(points), before)
    return before, after, points, part


def fewer_draws(
    table: FloatArray, share: FloatArray, whole: BoolArray, most: int = _MOST_DRAWS
) -> tuple[FloatArray, FloatArray]:
    """Join neighbours among many draws, ascending in each row: their mean, or of whole units the middle one."""
    count = table.shape[1]
    group = -(-count // most)
    if group == 1:
        return table, share
    starts = np.arange(0, count, group)
    shares = np.add.reduceat(share, starts, axis=1)
    sums = np.add.reduceat(share * table, starts, axis=1)
    middles = table[:, np.minimum(starts + group // 2, count - 1)]
    means = np.divide(sums, shares, out=middles.copy(), where=shares > 0)
    return np.where(whole[:, None], middles, means), shares
