"""Families of demand over one interval, for many items at once: normal, gamma, Poisson, negative binomial, samples.

Each knows its mean, the probability that demand exceeds a quantity, the expected demand above a quantity (the loss
function), its quantiles, and, where periods are independent, demand over several of them. Closed forms of the loss
functions: Snyder & Shen (2019), "Fundamentals of Supply Chain Theory", 2nd edition, appendix C.3; Zipkin (2000),
"Foundations of Inventory Management", appendix C.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt
from scipy import special

from invopt_xl.policy.costs import BoolArray, FloatArray, require_above_zero, require_each

IntArray = npt.NDArray[np.int64]

_ROOT_OF_TWO_PI = np.sqrt(2.0 * np.pi)
_MEAN_EXPECTED = "above zero, such as 12"


class ItemDemand(Protocol):
    """Demand of many items over one interval, as the newsvendor and (r, Q) policies need it."""

    @property
    def mean(self) -> FloatArray:
        """Expected demand, units, shape (items,)."""

    @property
    def whole(self) -> bool:
        """True where demand comes in whole units, and so do stock levels."""

    def exceeds(self, quantity: FloatArray) -> FloatArray:
        """Return the probability that demand is above the quantity."""

    def shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the expected demand above the quantity, E(D - quantity)+, units."""

    def quantile(self, probability: FloatArray) -> FloatArray:
        """Return the smallest quantity that demand does not exceed with this probability, units."""

    def rows(self, rows: IntArray) -> Self:
        """Return the demand of some of the items."""


class ContinuousDemand(ItemDemand, Protocol):
    """Demand in any quantity, with the second-order loss that (r, Q) policies integrate."""

    def squared_shortage(self, quantity: FloatArray) -> FloatArray:
        """Return half the expected square of demand above the quantity, E[(D - quantity)+ ^ 2] / 2."""


@dataclass(frozen=True, eq=False)
class NormalDemand:
    """Normal demand; sensible where the mean is above about three deviations.

    Parameters
    ----------
    mean, deviation
        Mean and standard deviation over the interval, units, shape (items,).

    Examples
    --------
    >>> NormalDemand(np.array([50.0]), np.array([8.0])).quantile(np.array([0.70 / 0.88])).round(3).tolist()
    [56.604]
    """

    mean: FloatArray
    deviation: FloatArray
    whole = False

    def __post_init__(self) -> None:
        """Check mean and deviation."""
        require_above_zero("mean demand", self.mean, _MEAN_EXPECTED)
        require_above_zero("standard deviation of demand", self.deviation, "above zero, such as 4")

    def exceeds(self, quantity: FloatArray) -> FloatArray:
        """Return the probability that demand is above the quantity."""
        return np.asarray(special.ndtr((self.mean - quantity) / self.deviation))

    def shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the expected demand above the quantity, units: sigma (phi(z) - z (1 - Phi(z)))."""
        z = (quantity - self.mean) / self.deviation
        return np.asarray(self.deviation * (_density(z) - z * special.ndtr(-z)))

    def squared_shortage(self, quantity: FloatArray) -> FloatArray:
        """Return half the expected square of demand above the quantity: sigma^2 ((z^2 + 1) (1 - Phi) - z phi) / 2."""
        z = (quantity - self.mean) / self.deviation
        return np.asarray(self.deviation**2 * ((z * z + 1.0) * special.ndtr(-z) - z * _density(z)) / 2.0)

    def quantile(self, probability: FloatArray) -> FloatArray:
        """Return the quantity that demand does not exceed with this probability, units."""
        return np.asarray(self.mean + self.deviation * special.ndtri(probability))

    def over(self, periods: float | FloatArray) -> NormalDemand:
        """Return demand over so many independent periods like this one."""
        return NormalDemand(self.mean * periods, self.deviation * np.sqrt(periods))

    def rows(self, rows: IntArray) -> NormalDemand:
        """Return the demand of some of the items."""
        return NormalDemand(self.mean[rows], self.deviation[rows])


def _density(z: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-z * z / 2.0) / _ROOT_OF_TWO_PI)


@dataclass(frozen=True, eq=False)
class GammaDemand:
    """Gamma demand: any quantity above zero, as skewed as its deviation says.

    Parameters
    ----------
    mean, deviation
        Mean and standard deviation over the interval, units, shape (items,).

    Examples
    --------
    >>> GammaDemand(np.array([40.0]), np.array([20.0])).shortage(np.array([40.0])).round(3).tolist()
    [7.815]
    """

    mean: FloatArray
    deviation: FloatArray
    whole = False

    def __post_init__(self) -> None:
        """Check mean and deviation."""
        require_above_zero("mean demand", self.mean, _MEAN_EXPECTED)
        require_above_zero("standard deviation of demand", self.deviation, "above zero, such as 4")

    @property
    def _shape(self) -> FloatArray:
        return np.asarray((self.mean / self.deviation) ** 2)

    @property
    def _scale(self) -> FloatArray:
        return np.asarray(self.deviation**2 / self.mean)

    def exceeds(self, quantity: FloatArray) -> FloatArray:
        """Return the probability that demand is above the quantity."""
        return np.asarray(special.gammaincc(self._shape, np.maximum(quantity, 0.0) / self._scale))

    def shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the expected demand above the quantity, units: mean Q(a + 1) - q Q(a), Q the upper gamma tail."""
        x = np.maximum(quantity, 0.0)
        more = special.gammaincc(self._shape + 1.0, x / self._scale)
        return np.asarray(self.mean * more - x * self.exceeds(x) + np.maximum(-quantity, 0.0))

    def squared_shortage(self, quantity: FloatArray) -> FloatArray:
        """Return half the expected square of demand above the quantity."""
        x = np.maximum(quantity, 0.0)
        second_moment = self.mean**2 + self.deviation**2
        above = second_moment * special.gammaincc(self._shape + 2.0, x / self._scale)
        above = above - 2.0 * x * (self.shortage(x) + x * self.exceeds(x)) + x * x * self.exceeds(x)
        below_zero = np.maximum(-quantity, 0.0)
        return np.asarray(above / 2.0 + below_zero * self.mean + below_zero**2 / 2.0)

    def quantile(self, probability: FloatArray) -> FloatArray:
        """Return the quantity that demand does not exceed with this probability, units."""
        return np.asarray(self._scale * special.gammaincinv(self._shape, probability))

    def over(self, periods: float | FloatArray) -> GammaDemand:
        """Return demand over so many independent periods like this one."""
        return GammaDemand(self.mean * periods, self.deviation * np.sqrt(periods))

    def rows(self, rows: IntArray) -> GammaDemand:
        """Return the demand of some of the items."""
        return GammaDemand(self.mean[rows], self.deviation[rows])


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

    def shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the expected demand above the quantity, units: mean P(D >= q) - q P(D > q)."""
        units = np.maximum(np.floor(quantity), 0.0)
        above = special.gammainc(units + 1.0, self.mean)
        at = np.exp(special.xlogy(units, self.mean) - self.mean - special.gammaln(units + 1.0))
        loss = self.mean * (above + at) - units * above
        return np.asarray(loss - (np.maximum(quantity, 0.0) - units) * above + np.maximum(-quantity, 0.0))

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

    def shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the expected demand above the quantity, units.

        E[D 1(D > q)] = mean P(D' > q - 1), D' the same family with one failure more.
        """
        units = np.maximum(np.floor(quantity), 0.0)
        above = self.exceeds(units)
        more = special.betainc(np.maximum(units, 1.0), self._failures + 1.0, 1.0 - self._success)
        loss = self.mean * np.where(units < 1, 1.0, more) - units * above
        return np.asarray(loss - (np.maximum(quantity, 0.0) - units) * above + np.maximum(-quantity, 0.0))

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


