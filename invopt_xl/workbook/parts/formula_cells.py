"""The formula cells of a sheet's XML, found without a parser, and rid of the values they were calculated to."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from invopt_xl.workbook.parts.cells import MAXIMUM_COLUMN, MAXIMUM_ROW, Area
from invopt_xl.workbook.parts.markup import Edit, set_attributes

WHOLE_SHEET = Area(1, 1, MAXIMUM_ROW, MAXIMUM_COLUMN)

_ANY_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")
_LONGEST_PREFIX = 64
_ROOT = re.compile(rb"<((?:[\w.-]+:)?)worksheet[\s>]")
_NOT_MARKUP = re.compile(rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->", re.DOTALL)
_ATTRIBUTE = re.compile(rb"""\s([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


@dataclass(slots=True)
class FormulaGroup:
    """One formula and the cells it fills: a cell of its own, those of a shared formula, or those of an array.

    Parameters
    ----------
    text
        The formula as it reads in its first cell.
    area
        The cells it fills.
    is_array
        Whether cells without a formula of their own hold its results.
    cells
        Where its cells with a formula stand in the sheet's bytes.
    """

    text: str
    area: Area
    is_array: bool
    cells: list[re.Match[bytes]] = field(default_factory=list)


def holds_formulas(chunks: Iterable[bytes]) -> bool:
    """Tell whether a sheet that comes in pieces holds any formula."""
    rest = b""
    for chunk in chunks:
        rest += chunk
        # A plain search is many times faster, and finds nothing in a sheet of data.
        if (b"<f" in rest or b":f" in rest) and _ANY_FORMULA.search(rest):
            return True
        rest = rest[-_LONGEST_PREFIX:]
    return False


class FormulaSheet:
    """A sheet's bytes and the formulas in them.

    Parameters
    ----------
    data
        The sheet's XML.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        # Comments and the like become blanks, so that what remains of "<" is markup and stands where it stood.
        blank = _NOT_MARKUP.sub(lambda match: b" " * len(match[0]), data) if b"<!" in data else data
        root = _ROOT.search(blank)
        prefix = re.escape(root[1]) if root else b""
        self._blank = blank
        self._start = max(0, blank.find(b"sheetData"))
        self._end = blank.rfind(b"sheetData")
        value = rb"<%sv(?:\s[^>]*)?(?:/>|>[^<]*</%sv\s*>)" % (prefix, prefix)
        self._cell = re.compile(
            rb"(?P<tag><%sc(?:\s[^>]*)?>)\s*(?P<formula><%sf(?:\s[^>]*|/)?>)(?:(?<=/>)|(?P<text>[^<]*)</%sf\s*>)\s*(?P<value>%s)?"
            % (prefix, prefix, prefix, value)
        )
        self._cell_tag = b"<%sc" % (root[1] if root else b"")
        self._formula = re.compile(rb"<%sf[\s/>]" % prefix)
        self._plain = re.compile(rb"(?P<tag><%sc(?:\s[^>]*)?>)\s*(?P<value>%s)" % (prefix, value))

    def _cells(self) -> Iterator[re.Match[bytes]]:
        """Yield the formula cells, found from their formulas: most cells of a sheet have none."""
        before = self._start
        for formula in self._formula.finditer(self._blank, self._start, self._end):
            start = self._blank.rfind(self._cell_tag, before, formula.start())
            before = formula.end()
            if start >= 0 and (cell := self._cell.match(self._blank, start, self._end)):
                yield cell

    def groups(self) -> list[FormulaGroup]:
        """Return the formulas; data tables left out, which Excel alone fills."""
        found: list[FormulaGroup] = []
        shared: dict[bytes, FormulaGroup] = {}
        for cell in self._cells():
            attributes = _attributes(cell["formula"])
            kind, number = attributes.get(b"t"), attributes.get(b"si", b"")
            if kind == b"dataTable":
                continue
            if kind == b"shared" and number in shared:
                shared[number].cells.append(cell)
                continue
            area = _area(attributes.get(b"ref") if kind in (b"shared", b"array") else None, cell["tag"])
            group = FormulaGroup(
                html.unescape((cell["text"] or b"").decode(errors="replace")), area, kind == b"array", [cell]
            )
            found.append(group)
            if kind == b"shared":
                shared[number] = group
        return found

    def edits(self, groups: Iterable[FormulaGroup]) -> list[Edit]:
        """Return the edits that take the values of formulas away and have them calculated on opening."""
        groups = list(groups)
        edits = [edit for group in groups for cell in group.cells for edit in self._uncalculated(cell)]
        arrays = [group.area for group in groups if group.is_array and ":" in str(group.area)]
        for cell in self._plain.finditer(self._blank, self._start, self._end) if arrays else ():
            place = _area(None, cell["tag"])
            if place != WHOLE_SHEET and any(area.intersects(place) for area in arrays):
                edits += self._emptied(cell)
        return edits

    def _uncalculated(self, cell: re.Match[bytes]) -> Iterator[Edit]:
        formula = cell["formula"]
        if _attributes(formula).get(b"ca") not in (b"1", b"true"):
            yield Edit(*cell.span("formula"), set_attributes(formula, {"ca": "1"}))
        yield from self._emptied(cell)

    def _emptied(self, cell: re.Match[bytes]) -> Iterator[Edit]:
        """Yield the edits that leave a cell without value, and without the type and details of one."""
        tag = set_attributes(cell["tag"], {"t": None, "vm": None})
        if tag != cell["tag"]:
            yield Edit(*cell.span("tag"), tag)
        if cell["value"] is not None:
            yield Edit(*cell.span("value"), b"")


def _attributes(tag: bytes) -> dict[bytes, bytes]:
    return {match[1]: match[2] if match[2] is not None else match[3] for match in _ATTRIBUTE.finditer(tag)}


def _area(reference: bytes | None, tag: bytes) -> Area:
    """Return the area of a formula, or the cell of its tag; one that names no cell may stand anywhere."""
    written = reference or _attributes(tag).get(b"r")
    return WHOLE_SHEET if written is None else Area.parse(written.decode(errors="replace"))
