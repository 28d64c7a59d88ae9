"""The tables of a workbook that is open in Excel, read as `workbook.read_tables` reads those of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from invopt_xl.errors import FileError, InputError
from invopt_xl.hosts.excel.contents import Content, Formula, content_of, shown
from invopt_xl.hosts.excel.engines import Desktop, Engine, Rows
from invopt_xl.hosts.excel.open_below import below_open
from invopt_xl.hosts.excel.patience import Patience
from invopt_xl.plan import columns
from invopt_xl.plan.keys import require_key
from invopt_xl.workbook.below import Line, told
from invopt_xl.workbook.parts.cells import Area, column_letters
from invopt_xl.workbook.reading import NEEDED, READ, IsWanted, build_frame, header_names

if TYPE_CHECKING:
    import xlwings

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Placed:
    """An Excel table and where it stands.

    Parameters
    ----------
    excel
        As xlwings has it.
    name, sheet
        Its name, and that of its sheet.
    area
        All its cells, header and totals included.
    totals
        Whether its last row is one of totals.
    """

    excel: xlwings.main.Table
    name: str
    sheet: str
    area: Area
    totals: bool

    @property
    def first_row(self) -> int:
        """The first row of the body."""
        return self.area.first_row + 1

    @property
    def last_row(self) -> int:
        """The last row of the body."""
        return self.area.last_row - self.totals

    @property
    def body(self) -> Area:
        """The area without header and totals."""
        return Area(self.first_row, self.area.first_column, self.last_row, self.area.last_column)

    def place(self, row: int, column: int) -> str:
        """Return a cell's address with its sheet, for messages."""
        return f"'{self.sheet}'!{column_letters(column)}{row}"


class OpenBook:
    """A workbook that is open in Excel.

    Parameters
    ----------
    book
        As xlwings has it.
    engine
        What its engine does in its own way; Excel on this computer unless given.
    patience
        How long a busy Excel is asked again.
    """

    def __init__(self, book: xlwings.Book, engine: Engine | None = None, patience: Patience | None = None) -> None:
        self.book = book
        self.patience = patience or Patience()
        self.engine = engine or Desktop(book, self.patience.ask)

    def ask(self, do: Callable[[], Answer]) -> Answer:
        """Return what Excel answers, waiting for it while it is busy."""
        return self.patience.ask(do)

    @cached_property
    def date1904(self) -> bool:
        """Whether dates count from 1904."""
        return self.engine.date1904()

    def tables(self) -> dict[str, Placed]:
        """Return all tables that are there now, by their names in lower case."""
        return {table.name.lower(): table for table in self.ask(lambda: list(self._tables()))}

    def _tables(self) -> Iterator[Placed]:
        for sheet in self.book.sheets:
            for table in sheet.tables:
                if table.show_headers:
                    there = table.range
                    (row, column), (height, width) = (there.row, there.column), there.shape
                    area = Area(row, column, row + height - 1, column + width - 1)
                    yield Placed(table, table.name, sheet.name, area, bool(table.show_totals))

    def sheet(self, name: str) -> xlwings.Sheet:
        """Return a sheet as xlwings has it."""
        return self.ask(lambda: self.book.sheets[name])

    def range(self, sheet: str, area: Area) -> xlwings.Range:
        """Return cells as xlwings has them."""
        corners = (area.first_row, area.first_column), (area.last_row, area.last_column)
        return self.ask(lambda: self.book.sheets[sheet].range(*corners))

    def raw(self, sheet: str, area: Area) -> Rows:
        """Return what cells show, in one call, as xlwings reads it."""
        cells = self.range(sheet, area)
        rows: Rows = self.ask(lambda: cells.options(ndim=2, err_to_str=True).value)
        return rows

    def values(self, sheet: str, area: Area) -> list[list[object]]:
        """Return what cells show, as the same cells of the file read."""
        return [[shown(value, date1904=self.date1904) for value in row] for row in self.raw(sheet, area)]

    def cells(self, sheet: str, area: Area) -> tuple[list[list[Content]], list[list[object]]]:
        """Return what cells hold, formulas as such, and what they show."""
        formulas, raw = self.engine.formulas(self.sheet(sheet), area), self.raw(sheet, area)
        contents = [
            [content_of(value, formula, date1904=self.date1904) for value, formula in zip(row, line, strict=True)]
            for row, line in zip(raw, formulas, strict=True)
        ]
        return contents, [[shown(value, date1904=self.date1904) for value in row] for row in raw]


