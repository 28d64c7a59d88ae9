"""Periods counted from the plan date."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.domain import Calendar
from invopt_xl.errors import InputError

days = st.dates(date(1995, 1, 1), date(2100, 1, 1))


@given(days, st.sampled_from(["day", "week", "month"]), st.integers(-500, 500))
def test_every_period_begins_in_itself(plan_date: date, period: str, index: int) -> None:
    calendar = Calendar(plan_date, period)
    assert calendar.index(calendar.start(np.array([index]))).tolist() == [index]


@given(days, st.sampled_from(["day", "week", "month"]))
def test_orders_are_placed_on_the_plan_date_and_never_before(plan_date: date, period: str) -> None:
    assert Calendar(plan_date, period).start(np.array([0])).astype(object).tolist() == [plan_date]


@given(days, days, st.sampled_from(["day", "week"]))
def test_what_lies_before_the_plan_date_is_history(plan_date: date, other: date, period: str) -> None:
    index = Calendar(plan_date, period).index(np.array([other], dtype="datetime64[D]"))[0]
    assert (index < 0) == (other < plan_date)


def test_a_month_that_is_not_over_is_no_history_yet() -> None:
    calendar = Calendar(date(2024, 7, 15), "month")
    dates = np.array(["2024-06-30", "2024-07-01", "2024-07-14", "2024-08-01"], dtype="datetime64[D]")
    assert calendar.index(dates).tolist() == [-1, 0, 0, 1]
    assert calendar.share_left == pytest.approx(17 / 31)


def test_an_unknown_period_is_named() -> None:
    with pytest.raises(InputError, match="period is year; expected day, week or month"):
        Calendar(date(2024, 1, 1), "year")
