"""Buffers beside those of the last refresh, which its own table ``tblBuffers`` tells.

The table is the program's, but anybody may have edited it: rows that cannot be read are as good as none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import Forecast
from invopt_xl.plan.buffers.causes import LEAST, reasons
from invopt_xl.plan.buffers.made_of import buffers_of, with_uncertainty
from invopt_xl.plan.columns import BUFFERS, DEFAULT_LOCATION, LOG, Column, Tables
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality.coercion import read

LARGE = 0.25
"""A reorder point that changes by more than this share of itself is worth a planner's look, if it is worth money."""

WORTH_A_LOOK = 0.002
"""The money of such a change, as a share of that of all reorder points, from which on it is."""

MOST_LOOKS = 10
"""So many changes are called out at most, those worth most: the table holds the others."""

_TEXTS = {column.name for column in BUFFERS.columns if column.kind == "text"}
_UPPERMOST = {"lead_time_days": 3650.0, "lead_time_sd_days": 3650.0, "review_days": 366.0}
_LARGEST = 1e12
"""Numbers above these cannot have been written by a refresh."""


def with_changes(
    items: pd.DataFrame,
    forecasts: Sequence[Forecast],
    whole_units: npt.NDArray[np.bool_],
    raw: Tables,
    parameters: Parameters,
) -> pd.DataFrame:
    """Return the items with what their buffers are made of and how they changed since the last refresh.

    Parameters
    ----------
    items
        Items with stock levels (`replenishment.set_stock_levels`).
    forecasts
        One for each item.
    whole_units
        True where an item's history holds whole numbers only.
    raw
        Tables as read, with ``buffers`` and ``log`` of the last refresh.
    parameters
        Of this refresh.

    Returns
    -------
    DataFrame
        The items with ``demand_deviation``, ``whole_units``, ``buffer_change`` (units; missing where there is nothing
        to compare with) and ``buffer_why``.
    """
    items = with_uncertainty(items, forecasts, whole_units, parameters)
    now = buffers_of(items, parameters)
    last = _last_buffers(raw, now)
    known = last["known"].to_numpy(dtype=bool)
    change = (now["reorder_point"] - last["reorder_point"]).round(3).to_numpy(dtype=np.float64)
    why = np.full(len(now), "", dtype=object)
    if known.any():
        why[known] = reasons(last[known], now[known], items[known], parameters)
    if _is_same_day(raw, parameters):
        # Whoever overrides a quantity and refreshes again still wants to know what changed since before.
        kept = known & (np.abs(change) < LEAST) & last["change"].notna().to_numpy()
        change, why = np.where(kept, last["change"], change), np.where(kept, last["why"].fillna(""), why)
    return items.assign(buffer_change=change, buffer_why=why)


def buffer_table(items: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Return ``tblBuffers``: a row per item-location in the order of the items, as `with_changes` returns them."""
    made_of = buffers_of(items, parameters)
    return made_of.assign(change=items["buffer_change"], why=items["buffer_why"])[BUFFERS.column_names]


def large_changes(items: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which changes of buffers a planner should look at: large ones worth most money, a few at most.

    Parameters
    ----------
    items
        As `with_changes` returns them.

    Examples
    --------
    >>> items = pd.DataFrame({"reorder_point": [150.0, 110.0, 9.0], "buffer_change": [50.0, 10.0, np.nan]})
    >>> large_changes(items.assign(unit_cost=2.0)).tolist()
    [True, False, False]
    """
    change = np.abs(items["buffer_change"].to_numpy(dtype=np.float64))
    before = (items["reorder_point"] - items["buffer_change"]).to_numpy(dtype=np.float64)
    money = np.nan_to_num(change * items["unit_cost"].to_numpy(dtype=np.float64))
    worth = WORTH_A_LOOK * float((items["reorder_point"] * items["unit_cost"]).sum())
    large = (change > np.maximum(LARGE * before, LEAST)) & (money > 0) & (money >= worth)
    large &= items["reorder_point"].to_numpy() > 0  # what is stocked no more has an exception of its own
    first = np.argsort(-np.where(large, money, -1.0), kind="stable")[:MOST_LOOKS]
    return np.asarray(large & np.isin(np.arange(len(items)), first))


def _last_buffers(raw: Tables, now: pd.DataFrame) -> pd.DataFrame:
    """Return the buffers of the last refresh in the order of those of now; ``known`` is false where there are none."""
    last = raw.get(BUFFERS.stem, pd.DataFrame())
    columns = [column for column in BUFFERS.columns if list(last.columns).count(column.name) == 1]
    found = pd.DataFrame({column.name: read(last[column.name], column).values for column in columns})
    found = found.reindex(columns=BUFFERS.column_names)
    found = found.astype({name: object if name in _TEXTS else np.float64 for name in found.columns})
    found["location"] = found["location"].fillna(DEFAULT_LOCATION)
    # Numbers a period say nothing beside those of periods of another length.
    sound = found["item"].notna() & (found["period"] == now["period"].iat[0]) & _sound(found)
    rows = found[sound].assign(known=True).drop_duplicates(KEY, keep=False)
    merged = now[KEY].merge(rows, on=KEY, how="left")
    return merged.assign(known=merged["known"].notna()).set_axis(now.index)


def _sound(found: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows hold numbers that a refresh can have written."""
    sound = pd.Series(True, index=found.index)
    for column in BUFFERS.columns:
        if column.kind == "number" and column.name != "change":
            sound &= _is_possible(found[column.name], column)
    return sound


def _is_possible(values: pd.Series[float], column: Column) -> pd.Series[bool]:
    if column.name == "service_target":
        return values.isna() | ((values > 0) & (values < 1))
    if column.name == "safety_stock":  # below zero where shelf life forbids more
        return values.abs() <= _LARGEST
    least = 1e-6 if column.name == "review_days" else 0.0
    return (values >= least) & (values <= _UPPERMOST.get(column.name, _LARGEST))


def _is_same_day(raw: Tables, parameters: Parameters) -> bool:
    """Tell whether the last refresh was of the same plan date."""
    log = raw.get(LOG.stem, pd.DataFrame())
    if list(log.columns).count("plan_date") != 1:
        return False
    dates = read(log["plan_date"], LOG.column("plan_date")).values.dropna()
    return bool(len(dates)) and dates.iloc[-1] == parameters.plan_date.isoformat()
