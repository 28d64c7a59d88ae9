"""How good forecasts were: errors of the mean, and of the quantiles.

Periods whose demand is not known (NaN in `actual`) count nowhere. An error is the forecast less the demand: positive
where too much was forecast. A measure that has nothing to stand on, such as a share of zero demand, is NaN: it is
left out and counted by whoever averages, never taken for zero or infinity.

The measures are those of Hyndman & Koehler (2006), "Another look at measures of forecast accuracy", International
Journal of Forecasting 22, 679-688 (MASE); of Makridakis, Spiliotis & Assimakopoulos (2022), "The M5 competition",
IJF 38, 1325-1336 and 1365-1385 (RMSSE, scaled pinball loss); and of Gneiting & Raftery (2007), "Strictly proper
scoring rules, prediction, and estimation", JASA 102, 359-378 (pinball loss).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray

Values = npt.NDArray[np.floating[Any]]
Axis = int | tuple[int, ...] | None

ROUNDING = 1e-6
"""Demand this share above a quantile still counts as below it: sample paths are held in single precision."""

UNCHANGED = 1e-9
"""Changes below this share of the largest demand are rounding: such a history never changed."""


class NaiveScale(NamedTuple):
    """Mean absolute and mean squared one-step error of the naive forecast, item units and item units squared."""

    absolute: float
    squared: float


def naive_scale(history: FloatArray, lag: int = 1) -> NaiveScale:
    """Return the mean absolute and mean squared difference of demand `lag` periods apart.

    These scale MASE and RMSSE: below one, a forecast beats the (seasonal) naive one as it did in the history.

    Parameters
    ----------
    history
        Demand per period, item units, oldest first; NaN where unknown: its differences are left out.
    lag
        1, or the periods of a season.

    Returns
    -------
    NaiveScale
        NaN where no pair is known, and where the history never changed: nothing can be scaled by zero.

    Examples
    --------
    >>> scale = naive_scale(np.array([1.0, 3.0, 3.0, 7.0]))
    >>> f"{scale.absolute:.2f} {scale.squared:.2f}"
    '2.00 6.67'
    """
    steps = history[lag:] - history[: max(history.size - lag, 0)]
    steps = np.abs(steps[np.isfinite(steps)])
    if not steps.size or steps.max() <= UNCHANGED * np.nanmax(np.abs(history)):
        return NaiveScale(np.nan, np.nan)
    return NaiveScale(float(steps.mean()), float((steps**2).mean()))


def weighted_absolute_error(actual: Values, forecast: Values, axis: Axis = None) -> FloatArray:
    """Return WAPE: the sum of absolute errors over the sum of demand.

    Kolassa & Schuetz (2007), "Advantages of the MAD/mean ratio over the MAPE", Foresight 6, 40-43.

    Parameters
    ----------
    actual, forecast
        Demand and its forecast, item units; their shapes broadcast.
    axis
        What to sum over; everything unless given.

    Examples
    --------
    >>> float(weighted_absolute_error(np.array([10.0, 0.0, np.nan]), np.array([8.0, 3.0, 5.0])))
    0.5
    """
    return _over_demand(np.abs(forecast - actual), actual, axis)


def relative_bias(actual: Values, forecast: Values, axis: Axis = None) -> FloatArray:
    """Return the sum of errors over the sum of demand: 0.1 is a tenth too much forecast, -0.1 a tenth too little.

    Parameters
    ----------
    actual, forecast, axis
        As in `weighted_absolute_error`.

    Examples
    --------
    >>> float(relative_bias(np.array([10.0, 0.0]), np.array([8.0, 3.0])))
    0.1
    """
    return _over_demand(forecast - actual, actual, axis)


def _over_demand(errors: Values, actual: Values, axis: Axis) -> FloatArray:
    demand = np.where(np.isnan(errors), 0.0, np.broadcast_to(actual, errors.shape)).sum(axis=axis)
    return share_of(np.asarray(np.nansum(errors, axis=axis)), np.asarray(demand))


def share_of(part: Values, whole: Values) -> FloatArray:
    """Return a part over the whole, NaN where that is not above zero, or so little that no number holds the share.

    Examples
    --------
    >>> share_of(np.array([1.0, 1.0]), np.array([4.0, 0.0])).tolist()
    [0.25, nan]
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = part / whole
    return np.asarray(np.where((whole > 0) & np.isfinite(share), share, np.nan))


