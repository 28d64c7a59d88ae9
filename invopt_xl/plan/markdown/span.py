"""The days of a price path in periods of the calendar: the first may have begun, and the last may end early."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from invopt_xl.domain import Calendar
from invopt_xl.policy.costs import FloatArray


def first_days(calendar: Calendar, periods: int) -> FloatArray:
    """Return after how many days each of some periods begins, and the last of them ends, shape (periods + 1,).

    Examples
    --------
    >>> first_days(Calendar(date(2024, 7, 16), "month"), 2).tolist()
    [0.0, 16.0, 47.0]
    """
    days = calendar.start(np.arange(periods + 1)) - np.datetime64(calendar.plan_date, "D")
    return np.asarray(days.astype(np.float64))


@dataclass(frozen=True, eq=False)
class Span:
    """The time that a price path covers.

    Parameters
    ----------
    days
        From the plan date to its end.
    lengths
        Days of each of its periods over those of a mean one, shape (periods,).
    last_share
        How much of its last period, as far as that is still to come, lies before its end.
    """

    days: float
    lengths: FloatArray
    last_share: float

    @classmethod
    def of(cls, days: float, calendar: Calendar, most: int) -> Span:
        """Return the span of so many days, above none, within so many periods at most.

        Examples
        --------
        >>> span = Span.of(35.0, Calendar(date(2024, 7, 16), "month"), 4)
        >>> span.periods, (span.lengths * 30.4375).tolist(), round(span.last_share, 3)
        (2, [16.0, 19.0], 0.613)
        """
        edges = first_days(calendar, most)
        periods = min(int(np.searchsorted(edges, days)), most)
        last = min((days - edges[periods - 1]) / (edges[periods] - edges[periods - 1]), 1.0)
        ends = np.append(edges[:periods], min(days, edges[periods]))
        return cls(days, np.diff(ends) / calendar.days_per_period, float(last))

    @property
    def periods(self) -> int:
        """Periods it touches."""
        return len(self.lengths)

    def end(self, plan_date: date) -> date:
        """Return the day it ends: what it covers lies before."""
        return plan_date + timedelta(days=self.days)
