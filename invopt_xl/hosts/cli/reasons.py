"""Why each item is forecast as it is: a table for a file, and counts for a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import get_args

import pandas as pd

from invopt_xl.domain import Forecast, Note
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

_ORDINARY: frozenset[Note] = frozenset({"continued", "searched again"})
"""What a planner need not look at: models are continued from refresh to refresh."""


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
    """Return how many items have a note that a planner may want to read, and how many have one of each kind.

    Examples
    --------
    >>> import numpy as np
    >>> paths = np.ones((2, 1), dtype=np.float32)
    >>> noted = [(), ("stock-outs", "outliers"), ("continued",)]
    >>> note_counts([Forecast(paths, "mean", "why", frozenset(notes)) for notes in noted])
    (1, {'outliers': 1, 'stock-outs': 1})
    """
    noted = [made.notes - _ORDINARY for made in forecasts]
    counts = Counter(note for notes in noted for note in notes)
    return sum(map(bool, noted)), {note: counts[note] for note in get_args(Note) if counts[note]}


def continued_counts(forecasts: Sequence[Forecast]) -> tuple[int, int]:
    """Return how many forecasts continue models of an earlier one, and how many searched them again."""
    counts = Counter(note for made in forecasts for note in made.notes & _ORDINARY)
    return counts["continued"], counts["searched again"]
