"""Names that Excel takes: of a table, of its headers, and of a sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import count

import pandas as pd

from invopt_xl.errors import require
from invopt_xl.workbook.parts.markup import clean_text

_TABLE_NAME = re.compile(r"[^\W\d][\w.]{0,254}")
_ADDRESS_LIKE = re.compile(r"[A-Za-z]{1,3}[0-9]{1,7}|[Rr]([0-9]*[Cc])?[0-9]*|[Cc][0-9]*")
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")
_LONGEST_SHEET_NAME, _LONGEST_HEADER = 31, 255
_RESERVED = "history"
"""A sheet of this name is Excel's own."""


def table_headers(frame: pd.DataFrame) -> list[str]:
    """Return the headers of a table with these rows, each on one line.

    Raises
    ------
    InputError
        If there is none, or one is blank, too long or there twice.
    """
    headers = [_on_one_line(str(name)) for name in frame.columns]
    require(bool(headers), "the table to be written", "without columns", "one column at least")
    for place, header in enumerate(headers):
        require(bool(header), f"header {place + 1} of the table", "blank", "a name")
        longest = f"at most {_LONGEST_HEADER} characters"
        require(len(header) <= _LONGEST_HEADER, f"the header {header[:20]}...", f"{len(header)} long", longest)
        before = [other.lower() for other in headers[:place]]
        require(header.lower() not in before, "the header", f"{header} twice", "a name of its own for each column")
    return headers


def require_table_name(name: str) -> None:
    """Refuse a name that no table can have.

    Raises
    ------
    InputError
        If it is such a name.
    """
    sound = _TABLE_NAME.fullmatch(name) and not _ADDRESS_LIKE.fullmatch(name)
    require(bool(sound), "the name of a table", repr(name), "letters, digits and _, such as tblFirstLook")


def sheet_title(title: str, others: Iterable[str]) -> str:
    """Return a name for a sheet: what Excel takes of a title, numbered where another sheet has it.

    Examples
    --------
    >>> sheet_title("Excess: what to do", []), sheet_title("Excess", ["Cover", "EXCESS"])
    ('Excess  what to do', 'Excess 2')
    """
    wanted = _NOT_IN_SHEET_NAMES.sub(" ", _on_one_line(title)).strip("' ")[:_LONGEST_SHEET_NAME].rstrip("' ") or "Table"
    taken = {_RESERVED, *(name.lower() for name in others)}
    numbered = (f"{wanted[: _LONGEST_SHEET_NAME - 1 - len(str(number))]} {number}" for number in count(2))
    return wanted if wanted.lower() not in taken else next(each for each in numbered if each.lower() not in taken)


def _on_one_line(text: str) -> str:
    return " ".join(clean_text(text).split())
