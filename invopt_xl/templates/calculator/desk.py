"""What the calculator's sheets are laid out with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from xlsxwriter.format import Format

from invopt_xl.plan.columns import Column, Table, Tables
from invopt_xl.templates.calculator.entries import REFUSED, SETTINGS, heading, in_words, words_of
from invopt_xl.templates.live import Area, LiveBook, LiveSheet
from invopt_xl.workbook.sheets.builder import SheetBuilder
from invopt_xl.workbook.sheets.cover import CHECKS, FIRST_ROW
from invopt_xl.workbook.sheets.layout import HEADER_ROW
from invopt_xl.workbook.sheets.look import (
    HEADER_FILL,
    HEADER_FONT,
    INPUT_FILL,
    INPUT_FONT,
    INPUT_HEADER_FILL,
    INPUT_HEADER_FONT,
    INPUT_TAB,
    PALE_ORANGE,
    QUIET,
    VERMILLION_STRONG,
    Look,
    number_format,
)

_NOTE = {"x_scale": 1.6, "y_scale": 0.6, "font_size": 9, "color": "#FFFFE1"}
COVER = "Cover"
MASTER = Area(COVER, FIRST_ROW + 1, CHECKS + 1)
INPUTS, ANSWERS = MASTER.cell(3), MASTER.cell(4)
"""The master check, and the checks whether inputs are errors and whether the cell functions answer."""

HEADER_LINES = 3
"""Of the headers of a table: two for its words, one for the filter's buttons."""

_STATUS_COLUMN = 3
_BELOW = 500
"""Rows below a table of inputs that take what is pasted, so that it can be said that it does not count there."""

_ALLOWED = {"format_columns": True, "format_rows": True, "autofilter": True, "select_locked_cells": True}


@dataclass(frozen=True)
class Checked:
    """What the checks look at on a sheet.

    Parameters
    ----------
    results
        Cells that are to hold results.
    typed
        Cells to type into.
    below
        Cells below those, which no formula reads.
    refused
        The formula of how much is refused, and what it counts; without it, refusals are counted among the results.
    """

    results: Sequence[Area]
    typed: Sequence[Area]
    below: Area | None = None
    refused: tuple[str, str] | None = None


def refusals(results: Sequence[Area]) -> str:
    """Return the formula of how many cells say what is wrong in place of a result."""
    return "+".join(f'COUNTIF({area.named},"{REFUSED}")' for area in results)


