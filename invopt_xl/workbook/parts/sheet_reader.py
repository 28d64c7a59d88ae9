"""Reads the tables of one sheet in a single pass over its XML, however large the sheet is.

Calamine is not used for this: one cell far out on a sheet makes it allocate the whole rectangle and abort the
process, one `#SPILL!` makes it refuse the sheet, and errors and formulas without a value come back as empty text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

from invopt_xl.errors import InputError
from invopt_xl.workbook.parts.book import ExcelTable
from invopt_xl.workbook.parts.cells import Area, CellDecoder, column_number
from invopt_xl.workbook.parts.markup import main, new_parser, parse
from invopt_xl.workbook.parts.usual_cells import VALUES, column_of, usual_cells, without_usual_cells

_ROW, _CELL, _VALUE, _FORMULA = main("row"), main("c"), main("v"), main("f")
_TEXT, _PHONETIC, _MERGE = main("t"), main("rPh"), main("mergeCell")


@dataclass(slots=True)
class RawTable:
    """What a table on a sheet holds: headers, its rows with their numbers (blank rows left out), merged ranges."""

    table: ExcelTable
    headers: list[object] = field(default_factory=list)
    rows: list[list[object]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    merges: list[Area] = field(default_factory=list)
    body: range = field(init=False)
    columns: range = field(init=False)

    def __post_init__(self) -> None:
        self.body = range(self.table.first_row, self.table.last_row + 1)
        self.columns = self.table.column_range

    def take(self, number: int, cells: dict[int, object]) -> None:
        """Take what belongs to the table from a row of the sheet."""
        if number in self.body:
            values = [cells.get(column) for column in self.columns]
            if any(value is not None for value in values):
                self.rows.append(values)
                self.numbers.append(number)
        elif self.table.area.first_row <= number < self.table.first_row:
            self.headers = [cells.get(column) for column in self.columns]


class _SheetPass:
    """The parser's callbacks; attributes, since they share what is known so far."""

    def __init__(self, data: bytes, tables: Sequence[RawTable], decoder: CellDecoder, part: str) -> None:
        self.data = data
        self.tables = tables
        self.decode = decoder.decode
        # Days, prices and names come again and again.
        self.usual_value = lru_cache(2**16)(_of_usual_cells(decoder))
        self.spans = [range(each.table.area.first_row, each.table.area.last_row + 1) for each in tables]
        self.merges: list[Area] = []
        self.row = self.column = 0
        self.wanted = self.formula = False
        self.in_phonetic = False
        self.attributes: dict[str, str] = {}
        self.text: str | None = None
        self.cells: dict[int, object] = {}
        self.parser: expat.XMLParserType = new_parser(part)
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == _ROW:
            self.start_row(attributes)
        elif not self.wanted:
            if name == _MERGE:
                self.merges.append(Area.parse(attributes.get("ref", "")))
        elif name == _CELL:
            self.attributes = attributes
            self.text = None
            self.formula = False
        elif name == _VALUE or (name == _TEXT and not self.in_phonetic):
            self.text = self.text or ""
            self.parser.CharacterDataHandler = self.characters
        elif name == _FORMULA:
            self.formula = True
        elif name == _PHONETIC:
            self.in_phonetic = True

    def start_row(self, attributes: dict[str, str]) -> None:
        self.row = int(attributes["r"]) if "r" in attributes else self.row + 1
        self.wanted = any(self.row in rows for rows in self.spans)
        self.column = 0
        self.cells = {}

    def take_usual(self, start: int, end: int) -> bool:
        """Take the cells of the row that has begun, if it is wanted and they are usual."""
        found = usual_cells(VALUES, self.data, start, end) if self.wanted else None
        if found is None:
            return False
        value_of = self.usual_value
        self.cells = {
            column_of(letters): value_of(kind, style, value or text, formula)
            for letters, style, kind, formula, value, text in found
        }
        return True

    def characters(self, text: str) -> None:
        self.text = text if not self.text else self.text + text

    def end(self, name: str) -> None:
        if not self.wanted:
            return
        if name in (_VALUE, _TEXT):
            self.parser.CharacterDataHandler = None
        elif name == _CELL:
            self.end_cell()
        elif name == _PHONETIC:
            self.in_phonetic = False
        elif name == _ROW:
            for table in self.tables:
                table.take(self.row, self.cells)
            self.wanted = False

    def end_cell(self) -> None:
        attributes = self.attributes
        address = attributes.get("r")
        if address is None:
            self.column += 1
        else:
            self.column = column_number(address.rstrip("0123456789"))
        if self.text is not None or self.formula or "t" in attributes:
            self.cells[self.column] = self.decode(
                attributes.get("t"), attributes.get("s"), self.text, formula=self.formula
            )


def _of_usual_cells(decoder: CellDecoder) -> Callable[[bytes, bytes, bytes, bytes], object]:
    def value(kind: bytes, style: bytes, text: bytes, formula: bytes) -> object:
        return decoder.decode(kind.decode() or None, style.decode() or None, text.decode(), formula=bool(formula))

    return value


def read_sheet(
    part: str,
    chunks: Iterable[bytes],
    tables: Sequence[ExcelTable],
    decoder: CellDecoder,
    spaces: Sequence[ExcelTable] = (),
) -> list[RawTable]:
    """Return the tables of a sheet, and after them what stands in other places, which may be merged there.

    Parameters
    ----------
    part
        The sheet's part, for messages.
    chunks
        Its XML.
    tables
        The tables that stand on it.
    decoder
        Turns cells into values.
    spaces
        The other places, as tables without headers.

    Raises
    ------
    InputError
        If a table holds merged cells.
    """
    raw = [RawTable(table) for table in (*tables, *spaces)]
    data = b"".join(chunks)
    sheet = _SheetPass(data, raw, decoder, part)
    parse(sheet.parser, without_usual_cells(data, sheet.take_usual), part)
    for table in tables:
        refuse_merges(table, sheet.merges)
    for each in raw:
        each.merges += [merge for merge in sheet.merges if merge.intersects(each.table.area)]
    return raw


def refuse_merges(table: ExcelTable, merges: Iterable[Area]) -> None:
    """Raise an `InputError` naming the first merged range that touches the table.

    Raises
    ------
    InputError
        If there is one.
    """
    for merge in merges:
        if merge.intersects(table.area):
            raise InputError(f"{table.name} holds merged cells at '{table.sheet}'!{merge}; unmerge them")
