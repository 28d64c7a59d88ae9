"""How cells come from Excel over the wire, and how an answer goes back.

Excel sends a matrix for each argument; xlwings takes the brackets off a single cell, and one pair off a single row.
Error cells and formatted numbers are objects with a ``basicValue``. An answer goes back as rows; xlwings makes true
error values of their names, such as ``#N/A``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from invopt_xl.sheet.cells import Cell, Given

NO_VALUE = "#VALUE!"
"""What stands for a cell that holds no plain value: a stock, a picture, a function."""

_NOT_A_VALUE = "__xlwings_not_an_object_handle__"
"""What xlwings puts in place of an entity, such as a stock or a place."""

_BY_TYPE = {
    "Div0": "#DIV/0!",
    "NotAvailable": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": NO_VALUE,
}


def given_of(sent: Any) -> Given:
    """Return an argument as the cell functions take it: a value, or the rows of a range.

    Examples
    --------
    >>> given_of(95), given_of([1, ""]), given_of([[1], [{"type": "Error", "basicValue": "#N/A"}]])
    (95, [[1, None]], [[1], ['#N/A']])
    """
    if not isinstance(sent, list):
        return cell_of(sent)
    rows = sent if sent and all(isinstance(row, list) for row in sent) else [sent]
    return [[cell_of(cell) for cell in row] for row in rows]


def cell_of(sent: Any) -> Cell:
    """Return a cell: a plain value, the name of an error, or None where it is empty."""
    if isinstance(sent, Mapping):
        plain = sent.get("basicValue", _BY_TYPE.get(str(sent.get("errorType")), NO_VALUE))
        return cell_of(plain) if not isinstance(plain, Mapping) else NO_VALUE
    if sent is None or sent == "":
        return None
    if isinstance(sent, float) and not math.isfinite(sent):
        return "#NUM!"
    if not isinstance(sent, str | bool | int | float) or sent == _NOT_A_VALUE:
        return NO_VALUE
    return sent
