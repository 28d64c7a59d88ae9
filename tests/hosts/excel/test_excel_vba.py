"""The VBA a workbook gets: what xlwings itself would write, read by others than us."""

import re
import types

import pytest
from com_stand_in import Workbook

from invopt_xl.hosts.excel import vba
from invopt_xl.hosts.excel.binding import RESERVED, category_of, worksheet_name
from invopt_xl.hosts.excel.vba import FUNCTIONS_MODULE
from invopt_xl.sheet import catalogue
from invopt_xl.sheet.catalogue import Function

FUNCTIONS = list(catalogue().values())
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)


@pytest.fixture
def imported(udfs: types.ModuleType, capsys: pytest.CaptureFixture[str]) -> Workbook:
    """Give a workbook after 'Import Functions'."""
    workbook = Workbook()
    udfs.import_udfs(FUNCTIONS_MODULE, workbook)
    return workbook


def test_our_wrappers_are_those_that_xlwings_writes(imported: Workbook) -> None:
    assert vba.wrappers() == imported.components.imported


def test_import_functions_describes_each_function_and_argument(imported: Workbook) -> None:
    for function in FUNCTIONS:
        told = imported.help[worksheet_name(function)]
        assert told["Description"] == function.help
        assert told["Category"] == category_of(function)
        assert told["ArgumentDescriptions"] == ([each.described for each in function.arguments] or None)


@each_function
def test_the_wrapper_takes_the_arguments_of_the_declaration(function: Function) -> None:
    declared = re.search(rf"^Function {worksheet_name(function)}\((.*)\)$", vba.wrappers(), re.MULTILINE)
    assert declared is not None
    taken = [
        each.removeprefix("Optional ").removeprefix("ParamArray ").removesuffix("()")
        for each in declared[1].split(", ")
    ]
    assert [each for each in taken if each] == [vba.parameter_name(each) for each in function.arguments]
    varying = "ParamArray" in declared[1]
    optional = declared[1].count("Optional ")
    assert optional == (0 if varying else sum(not each.required for each in function.arguments))


def test_no_line_is_longer_than_vba_takes() -> None:
    """A line has at most 1,023 characters, a statement 24 continuations."""
    for text in vba.modules().values():
        lines = text.splitlines()
        assert max(map(len, lines)) <= 1023
        continued = "".join("_" if line.endswith(" _") else "." for line in lines)
        assert max(map(len, continued.split("."))) <= 24


def test_the_source_is_plain_ascii() -> None:
    assert all(text.isascii() for text in vba.modules().values())


def test_no_parameter_is_a_word_of_vba() -> None:
    names = {vba.parameter_name(each).lower() for function in FUNCTIONS for each in function.arguments}
    assert not names & RESERVED


PIECE = r'(?:"(?:[^"]|"")*"|ChrW\(\d+\))'
TEXT = rf"{PIECE}(?: & {PIECE})*"
"""A text as VBA has it: pieces put together."""


def spoken(expression: str) -> str:
    """Return what a text of VBA says."""
    assert re.fullmatch(TEXT, expression), expression
    parts = re.findall(r'"((?:[^"]|"")*)"|ChrW\((\d+)\)', expression)
    return "".join(chr(int(code)) if code else text.replace('""', '"') for text, code in parts)


def test_the_help_module_read_as_vba_reads_it_says_what_the_declarations_say() -> None:
    text = vba.help_module().replace(" _\n        ", " ")
    assert len(re.findall(r"^(?:Private )?Sub ", text, re.MULTILINE)) == len(
        re.findall("^End Sub$", text, re.MULTILINE)
    )
    told = {}
    for body in re.findall(r"^Private Sub Help\w+\(\)\n(.*?)^End Sub$", text, re.MULTILINE | re.DOTALL):
        *lines, call = body.strip().splitlines()
        details = [spoken(line.split(" = ", 1)[1]) for line in lines[1:]]
        assert lines[:1] == [f"Dim details(0 To {len(details) - 1}) As String"] * bool(details)
        name, section, purpose = re.findall(TEXT, call)
        assert call.strip() == (
            f"Describe {name}, {section}, {purpose}, details"
            if details
            else f"DescribePlain {name}, {section}, {purpose}"
        )
        told[spoken(name)] = (spoken(section), spoken(purpose), details)
    assert told == {
        worksheet_name(each): (category_of(each), each.help, [argument.described for argument in each.arguments])
        for each in FUNCTIONS
    }


@pytest.mark.parametrize("text", ["plain", 'a "quoted" one', '"', "5 €", 'ā"x', "two\nlines", ""])
def test_any_text_is_spoken_as_it_was(text: str) -> None:
    assert spoken(vba.quoted(text)) == " ".join(text.split())


@each_function
def test_the_help_module_says_what_the_declaration_says(function: Function) -> None:
    text = vba.help_module()
    assert vba.quoted(worksheet_name(function)) in text
    for told in (function.help, *(each.described for each in function.arguments)):
        assert vba.quoted(told) in text


def test_each_help_procedure_is_called_when_the_workbook_opens() -> None:
    text = vba.help_module()
    opening = text[text.index("Sub Auto_Open()") : text.index("End Sub")]
    defined = re.findall(r"^Private Sub (Help\w+)\(\)$", text, re.MULTILINE)
    assert len(defined) == len(set(map(str.lower, defined))) == len(FUNCTIONS)
    assert [line.strip() for line in opening.splitlines() if line.strip().startswith("Help")] == defined
