"""Tables that a refresh, or an order plan alone, writes."""

from __future__ import annotations

from invopt_xl.plan.columns.making import LOCATION, date, number, text
from invopt_xl.plan.schema import Table

FORECAST = Table(
    "tblForecast",
    "forecast",
    "Forecast",
    (
        text("item"),
        LOCATION,
        date("date", "First day of the period."),
        number("mean", "Expected demand, units."),
        *(
            number(f"p{round(1000 * level):03d}", f"{level:.1%} quantile of demand, units.")
            for level in (0.025, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.975)
        ),
        text("model", "The forecasting model."),
    ),
    key=("item", "location", "date"),
)

TREND_PERIODS = 26
"""Periods of history that the plan shows beside each item."""

CHANGE_PERIODS = 13
"""Periods whose mean demand is held against that of as many before."""

TREND = tuple(f"demand_{ago}_ago" for ago in range(TREND_PERIODS, 0, -1))
"""Columns of demand before the plan date, the oldest first."""

PLAN = Table(
    "tblPlan",
    "plan",
    "Plan",
    (
        text("item"),
        LOCATION,
        text("description", "What it is."),
        text("trend", f"Demand of the last {TREND_PERIODS} periods as a line; the numbers stand at the table's end."),
        number(
            "demand_change",
            f"Mean demand of the last {CHANGE_PERIODS} periods against that of the {CHANGE_PERIODS} before: -20% is a "
            "fifth less. Blank where too little is known, or nothing was asked for before.",
            share=True,
        ),
        text("abc", "Class by value of demand: A first 80%, B next 15%, C the rest."),
        text("xyz", "Class by how far demand strays from forecasts: X steady, Y variable, Z irregular."),
        text("pattern", "Syntetos-Boylan demand pattern."),
        text("model", "The forecasting model."),
        number("demand_per_period", "Expected demand over the horizon, units a period."),
        number(
            "safety_stock",
            "Reorder point less expected demand of the protection interval, units; 0 where the reorder point is below "
            "that demand: large lots or a low target need no buffer.",
        ),
        number("reorder_point", "Order when on hand plus what comes in time is below this, units."),
        number("order_up_to", "Reorder point and usual order, units; an order now may go beyond it."),
        number("on_hand", "Stock on hand, units."),
        number("on_order", "Open orders, units."),
        number("cover_days", "Days that stock on hand lasts at the expected demand."),
        number("order_quantity", "Order now, units, from all its suppliers; transfers apart."),
        number("order_value", "Order now, money after discount."),
        number("stockout_probability", "Chance to run out before an order placed next period would arrive."),
        number("expected_fill_rate", "Share of demand met from stock under these levels."),
        number("excess_quantity", "Stock above what demand will use, units."),
        number("excess_value", "The same in money."),
        text("exception", "The most pressing exception."),
        text(
            "why",
            "Why this quantity, in one sentence. With an overall service target a fill rate is the item's share of it.",
        ),
        number(
            "proposed_quantity",
            "Units that would be ordered now, with an override_date until then, if no override of any item counted. It "
            "is a plan of its own: beside overrides, other items may differ from their order within solver_gap.",
        ),
        number(
            "override_quantity",
            "The planner's quantity to order from the item's own supplier, now or on override_date, and nothing from "
            "anywhere else until then; a refresh never overwrites it.",
            owner="planner",
            minimum=0,
        ),
        date(
            "override_date",
            "The day to order override_quantity, in the horizon: it counts in the period of that day, and nothing else "
            "is ordered until then. Blank: now. A refresh never overwrites it.",
            owner="planner",
        ),
        text("note", "The planner's note; a refresh never overwrites it.", owner="planner"),
        *(
            number(
                name,
                f"Demand {ago} period{'s' if ago > 1 else ''} before the plan date, units; blank where it is not "
                "known: before the first sale, or out of stock.",
            )
            for ago, name in zip(range(TREND_PERIODS, 0, -1), TREND, strict=True)
        ),
    ),
    key=("item", "location"),
)

