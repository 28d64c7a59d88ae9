"""The calculator's Cover: what it is for, how it is used, whether any row is refused."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from invopt_xl.templates.calculator.desk import Desk
from invopt_xl.templates.live import Area, LiveSheet
from invopt_xl.workbook.cover import CHECKS_COLUMN, COLOUR_KEY
from invopt_xl.workbook.layout import FIRST_DATA_ROW
from invopt_xl.workbook.signals import mark_checks
from invopt_xl.workbook.template import Cover

NAME = "Cover"
REFUSED = "#INVOPT!*"
"""How a line begins that a cell shows in place of a result."""

_LINE = 92


def add_cover(sheet: LiveSheet, desk: Desk, cover: Cover, checked: Mapping[str, Sequence[Area]]) -> None:
    """Write the Cover.

    Parameters
    ----------
    sheet
        Where to.
    desk
        What to lay it out with.
    cover
        Its words.
    checked
        Results by sheet, none of which is to be a refusal.
    """
    page, look = sheet.sheet, desk.look
    page.write_string(0, 0, desk.builder.title, look.title)
    page.write_string(1, 0, "Read this first. At the right: whether every row could be calculated.", look.quiet)
    for column, width in enumerate((34, 44, 3, 36, 12, 76)):
        page.set_column(column, column, width)
    row = _paragraphs(sheet, desk, 3, "Purpose", [cover.purpose])
    row = _paragraphs(sheet, desk, row, "How to use it", cover.how)
    page.write_string(row, 0, "Colours", look.heading)
    for meaning, style in (COLOUR_KEY[0], COLOUR_KEY[1], COLOUR_KEY[2], COLOUR_KEY[-1]):
        row += 1
        page.write_string(row, 0, _COLOUR_WORDS.get(meaning, meaning), look.make(indent=1, **style))
    row = _paragraphs(sheet, desk, row + 2, "Where the data comes from", cover.sources)
    row = _paragraphs(sheet, desk, row, "What is illustrative", cover.illustrative)
    page.print_area(0, 0, row, CHECKS_COLUMN + 2)
    _checks(sheet, desk, checked)


_COLOUR_WORDS = {
    "Output: a refresh writes here": "Output: calculated as you type",
    "Critical, stock-out, CHECK": "CHECK: a row says what is wrong",
}


def _paragraphs(sheet: LiveSheet, desk: Desk, row: int, heading: str, paragraphs: Sequence[str]) -> int:
    """Write a heading and its paragraphs, a line a row, and return the row the next part begins at."""
    if not paragraphs:
        return row
    sheet.sheet.write_string(row, 0, heading, desk.look.heading)
    for line in (line for paragraph in paragraphs for line in textwrap.wrap(paragraph, _LINE)):
        row += 1
        sheet.sheet.write_string(row, 0, line, desk.look.text)
    return row + 2


def _checks(sheet: LiveSheet, desk: Desk, checked: Mapping[str, Sequence[Area]]) -> None:
    page, look, top = sheet.sheet, desk.look, FIRST_DATA_ROW - 1
    page.write_string(top - 2, CHECKS_COLUMN, "Is it right?", look.heading)
    for place, head in enumerate(("check", "result", "detail")):
        page.write_string(top - 1, CHECKS_COLUMN + place, head, look.header(is_input=False))
    page.write_string(top, CHECKS_COLUMN, "Master check", look.text)
    results = sheet.area(top + 1, CHECKS_COLUMN + 1, len(checked))
    for row, (name, areas) in enumerate(checked.items(), start=top + 1):
        refused = "+".join(f'COUNTIF({area.named},"{REFUSED}")' for area in areas)
        count = sum(_refusals(desk, area) for area in areas)
        page.write_string(row, CHECKS_COLUMN, f"{name}: nothing is refused", look.text)
        result = sheet.area(row, CHECKS_COLUMN + 1)
        sheet.formula(result, f'=IF({refused}=0,"OK","CHECK")', "CHECK" if count else "OK", look.text)
        detail = sheet.area(row, CHECKS_COLUMN + 2)
        words = "results say what is wrong in place of a number"
        sheet.formula(detail, f'={refused}&" {words}"', f"{count} {words}", look.text)
    wrong = f'COUNTIF({results.local},"CHECK")'
    failed = sum(row == ["CHECK"] for row in desk.live.held(results))
    sheet.formula(
        sheet.area(top, CHECKS_COLUMN + 1), f'=IF({wrong}=0,"OK","CHECK")', "CHECK" if failed else "OK", look.text
    )
    text = f'=ROWS({results.local})-{wrong}&" of "&ROWS({results.local})&" checks hold"'
    value = f"{len(checked) - failed} of {len(checked)} checks hold"
    sheet.formula(sheet.area(top, CHECKS_COLUMN + 2), text, value, look.text)
    mark_checks(page, desk.builder.book, FIRST_DATA_ROW, CHECKS_COLUMN)


def _refusals(desk: Desk, area: Area) -> int:
    begin = REFUSED.rstrip("*")
    return sum(isinstance(cell, str) and cell.startswith(begin) for row in desk.live.held(area) for cell in row)
