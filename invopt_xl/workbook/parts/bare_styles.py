"""Cell formats that show nothing of their own: what a cell has that nobody formatted, whichever program wrote it."""

from __future__ import annotations

from invopt_xl.workbook.parts.book import Book
from invopt_xl.workbook.parts.markup import main

_GENERAL = "general"


def bare_styles(book: Book) -> frozenset[str | None]:
    """Return the numbers of the formats without a number format, fill, border or font; None for no format among them.

    Parameters
    ----------
    book
        The workbook. LibreOffice writes such a format many times, as one of cells with a validation.
    """
    part = book.styles_part
    found: set[str | None] = {None, "0"}
    general = {"0"}
    inside, number = False, -1

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside, number
        if name == main("numFmt") and attributes.get("formatCode", "").lower() == _GENERAL:
            general.add(attributes.get("numFmtId", ""))
        elif name in (main("cellXfs"), main("cellStyles"), main("dxfs")):
            inside = name == main("cellXfs")
        elif inside and name == main("xf"):
            number += 1
            bare = all(attributes.get(each, "0") == "0" for each in ("fontId", "fillId", "borderId"))
            if bare and attributes.get("numFmtId", "0") in general:
                found.add(str(number))

    if part is not None:
        book.each_element(part, start)
    return frozenset(found)
