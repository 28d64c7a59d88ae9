"""Branch and price: from mixes of plans to whole plans, with a bound that every branch is part of.

Branches are set on the number of a supplier's orders, on single orders, and at last on single lines. The most
promising branch is followed first, so that the bound rises with every step.
"""

from __future__ import annotations

import heapq
import itertools
import time
from dataclasses import dataclass, replace

import numpy as np

from invopt_xl.optimise.accounting import account, simulate
from invopt_xl.optimise.generation import Generation, Node, is_whole
from invopt_xl.optimise.groundwork import Groundwork, keeps_limits
from invopt_xl.optimise.master import SharedPrices, shared_use
from invopt_xl.optimise.solvers import Optimum
from invopt_xl.optimise.terms import FloatArray

WHOLE_EVERY = 12
"""Branches between attempts to make whole plans of what was found."""


@dataclass(frozen=True, eq=False)
class Branch:
    """A node with its bound and the master's optimum there."""

    bound: float
    node: Node
    optimum: Optimum


def cost_at(work: Groundwork, quantity: FloatArray, prices: SharedPrices | None) -> float:
    """Return what a plan costs, what it uses of shared limits paid for at these prices."""
    flow = simulate(work.problem, quantity)
    total = account(work.problem, quantity, flow).total
    if prices is None:
        return total
    used = shared_use(work, quantity, flow)
    return float(total + used[0] @ prices.budget + used[1] @ prices.storage + used[2] @ prices.working_capital)


