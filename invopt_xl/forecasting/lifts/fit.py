"""Regression of demand on its regressors around a level that wanders and a season that repeats.

Demand of a period has the mean exp(level + season + x beta) and a variance that has a part in proportion to the mean,
as counts have it, and a part in proportion to its square, as lifts and noise that multiply have it. Zeros need no
special care so, and the result does not depend on the unit. The level is a random walk (what ARIMA(0,1,1) errors are
to an ARIMA model with regressors), beta has the normal prior its kind of regressor deserves, and single wild values
have a bounded influence. Fitted by penalised iteratively weighted least squares; McCullagh & Nelder (1989),
Generalized Linear Models, chapters 2 and 9; the wandering level by its evidence, as in Wood (2011), JRSS B 73:3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.cleaning.history import BoolArray

KNOTS, PERIODS_PER_KNOT = 25, 8
"""The level may bend in so many places, or once in so many periods in a long history."""

WANDERING = (0.001, 0.003, 0.01, 0.03, 0.1)
"""Candidates for the variance of the level's steps, as a share of the variance of the noise."""

HARMONICS, SEASONAL_SPREAD = 3, 0.3
"""Sine waves that stand for the season, and the spread of their amplitudes in log demand."""

ROBUSTNESS = 2.5
"""Deviations beyond so many standard deviations count as if they were there."""

PASSES, PASSES_THAT_CHOOSE = 6, (1, 3)
"""Passes of the fit, and those after which the wandering of the level is chosen anew."""

_FLAT = 1e-4
_LARGEST_LOG = 8.0


@dataclass(frozen=True, eq=False)
class Coefficients:
    """Effects on log demand, and their doubt.

    Parameters
    ----------
    mean
        Posterior mean, shape (columns,).
    covariance
        Posterior covariance, shape (columns, columns).
    """

    mean: FloatArray
    covariance: FloatArray


@dataclass(frozen=True, eq=False)
class _Model:
    """A linear predictor with normal priors; the steps of the level have a variance yet to be chosen."""

    columns: FloatArray
    mean: FloatArray
    precision: FloatArray
    steps: slice
    gap: float


@dataclass(frozen=True, eq=False)
class _Fit:
    coefficients: FloatArray
    information: FloatArray
    evidence: float


def fit_coefficients(
    values: FloatArray, used: BoolArray, season: int, columns: FloatArray, prior: FloatArray, spread: FloatArray
) -> Coefficients:
    """Return the effect of each column on log demand.

    Parameters
    ----------
    values
        Demand per period, any unit, at least one used period with a sale.
    used
        False where the period says nothing about demand.
    season
        Periods per season; 1 without.
    columns
        Regressors, shape (periods, columns).
    prior, spread
        Mean and standard deviation of each effect before any demand was seen, shape (columns,).
    """
    model = _model(used, season, columns, prior, spread)
    demand = values[used] / float(np.median(values[used & (values > 0)]))
    logs = np.log(np.clip(demand, 0.1, 10.0))
    total = max(float(np.var(np.diff(logs))) / 2 if logs.size > 1 else 0.0, 1e-3)
    predicted, variance, wandering = logs, np.full(demand.size, total), WANDERING[2]
    for turn in range(PASSES):
        mean = np.exp(predicted)
        limit = ROBUSTNESS * np.sqrt(variance)
        work = predicted + np.clip(demand / mean - 1, -limit, limit)
        if turn in PASSES_THAT_CHOOSE:
            tried = {share: _solve(model, work, variance, share).evidence for share in WANDERING}
            wandering = max(tried, key=tried.__getitem__)
        fit = _solve(model, work, variance, wandering)
        step = np.clip(model.columns @ fit.coefficients - predicted, -2, 2)
        predicted = np.clip(predicted + step, -_LARGEST_LOG, _LARGEST_LOG)
        variance = _variance(demand, np.exp(predicted), variance, _freedom(model, fit, variance))
    first = model.columns.shape[1] - columns.shape[1]
    covariance = np.linalg.inv(_solve(model, work, variance, wandering).information)[first:, first:]
    return Coefficients(fit.coefficients[first:], np.asarray(covariance, dtype=np.float64))


def _model(used: BoolArray, season: int, columns: FloatArray, prior: FloatArray, spread: FloatArray) -> _Model:
    periods = used.size
    knots = min(periods, max(KNOTS, periods // PERIODS_PER_KNOT))
    place = np.linspace(0, knots - 1, periods)
    # Column j is the part of the step to knot j that a period has made; the first is the level itself.
    level = np.clip(place[:, None] - np.arange(knots) + 1, 0, 1)
    waves = _waves(periods, season)
    flat = np.full(waves.shape[1], SEASONAL_SPREAD)
    return _Model(
        np.hstack([level, waves, columns])[used],
        np.concatenate([np.zeros(knots + flat.size), prior]),
        np.concatenate([np.full(knots, _FLAT), flat**-2.0, spread**-2.0]),
        slice(1, knots),
        (periods - 1) / max(knots - 1, 1),
    )


def _waves(periods: int, season: int) -> FloatArray:
    if season < 2 or periods < 2 * season:
        return np.empty((periods, 0))
    angles = 2 * np.pi / season * np.outer(np.arange(periods), np.arange(1, min(HARMONICS, season // 2) + 1))
    return np.hstack([np.cos(angles), np.sin(angles)])


def _solve(model: _Model, work: FloatArray, variance: FloatArray, wandering: float) -> _Fit:
    """Return the weighted least squares fit, and the log evidence of the level's wandering but for a constant."""
    precision = model.precision.copy()
    precision[model.steps] = 1 / (wandering * model.gap * float(variance.mean()))
    weighted = model.columns / variance[:, None]
    information = weighted.T @ model.columns
    information[np.diag_indices_from(information)] += precision
    pull = weighted.T @ work + precision * model.mean
    coefficients = np.asarray(np.linalg.solve(information, pull), dtype=np.float64)
    errors = work - model.columns @ coefficients
    distance = (errors**2 / variance).sum() + (precision * (coefficients - model.mean) ** 2).sum()
    evidence = float(np.log(precision).sum() - np.linalg.slogdet(information)[1] - distance) / 2
    return _Fit(coefficients, information, evidence)


def _freedom(model: _Model, fit: _Fit, variance: FloatArray) -> float:
    """Return the periods that are left to judge the noise by."""
    weighted = model.columns / variance[:, None]
    spent = float(np.trace(np.linalg.solve(fit.information, weighted.T @ model.columns)))
    return max(variance.size - spent, 0.3 * variance.size)


def _variance(demand: FloatArray, mean: FloatArray, variance: FloatArray, freedom: float) -> FloatArray:
    """Return the variance of demand / mean: a / mean + b, by weighted moments, neither negative."""
    limit = 1.2 * ROBUSTNESS * np.sqrt(variance)
    squares = np.clip(demand / mean - 1, -limit, limit) ** 2 * (demand.size / freedom)
    parts = np.column_stack([1 / mean, np.ones(mean.size)])
    weighted = parts / variance[:, None]
    moments, target = weighted.T @ parts, weighted.T @ squares
    determinant = moments[0, 0] * moments[1, 1] - moments[0, 1] ** 2
    counts, noise = 0.0, float(target[1] / moments[1, 1])
    if determinant > 1e-9 * moments[0, 0] * moments[1, 1]:
        both = np.linalg.solve(moments, target)
        if both[0] > 0:
            counts, noise = (float(both[0]), float(both[1])) if both[1] > 0 else (target[0] / moments[0, 0], 0.0)
    return counts / mean + max(noise, 1e-4)
