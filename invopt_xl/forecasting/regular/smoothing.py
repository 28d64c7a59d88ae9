"""Simple exponential smoothing over a grid of weights, and the seasonal indices and slope around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.cleaning.history import BoolArray

WEIGHTS = np.array([0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6])
"""Weights of the newest value that are tried. Below 0.1 a level cannot follow demand that shifts."""

LARGEST_HARMONIC_SEASON = 24
"""Longer seasons have too few years behind each index; they are described by harmonics instead."""

LONG_SEASON_LIMIT = 2.5
"""Correlation of a long season with the one before, in standard errors, from which it is believed."""

HARMONICS = 2
"""Sine and cosine pairs of a long season."""


@dataclass(frozen=True, eq=False)
class Smoothed:
    """A level found by simple exponential smoothing.

    Parameters
    ----------
    level
        The level after the last period, item units.
    weight
        The weight of the newest value.
    residuals
        One-step errors of the known periods after the first quarter, item units.
    """

    level: float
    weight: float
    residuals: FloatArray


def smooth(values: FloatArray, known: BoolArray, weights: FloatArray = WEIGHTS) -> Smoothed:
    """Return the level under the weight with the smallest squared one-step errors.

    Estimated periods do not move the level. The first level is the mean of the first quarter.

    Parameters
    ----------
    values
        Demand per period, item units, complete.
    known
        False where the value is an estimate.
    weights
        The weights to choose from.

    Examples
    --------
    >>> f"{smooth(np.array([4.0, 4.0, 4.0, 4.0]), np.ones(4, dtype=bool)).level:.1f}"
    '4.0'
    """
    observed = values[known] if known.any() else values
    start = max(observed.size // 4, min(observed.size, 3))
    level = np.full(weights.shape, observed[:start].mean())
    errors = np.empty((observed.size, weights.size))
    for period, value in enumerate(observed):
        errors[period] = value - level
        level = level + weights * errors[period]
    # The first level has seen the first quarter, whose errors are therefore too small to count.
    tail = errors[start:] if observed.size > 2 * start else errors
    best = int(np.argmin((tail**2).sum(axis=0)))
    return Smoothed(float(level[best]), float(weights[best]), tail[:, best])


def seasonal_indices(values: FloatArray, season: int) -> FloatArray | None:
    """Return the multiplicative index of each period of the season, or None where none is significant.

    The test is that of Assimakopoulos & Nikolopoulos (2000), "The theta model", International Journal of
    Forecasting 16, 521-530: the autocorrelation at the seasonal lag against its 90% limit; long seasons must repeat
    the season before. Short seasons have classical indices (mean ratio to the centred moving average), long ones a
    few harmonics of that ratio.

    Parameters
    ----------
    values
        Demand per period, item units, complete; at least two seasons.
    season
        Periods per season.

    Returns
    -------
    FloatArray or None
        Shape (season,), mean one; entry 0 belongs to the first period of `values`.
    """
    if season < 2 or values.size < 2 * season or not _is_seasonal(values, season):
        return None
    trend = _centred_average(values, season)
    inside = np.isfinite(trend) & (trend > 0)
    places = np.arange(values.size)[inside] % season
    if np.unique(places).size < season:
        return None
    ratios = values[inside] / trend[inside]
    if season > LARGEST_HARMONIC_SEASON:
        indices = _harmonic_fit(places, ratios, season)
    else:
        indices = np.bincount(places, weights=ratios, minlength=season) / np.bincount(places, minlength=season)
    indices = np.maximum(indices, 0.05)
    return np.asarray(indices / indices.mean())


def _is_seasonal(values: FloatArray, season: int) -> bool:
    if season > LARGEST_HARMONIC_SEASON:
        return _repeats(values, season)
    centred = values - values.mean()
    total = float((centred**2).sum())
    if total <= 0:
        return False
    lags = [float((centred[lag:] * centred[:-lag]).sum()) / total for lag in range(1, season + 1)]
    limit = 1.645 * np.sqrt((1 + 2 * sum(lag**2 for lag in lags[:-1])) / values.size)
    return bool(lags[-1] > limit)


def _repeats(values: FloatArray, season: int) -> bool:
    """Return whether each season correlates with the one before, trend left out.

    In a long season's smooth wave the many lags before the seasonal one are large, which blinds the usual test.
    """
    time = np.arange(values.size) - (values.size - 1) / 2
    straight = values - values.mean() - linear_slope(values) * time
    later, earlier = straight[season:], straight[:-season]
    size = float(later.std() * earlier.std())
    if size <= 0:
        return False
    correlation = float(((later - later.mean()) * (earlier - earlier.mean())).mean()) / size
    return correlation > LONG_SEASON_LIMIT / float(np.sqrt(later.size))


def _centred_average(values: FloatArray, season: int) -> FloatArray:
    kernel = np.full(season, 1 / season) if season % 2 else np.r_[0.5, np.ones(season - 1), 0.5] / season
    trend = np.full(values.size, np.nan)
    half = kernel.size // 2
    trend[half : values.size - half] = np.convolve(values, kernel, mode="valid")
    return trend


def _harmonic_fit(places: np.ndarray, ratios: FloatArray, season: int) -> FloatArray:
    def design(at: np.ndarray) -> FloatArray:
        angles = 2 * np.pi * np.outer(at, np.arange(1, HARMONICS + 1)) / season
        return np.column_stack([np.ones(at.size), np.sin(angles), np.cos(angles)])

    weights = np.linalg.lstsq(design(places), ratios, rcond=None)[0]
    return np.asarray(design(np.arange(season)) @ weights)


def linear_slope(values: FloatArray) -> float:
    """Return the least-squares slope of the values, item units per period."""
    time = np.arange(values.size) - (values.size - 1) / 2
    spread = float((time**2).sum())
    return float((time * (values - values.mean())).sum() / spread) if spread else 0.0
