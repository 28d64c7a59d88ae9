"""What a little more of each limit would save."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.master import Structure
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class ShadowPrices:
    """Money saved per unit of more room, by period; near the plan, and for a little more only.

    Missing where a limit is used up and what more of it would save is not known.

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


def prices_from_duals(structure: Structure, duals: FloatArray, orders: FloatArray) -> ShadowPrices:
    """Return the prices that the duals of a relaxation set on the limits.

    Capacity has a row for every mode of an order, in which it counts as often as the order is in that mode: by the
    envelope theorem a unit more saves the sum of the rows' duals weighted by the order variables.

    Parameters
    ----------
    structure
        Of the relaxation.
    duals
        Of its rows.
    orders
        The order variables: in which mode, and for which part, each order is placed.
    """
    rows, problem = structure.rows, structure.work.problem

    def worth(table: IntArray) -> FloatArray:
        return np.maximum(-rows.dual(duals, table), 0.0)

    supplier, mode, period = structure.orders
    capacity = np.zeros((problem.suppliers, problem.periods))
    np.add.at(capacity, (supplier, period), worth(rows.most[supplier, mode, period]) * orders)
    return ShadowPrices(worth(rows.budget), worth(rows.storage), worth(rows.working_capital), capacity)
