"""Sample paths: from a model's mean and its memory of shocks to draws of demand that is never negative."""

from __future__ import annotations

from typing import NamedTuple

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
    shock = np.zeros(periods)
    shock[: moving_average.size] = moving_average[:periods]
    return recursion(-autoregression[1:], np.zeros(autoregression.size - 1), shock)


def recursion(weights: FloatArray, past: FloatArray, drive: FloatArray) -> FloatArray:
    """Return x_t = drive_t + sum of weights_i x_(t-i), the values after those of the past.

    Parameters
    ----------
    weights
        Of the value before, of the one before that, and so forth.
    past
        So many values before the first one as there are weights, oldest first.
    drive
        What is added in each period.

    Examples
    --------
    >>> recursion(np.array([1.0, 1.0]), np.array([0.0, 1.0]), np.zeros(5)).tolist()
    [1.0, 2.0, 3.0, 5.0, 8.0]
    """
    path = past.tolist()
    terms = [(-lag, weight) for lag, weight in enumerate(weights.tolist(), 1) if weight]
    # Plain numbers: a recursion of so few terms is over before an array operation has begun.
    for added in drive.tolist():
        path.append(added + sum([weight * path[lag] for lag, weight in terms]))
    return np.array(path[weights.size :])


class Shocks(NamedTuple):
    """Independent standard normal draws behind sample paths.

    Parameters
    ----------
    level
        One for each path, shape (paths, 1).
    each
        One for each path and period, shape (paths, periods).
    """

    level: FloatArray
    each: FloatArray

    @classmethod
    def drawn(cls, rng: np.random.Generator, paths: int, periods: int) -> Shocks:
        """Return new draws."""
        level = rng.standard_normal((paths, 1))
        # Period by period, so that a longer horizon leaves the draws of the first periods as they are.
        return cls(level, np.ascontiguousarray(rng.standard_normal((periods, paths)).T))


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
    return lasting_errors(Shocks.drawn(rng, paths, responses.size), responses, level_deviation, scale)


def lasting_errors(
    shocks: Shocks, echoes: FloatArray, level_deviation: float, scale: FloatArray | float = 1.0
) -> FloatArray:
    """Return joint forecast errors of normal shocks and of a level that is wrong all along, shape (paths, periods).

    Parameters
    ----------
    shocks
        Source of randomness.
    echoes
        What a shock of one standard deviation adds 0, 1, 2, ... periods later, shape (periods,).
    level_deviation
        Standard deviation of the level's error.
    scale
        Factor on the shocks, one for all or shape (paths, 1).
    """
    periods = echoes.size
    # Row by row what a shock of a period adds to that period and to later ones.
    added = np.lib.stride_tricks.sliding_window_view(np.concatenate([np.zeros(periods - 1), echoes]), periods)[::-1]
    return np.asarray(scale * (shocks.each @ added) + level_deviation * shocks.level)


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
