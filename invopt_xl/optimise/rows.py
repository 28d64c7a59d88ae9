"""Collects variables and rows of a linear model as arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from invopt_xl.optimise.problem import FloatArray, IntArray
from invopt_xl.optimise.solvers import LinearModel

Numbers = float | FloatArray


class Rows:
    """A linear model under construction; variables and rows are numbered as they come."""

    def __init__(self) -> None:
        self.offset = 0.0
        self._variables: list[tuple[npt.NDArray[np.generic], ...]] = []
        self._limits: list[tuple[FloatArray, FloatArray]] = []
        self._terms: list[tuple[IntArray, IntArray, FloatArray]] = []
        self._columns = 0
        self._rows = 0

    def variables(
        self,
        count: int,
        *,
        cost: Numbers = 0.0,
        lower: Numbers = 0.0,
        upper: Numbers = np.inf,
        integer: bool | npt.NDArray[np.bool_] = False,
    ) -> IntArray:
        """Add variables; return their numbers."""
        columns = (np.broadcast_to(np.asarray(part), count) for part in (cost, lower, upper, integer))
        self._variables.append(tuple(columns))
        self._columns += count
        return np.arange(self._columns - count, self._columns)

    def rows(self, count: int, lower: Numbers, upper: Numbers) -> IntArray:
        """Add rows without terms; return their numbers."""
        self._limits.append(
            (np.broadcast_to(np.asarray(lower, float), count), np.broadcast_to(np.asarray(upper, float), count))
        )
        self._rows += count
        return np.arange(self._rows - count, self._rows)

    def terms(self, row: IntArray, column: IntArray, value: Numbers) -> None:
        """Add a term to each of the rows."""
        self._terms.append((row, column, np.broadcast_to(np.asarray(value, float), len(row))))

    def model(self) -> LinearModel:
        """Return the model without rows that bind nothing, and without the terms of variables that can only be zero.

        Such variables stay, so that numbers do not change; their factors may be of any size.
        """
        cost, lower, upper, integer = (np.concatenate(parts) for parts in zip(*self._variables, strict=True))
        low, high = (np.concatenate(parts) for parts in zip(*self._limits, strict=True))
        row, column, value = (np.concatenate(parts) for parts in zip(*self._terms, strict=True))
        counts = ((lower != 0) | (upper != 0))[column]
        row, column, value = row[counts], column[counts], value[counts]
        filled = np.zeros(self._rows, dtype=bool)
        filled[row] = True
        filled |= (low > 0) | (high < 0)  # a row that cannot hold is not left out
        filled &= np.isfinite(low) | np.isfinite(high)
        number = np.cumsum(filled) - 1
        keep = filled[row]
        order = np.argsort(row[keep], kind="stable")
        count = np.bincount(number[row[keep]], minlength=int(filled.sum()))
        return LinearModel(
            cost=cost.astype(float),
            lower=lower.astype(float),
            upper=upper.astype(float),
            integer=integer.astype(bool),
            starts=np.concatenate(([0], np.cumsum(count))),
            columns=column[keep][order],
            values=value[keep][order].astype(float),
            row_lower=low[filled],
            row_upper=high[filled],
            offset=self.offset,
        )