def scaled_error(actual: Values, forecast: Values, scale: Values | float, axis: Axis = None) -> FloatArray:
    """Return MASE: the mean of absolute errors over naive ones (Hyndman & Koehler 2006).

    Parameters
    ----------
    actual, forecast
        Demand and its forecast, item units; their shapes broadcast.
    scale
        `NaiveScale.absolute` of the history before the forecast, one for all or of a shape that broadcasts.
    axis
        What to average over; everything unless given.

    Examples
    --------
    >>> float(scaled_error(np.array([4.0, 8.0]), np.array([5.0, 5.0]), 4.0))
    0.5
    """
    return known_mean(np.abs(forecast - actual) / scale, axis)


def scaled_squared_error(actual: Values, forecast: Values, squared_scale: Values | float) -> FloatArray:
    """Return RMSSE: the root of the mean squared error over the naive one (Makridakis et al. 2022).

    Parameters
    ----------
    actual, forecast
        Demand and its forecast, item units, the steps of a window along the last axis; their shapes broadcast.
    squared_scale
        `NaiveScale.squared` of the history before the window, one for all or one for each window.

    Examples
    --------
    >>> float(scaled_squared_error(np.array([4.0, 8.0]), np.array([4.0, 4.0]), 2.0))
    2.0
    """
    return np.asarray(np.sqrt(known_mean((forecast - actual) ** 2, -1) / squared_scale))


def tracking_signal(errors: Values, axis: int = -1) -> FloatArray:
    """Return the sum of errors over their mean size (Brown 1959): far from zero, the forecast is biased.

    It lies between plus and minus the number of errors. Textbooks look into a forecast beyond 4. As errors here are
    forecast less demand, it is positive where too much was forecast.

    Parameters
    ----------
    errors
        Forecast less demand, item units, in order of time along the axis; NaN where not known.
    axis
        The axis of time.

    Examples
    --------
    >>> float(tracking_signal(np.array([2.0, 1.0, 3.0]))), float(tracking_signal(np.array([2.0, -1.0, -1.0])))
    (3.0, 0.0)
    """
    size = known_mean(np.abs(errors), axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(size > 0, np.nansum(errors, axis=axis) / size, np.where(size == 0, 0.0, np.nan)))


def pinball_loss(actual: Values, quantiles: Values, levels: Sequence[float] | FloatArray) -> FloatArray:
    """Return twice the pinball loss of each quantile, item units; smallest on average for the true quantile.

    2 (tau (y - q) where y >= q, (1 - tau) (q - y) where y < q): at the median it is the absolute error, and its mean
    over many levels is the CRPS (Gneiting & Raftery 2007).

    Parameters
    ----------
    actual
        Demand, item units, any shape.
    quantiles
        Forecast quantiles, item units, of that shape and one axis of levels more.
    levels
        Probabilities of the quantiles.

    Examples
    --------
    >>> pinball_loss(np.array([10.0]), np.array([[6.0, 12.0]]), [0.5, 0.9]).round(6).tolist()
    [[4.0, 0.4]]
    """
    tau = np.asarray(levels, dtype=np.float64)
    below = np.asarray(actual)[..., None] - quantiles
    return np.asarray(2 * np.maximum(tau * below, (tau - 1) * below))


def within(actual: Values, low: Values, high: Values) -> FloatArray:
    """Return 1 where demand lies from `low` to `high`, both included, 0 where not, NaN where it is not known.

    Parameters
    ----------
    actual, low, high
        Demand and the quantiles around it, item units.

    Examples
    --------
    >>> within(np.array([3.0, 9.0, np.nan]), np.array([3.0]), np.array([5.0])).tolist()
    [1.0, 0.0, nan]
    """
    inside = (actual >= low * (1 - ROUNDING)) & (actual <= high * (1 + ROUNDING))
    return np.where(np.isnan(actual), np.nan, inside)


def up_to(actual: Values, quantile: Values) -> FloatArray:
    """Return 1 where demand is not above the quantile, 0 where it is, NaN where it is not known.

    Its mean is the service that stock of this quantile gives. Demand in whole units may reach a quantile exactly, so
    a right forecast of rare demand is above its level, never below.

    Parameters
    ----------
    actual, quantile
        Demand and its quantile, item units.

    Examples
    --------
    >>> up_to(np.array([0.0, 2.0, 3.0]), np.array([2.0])).tolist()
    [1.0, 1.0, 0.0]
    """
    return within(actual, np.zeros_like(quantile), quantile)


def known_mean(values: Values, axis: Axis = None) -> FloatArray:
    """Return the mean of what is not NaN, and NaN where that is nothing.

    Examples
    --------
    >>> known_mean(np.array([[1.0, np.nan], [np.nan, np.nan]]), axis=1).tolist()
    [1.0, nan]
    """
    counts = np.isfinite(values).sum(axis=axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(counts > 0, np.nansum(values, axis=axis) / counts, np.nan))
