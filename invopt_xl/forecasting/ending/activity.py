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

SHORTEST_REST, SHORTEST_SEASON, SHIFTED = 3, 8, 26
"""By which a year is divided for the shortest silence between two seasons, for the periods with sales that a season has
at least, and for how much earlier or later than in another year it may begin or end."""

BY_CHANCE = 0.00001
"""Silences at the rate of the periods between them that are no rarer are none of a season. Shorter rests, or likelier
ones, took pauses of spare parts for seasons: of those that died fewer were warned of early."""


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

    1 in the first year, where nothing can be said; 0 where `off_season` finds that it rests as in every year before.

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
    begun = np.asarray(np.cumsum(sold, axis=1)) > 0
    at_risk = known & begun
    came, lasted = (np.concatenate([np.zeros((items, 1)), np.cumsum(part, axis=1)], axis=1) for part in (sold, at_risk))
    now = np.arange(year + beside, periods)
    first, after = now - year - beside, now - year + beside + 1
    usual = (came[:, now] / np.maximum(lasted[:, now], 1.0)) * (lasted[:, after] - lasted[:, first])
    told[:, now] = np.minimum(((came[:, after] - came[:, first]) + DOUBTED) / (usual + DOUBTED), 1.0)
    return np.where(off_season(sold, known, period), 0.0, told)


def off_season(sold: Flags, known: Flags, period: str) -> Flags:
    """Return where an item of seasons rested at that time of every earlier year; shape of the tables.

    A rest is a silence of at least a third of a year, and less than a year, from one sale to the next: one that no
    sale has ended yet is none, so that a season missed is told. An item of seasons sells in two periods of three
    between its rests, and in many of them, and at that rate its rests are rarer than `BY_CHANCE`, so that rare sales
    that leave out the same weeks twice make no season.

    Parameters
    ----------
    sold, known, period
        As `in_season` takes them.

    Examples
    --------
    Sold from January to June of two years: silent from July on it rests as a year ago, until it misses its season.

    >>> sold = np.array([([True] * 6 + [False] * 6) * 2 + [False] * 9])
    >>> np.flatnonzero(off_season(sold, np.ones_like(sold), "month")).tolist()
    [18, 19, 20, 21, 22, 23]
    """
    year = PERIODS_PER_YEAR[period]
    shift, least = year // SHIFTED, max(2, year // SHORTEST_SEASON)
    items, periods = sold.shape
    if periods <= year:
        return np.zeros((items, periods), dtype=bool)
    rests = _rests(sold, known, year // SHORTEST_REST, year - 2 * shift)
    begun = np.asarray(np.cumsum(sold, axis=1)) > 0
    latest = np.maximum(np.maximum.accumulate(np.where(sold, np.arange(periods), -1), axis=1), 0)
    rested, seasons, sales, lasted = (
        np.take_along_axis(np.cumsum(part, axis=1), latest, axis=1)
        for part in (rests & known, rests & ~_before(rests, 1), sold, begun & known)
    )
    between = np.asarray(lasted - rested, dtype=np.float64)
    unsold = (between - sales + 1) / (between + 2)
    seasonal = (3 * sales >= 2 * between) & (sales >= least * (seasons + 1)) & (unsold**rested < BY_CHANCE)
    near = np.zeros_like(rests)
    for by in range(-shift, shift + 1):
        near |= _before(rests, by)
    alike = np.ones((items, periods), dtype=bool)
    for earlier in range(year, periods, year):
        alike &= _before(near, earlier) | ~_before(begun, earlier + shift)
    return np.asarray(~sold & seasonal & alike & _before(near, year))


def _rests(sold: Flags, known: Flags, shortest: int, longest: int) -> Flags:
    """Return the silences from one sale to the next that last as long as a rest."""
    rests = np.zeros(sold.shape, dtype=bool)
    item, at = np.nonzero(sold)
    silent = np.diff(at) - 1
    for gap in np.flatnonzero((np.diff(item) == 0) & (silent >= shortest) & (silent < longest)):
        within = item[gap], slice(at[gap] + 1, at[gap + 1])
        rests[within] = known[within].sum() >= shortest
    return rests


def _before(flags: Flags, by: int) -> Flags:
    """Return what the flags were so many periods before each, after it where that is negative; no beyond the ends."""
    at = np.arange(flags.shape[1]) - by
    there = (at >= 0) & (at < len(at))
    return np.asarray(flags[:, np.where(there, at, 0)] & there)
