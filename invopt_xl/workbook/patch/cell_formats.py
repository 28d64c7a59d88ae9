"""Cell formats that a new table adds to a workbook: numbers, shares and days look as on the sheets of a plan."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from invopt_xl.plan.columns import BY_STEM, Column, Table
from invopt_xl.workbook.parts.book import Book
from invopt_xl.workbook.parts.markup import main, quoted
from invopt_xl.workbook.sheets.look import DATE, INPUT_FILL, INPUT_FONT, UNITS, number_format
from invopt_xl.workbook.sheets.units import unit_of

WHOLE = "#,##0"

_BUILT_IN = {"": 0, "0": 1, "0.00": 2, "#,##0": 3, "#,##0.00": 4, "0%": 9, "0.00%": 10}
"""Formats that every workbook has, by their codes (ECMA-376, 18.8.30)."""

_FIRST_OWN = 164
"""The number from which a workbook's own formats begin."""

SIZE = 10
"""Points of the letters of a table."""

_PREFIX = rb"(?:[\w.-]+:)?"


@dataclass(frozen=True, order=True)
class CellLook:
    """How a cell of a new table looks.

    Parameters
    ----------
    code
        Of the number format; blank is none.
    text
        Whether it holds words, which stand a little right of the edge.
    wraps
        Whether a long text takes several lines.
    header
        Whether it is a header, in bold.
    typed
        Whether it is for typing: blue on pale yellow, as inputs are.
    """

    code: str = ""
    text: bool = False
    wraps: bool = False
    header: bool = False
    typed: bool = False


def units_of(table: Table, frame: pd.DataFrame) -> list[str]:
    """Return the unit of each column of a frame, as a refreshed sheet has it above its headers."""
    known = {column.name: column for column in table.columns}
    return [unit_of(table.stem, known[name]) if name in known else "" for name in map(str, frame)]


def looks_of(table: Table, frame: pd.DataFrame) -> list[CellLook]:
    """Return how the cells of each column of a frame look; those of the planner's are for typing."""
    known = {column.name: column for column in table.columns}
    made: list[CellLook] = []
    for place, unit in enumerate(units_of(table, frame)):
        values, column = frame.iloc[:, place], known.get(str(frame.columns[place]))
        typed = column is not None and column.owner == "planner"
        made.append(CellLook(_code(table, column, values, unit), typed=typed))
    return made


def _code(table: Table, column: Column | None, values: pd.Series[Any], unit: str) -> str:
    """Return the number format of a column; of a table without a sheet in a plan, numbers that are whole show so."""
    if column is None:
        return DATE if pd.api.types.is_datetime64_any_dtype(values) else ""
    code = number_format(table.stem, column)
    if column.kind == "text":
        return ""
    if table.stem in BY_STEM or code != UNITS:
        return code
    numbers = pd.to_numeric(values, errors="coerce").dropna()
    return WHOLE if unit.startswith("money") or (numbers % 1 == 0).all() else UNITS


def with_formats(book: Book, looks: Sequence[CellLook]) -> tuple[dict[str, bytes], list[str | None]]:
    """Return the part of styles with a cell format for each look, and the style of each; none where there can be none.

    Parameters
    ----------
    book
        The workbook.
    looks
        How cells are to look.
    """
    part = book.styles_part
    wanted = sorted(set(looks))
    if part is None or not wanted:
        return {}, [None] * len(looks)
    data, numbers = _with_codes(book, part, {look.code for look in wanted})
    data, fonts = _with_fonts(data)
    fill = f'<fill><patternFill patternType="solid"><fgColor rgb="FF{INPUT_FILL[1:]}"/></patternFill></fill>'.encode()
    data, fills = _with_elements(data, b"fills", b"fill", [fill])
    made = [_format(look, numbers[look.code], fonts, fills) for look in wanted]
    data, first = _with_elements(data, b"cellXfs", b"xf", made)
    if first is None:
        return {}, [None] * len(looks)
    styles = {look: str(first + place) for place, look in enumerate(wanted)}
    return {part: data}, [styles.get(look) for look in looks]


def _format(look: CellLook, number: int, fonts: int | None, fills: int | None) -> bytes:
    font = 0 if fonts is None else fonts + (1 if look.header else 2 if look.typed else 0)
    fill = fills if look.typed and fills is not None else 0
    side = b' horizontal="left" indent="1"' if look.text else b""
    return (
        b'<xf numFmtId="%d" fontId="%d" fillId="%d" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" '
        b'applyFill="1" applyAlignment="1"><alignment vertical="center"%s%s/></xf>'
    ) % (number, font, fill, side, b' wrapText="1"' if look.wraps else b"")


