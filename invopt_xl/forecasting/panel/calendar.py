"""Which periods demand is counted in, and where its history ends, as its dates tell.

A period that is not over yet says nothing of demand but its beginning: it is forecast, never learned as low demand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.calendar import Calendar, Period
from invopt_xl.errors import InputError, require

Days = npt.NDArray[np.datetime64]

LABELLED_SHARE = 0.95
"""Where this share of the dates falls on one day of the week or the month, dates are labels of whole periods."""

LONGEST_GAP_DAYS = 366
"""A last date that lies further from the one before it is a mistake rather than the end of the history."""

USUAL_GAP = 0.95
"""Quantile of the days between dates up to which a silence at the end of a month is nothing unusual."""

LONGEST_DAILY_GAP, LONGEST_WEEKLY_GAP = 2, 14
"""Median days between dates up to which demand is taken as daily, and beyond that as weekly."""

_DAY, _MONTH = np.timedelta64(1, "D"), np.timedelta64(1, "M")


@dataclass(frozen=True)
class DemandCalendar:
    """The periods of recorded demand.

    Parameters
    ----------
    calendar
        Period 0 is the first to forecast; those before it are history.
    end
        First day the records do not reach. Rows between the start of period 0 and this day are of a period that is
        not over: they are not learned.
    assumptions
        What was assumed rather than said, one sentence each.
    unfinished
        True where the first period to forecast has begun already, in the data or today; the assumptions say so.
    """

    calendar: Calendar
    end: date
    assumptions: tuple[str, ...] = ()
    unfinished: bool = False

    @property
    def start(self) -> date:
        """First day of the first period to forecast."""
        return self.calendar.plan_date


def demand_calendar(
    dates: Days, *, period: Period | None = None, start: date | None = None, today: date | None = None
) -> DemandCalendar:
    """Return the periods in which demand of these dates is counted.

    Parameters
    ----------
    dates
        Dates with a known quantity, of all items.
    period
        Length of a period; told from the dates unless given.
    start
        A day of the first period to forecast; the period after the last complete one of the dates unless given.
    today
        A period that this day falls in is not over. None: only the dates themselves can tell.

    Raises
    ------
    InputError
        If there are no dates, or the period cannot be told from them.

    Examples
    --------
    >>> months = np.array(["2024-01-01", "2024-02-01", "2024-03-01"], dtype="datetime64[D]")
    >>> found = demand_calendar(months)
    >>> found.calendar.period, found.start.isoformat()
    ('month', '2024-04-01')
    >>> found.assumptions
    ('the period is a month: the dates fall on one day of each month',)
    >>> days = np.arange("2024-03-01", "2024-04-17", dtype="datetime64[D]")
    >>> for sentence in demand_calendar(days, period="month").assumptions:
    ...     print(sentence)
    the month from 2024-04-01 is not over in the data, which end on 2024-04-16: it is forecast, not learned
    """
    days = np.unique(dates.astype("datetime64[D]"))
    days = days[~np.isnat(days)]
    if not len(days):
        raise InputError("there is no demand with a date and a quantity; expected at least one row with both")
    assumptions: list[str] = []
    if period is None:
        period, why = infer_period(days)
        assumptions.append(f"the period is a {period}: {why}")
        assumptions.extend(_wide_spacing(days, period))
    if start is not None:
        return _from_the_start(_first_day(start, period), dates, days, period, assumptions)
    begin, end, unfinished = _from_the_dates(dates, days, period, today)
    return DemandCalendar(Calendar(begin, period), end, (*assumptions, *unfinished), bool(unfinished))


def infer_period(days: Days) -> tuple[Period, str]:
    """Return the period that the spacing of distinct, sorted days speaks for, and why.

    Raises
    ------
    InputError
        If there is only one day.

    Examples
    --------
    >>> infer_period(np.array(["2024-01-01", "2024-01-08", "2024-01-29"], dtype="datetime64[D]"))
    ('week', 'the dates fall on one weekday')
    >>> infer_period(np.array(["2024-01-02", "2024-01-03", "2024-01-05"], dtype="datetime64[D]"))
    ('day', 'the dates are 1.5 days apart, by their median')
    """
    if len(days) < 2:
        raise InputError(
            f"the period cannot be told from one date, {days[0]}; expected period day, week or month given"
        )
    if _label_months(days):
        return "month", "the dates fall on one day of each month"
    if _on_one(days.astype(np.int64) % 7):
        return "week", "the dates fall on one weekday"
    apart = float(np.median(np.diff(days).astype(float)))
    period: Period = "day" if apart <= LONGEST_DAILY_GAP else "week" if apart <= LONGEST_WEEKLY_GAP else "month"
    return period, f"the dates are {apart:g} day{'s' * (apart != 1)} apart, by their median"


def end_of_demand(dates: Days, period: Period) -> date:
    """Return the first day that the records of demand do not reach: a whole period later where they are labels.

    Parameters
    ----------
    dates
        Dates of demand, one for each row, of all items.
    period
        What the dates are counted in.

    Examples
    --------
    >>> end_of_demand(np.array(["2024-01-01", "2024-01-08"], dtype="datetime64[D]"), "week").isoformat()
    '2024-01-15'
    >>> end_of_demand(np.arange("2024-03-01", "2024-04-17", dtype="datetime64[D]"), "month").isoformat()
    '2024-04-17'
    """
    dates = dates.astype("datetime64[D]")
    days = np.unique(dates)
    last = last_day(days)
    if period == "month":
        next_month = (last.astype("datetime64[M]") + _MONTH).astype("datetime64[D]")
        silence = next_month - last - _DAY
        return _date(next_month if silence <= _usual_gap(days) else last + _DAY)
    return _date(last) + timedelta(days=_days_to_next_week(dates, last) if period == "week" else 1)


def last_day(days: Days) -> np.datetime64:
    """Return the last of distinct, sorted days that is no mistake."""
    middle = len(days) // 2
    jumps = np.flatnonzero(np.diff(days[middle:]).astype(int) > LONGEST_GAP_DAYS)
    return np.datetime64(days[middle + jumps[0]] if len(jumps) else days[-1])


def _from_the_start(first: date, dates: Days, days: Days, period: Period, assumptions: list[str]) -> DemandCalendar:
    """Return the periods of a given first one to forecast."""
    earliest = _date(days[0])
    require(first > earliest, "first period to forecast", first, f"one after the first demand, {earliest}")
    calendar = Calendar(first, period)
    silent = -int(calendar.index(np.array([end_of_demand(dates, period)], dtype="datetime64[D]"))[0])
    if silent > 0:
        between = f"{silent} {period}{'s' * (silent != 1)} before {first}, the first period to forecast"
        assumptions.append(f"the data end {between}: they count as periods without a row do")
    return DemandCalendar(calendar, max(first, _date(last_day(days) + _DAY)), tuple(assumptions))


def _from_the_dates(dates: Days, days: Days, period: Period, today: date | None) -> tuple[date, date, list[str]]:
    """Return the first day to forecast, the first day without records, and which period is not over, in words."""
    end, last = end_of_demand(dates, period), _date(last_day(days))
    first = _first_day(end, period)
    if first < end:
        reason = f"is not over in the data, which end on {last}"
        return first, end, [f"the {period} from {first} {reason}: it is forecast, not learned"]
    # Weeks of daily records end on the last day and can be cut off yesterday; labelled weeks and months cannot.
    labelled = period == "week" and (end - last).days > 1
    begun = _first_day(last, period) if not labelled else end - timedelta(days=7)
    if today is None or not begun <= today < end:
        return first, end, []
    what = f"the {period} from {begun}" if labelled or period == "month" else f"the day {begun}"
    return begun, end, [f"{what} is not over today, {today}: it is forecast, not learned"]


def _label_months(days: Days) -> bool:
    """Return whether distinct days are labels of months: one a month, counted from its beginning or its end."""
    months = days.astype("datetime64[M]")
    from_begin = ((days - months) // _DAY).astype(int)
    to_end = (((months + _MONTH).astype("datetime64[D]") - days) // _DAY).astype(int)
    one_a_month = len(np.unique(months)) >= LABELLED_SHARE * len(days)
    return one_a_month and (_on_one(from_begin) or _on_one(to_end))


def _usual_gap(days: Days) -> np.timedelta64:
    """Return the days between dates that are nothing unusual."""
    if len(days) < 2 or _label_months(days):
        return np.timedelta64(31, "D")
    gaps = np.diff(days).astype("timedelta64[D]").astype(np.int64)
    return np.timedelta64(int(np.ceil(np.quantile(gaps, USUAL_GAP))), "D")


def _days_to_next_week(dates: Days, last: np.datetime64) -> int:
    """Return the days from the last date to the week after it.

    Where nearly all dates fall on one weekday they are labels of weeks, taken as the weeks' first days.
    """
    weekdays = dates.astype(np.int64) % 7
    label = int(np.bincount(weekdays).argmax())
    if len(dates) > 1 and np.mean(weekdays == label) >= LABELLED_SHARE:
        return 7 - (int(last.astype(np.int64)) - label) % 7
    return 1


def _wide_spacing(days: Days, period: Period) -> list[str]:
    """Say that labels of periods leave periods out regularly, such as the months of a quarter."""
    if period == "day":
        return []
    place = Calendar(_date(days[0]), period).index(days)
    step = int(np.gcd.reduce(np.diff(place)))
    if step < 2:
        return []
    return [f"the dates are {step} {period}s apart: the {period}s between them count as they do where a row is missing"]


def _on_one(places: npt.NDArray[np.int64]) -> bool:
    return bool(np.bincount(places).max() >= LABELLED_SHARE * len(places))


def _first_day(day: date, period: Period) -> date:
    return day.replace(day=1) if period == "month" else day


def _date(day: np.datetime64) -> date:
    found: date = day.astype("datetime64[D]").astype(object)
    return found
