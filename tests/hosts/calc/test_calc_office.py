"""A real LibreOffice recalculates workbooks with every function, and shows what Python computes."""

import random

import openpyxl
import pytest
import xlsxwriter
from office import area, as_shown
from planner_cells import ASKED

from invopt_xl.sheet import calculate, catalogue
from invopt_xl.sheet.examples import address, example_of, written
from invopt_xl.sheet.listing import PREFIX

pytestmark = pytest.mark.office

FUNCTIONS = list(catalogue().values())
KEPT = [function for function in FUNCTIONS if function.cost != "live"]
CORNER = "AD1"

each_function = pytest.mark.parametrize("function", KEPT, ids=lambda function: function.name)


def laid_out(given, first=(1, 2)):
    """Return cells that hold the arguments, and the arguments of the formula that refers to them."""
    cells, arguments, (row, column) = {}, [], first
    for value in given:
        if isinstance(value, list):
            for down, line in enumerate(value):
                cells |= {address((row + down, column + across)): cell for across, cell in enumerate(line)}
            arguments.append(area(value, (row, column)))
            column += len(value[0]) + 1
        else:
            arguments.append(written(value))
    return cells, arguments


def asked(office, sheet, function, given, expected):
    """Return what an array formula over as many cells as expected shows."""
    cells, arguments = laid_out(given)
    office.do("put", sheet, {place: as_calc_has(cell) for place, cell in cells.items()})
    office.do("array", sheet, area(expected), f"=INVOPT.{function}({';'.join(arguments)})")
    return office.do("read", sheet, area(expected))


def as_calc_has(cell):
    return float(cell) if isinstance(cell, bool) else cell


@each_function
def test_the_example_shows_what_python_computes(office, sheet, function):
    answer = calculate(function.name, function.example)
    shown = asked(office, sheet, function.name, [_listed(each) for each in function.example], answer.cells)
    assert shown == as_shown(answer.cells)


def _listed(given):
    return [list(row) for row in given] if isinstance(given, list | tuple) else given


@each_function
def test_one_cell_shows_the_first_of_an_answer(office, sheet, function):
    example = example_of(function)
    office.do("put", sheet, {address(place): as_calc_has(cell) for place, cell in example.cells.items()})
    office.do("put", sheet, {CORNER: "=" + example.formula(f"INVOPT.{function.name}", ";")})
    (shown, *_), *_ = office.do("read", sheet, CORNER)
    assert shown == as_shown(calculate(function.name, function.example).cells)[0][0]


@pytest.mark.parametrize("case", ASKED, ids=lambda case: case.what)
def test_what_planners_put_into_cells_means_the_same_as_elsewhere(office, sheet, case):
    expected = calculate(case.function, case.given).cells
    assert asked(office, sheet, case.function, case.given, expected) == as_shown(expected)


def test_the_functions_that_tell_the_state_of_things_answer(office, sheet):
    office.do(
        "put", sheet, {"A1": "=INVOPT.EOQ(1200;50;-3)", "A2": "=INVOPT.VERSION()", "A3": "=INVOPT.LAST_ERROR(A1)"}
    )
    (line,), (version,), (details,) = office.do("read", sheet, "A1:A3")
    assert line == "#INVOPT! holding cost is -3; expected a number above 0"
    assert version == calculate("VERSION", ()).cells[0][0]
    assert "EOQ" in details
    assert "holding cost is -3" in details


def test_error_values_are_true_errors(office, sheet):
    cells = {
        "A1": "=NA()",
        "A2": "=1/0",
        "B1": "=INVOPT.EOQ(A1;50;3)",
        "B2": "=INVOPT.EOQ(A2;50;3)",
        "C1": "=ISNA(B1)",
        "C2": "=ISERROR(B2)",
    }
    office.do("put", sheet, cells)
    assert office.do("read", sheet, "B1:C2") == [["#N/A", 1.0], ["#DIV/0!", 1.0]]


def test_an_error_cell_within_a_range_is_an_error_and_no_number(office, sheet):
    """Calc does not ask an add-in then."""
    office.do("put", sheet, {"A1": 1200, "A2": "=NA()", "B1": "=INVOPT.EOQ(A1:A2;50;3)", "C1": "=ISERROR(B1)"})
    assert office.do("read", sheet, "B1:C1") == [["Err:504", 1.0]]


def test_results_that_are_no_numbers_are_errors_within_an_array(office, sheet):
    office.do("put", sheet, {"A1": 1200, "A2": "=INVOPT.EOQ(1;2;-3)", "A3": 300})
    office.do("array", sheet, "B1:B3", "=INVOPT.EOQ(A1:A3;50;3)")
    (first,), (handed_on,), (last,) = office.do("read", sheet, "B1:B3")
    assert (first, last) == (200.0, 100.0)
    assert handed_on == "#INVOPT! holding cost is -3; expected a number above 0"


