"""Tables about customers: what they bought, what is known of them, and what that says about items.

Sales are long and of use to this alone: no refresh reads them, and a workbook need not hold them.
"""

from __future__ import annotations

from invopt_xl.plan.columns.making import LOCATION, date, number, text
from invopt_xl.plan.schema import Column, Table

SALES = Table(
    "tblSales",
    "sales",
    "Sales by customer",
    (
        text("customer", "Who bought; blank: not known."),
        text("item", "A row of tblItems.", required=True),
        LOCATION,
        date("date", "The day of the sale.", required=True),
        number("quantity", "Units sold; below zero: returned.", required=True),
        number("value", "What was paid for them, money; blank: at the item's unit_price."),
    ),
)

ACCOUNTS = Table(
    "tblAccounts",
    "accounts",
    "What is known of customers",
    (
        text("customer", "A customer of tblSales.", required=True),
        text("group", "Customers of one group are alike, such as households of one size; blank: not known."),
        number(
            "spending",
            "All that the customer spent in the time of the sales, on other goods and elsewhere too where that is "
            "known, money; blank: not known.",
            minimum=0,
        ),
    ),
    key=("customer",),
)

_RANKS = "1 for the lowest fifth of customers to 5 for the highest; equal customers share a score."
_PERIOD = "in the time that is looked at"

CUSTOMERS = Table(
    "tblCustomers",
    "customers",
    "Customers",
    (
        text("customer", "Who bought."),
        text("segment", "Named from recency against frequency and money; blank where they cannot be ranked."),
        Column("best", "flag", "1 for the best customers: those who spend most."),
        date("last_date", "Day of the last purchase."),
        number("recency_days", "Days since the last purchase."),
        number("usual_interval_days", f"Mean days from one purchase to the next {_PERIOD}; blank for fewer than two."),
        Column(
            "stays_away",
            "flag",
            "1 where the time since the last purchase is longer than any between two before, and so long in fewer than "
            "one of 100 cases at the customer's own pace; blank below three days with a purchase.",
        ),
        number("frequency", f"Days with a purchase {_PERIOD}."),
        number("monetary", f"What was paid {_PERIOD}, less returns, money."),
        number("returned_value", f"What came back {_PERIOD}, money."),
        number("items", "Different items bought."),
        number("recency_score", f"How lately: {_RANKS}"),
        number("frequency_score", f"How often: {_RANKS}"),
        number("monetary_score", f"How much money: {_RANKS}"),
        number("value_share", "Share of the money of all customers that are known.", share=True),
        number("wallet", "All that the customer could spend on goods like these, money: as given, or an estimate."),
        number("wallet_share", "Share of that wallet spent on these items.", share=True),
        text(
            "wallet_basis",
            "What the wallet is: given, estimated from customers alike, or own spending where that is more; blank: no "
            "wallet.",
        ),
        text("why", "Where the wallet comes from, and what could not be judged."),
    ),
    key=("customer",),
)

CUSTOMER_ITEMS = Table(
    "tblCustomerItems",
    "customer_items",
    "Items by customers",
    (
        text("item", "A row of tblItems; over all its locations."),
        number("value", f"What was paid for it {_PERIOD}, less returns, money."),
        number("known_share", "Share of that value from customers that are known.", share=True),
        number("buyers", "Customers who bought it."),
        number("penetration", "Share of all customers who bought it.", share=True),
        number("best_penetration", "Share of the best customers, by all else they buy, who bought it.", share=True),
        number("repeat_share", "Share of its buyers who bought it on two days or more.", share=True),
        number(
            "best_customer_share",
            "Share of its value from the best customers: those who spend most on everything else.",
            share=True,
        ),
        number(
            "lift",
            "That share over the best customers' share of all items, each counted so, drawn towards 1 the fewer buyers "
            "it rests on.",
        ),
        number("lift_low", "The lift is above this with 95% probability."),
        number("lift_high", "The lift is below this with 95% probability."),
        number("best_baskets", "Purchases (customer, day and location) of the best customers with this item."),
        number("basket_value", "Mean value of such a purchase, all its items, money."),
        number(
            "beside_value",
            f"What else the best customers bought with it {_PERIOD}, money: the most that could leave with them when "
            "it is missing.",
        ),
        number("customer_weight", "Suggested for tblItems: the lift, from 0.5 to 2; 1 where nothing can be said."),
        text("why", "What the weight rests on, or why there is none."),
    ),
    key=("item",),
)

CUSTOMER_SEGMENTS = Table(
    "tblCustomerSegments",
    "customer_segments",
    "Customer segments",
    (
        text("segment", "Champions first; returns only, not ranked and unknown customers last."),
        text("meaning", "Who they are."),
        number("customers", "Customers of the segment; blank for unknown ones."),
        number("customer_share", "Share of the customers that are known.", share=True),
        number("value", f"What they paid {_PERIOD}, less returns, money."),
        number("value_share", "Share of the money of all sales, unknown customers included.", share=True),
        number("recency_days", "Days since the last purchase, median."),
        number("frequency", f"Days with a purchase {_PERIOD}, median."),
        number("monetary", f"What a customer paid {_PERIOD}, money, median."),
        number("wallet_share", "Share of their wallets spent on these items.", share=True),
    ),
    key=("segment",),
)
