"""What Excel hands over through COM as the cells that every host hands over, and rows of cells as Excel takes them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.cells import Cell, Given

MISSING = -2147352572
"""DISP_E_PARAMNOTFOUND: what stands for an omitted argument."""

ERROR_NAMES = {
    -2146826288: "#NULL!",
    -2146826281: "#DIV/0!",
    -2146826273: "#VALUE!",
    -2146826265: "#REF!",
    -2146826259: "#NAME?",
    -2146826252: "#NUM!",
    -2146826246: "#N/A",
    -2146826245: "#GETTING_DATA",
    -2146826243: "#SPILL!",
    -2146826242: "#CONNECT!",
    -2146826241: "#BLOCKED!",
    -2146826240: "#UNKNOWN!",
    -2146826239: "#FIELD!",
    -2146826238: "#CALC!",
}
"""Error values by their number: 2000 and up, as `xlCVError` counts them, over the code that marks them as errors."""

LONGEST_TEXT = 32_767
"""Characters that a cell of Excel holds; a longer text would be an error."""

WHOLE_COLUMN = 2**19
"""Rows from which on a range stands for whole columns: half of those of a sheet."""

_ERRORS_BEGIN, _ERRORS_END = -2146828288, -2146826000
_DAY_ZERO = dt.datetime(1899, 12, 30)
_DAY = dt.timedelta(days=1)


def arguments_of(declared: Sequence[Argument], values: Sequence[Any]) -> list[Given]:
    """Return the arguments of a call as every host hands them over.

    Whole columns of histories and tables end with the last row in which one of them holds something, as cells without
    end mean nothing; so those that belong together stay of one length.

    Parameters
    ----------
    declared
        The declaration of each argument.
    values
        As Excel handed them over.
    """
    whole = [
        isinstance(value, list | tuple) and len(value) >= WHOLE_COLUMN and argument.takes in ("series", "list", "table")
        for argument, value in zip(declared, values, strict=False)
    ]
    rows = max((_filled(value) for value, cut in zip(values, whole, strict=False) if cut), default=0)
    return [given_of(value[:rows] if cut else value) for value, cut in zip(values, whole, strict=False)]


def given_of(value: Any) -> Given:
    """Return an argument as Excel handed it over, as every host hands it over.

    Parameters
    ----------
    value
        A scalar, or the rows of a range; one row where an array stands in the formula.

    Examples
    --------
    >>> given_of(((1.0, None), (-2146826246, dt.datetime(2024, 1, 1, 12))))
    [[1.0, None], ['#N/A', 45292.5]]
    """
    if not isinstance(value, list | tuple):
        return cell_of(value)
    rows = value if value and isinstance(value[0], list | tuple) else (value,)
    return [[cell if type(cell) is float else cell_of(cell) for cell in row] for row in rows]


def _filled(rows: Sequence[Sequence[Any]]) -> int:
    """Return how many rows are left when empty ones at the end are dropped; one at least."""
    count = len(rows)
    while count > 1 and all(cell is None or cell == "" for cell in rows[count - 1]):
        count -= 1
    return count


def cell_of(value: Any) -> Cell:
    """Return a COM value as a cell.

    Examples
    --------
    >>> cell_of(""), cell_of(-2146826281), cell_of(True), cell_of(Decimal("2.50")), cell_of(7)
    (None, '#DIV/0!', True, 2.5, 7)
    """
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, str):
        return value or None
    if isinstance(value, int):
        if value == MISSING:
            return None
        return "#UNKNOWN!" if _is_unnamed_error(value) else ERROR_NAMES.get(value, value)
    if isinstance(value, dt.datetime):
        return (value.replace(tzinfo=None) - _DAY_ZERO) / _DAY
    return float(value) if isinstance(value, Decimal) else str(value)


def _is_unnamed_error(value: int) -> bool:
    return _ERRORS_BEGIN <= value <= _ERRORS_END and value not in ERROR_NAMES


def rows_for_excel(cells: Sequence[Sequence[Cell]]) -> list[list[float | str | bool]]:
    """Return rows of cells as Excel shows them: an empty cell is an empty text, as Excel would show 0 for none.

    Numbers are floats: an integer beyond 32 bits would not arrive.

    Examples
    --------
    >>> rows_for_excel([[1, None, True, "A"]])
    [[1.0, '', True, 'A']]
    """
    return [[_for_excel(cell) for cell in row] for row in cells] or [[""]]


def _for_excel(cell: Cell) -> float | str | bool:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell[:LONGEST_TEXT]
    if isinstance(cell, bool):
        return cell
    number = float(cell)
    return number if math.isfinite(number) else "#N/A"
