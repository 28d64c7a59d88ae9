"""Where everything stands in a sheet's XML, byte by byte, so that it can be edited by splicing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from invopt_xl.errors import FileError
from invopt_xl.workbook.parts.cells import Area, column_number
from invopt_xl.workbook.parts.markup import MAIN, element_end, main, new_parser, parse, tag_end, tag_name
from invopt_xl.workbook.parts.sheet_rows import Cell, Formula, Row
from invopt_xl.workbook.parts.usual_cells import FORMATS, column_of, usual_cells, without_usual_cells

_X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_RANGE_TEXT = "http://schemas.microsoft.com/office/excel/2006/main sqref"
_RANGE_OWNERS = {main(name) for name in ("conditionalFormatting", "dataValidation", "ignoredError", "protectedRange")}
_RANGE_PARENTS = {f"{_X14} conditionalFormatting", f"{_X14} dataValidation"}


USUAL_WIDTH = 8.43
"""Width of a column that states none, in digits."""


@dataclass(frozen=True, slots=True)
class RangeList:
    """A list of ranges that a rule applies to: an attribute of the tag at start, or the text from start to end."""

    value: str
    start: int
    end: int
    is_text: bool


@dataclass(slots=True)
class SheetLayout:
    """A sheet's bytes and where its parts stand; cells only of the rows asked for."""

    data: bytes
    prefix: str = ""
    rows: dict[int, Row] = field(default_factory=dict)
    row_numbers: list[int] = field(default_factory=list)
    row_starts: list[int] = field(default_factory=list)
    data_end: int = 0
    dimension: tuple[int, int, str] | None = None
    merges: list[Area] = field(default_factory=list)
    range_lists: list[RangeList] = field(default_factory=list)
    column_styles: list[tuple[int, int, str]] = field(default_factory=list)
    column_widths: list[tuple[int, int, float]] = field(default_factory=list)

    def insertion_point(self, number: int) -> int:
        """Return the offset where a row of that number belongs."""
        position = bisect_right(self.row_numbers, number)
        return self.row_starts[position] if position < len(self.row_starts) else self.data_end

    def column_width(self, column: int) -> float:
        """Return the width of a column, in digits."""
        found = (width for first, last, width in self.column_widths if first <= column <= last)
        return next(found, USUAL_WIDTH)

    def column_style(self, column: int) -> str | None:
        """Return the format of a whole column, which empty cells show."""
        return next((style for first, last, style in self.column_styles if first <= column <= last), None)


