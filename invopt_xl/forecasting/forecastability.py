"""How far demand strays from what could have been forecast of it, judged on the past: a yardstick for many items.

A coefficient of variation calls a trend, a season or a level that moved an irregular demand, and is low for an item
that was steady and has just gone wild. What safety stock stands on is the error of forecasts, so that is measured: each
of the last periods is forecast from those before it, by a handful of forecasters that cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray

MOST_JUDGED = 26
"""Periods that are judged at most: what is further back says little about today."""

LEAST_JUDGED = 4
"""Fewer judged periods tell nothing; as many again have to be left to learn from."""

RATES = (0.1, 0.3, 0.6)
"""Smoothing rates: a level that hardly moves, one that drifts, one that jumps."""

FORECASTERS = ("mean of all before", *(f"exponential smoothing, rate {rate:g}" for rate in RATES), "seasonal smoothing")
"""What forecasts are made by, in their order."""

_SEASONAL = len(FORECASTERS) - 1
_LEVEL_RATE, _SEASON_RATE = 0.1, 0.3
_DIGITS = 12
_SEASONS_KNOWN = 1.5
"""Seasons from which on the seasonal forecaster may be chosen: one to learn from, half of one to prove itself in."""

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Forecastability:
    """How well each item can be forecast; arrays of shape (items,).

    Parameters
    ----------
    error
        Root mean squared error of forecasts one period ahead over mean demand, both of the judged periods; NaN where
        too few periods are known, or nothing was asked for in them.
    judged
        Periods that were judged; 0 where too few are known.
    known
        Periods of known demand.
    forecaster
        Which of `FORECASTERS` erred least on all that is known, its place in their order.
    """

    error: FloatArray
    judged: Counts
    known: Counts
    forecaster: Counts


def forecastability(demand: FloatArray, season: int = 1) -> Forecastability:
    """Return how far the demand of each item strays from forecasts of it, out of sample.

    The last periods of each history are forecast one ahead: at most `MOST_JUDGED` known ones, so few that at least as
    many known ones come before the first of them. At each period that forecaster is used which erred least before it,
    so that no figure knows what comes after it. It is the error over mean demand, as a coefficient of variation of what
    could not be foreseen; of Poisson demand with mean m a period it is about one over the root of m.

    Parameters
    ----------
    demand
        Demand per period, units, shape (items, periods), oldest first; NaN where unknown, as before the first sale or
        out of stock. Such periods are neither judged nor learned from.
    season
        Periods of a season; 1 for none. A season is looked for where one and a half of them are known.

    Examples
    --------
    >>> steady, growing, rare = [10.0] * 16, np.arange(10.0, 26.0), [0.0, 0.0, 0.0, 8.0] * 4
    >>> forecastability(np.array([steady, growing, rare])).error.round(2).tolist()
    [0.0, 0.08, 1.8]
    """
    return forecastability_at(demand, season, (demand.shape[1],))[0]


def forecastability_at(demand: FloatArray, season: int, ends: Sequence[int]) -> list[Forecastability]:
    """Return what `forecastability` would have said at the end of each of some periods, from what was known then.

    Parameters
    ----------
    demand, season
        As in `forecastability`.
    ends
        Periods known each time.

    Examples
    --------
    >>> demand = np.array([[10.0] * 16 + [2.0, 18.0] * 8])
    >>> [each.error.round(2).tolist() for each in forecastability_at(demand, 1, (16, 32))]
    [[0.0], [0.82]]
    """
    known = np.isfinite(demand)
    # Divided by their largest, so that squares of huge demands stay finite.
    largest = np.where(known, demand, 0.0).max(axis=1, initial=0.0)
    scaled = np.where(known, demand, 0.0) / np.where(largest > 0, largest, 1.0)[:, None]
    made, chosen = _walk(np.ascontiguousarray(scaled.T), np.ascontiguousarray(known.T), season)
    return [_judged(scaled[:, :end], known[:, :end], made[:end].T, chosen[end]) for end in ends]


def _judged(demand: FloatArray, known: Flags, made: FloatArray, forecaster: Counts) -> Forecastability:
    """Return how far demand strayed from the forecasts made of it over the last periods."""
    count = known.sum(axis=1)
    judged = np.minimum(MOST_JUDGED, count // 2)
    judged = np.where(judged < LEAST_JUDGED, 0, judged)
    after = count[:, None] - np.cumsum(known, axis=1)
    counted = known & (after < judged[:, None])
    squares = np.where(counted, demand - made, 0.0) ** 2
    total = np.where(counted, demand, 0.0).sum(axis=1)
    error = np.full(len(demand), np.nan)
    # Root of the mean square over the mean; of the sums both, as there are as many.
    np.divide(np.sqrt(squares.sum(axis=1) * judged), total, out=error, where=(judged > 0) & (total > 0))
    # Sums over more or fewer unknown periods may differ in the last bit, which must not make another class.
    return Forecastability(error.round(9), judged, count, forecaster)


def _walk(demand: FloatArray, known: Flags, season: int) -> tuple[FloatArray, Counts]:
    """Return what was forecast of each period by the forecaster best until then, and which that was.

    The second has a row more: which is best after the last period.

    Parameters
    ----------
    demand
        Shape (periods, items); 0 where unknown.
    known
        Same shape.
    season
        Periods of a season.
    """
    levels, seasonal = _Levels.before_the_first(demand.shape[1]), _Seasonal(demand, known, season)
    squares = np.zeros((_SEASONAL, demand.shape[1]))
    # Since the seasonal forecaster began, its own squared error, and those of the others beside it.
    since = np.zeros((_SEASONAL + 1, demand.shape[1]))
    made = np.zeros_like(demand)
    chosen = np.zeros((len(demand) + 1, demand.shape[1]), dtype=np.int64)
    for period, (actual, is_known) in enumerate(zip(demand, known, strict=True)):
        forecasts = np.vstack((levels.forecasts, seasonal.forecast(period)))
        chosen[period] = _best(squares, since, seasonal.proven(period))
        made[period] = np.take_along_axis(forecasts, chosen[period][None], axis=0)[0]
        errors = np.where(is_known & (levels.seen > 0), (actual - forecasts) ** 2, 0.0)
        squares += errors[:_SEASONAL]
        since += np.where(seasonal.begun(period), errors, 0.0)
        seasonal.learn(period, actual, is_known)
        levels.learn(actual, is_known)
    chosen[-1] = _best(squares, since, seasonal.proven(len(demand)))
    return made, chosen


def _best(squares: FloatArray, since: FloatArray, proven: Flags) -> Counts:
    """Return which forecaster erred least so far: of those without a season, and whether the seasonal one beats it.

    Rounded, so that of two that erred alike the same one is taken whatever unit demand is in.
    """
    squares, since = squares.round(_DIGITS), since.round(_DIGITS)
    best = squares.argmin(axis=0)
    beside = np.take_along_axis(since, best[None], axis=0)[0]
    return np.where(proven & (since[_SEASONAL] < beside), _SEASONAL, best)


@dataclass(eq=False)
class _Levels:
    """The mean of all periods before, and levels smoothed at each rate."""

    forecasts: FloatArray
    seen: Counts

    @classmethod
    def before_the_first(cls, items: int) -> _Levels:
        return cls(np.zeros((_SEASONAL, items)), np.zeros(items, dtype=np.int64))

    def learn(self, actual: FloatArray, known: Flags) -> None:
        """Move every level towards what came; the first period known is where they begin."""
        self.seen += known
        weight = np.empty_like(self.forecasts)
        weight[0] = 1.0 / np.maximum(self.seen, 1)
        # As long as the mean learns faster, a level does too: the first period is no better than the next ones.
        weight[1:] = np.maximum(np.array(RATES)[:, None], weight[0])
        self.forecasts += np.where(known, weight * (actual - self.forecasts), 0.0)


class _Seasonal:
    """Winters' exponential smoothing with additive seasons and no trend, begun from each item's first season."""

    def __init__(self, demand: FloatArray, known: Flags, season: int) -> None:
        periods, items = demand.shape
        self._demand, self._known, self._season = demand, known, season
        first = (np.cumsum(known, axis=0) == 0).sum(axis=0)
        # Without a second season none is learned.
        self._start = np.where(season > 1, first + season, periods + 1)
        self._proof = first + int(np.ceil(_SEASONS_KNOWN * season))
        self._level = np.zeros(items)
        self._deviation = np.zeros((max(season, 1), items))

    def begun(self, period: int) -> Flags:
        """Return which items have a seasonal forecast of the period."""
        return np.asarray(period >= self._start)

    def proven(self, period: int) -> Flags:
        """Return which items have had seasonal forecasts for long enough to be chosen."""
        return np.asarray(self.begun(period) & (period >= self._proof))

    def forecast(self, period: int) -> FloatArray:
        """Return the forecast of the period, units; not below zero."""
        self._begin(np.flatnonzero(self._start == period), period)
        return np.asarray(np.maximum(self._level + self._deviation[period % self._season], 0.0))

    def _begin(self, items: npt.NDArray[np.intp], period: int) -> None:
        if items.size:
            before = slice(period - self._season, period)
            known = self._known[before, items]
            sold = self._demand[before, items]
            self._level[items] = sold.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
            places = np.arange(period - self._season, period) % self._season
            self._deviation[np.ix_(places, items)] = np.where(known, sold - self._level[items], 0.0)

    def learn(self, period: int, actual: FloatArray, known: Flags) -> None:
        """Move level and deviation of this part of the season towards what came."""
        moved = known & self.begun(period)
        deviation = self._deviation[period % self._season]
        miss = np.where(moved, actual - self._level - deviation, 0.0)
        self._level += _LEVEL_RATE * miss
        deviation += _SEASON_RATE * (1.0 - _LEVEL_RATE) * miss
