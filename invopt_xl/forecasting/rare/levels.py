"""The level of rare demand: how often it comes, how large it is, by the published methods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from invopt_xl.domain.forecast import FloatArray

CONSTANTS = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4])
"""Smoothing constants (weights of the newest value) that are tried."""

MOST_LEVELS = 52
"""Most periods joined by temporal aggregation."""


@dataclass(frozen=True)
class RareLevel:
    """What a method expects of each coming period.

    Parameters
    ----------
    mean
        Mean demand per period, item units.
    size
        Mean size of a demand, item units; None where the method has no size of its own, so that sizes are as in the
        history.
    """

    mean: float
    size: float | None = None


LevelMethod = Callable[[FloatArray, FloatArray], RareLevel]


def ses_level(values: FloatArray, constants: FloatArray = CONSTANTS) -> RareLevel:
    """Return the level by simple exponential smoothing of all periods, zeros included.

    l(t) = l(t-1) + a (y(t) - l(t-1)); Brown (1959), "Statistical Forecasting for Inventory Control". Here
    and below several smoothing constants are averaged, each weighted by the likelihood of
    its one-step errors under a normal distribution, which moves less from one refresh to the next than the best.

    Parameters
    ----------
    values
        Demand per period, item units, oldest first; at least one above zero.
    constants
        Smoothing constants to average.

    Examples
    --------
    From the first value half way to each of the others: 0, 3, 1.5, 2.75.

    >>> f"{ses_level(np.array([0.0, 6.0, 0.0, 4.0]), np.array([0.5])).mean:.3f}"
    '2.750'
    """
    return RareLevel(_smoothed_mean(values, constants))


def imapa_level(values: FloatArray, constants: FloatArray = CONSTANTS) -> RareLevel:
    """Return the level by the intermittent multiple aggregation prediction algorithm (IMAPA).

    Demand is summed over blocks of 1, 2, ... periods up to the mean interval between demands, the blocks ending with
    the newest period; each row of sums is smoothed exponentially, and the levels per period are averaged: Petropoulos
    & Kourentzes (2015), "Forecast combinations for intermittent demand", Journal of the Operational Research Society
    66, 914-924.

    Parameters
    ----------
    values, constants
        As in `ses_level`.

    Examples
    --------
    One in two periods has a demand, so blocks of one (2.719) and of two periods (4 / 2) are averaged.

    >>> f"{imapa_level(np.array([0.0, 3.0, 0.0, 5.0, 0.0, 4.0]), np.array([0.5])).mean:.3f}"
    '2.359'
    """
    longest = min(round(values.size / np.count_nonzero(values)), values.size // 2, MOST_LEVELS)
    means = [_smoothed_mean(_blocks(values, periods), constants) / periods for periods in range(1, max(longest, 1) + 1)]
    return RareLevel(float(np.mean(means)))


def tsb_level(values: FloatArray, constants: FloatArray = CONSTANTS) -> RareLevel:
    """Return the level by the method of Teunter, Syntetos & Babai.

    The chance is smoothed in each period, p(t) = p(t-1) + b (d(t) - p(t-1)) with d(t) = 1 in a period of demand and 0
    in one without, so it fades while nothing sells; the size is smoothed with each demand, z(t) = z(t-1) + a (y(t) -
    z(t-1)); the level is p(t) z(t): Teunter, Syntetos & Babai (2011), "Intermittent demand: linking forecasting to
    inventory obsolescence", European Journal of Operational Research 214, 606-615.

    Parameters
    ----------
    values, constants
        As in `ses_level`; every pair of constants is tried.

    Examples
    --------
    The chance goes from 1 to 1/2, 3/4 and 3/8, the size from 2 to 3.

    >>> last = tsb_level(np.array([2.0, 0.0, 4.0, 0.0]), np.array([0.5]))
    >>> f"{last.mean / last.size:.3f} {last.size:.3f} {last.mean:.3f}"
    '0.375 3.000 1.125'
    """
    occurs = values > 0
    chances = _levels(occurs.astype(np.float64), constants)
    sizes = _levels(values[occurs], constants)[_demands_before(occurs)]
    means = (chances[:, :, None] * sizes[:, None, :]).reshape(values.size + 1, -1)
    weights = _likelihoods(values, means)
    mean = float(means[-1] @ weights)
    chance = float(chances[-1] @ weights.reshape(constants.size, -1).sum(axis=1))
    return RareLevel(mean, mean / chance)


def croston_level(values: FloatArray, constants: FloatArray = CONSTANTS) -> RareLevel:
    """Return the level by Croston's method.

    Sizes and intervals between demands are smoothed with each demand; the level is size / interval: Croston (1972),
    "Forecasting and stock control for intermittent demands", Operational Research Quarterly 23, 289-303. It does not
    fade while nothing sells, and it is biased upwards.

    Parameters
    ----------
    values, constants
        As in `ses_level`.

    Examples
    --------
    The size goes from 4 to 3, the interval from 2 to 2.5.

    >>> f"{croston_level(np.array([0.0, 4.0, 0.0, 0.0, 2.0]), np.array([0.5])).mean:.3f}"
    '1.200'
    """
    return _by_intervals(values, constants, np.ones(constants.size))


def sba_level(values: FloatArray, constants: FloatArray = CONSTANTS) -> RareLevel:
    """Return the level by the Syntetos-Boylan approximation: Croston's times 1 - a / 2.

    Syntetos & Boylan (2005), "The accuracy of intermittent demand estimates", International Journal of Forecasting
    21, 303-314.

    Parameters
    ----------
    values, constants
        As in `ses_level`.

    Examples
    --------
    >>> f"{sba_level(np.array([0.0, 4.0, 0.0, 0.0, 2.0]), np.array([0.5])).mean:.3f}"
    '0.900'
    """
    return _by_intervals(values, constants, 1 - constants / 2)


def auto_level(values: FloatArray, constants: FloatArray = CONSTANTS) -> RareLevel:
    """Return the median of the levels by SES, TSB and IMAPA.

    Each of the three fades while nothing sells; which of them is best changes from item to item without a sign in
    advance, and their median has smaller squared errors than any of them, on monthly spare parts and on weekly
    groceries. Croston's method and SBA, which do not fade, are left out.

    Parameters
    ----------
    values, constants
        As in `ses_level`.

    Examples
    --------
    IMAPA says 2.359, TSB 2.625 and SES 2.719:

    >>> f"{auto_level(np.array([0.0, 3.0, 0.0, 5.0, 0.0, 4.0]), np.array([0.5])).mean:.3f}"
    '2.625'
    """
    levels = (ses_level(values, constants), tsb_level(values, constants), imapa_level(values, constants))
    return RareLevel(float(np.median([level.mean for level in levels])))


LEVELS = MappingProxyType[str, LevelMethod](
    {
        "auto": auto_level,
        "ses": ses_level,
        "tsb": tsb_level,
        "imapa": imapa_level,
        "croston": croston_level,
        "sba": sba_level,
    }
)
"""The methods by name."""


def _smoothed_mean(values: FloatArray, constants: FloatArray) -> float:
    levels = _levels(values, constants)
    return float(levels[-1] @ _likelihoods(values, levels))


def _levels(values: FloatArray, constants: FloatArray) -> FloatArray:
    """Return the level before each value and after the last, for each constant: shape (values + 1, constants).

    The first value is the first level, as in the first publications.
    """
    levels = np.empty((values.size + 1, constants.size))
    levels[0] = values[0]
    kept, gained = 1 - constants, np.outer(values, constants)
    for period, gain in enumerate(gained):
        np.multiply(levels[period], kept, out=levels[period + 1])
        levels[period + 1] += gain
    return levels


def _likelihoods(values: FloatArray, forecasts: FloatArray) -> FloatArray:
    """Return weights that sum to one, from the one-step errors of each column of forecasts."""
    # The first value is the first level and has no error.
    errors = ((values[1:, None] - forecasts[1:-1]) ** 2).sum(axis=0)
    smallest = float(errors.min())
    if not smallest > 0:
        weights = (errors <= 0).astype(np.float64)
    else:
        # The likelihood of a normal sample whose variance is its own mean square.
        weights = np.exp(-0.5 * (values.size - 1) * np.log(errors / smallest))
    return np.asarray(weights / weights.sum())


def _blocks(values: FloatArray, periods: int) -> FloatArray:
    return np.asarray(values[values.size % periods :].reshape(-1, periods).sum(axis=1))


def _demands_before(occurs: np.ndarray) -> np.ndarray:
    return np.concatenate(([0], np.cumsum(occurs)))


def _by_intervals(values: FloatArray, constants: FloatArray, deflation: FloatArray) -> RareLevel:
    places = np.flatnonzero(values > 0)
    sizes = _levels(values[places], constants)
    intervals = _levels(np.diff(places, prepend=-1).astype(np.float64), constants)
    seen = _demands_before(values > 0)
    weights = _likelihoods(values, (deflation * sizes / intervals)[seen])
    mean = float((deflation * sizes[-1] / intervals[-1]) @ weights)
    return RareLevel(mean, float(sizes[-1] @ weights))
