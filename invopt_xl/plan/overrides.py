"""What the planner wrote into the plan: it follows its item from refresh to refresh, whatever becomes of the item."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.plan.columns import DEFAULT_LOCATION, PLAN, CellFault, Tables
from invopt_xl.plan.keys import require_key
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality.coercion import read
from invopt_xl.plan.quality.findings import shown
from invopt_xl.plan.quality.overriding import NOT_FOLLOWED, days_ordered, override_days

KEY = ["item", "location"]
_OWN = [column.name for column in PLAN.columns if column.owner == "planner"]
_COMPUTED = {column.name for column in PLAN.columns if column.owner == "program"}
_UNPLANNED = "the item is not among the accepted rows of tblItems"


def planner_columns(raw: Tables) -> pd.DataFrame:
    """Return the planner's columns of the last plan, one row per item and location.

    Parameters
    ----------
    raw
        Tables as read; without ``plan`` the result has no rows.

    Returns
    -------
    DataFrame
        ``item``, ``location``, ``override_quantity``, ``override_date`` and ``note`` exactly as they were typed,
        ``override`` (units; missing where blank or no number of at least zero), ``kept`` (True where the planner
        wrote anything into the row, in a column of their own included).

    Raises
    ------
    InputError
        If the plan has no column ``item``, or no column ``location`` though an item stands at several, or two rows
        of one item and location hold an override or a note.

    Examples
    --------
    >>> plan = pd.DataFrame({"item": [22423, "tea"], "override_quantity": ["24", "many"], "note": [None, "ask Ann"]})
    >>> planner_columns({"plan": plan})[["item", "location", "override_quantity", "override", "kept"]].values.tolist()
    [['22423', 'MAIN', '24', 24.0, True], ['tea', 'MAIN', 'many', nan, True]]
    """
    last = raw.get("plan", pd.DataFrame())
    if len(last.columns):
        require_key(PLAN, last.columns)
    if last.empty:
        return pd.DataFrame(columns=[*KEY, *_OWN, "override", "kept"]).astype({"override": float, "kept": bool})
    blank = pd.Series(None, index=last.index, dtype=object)
    override = read(last.get("override_quantity", blank), PLAN.column("override_quantity")).values
    written = last.drop(columns=[name for name in last.columns if name in _COMPUTED])
    table = pd.DataFrame(
        {
            **_key_of(last, raw),
            **{name: last.get(name, blank).astype(object) for name in _OWN},
            "override": override.where(override >= 0),
            "kept": (_filled(written) & ~_unwritten(written)).any(axis=1),
        }
    )
    return _one_row_each(table[table["item"].notna()])


def with_added_columns(plan: pd.DataFrame, raw: Tables) -> pd.DataFrame:
    """Return the new plan with the columns that somebody added to the last one, each value beside its item.

    A workbook keeps such columns by itself; a file is written anew.

    Parameters
    ----------
    plan
        The new plan.
    raw
        Tables as read, with the last plan.

    Examples
    --------
    >>> last = pd.DataFrame({"item": ["b", "a"], "checked by": ["Ann", "Bo"]})
    >>> plan = pd.DataFrame({"item": ["a", "b"], "location": "MAIN"})
    >>> with_added_columns(plan, {"plan": last})["checked by"].tolist()
    ['Bo', 'Ann']
    """
    last = raw.get("plan", pd.DataFrame())
    added = [name for name in last.columns if name not in PLAN.column_names and not _is_no_column(last[name])]
    if not added or last.empty:
        return plan.reindex(columns=[*plan.columns, *added])
    own = [name for name in _OWN if name in last.columns]
    theirs = pd.DataFrame({**_key_of(last, raw), **{name: last[name].astype(object) for name in [*own, *added]}})
    theirs = _one_row_each(theirs[theirs["item"].notna()])[[*KEY, *added]]
    return plan.merge(theirs, on=KEY, how="left")


def _is_no_column(column: pd.Series[Any]) -> bool:
    """Tell whether a column has neither a header nor a value, as after a delimiter at the end of each line."""
    return re.fullmatch(r"column \d+", str(column.name)) is not None and not _filled(column.to_frame()).any(axis=None)


def _key_of(last: pd.DataFrame, raw: Tables) -> dict[str, pd.Series[str]]:
    """Return item and location of the rows of the last plan; without a location, the only one the item has."""
    item = read(last["item"], PLAN.column("item")).values
    if "location" in last.columns:
        location = read(last["location"], PLAN.column("location")).values
    else:
        location = _only_location(item, raw, strict=not set(last.columns) <= _COMPUTED)
    return {"item": item, "location": location.fillna(DEFAULT_LOCATION)}


def _only_location(item: pd.Series[str], raw: Tables, *, strict: bool) -> pd.Series[str]:
    """Return the only location of each item; with several and something written, nobody knows which was meant."""
    known = raw.get("items", pd.DataFrame())
    if not set(KEY) <= set(known.columns):
        known = pd.DataFrame(columns=KEY)
    places = pd.DataFrame({name: read(known[name], PLAN.column(name)).values for name in KEY})
    places = places[places["item"].notna()].fillna({"location": DEFAULT_LOCATION}).drop_duplicates(KEY)
    twice = [*places.loc[places["item"].duplicated(), "item"], *item[item.notna() & item.duplicated()]]
    if strict and twice:
        raise InputError(f"{PLAN.name} lacks the column location, and {twice[0]} has several rows; put it back")
    return item.map(places.drop_duplicates("item").set_index("item")["location"])


def _one_row_each(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each item and location: of several, the one with an override or a note."""
    own = [name for name in _OWN if name in table.columns]
    is_typed = _filled(table[own]).any(axis=1).to_numpy(dtype=bool)
    typed = table[is_typed]
    twice = typed[typed.duplicated(KEY)]
    if len(twice):
        item, location = twice.iloc[0][KEY]
        raise InputError(
            f"{PLAN.name} has two rows for {item} {location} with an override or note (the second is row "
            f"{twice.index[0]}); expected one"
        )
    # Rows typed into come first and so win; positions bring the order back.
    order = np.argsort(~is_typed, kind="stable")
    kept = order[~table.iloc[order].duplicated(KEY).to_numpy(dtype=bool)]
    chosen: pd.DataFrame = table.iloc[np.sort(kept)]
    return chosen.reset_index(drop=True)


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.notna() & ~frame.isin([""])


