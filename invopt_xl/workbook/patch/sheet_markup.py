"""The markup of a new sheet that holds one table, and of the table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from invopt_xl.workbook.parts.book import Book
from invopt_xl.workbook.parts.cell_markup import CellWriter
from invopt_xl.workbook.parts.cells import Area, column_letters
from invopt_xl.workbook.parts.markup import MAIN, quoted
from invopt_xl.workbook.parts.row_heights import height_of
from invopt_xl.workbook.patch.cell_formats import CellLook
from invopt_xl.workbook.sheets.look import DATE

DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

_NARROWEST, _WIDEST = 9, 50
_PAGE = (
    b'<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>'
    b'<pageSetup orientation="landscape" fitToHeight="0"/>'
)
"""As wide as the paper, as long as it takes."""


@dataclass(frozen=True)
class Layout:
    """What the columns of a new sheet are like.

    Parameters
    ----------
    headers
        Of the columns.
    units
        Above them; none at all where no column has one.
    widths
        Of the columns, characters.
    looks
        Of their cells.
    styles
        Numbers of the formats of their cells, and in the end of their units and headers.
    """

    headers: tuple[str, ...]
    units: tuple[str, ...]
    widths: tuple[int, ...]
    looks: tuple[CellLook, ...]
    styles: tuple[str | None, ...] = ()


def laid_out(frame: pd.DataFrame, headers: Sequence[str], units: Sequence[str], looks: Sequence[CellLook]) -> Layout:
    """Return what columns are like: as wide as most texts, longer ones on several lines.

    Parameters
    ----------
    frame
        The rows.
    headers, units
        Of the columns.
    looks
        Of their cells as far as they are known.
    """
    texts = [
        max((len(text) for text in frame.iloc[:, at] if isinstance(text, str)), default=0) for at in range(len(headers))
    ]
    widths = [_width(header, longest) for header, longest in zip(headers, texts, strict=True)]
    known = list(looks) or [CellLook(DATE if _holds_days(frame.iloc[:, at]) else "") for at in range(len(headers))]
    made = [
        replace(look, text=longest > 0, wraps=longest + 2 > width)
        for look, longest, width in zip(known, texts, widths, strict=True)
    ]
    return Layout(tuple(headers), tuple(units), tuple(widths), tuple(made))


def _width(header: str, longest: int) -> int:
    """Return a width in characters that shows the header with its arrow, and most texts."""
    return min(max(len(header) + 4, longest + 2, _NARROWEST), max(_WIDEST, len(header) + 4))


def sheet_markup(book: Book, frame: pd.DataFrame, layout: Layout, area: Area) -> bytes:
    """Return the part of a sheet whose headers stay in sight, and which prints one page wide.

    Parameters
    ----------
    book
        The workbook it is for.
    frame
        The rows.
    layout
        Of their columns.
    area
        Of the table with its header.
    """
    top = area.first_row
    pane = b'<pane ySplit="%d" topLeftCell="A%d" activePane="bottomLeft" state="frozen"/>' % (top, top + 1)
    widths = b"".join(
        b'<col min="%d" max="%d" width="%d" customWidth="1"/>' % (place, place, width)
        for place, width in enumerate(layout.widths, start=1)
    )
    return (
        DECLARATION
        + b'<worksheet xmlns="%s" xmlns:r="%s"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><dimension ref="%s"/>'
        % (MAIN.encode(), LINKS.encode(), str(replace(area, first_row=1)).encode())
        + b'<sheetViews><sheetView workbookViewId="0">%s</sheetView></sheetViews>' % pane
        + b'<sheetFormatPr defaultRowHeight="15"/><cols>%s</cols>' % widths
        + b"<sheetData>%s</sheetData>" % b"".join(_rows(book, frame, layout, top))
        + _PAGE
        + b'<tableParts count="1"><tablePart r:id="rId1"/></tableParts></worksheet>'
    )


def _rows(book: Book, frame: pd.DataFrame, layout: Layout, top: int) -> list[bytes]:
    writer, bold = CellWriter("", date1904=book.date1904), layout.styles[-1]
    made = [_row(1, _texts(writer, layout.units, 1, layout.styles[-2]))] if top > 1 else []
    made.append(_row(top, _texts(writer, layout.headers, top, bold)))
    cells = [
        _column(writer, (column_letters(place + 1), top + 1), frame.iloc[:, place], layout.styles[place])
        for place in range(len(layout.headers))
    ]
    wrapped = [(frame.iloc[:, at], layout.widths[at]) for at, look in enumerate(layout.looks) if look.wraps]
    for place, each in enumerate(zip(*cells, strict=True)):
        texts = ((values.iloc[place], width) for values, width in wrapped)
        height = height_of((text, width) for text, width in texts if isinstance(text, str))
        made.append(_row(top + 1 + place, each, height))
    return made


def _row(number: int, cells: Sequence[bytes], height: float | None = None) -> bytes:
    tall = b"" if height is None else b' ht="%s"' % f"{height:g}".encode()
    return b'<row r="%d"%s>%s</row>' % (number, tall, b"".join(cells))


def _texts(writer: CellWriter, texts: Sequence[str], row: int, style: str | None) -> list[bytes]:
    return [writer.value(f"{column_letters(place)}{row}", style, text) for place, text in enumerate(texts, start=1)]


def _column(writer: CellWriter, start: tuple[str, int], values: pd.Series[Any], style: str | None) -> list[bytes]:
    """Return the cells of a column; days stand as texts where the workbook can have no format for them."""
    shown = values.dt.strftime("%Y-%m-%d") if _holds_days(values) and style is None else values
    return writer.column(*start, [style] * len(values), shown.tolist())


def _holds_days(values: pd.Series[Any]) -> bool:
    return pd.api.types.is_datetime64_any_dtype(values)


def table_markup(identity: int, name: str, headers: Sequence[str], area: Area) -> bytes:
    """Return the part of a table with a filter.

    Parameters
    ----------
    identity
        A number that no other table of the workbook has.
    name
        Of the table.
    headers
        Of its columns.
    area
        It and its header.
    """
    columns = b"".join(
        b'<tableColumn id="%d" name=%s/>' % (place, quoted(re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", header)))
        for place, header in enumerate(headers, start=1)
    )
    where = str(area).encode()
    return (
        DECLARATION
        + b'<table xmlns="%s" id="%d" name=%s displayName=%s ref="%s" totalsRowShown="0">'
        % (MAIN.encode(), identity, quoted(name), quoted(name), where)
        + b'<autoFilter ref="%s"/><tableColumns count="%d">%s</tableColumns>' % (where, len(headers), columns)
        + b'<tableStyleInfo name="TableStyleLight1" showFirstColumn="0" showLastColumn="0" showRowStripes="1" '
        + b'showColumnStripes="0"/></table>'
    )
