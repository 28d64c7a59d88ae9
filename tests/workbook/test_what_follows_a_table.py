"""What covers all rows of a table covers them after a refresh, however many there are."""

import re

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from workbook_builders import part, plan_frame, rewrite_parts

from invopt_xl.workbook import diff_parts, write_tables
from invopt_xl.workbook.parts.cells import Area
from invopt_xl.workbook.parts.defined_names import TableGrowth, resized_text

SHEET, WORKBOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
HEADERS = ["item", "location", "order_quantity", "order_value", "why", "trend"]


def plan_book(path, *, sheet="Plan", rows=3, sparklines=()):
    """A plan at B4 with rows of totals; its body is B5 to G(4 + rows)."""
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(sheet)
        data = [[f"A{i}", "MAIN", i, 2 * i, "why"] for i in range(rows)]
        columns = [{"header": header} for header in HEADERS]
        page.add_table(f"B4:G{4 + rows + 1}", {"name": "tblPlan", "columns": columns, "data": data, "total_row": True})
        for place, options in sparklines:
            page.add_sparkline(place, options)
        page.conditional_format(f"D5:D{4 + rows}", {"type": "data_bar", "data_bar_2010": True})
        page.conditional_format(f"E5:E{4 + rows}", {"type": "icon_set", "icon_style": "3_flags"})
    return path


def refreshed(book, count):
    write_tables(book, {"plan": plan_frame([f"A{i}" for i in range(count)])})
    return book


def sparklines(book):
    found = re.findall(
        "<x14:sparkline><xm:f>([^<]*)</xm:f><xm:sqref>([^<]*)</xm:sqref></x14:sparkline>", part(book, SHEET)
    )
    assert len({place for _, place in found}) == len(found)
    return {place: data for data, place in found}


@pytest.mark.parametrize("sheet", ["Plan", "R&D's plan"])
def test_each_row_has_its_sparkline_however_many_rows_there_are(tmp_path, sheet):
    written = sheet if sheet == "Plan" else "'R&D''s plan'"
    lines = [(f"G{row}", {"range": f"{written}!D{row}:E{row}", "type": "column"}) for row in (5, 6, 7)]
    book = plan_book(tmp_path / "b.xlsx", sheet=sheet, sparklines=lines)
    there = written.replace("&", "&amp;")
    assert set(sparklines(book)) == {"G5", "G6", "G7"}
    for count in (6, 1, 0, 4):
        assert sparklines(refreshed(book, count)) == {
            f"G{row}": f"{there}!D{row}:E{row}" for row in range(5, 5 + max(1, count))
        }


def test_a_group_of_sparklines_fills_every_row_that_lacks_one(tmp_path):
    book = plan_book(
        tmp_path / "b.xlsx", sparklines=[("G5", {"location": ["G5", "F6"], "range": ["D5:E5", "Plan!D6:E6"]})]
    )
    assert set(sparklines(refreshed(book, 3))) == {"G5", "G6", "G7", "F5", "F6", "F7"}
    assert part(book, SHEET).count("<x14:sparklineGroup ") == 1


def test_sparklines_that_draw_anything_but_their_own_row_stay(tmp_path):
    lines = [
        ("G5", {"range": "Plan!D5:D7"}),
        ("F5", {"range": "Plan!D6:E6"}),
        ("C5", {"range": "Other!D5:E5"}),
        ("J5", {"range": "Plan!D5:E5"}),
        ("G30", {"range": "Plan!D30:E30"}),
    ]
    book = plan_book(tmp_path / "b.xlsx", sparklines=lines)
    before = sparklines(book)
    assert sparklines(refreshed(book, 9)) == before
    assert len(before) == 5


def test_a_row_whose_cell_has_a_sparkline_already_gets_no_second_one(tmp_path):
    lines = [("G5", {"range": "Plan!D5:E5"}), ("G8", {"range": "Plan!A1:B2"})]
    book = plan_book(tmp_path / "b.xlsx", sparklines=lines)
    assert sparklines(refreshed(book, 4)) == {
        "G5": "Plan!D5:E5",
        "G6": "Plan!D6:E6",
        "G7": "Plan!D7:E7",
        "G8": "Plan!A1:B2",
    }


def test_formats_of_newer_excels_follow_the_table(tmp_path):
    book = refreshed(plan_book(tmp_path / "b.xlsx"), 7)
    markup = part(book, SHEET)
    assert "<xm:sqref>D5:D11</xm:sqref>" in markup
    assert '<conditionalFormatting sqref="E5:E11">' in markup
    assert "<xm:sqref>D5:D6</xm:sqref>" in part(refreshed(book, 2), SHEET)


NAMES = {
    "quantities": ("Plan!$D$5:$D$7", "Plan!$D$5:$D$10"),
    "with_header": ("Plan!$B$4:$G$7", "Plan!$B$4:$G$10"),
    "with_totals": ("Plan!$B$4:$G$8", "Plan!$B$4:$G$11"),
    "both": ("SUM(Plan!$D$5:$D$7,Other!$D$5:$D$7)", "SUM(Plan!$D$5:$D$10,Other!$D$5:$D$7)"),
    "some_rows": ("Plan!$D$5:$D$6", "Plan!$D$5:$D$6"),
    "wider": ("Plan!$A$5:$D$7", "Plan!$A$5:$D$7"),
    "first_cell": ("Plan!$B$5", "Plan!$B$5"),
    "columns": ("Plan!$B:$G", "Plan!$B:$G"),
}


def named(book, print_area="Plan!$A$1:$H$8"):
    markup = "".join(f'<definedName name="{name}">{text}</definedName>' for name, (text, _) in NAMES.items())
    markup += f'<definedName name="_xlnm.Print_Area" localSheetId="0">{print_area}</definedName>'
    markup = f"<definedNames>{markup}</definedNames><calcPr".encode()
    return rewrite_parts(book, {WORKBOOK: lambda content: content.replace(b"<calcPr", markup)})


def names_of(book):
    return dict(re.findall('<definedName name="([^"]*)"[^>]*>([^<]*)<', part(book, WORKBOOK)))


def test_names_and_print_areas_over_a_whole_table_follow_it_and_no_other_name_does(tmp_path):
    book = named(plan_book(tmp_path / "b.xlsx"))
    before = names_of(book)
    assert names_of(refreshed(book, 6)) == {name: after for name, (_, after) in NAMES.items()} | {
        "_xlnm.Print_Area": "Plan!$A$1:$H$11"
    }
    assert names_of(refreshed(book, 3)) == before


def test_the_workbooks_main_part_stays_byte_identical_where_no_name_has_to_change(tmp_path):
    book = named(plan_book(tmp_path / "b.xlsx"), print_area="Plan!$A$1:$H$60")
    same = tmp_path / "same.xlsx"
    write_tables(book, {"plan": plan_frame(["A0", "A1", "A2"])}, output=same)
    assert WORKBOOK not in diff_parts(book, same)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_names_come_back_to_what_they_were_when_the_table_does(lengths):
    text = "Plan!$D$5:$D$7,'Plan'!$B$4:$G$8"
    first, last = text, 7
    for end in [*(4 + length for length in lengths), 7]:
        growth = TableGrowth("plan", Area(5, 2, last, 7), Area(4, 2, last + 1, 7), end, end + 1)
        text = resized_text(text, [growth], prints=False)
        assert f"$D${end}," in text
        last = end
    assert text == first
