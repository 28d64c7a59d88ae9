"""Views in workbooks and folders: made where they are held, and what the planner writes beside them stays."""

from __future__ import annotations

import pandas as pd
import pytest
from openpyxl.worksheet.cell_range import CellRange
from small_tables import small_tables

from invopt_xl.errors import InputError
from invopt_xl.plan.columns import EXCESS, SEGMENTS
from invopt_xl.workbook import read_tables, refresh, write_folder, write_tables
from invopt_xl.workbook.refresh import plan_folder, refresh_workbook
from invopt_xl.workbook.sheets.builder import SheetBuilder
from invopt_xl.workbook.template import Cover, build_plan_workbook, save_book, sized_book


def few_tables():
    tables = small_tables(horizon_periods=4)
    names = ["steady", "dead"]
    return tables | {stem: tables[stem][tables[stem]["item"].isin(names)] for stem in ("items", "demand")}


def excess_rows(**values):
    frame = pd.DataFrame({"location": "MAIN", **values})
    return frame.reindex(columns=EXCESS.column_names)


@pytest.fixture
def review(tmp_path):
    """A workbook with nothing but the review of excess, refreshed once."""
    with sized_book({}) as (book, buffer):
        SheetBuilder(book, {}, "Review").output_sheet("Excess", EXCESS)
    save_book(tmp_path / "review.xlsx", buffer.getvalue())
    write_tables(tmp_path / "review.xlsx", {"excess": excess_rows(item=["tea", "cup", "pot"], excess_value=[3, 2, 1])})
    return tmp_path / "review.xlsx"


def decide(book, **decisions):
    """Type decisions as a planner would, through a table that is the workbook's own afterwards."""
    import openpyxl

    loaded = openpyxl.load_workbook(book)
    sheet = loaded["Excess"]
    column = EXCESS.column_names.index("decision") + 1
    for row in sheet.iter_rows(min_row=5):
        if row[0].value in decisions:
            sheet.cell(row[0].row, column, decisions[row[0].value])
    loaded.save(book)


def test_a_decision_follows_its_item_through_a_workbook(review):
    decide(review, tea="scrap", pot="keep")
    write_tables(review, {"excess": excess_rows(item=["cup", "tea"], excess_value=[9, 8])})
    rows = read_tables(review)["excess"].set_index("item")
    assert rows["decision"].to_dict() == {"cup": None, "tea": "scrap", "pot": "keep"}
    assert rows["excess_value"].to_dict() == {"cup": 9, "tea": 8, "pot": None}, "kept for its words"


def add_columns(book):
    """Add a column of words and a calculated one, as a planner would."""
    import openpyxl
    from openpyxl.worksheet.table import TableColumn

    loaded = openpyxl.load_workbook(book)
    sheet = loaded["Excess"]
    (table,) = sheet.tables.values()
    area = CellRange(table.ref)
    for number, name in enumerate(("Agreed with", "Double"), start=1):
        sheet.cell(area.min_row, area.max_col + number, name)
        table.tableColumns.append(TableColumn(id=area.max_col + number, name=name))
    for row in range(area.min_row + 1, area.max_row + 1):
        sheet.cell(row, area.max_col + 2, "=2*2")
        if sheet.cell(row, area.min_col).value == "tea":
            sheet.cell(row, area.max_col + 1, "Ann")
    area.expand(right=2)
    table.ref = table.autoFilter.ref = area.coord
    loaded.save(book)


def test_a_row_stays_for_what_was_typed_into_an_added_column(review):
    add_columns(review)
    for _ in range(2):
        write_tables(review, {"excess": excess_rows(item=["pot"], excess_value=[9])})
        rows = read_tables(review)["excess"]
        assert rows[["item", "Agreed with"]].values.tolist() == [["pot", None], ["tea", "Ann"]]


def test_a_refresh_makes_the_tables_that_the_workbook_holds(tmp_path, monkeypatch):
    asked = []

    def run(*_args, **options):
        asked.append(options["wanted"])
        raise InputError("enough")

    monkeypatch.setattr(refresh, "run", run)
    sheets, cover = ("Items", "Demand", "Plan"), Cover("To plan.")
    book = build_plan_workbook(tmp_path / "shop.xlsx", few_tables(), title="A shop", cover=cover, sheets=sheets)
    with pytest.raises(InputError, match="enough"):
        refresh_workbook(book)
    assert asked == [{"plan", "checks"}]


def test_a_folder_keeps_what_the_planner_decided_and_added(tmp_path):
    last = pd.DataFrame(
        {"Seen by": ["Ann", "Bo"], "item": ["dead", "gone"], "decision": ["mark down", None], "note": [None, "ask Cy"]}
    )
    write_folder(tmp_path / "tables", few_tables() | {"excess": last})
    for _ in range(2):
        result = plan_folder(tmp_path / "tables", tmp_path / "tables")
        read = read_tables(tmp_path / "tables")["excess"]
        assert read["item"].tolist() == ["dead", "gone"]
        assert read["decision"].tolist() == ["mark down", None]
        assert read["note"].tolist() == [None, "ask Cy"]
        assert read["Seen by"].tolist() == ["Ann", "Bo"]
    assert set(result.tables["previous"]["change"]) == {"none"}
    header = (tmp_path / "tables" / "segments.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert header == ",".join(SEGMENTS.column_names)
