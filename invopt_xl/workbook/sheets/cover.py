"""The Cover: purpose, how to use the workbook, its sheets, the colour key, and whether all is right."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from invopt_xl.plan import columns as contract
from invopt_xl.workbook.sheets import look as colours
from invopt_xl.workbook.sheets.formulas import blank_if_error, look_up
from invopt_xl.workbook.sheets.input_checks import TOLERANCE
from invopt_xl.workbook.sheets.look import Look
from invopt_xl.workbook.sheets.native_checks import native_checks
from invopt_xl.workbook.sheets.panels import RULE, Span, even_rows, guard, put, put_across, write_heading

if TYPE_CHECKING:
    from invopt_xl.workbook.sheets.builder import SheetBuilder
    from invopt_xl.workbook.template import Cover

NAMES, WORDS, CHECKS = 0, 1, 3
"""Columns of links, of words beside them, and of checks."""

WIDTHS = (18, 84, 3, 42, 11, 50)
FIRST_ROW = 3

LEFT, RIGHT = (NAMES, WORDS, 112), (CHECKS, CHECKS + 2, 104)
"""First and last column of a side, and the letters that a line has room for."""

ROUNDING = 1e-11
"""What sums of 100,000 numbers differ by in two programs, as a share; a unit among thousands of rows is more."""

_BUTTON = {"width": 150, "height": 34, "x_offset": 2, "y_offset": 6}

HOW_TO_USE = (
    "1. Fill the yellow tables: Items, Demand, Suppliers, Open orders, Receipts; set the Parameters.",
    "2. Save and close, then run:  invopt refresh BOOK.xlsx",
    "3. Read the master check and the Dashboard, then Exceptions from the top; Quality names every bad row.",
    "4. Go through Plan; to order otherwise, fill override_quantity and note: a refresh keeps both.",
    "5. Refresh again and place what Orders lists for the plan date. Units stand above the headers.",
)

COLOUR_KEY: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (
        "Input: you type here",
        {"font_color": colours.INPUT_FONT, "bg_color": colours.INPUT_FILL, "border": 1, "border_color": "#E6DCA8"},
    ),
    ("Output: a refresh or a formula writes here", {"font_color": "#000000", "border": 1, "border_color": "#BFBFBF"}),
    (
        "Critical, stock-out, CHECK",
        {"font_color": "#FFFFFF", "bg_color": colours.VERMILLION_STRONG, "bold": True},
    ),
    ("Warning, below reorder point, risk", {"font_color": "#7A4A00", "bg_color": colours.PALE_ORANGE, "bold": True}),
    ("Excess, notice", {"font_color": "#004B75", "bg_color": colours.PALE_SKY}),
    ("Overridden by the planner", {"font_color": "#7B2D59", "bg_color": colours.PALE_PURPLE, "bold": True}),
    ("Override not followed: see the exception", {**colours.REFUSED, "font_strikeout": True}),
    ("OK", {"font_color": "#FFFFFF", "bg_color": colours.GREEN_STRONG, "bold": True}),
)


def write_cover(builder: SheetBuilder, sheet: Worksheet, cover: Cover, contents: Mapping[str, str]) -> None:
    """Write the Cover: words and links at the left, checks and the colour key at the right.

    Parameters
    ----------
    builder
        The workbook that is built.
    sheet
        The Cover.
    cover
        Its words.
    contents
        A line about each sheet, by its name.
    """
    look = builder.look
    begin_cover(sheet, look, builder.title, FIRST_ROW + len(contents) + 26)
    if cover.macro:
        sheet.insert_button(0, CHECKS, {"caption": "Refresh", "macro": cover.macro, **_BUTTON})
    row = write_paragraphs(sheet, look, FIRST_ROW, "Purpose", [cover.purpose])
    row = write_paragraphs(sheet, look, row, "How to use it", cover.how)
    row = write_contents(sheet, look, row, contents)
    below = _write_checks(builder, sheet)
    below = write_colours(sheet, look, below)
    below = write_paragraphs(sheet, look, below, "Where the data comes from", cover.sources, RIGHT)
    below = write_paragraphs(sheet, look, below, "What is illustrative", cover.illustrative, RIGHT)
    sheet.print_area(0, 0, max(row, below), CHECKS + 2)
    sheet.fit_to_pages(1, 0)
    guard(sheet)


def begin_cover(sheet: Worksheet, look: Look, title: str, rows: int) -> None:
    """Write the title of a Cover, and give its columns and so many rows their sizes."""
    sheet.write_string(0, 0, title, look.make(bold=True, font_size=20, font_color=colours.HEADER_FILL))
    sheet.write_string(1, 0, "Read this first. At the right: whether it is right, and as of when.", look.quiet)
    even_rows(sheet, rows)
    sheet.set_row(0, 34)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)


def write_paragraphs(
    sheet: Worksheet,
    look: Look,
    row: int,
    heading: str,
    paragraphs: Sequence[str],
    side: tuple[int, int, int] = LEFT,
) -> int:
    """Write a heading and its paragraphs, a line a row, and return the row the next part begins at."""
    if not paragraphs:
        return row
    first, last, line_length = side
    write_heading(sheet, look, Span(row, first, last), heading)
    row += 1
    for paragraph in paragraphs:
        for line in textwrap.wrap(paragraph, line_length):
            sheet.write_string(row, first, line, look.text)
            row += 1
    return row + 1


def write_contents(sheet: Worksheet, look: Look, row: int, contents: Mapping[str, str]) -> int:
    """Write a link to each sheet with a line about it, and return the row the next part begins at."""
    write_heading(sheet, look, Span(row, NAMES, WORDS), "Sheets")
    link = look.make(font_color="#00598C", underline=1)
    for row_of, (name, about) in enumerate(contents.items(), start=row + 1):
        # By a name of the workbook: it follows a sheet that somebody gives another name.
        place = "sheet_" + re.sub(r"\W", "_", name)
        look.book.define_name(place, f"='{name}'!$A$1")
        sheet.write_url(row_of, NAMES, f"internal:{place}", link, name, f"Go to {name}")
        sheet.write_string(row_of, WORDS, about, look.make(shrink=True))
    return row + len(contents) + 2


def _write_checks(builder: SheetBuilder, sheet: Worksheet) -> int:
    """Write the master check, the last refresh and every native check, if any, and return the row below them."""
    look, checks = builder.look, native_checks(builder)
    if not checks:
        return FIRST_ROW
    write_heading(sheet, look, Span(FIRST_ROW, CHECKS, CHECKS + 2), "Is it right?")
    first = FIRST_ROW + 4
    results = f"{_cell(first, CHECKS + 1)}:{_cell(first + len(checks) - 1, CHECKS + 1)}"
    stamp = look_up(contract.CHECKS, "Last refresh", "check", "result")
    date = blank_if_error(stamp)
    master = f'=IF(COUNTIF({results},"CHECK")=0,"OK","CHECK")'
    big = look.make(bold=True, font_size=14, align="center", valign="vcenter", border=1, border_color="#BFBFBF")
    label = look.make(bold=True, font_size=12, valign="vcenter", indent=1)
    put(sheet, FIRST_ROW + 1, CHECKS, "Master check", label)
    put(sheet, FIRST_ROW + 1, CHECKS + 1, master, big)
    put(
        sheet,
        FIRST_ROW + 1,
        CHECKS + 2,
        f'=IF(COUNTIF({results},"CHECK")=0,"every check holds",COUNTIF({results},"CHECK")&" of "&ROWS({results})&'
        '" checks below do not hold")',
        look.make(indent=1, valign="vcenter"),
    )
    put(sheet, FIRST_ROW + 2, CHECKS, "Last refresh", look.make(bold=True, indent=1))
    put_across(sheet, Span(FIRST_ROW + 2, CHECKS + 1, CHECKS + 2), date, look.make(bold=True, indent=1))
    builder.book.define_name("master_check", f"=Cover!{_cell(FIRST_ROW + 1, CHECKS + 1)}")
    builder.book.define_name("last_refresh", f"=Cover!{_cell(FIRST_ROW + 2, CHECKS + 1)}")
    line = {"bottom": 1, "bottom_color": RULE, "indent": 1}
    for row, check in enumerate(checks, start=first):
        put(sheet, row, CHECKS, check.name, look.make(**line))
        put(sheet, row, CHECKS + 1, check.result, look.make(align="center", bold=True, **{**line, "indent": 0}))
        put(sheet, row, CHECKS + 2, check.detail, look.make(**line))
    mark_results(builder, sheet, f"{_cell(FIRST_ROW + 1, CHECKS + 1)}", colours.GREEN_STRONG, colours.VERMILLION_STRONG)
    mark_results(builder, sheet, results, None, None)
    sheet.set_row(FIRST_ROW + 1, 24)
    return _write_tolerance(builder, sheet, first + len(checks))


def _write_tolerance(builder: SheetBuilder, sheet: Worksheet, row: int) -> int:
    """Write by which share sums over the inputs may differ, and return the row below."""
    look = builder.look
    put(sheet, row, CHECKS, "Sums of inputs are the same up to this share", look.quiet)
    sheet.write_number(row, CHECKS + 1, ROUNDING, look.make(align="center", num_format="0E+00"))
    put(sheet, row, CHECKS + 2, "the rounding of a spreadsheet", look.quiet)
    builder.book.define_name(TOLERANCE, f"=Cover!{_cell(row, CHECKS + 1)}")
    return row + 2


def mark_results(builder: SheetBuilder, sheet: Worksheet, cells: str, good: str | None, bad: str | None) -> None:
    """Mark results OK and CHECK, strongly or, without a fill, palely."""
    for word, fill, pale in (("OK", good, (colours.PALE_GREEN, "#00523B")), ("CHECK", bad, ("#F9D9C4", "#8A3B00"))):
        ground, ink = (fill, "#FFFFFF") if fill else pale
        style = builder.book.add_format({"bg_color": ground, "font_color": ink, "bold": True})
        rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": style}
        sheet.conditional_format(cells.replace("$", ""), rule)


def _cell(row: int, column: int) -> str:
    return str(xl_rowcol_to_cell(row, column, True, True))


def write_colours(
    sheet: Worksheet, look: Look, row: int, key: Sequence[tuple[str, Mapping[str, Any]]] = COLOUR_KEY
) -> int:
    """Write what the colours mean, and return the row the next part begins at."""
    write_heading(sheet, look, Span(row, CHECKS, CHECKS + 2), "Colours")
    for offset, (meaning, style) in enumerate(key, start=1):
        sheet.write_string(row + offset, CHECKS, meaning, look.make(indent=1, **style))
    return row + len(key) + 2
