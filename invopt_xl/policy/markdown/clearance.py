"""What is to be cleared: stock, demand at each price with all its doubt, and what a unit left is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from invopt_xl.errors import require
from invopt_xl.policy.costs import FloatArray

MOST_LOTS = 100
"""Larger stocks are counted in lots, so many at most."""

STRATA_OF_ELASTICITY, STRATA_OF_RATE = 5, 3
"""Scenarios: so many equally likely elasticities, and rates of demand beside each."""

STEEPEST = -8.0
"""No elasticity is taken to be below it."""

LADDER = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
"""Discounts as shares of today's price."""

_LEAST_MEAN, _LEAST_NOISE, _WIDER = 1e-9, 1e-6, 1e-6
_NEAR = 1e-9


@dataclass(frozen=True)
class Limits:
    """Guard-rails of a price path.

    Parameters
    ----------
    floor
        Lowest price as a share of unit cost; 0 for none.
    largest_discount
        Largest share off today's price.
    lowest_seen
        Lowest price as a share of today's at which demand is known well enough to be said.
    """

    floor: float = 1.0
    largest_discount: float = 0.7
    lowest_seen: float = 0.0


@dataclass(frozen=True, eq=False)
class Worth:
    """What units are worth that nobody has bought by the end, and what they cost until then.

    Parameters
    ----------
    salvage
        Of a unit that is left where nothing sells after the end, or demand has ended, money; below 0 where it costs
        more to be rid of than it brings.
    holding_cost
        Of a unit that is left at the end of a period, money; one for all periods, or one for each.
    later
        Units left, ascending from none, and what so many are worth where they sell on after the end, money; None where
        nothing sells then. The more are left the less a further one is worth. It is of demand that had not ended.
    """

    salvage: float = 0.0
    holding_cost: float | FloatArray = 0.0
    later: tuple[FloatArray, FloatArray] | None = None

    def at_end(self, units: FloatArray) -> FloatArray:
        """Return what so many units are worth at the end, money.

        Examples
        --------
        >>> Worth(salvage=0.5).at_end(np.array([5.0, 14.0])).tolist()
        [2.5, 7.0]
        >>> ten_sell_on = (np.array([0.0, 10.0, 20.0]), np.array([0.0, 20.0, 25.0]))
        >>> Worth(later=ten_sell_on).at_end(np.array([5.0, 14.0])).tolist()
        [10.0, 22.0]
        """
        return units * self.salvage if self.later is None else np.interp(units, *self.later)


