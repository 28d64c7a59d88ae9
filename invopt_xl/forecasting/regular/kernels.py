"""Complex exponential smoothing and the Theta method on statsforecast's compiled kernels.

A pass over a history takes a kernel microseconds; the library's own wrappers spend a hundred times that around it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from invopt_xl.domain.forecast import FloatArray

_STEPS_OF_ERROR = 3
"""Steps of forecast errors that the kernels average; nothing here reads the average."""

_COMPLEX_STARTS = {"N": (1.3, 1.0), "S": (1.3, 1.0), "P": (1.3, 1.0, 0.1), "F": (1.3, 1.0, 1.3, 1.0)}
"""First coefficients by kind of season: none, simple, partial, full."""

_COMPLEX_BOUNDS = (np.full(4, 0.01), np.array([1.8, 1.9, 1.5, 1.5]))

PERIODS_OF_A_LEVEL = 10
"""The first level without a season is the mean of so many periods."""

_THETA_BOUNDS = (np.array([-1e10, 0.1, 1.0]), np.array([1e10, 0.99, 1e10]))
"""Of the first level, the weight of the newest value, and theta."""

SHORTEST_TESTED_SEASON = 4
"""Shorter seasons are left in the values that the Theta method sees."""

SEASON_LIMIT = 1.6448536269514722
"""Normal deviate from which the autocorrelation at the season is believed: one-sided, 5%."""


class ComplexSmoothing(NamedTuple):
    """Complex exponential smoothing of one history.

    Parameters
    ----------
    kind
        Season: ``N`` none, ``S`` simple, ``P`` partial, ``F`` full.
    coefficients
        Real and imaginary smoothing coefficients, of the level and then of the season; NaN where there is none.
    start
        States before the first value, shape (season, components).
    states
        Those, the states after each value, and a season of states to come.
    variance
        Variance of one-step errors.
    """

    kind: str
    coefficients: tuple[float, ...]
    start: FloatArray
    states: FloatArray
    variance: float

    def forecast(self, horizon: int) -> FloatArray:
        """Return the forecasts of the coming periods, shape (horizon,)."""
        from statsforecast._lib import ces as kernels

        mean, season = np.zeros(horizon), self.start.shape[0]
        periods = self.states.shape[0] - 2 * season
        kernels.forecast(self.states, periods, season, self.kind, mean, horizon, *self.coefficients)
        return mean


def fit_complex_smoothing(values: FloatArray, season: int) -> ComplexSmoothing:
    """Return the complex exponential smoothing that the corrected Akaike criterion prefers.

    Svetunkov, Kourentzes & Ord (2022), "Complex exponential smoothing", Naval Research Logistics 69, 1108-1123.

    Parameters
    ----------
    values
        Complete history.
    season
        Periods per season; 1 without.

    Raises
    ------
    ArithmeticError
        If the history is too short, or no smoothing of it is finite.
    """
    from statsforecast._lib import ces as kernels

    if values.size <= len(_COMPLEX_STARTS["F"]):
        raise ArithmeticError("too few periods for complex smoothing")
    best, least = None, math.inf
    for kind, first in _COMPLEX_STARTS.items() if season > 1 else [("N", _COMPLEX_STARTS["N"])]:
        guess, none = _guessed_start(values, season, kind), [math.nan] * (4 - len(first))
        shape = (*guess.shape, kind)
        estimated = [place < len(first) for place in range(4)]
        bounds = (bound[: len(first)] for bound in _COMPLEX_BOUNDS)
        found, *_ = kernels.optimize(
            np.array(first), *bounds, *first, *none, *estimated, values, shape[0], guess, *shape[1:], _STEPS_OF_ERROR
        )
        coefficients = (*found.tolist(), *none)
        _, errors, states, likelihood = kernels.pegelsresid(
            values, shape[0], guess, *shape[1:], *coefficients, _STEPS_OF_ERROR
        )
        parameters = shape[1] + 1
        left = values.size - parameters - 1
        criterion = likelihood + 2 * parameters * (1 + (parameters + 1) / left) if left else math.inf
        if criterion < least:
            # The kernel has told the start once more, from the values in reverse order.
            start = states[: shape[0]]
            best = ComplexSmoothing(kind, coefficients, start, states, float(errors @ errors) / left)
            least = criterion
    if best is None:
        raise ArithmeticError("no complex smoothing is finite")
    return best


def complex_smoothing(
    values: FloatArray, kind: str, coefficients: tuple[float, ...], start: FloatArray
) -> ComplexSmoothing:
    """Return the smoothing of values from this start with these coefficients; nothing is estimated.

    Parameters
    ----------
    values
        Complete history.
    kind, coefficients, start
        As in `ComplexSmoothing`.
    """
    from statsforecast._lib import ces as kernels

    season, components = start.shape
    states, errors = np.zeros((values.size + 2 * season, components)), np.empty(values.size)
    states[:season] = start
    averages = np.empty(_STEPS_OF_ERROR)
    kernels.cescalc(
        values, states, season, kernels.switch_ces(kind), *coefficients, errors, averages, _STEPS_OF_ERROR, False
    )
    variance = float(errors @ errors) / (values.size - components - 2)
    return ComplexSmoothing(kind, coefficients, start, states, variance)


def _guessed_start(values: FloatArray, season: int, kind: str) -> FloatArray:
    """Return a first guess of the states before the first value, shape (season, components)."""
    if kind == "N":
        real = values[:PERIODS_OF_A_LEVEL].mean(keepdims=True)
    else:
        real = values[:season] if kind == "S" else np.full(season, values[:season].mean())
    columns = [real, real / 1.1]
    if kind in "PF":
        seasonal = seasonal_component(values, season)
        columns += [seasonal] if kind == "P" else [seasonal, seasonal / 1.1]
    return np.column_stack(columns)


class Theta(NamedTuple):
    """The dynamic optimised Theta model of one history.

    Parameters
    ----------
    coefficients
        First level, weight of the newest value, and theta.
    states
        States after each value.
    seasonal
        What each coming period of the season adds; zero without a season.
    variance
        Mean squared one-step error.
    """

    coefficients: tuple[float, float, float]
    states: FloatArray
    seasonal: FloatArray
    variance: float

    def forecast(self, horizon: int) -> FloatArray:
        """Return the forecasts of the coming periods, shape (horizon,)."""
        from statsforecast._lib import theta as kernels

        mean, (_, alpha, theta) = np.zeros(horizon), self.coefficients
        kernels.forecast(self.states, self.states.shape[0], kernels.ModelType.DOTM, mean, alpha, theta)
        return mean + np.resize(self.seasonal, horizon)


def dynamic_theta(values: FloatArray, season: int, coefficients: tuple[float, float, float] | None = None) -> Theta:
    """Return the dynamic optimised Theta model of a history less its season, where a test finds one.

    Fiorucci, Pellegrini, Louzada, Petropoulos & Koehler (2016), "Models for optimising the theta method and their
    relationship to state space models", International Journal of Forecasting 32, 1151-1161.

    Parameters
    ----------
    values
        Complete history.
    season
        Periods per season; 1 without.
    coefficients
        As in `Theta`; estimated unless given.

    Raises
    ------
    ArithmeticError
        If the history is too short.
    """
    from statsforecast._lib import theta as kernels

    if values.size <= len(_THETA_BOUNDS[0]):
        raise ArithmeticError("too few periods for the Theta method")
    kind, indices = kernels.ModelType.DOTM, np.zeros(1)
    if repeats(values, season):
        indices = seasonal_component(values, season)
        values = values - np.resize(indices, values.size)
    if coefficients is None:
        first = (float(values[0]) / 2, 0.5, 2.0)
        found, *_ = kernels.optimize(
            np.array(first), *_THETA_BOUNDS, *first, True, True, True, values, kind, _STEPS_OF_ERROR
        )
        coefficients = (float(found[0]), float(found[1]), float(found[2]))
    _, _, states, variance = kernels.pegels_resid(values, kind, *coefficients, _STEPS_OF_ERROR)
    return Theta(coefficients, states, np.roll(indices, -values.size), variance)


def repeats(values: FloatArray, season: int) -> bool:
    """Return whether the autocorrelation at the season is beyond what those before it explain."""
    if season < SHORTEST_TESTED_SEASON or values.size < 2 * season:
        return False
    centred = values - values.mean()
    products = np.correlate(np.concatenate([centred, np.zeros(season)]), centred, "valid")
    correlations = products[1:] / products[0] if products[0] > 0 else np.zeros(season)
    spread = math.sqrt((1 + 2 * float((correlations[:-1] ** 2).sum())) / values.size)
    return bool(abs(correlations[-1]) > SEASON_LIMIT * spread)


def seasonal_component(values: FloatArray, season: int) -> FloatArray:
    """Return what each period of the season adds to a centred average of one season, shape (season,), mean zero.

    Parameters
    ----------
    values
        Complete history of two seasons or more.
    season
        Periods per season.

    Examples
    --------
    >>> seasonal_component(np.arange(12.0) + np.tile([0.0, 3.0, 0.0], 4), 3).round(6).tolist()
    [-1.0, 2.0, -1.0]
    """
    window = np.ones(season + 1 - season % 2)
    if season % 2 == 0:
        window[[0, -1]] = 0.5
    window /= season
    trend = np.convolve(values, window, mode="valid")
    half = window.size // 2
    phases = np.arange(half, half + trend.size) % season
    sums = np.bincount(phases, weights=values[half : half + trend.size] - trend, minlength=season)
    means = sums / np.bincount(phases, minlength=season)
    return np.asarray(means - means.mean())
