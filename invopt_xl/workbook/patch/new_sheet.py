"""A new sheet at the end of a workbook that holds one new table; only the parts that list sheets change."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pandas as pd

from invopt_xl.errors import FileError, InputError
from invopt_xl.workbook.parts.book import Book
from invopt_xl.workbook.parts.cell_markup import CellWriter
from invopt_xl.workbook.parts.cells import MAXIMUM_COLUMN, MAXIMUM_ROW, Area, column_letters
from invopt_xl.workbook.parts.defined_names import read_names
from invopt_xl.workbook.parts.markup import MAIN, main, new_parser, parse, quoted, tag_end
from invopt_xl.workbook.patch.naming import require_table_name, sheet_title, table_headers
from invopt_xl.workbook.patch.number_formats import with_formats

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_NARROWEST, _WIDEST = 9, 60
_PAGE = (
    b'<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>'
    b'<pageSetup orientation="landscape" fitToHeight="0"/>'
)
"""As wide as the paper, as long as it takes."""


@dataclass(frozen=True, eq=False)
class NewSheet:
    """Parts of a workbook that gets one more sheet.

    Parameters
    ----------
    replaced
        New bytes of the parts that list sheets.
    added
        Bytes of the parts of the sheet and its table.
    name
        Of the sheet.
    """

    replaced: dict[str, bytes]
    added: dict[str, bytes]
    name: str


def new_sheet(
    book: Book,
    name: str,
    title: str,
    frame: pd.DataFrame,
    *,
    units: Sequence[str] = (),
    formats: Sequence[int | None] = (),
) -> NewSheet:
    """Return the parts of a workbook with a table on a new sheet after all others, which prints one page wide.

    Its headers stay in sight, with a line of units above them where there are any. Texts stay texts and never become
    formulas. A day takes a format the workbook has, and stands as a text where it has none.

    Parameters
    ----------
    book
        The workbook.
    name
        Of the table, such as ``tblFirstLook``.
    title
        Of the sheet; shortened, and numbered where another has it.
    frame
        Its rows.
    units
        Of each column, blank where it has none.
    formats
        The number of the built-in number format of each column, None for none.

    Raises
    ------
    InputError
        If the name cannot be that of a table, or two columns have one name.
    FileError
        If a sheet does not hold so many rows or columns.
    """
    headers = table_headers(frame)
    _require_new_name(book, name)
    if len(frame) >= MAXIMUM_ROW or len(headers) > MAXIMUM_COLUMN:
        raise FileError(f"{name} has {len(frame):,} rows and {len(headers):,} columns; a sheet holds fewer")
    folder = posixpath.dirname(book.part)
    sheet_part = _free(book, posixpath.join(folder, "worksheets/sheet{}.xml"))
    table_part = _free(book, posixpath.join(folder, "tables/table{}.xml"))
    sheet_name = sheet_title(title, _sheet_names(book))
    first = 2 if any(units) else 1
    area = Area(first, 1, max(len(frame), 1) + first, len(headers))
    restyled, styles = with_formats(book, formats or [None] * len(headers))
    links = posixpath.join(posixpath.dirname(sheet_part), "_rels", f"{posixpath.basename(sheet_part)}.rels")
    to_table = posixpath.relpath(table_part, posixpath.dirname(sheet_part))
    added = {
        sheet_part: _sheet(book, frame, _Look(headers, list(units), styles), area),
        links: _DECLARATION
        + b'<Relationships xmlns="%s">%s</Relationships>' % (_PACKAGE_LINKS.encode(), _link("rId1", "table", to_table)),
        table_part: _table(_free_identity(book), name, headers, area),
    }
    replaced = restyled | _listed(book, sheet_name, sheet_part)
    types = _stored(book, "[Content_Types].xml")
    overrides = {sheet_part: f"{_CONTENT}.worksheet+xml", table_part: f"{_CONTENT}.table+xml"}
    replaced[types] = _with_children(
        book.package.read(types),
        types,
        lambda prefix: b"".join(
            b"<%sOverride PartName=%s ContentType=%s/>" % (prefix, quoted(f"/{part}"), quoted(kind))
            for part, kind in overrides.items()
        ),
    )
    return NewSheet(replaced, added, sheet_name)


def _require_new_name(book: Book, name: str) -> None:
    require_table_name(name)
    taken = {table.name.lower() for table in book.tables}
    taken |= {each.name.lower() for each in read_names(book.package.read(book.part), book.part)}
    if name.lower() in taken:
        raise InputError(f"{book.package.path.name} holds the name {name} already; expected a new one")


def _free(book: Book, pattern: str) -> str:
    return next(part for part in map(pattern.format, count(1)) if book.package.find(part) is None)


def _sheet_names(book: Book) -> list[str]:
    """Return the names of all sheets, those of charts among them."""
    names: list[str] = []
    book.each_element(
        book.part, lambda name, attributes: names.append(attributes["name"]) if name == main("sheet") else None
    )
    return names


def _free_identity(book: Book) -> int:
    """Return a number that no table of the workbook has."""
    taken: list[int] = [0]
    for table in book.tables:
        book.each_element(
            table.part,
            lambda name, attributes: taken.append(int(attributes["id"])) if name == main("table") else None,
        )
    return max(taken) + 1


@dataclass(frozen=True)
class _Look:
    """Headers, units above them (none at all where no column has one), and styles of the columns."""

    headers: Sequence[str]
    units: Sequence[str]
    styles: Sequence[str | None]


def _sheet(book: Book, frame: pd.DataFrame, look: _Look, area: Area) -> bytes:
    writer, headers, top = CellWriter("", date1904=book.date1904), look.headers, area.first_row
    day = min(book.date_styles, key=int, default=None)
    rows = [b'<row r="1">%s</row>' % b"".join(_texts(writer, look.units, 1))] if top > 1 else []
    rows.append(b'<row r="%d">%s</row>' % (top, b"".join(_texts(writer, headers, top))))
    cells = [
        _column(writer, (column_letters(place), top + 1), frame.iloc[:, place - 1], day, look.styles[place - 1])
        for place in range(1, len(headers) + 1)
    ]
    rows += [
        b'<row r="%d">%s</row>' % (row, b"".join(each)) for row, each in enumerate(zip(*cells, strict=True), top + 1)
    ]
    widths = b"".join(
        b'<col min="%d" max="%d" width="%d" customWidth="1"/>'
        % (place, place, _width(header, frame.iloc[:, place - 1]))
        for place, header in enumerate(headers, start=1)
    )
    return (
        _DECLARATION
        + b'<worksheet xmlns="%s" xmlns:r="%s"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><dimension ref="%s"/>'
        % (MAIN.encode(), _LINKS.encode(), str(replace(area, first_row=1)).encode())
        + b'<sheetViews><sheetView workbookViewId="0"><pane ySplit="%d" topLeftCell="A%d" activePane="bottomLeft" '
        % (top, top + 1)
        + b'state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
        + b"<cols>%s</cols><sheetData>%s</sheetData>" % (widths, b"".join(rows))
        + _PAGE
        + b'<tableParts count="1"><tablePart r:id="rId1"/></tableParts></worksheet>'
    )


def _texts(writer: CellWriter, texts: Sequence[str], row: int) -> list[bytes]:
    return [writer.value(f"{column_letters(place)}{row}", None, text) for place, text in enumerate(texts, start=1)]


def _column(
    writer: CellWriter, start: tuple[str, int], values: pd.Series[Any], day: str | None, style: str | None
) -> list[bytes]:
    if pd.api.types.is_datetime64_any_dtype(values):
        shown = values if day is not None else values.dt.strftime("%Y-%m-%d")
        return writer.column(*start, [day] * len(values), shown.tolist())
    return writer.column(*start, [style] * len(values), values.tolist())


def _width(header: str, values: pd.Series[Any]) -> int:
    """Return a width in characters that shows the header with its arrow, and most texts."""
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    return min(max(len(header) + 4, longest + 1, _NARROWEST), _WIDEST)


def _table(identity: int, name: str, headers: Sequence[str], area: Area) -> bytes:
    columns = b"".join(
        b'<tableColumn id="%d" name=%s/>' % (place, quoted(re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", header)))
        for place, header in enumerate(headers, start=1)
    )
    where = str(area).encode()
    return (
        _DECLARATION
        + b'<table xmlns="%s" id="%d" name=%s displayName=%s ref="%s" totalsRowShown="0">'
        % (MAIN.encode(), identity, quoted(name), quoted(name), where)
        + b'<autoFilter ref="%s"/><tableColumns count="%d">%s</tableColumns>' % (where, len(headers), columns)
        + b'<tableStyleInfo name="TableStyleLight1" showFirstColumn="0" showLastColumn="0" showRowStripes="1" '
        + b'showColumnStripes="0"/></table>'
    )


def _listed(book: Book, name: str, part: str) -> dict[str, bytes]:
    """Return the workbook's main part and its links with one more sheet."""
    folder, main_name = posixpath.split(book.part)
    links = _stored(book, posixpath.join(folder, "_rels", f"{main_name}.rels"))
    # Links to outside count too, which `Book.relationships` leaves out.
    taken: set[str] = set()
    book.each_element(links, lambda _, attributes: taken.add(attributes.get("Id", "")))
    identity = next(each for each in map("rId{}".format, count(1)) if each not in taken)
    numbers: list[int] = [0]
    book.each_element(
        book.part,
        lambda element, attributes: numbers.append(int(attributes["sheetId"])) if element == main("sheet") else None,
    )
    target = posixpath.relpath(part, folder or ".")
    main_part = _stored(book, book.part)
    sheet = b' xmlns:r="%s" name=%s sheetId="%d" r:id="%s"/>' % (
        _LINKS.encode(),
        quoted(name),
        max(numbers) + 1,
        identity.encode(),
    )
    return {
        links: _with_children(
            book.package.read(links), links, lambda prefix: _link(identity, "worksheet", target, prefix)
        ),
        main_part: _with_children(
            book.package.read(main_part), main_part, lambda prefix: b"<%ssheet%s" % (prefix, sheet), main("sheets")
        ),
    }


