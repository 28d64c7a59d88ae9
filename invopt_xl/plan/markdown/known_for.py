"""The price that forecast demand is known for: what was paid of late or is planned, which need not be today's."""

from __future__ import annotations

import numpy as np

from invopt_xl.forecasting.lifts.design import LARGEST_CHANGE
from invopt_xl.plan.histories import Histories
from invopt_xl.policy.costs import FloatArray
from invopt_xl.policy.markdown.clearance import STEEPEST

NEWS = 0.1
"""What a level learns from a period, as levels of forecasts usually do: so old prices count as old demand does."""

_LEAST_ANSWER = -0.01


def known_for(past: Histories, today: FloatArray, elasticity: FloatArray, periods: int) -> FloatArray:
    """Return the price at which demand is what is forecast, money a unit, shape (items,).

    A forecast carries on demand of late, and with it the answers to the prices of late: its price is the one that is
    answered as they are on average, the mean of their powers. Where prices are planned for the coming periods, those
    take their place. The price of today may be that of the list or what is paid with promotions, which forecasts carry
    on too: it is today's itself between the means without promoted periods and with them, or where none is known.

    Parameters
    ----------
    past
        Histories, with prices, promotions, and prices planned.
    today
        Today's price, money a unit, shape (items,).
    elasticity
        Percent that demand changes for a price one percent higher, shape (items,).
    periods
        Coming periods that matter.

    Examples
    --------
    >>> nothing = np.full((1, 4), np.nan)
    >>> paid = np.array([[20.0, 30.0, 20.0, 30.0]])
    >>> known = np.ones((1, 4), bool)
    >>> ones = np.ones((1, 4), int)
    >>> past = Histories(paid, known, ~known, paid, ones, ones[:, 0] * 0, nothing, nothing, ones)
    >>> known_for(past, np.array([30.0]), np.array([-2.0]), 4).round(1).tolist()
    [23.8]
    """
    priced = (past.price > 0) & past.in_stock
    old = np.arange(past.periods)[::-1]
    weight = np.where(priced, (1.0 - NEWS) ** old, 0.0)
    answer = np.clip(np.nan_to_num(elasticity), STEEPEST, _LEAST_ANSWER)
    means = [_mean_of_powers(past.price, each, answer) for each in (weight, np.where(past.promotion, 0.0, weight))]
    planned = past.future_price[:, :periods]
    coming = _mean_of_powers(planned, np.where(planned > 0, 1.0, 0.0), answer)
    means = [np.where(np.isfinite(coming), coming, mean) for mean in means]
    with np.errstate(invalid="ignore"):
        found = np.clip(today, np.fmin(*means), np.fmax(*means))
        bounded = np.clip(found, today * np.exp(-LARGEST_CHANGE), today * np.exp(LARGEST_CHANGE))
    return np.asarray(np.where(np.isfinite(bounded), bounded, today))


def _mean_of_powers(price: FloatArray, weight: FloatArray, answer: FloatArray) -> FloatArray:
    """Return the price of each row that is answered as its prices are on average; NaN where none has weight."""
    total = weight.sum(axis=1)
    logs = np.log(np.where(weight > 0, price, 1.0))
    powers = (weight * np.exp(answer[:, None] * logs)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total > 0, np.exp(np.log(powers / total) / answer), np.nan))
