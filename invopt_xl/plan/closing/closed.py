"""The time that is closed, and what is chosen about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from invopt_xl.domain import Calendar, Period
from invopt_xl.errors import InputError
from invopt_xl.plan.columns import PARAMETERS
from invopt_xl.plan.parameters import Parameters


@dataclass(frozen=True)
class Choices:
    """What is chosen about closing a period.

    Parameters
    ----------
    periods
        How many are closed at once.
    received
        Take open orders out that were due before the new plan date.
    clear_overrides
        Clear overrides that were ordered before the new plan date, so that none is ordered twice.
    placed
        Put the order lines that were to be placed before the new plan date among the open orders.
    """

    periods: int = 1
    received: bool = False
    clear_overrides: bool = False
    placed: bool = False


@dataclass(frozen=True)
class Closed:
    """The time that is closed.

    Parameters
    ----------
    first
        Its first day, from which its demand is counted.
    plan_date
        The plan date until now.
    end
        The day after it: the new plan date.
    period
        What its periods are.
    periods
        How many it has.
    """

    first: date
    plan_date: date
    end: date
    period: Period
    periods: int = 1

    def __str__(self) -> str:
        return _days(self.first, self.end)

    @classmethod
    def of(cls, given: Mapping[str, object], periods: int) -> Closed:
        """Return the time of so many periods from the plan date on.

        Parameters
        ----------
        given
            Values of parameters by name.
        periods
            How many are closed.

        Raises
        ------
        InputError
            If there is no plan date to move.

        Examples
        --------
        >>> str(Closed.of({"plan_date": date(2018, 1, 1), "period": "week"}, 2))
        '2018-01-01 to 2018-01-14'
        """
        now = given.get("plan_date")
        if not isinstance(now, date):
            raise InputError(f"{PARAMETERS.name} has no plan_date to move; expected a row with one, such as 2018-01-31")
        period: Period = given.get("period", Parameters.period)  # type: ignore[assignment]
        first, end = Calendar(now, period).start(np.array([0, periods])).astype("datetime64[D]").tolist()
        # Demand by the month is dated by its first day, wherever in it the plan date lies.
        return cls(first.replace(day=1) if period == "month" else first, now, end, period, periods)

    def without(self, days: pd.Series[pd.Timestamp]) -> list[str]:
        """Return the periods that hold none of some days, as their first and last day.

        Examples
        --------
        >>> closed = Closed.of({"plan_date": date(2018, 1, 1), "period": "week"}, 3)
        >>> closed.without(pd.Series(pd.to_datetime(["2018-01-10"])))
        ['2018-01-01 to 2018-01-07', '2018-01-15 to 2018-01-21']
        """
        calendar = Calendar(self.plan_date, self.period)
        held = set(calendar.index(days.to_numpy(dtype="datetime64[ns]")).tolist())
        starts = calendar.start(np.arange(self.periods + 1)).astype("datetime64[D]").tolist()
        starts[0] = self.first
        return [_days(starts[each], starts[each + 1]) for each in range(self.periods) if each not in held]


def _days(first: date, end: date) -> str:
    last = end - timedelta(days=1)
    return f"{first}" if last == first else f"{first} to {last}"
