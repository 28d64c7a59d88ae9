"""Lays out the sheets of a workbook: tables of inputs and of results, and how their pages print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from invopt_xl.errors import require
from invopt_xl.plan import columns as contract
from invopt_xl.plan.columns import Table, Tables
from invopt_xl.workbook.parts.row_heights import height_of
from invopt_xl.workbook.sheets.all_sheets import ABOUT
from invopt_xl.workbook.sheets.calculated import placed_columns
from invopt_xl.workbook.sheets.entry import add_entry_rules
from invopt_xl.workbook.sheets.layout import FIRST_DATA_ROW, HEADER_ROW
from invopt_xl.workbook.sheets.look import INPUT_TAB, OUTPUT_TAB, Look, column_width, wraps
from invopt_xl.workbook.sheets.printing import MARGINS, ROOM, pixels, print_pages
from invopt_xl.workbook.sheets.units import unit_of

NOT_REFRESHED = ("Master check", "CHECK", "Not refreshed yet: run invopt refresh.")

_TYPED_BY_HAND = {"parameters": {"value"}}
"""Columns of input tables that are for typing, where not all of them are."""

_USUAL_WIDTH = 8.43
"""Characters of a column that nobody made wider."""

_NOTE = {"x_scale": 1.6, "y_scale": 0.6, "font_size": 9, "color": "#FFFFE1"}


class SheetBuilder:
    """Lays the sheets out, in the order a planner reads them."""

    def __init__(self, book: Workbook, tables: Tables, title: str) -> None:
        self.book = book
        self.look = Look(book)
        self.tables = tables
        self.title = title
        self.present: frozenset[str] = frozenset(tables)
        self._widths: dict[str, dict[int, float]] = {}

    def has(self, *tables: Table) -> bool:
        """Return whether the workbook holds all of these tables."""
        return all(table.stem in self.present for table in tables)

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


def _repeated(tables: Sequence[Table], freeze_columns: int) -> int:
    """Return the columns at the left that stand on each page, where a table alone on its sheet takes several."""
    widths = [pixels(column_width(column, table.stem)) for table in tables for column, _ in placed_columns(table)]
    return freeze_columns if len(tables) == 1 and sum(widths) > ROOM else 0


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
