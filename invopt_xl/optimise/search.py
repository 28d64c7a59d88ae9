"""The search for a better plan and a proven bound, within a time limit.

First the relaxation of the whole problem: a bound, prices of the shared limits, and many plans of single items. Then
each group of items that share suppliers by itself, at these prices, by branch and price: the groups' bounds, less the
shared room at its prices, are a bound of the whole. Their plans are put together within the shared limits. Last, a few
suppliers at a time are planned anew within what the others leave. Meanwhile the whole plan is annealed.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from invopt_xl.domain import Progress
from invopt_xl.errors import SolverError
from invopt_xl.optimise import solvers
from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.annealed import annealing
from invopt_xl.optimise.branching import BranchAndPrice
from invopt_xl.optimise.combining import Combination, GroupPlan
from invopt_xl.optimise.discounts import best_savings
from invopt_xl.optimise.generation import Generation
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.groups import Group, groups_of
from invopt_xl.optimise.improving import improve
from invopt_xl.optimise.incumbent import Asked, Incumbent
from invopt_xl.optimise.line_prices import ItemPlans
from invopt_xl.optimise.master import SharedPrices, shared_room, shared_use
from invopt_xl.optimise.shadow_prices import ShadowPrices
from invopt_xl.optimise.terms import FloatArray

HANDED_DOWN = 8
"""Plans of each item that groups take over from the relaxation of the whole."""

LARGE_GROUP = 150
"""Orders that may be placed in a group beyond which whole plans are not made at once."""

ROOT_SHARE = 0.45
"""Part of the time that the relaxation of the whole may take."""

EXACT_SHARE = 0.25
"""Part of the time left that an exact relaxation may take where a group is too large for more."""

SLICE = 2.0
"""Seconds for which a group is searched before another one may be worth more."""


@dataclass(frozen=True, eq=False)
class Found:
    """What a search came to.

    Parameters
    ----------
    quantity
        The best plan, units by source and period.
    bound
        No plan has a lower total: proven.
    prices
        What a little more of each limit would save.
    solver
        Its name; empty if none could be used.
    notes
        What went wrong on the way, a line each.
    stopped
        Whether time ended it.
    """

    quantity: FloatArray
    bound: float
    prices: ShadowPrices
    solver: str
    notes: tuple[str, ...]
    stopped: bool


def trivial_bound(work: Groundwork) -> float:
    """Return a bound without a search: what no order changes, less every saving that could be won."""
    problem = work.problem
    wanted = problem.demand.sum(axis=1) + problem.safety_stock + problem.sum_by_item(work.fixed).sum(axis=1)
    wanted = wanted + work.flow.short.max(axis=1)
    return float(account(problem, work.fixed).unavoidable.sum() - (best_savings(problem) * wanted).sum())


def search_plan(work: Groundwork, first: FloatArray, asked: Asked, progress: Progress) -> Found:
    """Return the best plan found until the deadline; a solver that fails gives way to the next one."""
    notes: list[str] = []
    bound, prices = trivial_bound(work), ShadowPrices.none(work.problem)
    if not work.can_order.any():
        total = account(work.problem, first).total
        return Found(first, total, prices, "none needed", (), False)
    for solver in solvers.available_solvers():
        search = Search(work, first, solver, asked, progress)
        try:
            search.run()
        except SolverError as fault:
            notes.append(str(fault))
            first, bound = search.quantity, max(bound, search.bound)
            continue
        stopped = time.monotonic() >= asked.deadline - 0.05
        return Found(search.quantity, max(bound, search.bound), search.shadow_prices, solver, tuple(notes), stopped)
    return Found(first, bound, prices, "", tuple(notes), False)


@dataclass(eq=False)
class Searched:
    """A group with its master, the best plan at the prices it was last entered at, and the seconds it has had."""

    group: Group
    generation: Generation | None = None
    best: BranchAndPrice | None = None
    prices: SharedPrices | None = None
    seconds: float = 0.0

    @property
    def promise(self) -> float:
        """What a search may save in about a second: less the longer it has taken already."""
        return self.best.gap / (1.0 + self.seconds) if self.best is not None and self.best.branches else 0.0


class Search(Incumbent):
    """Looks for a better plan, and proves how good it is.

    Parameters
    ----------
    work
        The problem.
    quantity
        A plan to begin with, that keeps every limit.
    solver
        Name of the solver.
    asked
        How good a plan has to be, and until when.
    progress
        Told how far it is.
    """

    def __init__(self, work: Groundwork, quantity: FloatArray, solver: str, asked: Asked, progress: Progress) -> None:
        super().__init__(work, quantity, asked)
        self.solver, self.progress = solver, progress
        self.prices = SharedPrices.none(work.problem.periods)
        self.shadow_prices = ShadowPrices.none(work.problem)
        self.handed: list[ItemPlans] = []

    @property
    def _large(self) -> bool:
        """Whether there are too many orders to make whole plans of all at once."""
        return self.work.problem.suppliers * self.work.problem.periods > LARGE_GROUP

    def run(self) -> None:
        """Bound the whole, then search the groups and put them together."""
        with annealing(self):
            self.progress.stage("Bounding the order plan")
            groups = [Searched(group) for group in groups_of(self.work)]
            whole = self.relax_whole(alone=len(groups) == 1)
            if whole is None or self.done:
                return
            if len(groups) == 1:
                self._search_one(whole)
            elif self.work.coupled:
                self._search_coupled(groups)
            else:
                self._search_apart(groups)
            if not self.done:
                self.progress.stage("Improving the order plan")
                improve(self, self.solver)

    # -- the whole ------------------------------------------------------------------------------------------------

    def relax_whole(self, *, alone: bool) -> BranchAndPrice | None:
        """Bound the whole problem; keep prices and plans for its groups."""
        generation = Generation(self.work, self.solver)
        generation.planner.workers = max(self.asked.workers - 1, 1)  # one core anneals
        whole = BranchAndPrice(generation, self.quantity)
        exact = alone and not self._large
        share = 1.0 if exact else ROOT_SHARE
        tolerance = max(self.target, 1e-6) * (0.5 if alone else 2.0)
        whole.root(time.monotonic() + share * self.left, tolerance, exact=exact)
        self.bound = max(self.bound, whole.bound)
        if whole.centre is None:
            return None
        self._price(generation, whole.centre)
        self.handed = generation.best_plans(whole.centre, HANDED_DOWN)
        return whole

    def _price(self, generation: Generation, duals: FloatArray) -> None:
        """Read prices of the limits from the master's duals."""
        rows, problem = generation.structure.rows, self.work.problem

        def worth(table: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> FloatArray:
            return np.where(table >= 0, np.maximum(-duals[np.maximum(table, 0)], 0.0), 0.0)

        self.prices = SharedPrices(worth(rows.budget), worth(rows.storage), worth(rows.working_capital))
        capacity = worth(rows.most).max(axis=1) if problem.suppliers else np.zeros((0, problem.periods))
        self.shadow_prices = ShadowPrices(
            self.prices.budget, self.prices.storage, self.prices.working_capital, capacity
        )

    def _search_one(self, whole: BranchAndPrice) -> None:
        """Search a problem that does not fall apart."""
        self.progress.stage("Proving the order plan")
        if self._large:
            whole.root(time.monotonic() + EXACT_SHARE * self.left, 0.5 * self.target)
            self.bound = max(self.bound, whole.bound)
            return
        whole.settle(self.asked.deadline, 0.5 * self.target)
        whole.search(self.asked.deadline, max(0.5 * self.target, 1e-9 * abs(self.total)))
        self.offer(whole.quantity)
        self.bound = max(self.bound, min(whole.bound, self.total))

    # -- groups ---------------------------------------------------------------------------------------------------

    def _search_apart(self, groups: list[Searched]) -> None:
        """Search groups that share nothing, those first that may save most."""
        self.progress.stage("Proving the order plan", len(groups))
        tolerance = 0.5 * self.target / len(groups)
        self.visit(groups, tolerance, 0.0)
        while not self.done:
            open_ones = [one for one in groups if one.promise > 0 and one.best is not None and one.best.gap > tolerance]
            if not open_ones:
                break
            open_ones.sort(key=lambda one: -one.promise)
            self._each(
                open_ones[: self.asked.workers], lambda one: self._continue(one, tolerance, min(SLICE, self.left))
            )
            self.sum_up(groups)

    def visit(self, groups: list[Searched], tolerance: float, seconds: float) -> None:
        """Search every group for a while at the current prices."""

        def visit(one: Searched) -> None:
            self._enter(one)
            self._continue(one, tolerance, seconds)

        for _ in self._each(groups, visit):
            self.progress.advance()
        self.sum_up(groups)

    def _each(self, groups: list[Searched], task: Callable[[Searched], None]) -> list[None]:
        """Do a task for groups on all cores while time remains."""

        def unless_late(one: Searched) -> None:
            if self.left > 0 and not self.stopped:
                task(one)

        with ThreadPoolExecutor(self.asked.workers) as pool, self.guarded():
            return list(pool.map(unless_late, groups))

    def _enter(self, one: Searched) -> None:
        """Make a group ready for a search at the current prices."""
        if one.generation is None:
            one.generation = Generation(one.group.work, self.solver, self.prices)
            for plans in self.handed:
                one.generation.add(plans.of(one.group.items, one.group.sources))
        else:
            one.generation.reprice(self.prices)
        one.prices = self.prices
        before = one.best.quantity if one.best else self.quantity[one.group.sources]
        one.best = BranchAndPrice(one.generation, before)
        one.best.offer(self.quantity[one.group.sources])

    def _continue(self, one: Searched, tolerance: float, seconds: float) -> None:
        if one.best is None:
            return
        began = time.monotonic()
        until = min(began + seconds, self.asked.deadline)
        if one.best.optimum is None:
            one.best.root(self.asked.deadline, tolerance)
            one.best.settle(self.asked.deadline, tolerance)
        one.best.search(until, tolerance)
        one.seconds += time.monotonic() - began

    def sum_up(self, groups: list[Searched]) -> None:
        """Add up the groups' bounds and, where nothing is shared, put their plans together."""
        if not self.work.coupled:
            quantity = self.quantity.copy()
            for one in groups:
                if one.best is not None:
                    quantity[one.group.sources] = one.best.quantity
            self.offer(quantity)
        # Bounds add up only at the same prices; where time ended a pass, some groups are still at those before.
        if all(one.prices is self.prices for one in groups):
            bound = sum(one.best.bound for one in groups if one.best is not None)
            self.bound = max(self.bound, bound - self._room_at(self.prices))

    def _room_at(self, prices: SharedPrices) -> float:
        budget, storage, capital = shared_room(self.work)
        parts = ((prices.budget, budget), (prices.storage, storage), (prices.working_capital, capital))
        return sum(float(price @ np.where(price > 0, room, 0.0)) for price, room in parts)

    # -- shared limits --------------------------------------------------------------------------------------------

    def _search_coupled(self, groups: list[Searched]) -> None:
        """Search groups at prices of what they share, put their plans together, and look for better prices."""
        room = np.concatenate(shared_room(self.work))
        combination = Combination(len(groups), room)
        best, width = self.prices, 1.0
        for passes in itertools.count(1):
            self.progress.stage("Proving the order plan", len(groups))
            tolerance = 0.25 * self.target / len(groups)
            bound, total = self.bound, self.total
            self.visit(groups, tolerance, min(SLICE, 0.3 * self.left * self.asked.workers / len(groups)))
            self._collect(groups, combination)
            self._combine(groups, combination)
            raised, saved = self.bound - bound, total - self.total
            if self.done or (passes > 1 and max(raised, saved) < 0.5 * self.target):
                return
            best, width = (self.prices, width) if raised > 0 else (best, 0.5 * width)
            near = _around(best, width, self._scale())
            self.prices = combination.prices(self.solver, max(self.left, 0.1), near) or best

    def _scale(self) -> SharedPrices:
        """Return the size of a small price of each limit: what a hundredth of all cost spreads over the room."""
        room = shared_room(self.work)
        base = 0.01 * max(self.target / max(self.asked.gap, 1e-9), 1e-9) / self.work.problem.periods
        return SharedPrices(*(np.where(np.isfinite(one), base / np.maximum(one, 1e-9), 0.0) for one in room))

    def _collect(self, groups: list[Searched], combination: Combination) -> None:
        """Hand over the groups' plans: their best ones, and those they have in the best plan of all."""
        for number, one in enumerate(groups):
            work, own = one.group.work, one.group.sources
            plans = [self.quantity[own], work.fixed]
            if one.best is not None:
                plans += one.best.plans
            for quantity in plans:
                cost = account(work.problem, quantity).total
                use = np.concatenate(shared_use(work, quantity))
                combination.add(GroupPlan(number, quantity.copy(), cost, use))

    def _combine(self, groups: list[Searched], combination: Combination) -> None:
        chosen = combination.cheapest(self.solver, min(3.0, max(self.left, 0.1)))
        if chosen is None:
            return
        quantity = self.quantity.copy()
        for plan in chosen:
            quantity[groups[plan.group].group.sources] = plan.quantity
        self.offer(quantity)


def _around(prices: SharedPrices, width: float, scale: SharedPrices) -> tuple[SharedPrices, SharedPrices]:
    """Return prices below and above, by a share of each and of a small price."""
    pairs = [(getattr(prices, name), getattr(scale, name)) for name in ("budget", "storage", "working_capital")]
    low = SharedPrices(*(np.maximum(price - width * (0.5 * price + small), 0.0) for price, small in pairs))
    return low, SharedPrices(*(price + width * (0.5 * price + small) for price, small in pairs))
