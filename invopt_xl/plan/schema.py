"""What a table and a column of the data contract are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

Tables = dict[str, pd.DataFrame]
"""Tables by file stem (``items``, ``demand``, ...). A frame's index is the row each record stands in at its source."""

Kind = Literal["text", "number", "date", "flag"]


class CellFault(str):
    """What a cell holds instead of a value: an error such as ``#N/A``, or a formula that was never calculated."""

    __slots__ = ()


FIRST_ROW = "first row"
"""Where the rows of a table begin in its sheet, among the ``attrs`` of the frame that it was read into."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        As it stands in the header.
    kind
        ``text``, ``number``, ``date`` or ``flag`` (0 or 1).
    help
        One sentence with the unit; shown as the header's note.
    required
        The column must be there and every row must have a value.
    default
        Taken where a row has no value; None leaves it missing.
    minimum, above, maximum
        Bounds of a number: at least, strictly above, at most.
    choices
        The only texts allowed.
    owner
        ``"planner"`` for columns of an output table that a refresh never overwrites.
    share
        A number that is a share of something, so that the text ``12%`` can only mean 0.12.
    """

    name: str
    kind: Kind
    help: str = ""
    required: bool = False
    default: str | float | None = None
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    owner: Literal["program", "planner"] = "program"
    share: bool = False

    @property
    def expectation(self) -> str:
        """What a value must be, as the end of a sentence.

        Examples
        --------
        >>> Column("review_days", "number", above=0, maximum=366).expectation
        'a number above 0 and at most 366'
        """
        if self.kind == "date":
            return "a date such as 2018-01-31"
        if self.kind == "flag":
            return "1 or 0"
        if self.kind == "text":
            return " or ".join((", ".join(self.choices[:-1]), self.choices[-1])) if self.choices else "a text"
        bounds = (("above", self.above), ("at least", self.minimum), ("at most", self.maximum))
        limits = " and ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)
        return f"a number {limits}".strip()


@dataclass(frozen=True)
class Table:
    """One table: its name in a workbook, its file stem in a folder, and its columns."""

    name: str
    stem: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    required: bool = False

    @property
    def column_names(self) -> list[str]:
        """Headers in their order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)
