"""The safety stock calculator: cell functions at work, what-if by typing."""

from __future__ import annotations

import io
from datetime import datetime

from xlsxwriter import Workbook

from invopt_xl.plan.columns import Tables
from invopt_xl.sheet.listing import functions_sheet
from invopt_xl.templates.calculator import front
from invopt_xl.templates.calculator.desk import Checked, Desk
from invopt_xl.templates.calculator.entries import ITEM_ROWS, SETTINGS, calculator_tables
from invopt_xl.templates.calculator.history import ABOUT as ABOUT_HISTORY
from invopt_xl.templates.calculator.history import NAME as HISTORY_SHEET
from invopt_xl.templates.calculator.history import add_history
from invopt_xl.templates.calculator.levels import ABOUT as ABOUT_LEVELS
from invopt_xl.templates.calculator.levels import NAME as LEVELS_SHEET
from invopt_xl.templates.calculator.levels import add_levels
from invopt_xl.templates.calculator.what_if import ABOUT as ABOUT_WHAT_IF
from invopt_xl.templates.calculator.what_if import NAME as WHAT_IF_SHEET
from invopt_xl.templates.calculator.what_if import add_what_if
from invopt_xl.templates.forms import Form
from invopt_xl.templates.live import LiveBook, LiveSheet
from invopt_xl.workbook.sheets.builder import SheetBuilder
from invopt_xl.workbook.sheets.entry import add_entry_rules
from invopt_xl.workbook.sheets.layout import FIRST_DATA_ROW, HEADER_ROW
from invopt_xl.workbook.sheets.look import COVER_TAB
from invopt_xl.workbook.template import Cover, write_reference

_CREATED = datetime(2018, 1, 1)  # fixed, so that the same inputs make the same file
_CALCULATION_VERSION = 191029
"""Of today's Excel: an older one would have everything calculated again on opening."""


def build_calculator(
    title: str, cover: Cover, form: Form, example: Tables, *, blank: bool, item_rows: int = ITEM_ROWS
) -> bytes:
    """Return the calculator as a workbook without macros.

    Parameters
    ----------
    title
        Its name.
    cover
        The words of its Cover.
    form
        How its formulas are written.
    example
        Input tables of a plan, some of whose items it begins with.
    blank
        Leave it empty.
    item_rows
        Rows for items.
    """
    content = io.BytesIO()
    tables = calculator_tables(example, blank=blank, item_rows=item_rows)
    with Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.calc_on_load = False
        book.set_calc_mode("auto", _CALCULATION_VERSION)
        book.set_size(2400, 1500)
        book.set_properties({"title": title, "comments": cover.purpose, "created": _CREATED})
        desk = Desk(SheetBuilder(book, tables, title), LiveBook(book, form))
        _lay_out(desk, cover)
    return content.getvalue()


def _lay_out(desk: Desk, cover: Cover) -> None:
    first = LiveSheet(desk.live, desk.builder.sheet(front.NAME, COVER_TAB))
    levels = add_levels(desk)
    what_if = add_what_if(desk, levels)
    history = add_history(desk, what_if)
    _add_settings(desk)
    functions = functions_sheet(desk.live.form.shown)
    write_reference(desk.builder, functions)
    checked = {
        LEVELS_SHEET: Checked(
            [levels.results, levels["why"]], [levels.typed], desk.below(levels.typed), levels.refused
        ),
        WHAT_IF_SHEET: what_if.checked,
        HISTORY_SHEET: history,
    }
    contents = {**_ABOUT, functions.name: _ABOUT_FUNCTIONS}
    front.add_cover(first, desk, cover, contents, checked)
    first.sheet.activate()


_SETTINGS, _ABOUT_SETTINGS = "Parameters", "What the formulas assume beyond their tables."
_ABOUT_FUNCTIONS = "All cell functions: what each returns, and its arguments."
_ABOUT = {
    LEVELS_SHEET: ABOUT_LEVELS,
    WHAT_IF_SHEET: ABOUT_WHAT_IF,
    HISTORY_SHEET: ABOUT_HISTORY,
    _SETTINGS: _ABOUT_SETTINGS,
}


def _add_settings(desk: Desk) -> None:
    """Lay out the sheet of the parameters that formulas name."""
    sheet = desk.input_sheet(_SETTINGS, _ABOUT_SETTINGS, SETTINGS, typed="value")
    for column, width in enumerate((27, 16, 14, 90)):
        sheet.sheet.set_column(column, column, width)
    for row, name in enumerate(desk.tables[SETTINGS.stem]["name"]):
        desk.live.book.define_name(name, f"={sheet.area(HEADER_ROW + row, 1).named}")
    add_entry_rules(sheet.sheet, SETTINGS, 0, FIRST_DATA_ROW, 1)
    sheet.sheet.freeze_panes(HEADER_ROW, 0)
