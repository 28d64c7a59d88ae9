"""Demand from now on as a distribution over any number of days, whatever it was made from, and though it may end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np

from invopt_xl.forecasting.panel.histories import Histories
from invopt_xl.plan.excess.quick import LEAST_KNOWN, quick_demand
from invopt_xl.plan.parameters import Parameters
from invopt_xl.policy import CumulativeDemand, Family, IntervalDemand, PathSums
from invopt_xl.policy.costs import BoolArray, FloatArray
from invopt_xl.policy.cumulative import at_periods
from invopt_xl.policy.families import IntArray
from invopt_xl.policy.path_sums import Lengths, draws_over, fewer_draws

Source = Literal["forecasts", "history"]

MOST_ENDINGS = 13
"""Times at which demand may end that are told apart within a horizon."""
_MOMENTS = ("mean", "variance")
_SURE = 1.0 - 1e-9
_NOTHING = 1e-9
_DRAWS, _FEW_DRAWS = 256, 24
"""Draws kept of all lengths together beyond the last period, and of each at least."""


class DemandEnding(Protocol):
    """What is needed of `forecasting.ending.DemandEnding`; arrays of shape (items,), NaN where nobody can tell."""

    @property
    def ended(self) -> FloatArray:
        """Chance that demand has ended already."""

    @property
    def hazard(self) -> FloatArray:
        """Chance that demand which has not ended ends within a coming period."""

    @property
    def reason(self) -> tuple[str, ...]:
        """Why, in a planner's words."""


@dataclass(frozen=True, eq=False)
class Endings:
    """Chances that demand ends, of some items; of those nobody can tell it goes on.

    Parameters
    ----------
    ended
        Chance that demand has ended already, shape (items,).
    hazard
        Chance that demand which has not ended ends within a coming period, shape (items,).
    reason
        Why, in a planner's words.
    """

    ended: FloatArray
    hazard: FloatArray
    reason: tuple[str, ...]

    @classmethod
    def of(cls, found: DemandEnding) -> Endings:
        """Return what is needed here of what was found."""
        return cls(np.asarray(found.ended, np.float64), np.asarray(found.hazard, np.float64), tuple(found.reason))

    def rows(self, rows: IntArray) -> Endings:
        """Return the chances of some of the items."""
        return Endings(self.ended[rows], self.hazard[rows], tuple(self.reason[row] for row in rows.tolist()))

    def later(self, periods: FloatArray) -> Endings:
        """Return the chances as they are so many periods from now."""
        return Endings(self.within(periods), self.hazard, self.reason)

    def within(self, periods: float | FloatArray) -> FloatArray:
        """Return the chance that demand has ended by the end of so many periods; NaN where nobody can tell.

        Examples
        --------
        >>> Endings(np.array([0.2]), np.array([0.1]), ("",)).within(2).round(3).tolist()
        [0.352]
        """
        return np.asarray(1.0 - (1.0 - self.ended) * (1.0 - self.hazard) ** periods)

    def lengths(self, periods: FloatArray, most: int = MOST_ENDINGS) -> tuple[FloatArray, FloatArray]:
        """Return for how long demand goes on within so many periods, and how likely each is, shape (items, lengths).

        It may have ended, end at any time at a steady hazard, or outlast the periods. Times of ending are told apart to
        a period, or to so many parts of a longer time, and each stands for the mean of its own: expected demand is
        exact.

        Examples
        --------
        >>> length, chance = Endings(np.array([0.2]), np.array([0.5]), ("",)).lengths(np.array([2.0]))
        >>> length.round(3).tolist(), chance.round(3).tolist()
        ([[0.0, 0.443, 1.443, 2.0]], [[0.2, 0.4, 0.2, 0.2]])
        """
        unknown = np.isnan(self.ended) | np.isnan(self.hazard)
        ended = np.where(unknown, 0.0, self.ended)
        rate = -np.log1p(-np.clip(np.where(unknown, 0.0, self.hazard), 0.0, _SURE))[:, None]
        cells = int(np.clip(np.ceil(periods.max(initial=1.0)), 1, most))
        step = np.maximum(periods / cells, np.minimum(periods, 1.0))[:, None]
        edges = np.minimum(step * np.arange(cells + 1), periods[:, None])
        alive = (1.0 - ended)[:, None] * np.exp(-rate * edges)
        width = np.diff(edges, axis=1)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            into = 1.0 / rate - width / np.expm1(rate * width)
        into = np.where(rate * width > 1e-6, into, width / 2.0)
        length = np.concatenate([np.zeros((len(ended), 1)), edges[:, :-1] + into, periods[:, None]], axis=1)
        chance = np.concatenate([ended[:, None], -np.diff(alive, axis=1), alive[:, -1:]], axis=1)
        some = (chance > 0).any(axis=0)
        return length[:, some], chance[:, some]


