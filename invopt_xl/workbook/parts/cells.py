"""Cell addresses, and values as they stand in cells."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

import numpy as np
import pandas as pd

from invopt_xl.errors import FileError
from invopt_xl.plan.columns import CellFault
from invopt_xl.workbook.parts.markup import unescape_text

MAXIMUM_ROW = 1_048_576
MAXIMUM_COLUMN = 16_384

_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})\Z")
_EPOCH_1900 = datetime(1899, 12, 30)
_EPOCH_1904 = datetime(1904, 1, 1)
_LEAP_BUG = 61
"""Serial 60 is 29 February 1900, a day that never was; serials before it are a day later than they seem."""
_LAST_SERIAL = 2_958_466
"""The day after 31 December 9999 in the 1900 system."""

UNCALCULATED = CellFault("formula without a value")


@cache
def column_letters(column: int) -> str:
    """Return the letters of a column.

    Examples
    --------
    >>> column_letters(1), column_letters(28), column_letters(16384)
    ('A', 'AB', 'XFD')
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@cache
def column_number(letters: str) -> int:
    """Return the number of a column.

    Examples
    --------
    >>> column_number("A"), column_number("AB")
    (1, 28)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, its corners included.

    Examples
    --------
    >>> area = Area.parse("$B$2:D9")
    >>> area.first_row, area.last_column, str(area), str(Area.parse("C5"))
    (2, 4, 'B2:D9', 'C5')
    """

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    @classmethod
    def parse(cls, reference: str) -> Area:
        """Return the area an A1 reference names; whole columns and rows are understood.

        Raises
        ------
        FileError
            If it is no reference.
        """
        first, _, last = reference.partition(":")
        first_row, first_column = _corner(first, 1, reference)
        last_row, last_column = _corner(last or first, 0, reference)
        return cls(first_row, first_column, last_row, last_column)

    def intersects(self, other: Area) -> bool:
        """Tell whether the two share a cell."""
        return (
            self.first_row <= other.last_row
            and other.first_row <= self.last_row
            and self.first_column <= other.last_column
            and other.first_column <= self.last_column
        )

    def union(self, other: Area) -> Area:
        """Return the smallest area that holds both."""
        return Area(
            min(self.first_row, other.first_row),
            min(self.first_column, other.first_column),
            max(self.last_row, other.last_row),
            max(self.last_column, other.last_column),
        )

    def __str__(self) -> str:
        first = f"{column_letters(self.first_column)}{self.first_row}"
        last = f"{column_letters(self.last_column)}{self.last_row}"
        return first if first == last else f"{first}:{last}"


def _corner(text: str, is_first: int, reference: str) -> tuple[int, int]:
    bare = text.replace("$", "")
    if match := _ADDRESS.match(bare):
        row, column = int(match[2]), column_number(match[1])
    elif bare.isascii() and bare.isdigit() and len(bare) <= 7:
        row, column = int(bare), 1 if is_first else MAXIMUM_COLUMN
    elif bare.isascii() and bare.isalpha() and len(bare) <= 3:
        row, column = 1 if is_first else MAXIMUM_ROW, column_number(bare)
    else:
        raise FileError(f"the workbook is damaged: {reference!r} is not a cell range")
    if not (1 <= row <= MAXIMUM_ROW and 1 <= column <= MAXIMUM_COLUMN):
        raise FileError(f"the workbook is damaged: {reference!r} lies outside a sheet")
    return row, column


def date_of(serial: float, *, date1904: bool) -> datetime | None:
    """Return the moment of a date serial, or None where there is none.

    Examples
    --------
    >>> date_of(43101, date1904=False), date_of(59.5, date1904=False), date_of(-1, date1904=False)
    (datetime.datetime(2018, 1, 1, 0, 0), datetime.datetime(1900, 2, 28, 12, 0), None)
    """
    if not 0 <= serial < _LAST_SERIAL - (1462 if date1904 else 0):
        return None
    days = serial if date1904 or serial >= _LEAP_BUG else serial + 1
    epoch = _EPOCH_1904 if date1904 else _EPOCH_1900
    # Serials are doubles: a time of day is exact to a tenth of a millisecond at best.
    return epoch + timedelta(milliseconds=round(days * 86_400_000))


def serial_of(moment: datetime, *, date1904: bool) -> float | None:
    """Return the date serial of a moment, or None before the system's first day.

    Examples
    --------
    >>> serial_of(datetime(2018, 1, 1), date1904=False), serial_of(datetime(1900, 1, 1), date1904=False)
    (43101.0, 1.0)
    >>> serial_of(datetime(1900, 1, 1), date1904=True) is None
    True
    """
    serial = (moment - (_EPOCH_1904 if date1904 else _EPOCH_1900)) / timedelta(days=1)
    if not date1904 and serial < _LEAP_BUG:
        serial -= 1
        if serial < 1:
            return None
    return serial if serial >= 0 else None


@dataclass(frozen=True, slots=True)
class CellDecoder:
    """Turns what stands in a cell's markup into a value.

    Parameters
    ----------
    strings
        The workbook's shared strings.
    date_styles
        Cell formats that show a date.
    date1904
        Whether dates count from 1904.
    """

    strings: list[str]
    date_styles: frozenset[str]
    date1904: bool

    def decode(self, kind: str | None, style: str | None, text: str | None, *, formula: bool) -> object:
        """Return a number, text, flag, moment, `CellFault` or None.

        Parameters
        ----------
        kind
            The cell's type attribute.
        style
            The cell's format.
        text
            What its value element holds; None without one.
        formula
            Whether the cell holds a formula.
        """
        if kind == "e":
            return CellFault(text or "#N/A")
        if not text:
            return UNCALCULATED if formula and kind != "str" else None
        try:
            return self._value(kind, style, text)
        except (ValueError, IndexError, OverflowError):
            return CellFault(f"unreadable {text[:40]!r}")

    def _value(self, kind: str | None, style: str | None, text: str) -> object:
        if kind == "s":
            return self.strings[int(text)] or None
        if kind is None or kind == "n":
            return self._number(style, text)
        if kind == "b":
            return text.strip() in ("1", "true")
        if kind == "d":
            return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
        return unescape_text(text)

    def _number(self, style: str | None, text: str) -> object:
        if style is not None and style in self.date_styles:
            moment = date_of(float(text), date1904=self.date1904)
            return float(text) if moment is None else moment
        if len(text) <= 15 and text.isascii() and text.isdigit():
            return int(text)
        number = float(text)
        return number if math.isfinite(number) else CellFault(text[:40])


def plain(value: object) -> object:
    """Return a frame's value as str, int, float, bool, datetime or None, whatever library it comes from.

    Examples
    --------
    >>> plain(np.float64(2.0)), plain(pd.NaT), plain(pd.Timestamp("2018-01-01")), plain(np.nan)
    (2.0, None, datetime.datetime(2018, 1, 1, 0, 0), None)
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, np.datetime64 | np.timedelta64):
        value = pd.Timestamp(value) if isinstance(value, np.datetime64) else pd.Timedelta(value)
    elif isinstance(value, np.generic):
        value = value.item()
    if value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool | int | float | str):
        return value
    return _plain_time(value)


def _plain_time(value: object) -> object:
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False).replace(tzinfo=None)
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, timedelta):
        return value / timedelta(days=1)
    return str(value)
