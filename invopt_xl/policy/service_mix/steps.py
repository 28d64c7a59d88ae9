"""Marginal analysis: every step of stock that is worth taking, the most service for its money first.

For a multiplier (money for a unit of overall service) each item takes the level with the least stock money plus
multiplier times service missed. Those levels are the corners of the lower convex hull of the item's money and missed
service; levels above the hull, as those below the point from which shortage is convex, are never best. Sorting the
steps between corners of all items by money for service gives the best mix of every multiplier at once, so there is
nothing to bisect: Fox (1966), "Discrete optimization via marginal analysis", Management Science 13(3), 210-216;
Sherbrooke (2004), "Optimal Inventory Modeling of Systems", 2nd edition, chapter 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.policy.costs import FloatArray
from invopt_xl.policy.families import IntArray

_ABOUT = 0.0025
"""Service on either side within which the slope of a curve is taken."""
_LEAST_GAIN = 1e-15
"""Steps that add less than this share of overall service add nothing."""


@dataclass(frozen=True, eq=False)
class Steps:
    """Steps from one level of an item to a higher one, in the order in which they pay.

    Parameters
    ----------
    item, to
        Item of each step and the level it leads to, by number, shape (steps,).
    price
        Stock money for a unit of overall service, never falling, shape (steps,).
    start
        First level of each item, by number, shape (items,).
    money, service
        Stock money and overall fill rate before the first step and after each, shape (steps + 1,).
    """

    item: IntArray
    to: IntArray
    price: FloatArray
    start: IntArray
    money: FloatArray
    service: FloatArray

    @classmethod
    def of(cls, money: FloatArray, gain: FloatArray, served: FloatArray | None = None) -> Steps:
        """Return the steps worth taking.

        Parameters
        ----------
        money
            Stock money of each item at each level, not falling, shape (items, levels).
        gain
            Contribution to the overall fill rate, share times fill rate, by which steps are judged, shape (items,
            levels).
        served
            What levels contribute in fact, where that is another thing.
        """
        levels = money.shape[1]
        flat_money, flat_gain = money.ravel(), gain.ravel()
        flat_served = flat_gain if served is None else served.ravel()
        corner = _corners(money, gain)
        row = corner // levels
        first = np.concatenate([[True], row[1:] != row[:-1]])
        after, before = corner[~first], corner[np.flatnonzero(~first) - 1]
        paid, gained = flat_money[after] - flat_money[before], flat_gain[after] - flat_gain[before]
        worth = gained > _LEAST_GAIN
        after, before, paid, gained = after[worth], before[worth], paid[worth], gained[worth]
        price = paid / gained
        order = np.argsort(price, kind="stable")
        start = corner[first]
        spent = _running(float(flat_money[start].sum()), paid[order])
        service = _running(float(flat_served[start].sum()), (flat_served[after] - flat_served[before])[order])
        return cls(
            item=after[order] // levels,
            to=after[order] % levels,
            price=price[order] if served is None else _slope(spent, service),
            start=start % levels,
            money=spent,
            service=service,
        )

    def taken(self, count: int) -> IntArray:
        """Return the level of each item, by number, after so many steps."""
        level = self.start.copy()
        np.maximum.at(level, self.item[:count], self.to[:count])
        return level

    def price_at(self, count: int) -> float:
        """Return the price of the last of so many steps, of the first before any; infinite where there are none."""
        return float(self.price[max(count - 1, 0)]) if len(self.price) else float("inf")


def _running(start: float, steps: FloatArray) -> FloatArray:
    return np.concatenate([[start], start + np.cumsum(steps)])


def _slope(money: FloatArray, service: FloatArray) -> FloatArray:
    """Return money for a unit of service about each step, never falling: what single steps add is not in this order."""
    low, high = (np.clip(service[1:] + by, service[0], service[-1]) for by in (-_ABOUT, _ABOUT))
    paid = np.interp(high, service, money) - np.interp(low, service, money)
    gained = high - low
    slope = np.divide(paid, gained, out=np.full_like(paid, np.inf), where=gained > 0)
    return np.asarray(np.maximum.accumulate(slope))


def _corners(money: FloatArray, gain: FloatArray) -> IntArray:
    """Return the flat numbers of the hull's corners, ascending: money convex in what is gained.

    A level on or above the chord between its neighbours is no corner, whichever neighbours are left, so all such
    levels go at once, until none is left.
    """
    levels = money.shape[1]
    cost, served = money.ravel(), gain.ravel()
    kept = np.arange(money.size)
    # Of levels that cost the same, none but the last can be best.
    last = np.append(cost[1:] > cost[:-1], True) | (kept % levels == levels - 1)
    kept = kept[last]
    while len(kept) > 2:
        left, middle, right = kept[:-2], kept[1:-1], kept[2:]
        inside = (left // levels == middle // levels) & (middle // levels == right // levels)
        rises = (served[middle] - served[left]) * (cost[right] - cost[middle])
        flattens = (served[right] - served[middle]) * (cost[middle] - cost[left])
        dropped = inside & (rises <= flattens)
        if not dropped.any():
            break
        kept = np.concatenate([kept[:1], middle[~dropped], kept[-1:]])
    return kept
