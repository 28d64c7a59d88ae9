"""The rows of the master programme: their numbers, their limits, and variables with entries in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from invopt_xl.optimise.solvers import Columns
from invopt_xl.optimise.terms import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Rows:
    """Numbers of the master's rows, -1 where there is none, and their limits.

    Parameters
    ----------
    item
        One plan for each item, shape (items,).
    line
        Lines need their order, by source, mode and period.
    least, most
        Orders' minimum value and capacity, by supplier, mode and period.
    one
        At most one mode for each order, by supplier and period.
    count
        Number of a supplier's orders, by supplier.
    moved
        What a transfer brings is what it takes, by source and period.
    budget, storage, working_capital
        By period.
    lower, upper
        Limits of all rows.
    """

    item: IntArray
    line: IntArray
    least: IntArray
    most: IntArray
    one: IntArray
    count: IntArray
    moved: IntArray
    budget: IntArray
    storage: IntArray
    working_capital: IntArray
    lower: FloatArray
    upper: FloatArray

    @staticmethod
    def dual(duals: FloatArray, table: IntArray) -> FloatArray:
        """Return the duals of a table of rows, zero where there is none."""
        return np.where(table >= 0, duals[np.maximum(table, 0)], 0.0)


class Numbering:
    """Gives rows their numbers."""

    def __init__(self) -> None:
        self.lower: list[FloatArray] = []
        self.upper: list[FloatArray] = []
        self.count = 0

    def add(self, there: BoolArray, lower: FloatArray | float, upper: FloatArray | float) -> IntArray:
        """Return a row's number wherever there is one."""
        numbers = np.full(there.shape, -1)
        numbers[there] = self.count + np.arange(int(there.sum()))
        self.count += int(there.sum())
        for limits, limit in ((self.lower, lower), (self.upper, upper)):
            limits.append(np.broadcast_to(limit, there.shape)[there].astype(float))
        return numbers


def columns_of(
    cost: FloatArray, upper: FloatArray, parts: list[tuple[IntArray, IntArray, FloatArray]], rows: int
) -> Columns:
    """Return variables from their entries: rows, columns and values."""
    row, column, value = (np.concatenate(every) for every in zip(*parts, strict=True))
    table = sparse.coo_array((value.astype(float), (row, column)), shape=(rows, len(cost))).tocsc()
    table.eliminate_zeros()
    return Columns(
        np.asarray(cost, dtype=float), upper, table.indptr.astype(np.int64), table.indices.astype(np.int64), table.data
    )
