"""Sales by customer, from a workbook or folder, or from files beside them: too long for a sheet, as a rule."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from invopt_xl.errors import FileError
from invopt_xl.plan.columns import BESIDE, SALES, Table, Tables
from invopt_xl.workbook.folder import read_file
from invopt_xl.workbook.one_table import holds_one_table, is_book
from invopt_xl.workbook.parts.book import Book
from invopt_xl.workbook.parts.no_cycles import no_cycles
from invopt_xl.workbook.parts.package import Package
from invopt_xl.workbook.reading import frames_of, header_names

_ENDINGS = (".parquet", ".csv")


@no_cycles()
def read_sales(path: Path) -> Tables:
    """Return the tables ``sales`` and ``accounts`` of a plan as raw values, each where it is there.

    Parameters
    ----------
    path
        A workbook that holds ``tblSales`` or has a file beside it (of ``plan.xlsx``, ``plan-sales.parquet`` or
        ``.csv``); a folder with ``sales.parquet`` or ``.csv``; or such a file itself, whatever its name.
        ``accounts`` stands where ``sales`` does, under its own name.

    Raises
    ------
    FileError
        If there is no such path, a file cannot be read, or a table is there twice.
    InputError
        If a file holds no table, or two columns of one name.
    """
    path = Path(path)
    if not path.exists():
        raise FileError(f"there is no file or folder {path}")
    tables = _in_workbook(path) if is_book(path) else {}
    for table in BESIDE:
        file = _file_of(path, table)
        if file is not None and table.stem in tables:
            raise FileError(f"{path.name} holds {table.name}, and {file.name} stands beside it; keep one of them")
        if file is not None:
            tables[table.stem] = read_long(file, table)
    return tables


def read_long(file: Path, table: Table) -> pd.DataFrame:
    """Return the table of a file as raw values; of a Parquet file, columns keep the types that they have.

    A million rows are then read in a moment, which cells of any type are not.

    Raises
    ------
    FileError
        If the file cannot be read.
    InputError
        If it holds no table, or two columns of one name.
    """
    if file.suffix.lower() != ".parquet":
        return read_file(file, table)
    import pyarrow
    from pyarrow import parquet

    try:
        content = parquet.read_table(file)
        names = header_names(content.column_names, table, file.name)
        frame: pd.DataFrame = content.rename_columns(names).to_pandas(ignore_metadata=True)
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise FileError(f"{file.name} is not a Parquet file that can be read: {reason}") from None
    # The first record counts as line 2, as it would in a CSV file.
    return frame.set_axis(pd.RangeIndex(2, 2 + len(frame), name="row"), axis=0)


def _in_workbook(path: Path) -> Tables:
    with Package(path) as package:
        return frames_of(Book(package), BESIDE)


def _file_of(path: Path, table: Table) -> Path | None:
    """Return the file that holds a table, if there is one."""
    if holds_one_table(path) and table is SALES:
        return path
    if path.is_dir():
        stem = path / table.stem
    elif is_book(path):
        stem = path.with_name(f"{path.stem}-{table.stem}")
    else:
        if SALES.stem not in path.stem:
            return None
        stem = path.with_name(path.stem.replace(SALES.stem, table.stem))
    found = [file for ending in _ENDINGS if (file := Path(f"{stem}{ending}")).is_file()]
    if len(found) > 1:
        raise FileError(f"{found[0].name} and {found[1].name} are both there; keep one of them")
    return found[0] if found else None
