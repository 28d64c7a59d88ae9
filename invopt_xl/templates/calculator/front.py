"""The calculator's Cover: what it is for, how it is used, whether its cells have results, and what to do if not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from invopt_xl.templates.calculator.desk import ANSWERS, COVER, MASTER, Checked, Desk, refusals
from invopt_xl.templates.calculator.entries import REFUSED
from invopt_xl.templates.live import Area, LiveSheet
from invopt_xl.workbook.sheets import look as colours
from invopt_xl.workbook.sheets.cover import (
    CHECKS,
    COLOUR_KEY,
    FIRST_ROW,
    RIGHT,
    WORDS,
    begin_cover,
    mark_results,
    write_colours,
    write_contents,
    write_paragraphs,
)
from invopt_xl.workbook.sheets.panels import RULE, Span, guard, write_heading
from invopt_xl.workbook.template import Cover

NAME = COVER
_CAUSE_ROW, _FIRST_CHECK = FIRST_ROW + 2, ANSWERS.row - 1

_WIDTHS = {WORDS: 84, CHECKS: 36, CHECKS + 2: 42}
"""Of columns that can be narrower than on other Covers, so that the page is printed larger."""

_STYLES = dict(COLOUR_KEY)
_KEY = (
    ("Input: you type here", _STYLES["Input: you type here"]),
    ("Output: calculated as you type", _STYLES["Output: a refresh or a formula writes here"]),
    ("CHECK: something is wrong, and says what", _STYLES["Critical, stock-out, CHECK"]),
    ("OK", _STYLES["OK"]),
)


@dataclass(frozen=True)
class _Check:
    """A line of the Cover: what is to hold, the formula of a number that is 0 if it does, and what it counts."""

    name: str
    count: str
    value: int
    counted: str


def add_cover(
    sheet: LiveSheet, desk: Desk, cover: Cover, contents: Mapping[str, str], checked: Mapping[str, Checked]
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
        What the checks look at, by sheet.
    """
    page, look = sheet.sheet, desk.look
    begin_cover(page, look, desk.builder.title, FIRST_ROW + len(contents) + 26)
    for column, width in _WIDTHS.items():
        page.set_column(column, column, width)
    row = write_paragraphs(page, look, FIRST_ROW, "Purpose", [cover.purpose])
    row = write_paragraphs(page, look, row, "How to use it", cover.how)
    row = write_contents(page, look, row, contents)
    below = _write_checks(sheet, desk, _checks(desk, checked))
    below = write_colours(page, look, below, _KEY)
    below = write_paragraphs(page, look, below, "Where the data comes from", cover.sources, RIGHT)
    below = write_paragraphs(page, look, below, "What is illustrative", cover.illustrative, RIGHT)
    page.print_area(0, 0, max(row, below), CHECKS + 2)
    page.fit_to_pages(1, 1)
    guard(page)


def _checks(desk: Desk, checked: Mapping[str, Checked]) -> list[_Check]:
    """Return the checks: no errors, nothing refused, nothing where no formula reads it."""
    every = checked.values()
    typed = _errors([area for each in every for area in each.typed])
    results = _errors([area for each in every for area in each.results])
    version = desk.live.form.call("VERSION", []).removeprefix("=")
    found = [
        _Check("No input is an error value", typed, 0, "inputs that are error values"),
        # On the web a refused cell is an error value too: whether there are functions, one tells that refuses nothing;
        # as an array, which Calc calculates on opening.
        _Check("The cell functions answer", f"{{=IF(LEN({version})>0,0,1)}}", 0, "functions that do not"),
        _Check("No result is an error value", results, 0, "cells that show an error for a result"),
    ]
    found += [_refused(desk, name, each) for name, each in checked.items()]
    below = "=" + "+".join(f"COUNTA({each.below.named})" for each in every if each.below)
    return [*found, _Check("Nothing stands below the yellow rows", below, 0, "cells there, which count nowhere")]


def _refused(desk: Desk, name: str, checked: Checked) -> _Check:
    count, counted = checked.refused or (refusals(checked.results), "cells that say what is wrong")
    refused = sum(_counted(desk, area) for area in checked.results)
    return _Check(f"{name}: nothing is refused", f"={count}", refused, counted)


