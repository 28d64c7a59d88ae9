"""What stands beside a table of results without being a column of it: columns that somebody typed there, and notes.

Excel makes a table larger when a column is typed directly right of it; LibreOffice and other programs do not. The rows
of results move with every refresh, so that what stays where it was would stand beside another item.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from invopt_xl.plan import columns
from invopt_xl.plan.quality.findings import shown
from invopt_xl.plan.quality.headers import plain_name
from invopt_xl.workbook.below import Line
from invopt_xl.workbook.parts.book import Book, ExcelTable, TableColumn
from invopt_xl.workbook.parts.cells import MAXIMUM_COLUMN, Area, CellDecoder, column_letters
from invopt_xl.workbook.parts.sheet_rows import Cell
from invopt_xl.workbook.parts.sheet_scan import SheetLayout, scan_sheet

_RESULTS = {table.name.lower(): table for table in columns.OUTPUTS if table is not columns.LOG}
"""Tables whose rows may move; the log only grows."""

_STAYING = frozenset(table.name for table in (*columns.INPUTS, *columns.BESIDE, columns.LOG))
"""Tables whose rows stay where they are."""

_LONGEST_HEADER = 255


@dataclass(frozen=True)
class Beside:
    """The cells right of a table of results, in its rows.

    Parameters
    ----------
    table
        The table.
    contract
        Its columns as the data contract declares them.
    space
        The cells, up to the next table.
    layout
        The sheet they stand on.
    decoder
        Turns the sheet's cells into values.
    """

    table: ExcelTable
    contract: columns.Table
    space: Area
    layout: SheetLayout
    decoder: CellDecoder

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Headers of the columns that are columns of the table from now on: those directly beside it.

        Only of a table with a key: rows of others cannot be told from each other, so that nothing can follow them.
        """
        if not self.contract.key or not self.table.header_rows:
            return ()
        headers = {cell.column: cell for row, cell in self._cells() if row == self.space.first_row}
        known = {plain_name(column.name) for column in self.table.columns}
        names: list[str] = []
        for column in range(self.space.first_column, self.space.last_column + 1):
            name = self._header(headers.get(column))
            if name is None or plain_name(name) in known or not self._can_move(column):
                break
            known.add(plain_name(name))
            names.append(name)
        return tuple(names)

    def _header(self, cell: Cell | None) -> str | None:
        """Return the text that a cell holds as it may head a column; None for anything else."""
        if cell is None or cell.formula is not None:
            return None
        text = cell.value(self.decoder)
        return text if isinstance(text, str) and text.strip() and len(text) <= _LONGEST_HEADER else None

    def _can_move(self, column: int) -> bool:
        """Tell whether no cell of a column is merged or a total, and no formula reaches out of the table's rows."""
        area = replace(self.space, first_column=column, last_column=column)
        if any(area.intersects(merge) for merge in self.layout.merges):
            return False
        cells = [(row, cell) for row, cell in self._cells() if cell.column == column]
        if any(row > self.table.last_row for row, _ in cells):
            return False
        formulas = [cell.formula for _, cell in cells if cell.formula is not None]
        kinds = [each for each in formulas if each.kind not in (None, "normal")]
        return all(
            each.kind == "shared" and (not each.reference or Area.parse(each.reference).union(self._body) == self._body)
            for each in kinds
        )

    @property
    def _body(self) -> Area:
        """The space without headers and totals."""
        return replace(self.space, first_row=self.table.first_row, last_row=self.table.last_row)

    @property
    def widened(self) -> ExcelTable:
        """The table with the columns that are taken in."""
        area = replace(self.table.area, last_column=self.table.area.last_column + len(self.names))
        added = tuple(TableColumn(name, None) for name in self.names)
        return replace(self.table, area=area, columns=self.table.columns + added)

    def lines(self) -> list[Line]:
        """Return what the quality report says: one line for the columns taken in, one for all other cells.

        A formula beside the table calculates from whatever its row then holds: nothing is said of it.
        """
        return [*self._taken_in(), *self._left()]

    def _taken_in(self) -> Iterator[Line]:
        if not self.names:
            return
        first, last = self.table.area.last_column + 1, self.widened.area.last_column
        area = Area(self.space.first_row, first, self.space.last_row, last)
        several = len(self.names) > 1
        what = f"columns {', '.join(self.names)}" if several else f"column {self.names[0]}"
        follows = "follow their" if several else "follows its"
        moves_with = "item" if "item" in self.contract.key else "row"
        taken = f"taken in as its column{'s' if several else ''}, and {follows} {moves_with}"
        yield self._line("repaired", first, f"the {what} stood beside the table ({area})", taken)

    def _left(self) -> Iterator[Line]:
        end, body = self.widened.area.last_column, range(self.table.first_row, self.table.last_row + 1)
        for row, cell in self._cells():
            value = None if cell.formula else cell.value(self.decoder)
            if row in body and cell.column > end and value is not None:
                where = f"'{self.table.sheet}'!{column_letters(cell.column)}{row}"
                reason = f"{where} stands beside the table; its row may hold something else after a refresh"
                action = "left where it is; move it to a sheet of its own"
                if self.contract.key:
                    action = (
                        "left where it is; to follow its row it must stand directly beside the table, under a header "
                        "of its own"
                    )
                yield self._line("warning", cell.column, reason, action) | {"row": row, "value": shown(value)}
                return

    def _line(self, severity: str, column: int, reason: str, action: str) -> Line:
        place = column - self.space.first_column
        return {
            "severity": severity,
            "table": self.contract.name,
            "row": self.space.first_row,
            "column": self.names[place] if place < len(self.names) else column_letters(column),
            "value": None,
            "reason": reason,
            "action": action,
        }

    def _cells(self) -> Iterator[tuple[int, Cell]]:
        """Yield the cells of the space that hold something, each with its row."""
        for number in range(self.space.first_row, self.space.last_row + 1):
            row = self.layout.rows.get(number)
            if row is not None and row.styles and max(row.styles) >= self.space.first_column:
                for cell in row.cells:
                    if self.space.first_column <= cell.column <= self.space.last_column and cell.is_occupied:
                        yield number, cell


