"""Frames of demand as a notebook holds them, as typed rows; the first value that cannot be used is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.errors import InputError

DEFAULT_LOCATION = "MAIN"
"""Where an item is stocked unless something else is said."""

LARGEST = 1e15
"""A larger quantity or price is a mistake, and its sums would not be exact."""

_REQUIRED = ("item", "date", "quantity")
_FLAGS: dict[str, bool] = {"promotion": False, "in_stock": True}

Mask = npt.NDArray[np.bool_]


def checked_demand(demand: pd.DataFrame) -> pd.DataFrame:
    """Return demand rows as typed columns, in the order of the data contract.

    Parameters
    ----------
    demand
        Columns ``item``, ``date`` and ``quantity`` (item units; blank where unknown or still to come), and where
        known ``location``, ``unit_price`` (money), ``promotion`` and ``in_stock``; other columns are left out.

    Returns
    -------
    pandas.DataFrame
        Columns ``item``, ``location``, ``date``, ``quantity``, ``unit_price``, ``promotion`` and ``in_stock``; the
        codes as they were given, ``MAIN`` where there is no location.

    Raises
    ------
    InputError
        If a required column is missing, or a value cannot be used; the row is named by the frame's index.

    Examples
    --------
    >>> rows = pd.DataFrame({"item": ["tea", "tea"], "date": ["2024-01-01", "2024-02-01"], "quantity": [3, "x"]})
    >>> checked_demand(rows)
    Traceback (most recent call last):
    ...
    invopt_xl.errors.InputError: quantity of demand row 1 is 'x'; expected a number, zero or more
    """
    missing = [name for name in _REQUIRED if name not in demand.columns]
    if missing:
        found = ", ".join(map(str, list(demand.columns)[:8])) or "none"
        columns = "column" if len(missing) == 1 else "columns"
        raise InputError(f"demand lacks the {columns} {', '.join(missing)}; found {found}")
    twice = demand.columns[demand.columns.duplicated()]
    if len(twice):
        raise InputError(f"demand has two columns named {twice[0]}; expected one")
    item = demand["item"]
    _refuse(demand, item.isna().to_numpy(), "item", "a code")
    location = demand["location"] if "location" in demand else pd.Series(None, index=demand.index, dtype=object)
    typed = {
        "item": item,
        "location": location.astype(object).where(location.notna(), DEFAULT_LOCATION),
        "date": _dates(demand),
        "quantity": _numbers(demand, "quantity"),
        "unit_price": _numbers(demand, "unit_price"),
        **{name: _flags(demand, name, default) for name, default in _FLAGS.items()},
    }
    return pd.DataFrame(typed, index=demand.index)


def _dates(demand: pd.DataFrame) -> pd.Series[Any]:
    found = demand["date"]
    if isinstance(found.dtype, pd.PeriodDtype):
        started: pd.Series[Any] = found.dt.to_timestamp().astype("datetime64[ns]")
        return started
    if pd.api.types.is_numeric_dtype(found.dtype):
        _refuse(demand, np.ones(len(found), dtype=bool), "date", "a date such as 2024-01-31, not a number")
    try:
        dates = pd.to_datetime(found, errors="coerce", format=None if _is_date(found) else "ISO8601")
    except (ValueError, TypeError):  # dates of several time zones
        dates = pd.Series(pd.NaT, index=found.index)
    _refuse(demand, dates.isna().to_numpy(), "date", "a date such as 2024-01-31")
    if dates.dt.tz is not None:
        dates = dates.dt.tz_localize(None)
    return dates.astype("datetime64[ns]")


def _is_date(column: pd.Series[Any]) -> bool:
    return pd.api.types.is_datetime64_any_dtype(column.dtype)


def _numbers(demand: pd.DataFrame, name: str) -> pd.Series[Any]:
    if name not in demand:
        return pd.Series(np.nan, index=demand.index)
    found = demand[name]
    numbers = pd.to_numeric(found, errors="coerce").astype(float)
    bad = (numbers.isna() & found.notna()) | (numbers < 0) | (numbers > LARGEST)
    _refuse(demand, bad.to_numpy(), name, "a number, zero or more")
    return numbers


def _flags(demand: pd.DataFrame, name: str, default: bool) -> pd.Series[Any]:
    if name not in demand:
        return pd.Series(default, index=demand.index)
    found = demand[name]
    numbers = pd.to_numeric(found, errors="coerce").astype(float)
    bad = found.notna() & ~numbers.isin([0.0, 1.0])
    _refuse(demand, bad.to_numpy(), name, "1 or 0")
    return numbers.fillna(float(default)).astype(bool)


def _refuse(demand: pd.DataFrame, rows: Mask, name: str, expected: str) -> None:
    if rows.any():
        place = int(rows.argmax())
        value = demand[name].iloc[place]
        text = repr(value) if isinstance(value, str) else " ".join(str(value).split())
        shown = "missing" if pd.isna(value) is True else text[:60]
        raise InputError(f"{name} of demand row {demand.index[place]} is {shown}; expected {expected}")
