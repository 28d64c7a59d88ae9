"""The command ``invopt segment`` as its users meet it: what is shown, what is written, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from command_line import invoke, refusal
from small_tables import small_tables

from invopt_xl.plan.columns import SEGMENTS
from invopt_xl.workbook import write_folder


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop") / "tables"
    write_folder(folder, small_tables())
    return folder


@pytest.fixture(scope="module")
def figures(shop: Path) -> dict[str, object]:
    return json.loads(invoke("segment", shop, "--json")[1])


def test_a_person_sees_matrix_advice_life_cycle_hops_and_what_was_not_judged(shop: Path) -> None:
    code, text = invoke("segment", shop)
    words = " ".join(text.split())
    assert code == 0
    for said in (
        "Items by value (A, B, C) and by forecast error (X, Y, Z)",
        "What each cell asks for",
        "Where items are in their life",
        "From month to month",
        "Note: 1 item with fewer than 8 known periods (new): not judged by forecasts, so Z.",
        "6 items segmented in",
        "Nothing written; --output FILE keeps every item.",
    ):
        assert said in words


def test_json_has_every_item_and_cell(figures: dict[str, list[dict[str, object]]]) -> None:
    assert figures["items"] == 6
    assert [row["cell"] for row in figures["matrix"]] == ["AX", "AY", "AZ", "BX", "BY", "BZ", "CX", "CY", "CZ"]
    rows = {row["item"]: row for row in figures["segments"]}
    assert rows["dead"]["life_cycle"] == "ended"
    assert rows["dead"]["recommended_policy"] == "stop buying"
    assert rows["dead"]["recommended_target"] is None
    assert len(figures["months"]) == 6
    assert sum(figures["life_cycle"].values()) == 6  # type: ignore[attr-defined]


def test_the_class_by_margin_or_lines_makes_other_cells(shop: Path) -> None:
    by = {each: json.loads(invoke("segment", shop, "--by", each, "--json")[1]) for each in ("margin", "lines")}
    for each, figures in by.items():
        assert figures["by"] == each
        for row in figures["segments"]:
            assert row["cell"] == row[f"{each}_class"] + row["xyz"]


def test_items_without_a_class_have_a_row_of_their_own(tmp_path: Path) -> None:
    tables = small_tables()
    write_folder(tmp_path / "some", tables | {"items": tables["items"].assign(unit_price=[3.0, *[None] * 5])})
    code, text = invoke("segment", tmp_path / "some", "--by", "margin")
    assert code == 0
    grid, asked = text.split("What each cell asks for")
    assert [line.split()[:3] for line in grid.splitlines() if line.startswith("no class")] == [["no", "class", "5"]]
    assert sum(line.startswith("no class") for line in asked.splitlines()) == 1


@pytest.mark.parametrize("name", ["segments.csv", "segments.parquet", "segments.xlsx"])
def test_each_items_segment_is_written(shop: Path, tmp_path: Path, name: str) -> None:
    code, text = invoke("segment", shop, "--output", tmp_path / name, "--quiet")
    assert (code, text) == (0, "")
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".xlsx": lambda file: pd.read_excel(file, header=3)}
    found = read[Path(name).suffix](tmp_path / name)
    assert found.columns.tolist() == SEGMENTS.column_names
    assert sorted(found["item"]) == sorted(["steady", "erratic", "rare", "lumpy", "dead", "new"])


def test_the_plan_of_the_last_refresh_says_what_items_are_worth_that_are_not_known_for_a_year(tmp_path: Path) -> None:
    names = ["steady", "erratic", "rare", "lumpy", "dead", "new"]
    plan = pd.DataFrame({"item": names, "location": "MAIN", "demand_per_period": [1.0, 1.0, 900.0, 1.0, 1.0, 9000.0]})
    log = pd.DataFrame({"plan_date": ["2024-06-24", "2024-07-01"]})
    write_folder(tmp_path / "tables", small_tables() | {"plan": plan, "log": log})
    found = json.loads(invoke("segment", tmp_path / "tables", "--json")[1])
    assert {row["item"]: row["abc"] for row in found["segments"]} == dict.fromkeys(names, "C") | {"new": "A"}
    assert not any("last year of history" in note for note in found["notes"])


def test_rejected_rows_are_told_with_the_exit_code(tmp_path: Path) -> None:
    tables = small_tables()
    tables["demand"].loc[tables["demand"].index[3], "quantity"] = -5.0
    write_folder(tmp_path / "tables", tables)
    code, text = invoke("segment", tmp_path / "tables")
    assert code == 1
    assert "1 row rejected" in text


def test_below_the_answer_stands_one_rejected_row_of_each_reason(tmp_path: Path) -> None:
    tables = small_tables()
    demand = tables["demand"].astype({"quantity": object})
    demand.loc[demand.index[3:9], "quantity"] = [-5.0, -6.0, -7.0, "many", "few", 1.0]
    demand.loc[demand.index[12], "item"] = "unknown"
    write_folder(tmp_path / "tables", tables | {"demand": demand})
    words = invoke("segment", tmp_path / "tables")[1]
    below = words[words.index("Data quality") :]
    assert below.count("rejected │") == 3
    assert "2 more" in below
    assert "6 rows rejected" in " ".join(below.split())


def test_what_cannot_be_read_or_written_is_refused_in_a_line(shop: Path, tmp_path: Path) -> None:
    assert "is one file; expected a workbook or a folder" in refusal("segment", shop / "demand.csv")
    assert "expected .csv, .parquet or .xlsx" in refusal("segment", shop, "--output", tmp_path / "segments.txt")
    (tmp_path / "there.xlsx").write_bytes(b"a workbook")
    assert "there.xlsx is there already" in refusal("segment", shop, "--output", tmp_path / "there.xlsx")
