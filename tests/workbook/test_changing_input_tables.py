"""Rows added to a table of the planner's, cells of it changed, rows taken out: all else stays byte for byte."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from excel_rules import problems
from rich_book import PLAN, everything_book
from workbook_builders import part

from invopt_xl.errors import InputError
from invopt_xl.workbook import diff_parts, read_tables, write_tables
from invopt_xl.workbook.patch.appending import TableChange

LISTED = ("xl/_rels/workbook.xml.rels", "[Content_Types].xml")
SHEET, TABLE = "xl/worksheets/sheet1.xml", "xl/tables/table1.xml"
HEADERS = ("item", "date", "quantity", "Twice", "Mine")
ROWS = ((22423, datetime(2018, 1, 1), 5), ("B7", datetime(2018, 1, 8), 6), (22386, datetime(2018, 1, 15), 7))


def demand_book(
    path: Path, rows: tuple[tuple[object, ...], ...] = ROWS, *, spare: int = 0, totals: bool = False
) -> Path:
    """Write a workbook whose tblDemand stands at B3, with a calculated column and one that is somebody's own."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Demand")
        day, bold = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"bold": True, "num_format": "0.0"})
        columns = [{"header": name} for name in HEADERS]
        columns[3]["formula"] = "=tblDemand[[#This Row],[quantity]]*2"
        if totals:
            columns[2] |= {"total_function": "sum"}
        last = 2 + max(len(rows), 1) + spare
        sheet.add_table(2, 1, last + totals, 5, {"name": "tblDemand", "columns": columns, "total_row": totals})
        for place, (item, date, units) in enumerate(rows, start=3):
            sheet.write(place, 1, item)
            sheet.write_datetime(place, 2, date, day)
            sheet.write_number(place, 3, units, bold)
            sheet.write(place, 5, f"seen {place}")
        sheet.conditional_format(3, 3, last, 3, {"type": "data_bar"})
        sheet.data_validation(3, 3, last, 3, {"validate": "decimal", "criteria": ">=", "value": 0})
        sheet.write("H4", "beside")
        sheet.write_formula("H5", "=SUM(tblDemand[quantity])", None, 18)
        sheet.write("B40", "far below")
        other = book.add_worksheet("Other")
        other.write_formula("A1", "=1+1", None, 2)
        other.add_table("C1:D2", {"name": "tblLog", "columns": [{"header": "refreshed_at"}, {"header": "note"}]})
        book.add_chart({"type": "line"}).add_series({"values": "=Demand!$D$4:$D$6"})
    return path


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return demand_book(tmp_path / "demand.xlsx")


def came(*units: float) -> pd.DataFrame:
    days = pd.date_range("2018-01-22", periods=len(units), freq="7D")
    return pd.DataFrame({"item": "22423", "date": days, "quantity": units})


def change(path: Path, **what: object) -> None:
    write_tables(path, {}, changes={"demand": TableChange(**what)})  # type: ignore[arg-type]


def rows_of(path: Path) -> list[list[object]]:
    return read_tables(path)["demand"][["item", "date", "quantity"]].values.tolist()


def test_rows_stand_below_the_last_one_as_those_above_do(book: Path) -> None:
    change(book, added=came(8, 9))
    assert rows_of(book)[3:] == [[22423, datetime(2018, 1, 22), 8], [22423, datetime(2018, 1, 29), 9]]
    sheet = openpyxl.load_workbook(book)["Demand"]
    assert sheet.tables["tblDemand"].ref == "B3:F8"
    assert [sheet.cell(8, column).number_format for column in (3, 4)] == ["yyyy-mm-dd", "0.0"]
    assert sheet["D8"].font.bold
    assert sheet["E8"].value == "=tblDemand[[#This Row],[quantity]]*2"
    assert sheet["F8"].value is None


