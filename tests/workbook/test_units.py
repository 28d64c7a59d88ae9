"""Units above headers, against what the notes of the headers say."""

from __future__ import annotations

import re

import pytest

from invopt_xl.plan import columns
from invopt_xl.plan.columns import Column, Table
from invopt_xl.workbook.sheets.look import number_format
from invopt_xl.workbook.sheets.units import unit_of

NUMBERS = [
    (table, column)
    for table in (*columns.INPUTS, *columns.OUTPUTS)
    for column in table.columns
    if column.kind == "number" and column.help
]


@pytest.mark.parametrize(("table", "column"), NUMBERS, ids=[f"{table.stem}.{column.name}" for table, column in NUMBERS])
def test_a_unit_is_the_one_that_the_note_of_the_header_names(table: Table, column: Column) -> None:
    unit = unit_of(table.stem, column)
    told = re.search(r"\b(money|units|days)\b", column.help.split(";")[0].rpartition(", ")[2], re.IGNORECASE)
    if told and unit:
        assert unit.startswith(told[1].lower())
    assert ("%" in number_format(table.stem, column)) == unit.startswith("%")


def test_texts_and_days_of_the_calendar_have_no_unit() -> None:
    assert [unit_of("plan", Column("exception", "text")), unit_of("orders", Column("due_date", "date"))] == ["", ""]
