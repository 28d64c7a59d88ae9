"""Sheets that look back: accuracy of forecasts, what came of overrides, the plan before the last refresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlsxwriter.worksheet import Worksheet

from invopt_xl.plan import columns as contract
from invopt_xl.workbook.sheets import look as colours
from invopt_xl.workbook.sheets import signals
from invopt_xl.workbook.sheets.charts import AXIS_FONT, STILL, Cells, Stroke, dress, line_chart
from invopt_xl.workbook.sheets.formulas import column as cells_of
from invopt_xl.workbook.sheets.layout import FIRST_DATA_ROW, HEADER_ROW
from invopt_xl.workbook.sheets.panels import put
from invopt_xl.workbook.sheets.printing import pixels

if TYPE_CHECKING:
    from invopt_xl.workbook.sheets.builder import SheetBuilder

PERIODS_DRAWN = 260
NO_PERIOD_YET = (
    f'=IF(COUNT({cells_of(contract.ACCURACY, "date")})=0,"No period to compare yet: roll the plan forward first.","")'
)
"""What stands at a chart of accuracy that is empty."""
_CHART_COLUMNS = 7
_CHART_COLUMN_WIDTH = 9
_GAP_WIDTH = 2


def add_accuracy(builder: SheetBuilder) -> None:
    """Lay out the accuracy of each period, its chart, and every forecast beside what came."""
    accuracy, review = contract.ACCURACY, contract.FORECAST_REVIEW
    sheet = builder.sheet("Accuracy", colours.OUTPUT_TAB)
    builder.place(sheet, accuracy)
    chart_column = len(accuracy.columns) + 1
    review_column = chart_column + _CHART_COLUMNS + 1
    for column in range(chart_column, review_column - 1):
        builder.widen(sheet, column, _CHART_COLUMN_WIDTH)
    builder.widen(sheet, review_column - 1, _GAP_WIDTH)
    _draw_accuracy(builder, sheet, chart_column)
    builder.place(sheet, review, review_column)
    sheet.write_string(HEADER_ROW - 2, review_column, review.title, builder.look.heading)
    signals.mark_words(
        sheet,
        builder.book,
        (review_column + review.column_names.index("inside"), FIRST_DATA_ROW),
        {"above": "warning", "below": "notice"},
    )
    builder.table_view(sheet, starts=(0, chart_column, review_column))


def _draw_accuracy(builder: SheetBuilder, sheet: Worksheet, column: int) -> None:
    names = contract.ACCURACY.column_names

    def cells(name: str) -> Cells:
        return Cells("Accuracy", names.index(name), FIRST_DATA_ROW - 1, FIRST_DATA_ROW + PERIODS_DRAWN - 2)

    lines = [
        ("error, share of demand", cells("error_share"), Stroke(colours.BLUE, "solid", "circle")),
        ("bias (above 0: forecast too high)", cells("bias_share"), Stroke(colours.VERMILLION, "dash", "square")),
        ("inside 5% to 95%", cells("inside_share"), Stroke("#595959", "round_dot", "triangle", 1.5)),
    ]
    chart = dress(
        line_chart(builder.book, cells("date"), lines),
        (_CHART_COLUMNS * pixels(_CHART_COLUMN_WIDTH), 360),
        ("", ""),
        ("d mmm", "0%"),
    )
    chart.set_x_axis({"num_format": "d mmm", "num_font": AXIS_FONT, "label_position": "low"})
    sheet.insert_chart(HEADER_ROW - 1, column, chart, STILL)
    sheet.write_string(HEADER_ROW - 2, column, "Error and bias by period", builder.look.heading)
    put(sheet, HEADER_ROW - 3, column, NO_PERIOD_YET, builder.look.quiet)


def add_overrides(builder: SheetBuilder) -> None:
    """Lay out the log of overrides and what they added."""
    sheet = builder.output_sheet("Overrides", contract.OVERRIDES, freeze_columns=5)
    place = (contract.OVERRIDES.column_names.index("verdict"), FIRST_DATA_ROW)
    signals.mark_words(sheet, builder.book, place, {"better": "good", "worse": "warning", "open": "notice"})


def add_previous(builder: SheetBuilder) -> None:
    """Lay out the plan before the last refresh with what is another now."""
    sheet = builder.output_sheet("Previous", contract.PREVIOUS, freeze_columns=2)
    place = (contract.PREVIOUS.column_names.index("change"), FIRST_DATA_ROW)
    signals.mark_words(sheet, builder.book, place, {"new": "good", "gone": "warning", "order": "notice"})
