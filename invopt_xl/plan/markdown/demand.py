"""Demand at today's price as a mark-down needs it: its mean, its noise, and what all periods have in common."""

from __future__ import annotations

import numpy as np

from invopt_xl.domain import Forecast
from invopt_xl.errors import require
from invopt_xl.policy.costs import FloatArray

LARGEST_VARIATION = 1.0
"""Nobody knows a rate of demand worse than by all of its mean."""


def demand_at_todays_price(forecast: Forecast, periods: int) -> tuple[FloatArray, float, float]:
    """Return expected demand of each period, the variation all periods share, and the noise of each.

    The variance of the sum above that of the periods is what they have in common: a rate that is in doubt. What is left
    of a period's variance above a count's, mean + noise x mean^2, is noise of its own.

    Parameters
    ----------
    forecast
        Demand, at least so many periods.
    periods
        Periods to clear stock in.

    Returns
    -------
    tuple
        Units, shape (periods,); standard deviation over mean of the rate; and the noise.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> rate = rng.gamma(25, 1 / 25, (20_000, 1))
    >>> paths = rng.poisson(10 * rate * np.ones((1, 8))).astype(np.float32)
    >>> mean, variation, noise = demand_at_todays_price(Forecast(paths, "example", "counts"), 8)
    >>> f"{mean[0]:.1f} {variation:.2f} {noise:.2f}"
    '10.0 0.20 0.00'
    """
    require(forecast.periods >= periods, "periods of the forecast", forecast.periods, f"{periods} or more")
    paths = forecast.paths[:, :periods].astype(np.float64)
    mean, variance = paths.mean(axis=0), paths.var(axis=0)
    squares = float((mean**2).sum())
    if squares <= 0:
        return mean, 0.0, 0.0
    between = float(mean.sum()) ** 2 - squares
    shared = (float(paths.sum(axis=1).var()) - float(variance.sum())) / between if between > 0 else 0.0
    shared = min(max(shared, 0.0), LARGEST_VARIATION**2)
    own = float((variance - mean - shared * mean**2).sum()) / squares
    return mean, float(np.sqrt(shared)), max(own, 0.0)