def _with_codes(book: Book, part: str, codes: Collection[str]) -> tuple[bytes, dict[str, int]]:
    """Return styles that hold some number formats, and the number of each by its code."""
    there: dict[str, int] = {}

    def note(name: str, attributes: dict[str, str]) -> None:
        if name == main("numFmt") and attributes.get("numFmtId", "").isdecimal():
            there.setdefault(attributes.get("formatCode", ""), int(attributes["numFmtId"]))

    book.each_element(part, note)
    data = book.package.read(part)
    new = sorted(set(codes) - _BUILT_IN.keys() - there.keys())
    first = max([_FIRST_OWN - 1, *there.values()]) + 1
    added = {code: first + place for place, code in enumerate(new)}
    made = [b'<numFmt numFmtId="%d" formatCode=%s/>' % (number, quoted(code)) for code, number in added.items()]
    if made:
        data = _with_elements(_with_list_of_codes(data), b"numFmts", b"numFmt", made)[0]
    return data, there | _BUILT_IN | added


def _with_list_of_codes(data: bytes) -> bytes:
    """Return styles with a list of number formats, the first element that they may have."""
    if _block(data, b"numFmts") is not None:
        return data
    bare = re.sub(rb"<" + _PREFIX + rb"numFmts\b[^>]*/>", b"", data)
    return re.sub(
        rb"(<(" + _PREFIX + rb")styleSheet\b[^>]*>)", rb'\g<1><\g<2>numFmts count="0"></\g<2>numFmts>', bare, count=1
    )


def _with_fonts(data: bytes) -> tuple[bytes, int | None]:
    """Return styles with the workbook's usual font as small as tables have it, in bold, and in the colour of inputs.

    Heights of rows whose text wraps are reckoned for that size.
    """
    block = _block(data, b"fonts")
    found = re.search(rb"<(" + _PREFIX + rb")font\b[^>]*?(?:/>|>(.*?)</\1font>)", block[0] if block else b"", re.DOTALL)
    if found is None:
        return data, None
    prefix, usual = found[1], re.sub(rb"<" + _PREFIX + rb"(?:b|sz|color)\b[^>]*/>", b"", found[2] or b"")
    contents = []
    for bold, colour in (
        (False, b""),
        (True, b""),
        (False, b'<%scolor rgb="FF%s"/>' % (prefix, INPUT_FONT[1:].encode())),
    ):
        # The schema wants what is bold first, and size and colour before the name.
        sized = b'<%ssz val="%d"/>%s' % (prefix, SIZE, colour)
        content = re.sub(rb"(?=<" + _PREFIX + rb"name\b)|$", sized, usual, count=1)
        contents.append((b"<%sb/>" % prefix if bold else b"") + content)
    fonts = [b"<%sfont>%s</%sfont>" % (prefix, content, prefix) for content in contents]
    return _with_elements(data, b"fonts", b"font", fonts, prefixed=True)


def _with_elements(
    data: bytes, parent: bytes, child: bytes, added: Sequence[bytes], *, prefixed: bool = False
) -> tuple[bytes, int | None]:
    """Return styles with more elements at the end of a list, and the number of the first; None where there is no list.

    Parameters
    ----------
    data
        The part of styles.
    parent, child
        Names of the list and of its elements.
    added
        The elements, of which start and end tags get the prefix of the list.
    prefixed
        Whether they have it already.
    """
    found = _block(data, parent)
    if found is None:
        return data, None
    prefix, block = found[1], found[0]
    first = len(re.findall(rb"<" + _PREFIX + child + rb"(?=[\s/>])", block))
    new = b"".join(added)
    if not prefixed:
        new = re.sub(rb"<(/?)(?=\w)", rb"<\g<1>" + prefix, new)
    end = b"</%s%s>" % (prefix, parent)
    block = re.sub(rb'(\bcount=)(["\'])\d+\2', rb"\g<1>\g<2>%d\g<2>" % (first + len(added)), block, count=1)
    block = block.removesuffix(end) + new + end
    return data[: found.start()] + block + data[found.end() :], first


def _block(data: bytes, name: bytes) -> re.Match[bytes] | None:
    return re.search(rb"<(" + _PREFIX + rb")" + name + rb"\b[^>]*(?<!/)>.*?</\1" + name + rb">", data, re.DOTALL)
