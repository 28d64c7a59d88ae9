"""Patterns, seasons and demand without stock-outs in cells are those of the forecasting room."""

from typing import Any

import numpy as np
import pytest
from cells_of_demand import CELLS, ODD_CELLS, answered, column, columns, first_column, refused, row, weeks
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.forecasting import clean_history, demand_pattern
from invopt_xl.forecasting.arima.search import seasonal_strength
from invopt_xl.forecasting.cleaning.baselines import shrunk_indices
from invopt_xl.sheet import calculate
from invopt_xl.sheet.cells import MARK

LUMPY = np.array([0, 0, 1.0, 0, 0, 90, 0, 0, 0, 4, 0, 0])
WAVE = np.array([0.6, 0.8, 1.2, 1.4])
QUARTERS = 100 * np.tile(WAVE, 6) * np.random.default_rng(3).normal(1, 0.03, 24)


@pytest.mark.parametrize("history", [weeks(1), LUMPY, np.array([1.0, np.nan, 3.0])])
def test_the_pattern_is_that_of_the_forecasting_room(history: np.ndarray) -> None:
    found = demand_pattern(history)
    assert answered("DEMAND_PATTERN", column(history)) == [
        [found.name, found.mean_interval, pytest.approx(found.squared_variation)]
    ]


def test_a_published_pattern() -> None:
    """Demand of 4 in every third period: interval 3 and no variation, so intermittent (Syntetos et al. 2005)."""
    assert answered("DEMAND_PATTERN", row([0, 0, 4, 0, 0, 4])) == [["intermittent", 3.0, 0.0]]


def test_patterns_of_columns_stand_below_each_other_item_by_item() -> None:
    cells = answered("DEMAND_PATTERN", columns(weeks(1)[:12], LUMPY))
    assert [line[0] for line in zip(*cells, strict=True)] == ["smooth", "lumpy"]


def test_without_demand_there_is_no_interval() -> None:
    assert answered("DEMAND_PATTERN", column(np.zeros(9))) == [["none", "#N/A", "#N/A"]]


def test_periods_out_of_stock_do_not_count_for_the_pattern() -> None:
    assert answered("DEMAND_PATTERN", [[5], [0], [5], [0]], [[1], [0], [1], [0]]) == [["smooth", 1.0, 0.0]]


def test_empty_cells_count_for_the_pattern_where_they_are_zero() -> None:
    gappy = [[None], [5], [None], [5], [None], [5]]
    assert answered("DEMAND_PATTERN", gappy)[0][:2] == ["smooth", 1.0]
    assert answered("DEMAND_PATTERN", gappy, None, "zero")[0][:2] == ["intermittent", pytest.approx(5 / 3)]


def test_the_season_is_that_of_the_forecasting_room() -> None:
    clean = clean_history(QUARTERS, None, 4)
    expected = shrunk_indices(clean.values, clean.known, 4)
    np.testing.assert_array_equal(first_column("SEASON", column(QUARTERS), 4), expected)
    np.testing.assert_allclose(expected, WAVE, atol=0.05)


def test_the_mean_index_is_one() -> None:
    assert np.mean(first_column("SEASON", column(QUARTERS), 4)) == pytest.approx(1)


def test_the_strength_is_that_of_the_forecasting_room() -> None:
    expected = seasonal_strength(clean_history(QUARTERS, None, 4).values, 4)
    assert answered("SEASON", column(QUARTERS), 4, "strength") == [[expected]]
    assert expected > 0.9


def test_noise_has_hardly_a_season() -> None:
    assert np.ptp(first_column("SEASON", column(weeks(2, 400)), 4)) < 0.1


def test_indices_of_an_item_that_came_later_belong_to_the_same_periods() -> None:
    late = QUARTERS.copy()
    late[:5] = np.nan
    cells = np.transpose(answered("SEASON", columns(QUARTERS, late), 4))
    np.testing.assert_allclose(cells[1], cells[0], atol=0.05)


def test_a_season_of_one_period_is_none() -> None:
    assert refused("SEASON", column(QUARTERS), 1) == "season is 1; expected a whole number from 2 to 400"


def test_a_season_needs_two_of_them() -> None:
    assert refused("SEASON", column(QUARTERS[:7]), 4) == (
        "history has 7 known periods of 7; expected two seasons of 4, half of their periods known"
    )


def test_the_strength_of_a_season_needs_more_than_two_of_them() -> None:
    assert refused("SEASON", column(QUARTERS[:9]), 4, "strength") == (
        "history has 9 known periods of 9; expected 10 to tell the strength of a season of 4"
    )


