"""The sheets about excess: what to decide, and the money that it frees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlsxwriter.chart import Chart
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from invopt_xl.plan import columns as contract
from invopt_xl.workbook.sheets import excess_workings as workings
from invopt_xl.workbook.sheets import look as colours
from invopt_xl.workbook.sheets import signals
from invopt_xl.workbook.sheets.calculated import placed_names
from invopt_xl.workbook.sheets.charts import STILL, Cells, bar_chart, dress, dress_bars
from invopt_xl.workbook.sheets.entry import add_planner_rules
from invopt_xl.workbook.sheets.excess_workings import HOW_MANY, decided, of
from invopt_xl.workbook.sheets.formulas import money_word, same, when
from invopt_xl.workbook.sheets.layout import FIRST_DATA_ROW
from invopt_xl.workbook.sheets.panels import (
    ROW_PIXELS,
    ListColumn,
    Span,
    Tile,
    cell_style,
    even_rows,
    guard,
    write_heading,
    write_list,
    write_tile,
)

if TYPE_CHECKING:
    from invopt_xl.workbook.sheets.builder import SheetBuilder

SHEET = "Excess review"
KINDS = ("no demand", "no history", "phase-out", "spoils", "excess")
ABC = ("A", "B", "C")

_COLUMN_PIXELS = 59
_TILE_ROW, _GROUP_ROW, _TOP_ROW, _CHART_ROW = 3, 8, 16, 29
_CHART_ROWS = 16
_SIZE = (400, 300)
_SUPPLIERS_SPAN, _KIND_SPAN, _DECISION_SPAN = Span(_CHART_ROW, 0, 9), Span(_CHART_ROW, 11, 17), Span(_CHART_ROW, 19, 24)


def add_excess(builder: SheetBuilder) -> None:
    """Lay out the list of excess stock with the planner's decisions."""
    sheet = builder.output_sheet("Excess", contract.EXCESS, freeze_columns=2)
    add_planner_rules(sheet, contract.EXCESS, FIRST_DATA_ROW, signals.LAST_ROW)
    names = placed_names(contract.EXCESS)
    sheet.conditional_format(
        FIRST_DATA_ROW - 1,
        names.index("excess_value"),
        signals.LAST_ROW - 1,
        names.index("excess_value"),
        {"type": "data_bar", "data_bar_2010": True, "bar_color": colours.SKY, "bar_solid": True, "min_type": "num",
         "min_value": 0},
    )  # fmt: skip
    words = {"no demand": "warning", "spoils": "warning", "phase-out": "notice"}
    signals.mark_words(sheet, builder.book, (names.index("kind"), FIRST_DATA_ROW), words)


def add_actions(builder: SheetBuilder) -> None:
    """Lay out what to do about excess, with the money that it gains."""
    sheet = builder.output_sheet("Excess actions", contract.ACTIONS, freeze_columns=2)
    column = placed_names(contract.ACTIONS).index("gain")
    bar = {"type": "data_bar", "data_bar_2010": True, "bar_color": colours.SKY, "bar_solid": True, "min_type": "num",
           "min_value": 0}  # fmt: skip
    sheet.conditional_format(FIRST_DATA_ROW - 1, column, signals.LAST_ROW - 1, column, bar)


_DECIDED = decided("?*")


def add_review(builder: SheetBuilder) -> None:
    """Lay out the review."""
    sheet = builder.sheet(SHEET, colours.OUTPUT_TAB)
    sheet.set_column_pixels(0, workings.COLUMN - 1, _COLUMN_PIXELS)
    even_rows(sheet, _CHART_ROW + _CHART_ROWS + 2)
    sheet.set_row(0, 28)
    _write_tiles(builder, sheet)
    _write_group(builder, sheet, 0, "By kind", ("kind", KINDS))
    _write_group(builder, sheet, 13, "By class", ("abc", ABC))
    workings.write_decisions(builder.look, sheet)
    workings.write_workings(builder.look, sheet)
    _write_top_items(builder, sheet)
    _write_top_suppliers(builder, sheet)
    for span, title, chart in (
        (_KIND_SPAN, "Money tied up, by kind", _kind_chart(builder)),
        (_DECISION_SPAN, f'="Money freed by decision"&IF({_DECIDED}=0,": none yet","")', _decision_chart(builder)),
    ):
        write_heading(sheet, builder.look, span, title)
        chart.set_size({"width": (span.last - span.first + 1) * _COLUMN_PIXELS, "height": _CHART_ROWS * ROW_PIXELS})
        sheet.insert_chart(_CHART_ROW + 1, span.first, chart, STILL)
    sheet.print_area(0, 0, _CHART_ROW + _CHART_ROWS + 1, 24)
    sheet.fit_to_pages(1, 1)
    sheet.freeze_panes(2, 0)
    guard(sheet)


