"""Whether anything stands below some row of a sheet, told from the end of its XML without reading the rest."""

from __future__ import annotations

import re

_ROW = re.compile(rb"""<row\b[^>]*?\sr=["'](\d+)["']""")
_CONTENT = re.compile(rb"<(?:v|f|is)\b")


def may_hold_below(data: bytes, row: int) -> bool:
    """Tell whether a sheet may hold anything below a row; rows that have only formats hold nothing.

    Parameters
    ----------
    data
        The sheet's XML. Where its elements have a prefix, or its rows no numbers, it may.
    row
        The row.

    Examples
    --------
    >>> sheet = b'<sheetData><row r="4"><c r="A4"><v>1</v></c></row><row r="7"><c r="A7" s="2"/></row></sheetData><f/>'
    >>> may_hold_below(sheet, 4), may_hold_below(sheet, 3)
    (False, True)
    >>> may_hold_below(b'<sheetData><row r="4"/><row><c><v>1</v></c></row></sheetData>', 4)
    True
    """
    end = data.rfind(b"</sheetData>")
    while end > 0 and (start := data.rfind(b"<row", 0, end)) >= 0:
        number = _ROW.match(data, start, end)
        if number is None or int(number[1]) <= row:
            return number is None
        if _CONTENT.search(data, start, end):
            return True
        end = start
    return True
