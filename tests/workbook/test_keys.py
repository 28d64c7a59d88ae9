"""What the planner wrote follows its item only while the columns that tell rows apart are there."""

import openpyxl
import pandas as pd
import pytest
from small_tables import small_tables
from workbook_builders import cell_texts, plan_frame, table_book

from invopt_xl.errors import InputError
from invopt_xl.workbook import check_target, read_tables, refresh, write_folder, write_tables
from invopt_xl.workbook.refresh import plan_folder, refresh_workbook
from invopt_xl.workbook.template import Cover, build_plan_workbook

NOTES = [("A", "N", 1, 5, "mine"), ("B", "N", 2, None, "theirs")]
HEADERS = ["item", "location", "order_quantity", "override_quantity", "note"]


def plan_book(path, headers=HEADERS, rows=NOTES):
    return table_book(path, [("Plan", (0, 0), "tblPlan", headers, rows)])


def without(position, rows=NOTES):
    return [row[:position] + row[position + 1 :] for row in rows]


@pytest.fixture
def no_planning(monkeypatch):
    def run(*_args, **_options):
        raise AssertionError("the planning has begun")

    monkeypatch.setattr(refresh, "run", run)


def unchanged(folder, attempt, message):
    """The attempt is refused in one line, and no file is written, changed or left behind."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match=message) as caught:
        attempt()
    assert "\n" not in str(caught.value)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("headers", "remedy"),
    [
        (["SKU", *HEADERS[1:]], "found 'SKU' - rename it back"),
        (["location", "note", "order_quantity", "Code"], "found 'Code' - rename it back"),
        (["location", "note", "order_quantity"], "put it back"),
        (["location", "a", "b", "c", "d"], "found 'a', 'b', 'c' and 1 more - rename the right one back"),
    ],
)
@pytest.mark.usefixtures("no_planning")
def test_a_plan_without_the_column_item_is_refused_before_any_planning(tmp_path, headers, remedy):
    book = plan_book(tmp_path / "b.xlsx", headers, [row[: len(headers)] for row in NOTES])
    message = f"^tblPlan lacks the column item; {remedy}$"
    for attempt in (check_target, read_tables, refresh_workbook, lambda each: write_tables(each, {"plan": NEW})):
        unchanged(tmp_path, lambda attempt=attempt: attempt(book), message)


NEW = plan_frame(["B", "A"]).assign(location="N")


def test_a_header_cell_that_differs_from_the_table_is_refused_when_it_is_read(tmp_path):
    book = plan_book(tmp_path / "b.xlsx")
    loaded = openpyxl.load_workbook(book)
    loaded["Plan"]["A1"] = "SKU"
    loaded.save(book)
    unchanged(tmp_path, lambda: refresh_workbook(book), "^tblPlan lacks the column item; found 'SKU' - rename it back$")
    unchanged(tmp_path, lambda: write_tables(book, {"plan": NEW}), "tblPlan lacks the column item")


@pytest.mark.parametrize(
    ("name", "headers"),
    [("tblForecast", ["item", "mean", "day"]), ("tblKpis", ["value", "label"]), ("tblChecks", ["result"])],
)
def test_every_table_with_a_key_needs_its_columns(tmp_path, name, headers):
    book = table_book(tmp_path / "b.xlsx", [("S", (0, 0), name, headers, [])])
    unchanged(tmp_path, lambda: check_target(book), f"^{name} lacks the column (date|name|check)")


def test_a_location_may_be_missing_while_each_item_stands_once(tmp_path):
    book = plan_book(tmp_path / "b.xlsx", [HEADERS[0], *HEADERS[2:]], without(1))
    write_tables(book, {"plan": NEW})
    assert list(cell_texts(book, "Plan").values())[4:] == ["B", 24, "theirs", "A", 48, 5, "mine"]


def test_without_a_location_no_item_may_stand_twice_in_the_table_or_in_the_plan(tmp_path):
    headers, message = [HEADERS[0], *HEADERS[2:]], "^tblPlan lacks the column location, and A has several rows; put it"
    two_places = pd.concat([NEW, NEW.assign(location="S")])
    book = plan_book(tmp_path / "a.xlsx", headers, without(1))
    unchanged(tmp_path, lambda: write_tables(book, {"plan": two_places.iloc[1:]}), message)
    book = plan_book(tmp_path / "b.xlsx", headers, without(1, [*NOTES, ("A", "S", 3, None, "other")]))
    unchanged(tmp_path, lambda: write_tables(book, {"plan": NEW}), message)


def test_without_cells_that_follow_their_row_a_location_may_be_missing(tmp_path):
    book = plan_book(tmp_path / "b.xlsx", ["item", "order_quantity"], [("A", 1), ("A", 2)])
    write_tables(book, {"plan": pd.concat([NEW, NEW.assign(location="S")])})
    assert [value for address, value in cell_texts(book, "Plan").items() if address[0] == "A"] == ["item", *"BABA"]


def test_rows_to_be_written_need_the_key_too(tmp_path):
    book = plan_book(tmp_path / "b.xlsx", rows=[*NOTES, ("A", "S", 3, None, "other")])
    for column in ("item", "location"):
        attempt = lambda column=column: write_tables(book, {"plan": NEW.drop(columns=column)})  # noqa: E731
        unchanged(tmp_path, attempt, f"the frame for tblPlan lacks the column {column}")


def test_of_two_rows_of_an_item_the_one_typed_into_counts_and_two_are_refused(tmp_path):
    book = plan_book(tmp_path / "b.xlsx", rows=[("A", "N", 1, None, None), *NOTES])
    write_tables(book, {"plan": NEW})
    assert read_tables(book)["plan"]["note"].tolist() == ["theirs", "mine"]
    book = plan_book(tmp_path / "c.xlsx", rows=[*NOTES, ("A", "N", 1, None, "once more")])
    message = "^tblPlan has two rows for A N with an override or note \\('Plan'!A2 and 'Plan'!A4\\); expected one$"
    unchanged(tmp_path, lambda: write_tables(book, {"plan": NEW}), message)


def shop_book(path, locations=None):
    tables = small_tables(horizon_periods=4)
    items = tables["items"].iloc[:2]
    keys = pd.DataFrame({"item": items["item"], "location": locations}) if locations else items[["item"]]
    demand = tables["demand"].merge(keys, on="item")
    tables |= {"items": items.merge(keys, on="item"), "demand": demand, "plan": keys.assign(note=["first", "second"])}
    return build_plan_workbook(path, tables, title="A shop", cover=Cover("To plan."))


def change_plan(book, edit):
    """Edit the plan's sheet; the table is then made anew over the headers that are left."""
    loaded = openpyxl.load_workbook(book)
    sheet = loaded["Plan"]
    table = sheet.tables["tblPlan"]
    edit(sheet)
    columns = [cell.value for cell in sheet[4] if cell.value]
    last = table.ref.rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    del sheet.tables["tblPlan"]
    sheet.add_table(
        openpyxl.worksheet.table.Table(
            displayName="tblPlan", ref=f"A4:{openpyxl.utils.get_column_letter(len(columns))}{last}"
        )
    )
    loaded.save(book)
    return book


def notes_of(book):
    plan = read_tables(book)["plan"]
    return dict(zip(plan["item"], plan["note"], strict=True))


def test_a_refresh_after_the_location_was_deleted_keeps_every_note(tmp_path):
    book = shop_book(tmp_path / "b.xlsx", ["Leeds", "York"])
    change_plan(book, lambda sheet: sheet.delete_cols(2))
    refresh_workbook(book)
    assert "location" not in read_tables(book)["plan"]
    assert notes_of(book) == {"steady": "first", "erratic": "second"}


def test_a_folder_whose_plan_has_no_item_is_refused_before_any_planning(tmp_path, no_planning):
    source = tmp_path / "in"
    write_folder(source, small_tables())
    (source / "plan.csv").write_text("SKU,note\nsteady,mine\n")
    message = "^plan.csv lacks the column item; found 'SKU' - rename it back$"
    for output in (source, tmp_path / "out"):
        unchanged(tmp_path, lambda output=output: plan_folder(source, output), message)
    assert not (tmp_path / "out").exists()
