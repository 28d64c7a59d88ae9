"""The first table of a notebook says what was read, and what was done about everything that is odd."""

from __future__ import annotations

import pandas as pd
import pytest
from small_tables import small_tables

from invopt_xl.plan.columns import Tables
from invopt_xl.plan.columns.looks import FIRST_LOOK
from invopt_xl.plan.customers import admit_sales
from invopt_xl.plan.first_look import first_look
from invopt_xl.plan.histories import histories
from invopt_xl.plan.quality import admit


def look(raw: Tables, sales: pd.DataFrame | None = None) -> pd.DataFrame:
    admitted = admit(raw)
    until = admitted.parameters.plan_date
    by_customer = None if sales is None else admit_sales({"sales": sales}, admitted.tables["items"], until=until)
    found = first_look(admitted, histories(admitted), by_customer)
    assert found.columns.tolist() == FIRST_LOOK.column_names
    assert len(found) <= 20, "a table that is seen at a glance, and shown whole"
    return found.set_index("looked_at")


def changed(table: str, column: str, change: object) -> Tables:
    """Return the small tables with a column of one of them made by a function of its cells."""
    raw = small_tables()
    raw[table] = raw[table].assign(**{column: change(raw[table][column])})  # type: ignore[operator]
    return raw


def test_sound_data_has_every_row_and_nothing_odd() -> None:
    found = look(small_tables())
    assert found.loc["items", ["found", "what_was_done"]].tolist() == [6, "all planned"]
    assert found.loc["history", "unit"] == "weeks"
    for name in ("rejected rows", "returns", "items without price", "amounts in another currency", "items never sold"):
        assert found.loc[name, "found"] == 0
    assert found.loc["rejected rows", "what_was_done"] == "none"


@pytest.mark.parametrize(("period", "told"), [("month", "6 months"), ("week", "26 weeks"), ("day", "182 days")])
def test_stock_without_recent_demand_has_not_sold_for_half_a_year_in_periods_of_any_length(
    period: str, told: str
) -> None:
    raw = small_tables(period=period)
    last = raw["demand"].groupby("item")["date"].transform("max")
    early = pd.to_datetime(raw["demand"]["date"]) <= pd.to_datetime(last) - pd.Timedelta("200D")
    raw["demand"] = raw["demand"][early | (raw["demand"]["item"] != "steady")]
    dead = look(raw).loc["no recent demand"]
    assert "steady" in dead["such_as"]
    assert f"without a sale in {told}: " in dead["what_was_done"]


def test_stock_that_could_not_be_sold_is_not_dead() -> None:
    raw = small_tables()
    mine, late = raw["demand"]["item"] == "steady", pd.to_datetime(raw["demand"]["date"]) > "2023-10-01"
    raw["demand"] = raw["demand"].assign(in_stock=(~(mine & late)).astype(int))
    assert "steady" not in look(raw).loc["no recent demand", "such_as"]


def test_an_item_without_price_is_named_and_valued_at_cost() -> None:
    found = look(changed("items", "unit_price", lambda cells: cells.where(cells.index != 4, None)))
    assert found.loc["items without price", ["found", "such_as"]].tolist() == [1, "rare"]
    assert "valued at cost" in found.loc["items without price", "what_was_done"]


def test_that_no_item_has_a_price_is_said() -> None:
    found = look(changed("items", "unit_price", lambda cells: None))
    assert found.loc["items without price", "what_was_done"].startswith("all of them: ")
    assert found.loc["items without price", "such_as"] == "steady, erratic, rare and 3 more"


def test_one_week_of_history_is_a_guess_that_says_so() -> None:
    raw = small_tables()
    raw["demand"] = raw["demand"][raw["demand"]["date"] == raw["demand"]["date"].max()]
    found = look(raw)
    few = found.loc["items with 1 to 12 weeks"]
    assert few["found"] == 6
    assert few["what_was_done"] == (
        "all of them: planned; the forecast is weak and says so; of 6 items with one week alone it is a guess"
    )


def test_few_weeks_of_history_are_weak_and_no_guess() -> None:
    raw = small_tables()
    raw["demand"] = raw["demand"][pd.to_datetime(raw["demand"]["date"]) > "2024-06-01"]
    few = look(raw).loc["items with 1 to 12 weeks"]
    assert few["found"] > 0
    assert few["what_was_done"].endswith("planned; the forecast is weak and says so")


def test_an_item_that_never_sold_is_planned_without_demand_and_named() -> None:
    raw = small_tables()
    raw["demand"] = raw["demand"][raw["demand"]["item"] != "lumpy"]
    assert look(raw).loc["items never sold", ["found", "such_as"]].tolist() == [1, "lumpy"]


def test_stock_without_recent_demand_is_told_in_money() -> None:
    found = look(small_tables())
    assert found.loc["no recent demand", ["found", "such_as"]].tolist() == [1, "dead"]
    assert "240 at cost" in found.loc["no recent demand", "what_was_done"]


