"""A table is not written where something else stands, nor over what cannot be moved; found before any writing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from invopt_xl.domain.words import counted
from invopt_xl.errors import InputError
from invopt_xl.workbook.parts.book import ExcelTable
from invopt_xl.workbook.parts.cell_markup import uses_addresses
from invopt_xl.workbook.parts.cells import MAXIMUM_ROW, Area
from invopt_xl.workbook.parts.sheet_reader import refuse_merges
from invopt_xl.workbook.parts.sheet_rows import Cell
from invopt_xl.workbook.patch.old_table import OldTable


def refuse_collisions(old: OldTable, area: Area, others: Iterable[ExcelTable], *, moves: bool = True) -> None:
    """Raise an `InputError` if a table cannot take its new area; the text names the place and what stands there.

    Parameters
    ----------
    old
        The table as it is.
    area
        What it is to cover.
    others
        Other tables, which must not be grown over.
    moves
        Whether rows of it may be written elsewhere than they stand.

    Raises
    ------
    InputError
        If it would grow over anything, or holds merged cells or formulas that span cells.
    """
    if area.last_row > MAXIMUM_ROW:
        raise InputError(f"{old.table.name} would need {area.last_row:,} rows; a sheet has {MAXIMUM_ROW:,}")
    refuse_merges(old.table, old.layout.merges)
    if moves:
        _refuse_spanning_formulas(old)
    if area.last_row != old.table.area.last_row:
        _refuse_fixed_totals(old)
    if area.last_row > old.table.area.last_row:
        _refuse_occupied(old, area, others)


def _refuse_occupied(old: OldTable, area: Area, others: Iterable[ExcelTable]) -> None:
    table = old.table
    growth = replace(area, first_row=table.area.last_row + 1)
    start = f"{table.name} would grow to row {area.last_row} over"
    for other in others:
        if other.sheet_part == table.sheet_part and other.name != table.name and growth.intersects(other.area):
            raise InputError(f"{start} '{table.sheet}'!{other.area}, which is {other.name}; move it away")
    for merge in old.layout.merges:
        if growth.intersects(merge):
            raise InputError(f"{start} '{table.sheet}'!{merge}, which is a merged cell; move it away")
    found = [(row, cell) for row, cell in old.cells(growth.first_row, growth.last_row) if cell.is_occupied]
    if found:
        places = [(row, cell.column) for row, cell in found]
        raise InputError(f"{start} {cells_in_the_way(old.place, places, _shown(old, found[0][1]))}")


def cells_in_the_way(place: Callable[[int, int], str], cells: Sequence[tuple[int, int]], held: str) -> str:
    """Return what stands where a table would grow, and that it is to be moved, as the end of a sentence.

    Parameters
    ----------
    place
        Returns a cell's address with its sheet, by row and column.
    cells
        Rows and columns of the cells in their order.
    held
        What the first of them holds.

    Examples
    --------
    >>> cells_in_the_way(lambda row, column: f"'Plan'!{'ABC'[column]}{row}", [(9, 0), (9, 1), (12, 0)], "a note")
    "'Plan'!A9, which holds a note, and 2 more cells, as far down as 'Plan'!A12; move them away"
    """
    first = f"{place(*cells[0])}, which holds {held}"
    if len(cells) == 1:
        return f"{first}; move it away"
    more = counted(len(cells) - 1, "more cell")
    return f"{first}, and {more}, as far down as {place(*cells[-1])}; move them away"


def _shown(old: OldTable, cell: Cell) -> str:
    value = f"={cell.formula.text}" if cell.formula and cell.formula.text else cell.value(old.decoder)
    return " ".join(str(value).split())[:60]


def _refuse_spanning_formulas(old: OldTable) -> None:
    for row, column, kind in old.spanning_formulas():
        raise InputError(
            f"{old.table.name} holds {'an array' if kind == 'array' else f'a {kind}'} formula at "
            f"{old.place(row, column)}; a refresh cannot move it, so remove it"
        )


def _refuse_fixed_totals(old: OldTable) -> None:
    for row, cell in old.cells(old.table.last_row + 1, old.table.area.last_row):
        if cell.formula is not None and uses_addresses(cell.formula.text):
            raise InputError(
                f"{old.table.name} has a total at {old.place(row, cell.column)} that names cells "
                f"(={cell.formula.text[:60]}); use column names, such as SUBTOTAL(109,[value])"
            )
