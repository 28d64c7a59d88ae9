"""Seeded histories that several tests use."""

import numpy as np

from invopt_xl.domain.forecast import FloatArray


def weekly(seed: int, mean: float = 30.0, periods: int = 53) -> FloatArray:
    """Return Poisson demand."""
    return np.random.default_rng(seed).poisson(mean, periods).astype(np.float64)


def autoregressive(seed: int, periods: int = 80, coefficient: float = 0.7) -> FloatArray:
    """Return a stationary series around one hundred."""
    rng = np.random.default_rng(seed)
    values = np.zeros(periods)
    for time in range(1, periods):
        values[time] = coefficient * values[time - 1] + rng.normal(0, 5)
    return 100 + values


def random_walk(seed: int, periods: int = 80) -> FloatArray:
    """Return a wandering series, never below twenty."""
    return np.maximum(200 + np.cumsum(np.random.default_rng(seed).normal(0, 5, periods)), 20.0)


def monthly(seed: int, years: int = 6) -> FloatArray:
    """Return a seasonal series."""
    season = 1 + 0.4 * np.sin(2 * np.pi * np.arange(12 * years) / 12)
    return 100 * season * np.random.default_rng(seed).normal(1, 0.05, 12 * years)
