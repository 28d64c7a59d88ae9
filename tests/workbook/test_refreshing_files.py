"""The whole job on files: what is not there is not written, what was added stays, conflicts are found early."""

import errno
import os
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from excel_rules import problems
from small_tables import small_tables

from invopt_xl.errors import FileError
from invopt_xl.workbook import read_tables, refresh, write_folder
from invopt_xl.workbook.refresh import plan_folder, refresh_workbook
from invopt_xl.workbook.template import Cover, build_plan_workbook


def few_tables():
    tables = small_tables(horizon_periods=4)
    names = ["steady", "erratic"]
    return tables | {stem: tables[stem][tables[stem]["item"].isin(names)] for stem in ("items", "demand")}


@pytest.fixture
def shop(tmp_path):
    return build_plan_workbook(tmp_path / "shop.xlsx", few_tables(), title="A shop", cover=Cover("To plan."))


@pytest.fixture
def tables(tmp_path):
    write_folder(tmp_path / "tables", few_tables())
    return tmp_path / "tables"


def keep(book, is_kept):
    """Delete all sheets with tables of results but those to be kept."""
    loaded = openpyxl.load_workbook(book)
    for sheet in loaded.worksheets:
        if not is_kept(sheet):
            del loaded[sheet.title]
    loaded.save(book)
    return book


def holds(*names):
    return lambda sheet: bool(set(sheet.tables) & set(names))


def test_a_table_of_results_that_was_deleted_is_not_written_and_the_rest_is(shop):
    keep(shop, lambda sheet: not holds("tblForecast")(sheet))
    result = refresh_workbook(shop)
    assert len(read_tables(shop)["plan"]) == 2
    assert not any("tblForecast" in sheet.tables for sheet in openpyxl.load_workbook(shop).worksheets)
    assert "no table" not in str(result.tables["quality"]["reason"].tolist())


def test_a_workbook_without_a_plan_still_gets_its_orders_and_says_so(shop):
    keep(shop, lambda sheet: not holds("tblPlan")(sheet))
    result = refresh_workbook(shop)
    first = result.tables["quality"].iloc[0]
    assert (first["severity"], first["table"]) == ("warning", "tblPlan")
    assert first["reason"].startswith("the workbook has no table tblPlan; expected one")
    cells = [cell.value for row in orders_sheet(shop).iter_rows() for cell in row]
    assert "steady" in cells


def orders_sheet(book):
    return next(sheet for sheet in openpyxl.load_workbook(book).worksheets if "tblOrders" in sheet.tables)


def no_planning(monkeypatch):
    def run(*_args, **_options):
        raise AssertionError("the planning has begun")

    monkeypatch.setattr(refresh, "run", run)


def test_a_workbook_without_any_table_of_results_is_refused_before_any_planning(shop, monkeypatch):
    no_planning(monkeypatch)
    keep(shop, holds("tblItems", "tblDemand", "tblParameters"))
    before = shop.read_bytes()
    with pytest.raises(FileError, match=r"^shop.xlsx holds no table for results; expected at least tblPlan with"):
        refresh_workbook(shop)
    assert shop.read_bytes() == before


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_columns_somebody_added_to_the_plan_stay_with_their_item(tmp_path, suffix):
    folder = tmp_path / "tables"
    plan = pd.DataFrame(
        {
            "Checked by": ["Bo", "Ann", "Cy"],
            "item": ["erratic", "steady", "gone"],
            "note": ["second", None, None],
            "Shelf": ["=4", None, "7"],
        }
    )
    write_folder(folder, few_tables() | {"plan": plan}, suffix=suffix)
    for _ in range(2):
        plan_folder(folder, folder, suffix=suffix)
        read = read_tables(folder)["plan"]
        assert read["item"].tolist() == ["steady", "erratic", "gone"], "gone holds something somebody wrote"
        assert read["Checked by"].tolist() == ["Ann", "Bo", "Cy"]
        assert read["Shelf"].tolist() == [None, "=4", "7"]
        assert read["note"].tolist() == [None, "second", None]
        assert read.columns.tolist()[-2:] == ["Checked by", "Shelf"]


def test_a_refresh_reads_its_own_buffers_of_the_last_one(shop, tables):
    for source, plan_again in ((shop, refresh_workbook), (tables, lambda folder: plan_folder(folder, folder))):
        first, second = (plan_again(source).tables["buffers"] for _ in range(2))
        assert first["change"].isna().all()
        assert second["change"].tolist() == [0, 0]
        assert (
            read_tables(source)["buffers"]["reorder_point"].astype(float).tolist() == second["reorder_point"].tolist()
        )
    assert problems(shop) == []


@pytest.mark.parametrize("content", ["", "item,item\n1,2\n", 'item\n"a', "item,change\n1,2,3\n", "what,ever\n1,2\n"])
def test_buffers_that_cannot_be_read_stop_nothing(tables, content):
    (tables / "buffers.csv").write_text(content)
    buffers = plan_folder(tables, tables).tables["buffers"]
    assert buffers["change"].isna().all()
    assert read_tables(tables)["buffers"]["item"].tolist() == ["steady", "erratic"]


def test_a_delimiter_at_the_end_of_each_line_makes_no_column(tables):
    (tables / "plan.csv").write_text("item,note,\nsteady,mine,\n")
    plan_folder(tables, tables)
    read = read_tables(tables)["plan"]
    assert read["note"].tolist() == ["mine", None]
    assert "column 3" not in read


@pytest.mark.parametrize("name", ["plan.parquet", "Plan.CSV", "orders.parquet"])
def test_a_table_in_another_format_is_found_before_any_planning(tables, tmp_path, monkeypatch, name):
    no_planning(monkeypatch)
    output = tmp_path / "out"
    output.mkdir()
    (output / name).write_bytes(b"")
    stem = name.partition(".")[0].lower()
    with pytest.raises(FileError, match=f"out holds {name} already; remove it before {stem}.csv is written"):
        plan_folder(tables, output)
    assert [file.name for file in output.iterdir()] == [name]


def test_a_folder_that_cannot_be_written_is_refused_before_any_planning(tables, tmp_path, monkeypatch):
    no_planning(monkeypatch)
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileError, match="file is a file; expected a folder to write to"):
        plan_folder(tables, tmp_path / "file")
    with pytest.raises(FileError, match=r"nowhere.deeper cannot be made: there is no folder .*nowhere"):
        plan_folder(tables, tmp_path / "nowhere" / "deeper")
    (tables / ".~lock.plan.csv#").write_text(",mia,desk,01.01.2018 10:00,file:///x;")
    with pytest.raises(FileError, match=r"plan.csv is open in LibreOffice by mia; close it first"):
        plan_folder(tables, tables)
    (tables / ".~lock.plan.csv#").unlink()
    (tables / "plan.csv").write_text("item\n")
    with monkeypatch.context() as patched:
        patched.setattr(os, "access", lambda path, _mode: Path(path).name != "plan.csv")
        with pytest.raises(
            FileError, match=r"plan.csv is read-only; allow writing to it or name another file to write"
        ):
            plan_folder(tables, tables)
    original = Path.open

    def refuse(self, mode="r", *args, **kwargs):
        if "x" in mode:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))
        return original(self, mode, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    for output in (tables, tmp_path / "new"):
        with pytest.raises(
            FileError, match=r"cannot be written to \(read-only file system\); name another place to write to"
        ):
            plan_folder(tables, output)


def test_a_plan_goes_into_a_new_folder(tables, tmp_path):
    plan_folder(tables, tmp_path / "new")
    assert len(read_tables(tmp_path / "new")["plan"]) == 2
