"""Tables that show a plan from one side each: by class, by supplier, by what is too much, by service and money."""

from __future__ import annotations

from invopt_xl.plan.columns.making import LOCATION, date, number, text
from invopt_xl.plan.schema import Table

SEGMENTS = Table(
    "tblSegments",
    "segments",
    "Segments",
    (
        text("item"),
        LOCATION,
        text("description", "What it is."),
        text("abc", "Class by value of demand: A first 80%, B next 15%, C the rest."),
        text("xyz", "Class by how far demand strays from forecasts: X steady, Y variable, Z irregular."),
        text("margin_class", "Class by margin: demand at price less cost; blank where there is no price."),
        text("lines_class", "Class by how often it sells, whatever the size."),
        text("pattern", "Syntetos-Boylan demand pattern."),
        text("criticality", "What a shortage means: critical, normal or minor."),
        number(
            "demand_value",
            "Demand of a year at cost, money: of the last year where nearly all of it is known, else as expected.",
        ),
        number("value_share", "Share of the demand value of all items.", share=True),
        number("cumulative_share", "Share of this item and all of more value, the largest first.", share=True),
        text("service_measure", "What the service target is about."),
        number("service_target", "Service target; blank where costs decide.", share=True),
        number("expected_fill_rate", "Share of demand met from stock under these levels.", share=True),
        number("safety_stock_value", "Safety stock at cost, money."),
        number("average_stock_value", "Average stock that the levels imply, at cost, money."),
        number(
            "forecast_error",
            "Root mean squared error of forecasts one period ahead over mean demand, of the last 26 known periods at "
            "most, each forecast from those before it; blank where it cannot be judged.",
        ),
        text(
            "velocity",
            "fast: sells in 3 of 4 periods of the last year, of days in 3 of 4 weeks; medium: in 1 of 4; slow: in 1 of "
            "13; very slow: more rarely; none: not at all.",
        ),
        text(
            "life_cycle",
            "new, growing, mature, declining, dying, ended, phase-out, or unknown: less than half a year of sales.",
        ),
        text("cell", "Class by value and by forecast error together, such as AX."),
        text(
            "recommended_policy",
            "(R, s, S): at each review, below s order up to S; (R, S): always order up to S; (R, s, Q): below s order "
            "lots of Q; or buy to order, or stop buying.",
        ),
        text("recommended_method", "Forecasting method that suits its demand."),
        number("recommended_review_days", "Days between reviews; blank where nothing is bought any more."),
        number(
            "recommended_target",
            "Service target by class and criticality, to take over into tblItems; blank where no stock is advised.",
            share=True,
        ),
        number("class_changes", "How often its cell changed in the last 6 months, judged each time by what was known."),
        text("stable_class", "The cell it was in most often; blank where it has not sold."),
        text("why", "What class, stage of life and advice follow from."),
    ),
    key=("item", "location"),
)

MATRIX = Table(
    "tblMatrix",
    "matrix",
    "Matrix of classes",
    (
        text("cell", "Class by value and by forecast error, such as AX; no class: nobody knows what it is worth."),
        number("items", "Items in the cell."),
        number("demand_value", "Demand of a year at cost, money, as in tblSegments."),
        number("value_share", "Share of the demand value of all items.", share=True),
        number("stock_value", "Stock on hand at cost, money."),
        number("stock_share", "Share of the stock value of all items.", share=True),
        text("policy", "Form of policy for the items of the cell in general, as in tblSegments."),
        text("method", "Forecasting method that suits most of those with this policy."),
        number("review_days", "Days between reviews."),
        number("target", "Mean of the service targets recommended for those to be stocked.", share=True),
        number("hopped", "Items of the cell whose class changed in the last months."),
        text("otherwise", "For how many another policy is advised, by their life cycle or because they sell rarely."),
    ),
    key=("cell",),
)

