"""From a first plan to a proven one: each supplier by itself, shared limits through prices.

Without shared limits the suppliers are independent and their bounds add up. Budget and storage bind them; a price on
each (Lagrange multipliers) makes them independent again: the suppliers' bounds, less the value of the room at those
prices, are a bound on the whole whatever the prices are, and good prices make it tight.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from invopt_xl.domain import Progress
from invopt_xl.errors import SolverError
from invopt_xl.optimise import solvers
from invopt_xl.optimise.accounting import account, simulate
from invopt_xl.optimise.constructive import Prices, priced_costs
from invopt_xl.optimise.discounts import best_rates
from invopt_xl.optimise.forward import follow
from invopt_xl.optimise.groundwork import Groundwork, keeps_limits, whole_lots
from invopt_xl.optimise.groups import Group, groups_of
from invopt_xl.optimise.problem import FloatArray, IntArray
from invopt_xl.optimise.submodel import SharedRoom, SupplierModel

SHORTEST_SOLVE = 0.5
"""Seconds below which a whole-number model is not worth handing over."""

LAST_MOMENT = 0.3
"""Seconds before the deadline in which nothing new is begun."""

FRACTION_SHARE = 0.35
"""Part of the time for models with fractions of lots; the rest is for whole lots."""

_Solved = tuple[int, SupplierModel, solvers.Solution | None]


@dataclass(eq=False)
class Search:
    """The best plan so far, what is proven about it, and the time left."""

    work: Groundwork
    quantity: FloatArray
    deadline: float
    gap: float
    workers: int
    progress: Progress
    prices: Prices
    bound: float = -np.inf
    solver: str = ""
    notes: list[str] = field(default_factory=list)
    order: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.total = account(self.work.problem, self.quantity).total
        self.order = solvers.available_solvers()

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.deadline - time.monotonic()

    def offer(self, quantity: FloatArray) -> bool:
        """Take a plan that keeps every limit and costs less."""
        total = account(self.work.problem, quantity).total
        if total < self.total - 1e-9 * abs(self.total) and keeps_limits(self.work, quantity):
            self.quantity, self.total = quantity, total
            return True
        return False

    def gap_now(self) -> float:
        """Return the gap of the best plan, as the plan will report it."""
        return relative_gap(self.total, self.bound, controllable_cost(self.work, self.quantity))

    def solve(
        self, model: solvers.LinearModel, start: FloatArray | None, seconds: float, tolerance: float
    ) -> solvers.Solution | None:
        """Run the preferred solver that works; None when none does, or no time is left."""
        if seconds < 0.05:
            return None
        if not solvers.sound(model):
            self.notes.append(f"numbers beyond {solvers.LARGEST_FACTOR:g} are planned without a solver")
            return None
        for name in self.order:
            try:
                found = solvers.solve(model, solver=name, seconds=seconds, absolute_gap=tolerance, start=start)
            except SolverError as fault:
                self.order = tuple(one for one in self.order if one != name)
                self.notes.append(str(fault))
                continue
            self.solver = name
            return found
        return None


def controllable_cost(work: Groundwork, quantity: FloatArray) -> float:
    """Return the cost that orders can change, before discounts won: what a gap is measured against."""
    costs = account(work.problem, quantity)
    return float(costs.total + costs.discount.sum() - costs.unavoidable.sum())


def relative_gap(total: float, bound: float, base: float) -> float:
    """Return the share by which a plan may exceed the cheapest one."""
    missing = max(total - bound, 0.0)
    return 0.0 if missing <= 1e-9 * max(abs(total), 1.0) else missing / max(base, missing, 1e-12)


def trivial_bound(work: Groundwork, group: Group) -> float:
    """Return a bound without solving: what no order changes, less every discount that could be won."""
    problem, items = work.problem, group.items
    fixed = account(problem, work.fixed)
    wanted = problem.demand[items].sum(axis=1) + problem.safety_stock[items] + work.fixed[items].sum(axis=1)
    backlog = work.flow.short[items].max(axis=1)
    discounts = best_rates(problem)[items] * problem.unit_cost[items] * (wanted + backlog)
    return float(fixed.unavoidable[items].sum() - discounts.sum())


def in_whole_lots(work: Groundwork, items: IntArray, table: FloatArray) -> FloatArray:
    """Return a model's quantities rounded up to lots, each line less what rounding already ordered."""
    problem = work.problem
    lot, smallest = problem.lot_size[items], work.smallest_line[items]
    fixed = work.fixed[items]
    placed = np.zeros_like(table)
    due = np.zeros(len(items))
    for period in range(table.shape[1]):
        model = table[:, period] - fixed[:, period]
        due = due + model
        wanted = whole_lots(np.maximum(due, smallest), lot)
        line = np.where((model > 1e-6) & (due > 1e-6), wanted, 0.0)
        placed[:, period] = line + fixed[:, period]
        due = due - line
    return placed