def _errors(areas: Sequence[Area]) -> str:
    """Return the formula of how many cells are errors.

    Like the results of checks it depends on the time: other formulas Calc leaves as they were saved, where cells they
    refer to have become errors on opening.
    """
    return "=IF(NOW()>0," + "+".join(f"SUMPRODUCT(--ISERROR({area.named}))" for area in areas) + ",0)"


def _write_checks(sheet: LiveSheet, desk: Desk, checks: Sequence[_Check]) -> int:
    """Write the master check, the cause if it does not hold, and the checks; return the row below them."""
    page, look = sheet.sheet, desk.look
    write_heading(page, look, Span(FIRST_ROW, CHECKS, CHECKS + 2), "Is it right?")
    results = sheet.area(_FIRST_CHECK, CHECKS + 1, len(checks))
    line = {"bottom": 1, "bottom_color": RULE, "indent": 1}
    for row, check in enumerate(checks):
        result, count = results.cell(row), results.cell(row, 1)
        page.write_string(result.row, CHECKS, check.name, look.make(**line))
        style = look.make(align="left", num_format=f'"{check.counted}: "0', **line)
        sheet.formula(count, check.count, check.value, style)
        style = look.make(align="center", bold=True, **{**line, "indent": 0})
        text = f'=IF(AND(NOW()>0,ISERROR({count.local})),"CHECK",IF({count.local}=0,"OK","CHECK"))'
        sheet.formula(result, text, "CHECK" if check.value else "OK", style)
    _master(sheet, desk, results)
    _cause(sheet, desk, results)
    mark_results(desk.builder, page, MASTER.local, colours.GREEN_STRONG, colours.VERMILLION_STRONG)
    mark_results(desk.builder, page, results.local, None, None)
    return results.last_row + 2


def _cause(sheet: LiveSheet, desk: Desk, results: Area) -> None:
    """Write below the master check what is wrong and what helps."""
    form = desk.live.form
    causes = {
        0: "An input shows an error value: type a number there, or empty the cell.",
        1: f"The cell functions do not answer. This book is for {form.title}: {form.cure}.",
        2: "A result is an error value: select it to see what is wrong with what was typed.",
        results.rows - 1: "What stands below the yellow rows is not calculated: put it into another copy of this book.",
    }
    text = '"The cells say what is wrong; on Levels, the column check says it row by row."'
    text = f'IF(COUNTIF({results.local},"CHECK")=0,"",{text})'
    for row, words in reversed(causes.items()):
        text = f'IF({results.cell(row).local}="CHECK","{words}",{text})'
    style = desk.look.make(bold=True, font_color=colours.VERMILLION_STRONG, indent=1, text_wrap=True, valign="vcenter")
    sheet.sheet.merge_range(_CAUSE_ROW, CHECKS, _CAUSE_ROW + 1, CHECKS + 2, None, style)
    sheet.formula(sheet.area(_CAUSE_ROW, CHECKS), f"={text}", None, style)


def _master(sheet: LiveSheet, desk: Desk, results: Area) -> None:
    page, look, row = sheet.sheet, desk.look, MASTER.row
    failed = sum(each == ["CHECK"] for each in desk.live.held(results))
    wrong = f'COUNTIF({results.local},"CHECK")'
    big = look.make(bold=True, font_size=14, align="center", valign="vcenter", border=1, border_color="#BFBFBF")
    page.set_row(row, 24)
    page.write_string(row, CHECKS, "Master check", look.make(bold=True, font_size=12, valign="vcenter", indent=1))
    sheet.formula(sheet.area(row, CHECKS + 1), f'=IF({wrong}=0,"OK","CHECK")', "CHECK" if failed else "OK", big)
    text = f'=ROWS({results.local})-{wrong}&" of "&ROWS({results.local})&" checks below hold"'
    value = f"{results.rows - failed} of {results.rows} checks below hold"
    sheet.formula(sheet.area(row, CHECKS + 2), text, value, look.make(indent=1, valign="vcenter"))


def _counted(desk: Desk, area: Area) -> int:
    begin = REFUSED.rstrip("*")
    return sum(isinstance(cell, str) and cell.startswith(begin) for row in desk.live.held(area) for cell in row)
