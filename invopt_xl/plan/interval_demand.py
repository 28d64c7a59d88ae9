"""Demand over the protection interval of each item: from its forecast, its history, or both, as the past advises.

Plans and replays call the same functions, so that what a replay proves is what a plan does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from invopt_xl.domain import Progress
from invopt_xl.forecasting import believable, demand_patterns
from invopt_xl.forecasting.backtest.rolling import RollingForecasts, rolling_forecasts
from invopt_xl.plan.histories import Histories
from invopt_xl.policy import (
    CumulativeDemand,
    Family,
    FamilyChoice,
    PastForecasts,
    PathSums,
    candidate_quantiles,
    choose_family,
    pooled_with_steady,
    steady_sums,
)
from invopt_xl.policy.family_choice import LEVELS

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

PAST_REVIEWS = 8
"""Reviews of the past that distributions are judged by."""
REVIEWS_APART = 3
"""Periods from one of them to the next."""
JUDGED_PERIODS = 4
"""Length of the intervals that distributions are judged over."""
LEAST_GAIN = 0.025
"""What another distribution has to miss less by: what looked a little better in the past seldom is in future."""
SHORTEST_PAST = 8
"""Known periods that an item needs before the first of them, and before it is replayed."""


class Candidate(NamedTuple):
    """A distribution that levels may come from.

    Parameters
    ----------
    family
        Its shape; of sums along paths if empirical.
    steady
        Share of the whole history's mean and spread in it; None for the usual share.
    """

    family: Family
    steady: float | None = None


CANDIDATES = {
    "forecast and history pooled": Candidate(Family.EMPIRICAL),
    "forecast": Candidate(Family.EMPIRICAL, 0.0),
    "history": Candidate(Family.EMPIRICAL, 1.0),
    "gamma or negative binomial about the forecast": Candidate(Family.GAMMA),
    "normal about the forecast": Candidate(Family.NORMAL),
}
"""What is judged, by name; the first is kept in doubt. Whole units are negative binomial, or Poisson where they vary
no more than that."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """What is known of some items at a review; arrays of shape (items,) unless said otherwise.

    Parameters
    ----------
    foreseen
        Sums along the sample paths of their forecasts.
    history
        Demand a period before the review, units, shape (items, periods); NaN where unknown or `believable` to nobody.
    interval
        Expected protection interval, periods.
    first_share
        Share of the first period that is still to come.
    reach
        Longest protection interval, periods; all that is foreseen by default.
    """

    foreseen: PathSums
    history: FloatArray
    interval: FloatArray
    first_share: float = 1.0
    reach: IntArray | None = None

    @property
    def spread(self) -> FloatArray:
        """Standard deviation of the history, units; 0 where fewer than two periods are known."""
        known = np.isfinite(self.history).sum(axis=1)
        centred = self.history - (np.nansum(self.history, axis=1) / np.maximum(known, 1))[:, None]
        return np.asarray(np.sqrt(np.nansum(centred**2, axis=1) / np.maximum(known - 1, 1)))

    def rows(self, rows: IntArray) -> Outlook:
        """Return what is known of some of the items."""
        reach = None if self.reach is None else self.reach[rows]
        return Outlook(self.foreseen.rows(rows), self.history[rows], self.interval[rows], self.first_share, reach)

    def demand(self, candidates: Sequence[str]) -> CumulativeDemand:
        """Return demand as the candidate of each item has it."""
        chosen = [CANDIDATES[name] for name in candidates]
        family = np.array([int(one.family) for one in chosen])
        family = np.where((family == Family.GAMMA) & self.foreseen.whole, int(Family.COUNTS), family)
        periods, whole = self.foreseen.points.shape[1], self.foreseen.whole
        reach = None if self.reach is None else np.maximum(self.reach, JUDGED_PERIODS)
        steady = steady_sums(self.history, periods, whole, first_share=self.first_share, reach=reach)
        share = np.array([np.nan if one.steady is None else one.steady for one in chosen])
        sums = pooled_with_steady(self.foreseen, steady, self.interval + (1.0 - self.first_share), share)
        drawn = family == Family.EMPIRICAL
        mean, variance = self.foreseen.moments
        mean[drawn], variance[drawn] = sums.rows(drawn).moments
        return CumulativeDemand(mean, variance, family, sums.rows(drawn) if drawn.any() else None, self.first_share)

    def chosen(self, choice: FamilyChoice) -> CumulativeDemand:
        """Return demand as the past advises: the candidate of each item, as wide as its forecasts should have been.

        Widths are compared over intervals as long as those that were judged, whatever the protection interval is.
        """
        demand = self.demand(choice.candidate)
        if (choice.own == 1.0).all():
            return demand
        one = np.ones(len(self.interval))
        ahead = demand.over(JUDGED_PERIODS * one[:, None])
        width = ahead.quantile(0.95 * one) - ahead.quantile(0.5 * one)
        return demand.widened(choice.factor(width, self.spread))


def foreseen(made: RollingForecasts, rows: IntArray, origin: int, whole: BoolArray) -> PathSums:
    """Return what was forecast for some items at an origin, by its number.

    Parameters
    ----------
    made
        Rolling forecasts of all items.
    rows
        Rows of items that have a forecast there.
    origin
        Column of the origin.
    whole
        True where demand comes in whole units, for all items.
    """
    points = made.points[rows, origin].astype(np.float64)
    points = np.where(whole[rows, None, None], np.round(points), points)
    return PathSums(points, np.tile(made.share, (len(rows), 1)), whole[rows])


def past_reviews(before: int) -> list[int]:
    """Return the periods of past reviews, rising, whose judged intervals were over before a period.

    Examples
    --------
    >>> past_reviews(104)
    [79, 82, 85, 88, 91, 94, 97, 100]
    """
    found = range(before - JUDGED_PERIODS, SHORTEST_PAST - 1, -REVIEWS_APART)
    return sorted(found[:PAST_REVIEWS])


def advice_for(
    past: Histories,
    *,
    season: int = 1,
    cache: ContentCache | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> FamilyChoice:
    """Return the distribution of each item that missed least at reviews of its past; see `advice_of_the_past`.

    Parameters
    ----------
    past
        Histories up to now.
    season, cache, workers, progress
        As in `rolling_forecasts`.
    """
    made = rolling_forecasts(
        past.quantity, past_reviews(past.periods), JUDGED_PERIODS, first=past.first, in_stock=past.in_stock,
        season=season, cache=cache, workers=workers, progress=progress,
    )  # fmt: skip
    return advice_of_the_past(made, np.where(past.in_stock, past.quantity, np.nan), past.whole_units, past.periods)


def advice_of_the_past(past: RollingForecasts, demand: FloatArray, whole: BoolArray, before: int) -> FamilyChoice:
    """Return the distribution of each item that missed least at past reviews, with the reason.

    Items are judged together by pattern of demand, and apart from it only as far as they differ by more than chance.
    Intervals are of `JUDGED_PERIODS` whatever the lead times: which distribution fits demand is a question about
    demand, and a supplier who becomes slower is no reason to change it.

    Parameters
    ----------
    past
        What was forecast at past reviews, over `JUDGED_PERIODS` at least.
    demand
        Demand a period, units, shape (items, periods); NaN where unknown.
    whole
        True where demand comes in whole units, shape (items,).
    before
        Period before which everything is known.
    """
    demand = believable(demand[:, :before])
    shape = (len(demand), max(len(past.origins), 1))
    realised, spread = np.full(shape, np.nan), np.zeros(shape)
    said = {name: np.zeros((*shape, len(LEVELS))) for name in CANDIDATES}
    for column, origin in enumerate(past.origins.tolist()):
        known = believable(demand[:, :origin])
        rows = np.flatnonzero(past.made[:, column] & (np.isfinite(known).sum(axis=1) >= SHORTEST_PAST))
        if not rows.size:
            continue
        outlook = Outlook(foreseen(past, rows, column, whole), known[rows], np.full(rows.size, float(JUDGED_PERIODS)))
        realised[rows, column] = demand[rows, origin : origin + JUDGED_PERIODS].sum(axis=1)
        spread[rows, column] = outlook.spread
        for name, quantiles in _candidates_say(outlook).items():
            said[name][rows, column] = quantiles
    patterns = demand_patterns([one[np.isfinite(one)] for one in demand])
    names = tuple(one.name for one in patterns)
    return choose_family(PastForecasts(realised, said, names, spread, JUDGED_PERIODS / REVIEWS_APART, LEAST_GAIN))


def _candidates_say(outlook: Outlook) -> dict[str, FloatArray]:
    """Return what each candidate says at `LEVELS` of the interval, units, shape (items, levels)."""
    items, names = len(outlook.interval), list(CANDIDATES)
    # All candidates at once: of a few items each call costs more than what it computes.
    every = outlook.rows(np.tile(np.arange(items), len(names)))
    ahead = every.demand(np.repeat(names, items).tolist()).over(every.interval[:, None])
    said = candidate_quantiles(ahead, windows=1)[:, 0]
    return dict(zip(names, said.reshape(len(names), items, len(LEVELS)), strict=True))
