"""Which name was meant: one that looks the same, or the only one that is nearly the same."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

_NEARLY = 0.8
"""Least ratio of a name that is nearly the same."""

_MOST = 2_000
"""Among more names only those that look the same are sought: comparing each takes too long."""

_LOOKALIKES = str.maketrans("oil|", "0111", " -_./")


def similar_name(name: str, known: Iterable[str]) -> str:
    """Return the known name that was meant; "" if none or several may have been.

    Parameters
    ----------
    name
        As it was typed.
    known
        The names there are.

    Examples
    --------
    >>> similar_name("A1l5", ["A105", "A115", "A125"]), similar_name("green te", ["green tea", "cup"])
    ('A115', 'green tea')
    >>> similar_name("A1155", ["A105", "A115", "A155"])
    ''
    """
    names = list(dict.fromkeys(known))
    alike = [each for each in names if _look(each) == _look(name)]
    if not alike and len(names) <= _MOST:
        alike = get_close_matches(name, names, 2, _NEARLY)
        if len(alike) == 2 and _ratio(alike[0], name) > _ratio(alike[1], name):
            alike = alike[:1]
    return alike[0] if len(alike) == 1 else ""


def _look(name: str) -> str:
    """Return a name without what the eye passes over: case, spaces and dashes, and O for 0 or l for 1."""
    return name.casefold().translate(_LOOKALIKES)


def _ratio(known: str, name: str) -> float:
    return SequenceMatcher(None, known, name).ratio()
