"""The sheet Levels: a row of inputs for each item, and beside it the levels they call for, live."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from xlsxwriter.format import Format

from invopt_xl.plan.columns.making import number, text
from invopt_xl.sheet.cells import Cell
from invopt_xl.templates.calculator.desk import ANSWERS, INPUTS, Desk
from invopt_xl.templates.calculator.entries import (
    HIGHEST_RATE,
    LEVELS,
    PERIODS_PER_YEAR,
    REFUSED,
    UNITS,
    in_words,
    words_of,
)
from invopt_xl.templates.live import Area, LiveSheet
from invopt_xl.workbook.sheets.entry import add_entry_rules
from invopt_xl.workbook.sheets.layout import FIRST_DATA_ROW, HEADER_ROW
from invopt_xl.workbook.sheets.look import QUIET

NAME = "Levels"
ABOUT = "Type or paste into the yellow columns, a row for each item; check, at the right, says OK or what is wrong."

RESULTS = (
    number("economic_quantity", "INVOPT_EOQ: the order that costs least in ordering and holding, before lot sizes."),
    number("usual_order", "Order quantity that the levels count on: yours, else the economic one."),
    number("safety_stock", "INVOPT_SAFETY_STOCK: held above what is expected until an order has come."),
    number("reorder_point", "INVOPT_REORDER_POINT: order when stock on hand and on order is below it."),
    number("order_up_to", "INVOPT_ORDER_UP_TO: reorder point and usual order."),
    number("fill_rate", "INVOPT_FILL_RATE: share of demand met from stock with this reorder point and order."),
    number("cycle_service", "INVOPT_CYCLE_SERVICE: chance of no stock-out before the next receipt."),
    number("average_stock", "Average stock at cost: midway between safety stock and safety stock with an order."),
    text("check", "OK, or what is wrong in the row: what was typed, and what was expected."),
    text("why", "INVOPT_EXPLAIN: what the safety stock is made of. What if shows it for one item over several lines."),
    number("demand_per_year", "Mean demand x periods_per_year, for the economic order quantity."),
    number("holding_cost", "Unit cost x holding rate, for the economic order quantity."),
)
"""Columns that are calculated, in their order; those up to `LAST_PRINTED` are printed, on a page beside the inputs'."""

LAST_PRINTED = "check"

FORMATS: Mapping[str, str] = {
    "demand_per_year": "#,##0",
    "holding_cost": "#,##0.00",
    "economic_quantity": "#,##0.0",
    "fill_rate": "0.0%",
    "cycle_service": "0.0%",
    "average_stock": "#,##0",
}
UNITS_FORMAT = "#,##0.0"
_WIDTHS: Mapping[str, float] = {
    "item": 10,
    "description": 31,
    "lead_time": 6,
    "lead_time_sd": 7,
    "review_period": 7,
    "service_measure": 9,
    "distribution": 16,
    "unit_cost": 9,
    "order_cost": 9,
    "usual_order": 7,
    "order_up_to": 7,
    "fill_rate": 7,
    "cycle_service": 7,
    "check": 66,
    "why": 200,
    "demand_per_year": 10,
    "holding_cost": 10,
}
_WIDTH = 8
"""In characters: inputs on a page, and results beside them on another."""

_PRINTED_PERCENT = 74
"""All rows on a page, and the columns of inputs on another than those of results."""

_HEAD_HEIGHT, _UNIT_HEIGHT, _ROW_HEIGHT = 42, 27, 16.5


@dataclass(frozen=True)
class Levels:
    """Where the columns of the sheet are."""

    columns: Mapping[str, Area]

    def __getitem__(self, name: str) -> Area:
        """Return the cells of a column."""
        return self.columns[name]

    @property
    def typed(self) -> Area:
        """The cells to type into."""
        return replace(self.columns["item"], columns=len(LEVELS.columns))

    @property
    def results(self) -> Area:
        """The columns of numbers that are checked row by row."""
        first = self.columns[RESULTS[0].name]
        return replace(first, columns=self.columns["check"].column - first.column)

    @property
    def refused(self) -> tuple[str, str]:
        """The formula of how many rows are not OK, and what it counts."""
        cells = self.columns["check"].named
        return f'COUNTIF({cells},"?*")-COUNTIF({cells},"OK")', "rows whose check says what is wrong"

    @property
    def rows(self) -> int:
        """How many rows for items there are."""
        return self.columns["item"].rows


def add_levels(desk: Desk) -> Levels:
    """Lay the sheet out; return where its columns are."""
    sheet = desk.input_sheet(NAME, ABOUT, LEVELS)
    rows = len(desk.tables[LEVELS.stem])
    first = HEADER_ROW  # counted from 0, the row below the headers
    beside = len(LEVELS.columns) + 1
    names = {name: sheet.area(first, place, rows) for place, name in enumerate(LEVELS.column_names)}
    names |= {column.name: sheet.area(first, beside + place, rows) for place, column in enumerate(RESULTS)}
    levels = Levels(names)
    add_entry_rules(sheet.sheet, in_words(LEVELS), 0, FIRST_DATA_ROW, 1)
    _head(desk, sheet, levels)
    _calculate(desk, sheet, levels)
    _check_rows(desk, sheet, levels)
    return levels


