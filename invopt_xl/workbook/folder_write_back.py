"""A table that was made outside a refresh goes into a folder of tables; what the planner wrote there stays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.errors import FileError, InputError
from invopt_xl.plan import columns
from invopt_xl.plan.columns import Table
from invopt_xl.plan.views.last_rows import last_rows, with_added, with_kept, written_rows
from invopt_xl.plan.written_back import changed_cells, told_changes
from invopt_xl.workbook.atomic import replacing
from invopt_xl.workbook.folder import read_file, write_file
from invopt_xl.workbook.kept_copies import WRITE_BACK, kept
from invopt_xl.workbook.targets import check_folder, refuse_open

_SUFFIXES = (".csv", ".parquet")


def into_folder(folder: Path, table: Table, frame: pd.DataFrame, target: Path, *, fill: bool) -> tuple[Path, str]:
    """Write the file of a table, and return where it is and what was done.

    Parameters
    ----------
    folder
        The folder of tables.
    table
        The contract of its columns.
    frame
        The rows.
    target
        The folder to write to: it, or another one.
    fill
        Whether the rows fill cells of the planner's by key: in the file that is there, else in a copy of the one of
        the folder of tables.

    Raises
    ------
    FileError
        If a file or folder cannot be read or written: the old file is then whole and in its place.
    InputError
        If the rows are not what the table takes.
    """
    there = file_of(target, table)
    file = there or file_of(folder, table)
    suffix = file.suffix if file else _usual_suffix(folder)
    name = f"{table.stem}{suffix}"
    if fill:
        if file is None:
            raise InputError(f"{folder.name} holds no file of {table.name}; expected {table.stem}.csv to write into")
        held = read_file(file, table)
        cells = changed_cells(held, table, frame)
        done = f"{told_changes(cells, len(held))} in {name}"
        frame = _with_cells(held, cells)
    else:
        done = f"{counted(len(frame), 'row')} written to {name}"
        frame = frame if there is None else _with_what_the_planner_wrote(there, table, frame)
    path = target / name
    check_folder(target, [table.stem], "csv" if suffix == ".csv" else "parquet")
    try:
        target.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError(f"folder {target} cannot be made: {error.strerror}") from None
    with kept(path, WRITE_BACK), replacing(path, before_replace=lambda: refuse_open(path)) as stream:
        write_file(stream, frame, table, suffix=suffix)
    is_other = there is not None and not target.samefile(folder)
    return path, f"{done}, which was there already" if is_other else done


def file_of(folder: Path, table: Table) -> Path | None:
    """Return the file of a table in a folder; None where it holds none."""
    return next((path for path in (folder / f"{table.stem}{suffix}" for suffix in _SUFFIXES) if path.is_file()), None)


def _usual_suffix(folder: Path) -> str:
    """Return the kind of file that a folder of tables holds."""
    items = [path.suffix.lower() for path in sorted(folder.iterdir()) if path.stem.lower() == columns.ITEMS.stem]
    return ".parquet" if ".parquet" in items else ".csv"


def _with_what_the_planner_wrote(file: Path, table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows with what the planner wrote, or added, in the file that they replace, beside its key."""
    if not any(column.owner == "planner" for column in table.columns):
        return frame
    lacking = [name for name in table.key if name not in frame]
    if lacking:
        raise InputError(f"the rows for {table.name} lack the column {lacking[0]}; expected it to tell them apart")
    last = last_rows(table, {table.stem: read_file(file, table)}, frame)
    return with_added(table, with_kept(frame, written_rows(table, last)), last)


def _with_cells(held: pd.DataFrame, cells: Mapping[tuple[int, str], object]) -> pd.DataFrame:
    place = {int(row): position for position, row in enumerate(held.index)}
    values = {name: held[name].tolist() for name in held}
    for (row, header), value in cells.items():
        values[header][place[row]] = value
    return pd.DataFrame(values, dtype=object)
