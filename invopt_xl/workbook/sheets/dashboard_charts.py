"""The Dashboard's charts, and the tables behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlsxwriter.chart import Chart

from invopt_xl.plan import columns as contract
from invopt_xl.plan.columns import Table
from invopt_xl.workbook.sheets import look as colours
from invopt_xl.workbook.sheets import workings
from invopt_xl.workbook.sheets.charts import (
    AXIS_FONT,
    Cells,
    Stroke,
    bar_chart,
    curve_chart,
    dress,
    dress_bars,
    line_chart,
)
from invopt_xl.workbook.sheets.formulas import column
from invopt_xl.workbook.sheets.layout import FIRST_DATA_ROW

if TYPE_CHECKING:
    from invopt_xl.workbook.sheets.builder import SheetBuilder

CURVE_ROWS, KINDS_SHOWN = 80, 10
_SIZE = (400, 300)

_PLAN_FILL = f'SUMIFS({column(contract.CURVE, "fill_rate")},{column(contract.CURVE, "point")},"plan")'
PLAN_POINT = f'=IF({_PLAN_FILL}>0,"This plan: expected fill rate, "&FIXED(percent*{_PLAN_FILL},1)&"%","")'
"""Which fill rate the point of the plan stands at: the overall one, which is weighted, may be another."""

FIGURES = (contract.KPIS, contract.WORST, contract.PROJECTION, contract.CLASSES, contract.KINDS)
"""Tables behind the Dashboard, side by side on the sheet Figures."""


def figures_column(table: Table, name: str) -> int:
    """Return the column, counted from 0, that a column of a table has on the sheet Figures."""
    before = FIGURES[: FIGURES.index(table)]
    return sum(len(each.columns) + 1 for each in before) + table.column_names.index(name)


def item_chart(builder: SheetBuilder) -> Chart:
    """Return the chart of the chosen item: stock against its reorder point and safety stock, receipts as columns."""
    last = FIRST_DATA_ROW - 1 + workings.projection_periods(builder) - 1

    def cells(name: str) -> Cells:
        return Cells(workings.SHEET, workings.item_column(name), FIRST_DATA_ROW - 1, last)

    bars = bar_chart(builder.book, "column", cells("date"), [("receipts", cells("receipts"), "#C9D3DF")])
    lines = [
        ("stock at the period's end", cells("stock"), Stroke(colours.BLUE, "solid", "circle", 2.25)),
        ("reorder point", cells("reorder_point"), Stroke(colours.VERMILLION, "dash")),
        ("safety stock", cells("safety_stock"), Stroke("#595959", "round_dot", "none", 1.5)),
    ]
    bars.combine(line_chart(builder.book, cells("date"), lines))
    return bars


def exchange_chart(builder: SheetBuilder) -> Chart:
    """Return the chart of stock money for service: two curves, where stock stands today, and where the plan leads."""

    def cells(name: str) -> Cells:
        at = contract.CURVE.column_names.index(name)
        return Cells("Curve", at, FIRST_DATA_ROW - 1, FIRST_DATA_ROW + CURVE_ROWS - 2)

    fill = cells("fill_rate")
    chart = curve_chart(
        builder.book,
        [
            ("a target for each item", fill, cells("best_mix"), Stroke(colours.BLUE)),
            ("one target for all", fill, cells("one_target"), Stroke("#7F5700", "dash")),
            ("this plan", fill, cells("plan"), Stroke("#000000", marker="square", width=0, size=9)),
            ("today", fill, cells("today"), Stroke(colours.VERMILLION_STRONG, marker="diamond", width=0, size=12)),
        ],
        {"this plan": "below", "today": "left"},
    )
    dress(chart, _SIZE, ("fill rate", "stock, money"), ("0%", "#,##0"))
    chart.set_legend({"position": "bottom", "font": AXIS_FONT, "delete_series": [2, 3]})  # they carry their names
    chart.set_x_axis({"name": "fill rate", "name_font": {"bold": False, "size": 9}, "num_format": "0%", "max": 1})
    return chart


def accuracy_chart(builder: SheetBuilder) -> Chart:
    """Return the chart of forecast error and bias of the last periods."""
    last = FIRST_DATA_ROW - 1 + workings.ACCURACY_PERIODS - 1

    def cells(name: str) -> Cells:
        return Cells(workings.SHEET, workings.accuracy_column(name), FIRST_DATA_ROW - 1, last)

    lines = [
        ("error", cells("error_share"), Stroke(colours.BLUE, "solid", "circle")),
        ("bias (above 0: forecast too high)", cells("bias_share"), Stroke(colours.VERMILLION, "dash", "square")),
    ]
    chart = dress(line_chart(builder.book, cells("date"), lines), _SIZE, ("", "of demand"), ("d mmm", "0%"))
    # Days before 1903 are places on the axis, where there are no dates yet.
    shown = '[<1000]"";d mmm'
    chart.set_x_axis({"num_format": shown, "num_font": AXIS_FONT, "label_position": "low", "date_axis": True})
    return chart


def class_chart(builder: SheetBuilder) -> Chart:
    """Return the chart of money by ABC class."""

    def cells(name: str) -> Cells:
        return Cells("Figures", figures_column(contract.CLASSES, name), FIRST_DATA_ROW - 1, FIRST_DATA_ROW + 1)

    bars = [
        ("demand of the horizon", cells("demand_value"), colours.BLUE),
        ("stock", cells("stock_value"), colours.ORANGE),
        ("excess", cells("excess_value"), "#4D2600"),
    ]
    chart = bar_chart(builder.book, "column", cells("abc"), bars)
    return dress(chart, _SIZE, ("", "money"), ("General", "#,##0"))


def kind_chart(builder: SheetBuilder) -> Chart:
    """Return the chart of exceptions by kind."""

    def cells(name: str) -> Cells:
        at = figures_column(contract.KINDS, name)
        return Cells("Figures", at, FIRST_DATA_ROW - 1, FIRST_DATA_ROW + KINDS_SHOWN - 2)

    bars = [("exceptions", cells("count"), colours.BLUE)]
    return dress_bars(bar_chart(builder.book, "bar", cells("kind"), bars), _SIZE)
