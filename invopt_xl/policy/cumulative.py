"""Demand from now to the end of each coming period: by its moments, or by sample paths made small.

Uncertainty that lasts from one period to the next is in the moments and draws of the sums, as a forecast's joint paths
have it; nothing here multiplies one period's deviation by a square root.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from invopt_xl.domain import Forecast
from invopt_xl.errors import require
from invopt_xl.policy.costs import BoolArray, FloatArray, require_each
from invopt_xl.policy.distributions import Family, IntervalDemand
from invopt_xl.policy.families import IntArray
from invopt_xl.policy.path_sums import Lengths, PathSums, common_shape, draws_over, summed_paths

_TINY = 1e-9
_BEYOND_CHANCE = 4.0
"""Standard errors above which an autocorrelation is no chance."""
_MOST_LASTING = 0.95


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
    first_share
        Share of the first period that is still to come: so much of a period its moments stand for, and the intervals
        of `over` begin within it.

    Examples
    --------
    >>> demand = CumulativeDemand(np.array([[10.0, 20.0]]), np.array([[9.0, 18.0]]), np.array([False]))
    >>> demand.over(np.array([[1.5, 4.0]])).mean.tolist()
    [[15.0, 40.0]]

    A quarter of the first period is left, and with it a quarter of its ten units:

    >>> left = CumulativeDemand(np.array([[2.5, 12.5]]), np.array([[2.25, 11.25]]), np.array([False]), None, 0.25)
    >>> left.over(np.array([[0.25, 1.0]])).mean.tolist()
    [[2.5, 10.0]]
    """

    mean: FloatArray
    variance: FloatArray
    family: IntArray | BoolArray
    paths: PathSums | None = None
    first_share: float = 1.0

    def __post_init__(self) -> None:
        require(0 < self.first_share <= 1, "share of the first period", self.first_share, "above 0, at most 1")
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
        mean = np.empty((len(forecasts), common_shape(forecasts)[1]))
        variance = np.empty_like(mean)
        for block, sums in summed_paths(forecasts):
            mean[block] = sums.mean(axis=-1, dtype=np.float64)
            variance[block] = np.square(sums - mean[block][..., None]).mean(axis=-1)
        drawn = np.flatnonzero(np.asarray(family) == Family.EMPIRICAL)
        paths = PathSums.of([forecasts[int(item)] for item in drawn]) if drawn.size else None
        return cls(mean, variance, family, paths)

    @classmethod
    def steady(
        cls,
        history: FloatArray,
        periods: int,
        family: IntArray | BoolArray,
        lasting: FloatArray | None = None,
    ) -> CumulativeDemand:
        """Return demand that goes on as it was: the simplest forecast there is.

        With mean m and variance s^2 of n periods, k further periods have mean k m and variance
        s^2 (k + k^2 / n) (n - 1) / (n - 3): their own, and the doubt about m and s, which is Student's t. Where
        departures from the mean last, it is the same for an autoregression of order one (Box & Jenkins 1970, "Time
        Series Analysis", chapter 5).

        Parameters
        ----------
        history
            Demand a period, units, shape (items, periods); NaN where unknown; at least four known for each item.
        periods
            Periods ahead.
        family
            The `Family` of each item, not `EMPIRICAL`.
        lasting
            Share of a departure from the mean that lasts to the next period, from 0 to below 1, as `lasting_share`
            finds it, shape (items,); none if not given.

        Examples
        --------
        >>> seen = np.array([[8.0, 12.0, 10.0, 8.0, 12.0]])
        >>> ahead = CumulativeDemand.steady(seen, 2, np.array([Family.GAMMA]))
        >>> ahead.mean.tolist(), ahead.variance.round(6).tolist()
        ([[10.0, 20.0]], [[9.6, 22.4]])
        """
        known = np.isfinite(history).sum(axis=1)
        require_each(known > 3, "known periods of the history", known.astype(np.float64), "4 or more")
        mean = np.nanmean(history, axis=1)[:, None]
        spread = (np.nanvar(history, axis=1, ddof=1) * (known - 1) / (known - 3))[:, None]
        share = np.zeros((len(history), 1)) if lasting is None else lasting[:, None]
        # What a departure now adds up to by the end of each period, and what a shock of each period does.
        departure = np.cumsum(share ** np.arange(1, periods + 1), axis=1)
        shocks = np.cumsum((1.0 + np.concatenate([0.0 * share, departure[:, :-1]], axis=1)) ** 2, axis=1)
        ahead = np.arange(1.0, periods + 1.0)
        doubt = (ahead - departure) ** 2 * (1.0 + share) / (1.0 - share) / known[:, None]
        last = np.nan_to_num(history[:, -1:] - mean)
        expected = np.maximum(mean * ahead + last * departure, 0.0)
        return cls(expected, spread * ((1.0 - share**2) * shocks + doubt), family)

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
            return CumulativeDemand(self.mean, variance, self.family, None, self.first_share)
        drawn = np.asarray(self.family) == Family.EMPIRICAL
        paths = self.paths.widened(factor[drawn])
        mean = self.mean.copy()
        mean[drawn], variance[drawn] = paths.moments
        return CumulativeDemand(mean, variance, self.family, paths, self.first_share)

    def scaled(self, factor: FloatArray) -> CumulativeDemand:
        """Return demand that is so many times as high, such as at another price.

        Variance up to the mean is that of counts, and grows as the mean does; the rest is doubt about the rate, and
        grows with its square.

        Parameters
        ----------
        factor
            Zero or more, shape (items,).

        Examples
        --------
        >>> demand = CumulativeDemand(np.array([[10.0]]), np.array([[14.0]]), np.array([False]))
        >>> half = demand.scaled(np.array([0.5]))
        >>> half.mean.tolist(), half.variance.tolist()
        ([[5.0]], [[6.0]])
        """
        times = factor[:, None]
        counts = np.minimum(self.mean, self.variance)
        mean, variance = self.mean * times, counts * times + (self.variance - counts) * times**2
        paths = self.paths and self.paths.scaled(factor[np.asarray(self.family) == Family.EMPIRICAL])
        return CumulativeDemand(mean, variance, self.family, paths, self.first_share)

    def over(self, periods: FloatArray, weight: FloatArray | None = None) -> IntervalDemand:
        """Return demand over intervals of so many periods, fractions included, shape (items, lengths).

        Within a period moments grow in proportion; beyond the last forecast period at its average rate.
        """
        if weight is None:
            weight = np.full_like(periods, 1.0 / periods.shape[1])
        # What is left of the first period counts as one, however little it is.
        left = self.first_share
        periods = np.where(periods < left, periods / left, periods + (1.0 - left))
        mean, variance = at_periods(self.mean, periods), at_periods(self.variance, periods)
        if self.paths is None:
            return IntervalDemand(mean, variance, weight, self.family)
        family = np.asarray(self.family).astype(np.int64)
        drawn = np.flatnonzero(family == Family.EMPIRICAL)
        lengths = Lengths(periods[drawn], weight[drawn])
        values, share = draws_over(self.paths, mean[drawn], variance[drawn], lengths)
        whole = np.zeros(len(family), dtype=bool)
        whole[drawn] = self.paths.whole
        # Draws of nothing but zeros are no demand: of whichever family.
        nothing = (values * share).sum(axis=1) <= _TINY
        mean[drawn[nothing]] = 0.0
        family[drawn[nothing]] = np.where(self.paths.whole[nothing], Family.COUNTS, Family.GAMMA)
        draws = None if nothing.all() else (values[~nothing], share[~nothing])
        return IntervalDemand(mean, variance, weight, family, draws, whole)


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


