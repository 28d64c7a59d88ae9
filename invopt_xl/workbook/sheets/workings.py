"""The sheet Workings: settings, and the calculations that the Dashboard shows, block beside block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from invopt_xl.plan import columns as contract
from invopt_xl.workbook.sheets import look as colours
from invopt_xl.workbook.sheets.figures import figures_of
from invopt_xl.workbook.sheets.formulas import blank_if_error, column, filled, next_text, nth_row, same, when
from invopt_xl.workbook.sheets.layout import FIRST_DATA_ROW, HEADER_ROW
from invopt_xl.workbook.sheets.panels import guard, input_style, put

if TYPE_CHECKING:
    from invopt_xl.workbook.sheets.builder import SheetBuilder

SHEET = "Workings"
ACCURACY_PERIODS = 26
SUPPLIERS_SHOWN = 8
LOCATIONS_OFFERED = 30
LONGEST_SHOWN = 26
"""Periods of the chosen item at most."""

_FIGURES, _ITEM, _ACCURACY, _DUE, _LOCATIONS = 5, 9, 16, 21, 26
_TOP = FIRST_DATA_ROW - 1

SETTINGS = (
    ("days_ahead", 7, "days", "Orders to be placed within these days of the plan date are due."),
    ("money_tolerance", 1, "money", "Sums that differ by no more are taken for equal."),
    ("percent", 100, "per 1", "Shares are shown in words as so many of a hundred."),
)


def add_workings(builder: SheetBuilder) -> None:
    """Lay out the sheet; what stands on tables that the workbook lacks is blank."""
    sheet = builder.sheet(SHEET, colours.COVER_TAB)
    _write_settings(builder, sheet)
    _write_figures(builder, sheet)
    _write_item(builder, sheet)
    _write_accuracy(builder, sheet)
    _write_due(builder, sheet)
    _write_locations(builder, sheet)
    for at, width in {0: 17, 1: 10, 2: 9, 3: 58, 5: 20, 6: 16, 7: 58}.items():
        builder.widen(sheet, at, width)
    missing = builder.book.add_format({"font_color": colours.QUIET})
    last = _TOP + max(LONGEST_SHOWN, ACCURACY_PERIODS) - 1
    sheet.conditional_format(_TOP, _ITEM, last, _DUE - 1, {"type": "errors", "format": missing})
    builder.table_view(sheet, starts=(0, _FIGURES, _ITEM, _ACCURACY, _DUE, _LOCATIONS))
    guard(sheet)


def projection_periods(builder: SheetBuilder) -> int:
    """Return the periods of the chosen item that are shown."""
    return min(builder.horizon(), LONGEST_SHOWN)


def item_column(name: str) -> int:
    """Return the column of the chosen item's ``date``, ``stock``, ``reorder_point``, ``safety_stock``, ``receipts``."""
    return _ITEM + ("period", "date", "stock", "reorder_point", "safety_stock", "receipts").index(name)


def accuracy_column(name: str) -> int:
    """Return the column of the ``date``, ``error_share`` or ``bias_share`` of past periods."""
    return _ACCURACY + ("period", "date", "error_share", "bias_share").index(name)


def due_row(position: int) -> str:
    """Return a reference to the row in ``tblSupplierOrders`` of the n-th largest order that is due."""
    cell = xl_rowcol_to_cell(_TOP + position - 1, _DUE + 3, row_abs=True, col_abs=True)
    return f"{SHEET}!{cell}"


def _headers(builder: SheetBuilder, sheet: Worksheet, first: int, title: str, names: list[str]) -> None:
    sheet.write_string(HEADER_ROW - 2, first, title, builder.look.heading)
    for offset, name in enumerate(names):
        sheet.write_string(HEADER_ROW - 1, first + offset, name, builder.look.header(is_input=False))
        builder.widen(sheet, first + offset, max(len(name) + 4, 11))


def _name(builder: SheetBuilder, name: str, row: int, at: int) -> None:
    builder.book.define_name(name, f"={SHEET}!{xl_rowcol_to_cell(row, at, row_abs=True, col_abs=True)}")


def _write_settings(builder: SheetBuilder, sheet: Worksheet) -> None:
    _headers(builder, sheet, 0, "Settings", ["name", "value", "unit", "note"])
    for offset, (name, value, unit, note) in enumerate(SETTINGS):
        put(sheet, _TOP + offset, 0, name, builder.look.text)
        put(sheet, _TOP + offset, 1, value, input_style(builder.look, align="right", indent=0))
        put(sheet, _TOP + offset, 2, unit, builder.look.make(indent=1))
        put(sheet, _TOP + offset, 3, note, builder.look.quiet)
        _name(builder, name, _TOP + offset, 1)
        rule = {"validate": "decimal", "criteria": ">=", "value": 0, "input_title": name, "input_message": note}
        sheet.data_validation(_TOP + offset, 1, _TOP + offset, 1, rule)


def _write_figures(builder: SheetBuilder, sheet: Worksheet) -> None:
    _headers(builder, sheet, _FIGURES, "Figures", ["figure", "now", "what"])
    for offset, (name, formula, note) in enumerate(figures_of(builder)):
        row = _TOP + offset
        put(sheet, row, _FIGURES, name, builder.look.text)
        shown = "yyyy-mm-dd" if name in {"plan_day", "due_limit"} else "#,##0.0##"
        put(sheet, row, _FIGURES + 1, formula, builder.look.make(num_format=shown, align="right"))
        put(sheet, row, _FIGURES + 2, note, builder.look.make(italic=True, font_color=colours.QUIET, indent=1))
        _name(builder, name, row, _FIGURES + 1)