def test_an_empty_cell_is_the_default(office, sheet):
    office.do("put", sheet, {"B1": "=INVOPT.EOQ(1200;50;3;A1;A2)", "B2": "=INVOPT.EOQ(1200;50;3)"})
    (with_empty,), (without,) = office.do("read", sheet, "B1:B2")
    assert with_empty == without == 200.0


def test_an_empty_cell_in_place_of_a_range_is_an_omitted_one(office, sheet):
    cells = {f"A{row}": units for row, units in enumerate((5, 0, 0, 3, 4, 0), 1)}
    office.do("put", sheet, {**cells, "C1": "=INVOPT.DEMAND_PATTERN(A1:A6;B1)", "C2": "=INVOPT.DEMAND_PATTERN(A1:A6)"})
    (with_empty,), (without,) = office.do("read", sheet, "C1:C2")
    assert with_empty == without == calculate("DEMAND_PATTERN", [[[units] for units in cells.values()]]).cells[0][0]


def test_an_array_is_one_call_that_others_can_use(office, sheet):
    office.do(
        "put",
        sheet,
        {"A1": 1200, "A2": 4800, "C1": "=SUM(INVOPT.EOQ(A1:A2;50;3))", "C2": "=INVOPT.EOQ({300|1200};50;3)"},
    )
    assert office.do("read", sheet, "C1:C2") == [[600.0], [100.0]]


def test_cells_follow_what_they_depend_on(office, sheet):
    office.do("put", sheet, {"A1": 1200, "B1": "=INVOPT.EOQ(A1;50;3)"})
    office.do("array", sheet, "C1:D1", "=INVOPT.EOQ(A1*{1;4};50;3)")
    office.do("put", sheet, {"A1": 4800})
    assert office.do("read", sheet, "B1:D1")[0][0] == 400.0
    assert office.do("read", sheet, "C1:D1")[0][1] == 800.0


def test_the_name_of_excel_is_what_a_user_types_and_sees(office, sheet):
    assert office.do("type", sheet, "A1", "=invopt_eoq(1200;50;3)").startswith("=INVOPT_EOQ(")
    assert office.do("read", sheet, "A1") == [[200.0]]


def test_the_wizard_has_all_help(office):
    known = office.do("functions", PREFIX)
    assert set(known) == {PREFIX + function.name for function in FUNCTIONS}
    for function in FUNCTIONS:
        entry = known[PREFIX + function.name]
        assert entry["help"] == function.help
        assert [name for name, *_ in entry["arguments"]] == [argument.name for argument in function.arguments]
        for argument, (_, help, _) in zip(function.arguments, entry["arguments"], strict=True):
            assert argument.described in help


def by_openpyxl(path):
    book = openpyxl.Workbook()
    for row, demand in enumerate((1200, 4800), 1):
        book.active.cell(row, 1, demand)
    book.active["B1"] = "=INVOPT.EOQ(A1,50,3)"
    book.active["C1"] = openpyxl.worksheet.formula.ArrayFormula("C1:C2", "=INVOPT.EOQ(A1:A2,50,3)")
    book.save(path)


def by_xlsxwriter(path):
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_column("A1", (1200, 4800))
        page.write_formula("B1", "=INVOPT.EOQ(A1,50,3)")
        page.write_array_formula("C1:C2", "{=INVOPT.EOQ(A1:A2,50,3)}")


@pytest.mark.parametrize("writer", [by_openpyxl, by_xlsxwriter])
@pytest.mark.parametrize("again", [None, "again.xlsx", "again.ods"])
def test_a_workbook_written_elsewhere_or_saved_here_is_alive(office, tmp_path, writer, again):
    path = tmp_path / "book.xlsx"
    writer(path)
    if again:
        number = office.do("open", str(path))
        office.do("calculate", number)
        path = tmp_path / again
        office.do("save", number, str(path))
        office.do("close", number)
    number = office.do("open", str(path))
    office.do("put", number, {"A1": 300})
    office.do("calculate", number)
    shown = office.do("read", number, "B1:C2")
    office.do("close", number)
    assert shown == [[100.0, 100.0], ["", 400.0]]


