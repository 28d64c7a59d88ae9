"""Prices at which items are planned by themselves, and the plans that come of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class LinePrices:
    """What lines and stock cost beyond their own costs.

    Parameters
    ----------
    line
        Money per line, shape (sources, modes, periods); infinite where a mode does not exist.
    unit
        Money per unit, of the same shape.
    sent
        Money per unit that leaves for another location, by source and period.
    start
        Money per volume of stock at the start of a period, shape (periods,).
    end
        Money per money of stock at the end of a period, shape (periods,).
    """

    line: FloatArray
    unit: FloatArray
    sent: FloatArray
    start: FloatArray
    end: FloatArray


@dataclass(frozen=True, eq=False)
class ItemPlans:
    """A plan of each item by itself.

    Parameters
    ----------
    value
        By item, proven least cost at the prices, without what no order can change.
    quantity
        Units by source and order period, beside the planner's own lines.
    sent
        Units that each transfer takes from where it comes from; of the same shape.
    mode
        Of each line; of the same shape.
    saved
        Money each line wins by its discount; of the same shape.
    """

    value: FloatArray
    quantity: FloatArray
    sent: FloatArray
    mode: IntArray
    saved: FloatArray

    @staticmethod
    def none(problem: OrderProblem) -> ItemPlans:
        """Return plans without a line."""
        shape = problem.fixed_quantity.shape
        tables = (np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=np.int64), np.zeros(shape))
        return ItemPlans(np.zeros(problem.items), *tables)

    def of(self, items: IntArray, sources: IntArray) -> ItemPlans:
        """Return the plans of some items with their sources."""
        tables = (self.quantity[sources], self.sent[sources], self.mode[sources], self.saved[sources])
        return ItemPlans(self.value[items], *tables)


Limits = dict[tuple[int, int], tuple[float, float]]
"""By source and order period, the least and the most units of a line; a least above zero means there must be one."""
