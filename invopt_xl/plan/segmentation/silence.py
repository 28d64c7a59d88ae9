"""How long items have been silent, and how likely that is of what sold as they did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Numbers = Floats | Counts


@dataclass(frozen=True, eq=False)
class Silence:
    """What items sold before they fell silent; arrays of shape (items,), all zero without any sale.

    Parameters
    ----------
    periods
        Known periods since the last sale.
    chance
        Chance of a silence so long, had the item gone on as in the year before it; one without any sale.
    longest_before
        Longest silence between two earlier sales, known periods.
    first
        Column of the first sale; the number of columns without one.
    wait_chance
        Chance that what sold so would not have sold in any period of the table before its first sale.
    sold
        True where any sale is known.
    """

    periods: Counts
    chance: Floats
    longest_before: Counts
    first: Counts
    wait_chance: Floats
    sold: npt.NDArray[np.bool_]


def silence(demand: Floats, year: int) -> Silence:
    """Return how long items have been silent and how likely that is.

    A period sees a sale or not. With k sales in the n known periods of the year before the last sale, under Jeffreys'
    prior, the chance of r periods without one is B(k + 1/2, n - k + r + 1/2) / B(k + 1/2, n - k + 1/2), which carries
    the doubt of a short history. First and last sale are no evidence: the history begins and the silence ends there.

    Parameters
    ----------
    demand
        Units a period, shape (items, periods); NaN where unknown.
    year
        Periods of a year.

    Examples
    --------
    >>> found = silence(np.array([[3.0] * 10 + [0.0] * 5, [0.0, 1.0] * 6 + [0.0] * 3]), 52)
    >>> found.periods.tolist(), found.chance.round(4).tolist(), found.longest_before.tolist()
    ([5, 3], [0.0002, 0.2031], [0, 1])
    """
    known = np.isfinite(demand)
    sold = known & (np.nan_to_num(demand) > 0)
    periods = demand.shape[1]
    has = np.asarray(sold.any(axis=1), dtype=np.bool_)
    first = (np.cumsum(sold, axis=1) == 0).sum(axis=1)
    last = np.where(has, periods - 1 - (np.cumsum(sold[:, ::-1], axis=1) == 0).sum(axis=1), 0)
    clock = np.arange(periods)
    silent = np.where(has, (known & (clock > last[:, None])).sum(axis=1), 0)
    between = known & (clock > np.maximum(first, last - year)[:, None]) & (clock < last[:, None])
    after = known & (clock > first[:, None]) & (clock <= (first + year)[:, None])
    return Silence(
        periods=silent,
        chance=np.where(has, chance_of_none((sold & between).sum(axis=1), between.sum(axis=1), silent), 1.0),
        longest_before=_longest_between(sold, known, last),
        first=first,
        wait_chance=np.where(has, chance_of_none((sold & after).sum(axis=1), after.sum(axis=1), first), 1.0),
        sold=has,
    )


def chance_of_none(sales: Numbers, count: Numbers, periods: Numbers) -> Floats:
    """Return the chance of no sale in so many periods, of what sold in some of a count of periods; see `silence`.

    Examples
    --------
    >>> chance_of_none(np.array([9, 1]), np.array([10, 10]), np.array([2, 2])).round(3).tolist()
    [0.028, 0.756]
    """
    from scipy.special import betaln  # scipy takes a moment to load

    with_sale, without = sales + 0.5, count - sales + 0.5
    return np.asarray(np.exp(betaln(with_sale, without + periods) - betaln(with_sale, without)))


def _longest_between(sold: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_], last: Counts) -> Counts:
    running, longest = np.zeros(len(sold), dtype=np.int64), np.zeros(len(sold), dtype=np.int64)
    begun = np.zeros(len(sold), dtype=bool)
    for period in range(sold.shape[1]):
        now = sold[:, period]
        longest = np.where(now & begun & (period <= last), np.maximum(longest, running), longest)
        running = np.where(now, 0, running + known[:, period])
        begun |= now
    return longest
