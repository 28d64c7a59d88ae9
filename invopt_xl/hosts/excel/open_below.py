"""What stands below the tables of an open workbook; Excel extends tables itself, but others may have typed there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from invopt_xl.plan import columns
from invopt_xl.workbook.below import Below, next_below
from invopt_xl.workbook.parts.cells import MAXIMUM_ROW, Area, column_letters

if TYPE_CHECKING:
    from invopt_xl.hosts.excel.open_book import OpenBook, Placed

_AT_ONCE = 200
"""Rows asked for in one call; so many empty ones end the search."""


def below_open(
    book: OpenBook, placed: Placed, table: columns.Table, names: Sequence[str], there: Iterable[Placed]
) -> Below:
    """Return the rows below a table of an open workbook, as those of its file would be found.

    Parameters
    ----------
    book
        The workbook.
    placed
        The table.
    table
        Its columns as the data contract declares them.
    names
        Its headers.
    there
        All tables of the workbook.
    """
    next_table = next_below(placed.area, [each.area for each in there if each.sheet == placed.sheet])
    last = MAXIMUM_ROW if next_table is None else next_table - 1
    numbers, rows = _held(book, placed, last)

    def address(row: int, column: int) -> str:
        return f"'{placed.sheet}'!{column_letters(placed.area.first_column + column)}{row}"

    return Below(table, names, placed.area.last_row, numbers, rows, address, placed.totals, next_table)


def _held(book: OpenBook, placed: Placed, last: int) -> tuple[list[int], list[list[object]]]:
    numbers: list[int] = []
    rows: list[list[object]] = []
    for start in range(placed.area.last_row + 1, last + 1, _AT_ONCE):
        end = min(start + _AT_ONCE - 1, last)
        block = book.values(placed.sheet, Area(start, placed.area.first_column, end, placed.area.last_column))
        held = [(number, row) for number, row in enumerate(block, start=start) if any(cell is not None for cell in row)]
        if not held:
            break
        numbers += [number for number, _ in held]
        rows += [row for _, row in held]
    return numbers, rows
