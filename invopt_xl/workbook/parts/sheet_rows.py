"""Rows and cells of a sheet, and where their bytes stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from invopt_xl.workbook.parts.cells import CellDecoder
from invopt_xl.workbook.parts.usual_cells import USUAL_CELL


@dataclass(slots=True)
class Formula:
    """A cell's formula: its kind (None, ``shared``, ``array`` or ``dataTable``), shared group and text."""

    kind: str | None
    group: str | None
    reference: str | None
    text: str = ""


@dataclass(slots=True)
class Cell:
    """A cell and its bytes' place."""

    column: int
    start: int
    start_tag_end: int
    kind: str | None
    style: str | None
    end: int = 0
    text: str | None = None
    formula: Formula | None = None

    @property
    def is_occupied(self) -> bool:
        """Whether it holds anything but a format."""
        return self.text is not None or self.formula is not None

    def value(self, decoder: CellDecoder) -> object:
        """Return what it holds."""
        if not self.is_occupied:
            return None
        return decoder.decode(self.kind, self.style, self.text, formula=self.formula is not None)

    @classmethod
    def usual(cls, found: re.Match[bytes], column: int, style: str | None) -> Cell:
        """Return a cell that is written the usual way."""
        _, _, kind, opening, formula_text, value, text = found.groups()
        formula = None if opening is None else Formula(None, None, None, formula_text.decode())
        shown = value if text is None else text
        start, end = found.span()
        start_tag_end = found.string.index(b">", start) + 1
        return cls(column, start, start_tag_end, _decoded(kind), style, end, _decoded(shown), formula)


@dataclass(slots=True)
class Row:
    """A row and its bytes' place.

    Its usual cells are looked at one by one only when they are asked for: rows of results are written anew from the
    formats of their cells, by column, alone.
    """

    number: int
    start: int
    start_tag_end: int
    style: str | None
    data: bytes = field(repr=False)
    end: int = 0
    cells_end: int = 0
    styles: dict[int, str | None] = field(default_factory=dict)
    has_formula: bool = False
    looked_at: list[Cell] | None = None

    @property
    def cells(self) -> list[Cell]:
        """Its cells in their order."""
        if self.looked_at is None:
            found = USUAL_CELL.finditer(self.data, self.start_tag_end, self.cells_end)
            places = zip(found, self.styles.items(), strict=True)
            self.looked_at = [Cell.usual(each, column, style) for each, (column, style) in places]
        return self.looked_at


def _decoded(text: bytes | None) -> str | None:
    return None if text is None else text.decode()
