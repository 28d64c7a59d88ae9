"""What stands in cells of an open workbook: as xlwings hands it over, and as Excel takes it without changing it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from invopt_xl.hosts.excel.values import ERROR_NAMES
from invopt_xl.plan.columns import CellFault
from invopt_xl.workbook.parts.cells import plain, serial_of
from invopt_xl.workbook.parts.markup import clean_text

_ERRORS = frozenset({*ERROR_NAMES.values(), "#DATA!"})
_EPOCH_1900, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_DAY = timedelta(days=1)

_EARLIEST = 61
"""Serials before 1 March 1900 are durations and times of day: xlwings hands over as dates whatever shows hours too."""

_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as it reads in its cell.

    Parameters
    ----------
    text
        Beginning with ``=``.
    """

    text: str


Content = object
"""str, int, float, bool, datetime, `CellFault`, `Formula`, or None for nothing."""


def shown(value: object, *, date1904: bool = False) -> object:
    """Return a value that xlwings read, as the same cell of the file reads.

    Parameters
    ----------
    value
        With errors as text.
    date1904
        Whether dates count from 1904.

    Examples
    --------
    >>> shown(7.0), shown("#N/A"), shown(datetime(1899, 12, 30, 12)), shown(datetime(2018, 1, 1)), shown("")
    (7, '#N/A', 0.5, datetime.datetime(2018, 1, 1, 0, 0), None)
    """
    if isinstance(value, str):
        return CellFault(value) if value in _ERRORS else value or None
    if isinstance(value, datetime):
        days: float = (value.replace(tzinfo=None) - (_EPOCH_1904 if date1904 else _EPOCH_1900)) / _DAY
        return days if days < _EARLIEST else value.replace(tzinfo=None)
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, int) and not isinstance(value, bool) and value in ERROR_NAMES:
        return CellFault(ERROR_NAMES[value])
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def content_of(value: object, formula: object, *, date1904: bool = False) -> Content:
    """Return what a cell holds: its formula, or its value where it has none.

    A text that begins with ``=`` is told from a formula by its value, which is itself.

    Examples
    --------
    >>> content_of(3.0, "=1+2"), content_of("=1+2", "=1+2"), content_of(3.0, "3")
    (Formula(text='=1+2'), '=1+2', 3)
    """
    if isinstance(formula, str) and formula.startswith("=") and formula != value:
        return Formula(formula)
    return shown(value, date1904=date1904)


def for_excel(content: Content, *, date1904: bool = False) -> float | bool | str:
    """Return what Excel is given for a cell to hold just this.

    Dates are given by their serials, which no language of Excel reads otherwise; a text is marked as one by an
    apostrophe where Excel would make a number, a date or a formula of it.

    Examples
    --------
    >>> for_excel("=1+1"), for_excel("007"), for_excel("Covers five weeks."), for_excel(None), for_excel(Formula("=A1"))
    ("'=1+1", "'007", 'Covers five weeks.', '', '=A1')
    >>> for_excel(datetime(2018, 1, 1)), for_excel(float("inf")), for_excel(CellFault("#N/A"))
    (43101.0, '#NUM!', '#N/A')
    """
    if isinstance(content, Formula):
        return content.text
    if isinstance(content, CellFault):
        return str(content)
    value = plain(content)
    if isinstance(value, datetime):
        serial = serial_of(value, date1904=date1904)
        value = value.date().isoformat() if serial is None else serial
    if value is None:
        return ""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        number = float(value)
        return number if math.isfinite(number) else "#NUM!"
    text = clean_text(str(value))
    return text if not text or is_plainly_text(text) else f"'{text}"


def is_plainly_text(text: str) -> bool:
    """Tell whether no language of Excel could take a typed text for anything else: it has words enough.

    Examples
    --------
    >>> [is_plainly_text(each) for each in ("Covers 5 weeks of demand.", "TRUE", "MAR1", "1 January 2018", "@x y")]
    [True, False, False, False, False]
    """
    if text[0] in "=+-@#'" or not text[0].isprintable() or text[0].isspace():
        return False
    words = len(_WORD.findall(text))
    return words > (3 if any(each.isdigit() for each in text) else 1)