def find_beside(book: Book, table: ExcelTable, contract: columns.Table | None = None) -> Beside | None:
    """Return what stands beside a table of results; None for other tables and where there are no cells.

    Parameters
    ----------
    book
        The workbook.
    table
        One of its tables.
    contract
        Of a table that no refresh writes: the columns it is written with.
    """
    contract = _RESULTS.get(table.name.lower(), contract)
    if contract is None or contract.name in _STAYING:
        return None
    space = _space(table, [each.area for each in book.tables if each.sheet_part == table.sheet_part])
    data = book.package.read(table.sheet_part)
    if space is None or not may_hold_cells(data, space.first_column, space.last_column):
        return None
    layout = scan_sheet(data, table.sheet_part, [(space.first_row, space.last_row)])
    return Beside(table, contract, space, layout, book.decoder())


def widened(book: Book, table: ExcelTable, contract: columns.Table | None = None) -> ExcelTable:
    """Return a table of results with the columns beside it that are taken in; any other as it is."""
    beside = find_beside(book, table, contract)
    return table if beside is None else beside.widened


def added_names(book: Book, table: ExcelTable) -> list[str]:
    """Return the headers of those columns that a table has from now on and not in the workbook."""
    stored = next(each for each in book.tables if each.part == table.part)
    return [column.name for column in table.columns[len(stored.columns) :]]


def lines_of_cells_beside(book: Book) -> list[Line]:
    """Return what the quality report says of cells beside the tables of results."""
    found = (find_beside(book, table) for table in book.tables)
    return [line for beside in found if beside is not None for line in beside.lines()]


def _space(table: ExcelTable, others: Iterable[Area]) -> Area | None:
    """Return the cells right of a table up to the next one; None if that follows at once."""
    rest = replace(table.area, first_column=table.area.last_column + 1, last_column=MAXIMUM_COLUMN)
    end = min((other.first_column for other in others if other.intersects(rest)), default=MAXIMUM_COLUMN + 1) - 1
    return replace(rest, last_column=end) if rest.first_column <= end else None


def may_hold_cells(data: bytes, first: int, last: int) -> bool:
    """Tell whether a sheet may have cells in some columns, from its bytes and without reading it.

    Parameters
    ----------
    data
        The sheet's XML.
    first, last
        Numbers of the columns.

    Examples
    --------
    >>> sheet = b'<row r="4"><c r="A4"><v>1</v></c><c r="AB4"/></row>'
    >>> may_hold_cells(sheet, 2, 27), may_hold_cells(sheet, 2, MAXIMUM_COLUMN)
    (False, True)
    """
    if last < MAXIMUM_COLUMN:
        letters = "|".join(column_letters(column) for column in range(first, last + 1))
    else:
        letters = _at_least(column_letters(first))
    return re.search(rf"""r=["'](?:{letters})[0-9]""".encode(), data) is not None


def _at_least(letters: str) -> str:
    """Return a pattern of the columns from one on, by its letters."""
    same = [letters]
    for place, letter in enumerate(letters):
        if letter < "Z":
            rest = len(letters) - place - 1
            same.append(f"{letters[:place]}[{chr(ord(letter) + 1)}-Z][A-Z]{{{rest}}}")
    return "|".join([*same, f"[A-Z]{{{len(letters) + 1},3}}"] if len(letters) < 3 else same)
