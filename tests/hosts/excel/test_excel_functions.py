"""Every function of the catalogue called the way Excel calls it: through xlwings' own `CallUDF`."""

import datetime as dt
import math
from typing import Any

import pytest
from com_stand_in import MISSING, CallUdf, Range
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invopt_xl.hosts.excel.binding import worksheet_name
from invopt_xl.sheet import calculate, catalogue
from invopt_xl.sheet.catalogue import Function

FUNCTIONS = list(catalogue().values())
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)


def as_com(given: Any) -> Any:
    """Return an argument of an example as Excel hands it over: numbers are floats, a range is an object."""
    if isinstance(given, list | tuple):
        return Range(tuple(tuple(as_com(cell) for cell in row) for row in given))
    if given is None:
        return MISSING
    return float(given) if isinstance(given, int) and not isinstance(given, bool) else given


def as_shown(cells: list[list[Any]]) -> Any:
    """Return rows of cells as `CallUDF` hands them to VBA."""
    rows = [
        ["" if c is None else float(c) if isinstance(c, int) and not isinstance(c, bool) else c for c in row]
        for row in cells
    ]
    if len(rows) > 1:
        return rows
    return rows[0] if len(rows[0]) > 1 else rows[0][0]


def example_arguments(function: Function) -> list[Any]:
    return [as_com(each) for each in function.example]


@each_function
def test_the_example_shows_what_is_calculated(function: Function, excel: CallUdf) -> None:
    if function.cost == "live":
        return
    shown = excel(worksheet_name(function), *example_arguments(function))
    assert shown == as_shown(calculate(function.name, function.example).cells)


@each_function
def test_trailing_arguments_may_be_omitted(function: Function, excel: CallUdf) -> None:
    fixed = [each for each in function.arguments if each.takes != "rest"]
    missing = [MISSING] * max(0, len(fixed) - len(function.example))
    shown = excel(worksheet_name(function), *example_arguments(function), *missing)
    if function.cost != "live":
        assert shown == as_shown(calculate(function.name, function.example).cells)


@each_function
def test_an_empty_cell_is_an_omitted_argument(function: Function, excel: CallUdf) -> None:
    empty = Range(((None,),))
    without: dict[int, object] = {}
    for place, argument in enumerate(function.arguments):
        if argument.required or argument.takes == "rest":
            continue
        arguments = example_arguments(function) + [MISSING] * (len(function.arguments) - len(function.example))
        with_empty, with_missing = [*arguments], [*arguments]
        with_empty[place], with_missing[place] = empty, MISSING
        name = worksheet_name(function)
        if function.cost != "live":
            given = min(place, len(function.example))  # those that the example leaves out are missing alike
            if given not in without:
                without[given] = excel(name, *with_missing)
            assert excel(name, *with_empty) == without[given], argument.name


@each_function
def test_a_range_of_errors_gives_one_line_or_values(function: Function, excel: CallUdf) -> None:
    """The first row of each range is kept: it may be a header."""
    errors = (-2146826246, -2146826281, -2146826243)
    arguments = [
        Range(tuple(r if i == 0 else (errors[i % 3], *r[1:]) for i, r in enumerate(tuple(map(tuple, each)))))
        if isinstance(each, list | tuple)
        else as_com(each)
        for each in function.example
    ]
    assert_shown(excel(worksheet_name(function), *arguments))


@each_function
def test_an_error_value_as_an_argument_is_handed_on(function: Function, excel: CallUdf) -> None:
    for place, argument in enumerate(function.arguments):
        if argument.takes in ("each", "one") and place < len(function.example):
            arguments = example_arguments(function)
            arguments[place] = -2146826281
            shown = excel(worksheet_name(function), *arguments)
            assert shown == "#DIV/0!", argument.name


def test_dates_are_serial_numbers(excel: CallUdf) -> None:
    """45,292 is New Year's Day of 2024 in a spreadsheet."""
    new_year = Range(((dt.datetime(2024, 1, 1, tzinfo=dt.UTC),),))
    assert excel("INVOPT_EOQ", new_year, 50.0, 3.0) == excel("INVOPT_EOQ", 45292.0, 50.0, 3.0)


def test_truth_values_count_as_one_and_nought(excel: CallUdf) -> None:
    assert excel("INVOPT_EOQ", Range(((True,), (1.0,))), 50.0, 3.0) == [[excel("INVOPT_EOQ", 1.0, 50.0, 3.0)]] * 2


def test_array_constants_are_ranges(excel: CallUdf) -> None:
    """A row such as {1200,4800} arrives without its row."""
    across = excel("INVOPT_EOQ", (1200.0, 4800.0), 50.0, 3.0)
    assert across == [200.0, 400.0]
    assert excel("INVOPT_EOQ", ((1200.0,), (4800.0,)), 50.0, 3.0) == [[200.0], [400.0]]


def test_an_empty_row_stays_empty(excel: CallUdf) -> None:
    assert excel("INVOPT_EOQ", Range(((1200.0,), (None,), (4800.0,))), 50.0, 3.0) == [[200.0], [""], [400.0]]


def test_a_refusal_is_one_line(excel: CallUdf) -> None:
    shown = excel("INVOPT_EOQ", 1200.0, 50.0, -3.0)
    assert shown == "#INVOPT! holding cost is -3; expected a number above 0"


def assert_shown(shown: Any) -> None:
    """Assert that Excel can show it: finite numbers, truth values and texts of one line, at least one of them."""
    rows = shown if isinstance(shown, list) else [shown]
    cells = [cell for row in rows for cell in (row if isinstance(row, list) else [row])]
    assert cells
    for cell in cells:
        assert isinstance(cell, float | bool | str)
        if isinstance(cell, float):
            assert math.isfinite(cell)
        if isinstance(cell, str):
            assert "\n" not in cell
            assert "Traceback" not in cell
            assert "failed: the program stumbled" not in cell


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.floats(0, 100),
    st.integers(-5, 60).map(float),
    st.text(max_size=6),
    st.sampled_from(["item", "date", "95%", "1,5", "normal", "#N/A"]),
    st.sampled_from([MISSING, -2146826246, -2146826281, -2146826243]),
    st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2100, 1, 1)),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
)


@st.composite
def ranges(draw: st.DrawFn) -> Any:
    height, width = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    rows = draw(st.lists(st.tuples(*[scalars] * width), min_size=height, max_size=height))
    return draw(st.sampled_from([Range, tuple]))(tuple(rows))


@each_function
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_anything_gives_a_value_or_one_line(function: Function, excel: CallUdf, data: st.DataObject) -> None:
    """Some arguments are those of the example, so that the others are looked at."""
    good = [st.just(each) for each in example_arguments(function)] + [st.just(MISSING)] * len(function.arguments)
    arguments = [data.draw(good[place] | scalars | ranges()) for place in range(len(function.arguments))]
    assert_shown(excel(worksheet_name(function), *arguments))
