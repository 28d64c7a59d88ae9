"""Regular demand: sample paths of an automatic ARIMA model and of the Theta method, half each.

Pooling the paths of two unlike models (a linear opinion pool) keeps the doubt about the model in the distribution.
ARIMA alone promises too much: sums of weekly grocery demand over 13 weeks fell into its 95% interval in four of five
cases, and into that of the pool in 19 of 20.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.arima import ArimaModel, Engine, fit_arima
from invopt_xl.forecasting.history import BoolArray
from invopt_xl.forecasting.simulation import capped_paths, demand_paths, impulse_responses, linear_errors
from invopt_xl.forecasting.smoothing import LARGEST_HARMONIC_SEASON, linear_slope, seasonal_indices, smooth

LONGEST_HISTORY = 400
"""Older periods are not fitted; they cost time and describe another market."""

POINTS_FOR_A_TREND = 48
"""With fewer periods, or less than two seasons, a slope may be a part of the season, so it fades soon."""

DAMPING = 0.98
"""Share of a slope that is left a period later."""

SHORT_DAMPING = 0.9
"""The same where the history is too short to tell a slope from a season."""

LEVEL_DOUBT = 2.0
"""Factor on the textbook error of a stationary model's mean, which takes the model for granted."""

SHIFT_DOUBT = 0.3
"""Lasting error of the level of a model that follows the level, in standard deviations of an innovation."""

PERFECT_FIT = 0.001
"""Residuals below this share of the level say that nothing was ever random; nobody should believe that."""

CHANGE = 0.25
"""Such a history may still change by this share of its level, with probability 1 / (periods + 2) a period."""

LARGEST_RISE = 0.5
"""Expected demand stays within the range of the history and this share of it more."""

SMALLEST_MEAN = 0.02
"""Expected demand is at least this share of the mean of the history."""

PATH_LIMIT = 10.0
"""No path goes beyond this multiple of the largest demand."""


@dataclass(frozen=True, eq=False)
class Component:
    """A model's forecast: its mean, its errors around it, and its name."""

    name: str
    mean: FloatArray
    errors: FloatArray


@dataclass(frozen=True, eq=False)
class Series:
    """A complete history, scaled to a mean of one, with its season taken apart.

    Parameters
    ----------
    values
        Demand per period over its mean.
    known
        False where the value is an estimate.
    season
        Periods per season; 1 where there are less than two of them.
    future_indices, adjusted
        Seasonal index of each coming period, and the values without their season.
    trending
        Whether the history is long enough for a slope.
    """

    values: FloatArray
    known: BoolArray
    season: int
    future_indices: FloatArray
    adjusted: FloatArray
    trending: bool

    @property
    def damping(self) -> float:
        """Share of a slope that is left a period later."""
        return DAMPING if self.trending else SHORT_DAMPING

    def credible(self, deviation: float, level: float) -> float:
        """Return the deviation of an innovation, or a small one where the history fitted perfectly."""
        if deviation > PERFECT_FIT * level:
            return deviation
        return CHANGE * level / float(np.sqrt(self.values.size + 2))


def regular_paths(
    rng: np.random.Generator,
    values: FloatArray,
    known: BoolArray,
    horizon: int,
    paths: int,
    season: int,
    engine: Engine,
    methods: tuple[str, ...] = ("arima", "theta"),
) -> tuple[FloatArray, str, list[str]]:
    """Return paths of regular demand, the names of their models, and notes in words.

    Parameters
    ----------
    rng
        Source of randomness.
    values
        Demand per period, item units, complete, with a positive mean.
    known
        False where the value is an estimate.
    horizon
        Periods ahead.
    paths
        How many paths.
    season
        Periods per season; 1 without.
    engine
        The engine of ARIMA.
    methods
        ``arima``, ``theta`` or both.
    """
    scale = float(values.mean())
    series = _series(values / scale, known, season, horizon)
    notes = []
    components: list[Component] = []
    for place, method in enumerate(methods):
        # Paths of the models take turns, so that any run of them has its share of each.
        count = len(range(place, paths, len(methods)))
        if method == "theta":
            components.append(_theta(rng, series, horizon, count))
            continue
        try:
            components.append(_arima(rng, series, horizon, count, engine))
        except Exception as error:  # noqa: BLE001 - the engines document no errors; whichever it is, Theta remains
            notes.append(f"ARIMA could not be fitted ({type(error).__name__}: {error})")
            components.append(_theta(rng, series, horizon, count))
    drawn = np.empty((paths, horizon))
    for place, component in enumerate(components):
        mean, note = _bounded(component.mean, series)
        notes += note
        drawn[place :: len(components)] = demand_paths(mean, component.errors)
    drawn, cut = capped_paths(drawn, PATH_LIMIT * float(series.values.max()))
    if cut:
        notes.append(f"paths held below {PATH_LIMIT:g} times the largest demand")
    names = " + ".join(dict.fromkeys(component.name for component in components))
    return drawn * scale, names, list(dict.fromkeys(notes))


