"""Demand admitted alone, as a forecast reads it."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quality_tables import FIRST_ROW, demand, frame, items, weeks
from test_quality_any_input import raw_tables

from invopt_xl.errors import InputError, InvoptError
from invopt_xl.forecasting.panel.forecasts import DemandPanel
from invopt_xl.plan.quality import AdmittedDemand, admit_demand


def rejections(admitted: AdmittedDemand) -> list[tuple[float, str]]:
    report = admitted.quality[admitted.quality["severity"] == "rejected"]
    return [(float(row), str(column)) for row, column in zip(report["row"], report["column"], strict=True)]


def test_any_item_may_be_forecast_whether_it_is_planned_or_not():
    rows = demand(item=["tea"] * 104 + ["unheard of"] * 104)
    admitted = admit_demand({"demand": rows, "items": items()})
    assert admitted.rejected == 0
    assert admitted.demand["item"].unique().tolist() == ["tea", "unheard of"]


def test_rows_without_a_location_are_where_the_item_is_stocked():
    stocked = frame({"item": ["tea", "cup", "cup"], "location": ["NORTH", "EAST", "WEST"]})
    admitted = admit_demand({"demand": demand(), "items": stocked})
    found = admitted.demand.groupby("item")["location"].unique()
    assert (found["tea"].tolist(), found["cup"].tolist()) == (["NORTH"], ["MAIN"])


def test_a_table_of_items_that_nobody_could_plan_does_not_stop_a_forecast():
    admitted = admit_demand({"demand": demand(), "items": frame({"SKU": ["x"], "unit_cost": ["free"]})})
    assert (len(admitted.demand), admitted.rejected) == (208, 0)


def test_the_parameters_give_period_and_plan_date_and_the_caller_overrules_them():
    parameters = frame({"name": ["period", "plan_date"], "value": ["month", "2017-10-10"]})
    raw = {"demand": demand(), "parameters": parameters}
    told = admit_demand(raw).periods
    assert (told.calendar.period, told.start, told.end) == ("month", date(2017, 10, 1), date(2017, 10, 10))
    other = admit_demand(raw, period="week", start=date(2017, 12, 18)).periods
    assert (other.calendar.period, other.start) == ("week", date(2017, 12, 18))


def test_demand_from_the_plan_date_on_is_rejected_and_from_a_start_on_only_left_aside():
    raw = {"demand": demand(), "parameters": frame({"name": ["plan_date"], "value": ["2017-12-25"]})}
    assert admit_demand(raw).rejected == 2
    aside = admit_demand(raw, start=date(2017, 12, 25))
    assert aside.rejected == 0
    assert DemandPanel.of(aside.demand, aside.periods).histories.periods == 103


def test_a_date_far_beyond_all_others_is_rejected_and_does_not_move_the_history():
    rows = demand(date=[*weeks(104), *weeks(103), "2021-06-07"])
    admitted = admit_demand({"demand": rows})
    assert admitted.periods.start == date(2018, 1, 1)
    assert rejections(admitted) == [(212, "date")]
    assert "before the end of the records 2018-01-01" in admitted.quality["reason"].iloc[0]


def test_blank_quantities_are_plans_after_the_records_and_bad_rows_within_them():
    dates = [*weeks(10), "2018-01-15"]
    quantity: list[Any] = [5.0] * 9 + [5.0, None]
    quantity[4] = None
    admitted = admit_demand({"demand": frame({"item": "tea", "date": dates, "quantity": quantity, "promotion": 1})})
    assert rejections(admitted) == [(9, "quantity")]
    assert admitted.periods.start == date(2018, 1, 1)
    history = DemandPanel.of(admitted.demand, admitted.periods).histories.of(0)
    assert np.flatnonzero(np.isnan(history.quantity)).tolist() == [4], "not known, rather than without demand"
    np.testing.assert_array_equal(history.future_promotion, [np.nan, np.nan, 1])


def test_returns_are_named_and_sales_of_the_same_week_count_alone():
    rows = frame(
        {
            "item": "tea",
            "date": ["2017-12-04", "2017-12-11", "2017-12-18", "2017-12-18", "2017-12-25"],
            "quantity": [4, -2, 7, -1, 5],
        }
    )
    admitted = admit_demand({"demand": rows}, period="week")
    assert rejections(admitted) == [(FIRST_ROW + 1, "quantity"), (FIRST_ROW + 3, "quantity")]
    panel = DemandPanel.of(admitted.demand, admitted.periods)
    np.testing.assert_array_equal(panel.histories.of(0).quantity, [4, np.nan, 7, 5])


def test_a_rejected_row_leaves_its_period_unknown_and_one_without_a_date_says_that_it_cannot():
    rows = frame({"item": "tea", "date": weeks(10), "quantity": 5.0})
    rows.loc[rows.index[3], "quantity"] = "x"
    undated = rows.copy()
    undated.loc[rows.index[[6, 7]], "date"] = "31/12/2017"
    unknown = []
    for table in (rows, undated):
        admitted = admit_demand({"demand": table}, period="week")
        history = DemandPanel.of(admitted.demand, admitted.periods).histories.of(0)
        unknown.append(np.flatnonzero(np.isnan(history.quantity)).tolist())
        said = admitted.quality[admitted.quality["severity"] == "warning"]["reason"].tolist()
        told = ["2 rejected rows without a date: the period that each leaves unknown cannot be told"]
        assert said == (told if table is undated else [])
    assert unknown == [[3], [3]]


def test_an_item_whose_every_row_was_rejected_is_not_forecast():
    rows = demand(item=["tea"] * 207 + ["cup"], quantity=[5.0] * 207 + ["x"])
    assert admit_demand({"demand": rows}).demand["item"].unique().tolist() == ["tea"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (demand().head(0), "tblDemand has no rows"),
        (demand(quantity="x"), "no demand can be forecast, all 208 rows of tblDemand are bad; row 5, quantity 'x'"),
        (demand().drop(columns="date"), "tblDemand lacks the column date"),
    ],
)
def test_what_leaves_nothing_to_forecast_is_one_line(rows: pd.DataFrame, words: str):
    with pytest.raises(InputError, match=words):
        admit_demand({"demand": rows})


def test_without_a_table_of_demand_there_is_nothing_to_forecast():
    with pytest.raises(InputError, match="there is no table tblDemand"):
        admit_demand({"items": items()})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(raw_tables(), st.sampled_from([None, "day", "week", "month"]), st.booleans())
def test_whatever_the_tables_hold_histories_come_out_or_one_line(raw, period, given_start):
    start = date(2017, 6, 1) if given_start else None
    try:
        admitted = admit_demand(raw, period=period, start=start, today=date(2018, 2, 1))
    except InvoptError as error:
        words = str(error)
        assert "\n" not in words
        return
    panel = DemandPanel.of(admitted.demand, admitted.periods)
    quantity = panel.histories.quantity
    assert len(panel.items) == len(admitted.demand.drop_duplicates(["item", "location"]))
    assert not np.isinf(quantity).any()
    assert not (quantity < 0).any()
    known = admitted.demand["date"].lt(pd.Timestamp(admitted.periods.end))
    assert admitted.demand.loc[~known, "quantity"].isna().all()
