"""What a workbook needs when it is opened: functions under the names this office knows, and results for pending cells.

Calc trusts the values in a file. So a cell that was saved while its result was under way would never get it, and up to
LibreOffice 24 a function that Excel calls ``INVOPT_EOQ`` would become an error with the first change.
"""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
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
            found = list(_with_functions(sheet))
            pending = pending or any(map(_under_way, found))
            if foreign := [cells for cells in found if _named_otherwise(cells)]:
                with _open_to_changes(sheet) as is_open:
                    for cells in foreign if is_open else ():
                        _rename(sheet, cells)
        if pending:
            document.calculateAll()
    finally:
        undo.unlock()
        _count_as_changed(document, before)


def _count_as_changed(document: Any, changed: bool) -> None:
    document.setModified(changed)
    if document.isModified() and not changed:  # by charts, which follow their cells
        for sheet in document.Sheets:
            for chart in sheet.getCharts():
                chart.getEmbeddedObject().setModified(False)


@contextmanager
def _open_to_changes(sheet: Any) -> Iterator[bool]:
    """Lift the protection of a sheet meanwhile, if it has no password; what it allows stays as it was."""
    from com.sun.star.lang import IllegalArgumentException

    if not sheet.isProtected():
        yield True
        return
    with suppress(IllegalArgumentException):  # it has a password
        sheet.unprotect("")
    if sheet.isProtected():
        yield False
        return
    try:
        yield True
    finally:
        sheet.protect("")


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


def _named_otherwise(found: Any) -> bool:
    """Return whether formulas of a range call a function by another name than its own."""
    return any(own_names(formula) != formula for row in found.getFormulaArray() for formula in row)


def _rename(sheet: Any, found: Any) -> None:
    for row, formulas in enumerate(found.getFormulaArray()):
        for column, formula in enumerate(formulas):
            if own_names(formula) == formula:
                continue
            cell = found.getCellByPosition(column, row)
            formula = cell.getFormula()
            renamed = own_names(formula)
            if renamed == formula:  # another cell of its array came first
                continue
            if not formula.startswith("{"):
                cell.setFormula(renamed)
                continue
            array = sheet.createCursorByRange(cell)
            array.collapseToCurrentArray()
            array.setArrayFormula(renamed[1:-1])
