"""The command ``invopt replay`` as its users meet it: what is compared, what is written, what is refused."""

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

from invopt_xl.errors import how_to_install
from invopt_xl.plan.replay.run import Question, replay_tables
from invopt_xl.workbook import read_tables, write_folder

BRIEF = ("--periods", 12, "--draws", 2, "--workers", 1)
SPREADSHEET = ("--policies", "textbook", "--periods", 12, "--draws", 2)
FIGURES = {
    "policy", "target", "fill_value", "fill_units", "fill_lines", "cycle_service", "ready_rate", "stock_units",
    "stock_money", "turns", "orders", "stockouts",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep forecasts from test to test; they are the same ones."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INVOPT_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop") / "tables"
    write_folder(folder, small_tables())
    return folder


@pytest.fixture(scope="module")
def figures(shop: Path) -> dict[str, object]:
    return json.loads(invoke("replay", shop, *BRIEF, "--json")[1])


def many_items(count: int) -> dict[str, pd.DataFrame]:
    """Return items of a Poisson world, of which every tenth sells seldom."""
    random = np.random.default_rng(3)
    dates = pd.date_range(end="2024-06-24", periods=40, freq="7D")
    rates = [0.3 if place % 10 == 9 else 5 + place for place in range(count)]
    demand = [
        pd.DataFrame({"item": f"i{place}", "date": dates, "quantity": random.poisson(rate, 40).astype(float)})
        for place, rate in enumerate(rates)
    ]
    items = pd.DataFrame({"item": [f"i{place}" for place in range(count)], "unit_cost": 4.0, "lead_time_days": 7.0})
    parameters = pd.DataFrame({"name": ["plan_date"], "value": ["2024-07-01"]})
    frames = {"items": items.assign(on_hand=10, lot_size=1), "demand": pd.concat(demand), "parameters": parameters}
    return {stem: frame.astype(object) for stem, frame in frames.items()}


def test_twenty_items_are_replayed_from_a_workbook_or_folder_to_a_conclusion(tmp_path: Path) -> None:
    write_folder(tmp_path / "tables", many_items(20))
    code, text = invoke("replay", tmp_path / "tables", "--periods", 8, "--draws", 2)
    assert code == 0
    words = " ".join(text.split())
    assert "20 items replayed over the last 8 weeks of 40 weeks of history." in words
    for name in ("ours", "uniform", "textbook 26", "fill rate by value", "cycle service", "stock turns", "stock-outs"):
        assert name in text
    assert "Stock money where policies achieve the same fill rate by value" in text
    assert "Ours: " in text
    assert "textbook" in text.split("Ours: ")[1]
    assert "Assumed: lead times are rounded up to whole weeks and drawn 2 times" in words
    for sentence in ("opens with its first reorder point", "are not measured", "whole multiples of one quantity"):
        assert sentence in words
    assert "Nothing written; --output FILE.xlsx" in words


def test_json_holds_every_figure_under_stable_names(figures: dict[str, object]) -> None:
    assert {"items", "period", "periods", "history", "policies", "service", "measure", "weighting", "draws"} <= set(
        figures
    )
    assert (figures["items"], figures["periods"], figures["history"], figures["period"]) == (5, 12, 60, "week")
    assert [row["policy"] for row in figures["at_target"]] == ["ours", "uniform", "textbook 26"]
    assert {row["target"] for row in figures["at_target"]} == {0.95}
    assert all(set(row) == FIGURES for row in figures["curves"])
    assert len(figures["item_figures"]) == 3 * 5
    assert {"policy", "weighting", "fill_rate", "stock_money", "saved_beside_usual", "saved_beside_best"} <= set(
        figures["equal_service"][0]
    )
    assert {row["weighting"] for row in figures["equal_service"]} == {"value", "units", "lines"}
    assert figures["rejected"] == 0
    assert figures["output"] is None


def test_the_numbers_are_those_of_the_replay_itself(shop: Path, figures: dict[str, object]) -> None:
    asked = Question(policies=("textbook",), periods=12, draws=2)
    expected = replay_tables(read_tables(shop), asked).curves.set_index(["policy", "target"])
    held = {(row["policy"], row["target"]): row["stock_money"] for row in figures["curves"]}
    for key, row in expected.iterrows():
        assert held[key] == pytest.approx(row["stock_money"])


def test_items_left_out_are_named_with_the_reason(shop: Path, figures: dict[str, object]) -> None:
    why = {row["item"]: row["why"] for row in figures["left_out"]}
    assert why == {"new": "fewer than 8 known periods before the replay"}
    text = invoke("replay", shop, *SPREADSHEET)[1]
    assert "1 item left out: fewer than 8 known periods before the replay." in text
    assert "what policies would have held of the items left out is not in it" in " ".join(text.split())


