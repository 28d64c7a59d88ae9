"""Plan workbooks: every table of the data contract on its sheet, inputs filled, outputs waiting for a refresh.

A refresh writes values into the output tables and grows them downwards, copying the formats of their first row; so
nothing stands below an output table, and its first row carries the formats. Sheets that a refresh does not write to
hold formulas over those tables, and are protected without a password.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd
from xlsxwriter import Workbook

from invopt_xl.errors import FileError
from invopt_xl.plan.columns import Table, Tables
from invopt_xl.workbook.atomic import replacing
from invopt_xl.workbook.parts.row_heights import height_of
from invopt_xl.workbook.patch.recalculation import mark_all
from invopt_xl.workbook.sheets.all_sheets import ABOUT, SHEETS, TABLES_ON, with_needed
from invopt_xl.workbook.sheets.builder import SheetBuilder, write_column
from invopt_xl.workbook.sheets.cover import HOW_TO_USE, write_cover
from invopt_xl.workbook.sheets.layout import HEADER_ROW
from invopt_xl.workbook.sheets.look import COVER_TAB
from invopt_xl.workbook.sheets.printing import fitted
from invopt_xl.workbook.targets import refuse_open

EXCEL_ROWS = 1_048_576
_CREATED = datetime(2018, 1, 1)  # fixed, so that the same inputs make the same file


@dataclass(frozen=True)
class Cover:
    """What the Cover says beyond how to use the workbook.

    Parameters
    ----------
    purpose
        What the workbook is for.
    sources
        Where the data comes from, with its licence; a paragraph each.
    illustrative
        What is not data, and where it comes from; a paragraph each.
    how
        How it is used, a line each.
    macro
        What a button above the checks calls to refresh; there is none unless it is named.
    """

    purpose: str
    sources: Sequence[str] = ()
    illustrative: Sequence[str] = ()
    how: Sequence[str] = HOW_TO_USE
    macro: str = ""


@dataclass(frozen=True, eq=False)
class ReferenceSheet:
    """A sheet to look things up in, after all others.

    Parameters
    ----------
    name
        Of the sheet.
    table
        Name of its table, such as ``tblCleaning``.
    about
        One line that says what it holds.
    frame
        Its rows.
    widths
        Widths of columns in characters, where 13 is not enough.
    """

    name: str
    table: str
    about: str
    frame: pd.DataFrame
    widths: Mapping[str, float]


def build_plan_workbook(
    path: Path,
    tables: Tables,
    *,
    title: str,
    cover: Cover,
    reference: Sequence[ReferenceSheet] = (),
    sheets: Sequence[str] = tuple(SHEETS),
) -> Path:
    """Write a plan workbook with its inputs filled and its outputs blank, and return its path.

    The same inputs give the same bytes. The file appears whole or not at all.

    Parameters
    ----------
    path
        Where to write it; a file there is replaced.
    tables
        Tables by file stem; those not given stay blank, as the outputs of a workbook not yet refreshed do.
    title
        The workbook's name, on its Cover and in its properties.
    cover
        The Cover's words.
    reference
        Sheets to look things up in, such as a cleaning report.
    sheets
        Names of `sheets.all_sheets.SHEETS` between the Cover and those, in their order.

    Raises
    ------
    FileError
        If a table has more rows than a sheet, or the file cannot be written or is open in Excel.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     build_plan_workbook(Path(folder) / "plan.xlsx", {}, title="Plan", cover=Cover("To plan.")).name
    'plan.xlsx'
    """
    with sized_book(tables) as (book, buffer):
        book.set_properties({"title": title, "comments": cover.purpose, "created": _CREATED})
        _build(SheetBuilder(book, tables, title), cover, reference, sheets)
    save_book(path, mark_all(buffer.getvalue()))
    return path


def _build(builder: SheetBuilder, cover: Cover, reference: Sequence[ReferenceSheet], sheets: Sequence[str]) -> None:
    names = with_needed(sheets)
    builder.present = frozenset(table.stem for name in names for table in TABLES_ON.get(name, ()))
    front = builder.sheet("Cover", COVER_TAB)
    for name in names:
        SHEETS[name](builder)
    for each in reference:
        write_reference(builder, each)
    contents = {name: ABOUT.get(name, "") for name in names} | {each.name: each.about for each in reference}
    write_cover(builder, front, cover, contents)
    front.activate()


def write_reference(builder: SheetBuilder, given: ReferenceSheet) -> None:
    """Lay out a sheet to look things up in."""
    sheet = builder.sheet(given.name, COVER_TAB, about=given.about)
    words = builder.look.make(align="left", indent=1, text_wrap=True, valign="top")
    count = builder.look.make(num_format="#,##0", valign="top")
    widths = fitted([given.widths.get(str(name), 13.0) for name in given.frame.columns])
    specs = []
    for position, name in enumerate(map(str, given.frame.columns)):
        numeric = pd.api.types.is_numeric_dtype(given.frame[name])
        write_column(sheet, HEADER_ROW, position, given.frame[name], count if numeric else words)
        builder.widen(sheet, position, widths[position])
        specs.append({"header": name, "header_format": builder.look.header(is_input=False)})
    for row, cells in enumerate(given.frame.itertuples(index=False), start=HEADER_ROW):
        sheet.set_row(row, height_of(zip(map(str, cells), widths, strict=True)))
    sheet.add_table(
        HEADER_ROW - 1,
        0,
        HEADER_ROW - 1 + len(given.frame),
        len(specs) - 1,
        {"name": given.table, "columns": specs, "style": "Table Style Light 1"},
    )
    sheet.set_row(HEADER_ROW - 1, 20)
    builder.table_view(sheet)


def build_table_workbook(path: Path, table: Table, frame: pd.DataFrame) -> None:
    """Write a workbook of one table of results on a sheet of its own.

    Parameters
    ----------
    path
        Where to write it; a file there is replaced.
    table
        The contract of its columns.
    frame
        Its rows.

    Raises
    ------
    FileError
        If the table has more rows than a sheet, or the file cannot be written or is open in Excel.
    """
    with sized_book({table.stem: frame}) as (book, buffer):
        book.set_properties({"title": table.title, "created": _CREATED})
        builder = SheetBuilder(book, {table.stem: frame}, table.title)
        builder.output_sheet(table.title, table, freeze_columns=len(table.key))
    save_book(path, buffer.getvalue())


@contextmanager
def sized_book(tables: Tables) -> Iterator[tuple[Workbook, io.BytesIO]]:
    """Open a new workbook in memory, if its sheets can hold the tables."""
    for stem, frame in tables.items():
        if len(frame) > EXCEL_ROWS - HEADER_ROW:
            raise FileError(
                f"table {stem} has {len(frame)} rows; expected at most {EXCEL_ROWS - HEADER_ROW}, the room of a sheet "
                "(CSV or Parquet files have no such limit)"
            )
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.calc_on_load = False  # a recalculation on opening would call every cell function again
        book.set_size(2400, 1500)
        yield book, buffer


def save_book(path: Path, content: bytes) -> None:
    """Write a workbook to its place, whole or not at all.

    Raises
    ------
    FileError
        If it cannot be written there, or is open in Excel.
    """
    refuse_open(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror or error}") from error
    with replacing(path, before_replace=lambda: refuse_open(path)) as stream:
        stream.write(content)