def of_excel(path):
    """Write what Excel saves: its names of the functions, and the values it last saw."""
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_column("A1", (1200, 4800))
        page.write_formula("B1", "=INVOPT_EOQ(A1,50,3)", None, 1)
        page.write_formula("B2", "=SUM(_xldudf_INVOPT_EOQ(A2,50,3),1)", None, 2)
        page.write_formula("B3", "=INVOPT_EOQ(A1,50,3)*{2}", None, 4)
        page.write_array_formula("C1:C2", "{=INVOPT_EOQ(A1:A2,50,3)}", None, 3)


@pytest.mark.parametrize("hidden", [False, True])
def test_functions_as_excel_names_them_are_alive_when_a_workbook_is_opened(office, tmp_path, hidden):
    """Also where no window shows it, as in a conversion."""
    of_excel(tmp_path / "excel.xlsx")
    number = office.do("open", str(tmp_path / "excel.xlsx"), hidden)
    office.do("put", number, {"A2": 300})
    shown = office.do("read", number, "B1:C3")
    office.do("close", number)
    assert shown == [[200.0, 200.0], [101.0, 100.0], [400.0, ""]]


def test_a_workbook_of_excel_that_was_only_opened_is_not_changed(office, tmp_path):
    of_excel(tmp_path / "excel.xlsx")
    number = office.do("open", str(tmp_path / "excel.xlsx"))
    shown, modified = office.do("read", number, "B1:C2"), office.do("modified", number)
    office.do("close", number)
    assert shown == [[200.0, 200.0], [401.0, 400.0]]
    assert not modified


def test_functions_on_a_protected_sheet_are_alive_too_unless_a_password_keeps_it(office, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "protected.xlsx") as book:
        for password in ("", "secret"):
            page = book.add_worksheet()
            page.protect(password, {"sort": True, "format_rows": True})
            page.write("A1", 1200)
            page.write_formula("B1", "=INVOPT_EOQ(A1,50,3)", None, 1)
            page.write_array_formula("C1:D1", "{=INVOPT_EOQ(A1*{1,4},50,3)}", None, 3)
    number = office.do("open", str(tmp_path / "protected.xlsx"))
    free, kept = (office.do("read", number, "B1:D1", place) for place in (0, 1))
    office.do("save", number, str(tmp_path / "saved.xlsx"))
    office.do("close", number)
    assert free == [[200.0, 200.0, 400.0]]
    assert kept != free
    protection = openpyxl.load_workbook(tmp_path / "saved.xlsx").worksheets[0].protection
    assert (protection.sheet, protection.sort, protection.formatRows, protection.formatColumns) == (1, 0, 0, 1)
    assert not protection.password


def test_texts_that_name_a_function_stay_texts_when_a_workbook_is_opened(office, tmp_path):
    texts = ["=INVOPT_EOQ(1200,50,3)", "INVOPT_EOQ(1200, 50, 3) is a lot", "being computed; it appears by itself"]
    with xlsxwriter.Workbook(tmp_path / "texts.xlsx", {"strings_to_formulas": False}) as book:
        book.add_worksheet().write_column("A1", texts)
        book.worksheets()[0].write_formula("B1", "=INVOPT_EOQ(1200,50,3)", None, 1)
    number = office.do("open", str(tmp_path / "texts.xlsx"))
    shown, value = office.do("read", number, "A1:A3"), office.do("read", number, "B1")
    office.do("close", number)
    assert shown == [[text] for text in texts]
    assert value == [[200.0]]


def test_anything_in_any_cell_is_answered_by_a_value_or_one_line(office, sheet):
    """Random calls of every function through the office itself, with a fixed seed."""
    dice = random.Random(20260131)
    formulas = {f"A{row}": random_call(dice) for row in range(1, 301)}
    office.do("put", sheet, formulas)
    for (shown,), formula in zip(office.do("read", sheet, "A1:A300"), formulas.values(), strict=True):
        if isinstance(shown, str) and shown.startswith("#INVOPT!"):
            assert "\n" not in shown, formula
            assert "stumbled" not in shown, formula
            assert "failed" not in shown, formula
        else:
            assert isinstance(shown, float) or shown == "" or not shown.startswith("Err:5"), formula


def random_call(dice):
    function = dice.choice(FUNCTIONS)
    count = dice.randint(0, len(function.arguments))
    return f"=INVOPT.{function.name}({';'.join(random_argument(dice) for _ in range(count))})"


def random_argument(dice):
    choices = ("", "0", "-1", "1E+300", "1.5", "12", '""', '"x"', '"<&""é漢"', "TRUE()", "0.95", '"95%"', "C1", "C1:D5",
               "{1;2;3|4;5;6}", '{"a"|2|3|4|5|6}', "{3|4|5|2|6|7|3|4}", "TODAY()", "PI()")  # fmt: skip
    return dice.choice(choices)
