"""Customers, segments and items in one review of the sales."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.plan.columns import CUSTOMERS, Tables
from invopt_xl.plan.customers.items import customer_items
from invopt_xl.plan.customers.pace import Pace, came_back, pace_of
from invopt_xl.plan.customers.purchases import Purchases, day_number, totals
from invopt_xl.plan.customers.ranks import FEWEST, BoolArray, Texts, among_best, fifths, segments
from invopt_xl.plan.customers.sales import DAYS, AdmittedSales, admit_sales
from invopt_xl.plan.customers.segments import customer_segments
from invopt_xl.plan.customers.wallet import wallets

LEAST_DAYS = 28
"""Days that sales have to span before recency and frequency tell anything: who shops monthly is seen once."""


@dataclass(frozen=True, eq=False)
class CustomerReview:
    """What sales say of customers, and through them of items.

    Parameters
    ----------
    customers, items, segments
        ``tblCustomers``, the largest first; ``tblCustomerItems``, as items were given, else by code; and
        ``tblCustomerSegments``.
    quality
        Rows of ``tblQuality``: what was left out of the sales, and what was not known.
    start, until
        First day that was looked at, and the first after it.
    best_share
        The best customers' share of the value of all items, each left out of what makes a customer one of the best:
        what lifts compare with; NaN where there are no best customers.
    stayed_away, came_back
        Customers who stayed away `pace.LOOKED_BACK` days before, and how many of them bought since.
    sales
        What the review stands on.
    """

    customers: pd.DataFrame
    items: pd.DataFrame
    segments: pd.DataFrame
    quality: pd.DataFrame
    start: date
    until: date
    best_share: float
    stayed_away: int
    came_back: int
    sales: AdmittedSales

    @property
    def tables(self) -> Tables:
        """The three tables by stem."""
        return {"customers": self.customers, "customer_items": self.items, "customer_segments": self.segments}


def review_customers(
    raw: Tables, items: pd.DataFrame | None = None, *, until: date | None = None, days: int = DAYS
) -> CustomerReview:
    """Return segments of customers, what each spends of what it could, and which items matter to the best.

    Parameters
    ----------
    raw
        Tables by stem as found; ``sales`` is required, ``accounts`` tells what is known of customers.
    items
        Items with ``item`` and ``unit_price``, such as those of a plan; None takes every item sold.
    until
        First day not looked at, usually the plan date; by default the day after the last sale.
    days
        How many days before it are looked at.

    Raises
    ------
    InputError
        If there are no sales, a needed column is missing, or days are not above zero.

    Examples
    --------
    >>> sales = pd.DataFrame({"customer": [f"C{n % 9}" for n in range(90)], "item": ["tea", "mug"] * 45,
    ...                       "date": pd.date_range("2018-01-01", periods=90), "quantity": 1,
    ...                       "value": [n % 9 + 1.0 for n in range(90)]})
    >>> review = review_customers({"sales": sales})
    >>> review.customers[["customer", "segment", "best"]].head(2).values.tolist()
    [['C8', 'champions', 1], ['C7', 'champions', 1]]
    >>> review.items[["item", "buyers", "customer_weight"]].values.tolist()
    [['mug', 9.0, 1.0], ['tea', 9.0, 1.0]]
    """
    return review_sales(admit_sales(raw, items, until=until, days=days), items)


def review_sales(admitted: AdmittedSales, items: pd.DataFrame | None = None) -> CustomerReview:
    """Return the review of sales that are admitted; see `review_customers`."""
    bought = Purchases.of(admitted.lines)
    known_until = day_number(admitted.lines["date"].max().date()) + 1 if len(admitted.lines) else 0
    customers = _customers(bought, admitted, pace_of(bought, known_until))
    shown = sorted(admitted.lines["item"].unique()) if items is None else items["item"].unique().tolist()
    by_item, best_share = customer_items(admitted.lines, bought, customers, shown)
    by_segment = customer_segments(customers, admitted.lines)
    ranked = customers.sort_values(["monetary", "customer"], ascending=[False, True])
    table = ranked.reindex(columns=CUSTOMERS.column_names).reset_index(drop=True)
    return CustomerReview(
        table,
        by_item,
        by_segment,
        admitted.quality,
        admitted.start,
        admitted.until,
        best_share,
        *came_back(bought, known_until),
        admitted,
    )


def _customers(lines: Purchases, admitted: AdmittedSales, pace: Pace) -> pd.DataFrame:
    """Return the columns of ``tblCustomers``, by customer."""
    found = totals(lines, admitted.until)
    bought = found["frequency"].gt(0).to_numpy()
    shoppers = found[bought]
    why_not = _why_not_ranked(shoppers, admitted)
    money = found["monetary"].to_numpy()
    best = np.zeros(len(found), dtype=np.int64)
    best[bought] = among_best(money[bought])
    scores = pd.DataFrame(np.nan, found.index, ["recency_score", "frequency_score", "monetary_score"])
    if len(shoppers) >= FEWEST:
        scores.loc[bought, "monetary_score"] = fifths(money[bought])
    if not why_not:
        scores.loc[bought, "recency_score"] = fifths(-shoppers["recency_days"].to_numpy())
        scores.loc[bought, "frequency_score"] = fifths(shoppers["frequency"].to_numpy())
    wallet = wallets(found, admitted.accounts)
    return found.join([scores, wallet.drop(columns="told")]).assign(
        segment=_segments(scores, bought),
        best=best,
        usual_interval_days=pace.interval,
        stays_away=pace.away,
        value_share=money / money.sum() if money.sum() > 0 else np.nan,
        why=_reasons(wallet["told"].to_numpy(dtype=object), bought, why_not),
    )


def _why_not_ranked(shoppers: pd.DataFrame, admitted: AdmittedSales) -> str:
    """Return why customers cannot be ranked; "" where they can."""
    if len(shoppers) < FEWEST:
        return f"not ranked: {counted(len(shoppers), 'customer')}, expected at least {FEWEST}"
    span = (admitted.until - admitted.lines["date"].min().date()).days
    if span < LEAST_DAYS:
        return f"not ranked: {counted(span, 'day')} of sales, expected at least {LEAST_DAYS}"
    return ""


def _segments(scores: pd.DataFrame, bought: BoolArray) -> Texts:
    """Return the segment of each customer, "" of those who cannot be ranked."""
    named: Texts = np.full(len(scores), "", dtype=object)
    ranked = scores.notna().all(axis=1).to_numpy() & bought
    named[ranked] = segments(*(scores[name].to_numpy()[ranked] for name in scores))
    return named


def _reasons(wallet: Texts, bought: BoolArray, why_not: str) -> list[str]:
    ranked = np.where(bought, why_not, "not ranked: only returns")
    return ["; ".join(filter(None, pair)) for pair in zip(ranked.tolist(), wallet.tolist(), strict=True)]
