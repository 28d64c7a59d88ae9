"""Beside the review of excess, right of what is printed: what each decision frees, and who and what has most."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from invopt_xl.plan import columns as contract
from invopt_xl.workbook.sheets.formulas import blank_if_error, next_text, nth_row, same, when
from invopt_xl.workbook.sheets.look import Look
from invopt_xl.workbook.sheets.panels import put

DECISIONS = contract.EXCESS.column("decision").choices
ITEMS_SHOWN, SUPPLIERS_SHOWN, SUPPLIERS_OFFERED = 10, 8, 60

COLUMN, ROW = 26, 4
"""Where it all begins."""

SUPPLIER = COLUMN + 4
"""First column of the list of suppliers: name, money, rank's money, equal ones so far, row."""

_NAMES = (
    "supplier",
    "excess",
    "rank",
    "item excess",
    "equal",
    "item row",
    "supplier excess",
    "equal",
    "supplier row",
)
_LETTERS = [xl_rowcol_to_cell(0, SUPPLIER + offset, col_abs=True)[:-1] for offset in range(len(_NAMES))]
_LAST = ROW + SUPPLIERS_OFFERED


def of(name: str) -> str:
    """Return a column of the table of excess, the calculated one included."""
    return f"tblExcess[{name}]"


HOW_MANY = f"COUNT({of('excess_value')})"
"""The items with excess; a row that is kept for the planner's words alone has no figures."""


def decided(word: str) -> str:
    """Return how many items with excess a decision is about; a wildcard counts those with any.

    What is no decision has no money to free, not even 0.
    """
    return f'COUNTIFS({of("decision")},"{_typed(word)}",{of("decided_value")},">=0",{of("excess_value")},">=0")'


def _typed(word: str) -> str:
    """Return a pattern of a decision with blanks around it and in it; what else it matches has no money to free."""
    return f"*{word.replace(' ', '*')}*"


def write_decisions(look: Look, sheet: Worksheet) -> None:
    """Write what each decision frees, right of what is printed."""
    put(sheet, ROW - 2, COLUMN, "Decisions", look.heading)
    for offset, name in enumerate(("decision", "items", "money freed")):
        put(sheet, ROW - 1, COLUMN + offset, name, look.header(is_input=False))
    for row, word in enumerate(DECISIONS, start=ROW):
        put(sheet, row, COLUMN, word, look.text)
        put(sheet, row, COLUMN + 1, when(f"{HOW_MANY}>0", decided(word)), look.text)
        total = f'SUMIFS({of("decided_value")},{of("decision")},"{_typed(word)}")'
        put(sheet, row, COLUMN + 2, when(f"{HOW_MANY}>0", total), look.make(num_format="#,##0"))


def write_workings(look: Look, sheet: Worksheet) -> None:
    """Write the suppliers and their money, and the rows of the largest items and suppliers."""
    put(sheet, ROW - 2, SUPPLIER, "Suppliers, and ranks", look.heading)
    for offset, name in enumerate(_NAMES):
        put(sheet, ROW - 1, SUPPLIER + offset, name, look.header(is_input=False))
        sheet.set_column(SUPPLIER + offset, SUPPLIER + offset, 30 if name == "supplier" else 14)
    sheet.set_column(COLUMN, COLUMN + 2, 13)
    _write_suppliers(look, sheet)
    for row in range(ROW, ROW + ITEMS_SHOWN):
        rank = f"{_LETTERS[2]}{row + 1}"
        put(sheet, row, SUPPLIER + 2, row - ROW + 1, look.text)
        _write_rank(sheet, look, row, _LETTERS[3:6], of("excess_value"), rank)
        item, equal = (f"{_LETTERS[at]}{row + 1}" for at in (3, 4))
        found = nth_row(contract.EXCESS, "item", f"({of('excess_value')}={item})", equal)
        put(sheet, row, SUPPLIER + 5, when(f"ISNUMBER({item})", found), look.text)
        if row < ROW + SUPPLIERS_SHOWN:
            _write_supplier_row(look, sheet, row, rank)


def _write_suppliers(look: Look, sheet: Worksheet) -> None:
    money = look.make(num_format="#,##0.00")
    for row in range(ROW, _LAST):
        above = f"{_LETTERS[0]}${ROW}:{_LETTERS[0]}{row}"
        put(sheet, row, SUPPLIER, blank_if_error(next_text(contract.EXCESS, "supplier", above)), look.text)
        name = f"{_LETTERS[0]}{row + 1}"
        total = f"SUMPRODUCT({same(of('supplier'), name)}*{of('excess_value')})"
        put(sheet, row, SUPPLIER + 1, when(f'{name}<>""', total), money)


def _write_supplier_row(look: Look, sheet: Worksheet, row: int, rank: str) -> None:
    """Write the money of the n-th largest supplier, and its row in the list of suppliers."""
    totals = f"{_LETTERS[1]}${ROW + 1}:{_LETTERS[1]}${_LAST}"
    _write_rank(sheet, look, row, _LETTERS[6:9], totals, rank)
    size, equal = (f"{_LETTERS[at]}{row + 1}" for at in (6, 7))
    place = f"(ROW({totals})-MIN(ROW({totals}))+1)"
    hit = f"({totals}={size})"
    found = f"SUMPRODUCT(SMALL({hit}*{place},ROWS({totals})-SUMPRODUCT({hit}*1)+{equal}))"
    put(sheet, row, SUPPLIER + 8, when(f"ISNUMBER({size})", found), look.text)


def _write_rank(sheet: Worksheet, look: Look, row: int, letters: list[str], values: str, rank: str) -> None:
    """Write the n-th largest value, and how many so far equal it."""
    at = SUPPLIER + (3 if values.startswith("tbl") else 6)
    key = f"{letters[0]}{row + 1}"
    put(sheet, row, at, blank_if_error(f"LARGE({values},{rank})"), look.make(num_format="#,##0.00"))
    equal = f"COUNTIF({letters[0]}${ROW + 1}:{key},{key})"
    put(sheet, row, at + 1, when(f"ISNUMBER({key})", equal), look.text)


def cell(position: int, offset: int) -> str:
    """Return the n-th cell, from 0, of a column that stands so many behind that of the suppliers."""
    return str(xl_rowcol_to_cell(ROW + position, SUPPLIER + offset, True, True))
