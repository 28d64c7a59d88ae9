"""A plan opens in one line, from a workbook or a folder, and what is asked for is made once."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from small_tables import small_tables

import invopt_xl
from invopt_xl.errors import FileError, InputError
from invopt_xl.workbook import write_folder
from invopt_xl.workbook.template import Cover, build_plan_workbook


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shop") / "tables"
    write_folder(path, small_tables())
    return path


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shop") / "shop.xlsx"
    return build_plan_workbook(path, small_tables(), title="Shop", cover=Cover("To plan."))


def test_a_workbook_and_a_folder_of_the_same_tables_are_one_plan(book: Path, folder: Path) -> None:
    one, other = invopt_xl.open_plan(book), invopt_xl.open_plan(str(folder))
    pd.testing.assert_frame_equal(one.first_look.drop(columns="such_as"), other.first_look.drop(columns="such_as"))
    assert one.items["item"].tolist() == other.items["item"].tolist()
    assert (one.past.quantity == other.past.quantity)[~pd.isna(one.past.quantity)].all()
    assert one.past is one.past
    assert repr(one) == "Plan of shop.xlsx: 6 items, plan date 2024-07-01"


def test_parameters_given_take_the_place_of_those_in_the_table_and_none_leaves_one(folder: Path) -> None:
    given = {"service_target": 0.8, "plan_date": date(2024, 6, 3), "horizon_periods": None, "currency": "EUR"}
    found = invopt_xl.open_plan(folder, parameters=given).parameters
    assert (found.service_target, found.plan_date, found.horizon_periods) == (0.8, date(2024, 6, 3), 8)
    assert found.currency == "EUR"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"parameters": {"service": 0.9}}, "parameter service is not known; expected one of plan_date"),
        ({"sales": "nowhere.csv"}, r"there is no file nowhere\.csv"),
    ],
)
def test_what_is_given_wrongly_is_told_in_one_line(folder: Path, given: dict[str, object], said: str) -> None:
    with pytest.raises((InputError, FileError), match=said):
        invopt_xl.open_plan(folder, **given)  # type: ignore[arg-type]


def test_a_plan_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no file or folder"):
        invopt_xl.open_plan(tmp_path / "plan.xlsx")


def test_the_first_look_counts_sales_of_unknown_customers(folder: Path, tmp_path: Path) -> None:
    sales = tmp_path / "sales.csv"
    sales.write_text("customer,item,date,quantity\nann,steady,2024-01-01,1\n,steady,2024-01-02,2\n", encoding="utf-8")
    plan = invopt_xl.open_plan(folder, sales=sales)
    assert plan.first_look.set_index("looked_at").loc["sales of unknown customers", "found"] == 1
    assert plan.sales is not None
    assert plan.sales.lines["customer"].tolist() == ["ann", ""]
    assert invopt_xl.open_plan(folder).sales is None


def test_the_first_look_shows_that_codes_in_the_sales_lost_their_leading_zeros(tmp_path: Path) -> None:
    tables = small_tables()
    codes = {name: f"00{number}" for number, name in enumerate(tables["items"]["item"], start=17)}
    for stem in ("items", "demand"):
        tables[stem] = tables[stem].assign(item=tables[stem]["item"].map(codes))
    write_folder(tmp_path / "tables", {stem: tables[stem] for stem in ("items", "demand", "parameters")})
    sales = tmp_path / "sales.csv"
    sales.write_text("customer,item,date,quantity\nann,17,2024-01-01,1\nann,18,2024-01-02,2\n", encoding="utf-8")
    row = (
        invopt_xl.open_plan(tmp_path / "tables", sales=sales)
        .first_look.set_index("looked_at")
        .loc["sales of unknown items"]
    )
    assert row["found"] == 2
    assert row["what_was_done"].startswith("all of them: ")
    assert row["such_as"] == "17 (did you mean 0017?), 18 (did you mean 0018?)"


def test_a_table_no_plan_knows_is_told_and_one_that_is_not_there_has_no_rows(folder: Path) -> None:
    plan = invopt_xl.open_plan(folder)
    assert plan.table("tblAccuracy").empty
    assert len(plan.table("suppliers")) == 2
    with pytest.raises(InputError, match="tblMine is no table of a plan; expected one of items"):
        plan.table("tblMine")
    with pytest.raises(InputError, match="tables plans no item gold"):
        plan.row_of("gold")


def test_levels_are_those_of_the_plan(folder: Path, tmp_path: Path) -> None:
    plan = invopt_xl.open_plan(folder, cache=invopt_xl.ContentCache(tmp_path / "cache"))
    levels = plan.levelled.items.set_index("item")["reorder_point"]
    planned = plan.result.tables["plan"].set_index("item")["reorder_point"]
    assert levels.tolist() == plan.result.items["reorder_point"].tolist()
    assert levels.tolist() == pytest.approx(planned.tolist(), abs=0.1), "the plan is rounded"


def test_a_table_is_written_to_a_copy_and_the_source_stays(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path / "cache"))
    before, plan = book.read_bytes(), invopt_xl.open_plan(book)
    targets = plan.items[["item", "location"]].assign(service_target=0.9)
    said = plan.write("tblItems", targets, output=plan.copy)
    assert repr(said) == (
        "a copy of shop.xlsx in the cache folder (plan.copy, made anew by each run): service_target of 6 of 6 rows "
        "changed in tblItems; refresh it, so that the plan stands on them"
    )
    assert book.read_bytes() == before
    plan.write("tblMine", targets, output=plan.copy)
    assert invopt_xl.open_plan(plan.copy).items["service_target"].eq(0.9).all()
    again = invopt_xl.open_plan(book)
    assert again.copy == plan.copy
    assert repr(again.write("tblMine", targets, output=again.copy)).endswith("on the new sheet Mine"), "made anew"


@pytest.mark.parametrize("kind", ["book", "folder"])
def test_plans_of_one_name_in_different_folders_have_copies_of_their_own(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path / "cache"))
    source = Path(request.getfixturevalue(kind))
    copies = []
    for place in ("a", "b"):
        there = tmp_path / place / source.name
        there.parent.mkdir()
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, there)
        plan = invopt_xl.open_plan(there)
        said = repr(plan.write("tblMine", pd.DataFrame({"place": [place]}), output=plan.copy))
        assert said.startswith(f"a copy of {source.name} in the cache folder (plan.copy, made anew by each run): 1 row")
        copies.append(plan.copy)
    assert copies[0] != copies[1]
    assert all(copy.exists() for copy in copies)


def test_histories_are_drawn_by_item_and_location_and_none_of_none(folder: Path) -> None:
    plan = invopt_xl.open_plan(folder)
    shown = plan.histories(plan.items.iloc[[0, 5]], "Two items")
    assert repr(shown).startswith("Histories: Two items. steady A steady item: 60 periods, mean 39.2, most 54")
    assert repr(plan.histories(plan.items.head(0), "Nothing")) == "Nothing: none."


def test_a_plan_without_sales_in_it_or_beside_it_has_none_and_its_first_look_says_nothing_of_them(folder: Path) -> None:
    plan = invopt_xl.open_plan(folder, sales=folder)
    assert plan.sales is None
    assert "sales of unknown customers" not in plan.first_look["looked_at"].tolist()


def test_where_nothing_could_be_written_in_the_end_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"there is no workbook mine\.xlsx"):
        invopt_xl.open_plan(tmp_path, write_to=tmp_path / "mine.xlsx")


def test_an_item_at_several_locations_is_named_with_its_location_and_never_taken_for_another(tmp_path: Path) -> None:
    tables = small_tables()
    more = tables["items"].assign(location="MAIN").iloc[:1]
    tables["items"] = pd.concat(
        [tables["items"].assign(location="MAIN"), more.assign(location="WEST", unit_price=None)]
    )
    tables["demand"] = tables["demand"].assign(location="MAIN")
    write_folder(tmp_path / "tables", tables)
    plan = invopt_xl.open_plan(tmp_path / "tables")
    assert plan.names(plan.items).tolist()[::6] == ["steady at MAIN", "steady at WEST"]
    assert plan.titles(plan.items).tolist()[1] == "erratic A erratic item"
    assert (plan.row_of("steady at WEST"), plan.row_of("steady", "MAIN"), plan.row_of("erratic")) == (6, 0, 1)
    with pytest.raises(InputError, match="tables plans steady at MAIN, WEST; expected one of these locations with it"):
        plan.row_of("steady")
    told = plan.first_look.set_index("looked_at")["such_as"]
    assert told["items without price"] == told["items never sold"] == "steady at WEST"
    assert "steady at WEST A steady item" in repr(plan.histories(plan.items.iloc[[6]], "A history"))
