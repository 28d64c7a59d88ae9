"""Arguments that functions about stock share, and how their numbers are written in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import InputError
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.functions.shared import amount

Floats = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

Places = npt.NDArray[np.int64]

Rule = tuple[str, Floats, BoolArray, str]
"""What an argument is called, its values, where they are bad, and what was expected."""

WIDEST_SPREAD = 3.0
"""Lead times that stray by more means than this have no sensible shape."""
WIDEST_DEMAND = 1000.0
"""Demand that strays by more means than this is a mistake, or beyond what a gamma or counts can be computed for."""
MOST_COUNTED = 1e9
"""Units a period above which nobody counts them one by one."""
_SHAPED = ("gamma", "negative binomial")
COUNTS = ("poisson", "negative binomial")
"""Distributions in whole units."""

SERVICE_MEASURE = Argument(
    "service_measure",
    "What the target is about: cycle, the chance of no stock-out before the next receipt; fill, the share of demand "
    "met from stock.",
    kind="choice", choices=("cycle", "fill"), default="cycle",
)  # fmt: skip
SERVICE_NAMES = {"cycle": "cycle service", "fill": "fill rate"}
"""What the measures are called in a sentence."""
REORDER_POINT = Argument(
    "reorder_point", "Order when stock on hand and on order, less what waits, is below it.", unit="units"
)
SHORTAGE_COST = Argument(
    "shortage_cost", "Cost of a unit that waits for a period.", unit="money per unit and period", above=0, example="9"
)


def refusals(*rules: Rule) -> dict[int, InputError]:
    """Return why items are refused, by item.

    Parameters
    ----------
    rules
        What an argument is called, its values, where they are bad, and what was expected.

    Examples
    --------
    >>> far = np.array([1.0, 9.0])
    >>> print(refusals(("lead time sd", far, far > 3, "at most 3"))[1])
    lead time sd is 9; expected at most 3
    """
    found: dict[int, InputError] = {}
    for name, values, bad, expected in rules:
        if bad.any():
            for item in np.flatnonzero(bad).tolist():
                found.setdefault(item, InputError(f"{name} is {values[item]:.12g}; expected {expected}"))
    return found


def stray_rule(lead_time: Floats, lead_time_sd: Floats) -> Rule:
    """Return the rule that lead times must not stray beyond any sensible shape."""
    expected = f"at most {WIDEST_SPREAD:g} times the lead time"
    return "lead time sd", lead_time_sd, lead_time_sd > WIDEST_SPREAD * lead_time, expected


def shape_rules(mean: Floats, deviation: Floats, distribution: Sequence[str]) -> tuple[Rule, ...]:
    """Return the rules that demand must not be so erratic, or so much, that its distribution cannot be computed."""
    if all(name == "normal" for name in distribution):
        return ()
    scale = np.maximum(mean, np.sqrt(mean))
    stray = (deviation > WIDEST_DEMAND * scale) & np.array([name in _SHAPED for name in distribution])
    many = (mean > MOST_COUNTED) & np.array([name in COUNTS for name in distribution])
    return (
        ("demand sd", deviation, stray, f"at most {WIDEST_DEMAND:g} times the mean where demand is not normal"),
        ("mean demand", mean, many, f"at most {MOST_COUNTED:g} where demand is in whole units; take normal or gamma"),
    )


def others(items: int, refused: dict[int, InputError]) -> Places:
    """Return the items that are not refused."""
    return np.array([item for item in range(items) if item not in refused], dtype=np.int64)


def with_refusals(values: Sequence[Any] | Floats, refused: dict[int, InputError]) -> Any:
    """Return the values, refusals in place of some."""
    return values if not refused else [refused.get(item, value) for item, value in enumerate(values)]


def number_of(what: str, count: float) -> str:
    """Return so many of what.

    Examples
    --------
    >>> number_of("period", 1.0), number_of("period", 2.5)
    ('1 period', '2.5 periods')
    """
    return f"{amount(count)} {what}{'' if count == 1 else 's'}"


def interval(review_period: float, lead_time: float) -> str:
    """Return the protection interval in words.

    Examples
    --------
    >>> interval(1.0, 2.0), interval(0.0, 1.0)
    ('3 periods (review 1 + lead 2)', '1 period of lead time')
    """
    parts = f" (review {amount(review_period)} + lead {amount(lead_time)})" if review_period else " of lead time"
    return number_of("period", review_period + lead_time) + parts