def _head(desk: Desk, sheet: LiveSheet, levels: Levels) -> None:
    page = sheet.sheet
    units = desk.look.make(font_color=QUIET, italic=True, text_wrap=True, valign="bottom", align="right")
    for name, area in levels.columns.items():
        if name in UNITS:
            page.write_string(HEADER_ROW - 2, area.column, UNITS[name], units)
    for column in RESULTS:
        at = levels[column.name]
        desk.header(sheet, HEADER_ROW - 1, at.column, column)
        page.set_column(at.column, at.column, _WIDTHS.get(column.name, _WIDTH))
    for name in LEVELS.column_names:
        desk.width(sheet, levels[name].column, _WIDTHS.get(name, _WIDTH))
    gap = len(LEVELS.columns)
    page.set_column(gap, gap, 1)
    page.set_row(HEADER_ROW - 2, _UNIT_HEIGHT)
    page.set_row(HEADER_ROW - 1, _HEAD_HEIGHT)
    for row in range(levels.rows):
        page.set_row(HEADER_ROW + row, _ROW_HEIGHT)
    page.freeze_panes(HEADER_ROW, 1)
    page.repeat_rows(HEADER_ROW - 2, HEADER_ROW - 1)
    page.repeat_columns(0, 0)
    page.set_print_scale(_PRINTED_PERCENT)
    page.set_v_pagebreaks([len(LEVELS.columns)])
    page.print_area(0, 0, HEADER_ROW + levels.rows, levels[LAST_PRINTED].column)
    page.set_margins(left=0.25, right=0.25, top=0.5, bottom=0.6)


def _check_rows(desk: Desk, sheet: LiveSheet, levels: Levels) -> None:
    """Say row by row what is wrong, and what stands below the last row."""
    formulas = _Formulas(desk, levels)
    for row in range(levels.rows):
        sheet.formula(levels["check"].cell(row), *formulas.check(row), desk.line)
    first = levels[RESULTS[0].name]
    below = sheet.area(first.last_row + 1, first.column)
    words = f"Below row {first.last_row + 1} nothing is calculated: put further items into another copy of this book."
    desk.refuse_below(sheet, levels.typed, below, words)
    desk.mark_refusals(sheet, levels.results)
    desk.mark_refusals(sheet, levels["why"], in_full=True)
    at = levels["check"]
    desk.mark(sheet, at, f'AND({at.cell().relative}<>"",{at.cell().relative}<>"OK")')


def _calculate(desk: Desk, sheet: LiveSheet, levels: Levels) -> None:
    demand = [levels[name] for name in ("mean_demand", "demand_sd", "lead_time")]
    late = [levels["lead_time_sd"], levels["review_period"]]
    asked = [*demand, levels["service_target"], *late]
    asked += [levels["service_measure"], levels["usual_order"], levels["distribution"]]
    quantities = [levels["demand_per_year"], levels["order_cost"], levels["holding_cost"]]
    given = [*demand, levels["reorder_point"], *late, levels["distribution"]]
    lots = [*demand, levels["reorder_point"], levels["usual_order"], *late, levels["distribution"]]

    def style(name: str) -> Format:
        return desk.output(FORMATS.get(name, UNITS_FORMAT), shrink=True)

    def each(name: str, formula: Callable[[int], tuple[str, Cell]]) -> None:
        for row in range(levels.rows):
            sheet.formula(
                levels[name].cell(row), *formula(row), desk.output(FORMATS.get(name, UNITS_FORMAT), shrink=True)
            )

    def call(name: str, function: str, arguments: list[Area]) -> None:
        sheet.call(levels[name], function, arguments, style(name))

    formulas = _Formulas(desk, levels)
    each("demand_per_year", formulas.demand_per_year)
    each("holding_cost", formulas.holding_cost)
    call("economic_quantity", "EOQ", quantities)
    each("usual_order", formulas.usual_order)
    call("safety_stock", "SAFETY_STOCK", asked)
    call("reorder_point", "REORDER_POINT", asked)
    call("order_up_to", "ORDER_UP_TO", asked)
    call("fill_rate", "FILL_RATE", lots)
    call("cycle_service", "CYCLE_SERVICE", given)
    each("average_stock", formulas.average_stock)
    sheet.call(levels["why"], "EXPLAIN", ["SAFETY_STOCK", *asked], desk.line)


