"""A table that is given beside a workbook: in a CSV or Parquet file, or on a sheet that knows of no Excel table."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from invopt_xl.errors import FileError, InputError
from invopt_xl.plan.columns import Table
from invopt_xl.plan.quality.headers import plain_name
from invopt_xl.workbook.below import Line, space_below
from invopt_xl.workbook.folder import read_file
from invopt_xl.workbook.one_table import holds_one_table, is_book
from invopt_xl.workbook.parts.book import Book, ExcelTable
from invopt_xl.workbook.parts.cells import MAXIMUM_ROW, Area
from invopt_xl.workbook.parts.package import Package
from invopt_xl.workbook.parts.sheet_reader import read_sheet
from invopt_xl.workbook.reading import build_frame, frames_of, header_names, names_of, take_in

WIDEST = 100
"""Columns of a sheet that are looked at."""


def read_loose(path: Path, table: Table, sheet: str | None = None) -> pd.DataFrame:
    """Return a table of a file or a sheet as raw values, the index being the row or line at the source.

    Parameters
    ----------
    path
        A CSV or Parquet file, or a workbook.
    table
        What is expected, for the spelling of headers. A workbook may hold it as the Excel table of its name.
    sheet
        The sheet it stands on: its only Excel table, else all of it, the headers in the first row that names two
        columns. Unless given the Excel table, else the only sheet.

    Raises
    ------
    FileError
        If the file cannot be read, is no such file, or lacks the sheet.
    InputError
        If it holds no table, or two columns of one name, or something stands below its table that is no row of it.
    """
    if not path.is_file():
        raise FileError(f"there is no file {path}")
    if is_book(path):
        with Package(path) as package:
            return _from_book(Book(package), table, sheet)
    if sheet is not None:
        raise FileError(f"{path.name} has no sheets; expected a workbook with the sheet {sheet}")
    if not holds_one_table(path):
        raise FileError(f"{path.name} cannot be read; expected .csv, .parquet, .xlsx or .xlsm")
    return read_file(path, table)


def _from_book(book: Book, table: Table, sheet: str | None) -> pd.DataFrame:
    if sheet is None:
        lines: list[Line] = []
        frames = frames_of(book, (table,), lines)
        _refuse_unread(book, lines)
        if frames:
            return frames[table.stem]
        if len(book.sheets) > 1:
            names = ", ".join(book.sheets)
            raise FileError(f"{book.package.path.name} has no table {table.name}; name one of its sheets: {names}")
    return _from_sheet(book, table, sheet or next(iter(book.sheets)))


def _from_sheet(book: Book, table: Table, sheet: str) -> pd.DataFrame:
    names = {name.lower(): name for name in book.sheets}
    if sheet.lower() not in names:
        similar = get_close_matches(sheet.lower(), list(names), 1)
        hint = f"; found {names[similar[0]]}" if similar else f"; found {', '.join(book.sheets)}"
        raise FileError(f"{book.package.path.name} has no sheet {sheet}{hint}")
    name = names[sheet.lower()]
    part = book.sheets[name]
    there = [each for each in book.tables if each.sheet_part == part]
    if len(there) == 1:
        spaces = [space_below(there[0], book.tables)]
        found, below = read_sheet(part, book.package.chunks(part), there, book.decoder(), spaces)
        _refuse_unread(book, take_in(found, names_of(found, table), table, below))
        rows, numbers = [found.headers or [column.name for column in there[0].columns], *found.rows], found.numbers
    else:
        area = Area(1, 1, MAXIMUM_ROW, WIDEST)
        whole = ExcelTable(f"sheet {name}", part, name, part, area, 0, 0, ())
        (found,) = read_sheet(part, book.package.chunks(part), [whole], book.decoder())
        first = _header_row(found.rows, table)
        rows, numbers = found.rows[first:], found.numbers[first + 1 :]
    if len(rows) < 2:
        raise InputError(f"sheet {name} of {book.package.path.name} is empty; expected headers and rows below them")
    width = max((place for place, header in enumerate(rows[0], start=1) if header is not None), default=1)
    headers = header_names(rows[0][:width], table, f"sheet {name}")
    return build_frame(headers, list(zip(*(row[:width] for row in rows[1:]), strict=True)), numbers)


def _refuse_unread(book: Book, lines: Iterable[Line]) -> None:
    """Refuse what stands below a table without being a row of it: it may be rows, and nothing would tell of them."""
    for line in lines:
        if line["severity"] == "warning":
            raise InputError(f"{book.package.path.name}: {line['reason']}, {line['action']}")


def _header_row(rows: list[list[object]], table: Table) -> int:
    """Return which row holds the headers: the first that names two of the table's columns, else the first of all."""
    known = {plain_name(name) for name in table.column_names}
    named = (sum(plain_name(str(cell)) in known for cell in row) for row in rows)
    return next((place for place, count in enumerate(named) if count > 1), 0)
