"""The command ``invopt markdown`` as its users meet it: what is shown, written and refused."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from command_line import invoke, refusal
from priced_tables import priced_tables

from invopt_xl.plan.columns import BY_STEM, MARKDOWN, MARKDOWN_SUMMARY, empty
from invopt_xl.workbook import write_folder
from invopt_xl.workbook.one_table import write_one


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("priced")
    tables = priced_tables()
    names = ["brisk", "slow", "unpriced"]
    kept = {stem: frame[frame["item"].isin(names)] if "item" in frame else frame for stem, frame in tables.items()}
    shaped = {stem: frame.reindex(columns=BY_STEM[stem].column_names) for stem, frame in kept.items()}
    write_folder(folder, shaped, suffix="csv")
    return folder


@pytest.fixture(autouse=True)
def _one_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path_factory.getbasetemp() / "markdown_cache"))


def test_gains_and_refusals_are_shown(shop: Path) -> None:
    code, shown = invoke("markdown", shop, "--workers", 1)
    assert code == 0
    assert "slow A slow item" in shown
    assert "off now." in shown
    assert "No path: no price in its history." in shown
    assert "2 items looked at" in shown
    assert "sells on at today's price until 365 days from now" in " ".join(shown.split())


def test_a_machine_gets_path_summary_and_response_as_json(shop: Path) -> None:
    code, shown = invoke("markdown", shop, "--item", "slow", "--before", "2024-08-05", "--workers", 1, "--json")
    found = json.loads(shown)
    assert code == 0
    assert [row["item"] for row in found["summary"]] == ["slow"]
    assert len(found["path"]) == 5
    assert found["summary"][0]["other_action"].startswith("return ")
    assert found["summary"][0]["other_gain"] > 0
    assert found["assumed"][0].startswith("Nothing sells from 2024-08-05 on")
    assert found["response"][0]["usable"] == "yes"


def test_a_table_is_written_and_written_again_into_the_workbook_that_is_there(shop: Path, tmp_path: Path) -> None:
    there = tmp_path / "gains.xlsx"
    for items in (("slow", "brisk"), ("slow",)):
        named = [word for item in items for word in ("--item", item)]
        invoke("markdown", shop, *named, "--table", "summary", "--output", there, "--workers", 1, "--quiet")
        rows = [row[0] for row in openpyxl.load_workbook(there).active.iter_rows(values_only=True)]
        assert sorted(set(rows) & {"slow", "brisk"}) == sorted(items)


def test_a_table_is_written(shop: Path, tmp_path: Path) -> None:
    target = tmp_path / "prices.csv"
    invoke("markdown", shop, "--table", "summary", "--output", target, "--workers", 1, "--quiet")
    assert pd.read_csv(target).columns.tolist() == MARKDOWN_SUMMARY.column_names


def test_what_cannot_be_done_is_one_line(shop: Path, tmp_path: Path) -> None:
    assert "there is no item 'slov'; found 'slow'" in refusal("markdown", shop, "--item", "slov")
    assert "the date to sell by is 2024-06-01" in refusal("markdown", shop, "--before", "2024-06-01")
    there = tmp_path / "prices.xlsx"
    write_one(there, MARKDOWN, empty(MARKDOWN))
    book = openpyxl.load_workbook(there)
    sheet = book.active
    sheet["A8"], sheet["B9"] = "my note", 1
    book.save(there)
    before = there.read_bytes()
    told = refusal("markdown", shop, "--output", there, "--workers", 1)
    assert f"over '{sheet.title}'!A8, which holds my note, and 1 more cell, as far down as '{sheet.title}'!B9;" in told
    assert there.read_bytes() == before
    of_another = refusal("markdown", shop, "--table", "summary", "--output", there)
    assert "prices.xlsx is there already and holds no table tblMarkdownSummary" in of_another
    assert "prices.txt ends in .txt; expected .csv, .parquet or .xlsx" in refusal(
        "markdown", shop, "--output", tmp_path / "prices.txt"
    )
