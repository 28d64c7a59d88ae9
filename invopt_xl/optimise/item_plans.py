"""The cheapest plan of every item at given prices, for all items at once.

Once suppliers' orders, minimum values and shared limits have prices, items are independent: each is a single-item
lot-sizing problem with minimums, lots, price breaks, soft floors and shortages, solved on a lattice of stock levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.lattice import Lattice
from invopt_xl.optimise.lattice_rows import Option, lattice_rows
from invopt_xl.optimise.modes import Mode
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
    start
        Money per volume of stock at the start of a period, shape (periods,).
    end
        Money per money of stock at the end of a period, shape (periods,).
    """

    line: FloatArray
    unit: FloatArray
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
    mode
        Of each line; of the same shape.
    saved
        Money each line wins by its discount; of the same shape.
    """

    value: FloatArray
    quantity: FloatArray
    mode: IntArray
    saved: FloatArray


class ItemPlanner:
    """Finds the cheapest plans of a problem's items at any prices.

    Parameters
    ----------
    work
        The problem.
    modes
        Of each supplier.
    """

    def __init__(self, work: Groundwork, modes: list[list[Mode]]) -> None:
        self.work = work
        groups = lattice_rows(work, modes)
        self.lattices = [Lattice(work, rows) for rows in groups]
        self.options: dict[int, dict[int, list[Option]]] = {}
        for stage in (stage for rows in groups for row in rows for stage in row.stages):
            by_mode = self.options.setdefault(stage.source, {})
            for option in stage.options:
                by_mode.setdefault(option.mode, []).append(option)

    def cheapest(self, prices: LinePrices) -> ItemPlans:
        """Return the cheapest plan of each item."""
        problem = self.work.problem
        shape = problem.fixed_quantity.shape
        plans = ItemPlans(
            np.zeros(problem.items), np.zeros(shape), np.zeros(shape, dtype=np.int64), np.zeros(shape)
        )
        for lattice in self.lattices:
            lattice.solve(prices, plans)
        return plans
