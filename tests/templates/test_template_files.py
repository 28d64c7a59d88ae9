"""Every template for every host: what its file holds, and that what is committed is what the code builds."""

from __future__ import annotations

import time
import warnings
import zipfile
from pathlib import Path

import openpyxl
import pytest
import python_calamine
from excel_rules import problems

from invopt_xl.hosts.cli.new_books import write
from invopt_xl.hosts.excel.buttons import REFRESH
from invopt_xl.templates import FORMS, TEMPLATES, Form, Template
from invopt_xl.workbook.difference import diff_parts
from invopt_xl.workbook.reading import read_tables

COMMITTED = Path(__file__).parents[2] / "templates"
MAIN, CALCULATOR = TEMPLATES["replenishment_plan"], TEMPLATES["safety_stock_calculator"]
BUILT = [
    *((template, FORMS["web"]) for template in TEMPLATES.values()),
    *((template, FORMS["excel"]) for template in (MAIN, CALCULATOR)),
    (CALCULATOR, FORMS["calc"]),
]
"""All of them for one host; for the others a plan and the calculator, which differ."""

EACH = [pytest.param(template, form, id=f"{template.name}-{form.host}") for template, form in BUILT]
each_template_and_host = pytest.mark.parametrize(("template", "form"), EACH)
PLANS = [template for template in TEMPLATES.values() if template.is_plan]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """Build each once, and remember how long it took."""
    folder = tmp_path_factory.mktemp("templates")
    made = {}
    for template, form in BUILT:
        path = folder / form.host / f"{template.name}{form.suffix}"
        path.parent.mkdir(exist_ok=True)
        begin = time.perf_counter()
        write(template, path, form)
        assert time.perf_counter() - begin < 5.0, "a template takes at most 5 s"
        made[template.name, form.host] = path
    return made


@each_template_and_host
def test_excel_finds_nothing_to_repair(built: dict[tuple[str, str], Path], template: Template, form: Form) -> None:
    assert problems(built[template.name, form.host]) == []


def test_charts_and_sparklines_look_the_same_in_every_excel(built: dict[tuple[str, str], Path]) -> None:
    """No axis of dates gives a week's column the width of a day, and closing a group of columns hides no sparkline."""
    with zipfile.ZipFile(built[MAIN.name, "web"]) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    columns = [part for part in parts.values() if b'<c:barDir val="col"/>' in part]
    assert len(columns) >= 2
    assert not [part for part in columns if b'<c:auto val="1"/>' in part or b"<c:dateAx>" in part]
    sparklines = [part for part in parts.values() if b"<x14:sparklineGroup " in part]
    assert sparklines
    assert all(b'displayHidden="1"' in part for part in sparklines)


ERRORS = {"#NAME?", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NULL!"}
"""Without #N/A, which is what a chart leaves out."""


def texts(path: Path) -> list[str]:
    """Return all words in a workbook's cells, errors among them."""
    book = python_calamine.CalamineWorkbook.from_path(path)
    cells = [cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row]
    return [cell for cell in cells if isinstance(cell, str)]


@each_template_and_host
def test_what_is_committed_is_what_the_code_builds(
    template: Template, form: Form, built: dict[tuple[str, str], Path]
) -> None:
    committed = COMMITTED / form.host / f"{template.name}{form.suffix}"
    if template.is_plan and form.host != "web":
        assert not committed.exists(), "the one for the web opens everywhere"
        return
    # Its macros are those of the installed xlwings; compressed bytes are a matter of the library that compresses.
    changed = set(diff_parts(committed, built[template.name, form.host])) - {"xl/vbaProject.bin"}
    assert not changed, "build again: invopt new --all templates"


def test_the_same_choices_give_the_same_bytes(built: dict[tuple[str, str], Path], tmp_path: Path) -> None:
    for name, host in ((MAIN.name, "excel"), (CALCULATOR.name, "excel"), (CALCULATOR.name, "calc")):
        again = tmp_path / built[name, host].name
        write(TEMPLATES[name], again, FORMS[host])
        assert again.read_bytes() == built[name, host].read_bytes()


@each_template_and_host
def test_independent_readers_open_it(template: Template, form: Form, built: dict[tuple[str, str], Path]) -> None:
    path = built[template.name, form.host]
    with warnings.catch_warnings():
        # openpyxl knows no print area of whole columns.
        warnings.filterwarnings("ignore", message="Print area cannot be set")
        names = openpyxl.load_workbook(path, read_only=True).sheetnames
    assert names[0] == "Cover"
    assert names[-1] == "Functions"
    assert set(template.sheets) <= set(names)
    assert python_calamine.CalamineWorkbook.from_path(path).sheet_names == names


@each_template_and_host
def test_no_cell_is_saved_with_an_error(template: Template, form: Form, built: dict[tuple[str, str], Path]) -> None:
    assert not [text for text in texts(built[template.name, form.host]) if text in ERRORS]


@pytest.mark.parametrize("template", PLANS, ids=lambda template: template.name)
def test_plans_hold_the_example_and_its_plan(template: Template, built: dict[tuple[str, str], Path]) -> None:
    tables = read_tables(built[template.name, "web"])
    assert len(tables["items"]) == 24
    assert len(tables["plan"]) == 24


def test_only_for_excel_on_windows_a_button_refreshes_a_plan(built: dict[tuple[str, str], Path]) -> None:
    for (name, host), path in built.items():
        with zipfile.ZipFile(path) as archive:
            drawings = [archive.read(part) for part in archive.namelist() if part.endswith(".vml")]
        wanted = host == "excel" and TEMPLATES[name].is_plan
        assert any(REFRESH.encode() in drawing for drawing in drawings) is wanted


def test_only_for_excel_on_windows_there_are_macros(built: dict[tuple[str, str], Path]) -> None:
    for (_, host), path in built.items():
        with zipfile.ZipFile(path) as archive:
            assert ("xl/vbaProject.bin" in archive.namelist()) is (host == "excel")


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template.name)
def test_a_blank_one_has_no_items_and_no_errors(template: Template, tmp_path: Path) -> None:
    path = tmp_path / "blank.xlsx"
    write(template, path, FORMS["calc"], blank=True)
    assert not [text for text in texts(path) if text in ERRORS or "Complete Journey" in text or "#INVOPT" in text]
    if template.is_plan:
        tables = read_tables(path)
        assert tables["items"].dropna(how="all").empty
        assert tables["parameters"].set_index("name")["value"]["service_target"] == 0.95
