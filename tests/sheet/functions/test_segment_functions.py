"""Classes, cover, turns and excess in cells: textbook cases, what the rooms say, and where results stand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.forecasting.forecastability import forecastability
from invopt_xl.plan.excess import with_excess
from invopt_xl.plan.segmentation import abc_classes, xyz_classes
from invopt_xl.sheet import calculate

VALUES = [[400], [250], [120], [80], [60], [40], [30], [20]]
YEAR = [
    [120, 40, 9, 0], [118, 95, 0, 0], [124, 8, 0, 0], [121, 38, 14, 0], [119, 71, 0, 0], [117, 5, 0, 0],
    [122, 44, 0, 0], [125, 12, 21, 0], [118, 96, 0, 0], [120, 14, 0, 0], [123, 52, 0, 0], [121, 17, 3, 0],
]  # fmt: skip

amounts = st.floats(0, 1e7)


def cells(name: str, *given: Any) -> list[list[Any]]:
    answer = calculate(name, given)
    assert answer.trace == ""
    return answer.cells


def why(name: str, *given: Any) -> list[list[Any]]:
    return cells("EXPLAIN", name, *given)


def letters(rows: list[list[Any]]) -> str:
    return "".join(str(cell) for row in rows for cell in row)


def test_the_textbook_shares_of_value_give_the_textbook_classes() -> None:
    assert letters(cells("ABC", VALUES)) == "AAAABBCC"


@given(st.lists(st.floats(-1e6, 1e9), min_size=1, max_size=30), st.floats(0.1, 0.8), st.floats(0.8, 0.99))
def test_classes_by_value_are_those_of_the_plan(values: list[float], a: float, b: float) -> None:
    expected = abc_classes(np.array(values), a, b).tolist()
    assert cells("ABC", [[one] for one in values], a, b) == [[one] for one in expected]


def test_headers_and_empty_rows_stay_empty_and_a_bad_row_is_left_out_of_the_total() -> None:
    found = cells("ABC", [["value"], *VALUES[:3], [None], ["many"], *VALUES[3:]])
    told = "#INVOPT! value is many (row 6); expected a number"
    assert [row[0] for row in found] == [None, "A", "A", "A", None, told, "A", "B", "B", "C", "C"]


def test_a_row_of_values_gives_a_row_of_classes() -> None:
    assert cells("ABC", [[one for (one,) in VALUES]]) == [list("AAAABBCC")]


def test_items_without_any_value_are_c() -> None:
    assert letters(cells("ABC", [[0], [0], [-5]])) == "CCC"
    assert why("ABC", [[0], [0]])[0][0].startswith("No item has any value: all are C.")


def test_limits_in_percent_and_in_the_wrong_order() -> None:
    assert letters(cells("ABC", VALUES, "50%", "90%")) == "AABBBCCC"
    assert cells("ABC", VALUES, 0.9, 0.5) == [["#INVOPT! a is 0.9; expected at most b, 0.5"]]
    assert cells("ABC", VALUES, 80) == [["#INVOPT! a is 80; expected between 0 and 1, such as 0.8"]]


def test_a_class_is_explained_with_rank_and_shares() -> None:
    told = why("ABC", VALUES)[4][0]
    assert told.startswith(
        "B: number 5 of 8 by value, with 6% of it; those before it make 85% (A below 80%, B below 95%)."
    )


histories = st.lists(
    st.lists(st.none() | st.integers(0, 60).map(float), min_size=14, max_size=14), min_size=2, max_size=5
).filter(lambda rows: all(any(cell is not None for cell in row) for row in rows))


@given(histories, st.sampled_from(["rows", "columns"]), st.sampled_from([1, 4]))
def test_classes_by_forecast_error_are_those_of_the_plan(
    rows: list[list[float | None]], items_in: str, season: int
) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]
    found = cells("XYZ", rows if items_in == "rows" else columns, 0.4, 0.9, items_in, season)
    demand = np.array([[np.nan if cell is None else cell for cell in row] for row in rows])
    expected = xyz_classes(forecastability(demand, season).error, 0.4, 0.9).tolist()
    assert found == ([[one] for one in expected] if items_in == "rows" else [expected])


def test_items_in_columns_give_a_row_of_classes_without_their_header() -> None:
    assert cells("XYZ", [["tea", "milk", "salt", "none"], *YEAR]) == [["X", "Y", "Z", "Z"]]


def test_an_item_without_any_known_demand_stays_empty_and_a_short_history_is_z() -> None:
    assert cells("XYZ", [[5, None, 4], *[[6, None, None]] * 7]) == [["X", None, "Z"]]


def test_a_bad_history_does_not_stop_the_others() -> None:
    assert cells("XYZ", [[5, "x"], *[[6, 1]] * 7]) == [
        ["X", "#INVOPT! demand is x (row 1); expected a number of at least 0"]
    ]


def test_both_letters_are_those_of_the_two_functions() -> None:
    value = [[9000, 6000, 400, 300]]
    first, second = cells("ABC", value), cells("XYZ", YEAR)
    assert cells("ABC_XYZ", value, YEAR) == [[a + x for a, x in zip(first[0], second[0], strict=True)]]
    by_rows = [list(row) for row in zip(*YEAR, strict=True)]
    down = [[one] for one in value[0]]
    assert cells("ABC_XYZ", down, by_rows, None, None, None, None, "rows") == [["AX"], ["AY"], ["CZ"], ["CZ"]]


def test_an_item_that_is_bad_in_either_way_is_left_out_of_the_ranking() -> None:
    (found,) = cells("ABC_XYZ", [[9000, "x", 400, 300]], YEAR)
    assert found == ["AX", "#INVOPT! value is x (column 2); expected a number", "BZ", "CZ"]


def test_both_letters_are_explained() -> None:
    told = why("ABC_XYZ", [[9000, 6000, 400, 300]], YEAR)[0][1]
    assert "A: number 2 of 4 by value" in told
    assert "Y: forecast one period ahead, demand of the last 6 known periods strayed by 0.81 times its mean" in told
    assert "(X up to 0.5, Y up to 1)" in told
    assert "Z: nothing was asked for in the last 6 known periods" in why("XYZ", YEAR)[0][3]
    assert "Z: 6 known periods are too few to judge forecasts by; 8 are needed" in why("XYZ", YEAR[:6])[0][0]


@given(st.lists(st.tuples(amounts, amounts, amounts, amounts), min_size=1, max_size=6), st.floats(1, 400))
def test_cover_and_excess_are_those_of_the_plan(rows: list[tuple[float, ...]], cover: float) -> None:
    on_hand, on_order, level, rate = (np.array(column) for column in zip(*rows, strict=True))
    frame = pd.DataFrame({"on_hand": on_hand, "on_order": on_order, "order_up_to": level, "demand_per_period": rate})
    expected = with_excess(frame.assign(status="active", unit_cost=1.0), cover, 7.0)
    down = [[[one] for one in column] for column in (on_hand, rate, on_order, level)]
    np.testing.assert_allclose(np.ravel(cells("EXCESS", *down, cover)), expected["excess_quantity"])
    found = [np.nan if one == "#N/A" else one for (one,) in cells("DAYS_OF_COVER", down[0], down[1])]
    np.testing.assert_allclose(found, expected["cover_days"].where(np.isfinite(expected["cover_days"])))


def test_cover_in_weeks_days_and_months() -> None:
    assert cells("DAYS_OF_COVER", 100, 5) == [[140.0]]
    assert cells("DAYS_OF_COVER", 100, 5, 1) == [[20.0]]
    assert cells("DAYS_OF_COVER", 100, 5, 30.4375) == [[608.75]]


def test_without_demand_or_stock_there_is_no_answer() -> None:
    assert cells("DAYS_OF_COVER", [[100], [0]], 0) == [["#N/A"], ["#N/A"]]
    assert cells("TURNS", 1200, [[150], [0]]) == [[8.0], ["#N/A"]]
    assert "lasts for ever" in why("DAYS_OF_COVER", 100, 0)[0][0]


def test_turns_are_by_the_year_whatever_time_demand_is_for() -> None:
    assert cells("TURNS", 100, 150, 30.416666666666668) == [[pytest.approx(8.0)]]


def test_stock_turned_so_often_covers_a_year_divided_by_that() -> None:
    (((turns,),), ((days,),)) = cells("TURNS", 1200, 150), cells("DAYS_OF_COVER", 150, 1200, 365)
    assert turns * days == pytest.approx(365.0)


def test_excess_is_above_the_level_and_above_the_cover() -> None:
    assert cells("EXCESS", 100, 5, 0, 20) == [[35.0]]
    assert cells("EXCESS", 100, 5, 10, 90) == [[20.0]]
    assert cells("EXCESS", 100, 0) == [[100.0]]
    assert why("EXCESS", 100, 5, 10, 90)[0][0].startswith(
        "20 of 100 on hand and 10 on order are above the order-up-to level of 90: 65 are used in 91 days."
    )


def test_negative_stock_is_refused_in_its_row() -> None:
    found = cells("EXCESS", [[100], [-5]], 5)
    assert found == [[35.0], ["#INVOPT! on hand is -5 (row 2); expected a number of at least 0"]]
