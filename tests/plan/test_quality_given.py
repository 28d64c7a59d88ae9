"""A forecast that somebody gives: matched to the plan's periods, its bad rows named, its gaps said."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from quality_tables import FIRST_ROW, frame, items, only, said

from invopt_xl.errors import InputError
from invopt_xl.plan.quality import Admitted, admit

MONDAYS = ["2018-01-01", "2018-01-08", "2018-01-15"]


def forecast(**changes: Any) -> pd.DataFrame:
    return frame({"item": ["tea"] * 3 + ["cup"] * 3, "date": MONDAYS * 2, "mean": [5, 6, 7, 1, 2, 3], **changes})


def admitted(given: pd.DataFrame | None = None, **parameters: object) -> Admitted:
    values = {"plan_date": "2018-01-01", **parameters}
    settings = frame({"name": list(values), "value": list(values.values())})
    return admit({"items": items(), "parameters": settings}, forecast=forecast() if given is None else given)


def test_a_forecast_is_demand_by_item_and_period_and_no_history_is_needed() -> None:
    found = admitted()
    assert found.expected is not None
    assert found.expected.tolist() == [[5, 6, 7], [1, 2, 3]]
    assert found.quality.empty
    assert found.tables["demand"].empty


def test_rows_of_one_period_are_added_up_whatever_their_day() -> None:
    days = ["2018-01-02", "2018-01-07", "2018-01-08"] * 2
    assert admitted(forecast(date=days)).expected.tolist() == [[11, 7], [3, 3]]


def test_a_month_that_has_begun_counts_by_the_days_that_are_left() -> None:
    firsts = ["2018-01-01", "2018-02-01", "2018-03-01"] * 2
    found = admitted(forecast(date=firsts, mean=31.0), period="month", plan_date="2018-01-22")
    assert found.expected[0].round(6).tolist() == [10, 31, 31]
    repaired = said(found, severity="repaired")
    assert repaired["reason"].unique().tolist() == ["of a month that has begun on the plan date 2018-01-22"]


def test_what_lies_before_the_plan_date_is_passed_over_and_said() -> None:
    found = admitted(plan_date="2018-01-08")
    assert found.expected.tolist() == [[6, 7], [2, 3]]
    assert found.rejected == 0
    assert set(said(found, severity="warning")["action"]) == {"row not used"}


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"mean": [-1, 6, 7, 1, 2, 3]}, "mean", "out of bounds; expected a number at least 0"),
        ({"mean": ["?", 6, 7, 1, 2, 3]}, "mean", "not a number; expected a number at least 0"),
        ({"date": ["soon", *MONDAYS[1:], *MONDAYS]}, "date", "not a date; expected a date such as 2018-01-31"),
        ({"item": ["nix", "tea", "tea", "cup", "cup", "cup"]}, "item", "unknown item; expected an item of tblItems"),
        ({"date": ["2018-01-08", *MONDAYS[1:], *MONDAYS]}, "item", "duplicate; expected one row for each item"),
        ({"date": ["2044-01-08", *MONDAYS[1:], *MONDAYS]}, "date", "impossible date"),
    ],
)
def test_a_row_that_cannot_be_used_is_rejected_and_the_rest_counts(
    changes: dict[str, Any], column: str, reason: str
) -> None:
    found = admitted(forecast(**changes))
    rejected = only(found, severity="rejected")
    assert (rejected["table"], rejected["column"]) == ("tblForecast", column)
    assert rejected["row"] in (FIRST_ROW, FIRST_ROW + 1)
    assert rejected["reason"].startswith(reason)
    assert found.rejected == 1
    assert found.expected[1].tolist() == [1, 2, 3]


def test_rows_of_an_item_whose_own_row_is_rejected_are_not_said_to_be_of_an_unknown_one() -> None:
    settings = frame({"name": ["plan_date"], "value": ["2018-01-01"]})
    discounts = frame({"supplier": "K", "item": ["tea", "nix"], "from_quantity": 10, "discount_rate": 0.1})
    raw = {"items": items(unit_cost=[-1, 2.5]), "parameters": settings, "discounts": discounts}
    found = admit(raw, forecast=forecast())
    rejected = "the item's row in tblItems was rejected"
    assert said(found, table="tblForecast", severity="rejected")["reason"].tolist() == [f"{rejected} (3 rows)"]
    unknown = "unknown item; expected an item of tblItems, or a blank"
    assert said(found, table="tblDiscounts", severity="rejected")["reason"].tolist() == [rejected, unknown]


def test_an_item_without_a_row_for_a_period_expects_nothing_then_and_that_is_said() -> None:
    found = admitted(forecast().iloc[[0, 1, 2, 4]])
    assert found.expected.tolist() == [[5, 6, 7], [0, 2, 0]]
    assert only(found)["value"] == "cup MAIN: 2 weeks"


def test_a_forecast_by_the_month_is_no_forecast_by_the_week() -> None:
    with pytest.raises(InputError, match="has rows in 3 of 9 weeks; expected one for each week"):
        admitted(forecast(date=["2018-01-01", "2018-02-01", "2018-03-01"] * 2))


def test_a_forecast_of_the_past_alone_cannot_be_used() -> None:
    with pytest.raises(InputError, match="no row of tblForecast can be used; expected forecasts from 2019-01-01 on"):
        admitted(plan_date="2019-01-01")


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match="tblForecast lacks the column mean; found 'means' - rename it to mean"):
        admitted(forecast().rename(columns={"mean": "means"}))


def test_a_plan_date_is_needed_where_there_is_no_demand_to_take_it_from() -> None:
    with pytest.raises(InputError, match="the plan date is missing"):
        admit({"items": items()}, forecast=forecast())