def test_nothing_sold_has_no_season() -> None:
    assert refused("SEASON", column(np.zeros(12)), 4) == (
        "demand is 0 in every period; expected some, to tell a season from"
    )


def flagged(sold: np.ndarray, *out: int) -> np.ndarray:
    flags = np.ones(sold.size)
    flags[list(out)] = 0
    return flags


def test_stock_outs_are_estimated_as_in_the_forecasting_room_and_the_rest_stays_as_recorded() -> None:
    sold = weeks(1).copy()
    sold[[5, 6]] = 3.0
    sold[12] = 900.0  # an outlier to models, but it was sold
    flags = flagged(sold, 5, 6)
    clean = clean_history(sold, flags == 1, 4)
    got = first_column("UNCONSTRAIN", column(sold), column(flags), 4)
    np.testing.assert_array_equal(got, np.where(flags == 1, sold, clean.values))
    assert (got[[5, 6]] > 20).all()


def test_unconstrained_demand_stands_beside_the_demand_given() -> None:
    sold = [["Week"], [None], [8], [10], [0], [12], [None]]
    flags = [["Stock"], [None], [1], [1], [0], [1], [None]]
    cells = answered("UNCONSTRAIN", sold, flags)
    assert [line[0] is None for line in cells] == [True, True, False, False, False, False, True]
    assert [cells[place][0] for place in (2, 3, 5)] == [8, 10, 12]
    assert 8 < cells[4][0] < 13
    turned = answered("UNCONSTRAIN", [[cell for (cell,) in sold]], [[cell for (cell,) in flags]])
    assert turned == [[cell for (cell,) in cells]]


def test_periods_before_an_item_existed_stay_empty() -> None:
    late = np.r_[np.full(10, np.nan), weeks(2)[:20]]
    cells = answered("UNCONSTRAIN", columns(weeks(1), late), columns(np.ones(30), flagged(late, 15)))
    assert [line[1] is None for line in cells] == [True] * 10 + [False] * 20
    assert [line[0] for line in cells] == weeks(1).tolist()


def test_an_item_never_in_stock_cannot_be_unconstrained() -> None:
    answer = calculate("UNCONSTRAIN", [columns(weeks(1), weeks(2)), columns(np.ones(30), np.zeros(30))])
    assert answer.cells[0] == [
        weeks(1)[0], MARK + "in stock is FALSE wherever demand is known; expected periods in stock to learn from",
    ]  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=30))
def test_unconstrained_demand_is_never_below_what_was_sold(periods: list[tuple[int, bool]]) -> None:
    sold, flags = (np.array(each, dtype=float) for each in zip(*periods, strict=True))
    answer = calculate("UNCONSTRAIN", [column(sold), column(flags)])
    assert answer.trace == ""
    if not answer.faults:
        got = np.array([line[0] for line in answer.cells])
        assert (got >= sold).all()
        np.testing.assert_array_equal(got[flags == 1], sold[flags == 1])


@pytest.mark.parametrize(
    ("name", "others"), [("DEMAND_PATTERN", ()), ("SEASON", (3,)), ("SEASON", (3, "strength")), ("UNCONSTRAIN", ())]
)
@settings(deadline=None, max_examples=60)
@given(cells=st.lists(CELLS, min_size=1, max_size=20) | st.lists(ODD_CELLS, min_size=1, max_size=20))
def test_any_column_gives_values_or_one_line(name: str, others: tuple[Any, ...], cells: list[Any]) -> None:
    for table in ([[cell] for cell in cells], [cells]):
        for function in ((name, table), ("EXPLAIN", name, table)):
            answer = calculate(function[0], [*function[1:], *others])
            assert answer.trace == ""
            assert all("\n" not in cell for line in answer.cells for cell in line if isinstance(cell, str))


def test_ranges_that_belong_together_fit_whichever_of_them_has_a_header() -> None:
    units, stocked = [3.0, 4.0, 1.0, 5.0], [True, True, False, True]
    plain = answered("UNCONSTRAIN", column(units), column(stocked))
    for demand, in_stock in (
        (["units", *units], [None, *stocked]),
        ([None, *units], ["there", *stocked]),
        (["units", *units], ["there", *stocked]),
        (["units", *units], stocked),
    ):
        rows = [[[cell] for cell in cells] for cells in (demand, in_stock)]
        assert answered("UNCONSTRAIN", *rows) == [[None], *plain]
    assert refused("UNCONSTRAIN", column(units), [["x"], *column(stocked[1:])]) == (
        "in stock begins with a text; expected none, as demand has no header"
    )
