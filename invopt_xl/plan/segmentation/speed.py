"""How fast items move: units and sales a period, and a class by how many periods see a sale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.domain import DAYS_PER_YEAR, Calendar
from invopt_xl.forecasting import believable
from invopt_xl.forecasting.panel.histories import Histories

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.str_]
Flags = npt.NDArray[np.bool_]

FAST, MEDIUM, SLOW = 3 / 4, 1 / 4, 1 / 13
"""Least share of periods with a sale of a fast, a medium and a slow item: in weeks three of four, one a month and one
a quarter. What sells more rarely is very slow; without a sale in a year there is none. Days are taken together to
weeks."""

KNOWN_YEAR = 0.9
"""Share of the periods of the last year that are known at least where its demand stands for that of any year."""

_WEEKS = 52


@dataclass(frozen=True, eq=False)
class Velocity:
    """How fast items move, over the known periods of the last year; arrays of shape (items,).

    Parameters
    ----------
    units
        Units a known period; NaN where no period is known.
    lines
        Sales a known period: rows of demand that sold something where they are kept one by one, else periods with a
        sale.
    name
        ``fast``, ``medium``, ``slow``, ``very slow`` or ``none``; empty where nothing is known.
    year_units
        As `units`, where nearly all of the year is known (`KNOWN_YEAR`), so that no season weighs more than another;
        else NaN. A slip of the pen, `forecasting.believable` to nobody, does not make an item dear.
    """

    units: Floats
    lines: Floats
    name: Texts
    year_units: Floats


def periods_per_year(calendar: Calendar) -> int:
    """Return the whole periods of a year: 365 days, 52 weeks or 12 months.

    Examples
    --------
    >>> from datetime import date
    >>> [periods_per_year(Calendar(date(2018, 1, 1), period)) for period in ("day", "week", "month")]
    [365, 52, 12]
    """
    return int(DAYS_PER_YEAR / calendar.days_per_period)


def velocity(past: Histories, year: int) -> Velocity:
    """Return how fast items move, after the FSN rule (fast, slow, non-moving) with the limits `FAST` to `SLOW`.

    Parameters
    ----------
    past
        Histories; periods out of stock do not count.
    year
        Periods of a year.

    Examples
    --------
    >>> from invopt_xl.plan.segmentation.known import histories_of
    >>> found = velocity(histories_of([[2.0] * 8, [0.0] * 7 + [8.0], [4.0] + [0.0] * 7]), 4)
    >>> found.name.tolist(), found.units.tolist(), found.lines.tolist()
    (['fast', 'medium', 'none'], [2.0, 2.0, 0.0], [1.0, 0.25, 0.0])
    """
    known = past.in_stock & np.isfinite(past.quantity)
    sold = known & (np.nan_to_num(past.quantity) > 0)
    sold, periods = sold[:, -year:], known[:, -year:].sum(axis=1)

    believed = np.isfinite(believable(np.where(known, past.quantity, np.nan)))[:, -year:]

    def a_period(amount: Floats, counted: Flags) -> Floats:
        total, count = np.where(sold & counted, amount[:, -year:], 0.0).sum(axis=1), counted.sum(axis=1)
        return np.asarray(np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0))

    share = _share_with_a_sale(sold, known[:, -year:], max(year // _WEEKS, 1))
    names = ["", "none", "fast", "medium", "slow"]
    cases = [periods == 0, share == 0, share >= FAST, share >= MEDIUM, share >= SLOW]
    units, lines = (a_period(each, known[:, -year:]) for each in (past.quantity, past.sales.astype(float)))
    whole = np.where(periods >= KNOWN_YEAR * year, a_period(past.quantity, believed), np.nan)
    return Velocity(units, lines, np.select(cases, names, "very slow"), whole)


def _share_with_a_sale(sold: Flags, known: Flags, together: int) -> Floats:
    """Return the share of known stretches of so many periods, the last one ending now, that saw a sale."""
    lacking = -known.shape[1] % together
    seen, counted = (
        np.pad(each, ((0, 0), (lacking, 0))).reshape(len(each), -1, together).any(axis=2).sum(axis=1)
        for each in (sold, known)
    )
    return np.asarray(seen / np.maximum(counted, 1))
