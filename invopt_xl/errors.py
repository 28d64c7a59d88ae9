"""What can go wrong, in words a planner can act on.

Every error meant for a person is an `InvoptError` whose text is one line: what it is about, the value, and what
was expected. Hosts show that line; they never show a traceback.
"""

from __future__ import annotations


class InvoptError(Exception):
    """Base of every error that is told to a user in one line."""


class InputError(InvoptError, ValueError):
    """A value, a row or a table is not what the calculation needs."""


class FileError(InvoptError):
    """A workbook or a folder of tables cannot be read or written."""


class SolverError(InvoptError):
    """No solver could be run."""


def how_to_install(extra: str) -> str:
    """Return how an extra is installed: from the package's folder, as its name in an index may be somebody else's.

    Examples
    --------
    >>> how_to_install("web")
    'python -m pip install ".[web]" in the folder of invopt_xl'
    """
    return f'python -m pip install ".[{extra}]" in the folder of invopt_xl'


def require(condition: bool, name: str, value: object, expected: str) -> None:
    """Raise an `InputError` that names the value and what was expected, unless `condition` holds.

    Parameters
    ----------
    condition
        What must be true.
    name
        The thing in the user's words, with its place where known: ``"service level (row 2)"``.
    value
        What was given.
    expected
        What would have been right, with an example.

    Raises
    ------
    InputError
        If `condition` is false.

    Examples
    --------
    >>> require(0 < 95 < 1, "service level", 95, "between 0 and 1, such as 0.95")
    Traceback (most recent call last):
    ...
    invopt_xl.errors.InputError: service level is 95; expected between 0 and 1, such as 0.95
    """
    if not condition:
        raise InputError(f"{name} is {value}; expected {expected}")
