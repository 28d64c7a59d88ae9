"""``invopt undo``, and what ``invopt refresh`` says of it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from command_line import invoke, refusal
from small_tables import small_tables
from workbook_builders import rewrite_parts

from invopt_xl.plan.pipeline import run
from invopt_xl.workbook import refresh
from invopt_xl.workbook.template import Cover, build_plan_workbook


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    tables = small_tables(horizon_periods=4, solver_seconds=1)
    tables |= {stem: tables[stem][tables[stem]["item"] == "steady"] for stem in ("items", "demand")}
    del tables["open_orders"]
    path = build_plan_workbook(tmp_path_factory.mktemp("s") / "a shop.xlsx", tables, title="A", cover=Cover("Plan."))
    return path, run(tables)


@pytest.fixture
def book(shop: tuple[Path, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(refresh, "run", lambda *_, **__: copy.deepcopy(shop[1]))
    monkeypatch.setenv("INVOPT_UNDO", str(tmp_path / "undo"))
    path = tmp_path / "a shop.xlsx"
    path.write_bytes(shop[0].read_bytes())
    return path


def test_a_refresh_says_how_it_is_undone_and_undo_does_it(book: Path) -> None:
    before = book.read_bytes()
    code, said = invoke("refresh", book, "--no-cache", columns=400)
    assert code == 0
    assert said.rstrip().endswith(f'undo: invopt undo "{book}"')
    code, said = invoke("undo", book)
    assert code == 0
    assert said.startswith("a shop.xlsx is as it was before the refresh of 20")
    assert book.read_bytes() == before


def test_machines_are_told_nothing_of_it(book: Path) -> None:
    assert "undo" not in invoke("refresh", book, "--no-cache", "--json")[1]
    assert invoke("refresh", book, "--no-cache", "--quiet")[1] == ""


def test_a_new_workbook_has_nothing_to_undo(book: Path, tmp_path: Path) -> None:
    assert "undo" not in invoke("refresh", book, "--no-cache", "--output", tmp_path / "new.xlsx")[1]


def test_the_list_says_what_can_be_undone_and_changes_nothing(book: Path) -> None:
    for _ in range(2):
        invoke("refresh", book, "--no-cache", "--quiet")
    after = book.read_bytes()
    _, said = invoke("undo", book, "--list")
    assert "What can be undone of a shop.xlsx" in said
    assert [word in said for word in ("refresh", "kB", "yes", "after the one above")] == [True] * 4
    assert book.read_bytes() == after
    rewrite_parts(book, added={"customXml/item1.xml": b"<mine/>"})
    assert "with --force: changed since" in invoke("undo", book, "--list")[1]
    assert "--force does it and keeps the present one beside it" in refusal("undo", book)
    assert "; what was there is a shop.backup.xlsx" in invoke("undo", book, "--force", columns=400)[1]


def test_without_a_copy_it_is_said_in_a_line(tmp_path: Path) -> None:
    for options in ((), ("--list",), ("--force",)):
        assert refusal("undo", tmp_path / "none.xlsx", *options).startswith("none.xlsx has nothing to undo")
