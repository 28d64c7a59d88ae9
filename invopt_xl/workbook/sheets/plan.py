"""What the Plan shows beside its figures: the trend of demand, arrows, bars, and past demand in a group of columns."""

from __future__ import annotations

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from invopt_xl.plan.columns import PLAN, TREND
from invopt_xl.workbook.sheets import look as colours
from invopt_xl.workbook.sheets.calculated import placed_names
from invopt_xl.workbook.sheets.layout import FIRST_DATA_ROW
from invopt_xl.workbook.sheets.look import column_width
from invopt_xl.workbook.sheets.signals import LAST_ROW

LAST_EXCEL_ROW = 1_048_575
STEADY = 0.1
"""Demand that changed by no more than this share has a level arrow."""


def dress_plan(sheet: Worksheet, rows: int) -> None:
    """Add trends, arrows and bars to the Plan, and group the columns of past demand beyond the printed ones.

    Parameters
    ----------
    sheet
        The Plan, its table in place.
    rows
        Rows of its table.
    """
    at = {name: position for position, name in enumerate(placed_names(PLAN))}
    first, last = at[TREND[0]], at[TREND[-1]]
    _draw_bars(sheet, at["excess_value"])
    _draw_trends(sheet, at["trend"], (first, last), max(rows, 1))
    _draw_arrows(sheet, at["demand_change"])
    sheet.set_column(first, last, column_width(PLAN.column(TREND[0])), None, {"level": 1})
    sheet.print_area(0, 0, LAST_EXCEL_ROW, first - 1)


def _draw_trends(sheet: Worksheet, trend: int, past: tuple[int, int], rows: int) -> None:
    """Draw each row's past demand: from the row's own cells, so that it goes with them when the table is sorted."""
    first, last = (xl_col_to_name(column) for column in past)
    numbers = range(FIRST_DATA_ROW, FIRST_DATA_ROW + rows)
    sheet.add_sparkline(
        FIRST_DATA_ROW - 1,
        trend,
        {
            "location": [f"{xl_col_to_name(trend)}{row}" for row in numbers],
            "range": [f"Plan!{first}{row}:{last}{row}" for row in numbers],
            "series_color": colours.BLUE,
            "last_point": True,
            "last_color": colours.VERMILLION,
            "weight": 1.25,
            "min": 0,
            "show_hidden": True,  # they stay when their group of columns is closed
        },
    )


def _draw_arrows(sheet: Worksheet, column: int) -> None:
    rising = {"criteria": ">", "type": "number", "value": STEADY}
    level = {"criteria": ">=", "type": "number", "value": -STEADY}
    sheet.conditional_format(
        FIRST_DATA_ROW - 1,
        column,
        LAST_ROW - 1,
        column,
        {"type": "icon_set", "icon_style": "3_arrows_gray", "icons": [rising, level]},
    )


def _draw_bars(sheet: Worksheet, column: int) -> None:
    """Draw a bar behind excess money, plain, beginning at 0."""
    sheet.conditional_format(
        FIRST_DATA_ROW - 1,
        column,
        LAST_ROW - 1,
        column,
        {
            "type": "data_bar",
            "data_bar_2010": True,
            "bar_color": colours.SKY,
            "bar_solid": True,
            "min_type": "num",
            "min_value": 0,
        },
    )
