"""What a workbook needs when it is opened: functions under the names this office knows, and results for pending cells.

Calc trusts the values in a file. So a cell that was saved while its result was under way would never get it, and up to
LibreOffice 24 a function that Excel calls ``INVOPT_EOQ`` would become an error with the first change.
"""

from __future__ import annotations

import re
from typing import Any, Iterator

from .desk import UNDER_WAY

FOREIGN = "INVOPT_"

_FORMULAS, _VALUES = 0, 1
_CALL = re.compile(r"(?<![\w.])(?:_xldudf_|_xlfn\.|_xll\.|_xludf\.)?INVOPT_(\w+)(?=\()", re.IGNORECASE)


def own_names(formula: str) -> str:
    """Return a formula with the functions named as every version of Calc knows them in a file.

    Examples
    --------
    >>> own_names('=SUM(_xldudf_INVOPT_EOQ(A1;50;invopt_eoq(1;2;3)))')
    '=SUM(INVOPT.EOQ(A1;50;INVOPT.EOQ(1;2;3)))'
    """
    return _CALL.sub(lambda found: "INVOPT." + found.group(1).upper(), formula)


def revive(document: Any) -> None:
    """Have a workbook that was opened show what its functions return; it does not count as changed by that."""
    before = document.isModified()
    undo = document.getUndoManager()
    undo.lock()
    try:
        for sheet in document.Sheets:
            if not sheet.isProtected():
                _rename(sheet)
        if any(_found(sheet, UNDER_WAY, _VALUES) for sheet in document.Sheets):
            document.calculateAll()
    finally:
        undo.unlock()
        document.setModified(before)


def _rename(sheet: Any) -> None:
    for cell in _cells(_found(sheet, FOREIGN, _FORMULAS)):
        formula = cell.getFormula()
        renamed = own_names(formula.strip("{}"))
        if renamed == formula.strip("{}"):
            continue
        if not formula.startswith("{"):
            cell.setFormula(renamed)
            continue
        array = sheet.createCursorByRange(cell)
        array.collapseToCurrentArray()
        array.setArrayFormula(renamed)


def _found(sheet: Any, text: str, within: int) -> Any:
    """Return the ranges whose formulas or values hold a text; None where there are none."""
    wanted = sheet.createSearchDescriptor()
    wanted.SearchString = text
    wanted.SearchType = within
    return sheet.findAll(wanted)


def _cells(ranges: Any) -> Iterator[Any]:
    for found in ranges or ():
        at = found.getRangeAddress()
        for row in range(at.EndRow - at.StartRow + 1):
            for column in range(at.EndColumn - at.StartColumn + 1):
                yield found.getCellByPosition(column, row)
