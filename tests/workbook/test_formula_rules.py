"""Rules that hold for every formula and every colour of a built workbook, whatever stands in it."""

import re

import openpyxl
import pytest
from openpyxl.cell.cell import MergedCell
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from panel_frames import result_frames

from invopt_xl.domain.order_terms import SMALLEST_LOT
from invopt_xl.plan.columns import BY_STEM
from invopt_xl.workbook.sheets.calculated import placed_names
from invopt_xl.workbook.sheets.formulas import ALLOWED_FUNCTIONS
from invopt_xl.workbook.sheets.look import INPUT_FILL
from invopt_xl.workbook.template import Cover, build_plan_workbook

PROTECTED = ("Cover", "Dashboard", "Purchase order", "Segments", "Excess review", "Workings")
CHOICES = ("item_choice", "location_choice", "po_supplier_choice", "po_date_choice")
HEADERS = {table.name: placed_names(table) for table in BY_STEM.values()}

_TABLE = re.compile(r"(\w+)\[(?:\[#(?:This Row|All)\],)?\[?(\w+)\]?\]")
_CELLS = re.compile(r"(?:'?[\w ]+'?!)?\$?[A-Z]{1,3}\$?[0-9]+(?::\$?[A-Z]{1,3}\$?[0-9]+)?")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("rules") / "plan.xlsx"
    return openpyxl.load_workbook(build_plan_workbook(path, result_frames(), title="P", cover=Cover("To plan.")))


@pytest.fixture(scope="module")
def formulas(book):
    found = {}
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            found |= {
                (sheet.title, cell.coordinate): Tokenizer(cell.value).items for cell in row if cell.data_type == "f"
            }
    for name, defined in book.defined_names.items():
        found["name", name] = Tokenizer(f"={defined.attr_text}").items
    return found


def place_of(book, name):
    sheet, _, address = book.defined_names[name].attr_text.rpartition("!")
    return sheet.strip("'"), address.replace("$", "")


def operands(formulas, kind):
    return {(place, token.value) for place, tokens in formulas.items() for token in tokens if token.subtype == kind}


def test_there_are_formulas_on_every_protected_sheet(formulas):
    assert {sheet for sheet, _ in formulas} >= set(PROTECTED)


def test_no_number_is_hard_coded_in_a_formula_but_none_and_one(formulas):
    assert {value for _, value in operands(formulas, Token.NUMBER)} <= {"0", "1"}


def test_formulas_call_only_functions_that_every_excel_since_2010_and_libreoffice_know(formulas):
    called = {
        token.value.rstrip("(").rpartition(":")[2]  # of A1:INDEX(
        for tokens in formulas.values()
        for token in tokens
        if token.type == Token.FUNC and token.subtype == Token.OPEN
    }
    assert called == ALLOWED_FUNCTIONS


TAKE_CELLS = {"COUNT", "COUNTA", "COUNTBLANK", "COUNTIF", "COUNTIFS", "SUM", "SUMIFS", "SUMPRODUCT", "AVERAGEIFS"}
TAKE_CELLS |= {"INDEX", "MATCH", "ROWS", "LARGE", "SMALL", "MIN", "MAX", "AND", "OR"}
TAKE_ONE_CELL_AT = {"MATCH": {0}, "COUNTIF": {1}}


def lonely_arrays(tokens):
    """Yield the cells of which a formula makes an array where Excel before 2021 takes one cell: outside SUMPRODUCT.

    IF calculates no arrays in it either.
    """
    open_calls = []
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        if token.subtype == Token.OPEN:
            open_calls.append([token.value.rstrip("(").upper().rpartition(":")[2], 0])
        elif token.subtype == Token.CLOSE:
            open_calls.pop()
        elif token.type == Token.SEP:
            open_calls[-1][1] += 1
        elif token.subtype == Token.RANGE and is_many(token.value):
            sides = [each for each in (before, after) if each is not None and each.type == Token.OP_IN]
            call, position = next((each for each in reversed(open_calls) if each[0]), ("", 0))
            if sides or call not in TAKE_CELLS or position in TAKE_ONE_CELL_AT.get(call, ()):
                names = [name for name, _ in open_calls]
                inside = names[len(names) - names[::-1].index("SUMPRODUCT") :] if "SUMPRODUCT" in names else ["IF"]
                if {"IF", "IFERROR", "AND", "OR"} & set(inside):
                    yield token.value


def is_many(reference):
    column = _TABLE.fullmatch(reference)
    return "[#This Row]" not in reference if column else ":" in reference or reference in {"po_suppliers", "po_dates"}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=SUM(tblPlan[a]*2)", ["tblPlan[a]"]),
        ("=SUMPRODUCT(IF(A1:A3>1,1,0))", ["A1:A3"]),
        ("=INDEX(A1:A3,MATCH(B1:B3,C1:C3,0))", ["B1:B3"]),
        ("=IF(A1>0,SUMPRODUCT((A1:A3>1)*ROW(A1:A3)),SUM(A1:A3))", []),
    ],
)
def test_an_array_where_one_cell_is_expected_is_found(formula, expected):
    assert list(lonely_arrays(Tokenizer(formula).items)) == expected


def test_what_is_calculated_row_by_row_stands_in_sumproduct(formulas):
    for (place, cell), tokens in formulas.items():
        is_name_of_cells = place == "name" and len(tokens) == 1
        assert is_name_of_cells or not list(lonely_arrays(tokens)), (place, cell)


def test_no_number_ends_in_a_point(book):
    """Excel shows 12 as ``12.`` where all decimals of its format are optional."""
    shown = {cell.number_format for sheet in book.worksheets for row in sheet.iter_rows() for cell in row}
    assert "#,##0" in shown
    assert not [each for each in shown if re.search(r"\.(?![0?])", re.sub(r'"[^"]*"', "", each))]


