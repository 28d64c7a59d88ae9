"""Names of a workbook: what they stand for, and how those over a whole table follow it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from invopt_xl.workbook.parts.book import ExcelTable
from invopt_xl.workbook.parts.cells import Area
from invopt_xl.workbook.parts.markup import Edit, main, new_parser, parse, splice, tag_end
from invopt_xl.workbook.parts.references import spread

_PRINT_AREA = "_xlnm.print_area"
_SHEET_AREA = re.compile(
    r"(?P<sheet>'(?:[^']|'')+'|[^\W\d][\w.]*)!(?P<start>\$?[A-Z]{1,3}\$?[0-9]{1,7}:\$?[A-Z]{1,3}\$?)(?P<row>[0-9]{1,7})(?![\w.(])"
)


@dataclass(frozen=True, slots=True)
class DefinedName:
    """A name and the formula it stands for.

    Parameters
    ----------
    name
        In small letters.
    sheet
        The sheet that knows it, in small letters; None if all do.
    text
        The formula.
    start, end
        Where the formula stands in the bytes of the workbook's main part.
    """

    name: str
    sheet: str | None
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TableGrowth:
    """A table's sheet, its area without and with header and totals, and the rows that these end in afterwards."""

    sheet: str
    body: Area
    area: Area
    new_body_end: int
    new_end: int

    @classmethod
    def of(cls, table: ExcelTable, area: Area) -> TableGrowth:
        """Return how a table comes to its new area."""
        body = replace(table.area, first_row=table.first_row, last_row=table.last_row)
        return cls(table.sheet, body, table.area, area.last_row - table.totals_rows, area.last_row)

    def new_last_row(self, covered: Area, *, prints: bool) -> int | None:
        """Return the last row that an area over the whole table has to end in; None if it is not over the whole."""
        inside = self.area.first_column <= covered.first_column and covered.last_column <= self.area.last_column
        if inside and covered.first_row in (self.area.first_row, self.body.first_row):
            if covered.last_row == self.area.last_row:
                return self.new_end
            if covered.last_row == self.body.last_row:
                return self.new_body_end
        # What is printed also holds what stands above and beside the table.
        around = covered.first_row <= self.area.first_row and covered.union(self.area) == covered
        return self.new_end if prints and around and covered.last_row == self.area.last_row else None


def read_names(data: bytes, part: str) -> list[DefinedName]:
    """Return the names of a workbook from the XML of its main part."""
    found: list[DefinedName] = []
    sheets: list[str] = []
    opened: list[tuple[dict[str, str], int]] = []
    parser = new_parser(part)

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == main("sheet"):
            sheets.append(attributes["name"].lower())
        elif name == main("definedName"):
            opened.append((attributes, tag_end(data, parser.CurrentByteIndex)))

    def end(name: str) -> None:
        if name == main("definedName"):
            attributes, begin = opened.pop()
            stop = max(begin, parser.CurrentByteIndex)
            place = attributes.get("localSheetId")
            sheet = dict(enumerate(sheets)).get(int(place)) if place else None
            text = html.unescape(data[begin:stop].decode())
            found.append(DefinedName(attributes["name"].lower(), sheet, text, begin, stop))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parse(parser, [data], part)
    return found


def with_names_resized(data: bytes, part: str, growths: Iterable[TableGrowth]) -> bytes:
    """Return the workbook's main part with names and print areas over all rows of a table ending where it ends.

    Parameters
    ----------
    data
        The part's XML.
    part
        Its name, for messages.
    growths
        The tables that are written.
    """
    growths = list(growths)
    edits = []
    for name in read_names(data, part):
        text = resized_text(name.text, growths, prints=name.name == _PRINT_AREA)
        if text != name.text:
            edits.append(Edit(name.start, name.end, escape(text).encode()))
    return splice(data, edits)


def resized_text(text: str, growths: Iterable[TableGrowth], *, prints: bool) -> str:
    """Return a name's formula after tables were resized.

    Examples
    --------
    >>> growth = TableGrowth("Plan", Area.parse("B5:J9"), Area.parse("B4:J9"), 12, 12)
    >>> resized_text("Plan!$D$5:$D$9", [growth], prints=False), resized_text("Plan!$A$1:$K$9", [growth], prints=True)
    ('Plan!$D$5:$D$12', 'Plan!$A$1:$K$12')
    """

    def resized(match: re.Match[str]) -> str:
        sheet = match["sheet"].strip("'").replace("''", "'").lower()
        covered = spread(match["start"] + match["row"], Area(1, 1, 1, 1))
        for growth in growths:
            if covered is not None and growth.sheet.lower() == sheet:
                row = growth.new_last_row(covered, prints=prints)
                if row is not None:
                    return f"{match['sheet']}!{match['start']}{row}"
        return match[0]

    return _SHEET_AREA.sub(resized, text)
