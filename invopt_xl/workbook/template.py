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
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.utility import quote_sheetname, xl_range_abs
from xlsxwriter.worksheet import Worksheet

from invopt_xl.errors import FileError, require
from invopt_xl.plan import columns as contract
from invopt_xl.plan.columns import Table, Tables
from invopt_xl.workbook.atomic import replacing
from invopt_xl.workbook.parts.row_heights import height_of
from invopt_xl.workbook.patch.recalculation import mark_all
from invopt_xl.workbook.sheets.all_sheets import ABOUT, SHEETS, TABLES_ON, with_needed
from invopt_xl.workbook.sheets.calculated import placed_columns
from invopt_xl.workbook.sheets.cover import HOW_TO_USE, write_cover
from invopt_xl.workbook.sheets.entry import add_entry_rules
from invopt_xl.workbook.sheets.layout import FIRST_DATA_ROW, HEADER_ROW
from invopt_xl.workbook.sheets.look import COVER_TAB, INPUT_TAB, OUTPUT_TAB, Look, column_width, wraps
from invopt_xl.workbook.sheets.printing import MARGINS, ROOM, fitted, pixels, print_pages
from invopt_xl.workbook.sheets.units import unit_of
from invopt_xl.workbook.targets import refuse_open

EXCEL_ROWS = 1_048_576
_CREATED = datetime(2018, 1, 1)  # fixed, so that the same inputs make the same file

NOT_REFRESHED = ("Master check", "CHECK", "Not refreshed yet: run invopt refresh.")

_TYPED_BY_HAND = {"parameters": {"value"}}
"""Columns of input tables that are for typing, where not all of them are."""


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
        SheetBuilder(book, tables, title).build(cover, reference, sheets)
    save_book(path, mark_all(buffer.getvalue()))
    return path


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
        SheetBuilder(book, {table.stem: frame}, table.title).build_one(table)
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


