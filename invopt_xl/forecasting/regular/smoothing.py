"""Simple exponential smoothing over a grid of weights, and the indices of a long season such as the weeks of a year."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.cleaning.baselines import SMALLEST_INDEX

WEIGHTS = np.array([0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6])
"""Weights of the newest value that are tried. Below 0.1 a level cannot follow demand that shifts."""

LONGEST_MODELLED_SEASON = 24
"""Longer seasons are too long for the models' own seasons; `seasonal_indices` takes them out beforehand."""

HARMONICS = 4
"""Sine and cosine pairs of the wave, down to a quarter of a year. What is narrower is told period by period."""

CHANCE = 0.01
"""Chance that seasons agree by accident from which a harmonic, or the effects of periods, are not believed."""

MOST_OF_A_SEASON = 0.75
"""The oldest season, seldom complete, tells of the wave if it has this share of its periods."""

ODD = 3.0
"""Robust standard deviations from what is usual that a value counts for at most: hardly a normal one is beyond."""

NORMAL = 1.4826
"""Standard deviation of a normal variable over its median absolute deviation."""

OWN_NOISE_WORTH = 4.0
"""The noise of a period is that within it and that of all periods together, which counts as so many seasons of it."""

DOUBTERS = 2.0
"""Periods without an effect that are supposed beside those there are, so that not all have one by chance."""

LARGEST_RELATION = 0.95
"""Correlation of the noise of neighbouring periods is taken for this at most, so that a peak can still be told."""

SAME = 1e-12
"""Variance of ratios to the trend below which it is rounding."""

ROUNDS = 5
"""Trend, wave and effects are told in turn. By then the largest peaks have left the wave."""

STEPS = 40
"""Steps towards the share and the spread of effects; later ones change nothing that counts."""


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
    if season <= LONGEST_MODELLED_SEASON or values.size < 2 * season or np.ptp(values) == 0:
        return None
    roots = np.sqrt(values)
    smallest = float(np.sqrt(SMALLEST_INDEX))
    # Counted from the end, for the oldest season may be incomplete.
    phases = (np.arange(values.size) - values.size) % season
    terms, spline = _harmonics(season), _spline(values.size, season)
    joint = np.linalg.lstsq(np.column_stack([spline, terms[phases]]), roots, rcond=None)[0]
    trend, wave, own = spline @ joint[: spline.shape[1]], np.zeros(season), np.zeros(season)
    for _ in range(ROUNDS):
        ratios = _by_season(roots / np.maximum(trend, smallest * roots.mean()) - 1, season)
        left = ratios - wave - own
        reach = ODD * NORMAL * float(np.nanmedian(np.abs(left)))
        wave = _repeating_wave(wave + np.clip(left, -reach, reach), terms)
        own = _repeating_periods(ratios - wave)
        profile = np.maximum(1 + wave + own, smallest)
        trend = spline @ np.linalg.lstsq(spline, roots / profile[phases], rcond=None)[0]
    if not (wave.any() or own.any()):
        return None
    indices = np.roll(profile, values.size % season) ** 2
    indices = np.maximum(indices / indices.mean(), SMALLEST_INDEX)
    return np.asarray(indices / indices.mean())


def _harmonics(season: int) -> FloatArray:
    """Return sine and cosine of each harmonic side by side, shape (season, 2 x harmonics)."""
    angles = 2 * np.pi * np.outer(np.arange(season), np.arange(1, HARMONICS + 1)) / season
    return np.asarray(np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(season, -1))


