"""Sheets whose formulas are live, saved with the values they have: right before any host has calculated them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from invopt_xl.sheet import calculate
from invopt_xl.sheet.cells import Cell, Given
from invopt_xl.templates.forms import Form


@dataclass(frozen=True)
class Area:
    """Cells of a sheet, counted from 0.

    Parameters
    ----------
    sheet
        Its name.
    row, column
        Of the first cell.
    rows, columns
        How many there are.
    """

    sheet: str
    row: int
    column: int
    rows: int = 1
    columns: int = 1

    @property
    def last_row(self) -> int:
        """Row of the last cell."""
        return self.row + self.rows - 1

    @property
    def last_column(self) -> int:
        """Column of the last cell."""
        return self.column + self.columns - 1

    def cell(self, row: int = 0, column: int = 0) -> Area:
        """Return one of its cells, counted from its first one."""
        return replace(self, row=self.row + row, column=self.column + column, rows=1, columns=1)

    @property
    def local(self) -> str:
        """Its address on its own sheet."""
        first = xl_rowcol_to_cell(self.row, self.column, row_abs=True, col_abs=True)
        if self.rows == self.columns == 1:
            return str(first)
        return f"{first}:{xl_rowcol_to_cell(self.last_row, self.last_column, row_abs=True, col_abs=True)}"

    @property
    def beside(self) -> str:
        """The address of a single cell as formulas of its row have it."""
        return str(xl_rowcol_to_cell(self.row, self.column, col_abs=True))

    def row_beside(self, row: int) -> str:
        """Return the address of one of its rows, as formulas of that row have it."""
        return f"{self.cell(row).beside}:{self.cell(row, self.columns - 1).beside}"

    @property
    def relative(self) -> str:
        """The address of a single cell as rules have it that move with the cell."""
        return str(xl_rowcol_to_cell(self.row, self.column))

    @property
    def named(self) -> str:
        """Its address with the sheet.

        Examples
        --------
        >>> Area("What if", 3, 1, rows=2).named
        "'What if'!$B$4:$B$5"
        """
        quoted = self.sheet if self.sheet.isalnum() else f"'{self.sheet}'"
        return f"{quoted}!{self.local}"


@dataclass(frozen=True)
class Shown:
    """Part of a formula that is no address, and the value it stands for.

    Parameters
    ----------
    text
        As the formula has it.
    value
        What it comes to.
    """

    text: str
    value: Cell


@dataclass(frozen=True)
class Unless:
    """When a formula shows nothing, and calls nothing.

    Parameters
    ----------
    text
        The condition, as the formula has it.
    holds
        Whether it does.
    """

    text: str
    holds: bool


Argument = Area | Shown | str | float | None
"""Of a call: cells, or a value; None where it is omitted."""


@dataclass(frozen=True, eq=False)
class LiveBook:
    """A workbook under construction, with what every cell of it holds so far."""

    book: Workbook
    form: Form
    values: dict[tuple[str, int, int], Cell] = field(default_factory=dict)

    def held(self, area: Area) -> list[list[Cell]]:
        """Return the rows of what cells hold."""
        return [
            [self.values.get((area.sheet, area.row + down, area.column + across)) for across in range(area.columns)]
            for down in range(area.rows)
        ]

    def one(self, area: Area) -> Cell:
        """Return what a cell holds; None if it is empty or shows nothing."""
        value = self.held(area)[0][0]
        return None if value == "" else value

    def number(self, area: Area) -> float:
        """Return the number a cell holds; 0 if it holds none, as a formula takes it."""
        value = self.one(area)
        return float(value) if isinstance(value, int | float) else 0.0


class LiveSheet:
    """A sheet of a live workbook."""

    def __init__(self, live: LiveBook, sheet: Worksheet) -> None:
        self.live = live
        self.sheet = sheet
        self.name: str = sheet.get_name()

    def area(self, row: int, column: int, rows: int = 1, columns: int = 1) -> Area:
        """Return cells of this sheet."""
        return Area(self.name, row, column, rows, columns)

    def put(self, at: Area, value: Cell, style: Format) -> None:
        """Write a value, or an empty cell."""
        if value is None or value == "":
            self.sheet.write_blank(at.row, at.column, None, style)
        elif isinstance(value, str):
            self.sheet.write_string(at.row, at.column, value, style)
        else:
            self.sheet.write_number(at.row, at.column, value, style)
        self._keep(at, value)

    def formula(self, at: Area, text: str, value: Cell, style: Format) -> None:
        """Write an ordinary formula with the value it has."""
        shown = "" if value is None else value
        self.sheet.write_formula(at.row, at.column, text, style, shown)
        self._keep(at, shown)

    def call(
        self, at: Area, function: str, arguments: Sequence[Argument], style: Format, unless: Unless | None = None
    ) -> None:
        """Write a formula that calls a cell function and fills the cells, with the values that it returns."""
        text = self.live.form.call(function, [self._written(each) for each in arguments])
        if unless:
            text = f'=IF({unless.text},"",{text.removeprefix("=")})'
        if unless and unless.holds:
            shown = [[""] * at.columns for _ in range(at.rows)]
        else:
            answer = calculate(function, [self._given(each) for each in arguments])
            shown = _sized([["" if cell is None else cell for cell in row] for row in answer.cells], at)
        first = shown[0][0]
        if at.rows == at.columns == 1:
            self.sheet.write_formula(at.row, at.column, text, style, first)
        elif self.live.form.spills:
            self.sheet.write_dynamic_array_formula(at.row, at.column, at.last_row, at.last_column, text, style, first)
        else:
            self.sheet.write_array_formula(at.row, at.column, at.last_row, at.last_column, text, style, first)
        for down, row in enumerate(shown):
            for across, cell in enumerate(row):
                place = at.cell(down, across)
                if down or across:
                    self.put(place, cell, style)
                self._keep(place, cell)

    def _keep(self, at: Area, value: Cell) -> None:
        self.live.values[self.name, at.row, at.column] = value

    def _given(self, argument: Argument) -> Given:
        if isinstance(argument, Area):
            rows = self.live.held(argument)
            return rows if len(rows) > 1 or len(rows[0]) > 1 else rows[0][0]
        return argument.value if isinstance(argument, Shown) else argument

    def _written(self, argument: Argument) -> str:
        if isinstance(argument, Area):
            return argument.local if argument.sheet == self.name else argument.named
        if isinstance(argument, Shown):
            return argument.text
        if isinstance(argument, str):
            return f'"{argument}"'
        return "" if argument is None else f"{argument:g}"


def _sized(rows: list[list[Any]], at: Area) -> list[list[Any]]:
    """Return the rows of an answer in as many cells as it has: a refusal of one cell stands in each of them."""
    if len(rows) == len(rows[0]) == 1:
        return [[rows[0][0]] * at.columns for _ in range(at.rows)]
    return [[*row[: at.columns], *[""] * (at.columns - len(row))] for row in rows[: at.rows]]
