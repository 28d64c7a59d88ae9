"""Items that cannot be replayed, and why: for nothing but what was known when the replay begins."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import DAYS_PER_YEAR, Calendar
from invopt_xl.domain.words import counted
from invopt_xl.errors import InputError
from invopt_xl.plan.interval_demand import SHORTEST_PAST
from invopt_xl.policy import Asked, LeadTimes, Measure, refusals

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
TextArray = npt.NDArray[np.object_]

_LEAST = "the smallest order"


def reasons(
    items: pd.DataFrame, known: FloatArray, times: LeadTimes, review: IntArray, periods: int, calendar: Calendar
) -> TextArray:
    """Return for each item why it cannot be replayed, empty where it can, shape (items,).

    Parameters
    ----------
    items
        As `plan.replenishment.with_terms` returns them.
    known
        Demand per period before the replay begins, item units, NaN where unknown, shape (items, periods).
    times
        Their lead times.
    review
        Periods from a review to the next, shape (items,).
    periods
        Periods to replay.
    calendar
        Length of a period.
    """
    count = np.isfinite(known).sum(axis=1)
    why = np.full(len(items), "", dtype=object)
    why[count < SHORTEST_PAST] = f"fewer than {SHORTEST_PAST} known periods before the replay"
    late = f"an order takes longer than the {counted(periods, calendar.period)} replayed"
    soonest = times.days.min(axis=1) / calendar.days_per_period + review
    why[(why == "") & (soonest >= periods)] = late
    yearly = np.nansum(known, axis=1) / np.maximum(count, 1) * DAYS_PER_YEAR / calendar.days_per_period
    for position, refusal in _refused(items, yearly).items():
        why[position] = why[position] or refusal
    return why


def _refused(items: pd.DataFrame, yearly: FloatArray) -> dict[int, str]:
    """Return whose smallest order cannot be right, by position, and why."""
    least = np.maximum(items["moq"].to_numpy(dtype=np.float64), items["lot_size"].to_numpy(dtype=np.float64))
    # Less than one unit cannot be ordered, however rare demand is; and no demand has no years of it.
    counts = (least > 1.0) & (yearly > 0)
    asked = Asked(
        np.full(len(items), 0.5),  # a replay has a target of its own
        np.full(len(items), int(Measure.FILL)),
        yearly_demand=np.where(counts, yearly, np.finfo(np.float64).max),
        order_quantity=least,
    )
    # A reader of many items at once is told the item, not where it stands.
    return {
        each.position: each.message.replace(f" (row {each.position + 1})", "").replace("order quantity", _LEAST)
        for each in refusals(asked)
    }


def require_some(why: TextArray, periods: int, period: str) -> None:
    """Refuse a replay without any item, for the reason that most items have.

    Raises
    ------
    InputError
        If each item has a reason.
    """
    if (why == "").any():
        return
    most, _ = Counter(why.tolist()).most_common(1)[0]
    raise InputError(f"no item can be replayed over the last {counted(periods, period)}: {most}")