@dataclass(frozen=True, eq=False)
class Clearance:
    """Stock to be cleared, and demand that may clear it.

    Parameters
    ----------
    stock
        Units there now; none comes.
    price
        Today's price, money a unit.
    demand
        Expected demand of each period at the price it is known for, units, shape (periods,).
    elasticity, elasticity_deviation
        Percent that demand changes for a price one percent higher, and its standard deviation.
    rate_variation
        Standard deviation of what all periods have in common over the mean: the forecast may be too high throughout.
    noise
        Of a period, given all that: the variance is mean + noise x mean^2, and of goods not in whole units noise x
        mean^2, so that nothing depends on the unit they are measured in.
    whole
        Whether the goods are counted in whole units, and not measured, as by weight.
    ended
        Chance that demand has ended: then nothing is asked for at any price. The rest is of demand that goes on.
    known_for
        The price that demand is known for, money a unit; one for all periods, or one for each; today's unless given.

    Raises
    ------
    InputError
        If stock, price or demand are negative or not finite, or the chance is none.
    """

    stock: float
    price: float
    demand: FloatArray
    elasticity: float
    elasticity_deviation: float = 0.0
    rate_variation: float = 0.0
    noise: float = 0.0
    whole: bool = True
    ended: float = 0.0
    known_for: float | FloatArray | None = None

    def __post_init__(self) -> None:
        for name in ("stock", "price", "elasticity_deviation", "rate_variation", "noise"):
            value = float(getattr(self, name))
            require(bool(np.isfinite(value)) and value >= 0, name.replace("_", " "), value, "zero or more")
        known_for = np.asarray(self.price if self.known_for is None else self.known_for)
        positive = bool(np.isfinite(known_for).all()) and bool((known_for >= 0).all())
        require(positive, "price of known demand", known_for, "zero or more")
        require(0 <= self.ended <= 1, "chance that demand has ended", self.ended, "0 to 1")
        sound = self.demand.ndim == 1 and self.demand.size > 0 and bool(np.isfinite(self.demand).all())
        require(sound and bool((self.demand >= 0).all()), "demand", self.demand, "zero or more in a period or several")

    @property
    def lot(self) -> float:
        """Units counted as one: of goods in whole units at least one."""
        least = 1.0 if self.whole or self.stock <= 0 else 0.0
        return max(least, self.stock / MOST_LOTS)

    @property
    def lots(self) -> int:
        """Stock in lots."""
        return int(np.ceil(self.stock / self.lot - _NEAR))

    def scenarios(self) -> tuple[FloatArray, FloatArray]:
        """Return equally likely pairs of an elasticity and a rate of demand over its mean, shape (scenarios,) each.

        Each is the mean of a slice of its distribution: normal, cut at 0 and `STEEPEST`, and lognormal.
        """
        spread = np.sqrt(np.log1p(self.rate_variation**2))
        rates = np.exp(spread * _slices(STRATA_OF_RATE))
        answers = np.clip(self.elasticity + self.elasticity_deviation * _slices(STRATA_OF_ELASTICITY), STEEPEST, 0.0)
        each, rate = np.meshgrid(answers, rates / rates.mean(), indexing="ij")
        return each.ravel(), rate.ravel()

    def chances(self, prices: FloatArray) -> FloatArray:
        """Return the chance of each number of lots asked for, shape (scenarios, periods, prices, lots + 1).

        The last number stands for so many and all above. Demand for whole units is negative binomial, at least as
        variable as counts; of other goods it is gamma.
        """
        answers, rates = self.scenarios()
        known_for = np.broadcast_to(self.price if self.known_for is None else self.known_for, self.demand.shape)
        lifts = (prices / known_for[:, None]) ** answers[:, None, None]
        mean = rates[:, None, None] * self.demand[:, None] * lifts
        counted = np.maximum(mean / self.lot, _LEAST_MEAN)
        if not self.whole:
            return _amounts(counted, max(self.noise, _LEAST_NOISE), self.lots)
        variance = np.maximum((mean + self.noise * mean**2) / self.lot**2, counted * (1 + _WIDER))
        return _counts(counted, variance, self.lots)


def price_ladder(price: float, unit_cost: float, limits: Limits, steps: tuple[float, ...] = LADDER) -> FloatArray:
    """Return today's price and those below it that the guard-rails allow, money, the highest first.

    Examples
    --------
    >>> price_ladder(10.0, 6.0, Limits(floor=1.0, lowest_seen=0.65)).tolist()
    [10.0, 9.0, 8.0, 7.0]
    """
    discounts = np.unique([0.0, *steps])
    allowed = discounts <= limits.largest_discount + _NEAR
    prices = price * (1 - discounts)
    lowest = max(limits.floor * unit_cost, limits.lowest_seen * price)
    return np.asarray(prices[(discounts == 0) | (allowed & (prices >= lowest - _NEAR) & (prices > 0))])


def _slices(count: int) -> FloatArray:
    """Return the means of equally likely slices of the standard normal distribution."""
    edges = stats.norm.ppf(np.linspace(0, 1, count + 1))
    return np.asarray(-np.diff(stats.norm.pdf(edges)) * count)


def _counts(mean: FloatArray, variance: FloatArray, most: int) -> FloatArray:
    """Return negative binomial chances of 0, 1, ... and of `most` or more, in a new last axis, by recursion."""
    odds = 1 - mean / variance
    size = mean * (1 - odds) / odds
    chances = np.empty((*mean.shape, most + 1))
    chances[..., 0] = np.exp(size * np.log1p(-odds))
    for count in range(1, most + 1):
        chances[..., count] = chances[..., count - 1] * odds * (size + count - 1) / count
    chances[..., most] = np.maximum(1 - chances[..., :most].sum(axis=-1), 0.0)
    return chances


def _amounts(mean: FloatArray, noise: float, most: int) -> FloatArray:
    """Return the chances of gamma demand as of 0, 1, ... and of `most` or more, in a new last axis.

    An amount between two numbers counts as both, each by how near it is: expected sales are those of the amounts.
    """
    shape, scale = 1 / noise, mean[..., None] * noise
    number = np.arange(most + 1.0)
    # What is expected to be left of each number: its bends are the chances.
    left = number * special.gammainc(shape, number / scale)
    left -= mean[..., None] * special.gammainc(shape + 1, number / scale)
    rises = np.diff(left, axis=-1)
    chances = np.diff(rises, axis=-1, prepend=0.0, append=1.0)
    return np.maximum(chances, 0.0)
