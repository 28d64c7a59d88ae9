"""A real LibreOffice opens every template; the calculator's cells show what Python computes."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from statistics import NormalDist

import openpyxl
import pytest
import python_calamine
from office import Office
from openpyxl.worksheet.formula import ArrayFormula

from invopt_xl.hosts.cli.new_books import write
from invopt_xl.sheet import calculate
from invopt_xl.sheet.examples import address
from invopt_xl.templates import FORMS, TEMPLATES

pytestmark = pytest.mark.office

MAIN = "replenishment_plan"
LEVELS, WHAT_IF, HISTORY = 1, 2, 3
"""Places of the calculator's sheets."""


@pytest.fixture(scope="module")
def calculator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("calculator") / "calculator.xlsx"
    write(TEMPLATES["safety_stock_calculator"], path, FORMS["calc"])
    return path


@pytest.fixture
def opened(office: Office, calculator: Path):  # type: ignore[no-untyped-def]
    number = office.do("open", str(calculator))
    yield number
    office.do("close", number)


def shown(office: Office, number: int, path: Path) -> dict[str, list[object]]:
    """Return all cells of all sheets as the office shows them."""
    book = python_calamine.CalamineWorkbook.from_path(path)
    found = {}
    for place, name in enumerate(book.sheet_names):
        sheet = book.get_sheet_by_name(name)
        rows = office.do("read", number, f"A1:{address((sheet.total_height, sheet.total_width))}", place)
        found[name] = [cell for row in rows for cell in row]
    return found


@pytest.mark.parametrize(
    ("name", "host"), [(name, "excel" if name == MAIN else "calc") for name, each in TEMPLATES.items() if each.is_plan]
)
def test_no_cell_shows_an_error_once_all_is_calculated(office: Office, name: str, host: str, tmp_path: Path) -> None:
    path = tmp_path / f"book{FORMS[host].suffix}"
    write(TEMPLATES[name], path, FORMS[host])
    number = office.do("open", str(path))
    office.do("calculate", number)
    cells = shown(office, number, path)
    office.do("close", number)
    # On Workings #N/A is what charts leave out: periods that have not come yet.
    faults = [(sheet, str(cell)) for sheet, row in cells.items() for cell in row if str(cell).startswith(("#", "Err:"))]
    errors = [fault for fault in faults if fault != ("Workings", "#N/A")]
    assert not errors


def test_calculated_anew_it_shows_what_it_was_saved_with(office: Office, opened: int, calculator: Path) -> None:
    book = openpyxl.load_workbook(calculator, data_only=True)
    office.do("calculate", opened)
    for place, name in enumerate(book.sheetnames[:4]):
        area = book[name].dimensions
        now = [cell for row in office.do("read", opened, area, place) for cell in row]
        saved = [cell for row in book[name][area] for cell in (each.value for each in row)]
        for found, expected in zip(now, saved, strict=True):
            if isinstance(expected, int | float):
                assert found == pytest.approx(expected, rel=1e-9)
            else:
                assert found == (expected or "")


def test_a_typed_item_has_the_textbooks_safety_stock(office: Office, opened: int) -> None:
    # Silver, Pyke and Thomas (2017), section 6.8: z times the deviation over review and lead time.
    typed = {"A20": "new", "C20": 100.0, "D20": 18.0, "E20": 2.0, "G20": 1.0, "H20": 0.95}
    office.do("put", opened, typed, LEVELS)
    ((safety_stock, reorder_point),) = office.do("read", opened, "R20:S20", LEVELS)
    assert safety_stock == pytest.approx(NormalDist().inv_cdf(0.95) * 18 * 3**0.5)
    assert reorder_point == pytest.approx(300 + safety_stock)


def test_a_row_that_makes_no_sense_says_so_and_the_master_check_with_it(office: Office, opened: int) -> None:
    office.do("put", opened, {"A20": "new", "C20": 100.0, "D20": "many", "E20": 2.0}, LEVELS)
    ((line,),) = office.do("read", opened, "X20", LEVELS)
    assert line == "demand sd is the text many; expected a number"
    others = office.do("read", opened, "R5:R12", LEVELS)
    assert all(isinstance(cell, float) for (cell,) in others)
    ((result,),) = office.do("read", opened, "E5", 0)
    assert result == "CHECK"


@pytest.mark.parametrize(
    ("typed", "row", "says"),
    [
        ({"H5": "abc"}, 5, "service target is the text abc; expected a number"),
        ({"C5": "abc"}, 5, "mean demand is the text abc; expected a number"),
        ({"M5": "abc"}, 5, "holding rate is the text abc; expected a number"),
        ({"N8": "abc"}, 8, "order quantity is the text abc; expected a number"),
        ({"A6": "P8090521"}, 6, "item P8090521 stands in 2 rows; expected one row for each item"),
        ({"A6": ""}, 6, "item is empty; expected a name"),
        ({"M6": 25.0}, 6, "holding rate is 2500%; expected at most 500%"),
    ],
)
def test_the_check_of_a_row_names_what_is_wrong_with_it(
    office: Office, opened: int, typed: dict[str, object], row: int, says: str
) -> None:
    office.do("put", opened, typed, LEVELS)
    assert office.do("read", opened, f"X{row}", LEVELS) == [[says]]
    assert office.do("read", opened, "X12", LEVELS) == [["OK"]]
    assert office.do("read", opened, "E5", 0) == [["CHECK"]]


