"""A table as it stands in a sheet before it is written: its cells, formulas and formats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from invopt_xl.plan import columns
from invopt_xl.workbook.parts.book import ExcelTable
from invopt_xl.workbook.parts.cell_markup import translated
from invopt_xl.workbook.parts.cells import Area, CellDecoder, column_letters
from invopt_xl.workbook.parts.sheet_rows import Cell, Formula
from invopt_xl.workbook.parts.sheet_scan import SheetLayout
from invopt_xl.workbook.reading import header_names


@dataclass(frozen=True, slots=True)
class PlacedFormula:
    """A formula's text as it reads in one cell."""

    address: str
    text: str

    def at(self, address: str) -> str:
        """Return the formula as it reads when copied to another cell."""
        return translated(self.text, self.address, address)


@dataclass(frozen=True, slots=True)
class SharedFormula:
    """A formula written once for an area."""

    area: Area
    formula: PlacedFormula


@dataclass(frozen=True)
class OldTable:
    """A table of the data contract in a sheet.

    Parameters
    ----------
    table
        The Excel table.
    contract
        Its columns as the data contract declares them.
    layout
        The sheet it stands on.
    decoder
        Turns the sheet's cells into values.
    taken_in
        How many of its last rows stand below it in the file, where they count as its rows from now on.
    bare_styles
        Formats of cells that nobody formatted; they matter in the rows that are taken in.
    """

    table: ExcelTable
    contract: columns.Table
    layout: SheetLayout
    decoder: CellDecoder
    taken_in: int = 0
    bare_styles: frozenset[str | None] = frozenset({None, "0"})

    @cached_property
    def stored(self) -> ExcelTable:
        """The Excel table as it stands in the file."""
        area = self.table.area
        return replace(self.table, area=replace(area, last_row=area.last_row - self.taken_in))

    @cached_property
    def headers(self) -> dict[int, str]:
        """Names of the columns by their number in the sheet."""
        table = self.table
        row = self.layout.rows.get(table.area.first_row) if table.header_rows else None
        if row is None:
            headers: list[object] = [column.name for column in table.columns]
        else:
            cells = {cell.column: cell.value(self.decoder) for cell in row.cells}
            headers = [cells.get(column) for column in table.column_range]
        names = header_names(headers, self.contract, f"'{table.sheet}'!{table.area}")
        return dict(zip(table.column_range, names, strict=True))

    @property
    def name(self) -> str:
        """Its name in the workbook."""
        return self.table.name

    @property
    def numbers(self) -> Iterable[int]:
        """Numbers of the rows that have cells, in the sheet."""
        return self.rows

    def value(self, row: int, column: int) -> object:
        """Return what a cell shows; None for nothing."""
        cell = self.rows[row].get(column)
        return None if cell is None else cell.value(self.decoder)

    def is_formula(self, row: int, column: int) -> bool:
        """Tell whether a cell holds a formula."""
        cell = self.rows[row].get(column)
        return cell is not None and cell.formula is not None

    @property
    def body(self) -> Area:
        """The area without header and totals."""
        return replace(self.table.area, first_row=self.table.first_row, last_row=self.table.last_row)

    def place(self, row: int, column: int) -> str:
        """Return a cell's address with its sheet, for messages."""
        return f"'{self.table.sheet}'!{column_letters(column)}{row}"

    def cells(self, first_row: int, last_row: int) -> Iterator[tuple[int, Cell]]:
        """Yield the cells in the table's columns in some rows of the sheet, each with its row."""
        span = self.table.column_range
        for number in range(first_row, last_row + 1):
            row = self.layout.rows.get(number)
            for cell in row.cells if row else ():
                if cell.column in span:
                    yield number, cell

    @cached_property
    def rows(self) -> dict[int, dict[int, Cell]]:
        """Cells of the body by row and column."""
        found: dict[int, dict[int, Cell]] = {}
        for row, cell in self.cells(self.table.first_row, self.table.last_row):
            found.setdefault(row, {})[cell.column] = cell
        return found

    @cached_property
    def formulas(self) -> dict[tuple[int, int], Formula]:
        """Formulas by row and column, those of headers and totals included."""
        numbers = range(self.table.area.first_row, self.table.area.last_row + 1)
        with_formula = [row for number in numbers if (row := self.layout.rows.get(number)) and row.has_formula]
        cells = (each for row in with_formula for each in self.cells(row.number, row.number))
        return {(row, cell.column): cell.formula for row, cell in cells if cell.formula is not None}

    @cached_property
    def shared_formulas(self) -> dict[str, SharedFormula]:
        """Shared formulas that begin in the table, by their group."""
        return {
            formula.group: SharedFormula(
                Area.parse(formula.reference), PlacedFormula(f"{column_letters(column)}{row}", formula.text)
            )
            for (row, column), formula in self.formulas.items()
            if formula.group and formula.reference and formula.kind == "shared"
        }

    def spanning_formulas(self) -> Iterator[tuple[int, int, str]]:
        """Yield row, column and kind of array formulas and the like; a shared one in the body can be unfolded."""
        for (row, column), formula in self.formulas.items():
            if formula.kind is None or formula.kind == "normal":
                continue
            shared = self.shared_formulas.get(formula.group or "")
            if formula.kind != "shared" or shared is None or shared.area.union(self.body) != self.body:
                yield row, column, formula.kind

    def formula(self, row: int, cell: Cell) -> PlacedFormula | None:
        """Return the formula a cell of the body holds, a shared one unfolded."""
        if cell.formula is None:
            return None
        address = f"{column_letters(cell.column)}{row}"
        if cell.formula.kind == "shared":
            shared = self.shared_formulas[cell.formula.group or ""].formula
            return PlacedFormula(address, shared.at(address))
        return PlacedFormula(address, cell.formula.text)

    def column_formula(self, column: int) -> PlacedFormula | None:
        """Return the formula of a calculated column, or None if the column is not calculated.

        LibreOffice does not store that a column is calculated: it is where all rows hold the same formula. Rows that
        are taken in may lack it.
        """
        own = (each for each in self.rows.items() if each[0] <= self.stored.last_row)
        rows = [(row, cells.get(column)) for row, cells in own if any(map(_is_occupied, cells.values()))]
        formulas = [self.formula(row, cell) for row, cell in rows if cell is not None]
        present = [formula for formula in formulas if formula is not None]
        declared = self.table.columns[column - self.table.area.first_column].formula
        if declared is not None:
            first_place = f"{column_letters(column)}{self.table.first_row}"
            return present[0] if present else PlacedFormula(first_place, declared)
        if not present or len(present) < len(rows):
            return None
        first = present[0]
        return first if all(first.at(other.address) == other.text for other in present) else None

    def style(self, row: int, column: int) -> str | None:
        """Return a cell's format; for a cell that is not there, that of the first row.

        Nor does a bare cell of a row that is taken in have a format: it gets that of the last row above.
        """
        if self.taken_in and row > self.stored.last_row and self._is_bare(row, column):
            row = self.stored.last_row
        own = self.layout.rows.get(row) if self.table.first_row <= row <= self.table.last_row else None
        first = self.first_row_styles[column]
        return first if own is None else own.styles.get(column, first)

    def styles(self, column: int, size: int) -> list[str | None]:
        """Return the formats of a column's first cells, as many as are asked for; no row is taken in."""
        first = self.first_row_styles[column]
        own = [styles.get(column, first) for styles in self._row_styles[:size]]
        return own + [first] * (size - len(own))

    @cached_property
    def _row_styles(self) -> list[dict[int, str | None]]:
        rows = map(self.layout.rows.get, range(self.table.first_row, self.table.last_row + 1))
        return [{} if row is None else row.styles for row in rows]

    def _is_bare(self, row: int, column: int) -> bool:
        cell = self.rows.get(row, {}).get(column)
        return cell is None or cell.style in self.bare_styles

    @cached_property
    def first_row_styles(self) -> dict[int, str | None]:
        """Formats of the first row by column; where it has no cell, those of the whole row or column."""
        row = self.layout.rows.get(self.table.first_row)
        styles = row.styles if row and self.table.first_row <= self.table.last_row else {}
        return {
            column: styles[column]
            if column in styles
            else (row.style if row else None) or self.layout.column_style(column)
            for column in self.table.column_range
        }


def _is_occupied(cell: Cell) -> bool:
    return cell.is_occupied
