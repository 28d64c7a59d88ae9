"""The plans of single items that a master has got so far."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from invopt_xl.optimise.line_prices import ItemPlans, Limits
from invopt_xl.optimise.master import PlanCosts, SharedPrices, Structure
from invopt_xl.optimise.solvers import Columns
from invopt_xl.optimise.terms import FloatArray, IntArray


class PlanPool:
    """Plans of items as the master's variables; of each its item, and the tables of plans it was made in.

    Parameters
    ----------
    structure
        What the master is made of.
    """

    def __init__(self, structure: Structure) -> None:
        problem = structure.work.problem
        self.work, self.structure = structure.work, structure
        self.rounds: list[ItemPlans] = []
        self.made: list[PlanCosts] = []
        self.made_in: list[int] = []
        self.item: list[int] = []
        self.columns: list[Columns] = []
        self.seen: dict[bytes, int] = {}
        every = range(problem.items)
        self.sources_of = [np.flatnonzero(problem.source_item == item) for item in every]
        self.sent_from = [np.flatnonzero(problem.transfer & (problem.origin == item)) for item in every]
        self.live = np.flatnonzero(structure.live)

    def take(self, plans: ItemPlans) -> Columns | None:
        """Keep the plans that are new; return their variables, if any."""
        fresh: list[int] = []
        for item in self.live.tolist():
            key = self._key(plans, item)
            if key not in self.seen:
                self.seen[key] = len(self.item) + len(fresh)
                fresh.append(item)
        if not fresh:
            return None
        made = self.structure.costs_of(plans)
        columns = self.structure.plan_columns(plans, made, np.array(fresh))
        self.columns.append(columns)
        self.made.append(made)
        self.made_in += [len(self.rounds)] * len(fresh)
        self.item += fresh
        self.rounds.append(plans)
        return columns

    def _key(self, plans: ItemPlans, item: int) -> bytes:
        rows = self.sources_of[item]
        units = plans.quantity[rows]
        mode = np.where(units > 0, plans.mode[rows], 0).astype(np.int8)
        return b"%d:" % item + units.tobytes() + mode.tobytes() + plans.sent[self.sent_from[item]].tobytes()

    def numbers_of(self, plans: ItemPlans) -> IntArray:
        """Return the numbers of plans that are known, one for each item."""
        return np.array([self.seen[self._key(plans, item)] for item in self.live.tolist()], dtype=np.int64)

    def repriced(self, prices: SharedPrices) -> FloatArray:
        """Change the prices of the shared limits; return what all plans cost then."""
        self.structure.prices = prices
        costs = [made.priced(prices) for made in self.made]
        cost = np.array([costs[made][item] for made, item in zip(self.made_in, self.item, strict=True)])
        parts = np.split(cost, np.cumsum([len(columns) for columns in self.columns])[:-1])
        self.columns = [replace(columns, cost=own) for columns, own in zip(self.columns, parts, strict=True)]
        return cost

    def outside(self, limits: Limits) -> IntArray:
        """Return the plans with lines that are not within limits."""
        bad = np.zeros(len(self.item), dtype=bool)
        made, item = np.array(self.made_in), np.array(self.item)
        for (source, period), (low, high) in limits.items():
            for plan in np.flatnonzero(item == self.work.problem.source_item[source]).tolist():
                units = self.rounds[made[plan]].quantity[source, period]
                bad[plan] |= units < low * (1 - 1e-9) or units > high * (1 + 1e-9)
        return np.flatnonzero(bad)

    def mixed(self, weights: FloatArray) -> FloatArray:
        """Return plans mixed by their weights, with the planner's own lines, units by source and period."""
        quantity = self.work.fixed.copy()
        for plan in np.flatnonzero(weights > 1e-9).tolist():
            rows = self.sources_of[self.item[plan]]
            quantity[rows] += weights[plan] * self.rounds[self.made_in[plan]].quantity[rows]
        return quantity

    def best_plans(self, duals: FloatArray, count: int) -> list[ItemPlans]:
        """Return tables of all items' plans: of each item the best one at some duals, the second best ..."""
        reduced = np.concatenate([columns.cost - columns.paid(duals) for columns in self.columns])
        item, made_in = np.array(self.item), np.array(self.made_in)
        order = np.lexsort((reduced, item))
        begins = np.searchsorted(item[order], np.arange(self.work.problem.items))
        rank = np.arange(len(order)) - begins[item[order]]
        tables = []
        for one in range(count):
            chosen = order[rank == one]
            table = self._table({int(item[column]): self.rounds[made_in[column]] for column in chosen})
            tables.append(table)
        return tables

    def _table(self, plans: dict[int, ItemPlans]) -> ItemPlans:
        """Return items' plans, each taken from another table, as one."""
        table = ItemPlans.none(self.work.problem)
        for item, made in plans.items():
            rows = self.sources_of[item]
            for into, kept in ((table.quantity, made.quantity), (table.mode, made.mode), (table.saved, made.saved)):
                into[rows] = kept[rows]
            sent = self.sent_from[item]
            table.sent[sent] = made.sent[sent]
        return table
