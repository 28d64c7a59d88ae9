"""Every bad input, through the whole refresh: named in one line or one row, and the rest is planned."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from small_tables import ITEMS, small_tables

from invopt_xl.errors import InvoptError
from invopt_xl.plan.pipeline import PlanResult
from invopt_xl.workbook import read_tables
from invopt_xl.workbook.refresh import plan_folder, refresh_workbook
from invopt_xl.workbook.template import Cover, build_plan_workbook

Tables = dict[str, pd.DataFrame]
FIRST_ROW = 5


def book_of(folder: Path, tables: Tables) -> Path:
    return build_plan_workbook(folder / "plan.xlsx", tables, title="A small shop", cover=Cover("To plan."))


def edited(book: Path, sheet: str, edit: Callable[[Worksheet], None]) -> Path:
    loaded = openpyxl.load_workbook(book)
    edit(loaded[sheet])
    loaded.save(book)
    return book


def column_of(sheet: Worksheet, header: str) -> int:
    return next(cell.column for cell in sheet[FIRST_ROW - 1] if cell.value == header)


def put(header: str, value: object, row: int = FIRST_ROW) -> Callable[[Worksheet], None]:
    def edit(sheet: Worksheet) -> None:
        sheet.cell(row, column_of(sheet, header)).value = value

    return edit


def findings(result: PlanResult, severity: str, table: str, column: str) -> pd.DataFrame:
    quality = result.tables["quality"]
    return quality[(quality["severity"] == severity) & (quality["table"] == table) & (quality["column"] == column)]


def rows_by_header(cases: Sequence[tuple[str, object]]) -> dict[str, list[int]]:
    """Return for each header the rows that one case after the other spoils, from the first row on."""
    rows: dict[str, list[int]] = {}
    for row, (header, _) in enumerate(cases, start=FIRST_ROW):
        rows.setdefault(header, []).append(row)
    return rows


def spoilt(book: Path, sheet: str, cases: Sequence[tuple[str, object]]) -> Path:
    def edit(loaded: Worksheet) -> None:
        for row, (header, value) in enumerate(cases, start=FIRST_ROW):
            put(header, value, row)(loaded)

    return edited(book, sheet, edit)


def planned(result: PlanResult) -> list[str]:
    return result.tables["plan"]["item"].tolist()


BAD_ITEMS = (
    ("on_hand", -5),
    ("on_hand", "plenty"),
    ("on_hand", "#N/A"),
    ("on_hand", None),
    ("on_hand", "=1+1"),
    ("unit_cost", "1,5"),
    ("lead_time_days", -1),
)
BAD_DEMAND = (
    ("quantity", "a lot"),
    ("quantity", "#DIV/0!"),
    ("date", "31st of never"),
    ("date", "2029-01-01"),
    ("item", "nobody's"),
)
ODD_TERMS = (("moq", "some"), ("service_target", 95), ("lot_size", 0), ("status", "retired"), ("moq", "#REF!"))


def test_items_that_cannot_be_used_are_rejected_by_name_and_the_others_planned(tmp_path: Path) -> None:
    tables = small_tables()
    good, pattern = tables["items"], tables["items"].iloc[[0]]
    bad = [pattern.assign(item=f"bad {number}") for number in range(len(BAD_ITEMS))]
    tables["items"] = pd.concat([*bad, good], ignore_index=True)
    book = book_of(tmp_path, tables)
    result = refresh_workbook(spoilt(book, "Items", BAD_ITEMS))
    for header, rows in rows_by_header(BAD_ITEMS).items():
        rejected = findings(result, "rejected", "tblItems", header)
        assert sorted(rejected["row"]) == rows
        assert rejected["reason"].str.contains("expected").all()
    assert result.rejected == len(BAD_ITEMS)
    assert planned(result) == list(ITEMS)
    assert len(read_tables(book)["plan"]) == len(planned(result))


def test_demand_that_cannot_be_used_is_rejected_by_name_and_every_item_planned(tmp_path: Path) -> None:
    book = book_of(tmp_path, small_tables())
    result = refresh_workbook(spoilt(book, "Demand", BAD_DEMAND))
    for header, rows in rows_by_header(BAD_DEMAND).items():
        rejected = findings(result, "rejected", "tblDemand", header)
        assert sorted(rejected["row"]) == rows
        assert rejected["reason"].str.contains("expected|before").all()
    assert result.rejected == len(BAD_DEMAND)
    assert planned(result) == list(ITEMS)
    assert len(read_tables(book)["plan"]) == len(planned(result))


def test_terms_that_cannot_be_used_fall_back_and_every_item_is_planned(tmp_path: Path) -> None:
    book = book_of(tmp_path, small_tables())
    result = refresh_workbook(spoilt(book, "Items", ODD_TERMS))
    for header, rows in rows_by_header(ODD_TERMS).items():
        assert sorted(findings(result, "repaired", "tblItems", header)["row"]) == rows
    assert planned(result) == list(ITEMS)
    assert result.rejected == 0


def test_dates_as_iso_text_are_dates(tmp_path: Path) -> None:
    tables = small_tables()
    tables["demand"]["date"] = pd.to_datetime(tables["demand"]["date"]).dt.strftime("%Y-%m-%d").astype(object)
    result = refresh_workbook(book_of(tmp_path, tables))
    assert result.rejected == 0
    assert planned(result) == list(ITEMS)


def test_a_zero_lead_time_is_a_lead_time(tmp_path: Path) -> None:
    tables = small_tables()
    tables["items"].loc[2, ["lead_time_days", "lead_time_sd_days"]] = 0
    row = refresh_workbook(book_of(tmp_path, tables)).tables["plan"].iloc[0]
    assert 0 < row["reorder_point"] < 120


def test_histories_with_little_to_say_still_get_an_honest_plan(tmp_path: Path) -> None:
    histories: dict[str, list[float]] = {"none": [], "one": [7.0], "zeros": [0.0] * 40, "constant": [5.0] * 40}
    tables = small_tables()
    pattern = tables["items"].iloc[[0]]
    tables["items"] = pd.concat([*(pattern.assign(item=name) for name in histories), tables["items"].iloc[1:]])
    demand = [tables["demand"][tables["demand"]["item"] != "steady"]]
    for name, quantities in histories.items():
        dates = pd.date_range(end="2024-06-24", periods=len(quantities), freq="7D")
        demand.append(pd.DataFrame({"item": name, "date": dates, "quantity": quantities}).astype(object))
    tables["demand"] = pd.concat(demand, ignore_index=True)
    plan = refresh_workbook(book_of(tmp_path, tables)).tables["plan"].set_index("item")
    for name, quantities in histories.items():
        row = plan.loc[name]
        assert np.isfinite(row[["safety_stock", "reorder_point", "order_up_to"]].astype(float)).all()
        if sum(quantities):
            assert row["safety_stock"] > 0, "no history makes demand certain"
        else:
            assert row["order_quantity"] == 0, "without a single sale there is nothing known to buy a case of 24 for"


def test_a_million_fold_outlier_is_named_and_does_not_buy_the_moon(tmp_path: Path) -> None:
    usual = refresh_workbook(book_of(tmp_path, small_tables())).tables["plan"].iloc[0]
    tables = small_tables()
    row = tables["demand"].index[tables["demand"]["item"] == "steady"][30]
    tables["demand"].loc[row, "quantity"] = 40_000_000
    result = refresh_workbook(book_of(tmp_path, tables))
    assert len(findings(result, "warning", "tblDemand", "quantity")) == 1
    assert result.tables["plan"].iloc[0]["order_up_to"] < 3 * usual["order_up_to"]


def test_a_duplicate_item_is_rejected_and_the_first_is_planned(tmp_path: Path) -> None:
    tables = small_tables()
    twin = tables["items"].iloc[[0]].assign(on_hand=999)
    tables["items"] = pd.concat([tables["items"], twin], ignore_index=True)
    result = refresh_workbook(book_of(tmp_path, tables))
    assert result.rejected == 1
    assert planned(result) == list(ITEMS)
    assert result.tables["plan"].iloc[0]["on_hand"] == 60


@pytest.mark.parametrize("stem", ["items", "demand"])
def test_a_missing_table_is_one_line(stem: str, tmp_path: Path) -> None:
    book = book_of(tmp_path, small_tables())
    loaded = openpyxl.load_workbook(book)
    name = {"items": "Items", "demand": "Demand"}[stem]
    del loaded[name]
    loaded.save(book)
    before = book.read_bytes()
    with pytest.raises(InvoptError, match=f"tbl{name}") as refused:
        refresh_workbook(book)
    assert "\n" not in str(refused.value)
    assert book.read_bytes() == before


def test_a_renamed_header_is_named_with_what_was_found(tmp_path: Path) -> None:
    book = edited(book_of(tmp_path, small_tables()), "Items", put("on_hand", "on hand quantity", row=FIRST_ROW - 1))
    loaded = openpyxl.load_workbook(book)
    table = loaded["Items"].tables["tblItems"]
    next(column for column in table.tableColumns if column.name == "on_hand").name = "on hand quantity"
    loaded.save(book)
    with pytest.raises(InvoptError, match=r"on_hand.*on hand quantity"):
        refresh_workbook(book)


def test_merged_cells_in_a_table_are_refused_by_place(tmp_path: Path) -> None:
    book = edited(book_of(tmp_path, small_tables()), "Items", lambda sheet: sheet.merge_cells("A6:A7"))
    with pytest.raises(InvoptError, match=r"A6:A7"):
        refresh_workbook(book)


def test_protected_sheets_are_refreshed_and_stay_protected(tmp_path: Path) -> None:
    def protect(sheet: Worksheet) -> None:
        sheet.protection.enable()

    book = edited(book_of(tmp_path, small_tables()), "Plan", protect)
    assert planned(refresh_workbook(book)) == list(ITEMS)
    assert openpyxl.load_workbook(book)["Plan"].protection.sheet


def test_text_that_begins_with_an_equals_sign_is_text_in_the_refreshed_workbook(tmp_path: Path) -> None:
    tables = small_tables()
    tables["items"].loc[2, "description"] = '=HYPERLINK("http://example.org","x")'
    book = book_of(tmp_path, tables)
    refresh_workbook(book)
    cell = openpyxl.load_workbook(book)["Plan"].cell(FIRST_ROW, 3)
    assert (cell.data_type, cell.value) == ("s", '=HYPERLINK("http://example.org","x")')


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("plan.xlsx", b"item,on_hand\n1,2\n", "xlsx"),
        ("plan.xlsx", b"", "empty"),
        ("plan.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password|encrypted|old"),
        ("plan.xlsx", b"PK\x03\x04" + b"\0" * 40, "damaged|zip|truncated"),
    ],
)
def test_what_is_no_workbook_is_refused_in_one_line(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvoptError, match=words) as refused:
        refresh_workbook(path)
    assert "\n" not in str(refused.value)
    assert path.read_bytes() == content


def test_entities_in_the_xml_are_refused(tmp_path: Path) -> None:
    book = book_of(tmp_path, small_tables())
    attack = tmp_path / "attack.xlsx"
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(attack, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "xl/workbook.xml":
                head, tail = content.split(b"?>", 1)
                content = head + b'?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + tail
            target.writestr(part, content)
    with pytest.raises(InvoptError, match=r"(?i)doctype|entit"):
        refresh_workbook(attack)


def test_one_bad_row_in_a_folder_does_not_stop_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    tables = small_tables()
    for stem, frame in tables.items():
        frame.to_csv(folder / f"{stem}.csv", index=False)
    lines = (folder / "demand.csv").read_text().splitlines()
    lines[3] = "steady,not a date,12"
    (folder / "demand.csv").write_text("\n".join(lines))
    result = plan_folder(folder, tmp_path / "out")
    rejected = findings(result, "rejected", "tblDemand", "date")
    assert rejected["row"].tolist() == [4]
    assert planned(result) == list(ITEMS)
