"""Rows typed below a table of inputs are its rows: read, told, and inside the table once the workbook is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from excel_rules import problems
from hypothesis import given, settings
from hypothesis import strategies as st
from small_tables import small_tables
from workbook_builders import rewrite_parts, table_book

from invopt_xl.cache import ContentCache
from invopt_xl.errors import InputError
from invopt_xl.hosts.cli.roll_show import told
from invopt_xl.plan import columns
from invopt_xl.plan.closing import ACTUALS
from invopt_xl.plan.quality import admit
from invopt_xl.workbook import diff_parts, read_tables, write_tables
from invopt_xl.workbook.below import Below, rows_read
from invopt_xl.workbook.kept_copies import undo
from invopt_xl.workbook.loose_table import read_loose
from invopt_xl.workbook.parts.book import Book, ExcelTable
from invopt_xl.workbook.parts.package import Package
from invopt_xl.workbook.refresh import refresh_workbook
from invopt_xl.workbook.rolling import Period, roll_workbook
from invopt_xl.workbook.template import Cover, build_plan_workbook

SHEETS = ("Items", "Demand", "Suppliers", "Open orders", "Parameters", "Plan", "Orders", "Accuracy", "Quality", "Log")
CUT = {"tblItems": 2, "tblDemand": 7, "tblSuppliers": 1, "tblParameters": 2}


def tables_of(path: Path) -> dict[str, ExcelTable]:
    with Package(path) as package:
        return {table.name: table for table in Book(package).tables}


def cut(path: Path, rows: Mapping[str, int], target: Path) -> Path:
    """Let tables end so many rows earlier; what stands in those rows stays."""
    changes = {}
    for name, count in rows.items():
        table = tables_of(path)[name]
        old, new = str(table.area), str(replace(table.area, last_row=table.area.last_row - count))
        changes[table.part] = lambda data, old=old, new=new: data.replace(old.encode(), new.encode())
    return rewrite_parts(path, changes, target=target)


def reasons(path: Path) -> list[str]:
    found = read_tables(path).get(columns.READING)
    return [] if found is None else found["reason"].tolist()


class Shops:
    """A shop's workbook, and the same one with tables that end before their last rows do; both refreshed."""

    def __init__(self, folder: Path) -> None:
        tables = small_tables(horizon_periods=4, solver_seconds=1)
        names = ["steady", "erratic", "rare"]
        tables |= {stem: tables[stem][tables[stem]["item"].isin(names)] for stem in ("items", "demand")}
        self.built = build_plan_workbook(folder / "whole.xlsx", tables, title="A", cover=Cover("B."), sheets=SHEETS)
        self.cut = cut(self.built, CUT, folder / "cut.xlsx")
        self.refreshed, self.mended = folder / "refreshed.xlsx", folder / "mended.xlsx"
        with ContentCache(folder / "cache") as cache:
            refresh_workbook(self.built, output=self.refreshed, cache=cache)
            self.mended.write_bytes(self.cut.read_bytes())
            self.result = refresh_workbook(self.mended, cache=cache, undoable=True)


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Shops:
    return Shops(tmp_path_factory.mktemp("shops"))


def test_a_workbook_with_rows_below_its_tables_gives_the_plan_of_the_whole_one(shops: Shops) -> None:
    whole, mended = read_tables(shops.refreshed), read_tables(shops.mended)
    assert whole.keys() == mended.keys()
    for stem in whole.keys() - {columns.LOG.stem}:
        pd.testing.assert_frame_equal(whole[stem], mended[stem])
    assert {name: table.area for name, table in tables_of(shops.refreshed).items() if name not in ("tblQuality",)} == {
        name: table.area for name, table in tables_of(shops.mended).items() if name not in ("tblQuality",)
    }


def test_the_sheets_and_tables_of_the_inputs_are_then_those_of_the_whole_one_byte_for_byte(shops: Shops) -> None:
    changed = set(diff_parts(shops.refreshed, shops.mended))
    inputs = [table for name, table in tables_of(shops.mended).items() if name in CUT]
    assert not changed & {part for table in inputs for part in (table.part, table.sheet_part)}
    assert not problems(shops.mended)


