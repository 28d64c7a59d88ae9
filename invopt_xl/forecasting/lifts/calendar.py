"""Columns of events that everybody can look up: public holidays, fairs, closing days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError, how_to_install, require


def calendar_columns(events: Mapping[str, Sequence[dt.date | str]], edges: npt.ArrayLike) -> dict[str, FloatArray]:
    """Return for each event a column that is 1 in the periods that hold one of its days.

    Parameters
    ----------
    events
        The days of each event, as dates or texts such as ``2017-12-25``.
    edges
        First day of each period of history and horizon, in order, and the first day after the last period.

    Raises
    ------
    InputError
        If something is no date, or the edges do not rise.

    Examples
    --------
    >>> weeks = ["2017-12-11", "2017-12-18", "2017-12-25", "2018-01-01"]
    >>> {name: column.tolist() for name, column in calendar_columns({"Christmas": ["2017-12-25"]}, weeks).items()}
    {'Christmas': [0.0, 0.0, 1.0]}
    """
    bounds = _days("edges of periods", edges)
    rising = bounds.size > 1 and bool((np.diff(bounds) > np.timedelta64(0, "D")).all())
    require(rising, "edges of periods", f"{bounds.size} days", "two days or more, each later than the one before")
    columns = {}
    for name, given in events.items():
        days = _days(f"days of {name}", given)
        inside = days[(days >= bounds[0]) & (days < bounds[-1])]
        columns[name] = np.zeros(bounds.size - 1)
        columns[name][np.searchsorted(bounds, inside, side="right") - 1] = 1.0
    return columns


def public_holidays(country: str, first: int, last: int, region: str | None = None) -> dict[str, list[dt.date]]:
    """Return the public holidays of a country from one year to another, for `calendar_columns`.

    Needs the library ``holidays``, which the extra ``invopt_xl[calendar]`` installs.

    Parameters
    ----------
    country
        Two letters, such as ``US``.
    first, last
        Years.
    region
        State or province, such as ``BY`` of Germany, where it has days of its own.

    Raises
    ------
    InputError
        If the library is not installed or does not know the country.

    Examples
    --------
    >>> public_holidays("US", 2016, 2017)["Thanksgiving Day"]
    [datetime.date(2016, 11, 24), datetime.date(2017, 11, 23)]
    """
    require(
        1800 <= first <= last <= 2200, "years of holidays", f"{first} to {last}", "years in order, such as 2016 2018"
    )
    try:
        import holidays
    except ImportError:
        raise InputError(f"public holidays need the library 'holidays': {how_to_install('calendar')}") from None
    try:
        found = holidays.country_holidays(country, subdiv=region, years=range(first, last + 1), observed=False)
    except NotImplementedError as error:
        raise InputError(f"{error}; expected a country of two letters, such as US, and a region of it") from None
    days: dict[str, list[dt.date]] = {}
    for day, names in sorted(found.items()):
        for name in names.split("; "):
            days.setdefault(name, []).append(day)
    return days


def _days(what: str, given: npt.ArrayLike | Sequence[dt.date | str]) -> npt.NDArray[np.datetime64]:
    try:
        days = np.atleast_1d(np.array(given, dtype="datetime64[D]"))
    except (TypeError, ValueError) as error:
        raise InputError(f"{what}: {error}; expected dates such as 2017-12-25") from None
    require(not np.isnat(days).any(), what, "partly empty", "dates such as 2017-12-25")
    return days
