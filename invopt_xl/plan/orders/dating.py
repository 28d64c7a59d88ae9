"""Dates in place of the numbers of periods."""

from __future__ import annotations

import re
from datetime import date, timedelta

import numpy as np

from invopt_xl.plan.parameters import Parameters


def first_day(period: int, parameters: Parameters) -> date:
    """Return the first day of a period."""
    day: date = parameters.calendar.start(np.array([period])).astype("datetime64[D]").tolist()[0]
    return day


def last_day(period: int, parameters: Parameters) -> date:
    """Return the last day of a period."""
    return first_day(period + 1, parameters) - timedelta(days=1)


def day_in_words(day: date, now: date) -> str:
    """Return a day as it is spoken; with its year where that is not the year of now.

    Examples
    --------
    >>> day_in_words(date(2018, 2, 5), date(2018, 1, 1)), day_in_words(date(2019, 2, 5), date(2018, 1, 1))
    ('5 Feb', '5 Feb 2019')
    """
    return f"{day.day} {day:%b}" + (f" {day.year}" if day.year != now.year else "")


def days_in_words(first: int, last: int, parameters: Parameters) -> str:
    """Return the days of some periods in words.

    Examples
    --------
    >>> days_in_words(1, 3, Parameters(date(2018, 1, 1)))
    '8 Jan to 28 Jan'
    """
    return dates_in_words(first_day(first, parameters), last_day(last, parameters), parameters.plan_date)


def dates_in_words(begin: date, end: date, now: date) -> str:
    """Return some days in words, by the first and the last of them.

    Examples
    --------
    >>> dates_in_words(date(2018, 1, 8), date(2018, 1, 9), date(2018, 1, 1))
    '8 Jan to 9 Jan'
    """
    start = day_in_words(begin, now)
    return start if begin == end else f"{start} to {day_in_words(end, now)}"


def dated(text: str, parameters: Parameters) -> str:
    """Return a message of the order plan with dates in place of the numbers of periods.

    Examples
    --------
    >>> dated("budget of period 2 (500) is 20 short", Parameters(date(2018, 1, 1)))
    'budget of the week from 15 Jan 2018 (500) is 20 short'
    >>> dated("supplier North takes no orders in periods 1 to 2", Parameters(date(2018, 1, 1)))
    'supplier North takes no orders in the weeks of 8 Jan 2018 to 21 Jan 2018'
    """

    def named(found: re.Match[str]) -> str:
        start = first_day(int(found[1]), parameters)
        return f"the {parameters.period} from {start.day} {start:%b %Y}"

    def spell(found: re.Match[str]) -> str:
        days = first_day(int(found[1]), parameters), last_day(int(found[2]), parameters)
        return f"the {parameters.period}s of {' to '.join(f'{day.day} {day:%b %Y}' for day in days)}"

    return re.sub(r"\bperiod (\d+)", named, re.sub(r"\bperiods (\d+) to (\d+)", spell, text))
