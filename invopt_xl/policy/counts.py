"""Families of demand in whole units over one interval, for many items at once: Poisson and negative binomial.

Loss functions as in Zipkin (2000), "Foundations of Inventory Management", appendix C.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from invopt_xl.policy.costs import BoolArray, FloatArray, require_above_zero, require_each
from invopt_xl.policy.families import IntArray

_MEAN_EXPECTED = "above zero, such as 12"


@dataclass(frozen=True, eq=False)
class PoissonDemand:
    """Poisson demand: whole units, one at a time.

    Parameters
    ----------
    mean
        Mean over the interval, units, shape (items,).

    Examples
    --------
    >>> PoissonDemand(np.array([6.0])).quantile(np.array([0.8])).tolist()
    [8.0]
    """

    mean: FloatArray
    whole = True

    def __post_init__(self) -> None:
        """Check the mean."""
        require_above_zero("mean demand", self.mean, _MEAN_EXPECTED)

    def exceeds(self, quantity: FloatArray) -> FloatArray:
        """Return the probability that demand is above the quantity."""
        return _poisson_exceeds(np.floor(quantity), self.mean)

    def _tails(self, units: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """P(D > q), and E[D; D > q], E[D (D - 1); D > q]."""
        above = special.gammainc(units + 1.0, self.mean)
        at = np.exp(special.xlogy(units, self.mean) - self.mean - special.gammaln(units + 1.0))
        # P(D > q - 2) lacks nothing of P(D > q) but the probabilities of q and q - 1 = that of q times q / mean.
        two_less = above + at * (1.0 + units / self.mean)
        return above, np.asarray(self.mean * (above + at)), np.asarray(self.mean**2 * two_less)

    def shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the expected demand above the quantity, units: mean P(D >= q) - q P(D > q)."""
        return _shortage(self._tails, quantity)

    def accumulated_shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the shortages of this whole quantity and all above, added up."""
        return _accumulated_shortage(self._tails, self.mean, self.mean**2, quantity)

    def quantile(self, probability: FloatArray) -> FloatArray:
        """Return the smallest whole quantity that demand does not exceed with this probability, units."""
        root = np.sqrt(self.mean)
        guess = _third_moment_guess(probability, self.mean, root, 1.0 / root)
        return _smallest_count(_poisson_exceeds, probability, guess, self.mean)

    def over(self, periods: float | FloatArray) -> PoissonDemand:
        """Return demand over so many independent periods like this one."""
        return PoissonDemand(self.mean * np.asarray(periods, dtype=np.float64))

    def rows(self, rows: IntArray) -> PoissonDemand:
        """Return the demand of some of the items."""
        return PoissonDemand(self.mean[rows])


@dataclass(frozen=True, eq=False)
class NegativeBinomialDemand:
    """Negative binomial demand: whole units, more variable than Poisson; the usual family of slow, lumpy items.

    Parameters
    ----------
    mean, deviation
        Mean and standard deviation over the interval, units, shape (items,); the variance is above the mean.

    Examples
    --------
    >>> NegativeBinomialDemand(np.array([2.0]), np.array([3.0])).quantile(np.array([0.95])).tolist()
    [8.0]
    """

    mean: FloatArray
    deviation: FloatArray
    whole = True

    def __post_init__(self) -> None:
        """Check mean and deviation."""
        mean = require_above_zero("mean demand", self.mean, _MEAN_EXPECTED)
        deviation = require_above_zero("standard deviation of demand", self.deviation, "above zero, such as 4")
        expected = "above the square root of the mean, or Poisson demand"
        require_each(deviation**2 > mean, "standard deviation of demand", deviation, expected)

    @property
    def _success(self) -> FloatArray:
        return np.asarray(self.mean / self.deviation**2)

    @property
    def _failures(self) -> FloatArray:
        return np.asarray(self.mean**2 / (self.deviation**2 - self.mean))

    def exceeds(self, quantity: FloatArray) -> FloatArray:
        """Return the probability that demand is above the quantity."""
        return _negative_binomial_exceeds(np.floor(quantity), self._failures, self._success)

    def _tails(self, units: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """P(D > q), and E[D; D > q], E[D (D - 1); D > q]: by k p(k) = (1 - success) (failures + k - 1) p(k - 1)."""
        failures, success = self._failures, self._success
        odds = (1.0 - success) / success
        above = self.exceeds(units)
        log = special.gammaln(failures + units) - special.gammaln(failures) - special.gammaln(units + 1.0)
        at = np.exp(log + special.xlogy(failures, success) + special.xlog1py(units, -success))
        first = odds * (failures * above + (failures + units) * at)
        return above, np.asarray(first), np.asarray(odds * ((failures + 1.0) * first + units * (failures + units) * at))

    def shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the expected demand above the quantity, units: E[D; D > q] - q P(D > q)."""
        return _shortage(self._tails, quantity)

    def accumulated_shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the shortages of this whole quantity and all above, added up."""
        return _accumulated_shortage(self._tails, self.mean, self.mean**2 + self.deviation**2 - self.mean, quantity)

    def quantile(self, probability: FloatArray) -> FloatArray:
        """Return the smallest whole quantity that demand does not exceed with this probability, units."""
        skewness = (2.0 - self._success) / np.sqrt(self._failures * (1.0 - self._success))
        guess = _third_moment_guess(probability, self.mean, self.deviation, skewness)
        return _smallest_count(_negative_binomial_exceeds, probability, guess, self._failures, self._success)

    def over(self, periods: float | FloatArray) -> NegativeBinomialDemand:
        """Return demand over so many independent periods like this one."""
        return NegativeBinomialDemand(self.mean * periods, self.deviation * np.sqrt(periods))

    def rows(self, rows: IntArray) -> NegativeBinomialDemand:
        """Return the demand of some of the items."""
        return NegativeBinomialDemand(self.mean[rows], self.deviation[rows])


def _poisson_exceeds(units: FloatArray, mean: FloatArray) -> FloatArray:
    return np.asarray(np.where(units < 0, 1.0, special.gammainc(np.maximum(units, 0.0) + 1.0, mean)))


def _negative_binomial_exceeds(units: FloatArray, failures: FloatArray, success: FloatArray) -> FloatArray:
    above = special.betainc(np.maximum(units, 0.0) + 1.0, failures, 1.0 - success)
    return np.asarray(np.where(units < 0, 1.0, above))


def _third_moment_guess(
    probability: FloatArray, mean: FloatArray, deviation: FloatArray, skewness: FloatArray
) -> FloatArray:
    """Return the whole quantity near the quantile that three moments suggest (Cornish & Fisher 1938)."""
    z = special.ndtri(probability)
    between_units = mean + deviation * (z + skewness * (z * z - 1.0) / 6.0)
    return np.asarray(np.maximum(np.floor(between_units + 0.5), 0.0))


def _smallest_count(
    exceeds: Callable[..., FloatArray], probability: FloatArray, guess: FloatArray, *parameters: FloatArray
) -> FloatArray:
    """Return the smallest whole quantity exceeded with at most 1 - probability.

    In doubling steps away from the guess until the answer is enclosed, then by halving; the guess is mostly right or
    one off, so only the items still open are looked at again.
    """
    probability, guess, *given = np.broadcast_arrays(probability, guess, *parameters)

    def reached(units: FloatArray, at: IntArray) -> BoolArray:
        return np.asarray(exceeds(units, *(one[at] for one in given)) <= 1.0 - probability[at])

    high, low = guess.astype(np.float64), guess - 1.0
    at, step = np.arange(guess.size), 1.0
    while (at := at[~reached(high[at], at)]).size:
        low[at], high[at], step = high[at], high[at] + step, 2.0 * step
    at, step = np.arange(guess.size), 1.0
    while (at := at[reached(low[at], at)]).size:
        high[at], low[at], step = low[at], np.maximum(low[at] - step, -1.0), 2.0 * step
    while (at := np.flatnonzero(high - low > 1.0)).size:
        middle = np.floor((low[at] + high[at]) / 2.0)
        enough = reached(middle, at)
        high[at], low[at] = np.where(enough, middle, high[at]), np.where(enough, low[at], middle)
    return high


Tails = Callable[[FloatArray], tuple[FloatArray, FloatArray, FloatArray]]


def _shortage(tails: Tails, quantity: FloatArray) -> FloatArray:
    """Return E(D - q)+: between whole units, and below zero, it is linear."""
    units = np.maximum(np.floor(quantity), 0.0)
    above, first, _ = tails(units)
    loss = first - np.maximum(quantity, 0.0) * above
    return np.asarray(np.maximum(loss, 0.0) + np.maximum(-quantity, 0.0))


def _accumulated_shortage(tails: Tails, mean: FloatArray, pairs: FloatArray, quantity: FloatArray) -> FloatArray:
    """Return E[(D - q)+ (D - q + 1)+] / 2 at whole units, with E[D (D - 1)] = pairs; below zero no demand escapes."""
    units = np.floor(quantity)
    above, first, second = tails(np.maximum(units, 0.0))
    below = units < 0
    above, first, second = np.where(below, 1.0, above), np.where(below, mean, first), np.where(below, pairs, second)
    return np.asarray(np.maximum(second + 2.0 * (1.0 - units) * first + units * (units - 1.0) * above, 0.0) / 2.0)