def test_the_quality_report_says_once_for_each_table_what_was_taken_in(shops: Shops) -> None:
    quality = shops.result.tables["quality"]
    found = quality[quality["reason"].str.contains("below the table")]
    assert found["table"].tolist() == ["tblItems", "tblDemand", "tblSuppliers", "tblParameters"]
    assert set(found["severity"]) == {"repaired"}
    end = tables_of(shops.built)["tblItems"].area.last_row
    assert found["reason"].iloc[0] == f"2 rows stood below the table (rows {end - 1}-{end})"
    assert found["action"].iloc[0] == "taken in; once written, inside the table"
    assert admit(read_tables(shops.cut)).quality.head(4)["reason"].tolist() == found["reason"].tolist()
    assert not reasons(shops.mended)


def test_undoing_the_refresh_leaves_the_rows_below_the_tables_again(shops: Shops, tmp_path: Path) -> None:
    before = shops.mended.read_bytes()
    undo(shops.mended)
    assert shops.mended.read_bytes() == shops.cut.read_bytes()
    shops.mended.write_bytes(before)


def test_a_roll_adds_demand_below_the_rows_taken_in_and_never_over_them(shops: Shops, tmp_path: Path) -> None:
    week = tmp_path / "week.csv"
    week.write_text("item,date,quantity\nsteady,2024-07-01,45\nrare,2024-07-01,14\n")
    rolled = [tmp_path / "whole.xlsx", tmp_path / "cut.xlsx"]
    for book, target in zip((shops.built, shops.cut), rolled, strict=True):
        done = roll_workbook(book, Period(week), refresh=False, output=target)
    assert next(line for line in told(done) if "below the table" in line).startswith("tblItems: 2 rows stood below the")
    assert not diff_parts(*rolled)
    assert read_tables(rolled[1])["demand"]["quantity"].tolist()[-2:] == [45, 14]


