"""Safety stock, reorder point and order-up-to level of many items in one call.

The protection interval is review period plus lead time: what is ordered now has to last until an order placed at
the next review has come. Demand over it is uncertain because demand is, and because the lead time is; both enter
the distribution together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require
from invopt_xl.policy.distributions import FloatArray, IntervalDemand, smallest
from invopt_xl.policy.lead_times import LeadTimes

BoolArray = npt.NDArray[np.bool_]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(6)
_NODES, _WEIGHTS = (_NODES + 1.0) / 2.0, _WEIGHTS / 2.0
_MIDPOINTS = (np.arange(6) + 0.5) / 6
"""Whole units are averaged over equal slices of the lot: exact for lots of 1, 2, 3 and 6."""


@dataclass(frozen=True, eq=False)
class CumulativeDemand:
    """Forecast demand from now to the end of each coming period, by its moments.

    Parameters
    ----------
    mean, variance
        Units and units squared, shape (items, periods).
    counts
        True where demand is slow and comes in whole units, shape (items,).

    Examples
    --------
    >>> demand = CumulativeDemand(np.array([[10.0, 20.0]]), np.array([[9.0, 18.0]]), np.array([False]))
    >>> demand.over(np.array([[1.5, 4.0]])).mean.tolist()
    [[15.0, 40.0]]
    """

    mean: FloatArray
    variance: FloatArray
    counts: BoolArray

    def over(self, periods: FloatArray, weight: FloatArray | None = None) -> IntervalDemand:
        """Return demand over intervals of so many periods, fractions included, shape (items, lengths).

        Within a period moments grow in proportion; beyond the last forecast period at its average rate.
        """
        if weight is None:
            weight = np.full_like(periods, 1.0 / periods.shape[1])
        mean, variance = _at(self.mean, periods), _at(self.variance, periods)
        return IntervalDemand(mean, variance, weight, self.counts)


def _at(cumulative: FloatArray, periods: FloatArray) -> FloatArray:
    """Interpolate rows of cumulative moments at fractional periods."""
    horizon = cumulative.shape[1]
    table = np.concatenate([np.zeros((len(cumulative), 1)), cumulative], axis=1)
    inside = np.minimum(periods, horizon)
    whole = np.minimum(np.floor(inside).astype(np.int64), horizon - 1)
    rows = np.arange(len(cumulative))[:, None]
    start, end = table[rows, whole], table[rows, whole + 1]
    beyond = np.maximum(periods - horizon, 0.0) * cumulative[:, -1:] / horizon
    return np.asarray(start + (inside - whole) * (end - start) + beyond)


@dataclass(frozen=True, eq=False)
class StockLevels:
    """What to hold; arrays over items, in units where nothing else is said.

    Parameters
    ----------
    safety_stock
        Reorder point less expected demand over the protection interval; negative where a fill-rate target is met by
        the order quantity itself.
    reorder_point
        Order at a review when stock on hand and on order is below this.
    order_up_to
        Order up to this.
    expected_demand, demand_deviation
        Mean and standard deviation of demand over the protection interval.
    protection_periods
        Expected review period plus lead time, periods.
    fill_rate
        Share of demand met from stock under these levels.
    cycle_service
        Chance of no stock-out in a protection interval that begins at the reorder point.
    """

    safety_stock: FloatArray
    reorder_point: FloatArray
    order_up_to: FloatArray
    expected_demand: FloatArray
    demand_deviation: FloatArray
    protection_periods: FloatArray
    fill_rate: FloatArray
    cycle_service: FloatArray


@dataclass(frozen=True, eq=False)
class ReplenishmentCycle:
    """Demand over the two intervals that decide service at periodic review.

    Parameters
    ----------
    lead
        Demand over the lead time.
    protection
        Demand over review period plus lead time.
    review
        Expected demand over the review period, units, shape (items,).
    """

    lead: IntervalDemand
    protection: IntervalDemand
    review: FloatArray

    @classmethod
    def of(
        cls, demand: CumulativeDemand, times: LeadTimes, review_days: FloatArray, days_per_period: float
    ) -> ReplenishmentCycle:
        """Return the cycle for forecasts, lead times and review periods of the same items."""
        lead = times.days / days_per_period
        review = (review_days / days_per_period)[:, None]
        return cls(demand.over(lead), demand.over(lead + review), demand.over(review).expected)

    def fill_rate(self, reorder_point: FloatArray, order_quantity: FloatArray) -> FloatArray:
        """Return the share of demand met from stock, shape (items,).

        Sobel (2004), "Fill rates of single-stage and multistage supply systems", MSOM 6(1): with inventory position
        S after a review, 1 - [E(D_protection - S)+ - E(D_lead - S)+] / E[D_review]. With orders of whole lots Q as
        soon as the position is below s, it is uniform on [s, s + Q) after a review, for whole units on s ... s + Q - 1
        (Hadley & Whitin 1963), so the shortage is averaged over it.
        """
        short = np.zeros_like(reorder_point)
        counts = self.protection.counts
        for node, weight, midpoint in zip(_NODES, _WEIGHTS, _MIDPOINTS, strict=True):
            whole = reorder_point + np.floor(midpoint * order_quantity)
            position = np.where(counts, whole, reorder_point + node * order_quantity)
            missed = self.protection.shortage(position) - self.lead.shortage(position)
            short += np.where(counts, 1.0 / len(_MIDPOINTS), weight) * missed
        return np.asarray(np.clip(1.0 - short / np.maximum(self.review, 1e-12), 0.0, 1.0))


def stock_levels(
    cycle: ReplenishmentCycle,
    target: FloatArray,
    fill: BoolArray,
    order_quantity: FloatArray,
    protection_periods: FloatArray,
) -> StockLevels:
    """Return the levels that meet each item's target.

    Parameters
    ----------
    cycle
        Demand over lead time and protection interval.
    target
        Service target of each item, strictly between 0 and 1.
    fill
        True where the target is a fill rate, false where it is a cycle-service level.
    order_quantity
        Usual order quantity, units; the order-up-to level lies this far above the reorder point.
    protection_periods
        Expected protection interval, periods; carried along for explanations.

    Raises
    ------
    InputError
        If a target is not strictly between 0 and 1.
    """
    wrong = ~((target > 0) & (target < 1))
    first = float(target[wrong][0]) if wrong.any() else 0.0
    require(not wrong.any(), "service target", f"{first:g}", "between 0 and 1, such as 0.95")
    protection = cycle.protection

    def reached(position: FloatArray) -> BoolArray:
        served = protection.cdf(position) >= target
        if fill.any():
            served = np.where(fill, cycle.fill_rate(position, order_quantity) >= target, served)
        return np.asarray(served)

    reorder_point = smallest(reached, protection.expected + 2.0 * protection.standard_deviation, protection.counts)
    return StockLevels(
        safety_stock=reorder_point - protection.expected,
        reorder_point=reorder_point,
        order_up_to=reorder_point + order_quantity,
        expected_demand=protection.expected,
        demand_deviation=protection.standard_deviation,
        protection_periods=protection_periods,
        fill_rate=cycle.fill_rate(reorder_point, order_quantity),
        cycle_service=protection.cdf(reorder_point),
    )
