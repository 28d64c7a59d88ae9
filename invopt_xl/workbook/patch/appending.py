"""Changes to a table of the planner's: rows added below, rows taken out, single cells; all else stays where it is."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.workbook.parts.cell_markup import CellWriter, moved
from invopt_xl.workbook.parts.cells import Area, column_letters, plain
from invopt_xl.workbook.parts.markup import set_attributes, tag_end
from invopt_xl.workbook.parts.sheet_rows import Cell
from invopt_xl.workbook.patch.old_table import OldTable, PlacedFormula

Cells = dict[int, dict[int, bytes]]
"""New bytes of cells by row and column; empty bytes remove a cell."""


@dataclass(frozen=True, eq=False)
class TableChange:
    """What is to be another in a table.

    Parameters
    ----------
    added
        Rows to stand below the last one that holds anything, their columns as the table's headers are read.
    cells
        New values by row of the sheet and header; a formula is never written over.
    removed
        Rows of the sheet to take out; those below move up.
    """

    added: pd.DataFrame = field(default_factory=pd.DataFrame)
    cells: Mapping[tuple[int, str], object] = field(default_factory=dict)
    removed: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ChangedTable:
    """A table in a sheet and what is to be another in it; stands beside `TableRewrite` where sheets are patched.

    Values are written as the cells above hold them: a day as text where days are texts. New rows take the formats of
    the last row, and the formulas of calculated columns.

    Parameters
    ----------
    old
        The table as it is.
    change
        What is to be another.

    Raises
    ------
    InputError
        If a column that is given is not there, or a cell to be written holds a formula.
    """

    old: OldTable
    change: TableChange

    def __post_init__(self) -> None:
        absent = [str(name) for name in self.change.added if name not in self._columns]
        if absent:
            raise InputError(f"{self.old.table.name} has no column {absent[0]} for the rows to be added; put it there")
        refuse_formulas(self.old, ((row, self._columns[name]) for row, name in self.change.cells))

    @property
    def keeps_places(self) -> bool:
        """Whether every row stays where it is, so that a filter still describes the rows it was made for."""
        return not self.change.removed

    @property
    def taken_in(self) -> Area | None:
        """The cells of the rows that are taken in, if nothing else is another in the table; else None."""
        if self.change.cells or self.change.removed or len(self.change.added):
            return None
        return replace(self.area, first_row=self.old.stored.last_row + 1)

    @property
    def pattern_row(self) -> int:
        """The row that new ones look like."""
        return self._last_filled or self.old.table.first_row

    @property
    def last_row(self) -> int:
        """The last row of the new body; a table keeps at least one row."""
        table = self.old.table
        return max(table.first_row, self._left, self._first_added + len(self.change.added) - 1)

    @property
    def area(self) -> Area:
        """The table's new area with header and totals."""
        return replace(self.old.table.area, last_row=self.last_row + self.old.table.totals_rows)

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {name: column for column, name in self.old.headers.items()}

    @cached_property
    def _calculated(self) -> frozenset[int]:
        if any(self.old.spanning_formulas()):
            return frozenset()
        return frozenset(column for column in self.old.headers if self.old.column_formula(column) is not None)

    @cached_property
    def _days(self) -> frozenset[int]:
        """Columns of dates, where a number is read as a date whatever its format."""
        days = {column.name for column in self.old.contract.columns if column.kind == "date"}
        return frozenset(column for column, name in self.old.headers.items() if name in days)

    @cached_property
    def _last_filled(self) -> int:
        """The last row that holds anything but calculated columns; 0 if none does."""
        return max((row for row, cells in self.old.rows.items() if self._holds_any(cells.values())), default=0)

    def _holds_any(self, cells: Iterable[Cell]) -> bool:
        return any(cell.is_occupied and cell.column not in self._calculated for cell in cells)

    def _now(self, row: int) -> int:
        """Return where a row stands once those above it are taken out."""
        return row - bisect_left(self._removed, row)

    @cached_property
    def _removed(self) -> list[int]:
        return sorted(self.change.removed)

    @property
    def _left(self) -> int:
        """The last row of the body without what is taken out."""
        return self.old.table.last_row - len(self.change.removed)

    @property
    def _first_added(self) -> int:
        end = self._last_filled
        taken_out = bisect_right(self._removed, end)
        return (end - taken_out if end else self.old.table.first_row - 1) + 1

    def cells(self, writer: CellWriter) -> Cells:
        """Return the new bytes of the cells that are to be others."""
        new: Cells = {}
        if self.change.removed:
            self._move_up(new, writer)
        self._fit_taken_in(new, writer)
        for (row, name), value in self.change.cells.items():
            column = self._columns[name]
            new.setdefault(self._now(row), {})[column] = self._written(row, column, self._now(row), value, writer)
        self._add_rows(new, writer)
        if self.area != self.old.table.area:
            move_totals(self.old, self.area.last_row - self.old.table.area.last_row, new, writer)
        return new

    def wrapped_texts(self, wrapped: frozenset[str]) -> dict[int, list[tuple[str, float]]]:
        """Return nothing: rows of the planner's keep their heights.

        Parameters
        ----------
        wrapped
            Numbers of the cell formats whose text wraps.
        """
        return {}

    def _written(self, like: int, column: int, row: int, value: object, writer: CellWriter) -> bytes:
        """Return a cell that holds a value in the way, and in the format, that another row holds it."""
        cell = self.old.rows.get(like, {}).get(column)
        shown = alike(value, None if cell is None else cell.value(self.old.decoder))
        return writer.value(f"{column_letters(column)}{row}", self.old.style(like, column), shown)

    def _move_up(self, new: Cells, writer: CellWriter) -> None:
        table, removed = self.old.table, self.change.removed
        for row in range(min(removed), table.last_row + 1):
            if row in removed:
                continue
            target = self._now(row)
            new[target] = dict.fromkeys(table.column_range, b"")
            for column, cell in self.old.rows.get(row, {}).items():
                address, formula = f"{column_letters(column)}{target}", self.old.formula(row, cell)
                new[target][column] = (
                    moved(self.old.layout, cell, address)
                    if formula is None
                    else writer.formula(address, cell.style, formula.at(address))
                )
        for row in range(self._left + 1, table.last_row + 1):
            new[row] = {
                column: writer.value(f"{column_letters(column)}{row}", self.old.style(row, column), None)
                if row <= self.last_row
                else b""
                for column in table.column_range
            }

    def _fit_taken_in(self, new: Cells, writer: CellWriter) -> None:
        """Give rows that are taken in the formats and the formulas of the table, where they have none of their own."""
        if not self.old.taken_in:
            return
        patterns = {column: self.old.column_formula(column) for column in self._calculated}
        for row in range(self.old.stored.last_row + 1, self.old.table.last_row + 1):
            if row not in self.change.removed:
                for column in self.old.table.column_range:
                    address = f"{column_letters(column)}{self._now(row)}"
                    fitted = self._fitted(row, column, address, patterns.get(column), writer)
                    if fitted:
                        new.setdefault(self._now(row), {})[column] = fitted

    def _fitted(
        self, row: int, column: int, address: str, pattern: PlacedFormula | None, writer: CellWriter
    ) -> bytes | None:
        """Return a cell as it is to be in the table; None if it may stay as it is."""
        cell, style = self.old.rows.get(row, {}).get(column), self.old.style(row, column)
        is_same = cell is not None and cell.style == style
        if cell is None or not cell.is_occupied:
            if pattern is not None:
                return writer.formula(address, style, pattern.at(address))
            return None if is_same or style is None else writer.value(address, style, None)
        # A number that is no day is not shown as one.
        becomes_a_day = style in self.old.decoder.date_styles and column not in self._days
        if is_same or style is None or cell.formula is not None or becomes_a_day:
            return None
        markup = moved(self.old.layout, cell, address)
        end = tag_end(markup, 0)
        return set_attributes(markup[:end], {"s": style}) + markup[end:]

    def _add_rows(self, new: Cells, writer: CellWriter) -> None:
        """Put the rows to be added below the last one that holds anything."""
        like, names = self.pattern_row, [str(name) for name in self.change.added]
        patterns = {column: self.old.column_formula(column) for column in self._calculated}
        records = zip(*(self.change.added[name].tolist() for name in names), strict=True)
        for row, record in enumerate(records, start=self._first_added):
            by_column = new.setdefault(row, {})
            values = dict(zip((self._columns[name] for name in names), record, strict=True))
            for column in self.old.table.column_range:
                address, pattern = f"{column_letters(column)}{row}", patterns.get(column)
                if column in values:
                    by_column[column] = self._written(like, column, row, values[column], writer)
                elif pattern is not None:
                    by_column[column] = writer.formula(address, self.old.style(like, column), pattern.at(address))
                else:
                    by_column[column] = writer.value(address, self.old.style(like, column), None)