def read_open_tables(book: OpenBook, last_forecast: IsWanted | None = None) -> columns.Tables:
    """Return the tables of an open workbook as raw values: the very frames that its file would give.

    Parameters
    ----------
    book
        The workbook.
    last_forecast
        Tells from the other tables whether the forecast of the last refresh, which is large, is read too.

    Raises
    ------
    FileError
        If it holds no known table.
    InputError
        If a table has two columns of one name, or the plan has no column ``item``.
    """
    there = book.tables()
    lines: list[Line] = []

    def read(tables: Iterable[columns.Table]) -> columns.Tables:
        known = [(table, there[table.name.lower()]) for table in tables if table.name.lower() in there]
        return {table.stem: _frame(book, placed, table, there.values(), lines) for table, placed in known}

    frames = read(READ)
    if not frames:
        names = ", ".join(table.name for table in NEEDED)
        raise FileError(f"{book.book.name} holds no table of a plan workbook; expected at least {names}")
    if columns.PLAN.stem in frames:
        require_key(columns.PLAN, frames[columns.PLAN.stem].columns)
    if last_forecast and last_forecast(frames):
        frames |= read((columns.FORECAST,))
    return frames | told(lines)


def results_in(book: OpenBook) -> frozenset[str]:
    """Return the stems of the tables for results that an open workbook holds."""
    there = book.tables()
    return frozenset(table.stem for table in columns.OUTPUTS if table.name.lower() in there)


def _frame(book: OpenBook, placed: Placed, table: columns.Table, there: Iterable[Placed], lines: list[Line]) -> Any:
    names = headers_of(book, placed, table)
    rows = book.values(placed.sheet, placed.body) if placed.last_row >= placed.first_row else []
    kept = [
        (number, row)
        for number, row in enumerate(rows, start=placed.first_row)
        if any(cell is not None for cell in row)
    ]
    below = below_open(book, placed, table, names, there)
    kept += zip(below.numbers[: below.taken], below.rows[: below.taken], strict=True)  # type: ignore[arg-type]
    lines += below.lines(then="drag the corner of the table down to row {row}")
    return build_frame(names, list(zip(*(row for _, row in kept), strict=True)), [number for number, _ in kept])


def headers_of(book: OpenBook, placed: Placed, table: columns.Table) -> list[str]:
    """Return the names of a table's columns, in the contract's spelling where it knows them."""
    area = placed.area
    (header,) = book.values(placed.sheet, Area(area.first_row, area.first_column, area.first_row, area.last_column))
    return header_names(header, table, f"'{placed.sheet}'!{area}")


@dataclass(frozen=True)
class OpenTable:
    """A table of the data contract in an open workbook, as it is before it is written.

    Parameters
    ----------
    placed
        Where it stands.
    contract
        Its columns as the data contract declares them.
    headers
        Names of the columns by their number in the sheet.
    contents
        What its body holds, row by row.
    values
        What its body shows, row by row.
    """

    placed: Placed
    contract: columns.Table
    headers: dict[int, str]
    contents: list[list[Content]]
    values: list[list[object]]

    @classmethod
    def of(cls, book: OpenBook, placed: Placed, contract: columns.Table) -> OpenTable:
        """Return a table as it is now.

        Raises
        ------
        InputError
            If it holds an array formula.
        """
        names = headers_of(book, placed, contract)
        span = range(placed.area.first_column, placed.area.last_column + 1)
        if book.engine.has_array_formula(book.sheet(placed.sheet), placed.body):
            raise InputError(
                f"{placed.name} holds an array formula in '{placed.sheet}'!{placed.body}; a refresh cannot move it, so "
                "remove it"
            )
        return cls(placed, contract, dict(zip(span, names, strict=True)), *book.cells(placed.sheet, placed.body))

    @property
    def name(self) -> str:
        """Its name in the workbook."""
        return self.placed.name

    @property
    def numbers(self) -> Iterator[int]:
        """Numbers of the rows that hold something, in the sheet."""
        for number, row in enumerate(self.contents, start=self.placed.first_row):
            if any(cell is not None for cell in row):
                yield number

    def value(self, row: int, column: int) -> object:
        """Return what a cell shows; None for nothing."""
        return self.values[row - self.placed.first_row][column - self.placed.area.first_column]

    def content(self, row: int, column: int) -> Content:
        """Return what a cell holds."""
        return self.contents[row - self.placed.first_row][column - self.placed.area.first_column]

    def is_formula(self, row: int, column: int) -> bool:
        """Tell whether a cell holds a formula."""
        return isinstance(self.content(row, column), Formula)

    def place(self, row: int, column: int) -> str:
        """Return a cell's address with its sheet, for messages."""
        return self.placed.place(row, column)

    def column_formula(self, column: int) -> tuple[str, Formula] | None:
        """Return the formula of a calculated column with the address where it stands: most of its rows hold it."""
        from invopt_xl.workbook.parts.cell_markup import translated

        letters = column_letters(column)
        there = {f"{letters}{row}": self.content(row, column) for row in self.numbers}
        formulas = {address: held for address, held in there.items() if isinstance(held, Formula)}
        if not formulas:
            return None
        first, pattern = next(iter(formulas.items()))
        alike = sum(translated(pattern.text[1:], first, address) == held.text[1:] for address, held in formulas.items())
        return (first, pattern) if 2 * alike > len(there) else None
