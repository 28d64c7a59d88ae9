"""The Dashboard: headline figures, native charts, and at their right the tables the charts are drawn from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from invopt_xl.plan.columns import CLASSES, KINDS, KPIS, PROJECTION, WORST, Table
from invopt_xl.workbook import look as colours
from invopt_xl.workbook.look import Look

Place = Callable[[Worksheet, Table, int], None]

SHEET = "Dashboard"
KINDS_SHOWN = 10
LINES = (
    (colours.VERMILLION, "solid", "circle"),
    (colours.BLUE, "dash", "square"),
    (colours.GREEN, "long_dash", "triangle"),
    (colours.PURPLE, "round_dot", "diamond"),
    ("#000000", "dash_dot", "x"),
)
_TITLE_FONT = {"name": colours.FONT, "size": 12, "bold": True, "color": colours.HEADER_FILL}
_AXIS_FONT = {"name": colours.FONT, "size": 9}
_GRID = {"visible": True, "line": {"color": "#E3E3E3", "width": 0.5}}

_CHART_COLUMN = len(KPIS.columns) + 1
_CHART_COLUMNS = 12
_FEED_COLUMN = _CHART_COLUMN + _CHART_COLUMNS + 1
_FIRST_ROW = 5
_STILL: dict[str, Any] = {"object_position": 3}


def add_dashboard(book: Workbook, sheet: Worksheet, look: Look, place: Place, horizon: int) -> None:
    """Lay out the Dashboard.

    Parameters
    ----------
    book, sheet, look
        Where it goes.
    place
        Puts a table on the sheet at a column.
    horizon
        Periods of the projection shown.
    """
    sheet.write_string(
        1, 0, "Headline figures and charts; a refresh writes the tables they are drawn from, at the right.", look.quiet
    )
    place(sheet, KPIS, 0)
    for column, width in enumerate((27, 13, 10, 54, 3)):
        sheet.set_column(column, column, width)
    at = _place_feeds(sheet, look, place)
    sheet.insert_chart(3, _CHART_COLUMN, _projection_chart(book, at, horizon), _STILL)
    sheet.insert_chart(27, _CHART_COLUMN, _class_chart(book, at), _STILL)
    sheet.insert_chart(27, _CHART_COLUMN + 6, _kind_chart(book, at), _STILL)
    sheet.print_area(0, 0, 51, _FEED_COLUMN - 2)
    sheet.fit_to_pages(1, 1)
    sheet.freeze_panes(2, 0)


def _place_feeds(sheet: Worksheet, look: Look, place: Place) -> dict[str, int]:
    """Put the charts' tables side by side, nothing below them, and return the column each begins at."""
    at: dict[str, int] = {}
    column = _FEED_COLUMN
    for table in (WORST, PROJECTION, CLASSES, KINDS):
        at[table.stem] = column
        place(sheet, table, column)
        sheet.write_string(2, column, table.title, look.heading)
        column += len(table.columns) + 1
    return at


def _range(column: int, rows: int) -> str:
    letter = xl_col_to_name(column)
    return f"={SHEET}!${letter}${_FIRST_ROW}:${letter}${_FIRST_ROW + rows - 1}"


def _cell(column: int, row: int) -> str:
    return f"={SHEET}!${xl_col_to_name(column)}${row}"


def _dressed(chart: Chart, title: str, width: int, height: int) -> Chart:
    chart.set_title({"name": title, "name_font": _TITLE_FONT, "overlay": False})
    chart.set_size({"width": width, "height": height})
    chart.set_chartarea({"border": {"color": "#D9D9D9"}})
    chart.set_legend({"position": "bottom", "font": _AXIS_FONT})
    return chart


def _projection_chart(book: Workbook, at: dict[str, int], horizon: int) -> Chart:
    chart = book.add_chart({"type": "line"})
    labels = at["worst"] + WORST.column_names.index("label")
    for rank, (colour, dash, marker) in enumerate(LINES):
        chart.add_series(
            {
                "name": _cell(labels, _FIRST_ROW + rank),
                "categories": _range(at["projection"], horizon),
                "values": _range(at["projection"] + 1 + rank, horizon),
                "line": {"color": colour, "dash_type": dash, "width": 2},
                "marker": {
                    "type": marker,
                    "size": 5,
                    "fill": {"color": colour},
                    "border": {"color": colour},
                },
            }
        )
    chart.set_x_axis({"num_format": "d mmm", "num_font": _AXIS_FONT, "text_axis": True})
    chart.set_y_axis(
        {
            "name": "units",
            "name_font": _AXIS_FONT,
            "num_font": _AXIS_FONT,
            "num_format": "#,##0",
            "major_gridlines": _GRID,
        }
    )
    chart.show_blanks_as("gap")
    return _dressed(chart, "Projected stock of the five most urgent items", 766, 460)


def _class_chart(book: Workbook, at: dict[str, int]) -> Chart:
    chart = book.add_chart({"type": "column"})
    names = {"demand_value": colours.BLUE, "stock_value": colours.ORANGE, "excess_value": colours.VERMILLION}
    for name, colour in names.items():
        column = at["classes"] + CLASSES.column_names.index(name)
        chart.add_series(
            {
                "name": _cell(column, _FIRST_ROW - 1),
                "categories": _range(at["classes"], 3),
                "values": _range(column, 3),
                "fill": {"color": colour},
                "border": {"color": "#FFFFFF"},
                "gap": 60,
            }
        )
    chart.set_y_axis({"num_font": _AXIS_FONT, "num_format": "#,##0", "major_gridlines": _GRID})
    chart.set_x_axis({"num_font": _AXIS_FONT})
    return _dressed(chart, "Value by ABC class, at cost", 380, 470)


def _kind_chart(book: Workbook, at: dict[str, int]) -> Chart:
    chart = book.add_chart({"type": "bar"})
    count = at["kinds"] + KINDS.column_names.index("count")
    chart.add_series(
        {
            "name": _cell(count, _FIRST_ROW - 1),
            "categories": _range(at["kinds"], KINDS_SHOWN),
            "values": _range(count, KINDS_SHOWN),
            "fill": {"color": colours.BLUE},
            "data_labels": {"value": True, "num_format": "#,##0;;", "font": _AXIS_FONT},
            "gap": 40,
        }
    )
    chart.set_y_axis({"reverse": True, "num_font": _AXIS_FONT})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    dressed = _dressed(chart, "Exceptions by kind", 380, 470)
    dressed.set_legend({"none": True})
    return dressed
