"""One table in one file: demand read from a CSV or Parquet file or a workbook, results written by the file's ending."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from invopt_xl.errors import FileError
from invopt_xl.plan import columns
from invopt_xl.plan.columns import Table
from invopt_xl.workbook.atomic import replacing
from invopt_xl.workbook.folder import read_file, write_file
from invopt_xl.workbook.parts.book import Book
from invopt_xl.workbook.parts.package import Package
from invopt_xl.workbook.reading import read_tables
from invopt_xl.workbook.targets import check_place, check_target, refuse_open

_TEXT = (".csv", ".tsv", ".txt")
_FILES = (*_TEXT, ".parquet")
_BOOKS = (".xlsx", ".xlsm")


def holds_one_table(path: Path) -> bool:
    """Return whether it is a CSV or Parquet file, of one table alone."""
    return path.suffix.lower() in _FILES and not path.is_dir()


def is_book(path: Path) -> bool:
    """Return whether its ending is that of a workbook."""
    return path.suffix.lower() in _BOOKS


def read_demand(path: Path) -> columns.Tables:
    """Return the demand of a CSV or Parquet file as the table ``demand``, or all tables of a workbook or a folder.

    Raises
    ------
    FileError
        If the file or folder cannot be read, or holds no table of demand.
    InputError
        If a file holds no table.
    """
    path = Path(path)
    if holds_one_table(path):
        return {columns.DEMAND.stem: read_file(path, columns.DEMAND)}
    tables = read_tables(path, needed=(columns.DEMAND,))
    if columns.DEMAND.stem not in tables:
        held = ", ".join(columns.BY_STEM[stem].name for stem in tables if stem in columns.BY_STEM)
        raise FileError(f"{path.resolve().name} holds no table {columns.DEMAND.name}; found {held}")
    return tables


def read_one(path: Path, table: Table) -> pd.DataFrame:
    """Return a table from a CSV or Parquet file, as raw values.

    Raises
    ------
    FileError
        If it is another kind of file, or cannot be read.
    InputError
        If it holds no table.
    """
    require_ending(path, _FILES, ".csv or .parquet")
    return read_file(path, table)


def require_ending(path: Path, endings: tuple[str, ...], expected: str) -> None:
    """Refuse a file whose ending is none of these, in words that say what was expected."""
    if path.suffix.lower() not in endings:
        ending = f"ends in {path.suffix}" if path.suffix else "has no ending"
        raise FileError(f"{path.name} {ending}; expected {expected}")


def check_one(path: Path, table: Table, *, source: Path | None = None, workbooks: bool = True) -> None:
    """Say in one line why a table cannot be written to a file, before any work is done.

    Parameters
    ----------
    path
        The file to write. A workbook that is there already keeps everything but the table, which it must hold.
    table
        What is to be written.
    source
        The file that is read, which only a workbook may be as well.
    workbooks
        Whether the table may stand in a workbook.

    Raises
    ------
    FileError
        If its ending is not that of CSV, Parquet or a workbook, or it cannot be written where it is to stand.
    """
    if workbooks:
        require_ending(path, (".csv", ".parquet", *_BOOKS), ".csv, .parquet or .xlsx")
    else:
        require_ending(path, (".csv", ".parquet"), ".csv or .parquet")
    if path.is_dir():
        raise FileError(f"{path.name} is a folder; expected the name of a file to write")
    if not is_book(path):
        if source is not None and path.exists() and source.exists() and path.samefile(source):
            raise FileError(f"{path.name} is the file that is read; expected another name to write")
        refuse_open(path)
        check_place(path.resolve())
    elif path.exists():
        _require_table(path, table)
        check_target(path, results=table in columns.OUTPUTS)
    else:
        if path.suffix.lower() == ".xlsm":
            raise FileError(f"{path.name} is not there to take the table; expected the ending .xlsx for a new workbook")
        refuse_open(path)
        check_place(path.resolve())


def write_one(path: Path, table: Table, frame: pd.DataFrame) -> None:
    """Write a table to a CSV or Parquet file, to a new workbook, or into its place in an old one.

    Parameters
    ----------
    path
        The file; it appears or changes whole or not at all.
    table
        The contract of its columns.
    frame
        Its rows.

    Raises
    ------
    FileError
        If the file cannot be written, or a sheet does not hold so many rows.
    """
    check_one(path, table)
    if not is_book(path):
        with replacing(path) as stream:
            write_file(stream, frame, table, suffix=path.suffix.lower())
    elif path.exists():
        from invopt_xl.workbook.writing import write_tables

        write_tables(path, {table.stem: frame}, contracts=(table,))
    else:
        from invopt_xl.workbook.template import build_table_workbook

        build_table_workbook(path, table, frame)


def _require_table(path: Path, table: Table) -> None:
    with Package(path) as package:
        names = [held.name.lower() for held in Book(package).tables]
    if table.name.lower() not in names:
        raise FileError(f"{path.name} is there already and holds no table {table.name}; expected a new name")
