"""What a formula mentions: areas of sheets, columns of tables, names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from invopt_xl.errors import FileError
from invopt_xl.workbook.parts.cells import MAXIMUM_COLUMN, MAXIMUM_ROW, Area

_CELL = r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}"
_AREA = rf"{_CELL}(?::{_CELL})?|\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}|\$?[0-9]{{1,7}}:\$?[0-9]{{1,7}}"
_SHEET = r"'(?:[^']|'')+'!|(?:\[[0-9]+\])?[^\W\d][\w.]*(?::[^\W\d][\w.]*)?!"
_COLUMNS = r"\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]"
_MENTION = re.compile(
    rf'"(?:[^"]|"")*"|(?<![\w.])(?:(?P<sheet>{_SHEET})?'
    rf"(?:(?P<area>{_AREA})(?![\w.(\[!])|(?P<name>[^\W\d][\w.\\?]*)(?![\w.(!])(?P<columns>{_COLUMNS})?))"
    rf"|(?<![\w.\]])(?P<own>{_COLUMNS})(?![\w!])"
)
_COLUMN = re.compile(r"\[((?:[^\[\]']|'.)*)\]")
_RELATIVE_ROW = re.compile(r"(?<![0-9$])[0-9]")
_RELATIVE_COLUMN = re.compile(r"(?<![A-Za-z$])[A-Za-z]")
_OUR_FUNCTION = re.compile(r"(?<![a-z0-9])invopt[_.]", re.IGNORECASE)
_ANYWHERE = re.compile(r"(?<![\w.])(?:INDIRECT|OFFSET)\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """An area, a name of a table or another name, or columns of the formula's own table, as they stand in a formula.

    Parameters
    ----------
    sheet
        The sheet before the exclamation mark, small letters, quotes off; None for the formula's own. ``first:last``
        for several.
    area
        The reference as it is written; empty for a name.
    name
        The name in small letters; empty for an area and for the formula's own table.
    columns
        What a table's name has in brackets; empty without.
    """

    sheet: str | None
    area: str
    name: str
    columns: str = ""

    @property
    def is_of_one_row(self) -> bool:
        """Whether it names the columns of a table in the formula's own row."""
        return "#this row" in self.columns.lower() or self.columns.startswith("[@")

    @property
    def column_names(self) -> list[str]:
        """Names of the table's columns in small letters, among them such as ``#data``."""
        inner = self.columns[1:-1]
        parts = [*_COLUMN.findall(inner), _COLUMN.sub("", inner).strip("@,: ")]
        return [re.sub("'(.)", r"\1", part).lower() for part in parts if part]


@lru_cache(maxsize=4096)
def mentions(formula: str) -> tuple[Mention, ...]:
    """Return what a formula mentions, functions and texts left out.

    Examples
    --------
    >>> [mention.area or mention.name for mention in mentions('SUM($B$2:B9,tblPlan[item])+LOG10(rate)&"C3"')]
    ['$B$2:B9', 'tblplan', 'rate']
    >>> mentions("'It''s'!A1")[0].sheet, mentions("[[#This Row],a]*2")[0].columns
    ("it's", '[[#This Row],a]')
    """
    return tuple(
        Mention(_sheet(match["sheet"]), match["area"] or "", (match["name"] or "").lower(), _columns(match))
        for match in _MENTION.finditer(formula)
        if match["area"] or match["name"] or match["own"]
    )


def _columns(match: re.Match[str]) -> str:
    return match["columns"] or match["own"] or ""


def _sheet(written: str | None) -> str | None:
    if written is None:
        return None
    bare = written[:-1]
    return (bare[1:-1].replace("''", "'") if bare.startswith("'") else bare).lower()


def spread(reference: str, over: Area) -> Area | None:
    """Return all that a reference names when its formula, written for the first cell of an area, fills the area.

    Examples
    --------
    >>> str(spread("$B2", Area.parse("D2:E9"))), str(spread("B2", Area.parse("D2:E9")))
    ('B2:B9', 'B2:C9')

    Returns
    -------
    Area or None
        None for what only looks like a reference.
    """
    try:
        area = Area.parse(reference)
    except FileError:
        return None
    rows = over.last_row - over.first_row if _RELATIVE_ROW.search(reference) else 0
    columns = over.last_column - over.first_column if _RELATIVE_COLUMN.search(reference) else 0
    return _within(area.first_row, area.first_column, area.last_row + rows, area.last_column + columns)


def _within(first_row: int, first_column: int, last_row: int, last_column: int) -> Area:
    """Return an area; what runs over the edge of a sheet begins again at the other."""
    if last_row > MAXIMUM_ROW:
        first_row, last_row = 1, MAXIMUM_ROW
    if last_column > MAXIMUM_COLUMN:
        first_column, last_column = 1, MAXIMUM_COLUMN
    return Area(first_row, first_column, last_row, last_column)


def calls_our_functions(formula: str) -> bool:
    """Tell whether a formula calls functions of ours, under the names of any host.

    Examples
    --------
    >>> [calls_our_functions(text) for text in ("1+_xldudf_INVOPT_EOQ(1,2)", "INVOPT.EOQ(1,2)", "MYINVOPT_X(1)")]
    [True, True, False]
    """
    return "invopt" in formula.lower() and _OUR_FUNCTION.search(formula) is not None


def reads_anywhere(formula: str) -> bool:
    """Tell whether what a formula reads is not written in it."""
    return _ANYWHERE.search(formula) is not None


def sheets_between(sheet: str, names: list[str]) -> Iterator[str]:
    """Yield the sheet of a mention, or all sheets from the first to the last of two; none of another workbook.

    Examples
    --------
    >>> list(sheets_between("a:b", ["plan", "a", "x", "b"])), list(sheets_between("[1]plan", ["plan"]))
    (['a', 'x', 'b'], [])
    """
    first, _, last = sheet.partition(":")
    last = last or first
    if first in names and last in names:
        yield from names[names.index(first) : names.index(last) + 1]
