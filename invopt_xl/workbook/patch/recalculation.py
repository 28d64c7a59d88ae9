"""Formulas whose values are out of date lose them, and are calculated when the workbook is opened.

Only these: ``fullCalcOnLoad`` would run every function of every add-in again. A cell without a value and with ``ca``
is calculated by Excel as it loads, and by LibreOffice because it has none.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from invopt_xl.workbook.parts.book import Book, ExcelTable
from invopt_xl.workbook.parts.cells import Area
from invopt_xl.workbook.parts.defined_names import read_names
from invopt_xl.workbook.parts.formula_cells import FormulaGroup, FormulaSheet, holds_formulas
from invopt_xl.workbook.parts.markup import Edit, main, new_parser, parse, set_attributes, splice, tag_end
from invopt_xl.workbook.parts.package import Package
from invopt_xl.workbook.parts.references import calls_our_functions, reads_anywhere
from invopt_xl.workbook.patch.dependence import Changed, Place, Reader

_EXCEL_2019 = "191029"
"""An older calculation engine's number makes Excel calculate the whole workbook as it loads."""


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
    def has_values(self) -> bool:
        """Whether its cells hold what it was calculated to."""
        return all(cell["value"] is not None for cell in self.group.cells)

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
    longer = [Place(table.sheet.lower(), taken_in[table.name]) for table, _ in written if table.name in taken_in]
    others = [table for table, _ in written if table.name not in taken_in]
    rewritten = [Place(table.sheet.lower(), areas[table.name.lower()]) for table in others]
    stale = _mentioning(formulas, Changed(rewritten), Changed(longer))
    found = set(stale)
    changed = Changed([*rewritten, *(formula.place for formula in stale)])
    stale += _dependent([each for each in formulas if not each.calls_ours and each not in found], changed)
    return dict(_without_values(sheets, stale))


def _mentioning(formulas: Iterable[_Formula], rewritten: Changed, longer: Changed) -> list[_Formula]:
    """Return the formulas of ours that mention a rewritten table, and all over rows that a table has more of now.

    Of those that stand in these rows and read no others, the new ones alone: they have no value yet.
    """
    return [
        formula
        for formula in formulas
        if (formula.calls_ours and formula.depends_on(rewritten))
        or (longer and formula.depends_on(longer) and not (formula.has_values and formula.reads_its_own_row))
    ]


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
