"""Writes results into a workbook's tables and leaves every other part byte-identical."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from invopt_xl.errors import FileError
from invopt_xl.plan import columns
from invopt_xl.workbook.atomic import replacing
from invopt_xl.workbook.below import extended, space_below
from invopt_xl.workbook.beside import added_names, widened
from invopt_xl.workbook.parts.bare_styles import bare_styles
from invopt_xl.workbook.parts.book import Book, ExcelTable
from invopt_xl.workbook.parts.cells import Area, CellDecoder
from invopt_xl.workbook.parts.defined_names import TableGrowth, with_names_resized
from invopt_xl.workbook.parts.markup import Edit, element_end, new_parser, parse, splice, tag_end
from invopt_xl.workbook.parts.no_cycles import no_cycles
from invopt_xl.workbook.parts.package import Package
from invopt_xl.workbook.parts.sheet_scan import SheetLayout, scan_sheet
from invopt_xl.workbook.patch.added_columns import with_columns
from invopt_xl.workbook.patch.appending import ChangedTable, TableChange
from invopt_xl.workbook.patch.old_table import OldTable
from invopt_xl.workbook.patch.recalculation import stale_sheets
from invopt_xl.workbook.patch.sheet_patch import Rewrite, Styles, patch_sheet, patch_table
from invopt_xl.workbook.patch.table_rows import TableRewrite
from invopt_xl.workbook.targets import check_target, refuse_open

Changes = Mapping[str, TableChange]
"""What is to be another in tables of the planner's, by stem."""


@no_cycles()
def write_tables(
    path: Path,
    tables: columns.Tables,
    *,
    output: Path | None = None,
    backup: bool = False,
    changes: Changes | None = None,
    read: Mapping[str, int] | None = None,
    contracts: Sequence[columns.Table] = (),
) -> None:
    """Write tables into the Excel tables of their names and change nothing else in the workbook.

    Only tables of `columns.OUTPUTS` that are given and that the workbook holds. Columns are matched by header.
    Columns that are the planner's, or that somebody added, be it directly beside a table with a key, are never taken
    from the frame: their cells follow the key of their row (``item`` and ``location`` in ``tblPlan``), and calculated
    columns are filled in every row. Tables grow and shrink; conditional formats, validations, names and print areas
    over all rows of a table follow it, and so do sparklines in its columns. Formulas elsewhere that depend on a table
    that was written lose their values, which are out of date, and are calculated when the workbook is opened. Sheet
    protection guards against hands, not against a refresh, and stays as it is.

    Parameters
    ----------
    path
        The workbook to read.
    tables
        Frames by stem.
    output
        The workbook to write; by default the same.
    backup
        Keep what is replaced as ``NAME.backup.xlsx`` (numbered if that is taken).
    changes
        What else is to be another, in tables of the planner's; none unless given.
    read
        The last row that was read of tables of inputs, by stem, as `below.rows_read` tells: a table that ends above
        it is made to reach so far, and its rows below get the formulas of calculated columns.
    contracts
        Further tables that may be given, beside `columns.OUTPUTS`.

    Raises
    ------
    FileError
        If a file cannot be read or written; the old one is then whole and in its place.
    InputError
        If a table would grow over something, or holds merged cells or an array formula.
    """
    target = check_target(path, output, results=not contracts)
    with closing(Package(Path(path))) as package:
        patch = make_patch(Book(package), tables, changes, read, contracts)
        if backup and target.exists():
            back_up(target)
        with replacing(target, before_replace=lambda: refuse_open(target)) as stream:
            package.save(stream, patch.replaced, frozenset(patch.dropped))
            # Windows renames over no file that is still open.
            package.close()