class _Scan:
    """The parser's callbacks over one sheet."""

    def __init__(self, data: bytes, part: str, wanted: Sequence[tuple[int, int]]) -> None:
        self.layout = SheetLayout(data)
        self.part = part
        self.wanted = [range(first, last + 1) for first, last in wanted]
        self.parser = new_parser(part)
        self.row: Row | None = None
        self.cell: Cell | None = None
        self.phonetic = False
        self.taken = 0
        self.styles: dict[tuple[tuple[bytes, ...], ...], dict[int, str | None]] = {}
        self.parents: list[str] = []
        self.text_start = 0
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    @property
    def index(self) -> int:
        """Where in the sheet the parser is, which does not get what is taken."""
        return self.parser.CurrentByteIndex + self.taken

    def take_usual(self, start: int, end: int) -> bool:
        """Take the cells of the row that has begun, if it is wanted and they are usual."""
        row = self.row
        found = usual_cells(FORMATS, self.layout.data, start, end) if row is not None else None
        if row is None or found is None:
            return False
        row.styles = self.usual_styles(row, tuple(found))
        row.has_formula = self.layout.data.find(b"<f", start, end) >= 0
        row.looked_at = None
        row.cells_end = end
        self.taken += end - start
        return True

    def usual_styles(self, row: Row, cells: tuple[tuple[bytes, ...], ...]) -> dict[int, str | None]:
        """Return the formats of usual cells by column; those of most rows are the same."""
        if cells not in self.styles:
            columns = [column_of(letters) for letters, _ in cells]
            for before, column in pairwise(columns):
                self.refuse_disorder(row, before, column)
            texts = [style.decode() or None for _, style in cells]
            self.styles[cells] = dict(zip(columns, texts, strict=True))
        return self.styles[cells]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.parents.append(name)
        space, _, local = name.rpartition(" ")
        if len(self.parents) == 1:
            self.begin_root(name)
        if space == MAIN:
            self.start_main(name, local, attributes)
        elif name == _RANGE_TEXT and self.parents[-2] in _RANGE_PARENTS:
            self.text_start = tag_end(self.layout.data, self.index)

    def begin_root(self, name: str) -> None:
        if name != main("worksheet"):
            raise FileError(f"the workbook is damaged: {self.part} is not a worksheet")
        written = tag_name(self.layout.data[self.index :][:200]).decode()
        self.layout.prefix = written.removesuffix("worksheet")

    def start_main(self, name: str, local: str, attributes: dict[str, str]) -> None:
        if local == "row":
            self.start_row(attributes)
        elif self.row is not None:
            self.start_in_row(self.row, local, attributes)
        elif local == "mergeCell":
            self.layout.merges.append(Area.parse(attributes.get("ref", "")))
        elif local == "dimension":
            start = self.index
            self.layout.dimension = (start, tag_end(self.layout.data, start), attributes.get("ref", ""))
        elif local == "col":
            first, last = int(attributes["min"]), int(attributes["max"])
            if "style" in attributes:
                self.layout.column_styles.append((first, last, attributes["style"]))
            if "width" in attributes:
                self.layout.column_widths.append((first, last, float(attributes["width"])))
        elif name in _RANGE_OWNERS and "sqref" in attributes:
            start = self.index
            end = tag_end(self.layout.data, start)
            self.layout.range_lists.append(RangeList(attributes["sqref"], start, end, is_text=False))

    def start_row(self, attributes: dict[str, str]) -> None:
        number = int(self.address(attributes))
        layout = self.layout
        if layout.row_numbers and number <= layout.row_numbers[-1]:
            raise FileError(f"the workbook is damaged: rows of {self.part} are not in order (row {number})")
        start = self.index
        layout.row_numbers.append(number)
        layout.row_starts.append(start)
        if any(number in rows for rows in self.wanted):
            style = attributes.get("s") if attributes.get("customFormat") in ("1", "true") else None
            start_tag_end = tag_end(layout.data, start)
            self.row = Row(number, start, start_tag_end, style, layout.data, cells_end=start_tag_end, looked_at=[])
            layout.rows[number] = self.row

    def address(self, attributes: dict[str, str]) -> str:
        if "r" not in attributes:
            raise FileError(f"{self.part} names no rows or cells; open the workbook in Excel and save it once")
        return attributes["r"]

    def start_in_row(self, row: Row, local: str, attributes: dict[str, str]) -> None:
        if local == "c":
            self.start_cell(row, attributes)
        elif self.cell is None:
            return
        elif local == "f":
            row.has_formula = True
            self.cell.formula = Formula(attributes.get("t"), attributes.get("si"), attributes.get("ref"))
            self.parser.CharacterDataHandler = self.formula_text
        elif local == "v" or (local == "t" and not self.phonetic):
            self.cell.text = self.cell.text or ""
            self.parser.CharacterDataHandler = self.value_text
        elif local == "rPh":
            self.phonetic = True

    def start_cell(self, row: Row, attributes: dict[str, str]) -> None:
        start = self.index
        column = column_number(self.address(attributes).rstrip("0123456789"))
        if row.cells:
            self.refuse_disorder(row, row.cells[-1].column, column)
        end = tag_end(self.layout.data, start)
        self.cell = Cell(column, start, end, attributes.get("t"), attributes.get("s"))
        row.cells.append(self.cell)
        row.styles[column] = self.cell.style

    def refuse_disorder(self, row: Row, before: int, column: int) -> None:
        if column <= before:
            raise FileError(f"the workbook is damaged: cells of {self.part} row {row.number} are not in order")

    def formula_text(self, text: str) -> None:
        if self.cell is not None and self.cell.formula is not None:
            self.cell.formula.text += text

    def value_text(self, text: str) -> None:
        if self.cell is not None:
            self.cell.text = (self.cell.text or "") + text

    def end(self, name: str) -> None:
        self.parents.pop()
        self.parser.CharacterDataHandler = None
        index = self.index
        if self.row is not None:
            self.end_in_row(name, index)
        elif name == main("sheetData"):
            if self.layout.data[index - 2 : index] == b"/>" and not self.layout.row_numbers:
                raise FileError(f"the workbook is damaged: {self.part} holds a table but no cells")
            self.layout.data_end = index
        elif name == _RANGE_TEXT and self.text_start:
            text = self.layout.data[self.text_start : index].decode()
            self.layout.range_lists.append(RangeList(text, self.text_start, index, is_text=True))
            self.text_start = 0

    def end_in_row(self, name: str, index: int) -> None:
        data = self.layout.data
        if name == main("c") and self.cell is not None:
            self.cell.end = element_end(data, self.cell.start_tag_end, index)
            if self.row is not None:
                self.row.cells_end = self.cell.end
            self.cell = None
        elif name == main("rPh"):
            self.phonetic = False
        elif name == main("row") and self.row is not None:
            self.row.end = element_end(data, self.row.start_tag_end, index)
            self.row = None


def scan_sheet(data: bytes, part: str, wanted: Sequence[tuple[int, int]]) -> SheetLayout:
    """Return where everything stands in a sheet.

    Parameters
    ----------
    data
        The sheet's XML.
    part
        Its name, for messages.
    wanted
        First and last rows whose cells are needed.

    Raises
    ------
    FileError
        If the sheet is damaged.
    """
    scan = _Scan(data, part, wanted)
    parse(scan.parser, without_usual_cells(data, scan.take_usual), part)
    return scan.layout
