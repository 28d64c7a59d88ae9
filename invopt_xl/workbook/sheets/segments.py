"""The sheet Segments: the ABC-XYZ matrix, targets by class and life cycle, the Pareto and exchange curve: formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from xlsxwriter.chart import Chart
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from invopt_xl.plan import columns as contract
from invopt_xl.workbook.sheets import look as colours
from invopt_xl.workbook.sheets.charts import STILL, Cells, Stroke, curve_chart, dress
from invopt_xl.workbook.sheets.dashboard_charts import exchange_chart
from invopt_xl.workbook.sheets.formulas import column, when
from invopt_xl.workbook.sheets.panels import (
    ROW_PIXELS,
    ListColumn,
    Span,
    cell_style,
    even_rows,
    guard,
    put,
    write_heading,
    write_list,
)

if TYPE_CHECKING:
    from invopt_xl.workbook.sheets.builder import SheetBuilder

SHEET = "Segments"
ABC, XYZ, CRITICALITY = ("A", "B", "C"), ("X", "Y", "Z"), ("critical", "normal", "minor")
STAGES = ("new", "growing", "mature", "declining", "dying", "ended", "phase-out", "unknown")
PARETO_STEPS = tuple(step / 20 for step in range(21))

_COLUMN_PIXELS = 64
_MATRIX_ROW, _CLASS_ROW, _STAGE_ROW, _CHART_ROW = 3, 11, 21, 31
_MATRIX_COLUMNS = 5
_PARETO_COLUMN, _LAST_COLUMN = 24, 22
_ROWS_OF_CHARTS = 15
_HEADERS = {"abc": "class", "criticality": "criticality", "life_cycle": "life cycle"}
_EXCHANGE = "Stock money for service; this plan stands at its expected fill rate"


def _of(name: str) -> str:
    return column(contract.SEGMENTS, name)


def _mean(name: str) -> str:
    return f"SUM({_of(name)})/COUNT({_of(name)})"


_ITEMS = f"COUNTA({_of('item')})"


def add_segments(builder: SheetBuilder) -> None:
    """Lay out the sheet."""
    sheet = builder.sheet(SHEET, colours.OUTPUT_TAB)
    sheet.set_column_pixels(0, _PARETO_COLUMN + 3, _COLUMN_PIXELS)
    even_rows(sheet, _CHART_ROW + _ROWS_OF_CHARTS + 2)
    sheet.set_row(0, 28)
    _write_matrices(builder, sheet)
    _write_groups(builder, sheet, _CLASS_ROW, "Targets by class", "abc", ABC)
    _write_groups(builder, sheet, _CLASS_ROW + 5, "and by criticality", "criticality", CRITICALITY)
    _write_groups(builder, sheet, _STAGE_ROW, "and by life cycle", "life_cycle", STAGES)
    _write_pareto(builder, sheet)
    write_heading(sheet, builder.look, Span(_CHART_ROW, 0, 10), "Few items make most of the value")
    write_heading(sheet, builder.look, Span(_CHART_ROW, 12, _LAST_COLUMN), _EXCHANGE)
    size = (11 * _COLUMN_PIXELS, _ROWS_OF_CHARTS * ROW_PIXELS)
    for at, chart in ((0, _pareto_chart(builder)), (12, exchange_chart(builder))):
        chart.set_size({"width": size[0], "height": size[1]})
        sheet.insert_chart(_CHART_ROW + 1, at, chart, STILL)
    sheet.print_area(0, 0, _CHART_ROW + _ROWS_OF_CHARTS + 1, _LAST_COLUMN)
    sheet.fit_to_pages(1, 1)
    sheet.freeze_panes(2, 0)
    guard(sheet)


def _write_matrices(builder: SheetBuilder, sheet: Worksheet) -> None:
    """Write four matrices side by side; the last row and column are totals."""
    value = _of("demand_value")
    total = f"SUM({value})"

    def count(where: str) -> str:
        return f"COUNTIFS({where})"

    def share(where: str) -> str:
        return f"SUMIFS({value},{where})/{total}"

    def average(name: str) -> Callable[[str], str]:
        return lambda where: f"AVERAGEIFS({_of(name)},{where})"

    matrices = (
        ("Items", count, "#,##0", _ITEMS),
        ("Share of demand value", share, "0.0%", f"{total}/{total}"),
        ("Average service target", average("service_target"), "0.0%", _mean("service_target")),
        ("Average expected fill rate", average("expected_fill_rate"), "0.0%", _mean("expected_fill_rate")),
    )  # fmt: skip
    for position, (title, figure, shown, everything) in enumerate(matrices):
        first = position * (_MATRIX_COLUMNS + 1)
        _write_matrix(builder, sheet, first, title, (figure, shown, everything))


def _write_matrix(
    builder: SheetBuilder, sheet: Worksheet, first: int, title: str, shown: tuple[Callable[[str], str], str, str]
) -> None:
    figure, number_format, everything = shown
    look = builder.look
    write_heading(sheet, look, Span(_MATRIX_ROW, first, first + _MATRIX_COLUMNS - 1), title)
    plain, total = cell_style(look, number_format), cell_style(look, number_format, bold=True)
    row_of = {name: _MATRIX_ROW + 2 + offset for offset, name in enumerate((*ABC, "all"))}
    column_of = {name: first + 1 + offset for offset, name in enumerate((*XYZ, "all"))}
    header = look.make(bold=True, align="right", font_color=colours.QUIET, bottom=1, bottom_color="#C9D3DF")
    for name, at in column_of.items():
        put(sheet, _MATRIX_ROW + 1, at, name, header)
    put(
        sheet,
        _MATRIX_ROW + 1,
        first,
        "class",
        look.make(bold=True, font_color=colours.QUIET, bottom=1, indent=1, bottom_color="#C9D3DF"),
    )
    for abc, row in row_of.items():
        put(sheet, row, first, abc, cell_style(look, bold=True))
        for xyz, at in column_of.items():
            rows = [f'{_of("abc")},"{abc}"'] if abc != "all" else []
            rows += [f'{_of("xyz")},"{xyz}"'] if xyz != "all" else []
            formula = figure(",".join(rows)) if rows else everything
            put(sheet, row, at, when(f"{_ITEMS}>0", formula), plain if len(rows) == 2 else total)
    top, bottom = (xl_rowcol_to_cell(row_of[name], column_of[xyz]) for name, xyz in (("A", "X"), ("C", "Z")))
    scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#BBD9EE"}
    sheet.conditional_format(f"{top}:{bottom}", scale)


def _write_groups(
    builder: SheetBuilder, sheet: Worksheet, row: int, title: str, name: str, groups: tuple[str, ...]
) -> None:
    """Write items, money and service of each group, a row each."""
    look = builder.look
    if name == "abc":
        write_heading(sheet, look, Span(row - 1, 0, _LAST_COLUMN), f"{title}, by criticality and by life cycle")
    where = {group: f'{_of(name)},"{group}"' for group in groups}

    def total(figure: str) -> list[str]:
        return [when(f"{_ITEMS}>0", f"SUMIFS({_of(figure)},{where[group]})") for group in groups]

    def average(figure: str) -> list[str]:
        return [when(f"{_ITEMS}>0", f"AVERAGEIFS({_of(figure)},{where[group]})") for group in groups]

    def weighted(figure: str) -> list[str]:
        value = _of("demand_value")
        return [
            when(f"{_ITEMS}>0", f'SUMPRODUCT(({_of(name)}="{one}")*{_of(figure)}*{value})/SUMIFS({value},{where[one]})')
            for one in groups
        ]  # fmt: skip

    counts = [when(f"{_ITEMS}>0", f"COUNTIFS({where[group]})") for group in groups]
    money, share = cell_style(look, "#,##0"), cell_style(look, "0.0%")
    write_list(
        sheet,
        look,
        row,
        0,
        [
            ListColumn(_HEADERS[name], 2, cell_style(look, bold=True), groups),
            ListColumn("items", 2, money, counts),
            ListColumn("demand a year, money", 3, money, total("demand_value")),
            ListColumn("average target", 3, share, average("service_target")),
            ListColumn("average fill rate", 3, share, average("expected_fill_rate")),
            ListColumn("fill rate by value", 3, share, weighted("expected_fill_rate")),
            ListColumn("safety stock, money", 3, money, total("safety_stock_value")),
            ListColumn("average stock, money", 4, money, total("average_stock_value")),
        ],
    )


def _write_pareto(builder: SheetBuilder, sheet: Worksheet) -> None:
    """Write the points of the Pareto curve, right of what is printed: the n-th item's cumulative share."""
    look = builder.look
    header = look.header(is_input=False)
    put(sheet, _MATRIX_ROW, _PARETO_COLUMN, "Points of the curve", look.heading)
    for offset, name in enumerate(("items, share", "items", "value, share")):
        put(sheet, _MATRIX_ROW + 1, _PARETO_COLUMN + offset, name, header)
    share, count = look.make(num_format="0%"), look.make(num_format="#,##0")
    shares = f"{_of('cumulative_share')}"
    for offset, step in enumerate(PARETO_STEPS):
        row = _MATRIX_ROW + 2 + offset
        at, rank = (xl_rowcol_to_cell(row, _PARETO_COLUMN + place) for place in (0, 1))
        put(sheet, row, _PARETO_COLUMN, step, share)
        put(sheet, row, _PARETO_COLUMN + 1, f"=IF({_ITEMS}=0,0,ROUND({at}*{_ITEMS},0))", count)
        value = f"IF({rank}=0,0,IFERROR(SMALL({shares},{rank}),NA()))"
        put(sheet, row, _PARETO_COLUMN + 2, f"=IF({_ITEMS}=0,0,{value})", share)


def _pareto_chart(builder: SheetBuilder) -> Chart:
    def cells(offset: int) -> Cells:
        first = _MATRIX_ROW + 2
        return Cells(SHEET, _PARETO_COLUMN + offset, first, first + len(PARETO_STEPS) - 1)

    line = ("share of demand value", cells(0), cells(2), Stroke(colours.BLUE, marker="circle"))
    chart = dress(
        curve_chart(builder.book, [line]),
        (800, 340),
        ("share of items, most value first", "share of value"),
        ("0%", "0%"),
    )
    for setter, name in ((chart.set_x_axis, "share of items, most value first"), (chart.set_y_axis, "share of value")):
        setter(
            {
                "min": 0,
                "max": 1,
                "num_format": "0%",
                "name": name,
                "name_font": {"bold": False, "size": 9},
                "major_gridlines": {"visible": True, "line": {"color": "#E3E3E3"}},
            }
        )
    chart.set_legend({"none": True})
    return chart
