"""What planners put into cells, for every host to be asked the same: it has to answer what the catalogue answers."""

from dataclasses import dataclass

from invopt_xl.sheet.cells import Given


@dataclass(frozen=True)
class Asked:
    """A call of a cell function as a sheet holds it.

    Error values stand for error cells, None for empty cells within ranges and for omitted arguments.
    """

    what: str
    function: str
    given: tuple[Given, ...]


def column(*cells: float | str | bool | None) -> list[list[float | str | bool | None]]:
    return [[cell] for cell in cells]


HISTORY = (12.0, 15.0, 11.0, 14.0, 16.0, 13.0, 12.0, 15.0, 14.0, 13.0, 17.0, 12.0)

ASKED = (
    Asked("values", "EOQ", (1200.0, 50.0, 3.0)),
    Asked("a column", "EOQ", (column(1200.0, 2400.0, 4800.0), 50.0, 3.0)),
    Asked("a row", "EOQ", ([[1200.0, 4800.0]], 50.0, 3.0)),
    Asked("a row beside a column", "EOQ", ([[1200.0, 4800.0]], column(50.0, 200.0), 3.0)),
    Asked("omitted arguments between others", "EOQ", (1200.0, 50.0, 3.0, None, 12.0)),
    Asked("a header over numbers", "EOQ", (column("demand", 1200.0, 4800.0), 50.0, 3.0)),
    Asked("an empty row", "EOQ", (column(1200.0, None, 4800.0), column(50.0, None, 50.0), 3.0)),
    Asked("a gap in a row", "EOQ", (column(1200.0, 4800.0), column(50.0, None), 3.0)),
    Asked("numbers as text", "EOQ", (column("1,200", "4800"), "50", 3.0)),
    Asked("a text for a number", "EOQ", (column(1200.0, "many"), 50.0, 3.0)),
    Asked("a value out of bounds", "EOQ", (1200.0, 50.0, -3.0)),
    Asked("ranges that do not fit", "EOQ", (column(1.0, 2.0, 3.0), column(1.0, 2.0), 3.0)),
    Asked("too few arguments", "EOQ", (1200.0, 50.0)),
    Asked("truth values", "EOQ", (column(True, 4800.0), 50.0, 3.0)),
    Asked("a text with quotes, signs and letters of other scripts", "HELP", ('<b>"&é漢',)),
    Asked("a history in a column", "FORECAST", (column(*HISTORY), 3.0)),
    Asked("a history in a row", "FORECAST", ([list(HISTORY)], 3.0)),
    Asked("a history with header and empty rows around", "FORECAST", (column("units", None, *HISTORY, None), 3.0)),
    Asked("items in rows", "FORECAST", ([list(HISTORY), list(HISTORY[::-1])], 2.0, *[None] * 5, "rows")),
    Asked("a text within a history", "FORECAST", (column(*HISTORY, "x"), 3.0)),
    Asked("a service target in percent", "FORECAST", (column(*HISTORY), 3.0, None, "95%")),
)
"""Cases that mean the same in every host; error cells in ranges are each host's own (Calc does not call us then)."""
