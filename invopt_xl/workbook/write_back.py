"""A table that was made outside a refresh goes into its workbook or folder, by the rules of a refresh."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.errors import FileError, InputError, require
from invopt_xl.plan import columns
from invopt_xl.plan.columns import Column, Kind, Table
from invopt_xl.plan.written_back import changed_cells, fills, planner_columns, told_changes
from invopt_xl.workbook.atomic import replacing
from invopt_xl.workbook.below import rows_read
from invopt_xl.workbook.beside import widened
from invopt_xl.workbook.folder import read_file
from invopt_xl.workbook.folder_write_back import file_of, into_folder
from invopt_xl.workbook.kept_copies import WRITE_BACK, kept
from invopt_xl.workbook.parts.book import Book, ExcelTable
from invopt_xl.workbook.parts.cells import column_letters
from invopt_xl.workbook.parts.package import Package
from invopt_xl.workbook.patch.appending import TableChange
from invopt_xl.workbook.patch.cell_formats import looks_of, units_of
from invopt_xl.workbook.patch.naming import require_table_name, table_headers
from invopt_xl.workbook.patch.new_sheet import new_sheet
from invopt_xl.workbook.reading import frames_of
from invopt_xl.workbook.since_refresh import changed_since_refresh
from invopt_xl.workbook.targets import check_folder, check_target, refuse_open
from invopt_xl.workbook.writing import write_tables

KNOWN: Mapping[str, Table] = {
    name.lower(): table
    for table in columns.BY_STEM.values()
    if table in (*columns.INPUTS, *columns.OUTPUTS)
    for name in (table.stem, table.name)
}
"""Tables that a workbook may hold, by their names in small letters."""

_WORKBOOKS = (".xlsx", ".xlsm")
_KEYS = (("item", "location"), ("item",), ("supplier",), ("customer",))


@dataclass(frozen=True)
class WrittenBack:
    """What was written.

    Parameters
    ----------
    path
        The workbook, or the file in a folder.
    table
        Name of the table.
    where
        What it was written into, without a folder's name; that it was there already, if it might have been a new copy.
    done
        What was written.
    """

    path: Path
    table: str
    where: str
    done: str

    @property
    def said(self) -> str:
        """What was done, in one sentence."""
        return f"{self.where}: {self.done}"

    def __repr__(self) -> str:
        return self.said


def write_back(
    source: Path, name: str | Table, frame: pd.DataFrame, *, output: Path | None = None, title: str = ""
) -> WrittenBack:
    """Write a table into a plan workbook or a folder of tables; all else stays as it is, and `undo` takes it back.

    Columns of the planner's alone (`planner_columns`: of ``tblItems`` such as service_target, of ``tblExcess`` the
    decision) are filled by key, cell by cell. Otherwise a table that the workbook holds gets these rows, the columns
    that are the planner's, or that somebody added, following their rows; one it does not hold becomes a new sheet
    after all others. A folder gets, or has rewritten, the file of the table.

    Parameters
    ----------
    source
        The workbook or the folder.
    name
        Of the table, as ``tblItems`` or ``items``, or the contract of its columns.
    frame
        The rows.
    output
        The workbook to write: one that is there gets the table and stays as it is otherwise, one that is not becomes a
        copy of the source with the table in it. Of a folder: a workbook that is there, or another folder, which gets
        the file of the table, or the table in the file that it has. The source itself unless given.
    title
        Of a new sheet; made from the name of the table unless given.

    Raises
    ------
    FileError
        If the file is open elsewhere, or cannot be read or written: the old one is then whole and in its place.
    InputError
        If the rows are not what the table takes.
    """
    source, target = Path(source), Path(output) if output is not None else None
    table = _contract(name, frame, title)
    if target is not None:
        check_output(source, target)
    if source.is_dir() and (target is None or not _is_workbook(target)):
        path, done = into_folder(source, table, frame, target or source, fill=_is_known(table) and fills(table, frame))
        return WrittenBack(path, table.name, (target or source).resolve().name, done)
    was_there = target is not None and target.is_file() and not (source.exists() and target.samefile(source))
    if target is not None and was_there:
        source, target = target, None
    write = _cells_into_book if _is_known(table) and fills(table, frame) else _rows_into_book
    path, done = write(source, table, frame, target)
    return WrittenBack(path, table.name, f"{path.name}, which was there already" if was_there else path.name, done)


def rows_held(source: Path, table: Table, output: Path | None = None) -> pd.DataFrame:
    """Return a table as it stands where `write_back` would write it, as raw values; no rows where it is not there.

    Parameters
    ----------
    source
        The workbook or the folder.
    table
        The contract of its columns.
    output
        As `write_back` takes it; one that is not there yet will have what the source has.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    place = output if output is not None and output.exists() else source
    if place.is_dir():
        file = file_of(place, table)
        return columns.empty(table) if file is None else read_file(file, table)
    with Package(place) as package:
        return frames_of(Book(package), (table,)).get(table.stem, columns.empty(table))


def check_output(source: Path, output: Path) -> None:
    """Say in one line why a table of a source cannot be written to an output, before any work is done.

    Parameters
    ----------
    source
        The workbook or the folder.
    output
        Where it is to be written, as `write_back` takes it.

    Raises
    ------
    FileError
        If it cannot: a folder's table goes into a folder, or into a workbook that is there.
    """
    if not source.is_dir():
        there = output.is_file()
        check_target(output if there else source, None if there else output, results=False)
    elif not _is_workbook(output):
        check_folder(output, [], "csv")
    elif not output.is_file():
        raise FileError(
            f"there is no workbook {output.name}; a table of a folder goes into one that is there, or into a folder"
        )
    else:
        check_target(output, results=False)


