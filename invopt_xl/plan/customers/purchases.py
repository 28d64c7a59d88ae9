"""Sales lines of known customers in numbers, and what each customer bought in all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from invopt_xl.plan.customers.ranks import BoolArray, Codes, FloatArray, Texts
from invopt_xl.plan.customers.sales import CENTS


@dataclass(frozen=True, eq=False)
class Purchases:
    """Lines of known customers; arrays of one length, but for the names.

    Parameters
    ----------
    customers, items
        Their names, sorted.
    customer, item
        Which of them each line is about.
    day
        Days since 1970.
    basket
        Number of the purchase: lines of one customer, day and location.
    quantity
        Units, below zero where returned.
    value
        Money, below zero where given back; 0 where it is not known.
    """

    customers: Texts
    items: Texts
    customer: Codes
    item: Codes
    day: Codes
    basket: Codes
    quantity: FloatArray
    value: FloatArray

    @classmethod
    def of(cls, lines: pd.DataFrame) -> Purchases:
        """Return the lines whose customer is known."""
        known = lines[lines["customer"].ne("")]
        customer, customers = pd.factorize(known["customer"].to_numpy(dtype=object), sort=True)
        item, items = pd.factorize(known["item"].to_numpy(dtype=object), sort=True)
        location, _ = pd.factorize(known["location"].to_numpy(dtype=object))
        day = known["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
        basket = numbered(numbered(customer, day), location)
        quantity, value = known["quantity"].to_numpy(), np.nan_to_num(known["value"].to_numpy())
        return cls(customers, items, customer, item, day, basket, quantity, value)

    @property
    def bought(self) -> BoolArray:
        """Lines that are purchases, not returns or corrections."""
        return self.quantity > 0

    def rows(self, rows: BoolArray) -> Purchases:
        """Return some of the lines."""
        return replace(
            self,
            customer=self.customer[rows],
            item=self.item[rows],
            day=self.day[rows],
            basket=self.basket[rows],
            quantity=self.quantity[rows],
            value=self.value[rows],
        )


def numbered(first: Codes, second: Codes) -> Codes:
    """Return a number for each pair of two numbers, equal where the pairs are.

    Examples
    --------
    >>> numbered(np.array([7, 7, 9]), np.array([1, 1, 1])).tolist()
    [0, 0, 1]
    """
    if not len(first):
        return np.zeros(0, dtype=np.int64)
    low = second - second.min()
    codes, _ = pd.factorize(first * (int(low.max()) + 1) + low)
    return np.asarray(codes, dtype=np.int64)


def summed(codes: Codes, values: FloatArray, count: int) -> FloatArray:
    """Return the sum of values by code, rounded so that their order tells nothing."""
    return np.asarray(np.round(np.bincount(codes, weights=values, minlength=count), CENTS))


def different(codes: Codes, others: Codes, count: int) -> FloatArray:
    """Return how many different others come with each code.

    Examples
    --------
    >>> different(np.array([0, 0, 0, 2]), np.array([5, 5, 8, 5]), 3).tolist()
    [2.0, 0.0, 1.0]
    """
    first = first_places(numbered(codes, others))
    return np.bincount(codes[first], minlength=count).astype(np.float64)


def first_places(numbers: Codes) -> Codes:
    """Return where each number, as `numbered` gives them, stands first.

    Examples
    --------
    >>> first_places(np.array([0, 0, 1, 0, 2, 1])).tolist()
    [0, 2, 4]
    """
    places = np.zeros(int(numbers.max()) + 1 if len(numbers) else 0, dtype=np.int64)
    places[numbers[::-1]] = np.arange(len(numbers))[::-1]
    return places


def totals(lines: Purchases, until: date) -> pd.DataFrame:
    """Return what each known customer bought in all, one row for each.

    Parameters
    ----------
    lines
        The sales.
    until
        The day from which recency counts back.

    Returns
    -------
    pandas.DataFrame
        customer, last_date (of a purchase; NaT where all was returned), recency_days (before `until`), frequency
        (days with a purchase), monetary (money, less returns), returned_value (money) and items (different ones).
    """
    count = len(lines.customers)
    made, back = lines.rows(lines.bought), lines.rows(lines.quantity < 0)
    last = np.full(count, np.iinfo(np.int64).min)
    np.maximum.at(last, made.customer, made.day)
    frequency = different(made.customer, made.day, count)
    bought = frequency > 0
    return pd.DataFrame(
        {
            "customer": lines.customers,
            "last_date": np.where(bought, last, 0).astype("datetime64[D]").astype("datetime64[ns]"),
            "recency_days": np.where(bought, day_number(until) - np.where(bought, last, 0), np.nan),
            "frequency": frequency,
            "monetary": summed(lines.customer, lines.value, count),
            "returned_value": summed(back.customer, -back.value, count) + 0.0,
            "items": different(made.customer, made.item, count),
        }
    ).assign(last_date=lambda frame: frame["last_date"].where(bought))


def day_number(day: date) -> int:
    """Return the days since 1970, as lines have them.

    Examples
    --------
    >>> day_number(date(1970, 1, 31))
    30
    """
    return int(np.datetime64(day, "D").astype(np.int64))