def test_rules_over_all_rows_grow_along(book: Path) -> None:
    change(book, added=came(8, 9))
    markup = part(book, SHEET)
    assert '<conditionalFormatting sqref="D4:D8">' in markup
    assert 'sqref="D4:D8"' in re.search("<dataValidation .*?>", markup)[0]  # type: ignore[index]


def test_only_the_sheet_and_the_table_change_and_in_the_sheet_only_new_rows(book: Path, tmp_path: Path) -> None:
    before = tmp_path / "before.xlsx"
    before.write_bytes(book.read_bytes())
    change(book, added=came(8))
    assert set(diff_parts(before, book)) == {SHEET, TABLE}
    old, new = (without_results(part(path, SHEET)) for path in (before, book))
    assert re.sub('<row r="7".*?</row>', "", new).replace("D4:D7", "D4:D6") == old


def without_results(markup: str) -> str:
    """Return a sheet without the values of formulas: those that read the table are to be calculated again."""
    return re.sub(r'<f(?: ca="1")?>(.*?)</f>(?:<v>[^<]*</v>)?', r"<f>\1</f>", markup)


def test_spare_rows_of_the_table_are_filled_first(tmp_path: Path) -> None:
    book = demand_book(tmp_path / "spare.xlsx", spare=2)
    change(book, added=came(8, 9, 10))
    assert openpyxl.load_workbook(book)["Demand"].tables["tblDemand"].ref == "B3:F9"
    assert [row[2] for row in rows_of(book)] == [5, 6, 7, 8, 9, 10]


def test_an_empty_table_takes_its_first_rows(tmp_path: Path) -> None:
    book = demand_book(tmp_path / "empty.xlsx", ())
    change(book, added=came(8, 9))
    assert openpyxl.load_workbook(book)["Demand"].tables["tblDemand"].ref == "B3:F5"
    assert [row[2] for row in rows_of(book)] == [8, 9]


def test_a_row_of_totals_moves_down(tmp_path: Path) -> None:
    book = demand_book(tmp_path / "totals.xlsx", totals=True)
    change(book, added=came(8, 9))
    sheet = openpyxl.load_workbook(book)["Demand"]
    assert sheet.tables["tblDemand"].ref == "B3:F9"
    assert sheet["D9"].value == "=SUBTOTAL(109,[quantity])"
    assert sheet["D7"].value == 8


def test_a_value_stands_as_those_above_it_do(tmp_path: Path) -> None:
    path = tmp_path / "text.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.add_table("A1:C2", {"name": "tblDemand", "columns": [{"header": name} for name in HEADERS[:3]]})
        sheet.write_row("A2", ["0012", "2018-01-15", 3])
        sheet.add_table("F1:F2", {"name": "tblLog", "columns": [{"header": "note"}]})
    change(path, added=came(8))
    assert rows_of(path)[1] == ["22423", "2018-01-22", 8]


def test_a_cell_changes_its_value_and_keeps_its_format(book: Path) -> None:
    change(book, cells={(5, "quantity"): 60.0, (5, "date"): pd.Timestamp("2018-01-09")})
    sheet = openpyxl.load_workbook(book)["Demand"]
    assert (sheet["D5"].value, sheet["C5"].value) == (60, datetime(2018, 1, 9))
    assert (sheet["D5"].number_format, sheet["C5"].number_format) == ("0.0", "yyyy-mm-dd")
    assert sheet["F5"].value == "seen 4"


def test_a_formula_is_never_written_over(book: Path) -> None:
    before = book.read_bytes()
    message = (
        r"^tblDemand holds a formula at 'Demand'!E5 \(=tblDemand\[\[#This Row\],\[quantity\]\]\*2\); expected a value"
    )
    with pytest.raises(InputError, match=message):
        change(book, cells={(5, "Twice"): 1.0})
    assert book.read_bytes() == before


