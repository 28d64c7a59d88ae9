"""The search of groups of items that share suppliers, each by itself, by branch and price.

Groups that share nothing are searched until each is good enough. Where they share a budget, storage or working capital,
they are searched at prices of these: the groups' bounds, less the shared room at its prices, are a bound of the whole.
Their plans are put together within the shared limits, and what they would pay for more room tells better prices.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from invopt_xl.domain import Progress
from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.branching import BranchAndPrice, cost_at
from invopt_xl.optimise.combining import Combination, GroupPlan
from invopt_xl.optimise.generation import Generation
from invopt_xl.optimise.groups import Group
from invopt_xl.optimise.incumbent import Incumbent
from invopt_xl.optimise.line_prices import ItemPlans
from invopt_xl.optimise.master import SharedPrices, shared_room, shared_use

SLICE = 2.0
"""Seconds for which a group is searched before another one may be worth more."""

ROOT_SLACK = 4.0
"""How much less exactly than its search a group is bounded at first: all groups are to be, before time is up."""


class Relaxed(NamedTuple):
    """What the relaxation of the whole hands down: prices of what is shared, and plans of items."""

    prices: SharedPrices
    plans: Sequence[ItemPlans]


@dataclass(eq=False)
class Searched:
    """A group with its master, the best plan at the prices it was last entered at, and the seconds it has had."""

    group: Group
    generation: Generation | None = None
    best: BranchAndPrice | None = None
    prices: SharedPrices | None = None
    seconds: float = 0.0

    @property
    def gap(self) -> float:
        """Money that its best plan may cost more than the cheapest, at its prices; infinite before it was entered."""
        return self.best.gap if self.best is not None else np.inf

    @property
    def bound(self) -> float:
        """What it costs at least at its prices."""
        if self.best is not None:
            return self.best.bound
        work = self.group.work
        return -np.inf if work.open else cost_at(work, work.fixed, self.prices)

    @property
    def promise(self) -> float:
        """What a search may save in about a second: less the longer it has taken already."""
        return self.gap / (1.0 + self.seconds) if self.best is not None and self.best.branches else 0.0


class GroupSearch:
    """Searches groups for the best plan of all.

    Parameters
    ----------
    incumbent
        The best plan, which is offered what is found.
    groups
        The groups, that have no supplier in common.
    solver
        Name of the solver.
    relaxed
        What the relaxation of the whole hands down.
    progress
        Told how far it is.
    """

    def __init__(
        self,
        incumbent: Incumbent,
        groups: Sequence[Group],
        solver: str,
        relaxed: Relaxed,
        progress: Progress,
    ) -> None:
        self.incumbent, self.solver, self.progress = incumbent, solver, progress
        self.prices, self.handed = relaxed
        self.groups = [Searched(group) for group in groups]

    def run(self) -> None:
        """Search until the plan is good enough, nothing more helps, or time is up."""
        if self.incumbent.work.coupled:
            self._run_coupled()
        else:
            self._run_apart()

    def _run_apart(self) -> None:
        """Search groups that share nothing, those first that may save most."""
        self.progress.stage("Proving the order plan", len(self.groups))
        tolerance = 0.5 * self.incumbent.target / len(self.groups)
        self.visit(tolerance, 0.0)
        while not self.incumbent.done:
            open_ones = [one for one in self.groups if one.promise > 0 and one.gap > tolerance]
            if not open_ones:
                break
            open_ones.sort(key=lambda one: -one.promise)
            seconds = min(SLICE, self.incumbent.left)
            self._each(
                open_ones[: self.incumbent.asked.workers], partial(self._continue, tolerance=tolerance, seconds=seconds)
            )
            self.sum_up()

    def visit(self, tolerance: float, seconds: float) -> None:
        """Search every group for a while at the current prices."""

        def visit(one: Searched) -> None:
            self._enter(one)
            self._continue(one, tolerance, seconds)

        with self.incumbent.crowded():  # a pass that time cuts short proves nothing
            for _ in self._each(self.groups, visit):
                self.progress.advance()
        self.sum_up()

    def _each(self, groups: Sequence[Searched], task: Callable[[Searched], None]) -> list[None]:
        """Do a task for groups on all cores while time remains."""

        def unless_late(one: Searched) -> None:
            if self.incumbent.left > 0 and not self.incumbent.stopped:
                task(one)

        with ThreadPoolExecutor(self.incumbent.asked.workers) as pool, self.incumbent.guarded():
            return list(pool.map(unless_late, groups))

    def _enter(self, one: Searched) -> None:
        """Make a group ready for a search at the current prices."""
        one.prices = self.prices
        if not one.group.work.open:
            return
        if one.generation is None:
            one.generation = Generation(one.group.work, self.solver, self.prices)
            for plans in self.handed:
                one.generation.add(plans.of(one.group.items, one.group.sources))
        else:
            one.generation.reprice(self.prices)
        before = one.best.quantity if one.best else self.incumbent.quantity[one.group.sources]
        one.best = BranchAndPrice(one.generation, before)
        one.best.offer(self.incumbent.quantity[one.group.sources])

    def _continue(self, one: Searched, tolerance: float, seconds: float) -> None:
        if one.best is None:
            return
        began = time.monotonic()
        until = min(began + seconds, self.incumbent.asked.deadline)
        if one.best.optimum is None:
            one.best.root(self.incumbent.asked.deadline, ROOT_SLACK * tolerance)
            one.best.settle(self.incumbent.asked.deadline, tolerance)
        one.best.search(until, tolerance)
        one.seconds += time.monotonic() - began

    def sum_up(self) -> None:
        """Add up the groups' bounds and, where nothing is shared, put their plans together."""
        if not self.incumbent.work.coupled:
            quantity = self.incumbent.quantity.copy()
            for one in self.groups:
                if one.best is not None:
                    quantity[one.group.sources] = one.best.quantity
            self.incumbent.offer(quantity)
        # Bounds add up only at the same prices; where time ended a pass, some groups are still at those before.
        if all(one.prices is self.prices for one in self.groups):
            bound = sum(one.bound for one in self.groups)
            self.incumbent.bound = max(self.incumbent.bound, bound - self._room_at(self.prices))

    def _room_at(self, prices: SharedPrices) -> float:
        budget, storage, capital = shared_room(self.incumbent.work)
        parts = ((prices.budget, budget), (prices.storage, storage), (prices.working_capital, capital))
        return sum(float(price @ np.where(price > 0, room, 0.0)) for price, room in parts)

    def _run_coupled(self) -> None:
        """Search groups at prices of what they share, put their plans together, and look for better prices."""
        room = np.concatenate(shared_room(self.incumbent.work))
        combination = Combination(len(self.groups), room)
        best, width = self.prices, 1.0
        for passes in itertools.count(1):
            self.progress.stage("Proving the order plan", len(self.groups))
            tolerance = 0.25 * self.incumbent.target / len(self.groups)
            bound, total = self.incumbent.bound, self.incumbent.total
            self.visit(
                tolerance, min(SLICE, 0.3 * self.incumbent.left * self.incumbent.asked.workers / len(self.groups))
            )
            self._collect(combination)
            self._combine(combination)
            raised, saved = self.incumbent.bound - bound, total - self.incumbent.total
            if self.incumbent.done or (passes > 1 and max(raised, saved) < 0.5 * self.incumbent.target):
                return
            best, width = (self.prices, width) if raised > 0 else (best, 0.5 * width)
            near = _around(best, width, self._scale())
            self.prices = combination.prices(self.solver, max(self.incumbent.left, 0.1), near) or best

    def _scale(self) -> SharedPrices:
        """Return the size of a small price of each limit: what a hundredth of all cost spreads over the room."""
        room = shared_room(self.incumbent.work)
        base = (
            0.01
            * max(self.incumbent.target / max(self.incumbent.asked.gap, 1e-9), 1e-9)
            / self.incumbent.work.problem.periods
        )
        return SharedPrices(*(np.where(np.isfinite(one), base / np.maximum(one, 1e-9), 0.0) for one in room))

    def _collect(self, combination: Combination) -> None:
        """Hand over the groups' plans: their best ones, and those they have in the best plan of all."""
        for number, one in enumerate(self.groups):
            work, own = one.group.work, one.group.sources
            plans = [self.incumbent.quantity[own], work.fixed]
            if one.best is not None:
                plans += one.best.plans
            for quantity in plans:
                cost = account(work.problem, quantity).total
                use = np.concatenate(shared_use(work, quantity))
                combination.add(GroupPlan(number, quantity.copy(), cost, use))

    def _combine(self, combination: Combination) -> None:
        chosen = combination.cheapest(self.solver, min(3.0, max(self.incumbent.left, 0.1)))
        if chosen is None:
            return
        quantity = self.incumbent.quantity.copy()
        for plan in chosen:
            quantity[self.groups[plan.group].group.sources] = plan.quantity
        self.incumbent.offer(quantity)


def _around(prices: SharedPrices, width: float, scale: SharedPrices) -> tuple[SharedPrices, SharedPrices]:
    """Return prices below and above, by a share of each and of a small price."""
    pairs = [(getattr(prices, name), getattr(scale, name)) for name in ("budget", "storage", "working_capital")]
    low = SharedPrices(*(np.maximum(price - width * (0.5 * price + small), 0.0) for price, small in pairs))
    return low, SharedPrices(*(price + width * (0.5 * price + small) for price, small in pairs))
