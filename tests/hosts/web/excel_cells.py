"""Cells as Excel hands them to custom functions, and what its cells show of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from invopt_xl.sheet import Answer, Function
from invopt_xl.sheet.cells import ERRORS, MARK, Given

ERROR_TYPES = {
    "#DIV/0!": "Div0",
    "#N/A": "NotAvailable",
    "#NAME?": "Name",
    "#NULL!": "Null",
    "#NUM!": "Num",
    "#REF!": "Ref",
    "#VALUE!": "Value",
}
"""Of the data types of Excel's JavaScript interface."""


def sent_cell(cell: Any) -> Any:
    """Return a cell as Excel sends it."""
    if isinstance(cell, str) and cell in ERRORS:
        return {"type": "Error", "basicType": "Error", "basicValue": cell, "errorType": ERROR_TYPES.get(cell, "Calc")}
    return "" if cell is None else cell


def sent(function: Function, given: Sequence[Given]) -> list[Any]:
    """Return arguments as Excel sends them: a matrix each, null where omitted, further ones in a list at the end."""
    matrices = [
        None if each is None else [[sent_cell(cell) for cell in row] for row in each]
        if isinstance(each, list | tuple) else [[sent_cell(each)]]
        for each in given
    ]  # fmt: skip
    count = len(function.arguments)
    if function.arguments and function.arguments[-1].takes == "rest":
        return [*matrices[: count - 1], matrices[count - 1 :]]
    return matrices + [None] * (count - len(matrices))


def shown(answer: Answer) -> Any:
    """Return what cells show of an answer: rows with true error values; or an error with its line."""
    line = answer.faults[0] if answer.refused else ""
    if answer.refused and line not in ERRORS:
        return {"error": "#VALUE!", "message": line.removeprefix(MARK).replace("INVOPT_HELP(", "INVOPT.HELP(")}
    return {"value": [[shown_cell(cell) for cell in row] for row in answer.cells]}


def shown_cell(cell: Any) -> Any:
    if isinstance(cell, str) and cell in ERROR_TYPES:
        return {"type": "Error", "errorType": ERROR_TYPES[cell]}
    return "" if cell is None else cell
