"""Tables of price response and of stock cleared by cutting its price."""

from __future__ import annotations

from invopt_xl.plan.columns.making import LOCATION, date, number, text
from invopt_xl.plan.schema import Table

PRICE_RESPONSE = Table(
    "tblPriceResponse",
    "price_response",
    "Price response",
    (
        text("item"),
        LOCATION,
        text("description", "What it is."),
        number(
            "elasticity", "Percent that demand changes for a price one percent higher; below -1 a cut sells for more."
        ),
        number("elasticity_low", "It is above this with a chance of 90%."),
        number("elasticity_high", "It is below this with a chance of 90%."),
        number("promotion_lift", "What a promotion adds to demand beside its price, share; 0.4: 40% more.", share=True),
        number("display_lift", "What a display adds, in as many stores as usual, share.", share=True),
        number("mailer_lift", "What the mailer adds, of as many stores as usual, share.", share=True),
        number("usual_price", "Median price without promotion, money."),
        number("price_changes", "Periods of known demand with a price 5% or more from the usual one."),
        number(
            "weight_of_own_data",
            "How far the elasticity is the item's own, share; the rest is that of items like it.",
            share=True,
        ),
        text("usable", "yes: a price can be set by it; no: see why."),
        text("why", "What it stands on, or why it cannot be used."),
    ),
    key=("item", "location"),
)

MARKDOWN = Table(
    "tblMarkdown",
    "markdown",
    "Price path",
    (
        text("item"),
        LOCATION,
        date("date", "First day of the period."),
        number("price", "Price to ask where stock runs as expected, money."),
        number("discount_share", "Share off today's price.", share=True),
        number("expected_units", "Expected sales of the period, of the last until the path ends, units."),
        number("expected_stock", "Expected stock at its beginning, units."),
        number("stock_no_action", "Expected stock at its beginning at today's price, units."),
        number(
            "cut_above",
            "With more stock than this at its beginning the price falls below that of the period before, units; blank: "
            "with no stock.",
        ),
    ),
    key=("item", "location", "date"),
)

MARKDOWN_SUMMARY = Table(
    "tblMarkdownSummary",
    "markdown_summary",
    "What marking down brings",
    (
        text("item"),
        LOCATION,
        text("description", "What it is."),
        number("on_hand", "Stock on hand, units."),
        number("excess_units", "Of that what the plan counts as excess, units."),
        date(
            "before",
            "Day the path ends: what is left then sells on, but nothing does where it was named or goods spoil.",
        ),
        number("price", "Today's price, money."),
        text("outcome", "What becomes of it: a cut, the price stays, or no path is told and why, in brief."),
        number("lowest_price", "Lowest price that floor, largest discount and prices seen allow, money."),
        number("constant_price", "Best price to ask all the time, money."),
        number("end_price", "Last price of the path, money."),
        number("cash_no_action", "Sales at today's price less holding, with what is left at its worth, money."),
        number("cash_constant", "The same at the best constant price, money."),
        number("cash_path", "The same on the path, money."),
        number("gain", "Path above no action, expected, money."),
        number("gain_low", "The gain is above this with a chance of 90%, by what is not known of demand, money."),
        number("gain_high", "The gain is below this with a chance of 90%, money."),
        number("sell_through", "Expected share of the stock that is sold by then.", share=True),
        number("sold_out_chance", "Chance that nothing is left then.", share=True),
        number("left_no_action", "Units expected to be left without action."),
        number("left_units", "Units expected to be left on the path."),
        number("left_low", "Units left are at least this with a chance of 90%."),
        number("left_high", "Units left are at most this with a chance of 90%."),
        number(
            "recovery",
            "What a unit brings that sells only on the path, share of cost: so much that such units gain what it does.",
            share=True,
        ),
        text("action", "What to do."),
        text("other_action", "What gains most besides, and how many units, as a review of excess has it."),
        number("other_gain", "What that gains against doing nothing, money."),
        text("why", "What it stands on, or why there is no path."),
    ),
    key=("item", "location"),
)