@dataclass(frozen=True, eq=False)
class Desk:
    """A calculator under construction.

    Parameters
    ----------
    builder
        Lays out sheets.
    live
        Knows what cells hold.
    """

    builder: SheetBuilder
    live: LiveBook

    @property
    def look(self) -> Look:
        """Formats."""
        return self.builder.look

    @property
    def tables(self) -> Tables:
        """The inputs."""
        return self.builder.tables

    @property
    def words(self) -> Format:
        """Of sentences, which wrap."""
        return self.look.make(align="left", indent=1, text_wrap=True, valign="top")

    @property
    def line(self) -> Format:
        """Of sentences of one line, which run on over the cells beside them."""
        return self.look.make(align="left", indent=1, valign="vcenter")

    @property
    def warning(self) -> Format:
        """Of a line that says what is wrong."""
        return self.look.make(bold=True, font_color=VERMILLION_STRONG, valign="vcenter")

    @property
    def label(self) -> Format:
        """Of the name of a number beside it."""
        return self.look.make(align="left", indent=1, valign="vcenter")

    @property
    def unit(self) -> Format:
        """Of a unit, or another word about what stands beside it."""
        return self.look.make(font_color=QUIET, italic=True, indent=1, valign="vcenter")

    def output(self, numbers: str, **more: Any) -> Format:
        """Return the format of calculated numbers."""
        return self.look.make(num_format=numbers, align="right", valign="vcenter", **more)

    def input(self, numbers: str, **more: Any) -> Format:
        """Return the format of a cell to type a number into."""
        style = {"font_color": INPUT_FONT, "bg_color": INPUT_FILL, "border": 1, "border_color": "#E6DCA8"}
        return self.look.make(num_format=numbers, valign="vcenter", locked=False, **style, **more)

    def head(self, *, is_input: bool, of_numbers: bool = True, lines: int = 1) -> Format:
        """Return the format of the header of a column, at the side of its cells; over several lines, from the top."""
        ink, ground = (INPUT_HEADER_FONT, INPUT_HEADER_FILL) if is_input else (HEADER_FONT, HEADER_FILL)
        return self.look.make(
            bold=True,
            font_color=ink,
            bg_color=ground,
            border=1,
            border_color="#FFFFFF",
            text_wrap=lines > 1,
            valign="top" if lines > 1 else "vcenter",
            align="right" if of_numbers else "left",
            indent=0 if of_numbers else 1,
        )

    def sheet(self, name: str, about: str, tab: str = INPUT_TAB) -> LiveSheet:
        """Return a new sheet whose formulas are protected, without a password."""
        sheet = self.builder.sheet(name, tab, about=about)
        sheet.protect("", _ALLOWED)
        sheet.set_comments_author("invopt_xl")
        made = LiveSheet(self.live, sheet)
        text = f'=IF({MASTER.named}="OK","",{MASTER.named}&": the Cover says what is wrong")'
        made.formula(made.area(0, _STATUS_COLUMN), text, None, self.warning)
        return made

    def input_sheet(self, name: str, about: str, table: Table, typed: str = "") -> LiveSheet:
        """Return a new sheet that begins with a table of inputs, or of one column of them; its headers are words."""
        sheet = self.sheet(name, about)
        page = sheet.sheet
        self.builder.place(page, in_words(table), is_input=True)
        for place, column in enumerate(table.columns):
            is_input = typed in {"", column.name}
            style = self.head(is_input=is_input, of_numbers=column.kind == "number", lines=HEADER_LINES)
            page.write_string(HEADER_ROW - 1, place, heading(column.name), style)
            side = {"align": "right", "shrink": True} if column.kind == "number" else {"align": "left", "indent": 1}
            shown = self.input(number_format(table.stem, column), **side) if is_input else self.label
            for row, value in enumerate(self.tables[table.stem][column.name]):
                empty = value is None or value != value
                sheet.put(sheet.area(HEADER_ROW + row, place), None if empty else value, shown)
        return sheet

    def width(self, sheet: LiveSheet, column: int, width: float) -> None:
        """Set the width of a column of inputs, and let it take what is pasted below its table."""
        sheet.sheet.set_column(column, column, width, self.look.make(locked=False))

    def below(self, typed: Area) -> Area:
        """Return the cells below those to type into, which no formula reads."""
        return replace(typed, row=typed.last_row + 1, rows=_BELOW)

    def refuse_below(self, sheet: LiveSheet, typed: Area, at: Area, words: str) -> None:
        """Say in a cell that what stands below the cells to type into does not count, if anything does."""
        sheet.formula(at, f'=IF(COUNTA({self.below(typed).local})=0,"","{words}")', None, self.warning)

    def first_refusal(self, sheet: LiveSheet, typed: Area, results: Area) -> None:
        """Write below what is typed the first line that says what is wrong in a column of results, if any does.

        A word in the first row is refused by none of them: functions take it for a header.
        """
        cells, at = results.local, typed.cell(typed.rows)
        words = f'IF(SUMPRODUCT({words_of(typed.local)})>0,"a word stands above; expected a number","")'
        text = f'=IFERROR(INDEX({cells},MATCH("{REFUSED}",{cells},0)),{words})'
        sheet.formula(at, text, None, self.warning)

    def mark_refusals(self, sheet: LiveSheet, area: Area, *, in_full: bool = False) -> None:
        """Mark cells that show an error, or say what is wrong in place of a result: in full, or as CHECK."""
        first = area.cell().relative
        self.mark(sheet, area, f'IF(ISERROR({first}),TRUE,LEFT({first},1)="#")', "General" if in_full else ';;;"CHECK"')

    def mark(self, sheet: LiveSheet, area: Area, condition: str, numbers: str = "General") -> None:
        """Mark cells of which a condition holds, written as for the first of them."""
        marked = {"bg_color": PALE_ORANGE, "font_color": "#7A4A00", "bold": True, "num_format": numbers}
        rule = {"type": "formula", "criteria": f"={condition}", "format": self.builder.book.add_format(marked)}
        sheet.sheet.conditional_format(area.row, area.column, area.last_row, area.last_column, rule)

    def header(self, sheet: LiveSheet, row: int, column: int, about: Column) -> None:
        """Write the header of a calculated column, with its note."""
        style = self.head(is_input=False, of_numbers=about.kind == "number", lines=HEADER_LINES)
        sheet.sheet.write_string(row, column, heading(about.name), style)
        sheet.sheet.write_comment(row, column, about.help, _NOTE)

    def setting(self, name: str) -> float:
        """Return the value of a parameter."""
        frame = self.tables[SETTINGS.stem]
        return float(frame.loc[frame["name"] == name, "value"].iloc[0])
