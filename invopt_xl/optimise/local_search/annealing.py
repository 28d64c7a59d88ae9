"""The driver of the compiled search: from a plan to a cheaper one, within a time or a number of rounds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.groundwork import Groundwork, keeps_limits
from invopt_xl.optimise.local_search.tables import State, Tables, state_of, tables_of
from invopt_xl.optimise.terms import TOLERANCE, FloatArray

ROUNDS_AT_ONCE = 100
"""Rounds between two looks at the clock, some ten milliseconds."""

COLDEST = 1 / 400
"""The last temperature as a share of the first."""

WITHOUT_LIMITS = 0.1
"""The first temperature where suppliers share no limits, as a share of that where they do."""

MOST_DESCENTS = 20
"""How often all items are planned anew one by one, at most."""

SOFTNESS, SOFT_SHARE = 0.65, 0.9
"""How quickly shared limits that are kept lose weight, and the share of the search after which none does."""


def improved(
    work: Groundwork,
    quantity: FloatArray,
    deadline: float,
    seed: int = 7,
    *,
    warmth: float = 1.0,
    rounds: int | None = None,
    stop: Callable[[], bool] | None = None,
) -> FloatArray:
    """Return a plan that keeps every limit and costs no more: units by source and period.

    Orders are opened, closed, shifted and exchanged between suppliers, their items planned anew one by one, and single
    lines changed, by simulated annealing. Limits may be exceeded on the way, at prices that rise until they are kept.
    The more time is given, the more slowly the search cools down: one long search finds more than several short ones.
    The first call after an installation compiles for some seconds, which nothing cuts short.

    Parameters
    ----------
    work
        The problem.
    quantity
        A plan to begin with. If it breaks a limit, any plan that breaks none is better, else it is returned as it is.
    deadline
        When to stop by the clock `time.monotonic`.
    seed
        Of the random numbers.
    warmth
        The first temperature as a share of the usual one: much less than one betters a good plan here and there.
    rounds
        Changes of orders to try instead of a time: the result is then the same for a seed.
    stop
        Asked every few milliseconds whether to stop earlier.

    Examples
    --------
    >>> from invopt_xl.optimise.groundwork import prepare
    >>> from invopt_xl.optimise.problem import OrderProblem
    >>> problem = OrderProblem(item_names=("tea",), supplier=-1, unit_cost=2.0, demand=[[5.0, 5.0]], on_hand=0.0,
    ...                        lead_time_periods=0, order_cost=3.0, holding_cost=0.1, shortage_cost=4.0)
    >>> improved(prepare(problem), np.array([[5.0, 5.0]]), 0.0, rounds=100).tolist()
    [[10.0, 0.0]]
    """
    if not work.open:
        return quantity.copy()
    tables, state = tables_of(work), state_of(work, quantity, seed)
    _run(tables, state, warmth * _hottest(work), _Clock(deadline, rounds, stop))
    found = work.fixed + state.best * work.problem.lot_size[:, None]
    if not np.isfinite(state.totals[2]) or not keeps_limits(work, found):
        return quantity.copy()
    dearer = account(work.problem, found).total > account(work.problem, quantity).total
    return quantity.copy() if dearer and keeps_limits(work, quantity) else found


def polished(work: Groundwork, quantity: FloatArray) -> FloatArray:
    """Return the plan with each item planned anew by itself where that is cheaper, until nothing more is.

    It takes a moment. A plan that breaks a limit is returned as it is.

    Examples
    --------
    >>> from invopt_xl.optimise.groundwork import prepare
    >>> from invopt_xl.optimise.problem import OrderProblem
    >>> problem = OrderProblem(item_names=("tea",), supplier=-1, unit_cost=2.0, demand=[[5.0, 5.0]], on_hand=0.0,
    ...                        lead_time_periods=0, order_cost=3.0, holding_cost=0.1, shortage_cost=4.0)
    >>> polished(prepare(problem), np.array([[0.0, 0.0]])).tolist()
    [[10.0, 0.0]]
    """
    if not work.open or not keeps_limits(work, quantity):
        return quantity.copy()
    from invopt_xl.optimise.local_search.evaluator import take_stock
    from invopt_xl.optimise.local_search.moves import descend

    tables, state = tables_of(work), state_of(work, quantity, seed=1)
    take_stock(tables, state)
    for _ in range(MOST_DESCENTS):
        if descend(tables, state) <= TOLERANCE * abs(state.totals[2]):
            break
        take_stock(tables, state)  # lest digits get lost
    found = work.fixed + state.best * work.problem.lot_size[:, None]
    saved = account(work.problem, quantity).total - account(work.problem, found).total
    return (
        found if saved > TOLERANCE * max(abs(state.totals[2]), 1.0) and keeps_limits(work, found) else quantity.copy()
    )


@dataclass
class _Clock:
    """How much of a search is over."""

    deadline: float
    rounds: int | None
    stop: Callable[[], bool] | None
    done: int = 0
    begin: float = field(default_factory=time.monotonic)

    @property
    def share(self) -> float:
        """The share of time or rounds that is over."""
        if self.stop is not None and self.stop():
            return 1.0
        if self.rounds is not None:
            return self.done / max(self.rounds, 1)
        left = self.deadline - time.monotonic()
        return 1.0 - left / (self.deadline - self.begin) if left > 0 else 1.0

    def next(self) -> int:
        """Return how many rounds to go until the clock is looked at again."""
        count = ROUNDS_AT_ONCE if self.rounds is None else min(ROUNDS_AT_ONCE, self.rounds - self.done)
        self.done += count
        return count


def _run(tables: Tables, state: State, hottest: float, clock: _Clock) -> None:
    """Let the search cool down until the clock has run out."""
    from invopt_xl.optimise.local_search.evaluator import take_stock
    from invopt_xl.optimise.local_search.moves import anneal

    take_stock(tables, state)
    anneal(tables, state, 0, hottest, 1.0)  # compiled before the clock is looked at
    clock.begin = time.monotonic()
    while (share := clock.share) < 1:
        anneal(tables, state, clock.next(), hottest * COLDEST**share, SOFTNESS if share < SOFT_SHARE else 1.0)
        take_stock(tables, state)  # lest digits get lost


def _hottest(work: Groundwork) -> float:
    """Return the first temperature, money: what an order costs, less where nothing is shared and orders are settled."""
    problem = work.problem
    cost = float(problem.order_cost.mean())
    if problem.suppliers:
        cost += float(problem.supplier_order_cost.mean())
    cost = max(cost, 0.01 * float((problem.demand.mean(axis=1) * problem.unit_value).mean()), 1e-6)
    return cost if work.coupled else WITHOUT_LIMITS * cost
