"""Whether demand has fallen of late: a scan over a few spans of the latest periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.plan.segmentation.change import Part, common_season, log_ratio, scatter_of

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SPANS = ((8, 0), (8, 8), (13, 0), (13, 13), (26, 0))
"""Latest spans that are looked at, and how much before them is left out, for demand may fall step by step; in parts of
a year of 52."""

LOOKS = 3.0
"""Independent looks that the spans, which overlap, amount to: by so many times the least chance is raised."""

_WEEKS = 52
_LEAST_BEFORE = 8
"""Least length of what a span is compared with, in parts of a year of 52."""


@dataclass(frozen=True, eq=False)
class LatestFall:
    """How far demand has fallen of late, by the span that shows it best; arrays of shape (items,).

    Parameters
    ----------
    share
        Demand a period in the span over that before, less one; NaN where it cannot be told.
    chance
        Chance that one of the spans shows such a fall if nothing had changed; NaN likewise.
    periods
        Periods of the span; 0 where it cannot be told.
    year_ago
        True where the same span of the year before was higher as well, so that it is no season.
    """

    share: Floats
    chance: Floats
    periods: Counts
    year_ago: Flags


def latest_fall(demand: Floats, first: Counts, year: int) -> LatestFall:
    """Return how far demand has fallen of late, with the chance that it has not.

    Each span of `SPANS` is compared with the rest of the last year before it, as `change.change_of_demand` compares two
    parts: rates of counts whose variance is a multiple of their mean, that multiple estimated within both parts, so
    that the fall itself does not widen it. The season that all items have in common is taken out. Where the same span
    is known a year before, demand must have fallen against that too: then it is not the item's own season. The least
    chance of the spans is told, raised for having looked several times.

    Parameters
    ----------
    demand
        Units a period, shape (items, periods); NaN where unknown.
    first
        Column of each item's first sale.
    year
        Periods of a year.

    Examples
    --------
    >>> steady, fell = [9.0, 11.0] * 26, [9.0, 11.0] * 22 + [1.0, 1.0] * 4
    >>> found = latest_fall(np.array([steady, fell]), np.zeros(2, dtype=int), 52)
    >>> found.share.round(2).tolist()[1], found.periods.tolist()[1], (found.chance < 0.01).tolist()
    (-0.9, 8, [False, True])
    """
    season = common_season(demand, first, year)
    looks = [_look(demand, first, year, season, *span) for span in SPANS]
    chances = np.stack([np.where(np.isnan(look.chance), np.inf, look.chance) for look in looks])
    best, at = chances.argmin(axis=0), np.arange(len(demand))

    def chosen(name: str) -> Floats:
        return np.asarray(np.stack([getattr(look, name) for look in looks])[best, at])

    return LatestFall(
        chosen("share"),
        np.minimum(LOOKS * chosen("chance"), 1.0),
        chosen("periods").astype(np.int64),
        chosen("year_ago").astype(np.bool_),
    )


def _look(demand: Floats, first: Counts, year: int, season: Floats, span: int, gap: int) -> LatestFall:
    """Return how far demand fell in one span."""
    count, known = demand.shape[1], np.isfinite(demand)
    width, between, least = (max(round(each * year / _WEEKS), 2 * (each > 0)) for each in (span, gap, _LEAST_BEFORE))
    clock = np.arange(count)
    begun = clock >= first[:, None]
    now = Part.of(demand, known & (clock >= count - width), season)
    earlier = (clock >= count - year) & (clock < count - width - between)
    before = Part.of(demand, known & begun & earlier, season)
    scatter = scatter_of(demand, [before, now], season)
    chance = _chance_of_fall(before, now, scatter)
    last_year = Part.of(
        demand, known & begun & (clock >= count - year - width) & (clock < count - year), np.ones(count)
    )
    this_year = Part.of(demand, now.periods, np.ones(count))
    compared = (last_year.count * 2 >= width) & (count - year - width >= 0)
    yearly = _chance_of_fall(last_year, this_year, scatter)
    chance = np.where(compared, np.maximum(chance, np.where(np.isnan(yearly), 1.0, yearly)), chance)
    enough = (now.count * 2 >= width) & (before.count >= least) & (before.total > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = now.rate / before.rate - 1.0
    return LatestFall(
        np.where(enough, share, np.nan), np.where(enough, chance, np.nan), np.where(enough, width, 0), compared
    )


def _chance_of_fall(before: Part, now: Part, scatter: Floats) -> Floats:
    """Return the one-sided chance of so low a rate now; NaN where it cannot be told."""
    from scipy.stats import t  # scipy takes a moment to load

    ratio, error = log_ratio(before, now, scatter)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(error > 0, -ratio / error, np.where(ratio < -1e-9, np.inf, 0.0))
    score = np.where(np.isfinite(ratio), score, np.nan)
    return np.asarray(t.sf(score, np.maximum(before.count + now.count - 2, 1)))