def _series(values: FloatArray, known: BoolArray, season: int, horizon: int) -> Series:
    keep = max(LONGEST_HISTORY, 3 * season)
    values, known = values[-keep:], known[-keep:]
    two_seasons = values.size >= 2 * season
    indices = seasonal_indices(values, season) if two_seasons else None
    ahead = np.arange(values.size, values.size + horizon)
    past = np.ones(values.size) if indices is None else indices[np.arange(values.size) % season]
    return Series(
        values=values,
        known=known,
        season=season if two_seasons else 1,
        future_indices=np.ones(horizon) if indices is None else indices[ahead % season],
        adjusted=values / past,
        trending=two_seasons and values.size >= POINTS_FOR_A_TREND,
    )


def _arima(rng: np.random.Generator, series: Series, horizon: int, paths: int, engine: Engine) -> Component:
    if 1 < series.season <= LARGEST_HARMONIC_SEASON:
        model, indices = fit_arima(series.values, horizon, series.season, engine), np.ones(horizon)
    else:
        model, indices = fit_arima(series.adjusted, horizon, 1, engine), series.future_indices
    model = model.damped(series.damping)
    lost = series.values.size - model.residuals.size
    residuals = model.residuals[series.known[lost:]]
    degrees = residuals.size - model.parameters - 1
    deviation = float(np.sqrt((residuals**2).sum() / max(degrees, 1)))
    deviation = series.credible(deviation, abs(float(model.mean[0])))
    responses = impulse_responses(model.autoregression, model.moving_average, horizon)
    errors = linear_errors(
        rng, responses, deviation, degrees, deviation * _level_doubt(model, series.values.size), paths
    )
    return Component(model.name, model.mean * indices, errors * indices)


def _level_doubt(model: ArimaModel, periods: int) -> float:
    if not model.stationary:
        return SHIFT_DOUBT
    # The mean of n periods of an ARMA process has the long-run deviation over the square root of n.
    long_run = abs(float(model.moving_average.sum())) / max(float(model.autoregression.sum()), 0.1)
    return LEVEL_DOUBT * min(long_run, 4.0) / float(np.sqrt(periods))


def _theta(rng: np.random.Generator, series: Series, horizon: int, paths: int) -> Component:
    """Return simple exponential smoothing with half the slope of the trend: Theta (Hyndman & Billah 2003)."""
    fitted = smooth(series.adjusted, series.known)
    ahead = np.arange(1, horizon + 1)
    slope = linear_slope(series.adjusted) / 2 if series.trending else 0.0
    mean = fitted.level + slope * np.cumsum(series.damping**ahead)
    degrees = fitted.residuals.size - 2
    deviation = float(np.sqrt((fitted.residuals**2).sum() / max(degrees, 1)))
    deviation = series.credible(deviation, fitted.level)
    responses = np.where(np.arange(horizon) == 0, 1.0, fitted.weight)
    errors = linear_errors(rng, responses, deviation, degrees, SHIFT_DOUBT * deviation, paths)
    name = "Theta" if series.trending else "SES"
    return Component(name, mean * series.future_indices, errors * series.future_indices)


def _bounded(mean: FloatArray, series: Series) -> tuple[FloatArray, list[str]]:
    low, high = float(series.values.min()), float(series.values.max())
    top = high + LARGEST_RISE * (high - low)
    notes = ["rise held near the range of the history"] if (mean > top).any() else []
    if (mean < SMALLEST_MEAN).any():
        notes.append("decline held above zero")
    return np.clip(mean, SMALLEST_MEAN, max(top, SMALLEST_MEAN)), notes
