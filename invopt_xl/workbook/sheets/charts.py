"""Native charts of plan workbooks, dressed alike: colours that the colour-blind tell apart, and dashes beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart

from invopt_xl.workbook.sheets import look as colours

AXIS_FONT = {"name": colours.FONT, "size": 9}
GRID = {"visible": True, "line": {"color": "#E3E3E3", "width": 0.5}}
STILL: dict[str, Any] = {"object_position": 3}
"""Charts keep their size when columns become wider."""


class Stroke(NamedTuple):
    """How a line looks: colour, dash, marker ("none" is none), width (0 is none) and size of the marker in points."""

    colour: str
    dash: str = "solid"
    marker: str = "none"
    width: float = 2.0
    size: int = 6

    def options(self) -> dict[str, Any]:
        """Return it in the words of a chart's series."""
        marker: dict[str, Any] = {"type": self.marker}
        if self.marker != "none":
            marker |= {"size": self.size, "fill": {"color": self.colour}, "border": {"color": "#FFFFFF"}}
        if self.width == 0:
            return {"line": {"none": True}, "marker": marker}
        return {"line": {"color": self.colour, "dash_type": self.dash, "width": self.width}, "marker": marker}


class Cells(NamedTuple):
    """Cells of a column, rows and column counted from 0."""

    sheet: str
    column: int
    first: int
    last: int

    def reference(self) -> list[Any]:
        """Return them in the words of a chart's series."""
        return [self.sheet, self.first, self.column, self.last, self.column]

    def header(self) -> list[Any]:
        """Return the cell above them."""
        return [self.sheet, self.first - 1, self.column]


def line_chart(book: Workbook, categories: Cells, lines: list[tuple[str, Cells, Stroke]]) -> Chart:
    """Return a chart of lines over the same categories, each with its name in the legend."""
    chart = book.add_chart({"type": "line"})
    for name, values, stroke in lines:
        chart.add_series(
            {
                "name": name,
                "categories": categories.reference(),
                "values": values.reference(),
                **stroke.options(),
            }
        )
    # What is not known yet stands at the end: no line leads there, in Excel or in LibreOffice.
    chart.show_blanks_as("span")
    return chart


def curve_chart(
    book: Workbook, lines: list[tuple[str, Cells, Cells, Stroke]], sides: Mapping[str, str] | None = None
) -> Chart:
    """Return a scatter of lines and of points, each a name, its x, its y and how it looks.

    Points that `sides` names carry their name, on that side of them.
    """
    chart = book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    for name, across, up, stroke in lines:
        said: dict[str, Any] = {}
        if sides and name in sides:
            font = {**AXIS_FONT, "bold": True, "color": stroke.colour}
            said["data_labels"] = {"series_name": True, "position": sides[name], "font": font}
        cells = {"categories": across.reference(), "values": up.reference()}
        chart.add_series({"name": name, **cells, **stroke.options(), **said})
    chart.show_blanks_as("span")
    return chart


def bar_chart(book: Workbook, kind: str, categories: Cells, bars: list[tuple[str, Cells, str]]) -> Chart:
    """Return a chart of columns ("column") or bars ("bar"), each series a name, its values and its colour.

    Bars carry their numbers, and none where they are 0.
    """
    chart = book.add_chart({"type": kind})
    numbers = {"data_labels": {"value": True, "num_format": "#,##0;;", "font": AXIS_FONT}} if kind == "bar" else {}
    for name, values, colour in bars:
        chart.add_series(
            {
                "name": name,
                "categories": categories.reference(),
                "values": values.reference(),
                "fill": {"color": colour},
                "border": {"color": "#404040", "width": 0.5},
                "gap": 60,
                **numbers,
            }
        )
    return chart


def dress_bars(chart: Chart, size: tuple[int, int]) -> Chart:
    """Set the size in pixels of a chart of one series of bars: read from the top, without an axis or a legend."""
    dress(chart, size, ("", ""), ("General", "#,##0"))
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "num_font": AXIS_FONT})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    return chart


def dress(chart: Chart, size: tuple[int, int], axes: tuple[str, str], formats: tuple[str, str]) -> Chart:
    """Set a chart's size in pixels, the names of its x and y axes, and their number formats."""
    chart.set_size({"width": size[0], "height": size[1]})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_legend({"position": "bottom", "font": AXIS_FONT})
    for setter, name, shown in zip((chart.set_x_axis, chart.set_y_axis), axes, formats, strict=True):
        options: dict[str, Any] = {"num_font": AXIS_FONT, "num_format": shown, "line": {"color": "#A6A6A6"}}
        if setter == chart.set_x_axis:
            # Excel would else make an axis of dates, on which a week's column is as wide as a day.
            options["text_axis"] = True
        if name:
            options |= {"name": name, "name_font": {**AXIS_FONT, "bold": False}}
        options["major_gridlines"] = GRID if setter == chart.set_y_axis else {"visible": False}
        setter(options)
    chart.set_title({"none": True})
    return chart
