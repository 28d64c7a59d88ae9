"""The columns that tell a table's rows apart: without them, what the planner wrote has no row to follow."""

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


def row_names(items: pd.DataFrame) -> list[str]:
    """Return what each row of items is called: the item, with its location where it stands at several.

    Examples
    --------
    >>> row_names(pd.DataFrame({"item": ["tea", "tea", "cup"], "location": ["Oslo", "Bergen", "Oslo"]}))
    ['tea at Oslo', 'tea at Bergen', 'cup']
    """
    several = items["item"].duplicated(keep=False)
    return (items["item"] + " at " + items["location"]).where(several, items["item"]).tolist()


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
