"""Periods counted from the plan date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require

Period = Literal["day", "week", "month"]
Dates = npt.NDArray[np.datetime64]
Indices = npt.NDArray[np.int64]

DAYS_PER_YEAR = 365.25

_DAYS: dict[Period, float] = {"day": 1.0, "week": 7.0, "month": DAYS_PER_YEAR / 12}
_SEASONS: dict[Period, int] = {"day": 7, "week": 52, "month": 12}


@dataclass(frozen=True)
class Calendar:
    """Planning periods: period 0 begins at the plan date, period -1 is the last complete one before it.

    Weeks begin on the weekday of the plan date, so history never ends in a part of a week. Months are calendar
    months, for that is how monthly figures are kept: period 0 is what is left of the plan date's month.

    Parameters
    ----------
    plan_date
        The day the plan is made for; orders can be placed from it on.
    period
        ``"day"``, ``"week"`` or ``"month"``.

    Examples
    --------
    >>> calendar = Calendar(date(2018, 1, 1), "week")
    >>> calendar.index(np.array(["2017-12-31", "2018-01-01", "2018-01-09"], dtype="datetime64[D]")).tolist()
    [-1, 0, 1]
    >>> calendar.start(np.array([-1, 2])).astype(str).tolist()
    ['2017-12-25', '2018-01-15']
    """

    plan_date: date
    period: Period = "week"

    def __post_init__(self) -> None:
        require(self.period in get_args(Period), "period", self.period, "day, week or month")

    @property
    def days_per_period(self) -> float:
        """Mean length of a period in days."""
        return _DAYS[self.period]

    @property
    def season(self) -> int:
        """Periods in the usual seasonal cycle: a week of days, a year of weeks or months."""
        return _SEASONS[self.period]

    def index(self, dates: Dates) -> Indices:
        """Return the period each date falls in, relative to the plan date."""
        if self.period == "month":
            return np.asarray(dates.astype("datetime64[M]") - np.datetime64(self.plan_date, "M")).astype(np.int64)
        days = (dates.astype("datetime64[D]") - np.datetime64(self.plan_date, "D")).astype(np.int64)
        return np.floor_divide(days, int(self.days_per_period))

    def start(self, index: npt.NDArray[np.integer]) -> Dates:
        """Return the first day of each period."""
        steps = np.asarray(index, dtype=np.int64)
        if self.period != "month":
            return np.datetime64(self.plan_date, "D") + (steps * int(self.days_per_period)).astype("timedelta64[D]")
        first = (np.datetime64(self.plan_date, "M") + steps.astype("timedelta64[M]")).astype("datetime64[D]")
        return np.where(steps == 0, np.datetime64(self.plan_date, "D"), first)

    @property
    def share_left(self) -> float:
        """Share of period 0 that is still to come on the plan date: less than one within a month.

        Examples
        --------
        >>> Calendar(date(2024, 4, 16), "month").share_left
        0.5
        """
        if self.period != "month":
            return 1.0
        first = np.datetime64(self.plan_date, "M").astype("datetime64[D]")
        end = (np.datetime64(self.plan_date, "M") + np.timedelta64(1, "M")).astype("datetime64[D]")
        return float((end - np.datetime64(self.plan_date, "D")) / (end - first))
