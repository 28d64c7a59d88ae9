"""What a workbook holds: its sheets, its tables, its shared strings, its date formats."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from invopt_xl.errors import FileError
from invopt_xl.workbook.parts.cells import Area, CellDecoder
from invopt_xl.workbook.parts.markup import STRICT_MAIN, main, new_parser, parse, unescape_text
from invopt_xl.workbook.parts.package import Package

_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_RELATIONSHIPS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE_RELATIONSHIP = "http://schemas.openxmlformats.org/package/2006/relationships Relationship"
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(50, 59)}
"""Built-in number formats that show a date; 45 to 47 show a duration."""

Start = Callable[[str, dict[str, str]], None]


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of an Excel table and, if it is a calculated column, its formula."""

    name: str
    formula: str | None


@dataclass(frozen=True, slots=True)
class ExcelTable:
    """An Excel table (ListObject) and where it stands."""

    name: str
    part: str
    sheet: str
    sheet_part: str
    area: Area
    header_rows: int
    totals_rows: int
    columns: tuple[TableColumn, ...]

    @property
    def first_row(self) -> int:
        """The first row of the body."""
        return self.area.first_row + self.header_rows

    @property
    def last_row(self) -> int:
        """The last row of the body; one less than the first if there is no body."""
        return self.area.last_row - self.totals_rows

    @property
    def column_range(self) -> range:
        """The sheet's columns the table covers."""
        return range(self.area.first_column, self.area.last_column + 1)


@dataclass(frozen=True, slots=True)
class Relationship:
    """A link from one part to another."""

    kind: str
    target: str


