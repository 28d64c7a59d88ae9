"""A workbook with everything in it is refreshed again and again; nothing that is not owned changes by a byte."""

import re
import zipfile

import pytest
import python_calamine
from excel_rules import problems
from hypothesis import given, settings
from hypothesis import strategies as st
from rich_book import MACROS, PARTS, PLAN, everything_book
from survival import FEATURES, REFRESH, ROUND_TRIP, survival_table, survivors_of
from workbook_builders import opened_by_openpyxl, orders_frame, part, plan_frame

from invopt_xl.workbook import diff_parts, write_tables

# Written: the two sheets with tables of ours and these; formulas over them on the dashboard; a name over all rows.
CHANGED = {
    PLAN,
    "xl/worksheets/sheet2.xml",
    "xl/worksheets/sheet4.xml",
    "xl/tables/table1.xml",
    "xl/tables/table3.xml",
    "xl/workbook.xml",
}
DROPPED = {"xl/calcChain.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"}


def frames(round_number):
    """Frames that grow, shrink and change, the items in another order each time."""
    count = (round_number * 7) % 23
    items = [f"A{(position * 7 + round_number) % 41}" for position in range(count)]
    return {"plan": plan_frame(items, why=f"round {round_number}"), "orders": orders_frame((round_number * 5) % 13)}


def test_fifty_refreshes_change_nothing_but_what_they_own(tmp_path):
    book = everything_book(tmp_path / "book.xlsm")
    first = tmp_path / "first.xlsm"
    first.write_bytes(book.read_bytes())
    sizes = set()
    for number in range(1, 51):
        write_tables(book, frames(number))
        assert set(diff_parts(first, book)) <= CHANGED | DROPPED
        assert problems(book) == []
        plan = python_calamine.CalamineWorkbook.from_path(str(book)).get_sheet_by_name("Plan")
        assert plan.to_python(skip_empty_area=False)[4][11] == "m0"
        opened = opened_by_openpyxl(book)["Plan"]
        assert opened["L5"].value == "m0"
        sizes.add(opened.tables["tblPlan"].ref)
    assert len(sizes) > 10
    with zipfile.ZipFile(book) as archive:
        assert archive.read("xl/vbaProject.bin") == MACROS
        for each in PARTS:
            assert each.name in DROPPED or archive.read(each.name) == each.content.encode()


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    return everything_book(tmp_path_factory.mktemp("untouched") / "book.xlsm")


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=3))
def test_whatever_sizes_the_tables_take_the_workbook_keeps_every_rule(untouched, tmp_path_factory, counts):
    book = tmp_path_factory.mktemp("any") / "book.xlsm"
    book.write_bytes(untouched.read_bytes())
    for count in counts:
        write_tables(book, {"plan": plan_frame([f"B{i}" for i in range(count)]), "orders": orders_frame(count % 35)})
        assert problems(book) == []


def test_formulas_that_do_not_read_the_tables_keep_their_values(tmp_path):
    book = everything_book(tmp_path / "book.xlsm")
    write_tables(book, frames(3))
    cells = dict(re.findall(r'<c r="([A-F]\d+)"[^>]*?>(.*?)</c>', part(book, "xl/worksheets/sheet4.xml")))
    assert cells["A1"] == '<f ca="1">SUM(tblPlan[order_quantity])</f>'
    assert cells["A2"] == '<f ca="1">A1*2</f>'
    assert cells["A3"] == "<f>SUM(tblMine[Column2])</f><v>10</v>"
    assert cells["A4"] == '<f ca="1">TEXT(total,"0")&amp;" in all"</f>'
    assert cells["A5"] == "<f>INVOPT_EOQ(A3,1)</f><v>4</v>"
    assert cells["A6"] == "<f>[1]Prices!A1</f><v>3</v>"


@pytest.fixture(scope="module")
def survivors(untouched, tmp_path_factory):
    return survival_table(untouched, survivors_of(untouched, tmp_path_factory.mktemp("survivors")))


def test_every_feature_survives_a_refresh_and_a_round_trip_through_an_object_model_loses_many(survivors):
    assert [row.name for row in survivors if row.after[REFRESH] != row.before] == []
    assert all(row.before for row in survivors)
    assert len(survivors) == len(FEATURES)
    lost = {row.name for row in survivors if row.after[ROUND_TRIP] < row.before}
    assert {"sparklines", "slicers", "threaded comments", "values of formulas that are up to date"} <= lost