def _is_workbook(path: Path) -> bool:
    return path.suffix.lower() in _WORKBOOKS and not path.is_dir()


def _contract(name: str | Table, frame: pd.DataFrame, title: str) -> Table:
    if isinstance(name, Table):
        return name
    known = KNOWN.get(name.lower())
    if known is not None:
        return known
    require(bool(name.strip()), "the name of a table", "blank", "a name, such as tblFirstLook")
    names = table_headers(frame)
    key = next((key for key in _KEYS if set(key) <= set(names) and not frame.duplicated(list(key)).any()), ())
    full = name if name.lower().startswith("tbl") else f"tbl{''.join(word.capitalize() for word in name.split('_'))}"
    require_table_name(full)
    made = tuple(Column(str(column), _kind(frame[column])) for column in frame)
    return Table(full, _stem(full), title or _stem(full).replace("_", " ").capitalize(), made, key=key)


def _stem(name: str) -> str:
    """Return the file stem of a table's name.

    Examples
    --------
    >>> _stem("tblFirstLook")
    'first_look'
    """
    bare = name[3:]
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in bare).lstrip("_")


def _kind(values: pd.Series[Any]) -> Kind:
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    return "number" if pd.api.types.is_numeric_dtype(values) else "text"


def _is_known(table: Table) -> bool:
    return table in KNOWN.values()


def _held(path: Path, table: Table) -> ExcelTable | None:
    with Package(path) as package:
        book = Book(package)
        held = next((held for held in book.tables if held.name.lower() == table.name.lower()), None)
        return held and widened(book, held, table)


def _cells_into_book(book: Path, table: Table, frame: pd.DataFrame, output: Path | None) -> tuple[Path, str]:
    target = check_target(book, output, results=False)
    with Package(book) as package:
        held = frames_of(Book(package), (table,))
    if table.stem not in held:
        raise InputError(f"{book.name} holds no table {table.name}; expected one to write into")
    cells = changed_cells(held[table.stem], table, frame)
    changes = {table.stem: TableChange(cells=cells)} if cells else {}
    with kept(target, WRITE_BACK):
        write_tables(
            book, {}, output=output, changes=changes, read=rows_read(held) if cells else None, contracts=(table,)
        )
    done = f"{told_changes(cells, len(held[table.stem]))} in {table.name}"
    asks = cells and table in columns.INPUTS
    return target, f"{done}; refresh it, so that the plan stands on them" if asks else done


def _rows_into_book(book: Path, table: Table, frame: pd.DataFrame, output: Path | None) -> tuple[Path, str]:
    target = check_target(book, output, results=False)
    held = _held(book, table)
    rows = counted(len(frame), "row")
    if held is not None:
        _require_headers(book, held, table, frame)
        with kept(target, WRITE_BACK):
            write_tables(book, {table.stem: frame}, output=output, contracts=(table,))
        return target, f"{rows} written into {table.name} on {held.sheet}{_stale(book, table)}"
    with closing(Package(book)) as package, kept(target, WRITE_BACK):
        # Only a contract says what its numbers are.
        told = any(column.help for column in table.columns)
        units, looks = (units_of(table, frame), looks_of(table, frame)) if told else ([], [])
        sheet = new_sheet(Book(package), table.name, table.title, frame, units=units, looks=looks)
        with replacing(target, before_replace=lambda: refuse_open(target)) as stream:
            package.save(stream, sheet.replaced, frozenset(), sheet.added)
            # Windows renames over no file that is still open.
            package.close()
    return target, f"{rows} written as {table.name} on the new sheet {sheet.name}"


def _stale(book: Path, table: Table) -> str:
    """Return that the other results of a workbook are of other inputs, where they are."""
    if table not in columns.OUTPUTS:
        return ""
    with Package(book) as package:
        changed = changed_since_refresh(Book(package))
    if not changed:
        return ""
    return (
        f"; {', '.join(changed)} changed since its last refresh: refresh before you order, for the plan, the supplier "
        "orders and the KPIs beside are of before"
    )


def _require_headers(book: Path, held: ExcelTable, table: Table, frame: pd.DataFrame) -> None:
    """Refuse rows that lack a column the table takes, or have one it lacks: nothing is lost without a word."""
    there = {column.name.lower() for column in held.columns}
    own = set(planner_columns(table))
    known = {column.name.lower() for column in table.columns} - {name.lower() for name in own}
    given = {str(name).lower(): str(name) for name in frame if str(name) not in own}
    lacking = [name for small, name in given.items() if small not in there]
    if lacking:
        beside = f"'{held.sheet}'!{column_letters(held.area.last_column + 1)}{held.area.first_row}"
        what, them = (f"columns {', '.join(lacking)}", "them") if len(lacking) > 1 else (f"column {lacking[0]}", "it")
        # A sheet with what the planner typed is not one to delete.
        otherwise = "" if own else " or delete its sheet,"
        raise InputError(
            f"{table.name} of {book.name} has no {what}; add {them} at its right, from {beside} on,{otherwise} and "
            "write again"
        )
    for name in sorted(there & known - given.keys()):
        raise InputError(f"the rows for {table.name} lack the column {name}; expected all columns of the table")
