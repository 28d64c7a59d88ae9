"""Columns typed directly beside a table of results are its columns: read, told, and with their item once written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from excel_rules import problems
from hypothesis import given, settings
from hypothesis import strategies as st
from workbook_builders import cell_texts, part, plan_frame, rewrite_parts, table_book

from invopt_xl.plan import columns
from invopt_xl.workbook import diff_parts, read_tables, write_tables
from invopt_xl.workbook.parts.book import Book, ExcelTable
from invopt_xl.workbook.parts.package import Package

HEADERS = ["item", "location", "order_quantity", "override_quantity", "note"]


def table_of(path: Path, name: str = "tblPlan") -> ExcelTable:
    with Package(path) as package:
        return next(table for table in Book(package).tables if table.name == name)


def cut(path: Path, count: int, target: Path, name: str = "tblPlan") -> Path:
    """Let a table end so many columns earlier; what stands in those columns stays."""
    table = table_of(path, name)
    area = replace(table.area, last_column=table.area.last_column - count)
    left = len(table.columns) - count

    def shortened(data: bytes) -> bytes:
        data = data.replace(f'"{table.area}"'.encode(), f'"{area}"'.encode())
        data = re.sub(rb'<tableColumns count="\d+"', b'<tableColumns count="%d"' % left, data)
        return re.sub(rb"(?:<tableColumn [^>]*/>){%d}(?=</tableColumns>)" % count, b"", data)

    return rewrite_parts(path, {table.part: shortened}, target=target) if count else Path(path)


def lines_of(path: Path) -> pd.DataFrame:
    return read_tables(path).get(columns.READING, pd.DataFrame(columns=columns.QUALITY.column_names))


def plan_beside(path: Path, rows: Sequence[tuple[object, ...]], *beside: str) -> Path:
    """Write a plan with columns that stand beside its table."""
    whole = table_book(path, [("Plan", (3, 0), "tblPlan", [*HEADERS, *beside], rows)])
    return cut(whole, len(beside), path)


ROWS = [("A", "MAIN", 1, None, "first", "x"), ("B", "MAIN", 2, 5, None, "y"), ("C", "MAIN", 3, None, None, None)]


def test_a_column_beside_the_plan_follows_its_item_and_is_in_the_table_afterwards(tmp_path: Path) -> None:
    book = plan_beside(tmp_path / "plan.xlsx", ROWS, "my_class")
    assert str(table_of(book).area) == "A4:E7"
    write_tables(book, {"plan": plan_frame(["C", "new", "B", "A"])})
    plan = read_tables(book)["plan"]
    assert list(zip(plan["item"], plan["my_class"], strict=True)) == [
        ("C", None),
        ("new", None),
        ("B", "y"),
        ("A", "x"),
    ]
    table = table_of(book)
    assert str(table.area) == "A4:F8"
    assert table.columns[-1].name == "my_class"
    assert '<autoFilter ref="A4:F8"' in part(book, table.part)
    assert not problems(book)
    assert lines_of(book).empty, "it is in the table now"


def test_the_quality_report_says_once_what_was_taken_in(tmp_path: Path) -> None:
    (line,) = lines_of(plan_beside(tmp_path / "one.xlsx", ROWS, "my_class")).to_dict("records")
    assert (line["severity"], line["table"], line["column"]) == ("repaired", "tblPlan", "my_class")
    assert line["reason"] == "the column my_class stood beside the table (F4:F7)"
    assert line["action"] == "taken in as its column, and follows its item"
    rows = [(*row, 1) for row in ROWS]
    (line,) = lines_of(plan_beside(tmp_path / "two.xlsx", rows, "my_class", "pages")).to_dict("records")
    assert line["reason"] == "the columns my_class, pages stood beside the table (F4:G7)"


NAMES = ["my_class", "A & <b>", "Größe", "'x' \"y\"", "pages"]


@settings(deadline=None, max_examples=25)
@given(st.permutations(range(6)), st.integers(0, 6), st.integers(0, 3), st.data())
def test_in_the_table_or_beside_it_an_added_column_gives_the_same_workbook(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], planned: int, beside: int, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("same")
    names = data.draw(st.permutations(NAMES))[:3]
    value = st.sampled_from([None, "x", "", 7, "=2*3"])
    added = data.draw(st.lists(st.tuples(value, value, value), min_size=6, max_size=6))
    rows = [(f"I{place}", "MAIN", place, None, None, *own) for place, own in enumerate(added)]
    whole = table_book(folder / "whole.xlsx", [("Plan", (3, 0), "tblPlan", [*HEADERS, *names], rows)])
    left = cut(whole, beside, folder / "cut.xlsx")
    pd.testing.assert_frame_equal(read_tables(whole)["plan"], read_tables(left)["plan"])
    frame = plan_frame([f"I{place}" for place in order][:planned])
    outputs = [folder / "whole_out.xlsx", folder / "cut_out.xlsx"]
    for book, output in zip((whole, left), outputs, strict=True):
        write_tables(book, {"plan": frame}, output=output)
    assert diff_parts(*outputs) == []
    assert not problems(outputs[1])


@pytest.mark.parametrize(
    ("header", "where"),
    [(None, "F5"), (7, "F5"), ("Note", "F5"), ("=1+1", "F5"), ("x" * 256, "F5")],
    ids=["none", "a number", "that of another column", "a formula", "too long"],
)
def test_a_column_whose_header_heads_no_column_stays_and_is_told(tmp_path: Path, header: object, where: str) -> None:
    others = [("Plan", (3, 0), "tblPlan", HEADERS, [row[:5] for row in ROWS])]
    book = with_cells(table_book(tmp_path / "b.xlsx", others), {"F4": header, "F5": "x", "F6": "y"})
    (line,) = lines_of(book).to_dict("records")
    assert line["reason"] == f"'Plan'!{where} stands beside the table; its row may hold something else after a refresh"
    assert (line["severity"], line["row"], line["column"], line["value"]) == ("warning", 5, "F", "x")
    write_tables(book, {"plan": plan_frame(["C", "B", "A"])})
    assert str(table_of(book).area) == "A4:E7"
    assert cell_texts(book, "Plan")["F5"] == "x"


def test_a_column_that_cannot_move_with_its_rows_stays_and_hinders_nothing(tmp_path: Path) -> None:
    made = table_book(tmp_path / "b.xlsx", [("Plan", (3, 0), "tblPlan", HEADERS, [row[:5] for row in ROWS])])
    sheet = "xl/worksheets/sheet1.xml"
    array, plain = (f'<c r="F5"><f{kind}>ROW()</f><v>5</v></c>'.encode() for kind in (' t="array" ref="F5:F6"', ""))
    merge = b'</sheetData><mergeCells count="1"><mergeCell ref="F6:F7"/></mergeCells>'
    for name, cell, end in (("array", array, b"</sheetData>"), ("merge", plain, merge)):
        target = tmp_path / f"{name}.xlsx"
        target.write_bytes(with_cells(made, {}).read_bytes())
        with_cells(target, {"F4": "mine", "F7": "x"})

        def changed(data: bytes, cell: bytes = cell, end: bytes = end) -> bytes:
            data = re.sub(rb'(<row r="5".*?)(?=</row>)', lambda row: row[1] + cell, data, count=1)
            return data.replace(b"</sheetData>", end)

        rewrite_parts(target, {sheet: changed})
        (line,) = lines_of(target).to_dict("records")
        assert line["reason"].startswith("'Plan'!F7 stands beside the table")
        write_tables(target, {"plan": plan_frame(["C", "A"])})
        assert str(table_of(target).area) == "A4:E7", "B has an override and is kept"


def test_cells_after_a_gap_stay_and_the_first_is_told(tmp_path: Path) -> None:
    book = table_book(tmp_path / "b.xlsx", [("Plan", (3, 0), "tblPlan", HEADERS, [row[:5] for row in ROWS])])
    book = with_cells(book, {"F4": "mine", "H4": "far", "H6": "y", "H7": "z", "J5": "=1+1", "H20": "elsewhere"})
    taken_in, left = lines_of(book).to_dict("records")
    assert taken_in["reason"] == "the column mine stood beside the table (F4:F7)"
    assert left["reason"].startswith("'Plan'!H6 stands beside the table")
    assert "directly beside the table" in left["action"]


def test_beside_a_table_whose_rows_have_no_name_nothing_is_taken_in(tmp_path: Path) -> None:
    headers = ["severity", "table", "reason"]
    tables = [
        ("Plan", (3, 0), "tblPlan", HEADERS, [row[:5] for row in ROWS]),
        ("Quality", (3, 0), "tblQuality", headers, [("warning", "tblPlan", "x")]),
        ("Exceptions", (3, 0), "tblExceptions", ["item", "kind"], [("A", "late")]),
        ("Exceptions", (3, 2), "tblMine", ["any"], [("thing",)]),
        ("Log", (3, 0), "tblLog", ["refreshed_at", "note"], [("x", "y")]),
    ]
    book = table_book(tmp_path / "b.xlsx", tables)
    for sheet, cell in (("Quality", "D"), ("Log", "C")):
        book = with_cells(book, {f"{cell}4": "mine", f"{cell}5": "done"}, sheet)
    (line,) = lines_of(book).to_dict("records")
    assert line["reason"].startswith("'Quality'!D5 stands beside the table; its row may hold something else")
    assert line["action"] == "left where it is; move it to a sheet of its own"


def with_cells(path: Path, cells: dict[str, object], sheet: str = "Plan") -> Path:
    """Write cells at the end of rows of a sheet, or in rows of their own below."""

    def added(data: bytes) -> bytes:
        for address, value in cells.items():
            number = re.sub("[A-Z]", "", address).encode()
            cell = f'<c r="{address}" t="inlineStr"><is><t>{value}</t></is></c>'
            if isinstance(value, int):
                cell = f'<c r="{address}"><v>{value}</v></c>'
            elif isinstance(value, str) and value.startswith("="):
                cell = f'<c r="{address}" t="str"><f>{value[1:]}</f><v>2</v></c>'
            if value is None:
                continue
            row = re.compile(rb'(<row r="%s"[^>]*>.*?)(</row>)' % number, re.DOTALL)
            if row.search(data):
                data = row.sub(lambda match, cell=cell: match[1] + cell.encode() + match[2], data, count=1)
            else:
                new = b'<row r="%s">%s</row></sheetData>' % (number, cell.encode())
                data = data.replace(b"</sheetData>", new)
        return data

    with Package(path) as package:
        name = Book(package).sheets[sheet]
    return Path(rewrite_parts(path, {name: added}))


def test_a_header_of_two_lines_is_that_of_the_cell(tmp_path: Path) -> None:
    book = table_book(tmp_path / "b.xlsx", [("Plan", (3, 0), "tblPlan", HEADERS, [row[:5] for row in ROWS])])
    book = with_cells(book, {"F4": "two\nlines", "F5": "x"})
    write_tables(book, {"plan": plan_frame(["B", "A"])})
    assert table_of(book).columns[-1].name == "two\nlines"
    assert cell_texts(book, "Plan")["F6"] == "x"
    assert not problems(book)
