"""Cells as Calc hands them over and takes them back; anything in any argument of any function is answered."""

import json
import math
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invopt_xl.hosts.calc.addin.invopt_calc import cells
from invopt_xl.hosts.calc.addin.invopt_calc.desk import Desk
from invopt_xl.hosts.calc.addin.invopt_calc.opened import own_names
from invopt_xl.hosts.calc.extension import described
from invopt_xl.sheet import calculate, catalogue
from invopt_xl.sheet.cells import ERRORS

FUNCTIONS = {function.name: described(function) for function in catalogue().values()}

anything = st.one_of(
    st.just(""),
    st.floats(),
    st.sampled_from([cells.error_value(name) for name in cells.CODES]),
    st.sampled_from([0.0, 1.0, 2.0, 12.0, 0.95, 45000.0]),
    st.text(max_size=8),
    st.sampled_from(["95%", "1,5", "#N/A", "#INVOPT! season is 0", "fill", "rows"]),
)


@st.composite
def ranges(draw):
    width = draw(st.integers(1, 3))
    row = st.lists(anything, min_size=width, max_size=width).map(tuple)
    return tuple(draw(st.lists(row, min_size=1, max_size=6)))


arguments = st.one_of(st.none(), anything, ranges())


class Direct:
    """Answers as the function service does, in this process."""

    def call(self, name, given, wait=None):
        return json.loads(calculate(name, json.loads(json.dumps(given, allow_nan=False))).to_json())


class Impatient:
    def allowance(self):
        return 0.0

    def spent(self, seconds):
        pass


class Shown:
    def show(self, value):
        self.value = value


def shown_by(name, values):
    answer = Desk(Direct(), Impatient(), Shown, FUNCTIONS).answer(name, values)
    return answer.value if isinstance(answer, Shown) else answer


def fits_a_cell(value):
    if isinstance(value, float):
        return math.isfinite(value) or cells.error_name(value) in cells.CODES
    if not isinstance(value, str) or "\n" in value:
        return False
    return not value.startswith("#INVOPT!") or ("stumbled" not in value and "in the add-in" not in value)


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_anything_in_any_argument_is_answered_by_values_or_one_line(name, data):
    function = FUNCTIONS[name]
    values = [data.draw(arguments) for _ in function["zeros"]]
    if function["rest"]:
        values[-1] = tuple(data.draw(st.lists(arguments, max_size=4)))
    shown = shown_by(name, values)
    rows = shown if isinstance(shown, tuple) else ((shown,),)
    assert all(fits_a_cell(cell) for row in rows for cell in row)


@given(arguments)
def test_what_is_handed_on_can_be_written_as_json(value):
    json.dumps(cells.given_of(value), allow_nan=False)


@given(ranges())
def test_a_range_keeps_its_shape(rows):
    assert [len(row) for row in cells.given_of(rows)] == [len(row) for row in rows]


@given(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.text(min_size=1)))
def test_values_come_back_as_they_went(value):
    assert cells.shown_cell(cells.given_cell(value)) == value or value in cells.CODES


@pytest.mark.parametrize("name", cells.CODES)
def test_error_values_come_back_as_they_went(name):
    value = cells.error_value(name)
    assert math.isnan(value)
    assert cells.given_cell(value) == name
    assert struct.pack("<d", cells.shown_cell(name)) == struct.pack("<d", value)


@given(st.integers(0, 2**64 - 1))
def test_every_number_that_is_none_is_an_error_of_the_catalogue(bits):
    value = struct.unpack("<d", struct.pack("<Q", bits))[0]
    given_on = cells.given_cell(value)
    assert given_on == value or given_on in ERRORS


def test_an_empty_cell_is_nothing_where_zero_would_be_refused():
    found = cells.arguments_of((0.0, 0.0, "", ((0.0, ""),), 0.0), [True, False, False, True, True])
    assert found == (None, 0.0, None, ((0.0, None),))


def test_further_arguments_are_read_like_those_of_the_function_they_are_for():
    """Calc hands over an empty cell as zero; a lot size of zero would be refused."""
    assert FUNCTIONS["EOQ"]["zeros"] == [False, False, False, False, True]
    empty = shown_by("EXPLAIN", ("eoq", (1200.0, 50.0, 3.0, 0.0, 0.0)))
    assert empty == shown_by("EXPLAIN", ("EOQ", (1200.0, 50.0, 3.0, 0.0)))
    assert empty == shown_by("EXPLAIN", ("INVOPT_EOQ", (1200.0, 50.0, 3.0, 0.0, 0.0)))
    assert not empty.startswith("#INVOPT!")


@given(st.text(), st.sampled_from(["", "_xldudf_", "_xll."]), st.sampled_from(sorted(FUNCTIONS)))
def test_functions_get_their_own_names_and_nothing_else_changes(text, prefix, name):
    quiet = text.upper().replace("INVOPT", "").replace("_X", "")
    assert own_names(quiet) == quiet
    assert own_names(f"=1+{prefix}INVOPT_{name}(A1)") == f"=1+INVOPT.{name}(A1)"
