"""A workbook with every worksheet function at work: the example of each, its arguments in cells, its formula live."""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from invopt_xl.domain import Progress, Silent
from invopt_xl.hosts.excel.binding import worksheet_name
from invopt_xl.hosts.excel.macros import add_functions
from invopt_xl.hosts.excel.values import rows_for_excel
from invopt_xl.hosts.excel.vba import modules
from invopt_xl.sheet import calculate, catalogue
from invopt_xl.sheet.catalogue import Function
from invopt_xl.sheet.examples import example_of
from invopt_xl.workbook.sheets.look import FONT, HEADER_FILL, HEADER_FONT, INPUT_FILL, INPUT_FONT, QUIET

EXAMPLES, START = "Examples", "Start"
COLLEAGUES = (
    "1. Get the folder of invopt_xl from whoever gave you this workbook. Install Python 3.11 or later (64-bit), then "
    "run in that folder: python -m pip install .",
    "2. Say to Excel which Python that is, once on this computer: invopt excel install",
    "3. A file from mail or the internet first needs Properties > Unblock, or a place in a trusted location (File > "
    "Options > Trust Center). Open it and choose Enable Content.",
    "Without Python, or before step 3, cells keep the values they were saved with; when calculated, they say what is "
    "missing.",
    f"The macros work with xlwings {version('xlwings')}. Where another is installed, renew them: "
    "invopt excel book BOOK.xlsm --from BOOK.xlsm",
)
"""What somebody does who gets a workbook with the functions."""

_STEPS = (
    "How to use these functions",
    *COLLEAGUES[:3],
    "4. Type =INVOPT_ in any cell; Shift+F3 shows what each argument means.",
    "",
    *COLLEAGUES[3:],
    "The functions are part of this workbook: neither an add-in nor 'Import Functions' is needed.",
    "Long calculations go on behind Excel; a cell says so, and Ctrl+Alt+F9 shows what is ready.",
    "If a cell shows an error instead of a result, run: invopt doctor",
)


@dataclass(frozen=True)
class Placed:
    """A function's example in the workbook.

    Parameters
    ----------
    function
        Whose example it is.
    row, column
        Where its results begin, counted from 0.
    shown
        The rows that its cells show.
    """

    function: Function
    row: int
    column: int
    shown: list[list[Any]]


def build_example_book(target: Path, progress: Progress | None = None) -> list[Placed]:
    """Write a workbook that carries the functions, with an example of each; return where the examples are.

    Parameters
    ----------
    target
        The workbook to write, ending in .xlsm.
    progress
        Told of each example that is computed.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "examples.xlsx"
        content = io.BytesIO()
        book = Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        book.calc_on_load = False
        _write_start(book)
        placed = _write_examples(book, progress or Silent())
        book.close()
        plain.write_bytes(content.getvalue())
        add_functions(plain, target, modules())
    return placed


def _write_start(book: Workbook) -> None:
    sheet = book.add_worksheet(START)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 2)
    sheet.set_column(1, 1, 110)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    plain = book.add_format({"font_name": FONT, "text_wrap": True})
    title = book.add_format({"font_name": FONT, "bold": True, "font_size": 14})
    for row, line in enumerate(_STEPS, start=1):
        sheet.write_string(row, 1, line, plain if row > 1 else title)


def _write_examples(book: Workbook, progress: Progress) -> list[Placed]:
    sheet = book.add_worksheet(EXAMPLES)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 2)
    sheet.set_column(1, 60, 14)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    looks = {
        "title": book.add_format({"font_name": FONT, "bold": True, "bg_color": HEADER_FILL, "font_color": HEADER_FONT}),
        "help": book.add_format({"font_name": FONT, "font_color": QUIET, "italic": True}),
        "input": book.add_format({"font_name": FONT, "bg_color": INPUT_FILL, "font_color": INPUT_FONT}),
        "output": book.add_format({"font_name": FONT}),
    }
    placed, row = [], 0
    progress.stage("Computing the examples", len(catalogue()))
    for function in catalogue().values():
        each, row = _write_example(sheet, function, row, looks)
        placed.append(each)
        progress.advance()
    return placed


def _write_example(sheet: Worksheet, function: Function, row: int, looks: dict[str, Any]) -> tuple[Placed, int]:
    """Write one example from a row on; return it and the row behind it."""
    shown = rows_for_excel(calculate(function.name, function.example).cells)
    name, body = worksheet_name(function), row + 2
    example = example_of(function, (body + 1, len(shown[0]) + 3))
    formula = f"={example.formula(name, ',')}"
    sheet.set_row(row, None, looks["title"])
    sheet.write_string(row, 1, formula, looks["title"])
    sheet.write_string(row + 1, 1, function.help, looks["help"])
    for (down, across), cell in example.cells.items():
        if cell is not None:
            sheet.write(down - 1, across - 1, cell, looks["input"])
    last = body + len(shown) - 1
    if len(shown) == len(shown[0]) == 1:
        sheet.write_formula(body, 1, formula, looks["output"], shown[0][0])
    else:
        sheet.write_dynamic_array_formula(body, 1, last, len(shown[0]), formula, looks["output"], shown[0][0])
        for down, line in enumerate(shown):
            for across, value in enumerate(line):
                if down or across:
                    sheet.write(body + down, 1 + across, value, looks["output"])
    end = max([last, *(down - 1 for down, _ in example.cells)])
    return Placed(function, body, 1, shown), end + 3
