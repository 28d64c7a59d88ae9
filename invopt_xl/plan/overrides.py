"""What the planner wrote into the plan: it follows its item from refresh to refresh, whatever becomes of the item."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.plan.columns import DEFAULT_LOCATION, PLAN, Tables
from invopt_xl.plan.quality.coercion import read

KEY = ["item", "location"]
_OWN = [column.name for column in PLAN.columns if column.owner == "planner"]
_COMPUTED = {column.name for column in PLAN.columns if column.owner == "program"}


def planner_columns(raw: Tables) -> pd.DataFrame:
    """Return the planner's columns of the last plan, one row per item and location.

    Parameters
    ----------
    raw
        Tables as read; without ``plan`` the result has no rows.

    Returns
    -------
    DataFrame
        ``item``, ``location``, ``override_quantity`` and ``note`` exactly as they were typed,
        ``override`` (units; missing where blank or no number of at least zero), ``kept`` (True where the planner
        wrote anything into the row, in a column of their own included).

    Examples
    --------
    >>> plan = pd.DataFrame({"item": [22423, "tea"], "override_quantity": ["24", "many"], "note": [None, "ask Ann"]})
    >>> planner_columns({"plan": plan})[["item", "location", "override_quantity", "override", "kept"]].values.tolist()
    [['22423', 'MAIN', '24', 24.0, True], ['tea', 'MAIN', 'many', nan, True]]
    """
    last = raw.get("plan", pd.DataFrame())
    if "item" not in last.columns or last.empty:
        return pd.DataFrame(columns=[*KEY, *_OWN, "override", "kept"]).astype({"override": float, "kept": bool})
    blank = pd.Series(None, index=last.index, dtype=object)
    item = read(last["item"], PLAN.column("item")).values
    location = read(last.get("location", blank), PLAN.column("location")).values
    override = read(last.get("override_quantity", blank), PLAN.column("override_quantity")).values
    written = last.drop(columns=[name for name in last.columns if name in _COMPUTED])
    table = pd.DataFrame(
        {
            "item": item,
            "location": location.fillna(DEFAULT_LOCATION),
            **{name: last.get(name, blank).astype(object) for name in _OWN},
            "override": override.where(override >= 0),
            "kept": _filled(written).any(axis=1),
        }
    )
    return table[table["item"].notna()].drop_duplicates(KEY).reset_index(drop=True)


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.notna() & ~frame.isin([""])


def left_behind(written: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Return rows for items that are not planned but hold something the planner wrote, so that nothing is lost."""
    planned = pd.MultiIndex.from_frame(items[KEY])
    mine = written[written["kept"].to_numpy(dtype=bool)]
    gone = mine[~pd.MultiIndex.from_frame(mine[KEY]).isin(planned)]
    return gone.assign(
        exception="not planned",
        why="Not planned: the item is not among the accepted rows of tblItems; the row is kept for what you wrote.",
    )[[*KEY, *_OWN, "exception", "why"]]


def unread(written: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose override is no quantity; they are shown, kept, and not followed."""
    given = _filled(written[["override_quantity"]])["override_quantity"]
    unread_rows = given.to_numpy(dtype=bool) & np.isnan(written["override"].to_numpy(dtype=float))
    rows: pd.DataFrame = written.loc[unread_rows]
    return rows
