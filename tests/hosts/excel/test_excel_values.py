"""What COM hands over, and what Excel takes."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from com_stand_in import MISSING
from hypothesis import given
from hypothesis import strategies as st
from xlwings.utils import datetime_to_xlserial

from invopt_xl.hosts.excel.values import ERROR_NAMES, LONGEST_TEXT, arguments_of, cell_of, rows_for_excel
from invopt_xl.sheet import calculate
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.cells import ERRORS, is_error

SERIES = Argument("demand", "History.", takes="series")
IN_STOCK = Argument("in_stock", "Whether it was.", takes="series", kind="flag", default=None)
EACH = Argument("demand", "Value.", takes="each")


def test_every_error_of_excel_has_a_name_that_functions_know() -> None:
    """`xlCVError` counts from 2000 (#NULL!); the codes stand in Microsoft's list of them."""
    published = {
        2000: "#NULL!", 2007: "#DIV/0!", 2015: "#VALUE!", 2023: "#REF!", 2029: "#NAME?", 2036: "#NUM!", 2042: "#N/A",
        2043: "#GETTING_DATA", 2045: "#SPILL!", 2046: "#CONNECT!", 2047: "#BLOCKED!", 2048: "#UNKNOWN!",
        2049: "#FIELD!", 2050: "#CALC!",
    }  # fmt: skip
    assert {code - -2146828288: name for code, name in ERROR_NAMES.items()} == published
    assert set(ERROR_NAMES.values()) <= ERRORS


def test_xlwings_names_its_errors_alike(udfs: Any) -> None:
    from xlwings._xlwindows import cell_errors

    assert cell_errors.items() <= ERROR_NAMES.items()


@given(st.integers(-2146828288, -2146826000))
def test_an_error_that_is_not_known_is_an_error_all_the_same(code: int) -> None:
    assert is_error(cell_of(code))


@given(st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(9999, 1, 1)))
def test_dates_are_the_serial_numbers_that_xlwings_counts(moment: dt.datetime) -> None:
    assert cell_of(moment.replace(tzinfo=dt.UTC)) == pytest.approx(datetime_to_xlserial(moment), abs=1e-6)


@pytest.mark.parametrize(
    ("value", "cell"),
    [(None, None), ("", None), (MISSING, None), (True, True), (1.5, 1.5), (7, 7), ("A", "A"), (Decimal("2.5"), 2.5)],
)
def test_a_scalar_is_what_it_is(value: Any, cell: Any) -> None:
    assert cell_of(value) == cell
    assert type(cell_of(value)) is type(cell)


def column(*cells: Any, rows: int) -> tuple[tuple[Any, ...], ...]:
    return tuple((cell,) for cell in cells) + ((None,),) * (rows - len(cells))


def test_whole_columns_end_where_one_of_them_has_its_last_cell() -> None:
    demand, in_stock = column(3.0, 4.0, None, 5.0, "", rows=2**20), column(True, False, rows=2**20)
    given_ = arguments_of([SERIES, IN_STOCK, EACH], [demand, in_stock, ((1.0,), (None,))])
    assert given_ == [[[3.0], [4.0], [None], [5.0]], [[True], [False], [None], [None]], [[1.0], [None]]]


def test_a_range_within_a_sheet_keeps_its_empty_cells_as_in_every_host() -> None:
    """A shorter one beside it would not fit."""
    given_ = arguments_of([SERIES, IN_STOCK], [column(*[3.0] * 12, rows=15), column(True, False, rows=15)])
    assert [len(rows) for rows in given_] == [15, 15]  # type: ignore[arg-type]
    assert not calculate("UNCONSTRAIN", given_).refused


def test_an_empty_whole_column_keeps_a_row() -> None:
    assert arguments_of([SERIES], [column(rows=2**20)]) == [[[None]]]


cells = st.none() | st.booleans() | st.floats() | st.integers(-(10**18), 10**18) | st.text(max_size=5)


@given(st.lists(st.lists(cells, min_size=1, max_size=3), min_size=1, max_size=3))
def test_what_excel_gets_is_what_it_can_show(rows: list[list[Any]]) -> None:
    for row in rows_for_excel(rows):
        assert all(isinstance(cell, float | bool | str) for cell in row)
        assert all(abs(cell) < float("inf") for cell in row if isinstance(cell, float))


def test_a_text_is_no_longer_than_a_cell_holds() -> None:
    assert rows_for_excel([["x" * 40_000]]) == [["x" * LONGEST_TEXT]]
    assert rows_for_excel([]) == [[""]]
