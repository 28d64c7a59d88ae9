"""Whose licence the server is under, in words, and that the user said which of the two it is."""

from __future__ import annotations

from collections.abc import MutableMapping

from invopt_xl.errors import InvoptError

KEY = "XLWINGS_LICENSE_KEY"
"""The environment variable in which xlwings looks for its licence."""

NONCOMMERCIAL = "noncommercial"

TERMS = (
    "xlwings Server is not free software: it is free for noncommercial use (PolyForm Noncommercial License 1.0.0, "
    "https://polyformproject.org/licenses/noncommercial/1.0.0); other use needs a licence from https://www.xlwings.org."
)


def accept(noncommercial: bool, environment: MutableMapping[str, str]) -> str:
    """Return the licence in use, in words; it is never chosen on the user's behalf.

    Parameters
    ----------
    noncommercial
        Whether the user says that the use is noncommercial.
    environment
        Variables of the process; the key is set there for xlwings.

    Raises
    ------
    InvoptError
        If the user has said nothing, or both.

    Examples
    --------
    >>> accept(True, {})
    'xlwings Server: noncommercial use (PolyForm Noncommercial License 1.0.0)'
    >>> accept(False, {"XLWINGS_LICENSE_KEY": "a key"})
    'xlwings Server: with your licence key'
    """
    key = environment.get(KEY, "").strip()
    if not key and not noncommercial:
        raise InvoptError(f"{TERMS} Start with --noncommercial, or set {KEY}")
    if noncommercial and key not in ("", NONCOMMERCIAL):
        raise InvoptError(f"--noncommercial is given, and {KEY} is set; expected one of them")
    environment[KEY] = key or NONCOMMERCIAL
    return in_words(environment)


def check() -> None:
    """Refuse to go on with a key that xlwings does not take.

    Raises
    ------
    InvoptError
        If it does not.
    """
    try:
        # It is here that xlwings looks at the licence.
        import xlwings.server  # noqa: F401
    except Exception as error:
        # The class of the error cannot be imported where xlwings refuses the licence.
        if type(error).__name__ != "LicenseError":
            raise
        raise InvoptError(f"{KEY} is not taken by xlwings: {error}") from None


def in_words(environment: MutableMapping[str, str]) -> str:
    """Return the licence in use in words."""
    if environment.get(KEY) == NONCOMMERCIAL:
        return "xlwings Server: noncommercial use (PolyForm Noncommercial License 1.0.0)"
    return "xlwings Server: with your licence key"
