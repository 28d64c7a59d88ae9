from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from invopt_xl.plan.columns import CellFault, Column
from invopt_xl.plan.quality.coercion import Reading, read

NUMBER = Column("quantity", "number")
SHARE = Column("holding_rate", "number", share=True)
DATE = Column("date", "date")
TEXT = Column("item", "text")
FLAG = Column("promotion", "flag")


def reading(column: Column, *cells: object) -> Reading:
    return read(pd.Series(list(cells), dtype=object), column)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (12, 12.0), (12.5, 12.5), ("12", 12.0), (" 12 ", 12.0), ("\u00a012", 12.0), ("-1.5e3", -1500.0), (".5", 0.5),
        ("1,234.5", 1234.5), ("1,234,567", 1234567.0), ("12,345", 12345.0), (np.int64(3), 3.0), (Decimal("1.25"), 1.25),
    ],
)  # fmt: skip
def test_numbers_are_read_however_they_are_written(cell, number):
    assert reading(NUMBER, cell).values.tolist() == [number]


@pytest.mark.parametrize(
    "cell",
    [
        "12%", "1,5", "1.234,5", "12,34", "1 234", "$5", "(5)", "1_000", "inf", "twelve", "0x10", "\u0661\u0662",
        True, date(2018, 1, 1), time(1), [], 10**400, -float("inf"), 1e15,
    ],
)  # fmt: skip
def test_what_is_not_a_number_is_not_guessed(cell):
    found = reading(NUMBER, cell)
    assert found.values.isna().all()
    assert sum(rows.sum() for rows in found.unreadable.values()) == 1


@pytest.mark.parametrize("cell", [None, float("nan"), "", "  ", "NaN", "n/a", "null", pd.NA, pd.NaT])
def test_what_holds_nothing_is_missing_rather_than_wrong(cell):
    found = reading(NUMBER, cell)
    assert found.missing.all()
    assert not found.unreadable


def test_a_comma_is_ambiguous_where_its_column_writes_decimals_with_it():
    found = reading(NUMBER, "1,234", "1,5", "1,234.5")
    assert found.values.isna().tolist() == [True, True, False]


def test_percentages_are_read_only_where_a_share_is_meant():
    assert reading(SHARE, "12%", "12.5 %").values.tolist() == [0.12, 0.125]


def test_numbers_stored_as_text_are_told_of_only_beside_real_numbers():
    assert list(reading(NUMBER, 1, "2").interpreted) == ["text read as a number"]
    assert not reading(NUMBER, "1", "2").interpreted


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2018-01-31", "2018-01-31"), ("2018-1-3", "2018-01-03"), ("2018/01/31", "2018-01-31"),
        ("2018.01.31", "2018-01-31"),
        ("2018-01-31T14:05", "2018-01-31T14:05:00"), ("2018-01-31 14:05:06Z", "2018-01-31T14:05:06"),
        ("2018-01-31T14:05:06+02:00", "2018-01-31T14:05:06"), (43131, "2018-01-31"), (43131.5, "2018-01-31T12:00:00"),
        ("43131", "2018-01-31"), (20180131, "2018-01-31"), ("20180131", "2018-01-31"),
        (date(2018, 1, 31), "2018-01-31T00:00:00"), (datetime(2018, 1, 31, 14, 5, tzinfo=UTC), "2018-01-31T14:05:00"),
        (pd.Timestamp("2018-01-31 14:05", tz="Asia/Tokyo"), "2018-01-31T14:05:00"),
    ],
)  # fmt: skip
def test_dates_are_read_however_they_are_written(cell, moment):
    assert reading(DATE, cell).values.tolist() == [pd.Timestamp(moment)]


@pytest.mark.parametrize(
    "cell", ["01/02/2018", "31.12.2017", "2018-W05", "soon", 0.2, -1, 1e9, 20181399, time(12), True]
)
def test_ambiguous_or_impossible_dates_are_not_guessed(cell):
    found = reading(DATE, cell)
    assert found.values.isna().all()
    assert found.unreadable


@pytest.mark.parametrize(
    ("cell", "text"),
    [(22423.0, "22423"), (22423, "22423"), (" 007 ", "007"), ("Ab", "Ab"), (12.5, "12.5"), (True, "TRUE"),
     (datetime(2018, 1, 31), "2018-01-31"), ("=A1", "=A1"), ("n/a", "n/a"), ("None", "None")],
)  # fmt: skip
def test_codes_are_the_same_text_however_a_source_stores_them(cell, text):
    assert reading(TEXT, cell).values.tolist() == [text]


@pytest.mark.parametrize(("cell", "flag"), [(1, 1), (0.0, 0), (True, 1), ("Yes", 1), ("FALSE", 0), ("n", 0), ("1", 1)])
def test_flags_are_read_however_they_are_written(cell, flag):
    assert reading(FLAG, cell).values.tolist() == [flag]


@pytest.mark.parametrize("cell", [2, "maybe", -1, date(2018, 1, 1)])
def test_what_is_neither_yes_nor_no_is_not_guessed(cell):
    assert list(reading(FLAG, cell).unreadable) == ["neither 1 nor 0; expected 1 or 0"]


@pytest.mark.parametrize("column", [NUMBER, DATE, TEXT, FLAG])
def test_an_error_cell_is_a_fault_in_every_column(column):
    found = reading(column, CellFault("#N/A"), "#N/A")
    assert found.values.isna().all()
    assert [rows.tolist() for rows in found.unreadable.values()] == [[True, True]]
