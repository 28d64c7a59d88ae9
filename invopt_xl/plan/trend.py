"""Demand of late beside each item: what its sparkline is drawn from, and how it changed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.columns import CHANGE_PERIODS, TREND, TREND_PERIODS
from invopt_xl.plan.histories import Histories

LEAST_KNOWN = 7
"""Known periods of `CHANGE_PERIODS` from which on their mean is worth comparing."""


def with_trend(items: pd.DataFrame, past: Histories) -> pd.DataFrame:
    """Return the items with their demand of late and its change.

    Adds ``demand_26_ago`` to ``demand_1_ago`` (units a period; missing where demand is not known) and
    ``demand_change`` (a share, see `change_of_demand`). A period that has begun is no part of history.

    Parameters
    ----------
    items
        A row each, in the order of the histories.
    past
        Their histories. What sold while an item was out of stock is not its demand, and counts as not known.
    """
    demand = recent_demand(past)
    columns = dict(zip(TREND, demand.round(3).T, strict=True))
    return items.assign(demand_change=change_of_demand(demand).round(4), **columns)


def recent_demand(past: Histories) -> npt.NDArray[np.float64]:
    """Return demand of the last `TREND_PERIODS` periods, the oldest first, units; NaN where it is not known."""
    known = np.where(past.in_stock, past.quantity, np.nan)[:, -TREND_PERIODS:]
    lacking = TREND_PERIODS - known.shape[1]
    return np.pad(known, ((0, 0), (lacking, 0)), constant_values=np.nan)


def change_of_demand(demand: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return mean demand of the last 13 periods over that of the 13 before, less one.

    NaN where either mean would stand on fewer than `LEAST_KNOWN` periods, or nothing was asked for before.

    Parameters
    ----------
    demand
        Units a period, the newest last, shape (items, at least 26 periods); NaN where not known.

    Examples
    --------
    >>> steady, new = np.repeat([10.0, 8.0], 13), np.repeat([np.nan, 8.0], 13)
    >>> change_of_demand(np.array([steady, new])).round(3).tolist()
    [-0.2, nan]
    """
    before = demand[:, -2 * CHANGE_PERIODS : -CHANGE_PERIODS]
    (now, enough_now), (then, enough_then) = (_mean(part) for part in (demand[:, -CHANGE_PERIODS:], before))
    comparable = enough_now & enough_then & (then > 0)
    return np.asarray(np.divide(now, then, out=np.full(len(demand), np.nan), where=comparable) - 1.0)


def _mean(demand: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return mean known demand, and whether enough is known."""
    known = (~np.isnan(demand)).sum(axis=1)
    return np.nansum(demand, axis=1) / np.maximum(known, 1), known >= LEAST_KNOWN