def lasting_share(history: FloatArray) -> FloatArray:
    """Return how much of a period's departure from the mean lasts to the next one, from 0 to below 1, shape (items,).

    The first autocorrelation with its bias of (1 + 3 r) / n taken out (Kendall 1954, "Note on bias in the estimation of
    autocorrelation", Biometrika 41), where it is beyond all chance; none elsewhere: what chance makes of independent
    demand would cost stock with nearly every item.

    Parameters
    ----------
    history
        Demand a period, units, shape (items, periods); NaN where unknown.

    Examples
    --------
    >>> lasting_share(np.array([[1.0, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1, 2] * 4, [1.0, 2] * 24])).round(2).tolist()
    [0.86, 0.0]
    """
    away = history - np.nanmean(history, axis=1)[:, None]
    pairs = away[:, 1:] * away[:, :-1]
    count = np.maximum(np.isfinite(pairs).sum(axis=1), 1)
    variance = np.nanvar(history, axis=1)
    share = np.divide(np.nansum(pairs, axis=1) / count, variance, out=np.zeros(len(history)), where=variance > 0)
    sure = share * np.sqrt(count) > _BEYOND_CHANCE
    return np.where(sure, np.minimum(share + (1.0 + 3.0 * share) / count, _MOST_LASTING), 0.0)
