"""The Dashboard's tiles: six figures, each with what to compare it with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from invopt_xl.workbook.sheets.dashboard_lists import SEVERITY_STYLES
from invopt_xl.workbook.sheets.formulas import when
from invopt_xl.workbook.sheets.panels import Span, Tile, write_tile

if TYPE_CHECKING:
    from invopt_xl.workbook.sheets.builder import SheetBuilder

_GAP = "ABS(fill_rate-fill_target)"
_TO_COME = 'FIXED(order_money,0)&" "&money_unit&" to come"'
_IN_ORDERS = 'IF(ISNUMBER(due_suppliers)," in "&due_suppliers&" orders","")'

TILES = (
    Tile(
        "=fill_label",
        "=fill_rate",
        '0.0"%"',
        (
            when("ISNUMBER(fill_target)", '"target "&FIXED(fill_target,1)&"%"'),
            when(
                "AND(ISNUMBER(fill_rate),ISNUMBER(fill_target))",
                f'FIXED({_GAP},1)&IF(fill_rate<fill_target," points below"," points above")',
            ),
        ),
    ),
    Tile(
        '="Stock on hand, "&money_word',
        "=stock_money",
        "#,##0",
        (
            when("ISNUMBER(stock_turns)", 'FIXED(stock_turns,1)&" turns a year"'),
            when("ISNUMBER(cover_days)", f'"lasts "&FIXED(cover_days,0)&" days; "&{_TO_COME}'),
        ),
    ),
    Tile(
        '="Excess, "&money_word',
        "=excess_money",
        "#,##0",
        (
            when("ISNUMBER(excess_share)", 'FIXED(excess_share*percent,0)&"% of stock on hand"'),
            when("ISNUMBER(excess_items)", 'excess_items&" items"'),
        ),
    ),
    Tile(
        '="At risk of stock-out, "&money_word',
        "=risk_money",
        "#,##0",
        (
            when("ISNUMBER(risk_items)", 'risk_items&" items out, or likely to be"'),
            when("ISNUMBER(risk_items)", 'FIXED(percent*risk_items/items_planned,0)&"% of items planned"'),
        ),
    ),
    Tile(
        '="Orders due, "&money_word',
        "=due_money",
        "#,##0",
        (
            when("ISNUMBER(due_lines)", f'due_lines&" lines"&{_IN_ORDERS}'),
            when("ISNUMBER(due_lines)", '"within "&days_ahead&" days"'),
        ),
    ),
    Tile(
        "Exceptions",
        when("ISNUMBER(critical_count)", "critical_count+warning_count+notice_count"),
        "#,##0",
        (
            when("ISNUMBER(critical_count)", 'critical_count&" critical"'),
            when("ISNUMBER(critical_count)", 'warning_count&" warnings, "&notice_count&" notices"'),
        ),
    ),
)


def write_tiles(builder: SheetBuilder, sheet: Worksheet, row: int, columns: int) -> None:
    """Write the tiles side by side, and mark service below its target and critical exceptions."""
    width = columns // len(TILES)
    for position, tile in enumerate(TILES):
        write_tile(sheet, builder.look, Span(row, position * width, (position + 1) * width - 1), tile)
    sheet.set_row(row + 1, 30)
    style = builder.book.add_format(SEVERITY_STYLES["warning"])
    below = xl_rowcol_to_cell(row + 3, 0)
    late = "AND(ISNUMBER(fill_rate),ISNUMBER(fill_target),fill_rate<fill_target)"
    sheet.conditional_format(below, {"type": "formula", "criteria": f"={late}", "format": style})
    critical = xl_rowcol_to_cell(row + 2, columns - width)
    some = "AND(ISNUMBER(critical_count),critical_count>0)"
    sheet.conditional_format(critical, {"type": "formula", "criteria": f"={some}", "format": style})
