"""Conditional formats: what stands out, over rows enough that they hold when a table grows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from invopt_xl.plan.buffers.since_last import LARGE
from invopt_xl.plan.columns import BUFFERS, FORECAST, ORDER_ITEMS, ORDERS, PLAN, Table
from invopt_xl.plan.quality.overriding import NOT_FOLLOWED
from invopt_xl.workbook.sheets import look
from invopt_xl.workbook.sheets.calculated import placed_names

LAST_ROW = 100_000
"""Rows below this are not marked."""


def _letter(table: Table, name: str) -> str:
    return str(xl_col_to_name(placed_names(table).index(name)))


def _mark(sheet: Worksheet, cells: str, criteria: str, style: Any, *, stop: bool = False) -> None:
    sheet.conditional_format(cells, {"type": "formula", "criteria": criteria, "format": style, "stop_if_true": stop})


def mark_plan(sheet: Worksheet, book: Workbook, first: int, *, with_forecast: bool) -> None:
    """Mark stock-out risk, stock at or below the reorder point, excess, and overridden rows of the plan.

    The day that dated overrides are told by, as past or to come, is the plan date; where it is left to the program, the
    first of the forecast, if the workbook has one.
    """
    at = {name: _letter(PLAN, name) for name in placed_names(PLAN)}

    def cells(name: str) -> str:
        return f"{at[name]}{first}:{at[name]}{LAST_ROW}"

    planned = f'${at["item"]}{first}<>""'
    risk = f"${at['stockout_probability']}{first}"
    stock = f"${at['on_hand']}{first}"
    position = f"{stock}+${at['on_order']}{first}"
    severe = book.add_format({"bg_color": look.VERMILLION_STRONG, "font_color": "#FFFFFF", "bold": True})
    warn = book.add_format({"bg_color": look.PALE_ORANGE, "font_color": "#7A4A00", "bold": True})
    _mark(sheet, cells("on_hand"), f"AND({planned},{stock}<=0)", severe, stop=True)
    _mark(sheet, cells("stockout_probability"), f"AND({planned},{risk}>=0.5)", severe, stop=True)
    _mark(sheet, cells("stockout_probability"), f"AND({planned},{risk}>1-service_target)", warn)
    below = f"AND({planned},{position}<=${at['reorder_point']}{first})"
    _mark(sheet, cells("on_hand"), below, warn)
    _mark(sheet, cells("reorder_point"), below, warn)
    surplus = book.add_format({"bg_color": look.PALE_SKY, "font_color": "#004B75", "bold": True})
    for name in ("excess_quantity", "excess_value"):
        _mark(sheet, cells(name), f"AND({planned},${at['excess_quantity']}{first}>0)", surplus)
    _mark_overrides(sheet, book, at, first, _FIRST_DAY if with_forecast else "plan_date")


_FIRST_DAY = "IF(ISNUMBER(plan_date),plan_date,first_planned_day)"


def _mark_overrides(sheet: Worksheet, book: Workbook, at: Mapping[str, str], first: int, today: str) -> None:
    """Mark overrides: refused ones struck through, those whose day is past quietly, and those that are followed."""
    refused = book.add_format({**look.REFUSED, "font_strikeout": True})
    told = book.add_format(look.REFUSED)
    past = book.add_format({"font_color": look.QUIET, "italic": True})
    followed = book.add_format({"bg_color": look.PALE_PURPLE, "font_color": "#7B2D59", "bold": True})
    typed, day = f"${at['override_quantity']}{first}", f"${at['override_date']}{first}"
    is_typed, is_refused = f'AND(${at["item"]}{first}<>"",{typed}<>"")', f'${at["exception"]}{first}="{NOT_FOLLOWED}"'
    is_past = f"AND({is_typed},ISNUMBER({day}),{day}<{today})"

    def cells(name: str) -> str:
        return f"{at[name]}{first}:{at[name]}{LAST_ROW}"

    _mark(sheet, cells("exception"), is_refused, told)
    for name in ("override_quantity", "override_change", "override_date"):
        _mark(sheet, cells(name), f"AND({is_typed},{is_refused})", refused, stop=True)
        _mark(sheet, cells(name), is_past, past, stop=True)
    _mark(sheet, cells("override_quantity"), is_typed, followed)
    _mark(sheet, cells("order_quantity"), f"AND({is_typed},NOT({is_refused}),NOT({is_past}))", followed)


def mark_orders(sheet: Worksheet, book: Workbook, first: int, *, with_forecast: bool) -> None:
    """Mark the lines to place now: those of the plan date; where it is left to the program, of the first day.

    That is the first of the forecast; in a workbook without one, of the orders.
    """
    day, supplier, last = (_letter(ORDERS, name) for name in ("order_date", "supplier", "quantity"))
    now = book.add_format({"bg_color": look.PALE_GREEN, "font_color": "#00523B"})
    earliest = f"Forecast!${_letter(FORECAST, 'date')}${first}" if with_forecast else "MIN(tblOrders[order_date])"
    # By a name: Excel repairs workbooks in which a rule reads another sheet, before 2016, or a table.
    book.define_name("first_planned_day", f"={earliest}")
    is_now = f"AND(ISNUMBER(${day}{first}),${day}{first}<={_FIRST_DAY})"
    _mark(sheet, f"{supplier}{first}:{last}{LAST_ROW}", is_now, now)


def mark_outlook(sheet: Worksheet, book: Workbook, first: int) -> None:
    """Mark periods that end below the safety stock, and those that are short."""
    stock, safety, short = (_letter(ORDER_ITEMS, name) for name in ("stock", "safety_stock", "short"))
    severe = book.add_format({"bg_color": look.VERMILLION_STRONG, "font_color": "#FFFFFF", "bold": True})
    warn = book.add_format({"bg_color": look.PALE_ORANGE, "font_color": "#7A4A00", "bold": True})
    _mark(sheet, f"{short}{first}:{short}{LAST_ROW}", f"AND(ISNUMBER(${short}{first}),${short}{first}>0)", severe)
    low = f"AND(ISNUMBER(${stock}{first}),${stock}{first}<${safety}{first})"
    _mark(sheet, f"{stock}{first}:{stock}{LAST_ROW}", low, warn)


def mark_buffers(sheet: Worksheet, book: Workbook, first: int) -> None:
    """Mark large changes of buffers."""
    change, level = (f"${_letter(BUFFERS, name)}{first}" for name in ("change", "reorder_point"))
    style = book.add_format({"bg_color": look.PALE_SKY, "font_color": "#004B75", "bold": True})
    letter = _letter(BUFFERS, "change")
    # The reorder point of the last refresh is that of now less its change.
    large = f"AND(ISNUMBER({change}),ABS({change})>=0.05,ABS({change})>{LARGE}*({level}-{change}))"
    _mark(sheet, f"{letter}{first}:{letter}{LAST_ROW}", large, style)


def mark_severity(sheet: Worksheet, book: Workbook, first: int, table: Table) -> None:
    """Mark the severity of exceptions and of quality findings."""
    letter = _letter(table, "severity")
    cells = f"{letter}{first}:{letter}{LAST_ROW}"
    styles = {
        ("critical", "rejected"): {"bg_color": look.VERMILLION_STRONG, "font_color": "#FFFFFF", "bold": True},
        ("warning", "repaired"): {"bg_color": look.PALE_ORANGE, "font_color": "#7A4A00", "bold": True},
        ("notice",): {"bg_color": look.PALE_SKY, "font_color": "#004B75"},
    }
    for words, style in styles.items():
        made = book.add_format(style)
        for word in words:
            _mark(sheet, cells, f'${letter}{first}="{word}"', made)


def mark_checks(sheet: Worksheet, book: Workbook, first: int, column: int) -> None:
    """Mark checks OK or CHECK: the master check, in the first row, across it; the others by their result."""
    left, result, right = (xl_col_to_name(column + offset) for offset in range(3))
    strong = {"OK": look.GREEN_STRONG, "CHECK": look.VERMILLION_STRONG}
    pale = {"OK": (look.PALE_GREEN, "#00523B"), "CHECK": (look.PALE_VERMILLION, "#8A3B00")}
    for word, colour in strong.items():
        # All rows carry the rule: one over the first row alone would grow with the table.
        style = book.add_format({"bg_color": colour, "font_color": "#FFFFFF", "bold": True})
        rule = f'AND(ROW()={first},${result}${first}="{word}")'
        _mark(sheet, f"{left}{first}:{right}{LAST_ROW}", rule, style, stop=True)
    for word, (fill, font) in pale.items():
        style = book.add_format({"bg_color": fill, "font_color": font, "bold": word == "CHECK"})
        _mark(sheet, f"{result}{first}:{result}{LAST_ROW}", f'${result}{first}="{word}"', style)


_WORD_STYLES: Mapping[str, dict[str, Any]] = {
    "good": {"bg_color": look.PALE_GREEN, "font_color": "#00523B"},
    "warning": {"bg_color": look.PALE_ORANGE, "font_color": "#7A4A00", "bold": True},
    "notice": {"bg_color": look.PALE_SKY, "font_color": "#004B75"},
}


def mark_words(sheet: Worksheet, book: Workbook, place: tuple[int, int], words: Mapping[str, str]) -> None:
    """Mark words in a column as ``good``, ``warning`` or ``notice``.

    Parameters
    ----------
    sheet, book
        Where they stand.
    place
        Column counted from 0, first row counted from 1.
    words
        How each is marked.
    """
    column, first = place
    letter = xl_col_to_name(column)
    for word, style in words.items():
        made = book.add_format(_WORD_STYLES[style])
        _mark(sheet, f"{letter}{first}:{letter}{LAST_ROW}", f'${letter}{first}="{word}"', made)