class BranchAndPrice:
    """Improves and proves a plan of one problem.

    Parameters
    ----------
    generation
        The problem's master.
    quantity
        A plan that keeps all limits that the master keeps.
    """

    def __init__(self, generation: Generation, quantity: FloatArray) -> None:
        self.generation, self.work = generation, generation.work
        self.quantity, self.total = quantity, self.cost(quantity)
        self.bound = -np.inf
        self.left_at = np.inf
        self.centre: FloatArray | None = None
        self.plans = [quantity]
        self.optimum: Optimum | None = None
        self.branches: list[tuple[float, int, Branch]] = []
        self.number = itertools.count()
        self.steps = 0
        generation.add(generation.plans_of(quantity))

    def cost(self, quantity: FloatArray) -> float:
        """Return what a plan costs, shared limits paid for at their prices unless they are kept."""
        structure = self.generation.structure
        return cost_at(self.work, quantity, None if structure.kept else structure.prices)

    def offer(self, quantity: FloatArray | None) -> bool:
        """Take a plan that is cheaper and keeps all limits."""
        if quantity is None:
            return False
        total = self.cost(quantity)
        better = total < self.total - 1e-9 * max(abs(self.total), 1.0)
        if better and keeps_limits(self.work, quantity, coupled=self.generation.structure.kept):
            self.quantity, self.total = quantity, total
            self.plans.append(quantity)
            return True
        return False

    def mix_in(self, quantity: FloatArray) -> None:
        """Take a plan from elsewhere, and let whole plans be made of its parts as well."""
        self.generation.add(self.generation.plans_of(quantity))
        self.offer(quantity)

    def root(self, deadline: float, tolerance: float, *, exact: bool = True) -> None:
        """Bound the whole problem; without an exact optimum of the master it cannot be branched on."""
        node = self.generation.root()
        found = self.generation.generate(node, np.inf, deadline, 0.1 * tolerance, exact=exact)
        self.bound = max(self.bound, found.bound)  # not cut down to the total: above it, it is an error to be told
        self.centre = found.duals
        if found.optimum is not None:
            self.optimum = found.optimum
            self._keep(found.bound, node, found.optimum)

    def whole(self, optimum: Optimum, seconds: float, reach: float | None = None) -> bool:
        """Make whole plans of what was found; return whether that is better."""
        if seconds < 0.02:
            return False
        if reach is None:
            reach = max(self.total - self.bound, 0.0) + 1e-6
        # Beyond the root a node's limits leave the best plan out, as a rule.
        start = self.quantity if self.generation.at.free else None
        return self.offer(self.generation.whole(optimum, reach, seconds, start))

    def settle(self, deadline: float, tolerance: float) -> None:
        """Make whole plans of what the root found, if the plan is not proven yet."""
        if self.optimum is not None and self.gap > tolerance:
            self.whole(self.optimum, min(1.0, deadline - time.monotonic()))

    def search(self, deadline: float, tolerance: float) -> None:
        """Branch until the plan is proven within a tolerance, or time is up."""
        while self.branches and self.gap > tolerance and time.monotonic() < deadline:
            bound, _, branch = heapq.heappop(self.branches)
            children = self._children(branch)
            if not children:  # whole orders and lines, yet plans are mixed: only whole plans help here
                self.generation.enter(branch.node)
                self.whole(branch.optimum, min(1.0, deadline - time.monotonic()))
                self.left_at = min(self.left_at, bound)
            for node in children:
                if not self._follow(node, bound, deadline, tolerance):
                    heapq.heappush(self.branches, (bound, next(self.number), replace(branch, node=node)))
            self.steps += 1
            self._raise()
            if self.steps % WHOLE_EVERY == 0 and self.branches:
                best = self.branches[0][2]
                self.generation.enter(best.node)
                self.whole(best.optimum, min(1.0, deadline - time.monotonic()))

    @property
    def gap(self) -> float:
        """Money that a cheaper plan might save."""
        return self.total - self.bound

    def _raise(self) -> None:
        """Take the least bound of what is left as the bound of all."""
        least = min([self.left_at, self.total] + [branch[0] for branch in self.branches[:1]])
        self.bound = max(self.bound, least)

    def _follow(self, node: Node, bound: float, deadline: float, tolerance: float) -> bool:
        """Bound a branch and keep it if it may hold a better plan; return whether there was time."""
        cutoff = self.total - tolerance
        found = self.generation.generate(node, cutoff, deadline, 0.1 * tolerance)
        if found.optimum is None and time.monotonic() >= deadline:
            return False
        found = replace(found, bound=max(found.bound, bound))
        if found.bound >= cutoff or found.optimum is None:
            self.left_at = min(self.left_at, found.bound)
        else:
            self._keep(found.bound, node, found.optimum)
        return True

    def _keep(self, bound: float, node: Node, optimum: Optimum) -> None:
        heapq.heappush(self.branches, (bound, next(self.number), Branch(bound, node, optimum)))

    def _children(self, branch: Branch) -> list[Node]:
        node, values = branch.node, branch.optimum.values
        orders = values[: self.generation.orders]
        return self._by_count(node, orders) or self._by_order(node, orders) or self._by_line(node, values)

    def _by_count(self, node: Node, orders: FloatArray) -> list[Node]:
        """Branch on the number of a supplier's orders."""
        structure = self.generation.structure
        counts = np.bincount(structure.orders[0], orders, minlength=self.work.problem.suppliers)
        part = np.abs(counts - np.round(counts))
        if not len(part) or part.max() < 0.02:
            return []
        supplier = int(part.argmax())
        row, below = int(structure.rows.count[supplier]), float(np.floor(counts[supplier]))
        low, high = node.rows.get(row, (structure.rows.lower[row], structure.rows.upper[row]))
        return [
            replace(node, rows=node.rows | {row: (low, below)}),
            replace(node, rows=node.rows | {row: (below + 1, high)}),
        ]

    def _by_order(self, node: Node, orders: FloatArray) -> list[Node]:
        """Branch on an order, the least decided one."""
        part = np.minimum(orders, 1 - orders)
        if not len(part) or part.max() < 1e-4:
            return []
        return _fixed(node, int(part.argmax()))

    def _by_line(self, node: Node, values: FloatArray) -> list[Node]:
        """Branch on a line: whether there is one, or how large it is at most."""
        generation, problem = self.generation, self.work.problem
        weights = values[generation.orders + generation.helpers :]
        lines, units = (np.zeros(self.work.fixed.shape) for _ in range(2))
        mixed: dict[tuple[int, int], list[float]] = {}
        for column in np.flatnonzero(~is_whole(weights)).tolist():
            if generation.item[column] in generation.planner.coarse:
                continue  # whole steps of several lots: limits on a line would not bound all its plans
            rows = generation.sources_of[generation.item[column]]
            quantity = generation.rounds[generation.made_in[column]].quantity[rows]
            lines[rows] += weights[column] * (quantity > 0)
            units[rows] += weights[column] * quantity
            for at, period in np.argwhere(quantity > 0).tolist():
                mixed.setdefault((int(rows[at]), period), []).append(float(quantity[at, period]))
        part = np.abs(lines - np.round(lines))
        if part.max(initial=0.0) > 1e-4:
            source, period = divmod(int(part.argmax()), part.shape[1])
            return _sized(node, (source, period), 0.0, float(self.work.smallest_line[source]))
        for line, sizes in mixed.items():
            if max(sizes) > min(sizes) * (1 + 1e-9):
                lot = float(problem.lot_size[line[0]])
                most = np.floor(float(units[line]) / lot + 1e-9) * lot
                most = min(max(most, min(sizes)), max(sizes) - lot)
                return _sized(node, line, most, most + lot)
        return []


def _sized(node: Node, line: tuple[int, int], most: float, least: float) -> list[Node]:
    """Return the node with a line of at most so many units, and with one of at least so many."""
    low, high = node.lines.get(line, (0.0, np.inf))
    return [
        replace(node, lines=node.lines | {line: (low, min(high, most))}),
        replace(node, lines=node.lines | {line: (max(low, least), high)}),
    ]


def _fixed(node: Node, order: int) -> list[Node]:
    """Return the node without and with an order."""
    without, having = node.upper.copy(), node.lower.copy()
    without[order], having[order] = 0.0, 1.0
    return [replace(node, upper=without), replace(node, lower=having)]
