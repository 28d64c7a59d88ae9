"""A new sheet at the end of a workbook that holds one new table; only the parts that list sheets change."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

import pandas as pd

from invopt_xl.errors import FileError, InputError
from invopt_xl.workbook.parts.book import Book
from invopt_xl.workbook.parts.cells import MAXIMUM_COLUMN, MAXIMUM_ROW, Area
from invopt_xl.workbook.parts.defined_names import read_names
from invopt_xl.workbook.parts.markup import main, new_parser, parse, quoted, tag_end
from invopt_xl.workbook.patch.cell_formats import CellLook, with_formats
from invopt_xl.workbook.patch.naming import require_table_name, sheet_title, table_headers
from invopt_xl.workbook.patch.sheet_markup import DECLARATION, LINKS, laid_out, sheet_markup, table_markup

_PACKAGE_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"


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
    looks: Sequence[CellLook] = (),
) -> NewSheet:
    """Return the parts of a workbook with a table on a new sheet after all others, which prints one page wide.

    Its headers are bold and stay in sight, with a line of units above them where there are any. Texts stay texts and
    never become formulas; long ones take several lines. A day stands as a text where the workbook has no formats at
    all.

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
    looks
        How the cells of each column look; long texts take several lines whatever it is.

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
    plan = laid_out(frame, headers, units, looks)
    restyled, styles = with_formats(book, [*plan.looks, CellLook(text=True), CellLook(text=True, header=True)])
    to_table = posixpath.relpath(table_part, posixpath.dirname(sheet_part))
    added = {
        sheet_part: sheet_markup(book, frame, replace(plan, styles=tuple(styles)), area),
        _links_of(sheet_part): DECLARATION
        + b'<Relationships xmlns="%s">%s</Relationships>' % (_PACKAGE_LINKS.encode(), _link("rId1", "table", to_table)),
        table_part: table_markup(_free_identity(book), name, headers, area),
    }
    replaced = restyled | _listed(book, sheet_name, sheet_part)
    kinds = {sheet_part: "worksheet", table_part: "table"}
    return NewSheet(replaced | _typed(book, kinds), added, sheet_name)


def _typed(book: Book, kinds: Mapping[str, str]) -> dict[str, bytes]:
    """Return the list of what parts are with more of them."""
    types = _stored(book, "[Content_Types].xml")

    def overrides(prefix: bytes) -> bytes:
        return b"".join(
            b"<%sOverride PartName=%s ContentType=%s/>" % (prefix, quoted(f"/{part}"), quoted(f"{_CONTENT}.{kind}+xml"))
            for part, kind in kinds.items()
        )

    return {types: _with_children(book.package.read(types), types, overrides)}


def _links_of(part: str) -> str:
    return posixpath.join(posixpath.dirname(part), "_rels", f"{posixpath.basename(part)}.rels")


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
        LINKS.encode(),
        quoted(name),
        max(numbers) + 1,
        identity.encode(),
    )
    old = book.package.read(links)
    linked = _with_children(old, links, lambda prefix: _link(identity, "worksheet", target, prefix))
    added = _with_children(
        book.package.read(main_part), main_part, lambda prefix: b"<%ssheet%s" % (prefix, sheet), main("sheets")
    )
    return {links: linked, main_part: added}


def _link(identity: str, kind: str, target: str, prefix: bytes = b"") -> bytes:
    return b'<%sRelationship Id="%s" Type="%s/%s" Target=%s/>' % (
        prefix,
        identity.encode(),
        LINKS.encode(),
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
