"""Rows of demand in, rows of forecasts out."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from counted_progress import Counted
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.domain import QUANTILE_LEVELS
from invopt_xl.errors import InputError, InvoptError
from invopt_xl.forecasting.panel.calendar import demand_calendar
from invopt_xl.forecasting.panel.forecasts import forecast_panel
from invopt_xl.forecasting.panel.frames import DEFAULT_LOCATION, checked_demand
from invopt_xl.forecasting.panel.histories import assemble
from invopt_xl.forecasting.panel.table import quantile_name
from invopt_xl.forecasting.single import forecast
from invopt_xl.plan import columns

TODAY = date(2030, 6, 15)
"""Long after all demand of these tests, so that every period of theirs is over."""


def rows(dates: Any, quantity: Any = 5.0, **changes: Any) -> pd.DataFrame:
    return pd.DataFrame({"item": "tea", "date": dates, "quantity": quantity, **changes})


def months(count: int, end: str = "2023-12-01") -> pd.DatetimeIndex:
    return pd.date_range(end=end, periods=count, freq="MS")


def days(first: str, last: str) -> Any:
    return pd.date_range(first, last).to_numpy()


def test_the_frame_is_the_forecast_table_of_the_data_contract():
    made = forecast_panel(rows(months(24), [0, 0, 4.0] * 8), 3, today=TODAY)
    assert list(made.columns) == columns.FORECAST.column_names
    assert made["date"].tolist() == list(pd.date_range("2024-01-01", periods=3, freq="MS"))
    assert DEFAULT_LOCATION == columns.DEFAULT_LOCATION
    assert [quantile_name(level) for level in QUANTILE_LEVELS] == columns.FORECAST.column_names[4:-1]


def test_each_item_is_forecast_as_it_would_be_alone():
    random = np.random.default_rng(3)
    sold = {name: random.poisson(rate, 30) * 1.0 for name, rate in (("b", 0.4), ("a", 0.2), ("c", 0.7))}
    demand = pd.concat([rows(months(30), units).assign(item=name) for name, units in sold.items()])
    made = forecast_panel(demand, 4, today=TODAY)
    assert made["item"].unique().tolist() == ["b", "a", "c"], "in the order of their first rows"
    for name, units in sold.items():
        alone = forecast(units, 4, season=12)
        mine = made[made["item"] == name]
        np.testing.assert_allclose(mine["mean"], alone.mean, rtol=1e-6)
        np.testing.assert_allclose(mine["p975"], alone.quantiles([0.975])[:, 0], rtol=1e-6)
        assert set(mine["model"]) == {alone.model}


def test_locations_are_forecast_apart_and_codes_stay_as_they_were():
    demand = pd.concat([rows(months(24), each, item=7, location=place) for each, place in ((2.0, "N"), (9.0, "S"))])
    made = forecast_panel(demand, 1, today=TODAY)
    assert made[["item", "location"]].values.tolist() == [[7, "N"], [7, "S"]]
    assert made["p500"].tolist() == pytest.approx([2, 9], rel=0.1)


def test_other_quantiles_are_named_by_their_thousandths():
    made = forecast_panel(rows(months(24), [0, 0, 4.0] * 8), 1, quantiles=[0.999, 0.01], today=TODAY)
    assert list(made.columns) == ["item", "location", "date", "mean", "p999", "p010", "model"]
    assert made["p999"].iloc[0] >= made["p010"].iloc[0]


def test_intervals_stand_beside_the_quantiles_or_alone():
    demand = rows(months(24), [0, 0, 4.0] * 8)
    usual = forecast_panel(demand, 2, today=TODAY)
    more = forecast_panel(demand, 2, level=[0.99, 0.5], today=TODAY)
    assert list(more.columns) == [*usual.columns[:4], "p005", *usual.columns[4:-1], "p995", "model"]
    pd.testing.assert_frame_equal(more[usual.columns], usual)
    alone = forecast_panel(demand, 2, quantiles=[], level=[0.5, 0.99], today=TODAY)
    assert list(alone.columns) == ["item", "location", "date", "mean", "p005", "p250", "p750", "p995", "model"]
    pd.testing.assert_frame_equal(alone, more[alone.columns])


@pytest.mark.parametrize("level", [0, 1, 95, 0.999, -0.5, float("nan")])
def test_an_interval_whose_ends_have_no_column_is_refused(level: float):
    with pytest.raises(InputError, match=r"interval level is \S+; expected between 0\.002 and 0\.998 in"):
        forecast_panel(rows(months(24)), 1, level=[level], today=TODAY)


@pytest.mark.parametrize("level", [0, 1, 0.9995, -0.5, float("nan")])
def test_a_quantile_that_has_no_column_is_refused(level: float):
    with pytest.raises(InputError, match="quantile level"):
        forecast_panel(rows(months(24)), 1, quantiles=[level], today=TODAY)


def test_methods_may_differ_by_item_and_the_others_are_automatic():
    demand = pd.concat([rows(months(36), 20 + np.arange(36) % 5).assign(item=name) for name in ("a", "b")])
    made = forecast_panel(demand, 2, method={("a", "MAIN"): "theta", ("gone", "MAIN"): "theta"}, today=TODAY)
    both = made.groupby("item")["model"].first()
    assert both["a"] != both["b"]
    assert both["a"] == forecast_panel(demand, 2, method="theta", today=TODAY)["model"].iloc[0]


def test_an_unknown_method_is_refused_by_name():
    with pytest.raises(InputError, match="forecasting method is magic"):
        forecast_panel(rows(months(24)), 1, method={("tea", "MAIN"): "magic"}, today=TODAY)


def test_progress_is_one_stage_whatever_the_methods():
    demand = pd.concat([rows(months(24)).assign(item=name) for name in "abc"])
    heard = Counted()
    forecast_panel(demand, 1, method={("a", "MAIN"): "theta", ("b", "MAIN"): "arima"}, progress=heard, today=TODAY)
    assert (heard.stages, heard.steps) == ([("Forecasting", 3)], 3)


# Periods


@pytest.mark.parametrize(
    ("dates", "period"),
    [
        (months(24), "month"),
        (pd.date_range("2022-01-31", periods=20, freq="ME"), "month"),
        (pd.to_datetime([f"2022-{month:02}-15" for month in range(1, 13)]), "month"),
        (pd.date_range("2023-01-02", periods=50, freq="7D"), "week"),
        (pd.date_range("2023-01-02", periods=50, freq="7D")[[0, 3, 4, 9, 30, 49]], "week"),
        (pd.date_range("2023-01-02", periods=50, freq="D"), "day"),
        (pd.bdate_range("2023-01-02", periods=50), "day"),
        (["2023-01-02", "2023-01-08", "2023-01-17", "2023-01-23"], "week"),
    ],
)
def test_the_period_is_told_from_the_spacing_of_the_dates(dates: Any, period: str):
    found = demand_calendar(pd.to_datetime(pd.Series(dates)).to_numpy())
    assert found.calendar.period == period
    assert found.assumptions[0].startswith(f"the period is a {period}: the dates ")


@pytest.mark.parametrize("first", ["2023-02-01", "2023-01-31", "2023-11-15"])
def test_two_labels_of_months_are_two_whole_months(first: str):
    two = pd.DatetimeIndex([pd.Timestamp(first), pd.Timestamp(first) + pd.DateOffset(months=1)]).to_numpy()
    following = (two[-1].astype("datetime64[M]") + np.timedelta64(1, "M")).astype("datetime64[D]")
    assert demand_calendar(two, period="month").start == following


def test_items_without_history_are_counted():
    demand = pd.concat([rows(months(24)), rows(["2023-12-01"]).assign(item="new")])
    made = forecast_panel(demand, 1, start=date(2023, 12, 1), today=TODAY)
    assert "1 item has no demand before 2023-12-01: none is forecast" in made.attrs["assumptions"]


def test_items_that_sell_rarely_do_not_hide_the_period_of_all():
    demand = pd.concat([rows(months(24)[place::5]).assign(item=place) for place in range(5)])
    assert forecast_panel(demand, 1, today=TODAY)["date"].iloc[0] == pd.Timestamp("2024-01-01")


def test_one_date_alone_does_not_tell_a_period():
    with pytest.raises(
        InputError, match="cannot be told from one date, 2023-12-01; expected period day, week or month"
    ):
        forecast_panel(rows(["2023-12-01"]), 1, today=TODAY)
    assert len(forecast_panel(rows(["2023-12-01"]), 2, period="month", today=TODAY)) == 2


def test_periods_that_are_left_out_regularly_are_said():
    quarters = months(24)[::3]
    made = forecast_panel(rows(quarters), 1, today=TODAY)
    assert "3 months apart" in made.attrs["assumptions"][1]


def test_a_season_is_that_of_the_period_unless_given():
    quantity = 100 + 50 * (np.arange(48) % 12 == 0)
    usual = forecast_panel(rows(months(48), quantity), 12, method="theta", today=TODAY)
    none = forecast_panel(rows(months(48), quantity), 12, method="theta", season=1, today=TODAY)
    assert usual["mean"].idxmax() == 0
    assert usual["mean"].max() > none["mean"].max()


# Periods that are not over


def test_a_month_that_is_half_over_in_the_data_is_forecast_and_not_learned():
    daily = rows(days("2022-01-01", "2024-04-16"))
    made = forecast_panel(daily, 2, period="month", today=TODAY)
    assert made["date"].tolist() == [pd.Timestamp("2024-04-01"), pd.Timestamp("2024-05-01")]
    assert made.attrs["assumptions"] == [
        "the month from 2024-04-01 is not over in the data, which end on 2024-04-16: it is forecast, not learned"
    ]
    whole = forecast_panel(daily[daily["date"] < "2024-04-01"], 2, period="month", today=TODAY)
    pd.testing.assert_frame_equal(made, whole)


@pytest.mark.parametrize(
    ("last", "first_forecast"),
    [("2024-03-29", "2024-04-01"), ("2024-03-27", "2024-03-01"), ("2024-03-31", "2024-04-01")],
)
def test_a_silence_as_long_as_a_weekend_does_not_leave_a_month_open(last: str, first_forecast: str):
    shop = pd.bdate_range("2023-01-02", last).to_numpy()
    assert demand_calendar(shop, period="month").start.isoformat() == first_forecast


@pytest.mark.parametrize(("last", "first_forecast"), [("2024-04-29", "2024-05-01"), ("2024-04-15", "2024-04-01")])
def test_labels_of_weeks_fill_a_month_as_far_as_they_reach(last: str, first_forecast: str):
    weeks = pd.date_range(end=last, periods=60, freq="7D").to_numpy()
    assert demand_calendar(weeks, period="month").start.isoformat() == first_forecast


@pytest.mark.parametrize(
    ("dates", "today", "first_forecast"),
    [
        (months(24), date(2023, 12, 20), "2023-12-01"),
        (months(24), date(2023, 11, 20), "2024-01-01"),
        (months(24), date(2024, 1, 1), "2024-01-01"),
        (pd.date_range(end="2023-12-04", periods=50, freq="7D"), date(2023, 12, 10), "2023-12-04"),
        (pd.date_range(end="2023-12-04", periods=50, freq="7D"), date(2023, 12, 11), "2023-12-11"),
        (pd.date_range(end="2023-12-04", periods=50), date(2023, 12, 4), "2023-12-04"),
        (pd.date_range(end="2023-12-04", periods=50), date(2023, 12, 5), "2023-12-05"),
    ],
)
def test_the_period_of_today_is_not_over_whatever_its_label_says(dates: Any, today: date, first_forecast: str):
    made = forecast_panel(rows(dates), 1, today=today)
    assert made["date"].iloc[0] == pd.Timestamp(first_forecast)
    not_over = any("not over today" in sentence for sentence in made.attrs["assumptions"])
    assert not_over == (first_forecast <= str(dates[-1].date()))


def test_weeks_of_daily_sales_are_cut_off_on_the_day_before_today():
    found = demand_calendar(days("2023-01-01", "2023-12-06"), period="week", today=date(2023, 12, 6))
    assert found.start == date(2023, 12, 6)
    assert "the day 2023-12-06 is not over today" in found.assumptions[-1]


def test_a_given_start_leaves_later_rows_aside_and_says_so():
    demand = rows(months(24), np.arange(24.0))
    made = forecast_panel(demand, 2, start=date(2023, 6, 17), today=TODAY)
    pd.testing.assert_frame_equal(made, forecast_panel(demand.head(17), 2, today=TODAY))
    assert made["date"].iloc[0] == pd.Timestamp("2023-06-01")
    assert "7 rows with demand from 2023-06-01 on" in made.attrs["assumptions"][-1]


def test_a_start_long_after_the_data_says_what_the_periods_between_mean():
    made = forecast_panel(rows(months(24)), 1, start=date(2024, 4, 1), today=TODAY)
    assert "the data end 3 months before 2024-04-01" in made.attrs["assumptions"][-1]


def test_a_start_before_all_demand_is_refused():
    with pytest.raises(InputError, match="expected one after the first demand, 2022-01-01"):
        forecast_panel(rows(months(24)), 1, start=date(2022, 1, 1), today=TODAY)


# What is planned


def test_rows_to_come_without_a_quantity_are_plans():
    demand = rows(months(24), [0, 0, 4.0] * 8)
    plans = rows(months(2, "2024-03-01"), np.nan, promotion=[0, 1], unit_price=[2.0, 1.5])
    both = pd.concat([demand, plans], ignore_index=True)
    made = forecast_panel(both, 2, today=TODAY)
    assert "2 rows without a quantity from 2024-01-01 on are plans" in made.attrs["assumptions"][-1]
    assert len(made) == 2
    typed = checked_demand(both)
    calendar = demand_calendar(typed.loc[typed["quantity"].notna(), "date"].to_numpy()).calendar
    history = assemble(typed[["item", "location"]].head(1), typed, calendar).of(0)
    promotion, price = history.ahead(4)
    np.testing.assert_array_equal(promotion, [np.nan, 0, 1, np.nan])
    np.testing.assert_array_equal(price, [np.nan, 2.0, 1.5, np.nan])
    assert len(history.quantity) == 24


def test_a_planned_promotion_lifts_its_period_as_past_ones_did():
    promoted = np.arange(40) % 5 == 3
    sold = np.random.default_rng(3).poisson(np.where(promoted, 90, 30)).astype(float)
    past = rows(months(40), sold, promotion=promoted.astype(int))
    plans = rows(months(3, "2024-03-01"), np.nan, promotion=[0, 1, 0])
    made = forecast_panel(pd.concat([past, plans]), 3, season=1, today=TODAY)
    ordinary, lifted, after = made["mean"]
    assert lifted == pytest.approx(90, rel=0.2)
    assert (ordinary, after) == (pytest.approx(30, rel=0.2), pytest.approx(30, rel=0.2))


def history_of(demand: pd.DataFrame) -> Any:
    typed = checked_demand(demand)
    calendar = demand_calendar(typed.loc[typed["quantity"].notna(), "date"].to_numpy()).calendar
    return assemble(typed[["item", "location"]].head(1), typed, calendar).of(0)


def test_prices_and_promotions_that_changed_may_explain_demand_with_what_is_planned():
    past = rows(months(24), 5.0, promotion=[0, 0, 1] * 8, unit_price=[2.0, 2.0, 1.5] * 8)
    plans = rows(months(2, "2024-02-01"), np.nan, promotion=[0, 1], unit_price=[np.nan, 1.0])
    found = history_of(pd.concat([past, plans])).regressors(3)
    assert found.names == ("price", "promotion")
    assert found.past[:3].tolist() == [[2, 0], [2, 0], [1.5, 1]]
    assert found.future[:2, 1].tolist() == [0, 1]
    assert found.future[1, 0] == 1, "the planned price"


@pytest.mark.parametrize("price", [np.nan, 2.0, 1e14])
def test_what_never_changed_explains_nothing(price: float):
    past = rows(months(24), 5.0, unit_price=price)
    plans = rows(months(1, "2024-01-01"), np.nan, promotion=1, unit_price=1e13)
    assert history_of(pd.concat([past, plans])).regressors(2) is None


def test_a_blank_quantity_in_the_past_is_unknown_rather_than_zero():
    demand = rows(months(4), [3, np.nan, 0, 5])
    typed = checked_demand(demand)
    found = assemble(typed[["item", "location"]].head(1), typed, demand_calendar(typed["date"].to_numpy()).calendar)
    np.testing.assert_array_equal(found.of(0).quantity, [3, np.nan, 0, 5])


# Frames that cannot be used


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"quantity": [1, -1]}, "quantity of demand row 1 is -1; expected a number, zero or more"),
        ({"quantity": [1, np.inf]}, "quantity of demand row 1 is inf"),
        ({"quantity": ["a lot", 1]}, "quantity of demand row 0 is 'a lot'"),
        ({"date": ["2023-01-01", "31st of never"]}, "date of demand row 1 is '31st of never'; expected a date such as"),
        ({"date": ["2023-01-01", None]}, "date of demand row 1 is missing"),
        ({"date": [1, 2]}, "date of demand row 0 is 1"),
        ({"item": ["tea", None]}, "item of demand row 1 is missing; expected a code"),
        ({"in_stock": [1, 2]}, "in_stock of demand row 1 is 2; expected 1 or 0"),
        ({"promotion": ["x", 0]}, "promotion of demand row 0 is 'x'"),
        ({"unit_price": ["cheap", 0]}, "unit_price of demand row 0 is 'cheap'"),
    ],
)
def test_the_first_value_that_cannot_be_used_is_named(changes: dict[str, Any], words: str):
    demand = rows(["2023-01-01", "2023-02-01"]).assign(**changes)
    with pytest.raises(InputError) as caught:
        forecast_panel(demand, 1, today=TODAY)
    assert words in str(caught.value)


@pytest.mark.parametrize("frame", [pd.DataFrame(), rows(months(2)).drop(columns="quantity")])
def test_a_missing_column_is_named_with_what_was_found(frame: pd.DataFrame):
    with pytest.raises(InputError, match="demand lacks the column"):
        forecast_panel(frame, 1)


def test_no_demand_at_all_is_one_clear_line():
    for nothing in (rows(months(24)).head(0), rows(months(24), np.nan)):
        with pytest.raises(InputError, match="there is no demand with a date and a quantity"):
            forecast_panel(nothing, 1, today=TODAY)


def test_texts_periods_and_time_zones_are_dates_too():
    dates = [months(24), months(24).strftime("%Y-%m-%d"), months(24).to_period("M"), months(24).tz_localize("UTC")]
    made = [forecast_panel(rows(each, [0, 0, 4.0] * 8), 2, today=TODAY) for each in dates]
    for other in made[1:]:
        pd.testing.assert_frame_equal(made[0], other)


def attempted(work: Any, *arguments: Any, **named: Any) -> tuple[Any, str]:
    """Return the result and no words, or nothing and the words of the refusal."""
    try:
        return work(*arguments, **named), ""
    except InvoptError as error:
        return None, str(error)


CELLS = st.one_of(st.none(), st.integers(-2, 9), st.floats(), st.text(max_size=3), st.dates(), st.booleans())
FRAMES = st.fixed_dictionaries(
    {name: st.lists(CELLS, min_size=3, max_size=3) for name in ("item", "date", "quantity", "promotion", "location")}
)


@settings(max_examples=60, deadline=None)
@given(FRAMES)
def test_whatever_a_frame_holds_it_is_read_or_refused_in_one_line(cells: dict[str, list[Any]]):
    typed, words = attempted(checked_demand, pd.DataFrame(cells))
    assert "\n" not in words
    if words:
        return
    assert typed.dtypes.astype(str).to_dict() | {"item": "", "location": ""} == {
        "item": "",
        "location": "",
        "date": "datetime64[ns]",
        "quantity": "float64",
        "unit_price": "float64",
        "promotion": "bool",
        "in_stock": "bool",
    }
    assert not (typed["quantity"] < 0).any()


DATES = st.lists(st.dates(date(2015, 1, 1), date(2024, 12, 31)), min_size=1, max_size=40)


@settings(max_examples=200, deadline=None)
@given(DATES, st.sampled_from([None, "day", "week", "month"]), st.one_of(st.none(), st.dates(date(2015, 1, 1))))
def test_history_ends_where_the_forecast_begins_whatever_the_dates(dates, period, today):
    found, words = attempted(demand_calendar, np.array(dates, dtype="datetime64[D]"), period=period, today=today)
    assert bool(words) == (period is None and len(set(dates)) == 1), words
    if words:
        return
    assert found.start <= found.end
    used = [day for day in dates if day < found.end]
    assert used, "not all demand is a mistake"
    if period == "month":
        assert found.start.day == 1
    begun = [day for day in used if day >= found.start]
    assert not begun or any("not learned" in sentence for sentence in found.assumptions)
    if today is not None and today < found.end:
        index = found.calendar.index(np.array([today], dtype="datetime64[D]"))[0]
        assert index >= 0 or today < max(used), "the period of today is not learned"


def test_an_event_that_moved_demand_before_moves_it_again():
    weeks = pd.date_range("2021-01-04", periods=150, freq="7D")
    fair = np.array([week.month in (4, 9) and week.day <= 7 for week in weeks])
    sold = np.random.default_rng(4).poisson(np.where(fair, 80, 30)).astype(float)
    days = [*(str(week.date()) for week in weeks[fair]), "2024-04-02"]
    made = forecast_panel(rows(weeks, sold), 20, season=1, events={"fair": days}, today=date(2023, 11, 25))
    moved = made[made["date"] == pd.Timestamp("2024-04-01")]["mean"].item()
    assert moved == pytest.approx(80, rel=0.25)
    assert made["mean"].drop(made.index[made["date"] == pd.Timestamp("2024-04-01")]).max() < 45
