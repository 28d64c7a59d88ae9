"""What a plan leaves of every limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.accounting import Flow
from invopt_xl.optimise.groundwork import Groundwork, money_ordered, of_sources
from invopt_xl.optimise.terms import BoolArray, FloatArray

NEARLY = 0.02
"""Share of a limit of which less is next to nothing."""


@dataclass(frozen=True, eq=False)
class Room:
    """What a plan leaves of every limit; infinite where there is none.

    Parameters
    ----------
    budget, storage, working_capital
        By period.
    capacity
        By source and period; of its supplier.
    """

    budget: FloatArray
    storage: FloatArray
    working_capital: FloatArray
    capacity: FloatArray


def room_left(work: Groundwork, quantity: FloatArray, flow: Flow) -> Room:
    """Return what a plan leaves of every limit."""
    problem = work.problem
    own = quantity - work.fixed
    return Room(
        budget=work.budget - money_ordered(problem, own),
        storage=work.storage - problem.unit_volume @ flow.available,
        working_capital=work.working_capital - problem.unit_value @ flow.stock,
        capacity=of_sources(problem, work.capacity - problem.sum_by_supplier(own), np.inf),
    )


def hardly_any(left: FloatArray, limit: FloatArray) -> BoolArray:
    """Return where next to nothing is left of a limit.

    Examples
    --------
    >>> hardly_any(np.array([4.0, 24.0, np.inf]), np.array([600.0, 600.0, np.inf])).tolist()
    [True, False, False]
    """
    finite = np.isfinite(limit)
    return np.asarray(finite & (np.where(finite, left, 0.0) < NEARLY * np.where(finite, limit, 0.0)))
