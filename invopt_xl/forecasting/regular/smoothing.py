"""Simple exponential smoothing over a grid of weights, and the indices of a long season such as the weeks of a year."""

from __future__ import annotations

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.cleaning.baselines import SMALLEST_INDEX

WEIGHTS = np.array([0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6])
"""Weights of the newest value that are tried. Below 0.1 a level cannot follow demand that shifts."""

LARGEST_HARMONIC_SEASON = 24
"""Longer seasons are too long for the models' own seasons; `seasonal_indices` takes them apart beforehand."""

HARMONICS = 4
"""Sine and cosine pairs of a wave: down to a quarter of a year. What is narrower is told period by period."""

CHANCE = 0.02
"""A harmonic is believed if years without a season agree on it as well as this with no more than this probability."""

MOST_OF_A_SEASON = 0.75
"""The oldest season, seldom complete, tells of the wave if it has this share of its periods."""

ODD = 3.0
"""Robust standard deviations from the wave, and from the other years, at which an odd value stops to count for more."""

NORMAL = 1.4826
"""Standard deviation of a normal variable over its median absolute deviation."""

OWN_NOISE_WORTH = 4.0
"""The noise of a period of the season is its own and that of all periods, which is worth so many years of it."""

DOUBTERS = 2.0
"""Periods without a season of their own that are supposed beside those of the history."""

ROUNDS = 3
"""Trend, wave and periods are told in turn; a peak in the wave of the first round is out of it by the third."""

STEPS = 40
"""Steps towards the share and the spread of periods with a season of their own; later ones change nothing that counts."""


def smoothed_level(values: FloatArray) -> float:
    """Return the last level of exponential smoothing with the smallest squared one-step errors.

    The first level is the mean of the first quarter, whose errors do not count.

    Parameters
    ----------
    values
        Demand per period, item units or any function of them, complete.

    Examples
    --------
    >>> f"{smoothed_level(np.array([4.0, 4.0, 4.0, 4.0])):.1f}"
    '4.0'
    """
    start = max(values.size // 4, min(values.size, 3))
    level = np.full(WEIGHTS.shape, values[:start].mean())
    errors = np.empty((values.size, WEIGHTS.size))
    for period, value in enumerate(values):
        errors[period] = value - level
        level = level + WEIGHTS * errors[period]
    # The first level has seen the first quarter, whose errors are therefore too small to count.
    tail = errors[start:] if values.size > 2 * start else errors
    return float(level[int(np.argmin((tail**2).sum(axis=0)))])


def seasonal_indices(values: FloatArray, season: int) -> FloatArray | None:
    """Return the multiplicative index of each period of a long season, or None where nothing repeats.

    The square root of demand over its trend is a wave of a few harmonics and, for the narrow peaks of a long season,
    an index of each period beside it. Both are believed as far as they repeat from one season to the next, so neither
    noise nor a walk of the level becomes a season; a period that was odd in one season only changes nothing.

    Parameters
    ----------
    values
        Demand per period, item units, complete; none is found in less than two seasons.
    season
        Periods per season.

    Returns
    -------
    FloatArray or None
        Shape (season,), mean one; entry 0 belongs to the first period of `values`.

    Examples
    --------
    >>> weeks = np.random.default_rng(1).normal(100, 10, 208)
    >>> weeks[50::52] += 300
    >>> indices = seasonal_indices(weeks, 52)
    >>> f"{indices[49]:.1f} {indices[50]:.1f} {indices[51]:.1f}"
    '0.9 3.8 0.9'
    """
    if season < 2 or values.size < 2 * season or np.ptp(values) == 0:
        return None
    roots = np.sqrt(values)
    phases = np.arange(values.size) % season
    terms, spline = _harmonics(season), _spline(values.size, season)
    joint = np.linalg.lstsq(np.column_stack([spline, terms[phases]]), roots, rcond=None)[0]
    trend, wave, own = spline @ joint[: spline.shape[1]], np.zeros(season), np.zeros(season)
    profile = np.ones(season)
    for _ in range(ROUNDS):
        ratios = roots / np.maximum(trend, SMALLEST_INDEX * roots.mean()) - 1
        table = _table(ratios, season)
        left = table - wave - own
        reach = ODD * NORMAL * float(np.nanmedian(np.abs(left)))
        wave = _repeating_wave(wave + np.clip(left, -reach, reach), terms)
        own = _repeating_periods(table - wave)
        profile = np.maximum(1 + wave + own, np.sqrt(SMALLEST_INDEX))
        shift = values.size % season
        trend = spline @ np.linalg.lstsq(spline, roots / np.roll(profile, shift)[phases], rcond=None)[0]
    if not (wave.any() or own.any()):
        return None
    return profile**2 / (profile**2).mean()
