"""Orders of ARIMA models, differences, and coefficients that are always stationary and invertible."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError

Order = tuple[int, int, int]

MOST_TERMS = 5
"""Most terms of one kind in orders that a planner gives."""


@dataclass(frozen=True)
class Orders:
    """The orders of an ARIMA model.

    Parameters
    ----------
    p, d, q
        Ordinary autoregressive terms, differences and moving-average terms.
    seasonal_p, seasonal_d, seasonal_q
        The same at multiples of the season.
    season
        Periods per season; 1 without.
    constant
        Whether the differenced values have a mean of their own (a drift, after one difference).
    """

    p: int
    d: int
    q: int
    seasonal_p: int = 0
    seasonal_d: int = 0
    seasonal_q: int = 0
    season: int = 1
    constant: bool = False

    @property
    def terms(self) -> tuple[int, int, int, int]:
        """Numbers of coefficients: autoregressive, moving average, and both seasonal ones, as the kernels want."""
        return self.p, self.q, self.seasonal_p, self.seasonal_q

    @property
    def coefficients(self) -> int:
        """How many coefficients are estimated, the variance left out."""
        return sum(self.terms) + self.constant

    @property
    def lost(self) -> int:
        """Periods at the beginning that differencing consumes."""
        return self.d + self.seasonal_d * self.season


@lru_cache(maxsize=64)
def differences(ordinary: int, seasonal: int, season: int) -> FloatArray:
    """Return the polynomial (1 - B)^ordinary (1 - B^season)^seasonal, beginning with 1.

    Examples
    --------
    >>> differences(1, 1, 2).tolist()
    [1.0, -1.0, -1.0, 1.0]
    """
    polynomial = np.ones(1)
    for factor in [np.array([1.0, -1.0])] * ordinary + [np.r_[1.0, np.zeros(season - 1), -1.0]] * seasonal:
        polynomial = np.convolve(polynomial, factor)
    polynomial.flags.writeable = False  # all callers share it
    return polynomial


def differenced(values: FloatArray, ordinary: int, seasonal: int, season: int) -> FloatArray:
    """Return the values after differencing.

    Examples
    --------
    >>> differenced(np.array([1.0, 4.0, 9.0, 16.0]), 1, 0, 1).tolist()
    [3.0, 5.0, 7.0]
    """
    for lag in [season] * seasonal + [1] * ordinary:
        values = values[lag:] - values[:-lag]
    return values


def stable_coefficients(free: list[float], terms: tuple[int, int, int, int]) -> FloatArray:
    """Return coefficients of a stationary and invertible model from unrestricted numbers.

    The hyperbolic tangents of the numbers are partial autocorrelations (Barndorff-Nielsen & Schou 1973; Monahan
    1984), so no candidate needs a check of its roots.

    Parameters
    ----------
    free
        One number per coefficient.
    terms
        Numbers of coefficients, see `Orders.terms`.

    Examples
    --------
    >>> stable_coefficients([5.0, 5.0], (2, 0, 0, 0)).round(2).tolist()
    [0.0, 1.0]
    """
    coefficients: list[float] = []
    start = 0
    for count, sign in zip(terms, (1.0, -1.0, 1.0, -1.0), strict=True):
        polynomial: list[float] = []
        for number in free[start : start + count]:
            partial = math.tanh(number)
            polynomial = [
                one - partial * other for one, other in zip(polynomial, reversed(polynomial), strict=True)
            ] + [partial]
        coefficients += [sign * coefficient for coefficient in polynomial]
        start += count
    return np.array(coefficients)


def given_orders(order: Order | None, seasonal_order: Order | None, season: int, periods: int) -> Orders:
    """Return the orders that a planner gave.

    Parameters
    ----------
    order, seasonal_order
        (p, d, q) and (P, D, Q); nothing means zeros.
    season
        Periods per season; 1 without.
    periods
        Periods of history.

    Raises
    ------
    InputError
        If they are no orders, or the history is too short for them.

    Examples
    --------
    >>> given_orders((0, 1, 1), (0, 1, 1), 12, 144).lost
    13
    """
    for name, entry in (("order", order), ("seasonal order", seasonal_order)):
        if entry is None:
            continue
        whole = len(entry) == 3 and all(isinstance(term, (int, np.integer)) and term >= 0 for term in entry)
        if not whole or max(entry[0], entry[2]) > MOST_TERMS or entry[1] > 2:
            raise InputError(
                f"ARIMA {name}: {entry} given; expected three whole numbers, terms from 0 to {MOST_TERMS}"
                " and differences from 0 to 2 in the middle"
            )
    p, d, q = order or (0, 0, 0)
    seasonal_p, seasonal_d, seasonal_q = seasonal_order or (0, 0, 0)
    if season <= 1 and seasonal_p + seasonal_d + seasonal_q:
        raise InputError(f"ARIMA seasonal order: {seasonal_order} given; expected a season of at least 2 with it")
    if d + seasonal_d > 2:
        raise InputError(f"ARIMA orders: {d} and {seasonal_d} differences given; expected at most 2 together")
    orders = Orders(p, d, q, seasonal_p, seasonal_d, seasonal_q, season, d + seasonal_d < 2)
    needed = orders.lost + orders.coefficients + 3
    if periods < needed:
        raise InputError(f"ARIMA orders: {periods} periods of history; these orders need at least {needed}")
    return orders
