"""The data contract: every table, every column, its type, unit, default and bounds, declared once.

Quality checks, workbook templates, folders of CSV files and the documentation all read this module.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from invopt_xl.plan.schema import CellFault, Column, Kind, Table, Tables

__all__ = [
    "BUFFERS",
    "BY_STEM",
    "CHECKS",
    "CLASSES",
    "DEFAULT_LOCATION",
    "DEMAND",
    "DISCOUNTS",
    "EXCEPTIONS",
    "FORECAST",
    "INPUTS",
    "ITEMS",
    "KINDS",
    "KPIS",
    "LANES",
    "LOG",
    "OPEN_ORDERS",
    "ORDERS",
    "ORDER_COSTS",
    "ORDER_ITEMS",
    "ORDER_LIMITS",
    "ORDER_OUTPUTS",
    "OUTPUTS",
    "PARAMETERS",
    "PLAN",
    "PROJECTION",
    "QUALITY",
    "RECEIPTS",
    "SOURCES",
    "SUPPLIERS",
    "WORST",
    "CellFault",
    "Column",
    "Kind",
    "Table",
    "Tables",
    "empty",
]

DEFAULT_LOCATION = "MAIN"


def _text(name: str, note: str = "", **options: object) -> Column:
    return Column(name, "text", note, **options)  # type: ignore[arg-type]


def _number(name: str, note: str = "", **options: object) -> Column:
    return Column(name, "number", note, **options)  # type: ignore[arg-type]


def _date(name: str, note: str = "", **options: object) -> Column:
    return Column(name, "date", note, **options)  # type: ignore[arg-type]


_LOCATION = _text("location", "Where the item is stocked.", default=DEFAULT_LOCATION)
_LEAD_TIME = "Calendar days from order to receipt."
_LEAD_TIME_SD = "Standard deviation of the lead time, days."
_SERVICE_MEASURE = ("cycle", "fill", "ready", "cost")

ITEMS = Table(
    "tblItems",
    "items",
    "Items",
    (
        _text("item", "The item's code; one row for each item and location.", required=True),
        _LOCATION,
        _text("description", "What it is."),
        _text("supplier", "Who delivers it; a row of tblSuppliers."),
        _number("unit_cost", "Purchase cost of a unit, money.", required=True, minimum=0),
        _number("unit_price", "Selling price of a unit, money.", minimum=0),
        _number("lead_time_days", _LEAD_TIME, required=True, minimum=0, maximum=1095),
        _number("lead_time_sd_days", _LEAD_TIME_SD, minimum=0, maximum=1095),
        _number("review_days", "Days between two looks at this item; a period unless given.", above=0, maximum=366),
        _number("order_cost", "Cost of an order line, money.", minimum=0),
        _number("holding_rate", "Cost of holding stock, share of its value a year.", minimum=0, maximum=5, share=True),
        _number(
            "shortage_cost",
            "Cost of a unit lost, or of a unit and period that wait, money; price minus cost unless given.",
            minimum=0,
        ),
        _number("moq", "Minimum order quantity, units.", default=0, minimum=0),
        _number("lot_size", "Orders are whole multiples of this, units.", default=1, above=0),
        _number("on_hand", "Stock on hand on the plan date, units.", required=True, minimum=0),
        _number(
            "service_target", "Target between 0 and 1; the parameter unless given.", above=0, maximum=0.9999, share=True
        ),
        _text(
            "service_measure",
            "cycle (no stock-out in a cycle), fill (share of demand met), ready (periods ending with stock) or cost "
            "(no target: least cost).",
            choices=_SERVICE_MEASURE,
        ),
        _text(
            "criticality",
            "What a shortage means: critical, normal or minor.",
            default="normal",
            choices=("critical", "normal", "minor"),
        ),
        _number("customer_weight", "How much its customers count beside others.", default=1, above=0),
        _number("unit_volume", "Storage volume of a unit.", default=0, minimum=0),
        _number("shelf_life_days", "Days a unit keeps.", above=0),
        _text("status", "active, new or phase-out.", default="active", choices=("active", "new", "phase-out")),
    ),
    key=("item", "location"),
    required=True,
)

DEMAND = Table(
    "tblDemand",
    "demand",
    "Demand",
    (
        _text("item", "A row of tblItems.", required=True),
        _LOCATION,
        _date("date", "Any day of the period.", required=True),
        _number("quantity", "Units demanded or sold in the period.", required=True, minimum=0),
        _number("unit_price", "Price paid, money.", minimum=0),
        Column("promotion", "flag", "1 where the item was on promotion.", default=0),
        Column("in_stock", "flag", "0 where the item was out of stock, so sales understate demand.", default=1),
    ),
    key=("item", "location", "date"),
    required=True,
)

SUPPLIERS = Table(
    "tblSuppliers",
    "suppliers",
    "Suppliers",
    (
        _text("supplier", "The supplier's name.", required=True),
        _number("order_cost", "Cost of an order, shared by its items, money.", default=0, minimum=0),
        _number("minimum_order_value", "Smallest value the supplier accepts, money.", default=0, minimum=0),
        _number("capacity_units", "Most units a period; blank: no limit.", minimum=0),
        _number("lead_time_days", _LEAD_TIME, minimum=0, maximum=1095),
        _number("lead_time_sd_days", _LEAD_TIME_SD, minimum=0, maximum=1095),
    ),
    key=("supplier",),
)

DISCOUNTS = Table(
    "tblDiscounts",
    "discounts",
    "Discounts",
    (
        _text("supplier", "A row of tblSuppliers.", required=True),
        _text("item", "A row of tblItems; blank: all the supplier's items."),
        _number("from_quantity", "From this many units of the item in an order.", minimum=0),
        _number("from_value", "From this order value with the supplier, money.", minimum=0),
        _number(
            "discount_rate",
            "Share off the unit cost, such as 0.05.",
            required=True,
            minimum=0,
            maximum=0.99,
            share=True,
        ),
        _text("kind", "all-unit or incremental.", default="all-unit", choices=("all-unit", "incremental")),
    ),
)

SOURCES = Table(
    "tblSources",
    "sources",
    "Further suppliers of items",
    (
        _text("item", "A row of tblItems.", required=True),
        _LOCATION,
        _text(
            "supplier", "Who else delivers it, beside its supplier in tblItems; a row of tblSuppliers.", required=True
        ),
        _number("unit_cost", "Purchase cost of a unit from there, money.", required=True, minimum=0),
        _number(
            "lead_time_days",
            "Calendar days from order to receipt; blank: the supplier's, else the item's; in an emergency a period at "
            "most.",
            minimum=0,
            maximum=1095,
        ),
        _number("lead_time_sd_days", _LEAD_TIME_SD, minimum=0, maximum=1095),
        _number("moq", "Minimum order quantity, units.", default=0, minimum=0),
        _number("lot_size", "Orders are whole multiples of this, units.", default=1, above=0),
        Column("emergency", "flag", "1 where it is for emergencies: what it costs more is told apart.", default=0),
    ),
    key=("item", "location", "supplier", "emergency"),
)

LANES = Table(
    "tblLanes",
    "lanes",
    "Transfers between locations",
    (
        _text("from_location", "Where the units stand; a location of tblItems.", required=True),
        _text("to_location", "Where they are brought; a location of tblItems.", required=True),
        _text("item", "A row of tblItems; blank: every item stocked at both."),
        _number("transfer_cost", "Cost of moving a unit, money.", default=0, minimum=0),
        _number("order_cost", "Cost of a shipment of an item, money.", default=0, minimum=0),
        _number("lead_time_days", "Calendar days on the way; blank: a period.", minimum=0, maximum=1095),
    ),
    key=("from_location", "to_location", "item"),
)

OPEN_ORDERS = Table(
    "tblOpenOrders",
    "open_orders",
    "Open orders",
    (
        _text("item", "A row of tblItems.", required=True),
        _LOCATION,
        _date("due_date", "Expected receipt.", required=True),
        _number("quantity", "Units still to come.", required=True, above=0),
        _text("supplier", "Who delivers them."),
    ),
)

RECEIPTS = Table(
    "tblReceipts",
    "receipts",
    "Receipts",
    (
        _text("item", "A row of tblItems; blank: the supplier in general."),
        _text("supplier", "Who delivered."),
        _date("order_date", "When it was ordered.", required=True),
        _date("receipt_date", "When it came.", required=True),
        _number("quantity", "Units received.", minimum=0),
    ),
)

PARAMETERS = Table(
    "tblParameters",
    "parameters",
    "Parameters",
    (
        _text("name", "The parameter's name.", required=True),
        _text("value", "Its value; blank: the default."),
        _text("unit", "Its unit."),
        _text("note", "What it does."),
    ),
    key=("name",),
)

FORECAST = Table(
    "tblForecast",
    "forecast",
    "Forecast",
    (
        _text("item"),
        _LOCATION,
        _date("date", "First day of the period."),
        _number("mean", "Expected demand, units."),
        *(
            _number(f"p{round(1000 * level):03d}", f"{level:.1%} quantile of demand, units.")
            for level in (0.025, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.975)
        ),
        _text("model", "The forecasting model."),
    ),
    key=("item", "location", "date"),
)

PLAN = Table(
    "tblPlan",
    "plan",
    "Plan",
    (
        _text("item"),
        _LOCATION,
        _text("description", "What it is."),
        _text("abc", "Class by value of demand: A first 80%, B next 15%, C the rest."),
        _text("xyz", "Class by variability of demand: X steady, Y variable, Z irregular."),
        _text("pattern", "Syntetos-Boylan demand pattern."),
        _text("model", "The forecasting model."),
        _number("demand_per_period", "Expected demand over the horizon, units a period."),
        _number("safety_stock", "Reorder point less expected demand of the protection interval, units."),
        _number("reorder_point", "Order when on hand plus what comes in time is below this, units."),
        _number("order_up_to", "Reorder point and usual order, units; an order now may go beyond it."),
        _number("on_hand", "Stock on hand, units."),
        _number("on_order", "Open orders, units."),
        _number("cover_days", "Days that stock on hand lasts at the expected demand."),
        _number("order_quantity", "Order now, units, from all its suppliers; transfers apart."),
        _number("order_value", "Order now, money after discount."),
        _number("stockout_probability", "Chance to run out before an order placed next period would arrive."),
        _number("expected_fill_rate", "Share of demand met from stock under these levels."),
        _number("excess_quantity", "Stock above what demand will use, units."),
        _number("excess_value", "The same in money."),
        _text("exception", "The most pressing exception."),
        _text("why", "Why this quantity, in one sentence."),
        _number(
            "override_quantity",
            "The planner's quantity to order now from the item's own supplier, and nothing from anywhere else now; a "
            "refresh never overwrites it.",
            owner="planner",
            minimum=0,
        ),
        _text("note", "The planner's note; a refresh never overwrites it.", owner="planner"),
    ),
    key=("item", "location"),
)

BUFFERS = Table(
    "tblBuffers",
    "buffers",
    "Buffers",
    (
        _text("item"),
        _LOCATION,
        _text("supplier", "Who delivers it."),
        _text("period", "day, week or month: what is called a period here."),
        _number("demand_per_period", "Expected demand over the horizon, units a period."),
        _number("demand_deviation", "Uncertainty of the forecast of one period, standard deviation, units."),
        _number(
            "lead_time_days",
            "Lead time that the plan expects, days: as observed in receipts, the longest counted twice; as stated only"
            " where there are too few.",
        ),
        _number("lead_time_sd_days", "Spread of that lead time, standard deviation, days."),
        _number("review_days", "Days from a look at this item to the next."),
        _text("service_measure", "What the service target is about."),
        _number("service_target", "Service target; blank where costs decide.", share=True),
        _number("order_quantity", "The usual lot, units; what is ordered now stands in the plan."),
        _number(
            "protection_deviation",
            "Uncertainty of demand over the protection interval, standard deviation, units; that of the lead time "
            "included.",
        ),
        _number("safety_stock", "Reorder point less expected demand of the protection interval, units."),
        _number("reorder_point", "Order when on hand plus what comes in time is below this, units."),
        _number(
            "change",
            "Reorder point now less that of the last refresh, units; blank where nothing is there to compare with. "
            "Refreshed again on the same plan date, what stays as it is keeps it.",
        ),
        _text("why", "What the change comes from, the largest first; the units add up to it."),
        _text("distribution", "What describes demand over the protection interval, lead time and review, and why."),
    ),
    key=("item", "location"),
)

ORDERS = Table(
    "tblOrders",
    "orders",
    "Orders",
    (
        _text("supplier", "Who delivers; of a transfer where it comes from, such as: from WEST."),
        _text("item"),
        _LOCATION,
        _text("description", "What it is."),
        _date("order_date", "Place the order on this day."),
        _date("due_date", "Expected receipt."),
        _number("quantity", "Units."),
        _number("unit_cost", "Before discount, money; of a transfer what moving a unit costs."),
        _number("value", "After discount, money; of a transfer its cost."),
        _number("discount_rate", "Share off."),
        _text("why", "Why this line, in one sentence."),
    ),
)

ORDER_COSTS = Table(
    "tblOrderCosts",
    "order_costs",
    "Costs of the order plan",
    (
        _text("kind", "What costs; the last row is the total that the plan is judged by."),
        _number("amount", "Over all periods planned, money."),
        _text("note", "What it is, and whether it counts in the total."),
    ),
    key=("kind",),
)

ORDER_LIMITS = Table(
    "tblOrderLimits",
    "order_limits",
    "Limits of the order plan",
    (
        _text("limit", "budget, storage, working capital or capacity."),
        _text("subject", "The supplier, where it is about one."),
        _date("date", "First day of the period."),
        _number("used", "What the plan takes, in the limit's unit."),
        _number("available", "The limit."),
        _number("shadow_price", "What one unit more of it would save, money; about, and for a little more only."),
    ),
    key=("limit", "subject", "date"),
)

ORDER_ITEMS = Table(
    "tblOrderItems",
    "order_items",
    "Items in the order plan",
    (
        _text("item"),
        _LOCATION,
        _date("date", "First day of the period."),
        _number("demand", "Expected demand, units."),
        _number("receipts", "Units that arrive: open orders, orders and transfers."),
        _number("sent", "Units that leave for other locations."),
        _number("ordered", "Units ordered, transfers to here included."),
        _number("stock", "Expected stock left at the period's end, units."),
        _number("short", "Units short: lost, or waiting at the period's end."),
        _number("waste", "Units thrown away, for they would outlast their shelf life."),
    ),
    key=("item", "location", "date"),
)

EXCEPTIONS = Table(
    "tblExceptions",
    "exceptions",
    "Exceptions",
    (
        _text("severity", "critical, warning or notice."),
        _text("item"),
        _LOCATION,
        _text("description", "What it is."),
        _text("kind", "What it is about."),
        _text("message", "What is the matter."),
        _number("value_at_stake", "Money."),
        _text("action", "What to do."),
    ),
)

KPIS = Table(
    "tblKpis",
    "kpis",
    "KPIs",
    (_text("name", "Headline figure."), _number("value"), _text("unit"), _text("note")),
    key=("name",),
)

CHECKS = Table(
    "tblChecks",
    "checks",
    "Checks",
    (
        _text("check", "The first row is the master check of all the others."),
        _text("result", "OK or CHECK."),
        _text("detail"),
    ),
    key=("check",),
)

PROJECTION = Table(
    "tblProjection",
    "projection",
    "Projected stock",
    (
        _date("date", "End of the period."),
        *(
            _number(f"stock_{rank}", f"Expected stock of the item ranked {rank} in tblWorst, units.")
            for rank in range(1, 6)
        ),
    ),
)

WORST = Table(
    "tblWorst",
    "worst",
    "Worst items",
    (_number("rank"), _text("label", "Item and description."), _text("item"), _LOCATION, _text("message")),
)

CLASSES = Table(
    "tblClasses",
    "classes",
    "Value by class",
    (
        _text("abc", "Class."),
        _number("items", "Items in the class."),
        _number("demand_value", "Expected demand over the horizon at cost, money."),
        _number("stock_value", "Stock on hand, money."),
        _number("excess_value", "Excess, money."),
    ),
)

KINDS = Table(
    "tblKinds",
    "kinds",
    "Exceptions by kind",
    (_text("kind"), _number("count", "Exceptions."), _number("value_at_stake", "Money.")),
)

QUALITY = Table(
    "tblQuality",
    "quality",
    "Data quality",
    (
        _text("severity", "rejected, repaired or warning."),
        _text("table"),
        _number("row", "Row at the source."),
        _text("column"),
        _text("value"),
        _text("reason", "What is wrong and what was expected."),
        _text("action", "What was done."),
    ),
)

LOG = Table(
    "tblLog",
    "log",
    "Log",
    (
        _text("refreshed_at", "Local time."),
        _text("plan_date"),
        _number("items", "Items planned."),
        _number("rejected_rows"),
        _number("order_lines"),
        _number("order_value", "Money, to be ordered now."),
        _number("solver_gap", "Share by which the plan may exceed the cheapest one."),
        _number("seconds"),
        _text("version"),
        _text("note"),
    ),
)

INPUTS = (ITEMS, DEMAND, SUPPLIERS, DISCOUNTS, SOURCES, LANES, OPEN_ORDERS, RECEIPTS, PARAMETERS)
"""Tables read by a refresh. So are `PLAN`, for the planner's columns, `BUFFERS`, to say what changed, and `LOG`, to
append to it."""

OUTPUTS = (PLAN, ORDERS, EXCEPTIONS, BUFFERS, FORECAST, KPIS, CHECKS, PROJECTION, WORST, CLASSES, KINDS, QUALITY, LOG)
"""Tables written by a refresh."""

ORDER_OUTPUTS = (ORDERS, ORDER_COSTS, ORDER_LIMITS, ORDER_ITEMS, QUALITY)
"""Tables written by an order plan alone."""

BY_STEM: Mapping[str, Table] = {table.stem: table for table in (*INPUTS, *OUTPUTS, *ORDER_OUTPUTS)}


def empty(table: Table) -> pd.DataFrame:
    """Return the table without rows."""
    return pd.DataFrame({name: pd.Series(dtype="object") for name in table.column_names})
