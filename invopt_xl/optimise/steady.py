"""A plan that stays near an old one: lines change where that pays, and stay as they were where it hardly does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.groundwork import Groundwork, keeps_limits
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray

WORTH_CHANGING = 0.25
"""A line is changed where that saves at least this share of what ordering and holding a line costs on average."""

MOST_PAID = 0.01
"""Share of the new plan's cost that staying near the old one may cost in all."""


def smallest_saving(problem: OrderProblem, old: FloatArray) -> float:
    """Return what changing a line of an old plan must save, money.

    Parameters
    ----------
    problem
        What is planned.
    old
        The old plan, units by source and period.

    Examples
    --------
    >>> problem = OrderProblem(item_names=("tea",), supplier=-1, unit_cost=2.0, demand=[[5.0, 5.0, 5.0]], on_hand=0.0,
    ...                        lead_time_periods=0, order_cost=3.0, holding_cost=0.1)
    >>> f"{smallest_saving(problem, np.array([[10.0, 0.0, 5.0]])):.3f}"  # of two lines, and 5 units held for a period
    '0.812'
    """
    costs = account(problem, old)
    running = float(costs.order.sum() + costs.supplier_order.sum() + costs.holding.sum())
    return WORTH_CHANGING * running / max(int((old > 0).sum()), 1)


def steadied(work: Groundwork, quantity: FloatArray, old: FloatArray, *, seconds: float) -> FloatArray:
    """Return a plan between a new one and an old one: the cheapest found if each changed line cost a little.

    Items go back to their old lines, or forth to their new ones, alone, with all others of a supplier or all together,
    as long as the cost falls, with `smallest_saving` added for each line that differs from the old plan, and no further
    than by `MOST_PAID`. So the plan is never dearer than the old one where that keeps every limit.

    Parameters
    ----------
    work
        The problem.
    quantity
        The new plan, units by source and period.
    old
        The old plan, likewise.
    seconds
        Time limit.
    """
    search = _Search(work, quantity, old)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        before = search.price
        for chosen, back in search.moves():
            search.turn(chosen, back=back)
            if time.monotonic() > until:
                break
        if search.price >= before:
            break
    return search.best


@dataclass(eq=False)
class _Search:
    """Where the search stands: for each item its lines are old or new."""

    work: Groundwork
    new: FloatArray
    old: FloatArray

    def __post_init__(self) -> None:
        problem = self.work.problem
        self.best = self.new
        self.line = smallest_saving(problem, self.old)
        costs = account(problem, self.new)
        decided = costs.total + costs.discount.sum() - costs.unavoidable.sum()
        self.most = costs.total + MOST_PAID * max(float(decided), 0.0)
        self.price = self._price(self.best, costs.total)
        self.is_old = np.zeros(problem.items, dtype=bool)
        differ = _differ(self.new, self.old).sum(axis=1).astype(float)
        self.changed: BoolArray = problem.sum_by_item(differ) > 0

    def moves(self) -> Iterator[tuple[BoolArray, bool]]:
        """Yield items to turn, and whether back to their old lines."""
        problem = self.work.problem
        yield self.changed, True
        for supplier in range(problem.suppliers):
            served = np.zeros(problem.items, dtype=bool)
            served[problem.source_item[problem.supplier == supplier]] = True
            yield served & self.changed, True
        for item in np.flatnonzero(self.changed).tolist():
            yield np.isin(np.arange(problem.items), item), not bool(self.is_old[item])

    def turn(self, chosen: BoolArray, *, back: bool) -> None:
        """Turn items to their old lines or to their new ones, if that is cheaper and keeps every limit."""
        turned = chosen & (self.is_old != back)
        if not turned.any():
            return
        rows = turned[self.work.problem.source_item][:, None]
        tried = np.where(rows, self.old if back else self.new, self.best)
        total = account(self.work.problem, tried).total
        price = self._price(tried, total)
        if total <= self.most and price < self.price - TOLERANCE and keeps_limits(self.work, tried):
            self.best, self.price = tried, price
            self.is_old = np.where(turned, back, self.is_old)

    def _price(self, quantity: FloatArray, total: float) -> float:
        return total + self.line * int(_differ(quantity, self.old).sum())


def _differ(one: FloatArray, other: FloatArray) -> BoolArray:
    return np.asarray(np.abs(one - other) > TOLERANCE * np.maximum(1.0, np.maximum(one, other)))
