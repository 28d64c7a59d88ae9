"""How much of the usual demand came in each period over all alike items: a quiet period proves little about one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

USUAL_PERIODS = 52
"""Periods over whose middle a period's demand is held to be usual or not."""

STEADYING = 5.0
"""Items' worth of usual demand mixed into each period, so that a few items do not excuse their own silence."""

LIVELIEST = 1.5
"""A busy period makes a silence at most so much more telling."""


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
