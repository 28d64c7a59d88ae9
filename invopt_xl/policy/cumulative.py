"""Demand from now to the end of each coming period: by its moments, or by sample paths made small.

Uncertainty that lasts from one period to the next is in the moments and draws of the sums, as a forecast's joint paths
have it; nothing here multiplies one period's deviation by a square root.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from invopt_xl.domain import Forecast
from invopt_xl.errors import require
from invopt_xl.policy.costs import BoolArray, FloatArray, require_each
from invopt_xl.policy.distributions import Family, IntervalDemand
from invopt_xl.policy.families import IntArray

_EDGES = np.concatenate(
    [np.linspace(0.0, 0.75, 26), np.linspace(0.76, 0.9, 15), np.linspace(0.905, 0.99, 18), np.linspace(0.992, 1.0, 5)]
)
"""Sums along paths are kept as the means of slices between these shares of paths, finest where stock is decided."""
_MOST_DRAWS = 256
"""Draws kept of an item's demand over all its lengths."""
_BLOCK = 64
"""Items whose paths are added up together."""
_TINY = 1e-9


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
        paths, periods = _common_shape(forecasts)
        edges = np.unique(np.round(_EDGES * paths).astype(np.int64))
        points = np.empty((len(forecasts), periods, len(edges) - 1))
        whole = np.empty(len(forecasts), dtype=bool)
        for block, sums in _sums(forecasts):
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


def _common_shape(forecasts: Sequence[Forecast]) -> tuple[int, int]:
    """Return the number of paths and periods that all forecasts have."""
    shapes = sorted({forecast.paths.shape for forecast in forecasts})
    require(len(shapes) == 1, "shapes of forecasts", shapes, "the same number of paths and periods in all")
    paths, periods = shapes[0]
    return paths, periods


def _sums(forecasts: Sequence[Forecast]) -> Iterator[tuple[slice, FloatArray]]:
    """Yield the sums along the paths of some items after another, shape (items, periods, paths)."""
    for first in range(0, len(forecasts), _BLOCK):
        block = slice(first, first + _BLOCK)
        table = np.moveaxis(np.array([forecast.paths for forecast in forecasts[block]]), 1, 2)
        sums = np.ascontiguousarray(table)
        # Added up period by period: ten times as fast as a cumulative sum across memory.
        for period in range(1, sums.shape[1]):
            sums[:, period] += sums[:, period - 1]
        yield block, sums


class _Lengths(NamedTuple):
    """Lengths of the interval: whole periods before, the part of the next, and their probabilities."""

    periods: FloatArray
    weight: FloatArray


