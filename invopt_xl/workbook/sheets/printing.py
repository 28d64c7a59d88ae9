"""How sheets print: no letter smaller than people read at a meeting, and columns that belong together on a page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from xlsxwriter.worksheet import Worksheet

FONT_POINTS = 10.0
"""Size of the words in cells."""

LEAST_POINTS = 7.0
"""No print is smaller."""

MARGINS = {"left": 0.4, "right": 0.4, "top": 0.5, "bottom": 0.6}
"""Inches."""

_LETTER_INCHES = 11.0
"""Length of the shorter of the two papers that offices have: a sheet laid out for it prints on A4 too."""

_SCREEN_DOTS = 96.0
"""Dots of a screen to the inch: columns are measured in them."""

ROOM = int((_LETTER_INCHES - MARGINS["left"] - MARGINS["right"]) * _SCREEN_DOTS * FONT_POINTS / LEAST_POINTS)
"""Pixels of columns that a landscape page takes at the smallest print."""

_HUNDRED = 100

_WIDE = 24.0
"""Characters of a column of sentences, which may take another line."""


def pixels(width: float) -> int:
    """Return the pixels of a column whose width is given in characters, as spreadsheets count them.

    Examples
    --------
    >>> pixels(8.43), pixels(13)
    (64, 96)
    """
    return int(width * 7 + 0.5) + 5


def fitted(widths: Sequence[float]) -> list[float]:
    """Return widths of columns, characters, that a page takes: wide columns become narrower, each by the same share.

    Examples
    --------
    >>> fitted([20, 60]), [int(width) for width in fitted([20, 100, 200])]
    ([20, 60], [20, 59, 118])
    """
    wide = sum(width for width in widths if width > _WIDE)
    narrow = sum(pixels(width) for width in widths if width <= _WIDE)
    room = (ROOM - narrow) / 7 - sum(width > _WIDE for width in widths)
    return [width * room / wide if width > _WIDE and room < wide else width for width in widths]


def page_starts(widths: Sequence[int], repeated: int = 0, starts: Collection[int] = ()) -> list[int]:
    """Return the columns, counted from 0, that pages begin with: as few as print at a size that is read.

    Parameters
    ----------
    widths
        Of all columns, pixels.
    repeated
        Columns at the left that stand on every page.
    starts
        Where tables begin: a table that does not fit beside the one before it begins a page of its own.

    Examples
    --------
    >>> page_starts([100, 500, 500, 500, 500], repeated=1), page_starts([700, 64, 300, 500], starts=[2])
    ([0, 3], [0, 2])
    """
    blocks = [*sorted({0, *starts}), len(widths)]
    held = sum(widths[:repeated])
    pages, used = [0], 0
    for first, end in pairwise(blocks):
        if first and used + sum(widths[first:end]) > ROOM:
            pages.append(first)
            used = held
        for column in range(first, end):
            if used + widths[column] > ROOM and used > held:
                pages.append(column)
                used = held
            used += widths[column]
    return pages


def print_pages(sheet: Worksheet, widths: Sequence[int], repeated: int = 0, starts: Collection[int] = ()) -> None:
    """Print a sheet over as many pages side by side as it takes to be read.

    Parameters
    ----------
    sheet
        The sheet.
    widths, repeated, starts
        As for `page_starts`.
    """
    pages = page_starts(widths, repeated, starts)
    if len(pages) == 1:
        sheet.fit_to_pages(1, 0)
        return
    held = sum(widths[:repeated])
    widest = max(sum(widths[first:end]) + (held if first else 0) for first, end in pairwise([*pages, len(widths)]))
    sheet.set_print_scale(min(int(_HUNDRED * ROOM * LEAST_POINTS / FONT_POINTS / widest), _HUNDRED))
    sheet.set_v_pagebreaks(pages[1:])
    sheet.print_across()
    if repeated:
        sheet.repeat_columns(0, repeated - 1)
