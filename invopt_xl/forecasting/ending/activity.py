"""How telling a silent period is: little where all items were silent, or where this one was a year ago as well."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

USUAL_PERIODS = 26
"""Periods over whose middle a period's demand is held to be usual or not."""

STEADYING = 5.0
"""Items' worth of usual demand mixed into each period, so that a few items do not excuse their own silence."""

LIVELIEST = 1.5
"""A busy period makes a silence at most so much more telling."""

PERIODS_PER_YEAR = {"day": 365, "week": 52, "month": 12}

NEIGHBOURING = 17
"""Demand of a year ago is looked at over a year's length divided by this, before and after; a month at least."""

DOUBTED = 2.0
"""Demands that were expected in those periods and did not come, from which on a season is believed in."""


def activity(sold: Flags, known: Flags) -> Floats:
    """Return the share of usual demand occurrences that came in each period, shape (periods,); 1 is usual.

    Each item is expected to be asked for as often as it was until then since its first demand. Items that ended long
    ago make the sum of these expectations too large, in all periods alike, so the share is held against its median
    over the last `USUAL_PERIODS`. What comes later plays no part in the share of a period.

    Parameters
    ----------
    sold
        Whether an item was asked for in a period, shape (items, periods).
    known
        Whether that is known.

    Examples
    --------
    Twenty items sell in every period, then in none.

    >>> sold = np.repeat([[True] * 8 + [False]], 20, axis=0)
    >>> activity(sold, np.ones_like(sold)).round(2).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.2]
    """
    begun = np.asarray(np.cumsum(sold, axis=1) - sold) > 0
    at_risk = known & begun
    count: Floats = np.cumsum(sold & at_risk, axis=1) - (sold & at_risk)
    length: Floats = np.cumsum(at_risk, axis=1) - at_risk
    expected = np.where(at_risk, (count + 1.0) / (length + 1.0), 0.0).sum(axis=0)
    share = ((sold & at_risk).sum(axis=0) + STEADYING) / (expected + STEADYING)
    usual = np.array([np.median(share[max(0, end - USUAL_PERIODS) : end]) for end in range(1, len(share) + 1)])
    return np.asarray(np.minimum(share / usual, LIVELIEST)) if len(share) else share


def in_season(sold: Flags, known: Flags, period: str) -> Floats:
    """Return how much of its usual demand an item had a year ago about this time, at most 1; shape of the tables.

    1 in the first year, where nothing can be said.

    Parameters
    ----------
    sold, known
        As `activity` takes them.
    period
        What a period is: day, week or month.

    Examples
    --------
    Sold from January to June of two years: that it does not sell in August says less than that it did not in May.

    >>> sold = np.array([([True] * 6 + [False] * 6) * 2 + [False] * 9])
    >>> in_season(sold, np.ones_like(sold), "month")[0, [28, 31]].round(2).tolist()
    [1.0, 0.63]
    """
    year = PERIODS_PER_YEAR[period]
    beside = max(1, year // NEIGHBOURING)
    items, periods = sold.shape
    told = np.ones((items, periods))
    if periods <= year + beside:
        return told
    begun = np.asarray(np.cumsum(sold, axis=1)) > 0
    at_risk = known & begun
    came, lasted = (np.concatenate([np.zeros((items, 1)), np.cumsum(part, axis=1)], axis=1) for part in (sold, at_risk))
    now = np.arange(year + beside, periods)
    first, after = now - year - beside, now - year + beside + 1
    usual = (came[:, now] / np.maximum(lasted[:, now], 1.0)) * (lasted[:, after] - lasted[:, first])
    told[:, now] = np.minimum(((came[:, after] - came[:, first]) + DOUBTED) / (usual + DOUBTED), 1.0)
    return told
