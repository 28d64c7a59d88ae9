"""Which models forecast a history, by its demand pattern, its length and its end, and the reason in words."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.domain.words import counted
from invopt_xl.forecasting.cleaning.history import CleanHistory
from invopt_xl.forecasting.patterns import DemandPattern, demand_pattern
from invopt_xl.forecasting.regular.demand import LONGEST_HISTORY
from invopt_xl.forecasting.regular.members import ENSEMBLE

RARE_METHODS = ("ses", "tsb", "imapa", "croston", "sba")
"""Methods that describe rare demand; ``ses`` describes regular demand as well."""


POINTS_FOR_SMOOTHING = 8
"""With fewer known periods only a mean is estimated."""

POINTS_FOR_MODELS = 12
"""With fewer known periods only the Theta method and simple smoothing are fitted."""

DISCONTINUED = 0.001
"""Zeros at the end that are less likely than this at the item's frequency mean that it hardly sells any more."""

WILD_VARIATION = 1.5
"""Squared coefficient of variation from which sizes are drawn from history, not from a model of errors."""

Kind = Literal["none", "dormant", "short", "rare", "regular"]


class Route(NamedTuple):
    """What forecasts a history, and why.

    Parameters
    ----------
    kind
        ``none`` (nothing known), ``dormant`` (never any demand), ``short``, ``rare`` or ``regular``.
    models
        Members of the ensemble for regular demand; one method for rare demand.
    why
        The reason, a phrase.
    short
        Whether the history is too short for the models it would have otherwise.
    """

    kind: Kind
    models: tuple[str, ...]
    why: str
    short: bool = False


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
    >>> from invopt_xl.forecasting.cleaning.history import clean_history
    >>> route(clean_history(np.array([0.0, 0.0, 4.0, 0.0, 2.0])))
    Route(kind='rare', models=('auto',), why='intermittent demand: one in 2.5 periods, 3.0 units each', short=False)
    """
    values = clean.values[clean.known] if clean.known.any() else clean.values
    if not values.size:
        return Route("none", (), "no history: no demand is assumed")
    pattern = demand_pattern(values)
    if pattern.name == "none" and not clean.known.any():
        return Route("none", (), "no sale and no stock: no demand is assumed")
    if pattern.name == "none":
        return Route("dormant", (), f"no demand in {counted(values.size, 'period')}: a small chance is kept")
    if not clean.known.any():
        return Route("short", (), f"sales of {counted(values.size, 'period')}")
    return _automatic(values, pattern) if method == "auto" else _asked(method, values, pattern)


def _automatic(values: FloatArray, pattern: DemandPattern) -> Route:
    periods = values.size
    idle = _idle(values)
    if idle and _doubt(pattern.mean_interval, periods, idle) < DISCONTINUED:
        return Route("rare", ("auto",), f"no demand for {counted(idle, 'period')}: fading out")
    if pattern.name in ("intermittent", "lumpy"):
        return Route("rare", ("auto",), _in_words(pattern, values))
    if periods < POINTS_FOR_SMOOTHING:
        why = f"only {counted(periods, 'period')} of history: their mean, with the doubt of so few"
        return Route("short", (), why, short=True)
    if _roughness(values) > WILD_VARIATION:
        return Route("rare", ("auto",), f"{_regular(pattern, periods)}, too uneven for a model of errors")
    return _asked("ensemble", values, pattern)


def _asked(method: str, values: FloatArray, pattern: DemandPattern) -> Route:
    periods = values.size
    steady = pattern.name in ("smooth", "erratic")
    if method in RARE_METHODS and not (method == "ses" and steady):
        return Route("rare", (method,), _in_words(pattern, values))
    if not values[-LONGEST_HISTORY:].any():
        return Route("rare", ("auto",), f"no demand for {counted(_idle(values), 'period')}")
    why = _regular(pattern, periods)
    if periods < (3 if method in ("median", "seasonal_naive") else POINTS_FOR_SMOOTHING):
        return Route("short", (), f"{why}, too few for a model", short=True)
    if np.ptp(values) == 0:
        return Route("regular", ("ses",), f"constant over {counted(periods, 'period')}: a small change is allowed for")
    if periods < POINTS_FOR_MODELS and method in ("arima", "ets", "ces", "ensemble"):
        return Route("regular", ("theta", "ses"), f"{why}, too few for more than the Theta method", short=True)
    return Route("regular", ENSEMBLE if method == "ensemble" else (method,), why)


def _idle(values: FloatArray) -> int:
    """Return the periods since the last demand."""
    return values.size - 1 - int(np.flatnonzero(values)[-1])


def _roughness(values: FloatArray) -> float:
    """Return the squared coefficient of variation by successive differences, blind to trends and shifts."""
    relative = values / values.mean()
    return float((np.diff(relative) ** 2).mean() / 2)


def _in_words(pattern: DemandPattern, values: FloatArray) -> str:
    size = float(values[values > 0].mean())
    return f"{pattern.name} demand: one in {pattern.mean_interval:.1f} periods, {size:,.1f} units each"


def _regular(pattern: DemandPattern, periods: int) -> str:
    return f"{pattern.name} demand over {counted(periods, 'period')}"


def _doubt(mean_interval: float, periods: int, idle: int) -> float:
    """Return the probability of so many periods without demand, were the item still alive as before them."""
    before = periods - idle
    frequency = min(periods / mean_interval / before, before / (before + 1))
    return float((1 - frequency) ** idle)
