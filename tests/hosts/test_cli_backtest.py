"""The command ``invopt backtest`` as its users meet it: what is compared, what is chosen, what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from command_line import invoke, refusal
from small_tables import small_tables

from invopt_xl.forecasting import METHODS
from invopt_xl.forecasting.backtest.walk import walk_forward
from invopt_xl.workbook import write_folder

BRIEF = ("--horizon", 3, "--windows", 4, "--method", "auto", "--method", "median")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path / "cache"))


def demand(items: int = 3, months: int = 30) -> pd.DataFrame:
    dates = pd.date_range("2021-01-01", periods=months, freq="MS").strftime("%Y-%m-%d")
    random = np.random.default_rng(5)
    rows = [
        pd.DataFrame({"item": f"i{place}", "date": dates, "quantity": random.poisson(0.6, months), "unit_price": 4})
        for place in range(items)
    ]
    return pd.concat(rows, ignore_index=True)


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    demand().to_csv(tmp_path / "sales.csv", index=False)
    return tmp_path / "sales.csv"


def test_methods_stand_side_by_side_with_errors_coverage_and_patterns(sales: Path) -> None:
    code, text = invoke("backtest", sales, *BRIEF)
    assert code == 0
    assert "3 items scored, 4 windows of 3 months" in text
    for words in ("WAPE", "bias", "MASE", "RMSSE", "pinball", "in 80%", "in 95%", "intermittent"):
        assert words in text
    lines = [line.split()[0] for line in text.splitlines() if line]
    assert lines.index("auto") < lines.index("median")
    assert "no cost of errors: it needs the items' unit_cost" in text
    assert "2 methods back-tested on 12 windows" in text


def test_the_numbers_are_those_of_the_back_test_itself(sales: Path) -> None:
    _, text = invoke("backtest", sales, *BRIEF, "--json")
    found = json.loads(text)
    quantity = [rows["quantity"].to_numpy(dtype=float) for _, rows in demand().groupby("item")]
    expected = walk_forward(quantity, 3, 4, methods=("auto", "median"), season=12).by_method()
    for row in found["methods"]:
        for name in ("wape", "mase", "rmsse", "scaled_pinball", "coverage_80"):
            assert row[name] == pytest.approx(expected.loc[row["method"], name])
    assert [row["method"] for row in found["methods"]] == ["auto", "median"]
    assert found["chosen"].keys() <= {"auto", "median"}


def test_usual_methods_are_compared_unless_some_are_named(sales: Path) -> None:
    _, text = invoke("backtest", sales, "--horizon", 2, "--windows", 1, "--json")
    methods = [row["method"] for row in json.loads(text)["methods"]]
    assert methods[0] == "auto"
    assert len(methods) >= 3
    assert set(methods) <= set(METHODS)


def test_cost_is_shown_where_cost_and_price_are_known(tmp_path: Path) -> None:
    tables = small_tables()
    tables["items"].loc[tables["items"]["item"] == "dead", "unit_price"] = None
    write_folder(tmp_path / "tables", tables)
    _, text = invoke("backtest", tmp_path / "tables", *BRIEF)
    assert "cost" in next(line for line in text.splitlines() if line.startswith("method"))
    assert "but for 1 item without price or cost" in " ".join(text.split())
    _, text = invoke("backtest", tmp_path / "tables", *BRIEF, "--measure", "cost", "--json")
    methods = json.loads(text)["methods"]
    assert all(row["cost"] > 0 for row in methods)


@pytest.mark.parametrize("name", ["out.csv", "out.parquet", "out.xlsx"])
def test_measures_of_each_item_and_method_are_written(name: str, sales: Path, tmp_path: Path) -> None:
    output = tmp_path / name
    assert invoke("backtest", sales, *BRIEF, "--output", output, "--quiet") == (0, "")
    if name.endswith("xlsx"):
        sheet = openpyxl.load_workbook(output)["Back-test"]
        rows = [[cell.value for cell in row] for row in sheet[sheet.tables["tblBacktest"].ref]]
        found = pd.DataFrame(rows[1:], columns=rows[0])
    else:
        found = pd.read_csv(output) if name.endswith("csv") else pd.read_parquet(output)
    assert found[["item", "location", "method"]].values.tolist() == [
        [item, "MAIN", method] for item in ("i0", "i1", "i2") for method in ("auto", "median")
    ]
    assert {"pattern", "model", "mase", "coverage_95", "cost"} <= set(found.columns)


def test_champions_written_by_a_back_test_are_taken_by_a_forecast(sales: Path, tmp_path: Path) -> None:
    champions = tmp_path / "methods.csv"
    code, text = invoke("backtest", sales, *BRIEF, "--margin", 0, "--champions", champions)
    assert code == 0
    assert f"Written to {champions}" in " ".join(text.split())
    chosen = pd.read_csv(champions)
    assert list(chosen.columns)[:4] == ["item", "location", "method", "champion"]
    assert chosen["reason"].str.len().min() > 10
    chosen.assign(method=["median", "auto", "median"]).to_csv(champions, index=False)
    code, text = invoke("forecast", sales, "--horizon", 2, "--methods", champions, "--json")
    assert code == 0
    models = {row["item"]: row["model"] for row in json.loads(text)["forecast"]}
    _, text = invoke("forecast", sales, "--horizon", 2, "--method", "median", "--json")
    median = {row["item"]: row["model"] for row in json.loads(text)["forecast"]}
    assert models["i0"] == median["i0"]
    assert models["i1"] != median["i1"]


def test_champions_of_last_time_have_to_be_beaten_and_are_compared(sales: Path, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("item,method\ni0,ses\n")
    _, text = invoke("backtest", sales, *BRIEF, "--methods", tmp_path / "old.csv", "--margin", 0.99, "--json")
    found = json.loads(text)
    assert [row["method"] for row in found["methods"]] == ["auto", "ses", "median"]
    assert found["chosen"] == {"auto": 2, "ses": 1}
    assert found["changes"] == []
    assert "2 of the items have no method in the file: auto taken" in found["assumptions"]


def test_windows_that_cannot_be_scored_are_counted_with_the_reason(tmp_path: Path) -> None:
    table = pd.concat([demand(2), demand(1).tail(4).assign(item="new")])
    table.to_csv(tmp_path / "d.csv", index=False)
    code, text = invoke("backtest", tmp_path / "d.csv", *BRIEF)
    assert code == 0
    assert "Not scored: 4 windows of 1 item; " in text


def test_bad_rows_are_named_and_the_rest_is_compared(sales: Path) -> None:
    sales.write_text(sales.read_text() + "i0,never,1,1\n")
    code, text = invoke("backtest", sales, *BRIEF)
    assert code == 1
    assert "not a date" in text
    assert "1 row rejected" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--horizon", 12, "--windows", 1, "--season", 1, "--item", "i9"), "there is no demand of item 'i9'"),
        (("--horizon", 28), "no window can be scored (2 known periods before it; 8 are needed); expected more months"),
        (("--horizon", 3, "--method", "magic"), "forecasting method is magic; expected one of"),
        (("--horizon", 3, "--champion", "magic"), "forecasting method is magic"),
        (("--horizon", 3, "--output", "out.doc"), "out.doc ends in .doc; expected .csv, .parquet or .xlsx"),
        (("--horizon", 3, "--champions", "m.xlsx"), "m.xlsx ends in .xlsx; expected .csv or .parquet"),
        (("--horizon", 3, "--champions", "a.csv", "--output", "a.csv"), "one file; expected two files"),
        (("--horizon", 3, "--champions", "sales.csv"), "sales.csv is the file that is read"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(
    arguments: tuple[object, ...], words: str, sales: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sales.parent)
    assert words in refusal("backtest", "sales.csv", *arguments)


def test_a_process_ends_with_the_codes_of_all_commands(sales: Path) -> None:
    def ended(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "invopt_xl", "backtest", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, env={**os.environ}, check=False)

    done = ended(sales, *BRIEF)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 methods back-tested" in done.stdout
    done = ended(sales, "--horizon", 3, "--windows", 0)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("invopt: ")
    assert done.stderr.count("\n") == 1
    assert "invopt forecast sales.csv --horizon 6 --methods methods.csv" in ended("--help").stdout
