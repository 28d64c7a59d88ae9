"""What a little more of each limit would save."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import FloatArray


@dataclass(frozen=True, eq=False)
class ShadowPrices:
    """Money saved per unit of more room, by period; near the plan, and for a little more only.

    Parameters
    ----------
    budget
        Per money of budget, shape (periods,).
    storage
        Per volume of storage, shape (periods,).
    working_capital
        Per money of the ceiling, shape (periods,).
    capacity
        Per unit of a supplier's capacity, shape (suppliers, periods).
    """

    budget: FloatArray
    storage: FloatArray
    working_capital: FloatArray
    capacity: FloatArray

    @staticmethod
    def none(problem: OrderProblem) -> ShadowPrices:
        """Return prices of zero."""
        zero = np.zeros(problem.periods)
        return ShadowPrices(zero, zero, zero, np.zeros((problem.suppliers, problem.periods)))
