"""A period in which no item has a row is one finding, not an outlier of each item."""

from __future__ import annotations

import numpy as np
from small_tables import small_tables

from invopt_xl.plan.absent_periods import absent_days, absent_periods
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.demand_answers import demand_answer
from invopt_xl.plan.demand_review import demand_review, outliers
from invopt_xl.plan.first_look import first_look
from invopt_xl.plan.histories import histories
from invopt_xl.plan.quality import admit


def _without(week: int) -> tuple[Tables, str]:
    """Return tables without any row of one of the last weeks, and its day."""
    raw = small_tables()
    day = sorted(raw["demand"]["date"].unique())[-week]
    raw["demand"] = raw["demand"][raw["demand"]["date"] != day]
    return raw, str(day)[:10]


def test_a_week_that_all_items_lack_is_one_finding() -> None:
    raw, day = _without(10)
    found = admit(raw)
    told = found.quality[found.quality["reason"].str.startswith("no item has a row")]
    assert told["reason"].tolist() == [f"no item has a row in the week of {day}: a file forgotten?"]
    past = histories(found)
    look = first_look(found, past).set_index("looked_at").loc["periods without a row"]
    assert look["what_was_done"].endswith("no item has a row in 1 week: a file forgotten?")
    assert look["such_as"] == day
    odd = outliers(found.tables["items"], past, found.parameters)
    assert day not in odd["date"].dt.strftime("%Y-%m-%d").tolist()
    review = demand_review(found.tables["items"], past, found.parameters)
    whole = admit(small_tables())
    usual = demand_review(whole.tables["items"], histories(whole), whole.parameters)
    assert review["verdict"].tolist() == usual["verdict"].tolist()
    assert review["outliers"].tolist() == usual["outliers"].tolist()
    said = demand_answer(review, found.tables["items"], absent_days(past, found.parameters.calendar))
    assert said.endswith(f"No item at all has a row in the period from {day}: was a file forgotten?**")


def test_a_week_that_one_item_has_is_not_absent() -> None:
    past = histories(admit(small_tables()))
    assert not absent_periods(past).any()


def test_blank_weeks_of_items_that_sell_now_and_then_are_nothing_odd() -> None:
    raw = small_tables()
    first = raw["items"]["item"].iloc[0]
    demand = raw["demand"][raw["demand"]["item"] == first]
    raw["items"], raw["demand"] = raw["items"].head(1), demand.iloc[np.arange(0, len(demand), 3)]
    assert not absent_periods(histories(admit(raw))).any()
