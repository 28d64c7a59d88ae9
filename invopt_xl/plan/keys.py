"""What tells rows apart: the columns of a table's key, and what an item is called that stands at several locations."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.plan.columns import Table

_SHOWN = 3
"""Headers shown in a message."""


def require_key(table: Table, headers: Iterable[object], place: str | None = None) -> None:
    """Refuse headers without a column of the table's key, and say what may have become of it.

    A column with a default (``location``) may be missing here; whether the rest tells all rows apart, only the rows
    can say.

    Parameters
    ----------
    table
        What is expected.
    headers
        As found, in the contract's spelling where it knows them.
    place
        What the table is called where it stands; its own name unless given.

    Raises
    ------
    InputError
        If a column of the key without a default is missing.

    Examples
    --------
    >>> from invopt_xl.plan.columns import PLAN
    >>> require_key(PLAN, ["item", "note"])
    >>> require_key(PLAN, ["SKU", "location", "note"])
    Traceback (most recent call last):
    ...
    invopt_xl.errors.InputError: tblPlan lacks the column item; found 'SKU' - rename it back
    """
    found = [str(header) for header in headers]
    for name in table.key:
        if name not in found and table.column(name).default is None:
            raise InputError(f"{place or table.name} lacks the column {name}; {_remedy(table, found, name)}")


def item_names(rows: pd.DataFrame, among: pd.DataFrame | None = None) -> list[str]:
    """Return what items are called in messages and pictures: with their location where they stand at several.

    Parameters
    ----------
    rows
        With item and location.
    among
        All rows that a name has to tell apart, as the planned items; the rows themselves unless given.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["tea", "cup", "tea"], "location": ["MAIN", "WEST", "WEST"]})
    >>> item_names(items), item_names(items.tail(1)), item_names(items.tail(1), items)
    (['tea at MAIN', 'cup', 'tea at WEST'], ['tea'], ['tea at WEST'])
    """
    known = (rows if among is None else among)[["item", "location"]].astype(str).drop_duplicates()
    several = set(known.loc[known["item"].duplicated(), "item"])
    pairs = zip(rows["item"].astype(str), rows["location"].astype(str), strict=True)
    return [f"{item} at {location}" if item in several else item for item, location in pairs]


def _remedy(table: Table, headers: list[str], name: str) -> str:
    """Return what to do about a missing column: the unknown header at its place was most likely it."""
    unknown = [header for header in headers if header not in table.column_names]
    place = table.column_names.index(name)
    if place < len(headers) and headers[place] in unknown:
        unknown = [headers[place]]
    if not unknown:
        return "put it back"
    shown = ", ".join(repr(header[:40]) for header in unknown[:_SHOWN])
    more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
    return f"found {shown}{more} - rename {'it' if len(unknown) == 1 else 'the right one'} back"