def test_that_all_stock_is_dead_is_said() -> None:
    raw = changed("demand", "quantity", lambda cells: 0)
    raw["items"] = raw["items"].assign(on_hand=5)
    found = look(raw)
    assert found.loc["no recent demand", "found"] == 6
    assert found.loc["no recent demand", "what_was_done"].startswith("all of them: on hand without a sale in 26 weeks")


def test_returns_are_counted_and_left_out() -> None:
    found = look(changed("demand", "quantity", lambda cells: cells.where(cells.index != 10, -3)))
    assert found.loc["returns", ["found", "such_as"]].tolist() == [
        1,
        "tblDemand row 10, quantity -3: out of bounds; expected a number at least 0",
    ]
    assert found.loc["rejected rows", "found"] == 1
    assert found.loc["periods not known", "found"] == 1


@pytest.mark.parametrize(
    ("customers", "unknown", "said"),
    [
        (["ann", None, " ", "ben"], 2, "2 customers known"),
        ([None, None], 2, "all of them: "),
        (["ann"], 0, "none"),
    ],
)
def test_sales_of_unknown_customers_are_counted(customers: list[object], unknown: int, said: str) -> None:
    sales = pd.DataFrame({"customer": customers, "item": "steady", "date": "2024-06-03", "quantity": 1})
    row = look(small_tables(), sales).loc["sales of unknown customers"]
    assert row["found"] == unknown
    assert said in row["what_was_done"]


def test_what_is_odd_in_sales_is_told_beside_what_was_done_about_it() -> None:
    names = ["customer", "item", "date", "quantity"]
    sales = pd.DataFrame(
        [
            ("ann", "steady", "2024-06-03", 2),
            ("ann", "steady", "2024-06-10", -1),
            ("guest", "rar", "2024-06-17", 1),
            ("ben", "steady", "soon", 1),
            ("ben", "steady", "2022-06-03", 1),
        ],
        columns=names,
        index=range(2, 7),
    )
    found = look(small_tables(), sales)
    assert found.loc["sales by customer", ["found", "what_was_done"]].tolist() == [
        3,
        "2024-06-03 to 2024-06-17, looked at from 2023-07-03 until 2024-07-01; 1 row before that not looked at",
    ]
    told = ["rejected, repaired or returned sales", "sales of unknown items", "sales of unknown customers"]
    assert found.loc[told, "found"].tolist() == [3, 1, 1]
    odd = found.loc["rejected, repaired or returned sales"]
    assert odd["what_was_done"] == (
        "1 row left out and 1 value repaired as plan.sales.quality says; 1 return taken off what was bought"
    )
    assert odd["such_as"].startswith("tblSales row 5, date soon: not a date")
    assert odd["such_as"].endswith(
        "; tblSales row 4, customer guest: stands for no customer; tblSales row 3, quantity -1"
    )
    assert found.loc["sales of unknown items", "such_as"] == "rar (did you mean rare?)"
    assert found.loc["rejected rows", "found"] == 0, "of the tables of the plan"


def test_rows_of_accounts_that_are_rejected_are_counted_among_those_of_sales() -> None:
    sales = pd.DataFrame({"customer": ["ann"], "item": "steady", "date": "2024-06-03", "quantity": 1})
    raw = small_tables()
    found = admit(raw)
    accounts = pd.DataFrame({"customer": ["ann", None, None], "spending": [9, 5, 5]}, index=[2, 3, 4])
    known = admit_sales({"sales": sales, "accounts": accounts}, found.tables["items"], until=found.parameters.plan_date)
    table = first_look(found, histories(found), known).set_index("looked_at")
    odd = table.loc["rejected, repaired or returned sales"]
    assert odd["found"] == 2
    assert odd["what_was_done"].startswith("2 rows (2 of tblAccounts) left out and 0 values repaired")
    assert odd["such_as"].startswith("tblAccounts row 3, customer: is missing")


def test_sales_that_are_all_too_old_are_told_as_that() -> None:
    sales = pd.DataFrame({"customer": ["ann"], "item": "steady", "date": "2021-01-04", "quantity": 1})
    found = look(small_tables(), sales)
    assert found.loc["sales by customer", "found"] == 0
    assert found.loc["sales by customer", "what_was_done"].startswith("no line counts, looked at from 2023-07-03")
    assert found.loc["sales by customer", "what_was_done"].endswith("; 1 row before that not looked at")
    assert found.loc["sales of unknown items", "what_was_done"] == "none"


def test_amounts_of_two_currencies_are_told_from_the_plans_own() -> None:
    raw = changed("items", "unit_cost", lambda cells: ["2 USD", "$5", "€30", 4, 3, 6])
    raw["parameters"].loc[90] = ["currency", "USD"]
    found = look(raw)
    row = found.loc["amounts in another currency"]
    assert row[["found", "what_was_done"]].tolist() == [1, "left out, as tblQuality says"]
    assert row["such_as"].startswith(
        "tblItems row 4, unit_cost €30: an amount in EUR; expected all money in one currency"
    )
    assert found.loc["items", ["found", "what_was_done"]].tolist() == [5, "planned; 1 row of tblItems left out"]
