"""The command ``invopt what-if`` as its users meet it: what is shown, written and refused."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from command_line import invoke, refusal
from small_tables import small_tables

from invopt_xl.plan.columns import BY_STEM
from invopt_xl.plan.what_if import WHAT_IF
from invopt_xl.workbook import write_folder

BRIEF = ("--no-replay", "--workers", 1)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    tables = {
        stem: frame[frame["item"].isin(["steady", "lumpy"])] if "item" in frame else frame
        for stem, frame in small_tables(weeks=34).items()
    }
    shaped = {stem: frame.reindex(columns=BY_STEM[stem].column_names) for stem, frame in tables.items()}
    write_folder(folder, shaped, suffix="csv")
    return folder


@pytest.fixture(autouse=True)
def _one_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path_factory.getbasetemp() / "what_if_cache"))


def test_plan_and_replay_stand_beside_todays(shop: Path) -> None:
    code, shown = invoke(
        "what-if", shop, "--change", "lead_time_days*0.5", "--change", "demand+10%", "--name", "near", "--workers", 1
    )
    assert code == 0
    for part in (
        "What if near",
        "Reorder points",
        "Replayed on the past",
        "Fill rate by value",
        "lead time of supplier",
    ):
        assert part in shown
    assert "2 items planned and replayed" in shown


def test_a_machine_gets_every_changed_item_as_json(shop: Path) -> None:
    code, shown = invoke("what-if", shop, "--change", "service_target=99%", *BRIEF, "--json")
    found = json.loads(shown)
    assert code == 0
    assert found["scenarios"] == ["service_target=99%"]
    assert {row["part"] for row in found["figures"]} == {"plan"}
    assert {row["item"] for row in found["items"]} == {"steady", "lumpy"}
    assert all("service target rose from 95% to 99%" in row["why"] for row in found["items"])


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "json"])
def test_the_comparison_is_written_by_the_files_ending(shop: Path, tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"what.{ending}"
    invoke("what-if", shop, "--change", "unit_cost+5%@supplier=North", *BRIEF, "--output", target, "--quiet")
    if ending == "xlsx":
        sheet = openpyxl.load_workbook(target).worksheets[0]
        rows = list(sheet.values)
        assert any(tuple(WHAT_IF.column_names) == row[: len(WHAT_IF.columns)] for row in rows)
        return
    reading = {"csv": pd.read_csv, "parquet": pd.read_parquet, "json": pd.read_json}[ending]
    table = reading(target)
    assert list(table.columns) == WHAT_IF.column_names
    assert set(table["part"]) == {"plan", "item"}
    assert set(table["item"].dropna()) - {""} == {"steady", "lumpy"}


def test_nothing_changes_in_words(shop: Path) -> None:
    assert "No level of 2 items changes." in invoke("what-if", shop, "--change", "demand*1", *BRIEF)[1]


def test_bad_input_is_one_line(shop: Path, tmp_path: Path) -> None:
    assert "did you mean lead_time_days?" in refusal("what-if", shop, "--change", "lead_tim*0.5")
    assert "the name one of: North; South" in refusal("what-if", shop, "--change", "outage")
    assert "did you mean 'North'?" in refusal("what-if", shop, "--change", "moq=1@supplier=Norht")
    assert "expected at most" in refusal("what-if", shop, "--change", "outage=North:50")
    assert "expected .csv, .parquet, .xlsx or .json" in refusal(
        "what-if", shop, "--change", "moq=1", "--output", tmp_path / "what.docx"
    )
    assert "has no ending" in refusal("what-if", shop, "--change", "moq=1", "--output", shop)
    (tmp_path / "folder.json").mkdir()
    assert "is a folder" in refusal("what-if", shop, "--change", "moq=1", "--output", tmp_path / "folder.json")
    assert "nowhere" in refusal("what-if", tmp_path / "nowhere", "--change", "moq=1")
