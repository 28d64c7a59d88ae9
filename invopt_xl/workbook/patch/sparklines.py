"""Sparklines in a column of a table: one in each row, whatever the number of rows."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from invopt_xl.workbook.parts.cells import Area
from invopt_xl.workbook.parts.markup import Edit
from invopt_xl.workbook.parts.references import mentions
from invopt_xl.workbook.patch.ranges import Resize

_GROUP = re.compile(rb"<((?:[\w.-]+:)?)sparklineGroup[\s>].*?</\1sparklineGroup\s*>", re.DOTALL)
_SPARKLINE = re.compile(
    rb"<(?P<prefix>(?:[\w.-]+:)?)sparkline\s*>\s*<(?P<f>(?:[\w.-]+:)?f)\s*>(?P<data>[^<]*)</(?P=f)\s*>\s*"
    rb"<(?P<sqref>(?:[\w.-]+:)?sqref)\s*>(?P<place>[^<]*)</(?P=sqref)\s*>\s*</(?P=prefix)sparkline\s*>"
)
_ROW = re.compile(rb"(?<=[A-Za-z$])[0-9]+")


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small chart in a cell.

    Parameters
    ----------
    start, end
        Where it stands in the sheet's bytes.
    place
        The cell.
    data
        The range it draws, as it is written.
    """

    start: int
    end: int
    place: Area
    data: str

    def draws_its_row(self, sheet: str) -> bool:
        """Tell whether the range lies in the sparkline's own row of the sheet."""
        found = mentions(self.data)
        if len(found) != 1 or not found[0].area or (found[0].sheet or sheet.lower()) != sheet.lower():
            return False
        area = Area.parse(found[0].area)
        return area.first_row == area.last_row == self.place.first_row

    def at(self, data: bytes, row: int) -> bytes:
        """Return its bytes as they read in another row."""
        markup = data[self.start : self.end]
        match = _SPARKLINE.fullmatch(markup)
        if match is None:
            return markup
        number = str(row).encode()
        sheet, mark, cells = match["data"].rpartition(b"!")
        moved = sheet + mark + _ROW.sub(number, cells)
        place = _ROW.sub(number, match["place"])
        begin, end = match.span("data")
        first, last = match.span("place")
        return markup[:begin] + moved + markup[end:first] + place + markup[last:]


def sparkline_edits(data: bytes, start: int, sheet: str, resizes: Iterable[Resize]) -> list[Edit]:
    """Return the edits that give each row of a table its sparkline and leave none below the table.

    Only columns whose sparklines draw their own row are filled; all other sparklines stay.

    Parameters
    ----------
    data
        The sheet's XML.
    start
        Where its cells end.
    sheet
        Its name.
    resizes
        The tables that are written.
    """
    if data.find(b"sparklines", start) < 0:
        return []
    groups = [(match.span(), list(_sparklines(data, match.span()))) for match in _GROUP.finditer(data, start)]
    taken = {(each.place.first_row, each.place.first_column) for _, group in groups for each in group}
    resizes = list(resizes)
    edits: list[Edit] = []
    for span, group in groups:
        gone, added = _changes(data, group, sheet, resizes, taken)
        if len(gone) == len(group) > 0 and not added:
            # A group without any sparkline is damage.
            edits.append(Edit(*span, b""))
        else:
            edits += [Edit(each.start, each.end, b"") for each in gone]
            edits += [Edit(group[-1].end, group[-1].end, b"".join(added))] if added else []
    return edits


def _sparklines(data: bytes, span: tuple[int, int]) -> Iterator[Sparkline]:
    for match in _SPARKLINE.finditer(data, *span):
        place = match["place"].decode().strip()
        yield Sparkline(*match.span(), Area.parse(place), html.unescape(match["data"].decode()).strip())


def _changes(
    data: bytes, group: list[Sparkline], sheet: str, resizes: list[Resize], taken: set[tuple[int, int]]
) -> tuple[list[Sparkline], list[bytes]]:
    """Return the sparklines of a group that go and those that come; the latter's cells are taken from then on."""
    gone: list[Sparkline] = []
    added: list[bytes] = []
    for resize in resizes:
        by_column: dict[int, list[Sparkline]] = {}
        for each in group:
            if each.place.intersects(resize.body):
                by_column.setdefault(each.place.first_column, []).append(each)
        for column, there in by_column.items():
            if not all(each.draws_its_row(sheet) for each in there):
                continue
            gone += [each for each in there if each.place.first_row > resize.last_row]
            lacking = {(row, column) for row in range(resize.body.first_row, resize.last_row + 1)} - taken
            # Of several groups in a column, the first fills it.
            taken |= lacking
            added += [there[0].at(data, row) for row, _ in sorted(lacking)]
    return gone, added