@dataclass(frozen=True, eq=False)
class DemandAhead:
    """Demand of many items from now on.

    Parameters
    ----------
    demand
        As forecast, or as the history alone has it, with moments or sums along sample paths.
    known
        False where nobody knows the demand, shape (items,): whatever is said of it means nothing.
    days_per_period
        Length of a period, days.
    source
        What it is made from: ``forecasts``, with their seasons, or ``history`` alone.
    endings
        Chances that demand ends; None where it goes on.
    """

    demand: CumulativeDemand
    known: BoolArray
    days_per_period: float
    source: Source
    endings: Endings | None = None

    @classmethod
    def of_history(cls, past: Histories, parameters: Parameters, longest_days: float) -> DemandAhead:
        """Return demand as `quick_demand` has it, for as long as is asked."""
        calendar = parameters.calendar
        periods = int(np.ceil(longest_days / calendar.days_per_period)) + 1
        demand = quick_demand(past, periods, calendar.days_per_period, calendar.share_left)
        return cls(demand, has_known_demand(past), calendar.days_per_period, "history")

    @classmethod
    def of_forecasts(cls, demand: CumulativeDemand, past: Histories, parameters: Parameters) -> DemandAhead:
        """Return demand as a plan has it, `plan.levels.Levelled.demand`; of items just seen as their history has it.

        What was forecast from fewer than `LEAST_KNOWN` periods knows nothing of its own errors. Of items of groceries
        known for a single week demand of the next 13 was within its 80 and 95% quantiles 68 and 84 times in 100, within
        those of `quick_demand` 78 and 96 times.
        """
        few = np.flatnonzero(_known_periods(past) < LEAST_KNOWN)
        length = parameters.calendar.days_per_period
        if few.size:
            quick = quick_demand(past, demand.mean.shape[1], length, demand.first_share)
            demand = _with_rows(demand, quick, few)
        return cls(demand, has_known_demand(past), length, "forecasts")

    def ending(self, endings: DemandEnding | None) -> DemandAhead:
        """Return demand that may end."""
        return self if endings is None else replace(self, endings=Endings.of(endings))

    def within(self, days: FloatArray, endings: int = MOST_ENDINGS) -> IntervalDemand:
        """Return demand of so many days from now, shape (items,).

        Beyond the last period that was forecast every path goes on at its own average rate: what is not known of the
        rate does not average out.

        Parameters
        ----------
        days
            Shape (items,).
        endings
            Times of ending that are told apart at most.
        """
        periods = days / self.days_per_period
        if self.endings is None:
            return _over(self.demand, periods[:, None], np.ones((len(periods), 1)))
        return _over(self.demand, *self.endings.lengths(periods, endings))

    def later(self, days: FloatArray) -> DemandAhead:
        """Return demand from a later day on: at the rates of now, but it may have ended by then.

        Parameters
        ----------
        days
            From now until then, shape (items,).
        """
        if self.endings is None:
            return self
        return replace(self, endings=self.endings.later(days / self.days_per_period))

    def going_on(self) -> DemandAhead:
        """Return the demand of items if it has not ended yet."""
        if self.endings is None:
            return self
        still = np.where(np.isnan(self.endings.ended), np.nan, 0.0)
        return replace(self, endings=replace(self.endings, ended=still))

    def scaled(self, factor: FloatArray) -> DemandAhead:
        """Return demand that is so many times as high, such as at another price.

        Parameters
        ----------
        factor
            Zero or more, shape (items,).
        """
        return replace(self, demand=self.demand.scaled(factor))

    def ended(self) -> FloatArray:
        """Return the chance that demand has ended, shape (items,); 0 where nobody can tell."""
        return np.zeros(len(self.known)) if self.endings is None else np.nan_to_num(self.endings.ended)

    def rows(self, rows: IntArray) -> DemandAhead:
        """Return the demand of some of the items, in ascending order."""
        endings = None if self.endings is None else self.endings.rows(rows)
        return replace(self, demand=_rows(self.demand, rows), known=self.known[rows], endings=endings)


def has_known_demand(past: Histories) -> BoolArray:
    """Return which items have at least one period with known demand: of the others nobody knows whether they sell."""
    return _known_periods(past) > 0


def _known_periods(past: Histories) -> IntArray:
    return np.asarray((np.isfinite(past.quantity) & past.in_stock).sum(axis=1), np.int64)


