"""Tables that a plan is made from."""

from __future__ import annotations

from invopt_xl.domain.order_terms import SMALLEST_LOT
from invopt_xl.plan.columns.making import LOCATION, date, number, text
from invopt_xl.plan.schema import Column, Table

_LEAD_TIME = "Calendar days from order to receipt."
_LEAD_TIME_SD = "Standard deviation of the lead time, days."
_SERVICE_MEASURE = ("cycle", "fill", "ready", "cost")

ITEMS = Table(
    "tblItems",
    "items",
    "Items",
    (
        text("item", "The item's code; one row for each item and location.", required=True),
        LOCATION,
        text("description", "What it is."),
        text("supplier", "Who delivers it; a row of tblSuppliers."),
        number("unit_cost", "Purchase cost of a unit, money.", required=True, minimum=0),
        number("unit_price", "Selling price of a unit, money.", minimum=0),
        number("lead_time_days", _LEAD_TIME, required=True, minimum=0, maximum=1095),
        number("lead_time_sd_days", _LEAD_TIME_SD, minimum=0, maximum=1095),
        number("review_days", "Days between two looks at this item; a period unless given.", above=0, maximum=366),
        number("order_cost", "Cost of an order line, money.", minimum=0),
        number("holding_rate", "Cost of holding stock, share of its value a year.", minimum=0, maximum=5, share=True),
        number(
            "shortage_cost",
            "Cost of a unit lost, or of a unit and period that wait, money; price minus cost unless given.",
            minimum=0,
        ),
        number("moq", "Minimum order quantity, units.", default=0, minimum=0),
        number("lot_size", "Orders are whole multiples of this, units.", default=1, minimum=SMALLEST_LOT),
        number("on_hand", "Stock on hand on the plan date, units.", required=True, minimum=0),
        number(
            "service_target", "Target between 0 and 1; the parameter unless given.", above=0, maximum=0.9999, share=True
        ),
        text(
            "service_measure",
            "cycle (no stock-out in a cycle), fill (share of demand met), ready (periods ending with stock) or cost "
            "(no target: least cost).",
            choices=_SERVICE_MEASURE,
        ),
        text(
            "criticality",
            "What a shortage means: critical, normal or minor.",
            default="normal",
            choices=("critical", "normal", "minor"),
        ),
        number("customer_weight", "How much its customers count beside others.", default=1, above=0),
        number("unit_volume", "Storage volume of a unit.", default=0, minimum=0),
        number("shelf_life_days", "Days a unit keeps.", above=0),
        text("status", "active, new or phase-out.", default="active", choices=("active", "new", "phase-out")),
    ),
    key=("item", "location"),
    required=True,
)

DEMAND = Table(
    "tblDemand",
    "demand",
    "Demand",
    (
        text("item", "A row of tblItems.", required=True),
        LOCATION,
        date("date", "Any day of the period.", required=True),
        number("quantity", "Units demanded or sold in the period.", required=True, minimum=0),
        number("unit_price", "Price paid, money.", minimum=0),
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
        text("supplier", "The supplier's name.", required=True),
        number("order_cost", "Cost of an order, shared by its items, money.", default=0, minimum=0),
        number("minimum_order_value", "Smallest value the supplier accepts, money.", default=0, minimum=0),
        number("capacity_units", "Most units a period; blank: no limit.", minimum=0),
        number("lead_time_days", _LEAD_TIME, minimum=0, maximum=1095),
        number("lead_time_sd_days", _LEAD_TIME_SD, minimum=0, maximum=1095),
    ),
    key=("supplier",),
)

DISCOUNTS = Table(
    "tblDiscounts",
    "discounts",
    "Discounts",
    (
        text("supplier", "A row of tblSuppliers.", required=True),
        text("item", "A row of tblItems; blank: all the supplier's items."),
        number("from_quantity", "From this many units of the item in an order.", minimum=0),
        number("from_value", "From this order value with the supplier, money.", minimum=0),
        number(
            "discount_rate",
            "Share off the unit cost, such as 0.05.",
            required=True,
            minimum=0,
            maximum=0.99,
            share=True,
        ),
        text("kind", "all-unit or incremental.", default="all-unit", choices=("all-unit", "incremental")),
    ),
)

SOURCES = Table(
    "tblSources",
    "sources",
    "Further suppliers of items",
    (
        text("item", "A row of tblItems.", required=True),
        LOCATION,
        text(
            "supplier", "Who else delivers it, beside its supplier in tblItems; a row of tblSuppliers.", required=True
        ),
        number("unit_cost", "Purchase cost of a unit from there, money.", required=True, minimum=0),
        number(
            "lead_time_days",
            "Calendar days from order to receipt; blank: the supplier's, else the item's; in an emergency a period at "
            "most.",
            minimum=0,
            maximum=1095,
        ),
        number("lead_time_sd_days", _LEAD_TIME_SD, minimum=0, maximum=1095),
        number("moq", "Minimum order quantity, units.", default=0, minimum=0),
        number("lot_size", "Orders are whole multiples of this, units.", default=1, minimum=SMALLEST_LOT),
        Column("emergency", "flag", "1 where it is for emergencies: what it costs more is told apart.", default=0),
    ),
    key=("item", "location", "supplier", "emergency"),
)

LANES = Table(
    "tblLanes",
    "lanes",
    "Transfers between locations",
    (
        text("from_location", "Where the units stand; a location of tblItems.", required=True),
        text("to_location", "Where they are brought; a location of tblItems.", required=True),
        text("item", "A row of tblItems; blank: every item stocked at both."),
        number("transfer_cost", "Cost of moving a unit, money.", default=0, minimum=0),
        number("order_cost", "Cost of a shipment of an item, money.", default=0, minimum=0),
        number("lead_time_days", "Calendar days on the way; blank: a period.", minimum=0, maximum=1095),
    ),
    key=("from_location", "to_location", "item"),
)

OPEN_ORDERS = Table(
    "tblOpenOrders",
    "open_orders",
    "Open orders",
    (
        text("item", "A row of tblItems.", required=True),
        LOCATION,
        date("due_date", "Expected receipt.", required=True),
        number("quantity", "Units still to come.", required=True, above=0),
        text("supplier", "Who delivers them."),
    ),
)

RECEIPTS = Table(
    "tblReceipts",
    "receipts",
    "Receipts",
    (
        text("item", "A row of tblItems; blank: the supplier in general."),
        text("supplier", "Who delivered."),
        date("order_date", "When it was ordered.", required=True),
        date("receipt_date", "When it came.", required=True),
        number("quantity", "Units received.", minimum=0),
    ),
)

PARAMETERS = Table(
    "tblParameters",
    "parameters",
    "Parameters",
    (
        text("name", "The parameter's name.", required=True),
        text("value", "Its value; blank: the default."),
        text("unit", "Its unit."),
        text("note", "What it does."),
    ),
    key=("name",),
)
