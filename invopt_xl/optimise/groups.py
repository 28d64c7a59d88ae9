"""Items that must be planned together, for they share suppliers or stock."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from invopt_xl.optimise.groundwork import Groundwork, part_of, prepare
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Group:
    """Items that are planned together, as a problem of their own without limits shared with others.

    Parameters
    ----------
    work
        The problem of these items.
    items, sources
        Their numbers in the whole problem.
    """

    work: Groundwork
    items: IntArray
    sources: IntArray

    def within(self, budget: FloatArray, storage: FloatArray, working_capital: FloatArray) -> Groundwork:
        """Return the group's problem with limits of its own."""
        problem = self.work.problem
        return prepare(replace(problem, budget=budget, storage_volume=storage, working_capital=working_capital))


def groups_of(work: Groundwork) -> list[Group]:
    """Return the groups of a problem's items; those without a supplier, whom nothing binds, are one group together.

    Nothing has to be decided for them together, so that they cost no more time at once than one by one.
    """
    problem = work.problem
    links = [(problem.source_item, problem.items + problem.supplier, problem.supplier >= 0)]
    links.append((problem.source_item, problem.origin, problem.origin >= 0))
    rows = np.concatenate([one[there] for one, _, there in links])
    columns = np.concatenate([other[there] for _, other, there in links])
    size = problem.items + problem.suppliers
    graph = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    label = connected_components(graph, directed=False)[1][: problem.items]
    bound = np.zeros(problem.items, dtype=bool)
    bound[problem.source_item[problem.supplier >= 0]] = True
    bound[problem.source_item[problem.origin >= 0]] = True
    bound[problem.origin[problem.origin >= 0]] = True
    label[~bound] = -1
    free = unlimited(problem)
    groups = []
    for one in np.unique(label):
        items = np.flatnonzero(label == one)
        part, sources = part_of(free, items)
        groups.append(Group(prepare(part), items, sources))
    return groups


def unlimited(problem: OrderProblem) -> OrderProblem:
    """Return the problem without shared limits."""
    none = np.full(problem.periods, np.inf)
    return replace(problem, budget=none, storage_volume=none, working_capital=none)
