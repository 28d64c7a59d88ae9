from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quality_tables import frame, items, tables, weeks

from invopt_xl.plan.histories import History, histories
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.plan.segmentation import velocity


def admitted_rows(rows: dict[str, object], **parameters: object) -> Admitted:
    values = {"plan_date": "2018-01-01", **parameters}
    return admit(tables(demand=frame(rows), parameters=frame({"name": list(values), "value": list(values.values())})))


def tea(rows: dict[str, object], **parameters: object) -> History:
    return histories(admitted_rows({"item": "tea", **rows}, **parameters)).of(0)


def test_rows_of_one_period_are_added_and_the_last_column_is_the_last_period():
    history = tea({"date": ["2017-12-19", "2017-12-25", "2017-12-31"], "quantity": [1, 2, 4]})
    assert history.quantity.tolist() == [1, 6]


def test_a_missing_period_is_zero_demand_or_unknown_as_the_parameter_says():
    rows = {"date": ["2017-12-04", "2017-12-18"], "quantity": [3, 5]}
    assert tea(rows).quantity.tolist() == [3, 0, 5, 0]
    unknown = tea(rows, missing_periods="unknown").quantity
    np.testing.assert_array_equal(unknown, [3, np.nan, 5, np.nan])


def test_a_period_is_out_of_stock_if_any_row_is_and_a_missing_period_is_not():
    history = tea({"date": ["2017-12-11", "2017-12-12", "2017-12-25"], "quantity": 1, "in_stock": [1, 0, 1]})
    assert history.in_stock.tolist() == [False, True, True]


def test_a_period_is_on_promotion_if_any_row_is():
    assert tea(
        {"date": ["2017-12-19", "2017-12-20", "2017-12-25"], "quantity": 1, "promotion": [0, 1, 0]}
    ).promotion.tolist() == [True, False]


def test_the_price_of_a_period_is_weighted_by_quantity_and_unknown_where_no_row_has_one():
    history = tea(
        {
            "date": ["2017-12-11", "2017-12-12", "2017-12-13", "2017-12-20", "2017-12-25"],
            "quantity": [1, 3, 9, 0, 5],
            "unit_price": [2, 4, None, 7, None],
        }
    )
    np.testing.assert_allclose(history.price, [3.5, 7, np.nan])


def test_an_item_without_demand_has_an_empty_history():
    assert (
        histories(admitted_rows({"item": ["tea"], "date": ["2017-12-25"], "quantity": [1]})).of(1).quantity.tolist()
        == []
    )


def test_no_demand_at_all_leaves_all_histories_empty():
    past = histories(admitted_rows({"item": [], "date": [], "quantity": []}))
    assert (len(past), past.periods, past.of(0).quantity.tolist()) == (2, 0, [])
    assert past.whole_units.tolist() == [True, True]


def test_rows_older_than_ten_years_take_no_room():
    past = histories(admitted_rows({"item": "tea", "date": ["1995-01-02", "2017-12-25"], "quantity": [1, 2]}))
    assert past.of(0).quantity.tolist() == [2]


def test_histories_of_whole_units_are_told_from_weights():
    past = histories(admitted_rows({"item": ["tea", "cup"], "date": "2017-12-25", "quantity": [2, 1.5]}))
    assert past.whole_units.tolist() == [True, False]


@pytest.mark.parametrize(("period", "length"), [("day", 31), ("week", 5), ("month", 1)])
def test_periods_follow_the_calendar(period, length):
    assert len(tea({"date": ["2017-12-01", "2017-12-31"], "quantity": 1}, period=period).quantity) == length


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["tea", "cup"]),
        st.dates(date(2017, 6, 1), date(2017, 12, 31)),
        st.integers(0, 9),
        st.booleans(),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=25, deadline=None)
@given(ROWS, st.sampled_from(["day", "week", "month"]))
def test_histories_equal_those_counted_row_by_row(rows, period):
    names, dates, quantities, stock = (list(column) for column in zip(*rows, strict=True))
    admitted = admitted_rows({"item": names, "date": dates, "quantity": quantities, "in_stock": stock}, period=period)
    past, calendar = histories(admitted), admitted.parameters.calendar
    for place, item in enumerate(items()["item"]):
        own = [
            (int(calendar.index(np.array([day], "datetime64[D]"))[0]), units, there)
            for name, day, units, there in rows
            if name == item
        ]
        periods = range(min((index for index, *_ in own), default=0), 0)
        history = past.of(place)
        assert history.quantity.tolist() == [sum(units for index, units, _ in own if index == each) for each in periods]
        assert history.in_stock.tolist() == [all(there for index, _, there in own if index == each) for each in periods]


