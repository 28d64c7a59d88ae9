"""A forecast pooled with the plainest one there is: demand that goes on as it always was.

A forecast follows what is new and can be wrong about it for a whole protection interval; the mean and spread of the
whole history cannot tell anything new and are never far wrong. A pool of both misses less than either, as means of
forecasts do (Bates & Granger 1969, "The combination of forecasts", Operational Research Quarterly 20(4); for stock:
Trapero, Cardos & Kourentzes 2019, "Quantile forecast optimal combination to enhance safety stock estimation",
International Journal of Forecasting 35(1)). Where the two contradict each other, as before a season's peak, the
history has nothing to say and its share fades.
"""

from __future__ import annotations

import numpy as np

from invopt_xl.errors import require
from invopt_xl.policy.costs import BoolArray, FloatArray
from invopt_xl.policy.cumulative import CumulativeDemand, at_periods, lasting_share
from invopt_xl.policy.families import IntArray
from invopt_xl.policy.path_sums import PathSums

STEADY_SHARE = 0.6
"""Share of steady demand in a pool with a forecast that agrees with it."""
LEAST_KNOWN = 8
"""Known periods that a history needs before its mean and spread are worth a share."""
_APART = 1.5
"""Deviations of demand over the interval by which two means may differ before the share fades."""


def steady_sums(
    history: FloatArray,
    periods: int,
    whole: BoolArray,
    *,
    first_share: float = 1.0,
    reach: IntArray | None = None,
) -> PathSums:
    """Return demand that goes on as it was, as `CumulativeDemand.steady` has it; nothing for short histories.

    Parameters
    ----------
    history
        Demand a period, units, shape (items, periods); NaN where unknown.
    periods
        Periods ahead.
    whole
        True where demand comes in whole units, shape (items,).
    first_share
        Share of the first period that is still to come.
    reach
        Periods of each item that are wanted, shape (items,); all by default.
    """
    long = np.isfinite(history).sum(axis=1) >= LEAST_KNOWN
    mean, variance = np.zeros((2, len(history), periods))
    if long.any():
        known = history[long]
        steady = CumulativeDemand.steady(known, periods, np.zeros(len(known), dtype=bool), lasting_share(known))
        ends = np.tile(np.arange(periods) + first_share, (int(long.sum()), 1))
        mean[long], variance[long] = at_periods(steady.mean, ends), at_periods(steady.variance, ends)
    return PathSums.of_moments(mean, variance, whole, reach)


def pooled_with_steady(
    foreseen: PathSums, steady: PathSums, interval: FloatArray, share: FloatArray | None = None
) -> PathSums:
    """Return a forecast's sums pooled with those of steady demand.

    Parameters
    ----------
    foreseen, steady
        Sums of the same items over as many periods.
    interval
        Protection interval of each item, periods, shape (items,).
    share
        Share of steady demand, shape (items,); by default, and where NaN, the usual share, less the further apart the
        means are.

    Examples
    --------
    >>> foreseen = PathSums(np.array([[[10.0, 14.0]]] * 2), np.full((2, 2), 0.5), np.array([True, True]))
    >>> steady = PathSums(np.array([[[9.0, 11.0]], [[1.0, 3.0]]]), np.full((2, 2), 0.5), np.array([True, True]))
    >>> pooled_with_steady(foreseen, steady, np.ones(2)).share.round(2).tolist()
    [[0.38, 0.38, 0.12, 0.12], [0.5, 0.5, 0.0, 0.0]]
    """
    require(foreseen.points.shape[:2] == steady.points.shape[:2], "shape of steady sums", steady.points.shape,
            f"{foreseen.points.shape[:2]}, items and periods of the forecast")  # fmt: skip
    at = np.clip(np.round(interval).astype(np.int64), 1, foreseen.points.shape[1]) - 1
    rows = np.arange(len(at))
    mean, _ = foreseen.moments
    usual, variance = steady.moments
    known = variance[rows, at] > 0
    apart = np.divide((mean - usual)[rows, at] ** 2, variance[rows, at], out=np.zeros(len(at)), where=known)
    usual_share = STEADY_SHARE * np.exp(-apart / (2.0 * _APART**2))
    given = np.full(len(at), np.nan) if share is None else share
    return foreseen.pooled(steady, np.where(known, np.where(np.isnan(given), usual_share, given), 0.0))
