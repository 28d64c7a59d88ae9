"""What planners put into cells, and what they get: the same for every function, shown here on a few."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.sheet import Run, calculate, catalogue
from invopt_xl.sheet.catalogue import Function
from invopt_xl.sheet.cells import ERRORS, MARK
from invopt_xl.sheet.run import Fault

DEMAND, COST, HOLDING = 1200, 50, 3


def eoq(*given: Any) -> list[list[Any]]:
    return calculate("EOQ", given).cells


def test_a_value_gives_a_value() -> None:
    assert eoq(DEMAND, COST, HOLDING) == [[200.0]]


def test_a_column_gives_a_column() -> None:
    assert eoq([[DEMAND], [4 * DEMAND]], COST, HOLDING) == [[200.0], [400.0]]


def test_a_row_gives_a_row() -> None:
    assert eoq([[DEMAND, 4 * DEMAND]], COST, HOLDING) == [[200.0, 400.0]]


def test_a_row_beside_a_column_gives_a_grid() -> None:
    assert eoq([[DEMAND, 4 * DEMAND]], [[COST], [4 * COST]], HOLDING) == [[200.0, 400.0], [400.0, 800.0]]


def test_a_range_of_one_cell_is_that_cell() -> None:
    assert eoq([[DEMAND]], COST, [[HOLDING]]) == [[200.0]]


def test_an_empty_cell_is_an_omitted_argument() -> None:
    assert eoq(DEMAND, COST, HOLDING, None, None) == eoq(DEMAND, COST, HOLDING, [[""]], "") == [[200.0]]


def test_a_zero_where_none_can_be_meant_counts_as_not_given_wherever_it_stands() -> None:
    usual = calculate("SAFETY_STOCK", [100, 18, 2]).cells
    assert calculate("SAFETY_STOCK", [100, 18, 2, 0]).cells == usual
    assert calculate("SAFETY_STOCK", [100, 18, 2, [[0], [0.95], [None]]]).cells == usual * 3
    assert calculate("DAYS_OF_COVER", [300, 100, 0]).cells == calculate("DAYS_OF_COVER", [300, 100]).cells
    assert calculate("SAFETY_STOCK", [100, 18, 2, -1]).refused


def test_the_reason_names_what_a_zero_counted_as() -> None:
    (told,) = calculate("EXPLAIN", ["SAFETY_STOCK", 100, 0, 2, 0]).cells[0]
    assert "Not given (empty, 0 or left out), so usual: service target 0.95" in told
    assert "0 is taken for demand sd; an empty cell counts as 0 in LibreOffice Calc." in told


def test_a_single_zero_is_no_history() -> None:
    line = "#INVOPT! demand is one value, 0; expected a number of at least 0 in each period"
    assert calculate("FORECAST", [0, 4]).cells == calculate("FORECAST", [[[0]], 4]).cells == [[line]]


def test_a_total_below_a_history_is_told_and_not_forecast() -> None:
    weeks = [[41.0], [38], [45], [50], [39], [44], [47], [36], [52]]
    total = [[sum(week for (week,) in weeks)]]
    assert calculate("FORECAST", [weeks + total, 2]).cells == [
        ["#INVOPT! demand ends with the total of all before it (column 1); expected no total"]
    ]
    assert not calculate("FORECAST", [[[0.0], [0], [3], [0], [3]], 2]).refused, "rare demand may repeat itself"


def test_names_in_front_of_rows_hint_at_items_in_rows() -> None:
    table = [["tea", 4.0, 5, 3, 6], ["milk", 9, 8, 7, 9]]
    cells = calculate("FORECAST", [table, 2]).cells
    assert cells[0][0] == "#INVOPT! demand has texts in column 1; leave names out, or give items_in as rows"
    assert not calculate("FORECAST", [table, 2, None, None, None, None, None, "Rows"]).faults


def test_a_choice_is_known_by_its_words_however_they_are_written() -> None:
    def of(measure: str, distribution: str) -> list[list[Any]]:
        return calculate("SAFETY_STOCK", [100, 18, 2, 0.95, 0, 1, measure, 300, distribution]).cells

    assert of("Fill Rate", "Negative_Binomial") == of("fill", "negative-binomial distribution")
    assert of("cycle service", "normal") == of("cycle", "normal")


def test_a_choice_that_is_misspelt_is_recognised() -> None:
    assert str(calculate("FORECAST", [[[1], [2]], 4, 1, None, None, "Ensembel"]).cells[0][0]).endswith(
        "did you mean ensemble?"
    )


def test_a_number_beyond_all_bounds_is_told_the_bound() -> None:
    assert eoq(1e300, COST, HOLDING) == [["#INVOPT! demand is 1e+300; expected a number of at least 0 and below 1e+15"]]


def test_help_answers_to_a_name_in_words() -> None:
    assert calculate("HELP", ["safety stock"]).cells == calculate("HELP", ["SAFETY_STOCK"]).cells


def test_a_header_in_the_range_stays_empty() -> None:
    assert eoq([["demand"], [DEMAND], [DEMAND]], [["cost"], [COST], [COST]], HOLDING) == [[None], [200.0], [200.0]]


def test_rows_that_are_empty_in_all_ranges_stay_empty() -> None:
    assert eoq([[DEMAND], [None], [DEMAND], [""]], [[COST], [None], [COST], [None]], HOLDING) == [
        [200.0], [None], [200.0], [None],
    ]  # fmt: skip


def test_a_row_with_a_gap_names_it_and_leaves_the_others_alone() -> None:
    assert eoq([[DEMAND], [DEMAND]], [[COST], [None]], HOLDING) == [
        [200.0], ["#INVOPT! order cost is empty (row 2); expected a number above 0, such as 50"],
    ]  # fmt: skip


def test_one_bad_row_does_not_stop_the_others() -> None:
    cells = eoq([[DEMAND], ["many"], [-1]], COST, HOLDING)
    assert cells == [
        [200.0],
        ["#INVOPT! demand is many (row 2); expected a number of at least 0"],
        ["#INVOPT! demand is -1 (row 3); expected a number of at least 0"],
    ]


def test_columns_are_counted_in_a_row() -> None:
    assert "(column 2)" in eoq([[DEMAND, -1]], COST, HOLDING)[0][1]


def test_numbers_written_as_text_are_numbers() -> None:
    assert eoq([["1,200"], ["1200"], [" 1200 "]], "50", "3") == [[200.0]] * 3


def test_a_decimal_comma_is_read_where_the_range_leaves_no_doubt() -> None:
    assert eoq([["1200,0"], ["4.800,0"]], COST, HOLDING) == [[200.0], [400.0]]


def test_a_text_beside_a_history_is_a_mistake_and_no_header() -> None:
    histories = [[3.0, 5.0], [4.0, 6.0], [2.0, 7.0]] * 3
    (classes,) = calculate("ABC_XYZ", [[["dear", 400]], histories]).cells
    assert classes == ["#INVOPT! value is dear (column 1); expected a number", "AX"]
    table = [["Jan", "Feb", "Mar"], [3.0, 4.0, 2.0], [5.0, 6.0, 7.0]]
    below = calculate("ABC_XYZ", [[["value"], [100], [400]], table, *[None] * 4, "rows"]).cells
    assert [row[0] for row in below] == [None, "BZ", "AZ"]


def test_all_texts_of_a_range_of_items_are_read_the_same_way() -> None:
    items = [["5,5", "1,204"], ["6,5", "2,000"]]
    assert calculate("LOT_SIZES", [items, 0.5, 10]).cells == [[5.5, 1.204], [6.5, pytest.approx(2.0)]]


@pytest.mark.parametrize("error", sorted(ERRORS))
def test_error_values_are_handed_on(error: str) -> None:
    assert eoq(error, COST, HOLDING) == [[error]]
    assert eoq([[DEMAND], [error]], COST, HOLDING) == [[200.0], [error]]


@pytest.mark.parametrize("written", ["#n/a", " #N/A ", "#N/A"])
def test_an_error_value_that_comes_as_text_is_the_error(written: str) -> None:
    assert eoq(written, COST, HOLDING) == [["#N/A"]]
    assert eoq([["demand"], [written]], COST, HOLDING) == [[None], ["#N/A"]]
    assert eoq([[written], [DEMAND]], COST, HOLDING) == [["#N/A"], [200.0]]
    told = calculate("XYZ", [column([3.0, written, 4.0])]).cells[0][0]
    assert str(told).startswith(f"#INVOPT! demand is {written.strip()} (row 2); expected")


def test_a_refusal_of_another_function_is_handed_on_as_it_is() -> None:
    refused = eoq(-1, COST, HOLDING)[0][0]
    assert eoq(refused, COST, HOLDING) == [[refused]]


def test_ranges_of_different_sizes_are_refused_with_their_sizes() -> None:
    assert eoq([[1], [2], [3]], [[1], [2]], HOLDING) == [
        ["#INVOPT! ranges differ in size (demand 3 x 1, order cost 2 x 1); expected the same rows and columns"]
    ]


def test_a_missing_argument_is_named() -> None:
    assert eoq(DEMAND, COST) == [["#INVOPT! holding cost is missing; expected a number above 0"]]


def test_too_many_arguments_are_refused() -> None:
    assert eoq(1, 2, 3, 4, 5, 6) == [["#INVOPT! EOQ takes at most 5 arguments; 6 are given"]]


def test_an_unknown_function_is_told_with_the_nearest_name() -> None:
    assert calculate("INVOPT_EOC", []).cells == [["#INVOPT! there is no function EOC; did you mean EOQ?"]]


@pytest.mark.parametrize("name", ["eoq", "INVOPT_EOQ", "INVOPT.EOQ", " EOQ "])
def test_names_are_known_with_every_prefix(name: str) -> None:
    assert calculate(name, [DEMAND, COST, HOLDING]).cells == [[200.0]]


def test_a_range_too_large_is_refused_before_it_is_read() -> None:
    assert "at most 2,000,000" in str(eoq([[None] * 1001] * 2000, COST, HOLDING)[0][0])


def test_a_stumble_of_the_program_is_one_line_with_the_trace_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise RuntimeError("deep\ninside")

    monkeypatch.setattr("invopt_xl.sheet.calling.plain_answer", stumble)
    answer = calculate("EOQ", [DEMAND, COST, HOLDING])
    assert answer.cells == [
        ["#INVOPT! EOQ failed: the program stumbled (RuntimeError); INVOPT_LAST_ERROR() has the details"]
    ]
    assert "deep" in answer.trace


HISTORY = [float(3 + period % 4) for period in range(16)]


def column(values: list[Any]) -> list[list[Any]]:
    return [[value] for value in values]


def test_a_history_in_a_column_is_forecast_down_and_one_in_a_row_across() -> None:
    down = calculate("FORECAST", [column(HISTORY), 3]).cells
    across = calculate("FORECAST", [[HISTORY], 3]).cells
    assert [len(down), len(across)] == [3, 1]
    assert [row[0] for row in down] == across[0]


def test_several_columns_are_items_and_rows_are_where_it_is_said() -> None:
    other = [2.0 * units for units in HISTORY]
    columns = [list(pair) for pair in zip(HISTORY, other, strict=True)]
    in_columns = calculate("FORECAST", [columns, 2]).cells
    in_rows = calculate("FORECAST", [[HISTORY, other], 2, *[None] * 5, "rows"]).cells
    assert np.array(in_columns).T.tolist() == in_rows


def test_a_header_over_a_history_and_empty_rows_around_it_change_nothing() -> None:
    plain = calculate("FORECAST", [column(HISTORY), 2]).cells
    assert calculate("FORECAST", [column(["units", *HISTORY]), 2]).cells == plain
    assert calculate("FORECAST", [column([None, None, *HISTORY, None, ""]), 2]).cells == plain


def test_a_bad_period_names_its_row_and_the_other_items_are_forecast() -> None:
    columns = [["a", "b"], *([units, units] for units in HISTORY)]
    columns[5] = [4.0, "x"]
    cells = calculate("FORECAST", [columns, 2]).cells
    assert cells[0][1] == "#INVOPT! demand is x (row 6); expected a number of at least 0"
    assert cells[1][1] is None
    alone = calculate("FORECAST", [column([*HISTORY[:4], 4.0, *HISTORY[5:]]), 2]).cells
    assert [row[0] for row in cells] == [row[0] for row in alone]


def test_answers_survive_the_wire() -> None:
    answer = calculate("EOQ", [[[DEMAND], ["many"]], COST, HOLDING])
    assert json.loads(answer.to_json()) == {"cells": answer.cells, "faults": list(answer.faults)}
    assert "\n" not in answer.to_json()


def test_the_latest_error_is_told_with_its_arguments() -> None:
    fault = Fault("EOQ", "#INVOPT! demand is -1; expected more", "demand -1", "2026-01-31 14:05:59")
    run = Run(faults=lambda: (fault,))
    told = "EOQ at 2026-01-31 14:05:59: demand is -1; expected more. Given: demand -1."
    assert calculate("LAST_ERROR", [], run).cells == [[told]]
    assert calculate("LAST_ERROR", [fault.message], run).cells == [[told]]
    assert calculate("LAST_ERROR", ["#VALUE!"], run).cells == [[told]], "a true error value does not say which"
    assert calculate("LAST_ERROR", [5.0], run).refused
    assert calculate("LAST_ERROR", []).cells == [["no error so far"]]


def test_all_calls_that_showed_the_same_line_are_told() -> None:
    line = "#INVOPT! lead time is -1; expected a number from 0 to 1000"
    latest = Fault("REORDER_POINT", line, "80; 20; -1", "2026-01-31 14:06:00")
    before = Fault("SAFETY_STOCK", "#INVOPT! other", "2 x 1 cells; 20; -1", "2026-01-31 14:05:59", further=(line,))
    told = calculate("LAST_ERROR", [line], Run(faults=lambda: (latest, before))).cells[0][0]
    assert told == (
        "REORDER_POINT at 2026-01-31 14:06:00: lead time is -1; expected a number from 0 to 1000. "
        "Given: 80; 20; -1. The same line was shown by SAFETY_STOCK at 2026-01-31 14:05:59, given 2 x 1 cells; 20; -1."
    )


def test_a_line_that_ends_with_a_question_is_told_without_another_stop() -> None:
    fault = Fault("HELP", "#INVOPT! there is no function EOC; did you mean EOQ?", "EOC", "2026-01-31 14:05:59")
    told = calculate("LAST_ERROR", [], Run(faults=lambda: (fault,))).cells[0][0]
    assert "did you mean EOQ? Given: EOC." in str(told)


TEXTS = st.sampled_from(["", "A", "1,5", "95%", "#N/A", "auto", "x" * 50]) | st.text(max_size=5)
CELLS = st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers(-10, 400) | TEXTS
RANGES = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=4)
)
ARGUMENTS = st.lists(st.one_of(CELLS, RANGES), max_size=7)
CHEAP = [function for function in catalogue().values() if function.cost in ("cheap", "live")]


@pytest.mark.parametrize("function", CHEAP, ids=lambda function: function.name)
@given(arguments=ARGUMENTS)
def test_anything_in_cells_gives_values_or_one_line(function: Function, arguments: list[Any]) -> None:
    answer = calculate(function.name, arguments)
    assert not answer.trace
    assert answer.cells
    assert len({len(row) for row in answer.cells}) == 1
    for cell in (cell for row in answer.cells for cell in row):
        assert cell is None or isinstance(cell, bool | int | float | str)
        assert not (isinstance(cell, str) and cell.startswith(MARK) and "\n" in cell)
    json.loads(answer.to_json())


def test_reasons_are_laid_out_like_the_items() -> None:
    cells = calculate("EXPLAIN", ["EOQ", column([DEMAND, -1, DEMAND]), COST, HOLDING]).cells
    assert len(cells) == 3
    assert cells[1] == ["#INVOPT! demand is -1 (row 2); expected a number of at least 0"]
    assert "minimum order quantity 0" in cells[0][0]


@pytest.mark.parametrize("step", [1, 7, 14, 31, -7])
def test_dates_beside_demand_are_told_and_not_forecast(step: int) -> None:
    weeks = [[43101.0 + step * period, units] for period, units in enumerate(HISTORY)]
    table = [["week", "units"], *weeks, [None, None]]
    (dates, units), *_ = calculate("DEMAND_PATTERN", [table]).cells
    assert dates == "#INVOPT! demand has dates (column 1); expected a number of at least 0: leave them out"
    assert units == "smooth"
    assert calculate("LOT_SIZES", [table, 10, 1]).cells[0][0] == dates


@given(st.lists(st.floats(20_000, 80_000), min_size=4, max_size=30))
def test_large_demand_is_not_taken_for_dates(units: list[float]) -> None:
    uneven = [*units, units[-1] + 1000.0, units[-1]]
    assert calculate("XYZ", [column(uneven)]).cells[0][0] in "XYZ"
