"""The search for a better plan and a proven bound, within a time limit.

First the relaxation of the whole problem: a bound, prices of the shared limits, and many plans of single items. Then
each group of items that share suppliers by itself, at these prices. Last, a few suppliers at a time are planned anew
within what the others leave. Meanwhile the whole plan is annealed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from invopt_xl.domain import Progress
from invopt_xl.errors import SolverError
from invopt_xl.optimise import solvers
from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.annealed import annealing
from invopt_xl.optimise.branching import BranchAndPrice
from invopt_xl.optimise.generation import Generation
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.group_search import SLICE, GroupSearch, Relaxed
from invopt_xl.optimise.groups import groups_of
from invopt_xl.optimise.improving import improve
from invopt_xl.optimise.incumbent import Asked, Incumbent
from invopt_xl.optimise.master import SharedPrices
from invopt_xl.optimise.oversize import least_by_item
from invopt_xl.optimise.shadow_prices import ShadowPrices, prices_from_duals
from invopt_xl.optimise.terms import FloatArray

HANDED_DOWN = 8
"""Plans of each item that groups take over from the relaxation of the whole."""

LARGE_GROUP = 150
"""Orders that may be placed in a group beyond which whole plans are not made at once."""

ROOT_SHARE = 0.3
"""Part of the time that the relaxation of the whole may take."""

EXACT_SHARE = 0.25
"""Part of the time left that an exact relaxation may take where a group is too large for more."""


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
    return float(least_by_item(work.problem, work.fixed, work.flow).sum())


def search_plan(work: Groundwork, first: FloatArray, asked: Asked, progress: Progress) -> Found:
    """Return the best plan found until the deadline; a solver that fails gives way to the next one."""
    notes: list[str] = []
    bound, prices = trivial_bound(work), ShadowPrices.unknown(work.problem)
    if not work.open:
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
        self.relaxed = Relaxed(SharedPrices.none(work.problem.periods), ())
        self.shadow_prices = ShadowPrices.unknown(work.problem)

    @property
    def _large(self) -> bool:
        """Whether there are too many orders to make whole plans of all at once."""
        return self.work.problem.suppliers * self.work.problem.periods > LARGE_GROUP

    def run(self) -> None:
        """Bound the whole, then search the groups and put them together."""
        with annealing(self):
            self.progress.stage("Bounding the order plan")
            groups = groups_of(self.work)
            # What few suppliers share is proven with them all at once: prices of it would leave a gap.
            alone = len(groups) == 1 or (self.work.coupled and not self._large)
            whole = self.relax_whole(alone=alone)
            if whole is None or self.done:
                return
            if alone:
                self._search_one(whole)
            else:
                GroupSearch(self, groups, self.solver, self.relaxed, self.progress).run()
            if not self.done:
                self.progress.stage("Improving the order plan")
                improve(self, self.solver)

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
        prices = self._price(whole, whole.centre)
        self.relaxed = Relaxed(prices, generation.best_plans(whole.centre, HANDED_DOWN))
        return whole

    def _price(self, whole: BranchAndPrice, duals: FloatArray) -> SharedPrices:
        """Read prices of the limits from the master's duals; return those of what all share."""
        generation = whole.generation
        values = generation.values_of(self.quantity) if whole.optimum is None else whole.optimum.values
        prices = prices_from_duals(generation.structure, duals, values[: generation.orders])
        self.shadow_prices = prices
        return SharedPrices(prices.budget, prices.storage, prices.working_capital)

    def _search_one(self, whole: BranchAndPrice) -> None:
        """Search a problem that does not fall apart."""
        self.progress.stage("Proving the order plan")
        if self._large:
            whole.root(time.monotonic() + EXACT_SHARE * self.left, 0.5 * self.target)
            self.bound = max(self.bound, whole.bound)
            return
        tolerance = max(0.5 * self.target, 1e-9 * abs(self.total))
        whole.settle(self.asked.deadline, tolerance)
        while True:
            self.offer(whole.quantity)
            self.bound = max(self.bound, whole.bound)
            if self.done or not whole.branches or whole.gap <= tolerance:
                return
            for quantity in self.take_offered():
                whole.mix_in(quantity)
            whole.search(min(time.monotonic() + SLICE, self.asked.deadline), tolerance)
