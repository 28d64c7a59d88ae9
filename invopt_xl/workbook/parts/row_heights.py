"""Heights of rows whose text wraps: spreadsheets trust those a file states, and few measure text when they open it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from invopt_xl.workbook.parts.markup import set_attributes

CHARACTERS = 1.35
"""Letters of ordinary text for each unit of a column's width, which is that of a digit of a slightly larger font."""

INDENT = 1
"""Letters that have no room in a column, for words stand a little right of its edge."""

LINE, PADDING = 13.5, 1.5
"""Points that a line of text takes, and those around all lines."""

_FIXED = re.compile(rb"""\scustomHeight\s*=\s*["'](?:1|true)["']""")
_HEIGHT = re.compile(rb"""\sht\s*=\s*["']([0-9.]+)["']""")


def lines_of(text: str, width: float) -> int:
    """Return the lines that a text takes in a column of some width.

    Examples
    --------
    >>> lines_of("Covers demand of 8 Jan", 40), lines_of("Covers demand of 8 Jan", 13), lines_of("", 13)
    (1, 2, 1)
    """
    room = max(int(CHARACTERS * width) - INDENT, 1)
    if len(text) <= room and text.isprintable():
        return 1
    return max(sum(len(textwrap.wrap(part, room)) or 1 for part in text.splitlines()), 1)


def height_of(texts: Iterable[tuple[str, float]]) -> float | None:
    """Return the height of a row, points, from its texts that wrap with their columns' widths; None for one line.

    Examples
    --------
    >>> height_of([("Covers demand of 8 Jan", 13.0), ("tea", 13.0)]), height_of([("tea", 13.0)])
    (28.5, None)
    """
    lines = max((lines_of(text, width) for text, width in texts), default=1)
    return LINE * lines + PADDING if lines > 1 else None


def with_height(tag: bytes, height: float | None, *, alone: bool) -> bytes:
    """Return a row's start tag with another height, unless somebody set the one it has.

    Parameters
    ----------
    tag
        The start tag as it is.
    height
        Points that its new texts take; None where they take a line.
    alone
        Whether it holds nothing beside the table; else it becomes no lower, for the sake of what else stands there.

    Examples
    --------
    >>> with_height(b'<row r="5">', 28.5, alone=True), with_height(b'<row r="5" ht="42">', None, alone=True)
    (b'<row r="5" ht="28.5">', b'<row r="5">')
    >>> with_height(b'<row r="5" ht="60" customHeight="1">', 28.5, alone=True)
    b'<row r="5" ht="60" customHeight="1">'
    """
    if _FIXED.search(tag):
        return tag
    old = _HEIGHT.search(tag)
    if not alone and old is not None:
        height = max(height or 0.0, float(old[1]))
    return set_attributes(tag, {"ht": None if height is None else f"{height:g}"})