def _link(identity: str, kind: str, target: str, prefix: bytes = b"") -> bytes:
    return b'<%sRelationship Id="%s" Type="%s/%s" Target=%s/>' % (
        prefix,
        identity.encode(),
        _LINKS.encode(),
        kind.encode(),
        quoted(target),
    )


def _with_children(data: bytes, part: str, children: Callable[[bytes], bytes], parent: str | None = None) -> bytes:
    """Return a part with more children at the end of an element, of the root unless another is named.

    Parameters
    ----------
    data
        The part's XML.
    part
        Its name, for messages.
    children
        What is added, from the prefix of its parent's name.
    parent
        Expanded name of the element.
    """
    places: list[int] = []
    prefixes: list[bytes] = []
    depth = [0]
    parser = new_parser(part)

    def start(name: str, _attributes: dict[str, str]) -> None:
        depth[0] += 1
        if (name == parent) if parent else (depth[0] == 1):
            index = parser.CurrentByteIndex
            tag = data[index : tag_end(data, index)]
            if tag.endswith(b"/>"):
                raise FileError(f"the workbook is damaged: its part {part} lists nothing")
            found = re.match(rb"<([^\s/>:]+:)?", tag)
            prefixes.append((found[1] if found else None) or b"")

    def end(name: str) -> None:
        if (name == parent) if parent else (depth[0] == 1):
            places.append(parser.CurrentByteIndex)
        depth[0] -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parse(parser, [data], part)
    if len(places) != 1:
        raise FileError(f"the workbook is damaged: its part {part} does not list its sheets once")
    return data[: places[0]] + children(prefixes[0]) + data[places[0] :]


def _stored(book: Book, part: str) -> str:
    name = book.package.find(part)
    if name is None:
        raise FileError(f"{book.package.path.name} is damaged: its part {part} is missing")
    return name
