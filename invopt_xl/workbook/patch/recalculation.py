"""Formulas whose values are out of date lose them, and are calculated when the workbook is opened.

Only these: ``fullCalcOnLoad`` would run every function of every add-in again. A cell without a value and with ``ca``
is calculated by Excel as it loads, and by LibreOffice because it has none.
"""

from __future__ import annotations

import io
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from invopt_xl.workbook.parts.book import Book, ExcelTable
from invopt_xl.workbook.parts.cells import Area
from invopt_xl.workbook.parts.defined_names import DefinedName, read_names
from invopt_xl.workbook.parts.formula_cells import WHOLE_SHEET, FormulaGroup, FormulaSheet, holds_formulas
from invopt_xl.workbook.parts.markup import Edit, main, new_parser, parse, set_attributes, splice, tag_end
from invopt_xl.workbook.parts.package import Package
from invopt_xl.workbook.parts.references import (
    Mention,
    calls_our_functions,
    mentions,
    reads_anywhere,
    sheets_between,
    spread,
)

_EXCEL_2019 = "191029"
"""An older calculation engine's number makes Excel calculate the whole workbook as it loads."""


@dataclass(frozen=True, slots=True)
class Place:
    """Cells of a sheet, whose name is in small letters."""

    sheet: str
    area: Area


class Changed:
    """Cells whose values are no longer what they were."""

    def __init__(self) -> None:
        self._areas: dict[str, list[Area]] = {}
        self._rows: dict[tuple[str, int], list[int]] = {}
        self._columns: dict[str, set[int]] = {}

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


class _Formula:
    """A formula of a sheet and the cells it reads."""

    def __init__(self, sheet: _Sheet, group: FormulaGroup, reader: Reader) -> None:
        self.sheet = sheet
        self.group = group
        self.place = Place(sheet.name, group.area)
        self.calls_ours = calls_our_functions(group.text)
        self.reads_anywhere = reads_anywhere(group.text)
        self._reader = reader

    @cached_property
    def reads(self) -> list[Place]:
        return list(self._reader.places(self.group.text, self.place))

    @property
    def reads_its_own_row(self) -> bool:
        """Whether it reads no other row than its own."""
        rows = range(self.place.area.first_row, self.place.area.last_row + 1)
        return not self.reads_anywhere and all(
            each.sheet == self.sheet.name and each.area.first_row in rows and each.area.last_row in rows
            for each in self.reads
        )

    def depends_on(self, changed: Changed) -> bool:
        return self.reads_anywhere or any(changed.meets(place) for place in self.reads)


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    part: str
    formulas: FormulaSheet


def stale_sheets(
    book: Book,
    replaced: Mapping[str, bytes],
    written: Sequence[tuple[ExcelTable, Area]],
    taken_in: Mapping[str, Area] | None = None,
) -> dict[str, bytes]:
    """Return the sheets in which formulas depend on tables that were written, those formulas without their values.

    A formula depends on what it mentions: areas, tables, names, and formulas that depend in turn. One that calls
    functions of ours is marked only if it mentions a written table itself, since it may take long.

    Parameters
    ----------
    book
        The workbook as it was.
    replaced
        New bytes of its parts.
    written
        The tables, each with its new area.
    taken_in
        The rows, by the name of a table, that it only took in: its cells are the same, and it has more of them.
    """
    taken_in = taken_in or {}
    areas = {table.name.lower(): table.area.union(area) for table, area in written}
    part = book.package.find(book.part) or book.part
    names = read_names(replaced.get(part) or book.package.read(part), part)
    reader = Reader(book, names, areas)
    sheets = list(_sheets_with_formulas(book, replaced))
    formulas = [_Formula(sheet, group, reader) for sheet in sheets for group in sheet.formulas.groups()]
    tables = Changed()
    changed = Changed()
    longer = Changed()
    for table, _ in written:
        if table.name in taken_in:
            longer.add(Place(table.sheet.lower(), taken_in[table.name]))
            continue
        for cells in (tables, changed):
            cells.add(Place(table.sheet.lower(), areas[table.name.lower()]))
    stale = [
        formula
        for formula in formulas
        if (formula.calls_ours and formula.depends_on(tables))
        or (taken_in and formula.depends_on(longer) and not formula.reads_its_own_row)
    ]
    for formula in stale:
        changed.add(formula.place)
    found = set(stale)
    stale += _dependent([each for each in formulas if not each.calls_ours and each not in found], changed)
    return dict(_without_values(sheets, stale))


def _dependent(formulas: Iterable[_Formula], changed: Changed) -> Iterator[_Formula]:
    """Yield the formulas that depend on changed cells, and add theirs to them."""
    waiting = list(formulas)
    while True:
        left = []
        for formula in waiting:
            if formula.depends_on(changed):
                changed.add(formula.place)
                yield formula
            else:
                left.append(formula)
        if len(left) == len(waiting):
            return
        # Chains run down a sheet or up: the other way each time, so that either takes two rounds.
        waiting = left[::-1]


def _sheets_with_formulas(book: Book, replaced: Mapping[str, bytes]) -> Iterator[_Sheet]:
    for name, part in book.sheets.items():
        stored = book.package.find(part) or part
        if stored in replaced:
            if holds_formulas([replaced[stored]]):
                yield _Sheet(name.lower(), stored, FormulaSheet(replaced[stored]))
        elif holds_formulas(book.package.chunks(stored)):
            yield _Sheet(name.lower(), stored, FormulaSheet(book.package.read(stored)))


def _without_values(sheets: Iterable[_Sheet], formulas: Sequence[_Formula]) -> Iterator[tuple[str, bytes]]:
    for sheet in sheets:
        edits = sheet.formulas.edits(formula.group for formula in formulas if formula.sheet is sheet)
        if edits:
            yield sheet.part, splice(sheet.formulas.data, edits)


def mark_all(data: bytes) -> bytes:
    """Return a new workbook with no value in any formula cell, so that none is shown before it is calculated.

    Writers that calculate nothing put zeros there, which a viewer would show. Cells that call functions of ours are
    left as they are. The workbook also says which calculation engine wrote it, since Excel would else calculate
    everything at each opening, those cells too.

    Parameters
    ----------
    data
        The workbook's bytes.

    Raises
    ------
    FileError
        If it is no workbook.
    """
    with closing(Package(Path("the new workbook"), io.BytesIO(data))) as package:
        book = Book(package)
        sheets = list(_sheets_with_formulas(book, {}))
        part = package.find(book.part) or book.part
        replaced = {part: _of_new_engine(package.read(part), part)}
        for sheet in sheets:
            groups = [group for group in sheet.formulas.groups() if not calls_our_functions(group.text)]
            replaced[sheet.part] = splice(sheet.formulas.data, sheet.formulas.edits(groups))
        result = io.BytesIO()
        package.save(result, replaced, frozenset())
    return result.getvalue()


def _of_new_engine(data: bytes, part: str) -> bytes:
    edits: list[Edit] = []
    parser = new_parser(part)

    def start(name: str, _attributes: dict[str, str]) -> None:
        if name == main("calcPr"):
            begin = parser.CurrentByteIndex
            end = tag_end(data, begin)
            changes = {"calcId": _EXCEL_2019, "fullCalcOnLoad": None}
            edits.append(Edit(begin, end, set_attributes(data[begin:end], changes)))

    parser.StartElementHandler = start
    parse(parser, [data], part)
    return splice(data, edits)
