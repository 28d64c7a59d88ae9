"""What sales say of customers and of the items that matter to the best of them: short answers, and tables."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.plan.columns import CUSTOMER_ITEMS, CUSTOMER_SEGMENTS, CUSTOMERS
from invopt_xl.plan.customers import AdmittedSales, CustomerReview, review_sales
from invopt_xl.plan.customers.pace import FEWEST_PURCHASES, LOOKED_BACK, RARE
from invopt_xl.plan.customers.wallet import ESTIMATED, GIVEN, OWN
from invopt_xl.plan.recommended import clear_lifts

NO_SALES = "**Sales by customer are not known: nothing can be said of customers, nor of what items are to them.**"
"""Said once, where all is summed up."""

_NOTHING_BELOW = "No sales by customer are known: what follows on customers is empty."


def reviewed(sales: AdmittedSales | None, items: pd.DataFrame) -> CustomerReview | None:
    """Return the review of customers; None where no sales are known.

    Parameters
    ----------
    sales
        As admitted, or None.
    items
        Admitted items.
    """
    return None if sales is None else review_sales(sales, items)


def customers_answer(review: CustomerReview | None) -> str:
    """Return in a few sentences who the customers are.

    Parameters
    ----------
    review
        As `reviewed` returns it.
    """
    if review is None:
        return NO_SALES
    customers = review.customers
    best = customers["best"] == 1
    if not best.any():
        known = f"among {counted(len(customers), 'customer')} that are known"
        return f"**No customers stand out as the best** {known}.{_left_out(review.sales)}"
    return (
        f"**{int(best.sum()):,} of {counted(len(customers), 'customer')} ({best.mean():.0%}), the best, bring "
        f"{customers.loc[best, 'value_share'].sum():.0%} of the money of known customers{_likewise(review)}.** "
        f"{lift_answer(review)}"
    )


def _left_out(sales: AdmittedSales) -> str:
    """Return the lines that tell nothing of customers, in a sentence; blank where all do."""
    nobodys = int(sales.lines["customer"].eq("").sum())
    told = {
        f"before {sales.start}, too old to count": sales.too_old,
        "rejected": sales.rejected,
        "without a customer": nobodys,
    }
    words = "; ".join(f"{counted(count, 'line')} {what}" for what, count in told.items() if count)
    return f" Left out: {words}." if words else ""


def _of_unknown_items(sales: AdmittedSales) -> str:
    """Return the lines that tell nothing of items as theirs are not planned, in words; blank where all are."""
    if not sales.of_unknown_items:
        return ""
    share = f"{sales.of_unknown_items:,} of {counted(len(sales.lines), 'line')} of sales"
    return f" Of items that are not planned: {share}, such as {sales.unknown_items}."


def _likewise(review: CustomerReview) -> str:
    """Return the share of the best that lifts compare with, in words."""
    share = review.best_share
    return f", {share:.0%} once an item does not count towards who is the best for it" if np.isfinite(share) else ""


def leaving_answer(review: CustomerReview | None) -> str:
    """Return in a few sentences who stays away, how that is told, what chance makes of it, and what time was looked at.

    Parameters
    ----------
    review
        As `reviewed` returns it.
    """
    if review is None:
        return _NOTHING_BELOW
    time = f"Looked at are sales from {review.start} until {review.until}, of customers that are known and not."
    pace, away = review.customers["stays_away"], staying_away(review)
    judged = int(pace.notna().sum())
    if not judged:
        return f"**Who stays away cannot be told:** nobody bought on {FEWEST_PURCHASES} days or more. {time}"
    share = away["value_share"].sum(min_count=1)
    money = f": {share:.1%} of the money of known customers" if np.isfinite(share) else ""
    who = f"{len(away):,}" if len(away) else "None"
    stay = "stay" if len(away) > 1 else "stays"
    said = f"{who} of {counted(judged, 'customer')} whose pace is known {stay} away{money}"
    return (
        f"**{said}.** Each is judged by the intervals between their own purchases: the time since the last is longer "
        f"than any before, and so long in fewer than {RARE:.0%} of cases where purchases come at random at that pace. "
        f"If nobody had left, chance alone would still count up to about {math.ceil(RARE * judged):,}."
        f"{_came_back(review)} {time}"
    )


def _came_back(review: CustomerReview) -> str:
    """Return in words what became of those who stayed away before; blank where nobody did."""
    if not review.stayed_away:
        return ""
    return (
        f" Of {counted(review.stayed_away, 'customer')} who stayed away so {LOOKED_BACK // 7} weeks before, "
        f"{review.came_back:,} bought since."
    )


def staying_away(review: CustomerReview | None) -> pd.DataFrame:
    """Return the rows of ``tblCustomers`` of those who stay away, the largest first; none where no sales are known."""
    if review is None:
        return pd.DataFrame(columns=CUSTOMERS.column_names)
    return review.customers[review.customers["stays_away"] == 1]


def segment_table_of(review: CustomerReview | None) -> pd.DataFrame:
    """Return ``tblCustomerSegments``; no rows where no sales are known."""
    return pd.DataFrame(columns=CUSTOMER_SEGMENTS.column_names) if review is None else review.segments


def item_table_of(review: CustomerReview | None) -> pd.DataFrame:
    """Return ``tblCustomerItems``; no rows where no sales are known."""
    return pd.DataFrame(columns=CUSTOMER_ITEMS.column_names) if review is None else review.items


def wallet_answer(review: CustomerReview | None) -> str:
    """Return in a few sentences what share of their wallets customers spend, and whether wallets are given or guessed.

    Parameters
    ----------
    review
        As `reviewed` returns it; nothing is said where there is none.
    """
    if review is None:
        return "No wallets: no sales are known."
    customers = review.customers
    known = customers[customers["wallet"].notna()]
    if known.empty:
        return "**No wallet can be told.**"
    said = {"as given": GIVEN, "estimated": ESTIMATED, "no more than what they spend here": OWN, "not known": ""}
    counts = {name: int((customers["wallet_basis"] == basis).sum()) for name, basis in said.items()}
    share = known["monetary"].sum() / known["wallet"].sum()
    told = ", ".join(f"{name} for {count:,}" for name, count in counts.items() if count)
    doubt = " An estimate is what nine in ten customers like them stay below: no sale can bear it out."
    return (
        f"**Customers spend {share:.0%} of their wallets on these items.** Wallets of "
        f"{counted(len(customers), 'customer')}: {told}.{'' if counts['as given'] == len(known) else doubt}"
    )


def lift_answer(review: CustomerReview | None) -> str:
    """Return in a few sentences how many items matter more to the best customers than chance explains.

    Parameters
    ----------
    review
        As `reviewed` returns it; nothing is said where there is none.
    """
    if review is None:
        return "No lifts: no sales are known."
    clear, lift = clear_lifts(review.items), review.items["lift"]
    judged = int(review.items["lift_low"].notna().sum())
    if not judged:
        return (
            "**No item can be judged:** no customers stand out, or none of these items was sold to a known one."
            f"{_left_out(review.sales)}{_of_unknown_items(review.sales)}"
        )
    more, less = int((clear & (lift > 1)).sum()), int((clear & (lift < 1)).sum())
    return (
        f"**The lift of {int(clear.sum()):,} of {counted(judged, 'item')} judged is beyond chance (90% intervals)**: "
        f"{more:,} matter more to the best customers, {less:,} less. For the other {judged - int(clear.sum()):,} a "
        "weight of 1 is the honest one."
    )


def clearest(review: CustomerReview | None, items: pd.DataFrame, rows: int = 14) -> pd.DataFrame:
    """Return the items whose lift is furthest from 1, clear ones first, with their descriptions.

    Parameters
    ----------
    review
        As `reviewed` returns it.
    items
        Admitted items.
    rows
        How many.
    """
    table = item_table_of(review)
    told = table[table["lift_low"].notna()]
    clear = clear_lifts(told)
    away = np.abs(np.log(told["lift"].to_numpy(dtype=np.float64)))
    order = np.lexsort((told["item"].to_numpy(dtype=str), -np.round(away, 6), ~clear))
    names = items.drop_duplicates("item").set_index("item")["description"]
    return told.iloc[order].assign(description=told["item"].map(names).iloc[order], clear=clear[order]).head(rows)