def refuse_formulas(old: OldTable, cells: Iterable[tuple[int, int]]) -> None:
    """Refuse to write over a formula.

    Parameters
    ----------
    old
        The table as it is.
    cells
        Rows and columns that are to be written.
    """
    for row, column in cells:
        cell = old.rows.get(row, {}).get(column)
        if cell is not None and cell.formula is not None:
            raise InputError(
                f"{old.table.name} holds a formula at {old.place(row, column)} (={cell.formula.text[:60]}); expected a "
                "value there that can be written over"
            )


def move_totals(old: OldTable, shift: int, new: Cells, writer: CellWriter) -> None:
    """Put the row of totals of a table so many rows further down."""
    for row, cell in old.cells(old.table.last_row + 1, old.table.area.last_row):
        address = f"{column_letters(cell.column)}{row + shift}"
        into = new.setdefault(row + shift, {})
        if cell.formula is None:
            into[cell.column] = moved(old.layout, cell, address)
        else:
            into[cell.column] = writer.formula(address, cell.style, cell.formula.text)


def alike(value: object, sample: object) -> object:
    """Return a value as a cell like another one would hold it.

    Examples
    --------
    >>> alike(datetime(2018, 1, 8), "2018-01-01"), alike("22423", 22386), alike("0012", 13), alike(True, 1)
    ('2018-01-08', 22423, '0012', 1)
    """
    value = plain(value)
    if isinstance(value, bool) and not isinstance(sample, bool):
        return int(value)
    if isinstance(value, datetime) and isinstance(sample, str):
        return value.date().isoformat()
    is_number = isinstance(sample, int | float) and not isinstance(sample, bool)
    if isinstance(value, str) and is_number and value.isascii() and value.isdigit() and str(int(value)) == value:
        return int(value)
    return value
