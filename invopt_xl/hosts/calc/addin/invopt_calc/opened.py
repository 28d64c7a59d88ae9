"""What a workbook needs when it is opened: functions under the names this office knows, and results for pending cells.

Calc trusts the values in a file. So a cell that was saved while its result was under way would never get it, and up to
LibreOffice 24 a function that Excel calls ``INVOPT_EOQ`` would become an error with the first change.
"""

from __future__ import annotations

import re
from typing import Any, Iterator

from .desk import UNDER_WAY

FOREIGN = "INVOPT_"
"""How functions begin as Excel names them, and as Calc shows its own."""

_FORMULAS = 0
_FORMULA_CELLS = 16
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
        pending = False
        for sheet in document.Sheets:
            for found in _with_functions(sheet):
                pending = pending or _under_way(found)
                if not sheet.isProtected():
                    _rename(sheet, found)
        if pending:
            document.calculateAll()
    finally:
        undo.unlock()
        document.setModified(before)


def _with_functions(sheet: Any) -> Iterator[Any]:
    """Yield the ranges whose formulas call a function."""
    wanted = sheet.createSearchDescriptor()
    wanted.SearchString = FOREIGN
    wanted.SearchType = _FORMULAS
    # It finds texts as well, and a text set as a formula would be calculated.
    for found in sheet.findAll(wanted) or ():
        yield from found.queryContentCells(_FORMULA_CELLS)


def _under_way(found: Any) -> bool:
    """Return whether a cell was saved before its result was there."""
    return any(isinstance(cell, str) and cell.endswith(UNDER_WAY) for row in found.getDataArray() for cell in row)


def _rename(sheet: Any, found: Any) -> None:
    for row, formulas in enumerate(found.getFormulaArray()):
        for column, formula in enumerate(formulas):
            renamed = own_names(formula)
            if renamed == formula:
                continue
            cell = found.getCellByPosition(column, row)
            if not formula.startswith("{"):
                cell.setFormula(renamed)
                continue
            array = sheet.createCursorByRange(cell)
            array.collapseToCurrentArray()
            array.setArrayFormula(renamed[1:-1])
