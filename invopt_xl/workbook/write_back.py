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
from invopt_xl.plan.written_back import changed_cells, planner_columns
from invopt_xl.workbook.atomic import replacing
from invopt_xl.workbook.below import rows_read
from invopt_xl.workbook.folder import read_file, write_file
from invopt_xl.workbook.kept_copies import kept
from invopt_xl.workbook.parts.book import Book, ExcelTable
from invopt_xl.workbook.parts.package import Package
from invopt_xl.workbook.patch.appending import TableChange
from invopt_xl.workbook.patch.naming import require_table_name, table_headers
from invopt_xl.workbook.patch.new_sheet import new_sheet
from invopt_xl.workbook.patch.number_formats import formats_of, units_of
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

_WRITER = "write-back"
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
    said
        In one sentence, without a folder's name.
    """

    path: Path
    table: str
    said: str

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
        The workbook to write: a copy of the source with the table in it. Of a folder: another folder to write its
        file to, or a workbook that is there, which gets the table. The source itself unless given.
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
    if source.is_dir() and target is not None and _is_workbook(target):
        source, target = target, None
    if source.is_dir():
        return _into_folder(source, table, frame, target or source)
    if table.name.lower() in KNOWN and _fills(table, frame):
        return _cells_into_book(source, table, frame, target)
    return _rows_into_book(source, table, frame, target)


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
        check_target(source, output)
    elif not _is_workbook(output):
        check_folder(output, [], "csv")
    elif not output.is_file():
        raise FileError(
            f"there is no workbook {output.name}; a table of a folder goes into one that is there, or into a folder"
        )
    else:
        check_target(output)


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


def _fills(table: Table, frame: pd.DataFrame) -> bool:
    """Tell whether rows fill columns of the planner's alone; no others can be written into a table of inputs."""
    given = {str(name) for name in frame} - set(table.key)
    return table in columns.INPUTS or (bool(given) and given <= set(planner_columns(table)))


def _held(path: Path, table: Table) -> ExcelTable | None:
    with Package(path) as package:
        return next((held for held in Book(package).tables if held.name.lower() == table.name.lower()), None)


def _cells_into_book(book: Path, table: Table, frame: pd.DataFrame, output: Path | None) -> WrittenBack:
    target = check_target(book, output)
    with Package(book) as package:
        held = frames_of(Book(package), (table,))
    if table.stem not in held:
        raise InputError(f"{book.name} holds no table {table.name}; expected one to write into")
    cells = changed_cells(held[table.stem], table, frame)
    changes = {table.stem: TableChange(cells=cells)} if cells else {}
    with kept(target, _WRITER):
        write_tables(book, {}, output=output, changes=changes, read=rows_read(held) if cells else None)
    said = f"{target.name}: {_told(cells, len(held[table.stem]))} in {table.name}"
    asks = cells and table in columns.INPUTS
    return WrittenBack(target, table.name, f"{said}; refresh it, so that the plan stands on them" if asks else said)


def _told(cells: Mapping[tuple[int, str], object], rows: int) -> str:
    by_column = pd.Series([header for _, header in cells], dtype=object).value_counts(sort=False)
    each = [f"{header} of {number:,} of {counted(rows, 'row')} changed" for header, number in by_column.items()]
    return ", ".join(each) or "nothing changed"


def _rows_into_book(book: Path, table: Table, frame: pd.DataFrame, output: Path | None) -> WrittenBack:
    target = check_target(book, output)
    held = _held(book, table)
    rows = counted(len(frame), "row")
    if held is not None:
        _require_headers(book, held, table, frame)
        with kept(target, _WRITER):
            write_tables(book, {table.stem: frame}, output=output, contracts=(table,))
        said = f"{target.name}: {rows} written into {table.name} on {held.sheet}"
        return WrittenBack(target, table.name, f"{said}{_stale(book, table)}")
    with closing(Package(book)) as package, kept(target, _WRITER):
        # Only a contract says what its numbers are.
        told = any(column.help for column in table.columns)
        units, formats = (units_of(table, frame), formats_of(table, frame)) if told else ([], [])
        sheet = new_sheet(Book(package), table.name, table.title, frame, units=units, formats=formats)
        with replacing(target, before_replace=lambda: refuse_open(target)) as stream:
            package.save(stream, sheet.replaced, frozenset(), sheet.added)
            # Windows renames over no file that is still open.
            package.close()
    return WrittenBack(
        target, table.name, f"{target.name}: {rows} written as {table.name} on the new sheet {sheet.name}"
    )


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
    own = set(planner_columns(table)) if table in columns.OUTPUTS else set()
    known = {column.name.lower() for column in table.columns} - {name.lower() for name in own}
    given = {str(name).lower(): str(name) for name in frame if str(name) not in own}
    for name in sorted(given.keys() - there):
        raise InputError(
            f"{table.name} of {book.name} has no column {given[name]}; add it to the table or delete its sheet, and "
            "write again"
        )
    for name in sorted(there & known - given.keys()):
        raise InputError(f"the rows for {table.name} lack the column {name}; expected all columns of the table")


def _into_folder(folder: Path, table: Table, frame: pd.DataFrame, target: Path) -> WrittenBack:
    there = [folder / f"{table.stem}{suffix}" for suffix in (".csv", ".parquet")]
    file = next((path for path in there if path.is_file()), None)
    suffix = file.suffix if file else _usual_suffix(folder)
    if table in KNOWN.values() and _fills(table, frame):
        if file is None:
            raise InputError(f"{folder.name} holds no file of {table.name}; expected {there[0].name} to write into")
        held = read_file(file, table)
        cells = changed_cells(held, table, frame)
        said = f"{_told(cells, len(held))} in {file.name}"
        frame = _with_cells(held, cells)
    else:
        if file is not None and target == folder:
            _keep_what_the_planner_wrote(file, table, frame)
        said = f"{counted(len(frame), 'row')} written to {table.stem}{suffix}"
    path = target / f"{table.stem}{suffix}"
    check_folder(target, [table.stem], "csv" if suffix == ".csv" else "parquet")
    try:
        target.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError(f"folder {target} cannot be made: {error.strerror}") from None
    with kept(path, _WRITER), replacing(path, before_replace=lambda: refuse_open(path)) as stream:
        write_file(stream, frame, table, suffix=suffix)
    return WrittenBack(path, table.name, f"{target.name}: {said}")


def _keep_what_the_planner_wrote(file: Path, table: Table, frame: pd.DataFrame) -> None:
    """Refuse rows without a column that the planner wrote into: in a file, unlike a workbook, none follows its row."""
    held = read_file(file, table)
    own = set(planner_columns(table)) if table in columns.OUTPUTS else set()
    for name in own.intersection(map(str, held)) - set(map(str, frame)):
        if held[name].notna().any():
            raise InputError(f"{file.name} holds what was written into {name}; give it with the rows or empty it")


def _usual_suffix(folder: Path) -> str:
    """Return the kind of file that a folder of tables holds."""
    items = [path.suffix.lower() for path in sorted(folder.iterdir()) if path.stem.lower() == columns.ITEMS.stem]
    return ".parquet" if ".parquet" in items else ".csv"


def _with_cells(held: pd.DataFrame, cells: Mapping[tuple[int, str], object]) -> pd.DataFrame:
    place = {int(row): position for position, row in enumerate(held.index)}
    values = {name: held[name].tolist() for name in held}
    for (row, header), value in cells.items():
        values[header][place[row]] = value
    return pd.DataFrame(values, dtype=object)
