"""Demand as a mark-down needs it: its mean, its noise, and what all periods have in common."""

from __future__ import annotations

import numpy as np

from invopt_xl.domain import Forecast
from invopt_xl.errors import require
from invopt_xl.plan.markdown.span import Span
from invopt_xl.policy.costs import FloatArray

LARGEST_VARIATION = 1.0
"""Nobody knows a rate of demand worse than by all of its mean."""


def known_demand(forecast: Forecast, span: Span, *, whole: bool = True) -> tuple[FloatArray, float, float]:
    """Return expected demand of each period, the variation all periods share, and the noise of each.

    The variance of the sum above that of the periods is what they have in common: a rate that is in doubt. What is left
    of a period's variance above a count's, mean + noise x mean^2, is noise of its own. Goods that are not counted in
    whole units have no count's variance, which would depend on the unit they are measured in.

    Parameters
    ----------
    forecast
        Demand, at least of the periods of the span.
    span
        The time to clear stock in; of its last period only the share that lies in it counts.
    whole
        Whether the goods are counted in whole units.

    Returns
    -------
    tuple
        Units, shape (periods,); standard deviation over mean of the rate; and the noise.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> rate = rng.gamma(25, 1 / 25, (20_000, 1))
    >>> paths = rng.poisson(10 * rate * np.ones((1, 8))).astype(np.float32)
    >>> eight_weeks = Span(56.0, np.ones(8), 1.0)
    >>> mean, variation, noise = known_demand(Forecast(paths, "example", "counts"), eight_weeks)
    >>> f"{mean[0]:.1f} {variation:.2f} {noise:.2f}"
    '10.0 0.20 0.00'
    """
    periods = span.periods
    require(forecast.periods >= periods, "periods of the forecast", forecast.periods, f"{periods} or more")
    paths = forecast.paths[:, :periods].astype(np.float64)
    mean, variance = paths.mean(axis=0), paths.var(axis=0)
    sold = mean * np.append(np.ones(periods - 1), span.last_share)
    squares = float((mean**2).sum())
    if squares <= 0:
        return sold, 0.0, 0.0
    between = float(mean.sum()) ** 2 - squares
    shared = (float(paths.sum(axis=1).var()) - float(variance.sum())) / between if between > 0 else 0.0
    shared = min(max(shared, 0.0), LARGEST_VARIATION**2)
    counted = mean if whole else 0.0
    own = float((variance - counted - shared * mean**2).sum()) / squares
    return sold, float(np.sqrt(shared)), max(own, 0.0)
