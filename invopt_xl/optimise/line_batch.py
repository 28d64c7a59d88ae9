"""Lines of one period tried at once, with the problem of their items alone."""

from __future__ import annotations

import numpy as np

from invopt_xl.optimise.groundwork import part_of
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import FloatArray, IntArray


class LineBatch:
    """Lines of one period, one of each item at most, with the problem of their items alone.

    Parameters
    ----------
    problem
        The whole one.
    quantity
        The plan, units by source and period.
    source, period
        The lines.
    """

    def __init__(self, problem: OrderProblem, quantity: FloatArray, source: IntArray, period: int) -> None:
        self.source, self.period = source, period
        self.later = _next_line(quantity, source, period)
        items = np.unique(problem.source_item[source])
        self.part, kept = problem, np.arange(problem.sources)
        if not problem.transfer.any() and 2 * len(items) < problem.items:
            self.part, kept = part_of(problem, items)
        self.quantity = quantity[kept]
        self.row = np.searchsorted(kept, source)
        self.item = self.part.source_item[self.row]

    def trial(self, units: FloatArray, cut: FloatArray) -> FloatArray:
        """Return the plan of these items with lines larger by some units, and what comes next cut."""
        trial = self.quantity.copy()
        trial[self.row, self.period] += units
        trial[self.row, self.later] -= cut
        return trial


def _next_line(quantity: FloatArray, source: IntArray, period: int) -> IntArray:
    """Return the period of each source's next line; the period itself where there is none."""
    after = quantity[source, period + 1 :] > 0
    if not after.shape[1]:
        return np.full(len(source), period)
    return np.where(after.any(axis=1), period + 1 + after.argmax(axis=1), period)
