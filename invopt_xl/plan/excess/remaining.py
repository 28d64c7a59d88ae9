"""What will remain of stock: units at each probability, and in expectation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from invopt_xl.plan.excess.ahead import DemandAhead
from invopt_xl.policy import Family, IntervalDemand
from invopt_xl.policy.costs import FloatArray

PROBABILITIES = (0.5, 0.8, 0.95)
"""How likely it is that at least so much remains."""

_MANY = 1e3
"""Times the stock from which on demand leaves little of it but rounding."""


@dataclass(frozen=True, eq=False)
class Remaining:
    """Stock that is left after some days.

    Parameters
    ----------
    units
        Units of which at least so many remain with each of the probabilities, shape (items, probabilities); NaN where
        nobody knows the demand.
    expected
        Expected units, shape (items,); NaN likewise.
    demand
        Units expected to be asked for until then, shape (items,); NaN likewise.
    """

    units: FloatArray
    expected: FloatArray
    demand: FloatArray


def remaining(
    ahead: DemandAhead, stock: FloatArray, days: FloatArray, probabilities: Sequence[float] = PROBABILITIES
) -> Remaining:
    """Return what demand leaves of stock.

    With probability p demand is at most its p-quantile, so that at least stock less that quantile remains:
    P(remaining >= R_p) = p for R_p = max(stock - Q_p(demand), 0); for whole units at least p.

    Parameters
    ----------
    ahead
        Demand from now on.
    stock
        Units there, or there and on order, shape (items,).
    days
        After how many days, shape (items,).
    probabilities
        Above 0 and below 1.
    """
    demand = ahead.within(days)
    units = np.full((len(stock), len(probabilities)), np.nan)
    for column, probability in enumerate(probabilities):
        units[:, column] = left_with(demand, stock, probability)
    units[~ahead.known] = np.nan
    expected, asked = (
        np.where(ahead.known, each, np.nan) for each in (left_over(demand, stock), expected_demand(demand))
    )
    return Remaining(units, expected, asked)


def left_with(demand: IntervalDemand, stock: FloatArray, probability: float) -> FloatArray:
    """Return the units of which at least so many remain with a probability, shape (items,)."""
    left = np.zeros(len(stock))
    some = np.flatnonzero((demand.cdf(stock) >= probability) & (stock > 0))
    if some.size:
        left[some] = stock[some] - demand.rows(some).quantile(np.full(some.size, probability))
    return np.maximum(left, 0.0)


def left_over(demand: IntervalDemand, stock: FloatArray) -> FloatArray:
    """Return the expected units that remain, E(stock - demand)+, shape (items,) or (any, items) as stock.

    Where demand is many times the stock little is left of the difference of mean and shortage but their rounding; there
    it is at most all of the stock, as often as demand is no more than it.
    """
    mean = expected_demand(demand)
    left = np.clip(stock - mean + demand.shortage(stock), 0.0, stock)
    many = np.flatnonzero(((mean > _MANY * stock) & (stock > 0)).any(axis=tuple(range(stock.ndim - 1))))
    if many.size:
        some = stock[..., many]
        left[..., many] = np.minimum(left[..., many], some * demand.rows(many).cdf(some))
    return left


def expected_demand(demand: IntervalDemand) -> FloatArray:
    """Return expected demand as its shortages have it: draws stand for paths, and not quite with their mean.

    Where demand is many times the stock a hundredth of it would be more than what can be left.
    """
    mean = demand.expected
    if demand.draws is not None:
        values, share = demand.draws
        mean[np.asarray(demand.family) == Family.EMPIRICAL] = (values * share).sum(axis=1)
    return mean


def remaining_curve(ahead: DemandAhead, stock: FloatArray, cost: FloatArray, horizons: Sequence[float]) -> pd.DataFrame:
    """Return the money at cost that remains after each of some horizons, all items added up.

    Amounts at a probability are those of each item added up: what items leave together is surer than that of any one
    of them, so that the sum at 80% remains with more than 80% where demands are not all of a piece.

    Returns
    -------
    DataFrame
        ``horizon_days``, ``expected_value``, and ``value_50``, ``value_80``, ``value_95``; money at cost of the stock
        whose demand is known, NaN where that is none of it.
    """
    held = stock > 0
    rows, least = [], int(held.any())
    for days in horizons:
        found = remaining(ahead, stock, np.full(len(stock), float(days)))
        values = pd.DataFrame(found.units * cost[:, None])[held].sum(min_count=least).tolist()
        rows.append([float(days), pd.Series(found.expected * cost)[held].sum(min_count=least), *values])
    names = [f"value_{100 * probability:.0f}" for probability in PROBABILITIES]
    return pd.DataFrame(rows, columns=["horizon_days", "expected_value", *names])
