"""Tables of the data contract, from a workbook or a folder, as raw values; `plan.quality` judges them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from invopt_xl.errors import FileError, InputError
from invopt_xl.plan import columns
from invopt_xl.plan.keys import require_key
from invopt_xl.plan.schema import FIRST_ROW
from invopt_xl.workbook.below import Below, Line, extended, space_below, told
from invopt_xl.workbook.beside import lines_of_cells_beside, widened
from invopt_xl.workbook.parts.book import Book, ExcelTable
from invopt_xl.workbook.parts.cells import MAXIMUM_ROW, column_letters
from invopt_xl.workbook.parts.no_cycles import no_cycles
from invopt_xl.workbook.parts.package import Package
from invopt_xl.workbook.parts.sheet_reader import RawTable, read_sheet, refuse_merges
from invopt_xl.workbook.parts.sheet_tail import may_hold_below

READ = (
    *columns.INPUTS,
    columns.PLAN,
    columns.EXCESS,
    columns.BUFFERS,
    columns.ACCURACY,
    columns.FORECAST_REVIEW,
    columns.OVERRIDES,
    columns.LOG,
)
"""What a refresh reads: the inputs, the last plan and excess for the planner's columns, the last buffers to say what
changed, and the tables that grow: what forecasts and overrides came to, and the log."""

IsWanted = Callable[[columns.Tables], bool]

NEEDED = tuple(table for table in READ if table.required)
"""What a plan cannot do without."""


@no_cycles()
def read_tables(
    path: Path, *, needed: Sequence[columns.Table] = NEEDED, last_forecast: IsWanted | None = None
) -> columns.Tables:
    """Return the tables of a workbook (.xlsx, .xlsm) or of a folder of CSV or Parquet files, as raw values.

    Every table of `READ` that is there. A frame has object columns of str,
    int, float, bool, datetime, None, or `columns.CellFault` for an error or a formula that was never calculated.
    Its index, named ``row``, is the row in the sheet or the line in the file (the first record of a Parquet file
    counts as line 2, as in a CSV file). Headers are trimmed and take the contract's spelling whatever their case;
    columns the contract does not know are kept. Blank rows are left out. Rows of data directly below a table of
    inputs are taken in, as Excel would have done when they were typed, and so are columns directly beside a table of
    results; that, and what else stands below or beside a table, is told in `columns.READING`, rows of ``tblQuality``,
    which is there where there is something to tell.

    Parameters
    ----------
    path
        The workbook or the folder.
    needed
        The tables to name where none is found.
    last_forecast
        Tells from the other tables whether the forecast of the last refresh, which is large, is read too.

    Raises
    ------
    FileError
        If it cannot be read, or holds no known table.
    InputError
        If a table holds merged cells, two columns or tables of one name, or the plan has no column ``item``.
    """
    path = Path(path)
    if path.is_dir():
        from invopt_xl.workbook.folder import read_folder

        return read_folder(path, needed=needed, last_forecast=last_forecast)
    if not path.exists():
        raise FileError(f"there is no file or folder {path}")
    with Package(path) as package:
        book = Book(package)
        lines: list[Line] = []
        tables = _read_workbook(book, needed, lines)
        if last_forecast and last_forecast(tables):
            tables |= frames_of(book, (columns.FORECAST,))
        return tables | told([*lines, *_lines_of_unread(book), *lines_of_cells_beside(book)])


def _read_workbook(book: Book, needed: Sequence[columns.Table], lines: list[Line]) -> columns.Tables:
    frames = frames_of(book, READ, lines)
    if not frames:
        names = ", ".join(table.name for table in needed)
        raise FileError(f"{book.package.path.name} holds no table of a plan workbook; expected at least {names}")
    if columns.PLAN.stem in frames:
        # Its rows would be taken for nobody's, and what the planner wrote into them be lost.
        require_key(columns.PLAN, frames[columns.PLAN.stem].columns)
    return frames


def frames_of(book: Book, tables: Sequence[columns.Table], lines: list[Line] | None = None) -> columns.Tables:
    """Return those of some tables that a workbook holds, as raw values, in the order they are asked for.

    Parameters
    ----------
    book
        The workbook.
    tables
        The tables.
    lines
        Takes what there is to tell of rows below them.

    Raises
    ------
    InputError
        If a table holds merged cells or two columns of one name.
    """
    wanted = {table.name.lower(): table for table in tables}
    found: dict[str, columns.Table] = {}
    by_sheet: dict[str, list[str]] = {}
    excel_tables = {}
    for excel_table in book.tables:
        table = wanted.get(excel_table.name.lower())
        if table is not None:
            found[excel_table.name] = table
            excel_tables[excel_table.name] = widened(book, excel_table, table)
            by_sheet.setdefault(excel_table.sheet_part, []).append(excel_table.name)
    frames: columns.Tables = {}
    for part, names_there in by_sheet.items():
        there = [excel_tables[name] for name in names_there]
        spaces = [space_below(table, book.tables) for table in there]
        raws = read_sheet(part, book.package.chunks(part), there, book.decoder(), spaces)
        for raw, space in zip(raws[: len(there)], raws[len(there) :], strict=True):
            table = found[raw.table.name]
            names = names_of(raw, table)
            to_tell = take_in(raw, names, table, space)
            frames[table.stem] = build_frame(names, list(zip(*raw.rows, strict=True)), raw.numbers)
            frames[table.stem].attrs[FIRST_ROW] = raw.table.first_row
            if lines is not None:
                lines += to_tell
    return {table.stem: frames[table.stem] for table in tables if table.stem in frames}


def names_of(raw: RawTable, table: columns.Table) -> list[str]:
    """Return the headers of a table as `header_names` does."""
    headers = raw.headers or [column.name for column in raw.table.columns]
    return header_names(headers, table, f"'{raw.table.sheet}'!{raw.table.area}")


def take_in(raw: RawTable, names: Sequence[str], table: columns.Table, space: RawTable) -> list[Line]:
    """Add the rows below a table to those in it, where they are rows of it; return what there is to tell.

    Parameters
    ----------
    raw
        The table.
    names
        Its headers.
    table
        Its columns as the data contract declares them.
    space
        What stands below it.

    Raises
    ------
    InputError
        If rows that are added hold merged cells.
    """
    below = _below(raw.table, names, table, space)
    if below.taken:
        raw.rows += space.rows[: below.taken]
        raw.numbers += space.numbers[: below.taken]
        refuse_merges(extended(raw.table, raw.numbers[-1]), space.merges)
    return below.lines()


def _below(excel: ExcelTable, names: Sequence[str], table: columns.Table, space: RawTable) -> Below:
    def address(row: int, column: int) -> str:
        return f"'{excel.sheet}'!{column_letters(excel.area.first_column + column)}{row}"

    last, end = space.table.area.last_row, excel.area.last_row
    next_table = None if last == MAXIMUM_ROW else last + 1
    return Below(table, names, end, space.numbers, space.rows, address, excel.totals_rows > 0, next_table)


def _lines_of_unread(book: Book) -> list[Line]:
    """Return what there is to tell of cells below tables for results that a refresh writes and does not read."""
    results = {table.name.lower(): table for table in columns.OUTPUTS if table not in READ}
    by_sheet: dict[str, list[ExcelTable]] = {}
    for excel in book.tables:
        if excel.name.lower() in results:
            by_sheet.setdefault(excel.sheet_part, []).append(excel)
    lines: list[Line] = []
    for part, there in by_sheet.items():
        if may_hold_below(book.package.read(part), min(excel.area.last_row for excel in there)):
            spaces = [space_below(excel, book.tables) for excel in there]
            found = read_sheet(part, book.package.chunks(part), (), book.decoder(), spaces)
            for excel, space in zip(there, found, strict=True):
                names = [column.name for column in excel.columns]
                lines += _below(excel, names, results[excel.name.lower()], space).lines()
    return lines


def build_frame(names: Sequence[str], values: Sequence[Sequence[object]], rows: Sequence[int]) -> pd.DataFrame:
    """Return a frame of object columns over the rows' numbers at their source."""
    index = pd.Index(np.asarray(rows, dtype=np.int64), name="row")
    if not rows:
        values = [[] for _ in names]
    return pd.DataFrame(
        {name: pd.Series(list(column), index=index, dtype=object) for name, column in zip(names, values, strict=True)},
        index=index,
    )


def header_names(headers: Sequence[object], table: columns.Table, place: str) -> list[str]:
    """Return the headers trimmed, in the contract's spelling where it knows them.

    Parameters
    ----------
    headers
        As they stand at the source; a blank one is named after its position.
    table
        What is expected.
    place
        Where they stand, for messages.

    Raises
    ------
    InputError
        If two columns have one name.

    Examples
    --------
    >>> header_names([" Item", "QUANTITY ", "My note", None], columns.DEMAND, "demand.csv")
    ['item', 'quantity', 'My note', 'column 4']
    """
    known = {name.lower(): name for name in table.column_names}
    names: list[str] = []
    for position, header in enumerate(headers, start=1):
        text = "" if header is None else " ".join(str(header).split())
        name = known.get(text.lower(), text) or f"column {position}"
        if name in names:
            raise InputError(f"{table.name} has two columns named {name} ({place}); expected one")
        names.append(name)
    return names
