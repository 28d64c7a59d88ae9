"""Which name was meant: one that looks the same, or the only one that is nearly the same."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

from invopt_xl.domain.words import named

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
    >>> similar_name("A1155", ["A105", "A115", "A155"]), similar_name("22", ["0022", "0023"])
    ('', '0022')
    """
    names = list(dict.fromkeys(known))
    alike = [each for each in names if _look(each) == _look(name)]
    if not alike and len(names) <= _MOST:
        alike = get_close_matches(name, names, 2, _NEARLY)
        if len(alike) == 2 and _ratio(alike[0], name) > _ratio(alike[1], name):
            alike = alike[:1]
    return alike[0] if len(alike) == 1 else ""


def named_with_meant(names: Iterable[str], known: Iterable[str], most: int = 2) -> str:
    """Return the first of some unknown names, each with the known one that was meant, and how many more there are.

    Parameters
    ----------
    names
        As they were typed.
    known
        The names there are.
    most
        How many are named.

    Examples
    --------
    >>> named_with_meant(["22", "cup", "milk", "salt"], ["0022", "tea"])
    '22 (did you mean 0022?), cup and 2 more'
    """
    texts, meant = list(names), list(known)
    hints = [similar_name(name, meant) for name in texts[:most]]
    told = [f"{name} (did you mean {hint}?)" if hint else name for name, hint in zip(texts, hints, strict=False)]
    return named([*told, *texts[most:]], most)


def _look(name: str) -> str:
    """Return a name without what the eye passes over, and the zeros before it that a spreadsheet takes away.

    The eye passes over case, spaces and dashes, and O for 0 or l for 1.
    """
    text = name.casefold().translate(_LOOKALIKES)
    return text.lstrip("0") or text


def _ratio(known: str, name: str) -> float:
    return SequenceMatcher(None, known, name).ratio()
