"""Parts of sheets that are read at a glance: tiles, panels with headings, lists, and formulas without old values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from invopt_xl.workbook.sheets import look as colours
from invopt_xl.workbook.sheets.look import Look

ROW_POINTS, ROW_PIXELS = 15, 20
"""Height of a row of a sheet of panels."""

TILE_FILL = "#F3F6FA"
RULE = "#C9D3DF"


class Span(NamedTuple):
    """Cells of a row side by side, by row and columns counted from 0; the last column included."""

    row: int
    first: int
    last: int


class Tile(NamedTuple):
    """A figure that is read at a glance.

    Parameters
    ----------
    label
        What it is: words, or a formula of them.
    value
        Formula of the figure.
    number_format
        Of the figure.
    comparisons
        Formulas of two lines that say what to compare it with.
    """

    label: str
    value: str
    number_format: str
    comparisons: tuple[str, str]


def put(sheet: Worksheet, row: int, column: int, content: str | float, style: Format) -> None:
    """Write a word, a number, or a formula that no program has calculated yet."""
    if isinstance(content, str) and content.startswith("="):
        sheet.write_formula(row, column, content, style, "")
    elif isinstance(content, str):
        sheet.write_string(row, column, content, style)
    else:
        sheet.write_number(row, column, content, style)


def put_across(sheet: Worksheet, span: Span, content: str | float, style: Format, rows: int = 1) -> None:
    """Write over several cells merged into one."""
    if span.first < span.last or rows > 1:
        sheet.merge_range(span.row, span.first, span.row + rows - 1, span.last, "", style)
    put(sheet, span.row, span.first, content, style)


def write_heading(sheet: Worksheet, look: Look, span: Span, words: str) -> None:
    """Write the name of a panel with a line below it, over all its columns."""
    style = look.make(
        bold=True, font_size=12, font_color=colours.HEADER_FILL, bottom=2, bottom_color=colours.HEADER_FILL
    )
    for column in range(span.first, span.last + 1):
        sheet.write_blank(span.row, column, None, style)
    put(sheet, span.row, span.first, words, style)


def write_tile(sheet: Worksheet, look: Look, span: Span, tile: Tile) -> None:
    """Write a tile of four rows: label, figure, and two lines of comparison."""
    ground = {"bg_color": TILE_FILL, "indent": 1, "left": 5, "left_color": colours.HEADER_FILL}
    quiet = look.make(font_color=colours.QUIET, **ground)
    put_across(sheet, span, tile.label, look.make(bold=True, font_color=colours.HEADER_FILL, **ground))
    figure = look.make(
        bold=True, font_size=22, align="left", valign="vcenter", num_format=tile.number_format, shrink=True, **ground
    )
    put_across(sheet, span._replace(row=span.row + 1), tile.value, figure)
    for offset, words in enumerate(tile.comparisons, start=2):
        put_across(sheet, span._replace(row=span.row + offset), words, quiet)


_CENTRE = 2
_SIDES = {1: "left", _CENTRE: "center", 3: "right"}


class ListColumn(NamedTuple):
    """A column of a list: its header, its width in columns of the sheet, how it is shown, and its rows."""

    header: str
    width: int
    style: Format
    contents: Sequence[str | float]


def write_list(sheet: Worksheet, look: Look, row: int, first: int, columns: Sequence[ListColumn]) -> None:
    """Write a list with its headers; numbers stand at the right of their columns, and so do their headers."""
    at = first
    for column in columns:
        header = look.make(
            bold=True,
            font_color=colours.QUIET,
            bottom=1,
            bottom_color=RULE,
            align=_SIDES[column.style.text_h_align],
            indent=int(_SIDES[column.style.text_h_align] == "left"),
        )
        last = at + column.width - 1
        put_across(sheet, Span(row, at, last), column.header, header)
        for offset, content in enumerate(column.contents, start=1):
            put_across(sheet, Span(row + offset, at, last), content, column.style)
        at += column.width


def cell_style(look: Look, number_format: str | None = None, **properties: object) -> Format:
    """Return the format of a cell in a list: words at the left, numbers at the right."""
    # Numbers have no indent: LibreOffice gives one to some cells of a column, and not to others.
    shown = {"num_format": number_format, "align": "right"} if number_format else {"align": "left", "indent": 1}
    return look.make(**{"bottom": 1, "bottom_color": "#E6EBF1", **shown, **properties})


def input_style(look: Look, **properties: object) -> Format:
    """Return the format of a cell to type into on a protected sheet."""
    return look.make(
        **{
            "font_color": colours.INPUT_FONT,
            "bg_color": colours.INPUT_FILL,
            "border": 1,
            "border_color": "#E6DCA8",
            "locked": False,
            "indent": 1,
            "align": "left",
            **properties,
        }
    )


def code_style(look: Look) -> Format:
    """Return the format of a cell to choose a name or a code in: as text, for Excel would else make 12 of 0012."""
    return input_style(look, num_format="@")


def even_rows(sheet: Worksheet, rows: int) -> None:
    """Give rows the same height in every program: not all would take that of the fonts they have."""
    for row in range(rows):
        sheet.set_row(row, ROW_POINTS)


def guard(sheet: Worksheet) -> None:
    """Protect formulas against a slip of the hand, without a password; columns may be made wider."""
    sheet.protect("", {"objects": True, "scenarios": True, "format_columns": True, "format_rows": True})
