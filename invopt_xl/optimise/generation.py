"""Column generation: plans of single items, made at the duals of the master, until none would make it cheaper.

Where nothing is limited yet, proximal steps find good duals first: those of a young master jump about. The master is
solved for its optimum only where that is wanted, its duals smoothed towards the best ones so far (Wentges,
International Transactions in Operational Research 4, 1997).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.given_plans import given_plans
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.item_plans import ItemPlanner
from invopt_xl.optimise.line_prices import ItemPlans, Limits
from invopt_xl.optimise.master import SharedPrices, Structure
from invopt_xl.optimise.modes import modes_of
from invopt_xl.optimise.plan_pool import PlanPool
from invopt_xl.optimise.solvers import Columns, Optimum, growing_program, solve
from invopt_xl.optimise.terms import BoolArray, FloatArray, IntArray

SMOOTHING = 0.5
"""Share of the best duals so far in those that plans are made at."""

_NEARER = 0.3
"""Share of the tolerance that good duals are brought to before the master is solved for its optimum."""

_FIRST_ROUNDS = 2
"""The first of them: plans without orders, and the plan that the search begins with."""

_OUT_OF_REACH = 1e3
"""What lacking a unit of an order's minimum value costs, in money, while the master has no plans that reach it."""


@dataclass(frozen=True, eq=False)
class Node:
    """Limits of order variables and rows that a branch of the search has set.

    Parameters
    ----------
    lower, upper
        Of the order variables.
    rows
        Row number: lower and upper limit.
    lines
        Limits of lines.
    """

    lower: FloatArray
    upper: FloatArray
    rows: dict[int, tuple[float, float]] = field(default_factory=dict)
    lines: Limits = field(default_factory=dict)

    @property
    def free(self) -> bool:
        """Whether there is no limit."""
        return not (self.rows or self.lines or (self.lower > 0).any() or (self.upper < 1).any())


@dataclass(frozen=True, eq=False)
class Relaxed:
    """What column generation came to: a proven bound, and the master's optimum if it came to its end."""

    bound: float
    optimum: Optimum | None
    duals: FloatArray | None


