"""Numbers with their nouns and units."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "row"), counted(2500, "row")
    ('1 row', '2,500 rows')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def amount(value: float, currency: str) -> str:
    """Return money with its currency; the number alone where none is stated.

    Examples
    --------
    >>> amount(53096.6, "USD"), amount(53096.6, "")
    ('53,097 USD', '53,097')
    """
    return f"{value:,.0f} {currency}".strip()
