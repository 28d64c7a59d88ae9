"""What a spreadsheet does: moving average, sample standard deviation, z sigma root lead time.

It is the yardstick of a replay. It believes that demand is normal and independent from period to period, that lead
times are their mean, and that every item deserves the same safety factor.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from invopt_xl.errors import require
from invopt_xl.policy.costs import FloatArray

USUAL_WINDOW = 26
"""Periods of the moving average that spreadsheets use most: half a year of weeks."""


def textbook_reorder_points(
    demand: FloatArray,
    origins: npt.NDArray[np.int64],
    protection_periods: FloatArray,
    service: float,
    window: int = USUAL_WINDOW,
) -> FloatArray:
    """Return mean x P + z x s x sqrt(P) of each item at each origin, units, shape (items, origins).

    Mean and sample standard deviation s are those of the last `window` known periods before the origin, z is the
    normal quantile of the service level, P the protection interval (review period and mean lead time; Silver, Pyke &
    Thomas 2017, "Inventory and Production Management in Supply Chains").

    Parameters
    ----------
    demand
        Demand per period, item units, NaN where unknown, shape (items, periods).
    origins
        Numbers of the periods that begin when the levels are set; demand before them is known. Shape (origins,).
    protection_periods
        Expected review period plus lead time, periods, shape (items,).
    service
        Cycle-service level that z is taken for, between 0 and 1.
    window
        Periods of the moving average, at least 2.

    Raises
    ------
    InputError
        If the service level or the window is out of bounds.

    Examples
    --------
    >>> demand = np.array([[9.0, 11.0, 9.0, 11.0]])
    >>> textbook_reorder_points(demand, np.array([4]), np.array([4.0]), 0.5, window=4).tolist()
    [[40.0]]
    """
    require(0 < service < 1, "service level", service, "between 0 and 1, such as 0.95")
    require(window >= 2, "window of the moving average", window, "at least 2 periods")
    known = np.isfinite(demand)
    values = np.where(known, demand, 0.0)
    first = np.maximum(origins - window, 0)
    count, total, squares = (_between(part, first, origins) for part in (known.astype(float), values, values**2))
    mean = total / np.maximum(count, 1.0)
    variance = np.maximum(squares - count * mean**2, 0.0) / np.maximum(count - 1.0, 1.0)
    z = float(special.ndtri(service))
    length = protection_periods[:, None]
    return np.asarray(np.maximum(mean * length + z * np.sqrt(variance * length), 0.0))


def _between(values: FloatArray, first: npt.NDArray[np.int64], end: npt.NDArray[np.int64]) -> FloatArray:
    """Return sums over periods from each first one up to before each end, shape (items, origins)."""
    sums = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    return np.asarray(sums[:, end] - sums[:, first])