def test_a_table_never_grows_over_something(book: Path) -> None:
    before = book.read_bytes()
    with pytest.raises(InputError, match=r"^tblDemand would grow to row 46 over 'Demand'!B40, which holds far below"):
        change(book, added=came(*range(40)))
    assert book.read_bytes() == before


def test_a_column_that_is_not_there_is_named(book: Path) -> None:
    with pytest.raises(InputError, match=r"^tblDemand has no column in_stock for the rows to be added"):
        change(book, added=came(8).assign(in_stock=True))


def test_rows_taken_out_let_those_below_move_up_with_all_their_cells(book: Path) -> None:
    change(book, removed=frozenset({5}), added=came(8), cells={(6, "quantity"): 70.0})
    assert [row[2] for row in rows_of(book)] == [5, 70, 8]
    sheet = openpyxl.load_workbook(book)["Demand"]
    assert sheet.tables["tblDemand"].ref == "B3:F6"
    assert [sheet.cell(row, 6).value for row in (4, 5, 6)] == ["seen 3", "seen 5", None]
    assert sheet["E5"].value == "=tblDemand[[#This Row],[quantity]]*2"


def test_a_table_that_loses_its_last_row_keeps_a_blank_one(book: Path) -> None:
    change(book, removed=frozenset({4, 5, 6}))
    sheet = openpyxl.load_workbook(book)["Demand"]
    assert sheet.tables["tblDemand"].ref == "B3:F4"
    assert [sheet.cell(row, column).value for row in (4, 5, 6) for column in (2, 3, 4, 6)] == [None] * 12
    assert sheet["H4"].value == "beside"


def test_a_filter_stays_while_every_row_keeps_its_place(book: Path) -> None:
    from workbook_builders import rewrite_parts

    rewrite_parts(
        book,
        {
            TABLE: lambda content: re.sub(
                rb'<autoFilter ref="B3:F6"/>',
                b'<autoFilter ref="B3:F6"><filterColumn colId="2"><filters><filter val="5"/></filters></filterColumn>'
                b"</autoFilter>",
                content,
            )
        },
    )
    change(book, added=came(8))
    assert '<autoFilter ref="B3:F7"><filterColumn' in part(book, TABLE)
    change(book, removed=frozenset({4}))
    assert "filterColumn" not in part(book, TABLE)


def test_the_same_rows_added_in_two_steps_or_one_give_the_same_table(book: Path, tmp_path: Path) -> None:
    other = demand_book(tmp_path / "other.xlsx")
    change(book, added=came(8, 9))
    change(other, added=came(8))
    change(other, added=came(8, 9).tail(1))
    assert part(book, SHEET) == part(other, SHEET)
    assert part(book, TABLE) == part(other, TABLE)


def test_in_a_workbook_with_everything_in_it_nothing_else_changes_however_often(tmp_path: Path) -> None:
    book, first = everything_book(tmp_path / "book.xlsm"), tmp_path / "first.xlsm"
    first.write_bytes(book.read_bytes())
    ours = {PLAN, "xl/worksheets/sheet2.xml", "xl/tables/table1.xml", "xl/tables/table3.xml"}
    # Formulas that read the tables are to be calculated again, and a name over all rows grows along.
    along = {"xl/worksheets/sheet4.xml", "xl/workbook.xml", "xl/calcChain.xml", *LISTED}
    for count in range(1, 11):
        rows = pd.DataFrame({"item": [f"N{count}-{place}" for place in range(count % 4)]}, dtype=object)
        gone = frozenset({6}) if count % 3 == 0 else frozenset()
        cells = {(5, "order_quantity"): float(count)}
        changes = {
            "plan": TableChange(added=rows, cells=cells, removed=gone),
            "orders": TableChange(added=rows.head(1)),
        }
        write_tables(book, {}, changes=changes)
        assert set(diff_parts(first, book)) <= ours | along
        assert problems(book) == []
    assert openpyxl.load_workbook(book)["Plan"]["L5"].value == "m0", "what stands beside the table"