def _write_tiles(builder: SheetBuilder, sheet: Worksheet) -> None:
    some, word = f"{HOW_MANY}>0", money_word(builder)
    value, freed, done = (f"SUM({of(name)})" for name in ("excess_value", "freed_value", "decided_value"))
    tiles = (
        Tile(f'="Excess, "&{word}', when(some, value), "#,##0", (when(some, f'{HOW_MANY}&" items"'), '=""')),
        Tile(
            f'="Holding it costs a year, "&{word}',
            when(some, f"SUM({of('holding_cost')})"),
            "#,##0",
            (when(some, '"for as long as it stays"'), '=""'),
        ),
        Tile(
            f'="Freed by the proposals, "&{word}',
            when(some, freed),
            "#,##0",
            (
                when(some, '"if every proposal is followed"'),
                when(f"ROUND({freed}-{value},0)>0", '"more than the excess: spoilage, overrides count too"'),
            ),
        ),
        Tile(
            f'="Freed by your decisions, "&{word}',
            when(some, done),
            "#,##0",
            (
                when(some, f'{_DECIDED}&" of "&{HOW_MANY}&" items decided"'),
                when(some, f'FIXED(ABS({freed}-{done}),0)&IF({done}<{freed}," less"," more")&" than proposed"'),
            ),
        ),
    )  # fmt: skip
    for position, tile in enumerate(tiles):
        first = position * 6 + (position > 1)
        write_tile(sheet, builder.look, Span(_TILE_ROW, first, first + 5), tile)
    sheet.set_row(_TILE_ROW + 1, 32)


def _write_group(
    builder: SheetBuilder, sheet: Worksheet, first: int, title: str, group: tuple[str, tuple[str, ...]]
) -> None:
    name, groups = group
    look = builder.look
    write_heading(sheet, look, Span(_GROUP_ROW, first, first + 11), title)
    money = cell_style(look, "#,##0")

    def total(figure: str) -> list[str]:
        return [when(f"{HOW_MANY}>0", f'SUMIFS({of(figure)},{of(name)},"{each}")') for each in groups]

    counts = [when(f"{HOW_MANY}>0", f'COUNTIFS({of(name)},"{each}")') for each in groups]
    write_list(
        sheet,
        look,
        _GROUP_ROW + 1,
        first,
        [
            ListColumn(title.removeprefix("By "), 2, cell_style(look, bold=True), groups),
            ListColumn("items", 1, money, counts),
            ListColumn("excess", 2, money, total("excess_value")),
            ListColumn("holding a year", 2, money, total("holding_cost")),
            ListColumn("proposals free", 2, money, total("freed_value")),
            ListColumn("decisions free", 3, money, total("decided_value")),
        ],
    )


def _write_top_items(builder: SheetBuilder, sheet: Worksheet) -> None:
    look = builder.look
    write_heading(sheet, look, Span(_TOP_ROW, 0, 24), "The ten items with most")
    rows = [workings.cell(position, 5) for position in range(workings.ITEMS_SHOWN)]

    def cells(name: str, tail: str = "") -> list[str]:
        return [when(f"ISNUMBER({at})", f"INDEX({of(name)},{at}){tail}") for at in rows]

    write_list(
        sheet,
        look,
        _TOP_ROW + 1,
        0,
        [
            ListColumn("item", 2, cell_style(look), cells("item", '&""')),
            ListColumn("description", 6, cell_style(look, shrink=True), cells("description", '&""')),
            ListColumn("kind", 2, cell_style(look), cells("kind", '&""')),
            ListColumn("excess", 2, cell_style(look, "#,##0"), cells("excess_value")),
            ListColumn("proposal", 10, cell_style(look, shrink=True), cells("action", '&""')),
            ListColumn("decision", 3, cell_style(look, bold=True), cells("decision", '&""')),
        ],
    )


def _write_top_suppliers(builder: SheetBuilder, sheet: Worksheet) -> None:
    look = builder.look
    write_heading(sheet, look, _SUPPLIERS_SPAN, "The eight suppliers with most")
    rows = [workings.cell(position, 8) for position in range(workings.SUPPLIERS_SHOWN)]
    first, last = (workings.cell(at, 0) for at in (0, workings.SUPPLIERS_OFFERED - 1))
    names = [when(f"ISNUMBER({at})", f"INDEX({first}:{last},{at})") for at in rows]
    cells = [xl_rowcol_to_cell(_SUPPLIERS_SPAN.row + 2 + position, 0) for position in range(workings.SUPPLIERS_SHOWN)]

    def totals(figure: str) -> list[str]:
        rule = of("supplier")
        return [
            # Beside the rows that count, not times them: where nothing is decided, a text stands in place of money.
            when(f'{cell}<>""', f"SUMPRODUCT({same(rule, cell)}*1,{of(figure)})")
            for cell in cells
        ]

    money = cell_style(look, "#,##0")
    write_list(
        sheet,
        look,
        _SUPPLIERS_SPAN.row + 1,
        0,
        [
            ListColumn("supplier", 4, cell_style(look, shrink=True), names),
            ListColumn("excess", 2, money, totals("excess_value")),
            ListColumn("proposals free", 2, money, totals("freed_value")),
            ListColumn("decisions free", 2, money, totals("decided_value")),
        ],
    )


def _kind_chart(builder: SheetBuilder) -> Chart:
    def cells(at: int) -> Cells:
        return Cells(SHEET, at, _GROUP_ROW + 2, _GROUP_ROW + 1 + len(KINDS))

    bars = [
        ("excess", cells(3), colours.BLUE),
        ("proposals free", cells(7), colours.ORANGE),
        ("decisions free", cells(9), "#4D2600"),
    ]
    chart = bar_chart(builder.book, "column", cells(0), bars)
    return dress(chart, _SIZE, ("", "money"), ("General", "#,##0"))


def _decision_chart(builder: SheetBuilder) -> Chart:
    def cells(at: int) -> Cells:
        return Cells(SHEET, workings.COLUMN + at, workings.ROW, workings.ROW + len(workings.DECISIONS) - 1)

    chart = bar_chart(builder.book, "bar", cells(0), [("money freed", cells(2), colours.BLUE)])
    return dress_bars(chart, _SIZE)
