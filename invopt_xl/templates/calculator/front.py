"""The calculator's Cover: what it is for, how it is used, whether any row is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from invopt_xl.templates.calculator.desk import Desk
from invopt_xl.templates.live import Area, LiveSheet
from invopt_xl.workbook.sheets import look as colours
from invopt_xl.workbook.sheets.cover import (
    CHECKS,
    COLOUR_KEY,
    FIRST_ROW,
    RIGHT,
    begin_cover,
    mark_results,
    write_colours,
    write_contents,
    write_paragraphs,
)
from invopt_xl.workbook.sheets.panels import RULE, Span, guard, write_heading
from invopt_xl.workbook.template import Cover

NAME = "Cover"
REFUSED = "#INVOPT!*"
"""How a line begins that a cell shows in place of a result."""

_STYLES = dict(COLOUR_KEY)
_KEY = (
    ("Input: you type here", _STYLES["Input: you type here"]),
    ("Output: calculated as you type", _STYLES["Output: a refresh or a formula writes here"]),
    ("CHECK: a row says what is wrong", _STYLES["Critical, stock-out, CHECK"]),
    ("OK", _STYLES["OK"]),
)


def add_cover(
    sheet: LiveSheet, desk: Desk, cover: Cover, contents: Mapping[str, str], checked: Mapping[str, Sequence[Area]]
) -> None:
    """Write the Cover.

    Parameters
    ----------
    sheet
        Where to.
    desk
        What to lay it out with.
    cover
        Its words.
    contents
        A line about each sheet, by its name.
    checked
        Results by sheet, none of which is to be a refusal.
    """
    page, look = sheet.sheet, desk.look
    begin_cover(page, look, desk.builder.title, FIRST_ROW + len(contents) + 26)
    row = write_paragraphs(page, look, FIRST_ROW, "Purpose", [cover.purpose])
    row = write_paragraphs(page, look, row, "How to use it", cover.how)
    row = write_contents(page, look, row, contents)
    below = _checks(sheet, desk, checked)
    below = write_colours(page, look, below, _KEY)
    below = write_paragraphs(page, look, below, "Where the data comes from", cover.sources, RIGHT)
    below = write_paragraphs(page, look, below, "What is illustrative", cover.illustrative, RIGHT)
    page.print_area(0, 0, max(row, below), CHECKS + 2)
    page.fit_to_pages(1, 1)
    guard(page)


def _checks(sheet: LiveSheet, desk: Desk, checked: Mapping[str, Sequence[Area]]) -> int:
    """Write the master check and one for each sheet, and return the row below them."""
    page, look, top = sheet.sheet, desk.look, FIRST_ROW + 1
    write_heading(page, look, Span(FIRST_ROW, CHECKS, CHECKS + 2), "Is it right?")
    results = sheet.area(top + 1, CHECKS + 1, len(checked))
    line = {"bottom": 1, "bottom_color": RULE, "indent": 1}
    for row, (name, areas) in enumerate(checked.items(), start=top + 1):
        refused = "+".join(f'COUNTIF({area.named},"{REFUSED}")' for area in areas)
        count = sum(_refusals(desk, area) for area in areas)
        page.write_string(row, CHECKS, f"{name}: nothing is refused", look.make(**line))
        style = look.make(align="center", bold=True, **{**line, "indent": 0})
        sheet.formula(sheet.area(row, CHECKS + 1), f'=IF({refused}=0,"OK","CHECK")', "CHECK" if count else "OK", style)
        words = "cells say what is wrong in place of a number"
        sheet.formula(sheet.area(row, CHECKS + 2), f'={refused}&" {words}"', f"{count} {words}", look.make(**line))
    _master(sheet, desk, results)
    mark_results(desk.builder, page, sheet.area(top, CHECKS + 1).local, colours.GREEN_STRONG, colours.VERMILLION_STRONG)
    mark_results(desk.builder, page, results.local, None, None)
    return results.last_row + 2


def _master(sheet: LiveSheet, desk: Desk, results: Area) -> None:
    page, look, row = sheet.sheet, desk.look, results.row - 1
    failed = sum(each == ["CHECK"] for each in desk.live.held(results))
    wrong = f'COUNTIF({results.local},"CHECK")'
    big = look.make(bold=True, font_size=14, align="center", valign="vcenter", border=1, border_color="#BFBFBF")
    page.set_row(row, 24)
    page.write_string(row, CHECKS, "Master check", look.make(bold=True, font_size=12, valign="vcenter", indent=1))
    sheet.formula(sheet.area(row, CHECKS + 1), f'=IF({wrong}=0,"OK","CHECK")', "CHECK" if failed else "OK", big)
    text = f'=ROWS({results.local})-{wrong}&" of "&ROWS({results.local})&" checks below hold"'
    value = f"{results.rows - failed} of {results.rows} checks below hold"
    sheet.formula(sheet.area(row, CHECKS + 2), text, value, look.make(indent=1, valign="vcenter"))


def _refusals(desk: Desk, area: Area) -> int:
    begin = REFUSED.rstrip("*")
    return sum(isinstance(cell, str) and cell.startswith(begin) for row in desk.live.held(area) for cell in row)
