"""The new cells of one Excel table: owned columns from a frame, the planner's columns with their item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from invopt_xl.workbook.parts.cell_markup import CellWriter, moved
from invopt_xl.workbook.parts.cells import Area, column_letters
from invopt_xl.workbook.patch.appending import Cells, move_totals, refuse_formulas
from invopt_xl.workbook.patch.old_table import OldTable, PlacedFormula
from invopt_xl.workbook.patch.row_matching import RowMatch


@dataclass(frozen=True)
class TableRewrite:
    """A table in a sheet and the rows it is to hold.

    Parameters
    ----------
    old
        The table as it is.
    frame
        Its new rows.
    emptied
        Cells of the planner's that do not go with their row any more, by row and header of the table as it is.

    Raises
    ------
    InputError
        If the table has no column that the frame could fill, or its rows cannot be told apart by the columns of the
        key that are there, or a cell to be emptied holds a formula.
    """

    old: OldTable
    frame: pd.DataFrame
    emptied: frozenset[tuple[int, str]] = frozenset()

    def __post_init__(self) -> None:
        _ = self.match
        refuse_formulas(self.old, self._emptied)

    @cached_property
    def _emptied(self) -> frozenset[tuple[int, int]]:
        column_of = {name: column for column, name in self.old.headers.items()}
        return frozenset((row, column_of[name]) for row, name in self.emptied)

    @cached_property
    def match(self) -> RowMatch:
        """Which old row each new one takes the planner's cells from."""
        return RowMatch(self.old, self.frame)

    @property
    def keeps_places(self) -> bool:
        """Whether every row stays where it is: never, for other items may stand there now."""
        return False

    @property
    def pattern_row(self) -> int:
        """The row that new ones look like."""
        return self.old.table.first_row

    @property
    def last_row(self) -> int:
        """The last row of the new body."""
        return self.old.table.first_row + self.match.size - 1

    @property
    def area(self) -> Area:
        """The table's new area with header and totals."""
        return replace(self.old.table.area, last_row=self.last_row + self.old.table.totals_rows)

    def cells(self, writer: CellWriter) -> Cells:
        """Return the new bytes of all cells the table covers or covered."""
        table, columns = self.old.table, self.old.table.column_range
        bottom = max(table.area.last_row, self.area.last_row)
        rows = zip(*(self._column(column, writer) for column in columns), strict=True)
        new: Cells = {row: dict(zip(columns, cells, strict=True)) for row, cells in enumerate(rows, table.first_row)}
        new |= {row: dict.fromkeys(columns, b"") for row in range(self.last_row + 1, bottom + 1)}
        move_totals(self.old, self.area.last_row - table.area.last_row, new, writer)
        return new

    def wrapped_texts(self, wrapped: frozenset[str]) -> dict[int, list[tuple[str, float]]]:
        """Return by row the texts that wrap, each with the width of its column; rows without one among them.

        Parameters
        ----------
        wrapped
            Numbers of the cell formats whose text wraps.
        """
        first, layout = self.old.table.first_row, self.old.layout
        bottom = max(self.old.table.last_row, self.last_row)
        touched = range(first, bottom + 1) if wrapped & set(self.old.first_row_styles.values()) else range(0)
        found: dict[int, list[tuple[str, float]]] = {row: [] for row in touched}
        for column in self.match.owned:
            styles = self.old.styles(column, self.match.size)
            if wrapped.isdisjoint(styles):
                continue
            width, values = layout.column_width(column), self.match.owned_values(column)
            for row, (value, style) in enumerate(zip(values, styles, strict=False), start=first):
                if style in wrapped and isinstance(value, str):
                    found.setdefault(row, []).append((value, width))
        for column in self.match.travelling:
            width = layout.column_width(column)
            for row, origin in enumerate(self.match.origins, start=first):
                cell = self.old.rows.get(origin or 0, {}).get(column)
                if cell is not None and cell.style in wrapped:
                    found.setdefault(row, []).append((str(cell.value(self.old.decoder) or ""), width))
        return found

    def _column(self, column: int, writer: CellWriter) -> Iterable[bytes]:
        if column not in self.match.owned:
            return self._travelling(column, writer)
        values = self.match.owned_values(column) or [None]
        styles = self.old.styles(column, len(values))
        return writer.column(column_letters(column), self.old.table.first_row, styles, values)

    def _travelling(self, column: int, writer: CellWriter) -> Iterator[bytes]:
        """Yield the cells of a column that is not ours, moved to the row their item has now."""
        pattern = self.old.column_formula(column)
        style = self.old.first_row_styles[column]
        filled = bool(self.match.origins)
        rows = zip(self.match.origins or [None], self.match.first_values(column) or [None], strict=True)
        for row, (origin, begins) in enumerate(rows, start=self.old.table.first_row):
            address = f"{column_letters(column)}{row}"
            if (origin, column) in self._emptied:
                yield writer.value(address, self.old.style(origin or 0, column), None)
            elif origin is not None and column in self.old.rows[origin]:
                yield self._moved(origin, column, address, writer)
            elif pattern is not None and filled:
                yield writer.formula(address, style, pattern.at(address))
            else:
                yield writer.value(address, style, begins if origin is None else None)

    def _moved(self, origin: int, column: int, address: str, writer: CellWriter) -> bytes:
        cell = self.old.rows[origin][column]
        formula: PlacedFormula | None = self.old.formula(origin, cell)
        if formula is None:
            return moved(self.old.layout, cell, address)
        return writer.formula(address, cell.style, formula.at(address))
