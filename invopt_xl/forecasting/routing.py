"""Which model forecasts a history, by its demand pattern, its length and its end, and the reason in words."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.history import CleanHistory
from invopt_xl.forecasting.patterns import DemandPattern, demand_pattern

METHODS = ("auto", "arima", "theta", "level", "mean")
"""``auto`` routes by pattern; ``arima``, ``theta`` (simple exponential smoothing while the history is short),
``level`` (a demand's chance and size) and ``mean`` are what it routes to."""

POINTS_FOR_SMOOTHING = 8
"""With fewer known periods only a mean is estimated."""

POINTS_FOR_ARIMA = 12
"""With fewer known periods no ARIMA model is searched."""

DISCONTINUED = 0.001
"""Zeros at the end that are less likely than this at the item's frequency mean that it hardly sells any more."""

WILD_VARIATION = 1.5
"""Squared coefficient of variation from which sizes are drawn from history, not from a model of errors."""


class Route(NamedTuple):
    """What forecasts a history, and why."""

    method: str
    why: str


def route(clean: CleanHistory, method: str = "auto") -> Route:
    """Return what forecasts a history, and why.

    A method that was asked for is kept where the history can carry it.

    Parameters
    ----------
    clean
        The history.
    method
        One of `METHODS`.

    Examples
    --------
    >>> from invopt_xl.forecasting.history import clean_history
    >>> route(clean_history(np.array([0.0, 0.0, 4.0, 0.0, 2.0])))
    Route(method='level', why='intermittent demand: one in 2.5 periods, 3.0 units each')
    """
    values = clean.values[clean.known] if clean.known.any() else clean.values
    periods = values.size
    if not values.size:
        return Route("none", "no history: no demand is assumed")
    pattern = demand_pattern(values)
    if pattern.name == "none" and not clean.known.any():
        return Route("none", "no sale and no stock: no demand is assumed")
    if pattern.name == "none":
        return Route("dormant", f"no demand in {_count(periods)}: a small chance is kept")
    if not clean.known.any():
        return Route("mean", f"sales of {_count(periods)}")
    if method == "auto":
        return _automatic_route(values, pattern)
    rare = method == "level"
    return _asked_route(method, values, _in_words(pattern, values) if rare else _regular(pattern, periods))


def _automatic_route(values: FloatArray, pattern: DemandPattern) -> Route:
    periods = values.size
    idle = periods - 1 - int(np.flatnonzero(values)[-1])
    if idle and _doubt(pattern.mean_interval, periods, idle) < DISCONTINUED:
        return Route("dying", f"no demand for {_count(idle)}: fading out")
    if pattern.name in ("intermittent", "lumpy"):
        return Route("level", _in_words(pattern, values))
    if periods < POINTS_FOR_SMOOTHING:
        return Route("mean", f"only {_count(periods)} of history: their mean, with the doubt of so few")
    if _roughness(values) > WILD_VARIATION:
        return Route("wild", f"{_regular(pattern, periods)}, too uneven for a model of errors")
    return _asked_route("arima", values, _regular(pattern, periods))


def _roughness(values: FloatArray) -> float:
    """Return the squared coefficient of variation by successive differences, blind to trends and shifts."""
    relative = values / values.mean()
    return float((np.diff(relative) ** 2).mean() / 2)


def _in_words(pattern: DemandPattern, values: FloatArray) -> str:
    size = float(values[values > 0].mean())
    return f"{pattern.name} demand: one in {pattern.mean_interval:.1f} periods, {size:,.1f} units each"


def _regular(pattern: DemandPattern, periods: int) -> str:
    return f"{pattern.name} demand over {_count(periods)}"


def _asked_route(method: str, values: FloatArray, why: str) -> Route:
    periods = values.size
    if method in ("arima", "theta") and periods < POINTS_FOR_SMOOTHING:
        return Route("mean", f"{why}, too few for a model")
    if method in ("arima", "theta") and np.ptp(values) == 0:
        return Route("theta", f"constant over {_count(periods)}: a small change is allowed for")
    if method == "arima" and periods < POINTS_FOR_ARIMA:
        return Route("theta", f"{why}, too few for ARIMA")
    return Route(method, why)


def _doubt(mean_interval: float, periods: int, idle: int) -> float:
    """Return the probability of so many periods without demand, were the item still alive as before them."""
    before = periods - idle
    frequency = min(periods / mean_interval / before, before / (before + 1))
    return float((1 - frequency) ** idle)


def _count(periods: int) -> str:
    return f"{periods} {'period' if periods == 1 else 'periods'}"
