"""The short way of plain numbers gives what the long way gives."""

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.sheet import calculate, catalogue
from invopt_xl.sheet.catalogue import Function
from invopt_xl.sheet.plain import plain_answer

SHORT = [
    function
    for function in catalogue().values()
    if function.cost == "cheap"
    and function.result.shape in ("each", "record")
    and all(argument.takes in ("each", "one") for argument in function.arguments)
]

NUMBERS = st.none() | st.booleans() | st.sampled_from([0, 1, 0.5, 0.95, 2, 12, 50, 100.0, 1200]) | st.floats(-1e3, 1e6)


@pytest.mark.parametrize("function", SHORT, ids=lambda function: function.name)
@given(data=st.data())
def test_both_ways_give_the_same(function: Function, data: st.DataObject) -> None:
    arguments = data.draw(st.lists(NUMBERS, min_size=2, max_size=len(function.arguments) + 1))
    short = calculate(function.name, arguments)
    with patch("invopt_xl.sheet.calling.plain_answer", return_value=None):
        assert short == calculate(function.name, arguments)


def test_what_planners_ask_most_takes_the_short_way() -> None:
    for name in ("EOQ", "SAFETY_STOCK", "REORDER_POINT", "DAYS_OF_COVER", "TURNS"):
        numbers = [12.0] * sum(argument.required for argument in catalogue()[name].arguments)
        assert plain_answer(catalogue()[name], numbers) is not None, name
    assert len(SHORT) > 8
