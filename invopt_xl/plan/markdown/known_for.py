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


def known_for(past: Histories, today: FloatArray, elasticity: FloatArray) -> FloatArray:
    """Return the price at which demand is what is forecast, money a unit, shape (items,).

    A forecast carries on demand of late, and with it the answers to the prices of late: its price is the one that is
    answered as they are on average, the mean of their powers. The price of today may be that of the list or what is
    paid with promotions, which forecasts carry on too: it is today's itself between the means without promoted periods
    and with them, or where none is known.

    Parameters
    ----------
    past
        Histories, with prices and promotions.
    today
        Today's price, money a unit, shape (items,).
    elasticity
        Percent that demand changes for a price one percent higher, shape (items,).

    Examples
    --------
    >>> nothing = np.full((1, 4), np.nan)
    >>> paid = np.array([[20.0, 30.0, 20.0, 30.0]])
    >>> known = np.ones((1, 4), bool)
    >>> ones = np.ones((1, 4), int)
    >>> past = Histories(paid, known, ~known, paid, ones, ones[:, 0] * 0, nothing, nothing, ones)
    >>> known_for(past, np.array([30.0]), np.array([-2.0])).round(1).tolist()
    [23.8]
    """
    weight = np.where((past.price > 0) & past.in_stock, _weights(past), 0.0)
    answer = np.clip(np.nan_to_num(elasticity), STEEPEST, _LEAST_ANSWER)
    means = [_mean_of_powers(past.price, each, answer) for each in (weight, np.where(past.promotion, 0.0, weight))]
    with np.errstate(invalid="ignore"):
        found = _bounded(np.clip(today, np.fmin(*means), np.fmax(*means)), today)
    return np.asarray(np.where(np.isfinite(found), found, today))


def with_planned(paid: FloatArray, past: Histories, today: FloatArray, periods: int) -> FloatArray:
    """Return the price that demand of each coming period is known for, money a unit, shape (items, periods).

    Parameters
    ----------
    paid
        The price of periods for which none is planned, as `known_for` returns it, shape (items,).
    past
        Histories, with prices planned: forecasts of their periods are of these.
    today
        Today's price, money a unit, shape (items,).
    periods
        Coming periods that matter.
    """
    found = np.repeat(paid[:, None], periods, axis=1)
    planned = past.future_price[:, :periods]
    coming = found[:, : planned.shape[1]]
    coming[planned > 0] = _bounded(planned, today[:, None])[planned > 0]
    return found


def promoted_of_late(past: Histories, periods: int) -> FloatArray:
    """Return the share of periods of late with a promotion, shape (items,), as far as forecasts take them to go on.

    They do where no row says whether there will be one in the coming periods.
    """
    weight = _weights(past)
    planned = np.isfinite(past.future_promotion[:, :periods]).any(axis=1)
    return np.asarray(np.where(planned, 0.0, past.promotion @ weight / max(weight.sum(), NEWS)))


def _weights(past: Histories) -> FloatArray:
    """Return what each period of the past counts, shape (periods,)."""
    return np.asarray((1.0 - NEWS) ** np.arange(past.periods)[::-1])


def _bounded(price: FloatArray, today: FloatArray) -> FloatArray:
    """Return the prices no further from today's than effects of prices reach."""
    return np.asarray(np.clip(price, today * np.exp(-LARGEST_CHANGE), today * np.exp(LARGEST_CHANGE)))


def _mean_of_powers(price: FloatArray, weight: FloatArray, answer: FloatArray) -> FloatArray:
    """Return the price of each row that is answered as its prices are on average; NaN where none has weight."""
    total = weight.sum(axis=1)
    logs = np.log(np.where(weight > 0, price, 1.0))
    powers = (weight * np.exp(answer[:, None] * logs)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total > 0, np.exp(np.log(powers / total) / answer), np.nan))
