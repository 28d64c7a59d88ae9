"""Lead times as discrete distributions: from observed receipts where there are enough, else from mean and spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from invopt_xl.policy.costs import FloatArray, require_each

POINTS = 9
"""Support points of a lead time made from mean and spread."""

_SHARES = np.array([0.25, 0.25, 0.2, 0.12, 0.08, 0.05, 0.03, 0.013, 0.007])
"""Probability of each of them, the shortest first.

Service is decided by the longest lead times, so these are told apart most: levels for 80% to 99% are within 1% of those
of the whole distribution where the spread is half the mean, within 4% where it is twice the mean. Equal shares miss by
a tenth at the one, and by a quarter or the double at the other.
"""

ENOUGH_RECEIPTS = 8
"""Observed lead times are taken as they are from this many on; fewer say little about the tail."""

_MOST_POINTS = 16
"""Different observed lead times above this many are joined, neighbour by neighbour."""

_NO_SPREAD = 0.01
"""A spread below this share of the mean (or a mean below this many days) is none."""
_WIDEST_SPREAD = 3.0
"""A spread above this many means is cut to it: gamma has no sensible shape there."""


@dataclass(frozen=True, eq=False)
class LeadTimes:
    """Lead times of many items, each by support points.

    Parameters
    ----------
    days
        Calendar days from order to receipt, without the review period, shape (items, points).
    observed
        Receipts each row rests on; 0 where it was made from a mean and a spread. Shape (items,).
    weight
        Probability of each point, rows sum to one, shape (items, points); equally likely if None.

    Examples
    --------
    >>> two = LeadTimes(np.array([[5.0, 20.0]]), np.array([0]), np.array([[0.8, 0.2]]))
    >>> two.mean.tolist(), two.standard_deviation.tolist()
    ([8.0], [6.0])
    """

    days: FloatArray
    observed: npt.NDArray[np.int64]
    weight: FloatArray | None = None

    @property
    def weights(self) -> FloatArray:
        """Probability of each point, shape (items, points)."""
        return np.full(self.days.shape, 1.0 / self.days.shape[1]) if self.weight is None else self.weight

    def rows(self, rows: npt.NDArray[np.integer]) -> LeadTimes:
        """Return the lead times of some of the items."""
        return LeadTimes(self.days[rows], self.observed[rows], None if self.weight is None else self.weight[rows])

    @property
    def mean(self) -> FloatArray:
        """Expected lead time, days, shape (items,)."""
        return np.asarray((self.weights * self.days).sum(axis=1))

    @property
    def standard_deviation(self) -> FloatArray:
        """Spread of the lead time, days, shape (items,)."""
        return np.asarray(np.sqrt((self.weights * (self.days - self.mean[:, None]) ** 2).sum(axis=1)))


def lead_times(mean_days: FloatArray, sd_days: FloatArray, receipts: Sequence[FloatArray] | None = None) -> LeadTimes:
    """Return the lead-time distribution of each item.

    Observed lead times are used where there are `ENOUGH_RECEIPTS`: their distribution may have two humps, which no
    mean and spread can tell. Else a gamma distribution with the mean and spread given.

    Of n receipts the next one is longer than all with probability 1 / (n + 1), as it could as well have been any of
    the n + 1: each counts 1 / (n + 1), the longest twice. Where stock runs out in long lead times only, seen k times
    in n, the chance of a stock-out is then the intended one on average over the receipts that chance might have shown;
    with k / n there would be more, for few receipts often lack long ones.

    Parameters
    ----------
    mean_days, sd_days
        Mean and standard deviation, calendar days, zero or more, shape (items,).
    receipts
        Observed lead times of each item, days; empty where there are none.

    Raises
    ------
    InputError
        If a mean or a spread is negative or not finite.

    Examples
    --------
    >>> times = lead_times(np.array([10.0, 7.0]), np.array([4.0, 0.0]))
    >>> times.mean.round(6).tolist(), times.standard_deviation.round(6).tolist()
    ([10.0, 7.0], [4.0, 0.0])
    """
    for name, given in (("lead time", mean_days), ("spread of the lead time", sd_days)):
        days = np.asarray(given, dtype=np.float64)
        require_each(np.isfinite(days) & (days >= 0), name, days, "days, zero or more, such as 14")
    gamma = _gamma_points(mean_days, sd_days)
    seen = [(item, _observed_points(one)) for item, one in enumerate(receipts or ()) if len(one) >= ENOUGH_RECEIPTS]
    points = max([POINTS, *(len(one[0]) for _, one in seen)])
    days, weight = (np.zeros((len(gamma), points)) for _ in range(2))
    days[:, :POINTS], days[:, POINTS:] = gamma, gamma[:, -1:]
    spread = gamma[:, 0] < gamma[:, -1]
    weight[:, :POINTS] = np.where(spread[:, None], _SHARES, np.arange(POINTS) == 0)
    observed = np.zeros(len(gamma), dtype=np.int64)
    for item, (lengths, shares) in seen:
        days[item], weight[item] = lengths[-1], 0.0
        days[item, : len(lengths)], weight[item, : len(lengths)] = lengths, shares
        observed[item] = len(receipts[item]) if receipts is not None else 0
    return LeadTimes(days, observed, weight)


def _observed_points(seen: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return different lead times, ascending, and the probability of each for the next order."""
    ordered = np.sort(np.asarray(seen, dtype=np.float64))
    days, times = np.unique(np.append(ordered, ordered[-1]), return_counts=True)
    weight = times / times.sum()
    while len(days) > _MOST_POINTS:
        # The two neighbours that are least apart, and least likely, are told apart the least.
        loss = weight[:-1] * weight[1:] / (weight[:-1] + weight[1:]) * np.diff(days) ** 2
        at = int(np.argmin(loss))
        days[at] = (weight[at : at + 2] @ days[at : at + 2]) / weight[at : at + 2].sum()
        weight[at] += weight[at + 1]
        days, weight = np.delete(days, at + 1), np.delete(weight, at + 1)
    return days, weight


def _gamma_points(mean: FloatArray, deviation: FloatArray) -> FloatArray:
    """Means of a gamma distribution within slices of `_SHARES`, stretched to its spread as far as none is below zero.

    Their mean is that of the distribution, whatever its spread.
    """
    points = np.repeat(mean[:, None], POINTS, axis=1).astype(np.float64)
    spread = (deviation > _NO_SPREAD * mean) & (mean > _NO_SPREAD)
    if not spread.any():
        return points
    average = mean[spread][:, None]
    sd = np.minimum(deviation[spread][:, None], _WIDEST_SPREAD * average)
    shape = (average / sd) ** 2
    edges = special.gammaincinv(shape, np.append(0.0, np.append(_SHARES[:-1].cumsum(), 1.0)))
    around = average * (np.diff(special.gammainc(shape + 1.0, edges), axis=1) / _SHARES - 1.0)
    stretch = sd / np.sqrt((_SHARES * around**2).sum(axis=1, keepdims=True))
    points[spread] = np.maximum(average + around * np.minimum(stretch, -average / around[:, :1]), 0.0)
    return points
