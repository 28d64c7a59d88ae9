"""Who stays away is told by each customer's own pace: neither by that of others nor by any gap."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from sales_lines import sales_lines

from invopt_xl.plan.customer_answers import leaving_answer, staying_away
from invopt_xl.plan.customers import review_customers
from invopt_xl.plan.customers.pace import RARE, came_back, pace_of
from invopt_xl.plan.customers.purchases import Purchases


def purchases(*days):
    """Return purchases of an item by customers on some days each."""
    who = np.repeat(np.arange(len(days)), [len(each) for each in days])
    day = np.concatenate([np.asarray(each, dtype=np.int64) for each in days])
    names, ones = np.array([f"C{each}" for each in range(len(days))], dtype=object), np.ones(len(who))
    return Purchases(names, np.array(["tea"], dtype=object), who, 0 * who, day, np.arange(len(who)), ones, ones)


def sales_of(days):
    """Return the same as lines of sales, by customer."""
    rows = [(name, pd.Timestamp("2018-01-01") + pd.Timedelta(days=day)) for name in days for day in days[name]]
    return pd.DataFrame(rows, columns=["customer", "date"]).assign(item="tea", quantity=1, value=2.0)


@pytest.mark.parametrize(("gap", "away"), [(10, [0, 0, 0]), (60, [1, 0, 0]), (300, [1, 1, 0])])
def test_the_same_gap_is_long_for_who_buys_every_few_days_and_not_for_who_buys_seldom(gap, away):
    every = (4, 30, 180)
    bought = purchases(*(np.arange(0, 720 + days, days) - 720 % days for days in every))
    last = np.array([720, 720, 720])
    assert [bought.day[bought.customer == row].max() for row in range(3)] == last.tolist()
    found = pace_of(bought, 720 + gap)
    assert found.away.tolist() == away
    assert found.interval.tolist() == list(every)


def test_of_customers_who_buy_at_random_no_more_are_counted_than_is_said():
    rng = np.random.default_rng(7)
    chance = rng.choice([0.3, 0.1, 0.03, 0.01], 4000)
    who, day = np.nonzero(rng.random((4000, 364)) < chance[:, None])
    bought = purchases(*np.split(day, np.searchsorted(who, np.arange(1, 4000))))
    away = pace_of(bought, 364).away
    assert np.nanmean(away) == pytest.approx(RARE, abs=0.005)
    stayed, back = came_back(bought, 364)
    assert 0 < back <= stayed < 2 * RARE * 4000


def test_a_gap_no_longer_than_one_before_is_usual_however_rare():
    holiday = [*range(0, 60, 2), *range(160, 220, 2)]
    usual = [*range(0, 60, 2), *range(62, 220, 2)]
    assert pace_of(purchases(holiday, usual), 280).away.tolist() == [0.0, 1.0]


def test_two_purchases_are_no_pace_and_lines_of_one_day_are_one_purchase():
    found = pace_of(purchases([5], [5, 5, 9, 9], [1, 2, 3]), 400)
    assert np.isnan(found.away).tolist() == [True, True, False]
    assert np.isnan(found.interval).tolist() == [True, False, False]
    assert found.interval[1:].tolist() == [4.0, 1.0]


def test_who_came_back_is_counted_of_those_who_stayed_away_before():
    regular = np.arange(0, 100, 3)
    bought = purchases(regular, [*regular, 250], [*regular, 299], np.arange(0, 300, 3))
    assert came_back(bought, 300) == (3, 2)


def test_sales_that_end_before_the_plan_date_make_nobody_stay_away():
    days = {f"C{each}": range(each, 200, 5) for each in range(5)}
    review = review_customers({"sales": sales_of(days)}, until=date(2018, 12, 31))
    assert review.customers["recency_days"].min() > 150
    assert review.customers["stays_away"].tolist() == [0.0] * 5
    assert leaving_answer(review).startswith("**None of 5 customers whose pace is known stays away.** Each")


def test_the_table_shows_the_pace_and_is_blank_where_it_is_not_known():
    days = {"often": range(0, 100, 4), "gone": range(0, 48, 4), "twice": (0, 50), "once": (7,)}
    review = review_customers({"sales": sales_of(days)})
    table = review.customers.set_index("customer")
    assert table["usual_interval_days"].fillna(-1).to_dict() == {"often": 4.0, "gone": 4.0, "twice": 50.0, "once": -1.0}
    assert table["stays_away"].fillna(-1).to_dict() == {"often": 0.0, "gone": 1.0, "twice": -1.0, "once": -1.0}
    assert staying_away(review)["customer"].tolist() == ["gone"]


def test_what_is_said_of_them_counts_customers_money_and_chance():
    days = {"often": range(0, 300, 4), "gone": range(0, 100, 4), "back": [*range(0, 100, 4), 290]}
    words = leaving_answer(review_customers({"sales": sales_of(days)}))
    assert words.startswith(
        "**1 of 3 customers whose pace is known stays away: 19.8% of the money of known customers.**"
    )
    assert "chance alone would still count up to about 1." in words
    assert "Of 2 customers who stayed away so 12 weeks before, 1 bought since." in words


def test_where_no_pace_is_known_that_is_said():
    review = review_customers({"sales": sales_of({"A": (0, 9), "B": (3,)})})
    assert leaving_answer(review).startswith("**Who stays away cannot be told:** nobody bought on 3 days or more.")
    nobody = review_customers({"sales": sales_lines().head(0)}, until=date(2018, 7, 2))
    assert "cannot be told" in leaving_answer(nobody)
    assert staying_away(None).empty
