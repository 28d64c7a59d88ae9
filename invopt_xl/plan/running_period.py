"""What is left of a period that has begun: less demand, but relatively more uncertain.

The parts of a period are draws of their own, so the noise of a part has that part of the variance, not its square; only
a level that is in doubt is the same in all parts.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from invopt_xl.cache import content_key
from invopt_xl.domain import Forecast
from invopt_xl.domain.forecast import FloatArray

LARGEST_COUNT = 2.0**24
"""From here on single precision holds whole numbers only, whether units are whole or not."""

_NOTHING = 1e-12
"""What is left of demand is nothing below this share of it."""

_LEAST_CONCENTRATION, _MOST_CONCENTRATION = 1e-6, 1e12


def from_now_on(forecast: Forecast, share: float) -> Forecast:
    """Return the forecast with only what is left of its first period.

    Each path keeps a share of the period's demand that is drawn from a beta distribution: of whole units each stays
    or goes (so counts are split as Poisson and negative binomial ones are), of anything else that share stays (so it
    is split as gamma distributed demand is). The distribution is as wide as makes the variance of what is left
    share^2 L + share (V - L), where V is the variance of the period's demand and L that of the level it shares with
    the next period: their covariance. The mean is share times the mean, but for the draws. Equal forecasts give equal
    paths.

    Parameters
    ----------
    forecast
        Demand of whole periods, the first of which has begun.
    share
        Share of the first period that is left, above 0 to 1.

    Examples
    --------
    A quarter of a Poisson number with mean 20 is one with mean 5:

    >>> counts = np.random.default_rng(1).poisson(20, (10_000, 2)).astype(np.float32)
    >>> left = from_now_on(Forecast(counts, "example", "counts"), 0.25).paths[:, 0]
    >>> f"{left.mean():.1f} {left.var():.1f}"
    '5.0 5.0'
    """
    whole = forecast.paths[:, 0].astype(np.float64)
    if share == 1.0 or not whole.any():
        return forecast
    rng = np.random.default_rng(int(content_key("what is left of a period", forecast.paths[:, 0], share), 16))
    paths = forecast.paths.copy()
    paths[:, 0] = _left(rng, whole, share, _noise(forecast.paths))
    return replace(forecast, paths=paths, model_mean=None)


def _noise(paths: np.ndarray) -> float:
    """Return the variance of the first period's demand that the next period does not share."""
    first = paths[:, 0].astype(np.float64)
    variance = float(first.var())
    if paths.shape[1] == 1:
        return variance
    second = paths[:, 1].astype(np.float64)
    # The level's doubt is in proportion to the mean, which a season or a promotion changes.
    ratio = first.mean() / second.mean() if second.any() else 0.0
    shared = float(((first - first.mean()) * (second - second.mean())).mean()) * ratio
    return variance - min(max(shared, 0.0), variance)


def _left(rng: np.random.Generator, demand: FloatArray, share: float, noise: float) -> FloatArray:
    """Return a part of each demand with the mean share x mean and with share (1 - share) x noise of own variance."""
    counted = bool(demand.max() < LARGEST_COUNT) and np.array_equal(demand, np.round(demand))
    square = float((demand**2).mean())
    # Splitting units one by one has a variance of its own, in proportion to the mean.
    beyond = noise - float(demand.mean()) if counted else noise
    concentration = (square - noise) / beyond if beyond > 0 else _MOST_CONCENTRATION
    concentration = float(np.clip(concentration, _LEAST_CONCENTRATION, _MOST_CONCENTRATION))
    shares = rng.beta(share * concentration, (1 - share) * concentration, size=demand.size)
    if counted:
        return rng.binomial(demand.astype(np.int64), shares).astype(np.float64)
    left = demand * shares
    # Without rounding the mean can be kept exactly.
    return np.asarray(left * (share * demand.mean() / left.mean()) if left.mean() > _NOTHING * demand.mean() else left)