def _spline(periods: int, season: int) -> FloatArray:
    """Return a line bent once a season: with more bends it could take a season for a trend."""
    time = np.arange(periods) - periods
    bends = -season * np.arange(1, periods // season)
    return np.column_stack([np.ones(periods), time / season, np.maximum(time[:, None] - bends, 0) / season])


def _by_season(values: FloatArray, season: int) -> FloatArray:
    """Return the values with a row for each season, the last complete, the first filled up with NaN."""
    missing = -values.size % season
    return np.asarray(np.r_[np.full(missing, np.nan), values].reshape(-1, season))


def _repeating_wave(table: FloatArray, terms: FloatArray) -> FloatArray:
    """Return the mean wave of the seasons, without the harmonics that differ from season to season.

    Where a harmonic is noise, its pairs of coefficients, one a season, are independent draws around zero, however the
    noise of neighbouring periods is related. The share of their sum of squares that their mean does not explain, to
    the power of their number n less one, is then the chance of the F test with 2 and 2 (n - 1) degrees of freedom.
    """
    told = [row for row in table if np.isfinite(row).mean() >= MOST_OF_A_SEASON]
    design = np.column_stack([np.ones(terms.shape[0]), terms])
    fitted = [np.linalg.lstsq(design[np.isfinite(row)], row[np.isfinite(row)], rcond=None)[0][1:] for row in told]
    pairs = np.array(fitted).reshape(len(told), -1, 2)
    mean = pairs.mean(axis=0)
    differing = ((pairs - mean) ** 2).sum(axis=(0, 2))
    repeating = len(told) * (mean**2).sum(axis=1)
    share = differing / np.maximum(differing + repeating, np.finfo(np.float64).tiny)
    believed = (share ** (len(told) - 1) <= CHANCE) & (repeating > 0)
    noise = differing / (len(told) - 1)
    kept = np.where(believed, 1 - noise / np.where(believed, repeating, 1.0), 0.0)
    return np.asarray(terms @ (mean * kept[:, None]).ravel())


class _Effects(NamedTuple):
    """What periods of the season add of their own, and how well that explains their means."""

    expected: FloatArray
    """Expected effect of each period, given its mean."""
    chance: FloatArray
    """Probability that it has one."""
    gain: float
    """Log likelihood of the means, over that of noise alone."""


def _repeating_periods(table: FloatArray) -> FloatArray:
    """Return what each period adds of its own in every season; zeros where that may be noise."""
    changes = np.diff(table, axis=0)
    noise = NORMAL * float(np.nanmedian(np.abs(changes))) / np.sqrt(2)
    usual, counts = _usual(table), np.isfinite(table).sum(axis=0)
    means = np.nanmean(np.clip(table, usual - ODD * noise, usual + ODD * noise), axis=0)
    within = np.nansum((table - means) ** 2, axis=0)
    mixed = (OWN_NOISE_WORTH * noise**2 + within) / (OWN_NOISE_WORTH + counts - 1)
    # A peak may be noisier than the rest; that a period is calmer over a few seasons is chance.
    variances = np.maximum(mixed, noise**2) / counts
    effects = _sparse_effects(means, np.maximum(variances, SAME))
    # Neighbours that share their noise tell the same twice; and one period of many is odd by chance.
    independent = _independence(np.clip(changes, -ODD * noise, ODD * noise))
    if effects.gain * independent <= np.log(means.size / CHANCE):
        return np.zeros(means.size)
    return np.where(effects.chance > 0.5, effects.expected, 0.0)


def _usual(table: FloatArray) -> FloatArray:
    """Return the median of each column; of two in the middle the one nearer to zero, for one alone may be odd."""
    counts, each = np.isfinite(table).sum(axis=0), np.arange(table.shape[1])
    # NaN is sorted to the end.
    ordered = np.sort(table, axis=0)
    lower, upper = ordered[(counts - 1) // 2, each], ordered[counts // 2, each]
    return np.asarray(np.where(np.abs(lower) <= np.abs(upper), lower, upper))


def _sparse_effects(means: FloatArray, variances: FloatArray) -> _Effects:
    """Return the effects behind means with these variances of noise, where many means may have no effect.

    A mean is noise alone, or noise and a normal effect; the share and the spread of effects are those that make the
    means most likely (Johnstone & Silverman 2004, "Needles and straw in haystacks: empirical Bayes estimates of
    possibly sparse sequences", Annals of Statistics 32, 1594-1649), by expectation and maximisation in turn.
    """
    share, spread = 0.5, max(float((means**2 - variances).max()), SAME)
    for _ in range(STEPS):
        # Logs of the two normal densities of a mean, with an effect over without.
        wider = variances + spread
        better = 0.5 * (means**2 / variances - means**2 / wider + np.log(variances / wider))
        gains = np.logaddexp(np.log(1 - share), np.log(share) + better)
        chance = np.exp(np.log(share) + better - gains)
        share = max(float(chance.sum()) / (means.size + DOUBTERS), SAME)
        spread = max(float((chance * (means**2 - variances)).sum() / max(chance.sum(), SAME)), SAME)
    return _Effects(chance * spread / wider * means, chance, float(gains.sum()))


def _independence(changes: FloatArray) -> float:
    """Return the share of periods whose noise is independent, were it an autoregression of its neighbour's."""
    square = float(np.nanmean(changes**2))
    product = float(np.nanmean(changes[:, 1:] * changes[:, :-1]))
    related = float(np.clip(product / square, 0.0, LARGEST_RELATION)) if square > 0 else 0.0
    return (1 - related) / (1 + related)
