"""Which cells formulas read: those they mention, by area, table or name; and whether any of them changed."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from invopt_xl.workbook.parts.book import Book, ExcelTable
from invopt_xl.workbook.parts.cells import Area
from invopt_xl.workbook.parts.defined_names import DefinedName
from invopt_xl.workbook.parts.formula_cells import WHOLE_SHEET
from invopt_xl.workbook.parts.references import Mention, mentions, sheets_between, spread


@dataclass(frozen=True, slots=True)
class Place:
    """Cells of a sheet, whose name is in small letters."""

    sheet: str
    area: Area


class Changed:
    """Cells whose values are no longer what they were."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self._areas: dict[str, list[Area]] = {}
        self._rows: dict[tuple[str, int], list[int]] = {}
        self._columns: dict[str, set[int]] = {}
        for place in places:
            self.add(place)

    def __bool__(self) -> bool:
        return bool(self._areas or self._rows)

    def add(self, place: Place) -> None:
        """Add cells; single cells are found again quickly however many there are."""
        area = place.area
        if ":" in str(area):
            self._areas.setdefault(place.sheet, []).append(area)
        else:
            insort(self._rows.setdefault((place.sheet, area.first_column), []), area.first_row)
            self._columns.setdefault(place.sheet, set()).add(area.first_column)

    def meets(self, place: Place) -> bool:
        """Tell whether any of the cells changed."""
        area = place.area
        if any(area.intersects(other) for other in self._areas.get(place.sheet, ())):
            return True
        for column in self._columns.get(place.sheet, ()):
            if area.first_column <= column <= area.last_column:
                rows = self._rows[place.sheet, column]
                position = bisect_left(rows, area.first_row)
                if position < len(rows) and rows[position] <= area.last_row:
                    return True
        return False


class Reader:
    """Finds the cells that formulas of a workbook read.

    Parameters
    ----------
    book
        The workbook.
    names
        Its defined names.
    areas
        Tables that cover another area than the one they are declared with, by name in small letters.
    """

    def __init__(self, book: Book, names: Iterable[DefinedName], areas: Mapping[str, Area]) -> None:
        self._sheets = [name.lower() for name in book.sheets]
        self._tables: dict[str, tuple[ExcelTable, Area]] = {
            table.name.lower(): (table, areas.get(table.name.lower(), table.area)) for table in book.tables
        }
        self._texts = {(name.sheet, name.name): name.text for name in names}
        self._columns: dict[tuple[str, str], tuple[int, int]] = {}
        self._named: dict[tuple[str, str | None, str], list[Place]] = {}

    def places(self, formula: str, home: Place) -> Iterator[Place]:
        """Yield the cells that a formula reads, all those that its copies over an area read among them.

        Parameters
        ----------
        formula
            Its text in the area's first cell.
        home
            The cells it fills.
        """
        for mention in mentions(formula):
            if mention.area:
                area = spread(mention.area, home.area)
                if area is not None:
                    for sheet in self._sheets_of(mention, home):
                        yield Place(sheet, area)
                continue
            table = self._tables.get(mention.name) if mention.name else self._own_table(home)
            if table is not None:
                yield self._table_place(mention, home, *table)
            else:
                yield from self._name_places(mention, home)

    def _sheets_of(self, mention: Mention, home: Place) -> Iterable[str]:
        return [home.sheet] if mention.sheet is None else sheets_between(mention.sheet, self._sheets)

    def _own_table(self, home: Place) -> tuple[ExcelTable, Area] | None:
        """Return the table that a formula stands in, which it need not name."""
        tables = self._tables.values()
        inside = ((t, area) for t, area in tables if t.sheet.lower() == home.sheet and area.intersects(home.area))
        return next(inside, None)

    def _table_place(self, mention: Mention, home: Place, table: ExcelTable, area: Area) -> Place:
        """Return the columns of a table that a formula mentions: in its own row, or in all."""
        key = (table.name, mention.columns)
        if key not in self._columns:
            self._columns[key] = _columns(table, mention)
        first, last = self._columns[key]
        rows = home.area if mention.is_of_one_row and home.area != WHOLE_SHEET else area
        return Place(table.sheet.lower(), Area(rows.first_row, first, rows.last_row, last))

    def _name_places(self, mention: Mention, home: Place) -> list[Place]:
        key = (home.sheet, mention.sheet, mention.name)
        if key not in self._named:
            # A name that leads back to itself finds this.
            self._named[key] = []
            text = self._texts.get((mention.sheet or home.sheet, mention.name), self._texts.get((None, mention.name)))
            if text is not None:
                # Written for cell A1, a name without dollars means another cell in each that uses it.
                self._named[key] = list(self.places(text, Place(home.sheet, WHOLE_SHEET)))
        return self._named[key]


def _columns(table: ExcelTable, mention: Mention) -> tuple[int, int]:
    """Return the first and last column of the sheet that a mention of a table covers."""
    wanted = set(mention.column_names)
    every = zip(table.column_range, table.columns, strict=True)
    there = [column for column, each in every if each.name.lower() in wanted] or table.column_range
    return min(there), max(there)
