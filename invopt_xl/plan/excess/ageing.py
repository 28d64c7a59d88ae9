"""How old stock is in terms of sales: moving, slow, non-moving or dead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require
from invopt_xl.forecasting.panel.histories import Histories
from invopt_xl.policy.costs import FloatArray

MOVING, SLOW, NON_MOVING, DEAD, UNKNOWN = "moving", "slow", "non-moving", "dead", "unknown"
AGES = (MOVING, SLOW, NON_MOVING, DEAD, UNKNOWN)
"""From the liveliest on; unknown is what was never seen on sale."""


@dataclass(frozen=True)
class AgeingRules:
    """From when on stock counts as slow, non-moving and dead.

    Parameters
    ----------
    slow_days
        Days on sale without a sale from which on stock is slow.
    slow_cover_days
        Days of cover above which it is slow though it sells.
    non_moving_days
        Days on sale without a sale from which on it is non-moving.
    dead_days
        Days on sale without a sale from which on it is dead.

    Raises
    ------
    InputError
        If the days do not rise.
    """

    slow_days: float = 91.0
    slow_cover_days: float = 365.0
    non_moving_days: float = 182.0
    dead_days: float = 365.0

    def __post_init__(self) -> None:
        days = (self.slow_days, self.non_moving_days, self.dead_days)
        require(0 < days[0] <= days[1] <= days[2], "days of slow, non-moving and dead stock", days, "rising numbers")
        require(self.slow_cover_days > 0, "days of cover of slow stock", self.slow_cover_days, "above 0")


def days_since_sale(past: Histories, days_per_period: float) -> tuple[FloatArray, FloatArray]:
    """Return the days on sale since the last sale, and the days on sale that are known at all, shape (items,).

    Counted in whole periods that ended before the plan date; periods out of stock, or unknown, are left out: that
    nothing was sold of nothing says nothing.

    Returns
    -------
    FloatArray, FloatArray
        Days since the last sale, NaN where none is known; days that are known.
    """
    known = np.isfinite(past.quantity) & past.in_stock
    sold = known & (np.nan_to_num(past.quantity) > 0)
    # A period after the last sale has no sale in it nor in any after it.
    silent = known & ~np.logical_or.accumulate(sold[:, ::-1], axis=1)[:, ::-1]
    since = np.where(sold.any(axis=1), silent.sum(axis=1) * days_per_period, np.nan)
    return since, known.sum(axis=1) * days_per_period


def ages(
    since: FloatArray, known: FloatArray, cover_days: FloatArray, rules: AgeingRules | None = None
) -> npt.NDArray[np.object_]:
    """Return how old stock is: moving, slow, non-moving or dead; unknown where no day on sale is known.

    Where no sale is known at all, the days that are known count: an item is not dead before it was on sale for long.

    Parameters
    ----------
    since, known
        As `days_since_sale` returns them, days.
    cover_days
        Days that stock lasts at the expected demand; NaN where none is expected.
    rules
        Where the classes begin.

    Examples
    --------
    >>> day = np.array
    >>> ages(day([7.0, 7, 200, np.nan, np.nan]), day([700.0, 700, 700, 700, 0]), day([30.0, 900, 30, np.nan, np.nan]))
    array(['moving', 'slow', 'non-moving', 'dead', 'unknown'], dtype=object)
    """
    rules = rules or AgeingRules()
    silent = np.where(np.isnan(since), known, since)
    found = np.select(
        [known <= 0, silent >= rules.dead_days, silent >= rules.non_moving_days, silent >= rules.slow_days],
        [UNKNOWN, DEAD, NON_MOVING, SLOW],
        MOVING,
    )
    found = np.where((found == MOVING) & (cover_days > rules.slow_cover_days), SLOW, found)
    return np.asarray(found, dtype=object)
