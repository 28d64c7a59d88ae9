"""What a service mix is made of: the items with their worth and weight, and the service each must and may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from invopt_xl.errors import require
from invopt_xl.policy.costs import BoolArray, FloatArray, require_each
from invopt_xl.policy.service_mix.losses import UncertainDemand

HIGHEST_SERVICE = 0.9999
"""No item is stocked for more than this fill rate unless its bounds say otherwise: the tail beyond is not known."""


class Replenishment(Protocol):
    """Demand over the intervals that decide service, as `ReplenishmentCycle` knows it."""

    @property
    def lead(self) -> UncertainDemand:
        """Demand over the lead time."""

    @property
    def protection(self) -> UncertainDemand:
        """Demand over review period and lead time."""

    @property
    def review(self) -> FloatArray:
        """Expected demand over the review period, units, shape (items,)."""


@dataclass(frozen=True, eq=False)
class MixItems:
    """Items that share one service target; arrays of shape (items,).

    Parameters
    ----------
    cycle
        Demand over lead time and protection interval.
    order_quantity
        Usual order quantity, units: the order-up-to level lies this far above the reorder point. Zero for base stock.
    unit_cost
        Money tied up by a unit in stock.
    weight
        Weight of the item's fill rate in the overall one, see `service_weight`; only ratios matter.
    lost
        True if demand that finds no stock is lost; false if it waits.

    Raises
    ------
    InputError
        If an array does not fit the items, a number is negative or not finite, or no item has demand and weight.
    """

    cycle: Replenishment
    order_quantity: FloatArray
    unit_cost: FloatArray
    weight: FloatArray
    lost: bool = False

    def __post_init__(self) -> None:
        """Check the arrays."""
        review = self.cycle.review
        require_each(np.isfinite(review) & (review >= 0), "expected demand", review, "zero or more, such as 12")
        shape = review.shape
        for name in ("order_quantity", "unit_cost", "weight"):
            values, called = getattr(self, name), name.replace("_", " ")
            require(values.shape == shape, f"shape of {called}", values.shape, f"{shape}, one for each item")
            require_each(np.isfinite(values) & (values >= 0), called, values, "zero or more, such as 12")
        total = float(self.weight[self.demanded].sum())
        require(total > 0, "weight of the items that have demand", f"{total:g}", "above zero for at least one item")

    @property
    def demanded(self) -> BoolArray:
        """True where demand is expected; an item without it has no fill rate and takes no part."""
        return np.asarray(self.cycle.review > 0)

    @property
    def share(self) -> FloatArray:
        """Share of each item in the overall fill rate; sums to one, zero without demand."""
        weight = np.where(self.demanded, self.weight, 0.0)
        return np.asarray(weight / weight.sum())


def service_weight(
    demand: FloatArray,
    unit_value: FloatArray | float = 1.0,
    criticality: FloatArray | float = 1.0,
    customer: FloatArray | float = 1.0,
) -> FloatArray:
    """Return the weight of each item's fill rate in the overall one, shape (items,).

    With demand in units alone, the overall fill rate is the share of units served; with order lines as demand, the
    share of lines; with a unit's price or cost, the share of value. Criticality and customer weight multiply.

    Parameters
    ----------
    demand
        Expected demand a period, units, or order lines a period.
    unit_value
        Money a unit.
    criticality, customer
        How much more a shortage of this item, or for its customers, counts than others.

    Examples
    --------
    >>> demand, price = np.array([10.0, 2.0]), np.array([1.0, 20.0])
    >>> service_weight(demand, price, criticality=np.array([3.0, 1.0])).tolist()
    [30.0, 40.0]
    """
    return np.asarray(demand * unit_value * criticality * customer, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class ServiceBounds:
    """The least and most service of each item; numbers for all items, or arrays of shape (items,).

    Parameters
    ----------
    lowest, highest
        Fill rates between which each item's may be chosen, from 0 to below 1.
    least_level
        Reorder point that no item goes below, units: such as expected demand over the protection interval.

    Raises
    ------
    InputError
        If a bound is no fill rate, or the lowest lies above the highest.

    Examples
    --------
    >>> ServiceBounds(lowest=0.995, highest=0.99)
    Traceback (most recent call last):
    ...
    invopt_xl.errors.InputError: lowest service is 0.995; expected at most the highest, 0.99
    """

    lowest: FloatArray | float = 0.0
    highest: FloatArray | float = HIGHEST_SERVICE
    least_level: FloatArray | float = 0.0

    def __post_init__(self) -> None:
        """Check the bounds."""
        for name in ("lowest", "highest"):
            bound = np.asarray(getattr(self, name), dtype=np.float64)
            require_each((bound >= 0) & (bound < 1), f"{name} service", bound, "from 0 to below 1, such as 0.95")
        lowest, highest = np.broadcast_arrays(self.lowest, self.highest)
        wrong = np.flatnonzero(lowest > highest)
        if wrong.size:
            at = wrong[0]
            place = f" (row {at + 1})" if lowest.size > 1 else ""
            expected = f"at most the highest, {highest.ravel()[at]:g}"
            require(False, f"lowest service{place}", f"{lowest.ravel()[at]:g}", expected)
        least = np.asarray(self.least_level, dtype=np.float64)
        require_each(np.isfinite(least) & (least >= 0), "least level", least, "zero or more, such as 12")

    @classmethod
    def of_classes(
        cls,
        classes: Sequence[str],
        limits: Mapping[str, tuple[float, float]],
        least_level: FloatArray | float = 0.0,
    ) -> ServiceBounds:
        """Return bounds by class; a class without limits may have any service.

        Parameters
        ----------
        classes
            Class of each item.
        limits
            Lowest and highest fill rate by class.
        least_level
            Reorder point that no item goes below, units.

        Examples
        --------
        >>> ServiceBounds.of_classes(["critical", "other"], {"critical": (0.99, 0.9999)}).lowest.tolist()
        [0.99, 0.0]
        """
        known = np.asarray(classes, dtype=object)
        unknown = sorted(set(limits) - set(known.tolist()))
        require(not unknown, "class of a service limit", ", ".join(unknown), f"one of {_some(known.tolist())}")
        lowest, highest = np.zeros(len(known)), np.full(len(known), HIGHEST_SERVICE)
        for name, (low, high) in limits.items():
            lowest[known == name], highest[known == name] = low, high
        return cls(lowest, highest, least_level)

    def of_items(self, items: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return lowest and highest fill rate and least level of each of so many items, or raise an `InputError`."""
        found = []
        for name in ("lowest", "highest", "least_level"):
            bound = np.asarray(getattr(self, name), dtype=np.float64)
            fits = bound.size == 1 or bound.shape == (items,)
            require(fits, f"number of {name.replace('_', ' ')} bounds", bound.size, f"one, or one for each of {items}")
            found.append(np.broadcast_to(bound.ravel(), (items,)))
        return found[0], found[1], found[2]


def _some(names: list[str]) -> str:
    return ", ".join(sorted(set(names))[:5]) or "the items' classes"
