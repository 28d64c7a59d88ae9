"""A short search for ARIMA orders: differences by tests, then a walk over neighbouring orders.

The walk is that of Hyndman & Khandakar (2008), "Automatic time series forecasting: the forecast package for R",
Journal of Statistical Software 27(3), with three changes that make it short: every order starts from the estimates of
the neighbour it came from, it is estimated only as well as a decision needs it (the best is finished afterwards), and
the likelihood is exact, so nothing is estimated twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.arima.likelihood import Fit, Likelihood
from invopt_xl.forecasting.arima.model import is_flat
from invopt_xl.forecasting.arima.orders import Orders, differenced

MOST_P, MOST_Q, MOST_SEASONAL_P, MOST_SEASONAL_Q = 3, 2, 1, 1
"""Demand shows no more; wider limits took twice the time and were no more accurate."""

SEASONAL_STRENGTH = 0.5
"""Strength of the season (Wang, Smith & Hyndman 2006) from which a seasonal difference is taken."""

UNIT_ROOT_LIMIT = 0.463
"""Five-percent point of the test of a level (Kwiatkowski, Phillips, Schmidt & Shin 1992)."""

_EDGE = math.atanh(0.99)

ROUGH, FINE = 1e-3, 1e-6
"""Relative fall of the sum of squares at which an estimate is good enough to compare orders, and to forecast."""


def seasonal_strength(values: FloatArray, season: int) -> float:
    """Return the share of the season in the variance around a smooth trend, 0 to 1, adjusted for its indices.

    Parameters
    ----------
    values
        Complete history.
    season
        Periods per season, at least 2.

    Examples
    --------
    >>> round(seasonal_strength(np.tile([1.0, 2.0, 3.0, 2.0], 6), 4), 6)
    1.0
    """
    weights = np.full(season, 1 / season) if season % 2 else np.r_[0.5, np.ones(season - 1), 0.5] / season
    first = weights.size // 2
    # Trend and indices take up a season and more of the history; little beyond that says nothing.
    if values.size < 2.25 * season + 1:
        return 0.0
    trend = np.convolve(values, weights, "valid")
    around = values[first : first + trend.size] - trend
    phase = np.arange(around.size) % season
    counts = np.bincount(phase, minlength=season)
    indices = np.bincount(phase, around, minlength=season) / np.maximum(counts, 1)
    variance = float(around.var(ddof=1))
    if variance <= 0:
        return 0.0
    left = float(((around - indices[phase]) ** 2).sum()) / (around.size - season)
    return min(max(1.0 - left / variance, 0.0), 1.0)


def unit_root_statistic(values: FloatArray) -> float:
    """Return the statistic of Kwiatkowski, Phillips, Schmidt & Shin (1992) against a constant level.

    The long-run variance has Bartlett weights over 3 sqrt(n) / 13 lags, as in the R package forecast.

    Parameters
    ----------
    values
        Complete history.

    Examples
    --------
    >>> unit_root_statistic(np.arange(50.0)) > UNIT_ROOT_LIMIT
    True
    """
    periods = values.size
    residuals = values - values.mean()
    lags = int(3 * math.sqrt(periods) / 13)
    variance = float(residuals @ residuals)
    for lag in range(1, lags + 1):
        variance += 2 * (1 - lag / (lags + 1)) * float(residuals[lag:] @ residuals[:-lag])
    sums = np.cumsum(residuals)
    return float(sums @ sums) / (periods * variance) if variance > 0 else 0.0


def choose_differences(values: FloatArray, season: int) -> tuple[int, int]:
    """Return how many ordinary and seasonal differences the values need: at most one each.

    Parameters
    ----------
    values
        Complete history.
    season
        Periods per season; 1 without.
    """
    seasonal = 0
    if season > 1 and values.size > 2 * season:
        seasonal = int(seasonal_strength(values, season) > SEASONAL_STRENGTH)
    left = differenced(values, 0, seasonal, season)
    if is_flat(left, values):
        return 0, seasonal
    return int(unit_root_statistic(left) > UNIT_ROOT_LIMIT), seasonal


@dataclass(eq=False)
class Search:
    """A walk over neighbouring orders of one history.

    Parameters
    ----------
    likelihood
        Likelihood of the differenced values.
    first
        Differences and season of all orders; its terms are not used.
    """

    likelihood: Likelihood
    first: Orders
    tried: dict[Orders, Fit | None] = field(default_factory=dict)

    def limits(self) -> tuple[int, int, int, int]:
        """Return the most terms that the history bears."""
        periods = self.likelihood.values.size
        seasons = periods // (2 * self.first.season) if self.first.season > 1 else 0
        return (
            min(MOST_P, periods // 3),
            min(MOST_Q, periods // 3),
            min(MOST_SEASONAL_P, seasons),
            min(MOST_SEASONAL_Q, seasons),
        )

    def attempt(self, orders: Orders, near: Fit | None) -> Fit | None:
        """Return the estimates of orders, or nothing where they cannot be estimated."""
        if orders not in self.tried:
            start = None if near is None else carried(near, orders)
            try:
                fit = self.likelihood.fit(orders, start, ROUGH)
                self.tried[orders] = None if nearly_unstable(fit) else fit
            except (ArithmeticError, np.linalg.LinAlgError):
                self.tried[orders] = None
        return self.tried[orders]

    def walk(self) -> list[Fit]:
        """Return all orders that were tried and could be estimated, best first."""
        most_p, most_q, most_seasonal_p, most_seasonal_q = self.limits()
        constant = self.first.d + self.first.seasonal_d < 2
        begin = [
            (min(1, most_p), min(1, most_q), min(1, most_seasonal_p), min(1, most_seasonal_q)),
            (0, 0, 0, 0),
            (min(1, most_p), 0, min(1, most_seasonal_p), 0),
            (0, min(1, most_q), 0, min(1, most_seasonal_q)),
        ]
        best: Fit | None = None
        for terms in begin:
            best = better(best, self.attempt(self._orders(terms, constant), None))
        if constant and best is not None:
            best = better(best, self.attempt(replace(best.orders, constant=False), best))
        improved = best is not None
        while improved and best is not None:
            improved = False
            for orders in self._neighbours(best.orders):
                if orders in self.tried:
                    continue
                chosen = better(best, self.attempt(orders, best))
                if chosen is not best:
                    best, improved = chosen, True
                    break
        found = [fit for fit in self.tried.values() if fit is not None]
        return sorted(found, key=lambda fit: fit.criterion)

    def _orders(self, terms: tuple[int, int, int, int], constant: bool) -> Orders:
        p, q, seasonal_p, seasonal_q = terms
        return replace(self.first, p=p, q=q, seasonal_p=seasonal_p, seasonal_q=seasonal_q, constant=constant)

    def _neighbours(self, orders: Orders) -> list[Orders]:
        """Return orders one step away, seasonal steps first."""
        most = self.limits()
        steps = [(0, 0, *step) for step in product((-1, 0, 1), repeat=2)]
        steps += [(*step, 0, 0) for step in product((-1, 0, 1), repeat=2)]
        steps.sort(key=lambda step: (any(step[:2]), sum(map(abs, step))))
        near = []
        for step in steps:
            terms = [count + change for count, change in zip(orders.terms, step, strict=True)]
            if any(step) and all(0 <= count <= limit for count, limit in zip(terms, most, strict=True)):
                near.append(self._orders((terms[0], terms[1], terms[2], terms[3]), orders.constant))
        if orders.d + orders.seasonal_d < 2:
            near.append(replace(orders, constant=not orders.constant))
        return near


def nearly_unstable(fit: Fit) -> bool:
    """Return whether an estimate should have been differenced once more: its past hardly fades.

    Parameters
    ----------
    fit
        The estimates.
    """
    p, q, seasonal_p, _ = fit.orders.terms
    numbers = [*fit.free[:p].tolist(), *fit.free[p + q : p + q + seasonal_p].tolist()]
    return any(abs(number) > _EDGE for number in numbers)


def better(first: Fit | None, second: Fit | None) -> Fit | None:
    """Return the fit with the smaller criterion."""
    if first is None or second is None:
        return first or second
    return second if second.criterion < first.criterion else first


def carried(fit: Fit, orders: Orders) -> FloatArray:
    """Return estimates for neighbouring orders to start from: a term that is new starts at zero.

    Parameters
    ----------
    fit
        The estimates at hand.
    orders
        The orders to start.
    """
    start: list[float] = []
    place = 0
    for had, wanted in zip(fit.orders.terms, orders.terms, strict=True):
        # Estimates at the edge of the permitted region have no gradient to leave it by.
        group = np.clip(fit.free[place : place + had], -1.5, 1.5).tolist()
        start += group[:wanted] + [0.0] * (wanted - had)
        place += had
    if orders.constant:
        start.append(float(fit.free[-1]) if fit.orders.constant else 0.0)
    return np.array(start)


def search(likelihood: Likelihood, first: Orders) -> list[Fit]:
    """Return the orders that a walk tried, best first, roughly estimated.

    Parameters
    ----------
    likelihood, first
        As in `Search`.
    """
    return Search(likelihood, first).walk()


def polished(likelihood: Likelihood, fit: Fit) -> Fit:
    """Return a roughly estimated order estimated well, unless that drives it to the edge of stability.

    Parameters
    ----------
    likelihood
        Likelihood of the differenced values.
    fit
        The rough estimates.
    """
    fine = likelihood.fit(fit.orders, fit.free, FINE)
    return fit if nearly_unstable(fine) else fine