EXCESS = Table(
    "tblExcess",
    "excess",
    "Excess and obsolete stock",
    (
        text("item"),
        LOCATION,
        text("description", "What it is."),
        text("supplier", "Who delivers it."),
        text("abc", "Class by value of demand."),
        text(
            "kind",
            "phase-out; no history: not one sale is known; no demand: none of late; spoils: outlasts its shelf life; "
            "or excess: demand is there, but takes too long.",
        ),
        number("on_hand", "Stock on hand, units."),
        number("on_order", "Open orders, units."),
        number("demand_per_period", "Expected demand over the horizon, units a period."),
        number("cover_days", "Days that stock on hand lasts at the expected demand; blank without demand."),
        number("excess_quantity", "Stock on hand and on order above what demand will use in good time, units."),
        number("excess_value", "The same at cost, money."),
        number("holding_cost", "What holding the excess costs a year, money."),
        number("cancel_quantity", "Units of open orders that could be cancelled: excess that has not come yet."),
        text("action", "What to do first."),
        number(
            "freed_value",
            "Money at cost that this action frees: of units moved what need not be bought elsewhere, of units sold or "
            "returned what they cost, of scrap none.",
        ),
        number(
            "expected_demand",
            "Units expected to be asked for up to the cover limit, of the distribution that what remains and is lost "
            "stand on: demand may end, and history counts beside the forecast where that did better in the past, so it "
            "may be far from demand_per_period, such as above it where demand has fallen.",
        ),
        number("remaining_50", "Units of what is here and on order left after the cover limit, as likely as not."),
        number("remaining_80", "Units of which at least so many are left after the cover limit with 80% probability."),
        number("remaining_95", "Units of which at least so many are left after the cover limit with 95% probability."),
        number("remaining_value", "remaining_80 at cost, money."),
        number(
            "ending_chance",
            "Chance that demand has ended by now, as ended_chance of an early warning, or ends before the cover limit; "
            "blank where nobody can tell.",
            share=True,
        ),
        text(
            "ageing",
            "moving; slow: no sale for 91 days on sale, or cover above 365; non-moving: 182; dead: 365; unknown: never "
            "seen on sale.",
        ),
        number("last_sale_days", "Days on sale since the last sale, in whole periods; blank where none is known."),
        number(
            "expected_write_off",
            "Money at cost expected to be lost: what is left after a year, or its shelf life, less salvage.",
        ),
        text(
            "decision",
            "What you decide; a refresh never overwrites it.",
            owner="planner",
            choices=("keep", "cancel order", "return", "transfer", "promote", "mark down", "scrap"),
        ),
        number(
            "decided_quantity",
            "Units you decide about; a refresh never overwrites it.",
            owner="planner",
            minimum=0,
        ),
        text("note", "The planner's note; a refresh never overwrites it.", owner="planner"),
    ),
    key=("item", "location"),
)

ACTIONS = Table(
    "tblActions",
    "actions",
    "Actions against excess",
    (
        text("item"),
        LOCATION,
        text("description", "What it is."),
        text(
            "action",
            "What to do.",
            choices=("stop order", "transfer", "return", "promote", "mark down", "scrap"),
        ),
        number("units", "Units that it takes; none of them is taken by another action."),
        number("freed_value", "Money at cost that it frees, as in tblExcess."),
        number("cash", "Money that comes in: refund, sales, salvage."),
        number("purchase_avoided", "Money that need not be spent: orders stopped, purchases elsewhere saved."),
        number("saved_holding", "Holding cost saved until the units would be used or written off, money."),
        number("avoided_write_off", "Money expected to be lost of these units if nothing is done."),
        number("action_cost", "What it costs, money: freight, the discount of a promotion, later sales forgone."),
        number("gain", "Expected money gained against doing nothing."),
        number("cumulative_gain", "The same of this action and all ranked before it, money."),
        number("rank", "Items by what all their actions gain; of one item in the order to act in."),
        text("why", "Why it gains."),
    ),
    key=("item", "location", "action"),
)

SUPPLIER_ORDERS = Table(
    "tblSupplierOrders",
    "supplier_orders",
    "Orders by supplier",
    (
        text("supplier", "Who delivers; of a transfer where it comes from, such as: from WEST."),
        date("order_date", "Place the order on this day."),
        date("due_date", "First expected receipt."),
        number("lines", "Lines of the order."),
        number("units", "Units of all lines."),
        number("value", "What the order costs, after discount, money."),
        number("discount_value", "What discounts take off, money."),
        number("minimum_order_value", "Smallest value the supplier accepts, money."),
        text("status", "now: to be placed on the plan date; later; below minimum: overrides brought it there."),
    ),
    key=("supplier", "order_date"),
)

CURVE = Table(
    "tblCurve",
    "curve",
    "Service against stock money",
    (
        text("point", "best mix, one target, today or plan."),
        number("fill_rate", "Overall fill rate of all items that are bought.", share=True),
        number("best_mix", "Least stock money that gives this fill rate, money; a target of its own for each item."),
        number("one_target", "Stock money that one target for all items takes for this fill rate, money."),
        number(
            "today",
            "Where stock stands: stock on hand at cost, money, and the fill rate of the levels that it is a sample of: "
            "of each item's position, on hand and on order, as its last review left it.",
        ),
        number(
            "plan",
            "Where this plan leads: average stock that its levels imply, money, and the fill rate expected of it, as "
            "in tblKpis.",
        ),
    ),
)
