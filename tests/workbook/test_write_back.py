"""A table of an analysis goes into its workbook or folder: by key, by its name, or as a new sheet; all else stays."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from excel_rules import problems
from rich_book import everything_book
from workbook_builders import plan_frame, rewrite_parts, table_book

from invopt_xl.errors import FileError, InputError
from invopt_xl.plan.as_read import as_read
from invopt_xl.plan.columns import BY_STEM
from invopt_xl.plan.columns import EXCESS as EXCESS_TABLE
from invopt_xl.plan.columns import ITEMS as ITEMS_TABLE
from invopt_xl.plan.columns.looks import EXCESS_DECISIONS, FORECAST_TRUST
from invopt_xl.workbook import read_tables
from invopt_xl.workbook.folder import read_file
from invopt_xl.workbook.kept_copies import copies, undo
from invopt_xl.workbook.sheets.look import number_format
from invopt_xl.workbook.write_back import check_output, rows_held, write_back

LISTING = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}
ITEMS = ["item", "location", "unit_cost", "lead_time_days", "on_hand", "service_target"]
EXCESS = ["item", "location", "excess_quantity", "decision", "note", "mine"]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    items = [("tea", "MAIN", 2.0, 7, 5, 0.9), ("cup", "MAIN", 3.0, 7, 0, None), (22423, "MAIN", 1.0, 7, 1, None)]
    excess = [("tea", "MAIN", 4, None, None, "seen"), ("cup", "MAIN", 9, "sell", "soon", None)]
    return table_book(
        tmp_path / "plan.xlsx",
        [("Items", (2, 1), "tblItems", ITEMS, items), ("Excess", (0, 0), "tblExcess", EXCESS, excess)],
    )


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def segments(rows: int = 3) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item": [f"A{row}" for row in range(rows)],
            "units": [1.5 * row for row in range(rows)],
            "first sold": pd.Timestamp("2017-12-25"),
            "why": "=1+1 <ü>",
        }
    )


def test_a_new_table_stands_on_a_sheet_and_only_the_parts_that_list_sheets_or_formats_differ(
    tmp_path: Path,
) -> None:
    book = everything_book(tmp_path / "everything.xlsm")
    before = parts(book)
    said = write_back(book, "tblSegmentsNow", segments(), title="Segments: now")
    after = parts(book)
    assert {name for name in before if before[name] != after[name]} == LISTING
    assert after.keys() - before.keys() == {
        "xl/worksheets/sheet5.xml",
        "xl/worksheets/_rels/sheet5.xml.rels",
        "xl/tables/table4.xml",
    }
    assert problems(book) == []
    assert repr(said) == "everything.xlsm: 3 rows written as tblSegmentsNow on the new sheet Segments  now"


def test_openpyxl_reads_the_new_table_with_its_texts_numbers_and_days(book: Path) -> None:
    write_back(book, "tblSegmentsNow", segments(), title="Items")
    sheet = openpyxl.load_workbook(book)["Items 2"]
    assert sheet.tables["tblSegmentsNow"].ref == "A1:D4"
    assert [cell.value for cell in sheet[1]] == ["item", "units", "first sold", "why"]
    assert [cell.value for cell in sheet[3]][:2] == ["A1", 1.5]
    assert sheet["D3"].value == "=1+1 <ü>"
    assert sheet["D3"].data_type in ("s", "inlineStr"), "a text never becomes a formula"
    assert str(sheet["C3"].value)[:10] == "2017-12-25"


def test_a_new_table_without_rows_is_a_table_all_the_same(book: Path) -> None:
    write_back(book, "tblNone", segments(0))
    assert problems(book) == []
    assert openpyxl.load_workbook(book)["None"].tables["tblNone"].ref == "A1:D2"


def test_the_same_table_is_rewritten_next_month_and_what_stands_beside_its_rows_follows_them(book: Path) -> None:
    write_back(book, "tblSegmentsNow", segments())
    rewrite_parts(book)  # as any program would save it
    said = write_back(book, "tblSegmentsNow", segments(2).iloc[::-1])
    sheet = openpyxl.load_workbook(book)["Segments now"]
    assert [row[0].value for row in sheet["A1:A3"]] == ["item", "A1", "A0"]
    assert sheet.tables["tblSegmentsNow"].ref == "A1:D3"
    assert "2 rows written into tblSegmentsNow on Segments now" in said.said
    assert problems(book) == []


def test_a_remark_typed_beside_a_written_table_follows_its_row_and_what_stands_below_is_named_and_not_written_over(
    book: Path,
) -> None:
    write_back(book, "tblSegmentsNow", segments(2))
    loaded = openpyxl.load_workbook(book)
    sheet = loaded["Segments now"]
    sheet["E1"], sheet["E2"], sheet["A6"], sheet["C7"] = "remark", "ask Ann", "my note", 1
    loaded.save(book)
    write_back(book, "tblSegmentsNow", segments(2).iloc[::-1])
    assert problems(book) == []
    rows = openpyxl.load_workbook(book)["Segments now"]["A2:E3"]
    assert [(row[0].value, row[4].value) for row in rows] == [("A1", None), ("A0", "ask Ann")]
    before, kept = book.read_bytes(), len(copies(book))
    named = r"row 9 over 'Segments now'!A6, which holds my note, and 1 more cell, as far down as 'Segments now'!C7;"
    with pytest.raises(InputError, match=named):
        write_back(book, "tblSegmentsNow", segments(8))
    assert (book.read_bytes(), len(copies(book))) == (before, kept)


def test_a_column_the_old_table_lacks_is_refused_and_nothing_is_written(book: Path) -> None:
    write_back(book, "tblSegmentsNow", segments())
    before = book.read_bytes()
    with pytest.raises(InputError, match=r"tblSegmentsNow of plan\.xlsx has no column margin; add it"):
        write_back(book, "tblSegmentsNow", segments().assign(margin=1))
    with pytest.raises(InputError, match="the rows for tblExcess lack the column excess_quantity"):
        write_back(book, "tblExcess", pd.DataFrame({"item": ["tea"], "location": ["MAIN"]}))
    assert book.read_bytes() == before


@pytest.mark.parametrize("name", ["A1", "tbl One", "R1C1", "", "1st"])
def test_a_name_that_no_table_can_have_is_refused(book: Path, name: str) -> None:
    from invopt_xl.workbook.parts.book import Book
    from invopt_xl.workbook.parts.package import Package
    from invopt_xl.workbook.patch.new_sheet import new_sheet

    with Package(book) as package, pytest.raises(InputError, match="the name of a table"):
        new_sheet(Book(package), name, "Title", segments())


@pytest.mark.parametrize(
    ("title", "sheet"),
    [
        ("a\x01b\nc", "ab c"),
        ("History", "History 2"),
        (f"{'x' * 30}'s", "x" * 30),
        ("[*]", "Table"),
        ("Items", "Items 2"),
    ],
)
def test_any_title_makes_a_sheet_that_excel_opens(book: Path, title: str, sheet: str) -> None:
    write_back(book, "tblNew", segments().rename(columns={"why": "wh\x02y"}), title=title)
    written = openpyxl.load_workbook(book)
    assert written.sheetnames[-1] == sheet
    assert written[sheet].tables["tblNew"].column_names[-1] == "why"
    assert not problems(book)


@pytest.mark.parametrize("where", ["itself", "spelled otherwise", "another folder"])
def test_rows_of_a_folder_never_take_what_the_planner_wrote(folder: Path, where: str) -> None:
    rows = pd.DataFrame({"item": ["tea", "cup"], "location": "MAIN", "excess_quantity": [4.0, 2.0]})
    target = folder.with_name("other") if where == "another folder" else folder
    write_back(folder, "tblExcess", rows.assign(decision=["sell", None], mine=["seen", None]), output=target)
    output = {"itself": None, "spelled otherwise": folder / ".." / folder.name, "another folder": target}[where]
    said = write_back(folder, "tblExcess", rows.iloc[1:].assign(decision="keep", excess_quantity=5.0), output=output)
    name = "other: 1 row written to excess.csv, which was there already"
    assert said.said == (name if where == "another folder" else "tables: 1 row written to excess.csv")
    found = (
        read_tables(target)["excess"] if where != "another folder" else read_file(target / "excess.csv", EXCESS_TABLE)
    )
    assert found[["item", "excess_quantity", "decision", "mine"]].values.tolist() == [
        ["cup", "5.0", "keep", None],
        ["tea", None, "sell", "seen"],
    ]


@pytest.mark.parametrize("name", ["../out", "", "one two"])
def test_no_file_of_a_folder_has_a_name_that_no_table_can_have(folder: Path, name: str) -> None:
    before = sorted(folder.parent.rglob("*"))
    with pytest.raises(InputError, match="the name of a table is"):
        write_back(folder, name, segments())
    assert sorted(folder.parent.rglob("*")) == before


def test_a_header_longer_than_a_table_takes_is_refused(book: Path) -> None:
    with pytest.raises(InputError, match="is 256 long; expected at most 255 characters"):
        write_back(book, "tblLong", pd.DataFrame({"x" * 256: [1]}))


def test_two_headers_that_differ_in_case_alone_are_refused(book: Path) -> None:
    with pytest.raises(InputError, match="the header is Item twice"):
        write_back(book, "tblTwice", pd.DataFrame([[1, 2]], columns=["item", "Item"]))


def test_service_targets_are_filled_by_key_and_all_else_in_the_workbook_stays(book: Path) -> None:
    before = parts(book)
    targets = pd.DataFrame({"item": ["22423", "tea"], "service_target": [0.98, None]})
    said = write_back(book, "items", targets)
    assert read_tables(book)["items"]["service_target"].tolist() == [0.9, None, 0.98]
    assert (
        repr(said)
        == "plan.xlsx: service_target of 1 of 3 rows changed in tblItems; refresh it, so that the plan stands on them"
    )
    assert {name for name, content in parts(book).items() if before[name] != content} == {"xl/worksheets/sheet1.xml"}
    undo(book)
    assert parts(book) == before


def test_decisions_about_excess_are_filled_by_key(book: Path) -> None:
    write_back(book, "tblExcess", pd.DataFrame({"item": ["tea"], "location": ["MAIN"], "decision": ["return"]}))
    assert read_tables(book)["excess"][["decision", "note", "mine"]].values.tolist() == [
        ["return", None, "seen"],
        ["sell", "soon", None],
    ]


def test_a_table_of_results_gets_its_rows_and_the_planners_columns_follow_their_items(book: Path) -> None:
    frame = pd.DataFrame({"item": ["cup", "tea"], "location": "MAIN", "excess_quantity": [1.0, 2.0]})
    write_back(book, "excess", frame)
    found = read_tables(book)["excess"]
    assert found[["item", "excess_quantity", "decision", "mine"]].values.tolist() == [
        ["cup", 1, "sell", None],
        ["tea", 2, None, "seen"],
    ]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ({"item": ["jar"], "service_target": [0.9]}, "tblItems has no row of jar"),
        ({"item": ["tea"], "service_target": [95]}, "service_target of tea is 95; expected a number above 0 and at mo"),
        ({"item": ["tea"], "service_target": ["much"]}, "service_target of tea is much; expected a number"),
        ({"item": ["tea"], "colour": ["red"]}, "tblItems has no column colour to fill"),
        ({"item": ["tea"], "moq": [4]}, "tblItems lacks the column moq where it stands"),
        ({"service_target": [0.9]}, "the rows for tblItems lack the column item"),
        ({"item": ["tea"]}, "hold nothing but their key"),
        ({"item": ["tea", "tea"], "service_target": [0.8, 0.7]}, "two values of service_target for tea"),
    ],
)
def test_rows_that_a_table_of_inputs_cannot_take_are_refused_in_one_line(
    book: Path, frame: dict[str, list[object]], said: str
) -> None:
    before = book.read_bytes()
    with pytest.raises(InputError, match=said) as found:
        write_back(book, "tblItems", pd.DataFrame(frame))
    assert "\n" not in str(found.value)
    assert book.read_bytes() == before


@pytest.mark.parametrize("lock", ["~$plan.xlsx", ".~lock.plan.xlsx#"])
def test_an_open_workbook_is_refused_and_stays_as_it_is(book: Path, lock: str) -> None:
    before = book.read_bytes()
    (book.parent / lock).write_bytes(b"\x03Ann")
    for name, frame in (("tblNew", segments()), ("items", pd.DataFrame({"item": ["tea"], "service_target": [0.5]}))):
        with pytest.raises(FileError, match=r"is open in .* close it first"):
            write_back(book, name, frame)
    assert book.read_bytes() == before


def test_a_copy_is_written_and_the_workbook_stays(book: Path) -> None:
    before, copy = book.read_bytes(), book.with_name("copy.xlsx")
    assert write_back(book, "tblNew", segments(), output=copy).path == copy
    assert book.read_bytes() == before
    assert "New" in openpyxl.load_workbook(copy).sheetnames


def test_a_copy_that_is_there_gathers_tables_and_undo_takes_back_one_after_the_other(book: Path) -> None:
    copy = book.with_name("copy.xlsx")
    tea = {"item": ["tea"]}
    write_back(book, "items", pd.DataFrame(tea | {"service_target": [0.98]}), output=copy)
    first = copy.read_bytes()
    said = write_back(book, "tblNew", segments(), output=copy)
    assert said.said == "copy.xlsx, which was there already: 3 rows written as tblNew on the new sheet New"
    second = copy.read_bytes()
    said = write_back(book, "excess", pd.DataFrame(tea | {"location": ["MAIN"], "note": ["now"]}), output=copy)
    assert said.said == "copy.xlsx, which was there already: note of 1 of 2 rows changed in tblExcess"
    found = read_tables(copy)
    assert found["items"]["service_target"].tolist() == [0.98, None, None]
    assert found["excess"]["note"].tolist() == ["now", "soon"]
    assert "New" in openpyxl.load_workbook(copy).sheetnames
    for before in (second, first):
        undo(copy)
        assert copy.read_bytes() == before


def test_another_workbook_of_that_name_gets_the_table_and_keeps_all_it_holds(book: Path) -> None:
    report = book.with_name("report.xlsx")
    made = openpyxl.Workbook()
    made.active.title = "My year report"
    made.active["A1"] = "three days of work"
    made.save(report)
    check_output(book, report)
    for rows in (2, 3):
        said = write_back(book, "tblNew", segments(rows), output=report)
    assert said.said == "report.xlsx, which was there already: 3 rows written into tblNew on New"
    assert openpyxl.load_workbook(report)["My year report"]["A1"].value == "three days of work"
    before = report.read_bytes()
    with pytest.raises(InputError, match=r"^report\.xlsx holds no table tblItems; expected one to write into$"):
        write_back(book, "items", pd.DataFrame({"item": ["tea"], "service_target": [0.98]}), output=report)
    assert report.read_bytes() == before


def test_the_workbook_itself_named_as_the_copy_is_written_as_usual(book: Path) -> None:
    said = write_back(book, "tblNew", segments(), output=book.parent / ".." / book.parent.name / book.name)
    assert said.said == "plan.xlsx: 3 rows written as tblNew on the new sheet New"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "tables"
    made.mkdir()
    (made / "items.csv").write_text("item,unit_cost,lead_time_days,on_hand,service_target\n007,2,7,5,\ntea,2,7,5,0.9\n")
    (made / "demand.csv").write_text("item,date,quantity\n007,2017-12-25,4\n")
    return made


def test_a_folder_gets_a_file_of_the_table_and_its_inputs_are_filled_by_key(folder: Path) -> None:
    write_back(folder, "tblFirstLook", segments())
    assert (folder / "first_look.csv").read_text("utf-8-sig").splitlines()[1] == "A0,0.0,2017-12-25,'=1+1 <ü>"
    said = write_back(folder, "items", pd.DataFrame({"item": ["007"], "service_target": [0.98]}))
    assert read_tables(folder)["items"]["service_target"].tolist() == ["0.98", "0.9"]
    assert read_tables(folder)["items"]["item"].tolist() == ["007", "tea"], "codes keep their noughts"
    assert said.said == "tables: service_target of 1 of 2 rows changed in items.csv"
    undo(folder / "items.csv")
    assert read_tables(folder)["items"]["service_target"].tolist() == [None, "0.9"]


def test_a_workbook_that_counts_days_from_1904_or_has_no_format_of_days_gets_days_as_they_are(tmp_path: Path) -> None:
    book = table_book(tmp_path / "plan.xlsx", [("Plan", (0, 0), "tblPlan", ["item", "location", "why"], [])])
    write_back(book, "tblDays", pd.DataFrame({"day": [pd.Timestamp("2018-01-01"), pd.NaT]}))
    sheet = openpyxl.load_workbook(book)["Days"]
    assert sheet["A2"].value in ("2018-01-01", datetime(2018, 1, 1))
    assert sheet["A3"].value is None


def test_the_plan_frame_writes_as_a_refresh_does(tmp_path: Path) -> None:
    book = everything_book(tmp_path / "everything.xlsm")
    frame = plan_frame(["B0", "B1"])
    write_back(book, "plan", frame.drop(columns=["abc", "override_quantity", "note"]))
    assert problems(book) == []


def test_a_table_of_a_folder_goes_into_a_workbook_that_is_there(folder: Path, tmp_path: Path) -> None:
    items = [("tea", "MAIN", 2.0, 7, 5, 0.9), ("007", "MAIN", 3.0, 7, 0, None)]
    plan = ("Plan", (0, 0), "tblPlan", ["item", "location", "why"], [])
    book = table_book(tmp_path / "mine.xlsx", [("Items", (2, 1), "tblItems", ITEMS, items), plan])
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_back(folder, "items", pd.DataFrame({"item": ["007"], "service_target": [0.98]}), output=book)
    said = write_back(folder, "tblFirstLook", segments(), output=book).said
    assert said.startswith("mine.xlsx, which was there already: 3 rows")
    assert read_tables(book)["items"]["service_target"].tolist() == [0.9, 0.98]
    assert "First look" in openpyxl.load_workbook(book).sheetnames
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_a_new_sheet_has_bold_headers_long_texts_on_several_lines_and_what_is_for_typing_in_colour(
    book: Path, prefix: str
) -> None:
    if prefix:
        rewrite_parts(book, {"xl/styles.xml": with_prefix})
    before = parts(book)["xl/styles.xml"]
    why = "Return 12 to the supplier, which takes them back at 80% of cost, for they will not sell before they spoil."
    row = dict.fromkeys(EXCESS_DECISIONS.column_names) | {"item": "tea", "gain": 12.5, "why": why, "decision": "keep"}
    write_back(book, EXCESS_DECISIONS, pd.DataFrame([row, row | {"item": "cup", "why": "Keep."}]))
    assert problems(book) == []
    assert parts(book)["xl/styles.xml"].count(f"<{prefix}xf ".encode()) > before.count(f"<{prefix}xf ".encode())
    sheet = openpyxl.load_workbook(book)["Excess decisions"]
    at = {cell.value: cell.column for cell in sheet[2]}
    assert all(cell.font.bold for cell in sheet[2])
    assert not sheet.cell(3, at["item"]).font.bold
    assert sheet.cell(3, at["why"]).alignment.wrap_text
    assert sheet.row_dimensions[3].height > 2 * 14
    assert sheet.row_dimensions[4].height is None
    typed, other = sheet.cell(3, at["decision"]), sheet.cell(3, at["gain"])
    assert (typed.fill.fgColor.rgb, typed.font.color.rgb) == ("FFFFF9DB", "FF0000FF")
    assert other.fill.fill_type is None
    assert sheet.cell(4, at["decided_quantity"]).fill.fgColor.rgb == "FFFFF9DB", "an empty cell shows that it is yours"
    assert typed.font.name == other.font.name == sheet.cell(2, 1).font.name


@pytest.mark.parametrize("kind", ["book", "folder"])
def test_decisions_typed_into_the_sheet_of_proposals_are_kept_by_key_when_it_is_written_again(
    kind: str, request: pytest.FixtureRequest
) -> None:
    place: Path = request.getfixturevalue(kind)
    rows = pd.DataFrame({"item": ["tea", "cup", "007"], "location": "MAIN", "decision": ["keep", None, None]})
    rows = rows.reindex(columns=EXCESS_DECISIONS.column_names).assign(why="so")
    rows["decided_quantity"] = rows["decided_quantity"].astype(float)
    write_back(place, EXCESS_DECISIONS, rows)
    typed = pd.DataFrame({"item": ["cup", "007"], "decision": ["return", "scrap"], "decided_quantity": [7.0, 2.0]})
    if kind == "book":
        loaded = openpyxl.load_workbook(place)
        sheet = loaded["Excess decisions"]
        at = {cell.value: cell.column for cell in sheet[2]}
        for row, (_, decision, quantity) in enumerate(typed.itertuples(index=False), 4):
            sheet.cell(row, at["decision"]).value, sheet.cell(row, at["decided_quantity"]).value = decision, quantity
        loaded.save(place)
    else:
        held = read_file(place / "excess_decisions.csv", EXCESS_DECISIONS)
        held.loc[held.index[1:], ["decision", "decided_quantity"]] = typed.iloc[:, 1:].astype(str).to_numpy()
        held.to_csv(place / "excess_decisions.csv", index=False)
    jar = rows.iloc[:1].assign(item="jar", decision="promote")
    again = pd.concat([rows.iloc[[1, 0]].assign(decision=["keep", None]), jar])
    write_back(place, EXCESS_DECISIONS, again)
    found = written_decisions(place)
    assert found[["item", "decision"]].values.tolist() == [
        ["cup", "return"],
        ["tea", "keep"],
        ["jar", "promote"],
        ["007", "scrap"],
    ]
    assert found["decided_quantity"].astype(float).fillna(0).tolist() == [7, 0, 0, 2]
    assert found["why"].tolist() == ["so", "so", "so", "Not in this table any more; kept for what you wrote."]


def test_an_older_table_of_decisions_is_refused_until_it_has_the_new_headers_and_then_written_with_all_it_held(
    book: Path,
) -> None:
    new = ["excess_decision", "decided_about"]
    rows = pd.DataFrame({"item": ["tea", "cup"], "location": "MAIN", "decision": [None, "return"]})
    rows = rows.reindex(columns=EXCESS_DECISIONS.column_names)
    write_back(book, EXCESS_DECISIONS, rows.drop(columns=new))
    before = book.read_bytes()
    beside = r"has no columns excess_decision, decided_about; add them at its right, from 'Excess decisions'!P2 on, and"
    with pytest.raises(InputError, match=beside):
        write_back(book, EXCESS_DECISIONS, rows)
    assert book.read_bytes() == before
    loaded = openpyxl.load_workbook(book)
    loaded["Excess decisions"]["P2"].value, loaded["Excess decisions"]["Q2"].value = new
    loaded.save(book)
    write_back(book, EXCESS_DECISIONS, rows.iloc[::-1].assign(decided_about=["return", None], decision=None))
    assert problems(book) == []
    found = written_decisions(book)
    assert found[["item", "decision", "decided_about"]].iloc[0].tolist() == ["cup", "return", "return"]
    assert found["decision"].isna().tolist() == [False, True]


@pytest.mark.parametrize("kind", ["book", "folder"])
def test_a_table_is_read_from_where_it_is_to_be_written(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    place: Path = request.getfixturevalue(kind)
    rows = pd.DataFrame({"item": ["tea"], "location": "MAIN", "decision": ["keep"]})
    assert rows_held(place, EXCESS_DECISIONS).empty
    write_back(place, EXCESS_DECISIONS, rows.reindex(columns=EXCESS_DECISIONS.column_names))
    assert rows_held(place, EXCESS_DECISIONS, tmp_path / "new")["decision"].tolist() == ["keep"]
    other = tmp_path / "other"
    other.mkdir()
    assert rows_held(place, EXCESS_DECISIONS, other).empty


def with_prefix(data: bytes) -> bytes:
    return re.sub(rb"<(/?)(?=\w)", rb"<\1x:", data).replace(b" xmlns=", b" xmlns:x=", 1)


def written_decisions(place: Path) -> pd.DataFrame:
    if place.is_dir():
        return read_file(place / "excess_decisions.csv", EXCESS_DECISIONS)
    return pd.read_excel(place, sheet_name="Excess decisions", header=1, dtype={"item": str})


def test_cells_of_a_table_of_another_folder_are_filled_where_they_stand(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    targets = pd.DataFrame({"item": ["007"], "service_target": [0.98]})
    write_back(folder, "items", targets, output=other)
    said = write_back(folder, "items", targets.assign(item="tea", service_target=0.5), output=other)
    assert said.said == "other: service_target of 1 of 2 rows changed in items.csv, which was there already"
    assert read_file(other / "items.csv", ITEMS_TABLE)["service_target"].tolist() == ["0.98", "0.5"]
    assert read_tables(folder)["items"]["service_target"].tolist() == [None, "0.9"]


def test_a_workbook_that_is_not_there_takes_no_table_of_a_folder(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"there is no workbook mine\.xlsx; a table of a folder goes into one that is"):
        write_back(folder, "tblFirstLook", segments(), output=tmp_path / "mine.xlsx")


def test_results_written_beside_a_plan_of_other_inputs_say_so(tmp_path: Path) -> None:
    items = [("tea", "MAIN", 2.0, 7, 5, 0.9)]
    sheets = [
        ("Items", (2, 1), "tblItems", ITEMS, items),
        ("Excess", (0, 0), "tblExcess", EXCESS, [("tea", "MAIN", 4, None, None, None)]),
    ]
    read = read_tables(table_book(tmp_path / "before.xlsx", sheets))
    told = as_read(read, date(2018, 1, 1))["items_read"]
    log = ("Log", (0, 0), "tblLog", ["refreshed_at", "plan_date", "items_read"], [("now", "2018-01-01", told)])
    book = table_book(tmp_path / "plan.xlsx", [*sheets, log])
    frame = pd.DataFrame({"item": ["tea"], "location": "MAIN", "excess_quantity": [1.0]})
    assert write_back(book, "excess", frame).said == "plan.xlsx: 1 row written into tblExcess on Excess"
    write_back(book, "items", pd.DataFrame({"item": ["tea"], "service_target": [0.98]}))
    said = write_back(book, "excess", frame).said
    assert said.startswith(
        "plan.xlsx: 1 row written into tblExcess on Excess; tblItems changed since its last refresh:"
    )


def test_a_declared_table_on_a_new_sheet_has_formats_units_and_a_page_as_wide_as_the_paper(book: Path) -> None:
    row = dict.fromkeys(FORECAST_TRUST.column_names, "tea") | {
        "windows": 3,
        "error_share": 0.0286,
        "bias_share": -0.1,
        "inside_share": 0.8,
        "error_cost": 254.123,
        "simple_cost": 1.5,
    }
    write_back(book, FORECAST_TRUST, pd.DataFrame([row]))
    assert problems(book) == []
    sheet = openpyxl.load_workbook(book)["Forecast trust"]
    headers = [cell.value for cell in sheet[2]]
    assert headers == FORECAST_TRUST.column_names
    seen = {name: (sheet.cell(1, at).value, sheet.cell(3, at).number_format) for at, name in enumerate(headers, 1)}
    assert seen["error_share"] == ("%", "0.0%"), "as shares look on the sheets of a plan"
    assert seen["error_cost"] == ("money a year", "#,##0")
    assert seen["windows"] == (None, "#,##0")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    write_back(book, FORECAST_TRUST, pd.DataFrame([row, row | {"item": "cup"}]))
    again = openpyxl.load_workbook(book)["Forecast trust"]
    assert again.tables["tblForecastTrust"].ref.startswith("A2:")
    assert again.cell(4, headers.index("error_share") + 1).number_format == "0.0%"
    assert problems(book) == []


@pytest.mark.parametrize("own", [None, "dd.mm.yyyy"])
@pytest.mark.parametrize("prefix", ["", "x:"])
def test_a_table_of_a_plan_looks_in_any_workbook_as_it_does_in_a_plan(
    tmp_path: Path, own: str | None, prefix: str
) -> None:
    book = tmp_path / "mine.xlsx"
    with xlsxwriter.Workbook(book) as made:
        made.add_worksheet("Notes").write(0, 0, 5, made.add_format({"num_format": own} if own else {}))
    if prefix:
        rewrite_parts(book, {"xl/styles.xml": with_prefix})
    row = {"supplier": "North", "order_date": pd.Timestamp("2018-01-01"), "quantity": 12.5, "value": 1234.5}
    row |= {"discount_rate": 0.125}
    write_back(book, "tblOrders", pd.DataFrame([row]))
    assert problems(book) == []
    loaded = openpyxl.load_workbook(book)
    sheet = loaded.worksheets[1]
    cells = {head.value: cell for head, cell in zip(sheet[2], sheet[3], strict=True)}
    assert {name: cell.number_format for name, cell in cells.items() if name != "supplier"} == {
        name: number_format("orders", BY_STEM["orders"].column(name)) for name in row if name != "supplier"
    }
    assert cells["order_date"].value == datetime(2018, 1, 1)
    assert loaded["Notes"]["A1"].number_format == (own or "General"), "what was there looks as it did"