class Book:
    """The structure of an opened workbook.

    Parameters
    ----------
    package
        Its parts.

    Raises
    ------
    FileError
        If it is not a transitional Office Open XML workbook.
    """

    def __init__(self, package: Package) -> None:
        self.package = package
        self.part = self._workbook_part()
        self.date1904 = False
        self._sheets: dict[str, str] = {}
        self._read_workbook()

    def _workbook_part(self) -> str:
        for link in self.relationships("").values():
            if link.kind == f"{_STRICT_RELATIONSHIPS}/officeDocument":
                raise FileError(_strict(self.package.path.name))
            if link.kind == f"{_RELATIONSHIPS}/officeDocument":
                return link.target
        raise FileError(f"{self.package.path.name} is not an Excel workbook; save it as .xlsx")

    def _read_workbook(self) -> None:
        links = self.relationships(self.part)
        root: list[str] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            root.append(name) if not root else None
            if name == main("workbookPr"):
                self.date1904 = attributes.get("date1904") in ("1", "true")
            elif name == main("sheet"):
                link = links.get(attributes.get(f"{_RELATIONSHIPS} id", ""))
                if link is not None and link.kind == f"{_RELATIONSHIPS}/worksheet":
                    self._sheets[attributes["name"]] = link.target

        self.each_element(self.part, start)
        if root[0] == f"{STRICT_MAIN} workbook":
            raise FileError(_strict(self.package.path.name))
        if root[0] != main("workbook"):
            raise FileError(f"{self.package.path.name} is not an Excel workbook; save it as .xlsx")

    def each_element(self, part: str, start: Start) -> None:
        """Call `start` with the expanded name and the attributes of each element of a part."""
        parser = new_parser(part)
        parser.StartElementHandler = start
        parse(parser, self.package.chunks(part), part)

    def relationships(self, part: str) -> dict[str, Relationship]:
        """Return the links of a part (of the package itself, if empty) by their id."""
        folder, name = posixpath.split(part)
        source = posixpath.join(folder, "_rels", f"{name}.rels")
        links: dict[str, Relationship] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == _PACKAGE_RELATIONSHIP and attributes.get("TargetMode") != "External":
                target = unquote(attributes.get("Target", ""))
                joined = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                links[attributes.get("Id", "")] = Relationship(attributes.get("Type", ""), joined)

        if self.package.find(source) is not None:
            self.each_element(source, start)
        return links

    @property
    def sheets(self) -> dict[str, str]:
        """Parts of the worksheets by name, in their order."""
        return dict(self._sheets)

    @cached_property
    def tables(self) -> list[ExcelTable]:
        """All Excel tables of all sheets."""
        return [
            self._read_table(link.target, sheet, part)
            for sheet, part in self._sheets.items()
            for link in self.relationships(part).values()
            if link.kind == f"{_RELATIONSHIPS}/table"
        ]

    def _read_table(self, part: str, sheet: str, sheet_part: str) -> ExcelTable:
        root: dict[str, str] = {}
        names: list[str] = []
        formulas: dict[int, str] = {}
        parser = new_parser(part)

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == main("table"):
                root.update(attributes)
            elif name == main("tableColumn"):
                names.append(unescape_text(attributes.get("name", "")))
            elif name == main("calculatedColumnFormula"):
                parser.CharacterDataHandler = lambda text: formulas.update(
                    {len(names) - 1: formulas.get(len(names) - 1, "") + text}
                )

        def end(_name: str) -> None:
            parser.CharacterDataHandler = None

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parse(parser, self.package.chunks(part), part)
        columns = tuple(TableColumn(name, formulas.get(position)) for position, name in enumerate(names))
        table = ExcelTable(
            root.get("displayName", root.get("name", "")),
            part,
            sheet,
            sheet_part,
            Area.parse(root.get("ref", "")),
            0 if root.get("headerRowCount") == "0" else 1,
            1 if root.get("totalsRowCount", "0") != "0" else 0,
            columns,
        )
        if len(columns) != len(table.column_range):
            raise FileError(f"{table.name} is damaged: it names {len(columns)} columns over {table.area}")
        return table

    def decoder(self) -> CellDecoder:
        """Return what turns cells of this workbook into values."""
        return CellDecoder(self.strings, self.date_styles, self.date1904)

    def _linked(self, kind: str) -> str | None:
        links = self.relationships(self.part).values()
        return next((link.target for link in links if link.kind == f"{_RELATIONSHIPS}/{kind}"), None)

    @cached_property
    def calculation_chain(self) -> str | None:
        """The part that lists formula cells, if there is one."""
        return self._linked("calcChain")

    @cached_property
    def strings(self) -> list[str]:
        """Shared strings; phonetic guides left out."""
        part = self._linked("sharedStrings")
        if part is None:
            return []
        strings: list[str] = []
        pieces: list[str] = []
        parser = new_parser(part)
        item, text, phonetic = main("si"), main("t"), main("rPh")
        phonetic_depth = 0

        def start(name: str, _attributes: dict[str, str]) -> None:
            nonlocal phonetic_depth
            if name == phonetic:
                phonetic_depth += 1
            elif name == text and not phonetic_depth:
                parser.CharacterDataHandler = pieces.append

        def end(name: str) -> None:
            nonlocal phonetic_depth
            parser.CharacterDataHandler = None
            if name == phonetic:
                phonetic_depth -= 1
            elif name == item:
                strings.append(unescape_text("".join(pieces)))
                pieces.clear()

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parse(parser, self.package.chunks(part), part)
        return strings

    @property
    def styles_part(self) -> str | None:
        """The part with the formats of cells, if there is one."""
        return self._linked("styles")

    @cached_property
    def wrapped_styles(self) -> frozenset[str]:
        """Numbers of the cell formats whose text wraps."""
        part = self.styles_part
        if part is None:
            return frozenset()
        found: set[str] = set()
        formats = [-1]
        inside = [False]

        def start(name: str, attributes: dict[str, str]) -> None:
            if name in (main("cellXfs"), main("cellStyles"), main("dxfs")):
                inside[0] = name == main("cellXfs")
            elif inside[0] and name == main("xf"):
                formats[0] += 1
            elif inside[0] and name == main("alignment") and attributes.get("wrapText") in ("1", "true"):
                found.add(str(formats[0]))

        self.each_element(part, start)
        return frozenset(found)

    @cached_property
    def date_styles(self) -> frozenset[str]:
        """Numbers of the cell formats that show a date."""
        part = self.styles_part
        if part is None:
            return frozenset()
        own_formats: dict[str, str] = {}
        formats: list[str] = []
        inside = [False]

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == main("numFmt"):
                own_formats.setdefault(attributes.get("numFmtId", ""), attributes.get("formatCode", ""))
            elif name in (main("cellXfs"), main("cellStyles"), main("dxfs")):
                inside[0] = name == main("cellXfs")
            elif name == main("xf") and inside[0]:
                formats.append(attributes.get("numFmtId", "0"))

        self.each_element(part, start)
        return frozenset(
            str(style)
            for style, number in enumerate(formats)
            if (shows_date(own_formats[number]) if number in own_formats else _shows_date_by_number(number))
        )


def _shows_date_by_number(number: str) -> bool:
    """Tell whether a built-in number format shows a day; what is no number of a format shows none."""
    return number.isdecimal() and int(number) in _DATE_FORMATS


def shows_date(format_code: str) -> bool:
    """Tell whether a number format shows a day, not merely a number or a duration.

    Examples
    --------
    >>> [shows_date(code) for code in ("yyyy-mm-dd", '0.0 "days"', "[h]:mm:ss", "[$-409]d-mmm", "General", "[Red]0")]
    [True, False, False, True, False, False]
    """
    first_section = format_code.split(";", maxsplit=1)[0]
    bare = re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", first_section).lower()
    return "general" not in bare and re.search("[dy]|mmm", bare) is not None


def _strict(name: str) -> str:
    return f"{name} is a Strict Open XML workbook; save it as 'Excel Workbook (.xlsx)', not as Strict"
