"""Cells as every host hands them over: numbers, texts, truth values and nothing; and what their texts mean.

Hosts turn dates into serial numbers, and error cells into their names, such as ``#N/A``. An empty cell and an omitted
argument are None.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import InputError

Cell = float | int | str | bool | None
Matrix = Sequence[Sequence[Cell]]
Given = Cell | Matrix
"""An argument: a value, or the rows of a range."""

MARK = "#INVOPT! "
"""How a refusal begins in a cell; one that is handed on to another function stays as it is."""

ERRORS = frozenset(
    f"#{name}"
    for name in (
        *("N/A", "NULL!", "DIV/0!", "VALUE!", "REF!", "NAME?", "NUM!"),
        *("GETTING_DATA", "SPILL!", "CALC!", "FIELD!", "BLOCKED!", "CONNECT!", "BUSY!", "UNKNOWN!"),
    )
)
"""Error values of spreadsheets, by name."""

LARGEST = 1e15
"""A spreadsheet keeps 15 digits; a larger number is a mistake."""

_DIGIT = re.compile(r"^[+-]?[0-9.,]*[0-9][0-9.,]*$")

MOST_CELLS = 2_000_000
"""Cells of an argument: two columns of a sheet, or 500 items of 4,000 periods."""


def is_error(cell: Cell) -> bool:
    """Return whether a cell holds an error value, or a refusal of one of our functions.

    Examples
    --------
    >>> is_error("#N/A"), is_error(" #n/a"), is_error("#INVOPT! season is 0"), is_error("A100"), is_error(None)
    (True, True, True, False, False)
    """
    return isinstance(cell, str) and "#" in cell and (cell.startswith(MARK) or cell.strip().upper() in ERRORS)


def is_empty(cell: Cell) -> bool:
    """Return whether a cell holds nothing, or only blanks."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def rows_of(given: Matrix) -> list[list[Cell]]:
    """Return the rows of a range, all of one length, empty texts as None.

    Raises
    ------
    InputError
        If the range is too large or not a rectangle.
    """
    width = max((len(row) for row in given), default=0)
    if len(given) * width > MOST_CELLS:
        raise InputError(f"a range has {len(given) * width:,} cells; expected at most {MOST_CELLS:,}, such as B2:B500")
    return [[None if is_empty(cell) else cell for cell in row] + [None] * (width - len(row)) for row in given]


def held(given: Given) -> Cell | list[list[Cell]]:
    """Return what an argument holds: the rows of a range, or the one cell of it; None for nothing.

    Raises
    ------
    InputError
        If the range is too large.
    """
    if isinstance(given, list | tuple):
        rows = rows_of(given)
        return rows if len(rows) != 1 or len(rows[0]) != 1 else rows[0][0]
    cell: Cell = given  # type: ignore[assignment]  # a sequence of rows is a list or a tuple
    return None if is_empty(cell) else cell


def shown(cell: Cell) -> str:
    """Return a cell as a message shows it: short, on one line.

    Examples
    --------
    >>> shown(95.0), shown("many"), shown(None), shown(True)
    ('95', 'many', 'empty', 'TRUE')
    """
    if cell is None:
        return "empty"
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return f"{cell:.15g}"
    text = " ".join("".join(each if each.isprintable() else " " for each in cell).split())
    return text if len(text) <= 40 else f"{text[:37]}..."


def number(cell: Cell, share: bool = False) -> float | None:
    """Return the number a cell means, None where it means none.

    A text counts where a planner would read it as a number: ``1,234.5``, ``5,5``, and ``95%`` where a share is asked
    for.

    Examples
    --------
    >>> number("1,234.5"), number("95%", share=True), number("many"), number(True), number(2)
    (1234.5, 0.95, None, 1.0, 2.0)
    """
    if isinstance(cell, int | float):
        return float(cell) if -LARGEST < cell < LARGEST else None
    return numbers_in([cell], share).get(cell) if isinstance(cell, str) else None


def numbers_in(texts: Iterable[str], share: bool = False) -> dict[str, float]:
    """Return the numbers that texts of one range mean; a text that means none is left out.

    Whether a comma parts thousands or decimals, all texts of a range decide together.

    Examples
    --------
    >>> numbers_in(["5,5", "1,204"]), numbers_in(["1,204", "many"])
    ({'5,5': 5.5, '1,204': 1.204}, {'1,204': 1204.0})
    """
    import pandas as pd

    from invopt_xl.plan.quality.coercion import decimal_commas, read, with_dots
    from invopt_xl.plan.schema import Column

    unique = list(dict.fromkeys(texts))
    cells = pd.Series([each.strip() for each in unique], dtype=object)
    written_as_numbers = cells[cells.str.contains(_DIGIT)]
    if decimal_commas(written_as_numbers):
        cells[written_as_numbers.index] = with_dots(written_as_numbers)
    values = read(cells, Column("cell", "number", share=share)).values
    return {each: float(value) for each, value in zip(unique, values, strict=True) if math.isfinite(value)}


_TRUTHS = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}


def truth(cell: Cell) -> bool | None:
    """Return whether a cell says yes, None where it says neither yes nor no.

    Examples
    --------
    >>> truth("Yes"), truth(0.0), truth("maybe")
    (True, False, None)
    """
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, int | float):
        return bool(cell) if cell in (0, 1) else None
    return _TRUTHS.get(cell.strip().casefold()) if isinstance(cell, str) else None


_DAYS = (20_000.0, 80_000.0)
"""Serial numbers of days from 1954 to 2119."""

_FEWEST_DAYS = 4
_STEPS = ((1, 4), (7, 7), (14, 14), (28, 31), (89, 92), (365, 366))
"""Days between dates of a history: days or working days, weeks, fortnights, months, quarters, years."""


def are_dates(history: npt.NDArray[np.float64]) -> bool:
    """Return whether the numbers of a history are its days, as in a range that begins one column early.

    Examples
    --------
    >>> are_dates(np.array([np.nan, 43101, 43132, 43160, 43191])), are_dates(np.array([43101.0, 40000, 43160, 43191]))
    (True, False)
    """
    days = history[history > 0]
    if days.size < _FEWEST_DAYS or not _DAYS[0] < days[-1] < _DAYS[1] or (days != np.floor(days)).any():
        return False
    steps = np.diff(days) * np.sign(days[-1] - days[0])
    return any(low <= steps.min() and steps.max() <= high for low, high in _STEPS)


_FEWEST_SUMMED = 8
"""Periods with demand from which their exact sum is no demand by chance."""


def ends_with_total(history: npt.NDArray[np.float64]) -> bool:
    """Return whether the last number of a history is the sum of all before it, as in a range that ends one row late.

    Examples
    --------
    >>> weeks = np.arange(1.0, 11)
    >>> ends_with_total(np.append(weeks, 55)), ends_with_total(np.append(weeks, 54)), ends_with_total(np.eye(1, 9)[0])
    (True, False, False)
    """
    known = history[np.isfinite(history)]
    if np.count_nonzero(known[:-1]) < _FEWEST_SUMMED:
        return False
    return bool(abs(known[:-1].sum() - known[-1]) <= 1e-12 * known[-1])


def text(cell: Cell) -> str:
    """Return a cell as text, a whole number without decimals."""
    return "" if cell is None else cell.strip() if isinstance(cell, str) else shown(cell)
