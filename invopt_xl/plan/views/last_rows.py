"""Rows of a table that the last refresh wrote, and what the planner wrote beside them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.plan.columns import DEFAULT_LOCATION, Table, Tables
from invopt_xl.plan.keys import require_key
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.quality.coercion import read

LEFT = "Not in this table any more; kept for what you wrote."
"""Why a row is there of which a table says nothing else."""


def last_rows(table: Table, raw: Tables, items: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the last refresh as they were read, with item and location as text; blank ones left out.

    Parameters
    ----------
    table
        One of the tables that are kept by item and location.
    raw
        Tables as read.
    items
        What is planned now: a table without a location is about the only one that an item has.

    Raises
    ------
    InputError
        If the table has no column ``item``.

    Examples
    --------
    >>> from invopt_xl.plan.columns import EXCESS
    >>> last = pd.DataFrame({"item": [22423.0, None], "note": ["ask Ann", None]})
    >>> items = pd.DataFrame({"item": ["22423"], "location": ["WEST"]})
    >>> last_rows(EXCESS, {"excess": last}, items).values.tolist()
    [['22423', 'WEST', 'ask Ann']]
    """
    last = raw.get(table.stem, pd.DataFrame())
    if last.columns.empty:
        return pd.DataFrame(columns=KEY, dtype=object)
    require_key(table, last.columns)
    item = read(last["item"], table.column("item")).values
    if "location" in last:
        location = read(last["location"], table.column("location")).values
    else:
        location = item.map(items.drop_duplicates("item", keep=False).set_index("item")["location"])
    others = last.drop(columns=KEY, errors="ignore")
    found = pd.concat([pd.DataFrame({"item": item, "location": location.fillna(DEFAULT_LOCATION)}), others], axis=1)
    return found[found["item"].notna()]


def written_rows(table: Table, last: pd.DataFrame) -> pd.DataFrame:
    """Return what the planner wrote beside rows of the last refresh, exactly as typed; blank rows are left out.

    Parameters
    ----------
    table
        With columns of the planner.
    last
        As `last_rows` returns it.

    Raises
    ------
    InputError
        If something is written in two rows of one item and location.
    """
    own = [column.name for column in table.columns if column.owner == "planner"]
    found = last.reindex(columns=[*KEY, *own]).astype(object)
    filled = (found[own].notna() & ~found[own].isin([""])).any(axis=1)
    found = found[filled.to_numpy(dtype=bool)]
    twice = found[found.duplicated(KEY)]
    if len(twice):
        item, location = twice.iloc[0][KEY]
        raise InputError(
            f"{table.name} has two rows for {item} {location} with a decision or note (the second is row "
            f"{twice.index[0]}); expected one"
        )
    return found.reset_index(drop=True)


def with_written(table: Table, rows: pd.DataFrame, written: pd.DataFrame) -> pd.DataFrame:
    """Return new rows with what the planner wrote beside each of the last.

    Examples
    --------
    >>> from invopt_xl.plan.columns import EXCESS
    >>> rows = pd.DataFrame({"item": ["tea", "cup"], "location": "MAIN"})
    >>> last = pd.DataFrame({"item": ["cup"], "location": ["MAIN"], "note": ["sell"]})
    >>> with_written(EXCESS, rows, written_rows(EXCESS, last))["note"].tolist()
    [nan, 'sell']
    """
    own = [name for name in written.columns if name not in KEY]
    return rows.drop(columns=own, errors="ignore").merge(written, on=KEY, how="left")


def with_kept(rows: pd.DataFrame, written: pd.DataFrame) -> pd.DataFrame:
    """Return new rows in which what the planner wrote goes before what they say, and below them those left of it.

    Examples
    --------
    >>> from invopt_xl.plan.columns import EXCESS
    >>> rows = pd.DataFrame({"item": ["tea", "cup"], "location": "MAIN", "decision": ["keep", "keep"]})
    >>> last = pd.DataFrame({"item": ["cup", "pot"], "location": "MAIN", "decision": ["scrap", "return"]})
    >>> with_kept(rows, written_rows(EXCESS, last)[["item", "location", "decision"]]).values.tolist()
    [['tea', 'MAIN', 'keep'], ['cup', 'MAIN', 'scrap'], ['pot', 'MAIN', 'return']]
    """
    own = [name for name in written.columns if name not in KEY and (name in rows or written[name].notna().any())]
    if written.empty:
        return rows
    beside = rows[KEY].merge(written, on=KEY, how="left")
    given = {name: rows[name].tolist() if name in rows else [None] * len(rows) for name in own}
    kept = [[old if pd.notna(old) else new for old, new in zip(beside[name], given[name], strict=True)] for name in own]
    made = rows.reset_index(drop=True).astype(object).assign(**dict(zip(own, kept, strict=True)))
    left = written[unmatched(written, rows)].reindex(columns=made.columns)
    if "why" in left:
        left["why"] = LEFT
    return pd.DataFrame([*made.to_dict("records"), *left.to_dict("records")], columns=made.columns)


def with_added(table: Table, rows: pd.DataFrame, last: pd.DataFrame) -> pd.DataFrame:
    """Return new rows with the columns that somebody added to the last ones, each value beside its item.

    Parameters
    ----------
    table
        The contract; what it does not know was added.
    rows
        The new rows.
    last
        As `last_rows` returns it; of two rows of one item and location the first counts.
    """
    added = [name for name in last.columns if name not in table.column_names and not _is_no_column(last[name])]
    return rows.merge(last[[*KEY, *added]].drop_duplicates(KEY), on=KEY, how="left") if added else rows


def _is_no_column(column: pd.Series[Any]) -> bool:
    """Tell whether a column has neither a header nor a value, as after a delimiter at the end of each line."""
    return re.fullmatch(r"column \d+", str(column.name)) is not None and not column.notna().any()


def unmatched(rows: pd.DataFrame, others: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows have no other of their item and location."""
    return ~pd.MultiIndex.from_frame(rows[KEY]).isin(pd.MultiIndex.from_frame(others[KEY]))
