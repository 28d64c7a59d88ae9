"""Workbooks of every program that writes them are refreshed alike."""

import re

import pytest
import python_calamine
from books_of_all_kinds import DOUBLE, HEADERS, KINDS, TOTAL, as_strict, like_excel, of_xlsxwriter
from excel_rules import problems
from workbook_builders import cell_texts, part, plan_frame

from invopt_xl.errors import FileError
from invopt_xl.workbook import check_target, diff_parts, read_tables, write_tables

PLAN, FREE = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def book(request, tmp_path):
    return request.param(tmp_path / "book.xlsx")


def test_each_kind_is_sound_and_reads_alike(book):
    assert problems(book) == []
    plan = read_tables(book)["plan"]
    assert plan.columns.tolist() == HEADERS
    assert plan["item"].tolist() == ["A1", "A2"]
    assert plan["note"].tolist() == [None, "call & ask <them>"]


@pytest.mark.parametrize("counts", [(5, 1, 3), (0, 2), (40,)], ids=str)
def test_each_kind_grows_and_shrinks_and_stays_sound(book, tmp_path, counts):
    first = tmp_path / "first.xlsx"
    first.write_bytes(book.read_bytes())
    for count in counts:
        items = [f"A{position}" for position in range(count, 0, -1)]
        write_tables(book, {"plan": plan_frame(items)})
        assert problems(book) == []
        assert set(diff_parts(first, book)) <= {PLAN, FREE, "xl/tables/table1.xml"}
        # The planner's row stays, planned or not.
        expected = items if "A2" in items else [*items, "A2"]
        plan = read_tables(book)["plan"]
        assert plan["item"].tolist() == expected
        assert plan["override_quantity"].tolist()[expected.index("A2")] == 5
        assert plan["note"].tolist()[expected.index("A2")] == "call & ask <them>"
        rows = python_calamine.CalamineWorkbook.from_path(str(book)).get_sheet_by_name("Plan").to_python()
        assert [row[0] for row in rows[1:]][: len(expected)] == expected
        cells = cell_texts(book, "Plan")
        assert [cells[f"H{row}"] for row in range(2, 2 + len(expected))] == [f"={DOUBLE}"] * len(expected)
        assert f"H{2 + len(expected)}" not in cells


def test_the_total_on_another_sheet_is_calculated_again(book):
    write_tables(book, {"plan": plan_frame(["A1"])})
    (cell,) = re.findall(r'<c r="A1"[^>]*>.*?</c>', part(book, FREE))
    assert "<v>" not in cell.replace("<v></v>", "").replace("<v/>", "")
    assert 'ca="1"' in cell
    assert TOTAL in cell


@pytest.mark.parametrize("kind", [like_excel, of_xlsxwriter], ids=lambda kind: kind.__name__)
def test_a_strict_workbook_is_refused_in_one_line_before_anything_is_written(tmp_path, kind):
    book = as_strict(kind(tmp_path / "book.xlsx"))
    before = book.read_bytes()
    for attempt in (check_target, read_tables, lambda path: write_tables(path, {"plan": plan_frame(["A1"])})):
        with pytest.raises(FileError) as caught:
            attempt(book)
        assert str(caught.value) == (
            "book.xlsx is a Strict Open XML workbook; save it as 'Excel Workbook (.xlsx)', not as Strict"
        )
    assert book.read_bytes() == before
    assert list(tmp_path.iterdir()) == [book]