class Generation(PlanPool):
    """The master of a problem, its plans so far, and how to get more.

    Parameters
    ----------
    work
        The problem.
    solver
        Name of the solver.
    prices
        Of the shared limits, if these are paid for instead of kept.
    """

    def __init__(self, work: Groundwork, solver: str, prices: SharedPrices | None = None) -> None:
        modes = [modes_of(work, supplier) for supplier in range(work.problem.suppliers)]
        super().__init__(Structure(work, modes, prices))
        self.solver = solver
        self.planner = ItemPlanner(work, modes)
        rows = self.structure.rows
        self.program = growing_program(solver, rows.lower, rows.upper)
        self.order_columns = orders = self.structure.order_columns()
        self.program.add_columns(orders)
        helpers = self._helpers()
        self.program.add_columns(helpers)
        self.orders, self.helpers = len(orders), len(helpers)
        self.banned: IntArray = np.zeros(0, dtype=np.int64)
        self.centre: FloatArray | None = None
        self.at = self.root()
        self.lower, self.upper = rows.lower.copy(), rows.upper.copy()
        self.add(self.plans_of(work.fixed))

    def _helpers(self) -> Columns:
        """Return variables that stand in for plans the master has not got yet, dearer than any."""
        rows = self.structure.rows
        least, item = rows.least[rows.least >= 0], rows.item[rows.item >= 0]
        costs = account(self.work.problem, self.work.fixed)
        dear = _OUT_OF_REACH * (1.0 + float(np.abs(costs.per_item).max(initial=0.0)))
        cost = np.concatenate((np.full(len(least), _OUT_OF_REACH), np.full(len(item), dear)))
        every = np.concatenate((least, item))
        count = len(every)
        return Columns(cost, np.full(count, np.inf), np.arange(count + 1), every, np.ones(count))

    @property
    def constant(self) -> float:
        """What no plan changes."""
        return self.structure.constant

    def root(self) -> Node:
        """Return the node without limits."""
        return Node(np.zeros(self.orders), np.ones(self.orders))

    def plans_of(self, quantity: FloatArray) -> ItemPlans:
        """Return a plan of all items as one of each, its orders in their best modes."""
        return given_plans(self.structure, self.planner, quantity)

    def add(self, plans: ItemPlans) -> int:
        """Add the plans that are new; return how many."""
        columns = self.take(plans)
        if columns is None:
            return 0
        self.program.add_columns(columns)
        return len(columns)

    def reprice(self, prices: SharedPrices) -> None:
        """Change the prices of the shared limits."""
        cost = self.repriced(prices)
        self.program.cost_columns(self.orders + self.helpers + np.arange(len(cost)), cost)

    def enter(self, node: Node) -> None:
        """Set a node's limits."""
        numbers = np.flatnonzero((node.lower != self.at.lower) | (node.upper != self.at.upper))
        if len(numbers):
            self.program.limit_columns(numbers, node.lower[numbers], node.upper[numbers])
        rows = self.structure.rows
        for number in self.at.rows:
            if number not in node.rows:
                self.program.limit_row(number, rows.lower[number], rows.upper[number])
        for number, (low, high) in node.rows.items():
            self.program.limit_row(number, low, high)
        self.lower, self.upper = rows.lower.copy(), rows.upper.copy()
        for number, (low, high) in node.rows.items():
            self.lower[number], self.upper[number] = low, high
        if node.lines or len(self.banned):
            self._keep_lines(node.lines)
        self.at = node

    def _keep_lines(self, limits: Limits) -> None:
        """Ban the plans whose lines are not within a node's limits, and make no such plans."""
        self.planner.restrict(limits)
        banned = self.orders + self.helpers + self.outside(limits)
        self.program.limit_columns(self.banned, np.zeros(len(self.banned)), np.full(len(self.banned), np.inf))
        self.program.limit_columns(banned, np.zeros(len(banned)), np.zeros(len(banned)))
        self.banned = banned

    def _sound(self, duals: FloatArray) -> FloatArray:
        """Return duals without a solver's noise: none pays for a limit that is not there."""
        duals = np.where(np.isinf(self.lower), np.minimum(duals, 0.0), duals)
        return np.where(np.isinf(self.upper), np.maximum(duals, 0.0), duals)

    def price(self, duals: FloatArray) -> tuple[float, ItemPlans]:
        """Return a proven bound of the current node at any duals, and the items' cheapest plans there."""
        structure, node = self.structure, self.at
        plans = self.planner.cheapest(structure.line_prices(duals))
        bound = self.constant + float(plans.value[self.live].sum())
        bound += structure.order_bound(duals, node.lower, node.upper)
        return bound + structure.limits_at(duals, self.lower, self.upper), plans

    def generate(self, node: Node, cutoff: float, deadline: float, tolerance: float, *, exact: bool = True) -> Relaxed:
        """Add plans until the bound is within a tolerance of the master's optimum, or reaches the cutoff.

        Parameters
        ----------
        node
            Where.
        cutoff
            A bound this high is enough.
        deadline
            By the clock `time.monotonic`.
        tolerance
            Money.
        exact
            Whether the master's optimum is wanted. Without it the bound of a node without limits is within the
            tolerance as far as can be told at less cost.
        """
        self.enter(node)
        best, centre = -np.inf, None
        if node.free:
            best, centre = self._approach(cutoff, deadline, _NEARER * tolerance if exact else tolerance)
            if not exact or best >= cutoff or time.monotonic() > deadline:
                return Relaxed(best, None, centre)
        return self._finish(Relaxed(best, None, centre), cutoff, deadline, tolerance)

    def _approach(self, cutoff: float, deadline: float, tolerance: float) -> tuple[float, FloatArray]:
        """Return a bound and its duals near the best ones, found by proximal steps; keep the plans made on the way."""
        from invopt_xl.optimise.proximal import Proximal  # compiled loops: not before they are needed

        proximal = Proximal(self.structure, self.order_columns, tolerance)
        duals, promise = proximal.centre if self.centre is None else self.centre, np.inf
        told: list[int] = []
        while True:
            bound, plans = self.price(duals)
            proximal.judge(duals, promise, bound - self.constant)
            self.add(plans)
            if proximal.tired or bound >= cutoff or time.monotonic() > deadline:
                break
            for columns in self.columns[len(told) :]:
                told.append(len(columns))
                proximal.add(columns, np.array(self.item[sum(told[:-1]) : sum(told)]))
            duals, promise, beyond = proximal.step()
            if promise + beyond - proximal.best <= tolerance:
                break
        self.centre = proximal.centre
        return proximal.proven[0] + self.constant, proximal.proven[1]

    def _finish(self, found: Relaxed, cutoff: float, deadline: float, tolerance: float) -> Relaxed:
        """Solve the master exactly, add plans, and so on until the bound is within a tolerance of its optimum."""
        best, centre = found.bound, found.duals
        share = SMOOTHING
        while True:
            optimum = self.program.solve(deadline - time.monotonic())
            if optimum is None:
                return Relaxed(best, None, centre)
            duals = self._sound(optimum.duals)
            while True:
                at = duals if centre is None or share == 0 else share * centre + (1 - share) * duals
                bound, plans = self.price(at)
                if bound == np.inf:  # no plan is within the node's limits
                    return Relaxed(bound, None, centre)
                if bound > best:
                    best, centre = bound, at
                added = self.add(plans)
                near = optimum.objective + self.constant - best <= tolerance
                if added or near or best >= cutoff or share == 0 or time.monotonic() > deadline:
                    break
                share = 0.0  # nothing new on the way: look at the master's own duals
            if near or best >= cutoff or not added or time.monotonic() > deadline:
                break
            share = SMOOTHING
        return Relaxed(best, optimum, centre)

    def quantity_of(self, values: FloatArray) -> FloatArray:
        """Return the mix of plans that a solution of the master takes, units by source and period."""
        return self.mixed(values[self.orders + self.helpers :])

    def whole(
        self, optimum: Optimum, reach: float, seconds: float, start: FloatArray | None = None
    ) -> FloatArray | None:
        """Return the best plan made of whole plans found so far, or None.

        Parameters
        ----------
        optimum
            Of the master in the current node.
        reach
            Variables whose reduced cost exceeds it are left out: no better plan has them.
        seconds
            Time limit.
        start
            A plan to begin with, units by source and period.
        """
        begin = None if start is None else self.values_of(start)
        known = len(optimum.values)
        keep = np.zeros(self.orders + self.helpers + len(self.item), dtype=bool)
        keep[:known] = optimum.reduced <= reach
        keep[known:] = True
        # Plans without orders, and those of the first plan, go together whatever the others do.
        keep[self.orders + self.helpers + np.flatnonzero(np.array(self.made_in) < _FIRST_ROUNDS)] = True
        keep[: self.orders] = True
        keep[self.orders : self.orders + self.helpers] = False
        if begin is not None:
            keep |= begin > 0
            begin = begin[keep]
        model = self.program.model(np.ones(len(keep), dtype=bool)).only(keep)
        found = solve(model, solver=self.solver, seconds=seconds, gap=1e-4, start=begin)
        if found.values is None:
            return None
        values = np.zeros(len(keep))
        values[keep] = np.round(found.values)
        return self.quantity_of(values)

    def values_of(self, quantity: FloatArray) -> FloatArray:
        """Return the master's variables where it takes a plan as it is; the order variables come first."""
        plans, structure = self.plans_of(quantity), self.structure
        self.add(plans)
        supplier, mode, period = structure.orders
        taken = np.zeros(structure.used.shape, dtype=bool)
        for own in range(self.work.problem.suppliers):
            rows = self.work.problem.supplier == own
            ordered = (plans.quantity[rows] > 0).any(axis=0) | structure.fixed_orders[own]
            in_mode = plans.mode[rows].max(axis=0, initial=0)  # one and the same for all lines of an order
            taken[own, in_mode[ordered], np.flatnonzero(ordered)] = True
        numbers = self.orders + self.helpers + self.numbers_of(plans)
        values = np.zeros(self.orders + self.helpers + len(self.item))
        values[: self.orders] = taken[supplier, mode, period]
        values[numbers] = 1.0
        return values


def is_whole(values: FloatArray) -> BoolArray:
    """Return which values are whole numbers, as far as a solver tells."""
    return np.asarray(np.abs(values - np.round(values)) < 1e-5)
