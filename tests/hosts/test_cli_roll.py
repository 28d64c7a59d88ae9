"""A new period from the command line: what it shows a person and a machine, and what it refuses."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from command_line import invoke, refusal
from small_tables import ITEMS, small_tables

from invopt_xl.hosts.cli.running import user_name
from invopt_xl.workbook import read_tables, write_tables
from invopt_xl.workbook.patch.appending import TableChange
from invopt_xl.workbook.template import Cover, build_plan_workbook

SHEETS = (
    "Items",
    "Demand",
    "Suppliers",
    "Open orders",
    "Parameters",
    "Plan",
    "Orders",
    "Forecast",
    "Accuracy",
    "Overrides",
    "Log",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a workbook that was refreshed with an override, and a week's actuals."""
    folder = tmp_path_factory.mktemp("roll")
    book = build_plan_workbook(
        folder / "plan.xlsx", small_tables(), title="Shop", cover=Cover("To plan."), sheets=SHEETS
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INVOPT_CACHE", str(folder / "cache"))
        patch.setenv("INVOPT_UNDO", str(folder / "undo"))
        invoke("refresh", book, "--quiet")
        first, second = read_tables(book)["plan"].index[:2].tolist()
        cells = {(first, "override_quantity"): 48, (second, "override_quantity"): 12}
        cells[second, "override_date"] = datetime(2024, 7, 3)
        write_tables(book, {}, changes={"plan": TableChange(cells=cells)})
        invoke("refresh", book, "--quiet")
    rows = pd.DataFrame({"item": [*ITEMS, "pot"], "date": "2024-07-03", "quantity": [41, 12, 0, 6, 0, 12, 1]})
    rows.to_csv(folder / "week.csv", index=False)
    return folder


@pytest.fixture(autouse=True)
def own_folders(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVOPT_CACHE", str(folder / "cache"))
    monkeypatch.setenv("INVOPT_UNDO", str(folder / "undo"))


def test_a_person_sees_forecast_against_actual_and_what_changed(folder: Path, tmp_path: Path) -> None:
    before = (folder / "plan.xlsx").read_bytes()
    target = tmp_path / "next.xlsx"
    code, shown = invoke("roll", folder / "plan.xlsx", "--actuals", folder / "week.csv", "--output", target)
    assert code == 1, "a row was left out"
    assert "Closed 2024-07-01 to 2024-07-07: 6 rows of demand written; the plan date is 2024-07-08." in shown
    assert "Stock on hand in tblItems is that of before" in shown
    assert "1 open order due before 2024-07-08 (erratic)" in shown
    assert "The override of steady ordered before counts again" in shown
    assert re.search(r"\d+ order lines? worth [\d,]+ that w\w+ to be placed by 2024-07-07 \w+ not in tblOpen", shown)
    assert "The override of erratic has had its day and orders nothing more: clear" in shown
    assert "not followed" not in shown
    for title in ("Left out or read otherwise", "Forecast against actual", "Worst misses", "The plan"):
        assert title in shown
    assert (folder / "plan.xlsx").read_bytes() == before
    assert read_tables(target)["overrides"]["user"].iloc[0] == user_name()


def test_a_machine_gets_it_all_and_an_undo_takes_it_back(folder: Path, tmp_path: Path) -> None:
    book = tmp_path / "plan.xlsx"
    book.write_bytes((folder / "plan.xlsx").read_bytes())
    code, shown = invoke("roll", book, "--actuals", folder / "week.csv", "--json")
    told = json.loads(shown)
    assert code == 1
    assert told["closed"] == {"first": "2024-07-01", "plan_date": "2024-07-08"}
    assert (told["rows_added"], told["items_without_actuals"]) == (6, [])
    assert [row["value"] for row in told["actuals_left_out"]] == ["pot"]
    assert [row["date"] for row in told["accuracy"]] == ["2024-07-01"]
    assert told["overrides_ordered_before"] == ["steady"]
    lines = told["order_lines_of_the_period"]
    assert lines["added_to_open_orders"] == 0
    assert ("steady", 48) in [(line["item"], line["quantity"]) for line in lines["open"]], "with the override"
    assert told["value_added_by_overrides"] is None, "nothing is measured yet"
    assert len(told["worst_misses"]) == 6
    assert told["plan"]["planned"] == 6
    invoke("undo", book)
    assert book.read_bytes() == (folder / "plan.xlsx").read_bytes()


def test_without_a_refresh_only_the_inputs_change(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "next.xlsx"
    _, shown = invoke(
        "roll", folder / "plan.xlsx", "--actuals", folder / "week.csv", "--no-refresh", "--output", target
    )
    assert "the plan is that of before: refresh it" in shown
    before, after = (read_tables(path) for path in (folder / "plan.xlsx", target))
    assert after["plan"].equals(before["plan"])
    assert len(after["demand"]) == len(before["demand"]) + 6


def test_orders_that_were_placed_become_open_orders_and_an_undo_takes_them_back(folder: Path, tmp_path: Path) -> None:
    book = tmp_path / "plan.xlsx"
    book.write_bytes((folder / "plan.xlsx").read_bytes())
    given = ("--actuals", folder / "week.csv", "--placed", "--no-refresh")
    _, shown = invoke("roll", book, *given)
    assert "now in tblOpenOrders (" in shown
    before, after = (read_tables(path)["open_orders"] for path in (folder / "plan.xlsx", book))
    placed = after.iloc[len(before) :]
    assert ("steady", 48, "MAIN") in placed[["item", "quantity", "location"]].itertuples(index=False, name=None)
    assert (pd.to_datetime(placed["due_date"]) >= pd.Timestamp("2024-07-01")).all()
    invoke("undo", book)
    assert book.read_bytes() == (folder / "plan.xlsx").read_bytes()


def test_quiet_shows_nothing_and_a_second_time_is_refused(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "next.xlsx"
    given = ("--actuals", folder / "week.csv", "--no-refresh", "--quiet")
    _, shown = invoke("roll", folder / "plan.xlsx", *given, "--output", target)
    assert shown == ""
    assert "was this closed before?" in refusal("roll", target, *given)


def test_the_help_has_examples() -> None:
    _, shown = invoke("roll", "--help")
    assert "invopt roll plan.xlsx --actuals week.csv" in shown
