"""Numbers with their nouns and units."""

from __future__ import annotations

from collections.abc import Iterable

_NEARLY_CERTAIN = 0.99


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


def named(names: Iterable[object], most: int = 5) -> str:
    """Return the first of some names, and how many more there are.

    Examples
    --------
    >>> named("abc"), named("abcdefg")
    ('a, b, c', 'a, b, c, d, e and 2 more')
    """
    texts = [str(name) for name in names]
    return ", ".join(texts[:most]) + (f" and {len(texts) - most:,} more" if len(texts) > most else "")


def at_assumed_rate(rate: float) -> str:
    """Return that stock is held at a rate that nobody has said, share of its value a year.

    Examples
    --------
    >>> at_assumed_rate(0.25)
    'at an assumed holding rate of 25% a year where items name none'
    """
    return f"at an assumed holding rate of {100 * rate:g}% a year where items name none"


def likely(chance: float) -> str:
    """Return a chance in words: no estimate is certain.

    Examples
    --------
    >>> likely(0.42), likely(0.9999)
    ('42%', 'over 99%')
    """
    return "over 99%" if chance > _NEARLY_CERTAIN else f"{chance:.0%}"
