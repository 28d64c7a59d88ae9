"""The new cells of one Excel table: owned columns from a frame, the planner's columns with their item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.plan import columns
from invopt_xl.plan.keys import require_key
from invopt_xl.workbook.appending import Cells, move_totals
from invopt_xl.workbook.cell_markup import CellWriter, moved
from invopt_xl.workbook.cells import Area, column_letters, plain, serial_of
from invopt_xl.workbook.old_table import OldTable, PlacedFormula

Key = tuple[str, ...]
_KEPT = "Not in this plan; kept for the planner's override or note."


@dataclass(frozen=True)
class TableRewrite:
    """A table in a sheet and the rows it is to hold.

    Parameters
    ----------
    old
        The table as it is.
    frame
        Its new rows.

    Raises
    ------
    InputError
        If the table has no column that the frame could fill, or its rows cannot be told apart by the columns of the
        key that are there.
    """

    old: OldTable
    frame: pd.DataFrame

    def __post_init__(self) -> None:
        if not self.owned:
            expected = ", ".join(self.old.contract.column_names[:3])
            raise InputError(f"{self.old.table.name} has no column of the plan; expected {expected}, ...")
        require_key(self.old.contract, self.old.headers.values())
        require_key(self.old.contract, self.frame.columns, f"the frame for {self.old.table.name}")
        self._require_rows_told_apart()

    @cached_property
    def owned(self) -> dict[int, str]:
        """Columns written from the frame: those of the contract that are not the planner's."""
        ours = {column.name for column in self.old.contract.columns if column.owner == "program"}
        given = set(self.frame.columns)
        return {column: name for column, name in self.old.headers.items() if name in ours and name in given}

    def _require_rows_told_apart(self) -> None:
        """Refuse a table without ``location`` in which, or in whose new rows, an item stands twice.

        Where no cell follows its row nothing can change hands.
        """
        missing = [name for name in self.old.contract.key if name not in self._key_columns.values()]
        if not missing or not self.travelling:
            return
        name = self.old.table.name
        place = f"the frame for {name}" if missing[0] in self.old.headers.values() else name
        old = [self._key(values) for _, values in self._old_key_values()]
        for keys in (old, self._new_keys):
            twice = next((key for key, count in Counter(keys).items() if count > 1), None)
            if twice is not None:
                raise InputError(
                    f"{place} lacks the column {missing[0]}, and {' '.join(twice)} has several rows; put it back"
                )

    @cached_property
    def travelling(self) -> list[int]:
        """Columns whose cells follow the key of their row: the planner's, and whatever somebody added."""
        return [column for column in self.old.headers if column not in self.owned]

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
        """The last row of the new body; a table keeps at least one row."""
        return self.old.table.first_row + max(1, len(self.frame) + len(self.kept)) - 1

    @property
    def area(self) -> Area:
        """The table's new area with header and totals."""
        return replace(self.old.table.area, last_row=self.last_row + self.old.table.totals_rows)

    @cached_property
    def _key_columns(self) -> dict[int, str]:
        """Columns that identify a row: the table's key (``location`` may be missing) or, without one, all owned."""
        by_key = {column: name for column, name in self.owned.items() if name in self.old.contract.key}
        return by_key or self.owned

    @cached_property
    def _old_rows(self) -> dict[Key, int]:
        """Rows of the table as it is, by key; of two with one key, the one the planner typed into."""
        found: dict[Key, int] = {}
        for row, values in self._old_key_values():
            key = self._key(values)
            other = found.setdefault(key, row)
            if other == row or not self._holds_any(row, self._planners):
                continue
            if self._holds_any(other, self._planners):
                first, second = (self.old.place(each, self.old.table.area.first_column) for each in (other, row))
                raise InputError(
                    f"{self.old.table.name} has two rows for {' '.join(key)} with an override or note ({first} and "
                    f"{second}); expected one"
                )
            found[key] = row
        return found

    def _old_key_values(self) -> Iterator[tuple[int, list[object]]]:
        """Yield the rows of the table as it is with their values of the key; blank ones left out."""
        for row, cells in self.old.rows.items():
            there = [cells.get(column) for column in self._key_columns]
            values = [None if cell is None else cell.value(self.old.decoder) for cell in there]
            if any(value is not None for value in values):
                yield row, values

    @cached_property
    def _planners(self) -> list[int]:
        """Columns of the contract that are the planner's."""
        planners = {column.name for column in self.old.contract.columns if column.owner == "planner"}
        return [column for column, name in self.old.headers.items() if name in planners]

    @cached_property
    def _new_keys(self) -> list[Key]:
        records = zip(*(self.frame[name].tolist() for name in self._key_columns.values()), strict=True)
        return [self._key(record) for record in records]

    def _key(self, values: Iterable[object]) -> Key:
        names = self._key_columns.values()
        return tuple(
            _key_part(self.old.contract.column(name), value) for name, value in zip(names, values, strict=True)
        )

    @cached_property
    def kept(self) -> list[Key]:
        """Keys of rows that are not in the frame but hold something the planner typed.

        An item may be missing today for a wrong number in its row of ``tblItems``; what the planner noted about it
        must be there when it is back.
        """
        if not self._planners:
            return []
        planned = set(self._new_keys)
        return [
            key for key, row in self._old_rows.items() if key not in planned and self._holds_any(row, self._planners)
        ]

    def _holds_any(self, row: int, wanted: Iterable[int]) -> bool:
        cells = self.old.rows[row]
        return any(column in cells and cells[column].value(self.old.decoder) is not None for column in wanted)

    def cells(self, writer: CellWriter) -> Cells:
        """Return the new bytes of all cells the table covers or covered."""
        table = self.old.table
        bottom = max(table.area.last_row, self.area.last_row)
        new: Cells = {row: dict.fromkeys(table.column_range, b"") for row in range(table.first_row, bottom + 1)}
        for column, name in self.owned.items():
            letters = column_letters(column)
            values = self.frame[name].tolist() + self._kept_values(column, name)
            for row, value in enumerate(values or [None], start=table.first_row):
                new[row][column] = writer.value(f"{letters}{row}", self.old.style(row, column), value)
        for column in self.travelling:
            self._add_travelling(column, new, writer)
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
        for column, name in self.owned.items():
            width = layout.column_width(column)
            for row, value in enumerate(self.frame[name].tolist() + self._kept_values(column, name), start=first):
                if isinstance(value, str) and self.old.style(row, column) in wrapped:
                    found.setdefault(row, []).append((value, width))
        for column in self.travelling:
            width = layout.column_width(column)
            for row, key in enumerate([*self._new_keys, *self.kept], start=first):
                cell = self.old.rows.get(self._old_rows.get(key, 0), {}).get(column)
                if cell is not None and cell.style in wrapped:
                    found.setdefault(row, []).append((str(cell.value(self.old.decoder) or ""), width))
        return found

    def _kept_values(self, column: int, name: str) -> list[object]:
        """Return what stands in an owned column of the rows kept for the planner: their key, and why they are there."""
        if column not in self._key_columns:
            return [_KEPT if name == "why" else None] * len(self.kept)
        there = [self.old.rows[self._old_rows[key]].get(column) for key in self.kept]
        return [None if cell is None else cell.value(self.old.decoder) for cell in there]

    def _add_travelling(self, column: int, new: Cells, writer: CellWriter) -> None:
        """Move the cells of a column that is not ours to the row their item has now."""
        pattern = self.old.column_formula(column)
        style = self.old.first_row_styles[column]
        for row, key in enumerate([*self._new_keys, *self.kept] or [None], start=self.old.table.first_row):
            address = f"{column_letters(column)}{row}"
            origin = None if key is None else self._old_rows.get(key)
            if origin is not None and column in self.old.rows[origin]:
                new[row][column] = self._moved(origin, column, address, writer)
            elif pattern is not None and key is not None:
                new[row][column] = writer.formula(address, style, pattern.at(address))
            else:
                new[row][column] = writer.value(address, style, None)

    def _moved(self, origin: int, column: int, address: str, writer: CellWriter) -> bytes:
        cell = self.old.rows[origin][column]
        formula: PlacedFormula | None = self.old.formula(origin, cell)
        if formula is None:
            return moved(self.old.layout, cell, address)
        return writer.formula(address, cell.style, formula.at(address))


def _key_part(column: columns.Column, value: object) -> str:
    """Return a value as it counts in a key: numbers and their text alike, blanks as the default."""
    value = plain(value)
    if value is None:
        value = column.default
    if isinstance(value, datetime):
        value = serial_of(value, date1904=False)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()
