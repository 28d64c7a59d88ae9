"""Scores by fifths with ties, the map of segments, and the best customers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.plan.customers.ranks import _MAP, MEANINGS, among_best, best_without, fifths, segments, standing

amounts = st.lists(st.integers(-3, 8), min_size=1, max_size=40).map(lambda found: np.array(found, dtype=float))


def test_a_hundred_different_customers_are_twenty_to_a_fifth():
    scores = fifths(np.arange(100.0)[::-1])
    assert np.bincount(scores.astype(int)).tolist() == [0, 20, 20, 20, 20, 20]
    assert scores[0] == 5.0


@given(amounts)
def test_equal_customers_share_a_score_and_more_is_never_less(values):
    scores = fifths(values)
    assert set(scores) <= {1.0, 2.0, 3.0, 4.0, 5.0}
    order = np.argsort(values, kind="stable")
    assert (np.diff(scores[order]) >= 0).all()
    for value in set(values):
        assert len(set(scores[values == value])) == 1


@given(amounts)
def test_a_standing_is_the_share_below_and_half_of_the_equal(values):
    for value, found in zip(values, standing(values, values), strict=True):
        below, equal = sum(v < value for v in values), sum(v == value for v in values)
        assert found == pytest.approx((below + equal / 2) / len(values))


def test_where_all_are_equal_nobody_is_lowest_or_highest():
    assert fifths(np.full(50, 7.0)).tolist() == [3.0] * 50
    assert not among_best(np.full(50, 7.0)).any()


def test_a_fifth_of_the_customers_are_the_best():
    spent = np.arange(1.0, 101.0)
    assert among_best(spent).nonzero()[0].tolist() == list(range(80, 100))


@given(amounts)
def test_the_best_are_those_who_stand_above_four_fifths_and_spent_anything(values):
    expected = (standing(values, values) >= 0.8) & (values > 0) & (len(values) >= 5)
    assert among_best(values).tolist() == expected.tolist()


def test_among_four_customers_nobody_is_best():
    assert not among_best(np.array([1.0, 2.0, 3.0, 99.0])).any()


bought = st.dictionaries(st.tuples(st.integers(0, 39), st.integers(0, 3)), st.integers(0, 6), max_size=60)


@given(amounts, bought)
def test_who_is_best_without_an_item_is_found_for_all_items_at_once_as_for_each_alone(spent, bought):
    rows = [(who, item, less) for (who, item), less in bought.items() if who < len(spent)]
    customer, item, less = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    best, many = best_without(spent, customer, item, spent[customer] - less, 5)
    for each in range(5):
        others, mine = spent.copy(), item == each
        others[customer[mine]] -= less[mine]
        found = among_best(others)
        assert best[mine].tolist() == found[customer[mine]].tolist()
        assert many[each] == found.sum()


def test_every_segment_is_on_the_map_and_every_score_has_one():
    assert {name for row in _MAP for name in row} == set(MEANINGS)
    grid = [(r, f, m) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)]
    named = segments(*np.array(grid, dtype=float).T)
    assert set(named) == set(MEANINGS)


@pytest.mark.parametrize(
    ("recency", "frequency", "monetary", "name"),
    [
        (5, 5, 5, "champions"),
        (5, 4, 4, "champions"),
        (4, 5, 4, "loyal"),
        (3, 4, 4, "loyal"),
        (5, 1, 1, "new"),
        (4, 1, 1, "promising"),
        (4, 3, 2, "potential loyal"),
        (3, 3, 3, "need attention"),
        (3, 2, 2, "about to sleep"),
        (2, 4, 3, "at risk"),
        (1, 5, 5, "cannot lose"),
        (2, 1, 2, "hibernating"),
        (1, 1, 1, "lost"),
    ],
)
def test_the_map_is_the_customary_one(recency, frequency, monetary, name):
    assert segments(*(np.array([float(each)]) for each in (recency, frequency, monetary))).tolist() == [name]
