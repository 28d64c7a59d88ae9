"""The Dashboard: tiles, lists and native charts over the tables of results, all formulas, on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from invopt_xl.plan import columns as contract
from invopt_xl.plan.columns import Table
from invopt_xl.workbook.sheets import look as colours
from invopt_xl.workbook.sheets.charts import STILL, dress
from invopt_xl.workbook.sheets.dashboard_charts import (
    PLAN_POINT,
    accuracy_chart,
    class_chart,
    exchange_chart,
    item_chart,
    kind_chart,
)
from invopt_xl.workbook.sheets.dashboard_lists import write_exceptions, write_orders
from invopt_xl.workbook.sheets.dashboard_tiles import write_tiles
from invopt_xl.workbook.sheets.formulas import column, when
from invopt_xl.workbook.sheets.history import NO_PERIOD_YET
from invopt_xl.workbook.sheets.panels import (
    ROW_PIXELS,
    Span,
    code_style,
    even_rows,
    guard,
    put,
    put_across,
    write_heading,
)

if TYPE_CHECKING:
    from invopt_xl.workbook.sheets.builder import SheetBuilder

SHEET = "Dashboard"
COLUMNS, COLUMN_PIXELS = 24, 62
_RIGHT = 11
"""First column of the lists at the right."""

_FACTS_ROW, _TILE_ROW, _CHOICE_ROW = 1, 3, 8
_PICTURE_ROWS = 17
_WHY_ROW = _CHOICE_ROW + 2 + _PICTURE_ROWS
_CHARTS_ROW = _WHY_ROW + 5
_CHART_ROWS = 14


def add_dashboard(builder: SheetBuilder) -> None:
    """Lay out the Dashboard; a panel whose tables the workbook lacks says so."""
    sheet = builder.sheet(SHEET, colours.OUTPUT_TAB, about="")
    sheet.set_column_pixels(0, COLUMNS - 1, COLUMN_PIXELS)
    even_rows(sheet, _CHARTS_ROW + _CHART_ROWS + 2)
    sheet.set_row(0, 26)
    _write_facts(builder, sheet)
    write_tiles(builder, sheet, _TILE_ROW, COLUMNS)
    _write_choice(builder, sheet)
    write_exceptions(builder, sheet, _CHOICE_ROW, _RIGHT)
    write_orders(builder, sheet, _CHOICE_ROW + 13, _RIGHT)
    _write_charts(builder, sheet)
    sheet.set_row(2, 6)
    sheet.set_row(_TILE_ROW + 4, 8)
    sheet.print_area(0, 0, _CHARTS_ROW + _CHART_ROWS + 1, COLUMNS - 1)
    sheet.fit_to_pages(1, 1)
    sheet.center_horizontally()
    sheet.freeze_panes(2, 0)
    guard(sheet)


def _write_facts(builder: SheetBuilder, sheet: Worksheet) -> None:
    """Write when the plan was made, and whether all checks hold."""
    label = builder.look.make(font_color=colours.QUIET)
    strong = builder.look.make(bold=True, num_format="yyyy-mm-dd", align="left")
    put(sheet, _FACTS_ROW, 0, "Plan date", label)
    put_across(sheet, Span(_FACTS_ROW, 1, 2), '=IF(ISNUMBER(plan_day),plan_day,"not refreshed yet")', strong)
    put(sheet, _FACTS_ROW, 4, "Refreshed", label)
    put_across(sheet, Span(_FACTS_ROW, 5, 7), "=last_refresh", strong)
    put(sheet, _FACTS_ROW, 8, "Money in", label)
    put_across(sheet, Span(_FACTS_ROW, 9, 10), '=money_unit&""', strong)
    put_across(sheet, Span(_FACTS_ROW, 16, 18), "Master check", builder.look.make(align="right", font_color="#595959"))
    pill = builder.look.make(
        bold=True, align="center", valign="vcenter", font_size=11, border=1, border_color="#BFBFBF"
    )
    put_across(sheet, Span(_FACTS_ROW, 19, 23), "=master_check", pill)
    sheet.set_row(_FACTS_ROW, 19)
    mark_master(builder, sheet, xl_rowcol_to_cell(_FACTS_ROW, 19, True, True))


def mark_master(builder: SheetBuilder, sheet: Worksheet, cell: str) -> None:
    """Mark the master check OK or CHECK."""
    for word, fill in (("OK", colours.GREEN_STRONG), ("CHECK", colours.VERMILLION_STRONG)):
        style = builder.book.add_format({"bg_color": fill, "font_color": "#FFFFFF", "bold": True})
        rule = {"type": "formula", "criteria": f'=LEFT({cell},LEN("{word}"))="{word}"', "format": style}
        sheet.conditional_format(cell, rule)


def _write_choice(builder: SheetBuilder, sheet: Worksheet) -> None:
    """Write the drop-downs for an item and a location, what they found, and the picture of its stock."""
    look = builder.look
    write_heading(sheet, look, Span(_CHOICE_ROW, 0, _RIGHT - 2), "Projected stock of an item")
    row = _CHOICE_ROW + 1
    put(sheet, row, 0, "Item", look.make(font_color=colours.QUIET))
    put_across(sheet, Span(row, 1, 2), "=urgent_item", code_style(look))
    put(sheet, row, 3, "Location", look.make(font_color=colours.QUIET, align="right", indent=1))
    put_across(sheet, Span(row, 4, 5), "=usual_location", code_style(look))
    named = 'IF(AND(item_choice<>"",location_choice<>""),"",chosen_item&" at "&chosen_location&": ")'
    described = f"{named}&INDEX({column(contract.PLAN, 'description')},chosen_row)"
    unknown = 'IF(items_planned=0,"","Not in the plan: choose another item or location")'
    shown = look.make(bold=True, indent=1, shrink=True)
    put_across(sheet, Span(row, 6, _RIGHT - 2), f"=IF(chosen_row>0,{described},{unknown})", shown)
    for name, first, source, what in (
        (
            "item_choice",
            1,
            "=plan_items",
            "Choose an item. Until you do, this is the most urgent one; clear the cell to see that again.",
        ),
        (
            "location_choice",
            4,
            "=locations_offered",
            "To be chosen only where an item is stocked at several locations.",
        ),
    ):
        cell = xl_rowcol_to_cell(row, first, True, True)
        builder.book.define_name(name, f"={SHEET}!{cell}")
        rule = {"validate": "list", "source": source, "input_title": name, "input_message": what, "ignore_blank": True}
        sheet.data_validation(row, first, row, first, rule | {"error_type": "warning"})
    if builder.has(contract.ORDER_ITEMS):
        chart = item_chart(builder)
        dress(chart, ((_RIGHT - 1) * COLUMN_PIXELS, _PICTURE_ROWS * ROW_PIXELS), ("", "units"), ("d mmm", "#,##0"))
        sheet.insert_chart(row + 1, 0, chart, STILL)
    else:
        put(sheet, row + 1, 0, "The sheet Outlook, which holds the projection, is not in this workbook.", look.quiet)
    why = when("chosen_row>0", f'INDEX({column(contract.PLAN, "why")},chosen_row)&""')
    words = look.make(text_wrap=True, valign="top", indent=1, bg_color="#F3F6FA")
    put_across(sheet, Span(_WHY_ROW, 0, _RIGHT - 2), why, words, rows=3)


def _write_charts(builder: SheetBuilder, sheet: Worksheet) -> None:
    quarter = COLUMNS // 4
    pictures: list[tuple[str, tuple[Table, ...], str]] = [
        ("Stock money for service", (contract.CURVE,), PLAN_POINT),
        (
            "Forecast error and bias",
            (contract.ACCURACY,),
            NO_PERIOD_YET,
        ),
        ("Value by class, at cost", (contract.CLASSES,), '=""'),
        ("Exceptions by kind", (contract.KINDS,), '=""'),
    ]
    makers = (exchange_chart, accuracy_chart, class_chart, kind_chart)
    for position, ((title, tables, words), make) in enumerate(zip(pictures, makers, strict=True)):
        first = position * quarter
        last = first + quarter - 1 - (position < len(pictures) - 1)
        write_heading(sheet, builder.look, Span(_CHARTS_ROW, first, last), title)
        if not builder.has(*tables):
            put(sheet, _CHARTS_ROW + 1, first, f"{tables[0].title} is not in this workbook.", builder.look.quiet)
            continue
        put_across(sheet, Span(_CHARTS_ROW + 1, first, last), words, builder.look.quiet)
        chart = make(builder)
        chart.set_size({"width": (last - first + 1) * COLUMN_PIXELS, "height": _CHART_ROWS * ROW_PIXELS})
        sheet.insert_chart(_CHARTS_ROW + 2, first, chart, STILL)
