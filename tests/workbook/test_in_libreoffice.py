"""A real spreadsheet program opens what was written and shows the right values."""

import csv
import shutil
import subprocess

import pandas as pd
import pytest
from excel_rules import problems
from rich_book import everything_book
from workbook_builders import orders_frame, plan_frame, rewrite_parts, rich_book

from invopt_xl.workbook import write_tables
from invopt_xl.workbook.template import Cover, build_plan_workbook
from invopt_xl.workbook.write_back import write_back

pytestmark = pytest.mark.office

ALL_SHEETS_AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    program = shutil.which("soffice") or shutil.which("libreoffice")
    assert program, "these tests need LibreOffice (soffice) on the path"
    profile = tmp_path_factory.mktemp("profile").as_uri()

    def convert(file, to, folder, *others):
        command = [program, f"-env:UserInstallation={profile}", "--headless", "--norestore", "--convert-to", to]
        for _ in range(2):
            # Exit code 81: the new profile was just made, start again.
            done = subprocess.run(
                [*command, "--outdir", folder, file, *others], capture_output=True, text=True, timeout=120
            )
            if done.returncode != 81:
                break
        assert done.returncode == 0, done.stderr
        return sorted(folder.iterdir())

    return convert


def sheets(office, book, folder, *others):
    """Cells as the office shows them, by sheet; with other books, by the book's name and sheet."""
    folder.mkdir()
    tables = {}
    for file in office(book, ALL_SHEETS_AS_CSV, folder, *others):
        with file.open(newline="", encoding="utf-8") as stream:
            tables[file.stem if others else file.stem.split("-")[-1]] = list(csv.reader(stream))
    return tables


def test_a_refreshed_workbook_opens_and_shows_the_new_values(office, tmp_path):
    book = rich_book(tmp_path / "rich.xlsx")
    for count in (7, 2, 3):
        items = [f"A{position}" for position in range(count, 0, -1)]
        write_tables(book, {"plan": plan_frame(items, why="=1+1 <ü>"), "orders": orders_frame(count + 2)})
    shown = sheets(office, book, tmp_path / "csv")
    plan = [row[1:10] for row in shown["Plan"][3:9]]
    assert plan[0] == [
        "item",
        "location",
        "order_quantity",
        "order_value",
        "why",
        "override_quantity",
        "note",
        "Checked",
        "Double",
    ]
    assert plan[1:4] == [
        ["A3", "MAIN", "24", "10.5", "=1+1 <ü>", "", "note 3", "ok 3", "48"],
        ["A2", "MAIN", "48", "21", "=1+1 <ü>", "7", "", "ok 2", "96"],
        ["A1", "MAIN", "72", "31.5", "=1+1 <ü>", "", "note 1", "ok 1", "144"],
    ]
    why = "Not in this plan; kept for the planner's override or note."
    assert plan[4] == ["A5", "MAIN", "", "", why, "", "note 5", "ok 5", "0"]
    assert plan[5] == [""] * 9
    orders = shown["Orders"]
    assert orders[1] == ["S0", "A0", "2018-01-01", "0", "=SUM(A1)"]
    assert orders[6][0] == "Total"
    assert orders[6][3] == "10"
    assert shown["Plan"][3][11:13] == ["Column1", "Column2"]


def test_a_refreshed_workbook_prints(office, tmp_path):
    book = rich_book(tmp_path / "rich.xlsx")
    write_tables(book, {"plan": plan_frame([f"A{i}" for i in range(30)])})
    (tmp_path / "pdf").mkdir()
    (printed,) = office(book, "pdf", tmp_path / "pdf")
    assert printed.read_bytes().startswith(b"%PDF-")
    assert printed.stat().st_size > 10_000


def test_a_workbook_libreoffice_saved_is_refreshed_again(office, tmp_path):
    book = rich_book(tmp_path / "book.xlsx")
    (tmp_path / "saved").mkdir()
    template = build_plan_workbook(tmp_path / "template.xlsx", {}, title="Plan", cover=Cover("To plan."))
    saved, saved_template = office(book, "xlsx:Calc MS Excel 2007 XML", tmp_path / "saved", template)
    sound = problems(saved_template)
    for count in (3, 1, 40):
        write_tables(saved_template, {"plan": plan_frame([f"A{i}" for i in range(count)])})
        assert problems(saved_template) == sound == []
    write_tables(saved, {"plan": plan_frame(["A2", "A9", "A1", "A4"]), "orders": orders_frame(1)})
    assert problems(saved) == []
    shown = sheets(office, saved, tmp_path / "csv")["Plan"]
    assert [row[1] for row in shown[4:11]] == ["A2", "A9", "A1", "A4", "A3", "A5", ""]
    assert [row[6:9] for row in shown[4:8]] == [
        ["7", "", "ok 2"],
        ["", "", ""],
        ["", "note 1", "ok 1"],
        ["", "", "ok 4"],
    ]
    assert [row[9] for row in shown[4:8]] == ["48", "96", "144", "192"]


def test_a_macro_workbook_opens_after_a_refresh(office, tmp_path):
    macros = rewrite_parts(
        rich_book(tmp_path / "rich.xlsx"), added={"xl/vbaProject.bin": b"kept"}, target=tmp_path / "rich.xlsm"
    )
    write_tables(macros, {"plan": plan_frame(["A1"])})
    assert sheets(office, macros, tmp_path / "csv")["Plan"][4][1:4] == ["A1", "MAIN", "24"]


def test_a_workbook_with_everything_shows_fresh_values_everywhere_after_one_refresh_and_after_many(office, tmp_path):
    few, many = everything_book(tmp_path / "few.xlsm"), tmp_path / "many.xlsm"
    write_tables(few, {"plan": plan_frame(["B0", "B1", "B2"]), "orders": orders_frame(3)})
    many.write_bytes(few.read_bytes())
    for count in range(50):
        write_tables(
            many, {"plan": plan_frame([f"B{i}" for i in range(8 - count % 3)]), "orders": orders_frame(count % 9)}
        )
    shown = sheets(office, few, tmp_path / "csv", many)
    for book, count in (("few", 3), ("many", 7)):
        total = sum(24 * position for position in range(1, count + 1))
        value = sum(10.5 * position for position in range(1, count + 1))
        dashboard = shown[f"{book}-Dashboard"]
        # The fifth calls a function that is not installed here: its value stays, since it mentions nothing written.
        assert [row[0] for row in dashboard[:5]] == [
            f"{total}",
            f"{2 * total}",
            "10",
            f"{value + 0.001:.0f} in all",
            "4",
        ]
        assert dashboard[0][2:4] == ["yes", "no"]


def test_a_table_on_a_new_sheet_opens_beside_all_others(office, tmp_path):
    book = rich_book(tmp_path / "rich.xlsx")
    rows = pd.DataFrame({"item": ["007", "=1+1"], "units": [1.5, None], "day": pd.Timestamp("2017-12-25")})
    write_back(book, "tblFirstLook", rows)
    shown = sheets(office, book, tmp_path / "csv")
    assert shown["First look"] == [
        ["item", "units", "day"],
        ["007", "1.5", "2017-12-25"],
        ["=1+1", "", "2017-12-25"],
    ]
    assert shown["Plan"][4][1] == "A1"
