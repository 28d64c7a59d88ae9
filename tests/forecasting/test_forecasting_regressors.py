import datetime as dt
import sys
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.cache import content_key
from invopt_xl.errors import InputError
from invopt_xl.forecasting.lifts.calendar import calendar_columns, public_holidays
from invopt_xl.forecasting.lifts.regressors import Regressors


def test_gaps_in_prices_take_the_last_known_price_and_those_at_the_start_the_first():
    columns = Regressors.of(6, 1, price=[np.nan, 4, np.nan, 0, 5, np.nan])
    assert columns.past[:, 0].tolist() == [4, 4, 4, 4, 5, 5]


def test_prices_never_known_are_zero_and_say_nothing():
    assert Regressors.of(3, 2, price=[np.nan] * 3, unplanned="regular").past.tolist() == [[0], [0], [0]]


def test_the_regular_future_is_the_last_price_without_promotion_and_no_promotion():
    columns = Regressors.of(
        8, 2, price=[9, 9, 8, 8, 8, 8, 4, 4], promotion=[0] * 6 + [1, 1], future_price=[np.nan, 7], unplanned="regular"
    )
    assert columns.future.tolist() == [[8, 0], [7, 0]]
    assert columns.assumptions == (
        "future price not given in 1 of 2 coming periods: assumed the last regular one, 8",
        "future promotion not given: assumed no promotion",
    )


def test_the_future_given_needs_no_assumption():
    columns = Regressors.of(2, 1, price=[1, 2], promotion=[0, 1], future_price=[3], future_promotion=[1])
    assert columns.future.tolist() == [[3, 1]]
    assert columns.assumptions == ()


def test_several_promotions_and_events_stand_under_their_names():
    columns = Regressors.of(
        2,
        1,
        promotion={"display": [0, 1], "mailer": [1, 0]},
        calendar={"Easter": [0, 1, 0]},
        future_promotion={"display": [1]},
    )
    assert columns.names == ("display", "mailer", "Easter")
    assert columns.kinds == ("promotion", "promotion", "calendar")
    assert np.array_equal(columns.future, [[1, np.nan, 0]], equal_nan=True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"promotion": [0, 1, 20]}, "promotion in period 3 of 3 is 20; expected 0 (no promotion) to 1"),
        ({"price": [1, -2, 1]}, "price in period 2 of 3 is -2; expected a price of 0 to 1e+12, or empty"),
        ({"price": [1, np.inf, 1]}, "price in period 2 of 3 is inf; expected a price of 0 to 1e+12"),
        ({"price": [1, 1, 1e13]}, "price in period 3 of 3 is 1e+13; expected a price of 0 to 1e+12"),
        ({"price": [10**400, 1, 1]}, "price is not numeric (larger than 1e308); expected a price of 0 to 1e+12"),
        ({"price": object()}, "price is not numeric ("),
        ({"price": {"list": [[1], [1, 2], 3]}}, "list is not numeric ("),
        ({"price": ["a", "b", "c"]}, "price is not numeric"),
        ({"price": [1, 2]}, "shape of price is (2,); expected 3 periods, a number each"),
        ({"price": [1, 2, 3], "future_price": [1, 2, 3]}, "shape of future price is (3,); expected 2 periods"),
        ({"future_promotion": [0, 1]}, "future promotion is without a past"),
        ({"promotion": [0, 0, 0], "future_promotion": [0, 3]}, "future promotion in period 2 of 2 is 3"),
        ({"calendar": {"Easter": [0, 0, 1, np.nan, 0]}}, "Easter in period 4 of 5 is nan; expected 0 (not in the"),
        ({"price": {"a": [1, 1, 1]}, "promotion": {"a": [0, 0, 0]}}, "names of regressors is a, a; expected different"),
        ({"price": [1, 1, 1], "unplanned": "sometimes"}, "unplanned periods is sometimes; expected one of as before"),
    ],
)
def test_a_wrong_column_is_named_with_its_period_and_what_was_expected(given, message):
    with pytest.raises(InputError) as raised:
        Regressors.of(3, 2, **given)
    assert message in str(raised.value)


@pytest.mark.parametrize("periods", [-1, 2.5, True, None, "3", np.nan, 10**400])
def test_a_number_of_periods_is_whole_and_not_negative(periods):
    with pytest.raises(InputError, match=r"^periods of the regressors is .*; expected 0 to 1,000,000$"):
        Regressors.of(periods, 2)
    with pytest.raises(InputError, match=r"^horizon of the regressors is .*; expected 0 to 1,000,000$"):
        Regressors.of(2, periods)


@pytest.mark.parametrize("table", [[[1.0], [2.0]], None, np.array([["a"], ["b"]])])
def test_columns_that_are_no_table_of_numbers_are_refused(table):
    with pytest.raises(InputError, match=r"^past of the regressors is of type .*; expected a table of numbers$"):
        Regressors(("price",), ("price",), table, np.ones((1, 1)))


def test_columns_survive_a_journey_through_plain_arrays_with_an_equal_key():
    columns = Regressors.of(3, 2, price=[1, 2, 3], promotion=[0, 0, 1], calendar={"Easter": [0, 0, 1, 0, 0]})
    back = Regressors.from_arrays(columns.to_arrays())
    assert back is not None
    assert (back.names, back.kinds, back.assumptions) == (columns.names, columns.kinds, columns.assumptions)
    assert content_key(*back.key_parts) == content_key(*columns.key_parts)
    assert Regressors.from_arrays({"history": np.zeros(3)}) is None


def test_another_number_is_another_key():
    made = [Regressors.of(2, 1, promotion=[0, 1], future_promotion=[plan]) for plan in (0, 1, np.nan)]
    assert len({content_key(*columns.key_parts) for columns in made}) == 3


def test_no_columns_are_columns_too():
    columns = Regressors.of(5, 3)
    assert (columns.names, columns.periods, columns.horizon) == ((), 5, 3)


numbers = st.lists(st.floats() | st.integers(-2, 3), max_size=6)


@given(st.integers(0, 6), st.integers(0, 3), numbers, numbers, numbers)
def test_any_numbers_are_columns_or_an_error_in_words(periods, horizon, price, promotion, plan):
    with suppress(InputError):
        columns = Regressors.of(periods, horizon, price=price, promotion=promotion, future_promotion=plan)
        assert np.isfinite(columns.past).all()
        assert (columns.past >= 0).all()


def test_an_event_marks_the_periods_that_hold_its_days_and_no_others():
    months = np.arange("2017-01", "2017-06", dtype="datetime64[M]")
    columns = calendar_columns({"Easter": [dt.date(2016, 3, 27), dt.date(2017, 4, 16), dt.date(2017, 5, 1)]}, months)
    assert columns["Easter"].tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("days", "edges", "message"),
    [
        (["yesterday"], ["2017-01-01", "2017-01-08"], "days of event: .*expected dates such as 2017-12-25"),
        ([None], ["2017-01-01", "2017-01-08"], "days of event is partly empty"),
        (["2017-01-01"], ["2017-01-08", "2017-01-01"], "edges of periods is 2 days; expected two days or more"),
    ],
)
def test_what_is_no_date_is_said(days, edges, message):
    with pytest.raises(InputError, match=message):
        calendar_columns({"event": days}, edges)


def test_holidays_without_their_library_or_of_an_unknown_country_are_an_error_in_words(monkeypatch):
    with pytest.raises(InputError, match="Country XX not available; expected a country of two letters"):
        public_holidays("XX", 2017, 2018)
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(InputError, match=r"pip install \"\.\[calendar\]\" in the folder"):
        public_holidays("US", 2017, 2018)