def test_items_that_nobody_asked_for_are_played_and_their_stock_counts(shop: Path, figures: dict[str, object]) -> None:
    rows = figures["item_figures"]
    idle = [row for row in rows if row["item"] == "dead"]
    assert [row["demand"] for row in idle] == [0, 0, 0]
    assert [row["fill_rate"] for row in idle] == [None] * 3
    assert all(row["stock_money"] > 0 for row in idle)
    for totals in figures["at_target"]:
        money = [row["stock_money"] for row in rows if row["policy"] == totals["policy"]]
        assert totals["stock_money"] == pytest.approx(sum(money))
        fills = [row["fill_rate"] for row in rows if row["policy"] == totals["policy"] and row["item"] != "dead"]
        assert totals["fill_lines"] == pytest.approx(np.mean(fills))
    assert "1 item that nobody asked for in measured weeks is played too" in " ".join(
        invoke("replay", shop, *SPREADSHEET)[1].split()
    )


def test_a_saving_is_what_a_policy_holds_less_at_equal_service(figures: dict[str, object]) -> None:
    for row in figures["equal_service"]:
        if row["reached"] == "yes" and row["usual_textbook"] is not None:
            assert row["saved_beside_usual"] == pytest.approx(1 - row["stock_money"] / row["usual_textbook"])
            assert row["best_textbook"] <= row["usual_textbook"] + 1e-9
        elif row["reached"] != "yes":
            assert row["stock_money"] is None


def test_what_no_target_achieves_is_out_of_reach_in_words(tmp_path: Path) -> None:
    tables = many_items(3)
    weeks = (pd.to_datetime(tables["demand"]["date"]) - pd.Timestamp("2024-05-06")).dt.days // 7
    # Nothing before tells of it, and each week is nothing beside the next one.
    tables["demand"].loc[weeks >= 0, "quantity"] = 100.0 * 4.0 ** weeks[weeks >= 0]
    write_folder(tmp_path / "tables", tables)
    arguments = (tmp_path / "tables", "--policies", "ours,textbook", "--periods", 8, "--draws", 1)
    text = invoke("replay", *arguments)[1]
    assert "out of reach" in text
    assert "Ours: a fill rate of 95% by value is out of its reach on these data." in " ".join(text.split())
    rows = json.loads(invoke("replay", *arguments, "--json")[1])["equal_service"]
    assert {row["reached"] for row in rows} == {"out of reach"}
    assert {row["stock_money"] for row in rows} == {None}


def test_policies_may_be_replayed_alone(shop: Path) -> None:
    found = json.loads(invoke("replay", shop, *SPREADSHEET, "--json")[1])
    assert [row["policy"] for row in found["at_target"]] == ["textbook 26"]
    assert found["equal_service"] == []
    text = invoke("replay", shop, *BRIEF, "--policies", "uniform")[1]
    assert "textbook" not in text
    assert "Uniform: " in text


def test_a_mix_says_that_it_aims_at_a_fill_rate_even_so(shop: Path) -> None:
    arguments = (shop, "--periods", 6, "--draws", 1, "--policies", "ours,uniform", "--measure", "cycle")
    text = " ".join(invoke("replay", *arguments)[1].split())
    assert "ours aims at an overall fill rate even so: a mix of service has no overall cycle service" in text


def test_the_fill_rate_asked_for_is_the_one_compared(shop: Path) -> None:
    text = invoke("replay", shop, *BRIEF, "--policies", "uniform,textbook", "--weigh", "lines", "--service", 0.9)[1]
    assert "At the service target of 90%\n" in text
    assert "achieve the same fill rate by lines" in text
    assert "a fill rate of 90% by lines" in " ".join(text.split())


def sheet_rows(book: openpyxl.Workbook, sheet: str, table: str) -> list[list[object]]:
    held = book[sheet]
    return [[cell.value for cell in row] for row in held[held.tables[table].ref]]


