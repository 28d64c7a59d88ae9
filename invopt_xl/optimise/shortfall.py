"""What a shortfall is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from invopt_xl.optimise.terms import TOLERANCE

ShortfallKind = Literal[
    "budget", "storage", "working capital", "capacity", "minimum", "maximum", "shelf life", "frozen", "override"
]

NEGLIGIBLE = 0.001
"""Shortfalls below this share of their limit are nobody's concern, and not named."""


@dataclass(frozen=True)
class Shortfall:
    """Something that cannot be met.

    Parameters
    ----------
    kind
        The limit at fault.
    period
        The period, or -1 for all.
    subject
        The supplier or item, if it is about one.
    amount
        How much is missing, in the limit's unit.
    message
        One line for the planner; also the text of ``str``.
    value
        Its worth in money at list price, where it can be told.
    unmet
        The items whose unmet demand it names, each with its units.
    """

    kind: ShortfallKind
    period: int
    subject: str
    amount: float
    message: str
    value: float = 0.0
    unmet: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        return self.message


def matters(amount: float, limit: float) -> bool:
    """Return whether a missing amount is worth a line beside its limit."""
    return amount > max(NEGLIGIBLE * limit, TOLERANCE)
