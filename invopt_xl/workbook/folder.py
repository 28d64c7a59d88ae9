"""Folders of CSV or Parquet files, one a table, named by stem (``items.csv``, ``demand.parquet``)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, get_args

import pandas as pd

from invopt_xl.errors import FileError, InputError, require
from invopt_xl.plan import columns
from invopt_xl.plan.keys import require_key
from invopt_xl.workbook.atomic import replacing
from invopt_xl.workbook.parts.cells import plain
from invopt_xl.workbook.parts.markup import clean_text
from invopt_xl.workbook.reading import NEEDED, READ, IsWanted, build_frame, header_names
from invopt_xl.workbook.targets import Suffix, check_folder

if TYPE_CHECKING:
    import pyarrow

_DELIMITERS = ",;\t|"
_FORMULA_START = re.compile(r"'*[=+\-@\t\r]")
"""A text a spreadsheet would take for a formula, or one already guarded against that."""
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def read_folder(
    folder: Path, *, needed: Sequence[columns.Table] = NEEDED, last_forecast: IsWanted | None = None
) -> columns.Tables:
    """Return the tables a folder holds; see `read_tables`.

    Raises
    ------
    FileError
        If a file cannot be read, a table is there twice, or there is none.
    InputError
        If a file holds no table, or the plan has no column ``item``.
    """
    files = _files(folder)
    tables = _read_files(files, [table for table in READ if table.stem in files])
    if not tables:
        names = ", ".join(f"{table.stem}.csv" for table in needed)
        raise FileError(f"{folder.resolve().name} holds no table; expected at least {names} (or .parquet)")
    if last_forecast and columns.FORECAST.stem in files and last_forecast(tables):
        tables |= _read_files(files, [columns.FORECAST])
    for table in (columns.PLAN, columns.EXCESS):
        if table.stem in tables:
            require_key(table, tables[table.stem].columns, files[table.stem].name)
    return tables


def _files(folder: Path) -> dict[str, Path]:
    """Return the files of the tables that a refresh reads, by stem."""
    wanted = {table.stem for table in (*READ, columns.FORECAST)}
    files: dict[str, Path] = {}
    try:
        there = sorted(folder.iterdir())
    except OSError as error:
        raise FileError(f"folder {folder} cannot be read: {error.strerror}") from None
    for file in there:
        stem = file.stem.lower()
        if file.suffix.lower() in (".csv", ".parquet") and stem in wanted and file.is_file():
            if stem in files:
                raise FileError(f"{folder.resolve().name} holds {files[stem].name} and {file.name}; keep one of them")
            files[stem] = file
    return files


def _read_files(files: dict[str, Path], wanted: Sequence[columns.Table]) -> columns.Tables:
    tables: columns.Tables = {}
    for table in wanted:
        try:
            tables[table.stem] = read_file(files[table.stem], table)
        except (FileError, InputError):
            # Buffers and forecast of the last refresh only tell what came of it; without them nothing is told.
            if table not in (columns.BUFFERS, columns.FORECAST):
                raise
    return tables


def read_file(file: Path, table: columns.Table) -> pd.DataFrame:
    """Return the table of a Parquet file, or of a CSV file whatever its ending, as raw values.

    Raises
    ------
    FileError
        If the file cannot be read.
    InputError
        If it holds no table.
    """
    try:
        return _read_parquet(file, table) if file.suffix.lower() == ".parquet" else _read_csv(file, table)
    except OSError as error:
        raise FileError(f"{file.name} cannot be read: {error.strerror or error}") from None


def _read_csv(file: Path, table: columns.Table) -> pd.DataFrame:
    from invopt_xl.plan.quality.headers import DELIMITER  # the room it is in takes a moment to load

    text = _decode(file.read_bytes())
    first_line = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first_line.count)
    # Not splitlines: only line ends count as lines, not form feeds or separators inside a text.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str | None]] = []
    lines: list[int] = []
    try:
        header = next(reader, [])
        if not any(header):
            raise InputError(f"{file.name} is empty; expected a header line such as {','.join(table.column_names[:4])}")
        before = reader.line_num
        for record in reader:
            if any(map(str.strip, record)):
                rows.append(_record(record, len(header), f"{file.name} line {before + 1}"))
                lines.append(before + 1)
            before = reader.line_num
    except csv.Error as error:
        raise InputError(f"{file.name} line {reader.line_num} cannot be read: {error}") from None
    names = header_names([_unguard(name) for name in header], table, file.name)
    frame = build_frame(names, list(zip(*rows, strict=True)), lines)
    frame.attrs[DELIMITER] = delimiter
    return frame


def _decode(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel writes as plain "CSV" on a western Windows; its five undefined bytes become replacement signs.
        return content.decode("cp1252", errors="replace")


def _record(record: list[str], width: int, place: str) -> list[str | None]:
    if len(record) > width and any(record[width:]):
        raise InputError(
            f"{place} has {len(record)} values; expected {width}, as in the header (quote texts with commas)"
        )
    values = [_unguard(value) or None for value in record[:width]]
    return values + [None] * (width - len(values))


def _unguard(text: str) -> str:
    return text[1:] if text[:1] == "'" and _GUARDED.match(text) else text


def _guard(text: str) -> str:
    return f"'{text}" if text and _FORMULA_START.match(text) else text


def _read_parquet(file: Path, table: columns.Table) -> pd.DataFrame:
    import pyarrow
    from pyarrow import parquet

    try:
        content = parquet.read_table(file)
        values = [[_parquet_value(value) for value in column.to_pylist()] for column in content.columns]
    except (pyarrow.ArrowException, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise FileError(f"{file.name} is not a Parquet file that can be read: {reason}") from None
    names = header_names(content.column_names, table, file.name)
    records = zip(range(2, content.num_rows + 2), zip(*values, strict=True), strict=False)
    kept = [(line, record) for line, record in records if any(value is not None for value in record)]
    return build_frame(names, list(zip(*(record for _, record in kept), strict=True)), [line for line, _ in kept])


def _parquet_value(value: object) -> object:
    from decimal import Decimal

    if isinstance(value, Decimal):
        return float(value)
    return plain(value) if value != "" else None


def write_folder(folder: Path, tables: columns.Tables, *, suffix: Suffix = "csv") -> None:
    """Write each table as a file named by its stem; a file is replaced whole or not at all.

    CSV files are UTF-8 with a byte-order mark, which Excel needs; dates are ISO. A text a spreadsheet would run
    as a formula (it begins with ``=``, ``+``, ``-``, ``@``, a tab) gets an apostrophe before it, and so does a
    text that already looks so guarded; `read_tables` takes exactly one away, so every text reads back as it was.

    Parameters
    ----------
    folder
        Made if it is not there; the folder it stands in has to be.
    tables
        Frames by stem.
    suffix
        ``"csv"`` or ``"parquet"``.

    Raises
    ------
    InputError
        If a stem is not in the data contract.
    FileError
        If a file cannot be written, or the folder holds a table in the other format.
    """
    require(suffix in get_args(Suffix), "suffix", suffix, "csv or parquet")
    for stem in tables:
        require(stem in columns.BY_STEM, "table", stem, f"one of {', '.join(columns.BY_STEM)}")
    check_folder(folder, tables, suffix)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError(f"folder {folder} cannot be made: {error.strerror}") from None
    for stem, frame in tables.items():
        with replacing(folder / f"{stem}.{suffix}") as stream:
            write_file(stream, frame, columns.BY_STEM[stem], suffix=suffix)


def write_file(stream: IO[bytes], frame: pd.DataFrame, table: columns.Table, *, suffix: str) -> None:
    """Write a table as CSV, or as Parquet where the suffix says so."""
    write = _write_parquet if suffix.lstrip(".") == "parquet" else _write_csv
    write(stream, frame, table)


def _write_csv(stream: IO[bytes], frame: pd.DataFrame, _table: columns.Table) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_guard(clean_text(str(name))) for name in frame.columns])
    writer.writerows(_csv_records(frame))
    text.flush()
    text.detach()


def _csv_records(frame: pd.DataFrame) -> Iterator[Sequence[object]]:
    values = [[_csv_value(plain(value)) for value in frame[name].tolist()] for name in frame.columns]
    return zip(*values, strict=True)


def _csv_value(value: object) -> object:
    if isinstance(value, str):
        return _guard(clean_text(value))
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        at_midnight = value.time() == datetime.min.time()
        return value.date().isoformat() if at_midnight else value.isoformat()
    return value


def _write_parquet(stream: IO[bytes], frame: pd.DataFrame, table: columns.Table) -> None:
    import pyarrow
    from pyarrow import parquet

    arrays = {
        str(name): _arrow_array([plain(value) for value in frame[name].tolist()], str(name), table) for name in frame
    }
    parquet.write_table(pyarrow.table(arrays), stream)


def _arrow_array(values: list[object], name: str, table: columns.Table) -> pyarrow.Array:
    """Return the values as the contract's type where they fit it, as text where they are of many types."""
    import pyarrow

    kinds = {
        "text": pyarrow.string(),
        "number": pyarrow.float64(),
        "flag": pyarrow.int64(),
        "date": pyarrow.timestamp("us"),
    }
    kind = table.column(name).kind if name in table.column_names else None
    if kind == "text":
        values = [None if value is None else _as_text(value) for value in values]
    for type_ in (kinds[kind] if kind else None, None):
        try:
            return pyarrow.array(values, type=type_)
        except (pyarrow.ArrowException, TypeError, ValueError):
            continue
    return pyarrow.array([None if value is None else _as_text(value) for value in values], type=pyarrow.string())


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return str(_csv_value(value))
    return clean_text(str(value))
