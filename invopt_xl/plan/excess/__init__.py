"""Excess and obsolete stock: how much will remain, how old it is, what will be lost of it, and what to do first.

`review` takes `Stock`, of a plan or of admitted tables, and returns an `ExcessReview`: frames in, frames out.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from invopt_xl.plan.excess.measures import (
    cancel_in_words,
    days_of_cover,
    excess_units,
    ordered_in_words,
    units_to_cancel,
    with_excess,
)

if TYPE_CHECKING:
    from invopt_xl.plan.endings import endings_of
    from invopt_xl.plan.excess.ageing import AgeingRules
    from invopt_xl.plan.excess.ahead import DemandAhead
    from invopt_xl.plan.excess.remaining import remaining_curve
    from invopt_xl.plan.excess.reviewing import ExcessReview, review
    from invopt_xl.plan.excess.stocked import Stock
    from invopt_xl.plan.excess.terms import ActionTerms, Assumptions

_HOMES = {
    "ActionTerms": "terms",
    "AgeingRules": "ageing",
    "Assumptions": "terms",
    "DemandAhead": "ahead",
    "ExcessReview": "reviewing",
    "Stock": "stocked",
    "endings_of": ".endings",
    "remaining_curve": "remaining",
    "review": "reviewing",
}

__all__ = [
    "ActionTerms",
    "AgeingRules",
    "Assumptions",
    "DemandAhead",
    "ExcessReview",
    "Stock",
    "cancel_in_words",
    "days_of_cover",
    "endings_of",
    "excess_units",
    "ordered_in_words",
    "remaining_curve",
    "review",
    "units_to_cancel",
    "with_excess",
]


def __getattr__(name: str) -> Any:
    """Load what a cell never needs when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
