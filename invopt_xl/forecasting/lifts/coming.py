"""What prices and promotions will come where nobody has said: as they came before.

Taking none for granted would leave out every promotion that is not planned yet: on weekly sales of stores that put
forecasts 30% to 45% too low. So periods of the past lend theirs. Where nothing is known of a coming period, a run of
the latest periods is repeated from a random place; where something is, only periods that were like it lend the rest.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.cleaning.history import BoolArray

Indices = npt.NDArray[np.int64]

LIKENESS = 0.25
"""Periods are alike within so many standard deviations of the nearest one."""

LATEST = 26
"""Runs are repeated from so many last periods: how much is promoted changes. Measured against 52 and 104."""


def lenders(coming: FloatArray, recent: FloatArray) -> BoolArray:
    """Return which recent periods may lend to each coming one, shape (horizon, periods).

    Parameters
    ----------
    coming
        Regressors of the coming periods, NaN where nobody knows, shape (horizon, columns).
    recent
        Regressors of recent periods, complete, shape (periods, columns).

    Examples
    --------
    >>> lenders(np.array([[1, np.nan], [np.nan, np.nan]]), np.array([[0, 5.0], [1, 4.0], [1, 3.0]])).tolist()
    [[False, True, True], [True, True, True]]
    """
    spread = np.maximum(recent.std(axis=0), 1e-9)
    distances = np.nan_to_num(np.abs(coming[:, None, :] - recent[None, :, :]) / spread).sum(axis=2)
    suited = distances <= distances.min(axis=1, keepdims=True) + LIKENESS
    suited[np.isnan(coming).all(axis=1), :-LATEST] = False
    return np.asarray(suited)


def lent_periods(rng: np.random.Generator, coming: FloatArray, recent: FloatArray, paths: int) -> Indices:
    """Return which recent period lends what is missing to each coming one, shape (paths, horizon)."""
    missing = np.isnan(coming)
    horizon, periods = coming.shape[0], recent.shape[0]
    latest = min(periods, LATEST)
    lent = periods - latest + (rng.integers(latest, size=(paths, 1)) + np.arange(horizon)) % latest
    suited = lenders(coming, recent)
    for period in np.flatnonzero(missing.any(axis=1) & ~missing.all(axis=1)):
        lent[:, period] = rng.choice(np.flatnonzero(suited[period]), size=paths)
    return np.asarray(lent, dtype=np.int64)
