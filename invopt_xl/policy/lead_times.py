"""Lead times as discrete distributions: from observed receipts where there are enough, else from mean and spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

FloatArray = npt.NDArray[np.float64]

POINTS = 9
"""Support points of a lead time; each is equally likely."""

ENOUGH_RECEIPTS = 8
"""Observed lead times are taken as they are from this many on; fewer say little about the tail."""

_NO_SPREAD = 0.01
"""A spread below this share of the mean (or a mean below this many days) is none."""
_WIDEST_SPREAD = 3.0
"""A spread above this many means is cut to it: gamma has no sensible shape there."""


@dataclass(frozen=True, eq=False)
class LeadTimes:
    """Lead times of many items, each by equally likely support points.

    Parameters
    ----------
    days
        Calendar days from order to receipt, without the review period, shape (items, points).
    observed
        Receipts each row rests on; 0 where it was made from a mean and a spread. Shape (items,).
    """

    days: FloatArray
    observed: npt.NDArray[np.int64]

    @property
    def mean(self) -> FloatArray:
        """Expected lead time, days, shape (items,)."""
        return np.asarray(self.days.mean(axis=1))

    @property
    def standard_deviation(self) -> FloatArray:
        """Spread of the lead time, days, shape (items,)."""
        return np.asarray(self.days.std(axis=1))


def lead_times(mean_days: FloatArray, sd_days: FloatArray, receipts: Sequence[FloatArray] | None = None) -> LeadTimes:
    """Return the lead-time distribution of each item.

    Observed lead times are used where there are `ENOUGH_RECEIPTS`: their distribution may have two humps, which no
    mean and spread can tell. Else a gamma distribution with the mean and spread given.

    Parameters
    ----------
    mean_days, sd_days
        Mean and standard deviation, calendar days, zero or more, shape (items,).
    receipts
        Observed lead times of each item, days; empty where there are none.

    Examples
    --------
    >>> times = lead_times(np.array([10.0, 7.0]), np.array([4.0, 0.0]))
    >>> times.mean.round(6).tolist(), times.standard_deviation.round(6).tolist()
    ([10.0, 7.0], [4.0, 0.0])
    """
    days = _gamma_points(mean_days, sd_days)
    observed = np.zeros(len(mean_days), dtype=np.int64)
    middles = (np.arange(POINTS) + 0.5) / POINTS
    for item, seen in enumerate(receipts or ()):
        if len(seen) >= ENOUGH_RECEIPTS:
            days[item] = np.quantile(seen, middles)
            observed[item] = len(seen)
    return LeadTimes(days, observed)


def _gamma_points(mean: FloatArray, deviation: FloatArray) -> FloatArray:
    """Means of a gamma distribution within `POINTS` equally likely slices, stretched to its exact spread."""
    points = np.repeat(mean[:, None], POINTS, axis=1).astype(np.float64)
    spread = (deviation > _NO_SPREAD * mean) & (mean > _NO_SPREAD)
    if not spread.any():
        return points
    average = mean[spread][:, None]
    sd = np.minimum(deviation[spread][:, None], _WIDEST_SPREAD * average)
    shape = (average / sd) ** 2
    edges = special.gammaincinv(shape, np.arange(POINTS + 1) / POINTS)
    below = np.diff(special.gammainc(shape + 1.0, edges), axis=1)
    slices = average * below * POINTS
    stretch = sd / np.maximum(slices.std(axis=1, keepdims=True), 1e-12)
    points[spread] = np.maximum(average + (slices - average) * stretch, 0.0)
    return points
