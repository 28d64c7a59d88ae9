"""Cells as Calc hands them over, and as it takes them back.

Calc hands over a number, a date or a truth value as a number, an empty cell of a range as an empty text, a single empty
cell as zero, an omitted argument as None. An error value is a number too: not a number, with Calc's code in it.
"""

from __future__ import annotations

import math
import struct
from typing import Any, Sequence, Tuple, Union

Cell = Union[float, str, None]
Rows = Tuple[Tuple[Cell, ...], ...]
Given = Union[Cell, Rows]
Shown = Union[float, str, Tuple[Tuple[Union[float, str], ...], ...]]

CODES = {
    "#N/A": 32767,
    "#NULL!": 521,
    "#DIV/0!": 532,
    "#VALUE!": 519,
    "#REF!": 524,
    "#NAME?": 525,
    "#NUM!": 503,
}
"""Calc's own numbers of error values."""

_NAMES = {code: name for name, code in CODES.items()}
_NOT_A_NUMBER = 0x7FF8000000000000
_CODE_BITS = 0xFFFF


def error_value(name: str) -> float:
    """Return the number that Calc shows as this error.

    Examples
    --------
    >>> error_name(error_value("#DIV/0!"))
    '#DIV/0!'
    """
    value: float = struct.unpack("<d", struct.pack("<Q", _NOT_A_NUMBER | CODES[name]))[0]
    return value


def error_name(value: float) -> str:
    """Return the name of the error that a number stands for which is none."""
    code = struct.unpack("<Q", struct.pack("<d", value))[0] & _CODE_BITS
    return _NAMES.get(code, "#NUM!" if math.isinf(value) or code == 0 else "#VALUE!")


def given_cell(cell: Any, zero_is_empty: bool = False) -> Cell:
    """Return one cell as the catalogue takes it.

    Examples
    --------
    >>> given_cell(""), given_cell(2.0), given_cell(0.0), given_cell(0.0, zero_is_empty=True)
    (None, 2.0, 0.0, None)
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, (bool, int, float)):
        if not math.isfinite(cell):
            return error_name(float(cell))
        return None if zero_is_empty and cell == 0 else float(cell)
    return str(cell)


def given_of(value: Any, zero_is_empty: bool = False) -> Given:
    """Return an argument as the catalogue takes it: a value, or the rows of a range."""
    if isinstance(value, tuple):
        return tuple(tuple(given_cell(cell) for cell in _row(row)) for row in value)
    return given_cell(value, zero_is_empty)


def _row(row: Any) -> Sequence[Any]:
    return row if isinstance(row, tuple) else (row,)


def shown_cell(cell: Any) -> float | str:
    """Return one cell of an answer as Calc takes it.

    Examples
    --------
    >>> shown_cell(None), shown_cell(True), shown_cell(3), shown_cell("A100")
    ('', 1.0, 3.0, 'A100')
    """
    if cell is None:
        return ""
    if isinstance(cell, (bool, int, float)):
        return float(cell)
    return error_value(cell) if cell in CODES else str(cell)


def shown_of(cells: Sequence[Sequence[Any]]) -> Shown:
    """Return an answer as Calc takes it: a value, or rows where there are several."""
    rows = tuple(tuple(shown_cell(cell) for cell in row) for row in cells)
    return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows


def arguments_of(values: Sequence[Any], zeros: Sequence[bool]) -> tuple[Given, ...]:
    """Return the arguments of a call without omitted ones at the end.

    Parameters
    ----------
    values
        As Calc hands them over.
    zeros
        For each of them, whether a zero can only be an empty cell; those beyond can be zero.
    """
    found: list[Given] = [
        given_of(value, place < len(zeros) and zeros[place]) for place, value in enumerate(values)
    ]  # fmt: skip
    while found and found[-1] is None:
        found.pop()
    return tuple(found)


def seconds_of(text: str | None) -> float | None:
    """Return the seconds a setting names; None where it names none.

    Examples
    --------
    >>> seconds_of("600"), seconds_of(None), seconds_of("long")
    (600.0, None, None)
    """
    try:
        seconds = float(text or "nan")
    except ValueError:
        return None
    return seconds if 0 <= seconds < math.inf else None
