"""Numbers from whatever is given for them, or one line that says what was expected."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError

LONGEST_SHOWN = 40
"""Characters of a wrong value that a message shows."""


def numbers(given: npt.ArrayLike, name: str, expected: str) -> FloatArray:
    """Return what is given as floating point numbers of its shape; None counts as NaN.

    Parameters
    ----------
    given
        Numbers.
    name
        What they are, for the message.
    expected
        What would have been right.

    Raises
    ------
    InputError
        If something is not a number, or larger than any that can be calculated with.

    Examples
    --------
    >>> numbers([5, "cheap"], "price", "a price per period")
    Traceback (most recent call last):
    ...
    invopt_xl.errors.InputError: price is not numeric ('cheap'); expected a price per period
    """
    try:
        plain = np.asarray(given)
        if plain.dtype.kind in "biufO":
            return np.array(plain, dtype=np.float64)
        why = repr(_culprit(plain))
    except OverflowError:
        why = "larger than 1e308"
    except (TypeError, ValueError) as error:
        why = str(error)
    raise InputError(f"{name} is not numeric ({why}); expected {expected}")


def _culprit(entries: npt.NDArray[np.generic]) -> str:
    """Return the first entry that is no number in a text, or else the first one."""
    texts = [str(entry)[:LONGEST_SHOWN] for entry in entries.ravel()]
    for text in texts:
        try:
            float(text)
        except ValueError:
            return text
    return texts[0] if texts else str(entries.dtype)
