"""The command ``invopt excess`` as its users meet it: what is shown, written and refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from command_line import invoke, refusal
from small_tables import small_tables

from invopt_xl.hosts.cli.show import item_titles
from invopt_xl.plan import pipeline
from invopt_xl.plan.columns import ACTIONS, BY_STEM
from invopt_xl.workbook import read_tables, write_folder


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    tables = {
        stem: frame[frame["item"].isin(["steady", "dead"])] if "item" in frame else frame
        for stem, frame in small_tables(weeks=34).items()
    }
    tables["items"] = tables["items"].assign(on_hand=[900, 80])
    shaped = {stem: frame.reindex(columns=BY_STEM[stem].column_names) for stem, frame in tables.items()}
    write_folder(folder, shaped, suffix="csv")
    return folder


def test_money_age_actions_and_assumptions_are_shown(shop: Path) -> None:
    code, shown = invoke("excess", shop)
    assert code == 0
    for part in (
        "will remain",
        "with 80% probability",
        "Expected write-off",
        "Excess as tblExcess",
        "history alone",
        "Stock by age",
    ):
        assert part in " ".join(shown.split())
    assert "Actions: " in shown
    assert "Assumed: stock left after 365 days" in shown
    assert "2 items in stock reviewed" in shown


def test_a_machine_gets_every_action_and_less_remains_after_a_longer_horizon(shop: Path) -> None:
    found = [json.loads(invoke("excess", shop, "--json", *more)[1]) for more in ((), ("--horizon", 182))]
    short, long = found
    assert [each["horizon_days"] for each in found] == [91, 182]
    assert short["headline"]["remaining_80"] > long["headline"]["remaining_80"] > 0
    assert short["demand_from"] == "history"
    assert set(short["actions"][0]) == set(ACTIONS.column_names)
    assert [row["horizon_days"] for row in short["remaining_by_horizon"]] == [30, 91, 182, 365]


def test_stock_never_seen_on_sale_is_told_as_not_judged_and_as_nothing_to_a_machine(shop: Path, tmp_path: Path) -> None:
    strange = shutil.copytree(shop, tmp_path / "strange")
    demand = pd.read_csv(strange / "demand.csv")
    demand[demand["item"] != "dead"].to_csv(strange / "demand.csv", index=False)
    shown = " ".join(invoke("excess", strange)[1].split())
    assert "Not judged: " in shown
    assert "never seen on sale, they count in the stock and in the excess, but not in what remains" in shown
    found = json.loads(invoke("excess", strange, "--json")[1])
    assert found["headline"]["unjudged"] > 0
    unknown = next(row for row in found["ageing"] if row["ageing"] == "unknown")
    assert unknown["remaining_value"] is None
    assert any(words.startswith("suppliers refund") for words in found["assumed"])


def test_with_forecasts_the_actions_written_are_those_of_the_plan(shop: Path, tmp_path: Path) -> None:
    code, shown = invoke("excess", shop, "--forecast", "--workers", 1, "--output", tmp_path / "actions.csv")
    assert code == 0
    assert "Demand by forecasts" in shown
    written = pd.read_csv(tmp_path / "actions.csv")
    planned = pipeline.run(read_tables(shop), wanted=frozenset({"actions"}), workers=1).tables["actions"]
    assert written["units"].tolist() == planned["units"].tolist()
    assert written["gain"].tolist() == pytest.approx(planned["gain"].tolist())


def test_what_was_refreshed_for_its_plan_date_is_counted_as_the_refresh_did(shop: Path, tmp_path: Path) -> None:
    plan_date = read_tables(shop)["parameters"].set_index("name")["value"]["plan_date"]
    refreshed = shutil.copytree(shop, tmp_path / "refreshed")
    for date, source in ((str(plan_date)[:10], "forecasts"), ("2001-01-01", "history")):
        pd.DataFrame({"run": [1], "plan_date": [date]}).to_csv(refreshed / "log.csv", index=False)
        assert json.loads(invoke("excess", refreshed, "--workers", 1, "--json")[1])["demand_from"] == source
    pd.DataFrame({"run": [1], "plan_date": [plan_date]}).to_csv(refreshed / "log.csv", index=False)
    assert json.loads(invoke("excess", refreshed, "--history", "--json")[1])["demand_from"] == "history"


def test_what_cannot_be_written_or_read_is_refused_in_one_line(shop: Path, tmp_path: Path) -> None:
    assert "expected .csv, .parquet or .xlsx" in refusal("excess", shop, "--output", tmp_path / "actions.pdf")
    assert "nowhere" in refusal("excess", tmp_path / "nowhere")


def test_rows_on_a_console_name_the_location_of_an_item_that_stands_at_several() -> None:
    items = pd.DataFrame({"item": ["tea", "tea", "cup"], "location": ["MAIN", "WEST", "WEST"]})
    rows = items.iloc[1:].assign(description=["Green tea", "Cup"])
    assert [str(title) for title in item_titles(rows, items, 15)] == ["tea at WEST Gr…", "cup Cup"]
