"""Overrides of the last plan that cannot be followed are named like any other bad row, and the rest is planned."""

from __future__ import annotations

from typing import Any

import pytest
from quality_tables import FIRST_ROW, frame, items, only, said, tables

from invopt_xl.domain import Silent
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.order_plan import order_basis
from invopt_xl.plan.quality import Admitted, admit


def written(**columns: Any) -> Tables:
    return tables(plan=frame(columns))


def admitted(**columns: Any) -> Admitted:
    return admit(written(**columns))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("many", "not a number; expected a number at least 0"),
        (-5, "out of bounds; expected a number at least 0"),
        ("#REF!", "error or formula without a value; expected a number at least 0"),
    ],
)
def test_an_override_that_is_no_quantity_is_rejected_by_its_row_and_value(value: object, reason: str) -> None:
    found = admitted(item=["cup", "tea"], location="MAIN", override_quantity=[12, value])
    row = only(found, table="tblPlan")
    assert (row["severity"], row["row"], row["column"]) == ("rejected", FIRST_ROW + 1, "override_quantity")
    assert (row["value"], row["reason"]) == (f"tea: {value}", reason)
    assert row["action"] == "override not followed"
    assert found.rejected == 1


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2017-12-31", "is before the plan date 2018-01-01; expected a day from it on, or none for an order now"),
        ("2018-04-02", "is beyond the horizon; expected a day before 2018-04-02"),
        ("soon", "is not a date; expected a date such as 2018-01-31"),
    ],
)
def test_an_override_on_a_day_that_cannot_be_is_rejected_by_its_row_and_value(day: str, reason: str) -> None:
    found = admitted(item=["cup", "tea"], location="MAIN", override_quantity=[12, 5], override_date=[None, day])
    row = only(found, table="tblPlan")
    assert (row["severity"], row["row"], row["column"]) == ("rejected", FIRST_ROW + 1, "override_date")
    assert (row["value"], row["reason"], row["action"]) == (f"tea: {day}", reason, "override not followed")
    assert found.rejected == 1


def test_a_day_without_a_quantity_is_rejected_and_the_item_planned_as_usual() -> None:
    found = admitted(item=["cup", "tea"], location="MAIN", override_quantity=[12, None], override_date="2018-01-08")
    row = only(found, table="tblPlan")
    assert (row["row"], row["column"], row["value"]) == (FIRST_ROW + 1, "override_date", "tea: 2018-01-08")
    assert row["reason"] == "has no override_quantity beside it; expected units to order on this day"
    assert (row["action"], found.rejected) == ("item planned as usual", 1)


def test_an_override_of_an_unknown_item_is_rejected() -> None:
    row = only(admitted(item=["te", "tea"], location="MAIN", override_quantity=[150, 5]), table="tblPlan")
    assert (row["column"], row["value"]) == ("item", "te")
    assert row["reason"] == "unknown item; expected an item of tblItems; did you mean tea?"


def test_an_override_where_the_item_is_not_stocked_is_rejected() -> None:
    row = only(admitted(item=["tea"], location=["WEST"], override_quantity=[5]), table="tblPlan")
    assert (row["column"], row["value"]) == ("location", "tea: WEST")
    assert row["reason"].startswith("the item is not stocked at this location")


def test_an_override_of_an_item_that_was_rejected_itself_says_so() -> None:
    raw = written(item=["tea"], location=["MAIN"], override_quantity=[5]) | {"items": items(on_hand=["?", 30])}
    assert only(admit(raw), table="tblPlan")["reason"] == "the item's row in tblItems was rejected"


def test_of_two_overrides_of_an_item_the_second_is_rejected() -> None:
    row = only(admitted(item=["tea", "tea"], location="MAIN", override_quantity=[5, 6]), table="tblPlan")
    assert (row["row"], row["reason"]) == (FIRST_ROW + 1, "duplicate; expected one row for each item, location")


def test_what_is_no_override_is_never_judged() -> None:
    plan = {"item": ["gone", "tea"], "location": "MAIN", "override_quantity": [None, " "]}
    found = admitted(**plan, note=["ask Ann", -5], safety_stock=["?", -1])
    assert said(found, table="tblPlan").empty


def test_an_override_beside_no_item_is_rejected() -> None:
    row = only(admitted(item=[None, "tea"], location="MAIN", override_quantity=[7, 5]), table="tblPlan")
    assert (row["severity"], row["column"], row["reason"]) == ("rejected", "item", "is missing; expected a text")


def test_overrides_without_a_location_belong_to_the_items_only_one() -> None:
    raw = written(item=["tea", "cup"], override_quantity=[1200, 24]) | {"items": items(location="York")}
    raw["demand"]["location"] = "York"
    assert said(admit(raw), table="tblPlan").empty


@pytest.mark.parametrize("header", ["Override quantity", "override_qty", "override"])
def test_a_misspelt_header_of_overrides_is_a_warning_for_nothing_is_read_from_it(header: str) -> None:
    row = only(admitted(**{"item": ["tea"], "location": ["MAIN"], header: [5]}), table="tblPlan")
    assert (row["severity"], row["column"]) == ("warning", "override_quantity")
    assert row["reason"] == f"header {header!r} is not a column; expected override_quantity"


def test_a_misspelt_header_of_their_days_is_a_warning() -> None:
    plan = {"item": ["tea"], "location": ["MAIN"], "override_quantity": [5], "Override-Date": ["2018-01-08"]}
    row = only(admitted(**plan), table="tblPlan")
    assert (row["severity"], row["column"]) == ("warning", "override_date")


def test_a_plan_without_items_is_left_to_who_follows_it() -> None:
    assert said(admitted(SKU=["tea"], override_quantity=["many"]), table="tblPlan").empty


def test_the_rest_is_planned_beside_overrides_that_are_not_followed() -> None:
    raw = written(item=["tea", "cup", "pot"], location="MAIN", override_quantity=["many", 7, 3])
    found = admit(raw)
    assert found.rejected == 2
    basis = order_basis(raw, found, Silent(), workers=1)
    assert basis.items["override"].fillna(-1).tolist() == [-1, 7]
