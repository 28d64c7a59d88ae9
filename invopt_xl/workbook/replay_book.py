"""The workbook of a replay: what was found in words and figures, the exchange curves as a chart, and every item."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.chart import Chart
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from invopt_xl.domain.words import counted
from invopt_xl.plan.columns import QUALITY
from invopt_xl.plan.replay import words
from invopt_xl.plan.replay.run import ReplayReport
from invopt_xl.plan.replay.tables import AT_TARGET, CURVES, EACH_ITEM, EQUAL_SERVICE, LEFT_OUT
from invopt_xl.workbook.sheets import look as colours
from invopt_xl.workbook.sheets.builder import SheetBuilder
from invopt_xl.workbook.sheets.exchange_look import MONEY, TITLE, Line, left_end, lines_of
from invopt_xl.workbook.sheets.layout import FIRST_DATA_ROW
from invopt_xl.workbook.sheets.look import OUTPUT_TAB
from invopt_xl.workbook.sheets.signals import mark_severity
from invopt_xl.workbook.template import save_book, sized_book

_CREATED = datetime(2018, 1, 1)  # fixed, so that the same replay makes the same file
_LINE = 140
"""Letters of a line of words."""

_CURVES_SHEET = "Curves"
_CHART_COLUMNS = 15
"""Columns of usual width that the chart covers; its table stands at their right."""

_TITLE_FONT = {"name": colours.FONT, "size": 12, "bold": True, "color": colours.HEADER_FILL}
_AXIS_FONT = {"name": colours.FONT, "size": 9}
_GRID = {"visible": True, "line": {"color": "#E3E3E3", "width": 0.5}}


def build_replay_workbook(path: Path, report: ReplayReport) -> None:
    """Write the workbook of a replay: Summary, Curves, Equal service, Items, Left out, Quality.

    Parameters
    ----------
    path
        Where to write it; a file there is replaced, whole or not at all.
    report
        What the replay found.

    Raises
    ------
    FileError
        If a table has more rows than a sheet, or the file cannot be written or is open in Excel.
    """
    tables = {
        AT_TARGET.stem: words.at_target(report),
        CURVES.stem: report.curves,
        EQUAL_SERVICE.stem: words.equal_service(report),
        EACH_ITEM.stem: report.items,
        LEFT_OUT.stem: report.stage.left_out,
        QUALITY.stem: report.quality,
    }
    with sized_book(tables) as (book, buffer):
        book.set_properties({"title": "Replay of stock policies", "created": _CREATED})
        builder = SheetBuilder(book, tables, "Replay of stock policies")
        _summary(builder, report)
        _curves(builder, report)
        equal = "Stock money where policies achieve the same fill rate; blank where one does not get there."
        builder.output_sheet("Equal service", EQUAL_SERVICE, about=equal, freeze_columns=1)
        target = words.percent(report.question.service)
        each = f"Each item under each policy in measured periods, at the service target of {target}."
        builder.output_sheet("Items", EACH_ITEM, about=each, freeze_columns=2)
        builder.output_sheet("Left out", LEFT_OUT, about="Items that were not replayed, and why.")
        about = "Every input row that was rejected, repaired or looks odd, with the reason."
        mark_severity(builder.output_sheet("Quality", QUALITY, about=about), book, FIRST_DATA_ROW, QUALITY)
    save_book(path, buffer.getvalue())


def _summary(builder: SheetBuilder, report: ReplayReport) -> None:
    asked = report.question
    target = f"service target {words.percent(asked.service)}, fill rates weighed by {asked.weighting}"
    sheet = builder.output_sheet("Summary", AT_TARGET, about=f"{words.scope(report)}; {target}.")
    sheet.activate()
    row = FIRST_DATA_ROW + len(words.at_target(report)) + 1
    row = _paragraphs(builder, sheet, row, "What it says", [*words.verdicts(report), words.achieved(report)])
    assumed = [f"{said[0].upper()}{said[1:]}." for said in words.assumptions(report)]
    row = _paragraphs(builder, sheet, row, "What it rests on", assumed)
    missing = [f"{why}." for why in words.left_out(report)]
    if report.rejected:
        missing.append(f"{counted(report.rejected, 'input row')} rejected: the sheet Quality names them.")
    _paragraphs(builder, sheet, row, "What is not in it", missing)


def _paragraphs(builder: SheetBuilder, sheet: Worksheet, row: int, heading: str, paragraphs: Sequence[str]) -> int:
    """Write a heading and its paragraphs, a line a row, and return the row the next part begins at."""
    if not paragraphs:
        return row
    sheet.write_string(row, 0, heading, builder.look.heading)
    row += 1
    for paragraph in paragraphs:
        for line in textwrap.wrap(paragraph, _LINE):
            sheet.write_string(row, 0, line, builder.look.text)
            row += 1
    return row + 1


def _curves(builder: SheetBuilder, report: ReplayReport) -> None:
    about = (
        "Stock money against achieved fill rate: of two curves the lower one needs less stock for the same service. "
        "The table at the right holds all points."
    )
    sheet = builder.sheet(_CURVES_SHEET, OUTPUT_TAB, about=about)
    builder.place(sheet, CURVES, _CHART_COLUMNS)
    sheet.set_comments_author("invopt_xl")
    sheet.insert_chart(3, 0, _exchange_chart(builder.book, report), {"object_position": 3})
    sheet.freeze_panes(2, 0)


def _exchange_chart(book: Workbook, report: ReplayReport) -> Chart:
    curves, weighting = report.curves, report.question.weighting
    achieved = f"fill_{weighting}"
    across = _CHART_COLUMNS + CURVES.column_names.index(achieved)
    up = _CHART_COLUMNS + CURVES.column_names.index("stock_money")
    chart = book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    lines = lines_of(curves["policy"].unique())
    for policy, first, last in _runs(curves):
        chart.add_series(
            {
                "name": [_CURVES_SHEET, first, _CHART_COLUMNS],
                "categories": _cells(across, first, last),
                "values": _cells(up, first, last),
                **_drawn(lines[policy]),
            }
        )
    axis = {"num_font": _AXIS_FONT, "name_font": _AXIS_FONT, "major_gridlines": _GRID}
    across_name = f"achieved fill rate, by {weighting}"
    chart.set_x_axis(
        {**axis, "name": across_name, "num_format": "0%", "min": left_end(curves[achieved].to_numpy()), "max": 1}
    )
    chart.set_y_axis({**axis, "name": MONEY, "num_format": "#,##0", "min": 0})
    chart.set_title({"name": TITLE, "name_font": _TITLE_FONT, "overlay": False})
    chart.set_size({"width": 940, "height": 600})
    chart.set_chartarea({"border": {"color": "#D9D9D9"}})
    chart.set_legend({"position": "bottom", "font": _AXIS_FONT})
    return chart


def _runs(curves: pd.DataFrame) -> list[tuple[str, int, int]]:
    """Return each policy with the first and last row its curve stands in, counted from zero; ours comes first."""
    place = np.arange(len(curves)) + FIRST_DATA_ROW - 1
    runs = [
        (str(policy), int(place[rows].min()), int(place[rows].max()))
        for policy, rows in curves.reset_index(drop=True).groupby("policy", sort=False).indices.items()
    ]
    rank = list(lines_of(policy for policy, _, _ in runs))
    return sorted(runs, key=lambda run: rank.index(run[0]))


def _cells(column: int, first: int, last: int) -> str:
    letter = xl_col_to_name(column)
    return f"={_CURVES_SHEET}!${letter}${first + 1}:${letter}${last + 1}"


def _drawn(line: Line) -> dict[str, Any]:
    """Return a line as the library writes it."""
    drawn = {"color": line.colour, "dash_type": line.dash, "width": line.width}
    filled = {"fill": {"color": line.colour}, "border": {"color": line.colour}}
    marker = {"type": line.marker} | ({"size": 6} | filled if line.marker != "none" else {})
    return {"line": drawn, "marker": marker}
