"""Why each item is forecast as it is: a table for a file, and counts for a summary."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from invopt_xl.domain import Forecast
from invopt_xl.forecasting import CleanHistory, DemandPattern
from invopt_xl.plan.columns import ITEMS, Column, Table

REASONS = Table(
    "tblReasons",
    "reasons",
    "Reasons",
    (
        ITEMS.column("item"),
        ITEMS.column("location"),
        Column("pattern", "text", "Syntetos-Boylan pattern of the demand that was learned from."),
        Column("known_periods", "number", "Periods that were learned from."),
        Column("model", "text", "The forecasting model."),
        Column("reason", "text", "Why this model, and what was found in the history."),
    ),
    key=("item", "location"),
)
"""What ``invopt forecast --reasons`` writes."""

_NOTES = {
    "outliers": re.compile(r"\boutliers? "),
    "stock-outs": re.compile(r"stock-out period|never in stock"),
    "unknown periods": re.compile(r"unknown period"),
    "level shifts": re.compile(r"\blevel \S+ times as high"),
    "promotions or prices": re.compile(r"\b(promotion|price)s? "),
    "short": re.compile(r"of history: their mean|too few for"),
}
"""What a reason says beyond the pattern and the models, by what a planner calls it."""

_CONTINUED = re.compile(r"models of \d+ periods? ago continued")
_SEARCHED_AGAIN = re.compile(r"models searched again")


def reasons_frame(
    items: pd.DataFrame,
    patterns: Sequence[DemandPattern],
    cleaned: Sequence[CleanHistory],
    forecasts: Sequence[Forecast],
) -> pd.DataFrame:
    """Return ``tblReasons``: a row for each item."""
    return items[["item", "location"]].assign(
        pattern=[pattern.name for pattern in patterns],
        known_periods=[clean.known_periods for clean in cleaned],
        model=[made.model for made in forecasts],
        reason=[made.reason for made in forecasts],
    )


def note_counts(forecasts: Sequence[Forecast]) -> tuple[int, dict[str, int]]:
    """Return how many items have a note, and how many have one of each kind.

    Examples
    --------
    >>> import numpy as np
    >>> paths = np.ones((2, 1), dtype=np.float32)
    >>> reasons = ["smooth demand", "smooth demand; 1 outlier of up to 90: 90 cut to 12; 2 stock-out periods estimated"]
    >>> note_counts([Forecast(paths, "mean", reason) for reason in reasons])
    (1, {'outliers': 1, 'stock-outs': 1})
    """
    kinds = {name: [bool(words.search(made.reason)) for made in forecasts] for name, words in _NOTES.items()}
    noted = sum(any(each) for each in zip(*kinds.values(), strict=True))
    return noted, {name: sum(found) for name, found in kinds.items() if any(found)}


def continued_counts(forecasts: Sequence[Forecast]) -> tuple[int, int]:
    """Return how many forecasts continue models of an earlier one, and how many searched them again.

    Examples
    --------
    >>> import numpy as np
    >>> reasons = ["smooth demand; models of 2 periods ago continued", "models searched again: errors", "smooth demand"]
    >>> continued_counts([Forecast(np.ones((2, 1), dtype=np.float32), "mean", reason) for reason in reasons])
    (1, 1)
    """
    found = [sum(bool(words.search(made.reason)) for made in forecasts) for words in (_CONTINUED, _SEARCHED_AGAIN)]
    return found[0], found[1]
