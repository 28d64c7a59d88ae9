"""Whether demand has changed for certain: the same part of two years, or two halves of a shorter history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

YEARS_TO_COMPARE = 1.25
"""Years of history from which on the same part of two years is compared, in which the season is the same."""

FEWEST_FOR_SEASON = 20
"""Items from which on their common season can be told."""

_LARGEST_RATIO = 3.0
"""Demand of a period over its mean, at most, in the common season: one item's outlier is no season."""
_HIGHEST_AUTOCORRELATION = 0.8


@dataclass(frozen=True, eq=False)
class Change:
    """How demand of late compares with that of before; arrays of shape (items,).

    Parameters
    ----------
    share
        Demand a period now over that of before, less one; NaN where it cannot be told.
    chance
        Chance of a difference so large in either direction if nothing had changed; NaN where it cannot be told.
    periods
        Periods of each of the two parts; 0 where it cannot be told.
    year_on_year
        True where the same part of two years is compared.
    common_season
        True where the season that all items have in common is taken out.
    price
        Mean price of the periods now over that of before, less one; NaN where it is not known.
    """

    share: Floats
    chance: Floats
    periods: Counts
    year_on_year: Flags
    common_season: bool
    price: Floats


def change_of_demand(demand: Floats, first: Counts, year: int, price: Floats | None = None) -> Change:
    """Return how demand changed, with the chance that it did not.

    Compared are demand rates of two parts of a history, as of counts whose variance is a multiple of their mean
    (quasi-Poisson, McCullagh & Nelder 1989, section 6.2), the multiple estimated from how demand scatters within both
    parts and raised where one period is like the one before. With more than one and a quarter years the parts are the
    last year, or what more than a year is known, and the same periods of the year before: the season cancels. With
    less they are the last two halves, half a year each at most, and only the season that all items have in common can
    be taken out, and with it the growth of all.

    Parameters
    ----------
    demand
        Units a period, shape (items, periods); NaN where unknown.
    first
        Column of each item's first sale.
    year
        Periods of a year.
    price
        Price paid, money a unit, shape as demand, NaN where unknown: compared beside it, and not taken out.

    Examples
    --------
    >>> steady, halved = [9.0, 11.0] * 26, [9.0, 11.0] * 13 + [4.0, 6.0] * 13
    >>> found = change_of_demand(np.array([steady, halved]), np.zeros(2, dtype=int), 52)
    >>> found.share.round(2).tolist(), found.chance.round(3).tolist()
    ([0.0, -0.5], [1.0, 0.0])
    """
    count = demand.shape[1]
    age = count - first
    yearly = age >= np.ceil(YEARS_TO_COMPARE * year)
    width = np.where(yearly, np.minimum(year, age - year), np.minimum(age // 2, year // 2))
    clock = np.arange(count)
    now = clock >= (count - width)[:, None]
    start = np.where(yearly, count - year - width, count - 2 * width)
    then = (clock >= start[:, None]) & (clock < (start + width)[:, None])
    known = np.isfinite(demand)
    season = common_season(demand, first, year)
    exposure = np.where(yearly[:, None], 1.0, season)
    parts = [Part.of(demand, known & part, exposure) for part in (then, now)]
    enough = (width >= 2) & np.all([part.count * 2 >= width for part in parts], axis=0)
    chance, share = _compared(parts[0], parts[1], scatter_of(demand, parts, exposure))
    told = enough & np.isfinite(chance)
    return Change(
        np.where(told, share, np.nan),
        np.where(told, chance, np.nan),
        np.where(told, width, 0),
        yearly,
        bool((season != 1.0).any()),
        np.where(told, _price_change(price, parts), np.nan),
    )


def _price_change(price: Floats | None, parts: list[Part]) -> Floats:
    """Return the mean price of the later part over that of the earlier, less one; NaN where one is not known."""
    if price is None:
        return np.full(len(parts[0].total), np.nan)
    then, now = (Part.of(price, part.periods & (np.nan_to_num(price) > 0), np.ones(price.shape[1])) for part in parts)
    both = (then.total > 0) & (now.total > 0)
    return np.where(both, np.divide(now.rate, then.rate, out=np.ones(len(both)), where=both) - 1.0, np.nan)


@dataclass(frozen=True, eq=False)
class Part:
    """Known periods of a part of each history, what was asked for in them, and how much of a season they are."""

    periods: Flags
    total: Floats
    exposure: Floats

    @classmethod
    def of(cls, demand: Floats, periods: Flags, exposure: Floats) -> Part:
        """Return some known periods of each history; exposure is how much of a season each period is."""
        total = np.where(periods, demand, 0.0).sum(axis=1)
        return cls(periods, total, np.where(periods, exposure, 0.0).sum(axis=1))

    @property
    def count(self) -> Counts:
        """Periods of each item."""
        return np.asarray(self.periods.sum(axis=1), dtype=np.int64)

    @property
    def rate(self) -> Floats:
        """Units a period without its season."""
        return np.divide(self.total, self.exposure, out=np.zeros_like(self.total), where=self.exposure > 0)


def common_season(demand: Floats, first: Counts, year: int) -> Floats:
    """Return demand of all items in each period over its mean, those alike that sold all the time; ones for few items.

    Shape (periods,).
    """
    count = demand.shape[1]
    recent = demand[:, max(count - year, 0) :]
    known = np.isfinite(recent)
    regular = (first <= count - recent.shape[1]) & ((np.nan_to_num(recent) > 0).sum(axis=1) * 2 >= recent.shape[1])
    season = np.ones(count)
    if regular.sum() < FEWEST_FOR_SEASON or recent.shape[1] < 2:
        return season
    sold, known = np.nan_to_num(recent[regular]), known[regular]
    ratio = np.minimum(sold / (sold.sum(axis=1) / known.sum(axis=1))[:, None], _LARGEST_RATIO)
    index = np.where(known, ratio, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    season[count - recent.shape[1] :] = np.where(index > 0, index / index[index > 0].mean(), 1.0)
    return season


def scatter_of(demand: Floats, parts: list[Part], exposure: Floats) -> Floats:
    """Return variance over mean of a period's demand within the parts, raised where it is like the period before.

    Of demand in whole units it is at least one.
    """
    expected = sum((np.where(part.periods, part.rate[:, None] * exposure, 0.0) for part in parts), np.zeros(1))
    counted = parts[0].periods | parts[1].periods
    residual = np.where(counted & (expected > 0), demand - expected, 0.0) / np.sqrt(np.where(expected > 0, expected, 1))
    squares = (residual**2).sum(axis=1)
    scatter = squares / np.maximum(counted.sum(axis=1) - 2, 1)
    # A gap between the parts, or an unknown period, breaks the chain of neighbours.
    products = (residual[:, 1:] * residual[:, :-1]).sum(axis=1)
    alike = np.divide(products, squares, out=np.zeros_like(squares), where=squares > 0)
    # Two means taken out make neighbours look less alike than they are (Kendall 1954, Biometrika 41, 403-404).
    alike = alike + 2.0 * (1.0 + 3.0 * alike) / np.maximum(counted.sum(axis=1), 1)
    alike = np.clip(alike, 0.0, _HIGHEST_AUTOCORRELATION)
    whole = (np.nan_to_num(demand) == np.floor(np.nan_to_num(demand))).all(axis=1)
    return np.asarray(np.maximum(scatter * (1.0 + alike) / (1.0 - alike), whole))


def _compared(then: Part, now: Part, scatter: Floats) -> tuple[Floats, Floats]:
    """Return the two-sided chance of so large a ratio of the rates, and the change of the rate."""
    from scipy.stats import t  # scipy takes a moment to load

    ratio, error = log_ratio(then, now, scatter)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(error > 0, np.abs(ratio) / error, np.where(np.abs(ratio) > 1e-9, np.inf, 0.0))
        share = now.rate / then.rate - 1.0
    score = np.where(np.isfinite(ratio), score, np.nan)
    return np.asarray(2.0 * t.sf(score, np.maximum(then.count + now.count - 2, 1))), share


def log_ratio(then: Part, now: Part, scatter: Floats) -> tuple[Floats, Floats]:
    """Return the logarithm of the rate now over that before, and its standard error."""
    # Half a sale more in each, so that none in one of them is no infinite ratio.
    first, second = then.total + scatter / 2.0, now.total + scatter / 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(second / now.exposure) - np.log(first / then.exposure)
        return ratio, np.sqrt(scatter * (1.0 / first + 1.0 / second))