@dataclass(frozen=True, eq=False)
class EmpiricalDemand:
    """Demand as it was seen, or as sample paths say; each draw is equally likely.

    Draws are sums over the whole interval: of a forecast's path over the protection interval, or of a window of
    history that long, so dependence between periods is kept.

    Parameters
    ----------
    samples
        Units, zero or more, shape (items, draws).
    whole
        True where demand comes in whole units.

    Examples
    --------
    >>> EmpiricalDemand(np.array([[0.0, 3.0, 1.0, 0.0, 9.0]])).quantile(np.array([0.8])).tolist()
    [3.0]
    """

    samples: FloatArray
    whole: bool = False

    def __post_init__(self) -> None:
        """Check the draws."""
        samples = np.asarray(self.samples, dtype=np.float64)
        good = np.isfinite(samples) & (samples >= 0)
        require_each(good, "observed demand", samples, "zero or more, such as 12")
        require_above_zero("mean of observed demand", samples.mean(axis=1), _MEAN_EXPECTED)

    @property
    def mean(self) -> FloatArray:
        """Expected demand, units, shape (items,)."""
        return np.asarray(self.samples.mean(axis=1))

    def exceeds(self, quantity: FloatArray) -> FloatArray:
        """Return the share of draws above the quantity."""
        return np.asarray((self.samples > np.asarray(quantity)[..., None]).mean(axis=-1))

    def shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the mean of what draws have above the quantity, units."""
        return np.asarray(np.maximum(self.samples - np.asarray(quantity)[..., None], 0.0).mean(axis=-1))

    def squared_shortage(self, quantity: FloatArray) -> FloatArray:
        """Return half the mean square of what draws have above the quantity."""
        above = np.maximum(self.samples - np.asarray(quantity)[..., None], 0.0)
        return np.asarray((above * above).mean(axis=-1) / 2.0)

    def quantile(self, probability: FloatArray) -> FloatArray:
        """Return the smallest draw that at least this share of draws does not exceed, units."""
        items, draws = self.samples.shape
        # A share such as 0.8 of 5 draws is the 4th, though 0.8 is not exactly four fifths in binary.
        rank = np.ceil(np.broadcast_to(probability, items) * draws - 1e-9).astype(np.int64)
        rank = np.clip(rank - 1, 0, draws - 1)
        return np.asarray(np.sort(self.samples, axis=1)[np.arange(items), rank])

    def rows(self, rows: IntArray) -> EmpiricalDemand:
        """Return the demand of some of the items."""
        return EmpiricalDemand(self.samples[rows], self.whole)


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
