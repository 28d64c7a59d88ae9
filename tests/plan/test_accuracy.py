"""Forecasts against the demand that came: told once a period has passed, and kept as told."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import pandas as pd
import pytest

from invopt_xl.plan.accuracy import reviews
from invopt_xl.plan.columns import ACCURACY, FORECAST_REVIEW, Tables
from invopt_xl.plan.quality import Admitted, admit

MADE_ON = pd.Timestamp("2024-07-01")


def day(week: int) -> pd.Timestamp:
    return MADE_ON + timedelta(weeks=week)


def forecast(**changes: Any) -> pd.DataFrame:
    """Return a forecast of three weeks for tea (10 a week at 2.00) and cup (4 a week at 5.00)."""
    rows = [
        {"item": item, "location": "MAIN", "date": day(week), "mean": mean, "p050": mean - 2, "p950": mean + 2}
        for item, mean in (("tea", 10.0), ("cup", 4.0))
        for week in range(3)
    ]
    return pd.DataFrame(rows).assign(model="theta", **changes)


@cache
def known(weeks: int, tea: tuple[float, ...] = (), cup: tuple[float, ...] = (), **others: Any) -> Admitted:
    """Return tables admitted so many weeks later, with what was sold since."""
    sold = {"tea": tea, "cup": cup}
    past = [("tea", day(-1), 10.0), ("cup", day(-1), 4.0)]
    rows = past + [(item, day(week), units) for item in sold for week, units in enumerate(sold[item])]
    demand = pd.DataFrame(rows, columns=["item", "date", "quantity"])
    out = others.pop("out", None)
    demand["in_stock"] = [int((item, date) != out) for item, date in zip(demand["item"], demand["date"], strict=True)]
    items = pd.DataFrame({"item": ["tea", "cup"], "unit_cost": [2.0, 5.0], "lead_time_days": 7, "on_hand": 15})
    values = {"plan_date": day(weeks).isoformat()[:10]} | others
    settings = pd.DataFrame({"name": list(values), "value": list(values.values())})
    return admit({"items": items, "demand": demand, "parameters": settings})


def found(admitted: Admitted, given: pd.DataFrame | None = None, **raw: pd.DataFrame) -> Tables:
    return reviews({"forecast": forecast() if given is None else given, **raw}, admitted)


def test_a_period_that_has_passed_is_told_at_cost() -> None:
    (row,) = found(known(1, (13,), (3,)))["accuracy"].to_dict("records")
    assert (row["date"], row["made_on"], row["items"]) == (MADE_ON, MADE_ON, 2)
    assert (row["forecast_value"], row["actual_value"]) == (10 * 2 + 4 * 5, 13 * 2 + 3 * 5)
    assert row["error_share"] == pytest.approx((3 * 2 + 1 * 5) / 41, abs=5e-5)
    assert row["bias_share"] == pytest.approx((40 - 41) / 41, abs=5e-5)
    assert row["inside_share"] == 0.5


def test_the_review_has_each_item_and_the_worst_miss_first() -> None:
    review = found(known(1, (13,), (3,)))["forecast_review"]
    assert review.columns.tolist() == FORECAST_REVIEW.column_names
    assert review["item"].tolist() == ["tea", "cup"]
    assert review["error"].tolist() == [-3, 1]
    assert review["error_value"].tolist() == [6, 5]
    assert review["inside"].tolist() == ["above", "yes"]


def test_periods_that_passed_at_once_have_a_row_each() -> None:
    accuracy = found(known(2, (10, 12), (4, 0)))["accuracy"]
    assert accuracy["date"].tolist() == [day(0), day(1)]
    assert accuracy["actual_value"].tolist() == [40, 24]


def test_a_period_is_told_once_and_never_again() -> None:
    first = found(known(1, (13,), (3,)))
    again = found(known(2, (99, 12), (99, 4)), **first)
    assert again["accuracy"].head(1).values.tolist() == first["accuracy"].values.tolist()
    assert again["accuracy"]["date"].tolist() == [day(0), day(1)]
    assert again["forecast_review"]["date"].unique().tolist() == [day(1)], "of what is new alone"


def test_where_nothing_has_passed_both_tables_stay() -> None:
    first = found(known(1, (13,), (3,)))
    again = reviews(first, known(1, (13,), (3,)))
    assert all(again[stem].values.tolist() == first[stem].values.tolist() for stem in first)
    none = reviews({}, known(1, (13,), (3,)))
    assert none["accuracy"].columns.tolist() == ACCURACY.column_names
    assert none["accuracy"].empty


def test_an_item_out_of_stock_says_nothing_of_its_forecast() -> None:
    (row,) = found(known(1, (13,), (0,), out=("cup", day(0))))["accuracy"].to_dict("records")
    assert (row["items"], row["forecast_value"]) == (1, 20)


def test_a_period_without_a_row_is_no_demand_or_unknown_as_the_parameter_says() -> None:
    zero = found(known(1, (13,)))["accuracy"]
    unknown = found(known(1, (13,), missing_periods="unknown"))["accuracy"]
    assert (zero["items"].tolist(), unknown["items"].tolist()) == ([2], [1])
    assert zero["actual_value"].tolist() == unknown["actual_value"].tolist() == [26]


def test_periods_that_no_row_of_demand_reaches_are_not_told_yet() -> None:
    assert found(known(2, (10,), (4,)))["accuracy"]["date"].tolist() == [day(0)]


def test_periods_of_another_length_than_then_are_not_compared() -> None:
    assert found(known(2, (10, 10), (4, 4), period="day"))["accuracy"].empty
    assert found(known(2, (10, 10), (4, 4), period="month"))["accuracy"].empty


def test_a_month_that_had_begun_was_forecast_in_part_and_is_not_compared() -> None:
    mid = pd.Timestamp("2024-05-16")
    dates = {day(0): mid, day(1): pd.Timestamp("2024-06-01"), day(2): MADE_ON}
    given = forecast()
    given["date"] = given["date"].map(dates)
    accuracy = found(known(0, period="month"), given)["accuracy"]
    assert accuracy["date"].tolist() == [pd.Timestamp("2024-06-01")]


def test_a_forecast_that_cannot_be_read_is_passed_over() -> None:
    given = forecast().astype(object)
    given.loc[given["item"] == "cup", "mean"] = "?"
    assert found(known(1, (13,), (3,)), given)["accuracy"]["items"].tolist() == [1]
    assert found(known(1, (13,), (3,)), given.drop(columns="p050"))["accuracy"].empty
