"""Stock from histories in cells: levels from the forecast's whole distribution, and the replay of levels."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.forecasting import forecast_many
from invopt_xl.sheet import calculate
from invopt_xl.sheet.functions._demand import WEEKS

HISTORY = [row[0] for row in WEEKS]


def column(values: Any) -> list[list[Any]]:
    return [[each] for each in values]


def from_history(*given: Any) -> float:
    answer = calculate("SAFETY_STOCK_FROM_HISTORY", given)
    assert not answer.faults, answer
    return float(answer.cells[0][0])  # type: ignore[arg-type]


def test_the_reorder_point_is_the_quantile_of_what_forecast_paths_add_up_to() -> None:
    (forecast,) = forecast_many([np.array(HISTORY)], 3)
    sums = np.asarray(forecast.paths, dtype=float).sum(axis=1)
    asked = (WEEKS, 2, 0.9, 0, 1, "cycle", 0, 1)
    assert from_history(*asked, "reorder point") == pytest.approx(np.quantile(sums, 0.9), abs=2.0)
    assert from_history(*asked, "expected demand") == pytest.approx(sums.mean(), rel=1e-3)
    assert from_history(*asked) == pytest.approx(
        from_history(*asked, "reorder point") - from_history(*asked, "expected demand")
    )


def test_several_columns_are_several_items_each_as_it_would_be_alone() -> None:
    rare = [float(units % 5 == 0) * units for units in HISTORY]
    items = [HISTORY, rare, [2.0 * units for units in HISTORY[::-1]], [0.0, 3.0] + [None] * (len(HISTORY) - 2), rare]
    leads, spreads = [2, 2, 9, 1, 9], [0, 1, 0, 9, 0.5]
    alone = [
        calculate("SAFETY_STOCK_FROM_HISTORY", (column(item), lead, 0.95, spread, 1)).cells[0][0]
        for item, lead, spread in zip(items, leads, spreads, strict=True)
    ]
    rows = [list(row) for row in zip(*items, strict=True)]
    together = calculate("SAFETY_STOCK_FROM_HISTORY", (rows, [leads], 0.95, [spreads], 1))
    assert together.cells == [alone]


def test_a_history_of_one_period_is_explained_without_a_deviation() -> None:
    line = str(calculate("EXPLAIN", ("SAFETY_STOCK_FROM_HISTORY", 5, 2)).cells[0][0])
    assert line.startswith("Safety stock ")
    assert "deviation" not in line


def test_a_fill_rate_from_a_history_takes_less_stock_with_larger_orders() -> None:
    small, large = (from_history(WEEKS, 2, 0.95, 0, 1, "fill", lot) for lot in (10, 400))
    assert large < small


def test_a_lead_time_beyond_all_shape_is_refused() -> None:
    assert calculate("SAFETY_STOCK_FROM_HISTORY", (WEEKS, 2, 0.95, 9)).cells == [
        ["#INVOPT! lead time sd is 9; expected at most 3 times the lead time"]
    ]


def test_levels_from_a_history_say_what_the_textbook_would_hold() -> None:
    line = str(calculate("EXPLAIN", ("SAFETY_STOCK_FROM_HISTORY", WEEKS, 2, 0.95, 0, 1)).cells[0][0])
    textbook = 1.645 * np.std(HISTORY, ddof=1) * 3**0.5
    assert (
        "for 95% cycle service: from the whole distribution of the forecast over 3 periods (review 1 + lead 2)" in line
    )
    assert f"would hold {textbook:.3g}." in line


def replayed(demand: list[float], point: float, up_to: float, lead: int, review: int, lost: bool) -> list[float]:
    """Walk through the periods with a list of what is on its way."""
    stock, owed, coming = up_to, 0.0, [0.0] * (len(demand) + lead + 1)
    asked = met = short = without = held = orders = 0.0
    for period, units in enumerate(demand):
        counts = period >= lead + review
        position = stock + sum(coming[period:]) - owed
        if period % review == 0 and position < point:
            coming[period + lead] += up_to - position
            orders += counts
        stock += coming[period]
        coming[period] = 0.0
        paid = min(stock, owed)
        stock, owed = stock - paid, owed - paid
        before, sold = stock, min(stock, units)
        stock -= sold
        owed += 0.0 if lost else units - sold
        if counts:
            asked, met, short = asked + units, met + sold, short + units - sold
            without += sold < units
            held += (before + stock) / 2
    return [met / asked if asked else -1.0, held / (len(demand) - lead - review), orders, short, without]


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 30).map(float), min_size=8, max_size=25), st.integers(0, 60), st.integers(0, 40),
    st.integers(0, 3), st.integers(1, 3), st.booleans(),
)  # fmt: skip
def test_a_replay_is_what_a_walk_through_the_periods_finds(
    demand: list[float], point: int, lot: int, lead: int, review: int, lost: bool
) -> None:
    up_to = point + lot
    (found,) = calculate("SIMULATE", (column(demand), point, up_to, lead, review, None, None, lost)).cells
    filled, _, *others = found
    expected = replayed(demand, point, up_to, lead, review, lost)
    assert [-1.0 if filled == "#N/A" else filled, *others] == pytest.approx(expected, abs=1e-5)


def test_items_beside_each_other_are_replayed_each_with_its_levels() -> None:
    both = [[units, 2 * units] for units in HISTORY]
    together = calculate("SIMULATE", (both, [[130, 260]], [[180, 360]], 2)).cells
    first, second = (calculate("SIMULATE", (column([row[item] for row in both]), point, up_to, 2)).cells[0]
                     for item, (point, up_to) in enumerate([(130, 180), (260, 360)]))  # fmt: skip
    assert [list(row) for row in zip(*together, strict=True)] == [pytest.approx(first), pytest.approx(second)]


def test_a_minimum_and_a_lot_are_kept() -> None:
    plain = calculate("SIMULATE", (WEEKS, 140, 180, 2)).cells[0]
    large = calculate("SIMULATE", (WEEKS, 140, 180, 2, 1, 150, 50)).cells[0]
    assert large[3] < plain[3]
    assert large[2] > plain[2]


def test_levels_that_cannot_be_replayed_are_refused() -> None:
    assert calculate("SIMULATE", (WEEKS, 140, 100, 2)).cells == [
        ["#INVOPT! order up to is 100; expected at least the reorder point"]
    ]
    assert calculate("SIMULATE", (WEEKS, 140, 180, 19)).cells == [
        ["#INVOPT! lead time with the review period is 20; expected below the 20 periods of the history"]
    ]


def test_a_replay_tells_what_it_counted() -> None:
    line = str(calculate("EXPLAIN", ("SIMULATE", WEEKS, 100, 140, 2)).cells[0][0])
    assert line.startswith("Of 754 units asked for in 17 periods, 78.25% were met from stock: 164 short, in 5 periods;")
    assert "The first 3 periods do not count: no order of these levels could have come." in line
