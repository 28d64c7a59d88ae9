"""Every notebook runs and gives what is stored in it; a changed number fails; all of them are made alike."""

from __future__ import annotations

import ast
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from comparing import NOTEBOOKS, compare
from small_tables import small_tables

from invopt_xl.optimise import OrderPlan, plan_orders
from invopt_xl.plan.orders import planned
from invopt_xl.workbook import write_folder

MOST_WORK = 120.0
"""Seconds of processor time a notebook may take with nothing kept from before: a minute of two processors."""

_MACHINE = re.compile(r"/(home|Users|root|tmp|work|private|var)/|[A-Z]:\\\\|file://")

SMALL = """import pandas as pd
from invopt_xl.hosts.notebook import pictures, show, what_if
frame = pd.DataFrame({"item": ["tea", "cup"], "units": [12.5, 3.25]})
show(frame, "Sold", units={"units": "a week"})"""
PICTURE = 'pictures.bars(frame, "item", "units", title="Tea sells most", unit="units a week")'
WHAT_IF = "what_if(lambda more: show(frame.assign(units=frame['units'] * more)), more=(1.0, 2.0, 0.5))"


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code(path: Path) -> list[Any]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_gives_what_is_stored_in_it(notebook: Path) -> None:
    before = os.times()
    done = compare(notebook)
    assert done.returncode == 0, done.stdout + done.stderr
    after = os.times()
    work = after.children_user + after.children_system - before.children_user - before.children_system
    assert work < MOST_WORK


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_code_cell_was_run_in_order_and_has_an_output(notebook: Path) -> None:
    cells = code(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        assert cell.outputs, cell.source
        assert all(output.output_type in ("display_data", "execute_result") for output in cell.outputs), cell.source
        assert "NBVAL" not in cell.source
        assert not {"nbval-skip", "nbval-ignore-output"} & set(cell.metadata.get("tags", []))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_begins_with_a_question_and_ends_with_a_table_that_is_written_to_a_copy(notebook: Path) -> None:
    cells = read(notebook).cells
    assert cells[0].cell_type == "markdown"
    title = cells[0].source.splitlines()[0]
    assert title.startswith("# ")
    assert title.endswith("?")
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in cells) == 1
    last = code(notebook)[-1].source
    assert ".write(" in last
    assert "output" in last, "the workbook that is read stays as it is"
    opened = [cell.source for cell in code(notebook) if "open_plan(" in cell.source]
    assert len(opened) == 1
    assert "first_look" in "".join(cell.source for cell in code(notebook)[:3])


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_names_no_place_of_a_machine(notebook: Path) -> None:
    told = [cell.source for cell in read(notebook).cells]
    told += [str(text) for cell in code(notebook) for out in cell.outputs for kind, text in out.data.items()
             if kind.startswith("text/")]  # fmt: skip
    assert not [text for text in told if _MACHINE.search(text)]


def bad_tables(case: str) -> dict[str, pd.DataFrame]:
    """Return the tables of a small shop with bad input of a kind."""
    raw = small_tables(solver_seconds=1)
    items, demand = raw["items"], raw["demand"]
    if case == "no price, returns, two currencies":
        raw["demand"] = demand.assign(quantity=demand["quantity"].where(demand.index % 9 != 0, -2))
        raw["items"] = items.assign(unit_price=None, unit_cost=["2 EUR", "$5", 30, 4, 3, 6])
    elif case == "one week of history":
        raw["demand"] = demand[demand["date"] == demand["date"].max()]
    elif case == "all stock dead":
        raw["demand"] = demand.assign(quantity=0)
    return raw


@pytest.mark.parametrize("case", ["no price, returns, two currencies", "one week of history", "all stock dead"])
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_through_on_bad_input(
    notebook: Path, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_folder(tmp_path / "shop", bad_tables(case))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path / "cache"))
    names: dict[str, Any] = {}
    for cell in code(notebook):
        given = f"\nbook, write_to, sales = {str(tmp_path / 'shop')!r}, {str(tmp_path / 'made')!r}, ''"
        source = cell.source + (given if "parameters" in cell.metadata.get("tags", []) else "")
        shown = run_cell(source, names)
        assert repr(shown)
        if hasattr(shown, "_repr_mimebundle_"):
            assert shown._repr_mimebundle_()
    assert list((tmp_path / "made").iterdir()), "the last table is written"


def test_all_tables_of_the_order_plan_notebook_are_of_one_search_though_it_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = small_tables(solver_seconds=0.1)
    for stem in ("items", "demand", "open_orders"):
        raw[stem] = raw[stem][raw[stem]["item"].isin(["erratic", "steady"])]
    write_folder(tmp_path / "shop", raw)
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path / "cache"))
    searched: list[OrderPlan] = []

    def unproven(*problem: Any, **options: Any) -> OrderPlan:
        searched.append(replace(plan_orders(*problem, **options), bound=-1e6))
        return searched[-1]

    monkeypatch.setattr(planned, "plan_orders", unproven)
    (notebook,) = (path for path in NOTEBOOKS if path.stem.startswith("06"))
    names: dict[str, Any] = {}
    for cell in code(notebook):
        source = cell.source
        if "parameters" in cell.metadata.get("tags", []):
            source += f"\nbook = {str(tmp_path / 'shop')!r}"
        if "what_if" in source and "compare(" in source:
            break  # scenarios are plans of their own
        run_cell(source, names)
    assert {"costs", "limits", "short"} <= set(names), "the tables that are shown"
    assert len(searched) == 1


def run_cell(source: str, names: dict[str, Any]) -> object:
    """Run a cell as a notebook does, and return what its last line gives."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return None if last is None else eval(compile(ast.Expression(last.value), "cell", "eval"), names)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from invopt_xl.hosts.notebook.execution import execute

    path = tmp_path_factory.mktemp("small") / "small.ipynb"
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(x) for x in (SMALL, PICTURE, WHAT_IF)]), path
    )
    execute(path)
    return path


def test_a_changed_number_fails_in_a_table_in_the_words_of_a_picture_and_in_an_answer(small: Path) -> None:
    book, changed = read(small), small.with_name("changed.ipynb")
    for cell in book.cells:
        words = cell.outputs[0].data["text/plain"]
        cell.outputs[0].data["text/plain"] = re.sub(r"(?<=[.])\d", lambda digit: str((int(digit[0]) + 1) % 10), words)
        assert cell.outputs[0].data["text/plain"] != words
    nbformat.write(book, changed)
    done = compare(changed)
    assert done.returncode == 1, done.stdout
    assert "3 failed" in done.stdout
    assert set(re.findall(r"^Cell (\d+): Cell outputs differ", done.stdout, re.MULTILINE)) == {"0", "1", "2"}
