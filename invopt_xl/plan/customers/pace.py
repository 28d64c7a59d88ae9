"""Whether customers stay away, each judged by the pace of their own purchases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.plan.customers.purchases import Purchases
from invopt_xl.plan.customers.ranks import FloatArray
from invopt_xl.plan.segmentation.silence import chance_of_none

FEWEST_PURCHASES = 3
"""Days with a purchase that a pace is known from: two make one interval, which may be any."""

RARE = 0.01
"""Chance below which a gap so long is no accident at a customer's own pace."""

LOOKED_BACK = 84
"""Days before the last sales, twelve weeks, at which customers are judged too: to see who of them came back."""


@dataclass(frozen=True, eq=False)
class Pace:
    """How often customers buy, and who stays away; arrays of shape (customers,).

    Parameters
    ----------
    interval
        Mean days from one purchase to the next; NaN with fewer than two.
    away
        1 for who stays away, 0 for who does not; NaN with fewer than `FEWEST_PURCHASES`.
    """

    interval: FloatArray
    away: FloatArray


def pace_of(lines: Purchases, until: int) -> Pace:
    """Return the pace of each customer, and whether the time since the last purchase is too long for it.

    It is where a gap so long is rarer than `RARE` at the customer's own pace, and longer than any between two
    purchases before. The chance is that of what comes at random, day by day, as often as from the first purchase to
    the last (`chance_of_none`). Whoever buys more regularly than that is counted later, and by chance less often.

    Parameters
    ----------
    lines
        The sales; those from `until` on are not looked at.
    until
        The day after the last one that sales are known of, days since 1970.

    Examples
    --------
    >>> day = np.array([*range(0, 70, 7), *range(0, 350, 70), 100, 340])
    >>> who, ones = np.repeat([0, 1, 2], [10, 5, 2]), np.ones(17)
    >>> bought = Purchases(np.array(list("abc")), np.array(["tea"]), who, 0 * who, day, day, ones, ones)
    >>> pace_of(bought, 100).away.tolist(), pace_of(bought, 350).away.tolist(), pace_of(bought, 350).interval.tolist()
    ([0.0, nan, nan], [1.0, 0.0, nan], [7.0, 70.0, 240.0])
    """
    made = lines.rows(lines.bought & (lines.day < until))
    count = len(lines.customers)
    if not len(made.day):
        return Pace(np.full(count, np.nan), np.full(count, np.nan))
    origin, width = int(made.day.min()), int(made.day.max() - made.day.min()) + 1
    customer, day = np.divmod(np.unique(made.customer * width + made.day - origin), width)
    purchases = np.bincount(customer, minlength=count)
    own = customer[1:] == customer[:-1]
    longest, last = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    gap = np.diff(day)[own]
    np.maximum.at(longest, customer[1:][own], gap)
    np.maximum.at(last, customer, day)
    together = np.bincount(customer[1:][own], weights=gap, minlength=count)
    told, since = purchases >= FEWEST_PURCHASES, until - origin - last
    # First and last purchase are no evidence of how often: they are where looking begins and the gap does.
    chance = chance_of_none(*(np.where(told, each, 1) for each in (purchases - 2, together - 1, since - 1)))
    away = np.where(told, (chance < RARE) & (since > longest), np.nan)
    return Pace(np.where(purchases > 1, together / np.maximum(purchases - 1, 1), np.nan), away)


def came_back(lines: Purchases, until: int) -> tuple[int, int]:
    """Return how many customers stayed away `LOOKED_BACK` days before, and how many of them bought since.

    Parameters
    ----------
    lines, until
        As in `pace_of`.
    """
    then = until - LOOKED_BACK
    away = pace_of(lines, then).away == 1.0
    since = lines.bought & (lines.day >= then) & (lines.day < until)
    back = np.bincount(lines.customer[since], minlength=len(away)) > 0
    return int(away.sum()), int((away & back).sum())