BUFFERS = Table(
    "tblBuffers",
    "buffers",
    "Buffers",
    (
        text("item"),
        LOCATION,
        text("supplier", "Who delivers it."),
        text("period", "day, week or month: what is called a period here."),
        number("demand_per_period", "Expected demand over the horizon, units a period."),
        number("demand_deviation", "Uncertainty of the forecast of one period, standard deviation, units."),
        number(
            "lead_time_days",
            "Lead time that the plan expects, days: as observed in receipts, the longest counted twice; as stated only"
            " where there are too few.",
        ),
        number("lead_time_sd_days", "Spread of that lead time, standard deviation, days."),
        number("review_days", "Days from a look at this item to the next."),
        text("service_measure", "What the service target is about."),
        number("service_target", "Service target; blank where costs decide.", share=True),
        number("order_quantity", "The usual lot, units; what is ordered now stands in the plan."),
        number(
            "protection_deviation",
            "Uncertainty of demand over the protection interval, standard deviation, units; that of the lead time "
            "included.",
        ),
        number(
            "safety_stock",
            "Reorder point less expected demand of the protection interval, units. Below zero: large lots or a low "
            "target need no buffer (the plan shows 0), and the reorder point lies this much below that demand.",
        ),
        number("reorder_point", "Order when on hand plus what comes in time is below this, units."),
        number(
            "change",
            "Reorder point now less that of the last refresh, units; blank where nothing is there to compare with. "
            "Refreshed again on the same plan date, what stays as it is keeps it.",
        ),
        text("why", "What the change comes from, the largest first; the units add up to it."),
        text("distribution", "What describes demand over the protection interval, lead time and review, and why."),
    ),
    key=("item", "location"),
)

ORDERS = Table(
    "tblOrders",
    "orders",
    "Orders",
    (
        text("supplier", "Who delivers; of a transfer where it comes from, such as: from WEST."),
        text("item"),
        LOCATION,
        text("description", "What it is."),
        date("order_date", "Place the order on this day."),
        date("due_date", "Expected receipt."),
        number("quantity", "Units."),
        number("unit_cost", "List price of a unit, before discount, money; of a transfer what moving a unit costs."),
        number("value", "What the line costs, after discount, money; of a transfer what moving costs."),
        number("discount_rate", "Share off the list price."),
        text(
            "why",
            "Why this line, in one sentence. With an overall service target a fill rate is the item's share of it; a "
            "lead time is told where its spread takes a tenth of the safety stock or more.",
        ),
    ),
)

ORDER_COSTS = Table(
    "tblOrderCosts",
    "order_costs",
    "Costs of the order plan",
    (
        text("kind", "What costs; the last row is the total that the plan is judged by."),
        number("amount", "Over the horizon, money."),
        text("note", "What it is, and whether it counts in the total."),
    ),
    key=("kind",),
)

ORDER_LIMITS = Table(
    "tblOrderLimits",
    "order_limits",
    "Limits of the order plan",
    (
        text("limit", "budget, storage, working capital or capacity."),
        text("subject", "The supplier, where it is about one."),
        date("date", "First day of the period."),
        number(
            "used",
            "What the plan takes, in the limit's unit: budget at list price; storage before a period's sales, working "
            "capital after them.",
        ),
        number("available", "The limit."),
        number("shadow_price", "What a unit more would save, money, if it is room_tried more; blank: not known."),
        number("room_tried", "How much more of the limit saves that by a unit; blank where nothing is told."),
    ),
    key=("limit", "subject", "date"),
)

ORDER_ITEMS = Table(
    "tblOrderItems",
    "order_items",
    "Items in the order plan",
    (
        text("item"),
        LOCATION,
        date("date", "First day of the period."),
        number("demand", "Expected demand, units."),
        number("receipts", "Units that arrive: open orders, orders and transfers."),
        number("sent", "Units that leave for other locations."),
        number("ordered", "Units ordered, transfers to here included."),
        number("stock", "Expected stock left at the period's end, units."),
        number("safety_stock", "Units below which a period should not end; what is missing is the cost `floor`."),
        number("short", "Units short: lost, or waiting at the period's end."),
        number("waste", "Units thrown away, for they would outlast their shelf life."),
    ),
    key=("item", "location", "date"),
)

ORDER_SHORTFALLS = Table(
    "tblOrderShortfalls",
    "order_shortfalls",
    "What the order plan leaves unmet",
    (
        text("item"),
        LOCATION,
        text("description", "What it is."),
        date("date", "First day of the first period that is short for this reason."),
        date("until", "Last day of the last one."),
        number("periods", "How many are short between these."),
        number("units", "Units short in all: lost, or waiting at most."),
        number("cost", "What the plan counts for it, money, as the cost `shortage`; of critical items threefold."),
        text("why", "Why they are not ordered; of several periods that of the most money."),
    ),
)