@dataclass(frozen=True, eq=False)
class NewRows:
    """The rows of a table that is rewritten, and cells of the planner's in it that are emptied, as they stand now."""

    frame: pd.DataFrame
    emptied: frozenset[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class _Written:
    """A table that is written, what it is to hold, and how many rows below it are its rows from now on.

    Of a table that is rewritten, columns beside it that are its columns from now on are among those it has.
    """

    table: ExcelTable
    contract: columns.Table
    content: NewRows | TableChange
    taken_in: int = 0

    @property
    def rows(self) -> int:
        """At most so many rows it gets: some may be kept for the planner beside those of the frame."""
        content = self.content
        return self.taken_in + len(content.added if isinstance(content, TableChange) else content.frame)

    def rewrite(self, book: Book, layout: SheetLayout, decoder: CellDecoder) -> Rewrite:
        """Return how it is written into its sheet."""
        old = OldTable(self.table, self.contract, layout, decoder)
        if self.taken_in:
            table = extended(self.table, self.table.area.last_row + self.taken_in)
            old = OldTable(table, self.contract, layout, decoder, self.taken_in, bare_styles(book))
        if isinstance(self.content, TableChange):
            return ChangedTable(old, self.content)
        return TableRewrite(old, self.content.frame, self.content.emptied)


@dataclass(slots=True)
class Patch:
    """New bytes of parts, parts to leave out, the tables that are written with their new areas, and rows taken in."""

    replaced: dict[str, bytes] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    written: list[tuple[ExcelTable, Area]] = field(default_factory=list)
    taken_in: dict[str, Area] = field(default_factory=dict)


def make_patch(
    book: Book,
    tables: columns.Tables,
    changes: Changes | None = None,
    read: Mapping[str, int] | None = None,
    contracts: Sequence[columns.Table] = (),
) -> Patch:
    """Return the parts that change when the tables are written into the workbook.

    Parameters
    ----------
    book
        The workbook.
    tables
        Frames of tables of ours by stem.
    changes
        What else is to be another, in tables of the planner's. Of a table that is rewritten, cells can be emptied.
    read, contracts
        As in `write_tables`.

    Raises
    ------
    InputError
        If a table would grow over something, or holds what cannot be rewritten.
    """
    patch = Patch()
    formulas_changed = False
    by_sheet: dict[str, list[_Written]] = {}
    changes = changes or {}
    contents: dict[str, NewRows | TableChange] = {
        **changes,
        **{stem: NewRows(frame, _emptied(stem, changes)) for stem, frame in tables.items()},
    }
    for table, contract in _known_tables(book, [*contracts, *columns.OUTPUTS, *columns.INPUTS]):
        taken_in = _taken_in(book, table, contract, read or {})
        if contract.stem in contents or taken_in:
            content = contents.get(contract.stem, TableChange())
            wide = widened(book, table, contract) if isinstance(content, NewRows) else table
            by_sheet.setdefault(table.sheet_part, []).append(_Written(wide, contract, content, taken_in))
    for part, owned in by_sheet.items():
        formulas_changed |= _patch_sheet_and_tables(book, part, owned, patch)
    if formulas_changed:
        _drop_calculation_chain(book, patch)
    if patch.written:
        _resize_names(book, patch)
        patch.replaced.update(stale_sheets(book, patch.replaced, patch.written, patch.taken_in))
    for part, data in patch.replaced.items():
        # A last look, so that what is put in place can be opened again.
        parse(new_parser(part), [data], part)
    return patch


def _known_tables(book: Book, contracts: Iterable[columns.Table]) -> Iterator[tuple[ExcelTable, columns.Table]]:
    by_name = {table.name.lower(): table for table in contracts}
    for table in book.tables:
        contract = by_name.get(table.name.lower())
        if contract is not None:
            yield table, contract


def _emptied(stem: str, changes: Changes) -> frozenset[tuple[int, str]]:
    cells = changes.get(stem, TableChange()).cells
    return frozenset(cell for cell, value in cells.items() if value is None)


def _taken_in(book: Book, table: ExcelTable, contract: columns.Table, read: Mapping[str, int]) -> int:
    """Return how many rows below a table count as its rows: those of inputs that were read."""
    if contract not in columns.INPUTS or table.totals_rows or read.get(contract.stem, 0) <= table.last_row:
        return 0
    return min(read[contract.stem], space_below(table, book.tables).last_row) - table.last_row


def _patch_sheet_and_tables(book: Book, part: str, owned: list[_Written], patch: Patch) -> bool:
    wanted = [(each.table.area.first_row, each.table.area.last_row + each.rows) for each in owned]
    layout = scan_sheet(book.package.read(part), part, wanted)
    decoder = book.decoder()
    rewrites = [each.rewrite(book, layout, decoder) for each in owned]
    filtered: set[str] = set()
    for rewrite in rewrites:
        name = _stored_name(book, rewrite.old.table.part)
        old = book.package.read(name)
        new = patch_table(old, name, rewrite.old.stored, rewrite.area, keeps_places=rewrite.keeps_places)
        new = with_columns(new, name, added_names(book, rewrite.old.table))
        patch.written.append((rewrite.old.stored, rewrite.area))
        if isinstance(rewrite, ChangedTable) and rewrite.taken_in:
            patch.taken_in[rewrite.old.table.name] = rewrite.taken_in
        if b"filterColumn" in old and not rewrite.keeps_places:
            filtered.add(rewrite.old.table.name)
        if new != old:
            patch.replaced[name] = new
    styles = Styles(book.date1904, book.wrapped_styles)
    sheet = patch_sheet(layout, rewrites, book.tables, filtered, styles)
    patch.replaced[_stored_name(book, part)] = sheet.data
    return sheet.formulas_changed


def _resize_names(book: Book, patch: Patch) -> None:
    part = _stored_name(book, book.part)
    old = book.package.read(part)
    new = with_names_resized(old, part, [TableGrowth.of(table, area) for table, area in patch.written])
    if new != old:
        patch.replaced[part] = new


def _stored_name(book: Book, part: str) -> str:
    name = book.package.find(part)
    if name is None:
        raise FileError(f"{book.package.path.name} is damaged: its part {part} is missing")
    return name


def _drop_calculation_chain(book: Book, patch: Patch) -> None:
    """Leave out the list of formula cells, which Excel makes anew: one that names a vanished formula is damage."""
    chain = book.calculation_chain
    if chain is None or book.package.find(chain) is None:
        return
    patch.dropped.add(_stored_name(book, chain))
    folder, _, name = book.part.rpartition("/")
    links = _stored_name(book, f"{folder}/_rels/{name}.rels")
    types = _stored_name(book, "[Content_Types].xml")
    patch.replaced[links] = _without(
        book.package.read(links), links, lambda attributes: attributes.get("Type", "").endswith("/calcChain")
    )
    patch.replaced[types] = _without(
        book.package.read(types),
        types,
        lambda attributes: attributes.get("PartName", "").lower() == f"/{chain}".lower(),
    )


def _without(data: bytes, part: str, is_unwanted: Callable[[dict[str, str]], bool]) -> bytes:
    """Return a part without the elements whose attributes are not wanted."""
    edits: list[Edit] = []
    opened: list[tuple[bool, int]] = []
    parser = new_parser(part)

    def start(_name: str, attributes: dict[str, str]) -> None:
        opened.append((is_unwanted(attributes), parser.CurrentByteIndex))

    def end(_name: str) -> None:
        unwanted, index = opened.pop()
        if unwanted:
            edits.append(Edit(index, element_end(data, tag_end(data, index), parser.CurrentByteIndex), b""))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parse(parser, [data], part)
    return splice(data, edits)


def back_up(target: Path) -> Path:
    """Keep a copy of a workbook beside it as ``NAME.backup.xlsx``, numbered if that is taken; return where.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    copy = target.with_name(f"{target.stem}.backup{target.suffix}")
    number = 2
    while copy.exists():
        copy = target.with_name(f"{target.stem}.backup-{number}{target.suffix}")
        number += 1
    with replacing(copy) as stream, target.open("rb") as source:
        shutil.copyfileobj(source, stream)
    return copy
