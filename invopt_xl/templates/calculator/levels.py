"""The sheet Levels: a row of inputs for each item, and beside it the levels they call for, live."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from invopt_xl.plan.columns.making import number, text
from invopt_xl.sheet.cells import Cell
from invopt_xl.templates.calculator.desk import Desk
from invopt_xl.templates.calculator.entries import LEVELS, PERIODS_PER_YEAR, UNITS
from invopt_xl.templates.live import Area, LiveSheet
from invopt_xl.workbook.sheets.entry import add_entry_rules
from invopt_xl.workbook.sheets.layout import FIRST_DATA_ROW, HEADER_ROW

NAME = "Levels"
ABOUT = "Type into the yellow columns, a row for each item; the levels beside them follow. Empty rows stay empty."

RESULTS = (
    number("demand_per_year", "Mean demand x periods_per_year, for the economic order quantity."),
    number("holding_cost", "Unit cost x holding rate."),
    number("economic_quantity", "INVOPT_EOQ: the order that costs least in ordering and holding, before lot sizes."),
    number("usual_order", "Order quantity that the levels count on: yours, else the economic one."),
    number("safety_stock", "INVOPT_SAFETY_STOCK: held above what is expected until an order has come."),
    number("reorder_point", "INVOPT_REORDER_POINT: order when stock on hand and on order is below it."),
    number("order_up_to", "INVOPT_ORDER_UP_TO: reorder point and usual order."),
    number("fill_rate", "INVOPT_FILL_RATE: share of demand met from stock with this reorder point and order."),
    number("cycle_service", "INVOPT_CYCLE_SERVICE: chance of no stock-out before the next receipt."),
    number("average_stock", "Average stock at cost: midway between safety stock and safety stock with an order."),
    text("why", "INVOPT_EXPLAIN: what the safety stock is made of."),
)
"""Columns that are calculated, in their order."""

FORMATS: Mapping[str, str] = {
    "demand_per_year": "#,##0",
    "holding_cost": "#,##0.00",
    "economic_quantity": "#,##0.0",
    "fill_rate": "0.0%",
    "cycle_service": "0.0%",
    "average_stock": "#,##0",
}
UNITS_FORMAT = "#,##0.0"
_INPUT_WIDTHS = {"item": 13, "description": 36, "service_measure": 18, "distribution": 18}
_WHY_WIDTH, _ROW_HEIGHT = 150, 26


@dataclass(frozen=True)
class Levels:
    """Where the columns of the sheet are."""

    columns: Mapping[str, Area]

    def __getitem__(self, name: str) -> Area:
        """Return the cells of a column."""
        return self.columns[name]

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
    add_entry_rules(sheet.sheet, LEVELS, 0, FIRST_DATA_ROW, 1)
    _head(desk, sheet, levels)
    _calculate(desk, sheet, levels)
    return levels


def _head(desk: Desk, sheet: LiveSheet, levels: Levels) -> None:
    for name, area in levels.columns.items():
        if name in UNITS:
            sheet.sheet.write_string(HEADER_ROW - 2, area.column, UNITS[name], desk.look.quiet)
    for column in RESULTS:
        at = levels[column.name]
        desk.header(sheet, HEADER_ROW - 1, at.column, column)
        sheet.sheet.set_column(at.column, at.column, _WHY_WIDTH if column.name == "why" else len(column.name) + 3)
    for name in LEVELS.column_names:
        at = levels[name]
        sheet.sheet.set_column(at.column, at.column, _INPUT_WIDTHS.get(name, len(name) + 4))
    gap = levels["demand_per_year"].column - 1
    sheet.sheet.set_column(gap, gap, 2)
    for row in range(levels.rows):
        sheet.sheet.set_row(HEADER_ROW + row, _ROW_HEIGHT)
    sheet.sheet.freeze_panes(HEADER_ROW, 1)
    sheet.sheet.repeat_rows(HEADER_ROW - 1)
    sheet.sheet.repeat_columns(0)
    sheet.sheet.fit_to_pages(2, 1)
    sheet.sheet.print_across()


def _calculate(desk: Desk, sheet: LiveSheet, levels: Levels) -> None:
    demand = [levels[name] for name in ("mean_demand", "demand_sd", "lead_time")]
    late = [levels["lead_time_sd"], levels["review_period"]]
    asked = [*demand, levels["service_target"], *late]
    asked += [levels["service_measure"], levels["usual_order"], levels["distribution"]]
    quantities = [levels["demand_per_year"], levels["order_cost"], levels["holding_cost"]]
    given = [*demand, levels["reorder_point"], *late, levels["distribution"]]
    lots = [*demand, levels["reorder_point"], levels["usual_order"], *late, levels["distribution"]]

    def each(name: str, formula: Callable[[int], tuple[str, Cell]]) -> None:
        for row in range(levels.rows):
            sheet.formula(levels[name].cell(row), *formula(row), desk.output(FORMATS.get(name, UNITS_FORMAT)))

    def call(name: str, function: str, arguments: list[Area]) -> None:
        sheet.call(levels[name], function, arguments, desk.output(FORMATS.get(name, UNITS_FORMAT)))

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
    sheet.call(levels["why"], "EXPLAIN", ["SAFETY_STOCK", *asked], desk.small_words)


@dataclass(frozen=True)
class _Formulas:
    """Ordinary formulas of a row, each with its value."""

    desk: Desk
    levels: Levels

    def demand_per_year(self, row: int) -> tuple[str, Cell]:
        mean, cost, order, rate = self._cells(row, "mean_demand", "unit_cost", "order_cost", "holding_rate")
        asked = f"AND(ISNUMBER({mean.beside}),COUNT({cost.beside}:{rate.beside})>0)"
        text = f'=IF({asked},{mean.beside}*{PERIODS_PER_YEAR},"")'
        live = self.desk.live
        if live.one(mean) is None or all(live.one(each) is None for each in (cost, order, rate)):
            return text, None
        return text, live.number(mean) * self.desk.setting(PERIODS_PER_YEAR)

    def holding_cost(self, row: int) -> tuple[str, Cell]:
        cost, rate = self._cells(row, "unit_cost", "holding_rate")
        text = f'=IF(AND(ISNUMBER({cost.beside}),ISNUMBER({rate.beside})),{cost.beside}*{rate.beside},"")'
        live = self.desk.live
        known = live.one(cost) is not None and live.one(rate) is not None
        return text, live.number(cost) * live.number(rate) if known else None

    def usual_order(self, row: int) -> tuple[str, Cell]:
        own, economic = self._cells(row, "order_quantity", "economic_quantity")
        text = f'=IF(ISNUMBER({own.beside}),{own.beside},IF(ISNUMBER({economic.beside}),{economic.beside},""))'
        live = self.desk.live
        return text, live.one(own) if live.one(own) is not None else live.one(economic)

    def average_stock(self, row: int) -> tuple[str, Cell]:
        buffer, order, cost = self._cells(row, "safety_stock", "usual_order", "unit_cost")
        middle = f"AVERAGE({buffer.beside},{buffer.beside}+N({order.beside}))"
        text = f'=IF(AND(ISNUMBER({buffer.beside}),ISNUMBER({cost.beside})),{middle}*{cost.beside},"")'
        live = self.desk.live
        known = live.one(buffer) is not None and live.one(cost) is not None
        money = (live.number(buffer) + live.number(order) / 2) * live.number(cost)
        return text, money if known else None

    def _cells(self, row: int, *names: str) -> list[Area]:
        return [self.levels[name].cell(row) for name in names]
