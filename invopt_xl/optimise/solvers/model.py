"""A linear model as plain arrays, and what a solver found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.terms import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class LinearModel:
    """A mixed-integer linear model, minimised: rows ``low <= A x <= high`` in compressed sparse form.

    Parameters
    ----------
    cost, lower, upper
        Per variable.
    integer
        Which variables are whole numbers.
    starts, columns, values
        The rows' entries: row r has ``columns[starts[r]:starts[r + 1]]``.
    row_lower, row_upper
        Per row; infinities where open.
    offset
        Added to the objective.
    """

    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    integer: BoolArray
    starts: IntArray
    columns: IntArray
    values: FloatArray
    row_lower: FloatArray
    row_upper: FloatArray
    offset: float = 0.0

    def only(self, keep: BoolArray) -> LinearModel:
        """Return the model of some of the variables, the others at zero."""
        number = np.cumsum(keep) - 1
        row = np.repeat(np.arange(len(self.row_lower)), np.diff(self.starts))
        kept = keep[self.columns]
        count = np.bincount(row[kept], minlength=len(self.row_lower))
        return LinearModel(
            cost=self.cost[keep],
            lower=self.lower[keep],
            upper=self.upper[keep],
            integer=self.integer[keep],
            starts=np.concatenate(([0], np.cumsum(count))),
            columns=number[self.columns[kept]],
            values=self.values[kept],
            row_lower=self.row_lower,
            row_upper=self.row_upper,
            offset=self.offset,
        )


@dataclass(frozen=True, eq=False)
class Solution:
    """What a solver found.

    Parameters
    ----------
    values
        Of the variables, or None if no feasible solution was found.
    bound
        Proven lower bound of the objective; minus infinity if nothing was proven.
    finished
        The solver met its gap before its time limit.
    solver
        Its name.
    duals
        Of the rows of a linear model, where the solver gives them: change of the objective per unit of a row's limit.
    """

    values: FloatArray | None
    bound: float
    finished: bool
    solver: str
    duals: FloatArray | None = None
