"""Families of demand over one interval, for many items at once: normal, gamma and samples; `counts` has whole units.

Each knows its mean, the probability that demand exceeds a quantity, the expected demand above a quantity (the loss
function), its quantiles, and, where periods are independent, demand over several of them. Closed forms of the loss
functions: Snyder & Shen (2019), "Fundamentals of Supply Chain Theory", 2nd edition, appendix C.3; Zipkin (2000),
"Foundations of Inventory Management", appendix C.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt
from scipy import special

from invopt_xl.policy.costs import FloatArray, require_above_zero, require_each

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
