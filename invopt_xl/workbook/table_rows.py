"""The new cells of one Excel table: owned columns from a frame, the planner's columns with their item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.plan import columns
from invopt_xl.workbook.book import ExcelTable
from invopt_xl.workbook.cell_markup import CellWriter, moved, translated, uses_addresses
from invopt_xl.workbook.cells import MAXIMUM_ROW, Area, CellDecoder, column_letters, plain, serial_of
from invopt_xl.workbook.reading import header_names
from invopt_xl.workbook.sheet_reader import refuse_merges
from invopt_xl.workbook.sheet_scan import Cell, SheetLayout

Key = tuple[str, ...]
Cells = dict[int, dict[int, bytes]]
"""New bytes of cells by row and column; empty bytes remove a cell."""


@dataclass(slots=True)
class TableRewrite:
    """A table of the data contract, where it stands in a sheet, and the rows it is to hold.

    Parameters
    ----------
    table
        The Excel table.
    contract
        Its columns as the data contract declares them.
    frame
        Its new rows.
    layout
        The sheet it stands on.
    decoder
        Turns the sheet's cells into values.
    """

    table: ExcelTable
    contract: columns.Table
    frame: pd.DataFrame
    layout: SheetLayout
    decoder: CellDecoder
    owned: dict[int, str] = field(init=False)
    travelling: list[int] = field(init=False)

    def __post_init__(self) -> None:
        headers = self._headers()
        ours = {column.name for column in self.contract.columns if column.owner == "program"} & set(self.frame.columns)
        self.owned = {
            column: name for column, name in zip(self.table.column_range, headers, strict=True) if name in ours
        }
        self.travelling = [column for column in self.table.column_range if column not in self.owned]
        if not self.owned:
            raise InputError(
                f"{self.table.name} has no column of the plan; expected {self.contract.column_names[0]}, ..."
            )

    def _headers(self) -> list[str]:
        row = self.layout.rows.get(self.table.area.first_row) if self.table.header_rows else None
        if row is None:
            headers: list[object] = [column.name for column in self.table.columns]
        else:
            cells = {cell.column: cell.value(self.decoder) for cell in row.cells}
            headers = [cells.get(column) for column in self.table.column_range]
        return header_names(headers, self.contract, f"'{self.table.sheet}'!{self.table.area}")

    @property
    def last_row(self) -> int:
        """The last row of the new body; a table keeps at least one row."""
        return self.table.first_row + max(1, len(self.frame)) - 1

    @property
    def area(self) -> Area:
        """The table's new area with header and totals."""
        return replace(self.table.area, last_row=self.last_row + self.table.totals_rows)

    def refuse_collisions(self, others: Iterable[ExcelTable]) -> None:
        """Raise an `InputError` if growing would write over anything, or the body cannot be rewritten.

        Raises
        ------
        InputError
            The text names the table, the place and what stands there.
        """
        table, area = self.table, self.area
        if area.last_row > MAXIMUM_ROW:
            raise InputError(f"{table.name} would need {area.last_row:,} rows; a sheet has {MAXIMUM_ROW:,}")
        refuse_merges(table, self.layout.merges)
        self._refuse_formulas()
        if area.last_row <= table.area.last_row:
            return
        growth = replace(area, first_row=table.area.last_row + 1)
        for other in others:
            if other.sheet_part == table.sheet_part and other.name != table.name and growth.intersects(other.area):
                raise self._collision(str(other.area), f"is {other.name}")
        for merge in self.layout.merges:
            if growth.intersects(merge):
                raise self._collision(str(merge), "is a merged cell")
        for row, cell in self._cells(growth.first_row, growth.last_row):
            if cell.is_occupied:
                holds = f"={cell.formula.text}" if cell.formula and cell.formula.text else cell.value(self.decoder)
                raise self._collision(f"{column_letters(cell.column)}{row}", f"holds {str(holds)[:60]}")

    def _collision(self, place: str, holds: str) -> InputError:
        return InputError(
            f"{self.table.name} would grow to row {self.area.last_row} over '{self.table.sheet}'!{place}, "
            f"which {holds}; move it away"
        )

    def _refuse_formulas(self) -> None:
        """Refuse formulas that span cells, unless a shared one lies wholly in the body: that one is unfolded."""
        body = replace(self.table.area, first_row=self.table.first_row, last_row=self.table.last_row)
        groups = self._shared_groups()
        for row, cell in self._cells(self.table.area.first_row, self.table.area.last_row):
            kind = cell.formula.kind if cell.formula else None
            if cell.formula is None or kind is None or kind == "normal":
                continue
            group = groups.get(cell.formula.group or "")
            if kind == "shared" and group is not None and _within(group[0], body):
                continue
            raise InputError(
                f"{self.table.name} holds {'an array' if kind == 'array' else f'a {kind}'} formula at "
                f"'{self.table.sheet}'!{column_letters(cell.column)}{row}; a refresh cannot move it, so remove it"
            )

    def _shared_groups(self) -> dict[str, tuple[Area, str, str]]:
        """Return area, first cell and text of each shared formula that begins in the table."""
        return {
            cell.formula.group: (
                Area.parse(cell.formula.reference),
                f"{column_letters(cell.column)}{row}",
                cell.formula.text,
            )
            for row, cell in self._cells(self.table.area.first_row, self.table.area.last_row)
            if cell.formula and cell.formula.group and cell.formula.reference and cell.formula.kind == "shared"
        }

    def _cells(self, first_row: int, last_row: int) -> Iterator[tuple[int, Cell]]:
        """Yield the table's cells in some rows of the sheet."""
        span = self.table.column_range
        for number in range(first_row, last_row + 1):
            row = self.layout.rows.get(number)
            for cell in row.cells if row else ():
                if cell.column in span:
                    yield number, cell

    def cells(self, writer: CellWriter) -> Cells:
        """Return the new bytes of all cells the table covers or covered."""
        first = self.table.first_row
        bottom = max(self.table.area.last_row, self.area.last_row)
        new: Cells = {row: dict.fromkeys(self.table.column_range, b"") for row in range(first, bottom + 1)}
        styles = _Styles(self)
        for column, name in self.owned.items():
            letters = column_letters(column)
            values = self.frame[name].tolist() or [None]
            for row, value in enumerate(values, start=first):
                new[row][column] = writer.value(f"{letters}{row}", styles.of(row, column), value)
        if self.travelling:
            self._add_travelling(new, writer, styles)
        self._add_totals(new, writer)
        return new

    def _add_travelling(self, new: Cells, writer: CellWriter, styles: _Styles) -> None:
        """Move the cells of columns that are not ours to the row their item has now."""
        old = self._old_rows()
        patterns = {column: self._column_formula(column) for column in self.travelling}
        groups = self._shared_groups()
        for row, key in enumerate(self._new_keys() or [()], start=self.table.first_row):
            before = old.get(key, {})
            for column in self.travelling:
                address = f"{column_letters(column)}{row}"
                origin, cell = before.get(column, (0, None))
                pattern = patterns[column]
                if cell is not None and cell.formula is not None:
                    from_address = f"{column_letters(column)}{origin}"
                    if cell.formula.kind == "shared":
                        _, from_address, text = groups[cell.formula.group or ""]
                    else:
                        text = cell.formula.text
                    new[row][column] = writer.formula(address, cell.style, translated(text, from_address, address))
                elif cell is not None:
                    new[row][column] = moved(self.layout, cell, address)
                elif pattern is not None and len(self.frame):
                    text = translated(pattern[1], pattern[0] or address, address)
                    new[row][column] = writer.formula(address, styles.of_first(column), text)
                else:
                    new[row][column] = writer.value(address, styles.of_first(column), None)

    def _column_formula(self, column: int) -> tuple[str | None, str] | None:
        """Return where the formula of a calculated column stands and its text, or None if it is not calculated."""
        declared = self.table.columns[column - self.table.area.first_column].formula
        if declared is None:
            return None
        for row, cell in self._cells(self.table.first_row, self.table.last_row):
            if cell.column == column and cell.formula is not None and cell.formula.text:
                return f"{column_letters(column)}{row}", cell.formula.text
        return None, declared

    def _key_columns(self) -> dict[int, str]:
        """Return the columns that identify a row: the table's key or, without one, all that is owned."""
        by_key = {column: name for column, name in self.owned.items() if name in self.contract.key}
        return by_key or self.owned

    def _old_rows(self) -> dict[Key, dict[int, tuple[int, Cell]]]:
        """Return the cells of columns that are not ours by their row's key."""
        key_columns = self._key_columns()
        found: dict[Key, dict[int, tuple[int, Cell]]] = {}
        for number in range(self.table.first_row, self.table.last_row + 1):
            row = self.layout.rows.get(number)
            cells = {cell.column: cell for cell in row.cells} if row else {}
            values = [cells[column].value(self.decoder) if column in cells else None for column in key_columns]
            if any(value is not None for value in values):
                key = self._key(key_columns.values(), values)
                kept = {column: (number, cells[column]) for column in self.travelling if column in cells}
                found.setdefault(key, kept)
        return found

    def _new_keys(self) -> list[Key]:
        names = list(self._key_columns().values())
        records = zip(*(self.frame[name].tolist() for name in names), strict=True)
        return [self._key(names, record) for record in records]

    def _key(self, names: Iterable[str], values: Iterable[object]) -> Key:
        return tuple(_key_part(self.contract.column(name), value) for name, value in zip(names, values, strict=True))

    def _add_totals(self, new: Cells, writer: CellWriter) -> None:
        """Put the row of totals below the new body."""
        shift = self.area.last_row - self.table.area.last_row
        for row, cell in self._cells(self.table.last_row + 1, self.table.area.last_row):
            address = f"{column_letters(cell.column)}{row + shift}"
            if cell.formula is None:
                new[row + shift][cell.column] = moved(self.layout, cell, address)
            elif shift and uses_addresses(cell.formula.text):
                raise InputError(
                    f"{self.table.name} has a total at '{self.table.sheet}'!{column_letters(cell.column)}{row} "
                    f"that names cells (={cell.formula.text[:60]}); use column names, such as SUBTOTAL(109,[value])"
                )
            else:
                new[row + shift][cell.column] = writer.formula(address, cell.style, cell.formula.text)

    def formula_addresses(self) -> set[tuple[int, int]]:
        """Rows and columns of the formulas in the table as it is."""
        cells = self._cells(self.table.area.first_row, self.table.area.last_row)
        return {(row, cell.column) for row, cell in cells if cell.formula is not None}


class _Styles:
    """Formats of a table's cells: a cell keeps its own; new ones take those of the first row."""

    def __init__(self, rewrite: TableRewrite) -> None:
        table, layout = rewrite.table, rewrite.layout
        self._own: dict[int, dict[int, str | None]] = {}
        for number in range(table.first_row, table.last_row + 1):
            row = layout.rows.get(number)
            if row is not None:
                self._own[number] = {cell.column: cell.style for cell in row.cells}
        first = layout.rows.get(table.first_row)
        whole_row = first.style if first else None
        own_first = self._own.get(table.first_row, {})
        self._first = {
            column: own_first[column] if column in own_first else whole_row or layout.column_style(column)
            for column in table.column_range
        }

    def of(self, row: int, column: int) -> str | None:
        own = self._own.get(row)
        return own[column] if own is not None and column in own else self._first[column]

    def of_first(self, column: int) -> str | None:
        return self._first[column]


def _within(inner: Area, outer: Area) -> bool:
    return inner.union(outer) == outer


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
