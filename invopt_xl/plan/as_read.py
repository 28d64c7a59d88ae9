"""What a spreadsheet counts in a column, so that its formulas can tell what changed since a refresh."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import pandas as pd

from invopt_xl.plan.columns import ITEMS, PLAN, Tables
from invopt_xl.plan.quality.headers import plain_name

_FIRST_DAY = datetime(1899, 12, 30)
"""Day 0 of the dates of spreadsheets."""


def filled(cells: Iterable[object]) -> int:
    """Return how many cells hold anything; an empty text is nothing.

    Examples
    --------
    >>> filled([12.0, "many", "", None, datetime(2018, 1, 1)])
    3
    """
    return sum(not (cell is None or cell != cell or cell == "") for cell in cells)


def total(cells: Iterable[object]) -> float:
    """Return the sum of the numbers, as ``SUM`` makes it: text is passed over, a date is its serial number.

    Examples
    --------
    >>> total([12.0, "5", True, None, 3])
    15.0
    """
    return round(float(sum(number for number in map(_number, cells) if number is not None)), 6)


def _number(cell: object) -> float | None:
    if isinstance(cell, datetime):
        return None if pd.isna(cell) else (cell.replace(tzinfo=None) - _FIRST_DAY).total_seconds() / 86400.0
    if isinstance(cell, bool) or not pd.api.types.is_number(cell):
        return None
    number = float(cell)  # type: ignore[arg-type]
    return number if number == number else None


def as_read(raw: Tables) -> dict[str, float]:
    """Return what the log tells of the planner's tables: ``item_rows``, ``stock``, ``overrides``, ``override_units``.

    Parameters
    ----------
    raw
        Tables as read; the last plan among them, whose overrides a refresh leaves as they were typed.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["tea", "cup"], "on_hand": [12, "?"]})
    >>> plan = pd.DataFrame({"override_quantity": [24, "many"]})
    >>> as_read({"items": items, "plan": plan})
    {'item_rows': 2, 'stock': 12.0, 'overrides': 2, 'override_units': 24.0}
    """
    wanted = ((ITEMS, "item"), (ITEMS, "on_hand"), (PLAN, "override_quantity"))
    items, stock, typed = (_cells(raw.get(table.stem, pd.DataFrame()), name) for table, name in wanted)
    return {
        "item_rows": filled(items),
        "stock": total(stock),
        "overrides": filled(typed),
        "override_units": total(typed),
    }


def _cells(table: pd.DataFrame, name: str) -> list[object]:
    """Return the cells of a column, however its header is written; none without it."""
    found = [place for place, header in enumerate(table.columns) if plain_name(header) == plain_name(name)]
    return table.iloc[:, found[0]].tolist() if found else []
