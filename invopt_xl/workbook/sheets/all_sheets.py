"""The sheets of plan workbooks, each declared once by its name; a template is a choice of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from invopt_xl.plan import columns as contract
from invopt_xl.workbook.sheets import signals
from invopt_xl.workbook.sheets.calculated import placed_names
from invopt_xl.workbook.sheets.dashboard import add_dashboard
from invopt_xl.workbook.sheets.dashboard_charts import FIGURES, figures_column
from invopt_xl.workbook.sheets.entry import add_parameter_rules, add_planner_rules, name_parameters, name_suppliers
from invopt_xl.workbook.sheets.excess import add_actions, add_excess, add_review
from invopt_xl.workbook.sheets.history import add_accuracy, add_overrides, add_previous
from invopt_xl.workbook.sheets.layout import FIRST_DATA_ROW, HEADER_ROW
from invopt_xl.workbook.sheets.plan import dress_plan
from invopt_xl.workbook.sheets.purchase_order import add_purchase_order
from invopt_xl.workbook.sheets.segments import add_segments
from invopt_xl.workbook.sheets.workings import add_workings

if TYPE_CHECKING:
    from invopt_xl.plan.columns import Table
    from invopt_xl.workbook.sheets.builder import SheetBuilder

ABOUT: Mapping[str, str] = {
    "Items": "One row for each item and location. Quantities in units, money in one currency, times in days.",
    "Demand": "Sales or demand by period; weeks without a sale are zeros, weeks before a launch have no row.",
    "Suppliers": "Terms of the suppliers, and the price breaks they give.",
    "Sources": "Only where an item has several suppliers or locations: who else delivers it, and transfers.",
    "Open orders": "Orders placed and not yet received.",
    "Receipts": "Past deliveries; the plan learns each supplier's lead times from them.",
    "Parameters": "What the plan assumes beyond its tables. Blank: the default.",
    "Plan": "One row for each item and location, in the order of Items after each refresh. Yellow columns are yours.",
    "Orders": "Order lines over the horizon, written by a refresh; those on green are to be placed now.",
    "Exceptions": "What to look at, worst first, written by a refresh.",
    "Dashboard": "The plan on one page: service, money, orders due, what to look at, and an item of your choice.",
    "Outlook": "Stock, receipts and shortages of each item in each period of the horizon, written by a refresh.",
    "Supplier orders": "Orders by supplier and day, written by a refresh.",
    "Purchase order": "One order, ready to send: choose a supplier and a day, type what is yellow, print.",
    "Segments": "Classes by value and by forecast error: how many, what they are worth, and what they are served.",
    "Class matrix": "What stands in each cell of classes and what it asks for, written by a refresh.",
    "Segment items": "The class, the target and the money of each item, and why, written by a refresh.",
    "Curve": "The least stock money for each fill rate, and where you are, written by a refresh.",
    "Money": "What stock ties up, costs and earns now, after the plan and after each action, written by a refresh.",
    "Service cost": "What a percentage point of fill rate costs, at several fill rates, written by a refresh.",
    "Excess": "What is too much, written by a refresh. Decide in the yellow columns, which stay.",
    "Excess actions": "What to do about it, the items first that gain most; written by a refresh.",
    "Excess review": "Excess by kind, class and supplier, and what your decisions free.",
    "Accuracy": "Forecasts that were made beside what came, written when the plan rolls forward.",
    "Overrides": "Every override, who made it, and what came of it, written by a refresh.",
    "Previous": "The plan before the last refresh, and what is another now.",
    "Figures": "Tables behind the Dashboard, written by a refresh.",
    "Workings": "Settings and calculations of the Dashboard: change what is yellow.",
    "Checks": "Every check of the last refresh; the Cover rolls them up.",
    "Buffers": "What each item's buffer is made of, and why it changed since the last refresh; written by a refresh.",
    "Forecast": "Demand of each coming period as quantiles, written by a refresh: p050 is exceeded 19 times in 20.",
    "Quality": "Every row that was rejected or repaired, with the reason, written by a refresh.",
    "Log": "One row for each refresh.",
}
"""What each sheet holds, in a line below its name."""


def _items(builder: SheetBuilder) -> None:
    builder.input_sheet("Items", contract.ITEMS, freeze_columns=1)


def _demand(builder: SheetBuilder) -> None:
    builder.input_sheet("Demand", contract.DEMAND)


def _suppliers(builder: SheetBuilder) -> None:
    builder.input_sheet("Suppliers", contract.SUPPLIERS, contract.DISCOUNTS)
    name_suppliers(builder.book, FIRST_DATA_ROW)


def _sources(builder: SheetBuilder) -> None:
    builder.input_sheet("Sources", contract.SOURCES, contract.LANES)


def _open_orders(builder: SheetBuilder) -> None:
    builder.input_sheet("Open orders", contract.OPEN_ORDERS)


def _receipts(builder: SheetBuilder) -> None:
    builder.input_sheet("Receipts", contract.RECEIPTS)


def _parameters(builder: SheetBuilder) -> None:
    sheet = builder.input_sheet("Parameters", contract.PARAMETERS)
    for column, width in enumerate((27, 16, 20, 90)):
        builder.widen(sheet, column, width)
    frame = builder.tables.get("parameters", contract.empty(contract.PARAMETERS))
    add_parameter_rules(sheet, frame, FIRST_DATA_ROW, builder.look)
    name_parameters(builder.book, len(frame), FIRST_DATA_ROW)


def _plan(builder: SheetBuilder) -> None:
    sheet = builder.output_sheet("Plan", contract.PLAN, freeze_columns=2)
    dress_plan(sheet, len(builder.tables.get("plan", ())))
    builder.lay_out_pages(sheet, 2, end=placed_names(contract.PLAN).index(contract.TREND[0]))
    dated = builder.has(contract.FORECAST) and builder.has(contract.ORDERS)
    signals.mark_plan(sheet, builder.book, FIRST_DATA_ROW, with_forecast=dated)
    earliest = "=plan_date" if builder.has(contract.PARAMETERS) else None
    add_planner_rules(sheet, contract.PLAN, FIRST_DATA_ROW, signals.LAST_ROW, earliest=earliest)


def _orders(builder: SheetBuilder) -> None:
    sheet = builder.output_sheet("Orders", contract.ORDERS, freeze_columns=2)
    signals.mark_orders(sheet, builder.book, FIRST_DATA_ROW, with_forecast=builder.has(contract.FORECAST))


def _exceptions(builder: SheetBuilder) -> None:
    sheet = builder.output_sheet("Exceptions", contract.EXCEPTIONS, freeze_columns=2)
    signals.mark_severity(sheet, builder.book, FIRST_DATA_ROW, contract.EXCEPTIONS)


def _outlook(builder: SheetBuilder) -> None:
    sheet = builder.output_sheet("Outlook", contract.ORDER_ITEMS, freeze_columns=3)
    signals.mark_outlook(sheet, builder.book, FIRST_DATA_ROW)


def _supplier_orders(builder: SheetBuilder) -> None:
    sheet = builder.output_sheet("Supplier orders", contract.SUPPLIER_ORDERS, freeze_columns=2)
    place = (contract.SUPPLIER_ORDERS.column_names.index("status"), FIRST_DATA_ROW)
    signals.mark_words(sheet, builder.book, place, {"now": "good", "below minimum": "warning"})


def _segment_items(builder: SheetBuilder) -> None:
    builder.output_sheet("Segment items", contract.SEGMENTS, freeze_columns=2)


def _class_matrix(builder: SheetBuilder) -> None:
    builder.output_sheet("Class matrix", contract.MATRIX)


def _curve(builder: SheetBuilder) -> None:
    builder.output_sheet("Curve", contract.CURVE)


def _money(builder: SheetBuilder) -> None:
    builder.output_sheet("Money", contract.MONEY, freeze_columns=1)


def _service_cost(builder: SheetBuilder) -> None:
    builder.output_sheet("Service cost", contract.SERVICE_COST, freeze_columns=1)


def _figures(builder: SheetBuilder) -> None:
    sheet = builder.output_sheet("Figures", *FIGURES)
    starts = [figures_column(table, table.column_names[0]) for table in FIGURES]
    for column, table in zip(starts, FIGURES, strict=True):
        sheet.write_string(HEADER_ROW - 2, column, table.title, builder.look.heading)
    builder.lay_out_pages(sheet, starts=starts)


def _checks(builder: SheetBuilder) -> None:
    sheet = builder.output_sheet("Checks", contract.CHECKS)
    signals.mark_checks(sheet, builder.book, FIRST_DATA_ROW, 0)


def _buffers(builder: SheetBuilder) -> None:
    sheet = builder.output_sheet("Buffers", contract.BUFFERS, freeze_columns=2)
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
    "Dashboard": add_dashboard,
    "Outlook": _outlook,
    "Supplier orders": _supplier_orders,
    "Purchase order": add_purchase_order,
    "Segments": add_segments,
    "Class matrix": _class_matrix,
    "Segment items": _segment_items,
    "Curve": _curve,
    "Money": _money,
    "Service cost": _service_cost,
    "Excess review": add_review,
    "Excess": add_excess,
    "Excess actions": add_actions,
    "Buffers": _buffers,
    "Forecast": _forecast,
    "Accuracy": add_accuracy,
    "Overrides": add_overrides,
    "Previous": add_previous,
    "Figures": _figures,
    "Workings": add_workings,
    "Checks": _checks,
    "Quality": _quality,
    "Log": _log,
}
"""What lays out each sheet, in the order a planner reads them."""

TABLES_ON: Mapping[str, tuple[Table, ...]] = {
    "Items": (contract.ITEMS,),
    "Demand": (contract.DEMAND,),
    "Suppliers": (contract.SUPPLIERS, contract.DISCOUNTS),
    "Sources": (contract.SOURCES, contract.LANES),
    "Open orders": (contract.OPEN_ORDERS,),
    "Receipts": (contract.RECEIPTS,),
    "Parameters": (contract.PARAMETERS,),
    "Plan": (contract.PLAN,),
    "Orders": (contract.ORDERS,),
    "Exceptions": (contract.EXCEPTIONS,),
    "Outlook": (contract.ORDER_ITEMS,),
    "Supplier orders": (contract.SUPPLIER_ORDERS,),
    "Class matrix": (contract.MATRIX,),
    "Segment items": (contract.SEGMENTS,),
    "Curve": (contract.CURVE,),
    "Money": (contract.MONEY,),
    "Service cost": (contract.SERVICE_COST,),
    "Excess": (contract.EXCESS,),
    "Excess actions": (contract.ACTIONS,),
    "Buffers": (contract.BUFFERS,),
    "Forecast": (contract.FORECAST,),
    "Accuracy": (contract.ACCURACY, contract.FORECAST_REVIEW),
    "Overrides": (contract.OVERRIDES,),
    "Previous": (contract.PREVIOUS,),
    "Figures": FIGURES,
    "Checks": (contract.CHECKS,),
    "Quality": (contract.QUALITY,),
    "Log": (contract.LOG,),
}
"""Tables on each sheet that has any."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "Dashboard": ("Plan", "Exceptions", "Outlook", "Supplier orders", "Curve", "Figures", "Workings"),
    "Segments": ("Segment items", "Curve"),
    "Excess review": ("Excess",),
    "Purchase order": ("Orders",),
}
"""Sheets that others cannot do without."""


def with_needed(names: Sequence[str]) -> tuple[str, ...]:
    """Return the sheets chosen, then those that they need and that were not; beside results stand their checks.

    Examples
    --------
    >>> with_needed(["Items", "Excess review"])
    ('Items', 'Excess review', 'Excess', 'Checks')
    """
    chosen = dict.fromkeys(names)
    waiting = list(names)
    while waiting:
        more = [name for name in NEEDED.get(waiting.pop(0), ()) if name not in chosen]
        chosen |= dict.fromkeys(more)
        waiting += more
    if any(table in contract.OUTPUTS for name in chosen for table in TABLES_ON.get(name, ())):
        chosen |= {"Checks": None}
    return tuple(chosen)
