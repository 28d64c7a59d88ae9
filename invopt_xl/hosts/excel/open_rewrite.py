"""The new contents of tables in an open workbook, by the rules of `workbook.patch.table_rows`, before any writing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.hosts.excel.contents import Content, Formula
from invopt_xl.hosts.excel.open_book import OpenBook, OpenTable, Placed
from invopt_xl.plan import columns
from invopt_xl.workbook.parts.cell_markup import translated
from invopt_xl.workbook.parts.cells import MAXIMUM_ROW, Area, column_letters
from invopt_xl.workbook.patch.collisions import cells_in_the_way
from invopt_xl.workbook.patch.row_matching import RowMatch


@dataclass(frozen=True)
class State:
    """What a table holds, or is to hold.

    Parameters
    ----------
    name, sheet
        The table's name, and that of its sheet.
    body
        Its area without header and totals.
    totals
        Whether a row of totals stands below it.
    columns
        What its columns hold from top to bottom, by their number in the sheet; others stay as they are.
    """

    name: str
    sheet: str
    body: Area
    totals: bool
    columns: dict[int, list[Content]]


@dataclass(frozen=True)
class OpenRewrite:
    """A table in an open workbook and the rows it is to hold.

    Parameters
    ----------
    old
        The table as it is.
    frame
        Its new rows.

    Raises
    ------
    InputError
        As `RowMatch` does.
    """

    old: OpenTable
    frame: pd.DataFrame

    def __post_init__(self) -> None:
        _ = self.match

    @cached_property
    def match(self) -> RowMatch:
        """Which old row each new one takes the planner's cells from."""
        return RowMatch(self.old, self.frame)

    @property
    def area(self) -> Area:
        """The table's new area with header and totals."""
        placed = self.old.placed
        return replace(placed.area, last_row=placed.first_row + self.match.size - 1 + placed.totals)

    @property
    def before(self) -> State:
        """The table as it is."""
        placed = self.old.placed
        held = zip(self.old.headers, zip(*self.old.contents, strict=True), strict=True)
        return State(placed.name, placed.sheet, placed.body, placed.totals, {at: list(cells) for at, cells in held})

    @property
    def after(self) -> State:
        """The table as it is to be."""
        placed = self.old.placed
        held = {column: self.match.owned_values(column) or [None] for column in self.match.owned}
        held |= {column: self._travelled(column) for column in self.match.travelling if not self._stays_blank(column)}
        last = placed.first_row + self.match.size - 1
        body = replace(placed.body, last_row=last)
        return State(placed.name, placed.sheet, body, placed.totals, dict(sorted(held.items())))

    def _stays_blank(self, column: int) -> bool:
        """Tell whether a column holds nothing: what Excel fills into its new rows by itself is left there."""
        return all(self.old.content(row, column) is None for row in self.old.numbers)

    def _travelled(self, column: int) -> list[Content]:
        """Return the cells of a column that is not ours in the rows their items have now."""
        pattern, letters = self.old.column_formula(column), column_letters(column)
        found: list[Content] = []
        for row, origin in enumerate(self.match.origins, start=self.old.placed.first_row):
            held = None if origin is None else self.old.content(origin, column)
            if isinstance(held, Formula):
                found.append(_at(held, f"{letters}{origin}", f"{letters}{row}"))
            elif held is None and pattern is not None:
                found.append(_at(pattern[1], pattern[0], f"{letters}{row}"))
            else:
                found.append(held)
        return found or [None]


def _at(formula: Formula, origin: str, address: str) -> Formula:
    return Formula(f"={translated(formula.text[1:], origin, address)}")


def rewrites_of(book: OpenBook, tables: columns.Tables) -> list[OpenRewrite]:
    """Return what is to become of the tables for results that the workbook holds and that are given.

    Raises
    ------
    InputError
        If a table would grow over something, or holds what cannot be rewritten.
    """
    there = book.tables()
    found = [
        OpenRewrite(OpenTable.of(book, there[contract.name.lower()], contract), tables[contract.stem])
        for contract in columns.OUTPUTS
        if contract.stem in tables and contract.name.lower() in there
    ]
    for each in found:
        _refuse_collisions(book, each, list(_others(each, found, there.values())))
    return found


def _others(one: OpenRewrite, rewrites: Sequence[OpenRewrite], tables: Iterable[Placed]) -> Iterator[Placed]:
    """Yield the other tables of a table's sheet: as they are, and as large as they will be."""
    grown = [replace(each.old.placed, area=each.area) for each in rewrites]
    placed = one.old.placed
    yield from (each for each in [*grown, *tables] if each.sheet == placed.sheet and each.name != placed.name)


def _refuse_collisions(book: OpenBook, rewrite: OpenRewrite, others: Sequence[Placed]) -> None:
    placed, area = rewrite.old.placed, rewrite.area
    if area.last_row > MAXIMUM_ROW:
        raise InputError(f"{placed.name} would need {area.last_row:,} rows; a sheet has {MAXIMUM_ROW:,}")
    if area.last_row <= placed.area.last_row:
        return
    growth = replace(area, first_row=placed.area.last_row + 1)
    start = f"{placed.name} would grow to row {area.last_row} over"
    for other in others:
        if growth.intersects(other.area):
            raise InputError(f"{start} '{placed.sheet}'!{other.area}, which is {other.name}; move it away")
    contents, _ = book.cells(placed.sheet, growth)
    found = [
        (row, column, content)
        for row, line in enumerate(contents, start=growth.first_row)
        for column, content in enumerate(line, start=growth.first_column)
        if content is not None
    ]
    if found:
        shown = found[0][2].text if isinstance(found[0][2], Formula) else found[0][2]
        words = " ".join(str(shown).split())[:60]
        places = [(row, column) for row, column, _ in found]
        raise InputError(f"{start} {cells_in_the_way(placed.place, places, words)}")
