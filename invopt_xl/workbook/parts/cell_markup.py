"""Cells as bytes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import count
from xml.sax.saxutils import escape

import pandas as pd

from invopt_xl.workbook.parts.cells import plain, serial_of
from invopt_xl.workbook.parts.markup import clean_text, quoted, set_attributes, text_markup
from invopt_xl.workbook.parts.sheet_rows import Cell
from invopt_xl.workbook.parts.sheet_scan import SheetLayout

_NOT_ADDRESSES = re.compile(r'"[^"]*"|\'[^\']*\'(?=!)|\[[^\[\]]*\]')
_HAS_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9_.])\$?[A-Za-z]{1,3}\$?[0-9]{1,7}(?![A-Za-z0-9_.(])|\$?\b[A-Z]{1,3}:\$?[A-Z]{1,3}\b|\$?\b[0-9]+:\$?[0-9]+\b"
)

_BLANK = b"/>"


class CellWriter:
    """Writes cells of one sheet.

    Parameters
    ----------
    prefix
        What stands before the sheet's element names: empty, or such as ``"x:"``.
    date1904
        Whether dates count from 1904.

    Examples
    --------
    >>> writer = CellWriter("", date1904=False)
    >>> writer.value("B2", "4", 1.50), writer.value("B3", None, None), writer.value("B4", "4", None)
    (b'<c r="B2" s="4"><v>1.5</v></c>', b'', b'<c r="B4" s="4"/>')
    >>> writer.value("B5", None, "=1+1")
    b'<c r="B5" t="inlineStr"><is><t>=1+1</t></is></c>'
    """

    def __init__(self, prefix: str, *, date1904: bool) -> None:
        self.date1904 = date1904
        p = prefix.encode()
        self._cell = b'<%sc r="' % p
        # Texts and days come again and again.
        self._repeated = lru_cache(2**16)(self._written)
        self._number = b"><%sv>%%s</%sv></%sc>" % (p, p, p)
        self._flag = b' t="b"><%sv>%%d</%sv></%sc>' % (p, p, p)
        self._error = b' t="e"><%sv>#NUM!</%sv></%sc>' % (p, p, p)
        self._text = b' t="inlineStr"><%sis><%st%%s>%%s</%st></%sis></%sc>' % (p, p, p, p, p)
        self._formula = b'><%sf ca="1">%%s</%sf></%sc>' % (p, p, p)

    def value(self, address: str, style: str | None, value: object) -> bytes:
        """Return a cell that holds a value; nothing for no value without a format.

        Texts stand in the cell itself and never become formulas; an infinite number shows as ``#NUM!``.
        """
        content = self._content(value)
        return b"" if style is None and content is _BLANK else self._open(address, style) + content

    def column(
        self, letters: str, first_row: int, styles: Sequence[str | None], values: Sequence[object]
    ) -> list[bytes]:
        """Return cells that stand below each other and hold values, as `value` does each.

        Examples
        --------
        >>> CellWriter("", date1904=False).column("B", 2, ["4", None], [1.50, "tea"])
        [b'<c r="B2" s="4"><v>1.5</v></c>', b'<c r="B3" t="inlineStr"><is><t>tea</t></is></c>']
        """
        start, real, content_of = self._cell + letters.encode(), self._real, self._content
        formats = {style: _format(style) for style in set(styles)}
        contents = [real(value) if type(value) is float else content_of(value) for value in values]
        return [
            b"" if style is None and content is _BLANK else b"%s%d%s%s" % (start, row, formats[style], content)
            for row, style, content in zip(count(first_row), styles, contents, strict=False)
        ]

    def _open(self, address: str, style: str | None) -> bytes:
        return self._cell + address.encode() + _format(style)

    def _content(self, value: object) -> bytes:
        """Return what stands in a cell behind its format."""
        return self._repeated(value) if type(value) in (str, pd.Timestamp) else self._written(value)

    def _real(self, value: float) -> bytes:
        if value.is_integer() and abs(value) < 1e15:
            return self._number % b"%d" % value
        if math.isfinite(value):
            return self._number % repr(value).encode()
        return _BLANK if math.isnan(value) else self._error

    def _written(self, value: object) -> bytes:
        value = plain(value)
        if isinstance(value, datetime):
            serial = serial_of(value, date1904=self.date1904)
            value = value.date().isoformat() if serial is None else serial
        if value is None or value == "":
            return _BLANK
        if isinstance(value, bool):
            return self._flag % value
        if isinstance(value, int):
            return self._number % str(value).encode()
        if isinstance(value, float):
            return self._real(value)
        text = clean_text(str(value))
        keep = b' xml:space="preserve"' if text != text.strip() or "\n" in text or "  " in text else b""
        return self._text % (keep, text_markup(text))

    def formula(self, address: str, style: str | None, formula: str) -> bytes:
        """Return a cell with a formula and no value, marked to be calculated when the workbook is opened."""
        return self._open(address, style) + self._formula % escape(formula).encode()


def _format(style: str | None) -> bytes:
    """Return the end of a cell's address and its format."""
    return b'"' if style is None else b'" s=%s' % quoted(style)


def moved(layout: SheetLayout, cell: Cell, address: str) -> bytes:
    """Return a cell without a formula under another address, all else as it was."""
    tag = layout.data[cell.start : cell.start_tag_end]
    return set_attributes(tag, {"r": address}) + layout.data[cell.start_tag_end : cell.end]


def uses_addresses(formula: str) -> bool:
    """Tell whether a formula names cells by address rather than by table column.

    Examples
    --------
    >>> [uses_addresses(text) for text in ("tblPlan[[#This Row],[A1]]*2", "D2*2", "SUM(Lists!$A:$B)", "LOG10(1)")]
    [False, True, True, False]
    """
    previous = ""
    while previous != formula:
        previous, formula = formula, _NOT_ADDRESSES.sub("", formula)
    return _HAS_ADDRESS.search(formula) is not None


def translated(formula: str, origin: str, address: str) -> str:
    """Return a formula as it reads when copied from one cell to another."""
    if origin == address or not uses_addresses(formula):
        return formula
    from openpyxl.formula.translate import Translator

    return str(Translator(f"={formula}", origin=origin).translate_formula(address))[1:]
