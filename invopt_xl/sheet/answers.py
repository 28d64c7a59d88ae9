"""What a call returns to a host: the rows its cells show."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from invopt_xl.sheet.cells import ERRORS, MARK, Cell

NOT_AVAILABLE = "#N/A"
"""Shown where there is no number to show; hosts make it a true error value where they can."""


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
"""Made once: a call for a single cell is over sooner than one is made."""


@dataclass(frozen=True)
class Answer:
    """The result of one call.

    Parameters
    ----------
    cells
        Rows of what to show: at least one cell; None is an empty one.
    faults
        What was refused, one line each: of the whole call, or of single items.
    refused
        Whether nothing was computed.
    trace
        Where the program stumbled; empty where the input was at fault.
    """

    cells: list[list[Cell]]
    faults: tuple[str, ...] = ()
    refused: bool = False
    trace: str = ""

    @classmethod
    def refusal(cls, message: str, trace: str = "") -> Answer:
        """Return the answer to a call that cannot be computed."""
        line = marked(message)
        return cls([[line]], (line,), refused=True, trace=trace)

    def to_json(self) -> str:
        """Return the answer as one line of JSON, and the least of it."""
        parts: dict[str, Any] = {"cells": self.cells}
        if self.faults:
            parts["faults"] = self.faults
        if self.refused:
            parts["refused"] = True
        if self.trace:
            parts["trace"] = self.trace
        return _ENCODER.encode(parts)


def marked(message: str) -> str:
    """Return a refusal as a cell shows it: one line that begins with the mark; an error value as it is.

    Examples
    --------
    >>> marked("season is 0; expected at least 1"), marked(" #n/a")
    ('#INVOPT! season is 0; expected at least 1', '#N/A')
    """
    line = " ".join(message.split())
    if line.upper() in ERRORS:
        return line.upper()
    return line if line.startswith(MARK) else MARK + line


def cell_of(value: Any) -> Cell:
    """Return a computed value as a cell: plain types, and names of errors for what is no finite number.

    Examples
    --------
    >>> cell_of(np.float64(1.5)), cell_of(float("nan")), cell_of(np.str_("A")), cell_of(None)
    (1.5, '#N/A', 'A', None)
    """
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        number = float(value)
        return number if math.isfinite(number) else NOT_AVAILABLE
    if value is None:
        return None
    if isinstance(value, Exception):
        return marked(str(value))
    return str(value)
