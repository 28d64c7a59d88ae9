"""The cheapest plan of every item at given prices, for all items at once.

Once suppliers' orders, minimum values and shared limits have prices, items are independent: each is a single-item
lot-sizing problem with minimums, lots, price breaks, soft floors and shortages, solved on a lattice of stock levels.
"""

from __future__ import annotations

from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.lattice import Lattice
from invopt_xl.optimise.lattice_rows import Option, lattice_rows
from invopt_xl.optimise.line_prices import ItemPlans, Limits, LinePrices
from invopt_xl.optimise.modes import Mode


class ItemPlanner:
    """Finds the cheapest plans of a problem's items at any prices.

    Parameters
    ----------
    work
        The problem.
    modes
        Of each supplier.
    workers
        Threads.
    """

    def __init__(self, work: Groundwork, modes: list[list[Mode]], workers: int = 1) -> None:
        self.work, self.workers = work, workers
        rows = lattice_rows(work, modes)
        self.unbound = self.lattice = Lattice(work, rows)
        self.coarse = {row.item for row in rows if row.coarse}
        self.options: dict[int, dict[int, list[Option]]] = {}
        for stage in (stage for row in rows for stage in row.stages if not stage.sends):
            by_mode = self.options.setdefault(stage.source, {})
            for option in stage.options:
                by_mode.setdefault(option.mode, []).append(option)

    def restrict(self, limits: Limits) -> None:
        """Keep lines within limits that a search has set."""
        self.lattice = self.unbound.restricted(limits) if limits else self.unbound

    def cheapest(self, prices: LinePrices) -> ItemPlans:
        """Return the cheapest plan of each item; its value is infinite where limits allow none."""
        plans = ItemPlans.none(self.work.problem)
        self.lattice.solve(prices, plans, self.workers)
        return plans
