"""Demand over an uncertain interval: a mixture over interval lengths of gamma or count distributions.

A normal distribution puts weight below zero exactly where buffers matter most, on slow movers; a gamma (for
quantities that act continuous) or a negative binomial (for small whole units) does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from invopt_xl.errors import require

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Condition = Callable[[FloatArray], BoolArray]

_TINY = 1e-9
_POISSON_RATIO = 1.001
"""Counts whose variance is at most this share of their mean are taken as Poisson."""
_DOUBLINGS = 40
_BISECTIONS = 24


@dataclass(frozen=True, eq=False)
class IntervalDemand:
    """Demand of many items, each over an interval whose length is uncertain.

    Item i sees demand with mean ``mean[i, j]`` and variance ``variance[i, j]`` with probability
    ``weight[i, j]``: one column for each length the interval may have.

    Parameters
    ----------
    mean, variance
        Moments for each possible length, units and units squared, shape (items, lengths).
    weight
        Probabilities of the lengths, rows sum to one, shape (items, lengths).
    counts
        True where demand comes in whole units and is slow: negative binomial, or Poisson where the variance is
        not above the mean. False: gamma. Shape (items,).

    Examples
    --------
    >>> demand = IntervalDemand(np.array([[4.0]]), np.array([[4.0]]), np.array([[1.0]]), np.array([True]))
    >>> float(demand.quantile(np.array([0.95]))[0])
    8.0
    """

    mean: FloatArray
    variance: FloatArray
    weight: FloatArray
    counts: BoolArray

    @property
    def expected(self) -> FloatArray:
        """Expected demand over the interval, units, shape (items,)."""
        return np.asarray((self.weight * self.mean).sum(axis=1))

    @property
    def standard_deviation(self) -> FloatArray:
        """Standard deviation over the interval, units: demand's own, and that of the interval's length."""
        within = (self.weight * self.variance).sum(axis=1)
        between = (self.weight * (self.mean - self.expected[:, None]) ** 2).sum(axis=1)
        return np.asarray(np.sqrt(within + between))

    def cdf(self, quantity: FloatArray) -> FloatArray:
        """Return the probability that demand is at most the quantity, shape (items,)."""
        return np.asarray((self.weight * self._cdf(quantity[:, None], 0)).sum(axis=1))

    def shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the expected demand above the quantity, E(D - quantity)+, units, shape (items,).

        With E[D 1(D > q)] = mean times the upper tail of the same family with one more shape (gamma) or one more
        failure (negative binomial); below zero the loss is linear.
        """
        x = quantity[:, None]
        at = np.maximum(x, 0.0)
        step = np.where(self.counts[:, None], np.floor(at), at)
        above = 1.0 - self._cdf(step, 0)
        loss = self.mean * (1.0 - self._cdf(step, 1)) - step * above
        loss = np.maximum(loss - (at - step) * above, 0.0) + np.maximum(-x, 0.0)
        return np.asarray((self.weight * loss).sum(axis=1))

    def quantile(self, probability: FloatArray) -> FloatArray:
        """Return the smallest quantity that demand exceeds with at most 1 - probability, shape (items,)."""
        start = self.expected + 3.0 * self.standard_deviation
        return smallest(lambda quantity: self.cdf(quantity) >= probability, start, self.counts)

    def _cdf(self, x: FloatArray, extra: int) -> FloatArray:
        """Distribution function of each length; with `extra` = 1 that of the size-biased demand less what it adds."""
        mean = np.maximum(self.mean, _TINY)
        variance = np.maximum(self.variance, _TINY * mean)
        counts = np.broadcast_to(self.counts[:, None], mean.shape)
        x = np.broadcast_to(x, mean.shape)
        result = np.empty_like(mean)
        poisson = counts & (variance <= _POISSON_RATIO * mean)
        binomial = counts & ~poisson
        gamma = ~counts
        if gamma.any():
            scale = variance[gamma] / mean[gamma]
            shape = mean[gamma] / scale
            result[gamma] = special.gammainc(shape + extra, np.maximum(x[gamma], 0.0) / scale)
        if poisson.any():
            units = np.floor(x[poisson]) - extra
            result[poisson] = np.where(units < 0, 0.0, special.gammaincc(np.maximum(units, 0) + 1.0, mean[poisson]))
        if binomial.any():
            units = np.floor(x[binomial]) - extra
            success = mean[binomial] / variance[binomial]
            failures = mean[binomial] * success / (1.0 - success) + extra
            inside = special.betainc(failures, np.maximum(units, 0) + 1.0, success)
            result[binomial] = np.where(units < 0, 0.0, inside)
        return result


def smallest(reached: Condition, start: FloatArray, whole: BoolArray) -> FloatArray:
    """Return the smallest quantity, zero or more, at which a monotone condition holds.

    Parameters
    ----------
    reached
        Tells for a quantity of each item whether the condition holds; once true it stays true as quantity grows.
    start
        A first guess above zero, units; doubled until the condition holds.
    whole
        True where only whole units count.

    Returns
    -------
    array
        Units, shape (items,), within a millionth of the bracket, exact for whole units.

    Raises
    ------
    InputError
        If the condition holds at no quantity.
    """
    nothing_needed = reached(np.zeros_like(start))
    low, high = np.zeros_like(start), np.ceil(np.maximum(start, 1.0))
    for _ in range(_DOUBLINGS):
        short = ~reached(high)
        if not short.any():
            break
        low, high = np.where(short, high, low), np.where(short, 2.0 * high, high)
    else:
        require(False, "target", "out of reach", "a service target that some stock can meet")
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        middle = np.where(whole, np.floor(middle), middle)
        done = reached(middle)
        low, high = np.where(done, low, middle), np.where(done, middle, high)
        if bool((whole & (high - low <= 1.0)).all()):
            break
    return np.asarray(np.where(nothing_needed, 0.0, high))