def _unwritten(written: pd.DataFrame) -> pd.DataFrame:
    """Return which cells of added columns hold a formula that has no value, which is nobody's word."""
    faults = written.map(lambda value: isinstance(value, CellFault))
    return faults.assign(**dict.fromkeys(set(_OWN) & set(written.columns), False))


def left_behind(written: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Return rows for items that are not planned but hold something the planner wrote, so that nothing is lost.

    Parameters
    ----------
    written
        As `followed` returns it.
    items
        Item and location of what is planned.
    """
    planned = pd.MultiIndex.from_frame(items[KEY])
    mine = written[written["kept"].to_numpy(dtype=bool)]
    gone = mine[~pd.MultiIndex.from_frame(mine[KEY]).isin(planned)]
    refused = np.isin(gone.index, not_followed(written, items).index)
    return gone.assign(
        exception=np.where(refused, NOT_FOLLOWED, "not planned"),
        why=f"Not planned: {_UNPLANNED}; the row is kept for what you wrote.",
    )[[*KEY, *_OWN, "exception", "why"]]


def not_followed(written: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Return the overrides that no order follows, with ``item``, ``location`` and ``fault``, why not.

    Parameters
    ----------
    written
        As `followed` returns it.
    items
        Item and location of what is planned.

    Examples
    --------
    >>> from datetime import date
    >>> plan = pd.DataFrame({"item": ["tea", "cup", "gone"], "override_quantity": ["many", 5, 5]})
    >>> written = followed(planner_columns({"plan": plan}), Parameters(date(2018, 1, 1)))
    >>> not_followed(written, pd.DataFrame({"item": ["tea", "cup"], "location": "MAIN"}))["fault"].tolist()
    ['override_quantity is many; expected units, zero or more', 'the item is not among the accepted rows of tblItems']
    """
    planned = pd.MultiIndex.from_frame(written[KEY]).isin(pd.MultiIndex.from_frame(items[KEY]))
    typed = _filled(written[["override_quantity"]])["override_quantity"].to_numpy(dtype=bool)
    unplanned = typed & ~planned & (written["override_ordered"] == "").to_numpy()
    fault = written["override_fault"].mask(unplanned & (written["override_fault"] == "").to_numpy(), _UNPLANNED)
    return written.assign(fault=fault).loc[fault != "", [*KEY, "fault"]]


def followed(written: pd.DataFrame, parameters: Parameters, raw: Tables | None = None) -> pd.DataFrame:
    """Return what the planner wrote with when each override is ordered; one that cannot be is not followed.

    Parameters
    ----------
    written
        As `planner_columns` returns it.
    parameters
        For the plan date and the horizon.
    raw
        Tables as read, for the log of overrides: it tells which were ordered on their day.

    Returns
    -------
    DataFrame
        The rows with ``override`` missing where none is followed, ``override_period`` (0 is now; missing without an
        override), ``override_on`` (its day; missing where it is now), ``override_day`` (the same in words),
        ``override_ordered`` (the day, now past, on which it was ordered as it stands, in words; "" where it was not)
        and ``override_fault``, why what was typed is not followed, with what was expected ("" otherwise).

    Examples
    --------
    >>> from datetime import date
    >>> plan = pd.DataFrame({"item": ["a", "b"], "override_quantity": [24, 5], "override_date": ["2018-01-16", "soon"]})
    >>> rows = followed(planner_columns({"plan": plan}), Parameters(date(2018, 1, 1)))
    >>> rows[["override", "override_period", "override_day", "override_fault"]].values.tolist()[0]
    [24.0, 2.0, '16 Jan 2018', '']
    >>> rows["override_fault"].iloc[1]
    'override_date is not a date; expected a date such as 2018-01-31'
    """
    typed = _filled(written[["override_quantity"]])["override_quantity"].to_numpy(dtype=bool)
    unread = typed & written["override"].isna().to_numpy()
    days = override_days(written["override_date"], parameters)
    ordered = days_ordered(written, raw or {}, parameters)
    ill_dated = typed & (days["fault"] != "").to_numpy()
    quantity = "override_quantity is " + written["override_quantity"].map(shown) + "; expected units, zero or more"
    fault = pd.Series("", index=written.index, dtype=object).mask(ill_dated, "override_date " + days["fault"])
    fault = fault.mask(ordered.notna(), "")
    override = written["override"].mask(ill_dated)
    is_followed = override.notna()
    return written.assign(
        override=override,
        override_period=days["period"].where(is_followed),
        override_on=days["day"].where(is_followed),
        override_day=_in_words(days["day"]).where(is_followed, ""),
        override_ordered=_in_words(ordered),
        override_fault=fault.mask(unread, quantity),
    )


def _in_words(days: pd.Series[Any]) -> pd.Series[str]:
    """Return days in words; "" where there is none."""
    words = [f"{day.day} {day:%b %Y}" if day == day else "" for day in days]
    return pd.Series(words, index=days.index, dtype=object)
