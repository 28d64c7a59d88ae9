"""The review of demand names what is odd with each item, and what was done to it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from invopt_xl.forecasting.panel.histories import Histories, assemble
from invopt_xl.plan.columns.looks import DEMAND_REVIEW
from invopt_xl.plan.demand_answers import demand_answer, promotion_answer, season_answer, with_value
from invopt_xl.plan.demand_review import demand_by_period, demand_review, outliers
from invopt_xl.plan.parameters import Parameters

WEEKS = 60
STEADY = np.tile([9.0, 10.0, 11.0, 10.0], WEEKS // 4)
PARAMETERS = Parameters(date(2018, 1, 1))
DATES = pd.date_range(end="2017-12-25", periods=WEEKS, freq="7D")


def shop(**columns: list[object]) -> tuple[pd.DataFrame, Histories, Parameters]:
    """Return one item whose demand has some columns changed; None leaves a week out."""
    rows = pd.DataFrame({"item": "tea", "location": "MAIN", "date": DATES, "quantity": STEADY, "unit_price": 1.0})
    rows = rows.assign(promotion=False, in_stock=True)
    rows = rows.assign(**{name: list(values) for name, values in columns.items()})
    items = pd.DataFrame({"item": ["tea"], "location": "MAIN", "description": "Tea", "unit_cost": 2.0})
    gone = rows["quantity"].isna().to_numpy()
    rows = rows[~gone].astype({"quantity": float})
    return items, assemble(items, rows, PARAMETERS.calendar), PARAMETERS


def changed(places: dict[int, object]) -> list[object]:
    return [places.get(place - WEEKS, value) for place, value in enumerate(STEADY)]


@pytest.mark.parametrize(
    ("quantity", "verdict", "why"),
    [
        (changed({}), "sound", "60 weeks known, nothing repaired"),
        (changed({-5: 500.0}), "repaired", "1 outlier of up to 500"),
        (changed(dict.fromkeys(range(-30, 0), 0.0)), "stopped", "nothing sold in the last 30 weeks"),
        (changed(dict.fromkeys(range(-40, -30), None)), "gaps", "10 of 60 weeks without a row, counted as zero demand"),
        (changed(dict.fromkeys(range(-60, -5), None)), "short", "5 weeks known"),
        ([0.0] * WEEKS, "no demand", "nothing sold in 60 weeks"),
    ],
)
def test_a_verdict_says_what_it_stands_on(quantity: list[object], verdict: str, why: str) -> None:
    found = demand_review(*shop(quantity=quantity)).iloc[0]
    assert (found["verdict"], found["why"][: len(why)]) == (verdict, why)


def test_columns_are_those_declared() -> None:
    assert demand_review(*shop()).columns.tolist() == DEMAND_REVIEW.column_names


def test_stock_outs_are_estimated_and_counted() -> None:
    found = demand_review(*shop(in_stock=[place % 10 != 9 for place in range(WEEKS)])).iloc[0]
    assert (found["verdict"], found["out_of_stock_periods"]) == ("repaired", 6)


def test_the_lift_of_promotions_is_that_of_the_means() -> None:
    promoted = [place % 6 == 0 for place in range(WEEKS)]
    sold = [value * 3 if on else value for value, on in zip(STEADY, promoted, strict=True)]
    found = demand_review(*shop(quantity=sold, promotion=promoted))
    assert found["promotion_lift"].iloc[0] == pytest.approx(2.0, abs=0.1)
    assert promotion_answer(found).startswith("**1 item was on promotion often enough to tell.**")


def test_an_item_out_of_stock_for_half_a_year_has_not_stopped() -> None:
    quantity = changed(dict.fromkeys(range(-30, 0), 0.0))
    in_stock: list[object] = [True] * (WEEKS - 30) + [False] * 30
    assert demand_review(*shop(quantity=quantity, in_stock=in_stock))["verdict"].iloc[0] != "stopped"


def test_recent_demand_stands_beside_that_of_the_quarter_before_and_is_worth_money() -> None:
    items, past, parameters = shop(quantity=[10.0] * (WEEKS - 13) + [15.0] * 13)
    found = with_value(demand_review(items, past, parameters), items, parameters)
    assert found[["recent_demand", "earlier_demand"]].iloc[0].tolist() == [15, 10]
    assert found["change_value"].iloc[0] == pytest.approx(5 * 2.0 * 365.25 / 7)


def test_a_season_is_told_from_two_of_them_on() -> None:
    items, past, parameters = shop()
    assert "No season can be told" in season_answer(demand_review(items, past, parameters), past.periods, parameters)
    days = Parameters(date(2018, 1, 1), period="day")
    dates = pd.date_range(end="2017-12-31", periods=56)
    rows = pd.DataFrame(
        {"item": "tea", "location": "MAIN", "date": dates, "quantity": np.tile([1.0, 2, 3, 4, 5, 9, 8], 8)}
    )
    rows = rows.assign(unit_price=1.0, promotion=False, in_stock=True)
    review = demand_review(items, assemble(items, rows, days.calendar), days)
    assert review["season"].iloc[0] == pytest.approx(1.0)
    assert season_answer(review, 56, days).startswith("**1 of 1 item follows")


def test_outliers_are_told_with_their_day_and_what_was_learned() -> None:
    (line,) = outliers(*shop(quantity=changed({-5: 500.0}))).to_dict("records")
    assert (line["item"], line["date"], line["recorded"]) == ("tea", pd.Timestamp("2017-11-27"), 500)
    assert 10 < line["learned"] < 60
    assert line["difference"] == pytest.approx((500 - line["learned"]) * 2)
    assert outliers(*shop()).empty


def test_demand_by_period_adds_up() -> None:
    items, past, parameters = shop()
    found = demand_by_period(items, past, parameters.calendar)
    assert found["value"].sum() == pytest.approx(STEADY.sum() * 2)
    assert found["date"].tolist() == DATES.tolist()
    assert (found["selling"] == 1).all()


def test_the_answer_is_no_where_little_can_be_planned_from() -> None:
    review = pd.DataFrame({"verdict": ["gaps", "sound"], "mean_demand": [9.0, 1.0]})
    assert demand_answer(review, pd.DataFrame({"unit_cost": [1.0, 1.0]})).startswith("**No: 1 of 2 items, 10.0% of")


def test_no_season_is_told_before_two_are_known() -> None:
    """70 weeks are 18 pairs of a yearly season, and no two seasons."""
    dates = pd.date_range(end="2017-12-25", periods=70, freq="7D")
    quantity = 10 + 5 * np.sin(2 * np.pi * np.arange(70) / 52)
    rows = pd.DataFrame({"item": "tea", "location": "MAIN", "date": dates, "quantity": quantity, "unit_price": 1.0})
    items = shop()[0]
    past = assemble(items, rows.assign(promotion=False, in_stock=True), PARAMETERS.calendar)
    review = demand_review(items, past, PARAMETERS)
    assert np.isnan(review["season"].iloc[0])
    assert season_answer(review, 70, PARAMETERS).startswith("**No season can be told:**")


def test_promotions_of_one_item_are_told_as_of_one() -> None:
    assert promotion_answer(pd.DataFrame({"promotion_lift": [0.84]})).endswith(
        "It sold 84% more in promoted periods than in others."
    )
    assert "sold at most 80% of what they sold in others; 2 items sold less." in promotion_answer(
        pd.DataFrame({"promotion_lift": [-0.2, -0.2]})
    )
