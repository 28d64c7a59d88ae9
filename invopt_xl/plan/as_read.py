"""What a spreadsheet counts in a column, so that its formulas can tell what changed since a refresh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from math import fsum

import numpy as np
import pandas as pd

from invopt_xl.plan.columns import (
    DEMAND,
    DISCOUNTS,
    ITEMS,
    LANES,
    OPEN_ORDERS,
    PARAMETERS,
    PLAN,
    RECEIPTS,
    SOURCES,
    SUPPLIERS,
    Column,
    Table,
    Tables,
)
from invopt_xl.plan.quality.headers import plain_name
from invopt_xl.plan.schema import FIRST_ROW

_FIRST_DAY = datetime(1899, 12, 30)
"""Day 0 of the dates of spreadsheets."""

_FALSE_LEAP_DAY = 61
"""Serial 60 is a day that never was; before it, days count from 31 December 1899."""

PRINTS: Mapping[str, Sequence[Table]] = {
    "items_read": (ITEMS,),
    "demand_read": (DEMAND,),
    "open_orders_read": (OPEN_ORDERS,),
    "parameters_read": (PARAMETERS,),
    "terms_read": (SUPPLIERS, DISCOUNTS, SOURCES, LANES, RECEIPTS),
}
"""Columns of the log that tell whether a number was changed in some tables: one that another number gives."""

COLUMN_WEIGHT = np.sin(1.0)
"""What each column of a table counts less than the one before it."""


def compared(table: Table) -> list[Column]:
    """Return the columns whose numbers are compared: the values of parameters, and of other tables all but texts."""
    return [
        column for column in table.columns if (column.name == "value" if table is PARAMETERS else column.kind != "text")
    ]


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
    if type(cell) is float or type(cell) is int:
        return float(cell) if cell == cell else None
    if isinstance(cell, datetime):
        if cell != cell:  # NaT
            return None
        days = (cell.replace(tzinfo=None) - _FIRST_DAY).total_seconds() / 86400.0
        return days if days >= _FALSE_LEAP_DAY else days - 1.0
    if isinstance(cell, bool) or not pd.api.types.is_number(cell):
        return None
    number = float(cell)  # type: ignore[arg-type]
    return number if number == number else None


def as_read(raw: Tables, plan_date: date) -> dict[str, float]:
    """Return what the log tells of the planner's tables: rows, stock, overrides, and a print of the numbers of each.

    Parameters
    ----------
    raw
        Tables as read; the last plan among them, whose overrides a refresh leaves as they were typed.
    plan_date
        The plan date as the log tells it.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["tea", "cup"], "on_hand": [12, "?"]})
    >>> plan = pd.DataFrame({"override_quantity": [24, "many"]})
    >>> told = as_read({"items": items, "plan": plan}, date(2018, 1, 1))
    >>> [told[name] for name in ("item_rows", "stock", "overrides", "override_units")]
    [2, 12.0, 2, 24.0]
    """
    wanted = ((ITEMS, "item"), (PLAN, "override_quantity"))
    items, typed = (_cells(raw.get(table.stem, pd.DataFrame()), name) for table, name in wanted)
    return {
        "item_rows": filled(items),
        "stock": stock_read(raw),
        "overrides": filled(typed),
        "override_units": total(typed),
        **{name: fsum(table_print(raw, table, plan_date) for table in tables) for name, tables in PRINTS.items()},
    }


def stock_read(raw: Tables) -> float:
    """Return the sum of stock on hand as the log tells it, units."""
    return total(_cells(raw.get(ITEMS.stem, pd.DataFrame()), "on_hand"))


def table_print(raw: Tables, table: Table, plan_date: date) -> float:
    """Return one number that is another once a number of a table is another, is moved, added or cleared.

    A sum over the rows weighted by where they stand, and over the columns; a cell that is filled in counts 1 and its
    number, TRUE being 1. Days count back from the plan date, and so does not matter from when dates count. The Cover
    makes the same sum of formulas (`workbook.sheets.input_checks`).

    Parameters
    ----------
    raw
        Tables as read, over their rows in the sheet.
    table
        One of them.
    plan_date
        The plan date.

    Examples
    --------
    >>> def of_stock(*units):
    ...     return table_print({"items": pd.DataFrame({"on_hand": units})}, ITEMS, date(2018, 1, 1))
    >>> of_stock(3, 5) == of_stock(3.0, 5.0), of_stock(3, 5) == of_stock(5, 3), of_stock(0) == of_stock(None)
    (True, False, False)
    """
    frame = raw.get(table.stem, pd.DataFrame())
    rows = np.asarray(frame.index, dtype=float)
    weights = np.exp(np.sin(rows - frame.attrs.get(FIRST_ROW, rows.min(initial=np.inf))))
    if table is PARAMETERS:
        # The plan date has a check of its own; as a number it would tell from when dates count.
        names = _cells(frame, "name") or [None] * len(frame)
        weights = weights * [str(name).lower() != "plan_date" for name in names]
    first = _serial(plan_date)
    made = 0.0
    for column in reversed(compared(table)):
        cells = _cells(frame, column.name)
        counts = [_counts(cell, first if column.kind == "date" else None) for cell in cells]
        made = made * COLUMN_WEIGHT + (fsum(weights * counts) if cells else 0.0)
    return float(made)


def _counts(cell: object, first: float | None) -> float:
    """Return what a cell counts; in a column of dates, as days before the first one."""
    number = (1.0 if cell is True and first is None else None) if isinstance(cell, bool) else _number(cell)
    if number is None:
        return float(filled([cell]))
    return 1.0 + (number if first is None else first - number)


def _serial(day: date) -> float:
    return float((datetime(day.year, day.month, day.day) - _FIRST_DAY).days)


def _cells(table: pd.DataFrame, name: str) -> list[object]:
    """Return the cells of a column, however its header is written; none without it."""
    found = [place for place, header in enumerate(table.columns) if plain_name(header) == plain_name(name)]
    return table.iloc[:, found[0]].tolist() if found else []