def _write_item(builder: SheetBuilder, sheet: Worksheet) -> None:
    """Write the periods of the chosen item: what is not known is #N/A, which charts leave out."""
    names = ["period", "date", "stock", "reorder_point", "safety_stock", "receipts"]
    _headers(builder, sheet, _ITEM, "Chosen item", names)
    if not builder.has(contract.ORDER_ITEMS):
        return
    table = contract.ORDER_ITEMS
    dates = column(table, "date")
    rows = f"{same(column(table, 'item'), 'chosen_item')}*{same(column(table, 'location'), 'chosen_location')}"
    day_style, units = builder.look.make(num_format="yyyy-mm-dd"), builder.look.make(num_format="#,##0.0")
    for position in range(1, projection_periods(builder) + 1):
        row = _TOP + position - 1
        day, above = (xl_rowcol_to_cell(at, _ITEM + 1, col_abs=True) for at in (row, row - 1))
        put(sheet, row, _ITEM, position, builder.look.text)
        following = f'SMALL({dates},COUNTIFS({dates},"<="&{above})+1)' if position > 1 else f"MIN({dates})"
        known = f"ISNUMBER({above})" if position > 1 else f"COUNT({dates})>0"
        put(sheet, row, _ITEM + 1, when(f"AND(chosen_row>0,{known})", following), day_style)
        for name in ("stock", "receipts"):
            total = f"SUMPRODUCT({rows}*({dates}={day})*{column(table, name)})"
            put(sheet, row, item_column(name), f"=IF(ISNUMBER({day}),{total},NA())", units)
        for name in ("reorder_point", "safety_stock"):
            # The safety stock of the Outlook is another: the floor that the order plan keeps to.
            level = f"INDEX({column(contract.PLAN, name)},chosen_row)"
            put(sheet, row, item_column(name), f"=IF(ISNUMBER({day}),{level},NA())", units)


def _write_accuracy(builder: SheetBuilder, sheet: Worksheet) -> None:
    _headers(
        builder,
        sheet,
        _ACCURACY,
        "Last periods, the last again where there are fewer",
        ["period", "date", "error_share", "bias_share"],
    )
    if not builder.has(contract.ACCURACY):
        return
    dates = column(contract.ACCURACY, "date")
    day_style, share = builder.look.make(num_format="yyyy-mm-dd"), builder.look.make(num_format="0.0%")
    first, last = (xl_rowcol_to_cell(_TOP + at, _ACCURACY, True, True) for at in (0, ACCURACY_PERIODS - 1))
    for position in range(1, ACCURACY_PERIODS + 1):
        row = _TOP + position - 1
        put(sheet, row, _ACCURACY, position, builder.look.text)
        nth = f"MAX(COUNT({dates})-MAX({first}:{last}),0)+{xl_rowcol_to_cell(row, _ACCURACY, col_abs=True)}"
        # Where there are fewer, the last one stands again: on it no chart shows it twice, and none has room left over.
        at = f"MIN({nth},COUNT({dates}))"
        known = f"COUNT({dates})>0"
        for name in ("date", "error_share", "bias_share"):
            formula = f"IF({known},INDEX({column(contract.ACCURACY, name)},{at}),{{}})"
            other = '""' if name == "date" else "NA()"
            put(sheet, row, accuracy_column(name), "=" + formula.format(other), day_style if name == "date" else share)


def _write_due(builder: SheetBuilder, sheet: Worksheet) -> None:
    """Write the rows of the largest orders that are due; equal ones in the order of the table."""
    _headers(builder, sheet, _DUE, "Largest due orders", ["rank", "size", "equal", "row"])
    if not builder.has(contract.SUPPLIER_ORDERS):
        return
    table = contract.SUPPLIER_ORDERS
    day, value = column(table, "order_date"), column(table, "value")
    # One more than the value, so that a free transfer counts and an order of another day, 0, does not.
    size = f"({day}<due_limit)*(1+{value})"
    style = builder.look.make(num_format="#,##0.00")
    for position in range(1, SUPPLIERS_SHOWN + 1):
        row = _TOP + position - 1
        rank, key, equal = (xl_rowcol_to_cell(row, _DUE + at) for at in range(3))
        put(sheet, row, _DUE, position, builder.look.text)
        known = f"AND(ISNUMBER(due_suppliers),{rank}<=due_suppliers)"
        put(sheet, row, _DUE + 1, when(known, f"SUMPRODUCT(LARGE({size},{rank}))"), style)
        keys = f"{xl_rowcol_to_cell(_TOP, _DUE + 1, row_abs=True)}:{key}"
        put(sheet, row, _DUE + 2, when(f"ISNUMBER({key})", f"COUNTIF({keys},{key})"), builder.look.text)
        found = nth_row(table, "value", f"({size}={key})", equal)
        put(sheet, row, _DUE + 3, when(f"ISNUMBER({key})", found), builder.look.text)


def _write_locations(builder: SheetBuilder, sheet: Worksheet) -> None:
    _headers(builder, sheet, _LOCATIONS, "Locations", ["location"])
    letter = xl_col_to_name(_LOCATIONS)
    for offset in range(LOCATIONS_OFFERED):
        row = _TOP + offset
        above = f"{letter}${HEADER_ROW}:{letter}{row}"
        formula = blank_if_error(next_text(contract.PLAN, "location", above))
        put(sheet, row, _LOCATIONS, formula, builder.look.text)
    first, last = f"${letter}${_TOP + 1}", f"${letter}${_TOP + LOCATIONS_OFFERED}"
    count = f'SUMPRODUCT(({SHEET}!{first}:{last}<>"")*1)'
    builder.book.define_name("locations_offered", "=" + filled(f"{SHEET}!{first}", last, count))
    builder.book.define_name("plan_items", f"={column(contract.PLAN, 'item')}")