def _with_rows(demand: CumulativeDemand, other: CumulativeDemand, rows: IntArray) -> CumulativeDemand:
    """Return demand that is another, without sample paths, in some rows."""
    family = np.asarray(demand.family).astype(np.int64)
    stays = np.ones(len(family), dtype=bool)
    stays[rows] = False
    paths = None if demand.paths is None else demand.paths.rows(stays[family == Family.EMPIRICAL])
    if paths is not None and not len(paths.points):
        paths = None
    mean, variance = (np.where(stays[:, None], getattr(demand, name), getattr(other, name)) for name in _MOMENTS)
    mixed = np.where(stays, family, np.asarray(other.family))
    return CumulativeDemand(mean, variance, mixed, paths, demand.first_share)


def _rows(demand: CumulativeDemand, rows: IntArray) -> CumulativeDemand:
    family = np.asarray(demand.family).astype(np.int64)
    drawn = family == Family.EMPIRICAL
    place = np.cumsum(drawn) - 1
    paths = None if demand.paths is None else demand.paths.rows(place[rows[drawn[rows]]])
    if paths is not None and not len(paths.points):
        paths = None
    return CumulativeDemand(demand.mean[rows], demand.variance[rows], family[rows], paths, demand.first_share)


def _over(demand: CumulativeDemand, periods: FloatArray, weight: FloatArray) -> IntervalDemand:
    """Return demand over intervals of so many periods, shape (items, lengths), beyond the last at each path's own rate.

    `CumulativeDemand.over` lets the variance of further periods grow as if they were independent, which is right for
    lead times that seldom reach so far; stock that lasts for a year is decided by what is not known of the rate.
    """
    reach = demand.mean.shape[1] - 1.0 + demand.first_share
    near = np.minimum(periods, reach)
    factor = np.maximum(periods / reach, 1.0)
    if (factor <= 1.0).all():
        return demand.over(periods, weight)
    drawn = np.flatnonzero(np.asarray(demand.family) == Family.EMPIRICAL)
    moments = replace(demand, family=np.zeros(len(near), dtype=bool), paths=None).over(near, weight)
    mean, variance = moments.mean * factor, moments.variance * factor**2
    if demand.paths is None or not drawn.size:
        return IntervalDemand(mean, variance, weight, demand.family)
    values, share = _draws(demand, drawn, (near[drawn], factor[drawn], weight[drawn]))
    family = np.asarray(demand.family).astype(np.int64)
    whole = np.zeros(len(family), dtype=bool)
    whole[drawn] = demand.paths.whole
    # Draws of nothing but zeros are no demand, of whichever family.
    some = (values * share).sum(axis=1) > _NOTHING
    mean[drawn[~some]], family[drawn[~some]] = 0.0, int(Family.GAMMA)
    return IntervalDemand(mean, variance, weight, family, (values[some], share[some]) if some.any() else None, whole)


def _draws(
    demand: CumulativeDemand, drawn: IntArray, lengths: tuple[FloatArray, FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Return draws of demand over all lengths, and their shares: of lengths beyond the last period its own, stretched.

    Lengths are told as what of each was forecast, by what factor it is longer, and its chance.
    """
    near, factor, weight = lengths
    left, paths = demand.first_share, demand.paths or PathSums(np.zeros((0, 1, 1)), np.ones((0, 1)), np.zeros(0, bool))
    # As in `CumulativeDemand.over`: what is left of the first period counts as one.
    columns = np.where(near < left, near / left, near + (1.0 - left))
    inside = np.where(factor > 1.0, 0.0, weight)
    parts = []
    if inside.any():
        mean, variance = (at_periods(one[drawn], columns) for one in (demand.mean, demand.variance))
        parts.append(draws_over(paths, mean, variance, Lengths(columns, inside)))
    beyond = np.flatnonzero((weight > inside).any(axis=0)).tolist()
    if beyond:
        last, chance = _last_draws(paths, max(_DRAWS // len(beyond), _FEW_DRAWS))
    for column in beyond:
        further = last * factor[:, column, None]
        further = np.where(paths.whole[:, None], np.round(further), further)
        parts.append((further, chance * (weight - inside)[:, column, None]))
    return np.concatenate([one[0] for one in parts], axis=1), np.concatenate([one[1] for one in parts], axis=1)


def _last_draws(paths: PathSums, most: int) -> tuple[FloatArray, FloatArray]:
    """Return draws of demand up to the end of the last period, ascending, so many at most, and their shares."""
    order = np.argsort(paths.points[:, -1], axis=1)
    draws, share = (np.take_along_axis(one, order, axis=1) for one in (paths.points[:, -1], paths.share))
    return fewer_draws(draws, share, paths.whole, most)
