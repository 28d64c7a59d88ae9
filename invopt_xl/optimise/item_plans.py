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
    """

    def __init__(self, work: Groundwork, modes: list[list[Mode]]) -> None:
        self.work = work
        groups = lattice_rows(work, modes)
        self.unbound = [Lattice(work, rows) for rows in groups]
        self.lattices = self.unbound
        self.coarse = {row.item for rows in groups for row in rows if row.coarse}
        self.options: dict[int, dict[int, list[Option]]] = {}
        for stage in (stage for rows in groups for row in rows for stage in row.stages if not stage.sends):
            by_mode = self.options.setdefault(stage.source, {})
            for option in stage.options:
                by_mode.setdefault(option.mode, []).append(option)

    def restrict(self, limits: Limits) -> None:
        """Keep lines within limits that a search has set."""
        bound = {source for source, _ in limits}
        self.lattices = [lattice.restricted(limits) if bound & lattice.sources else lattice for lattice in self.unbound]

    def cheapest(self, prices: LinePrices) -> ItemPlans:
        """Return the cheapest plan of each item; its value is infinite where limits allow none."""
        plans = ItemPlans.none(self.work.problem)
        for lattice in self.lattices:
            lattice.solve(prices, plans)
        return plans
