"""The charts of the sheet What if."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.chart import Chart

from invopt_xl.templates.calculator.desk import Desk
from invopt_xl.templates.live import Area
from invopt_xl.workbook.sheets import look as colours

HEIGHT = 264
"""Of a chart, pixels."""

_AXIS_FONT, _GRID = {"size": 9, "color": "#404040"}, {"visible": True, "line": {"color": "#E3E3E3"}}


def _line(chart: Chart, name: str, across: Area, up: Area, colour: str, dash: str = "solid") -> None:
    chart.add_series(
        {
            "name": name,
            "categories": f"={across.named}",
            "values": f"={up.named}",
            "line": {"color": colour, "width": 2.25, "dash_type": dash},
            "marker": {"type": "circle", "size": 5, "fill": {"color": colour}, "border": {"color": colour}},
        }
    )


def _point(chart: Chart, name: str, across: Area, up: Area) -> None:
    chart.add_series(
        {
            "name": name,
            "categories": f"={across.named}",
            "values": f"={up.named}",
            "line": {"none": True},
            "marker": {
                "type": "diamond",
                "size": 12,
                "fill": {"color": colours.VERMILLION},
                "border": {"color": "#FFFFFF"},
            },
        }
    )


def _dressed(chart: Chart, title: str, across: dict[str, object]) -> Chart:
    chart.set_title({"name": title, "name_font": {"size": 12, "bold": True}, "overlay": False})
    fonts = {"num_font": _AXIS_FONT, "name_font": _AXIS_FONT}
    chart.set_x_axis({**fonts, "label_position": "low", **across})
    chart.set_y_axis({**fonts, "name": "units", "num_format": "#,##0", "major_gridlines": _GRID})
    chart.set_legend({"position": "bottom", "font": _AXIS_FONT})
    chart.set_plotarea({"layout": {"x": 0.1, "y": 0.14, "width": 0.86, "height": 0.53}})
    chart.set_size({"width": 650, "height": HEIGHT})
    return chart


def target_chart(desk: Desk, table: Sequence[Area], point: tuple[Area, Area]) -> Chart:
    """Return the chart of safety stock against service target, and the point of the item in it."""
    chart = desk.builder.book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    _line(chart, "safety stock", table[0], table[1], colours.BLUE)
    _point(chart, "the item, what if", *point)
    across = {
        "name": "service target",
        "num_format": "0%",
        "min": 0.75,
        "max": 1,
        "major_gridlines": {"visible": False},
    }
    return _dressed(chart, "Safety stock against service target", across)


def lead_chart(desk: Desk, table: Sequence[Area], point: tuple[Area, Area]) -> Chart:
    """Return the chart of stock against lead time, and the point of the item in it."""
    chart = desk.builder.book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    _line(chart, "safety stock", table[1], table[3], colours.BLUE)
    _line(chart, "reorder point", table[1], table[4], colours.ORANGE, "dash")
    _point(chart, "the item, what if", *point)
    across = {"name": "lead time, periods", "num_format": "0.0", "min": 0, "major_gridlines": {"visible": False}}
    return _dressed(chart, "Stock against lead time", across)