def test_histories_follow_the_order_of_the_items_and_their_locations():
    stocked = items(item=["tea", "tea"], location=["NORTH", "SOUTH"])
    rows = frame({"item": "tea", "location": ["SOUTH", "NORTH"], "date": "2017-12-25", "quantity": [1, 2]})
    past = histories(admit(tables(items=stocked, demand=rows)))
    assert np.hstack([past.of(place).quantity for place in range(2)]).tolist() == [2, 1]
    assert isinstance(past.of(0).price, np.ndarray)
    assert not pd.isna(past.rows).any()


def test_rows_of_nothing_and_returns_that_are_left_out_are_no_sales():
    dates = ["2017-12-18", "2017-12-18", "2017-12-25", "2017-12-25", "2017-12-25"]
    past = histories(admitted_rows({"item": "tea", "date": dates, "quantity": [4, 1, 3, -2, 0]}))
    assert past.quantity[0].tolist() == [5, 3]
    assert (past.rows[0].tolist(), past.sales[0].tolist()) == ([2, 3], [2, 1])
    assert velocity(past, 52).lines[0] == 1.5


def test_rows_to_come_with_a_blank_quantity_are_plans_of_prices_and_promotions():
    weekly = {"date": ["2017-12-18", "2017-12-25", "2018-01-01", "2018-01-16"], "quantity": [3, 5, None, None]}
    admitted = admitted_rows({"item": "tea", **weekly, "promotion": [0, 0, 0, 1], "unit_price": [2, 2, None, 1.5]})
    assert admitted.rejected == 0
    history = histories(admitted).of(0)
    assert history.quantity.tolist() == [3, 5], "plans are not learned as demand"
    np.testing.assert_array_equal(history.future_promotion, [0, np.nan, 1])
    np.testing.assert_array_equal(history.future_price, [np.nan, np.nan, 1.5])
    assert np.isnan(histories(admitted).of(1).future_promotion).all(), "nothing is said of the cup"


def test_rows_to_come_with_a_quantity_are_rejected_and_blank_ones_of_the_past_as_well():
    rows = {"item": "tea", "date": ["2017-12-18", "2017-12-25", "2018-01-08"], "quantity": [3, None, 7]}
    report = admitted_rows(rows).quality
    found = report[report["severity"] == "rejected"]
    assert found[["row", "column"]].values.tolist() == [[7, "date"], [6, "quantity"]]
    assert found["reason"].tolist() == [
        "in the future; expected a date before the plan date 2018-01-01",
        "is missing; expected a number at least 0",
    ]


def test_plans_do_not_move_a_plan_date_that_is_taken_from_demand():
    rows = frame({"item": "tea", "date": [*weeks(30), "2018-03-05"], "quantity": [5] * 30 + [None], "promotion": 1})
    admitted = admit(tables(demand=rows, parameters=frame({"name": [], "value": []})))
    assert admitted.parameters.plan_date == date(2018, 1, 1)
    assert np.flatnonzero(histories(admitted).of(0).future_promotion == 1).tolist() == [9]


def test_a_plan_of_a_stock_out_is_not_demand_of_zero():
    rows = {"item": "tea", "date": ["2017-12-25", "2018-01-01"], "quantity": [5, None], "in_stock": [1, 0]}
    admitted = admitted_rows(rows)
    assert admitted.rejected == 0
    assert np.isnan(admitted.tables["demand"]["quantity"].iloc[1])


def test_without_a_plan_date_a_month_that_is_half_over_is_not_learned():
    daily = [day.date().isoformat() for day in pd.date_range("2017-01-01", "2017-12-15")]
    parameters = frame({"name": ["period"], "value": ["month"]})
    rows = frame({"item": "tea", "date": daily, "quantity": [1] * len(daily)})
    admitted = admit(tables(demand=rows, parameters=parameters))
    assert admitted.parameters.plan_date == date(2017, 12, 16)
    assert histories(admitted).of(0).quantity.tolist() == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30]
    said = admitted.quality[admitted.quality["table"] == "tblParameters"]["reason"].tolist()
    assert said == [
        "plan_date is missing; the last month of demand is not over; its rows end on the day before 2017-12-16"
    ]
