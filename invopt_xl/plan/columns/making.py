"""How columns of the data contract are declared: in one line where that is enough."""

from __future__ import annotations

from invopt_xl.plan.schema import Column

DEFAULT_LOCATION = "MAIN"


def text(name: str, note: str = "", **options: object) -> Column:
    """Return a column of a text."""
    return Column(name, "text", note, **options)  # type: ignore[arg-type]


def number(name: str, note: str = "", **options: object) -> Column:
    """Return a column of a number."""
    return Column(name, "number", note, **options)  # type: ignore[arg-type]


def date(name: str, note: str = "", **options: object) -> Column:
    """Return a column of a date."""
    return Column(name, "date", note, **options)  # type: ignore[arg-type]


LOCATION = text("location", "Where the item is stocked.", default=DEFAULT_LOCATION)