class SheetBuilder:
    """Lays the sheets out, in the order a planner reads them."""

    def __init__(self, book: Workbook, tables: Tables, title: str) -> None:
        self.book = book
        self.look = Look(book)
        self.tables = tables
        self.title = title
        self.present: frozenset[str] = frozenset(tables)
        self._widths: dict[str, dict[int, float]] = {}
        self._columns_of: dict[str, str] = {}

    def has(self, *tables: Table) -> bool:
        """Return whether the workbook holds all of these tables."""
        return all(table.stem in self.present for table in tables)

    def cells_of(self, table: Table) -> str:
        """Return a reference to all cells of the columns that a table stands in."""
        return self._columns_of[table.stem]

    def build(self, cover: Cover, reference: Sequence[ReferenceSheet], sheets: Sequence[str]) -> None:
        """Lay out a plan workbook."""
        names = with_needed(sheets)
        self.present = frozenset(table.stem for name in names for table in TABLES_ON.get(name, ()))
        front = self.sheet("Cover", COVER_TAB)
        for name in names:
            SHEETS[name](self)
        for each in reference:
            self.reference_sheet(each)
        contents = {name: ABOUT.get(name, "") for name in names} | {each.name: each.about for each in reference}
        write_cover(self, front, cover, contents)
        front.activate()

    def build_one(self, table: Table) -> None:
        """Lay out a sheet for one table of results alone."""
        self.output_sheet(table.title, table, freeze_columns=len(table.key))

    def place(self, sheet: Worksheet, table: Table, column: int = 0, *, is_input: bool = False) -> None:
        """Put a table on a sheet: units in row 3, headers with notes in row 4, its rows or one blank row below."""
        frame = self.tables.get(table.stem, contract.empty(table)).reindex(columns=table.column_names)
        if table is contract.CHECKS and frame.empty:
            frame = pd.DataFrame([NOT_REFRESHED], columns=table.column_names)
        last = HEADER_ROW - 1 + max(len(frame), 1)
        specs: list[dict[str, Any]] = []
        for offset, (spec, formula) in enumerate(placed_columns(table)):
            inked = (is_input and spec.name in _TYPED_BY_HAND.get(table.stem, {spec.name})) or spec.owner == "planner"
            cell = self.look.cell(table.stem, spec, is_input=inked)
            specs.append({"header": spec.name, "header_format": self.look.header(is_input=inked), "format": cell})
            self.widen(sheet, column + offset, column_width(spec, table.stem))
            if formula is None:
                write_column(sheet, HEADER_ROW, column + offset, frame[spec.name], cell)
            else:
                specs[-1]["formula"] = formula
            if unit := unit_of(table.stem, spec):
                sheet.write_string(HEADER_ROW - 2, column + offset, unit, self.look.unit)
            if spec.help:
                sheet.write_comment(HEADER_ROW - 1, column + offset, spec.help, _NOTE)
        require(bool(specs), "columns of the table", table.name, "at least one")
        whole = xl_range_abs(0, column, EXCEL_ROWS - 1, column + len(specs) - 1)
        self._columns_of[table.stem] = f"{quote_sheetname(sheet.get_name())}!{whole}"
        sheet.add_table(
            HEADER_ROW - 1,
            column,
            last,
            column + len(specs) - 1,
            {"name": table.name, "columns": specs, "style": "Table Style Light 1", "banded_rows": not is_input},
        )
        sheet.set_row(HEADER_ROW - 1, 20)
        if not is_input:
            _set_heights(sheet, table, frame)

    def widen(self, sheet: Worksheet, column: int, width: float) -> None:
        """Give a column a width, in characters."""
        sheet.set_column(column, column, width)
        self._widths.setdefault(sheet.get_name(), {})[column] = width

    def sheet(self, name: str, tab: str, *, about: str | None = None, repeated: int = 0) -> Worksheet:
        """Return a new sheet with its name as title, and a line that says what it holds.

        Parameters
        ----------
        name, tab
            Its name and the colour of its tab.
        about
            The line, where it is not that of `all_sheets.ABOUT`.
        repeated
            Columns at the left that stand on each of several pages.
        """
        sheet = self.book.add_worksheet(name)
        sheet.set_tab_color(tab)
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, name, self.look.title)
        sheet.set_row(0, 24)
        if about := about or ABOUT.get(name):
            # Beside the title where that stands on every page, for the line would be cut off there.
            place = (0, repeated) if repeated else (1, 0)
            sheet.write_string(*place, about, self.look.quiet)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(**MARGINS)
        sheet.set_footer(f"&L&8{_footer_text(self.title)}&C&8&A&R&8Page &P of &N", {"scale_with_doc": False})
        return sheet

    def input_sheet(self, name: str, *tables: Table, freeze_columns: int = 0) -> Worksheet:
        """Return a new sheet with tables to type into, side by side."""
        sheet = self.sheet(name, INPUT_TAB, repeated=_repeated(tables, freeze_columns))
        starts = self._place_all(sheet, tables, is_input=True)
        for table, column in zip(tables, starts, strict=True):
            add_entry_rules(sheet, table, column, FIRST_DATA_ROW, max(len(self.tables.get(table.stem, ())), 1))
        self.table_view(sheet, freeze_columns, starts)
        return sheet

    def output_sheet(self, name: str, *tables: Table, about: str | None = None, freeze_columns: int = 0) -> Worksheet:
        """Return a new sheet that holds tables of results, side by side."""
        sheet = self.sheet(name, OUTPUT_TAB, about=about, repeated=_repeated(tables, freeze_columns))
        self.table_view(sheet, freeze_columns, self._place_all(sheet, tables))
        return sheet

    def _place_all(self, sheet: Worksheet, tables: Sequence[Table], *, is_input: bool = False) -> list[int]:
        """Put tables side by side, and return the columns they begin at."""
        starts, column = [], 0
        for table in tables:
            self.place(sheet, table, column, is_input=is_input)
            starts.append(column)
            column += len(placed_columns(table)) + 1
        return starts

    def table_view(self, sheet: Worksheet, freeze_columns: int = 0, starts: Sequence[int] = ()) -> None:
        """Freeze the headers of a sheet of tables, print them on every page, and lay out its pages.

        Parameters
        ----------
        sheet
            The sheet, its columns as wide as they will be.
        freeze_columns
            Columns at the left that stay in sight, and stand on every page.
        starts
            Columns at which its tables begin, where there are several.
        """
        sheet.freeze_panes(HEADER_ROW, freeze_columns)
        sheet.repeat_rows(HEADER_ROW - 2, HEADER_ROW - 1)
        sheet.set_comments_author("invopt_xl")
        self.lay_out_pages(sheet, freeze_columns, starts)

    def lay_out_pages(
        self, sheet: Worksheet, repeated: int = 0, starts: Sequence[int] = (), *, end: int | None = None
    ) -> None:
        """Print a sheet over as many pages side by side as it takes to be read; none holds columns from `end` on."""
        given = self._widths.get(sheet.get_name(), {})
        columns = range(max(given, default=0) + 1 if end is None else end)
        print_pages(sheet, [pixels(given.get(column, _USUAL_WIDTH)) for column in columns], repeated, starts)

    def horizon(self) -> int:
        """Return the periods of the horizon that the parameters ask for."""
        frame = self.tables.get("parameters", contract.empty(contract.PARAMETERS))
        value = dict(zip(frame["name"], frame["value"], strict=True)).get("horizon_periods", 13)
        return int(value) if isinstance(value, int | float) and value > 0 else 13

    def reference_sheet(self, given: ReferenceSheet) -> None:
        """Lay out a sheet to look things up in."""
        sheet = self.sheet(given.name, COVER_TAB, about=given.about)
        words = self.look.make(align="left", indent=1, text_wrap=True, valign="top")
        count = self.look.make(num_format="#,##0", valign="top")
        widths = fitted([given.widths.get(str(name), 13.0) for name in given.frame.columns])
        specs = []
        for position, name in enumerate(map(str, given.frame.columns)):
            numeric = pd.api.types.is_numeric_dtype(given.frame[name])
            write_column(sheet, HEADER_ROW, position, given.frame[name], count if numeric else words)
            self.widen(sheet, position, widths[position])
            specs.append({"header": name, "header_format": self.look.header(is_input=False)})
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
        self.table_view(sheet)