class Decomposition:
    """Improves and proves a plan, supplier by supplier.

    Parameters
    ----------
    search
        The best plan so far.
    free
        What would be ordered without shared limits, if these bind.
    """

    def __init__(self, search: Search, free: FloatArray | None = None) -> None:
        self.search = search
        self.groups = groups_of(search.work)
        self.bounds = np.array([trivial_bound(search.work, group) for group in self.groups])
        self.finished = np.zeros(len(self.groups), dtype=bool)
        self.coupled = free is not None
        self.candidate = search.quantity.copy() if free is None else free.copy()

    def update_bound(self) -> None:
        """Add up the groups' bounds, less the value of shared room."""
        work, prices = self.search.work, self.search.prices
        room = np.where(prices.budget > 0, work.budget, 0.0) @ prices.budget
        room += np.where(prices.storage > 0, work.storage, 0.0) @ prices.storage
        self.search.bound = max(self.search.bound, float(self.bounds.sum() - room))

    def run(self) -> None:
        """Solve all groups, then those with the widest gaps again while time remains."""
        search = self.search
        everything = list(range(len(self.groups)))
        search.progress.stage("Proving the order plan", len(everything))
        self.relax(everything)
        self.update_bound()
        whole = False  # fractions of lots first: they prove more
        while search.order and search.left > LAST_MOMENT and search.gap_now() > search.gap:
            helped = self.coupled and self.exchange()
            limits = self.shares(search.left * search.workers * (1.0 if whole else FRACTION_SHARE))
            if not limits and not helped:
                break
            self.sweep(limits, whole=whole)
            self.update_bound()
            whole = True

    def shares(self, seconds: float) -> dict[int, float]:
        """Share out seconds among unproven groups by what they may still miss, the most first; too small shares go."""
        costs = self.group_costs(self.candidate)
        missing = np.where(self.finished, 0.0, np.maximum(costs - self.bounds, 0.0))
        order = [int(one) for one in np.argsort(-missing, kind="stable") if missing[one] > 1e-9]
        while len(order) > 1 and seconds * missing[order[-1]] < SHORTEST_SOLVE * missing[order].sum():
            order.pop()
        total = float(missing[order].sum())
        return {one: max(seconds * float(missing[one]) / total, SHORTEST_SOLVE) for one in order}

    def relax(self, numbers: list[int]) -> None:
        """Bound every group by its linear relaxation: within percents of the truth, and quick."""
        search = self.search

        def one(number: int) -> _Solved:
            group = self.groups[number]
            model = SupplierModel(search.work, group.items, group.supplier, search.prices)
            return number, model, search.solve(solvers.relaxed(model.model), None, max(search.left, 0.1), 0.0)

        for number, _, found in self.parallel(one, numbers):
            search.progress.advance()
            if found is not None:
                self.bounds[number] = max(self.bounds[number], found.bound)

    def group_costs(self, quantity: FloatArray) -> FloatArray:
        """Return each group's cost at the prices."""
        work = self.search.work
        costs = priced_costs(work, quantity, self.search.prices)
        alone = sum(group.supplier < 0 for group in self.groups)
        return np.array([costs[group.supplier] / (1 if group.supplier >= 0 else alone) for group in self.groups])

    def sweep(self, limits: dict[int, float], *, whole: bool) -> None:
        """Solve groups at the current prices, in parallel, each within its seconds."""
        search = self.search
        tolerances = self.tolerances()

        def one(number: int) -> _Solved:
            group = self.groups[number]
            model = SupplierModel(search.work, group.items, group.supplier, search.prices, whole=whole)
            start = model.start(self.candidate)
            limit = min(limits[number], search.left)
            return number, model, search.solve(model.model, start, limit, tolerances[number])

        for number, model, found in self.parallel(one, list(limits)):
            if found is None:
                self.finished[number] = True  # no solver takes it, or no time is left
                continue
            self.bounds[number] = max(self.bounds[number], found.bound)
            self.finished[number] = found.finished and whole
            if found.values is not None:
                self.take(number, model, found.values)
        if self.coupled:
            search.offer(follow(search.work, self.candidate))

    def tolerances(self) -> FloatArray:
        """Return what each group may miss so that all together meet the gap."""
        search = self.search
        base = controllable_cost(search.work, search.quantity)
        sizes = np.array([len(group.items) for group in self.groups], dtype=float)
        return np.asarray(0.5 * search.gap * base * sizes / sizes.sum())

    def take(self, number: int, model: SupplierModel, values: FloatArray) -> None:
        """Put a group's solution in whole lots into the plan if that is better."""
        search, group = self.search, self.groups[number]
        trial = self.candidate.copy()
        trial[group.items] = in_whole_lots(search.work, group.items, model.quantities(values))
        if self.coupled:
            better = priced_costs(search.work, trial, search.prices) < priced_costs(
                search.work, self.candidate, search.prices
            )
            if better[group.supplier] and keeps_limits(search.work, trial, coupled=False):
                self.candidate = trial
        elif search.offer(trial):
            self.candidate = trial

    def exchange(self) -> bool:
        """Plan each supplier again within what the others leave of budget and storage; return whether it helped."""
        search = self.search
        before = search.total
        missing = self.group_costs(search.quantity) - self.bounds
        order = np.argsort(-missing, kind="stable").tolist()
        ends = time.monotonic() + 0.6 * search.left
        for begin in range(0, len(order), search.workers):
            batch = order[begin : begin + search.workers]
            if time.monotonic() > ends or search.gap_now() <= search.gap:
                break
            rooms = self.rooms(batch)
            limit = min(2 * SHORTEST_SOLVE, search.left)

            def one(number: int, rooms: dict[int, SharedRoom] = rooms, limit: float = limit) -> _Solved:
                group = self.groups[number]
                none = Prices.none(search.work.problem.periods)
                model = SupplierModel(search.work, group.items, group.supplier, none, rooms[number])
                start, tolerance = model.start(search.quantity), 1e-4 * abs(search.total) / len(self.groups)
                return number, model, search.solve(model.model, start, min(limit, search.left), tolerance)

            for number, model, found in self.parallel(one, batch):
                if found is not None and found.values is not None:
                    trial = search.quantity.copy()
                    items = self.groups[number].items
                    trial[items] = in_whole_lots(search.work, items, model.quantities(found.values))
                    if not search.offer(trial):
                        search.offer(follow(search.work, trial))
        return search.total < before - 1e-3 * abs(before)

    def rooms(self, batch: list[int]) -> dict[int, SharedRoom]:
        """Return for each group its own use of budget and storage and an even part of what nobody uses."""
        work, quantity = self.search.work, self.search.quantity
        problem = work.problem
        money = problem.unit_cost[:, None] * (quantity - work.fixed)
        volume = problem.unit_volume[:, None] * simulate(problem, quantity).available
        spare_money = np.maximum(work.budget - money.sum(axis=0), 0) / len(batch)
        spare_volume = np.maximum(work.storage - volume.sum(axis=0), 0) / len(batch)
        return {
            number: SharedRoom(
                money[self.groups[number].items].sum(axis=0) + spare_money,
                volume[self.groups[number].items].sum(axis=0) + spare_volume,
            )
            for number in batch
        }

    def parallel(self, task: Callable[[int], _Solved], numbers: list[int]) -> Iterable[_Solved]:
        """Run tasks on all cores (HiGHS lets other threads run), results in the order of the numbers."""
        with ThreadPoolExecutor(self.search.workers) as pool:
            yield from pool.map(task, numbers)