ORDER_CHANGES = Table(
    "tblOrderChanges",
    "order_changes",
    "Changes of the order plan",
    (
        text("change", "new, gone, moved, or quantity, where only that is another."),
        text("supplier", "Who delivers; of a transfer where it comes from."),
        text("item"),
        LOCATION,
        date("order_date_before", "When it was to be placed; blank: not at all."),
        date("order_date_after", "When it is to be placed now; blank: not at all."),
        number("quantity_before", "Units."),
        number("quantity_after", "Units."),
        number("value_difference", "Money after discount, after less before."),
        text("why", "Why the line is as it is now, or is gone, in one sentence."),
    ),
)

EXCEPTIONS = Table(
    "tblExceptions",
    "exceptions",
    "Exceptions",
    (
        text(
            "severity",
            "critical, warning or notice. A stock-out is critical where it may cost 0.1% of a period's demand of all "
            "items at cost, a critical item's three times; what spoils, where it is worth 1% of that.",
        ),
        text("item"),
        LOCATION,
        text("description", "What it is."),
        text("kind", "What it is about."),
        text("message", "What is the matter."),
        number("value_at_stake", "Money."),
        text("action", "What to do."),
    ),
)

KPIS = Table(
    "tblKpis",
    "kpis",
    "KPIs",
    (text("name", "Headline figure."), number("value"), text("unit"), text("note")),
    key=("name",),
)

CHECKS = Table(
    "tblChecks",
    "checks",
    "Checks",
    (
        text("check", "The first row is the master check of all the others."),
        text("result", "OK or CHECK."),
        text("detail"),
    ),
    key=("check",),
)

PROJECTION = Table(
    "tblProjection",
    "projection",
    "Projected stock",
    (
        date("date", "End of the period."),
        *(
            number(f"stock_{rank}", f"Expected stock of the item ranked {rank} in tblWorst, units.")
            for rank in range(1, 6)
        ),
    ),
)

WORST = Table(
    "tblWorst",
    "worst",
    "Worst items",
    (number("rank"), text("label", "Item and description."), text("item"), LOCATION, text("message")),
)

CLASSES = Table(
    "tblClasses",
    "classes",
    "Value by class",
    (
        text("abc", "Class."),
        number("items", "Items in the class."),
        number("demand_value", "Expected demand over the horizon at cost, money."),
        number("stock_value", "Stock on hand, money."),
        number("excess_value", "Excess, money."),
    ),
)

KINDS = Table(
    "tblKinds",
    "kinds",
    "Exceptions by kind",
    (text("kind"), number("count", "Exceptions."), number("value_at_stake", "Money.")),
)

QUALITY = Table(
    "tblQuality",
    "quality",
    "Data quality",
    (
        text("severity", "rejected, repaired or warning."),
        text("table"),
        number("row", "Row at the source."),
        text("column"),
        text("value"),
        text("reason", "What is wrong and what was expected."),
        text("action", "What was done."),
    ),
)

LOG = Table(
    "tblLog",
    "log",
    "Log",
    (
        text("refreshed_at", "Local time."),
        text("plan_date"),
        number("items", "Items planned."),
        number("rejected_rows"),
        number(
            "item_rows",
            "Rows of tblItems that name an item, as read, rejected ones among them; by these four the Cover sees what "
            "changed since.",
        ),
        number("stock", "Sum of on_hand in tblItems, as read, units; like SUM it counts numbers, not text."),
        number("overrides", "Cells of override_quantity in tblPlan that are filled in."),
        number("override_units", "Sum of override_quantity in tblPlan, units; like SUM it counts numbers, not text."),
        number(
            "items_read",
            "A sum of all numbers of tblItems, as read, weighted by row and column: another one asks for a refresh.",
        ),
        number("demand_read", "The same of tblDemand."),
        number("open_orders_read", "The same of tblOpenOrders."),
        number("parameters_read", "The same of tblParameters, the plan date apart."),
        number("terms_read", "The same of tblSuppliers, tblDiscounts, tblSources, tblLanes and tblReceipts together."),
        number("order_lines"),
        number("order_value", "Money, to be ordered now."),
        number("solver_gap", "Share by which the plan may exceed the cheapest one."),
        number("seconds"),
        text("version"),
        text("note"),
    ),
)
