"""What an order plan says in short: orders apart from what is moved, and minimums only where they decide."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pandas as pd

from invopt_xl.plan.order_answers import minimums_answer, orders_answer
from invopt_xl.plan.parameters import Parameters

FIRST, NEXT = pd.Timestamp("2024-07-01"), pd.Timestamp("2024-07-08")


def by_supplier(suppliers: list[str]) -> pd.DataFrame:
    rows = [
        (FIRST, "North", 3, 200.0, "now"),
        (FIRST, "South", 1, 10.0, "below minimum"),
        (FIRST, "from WEST", 2, 5.0, "now"),
        (NEXT, "North", 1, 100.0, "later"),
    ]
    table = pd.DataFrame(rows, columns=["order_date", "supplier", "lines", "value", "status"])
    return table[table["supplier"].isin(suppliers)]


def answer(table: pd.DataFrame) -> str:
    planned = SimpleNamespace(
        sources=pd.DataFrame({"from_location": ["", "", "WEST"]}), plan=SimpleNamespace(total=12.0, bound=8.0)
    )
    parameters = Parameters(plan_date=dt.date(2024, 7, 1), period="week", horizon_periods=13, currency="EUR")
    return orders_answer(table, planned, parameters)  # type: ignore[arg-type]


def test_what_is_moved_is_no_order_of_a_supplier_and_its_cost_buys_nothing() -> None:
    assert answer(by_supplier(["North", "South", "from WEST"])) == (
        "**Order now: 4 lines from 2 suppliers for 210 EUR.** Move now: 2 lines from 1 location, which costs 5 EUR to "
        "move. Over 13 weeks the plan orders 310 EUR, and moves goods at a cost of 5 EUR; a better one would save 4 "
        "EUR at most."
    )
    assert answer(by_supplier(["North", "South"])) == (
        "**Order now: 4 lines from 2 suppliers for 210 EUR.** Over 13 weeks the plan orders 310 EUR; a better one "
        "would save 4 EUR at most."
    )


def test_a_minimum_that_no_order_is_near_decides_nothing() -> None:
    rows = pd.DataFrame(
        {"value": [120.0, 204.0, 9.0], "discount_value": 0.0, "minimum_order_value": [100.0, 200.0, 0.0]}
    )
    assert minimums_answer(rows.iloc[:1].assign(value=106.0)).startswith("**No order is within 5% of its minimum**")
    assert minimums_answer(rows.iloc[[0, 0]]).endswith("the 2 orders under a minimum are larger by that or more.")
    assert minimums_answer(rows.iloc[1:]).startswith("**1 of 1 order under a minimum is within 5% of it**: there the")
    assert minimums_answer(rows.iloc[2:]) == "No supplier asks for a minimum."