def test_an_input_that_is_an_error_value_is_named_as_the_cause(office: Office, opened: int) -> None:
    office.do("put", opened, {"A20": "new", "C20": "=1/0", "D20": 3.0, "E20": 2.0}, LEVELS)
    (check,), (cause,) = office.do("read", opened, "E5", 0)[0], office.do("read", opened, "D6", 0)[0]
    ((line,),) = office.do("read", opened, "X20", LEVELS)
    assert (check, cause) == ("CHECK", "An input shows an error value: type a number there, or empty the cell.")
    assert line == "an input shows an error value: type a number"


def test_what_counts_nowhere_does_not_pass_as_right(office: Office, opened: int) -> None:
    """Rows below the table, an item's name alone, words among past demand."""
    office.do("put", opened, {"A20": "new", "A35": "one too many", "C35": 100.0}, LEVELS)
    office.do("put", opened, {"B6": "lots"}, HISTORY)
    assert office.do("read", opened, "X20", LEVELS) == [["type mean demand, demand sd and lead time"]]
    ((line,),) = office.do("read", opened, "P35", LEVELS)
    assert line.startswith("Below row 34 nothing is calculated")
    assert office.do("read", opened, "D3", HISTORY)[0][0].startswith("Words among the quantities: 1; ")
    assert [result for (result,) in office.do("read", opened, "E11:E14", 0)] == ["CHECK", "OK", "CHECK", "CHECK"]


def test_what_if_of_an_item_that_levels_has_not_is_not_right(office: Office, opened: int) -> None:
    office.do("put", opened, {"B4": "nobody", "A20": "some"}, WHAT_IF)
    assert office.do("read", opened, "B5", WHAT_IF) == [["Levels has no such item."]]
    assert office.do("read", opened, "E5", 0) == [["CHECK"]]
    assert office.do("read", opened, "E12:F12", 0) == [["CHECK", 2.0]]


def test_history_says_whose_demand_and_whose_terms_it_counts(office: Office, opened: int) -> None:
    title = "Safety stock, by the terms of What if: "
    assert office.do("read", opened, "E4", HISTORY) == [["P8090521"]]
    assert office.do("read", opened, "D12:D13", HISTORY) == [[""], [f"{title}P8090521"]]
    office.do("put", opened, {"B4": "P7155012"}, WHAT_IF)
    told = [["Demand of P8090521, but terms of P7155012."], [f"{title}P7155012"]]
    assert office.do("read", opened, "D12:D13", HISTORY) == told


def test_a_calculator_whose_functions_are_not_there_says_so_once_it_is_opened(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "calculator.xlsx"
    write(TEMPLATES["safety_stock_calculator"], path, replace(FORMS["calc"], prefix="NOWHERE."))
    number = office.do("open", str(path))
    (check,), (cause,) = office.do("read", number, "E5", 0)[0], office.do("read", number, "D6", 0)[0]
    ((line,),) = office.do("read", number, "X5", LEVELS)
    office.do("close", number)
    assert check == "CHECK"
    assert cause.startswith(
        "The cell functions do not answer. This book is for LibreOffice Calc: run  invopt calc install"
    )
    assert line == "no answer: see the Cover"


def test_a_calculator_for_excel_is_alive_in_calc_under_its_protection(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "calculator.xlsx"
    write(TEMPLATES["safety_stock_calculator"], path, FORMS["web"])
    number = office.do("open", str(path))
    modified = office.do("modified", number)
    office.do("put", number, {"C9": 200.0}, LEVELS)
    row = office.do("read", number, "C9:J9", LEVELS)[0]
    ((order, shown),) = office.do("read", number, "Q9:R9", LEVELS)
    check = office.do("read", number, "E5", 0)
    office.do("close", number)
    mean, spread, lead, stray, review, target, measure, shape = row
    asked = [mean, spread, lead, target, stray, review, measure, order, shape]
    assert shown == calculate("SAFETY_STOCK", asked).cells[0][0]
    assert check == [["OK"]]
    assert not modified


def test_what_is_typed_on_what_if_moves_its_results_alone(office: Office, opened: int) -> None:
    before = office.do("read", opened, "I7:I12", WHAT_IF)
    office.do("put", opened, {"D9": 5.0}, WHAT_IF)
    counts = {row[0]: row[4] for row in office.do("read", opened, "A7:E16", WHAT_IF)}
    asked = [counts[name] for name in ("mean demand", "demand sd", "lead time", "service target", "lead time sd")]
    rest = [counts[name] for name in ("review period", "service measure", "usual order", "distribution")]
    ((changed,),) = office.do("read", opened, "J7", WHAT_IF)
    assert changed == pytest.approx(calculate("SAFETY_STOCK", [*asked, *rest]).cells[0][0])
    assert office.do("read", opened, "I7:I12", WHAT_IF) == before


def test_another_item_is_looked_up(office: Office, opened: int) -> None:
    office.do("put", opened, {"B4": "P7155012"}, WHAT_IF)
    ((item,),) = office.do("read", opened, "C4", WHAT_IF)
    ((buffer,),) = office.do("read", opened, "I7", WHAT_IF)
    ((levels,),) = office.do("read", opened, "R12", LEVELS)
    assert item == "Baby diapers, 80 CT"
    assert buffer == levels


def test_five_hundred_live_cells_are_calculated_within_three_seconds(
    office: Office, opened: int, calculator: Path
) -> None:
    book = openpyxl.load_workbook(calculator)
    held = [(sheet, cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    live = sum(
        len([cell for row in sheet[each.ref] for cell in row])
        if isinstance(each, ArrayFormula) and ":" in each.ref
        else 1
        for sheet, each in held
    )
    assert live >= 500
    office.do("calculate", opened)
    begin = time.perf_counter()
    office.do("calculate", opened)
    assert time.perf_counter() - begin < 3.0
