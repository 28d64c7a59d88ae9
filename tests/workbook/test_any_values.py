"""Whatever texts and numbers a frame holds, the workbook gives them back, and other libraries agree."""

import tempfile
from pathlib import Path

import pandas as pd
import python_calamine
from hypothesis import example, given, settings
from hypothesis import strategies as st
from workbook_builders import opened_by_openpyxl, rewrite_parts, table_book

from invopt_xl.errors import InvoptError
from invopt_xl.workbook import read_tables, write_tables
from invopt_xl.workbook.parts.markup import clean_text

TEXT = st.text() | st.sampled_from(
    ["=1+1", "_x0041_", "\r\n", "]]>", "&amp;", "\ud800", "\ufffe", "_x005F_x0041_", " ", "1e5"]
)
NUMBER = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)


def written(values):
    folder = tempfile.TemporaryDirectory()
    book = table_book(Path(folder.name) / "b.xlsx", [("L", (0, 0), "tblLog", ["refreshed_at", "note"], [])])
    write_tables(book, {"log": pd.DataFrame({"refreshed_at": "x", "note": pd.Series(values, dtype=object)})})
    return folder, book


@settings(max_examples=50, deadline=None)
@given(st.lists(TEXT | NUMBER | st.booleans() | st.none(), min_size=1, max_size=8))
def test_any_value_reads_back(values):
    expected = [clean_text(value) or None if isinstance(value, str) else value for value in values]
    folder, book = written(values)
    with folder:
        assert read_tables(book)["log"]["note"].tolist() == expected


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1, max_size=8))
def test_other_libraries_read_the_same_texts(texts):
    # Their own handling of Excel's escapes differs: it is compared elsewhere.
    texts = [text.replace("_x", "-") for text in texts]
    expected = [clean_text(text) for text in texts]
    folder, book = written(texts)
    with folder:
        opened = opened_by_openpyxl(book)
        assert [row[1].value or "" for row in opened["L"].iter_rows(min_row=2)] == expected
        rows = python_calamine.CalamineWorkbook.from_path(str(book)).get_sheet_by_name("L").to_python()
        assert [row[1] for row in rows[1:]] == expected


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8))
def test_other_libraries_read_the_same_numbers(numbers):
    folder, book = written(numbers)
    with folder:
        rows = python_calamine.CalamineWorkbook.from_path(str(book)).get_sheet_by_name("L").to_python()
        assert [row[1] for row in rows[1:]] == numbers


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 3000))
def test_no_damage_to_a_workbook_raises_anything_but_a_readable_error(garbage, position):
    with tempfile.TemporaryDirectory() as folder:
        book = table_book(Path(folder) / "b.xlsx", [("L", (0, 0), "tblLog", ["refreshed_at", "note"], [("a", 1)])])
        content = book.read_bytes()
        book.write_bytes(content[:position] + garbage + content[position + len(garbage) :])
        try:
            write_tables(book, {"log": pd.DataFrame({"refreshed_at": ["x"]})})
            read_tables(book)
        except InvoptError as error:
            message = str(error)
            if "\n" in message:
                raise AssertionError(message) from error


PARTS = [
    "xl/worksheets/sheet1.xml",
    "xl/tables/table1.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/worksheets/_rels/sheet1.xml.rels",
    "xl/styles.xml",
    "xl/sharedStrings.xml",
]
SWAPS = [b"", b"<", b'"', b"9", b"-1", b"A", b"/>", b":", b" ", b"s", b"\xff", b"</row>", b"99999999999999999999"]


@example("xl/styles.xml", 2329, 0, b"A")  # a number format that is not a number
@settings(max_examples=80, deadline=None)
@given(st.sampled_from(PARTS), st.integers(0, 4000), st.integers(0, 3), st.sampled_from(SWAPS))
def test_no_damage_inside_a_part_raises_anything_but_a_readable_error(name, position, length, swap):
    def damage(content):
        start = position % len(content)
        return content[:start] + swap + content[start + length :]

    with tempfile.TemporaryDirectory() as folder:
        book = table_book(Path(folder) / "b.xlsx", [("L", (0, 0), "tblLog", ["refreshed_at", "note"], [("a", 1)])])
        rewrite_parts(book, {name: damage})
        try:
            read_tables(book)
            write_tables(book, {"log": pd.DataFrame({"refreshed_at": ["x", "y"]})})
            read_tables(book)
        except InvoptError as error:
            message = str(error)
            if "\n" in message:
                raise AssertionError(message) from error
