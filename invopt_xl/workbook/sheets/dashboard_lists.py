"""The Dashboard's lists: the exceptions to look at first, and the orders that are due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from invopt_xl.plan import columns as contract
from invopt_xl.workbook.sheets import look as colours
from invopt_xl.workbook.sheets import workings
from invopt_xl.workbook.sheets.formulas import column, when
from invopt_xl.workbook.sheets.panels import ListColumn, Span, cell_style, put, write_heading, write_list

if TYPE_CHECKING:
    from invopt_xl.workbook.sheets.builder import SheetBuilder

EXCEPTIONS_SHOWN = 10

SEVERITY_STYLES: Mapping[str, dict[str, Any]] = {
    "critical": {"bg_color": colours.VERMILLION_STRONG, "font_color": "#FFFFFF", "bold": True},
    "warning": {"bg_color": colours.PALE_ORANGE, "font_color": "#7A4A00", "bold": True},
    "notice": {"bg_color": colours.PALE_SKY, "font_color": "#004B75"},
}


def write_exceptions(builder: SheetBuilder, sheet: Worksheet, row: int, first: int) -> None:
    """Write the first exceptions, which are the worst: the table stands worst first."""
    write_heading(sheet, builder.look, Span(row, first, first + 12), "Look at these first")
    if not builder.has(contract.EXCEPTIONS):
        put(sheet, row + 1, first, "The sheet Exceptions is not in this workbook.", builder.look.quiet)
        return
    table, look = contract.EXCEPTIONS, builder.look
    ranks = [xl_rowcol_to_cell(row + 1 + position, first) for position in range(1, EXCEPTIONS_SHOWN + 1)]

    def rows(name: str, *, number: bool = False) -> list[str]:
        cells = column(table, name)
        tail = "" if number else '&""'
        known = f"COUNTA({column(table, 'kind')})"
        return [when(f"{rank}<={known}", f"INDEX({cells},{rank}){tail}") for rank in ranks]

    words = cell_style(look)
    write_list(
        sheet,
        look,
        row + 1,
        first,
        [
            ListColumn("rank", 1, cell_style(look, align="center", indent=0), list(range(1, EXCEPTIONS_SHOWN + 1))),
            ListColumn("severity", 2, words, rows("severity")),
            ListColumn("item", 2, words, rows("item")),
            ListColumn("description", 4, cell_style(look, shrink=True), rows("description")),
            ListColumn("what", 2, words, rows("kind")),
            ListColumn('="at stake, "&money_word', 2, cell_style(look, "#,##0"), rows("value_at_stake", number=True)),
        ],
    )
    cell = xl_rowcol_to_cell(row + 2, first + 1, col_abs=True)
    for word, style in SEVERITY_STYLES.items():
        rule = {"type": "formula", "criteria": f'={cell}="{word}"', "format": builder.book.add_format(style)}
        sheet.conditional_format(row + 2, first + 1, row + 1 + EXCEPTIONS_SHOWN, first + 2, rule)


def write_orders(builder: SheetBuilder, sheet: Worksheet, row: int, first: int) -> None:
    """Write the largest orders that are due, each with its supplier."""
    write_heading(sheet, builder.look, Span(row, first, first + 12), "Orders due, largest first")
    if not builder.has(contract.SUPPLIER_ORDERS):
        put(sheet, row + 1, first, "The sheet Supplier orders is not in this workbook.", builder.look.quiet)
        return
    table, look = contract.SUPPLIER_ORDERS, builder.look
    found = [workings.due_row(position) for position in range(1, workings.SUPPLIERS_SHOWN + 1)]

    def rows(name: str, tail: str = "") -> list[str]:
        return [when(f"ISNUMBER({at})", f"INDEX({column(table, name)},{at}){tail}") for at in found]

    write_list(
        sheet,
        look,
        row + 1,
        first,
        [
            ListColumn("supplier", 5, cell_style(look), rows("supplier", '&""')),
            ListColumn("order on", 2, cell_style(look, "yyyy-mm-dd"), rows("order_date")),
            ListColumn("lines", 1, cell_style(look, "#,##0"), rows("lines")),
            ListColumn('="value, "&money_word', 2, cell_style(look, "#,##0"), rows("value")),
            ListColumn("status", 3, cell_style(look), rows("status", '&""')),
        ],
    )
