"""A quick predictive distribution of demand from its history alone: no season, no model, thousands of items at once."""

from __future__ import annotations

import numpy as np

from invopt_xl.domain import DAYS_PER_YEAR
from invopt_xl.forecasting.panel.histories import Histories
from invopt_xl.plan.segmentation.latest import latest_fall
from invopt_xl.plan.segmentation.life_cycles import DECLINE, UNLIKELY
from invopt_xl.policy import CumulativeDemand, Family
from invopt_xl.policy.costs import BoolArray, FloatArray

HALF_LIFE_DAYS = 120.0
"""Age at which a period of history counts half.

So quantiles of demand three to six months ahead held most nearly as often as they say, over sales of groceries, of
gifts and of spare parts.
"""
_PRIOR_EVENTS = 0.5
"""Events that the prior of a rate adds (Jeffreys): an item that sold nothing may still sell."""
_DRIFTS_DAYS = DAYS_PER_YEAR
"""Days ahead, to the end of their last period, for which a rate drifts.

Then every path goes on at its own rate. Were it to drift for ten years, the spread would grow so much faster than the
mean that a gamma has nearly all of its chance at nothing: the longer one waited, the more would remain.
"""
LEAST_KNOWN = 4
"""Known periods from which on a history tells how much demand varies; below, as much as it is."""


def quick_demand(past: Histories, periods: int, days_per_period: float, first_share: float = 1.0) -> CumulativeDemand:
    """Return demand of the coming periods by a rate that is not known for sure, units.

    The rate has a gamma distribution, learned from the history with old periods counting less (Harvey & Fernandes 1989,
    "Time series models for count or qualitative observations", Journal of Business & Economic Statistics 7(4)); given
    the rate, demand is Poisson in batches as large as variance over mean. So demand of whole units is negative
    binomial, other demand gamma. As in the past, so in future the rate drifts: what is known of it fades at the same
    pace, for a year. With rate m, batch v and n periods' worth of knowledge, t periods have mean m t and
    variance v m t + v m t^2 / n. Where demand has fallen of late beyond chance, only what came since counts.

    Parameters
    ----------
    past
        Histories. Periods out of stock, or unknown, are left out; an item without any known period has no demand here.
    periods
        Coming periods.
    days_per_period
        Length of a period, days.
    first_share
        Share of the first period that is still to come.
    """
    known = np.where(past.in_stock, past.quantity, np.nan)
    found = np.isfinite(known) & _since_fall(known, days_per_period)
    fading = 0.5 ** (days_per_period / HALF_LIFE_DAYS)
    weight = np.where(found, fading ** np.arange(past.periods - 1, -1, -1.0), 0.0)
    worth, sold = weight.sum(axis=1), np.where(found, np.maximum(known, 0.0), 0.0)
    batch = _batches(sold, found, past.whole_units)
    some = worth > 0
    total = (weight * sold).sum(axis=1) + _PRIOR_EVENTS * batch
    rate = np.divide(total, worth, out=np.zeros(len(total)), where=some)[:, None]
    ahead = np.arange(periods) + first_share
    drifts = np.minimum(ahead, _DRIFTS_DAYS / days_per_period + 1.0)
    knowledge = np.maximum(worth, 1e-9)[:, None] * fading**drifts
    mean, noise = rate * ahead, batch[:, None] * rate
    family = np.where(past.whole_units, int(Family.COUNTS), int(Family.GAMMA))
    return CumulativeDemand(mean, noise * (ahead + ahead**2 / knowledge), family, None, first_share)


def _since_fall(known: FloatArray, days_per_period: float) -> BoolArray:
    """Return which periods demand ahead is learned from: those after a fall of late, else all."""
    periods = known.shape[1]
    first = (np.cumsum(np.nan_to_num(known) > 0, axis=1) == 0).sum(axis=1)
    latest = latest_fall(known, first, int(DAYS_PER_YEAR / days_per_period))
    fallen = (latest.chance < UNLIKELY) & (latest.share <= DECLINE)
    return np.asarray(np.arange(periods) >= np.where(fallen, periods - latest.periods, 0)[:, None])


def _batches(sold: FloatArray, found: BoolArray, whole: BoolArray) -> FloatArray:
    """Return variance over mean of each history, units: how many are asked for at once."""
    count = found.sum(axis=1)
    mean = sold.sum(axis=1) / np.maximum(count, 1)
    variance = np.where(found, (sold - mean[:, None]) ** 2, 0.0).sum(axis=1) / np.maximum(count - 1, 1)
    variance = np.where(count < LEAST_KNOWN, np.maximum(variance, mean**2), variance)
    ratio = np.divide(variance, mean, out=np.ones(len(mean)), where=mean > 0)
    return np.asarray(np.maximum(ratio, np.where(whole, 1.0, 1e-3 * np.maximum(mean, 1e-9))))
