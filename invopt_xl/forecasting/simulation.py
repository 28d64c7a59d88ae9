"""Sample paths: from a model's mean and its memory of shocks to draws of demand that is never negative."""

from __future__ import annotations

import numpy as np

from invopt_xl.domain.forecast import FloatArray

FEWEST_DEGREES = 4
"""Degrees of freedom assumed at least for a residual variance; with fewer its draws have no variance."""


def impulse_responses(autoregression: FloatArray, moving_average: FloatArray, periods: int) -> FloatArray:
    """Return the psi weights: how much of a shock is left 0, 1, 2, ... periods later.

    Box & Jenkins: psi(B) = theta(B) / phi(B), differences included in phi.

    Parameters
    ----------
    autoregression
        Coefficients of phi(B), beginning with 1.
    moving_average
        Coefficients of theta(B), beginning with 1.
    periods
        How many weights.

    Examples
    --------
    A random walk keeps every shock:

    >>> impulse_responses(np.array([1.0, -1.0]), np.array([1.0]), 3).tolist()
    [1.0, 1.0, 1.0]
    """
    weights = np.zeros(periods)
    for lag in range(periods):
        weight = moving_average[lag] if lag < moving_average.size else 0.0
        reach = min(lag, autoregression.size - 1)
        weights[lag] = weight - (autoregression[1 : reach + 1] * weights[lag - reach : lag][::-1]).sum()
    return weights


def linear_errors(
    rng: np.random.Generator, responses: FloatArray, deviation: float, degrees: int, level_deviation: float, paths: int
) -> FloatArray:
    """Return joint forecast errors of a linear model, shape (paths, periods).

    Each path has its own innovation variance, drawn from what the residuals leave open (so single errors are
    Student-t), and its own error of the level, which lasts the whole horizon.

    Parameters
    ----------
    rng
        Source of randomness.
    responses
        Psi weights, shape (periods,).
    deviation
        Standard deviation of the innovations, item units.
    degrees
        Degrees of freedom behind it.
    level_deviation
        Standard deviation of the level's error, item units.
    paths
        How many paths.
    """
    degrees = max(degrees, FEWEST_DEGREES)
    scale = deviation * np.sqrt(degrees / rng.chisquare(degrees, size=(paths, 1)))
    return lasting_errors(rng, responses, level_deviation, paths, scale)


def lasting_errors(
    rng: np.random.Generator,
    echoes: FloatArray,
    level_deviation: float,
    paths: int,
    scale: FloatArray | float = 1.0,
) -> FloatArray:
    """Return joint forecast errors of normal shocks and of a level that is wrong all along, shape (paths, periods).

    Parameters
    ----------
    rng
        Source of randomness.
    echoes
        What a shock of one standard deviation adds 0, 1, 2, ... periods later, shape (periods,).
    level_deviation
        Standard deviation of the level's error.
    paths
        How many paths.
    scale
        Factor on the shocks, one for all or shape (paths, 1).
    """
    periods = echoes.size
    errors = level_deviation * rng.standard_normal((paths, 1)) + np.zeros((1, periods))
    # Period by period, so that a longer horizon leaves the draws of the first periods as they are.
    shocks = scale * rng.standard_normal((periods, paths)).T
    # Sums in place rather than a matrix product: the result must not depend on the threads of a library.
    for lag, echo in enumerate(echoes):
        errors[:, lag:] += echo * shocks[:, : periods - lag]
    return errors


def demand_paths(mean: FloatArray, errors: FloatArray) -> FloatArray:
    """Return demand with the given mean whose deviations follow the errors but never fall below zero.

    Demand is the square of a normal variable, as the square root makes counts and sales nearly normal
    (Bartlett 1936): X = (a + b Z)^2 with E[X] = a^2 + b^2 and Var[X] = 4 a^2 b^2 + 2 b^4 solved for the mean and
    the variance of the errors. It is symmetric where demand is steady and skewed where it is not.

    Parameters
    ----------
    mean
        Expected demand per period, item units, shape (periods,).
    errors
        Forecast errors, shape (paths, periods); only their spread and dependence count.
    """
    centre = np.maximum(mean, np.finfo(np.float64).tiny)
    deviation = errors.std(axis=0)
    scores = (errors - errors.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
    # A squared normal has a coefficient of variation of at most the square root of two.
    variance = np.minimum((deviation / centre) ** 2, 1.96)
    root = np.sqrt(1 - variance / 2)
    draws = np.maximum(np.sqrt(root) + np.sqrt(1 - root) * scores, 0.0) ** 2
    return np.asarray(centre * draws / draws.mean(axis=0))


def capped_paths(paths: FloatArray, limit: float) -> tuple[FloatArray, bool]:
    """Return the paths with nothing above the limit, and whether that cut anything off."""
    return np.minimum(paths, limit), bool((paths > limit).any())