@dataclass(frozen=True, eq=False)
class CumulativeDemand:
    """Forecast demand from now to the end of each coming period.

    Parameters
    ----------
    mean, variance
        Units and units squared, shape (items, periods).
    family
        The `Family` of each item, shape (items,); as False and True gamma, and slow whole units.
    paths
        Sums along the sample paths of the items whose family is `EMPIRICAL`, in their order.

    Examples
    --------
    >>> demand = CumulativeDemand(np.array([[10.0, 20.0]]), np.array([[9.0, 18.0]]), np.array([False]))
    >>> demand.over(np.array([[1.5, 4.0]])).mean.tolist()
    [[15.0, 40.0]]
    """

    mean: FloatArray
    variance: FloatArray
    family: IntArray | BoolArray
    paths: PathSums | None = None

    def __post_init__(self) -> None:
        empirical = int((np.asarray(self.family) == Family.EMPIRICAL).sum())
        given = 0 if self.paths is None else len(self.paths.points)
        require(empirical == given, "items with sample paths", given, f"{empirical}, the items of empirical family")

    @classmethod
    def of(cls, forecasts: Sequence[Forecast], family: IntArray | BoolArray) -> CumulativeDemand:
        """Return the demand that forecasts foresee.

        Parameters
        ----------
        forecasts
            One for each item, all with as many periods.
        family
            The `Family` of each item; only where it is `EMPIRICAL` the paths' shape is kept, elsewhere mean and
            variance of their sums.

        Examples
        --------
        >>> forecast = Forecast(np.array([[1, 2], [3, 6]], dtype=np.float32), "example", "two paths")
        >>> demand = CumulativeDemand.of([forecast], np.array([Family.EMPIRICAL]))
        >>> demand.over(np.array([[2.0]])).quantile(np.array([0.9])).tolist()
        [9.0]
        """
        mean = np.empty((len(forecasts), _common_shape(forecasts)[1]))
        variance = np.empty_like(mean)
        for block, sums in _sums(forecasts):
            mean[block] = sums.mean(axis=-1, dtype=np.float64)
            variance[block] = np.square(sums - mean[block][..., None]).mean(axis=-1)
        drawn = np.flatnonzero(np.asarray(family) == Family.EMPIRICAL)
        paths = PathSums.of([forecasts[int(item)] for item in drawn]) if drawn.size else None
        return cls(mean, variance, family, paths)

    @classmethod
    def steady(cls, history: FloatArray, periods: int, family: IntArray | BoolArray) -> CumulativeDemand:
        """Return demand that goes on as it was, period by period on its own: the simplest forecast there is.

        With mean m and variance s^2 of n periods, k further periods have mean k m and variance
        s^2 (k + k^2 / n) (n - 1) / (n - 3): their own, and the doubt about m and s, which is Student's t.

        Parameters
        ----------
        history
            Demand a period, units, shape (items, periods); NaN where unknown; at least four known for each item.
        periods
            Periods ahead.
        family
            The `Family` of each item, not `EMPIRICAL`.

        Examples
        --------
        >>> seen = np.array([[8.0, 12.0, 10.0, 8.0, 12.0]])
        >>> ahead = CumulativeDemand.steady(seen, 2, np.array([Family.GAMMA]))
        >>> ahead.mean.tolist(), ahead.variance.round(6).tolist()
        ([[10.0, 20.0]], [[9.6, 22.4]])
        """
        known = np.isfinite(history).sum(axis=1)
        require_each(known > 3, "known periods of the history", known.astype(np.float64), "4 or more")
        ahead = np.arange(1.0, periods + 1.0)
        mean = np.nanmean(history, axis=1)
        doubt = np.nanvar(history, axis=1, ddof=1) * (known - 1) / (known - 3)
        variance = doubt[:, None] * (ahead + ahead**2 / known[:, None])
        return cls(mean[:, None] * ahead, variance, family)

    def widened(self, factor: FloatArray) -> CumulativeDemand:
        """Return demand whose deviations from the median (of moments: from the mean) are so many times as large.

        Parameters
        ----------
        factor
            Above zero, shape (items,): such as a back-test asks for, `FamilyChoice.factor`.

        Examples
        --------
        >>> demand = CumulativeDemand(np.array([[10.0]]), np.array([[9.0]]), np.array([False]))
        >>> demand.widened(np.array([1.5])).variance.tolist()
        [[20.25]]
        """
        variance = self.variance * (factor**2)[:, None]
        if self.paths is None:
            return CumulativeDemand(self.mean, variance, self.family)
        drawn = np.asarray(self.family) == Family.EMPIRICAL
        paths = self.paths.widened(factor[drawn])
        mean = self.mean.copy()
        mean[drawn], variance[drawn] = paths.moments
        return CumulativeDemand(mean, variance, self.family, paths)

    def over(self, periods: FloatArray, weight: FloatArray | None = None) -> IntervalDemand:
        """Return demand over intervals of so many periods, fractions included, shape (items, lengths).

        Within a period moments grow in proportion; beyond the last forecast period at its average rate.
        """
        if weight is None:
            weight = np.full_like(periods, 1.0 / periods.shape[1])
        mean, variance = at_periods(self.mean, periods), at_periods(self.variance, periods)
        if self.paths is None:
            return IntervalDemand(mean, variance, weight, self.family)
        family = np.asarray(self.family).astype(np.int64)
        drawn = np.flatnonzero(family == Family.EMPIRICAL)
        nothing = (weight * mean)[drawn].sum(axis=1) <= _TINY
        whole = np.zeros(len(family), dtype=bool)
        whole[drawn] = self.paths.whole
        # Draws of nothing but zeros are no demand: of whichever family.
        family[drawn[nothing]] = np.where(self.paths.whole[nothing], Family.COUNTS, Family.GAMMA)
        some = drawn[~nothing]
        draws = _draws(self.paths.rows(~nothing), mean[some], variance[some], _Lengths(periods[some], weight[some]))
        return IntervalDemand(mean, variance, weight, family, draws if some.size else None, whole)


def at_periods(cumulative: FloatArray, periods: FloatArray) -> FloatArray:
    """Interpolate rows of cumulative moments at fractional periods; beyond the last one at the average rate."""
    horizon = cumulative.shape[1]
    table = np.concatenate([np.zeros((len(cumulative), 1)), cumulative], axis=1)
    inside = np.minimum(periods, horizon)
    whole = np.minimum(np.floor(inside).astype(np.int64), horizon - 1)
    rows = np.arange(len(cumulative))[:, None]
    start, end = table[rows, whole], table[rows, whole + 1]
    beyond = np.maximum(periods - horizon, 0.0) * cumulative[:, -1:] / horizon
    return np.asarray(start + (inside - whole) * (end - start) + beyond)


def _draws(paths: PathSums, mean: FloatArray, variance: FloatArray, lengths: _Lengths) -> tuple[FloatArray, FloatArray]:
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
    paths: PathSums, mean: FloatArray, variance: FloatArray, lengths: _Lengths
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
