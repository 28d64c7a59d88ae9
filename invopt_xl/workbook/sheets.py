"""The sheets of plan workbooks, each declared once by its name; a template is a choice of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from invopt_xl.plan import columns as contract
from invopt_xl.workbook import signals
from invopt_xl.workbook.dashboard import add_dashboard
from invopt_xl.workbook.entry import add_parameter_rules, add_planner_rules, name_parameters
from invopt_xl.workbook.layout import FIRST_DATA_ROW
from invopt_xl.workbook.look import OUTPUT_TAB

if TYPE_CHECKING:
    from invopt_xl.workbook.template import SheetBuilder

ABOUT: Mapping[str, str] = {
    "Items": "One row for each item and location. Quantities in units, money in one currency, times in days.",
    "Demand": "Sales or demand by period; weeks without a sale are zeros, weeks before a launch have no row.",
    "Suppliers": "Terms of the suppliers, and the price breaks they give.",
    "Sources": "Only where an item has several suppliers or locations: who else delivers it, and transfers.",
    "Open orders": "Orders placed and not yet received.",
    "Receipts": "Past deliveries; the plan learns each supplier's lead times from them.",
    "Parameters": "What the plan assumes beyond its tables. Blank: the default.",
    "Plan": "One row for each item and location, written by a refresh. The two yellow columns are yours and stay.",
    "Orders": "Order lines over the horizon, written by a refresh; those on green are to be placed now.",
    "Exceptions": "What to look at, worst first, written by a refresh.",
    "Buffers": "What each item's buffer is made of, and why it changed since the last refresh; written by a refresh.",
    "Forecast": "Demand of each coming period as quantiles, written by a refresh: p050 is exceeded 19 times in 20.",
    "Quality": "Every row that was rejected or repaired, with the reason, written by a refresh.",
    "Log": "One row for each refresh.",
}
"""What each sheet holds, in a line below its name."""


def _items(builder: SheetBuilder) -> None:
    builder.input_sheet("Items", contract.ITEMS, freeze_columns=1, pages_wide=2)


def _demand(builder: SheetBuilder) -> None:
    builder.input_sheet("Demand", contract.DEMAND)


def _suppliers(builder: SheetBuilder) -> None:
    builder.input_sheet("Suppliers", contract.SUPPLIERS, contract.DISCOUNTS)


def _sources(builder: SheetBuilder) -> None:
    builder.input_sheet("Sources", contract.SOURCES, contract.LANES)


def _open_orders(builder: SheetBuilder) -> None:
    builder.input_sheet("Open orders", contract.OPEN_ORDERS)


def _receipts(builder: SheetBuilder) -> None:
    builder.input_sheet("Receipts", contract.RECEIPTS)


def _parameters(builder: SheetBuilder) -> None:
    sheet = builder.input_sheet("Parameters", contract.PARAMETERS)
    for column, width in enumerate((27, 16, 20, 90)):
        sheet.set_column(column, column, width)
    frame = builder.tables.get("parameters", contract.empty(contract.PARAMETERS))
    add_parameter_rules(sheet, frame, FIRST_DATA_ROW, builder.look)
    name_parameters(builder.book, len(frame), FIRST_DATA_ROW)


def _plan(builder: SheetBuilder) -> None:
    sheet = builder.output_sheet("Plan", contract.PLAN, freeze_columns=2, pages_wide=2)
    signals.mark_plan(sheet, builder.book, FIRST_DATA_ROW)
    add_planner_rules(sheet, contract.PLAN, FIRST_DATA_ROW, signals.LAST_ROW)


def _orders(builder: SheetBuilder) -> None:
    sheet = builder.output_sheet("Orders", contract.ORDERS, freeze_columns=2)
    signals.mark_orders(sheet, builder.book, FIRST_DATA_ROW)


def _exceptions(builder: SheetBuilder) -> None:
    sheet = builder.output_sheet("Exceptions", contract.EXCEPTIONS, freeze_columns=2)
    signals.mark_severity(sheet, builder.book, FIRST_DATA_ROW, contract.EXCEPTIONS)


def _dashboard(builder: SheetBuilder) -> None:
    sheet = builder.sheet("Dashboard", OUTPUT_TAB)
    add_dashboard(builder.book, sheet, builder.look, builder.place, builder.horizon())


def _buffers(builder: SheetBuilder) -> None:
    sheet = builder.output_sheet("Buffers", contract.BUFFERS, freeze_columns=2, pages_wide=2)
    signals.mark_buffers(sheet, builder.book, FIRST_DATA_ROW)


def _forecast(builder: SheetBuilder) -> None:
    builder.output_sheet("Forecast", contract.FORECAST, freeze_columns=3)


def _quality(builder: SheetBuilder) -> None:
    sheet = builder.output_sheet("Quality", contract.QUALITY)
    signals.mark_severity(sheet, builder.book, FIRST_DATA_ROW, contract.QUALITY)


def _log(builder: SheetBuilder) -> None:
    builder.output_sheet("Log", contract.LOG)


SHEETS: Mapping[str, Callable[[SheetBuilder], None]] = {
    "Items": _items,
    "Demand": _demand,
    "Suppliers": _suppliers,
    "Sources": _sources,
    "Open orders": _open_orders,
    "Receipts": _receipts,
    "Parameters": _parameters,
    "Plan": _plan,
    "Orders": _orders,
    "Exceptions": _exceptions,
    "Dashboard": _dashboard,
    "Buffers": _buffers,
    "Forecast": _forecast,
    "Quality": _quality,
    "Log": _log,
}
"""What lays out each sheet, in the order a planner reads them."""