@dataclass(frozen=True)
class _Formulas:
    """Ordinary formulas of a row, each with its value."""

    desk: Desk
    levels: Levels

    def demand_per_year(self, row: int) -> tuple[str, Cell]:
        mean, order = self._cells(row, "mean_demand", "order_cost")
        # A word in place of a number goes on to the function, which says that it is none.
        year = PERIODS_PER_YEAR
        product = f'IF(N({year})>0,{mean.beside}*{year},"{year} "&{year})'
        text = f'=IF(AND(ISNUMBER({mean.beside}),{order.beside}<>""),{product},"")'
        live = self.desk.live
        if live.one(mean) is None or live.one(order) is None:
            return text, None
        return text, live.number(mean) * self.desk.setting(PERIODS_PER_YEAR)

    def holding_cost(self, row: int) -> tuple[str, Cell]:
        cost, order, rate = self._cells(row, "unit_cost", "order_cost", "holding_rate")
        product = f"{cost.beside}*{rate.beside}"
        word = f'IF(ISTEXT({cost.beside}),{cost.beside},IF(ISTEXT({rate.beside}),{rate.beside},""))'
        both = f"AND(ISNUMBER({cost.beside}),ISNUMBER({rate.beside}))"
        text = f'=IF({order.beside}="","",IF({both},{product},{word}))'
        live = self.desk.live
        known = all(live.one(each) is not None for each in (cost, order, rate))
        return text, live.number(cost) * live.number(rate) if known else None

    def usual_order(self, row: int) -> tuple[str, Cell]:
        own, economic = self._cells(row, "order_quantity", "economic_quantity")
        text = f'=IF(ISNUMBER({own.beside}),{own.beside},IF(ISNUMBER({economic.beside}),{economic.beside},""))'
        live = self.desk.live
        return text, live.one(own) if live.one(own) is not None else live.one(economic)

    def average_stock(self, row: int) -> tuple[str, Cell]:
        buffer, order, cost = self._cells(row, "safety_stock", "usual_order", "unit_cost")
        middle = f"AVERAGE({buffer.beside},{buffer.beside}+N({order.beside}))"
        text = f'=IF(AND(ISNUMBER({buffer.beside}),N({cost.beside})>0),{middle}*{cost.beside},"")'
        live = self.desk.live
        known = live.one(buffer) is not None and live.one(cost) is not None
        money = (live.number(buffer) + live.number(order) / 2) * live.number(cost)
        return text, money if known else None

    def check(self, row: int) -> tuple[str, Cell]:
        """Return what is wrong in a row; what a function says loses its own count of rows, which is another."""
        typed, results = (each.row_beside(row) for each in (self.levels.typed, self.levels.results))
        buffer, cost, rate, first = self._cells(row, "safety_stock", "unit_cost", "holding_rate", "item")
        refusal = f'INDEX({results},MATCH("{REFUSED}",{results},0))'
        counted = f'" (row "&ROWS({self.levels["item"].cell().local}:{first.beside})&")"'
        errors = f"SUMPRODUCT(--ISERROR({results}))"
        items = self.levels["item"].local
        same = f"SUMPRODUCT(--ISNUMBER(1/({items}={first.beside})))"  # whatever stands in other rows
        unanswered = f'OR({INPUTS.named}="CHECK",{ANSWERS.named}="CHECK")'
        steps = (
            (f"COUNTA({typed})=0", '""'),
            (f"SUMPRODUCT(--ISERROR({typed}))>0", '"an input shows an error value: type a number"'),
            (f"AND({unanswered},{errors}>0)", '"no answer: see the Cover"'),
            *self._words(row),
            (f'COUNTIF({results},"{REFUSED}")>0', f'SUBSTITUTE({refusal},{counted},"")'),
            (f"{errors}>0", '"a result is an error value: select it"'),
            (f"LEN({first.beside})=0", '"item is empty; expected a name"'),
            (f"{same}>1", f'"item "&{first.beside}&" stands in "&{same}&" rows; expected one row for each item"'),
            # Calc takes an empty text of an array for another than "".
            (f"LEN({buffer.beside})=0", '"type mean demand, demand sd and lead time"'),
            (
                f'AND({cost.beside}<>"",N({cost.beside})<=0)',
                f'"unit cost is "&{cost.beside}&"; expected a number above 0"',
            ),
            (
                f"N({rate.beside})>{HIGHEST_RATE}",
                f'"holding rate is "&TEXT({rate.beside},"0%")&"; expected at most "&TEXT({HIGHEST_RATE},"0%")',
            ),
        )
        text = '"OK"'
        for holds, then in reversed(steps):
            text = f"IF({holds},{then},{text})"
        return f"={text}", None if self.desk.live.one(first) is None else "OK"

    def _words(self, row: int) -> list[tuple[str, str]]:
        """Return what is wrong where a word stands for a number; in the first row, functions take it for a header."""
        found = []
        for begin, end in (("mean_demand", "service_target"), ("unit_cost", "order_quantity")):
            first, last = (self.levels[name] for name in (begin, end))
            typed = replace(first, columns=last.column - first.column + 1)
            cells, before = typed.row_beside(row), typed.cell(row, -1)
            heads = replace(typed, row=HEADER_ROW - 1, rows=1).local
            place = f"SUMPRODUCT(MAX({words_of(cells)}*(COLUMN({cells})-COLUMN({before.beside}))))"
            says = f'INDEX({heads},{place})&" is the text "&INDEX({cells},{place})&"; expected a number"'
            found.append((f"SUMPRODUCT({words_of(cells)})>0", says))
        return found

    def _cells(self, row: int, *names: str) -> list[Area]:
        return [self.levels[name].cell(row) for name in names]
