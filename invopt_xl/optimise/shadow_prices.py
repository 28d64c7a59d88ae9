"""What a little more of each limit would save."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from invopt_xl.optimise.master import Structure
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class _ByLimit:
    """A table for each kind of limit.

    Parameters
    ----------
    budget, storage, working_capital
        By period, shape (periods,).
    capacity
        By supplier and period, shape (suppliers, periods).
    """

    budget: FloatArray
    storage: FloatArray
    working_capital: FloatArray
    capacity: FloatArray

    @classmethod
    def none(cls, problem: OrderProblem) -> Self:
        """Return tables of zeros."""
        zero = np.zeros(problem.periods)
        return cls(zero, zero, zero, np.zeros((problem.suppliers, problem.periods)))


class ShadowPrices(_ByLimit):
    """Money saved per unit of more room: per money of budget or capital, volume of storage, unit of capacity.

    Near the plan, and for each limit and period by itself. Missing where what more would save is not known.
    """

    @classmethod
    def unknown(cls, problem: OrderProblem) -> Self:
        """Return prices that nothing is known of."""
        none = np.full(problem.periods, np.nan)
        return cls(none, none, none, np.full((problem.suppliers, problem.periods), np.nan))


class MoreRoom(_ByLimit):
    """By how much each limit must be larger to save what its shadow price says, in units of the limit.

    Zero where there is no price.
    """


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
