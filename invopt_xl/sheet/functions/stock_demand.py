"""Demand of items until an order has come, from the numbers that cells give: mean, deviation and lead time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from invopt_xl.policy import (
    CumulativeDemand,
    Family,
    GammaDemand,
    IntervalDemand,
    Measure,
    NegativeBinomialDemand,
    PoissonDemand,
    ReplenishmentCycle,
    lead_times,
)
from invopt_xl.policy.families import IntArray
from invopt_xl.policy.stock_levels import reorder_points
from invopt_xl.sheet.functions.stock_terms import BoolArray, Floats

FAMILIES = {
    "normal": Family.NORMAL,
    "gamma": Family.GAMMA,
    "poisson": Family.POISSON,
    "negative binomial": Family.COUNTS,
}
"""Families of demand by what a cell calls them."""

_LEAST_MEAN = 1e-9
"""Mean demand up to this many units is none."""
_LEAST_VARIANCE = 1e-9
"""A variance up to this share of the mean is none."""
POISSON_RATIO = 1.001
"""Counts whose variance is at most this share of their mean are Poisson."""


@dataclass(frozen=True)
class Target:
    """What levels have to reach, for each item.

    Parameters
    ----------
    share
        Between 0 and 1.
    measure
        ``cycle`` or ``fill``.
    order_quantity
        Usual order, units; 0 for base stock.
    """

    share: Floats
    measure: Sequence[str]
    order_quantity: Floats


@dataclass(frozen=True)
class Replenishment:
    """Demand and how it is replenished; arrays over items, times in periods of the demand.

    Parameters
    ----------
    mean, deviation
        Of the demand of a period, units; periods are independent.
    lead_time, lead_time_sd
        Mean and standard deviation, without the review period.
    review_period
        From a review to the next; 0 where stock is watched all the time.
    distribution
        A name of `FAMILIES` for each.
    """

    mean: Floats
    deviation: Floats
    lead_time: Floats
    lead_time_sd: Floats
    review_period: Floats
    distribution: Sequence[str]

    @property
    def protection(self) -> Floats:
        """Expected review period plus lead time, periods."""
        return self.lead_time + self.review_period

    @property
    def expected(self) -> Floats:
        """Expected demand over review period and lead time, units."""
        return self.mean * self.protection

    @property
    def spread(self) -> Floats:
        """Standard deviation of demand over review period and lead time, units: demand's and the lead time's."""
        return np.asarray(np.sqrt(self.protection * self.variance + (self.mean * self.lead_time_sd) ** 2))

    @property
    def _all_normal(self) -> bool:
        return all(name == "normal" for name in self.distribution)

    @cached_property
    def family(self) -> IntArray:
        """The `Family` of each item."""
        return np.array([FAMILIES[name] for name in self.distribution], dtype=np.int64)

    @cached_property
    def variance(self) -> Floats:
        """Variance of the demand of a period: in whole units as large as the mean at least, Poisson's."""
        squared = self.deviation**2
        if self._all_normal:
            return squared
        counts = np.where(self.family == Family.COUNTS, np.maximum(squared, self.mean), squared)
        return np.where(self.family == Family.POISSON, self.mean, counts)

    @property
    def whole(self) -> BoolArray:
        """True where demand comes in whole units."""
        return np.asarray((self.family == Family.POISSON) | (self.family == Family.COUNTS))

    def rows(self, rows: IntArray) -> Replenishment:
        """Return some of the items."""
        return Replenishment(
            self.mean[rows],
            self.deviation[rows],
            self.lead_time[rows],
            self.lead_time_sd[rows],
            self.review_period[rows],
            [self.distribution[row] for row in rows],
        )

    @cached_property
    def _demand(self) -> CumulativeDemand:
        return CumulativeDemand(self.mean[:, None], self.variance[:, None], self.family)

    @cached_property
    def _lengths(self) -> tuple[Floats, Floats]:
        """Lengths that lead times may have, and the probability of each, shape (items, lengths)."""
        times = lead_times(self.lead_time, self.lead_time_sd)
        # All of a known lead time's weight is on its first point.
        points = times.days.shape[1] if (times.days[:, 0] < times.days[:, -1]).any() else 1
        return times.days[:, :points], times.weights[:, :points]

    @cached_property
    def until_received(self) -> IntervalDemand:
        """Demand over review period and lead time, whatever lead times do."""
        lead, weight = self._lengths
        return self._demand.over(lead + self.review_period[:, None], weight)

    @property
    def cycle(self) -> ReplenishmentCycle:
        """Demand over lead time, review period and both."""
        between = self._demand.over(self.review_period[:, None])
        lead, protection = self._demand.over(*self._lengths), self.until_received
        return ReplenishmentCycle(
            lead, protection, between.expected, between=between, review_periods=self.review_period
        )

    def reorder_point(self, target: Target) -> Floats:
        """Return the reorder points that reach a target, units."""
        cycle = np.array([measure == "cycle" for measure in target.measure])
        if cycle.all():
            return self.quantile(target.share)
        result = np.empty(len(self.mean))
        rows = np.flatnonzero(cycle)
        if rows.size:
            result[rows] = self.rows(rows).quantile(target.share[rows])
        rows = np.flatnonzero(~cycle)
        result[rows] = self.rows(rows)._for_fill_rate(target.share[rows], target.order_quantity[rows])
        return result

    def _for_fill_rate(self, share: Floats, order_quantity: Floats) -> Floats:
        # Watched all the time, the share of demand met is the share of time with stock on hand (Wolff 1982).
        measure = np.where(self.review_period > 0, Measure.FILL, Measure.READY)
        return reorder_points(self.cycle, share, measure, order_quantity)

    def fill_rate(self, reorder_point: Floats, order_quantity: Floats) -> Floats:
        """Return the share of demand met from stock where the rest waits."""
        cycle, reviewed = self.cycle, self.review_period > 0
        rate = cycle.ready_rate if not reviewed.any() else cycle.fill_rate
        found = rate(reorder_point, order_quantity)
        return (
            found
            if reviewed.all() or not reviewed.any()
            else np.where(reviewed, found, cycle.ready_rate(reorder_point, order_quantity))
        )

    def cycle_service(self, reorder_point: Floats) -> Floats:
        """Return the chance of no stock-out in a protection interval that begins at the reorder point."""
        if not self.lead_time_sd.any() and self._all_normal:
            above, spread = reorder_point - self.expected, self.spread
            z = np.divide(above, spread, out=np.where(above >= 0, np.inf, -np.inf), where=spread > 0)
            return np.asarray(special.ndtr(z))
        return self.until_received.cdf(reorder_point)

    def quantile(self, probability: Floats) -> Floats:
        """Return the demand over review period and lead time that this share does not exceed, zero or more units."""
        stray = self.lead_time_sd > 0
        if not stray.any():
            return self._known_quantile(probability)
        result = np.empty(len(self.mean))
        rows = np.flatnonzero(stray)
        result[rows] = self.rows(rows).until_received.quantile(probability[rows])
        rows = np.flatnonzero(~stray)
        if rows.size:
            result[rows] = self.rows(rows)._known_quantile(probability[rows])
        return result

    def _known_quantile(self, probability: Floats) -> Floats:
        """Return quantiles where lead times are known: one interval, for which each family has a closed form."""
        expected, spread = self.expected, self.spread
        result = np.maximum(expected + spread * special.ndtri(probability), 0.0)
        if self._all_normal:
            return result
        variance = self.protection * self.variance
        some = (expected > _LEAST_MEAN) & (variance > _LEAST_VARIANCE * expected)
        result = np.where(some, result, expected)
        family = np.where(variance <= POISSON_RATIO * expected, _without_spread(self.family), self.family)
        for kind, made in ((Family.GAMMA, GammaDemand), (Family.COUNTS, NegativeBinomialDemand)):
            rows = np.flatnonzero(some & (family == kind))
            if rows.size:
                result[rows] = made(expected[rows], spread[rows]).quantile(probability[rows])
        rows = np.flatnonzero(some & (family == Family.POISSON))
        if rows.size:
            result[rows] = PoissonDemand(expected[rows]).quantile(probability[rows])
        return result


