"""``invopt orders`` after a disruption, and beside an earlier result, as its users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from command_line import invoke, refusal
from shop_tables import expected, shop, table

from invopt_xl.workbook import write_folder

BRIEF = ("--seconds", 1, "--workers", 1)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path_factory.getbasetemp() / "orders_cache"))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    due = table(item=["cup"], location=["MAIN"], due_date=["2024-07-16"], quantity=[30])
    write_folder(tmp_path / "shop", shop(open_orders=due))
    expected().to_csv(tmp_path / "shop" / "forecast.csv", index=False)
    return tmp_path / "shop"


def changes_in(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "order_changes.csv", encoding="utf-8-sig")


def test_what_moves_after_a_disruption_is_shown_and_written(source: Path, tmp_path: Path) -> None:
    told = (
        "--close",
        "South:2024-07-01..2024-07-14",
        "--lost",
        "cup:2024-07-16",
        "--price-rise",
        "North:2024-07-15+5%",
    )
    code, shown = invoke("orders", source, "--output", tmp_path / "out", *told, *BRIEF, columns=200)
    assert code == 0
    for part in (
        "30 of cup due 16 Jul never come.",
        "South is closed and delivers nothing 1 Jul to 14 Jul.",
        "What North charges rises by 5% from 15 Jul.",
        "The new plan costs",
        "against following today's plan as it stands it saves",
        "today's plan followed",
        "changed:",
    ):
        assert part in shown
    assert len(changes_in(tmp_path / "out")) > 0


def test_a_machine_gets_the_comparison_too(source: Path, tmp_path: Path) -> None:
    told = ("--lost", "cup:2024-07-16", "--keep-sent")
    _, shown = invoke("orders", source, "--output", tmp_path / "out", *told, *BRIEF, "--json")
    found = json.loads(shown)
    assert found["comparison"]["cost"] == pytest.approx(
        found["comparison"]["costs"][-1]["planned anew"] - found["comparison"]["costs"][-1]["today"], abs=0.01
    )
    assert found["comparison"]["saved"] >= -1e-6
    assert len(found["order_changes"]) == len(changes_in(tmp_path / "out"))


def test_lines_sent_are_not_to_be_placed(source: Path, tmp_path: Path) -> None:
    told = ("--price-rise", "North:2024-07-15+5%", "--keep-sent")
    _, shown = invoke("orders", source, "--output", tmp_path / "out", *told, *BRIEF)
    orders = pd.read_csv(tmp_path / "out" / "orders.csv", encoding="utf-8-sig")
    sent = orders[orders["why"].str.startswith("Sent already")]
    assert len(sent) > 0
    noun = "line" if len(sent) == 1 else "lines"
    assert f"Sent already: {len(sent)} {noun} worth {sent['value'].sum():,.2f}" in shown
    assert "Nothing is to be ordered now" in shown
    assert "Sent already: co" not in shown


def test_changes_are_readable_on_a_narrow_console(source: Path, tmp_path: Path) -> None:
    told = ("--close", "South:2024-07-01..2024-07-21")
    _, shown = invoke("orders", source, "--output", tmp_path / "out", *told, *BRIEF, columns=80)
    lines = shown.splitlines()
    assert max(map(len, lines)) <= 80
    start = next(number for number, line in enumerate(lines) if " changed: " in line)
    count = min(len(changes_in(tmp_path / "out")), 12)
    assert count > 0
    block = lines[start + 1 : next(n for n, line in enumerate(lines) if n > start and "place now" in line.lower())]
    assert sum(line.startswith("- ") for line in block) == count
    assert len(block) <= 4 * count


def test_the_folder_of_the_input_takes_no_results(source: Path) -> None:
    (source / "orders.csv").write_text("my own\n")
    said = refusal("orders", source, "--output", source / ".." / source.name, *BRIEF)
    assert "the folder of the input; expected one of its own, such as" in said
    assert (source / "orders.csv").read_text() == "my own\n"


def test_without_a_comparison_there_is_none(source: Path, tmp_path: Path) -> None:
    _, shown = invoke("orders", source, "--output", tmp_path / "out", *BRIEF, "--json")
    assert json.loads(shown)["comparison"] is None
    assert changes_in(tmp_path / "out").empty


def test_a_plan_is_compared_with_the_folder_it_replaces(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    invoke("orders", source, "--output", out, *BRIEF, "--quiet")
    _, shown = invoke("orders", source, "--output", out, "--compare", out, *BRIEF, columns=200)
    assert "No order line changes." in shown
    assert "Beside the earlier plan, as it was made, today's costs the same." in shown
    lost = pd.read_csv(out / "orders.csv", encoding="utf-8-sig").iloc[1:]
    lost.to_csv(out / "orders.csv", index=False)
    _, shown = invoke("orders", source, "--output", out, "--compare", out, *BRIEF, columns=200)
    assert "1 order line changed: 1 new" in shown
    assert changes_in(out)["change"].tolist() == ["new"]


def test_options_that_do_not_go_together_are_one_line(source: Path, tmp_path: Path) -> None:
    out = ("--output", tmp_path / "out")
    assert "expected it with --close" in refusal("orders", source, *out, "--keep-sent")
    both = ("--compare", tmp_path, "--lost", "cup:2024-07-16")
    assert "expected one or the other" in refusal("orders", source, *out, *both)
    assert "holds no orders.csv" in refusal("orders", source, *out, "--compare", tmp_path)
    assert "there is no supplier East" in refusal("orders", source, *out, "--close", "East:2024-07-01..2024-07-09")
    assert not (tmp_path / "out").exists()
