"""Periods in which no item at all has a row of demand, though many should: a file that was forgotten."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import Calendar
from invopt_xl.forecasting.panel.histories import Histories

_CHANCE = 1e-3
"""A period without a row is odd where it would be so by chance less often than this."""


def absent_periods(past: Histories) -> npt.NDArray[np.bool_]:
    """Return in which periods no item has a row though that is hardly chance, shape (periods,).

    Each item has a row in a period with the share of the other periods in which it has one, by itself: where few items
    sell now and then, a period without any row is nothing odd.

    Parameters
    ----------
    past
        Histories of the items.
    """
    started = np.arange(past.periods) >= past.first[:, None]
    there = (past.rows > 0) & started
    blank = started.any(axis=0) & ~there.any(axis=0)
    others = np.maximum(started.sum(axis=1) - 1, 1)
    share = np.minimum(there.sum(axis=1) / others, 1.0)
    missed = np.log1p(-np.minimum(share, 1.0 - 1e-6))
    chance = (started * missed[:, None]).sum(axis=0)
    return np.asarray(blank & (chance < np.log(_CHANCE)))


def absent_days(past: Histories, calendar: Calendar) -> list[pd.Timestamp]:
    """Return the first days of the periods that `absent_periods` finds.

    Parameters
    ----------
    past
        Histories of the items.
    calendar
        Of the histories.
    """
    absent = np.flatnonzero(absent_periods(past)) - past.periods
    return [*pd.DatetimeIndex(calendar.start(absent))]