def _without_spread(family: IntArray) -> IntArray:
    return np.where(family == Family.COUNTS, Family.POISSON, family)


@dataclass(frozen=True, eq=False)
class LeadTimeDemand:
    """Demand until an order has come, as the newsvendor and (r, Q) policies need it.

    Parameters
    ----------
    made
        Items that are all in whole units, or all not, where a policy asks which.
    """

    made: Replenishment

    @property
    def mean(self) -> Floats:
        """Expected demand, units."""
        return self.made.until_received.expected

    @property
    def whole(self) -> bool:
        """Whether demand comes in whole units."""
        return bool(self.made.whole.all())

    def exceeds(self, quantity: Floats) -> Floats:
        """Return the probability that demand is above the quantity."""
        return self.made.until_received.exceeds(quantity)

    def shortage(self, quantity: Floats) -> Floats:
        """Return the expected demand above the quantity, units."""
        return self.made.until_received.shortage(quantity)

    def accumulated_shortage(self, quantity: Floats) -> Floats:
        """Return the shortages of the quantity and all above, added up or integrated."""
        return self.made.until_received.accumulated_shortage(quantity)

    def quantile(self, probability: Floats) -> Floats:
        """Return the quantity, zero or more, that demand does not exceed with this probability, units."""
        return self.made.quantile(probability)

    def rows(self, rows: IntArray) -> LeadTimeDemand:
        """Return the demand of some of the items, in any order."""
        return LeadTimeDemand(self.made.rows(rows))
