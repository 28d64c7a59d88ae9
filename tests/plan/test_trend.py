"""Demand of late beside each item: the sales of the demand table, period by period."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_tables import PLAN_DATE, small_tables

from invopt_xl.plan.columns import PLAN, TREND, TREND_PERIODS, Tables
from invopt_xl.plan.histories import histories
from invopt_xl.plan.overrides import followed, planner_columns
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import admit
from invopt_xl.plan.results import plan_table
from invopt_xl.plan.trend import LEAST_KNOWN, change_of_demand, with_trend

UNITS = st.one_of(st.floats(0, 1e6, allow_subnormal=False), st.just(math.nan))


def trend_of(tables: Tables) -> pd.DataFrame:
    admitted = admit(tables)
    return with_trend(admitted.tables["items"].reset_index(drop=True), histories(admitted)).set_index("item")


@pytest.mark.parametrize(("period", "days"), [("week", 7), ("day", 1)])
def test_each_column_holds_what_was_sold_so_many_periods_ago(period: str, days: int) -> None:
    tables = small_tables(period=period)
    found = trend_of(tables)
    sold = tables["demand"].assign(date=pd.to_datetime(tables["demand"]["date"]))
    for item, row in found.iterrows():
        own = sold[sold["item"] == item]
        for ago in range(1, TREND_PERIODS + 1):
            start = pd.Timestamp(PLAN_DATE) - timedelta(days=days * ago)
            within = (own["date"] >= start) & (own["date"] < start + timedelta(days=days))
            known = start + timedelta(days=days) > own["date"].min()
            assert row[f"demand_{ago}_ago"] == own["quantity"][within].sum() if known else math.isnan(row.iloc[-ago])


def test_a_month_that_has_begun_is_no_history() -> None:
    tables = small_tables(period="month")
    plan_date = tables["parameters"]["name"] == "plan_date"
    tables["parameters"].loc[plan_date, "value"] = "2024-06-20"
    sold = tables["demand"].query("item == 'steady'")
    may = pd.to_datetime(sold["date"]).between("2024-05-01", "2024-05-31")
    assert trend_of(tables).loc["steady", "demand_1_ago"] == sold["quantity"][may.to_numpy()].sum()


def test_what_sold_while_out_of_stock_is_not_demand() -> None:
    tables = small_tables()
    tables["demand"]["in_stock"] = 1
    last = (tables["demand"]["item"] == "steady") & (tables["demand"]["date"] == pd.Timestamp("2024-06-24"))
    tables["demand"].loc[last, "in_stock"] = 0
    row = trend_of(tables).loc["steady"]
    assert math.isnan(row["demand_1_ago"])
    assert row["demand_change"] == pytest.approx(
        row[list(TREND[13:25])].mean() / row[list(TREND[:13])].mean() - 1, abs=1e-4
    )


def test_too_short_a_history_has_no_change() -> None:
    found = trend_of(small_tables())
    assert math.isnan(found.loc["new", "demand_change"])
    assert found.loc["new", list(TREND[:21])].isna().all()
    assert (found.loc["new", list(TREND[21:])] == 12).all()
    assert math.isnan(found.loc["dead", "demand_change"]), "nothing was asked for before either"
    assert trend_of(small_tables(weeks=5))["demand_change"].isna().all()


@given(st.lists(UNITS, min_size=26, max_size=26))
def test_the_change_is_that_of_the_means_of_what_is_known(demand: list[float]) -> None:
    (found,) = change_of_demand(np.array([demand]))
    before, now = ([one for one in part if not math.isnan(one)] for part in (demand[:13], demand[13:]))
    if min(len(before), len(now)) < LEAST_KNOWN or sum(before) == 0:
        assert math.isnan(found)
    else:
        assert found == pytest.approx((sum(now) / len(now)) / (sum(before) / len(before)) - 1, rel=1e-9, abs=1e-9)


def test_the_cell_of_the_line_is_blank_and_kept_rows_have_no_history() -> None:
    found = trend_of(small_tables(weeks=10)).reset_index()
    items = found.assign(**{name: 0.0 for name in PLAN.column_names if name not in found}).drop(columns="exception")
    written = planner_columns({"plan": pd.DataFrame({"item": ["gone"], "note": ["?"]})})
    kept = followed(written, Parameters(date(2024, 7, 1)))
    nothing = pd.DataFrame(columns=["item", "location", "kind"], dtype=object)
    table = plan_table(items, nothing, kept)
    assert table["trend"].isna().all()
    assert table["item"].iloc[-1] == "gone"
    assert table.loc[len(items), [*TREND, "demand_change"]].isna().all()
