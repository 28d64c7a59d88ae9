"""Families of demand over one interval, for many items at once: normal and gamma.

`counts` has those in whole units, `samples` demand as it was seen or simulated. Each knows its mean, the probability
that demand exceeds a quantity, the expected demand above a quantity (the loss function) and what that adds up to, its
quantiles, and, where periods are independent, demand over several of them. Closed forms of the loss functions: Snyder
& Shen (2019), "Fundamentals of Supply Chain Theory", 2nd edition, appendix C.3; Zipkin (2000), "Foundations of
Inventory Management", appendix C.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt
from scipy import special

from invopt_xl.policy.costs import FloatArray, require_above_zero

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

    def accumulated_shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the shortages of this quantity and all above, added up (whole units) or integrated.

        E[(D - q)+ (D - q + 1)+] / 2 for whole units, E[(D - q)+ ^ 2] / 2 else: the second-order loss function. Its
        difference over a lot is the shortage of all positions in the lot together.
        """

    def rows(self, rows: IntArray) -> Self:
        """Return the demand of some of the items."""


class ContinuousDemand(ItemDemand, Protocol):
    """Demand in any quantity: `accumulated_shortage` is an integral."""


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

    def accumulated_shortage(self, quantity: FloatArray) -> FloatArray:
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

    def _tails(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Upper tail Q(a), and the step from Q(a) to Q(a + 1): a power, where the function itself is slow."""
        a, z = self._shape, x / self._scale
        return special.gammaincc(a, z), np.asarray(np.exp(special.xlogy(a, z) - z - special.gammaln(a + 1.0)))

    def shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the expected demand above the quantity, units: mean Q(a + 1) - q Q(a), Q the upper gamma tail."""
        x = np.maximum(quantity, 0.0)
        tail, step = self._tails(x)
        return np.asarray((self.mean - x) * tail + self.mean * step + np.maximum(-quantity, 0.0))

    def accumulated_shortage(self, quantity: FloatArray) -> FloatArray:
        """Return half the expected square of demand above the quantity."""
        x = np.maximum(quantity, 0.0)
        tail, step = self._tails(x)
        second_moment = self.mean**2 + self.deviation**2
        second = second_moment * (tail + step * (1.0 + x / self._scale / (self._shape + 1.0)))
        above = second - 2.0 * x * self.mean * (tail + step) + x * x * tail
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