def test_a_workbook_holds_words_curves_items_and_a_native_chart(
    shop: Path, tmp_path: Path, figures: dict[str, object]
) -> None:
    output = tmp_path / "replay.xlsx"
    assert invoke("replay", shop, *BRIEF, "--output", output, "--quiet") == (0, "")
    book = openpyxl.load_workbook(output)
    assert book.sheetnames == ["Summary", "Curves", "Equal service", "Items", "Left out", "Quality"]
    words = "\n".join(str(cell.value) for cell in book["Summary"]["A"] if cell.value)
    for heading in ("What it says", "What it rests on", "What is not in it"):
        assert heading in words
    header, *rows = sheet_rows(book, "Curves", "tblReplayCurves")
    assert set(header) == FIGURES
    assert len(rows) == len(figures["curves"])
    assert len(sheet_rows(book, "Items", "tblReplayItems")) == 1 + 15
    assert [row[0] for row in sheet_rows(book, "Left out", "tblLeftOut")[1:]] == ["new"]
    (chart,) = book["Curves"]._charts
    assert type(chart).__name__ == "ScatterChart"
    assert len(chart.series) == len({row["policy"] for row in figures["curves"]})
    for line in chart.series:
        assert _values(book, line.xVal.numRef.f), "the chart is drawn from cells"
    first = chart.series[0]
    ours = [row for row in figures["curves"] if row["policy"] == "ours"]
    assert _values(book, first.xVal.numRef.f) == pytest.approx([row["fill_value"] for row in ours])
    assert _values(book, first.yVal.numRef.f) == pytest.approx([row["stock_money"] for row in ours])


def _values(book: openpyxl.Workbook, reference: str) -> list[float]:
    sheet, area = reference.split("!")
    return [row[0].value for row in book[sheet.strip("'")][area.replace("$", "")]]


@pytest.mark.parametrize("name", ["curves.csv", "curves.parquet"])
def test_the_curves_are_written_by_the_ending(name: str, shop: Path, tmp_path: Path) -> None:
    output = tmp_path / name
    code, text = invoke("replay", shop, *SPREADSHEET, "--output", output)
    assert code == 0
    assert f"Written to {output}" in " ".join(text.split())
    found = pd.read_csv(output) if name.endswith("csv") else pd.read_parquet(output)
    assert set(found.columns) == FIGURES
    assert found["fill_value"].between(0, 1).all()


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_exchange_curves_are_drawn(ending: str, shop: Path, tmp_path: Path) -> None:
    output = tmp_path / f"curves.{ending}"
    code, text = invoke("replay", shop, *SPREADSHEET, "--output", output)
    assert code == 0
    assert f"Written to {output}" in " ".join(text.split())
    drawn = output.read_bytes()
    assert drawn.startswith(b"\x89PNG" if ending == "png" else b"<?xml")
    invoke("replay", shop, *SPREADSHEET, "--output", output)
    assert output.read_bytes() == drawn, "the same replay makes the same picture"


