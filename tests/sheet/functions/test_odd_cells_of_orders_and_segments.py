"""Whatever stands in the cells: a value or one line that begins with the mark, and the program never stumbles."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invopt_xl.sheet import Answer, calculate, catalogue
from invopt_xl.sheet.catalogue import Function
from invopt_xl.sheet.cells import ERRORS, MARK

LIGHT = [each for each in catalogue().values() if each.category in ("Orders", "Segments") and each.cost != "heavy"]

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 400),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, 1.0, 0.95, 12.0, 1e15, -1.0, 1e-300, 5e-324, 1e9, 1e300]),
    st.sampled_from(
        ["", " ", "x", "95%", "1,5", "rows", "units", "incremental", "silver-meal", "gamma", *sorted(ERRORS)]
    ),
    st.text(max_size=6),
)
good = st.one_of(st.floats(0.01, 1000.0), st.integers(1, 500), odd)
ranges = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(good, min_size=width, max_size=width), min_size=1, max_size=5)
)


def check(answer: Answer) -> None:
    assert answer.trace == ""
    assert {len(row) for row in answer.cells} == {len(answer.cells[0])}
    for row in answer.cells:
        for cell in row:
            assert cell is None or isinstance(cell, str | float | int | bool)
            if isinstance(cell, str) and MARK.strip() in cell:
                assert cell.startswith(MARK)
                assert "\n" not in cell
    assert answer.to_json()


@pytest.mark.parametrize("function", LIGHT, ids=lambda function: function.name)
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_anything_gives_values_or_one_line(function: Function, data: Any) -> None:
    most = len(function.arguments)
    arguments = data.draw(st.lists(st.one_of(good, ranges), max_size=most))
    check(calculate(function.name, arguments))


@pytest.mark.parametrize("function", LIGHT, ids=lambda function: function.name)
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_the_example_with_odd_cells_in_it_gives_values_or_one_line(function: Function, data: Any) -> None:
    arguments: list[Any] = [
        [list(row) for row in each] if isinstance(each, list) else each for each in function.example
    ]
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(arguments) - 1))
        if isinstance(arguments[place], list):
            row = data.draw(st.integers(0, len(arguments[place]) - 1))
            column = data.draw(st.integers(0, len(arguments[place][row]) - 1))
            arguments[place][row][column] = data.draw(good)
        else:
            arguments[place] = data.draw(good)
    check(calculate(function.name, arguments))
    check(calculate("EXPLAIN", [function.name, *arguments]))


names = st.sampled_from(["item", "date", "quantity", "unit_cost", "lead_time_days", "on_hand", "supplier", "name", "x"])


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(st.lists(st.one_of(names, good), min_size=3, max_size=3), min_size=1, max_size=4),
    st.lists(st.lists(st.one_of(names, good), min_size=3, max_size=3), min_size=1, max_size=4),
    st.one_of(st.none(), good, ranges),
)
def test_tables_that_are_none_give_one_line(items: Any, demand: Any, other: Any) -> None:
    check(calculate("ORDER_PLAN", [items, demand, other, other, 1]))


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_odd_cells_within_good_tables_are_told_and_the_rest_is_planned(data: Any) -> None:
    tables: list[Any] = [[list(row) for row in each] for each in catalogue()["ORDER_PLAN"].example[:4]]  # type: ignore[union-attr]
    for _ in range(data.draw(st.integers(1, 3))):
        table = data.draw(st.sampled_from(tables))
        row, column = data.draw(st.integers(1, len(table) - 1)), data.draw(st.integers(0, len(table[0]) - 1))
        table[row][column] = data.draw(odd)
    check(calculate("ORDER_PLAN", [*tables, 1]))
