"""Tables of the money view: what stock ties up, costs and earns, and what a point of service costs."""

from __future__ import annotations

from invopt_xl.plan.columns.making import number, text
from invopt_xl.plan.schema import Table

MONEY = Table(
    "tblMoney",
    "money",
    "The money view",
    (
        text(
            "state",
            "now; after the plan: average stock of its levels, and the excess beside it; then after each action against"
            " excess too, those before it done as well, the most money first.",
        ),
        number("stock_value", "Stock at cost, money: now on hand; after the plan the average and what excess is left."),
        number(
            "excess_value",
            "Of stock and orders what demand will not use in good time, at cost, money. After the plan it has come, "
            "and is stock until somebody acts.",
        ),
        number("on_order_value", "On order at cost, money: now open orders; after the plan demand of the lead times."),
        number("working_capital", "Stock and orders at cost, money."),
        number("carrying_cost", "What holding this stock costs a year at its holding rates, money; orders cost none."),
        number("turns", "Expected demand of a year at cost over stock, times a year."),
        number("cover_days", "Days that this stock lasts at the expected demand, all items together."),
        number(
            "fill_rate",
            "Share of demand met from stock, weighted as parameter service_weight says: now as the point of today in "
            "tblCurve, then as expected of the plan. The overall fill rate of tblKpis counts criticality and customer "
            "weight as well where the goal is overall.",
            share=True,
        ),
        number(
            "stockout_chance",
            "Share of items expected to run out before an order of the next review can come, each item counted once.",
            share=True,
        ),
        number("periods_short", "Share of periods that end without stock, each item counted once.", share=True),
        number("out_of_stock", "Items with demand and nothing on hand today; blank for what is to come."),
        number(
            "sales_value",
            "Expected demand of a year at price, money, less what is lost for want of stock; of a phase-out item no "
            "more than its stock.",
        ),
        number("gross_margin", "The same less its cost, money a year."),
        number("gmroi", "Gross margin of a year over stock at cost, both of items with a price alone."),
        number("freed_value", "What the actions so far free, money at cost: see tblExcess."),
        number("cash", "What the actions so far bring in, money, once; it is in no other figure here."),
        number("gain", "What they gain against doing nothing, money, once: see tblActions."),
        text("why", "What the figures of this row assume, and which items they leave out."),
    ),
    key=("state",),
)

SERVICE_COST = Table(
    "tblServiceCost",
    "service_cost",
    "What a point of service costs",
    (
        text(
            "point",
            "Whose fill rate: that which today's stock serves, the plan's, the target's; or one by itself.",
        ),
        number(
            "fill_rate", "Fill rate of all items that are bought, weighted as in tblCurve and tblMoney.", share=True
        ),
        number(
            "least_stock_value",
            "Least average stock that gives this fill rate, at cost, money: the best mix, not what is on hand "
            "or what the plan takes (see tblCurve).",
        ),
        number("least_carrying_cost", "What holding that stock costs a year, money."),
        number(
            "stock_per_point",
            "Stock money for a percentage point of fill rate around here, from half a point below to half a point "
            "above, at the best mix.",
        ),
        number("carrying_per_point", "What holding it costs a year, money."),
        number(
            "one_target_per_point",
            "Stock money for such a point where one target for all items gives it; blank where no target from 80% to "
            "99.5% does.",
        ),
        number(
            "margin_per_point",
            "Gross margin of a year that such a point of sales brings, money: of items with a price, where unmet "
            "demand is lost; blank where it waits.",
        ),
        text("why", "Why a figure is blank."),
    ),
    key=("point",),
)
