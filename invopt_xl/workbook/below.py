"""What stands below a table without being a row of it: rows that somebody typed or pasted there, and notes.

Excel makes a table larger when a row is typed just below it; LibreOffice and other programs do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.plan import columns
from invopt_xl.plan.quality.findings import shown
from invopt_xl.plan.quality.headers import plain_name
from invopt_xl.workbook.parts.book import ExcelTable
from invopt_xl.workbook.parts.cells import MAXIMUM_ROW, Area

Line = dict[str, object]
"""A row of ``tblQuality``."""

_RESULTS = frozenset(table.stem for table in columns.OUTPUTS)


@dataclass(frozen=True)
class Below:
    """The rows below a table that hold something in its columns.

    Parameters
    ----------
    contract
        The table's columns as the data contract declares them.
    names
        The headers of its columns.
    end
        Its last row in the sheet, totals included.
    numbers
        Numbers of the rows below it that hold something, in their order.
    rows
        What they hold in the table's columns.
    address
        Returns a cell's address by its row and the place of its column in the table.
    totals
        Whether its last row is one of totals: then no row below is one of its rows.
    next_table
        The row in which another table begins that stands below it in its columns; None if there is none.
    """

    contract: columns.Table
    names: Sequence[str]
    end: int
    numbers: Sequence[int]
    rows: Sequence[Sequence[object]]
    address: Callable[[int, int], str]
    totals: bool = False
    next_table: int | None = None

    @cached_property
    def taken(self) -> int:
        """How many of the rows are rows of the table: those without a gap below it, as far as rows of data go.

        A row amid them that is not like one is left to the judgement of rows in the table, which names what it lacks.
        """
        if self.totals or self.contract.stem in _RESULTS:
            return 0
        return max((place for place, row in enumerate(self._block, start=1) if self._is_data(row)), default=0)

    @cached_property
    def _block(self) -> Sequence[Sequence[object]]:
        """The rows that stand directly below the table, without an empty one between."""
        expected = range(self.end + 1, self.end + 1 + len(self.numbers))
        gap = (place for place, (number, row) in enumerate(zip(self.numbers, expected, strict=True)) if number != row)
        return self.rows[: next(gap, len(self.rows))]

    def _is_data(self, row: Sequence[object]) -> bool:
        """Tell a row of data from a note or a total: what names it is there, and most of what it needs."""
        return not self._lacking(row)

    def _lacking(self, row: Sequence[object]) -> list[str]:
        """Return the columns that a row would need to count as data; none if it does."""
        filled = {name for name, place in self._places.items() if row[place] is not None and str(row[place]).strip()}
        needed = [column.name for column in self.contract.columns if column.required]
        telling = [name for name in self.contract.key if name in needed] or needed
        empty = [name for name in needed if name not in filled]
        if any(name in empty for name in telling) or 2 * len(empty) >= len(needed):
            return empty
        return [] if len(filled) > 1 else [name for name in self.contract.column_names if name not in filled][:1]

    @cached_property
    def _places(self) -> dict[str, int]:
        """Where the columns of the contract stand in the table."""
        there = {plain_name(name): place for place, name in enumerate(self.names)}
        return {name: there[plain_name(name)] for name in self.contract.column_names if plain_name(name) in there}

    def lines(self, then: str = "once written, inside the table") -> list[Line]:
        """Return what the quality report says: one line for the rows taken in, one for all others.

        Parameters
        ----------
        then
            What becomes of the table; ``{row}`` stands for the last of the rows taken in.
        """
        found = []
        if self.taken:
            first, last = self.numbers[0], self.numbers[self.taken - 1]
            rows = f"row {first}" if first == last else f"rows {first}-{last}"
            reason = f"{counted(self.taken, 'row')} stood below the table ({rows})"
            found.append(self._line("repaired", 0, reason, f"taken in; {then.format(row=last)}"))
        if self._others:
            found.append(self._warning(self._others[0]))
        return found

    @cached_property
    def _others(self) -> range:
        """Places of the rows not taken in; a heading of the next table is none of them."""
        end = len(self.numbers)
        if self.next_table is not None:
            above = self.next_table - 1
            while end > self.taken and self.numbers[end - 1] == above:
                end, above = end - 1, above - 1
            if above == self.end + self.taken:
                end = len(self.numbers)
        return range(self.taken, end)

    def _warning(self, place: int) -> Line:
        where = self.address(self.numbers[place], self._first(place))
        if self.contract.stem in _RESULTS:
            reason = f"{where} stands below the table, which cannot grow over it"
            return self._line("warning", place, reason, "left as it is; move it away")
        action = "not read; move it up to the end of the table if it is a row of it, else beside the table"
        if self.totals:
            reason = f"{where} stands below the table and its row of totals"
            action = "not read; move it above the totals if it is a row of the table, else beside the table"
        elif place < len(self._block):
            lacking = ", ".join(self._lacking(self.rows[place])[:3])
            reason = f"{where} stands directly below the table in a row without {lacking}"
            action = "not read; fill it in if it is a row of the table, else move it beside the table"
        else:
            reason = f"{where} stands below the table, after an empty row"
        more = len(self._others) - 1
        return self._line("warning", place, reason + (f" ({counted(more, 'more row')})" if more else ""), action)

    def _first(self, place: int) -> int:
        """Return the first column in which a row holds something."""
        return next(column for column, value in enumerate(self.rows[place]) if value is not None)

    def _line(self, severity: str, place: int, reason: str, action: str) -> Line:
        first = self._first(place)
        return {
            "severity": severity,
            "table": self.contract.name,
            "row": self.numbers[place],
            "column": self.names[first],
            "value": shown(self.rows[place][first]),
            "reason": reason,
            "action": action,
        }


def next_below(area: Area, others: Iterable[Area]) -> int | None:
    """Return the row in which the nearest table begins that stands below another in some of its columns.

    Parameters
    ----------
    area
        The table's cells.
    others
        Those of all tables of its sheet.
    """
    rest = replace(area, first_row=area.last_row + 1, last_row=MAXIMUM_ROW)
    return min((other.first_row for other in others if other.intersects(rest)), default=None)


def space_below(table: ExcelTable, tables: Iterable[ExcelTable]) -> ExcelTable:
    """Return the cells below a table, down to the next one or to the end of the sheet, as a table without headers."""
    next_table = next_below(table.area, [each.area for each in tables if each.sheet_part == table.sheet_part])
    last = MAXIMUM_ROW if next_table is None else next_table - 1
    area = replace(table.area, first_row=table.area.last_row + 1, last_row=last)
    return replace(table, area=area, header_rows=0, totals_rows=0)


def extended(table: ExcelTable, last_row: int) -> ExcelTable:
    """Return a table with the rows below it that are taken in."""
    return replace(table, area=replace(table.area, last_row=last_row))


def told(lines: Iterable[Line]) -> columns.Tables:
    """Return lines of the quality report as the table that reading adds to those it read; none without lines."""
    lines = list(lines)
    return {columns.READING: pd.DataFrame(lines, columns=columns.QUALITY.column_names)} if lines else {}


def rows_read(tables: columns.Tables) -> dict[str, int]:
    """Return the last row that was read of each table of inputs, by stem."""
    inputs = [table.stem for table in columns.INPUTS if len(tables.get(table.stem, ()))]
    return {stem: int(tables[stem].index.max()) for stem in inputs}
