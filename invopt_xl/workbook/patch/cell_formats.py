"""Cell formats that a new table adds to a workbook: of the built-in number formats, so that nothing else is needed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from invopt_xl.plan.columns import Table
from invopt_xl.workbook.parts.book import Book
from invopt_xl.workbook.parts.markup import main
from invopt_xl.workbook.sheets.units import unit_of

WHOLE, EXACT, SHARE = 3, 4, 10
"""Numbers of built-in formats: ``#,##0``, ``#,##0.00`` and ``0.00%`` (ECMA-376, 18.8.30)."""


def units_of(table: Table, frame: pd.DataFrame) -> list[str]:
    """Return the unit of each column of a frame, as a refreshed sheet has it above its headers."""
    known = {column.name: column for column in table.columns}
    return [unit_of(table.stem, known[name]) if name in known else "" for name in map(str, frame)]


def formats_of(table: Table, frame: pd.DataFrame) -> list[int | None]:
    """Return the number of the built-in format of each column of a frame; None for texts and days."""
    made: list[int | None] = []
    for place, unit in enumerate(units_of(table, frame)):
        values = frame.iloc[:, place]
        if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            made.append(None)
        elif unit == "%":
            made.append(SHARE)
        else:
            whole = bool((values.dropna() % 1 == 0).all()) or unit in ("money", "money a year")
            made.append(WHOLE if whole else EXACT)
    return made


def with_formats(book: Book, wanted: Sequence[int | None]) -> tuple[dict[str, bytes], list[str | None]]:
    """Return the part of styles with a cell format for each number format, and the style of each; none without it.

    Parameters
    ----------
    book
        The workbook.
    wanted
        Numbers of built-in formats.
    """
    part = book.styles_part
    kinds = sorted({number for number in wanted if number is not None})
    if part is None or not kinds:
        return {}, [None] * len(wanted)
    data = book.package.read(part)
    found = re.search(rb"<((?:[\w.-]+:)?)cellXfs\b([^>]*)>.*?</\1cellXfs>", data, re.DOTALL)
    if found is None:
        return {}, [None] * len(wanted)
    prefix, block = found[1], found[0]
    first = _cell_formats(book, part)
    added = b"".join(
        b'<%sxf numFmtId="%d" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' % (prefix, number)
        for number in kinds
    )
    end = b"</%scellXfs>" % prefix
    block = re.sub(rb'(\bcount=)(["\'])\d+\2', rb"\g<1>\g<2>%d\g<2>" % (first + len(kinds)), block, count=1)
    block = block.removesuffix(end) + added + end
    styles = {number: str(first + place) for place, number in enumerate(kinds)}
    changed = data[: found.start()] + block + data[found.end() :]
    return {part: changed}, [None if number is None else styles[number] for number in wanted]


def _cell_formats(book: Book, part: str) -> int:
    """Return how many formats of cells a workbook has."""
    inside, count = [False], [0]

    def start(name: str, _attributes: dict[str, str]) -> None:
        if name in (main("cellXfs"), main("cellStyles"), main("dxfs")):
            inside[0] = name == main("cellXfs")
        elif name == main("xf") and inside[0]:
            count[0] += 1

    book.each_element(part, start)
    return count[0]