def test_a_picture_needs_a_library_and_says_how_to_get_it(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invopt_xl.workbook.curve_picture.find_spec", lambda name: None)
    expected = f"curve.svg needs the library matplotlib, which draws pictures: {how_to_install('plots')}"
    assert refusal("replay", shop, "--output", "curve.svg") == expected


def test_a_code_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    tables = many_items(2)
    for stem in ("items", "demand"):
        tables[stem]["item"] = tables[stem]["item"].replace({"i1": "=1+1"})
    write_folder(tmp_path / "tables", tables)
    assert invoke("replay", tmp_path / "tables", *SPREADSHEET, "--output", tmp_path / "out.xlsx", "-q")[0] == 0
    cells = [cell for cell in openpyxl.load_workbook(tmp_path / "out.xlsx")["Items"]["A"] if cell.value == "=1+1"]
    assert {cell.data_type for cell in cells} == {"s"}


def test_rejected_rows_are_counted_and_the_rest_is_replayed(tmp_path: Path) -> None:
    tables = small_tables()
    tables["demand"].iloc[0, 2] = "many"
    write_folder(tmp_path / "tables", tables)
    output = tmp_path / "replay.xlsx"
    code, text = invoke("replay", tmp_path / "tables", *SPREADSHEET, "--output", output)
    assert code == 1
    assert f"1 row rejected (invopt check {tmp_path / 'tables'} names them)" in " ".join(text.split())
    assert "many" in text.split("Data quality")[1]
    found = json.loads(invoke("replay", tmp_path / "tables", *SPREADSHEET, "--json")[1])
    assert found["rejected"] == 1
    (row,) = (row for row in found["quality"] if row["severity"] == "rejected")
    assert (row["table"], row["column"], row["value"]) == ("tblDemand", "quantity", "many")
    book = openpyxl.load_workbook(output)
    assert ["rejected", "tblDemand"] in [row[:2] for row in sheet_rows(book, "Quality", "tblQuality")]
    words = [cell.value for cell in book["Summary"]["A"]]
    assert "1 input row rejected: the sheet Quality names them." in words


def test_items_with_impossible_terms_are_named_and_the_others_played(tmp_path: Path) -> None:
    tables = small_tables()
    items = tables["items"].set_index("item", drop=False)
    items.loc["erratic", "lead_time_sd_days"] = float("inf")
    items.loc["rare", "unit_cost"] = -4
    items.loc["lumpy", "moq"] = 100_000
    items.loc["dead", "lead_time_sd_days"] = 900  # as wide as a lead time can be, not 900 days
    write_folder(tmp_path / "tables", {**tables, "items": items.reset_index(drop=True)})
    code, text = invoke("replay", tmp_path / "tables", *SPREADSHEET, "--json")
    found = json.loads(text)
    assert code == 1
    why = {row["item"]: row["why"] for row in found["left_out"]}
    assert why == {
        "lumpy": "the smallest order is 100002; expected at most 5 years of demand",
        "new": "fewer than 8 known periods before the replay",
    }
    reasons = {(row["column"], row["value"]): row["reason"] for row in found["quality"]}
    assert "expected a number at least 0" in reasons["unit_cost", "-4"]
    assert "inf" in {value for column, value in reasons if column == "lead_time_sd_days"}
    assert {row["item"] for row in found["item_figures"]} == {"steady", "erratic", "dead"}


def test_five_periods_of_history_are_too_few_in_one_line(tmp_path: Path) -> None:
    tables = many_items(2)
    demand = tables["demand"]
    write_folder(tmp_path / "tables", {**tables, "demand": demand[demand["date"] >= pd.Timestamp("2024-05-27")]})
    expected = "no item can be replayed over the last 2 weeks: fewer than 8 known periods before the replay"
    assert expected in refusal("replay", tmp_path / "tables")


def test_demand_that_is_worth_nothing_has_no_fill_rate_by_value(tmp_path: Path) -> None:
    tables = many_items(2)
    write_folder(tmp_path / "tables", {**tables, "items": tables["items"].assign(unit_cost=0.0)})
    arguments = (tmp_path / "tables", "--policies", "textbook", "--periods", 8, "--draws", 1)
    assert "costs and prices of the items is 0; expected some above zero" in refusal("replay", *arguments)
    found = json.loads(invoke("replay", *arguments, "--weigh", "units", "--json")[1])
    assert {row["fill_value"] for row in found["curves"]} == {None}
    assert all(row["fill_units"] is not None for row in found["curves"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--service", 0), "service target is 0; expected between 0 and 1, such as 0.95"),
        (("--service", 1), "service target is 1; expected between 0 and 1, such as 0.95"),
        (("--service", 95), "service target is 95; expected between 0 and 1, such as 0.95"),
        (("--service", "nan"), "service target is nan; expected between 0 and 1"),
        (("--policies", "ours,magic"), "policy is magic; expected one of ours, uniform, textbook"),
        (("--policies", ","), "policies is none; expected some of ours, uniform, textbook"),
        (("--periods", 60), "tables: periods to replay is 60; expected 1 to 59: the history has 60"),
        (("--periods", 0), "periods to replay is 0; expected 1 to 59"),
        (("--periods", 10_000), "periods to replay is 10000; expected 1 to 59"),
        (("--periods", 59), "no item can be replayed over the last 59 weeks: fewer than 8 known periods before"),
        (("--periods", 1), "no item can be replayed over the last 1 week: an order takes longer than the 1 week"),
        (("--draws", 0), "draws of lead times is 0; expected 1 or more"),
        (("--output", "out.doc"), "out.doc ends in .doc; expected .xlsx, .csv, .parquet, .png or .svg"),
        (("--output", "there.xlsx"), "there.xlsx is there already; expected a new name for the workbook of a replay"),
    ],
)
def test_what_cannot_be_replayed_is_refused_in_one_line(
    arguments: tuple[object, ...], words: str, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.parent)
    Path("there.xlsx").write_bytes(b"a planner's own")
    assert words in refusal("replay", "tables", *arguments)
    assert Path("there.xlsx").read_bytes() == b"a planner's own"


def test_demand_alone_is_not_enough(shop: Path, tmp_path: Path) -> None:
    demand = shop / "demand.csv"
    assert "demand.csv is a file of demand alone; expected a workbook or a folder" in refusal("replay", demand)
    (tmp_path / "demand.csv").write_bytes(demand.read_bytes())
    assert "there is no table tblItems" in refusal("replay", tmp_path)
    assert "nowhere" in refusal("replay", tmp_path / "nowhere")


def test_a_process_ends_with_the_codes_of_all_commands(shop: Path, cache: Path) -> None:
    def ended(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "invopt_xl", "replay", *map(str, arguments)]
        environment = {**os.environ, "INVOPT_CACHE": str(cache), "COLUMNS": "120"}
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    done = ended(shop, *SPREADSHEET)
    assert (done.returncode, done.stderr) == (0, "")
    assert "settings of policies replayed" in done.stdout
    done = ended(shop, "--service", 95)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "invopt: service target is 95; expected between 0 and 1, such as 0.95\n"
    done = ended(shop, "--weigh", "colour")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "invopt replay workbooks/grocery.xlsx --output replay.xlsx" in ended("--help").stdout
