"""The search for a better plan and a proven bound, within a time limit.

First the relaxation of the whole problem: a bound, prices of the shared limits, and many plans of single items. Then
each group of items that share suppliers by itself, at these prices, by branch and price: the groups' bounds, less the
shared room at its prices, are a bound of the whole. Their plans are put together within the shared limits. Last, a few
suppliers at a time are planned anew within what the others leave.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock

import numpy as np

from invopt_xl.domain import Progress
from invopt_xl.errors import SolverError
from invopt_xl.optimise import solvers
from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.branching import BranchAndPrice
from invopt_xl.optimise.combining import Combination, GroupPlan
from invopt_xl.optimise.discounts import best_savings
from invopt_xl.optimise.generation import Generation
from invopt_xl.optimise.groundwork import Groundwork, keeps_limits
from invopt_xl.optimise.groups import Group, groups_of
from invopt_xl.optimise.line_prices import ItemPlans
from invopt_xl.optimise.local_search import improved
from invopt_xl.optimise.master import SharedPrices, shared_room, shared_use
from invopt_xl.optimise.neighbourhood import neighbourhood
from invopt_xl.optimise.shadow_prices import ShadowPrices
from invopt_xl.optimise.terms import FloatArray, IntArray

HANDED_DOWN = 8
"""Plans of each item that groups take over from the relaxation of the whole."""

HANDED_AGAIN = 4
"""The same where a few suppliers are planned anew."""

WORTH_ANNEALING = 300
"""Lines that there may be from which a plan is annealed; smaller problems are solved sooner."""

FIRST_ANNEALING, LONGER = 1.0, 4.0
"""Seconds of the first annealing, and how many times as long the next one takes."""

LARGE_GROUP = 150
"""Orders that may be placed in a group beyond which whole plans are not made at once."""

ROOT_SHARE = 0.45
"""Part of the time that the relaxation of the whole may take."""

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


@dataclass(frozen=True)
class Asked:
    """What is asked of a search: when to stop by the clock `time.monotonic`, at what gap, with how many threads."""

    deadline: float
    gap: float
    workers: int


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


@dataclass(eq=False)
class Search:
    """The best plan so far and what is proven about it."""

    work: Groundwork
    quantity: FloatArray
    solver: str
    asked: Asked
    progress: Progress
    bound: float = -np.inf
    prices: SharedPrices = field(init=False)
    handed: list[ItemPlans] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        problem = self.work.problem
        self.total = account(problem, self.quantity).total
        self.prices = SharedPrices.none(problem.periods)
        self.shadow_prices = ShadowPrices.none(problem)

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.asked.deadline - time.monotonic()

    @property
    def _large(self) -> bool:
        """Whether there are too many orders to make whole plans of all at once."""
        return self.work.problem.suppliers * self.work.problem.periods > LARGE_GROUP

    @property
    def target(self) -> float:
        """Money that a plan good enough may cost more than the cheapest."""
        costs = account(self.work.problem, self.quantity)
        return self.asked.gap * float(costs.total + costs.discount.sum() - costs.unavoidable.sum())

    @property
    def done(self) -> bool:
        """Whether the plan is good enough, or time is up."""
        return self.total - self.bound <= max(self.target, 1e-9 * abs(self.total)) or self.left <= 0

    def offer(self, quantity: FloatArray) -> bool:
        """Take a plan that keeps every limit and costs less."""
        total = account(self.work.problem, quantity).total
        if total < self.total - 1e-9 * max(abs(self.total), 1.0) and keeps_limits(self.work, quantity):
            self.quantity, self.total = quantity, total
            return True
        return False

    def run(self) -> None:
        """Bound the whole, then search the groups and put them together."""
        with self._annealing():
            self.progress.stage("Bounding the order plan")
            groups = [Searched(group) for group in groups_of(self.work)]
            whole = self.relax_whole(alone=len(groups) == 1 and not self._large)
            if whole is None or self.done:
                return
            if len(groups) == 1:
                self._search_one(whole)
            elif self.work.coupled:
                self._search_coupled(groups)
            else:
                self._search_apart(groups)
            if not self.done:
                self._improve()

    # -- annealing ------------------------------------------------------------------------------------------------

    @contextmanager
    def _annealing(self) -> Iterator[None]:
        """Look for cheaper plans by simulated annealing, at once, and meanwhile where there is a core to spare."""
        if self.work.problem.sources * self.work.problem.periods < WORTH_ANNEALING:
            yield
            return
        self.anneal(min(FIRST_ANNEALING, 0.1 * self.left), 0)
        over = Event()
        if self.asked.workers == 1:
            self.anneal(0.1 * self.left, 1)
            yield
            return
        with ThreadPoolExecutor(1) as pool:
            task = pool.submit(self._keep_annealing, over)
            try:
                yield
            finally:
                over.set()
                task.result()

    def _keep_annealing(self, over: Event) -> None:
        """Anneal again and again, each time for longer."""
        for number in itertools.count(1):
            seconds = min(FIRST_ANNEALING * LONGER**number, self.left)
            self.anneal(seconds, number, lambda: over.is_set() or self.done)
            if over.is_set() or self.done:
                return

    def anneal(self, seconds: float, seed: int, stop: Callable[[], bool] | None = None) -> None:
        """Look for a cheaper plan of the whole by simulated annealing."""
        quantity = improved(self.work, self.quantity, time.monotonic() + seconds, seed, stop=stop)
        with self.lock:
            self.offer(quantity)

    # -- the whole ------------------------------------------------------------------------------------------------

    def relax_whole(self, *, alone: bool) -> BranchAndPrice | None:
        """Bound the whole problem; keep prices and plans for its groups."""
        generation = Generation(self.work, self.solver)
        generation.planner.workers = self.asked.workers
        whole = BranchAndPrice(generation, self.quantity)
        share = 1.0 if alone else ROOT_SHARE
        tolerance = max(self.target, 1e-6) * (0.5 if alone else 2.0)
        whole.root(time.monotonic() + share * self.left, tolerance, exact=alone)
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
        if self._large:
            return
        self.progress.stage("Proving the order plan")
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
            if self.left > 0:
                task(one)

        with ThreadPoolExecutor(self.asked.workers) as pool:
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

    # -- improvement ----------------------------------------------------------------------------------------------

    def _improve(self) -> None:
        """Plan a few suppliers anew within what the others leave, until nothing helps or time is up."""
        problem = self.work.problem
        if problem.suppliers < 2:
            return
        self.progress.stage("Improving the order plan")
        random = np.random.default_rng(7)
        waiting = list(range(problem.suppliers))  # each by itself first, then a few together
        fruitless = 0

        def improve() -> None:
            nonlocal fruitless
            while not self.done and fruitless < 3 * problem.suppliers:
                with self.lock:
                    size = 1 if waiting else min(problem.suppliers, int(random.integers(2, 4)))
                    chosen = [waiting.pop()] if waiting else random.choice(problem.suppliers, size, replace=False)
                better = self._replan(np.array(chosen))
                with self.lock:
                    fruitless = 0 if better else fruitless + 1

        with ThreadPoolExecutor(self.asked.workers) as pool:
            for one in [pool.submit(improve) for _ in range(self.asked.workers)]:
                one.result()

    def _replan(self, suppliers: IntArray) -> bool:
        """Plan some suppliers anew; return whether that is better."""
        current = self.quantity
        made = neighbourhood(self.work, current, suppliers)
        if made is None:
            return False
        part, sources = made
        until = min(time.monotonic() + SLICE, self.asked.deadline)
        before = current[sources]
        if not keeps_limits(part, before):
            return False
        generation = Generation(part, self.solver)
        items = np.unique(self.work.problem.source_item[sources])
        for plans in self.handed[:HANDED_AGAIN]:
            generation.add(plans.of(items, sources))
        search = BranchAndPrice(generation, before)
        tolerance = 0.1 * self.target
        search.root(until, tolerance)
        search.settle(until, tolerance)
        with self.lock:  # others may have changed other suppliers meanwhile
            quantity = self.quantity.copy()
            quantity[sources] = search.quantity
            return self.offer(quantity)


def _around(prices: SharedPrices, width: float, scale: SharedPrices) -> tuple[SharedPrices, SharedPrices]:
    """Return prices below and above, by a share of each and of a small price."""
    pairs = [(getattr(prices, name), getattr(scale, name)) for name in ("budget", "storage", "working_capital")]
    low = SharedPrices(*(np.maximum(price - width * (0.5 * price + small), 0.0) for price, small in pairs))
    return low, SharedPrices(*(price + width * (0.5 * price + small) for price, small in pairs))
