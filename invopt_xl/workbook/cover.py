"""The Cover's words: purpose, how to use the workbook, colour key, sources."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xlsxwriter.worksheet import Worksheet

from invopt_xl.workbook import look as colours
from invopt_xl.workbook.look import Look

if TYPE_CHECKING:
    from invopt_xl.workbook.template import Cover

CHECKS_COLUMN = 3
"""Where the checks stand: right of the words, so that their details have room."""

_LINE = 96
_FIRST_ROW = 3
_LAST_PRINTED_ROW = 54

HOW_TO_USE = (
    "1. Fill the yellow tables: Items, Demand, Suppliers, Open orders, Receipts; set the Parameters.",
    "2. Save and close, then run:  invopt refresh BOOK.xlsx",
    "3. Read the master check, then Exceptions from the top; Quality names every bad row.",
    "4. Go through Plan; to order otherwise, fill override_quantity and note: a refresh keeps both.",
    "5. Refresh again and place what Orders lists for the plan date. Headers carry notes on units.",
)

COLOUR_KEY: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (
        "Input: you type here",
        {"font_color": colours.INPUT_FONT, "bg_color": colours.INPUT_FILL, "border": 1, "border_color": "#E6DCA8"},
    ),
    ("Output: a refresh writes here", {"font_color": "#000000", "border": 1, "border_color": "#BFBFBF"}),
    ("Critical, stock-out, CHECK", {"font_color": "#FFFFFF", "bg_color": colours.VERMILLION, "bold": True}),
    ("Warning, below reorder point, risk", {"font_color": "#7A4A00", "bg_color": colours.PALE_ORANGE, "bold": True}),
    ("Excess, notice", {"font_color": "#004B75", "bg_color": colours.PALE_SKY}),
    ("Overridden by the planner", {"font_color": "#7B2D59", "bg_color": colours.PALE_PURPLE, "bold": True}),
    ("OK", {"font_color": "#FFFFFF", "bg_color": colours.GREEN, "bold": True}),
)


def write_cover(sheet: Worksheet, look: Look, title: str, cover: Cover) -> None:
    """Write the Cover's words, a line a row, so that no row grows tall beside the checks."""
    sheet.write_string(0, 0, title, look.title)
    sheet.write_string(
        1, 0, "Read this first. At the right: the master check, the last refresh, and every check.", look.quiet
    )
    for column, width in enumerate((34, 44, 3)):
        sheet.set_column(column, column, width)
    sheet.write_string(_FIRST_ROW - 1, CHECKS_COLUMN, "Is it right?", look.heading)
    row = _paragraphs(sheet, look, _FIRST_ROW, "Purpose", [cover.purpose])
    row = _paragraphs(sheet, look, row, "How to use it", cover.how)
    sheet.write_string(row, 0, "Colours", look.heading)
    for offset, (meaning, style) in enumerate(COLOUR_KEY, start=1):
        sheet.write_string(row + offset, 0, meaning, look.make(indent=1, **style))
    row += len(COLOUR_KEY) + 2
    row = _paragraphs(sheet, look, row, "Where the data comes from", cover.sources)
    _paragraphs(sheet, look, row, "What is illustrative", cover.illustrative)
    sheet.print_area(0, 0, _LAST_PRINTED_ROW, CHECKS_COLUMN + 2)  # a long detail runs on, but not the page


def _paragraphs(sheet: Worksheet, look: Look, row: int, heading: str, paragraphs: Sequence[str]) -> int:
    """Write a heading and its paragraphs, and return the row the next part begins at."""
    if not paragraphs:
        return row
    sheet.write_string(row, 0, heading, look.heading)
    row += 1
    for paragraph in paragraphs:
        for line in textwrap.wrap(paragraph, _LINE):
            sheet.write_string(row, 0, line, look.text)
            row += 1
    return row + 1
