"""How much more of an item the best customers take than of everything, with what chance alone could make of it.

The share of an item's value that comes from best customers is a proportion over few buyers, some of whom count for
much. Items share a prior, learned from how far their shares stray beyond chance, and each is drawn towards the common
share the fewer buyers it has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from invopt_xl.plan.customers.ranks import FloatArray

TAIL = 0.05
"""Probability beyond each end of the interval."""

FEWEST_BUYERS = 5.0
"""Buyers that a lift needs before a weight is made of it, counted as if all bought for the same money."""

WEIGHTS = (0.5, 2.0)
"""Bounds of the suggested weight: nobody's item counts for nothing, and none for more than two."""

_CORRELATIONS = (0.001, 0.5)
"""Bounds of the correlation between buyers of one item that the prior may have."""


@dataclass(frozen=True, eq=False)
class Lifts:
    """The best customers' share of each item against their share of all; arrays of shape (items,).

    Parameters
    ----------
    base
        The best customers' share of the value of all items.
    share
        Their share of each item's value; NaN without a known buyer.
    buyers
        How many equal buyers would tell as much.
    lift, low, high
        Share over base, drawn towards 1, and the ends of its 90% interval; NaN without a known buyer.
    """

    base: float
    share: FloatArray
    buyers: FloatArray
    lift: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def weight(self) -> FloatArray:
        """Suggested customer weight: the lift within bounds, 1 where it rests on too few buyers."""
        told = np.isfinite(self.lift) & (self.buyers >= FEWEST_BUYERS)
        return np.where(told, np.round(np.clip(self.lift, *WEIGHTS), 2), 1.0)


def lifts(best: FloatArray, value: FloatArray, squares: FloatArray) -> Lifts:
    """Return how the best customers' share of each item compares with their share of all.

    The value-weighted mean of share over base is 1. The prior is a beta distribution around the base, its strength by
    the method of moments (Kleinman 1973); buyers count as many equal ones (Kish 1965).

    Parameters
    ----------
    best, value
        Money from the best customers and from all known ones, by item. Who is best has to be told without the item:
        a share that is measured by what makes a customer one of the best is beyond chance for dear items of customers
        who are all alike.
    squares
        Sum over buyers of their squared money.

    References
    ----------
    Kleinman, J. C. (1973). Proportions with extraneous variance: single and independent samples. Journal of the
    American Statistical Association 68, 46-54. Kish, L. (1965). Survey Sampling. Wiley.

    Examples
    --------
    >>> found = lifts(np.array([90.0, 60.0, 2.0]), np.array([100.0, 200.0, 2.0]), np.array([100.0, 300.0, 2.0]))
    >>> print(f"{found.base:.3f}", found.share.round(2), found.lift.round(2), found.weight)
    0.503 [0.9 0.3 1. ] [1.77 0.6  1.52] [1.77 0.6  1.  ]
    """
    known = value > 0
    total = value.sum()
    base = float(best.sum() / total) if total > 0 else np.nan
    share = np.divide(best, value, out=np.full(len(value), np.nan), where=known)
    buyers = np.divide(value**2, squares, out=np.zeros(len(value)), where=known)
    if not 0.0 < base < 1.0:
        nothing = np.full(len(value), np.nan)
        return Lifts(base, share, buyers, nothing, nothing, nothing)
    strength = _strength(share[known], buyers[known], base)
    pooled = np.where(known, share, 0.0)
    first, second = strength * base + buyers * pooled, strength * (1.0 - base) + buyers * (1.0 - pooled)
    ends = [betaincinv(first, second, tail) / base for tail in (TAIL, 1.0 - TAIL)]
    lift, low, high = (np.where(known, each, np.nan) for each in (first / (first + second) / base, *ends))
    return Lifts(base, share, buyers, lift, low, high)


def _strength(share: FloatArray, buyers: FloatArray, base: float) -> float:
    """Return how many buyers the prior is worth, from how far shares stray beyond chance."""
    weight = np.maximum(buyers - 1.0, 0.0)
    if not weight.sum() > 0:
        return 1.0 / _CORRELATIONS[0] - 1.0
    strayed = (share - base) ** 2 / (base * (1.0 - base))
    # The expected stray is 1/n + (1 - 1/n) times the correlation; items with many buyers tell most of it.
    correlation = float((weight * (strayed - 1.0 / buyers)).sum() / (weight * (1.0 - 1.0 / buyers)).sum())
    return 1.0 / float(np.clip(correlation, *_CORRELATIONS)) - 1.0
