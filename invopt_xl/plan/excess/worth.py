"""What units of stock are worth where nothing is done about them: sold in time, written off, and held till then."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from invopt_xl.plan.excess.ahead import DemandAhead
from invopt_xl.plan.excess.remaining import left_over
from invopt_xl.policy import IntervalDemand
from invopt_xl.policy.costs import BoolArray, FloatArray
from invopt_xl.policy.families import IntArray

_PARTS = 12
_SHARES = np.array([0.5, *np.ones(_PARTS - 1), 0.5]) / _PARTS
"""Weights of the ends of the parts in the mean over a time: demand may reach a unit as suddenly as a step."""
_MOST_STEPS = 40


@dataclass(frozen=True, eq=False)
class Idle:
    """Stock about which nothing is done until it is written off; arrays of shape (items,).

    The y-th unit of an item's stock is used once demand D(t) reaches y. By the write-off at W it is worth

        V(y) = used P(D(W) >= y) + left P(D(W) < y) - holding * integral of P(D(t) < y) over t from 0 to W,

    which falls in y: units at the top of the stock are worth least, and whatever is done is done with them.

    Parameters
    ----------
    demand
        Demand up to the ends of equal parts of the time until the write-off.
    days
        Days until the write-off.
    used
        What a unit is worth that is used in time, money.
    left
        What it brings if it is written off, money.
    holding
        Cost of holding a unit for a day, money.
    whole
        True where units are whole.
    """

    demand: tuple[IntervalDemand, ...]
    days: FloatArray
    used: FloatArray
    left: FloatArray
    holding: FloatArray
    whole: BoolArray

    @classmethod
    def until(
        cls, ahead: DemandAhead, days: FloatArray, money: tuple[FloatArray, FloatArray, FloatArray], whole: BoolArray
    ) -> Idle:
        """Return idle stock that is written off after some days; money is that of ``used``, ``left``, ``holding``."""
        demand = tuple(ahead.within(days * part / _PARTS, part + 1) for part in range(1, _PARTS + 1))
        return cls(demand, days, *money, whole)

    def worth_if_used(self, used: FloatArray) -> Idle:
        """Return the same stock with another worth of units used in time."""
        return replace(self, used=used)

    def remaining(self, stock: FloatArray) -> FloatArray:
        """Return the expected units that remain at the write-off."""
        return left_over(self.demand[-1], stock)

    def unit_days(self, stock: FloatArray) -> FloatArray:
        """Return the expected units held times the days they are held, until the write-off."""
        held = np.array([stock, *(left_over(each, stock) for each in self.demand)])
        return np.asarray(np.tensordot(_SHARES, held, 1) * self.days)

    def unit_worth(self, unit: FloatArray) -> FloatArray:
        """Return what that unit of the stock is worth, V(y), money; shape (items,) or (any, items) as units."""
        before = np.where(self.whole, unit - 1.0, unit)
        reached = [each.exceeds(before) for each in self.demand]
        waiting = np.tensordot(_SHARES, np.array([np.ones_like(unit), *(1.0 - each for each in reached)]), 1)
        sold = self.used * reached[-1] + self.left * (1.0 - reached[-1])
        return np.asarray(sold - self.holding * self.days * waiting)

    def worth_more_than(self, money: FloatArray, top: FloatArray, least: FloatArray) -> FloatArray:
        """Return how many units of the stock are worth more than that much money each; those above are worth less.

        Parameters
        ----------
        money
            Shape (any, items).
        top
            Units of the stock, shape (items,).
        least
            Units at the bottom that are kept in any case, shape (items,).
        """
        first = np.where(self.whole, least + 1.0, least)
        kept = np.where(money < self.unit_worth(top), top, least)
        rows, ways = np.nonzero(((kept < top) & (money < self.unit_worth(first)) & (least < top)).T)
        if rows.size:
            few, price = self.rows(rows), money[ways, rows]
            low, high = least[rows], top[rows]
            for _ in range(min(int(np.ceil(np.log2((high - low).max() + 1.0))) + 2, _MOST_STEPS)):
                middle = (low + high) / 2.0
                middle = np.where(few.whole, np.ceil(middle), middle)
                more = few.unit_worth(middle) > price
                low, high = np.where(more, middle, low), np.where(more, high, middle - few.whole)
            kept[ways, rows] = low
        return kept

    def rows(self, rows: IntArray) -> Idle:
        """Return what is known of some of the items, ascending; an item may be wanted more than once."""
        demand = tuple(each.rows(rows) for each in self.demand)
        money = (self.used[rows], self.left[rows], self.holding[rows])
        return Idle(demand, self.days[rows], *money, self.whole[rows])