def _repeated(tables: Sequence[Table], freeze_columns: int) -> int:
    """Return the columns at the left that stand on each page, where a table alone on its sheet takes several."""
    widths = [pixels(column_width(column, table.stem)) for table in tables for column, _ in placed_columns(table)]
    return freeze_columns if len(tables) == 1 and sum(widths) > ROOM else 0


_USUAL_WIDTH = 8.43
"""Characters of a column that nobody made wider."""

_NOTE = {"x_scale": 1.6, "y_scale": 0.6, "font_size": 9, "color": "#FFFFE1"}


def _set_heights(sheet: Worksheet, table: Table, frame: pd.DataFrame) -> None:
    """Give rows the height that their sentences take, as a refresh does."""
    wrapped = [column for column in table.columns if wraps(table.stem, column)]
    if not wrapped:
        return
    widths = [column_width(column, table.stem) for column in wrapped]
    texts = zip(*(frame[column.name] for column in wrapped), strict=True)
    for row, cells in enumerate(texts, start=HEADER_ROW):
        words = [cell if isinstance(cell, str) else "" for cell in cells]
        sheet.set_row(row, height_of(zip(words, widths, strict=True)))


def write_column(sheet: Worksheet, first_row: int, column: int, values: pd.Series[Any], cell: Any) -> None:
    """Write a column of values, or one blank cell where there is none, all with the format."""
    if not len(values):
        sheet.write_blank(first_row, column, None, cell)
    for row, value in enumerate(values.tolist(), start=first_row):
        if value is None or value is pd.NaT or value != value:
            sheet.write_blank(row, column, None, cell)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, cell)
        elif isinstance(value, bool | int | float):
            sheet.write_number(row, column, value, cell)
        elif hasattr(value, "year"):
            sheet.write_datetime(row, column, value, cell)
        else:
            sheet.write_string(row, column, str(value), cell)


def _footer_text(title: str) -> str:
    # A digit right behind the font's size would be read as part of it.
    return (" " if title[:1].isdecimal() else "") + title.replace("&", "&&")[:100]


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
