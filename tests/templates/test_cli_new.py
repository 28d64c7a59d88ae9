"""``invopt new``: what it writes, what it refuses, and what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import invoke, refusal
from python_calamine import CalamineWorkbook

from invopt_xl.hosts.cli import new_books
from invopt_xl.templates import TEMPLATES


def test_it_names_the_templates_a_line_each() -> None:
    _, shown = invoke("new", "--list")
    assert [line.split()[0] for line in shown.splitlines()] == list(TEMPLATES)


def test_it_writes_a_workbook_and_says_what_to_do_next(tmp_path: Path) -> None:
    book = tmp_path / "plan.xlsx"
    code, shown = invoke("new", "replenishment_plan", book, "--host", "calc")
    assert code == 0
    assert CalamineWorkbook.from_path(book).sheet_names[0] == "Cover"
    assert shown.startswith(f"Written to {book}, for LibreOffice Calc")
    assert f"invopt refresh {book}" in shown


def test_for_excel_on_windows_it_says_what_excel_needs(tmp_path: Path) -> None:
    _, shown = invoke("new", "order-plan", tmp_path / "orders.xlsm", "--host", "excel", "--blank")
    assert "Enable Content" in shown
    assert "invopt excel install" in shown


@pytest.mark.parametrize(
    ("platform", "ending", "title"),
    [("win32", "xlsm", "Excel for Windows"), ("linux", "xlsx", "LibreOffice Calc"), ("darwin", "xlsx", "on a Mac")],
)
def test_unless_it_is_said_the_host_is_that_of_the_computer(
    platform: str, ending: str, title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_books.sys, "platform", platform)
    _, shown = invoke("new", "excess_review", tmp_path / f"excess.{ending}", "--blank")
    assert title in shown
    assert "--host says otherwise" in shown


def test_an_unknown_template_is_told_what_it_may_have_meant(tmp_path: Path) -> None:
    assert refusal("new", "safety_stock", tmp_path / "a.xlsx").endswith("did you mean safety_stock_calculator?")
    assert "there are replenishment_plan, " in refusal("new", "xyz", tmp_path / "a.xlsx")


def test_another_ending_than_the_hosts_is_refused(tmp_path: Path) -> None:
    said = refusal("new", "order_plan", tmp_path / "orders.xlsx", "--host", "excel")
    assert said == "orders.xlsx ends in .xlsx; expected .xlsm for Excel for Windows, with the functions as macros"
    assert "expected .xlsx for Excel on the web" in refusal(
        "new", "order_plan", tmp_path / "orders.xlsm", "--host", "web"
    )


def test_a_file_that_is_there_is_not_written_over_unasked(tmp_path: Path) -> None:
    book = tmp_path / "plan.xlsx"
    book.write_text("mine")
    assert "write over it with --force" in refusal("new", "order_plan", book, "--host", "calc")
    assert book.read_text() == "mine"
    invoke("new", "order_plan", book, "--host", "calc", "--force", "--blank")
    assert CalamineWorkbook.from_path(book).sheet_names[0] == "Cover"


def test_without_a_folder_to_write_to_nothing_is_written(tmp_path: Path) -> None:
    assert "there is no folder" in refusal("new", "order_plan", tmp_path / "none" / "plan.xlsx", "--host", "calc")


def test_a_book_where_the_template_belongs_is_told_the_right_order() -> None:
    expected = "plan.xlsx is no template but a file; expected: invopt new {} plan.xlsx; --list names them"
    assert refusal("new", "plan.xlsx", "order_plan") == expected.format("order_plan")
    assert refusal("new", "plan.xlsx") == expected.format("TEMPLATE")


def test_the_calculator_needs_no_refresh_and_that_is_said() -> None:
    calculator = Path(__file__).parents[2] / "templates" / "calc" / "safety_stock_calculator.xlsx"
    assert refusal("refresh", calculator).startswith(f"{calculator.name} needs no refresh, nothing was done: ")


def test_a_template_without_a_book_is_refused_with_an_example() -> None:
    assert "invopt new replenishment_plan plan.xlsx" in refusal("new", "order_plan")