def test_what_is_chosen_from_names_and_codes_is_text(book):
    """Excel would else make 12 of ``0012``, and a day of ``1-2``."""
    for name in ("item_choice", "location_choice", "po_supplier_choice"):
        sheet, address = place_of(book, name)
        assert book[sheet][address].number_format == "@"


def test_where_nothing_is_chosen_yet_the_cell_says_what_is_shown(book):
    for name in CHOICES:
        sheet, address = place_of(book, name)
        assert book[sheet][address].data_type == "f", name


def test_drop_downs_end_with_their_last_entry(book):
    """Excel opens one with blank cells at its end there, not at its first entry."""
    for sheet in book.worksheets:
        for rule in sheet.data_validations.dataValidation:
            if rule.type == "list" and not rule.formula1.startswith('"'):
                cells = book.defined_names[rule.formula1].attr_text
                assert _TABLE.fullmatch(cells) or ":INDEX(" in cells, (sheet.title, rule.formula1)


def test_numbers_in_rules_of_cells_have_a_capital_exponent(book):
    """What files of Excel hold as a formula is written so; a lot's smallest is 1E-09."""
    numbers = [
        rule.formula1
        for sheet in book.worksheets
        for rule in sheet.data_validations.dataValidation
        if rule.type == "decimal"
    ]
    assert f"{SMALLEST_LOT:.15G}" in numbers
    assert not [each for each in numbers if "e" in each]


def test_every_reference_leads_to_a_column_of_a_table_that_is_there_to_cells_or_to_a_name(book, formulas):
    tables = {table.name for sheet in book.worksheets for table in sheet.tables.values()}
    for place, value in operands(formulas, Token.RANGE):
        column = _TABLE.fullmatch(value)
        if column:
            assert column[1] in tables, (place, value)
            assert column[2] in HEADERS[column[1]], (place, value)
        elif _CELLS.fullmatch(value):
            sheet = value.rpartition("!")[0].strip("'")
            assert not sheet or sheet in book.sheetnames, (place, value)
        else:
            assert value in book.defined_names, (place, value)


def test_drop_downs_and_marks_name_only_what_is_there(book):
    names = set(book.defined_names)
    for sheet in book.worksheets:
        for rule in sheet.data_validations.dataValidation:
            if rule.type == "list" and not rule.formula1.startswith('"'):
                source = rule.formula1
                assert source in names or source.rpartition("!")[0].strip("'") in book.sheetnames
        for marks in sheet.conditional_formatting:
            for rule in marks.rules:
                for formula in rule.formula if rule.type == "expression" else ():
                    for token in Tokenizer(f"={formula}").items:
                        if token.subtype == Token.RANGE and not _CELLS.fullmatch(token.value):
                            assert token.value in names, (sheet.title, formula)


def test_sheets_of_formulas_are_protected_without_a_password_and_no_sheet_that_a_refresh_writes_to(book):
    for sheet in book.worksheets:
        assert sheet.protection.sheet == (sheet.title in PROTECTED)
        assert not sheet.protection.password
        assert not (sheet.tables and sheet.protection.sheet)


def test_on_protected_sheets_what_is_yellow_is_unlocked_and_all_else_is_locked(book):
    unlocked, choices = 0, {place_of(book, name) for name in CHOICES}
    for name in PROTECTED:
        for row in book[name].iter_rows():
            for cell in row:
                if isinstance(cell, MergedCell):
                    continue
                is_yellow = cell.fill.fill_type == "solid" and cell.fill.fgColor.rgb == "FF" + INPUT_FILL[1:]
                is_key = name == "Cover"  # the key of colours shows the yellow
                assert is_key or (not cell.protection.locked) == is_yellow, (name, cell.coordinate)
                is_choice = (name, cell.coordinate) in choices  # until somebody chooses, it says what is shown
                assert cell.protection.locked or is_choice or cell.data_type != "f", (name, cell.coordinate)
                unlocked += not cell.protection.locked
    assert unlocked >= 15


def pairs_of(book):
    """Return font and fill of every cell that shows something, and of every mark."""
    found = {}
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    found[ink(cell.font), ground(cell.fill)] = (sheet.title, cell.coordinate)
        for marks in sheet.conditional_formatting:
            for rule in marks.rules:
                if rule.dxf is not None and rule.dxf.fill is not None:
                    found[ink(rule.dxf.font), rule.dxf.fill.bgColor.rgb[2:]] = (sheet.title, str(marks.sqref))
    return found


def ink(font):
    return font.color.rgb[2:] if font is not None and font.color is not None and font.color.type == "rgb" else "000000"


def ground(fill):
    return fill.fgColor.rgb[2:] if fill.fill_type == "solid" else "FFFFFF"


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_words_stand_out_from_their_ground(book):
    """The least contrast of WCAG 2.1 (level AA) for text."""
    pairs = pairs_of(book)
    assert len(pairs) > 12
    for (font, fill), place in pairs.items():
        darker, lighter = sorted((luminance(font), luminance(fill)))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (font, fill, place)


def test_in_grey_what_is_severe_is_dark_and_the_rest_is_light_and_all_say_it_in_words(book):
    dark, light = [], []
    for key in book["Cover"]["D"]:
        if key.fill.fill_type == "solid":
            (dark if ink(key.font) == "FFFFFF" else light).append(luminance(ground(key.fill)))
            assert key.value
    assert len(dark) == 2
    assert max(dark) < 0.2 < 0.7 < min(light)
