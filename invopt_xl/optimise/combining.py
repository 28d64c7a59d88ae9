"""Plans of whole groups, put together within the limits that all groups share.

Every group brings several plans, made at different prices of the shared limits. A small whole-number programme picks
one of each; its relaxation tells prices at which more plans are worth making. Prices are held near the best ones known
(Marsten, Hogan and Blankenship, Operations Research 23, 1975), for few plans tell little about others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from invopt_xl.optimise.master import SharedPrices
from invopt_xl.optimise.solvers import LinearModel, solve
from invopt_xl.optimise.terms import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class GroupPlan:
    """A plan of one group: units by source and period, its cost, and what it takes of shared limits, end to end."""

    group: int
    quantity: FloatArray
    cost: float
    use: FloatArray


class Combination:
    """Plans of all groups and the room they share.

    Parameters
    ----------
    groups
        How many there are.
    room
        Budget, storage and working capital by period, end to end; infinite where there is no limit.
    """

    def __init__(self, groups: int, room: FloatArray) -> None:
        self.groups = groups
        self.limited = np.isfinite(room)
        self.room = room[self.limited]
        self.plans: list[GroupPlan] = []
        self._seen: set[tuple[int, bytes]] = set()

    def add(self, plan: GroupPlan) -> bool:
        """Add a plan; return whether it is new."""
        key = (plan.group, plan.quantity.tobytes())
        if key in self._seen:
            return False
        self._seen.add(key)
        self.plans.append(plan)
        return True

    def cheapest(self, solver: str, seconds: float) -> list[GroupPlan] | None:
        """Return a plan of each group that keep the shared limits together and cost least, or None."""
        model = self._model(np.zeros((2, len(self.room))))
        found = solve(model, solver=solver, seconds=seconds, gap=1e-4)
        if found.values is None:
            return None
        return [plan for plan, taken in zip(self.plans, found.values, strict=False) if taken > 0.5]

    def prices(self, solver: str, seconds: float, near: tuple[SharedPrices, SharedPrices]) -> SharedPrices | None:
        """Return the relaxation's prices of the shared limits, between a lower and an upper one."""
        low, high = (_flat(prices)[self.limited] for prices in near)
        model = self._model(np.stack((-low, high)))
        model = LinearModel(**{**vars(model), "integer": np.zeros_like(model.integer)})
        found = solve(model, solver=solver, seconds=seconds)
        if found.duals is None:
            return None
        flat = np.zeros(len(self.limited))
        flat[self.limited] = np.clip(-found.duals[self.groups :], low, high)
        return _apart(flat)

    def _model(self, slack: FloatArray) -> LinearModel:
        """Return the programme; slack below and above the room costs what is given, and is there only if it costs."""
        count, rows = len(self.plans), len(self.room)
        group: IntArray = np.array([plan.group for plan in self.plans])
        use = np.array([plan.use[self.limited] for plan in self.plans]).reshape(count, rows)
        one = sparse.coo_array((np.ones(count), (group, np.arange(count))), shape=(self.groups, count))
        none = sparse.coo_array((self.groups, 2 * rows))
        shared = sparse.hstack([sparse.csr_array(use.T), sparse.eye_array(rows), -sparse.eye_array(rows)])
        table = sparse.csr_array(sparse.vstack([sparse.hstack([one, none]), shared]))
        priced = bool(slack.any())
        return LinearModel(
            cost=np.concatenate(([plan.cost for plan in self.plans], slack.ravel())),
            lower=np.zeros(count + 2 * rows),
            upper=np.concatenate((np.ones(count), np.full(2 * rows, np.inf if priced else 0.0))),
            integer=np.concatenate((np.ones(count, dtype=bool), np.zeros(2 * rows, dtype=bool))),
            starts=table.indptr.astype(np.int64),
            columns=table.indices.astype(np.int64),
            values=table.data,
            row_lower=np.concatenate((np.ones(self.groups), self.room if priced else np.full(rows, -np.inf))),
            row_upper=np.concatenate((np.ones(self.groups), self.room)),
        )


def _flat(prices: SharedPrices) -> FloatArray:
    return np.concatenate((prices.budget, prices.storage, prices.working_capital))


def _apart(flat: FloatArray) -> SharedPrices:
    return SharedPrices(*np.split(flat, 3))