def weeks_book(path: Path, count: int, *, below: tuple[object, ...] = (), dressed: bool = True) -> Path:
    """Write a workbook of so many weeks of demand, with a calculated column, a rule, a filter, and a line below."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Demand")
        day, unit = (book.add_format({"num_format": text, "bg_color": "#FFF9DB"}) for text in ("yyyy-mm-dd", "0.0"))
        headers = [{"header": name} for name in ("item", "date", "quantity", "Twice")]
        headers[3]["formula"] = "=tblDemand[[#This Row],[quantity]]*2"
        sheet.add_table(3, 1, 3 + count, 4, {"name": "tblDemand", "columns": headers})
        for row in range(4, 4 + count):
            sheet.write(row, 1, "A")
            sheet.write_datetime(row, 2, datetime(2024, 1, row), day)
            sheet.write(row, 3, 10 * row, unit)
        sheet.conditional_format(4, 3, 3 + count, 3, {"type": "data_bar"})
        book.define_name("sold", f"=Demand!$D$5:$D${4 + count}")
        sheet.write_row(4 + count, 1, below)
        sums = book.add_worksheet("Sums")
        sums.write_formula("A1", "=SUM(tblDemand[quantity])", None, 18)
        sums.add_table("C1:D2", {"name": "tblLog", "columns": [{"header": "refreshed_at"}, {"header": "note"}]})
    return path


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weeks")
    for count in range(1, 8):
        weeks_book(folder / f"{count}.xlsx", count)
    return folder


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 7), st.data())
def test_however_many_rows_stand_below_nothing_but_the_table_ends_elsewhere(
    weeks: Path, count: int, data: st.DataObject
) -> None:
    whole, out = weeks / f"{count}.xlsx", weeks / "out.xlsx"
    below = data.draw(st.integers(0, count - 1))
    left = cut(whole, {"tblDemand": below}, weeks / "cut.xlsx")
    read = read_tables(left)
    pd.testing.assert_frame_equal(read["demand"], read_tables(whole)["demand"])
    write_tables(left, {}, output=out, read=rows_read(read))
    # The sum over all rows is to be calculated again.
    assert diff_parts(whole, out) == (["xl/worksheets/sheet2.xml"] if below else [])


def test_typed_cells_get_the_formats_the_formulas_and_the_rules_of_the_table(tmp_path: Path) -> None:
    book = weeks_book(tmp_path / "weeks.xlsx", 3, below=("A", 45446, 7))
    beside = b'<c r="G8"><f>E8+1</f><v>1</v></c><c r="H8"><f>D8+1</f><v>8</v></c>'

    def with_formulas_beside(data: bytes) -> bytes:
        return data.replace(b"<v>7</v></c>", b"<v>7</v></c>" + beside).replace(b'"B4:E8"', b'"B4:H8"')

    rewrite_parts(book, {"xl/worksheets/sheet1.xml": with_formulas_beside})
    write_tables(book, {}, read=rows_read(read_tables(book)))
    with Package(book) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
        names = package.read("xl/workbook.xml").decode()
    assert (
        '<c r="C8" s="1"><v>45446</v></c><c r="D8" s="2"><v>7</v></c><c r="E8"><f ca="1">tblDemand[[#This Row]' in sheet
    )
    assert 'sqref="D5:D8"' in sheet
    assert '<c r="G8"><f ca="1">E8+1</f></c>' in sheet, "it reads a formula that is new"
    assert sheet.count("ca=") == 2, "other formulas of one row keep their values"
    assert "Demand!$D$5:$D$8" in names
    assert read_tables(book)["demand"]["date"].tolist()[-1] == datetime(2024, 6, 3)
    assert not problems(book)


ITEM = ("tea", 2, 7, 10)
NOTE = ("ask Anna", None, None, None)
TOTAL = ("Total", None, None, 30)


def below_items(*rows: tuple[object, ...], numbers: tuple[int, ...] = (), **options: object) -> Below:
    names = ("Item", "unit_cost", "Lead time days", "on_hand")
    numbers = numbers or tuple(range(6, 6 + len(rows)))
    return Below(columns.ITEMS, names, 5, numbers, rows, lambda row, column: f"{'ABCD'[column]}{row}", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("below", "taken", "said"),
    [
        (below_items(ITEM), 1, "1 row stood below the table (row 6)"),
        (below_items(ITEM, (None, 2, 7, 5), ITEM), 3, "3 rows stood below the table (rows 6-8)"),
        (
            below_items(NOTE),
            0,
            "A6 stands directly below the table in a row without unit_cost, lead_time_days, on_hand",
        ),
        (below_items(TOTAL, NOTE), 0, "A6 stands directly below the table in a row without unit_cost, lead_time_days"),
        (below_items((None, None, 3, None)), 0, "C6 stands directly below the table in a row without item, unit_cost"),
        (below_items(ITEM, numbers=(9,)), 0, "A9 stands below the table, after an empty row"),
        (below_items(ITEM, ITEM, numbers=(9, 10)), 0, "A9 stands below the table, after an empty row (1 more row)"),
        (below_items(ITEM, totals=True), 0, "A6 stands below the table and its row of totals"),
        (replace(below_items(ITEM), contract=columns.PLAN), 0, "A6 stands below the table, which cannot grow over it"),
    ],
)
def test_rows_of_data_are_told_from_notes_and_totals(below: Below, taken: int, said: str) -> None:
    assert below.taken == taken
    (line,) = below.lines()
    assert str(line["reason"]).startswith(said)
    assert line["severity"] == ("repaired" if taken else "warning")


def test_a_note_below_rows_that_are_taken_in_is_told_beside_them() -> None:
    first, second = below_items(ITEM, NOTE).lines()
    assert (first["row"], second["row"], second["value"]) == (6, 7, "ask Anna")


def test_the_heading_of_the_next_table_is_no_row_and_no_note() -> None:
    assert not below_items(NOTE, numbers=(9,), next_table=10).lines()
    assert below_items(NOTE, numbers=(6,), next_table=7).lines(), "it stands directly below the table too"


def test_what_stands_below_tables_of_results_is_told_before_they_grow(tmp_path: Path) -> None:
    sheets = [
        ("Items", (0, 0), "tblItems", ("item", "unit_cost", "lead_time_days", "on_hand"), [ITEM]),
        ("Items", (4, 0), "tblSuppliers", ("supplier",), [("North",)]),
        ("Plan", (0, 0), "tblPlan", ("item", "location"), [("tea", "MAIN")]),
        ("Figures", (0, 0), "tblKpis", ("name", "value"), [("stock", 1)]),
        ("Figures", (0, 4), "tblWorst", ("item", "kind"), [("tea", "x")] * 5),
    ]
    book = table_book(tmp_path / "book.xlsx", sheets)
    assert not reasons(book)
    notes = {"sheet1": 'r="3"', "sheet2": 'r="9"', "sheet3": 'r="8"'}
    for sheet, row in notes.items():
        note = f'<row {row}><c r="B{row[3]}" t="inlineStr"><is><t>mine</t></is></c></row>'
        place = b'<row r="5"' if sheet == "sheet1" else b"</sheetData>"
        add = lambda data, place=place, note=note: data.replace(place, note.encode() + place, 1)  # noqa: E731
        rewrite_parts(book, {f"xl/worksheets/{sheet}.xml": add})
    assert reasons(book) == [
        "'Items'!B3 stands directly below the table in a row without item, lead_time_days, on_hand",
        "'Plan'!B9 stands below the table, which cannot grow over it",
        "'Figures'!B8 stands below the table, which cannot grow over it",
    ]


@pytest.mark.parametrize(("table", "sheet"), [("tblDemand", None), ("came", "Came")])
def test_of_actuals_no_row_below_their_table_is_left_out_in_silence(
    tmp_path: Path, table: str, sheet: str | None
) -> None:
    def actuals(*below: tuple[object, ...]) -> pd.DataFrame:
        day = datetime(2024, 7, 1)
        rows = [("tea", day, 3), *below, ("jar", day, 5)]
        book = table_book(tmp_path / "came.xlsx", [("Came", (0, 0), table, ["item", "date", "quantity"], rows)])
        cut(book, {table: 1 + len(below)}, tmp_path / "cut.xlsx")
        return read_loose(tmp_path / "cut.xlsx", ACTUALS, sheet)

    assert actuals()["item"].tolist() == ["tea", "jar"]
    with pytest.raises(InputError, match=r"^cut.xlsx: 'Came'!A4 stands below the table, after an empty row, not read"):
        actuals(())


def test_a_table_with_an_array_formula_takes_rows_in_without_copying_it(tmp_path: Path) -> None:
    book = weeks_book(tmp_path / "weeks.xlsx", 3, below=("A", 45446, 7))
    array = b'<c r="E6"><f t="array" ref="E6">SUM(D5:D6*1)</f>'
    plain = b'<c r="E6"><f>tblDemand[[#This Row],[quantity]]*2</f>'
    rewrite_parts(book, {"xl/worksheets/sheet1.xml": lambda data: data.replace(plain, array)})
    write_tables(book, {}, read=rows_read(read_tables(book)))
    assert str(tables_of(book)["tblDemand"].area) == "B4:E8"
    with Package(book) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
    assert array in sheet
    assert b'r="E8"' not in sheet


def test_a_merged_cell_among_rows_that_are_taken_in_is_refused_by_its_place(tmp_path: Path) -> None:
    book = weeks_book(tmp_path / "weeks.xlsx", 3, below=("A", 45446, 7))
    merge = b'<mergeCells count="1"><mergeCell ref="D8:E8"/></mergeCells>'
    rewrite_parts(
        book, {"xl/worksheets/sheet1.xml": lambda data: data.replace(b"</sheetData>", b"</sheetData>" + merge)}
    )
    with pytest.raises(InputError, match=r"tblDemand holds merged cells at 'Demand'!D8:E8; unmerge them"):
        read_tables(book)
