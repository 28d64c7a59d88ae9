"""What the calculator's sheets are laid out with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xlsxwriter.format import Format

from invopt_xl.plan.columns import Column, Table, Tables
from invopt_xl.templates.calculator.entries import SETTINGS
from invopt_xl.templates.live import LiveBook, LiveSheet
from invopt_xl.workbook.sheets.layout import HEADER_ROW
from invopt_xl.workbook.sheets.look import INPUT_FILL, INPUT_FONT, INPUT_TAB, Look
from invopt_xl.workbook.template import SheetBuilder

_NOTE = {"x_scale": 1.6, "y_scale": 0.6, "font_size": 9, "color": "#FFFFE1"}
_ALLOWED = {"format_columns": True, "format_rows": True, "autofilter": True, "select_locked_cells": True}


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
    def small_words(self) -> Format:
        """Of sentences of which two lines have to be enough."""
        return self.look.make(align="left", indent=1, text_wrap=True, valign="top", font_size=9)

    def output(self, numbers: str) -> Format:
        """Return the format of calculated numbers."""
        return self.look.make(num_format=numbers, valign="top")

    def input(self, numbers: str, **more: Any) -> Format:
        """Return the format of a cell to type a number into."""
        style = {"font_color": INPUT_FONT, "bg_color": INPUT_FILL, "border": 1, "border_color": "#E6DCA8"}
        return self.look.make(num_format=numbers, valign="top", locked=False, **style, **more)

    def sheet(self, name: str, about: str, tab: str = INPUT_TAB) -> LiveSheet:
        """Return a new sheet whose formulas are protected, without a password."""
        sheet = self.builder.sheet(name, tab, about=about)
        sheet.protect("", _ALLOWED)
        sheet.set_comments_author("invopt_xl")
        return LiveSheet(self.live, sheet)

    def input_sheet(self, name: str, about: str, table: Table) -> LiveSheet:
        """Return a new sheet that begins with a table of inputs."""
        sheet = self.sheet(name, about)
        self.builder.place(sheet.sheet, table, is_input=True)
        for place, values in enumerate(self.tables[table.stem][name] for name in table.column_names):
            for row, value in enumerate(values):
                empty = value is None or value != value
                self.live.values[sheet.name, HEADER_ROW + row, place] = None if empty else value
        return sheet

    def header(self, sheet: LiveSheet, row: int, column: int, about: Column) -> None:
        """Write the header of a calculated column, with its note."""
        sheet.sheet.write_string(row, column, about.name, self.look.header(is_input=False))
        sheet.sheet.write_comment(row, column, about.help, _NOTE)

    def setting(self, name: str) -> float:
        """Return the value of a parameter."""
        frame = self.tables[SETTINGS.stem]
        return float(frame.loc[frame["name"] == name, "value"].iloc[0])
