"""What is on its way: open orders by the source that delivers them, and when orders are due."""

from __future__ import annotations

import numpy as np

from invopt_xl.errors import require
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import TOLERANCE, FloatArray, IntArray


def due_periods(problem: OrderProblem, due: IntArray | None) -> IntArray:
    """Return in which period what is ordered is due, by source and order period, never after it arrives."""
    arrival: IntArray = np.arange(problem.periods) + problem.lead_time_periods[:, None]
    if due is None:
        return arrival
    require(due.shape == arrival.shape, "due", f"of shape {due.shape}", f"sources by periods, {arrival.shape}")
    return np.minimum(due, arrival)


def open_orders(problem: OrderProblem, receipts: FloatArray | None) -> FloatArray:
    """Return the open orders whose source is known, units by source and period; given as `disrupted` takes them."""
    shape = (problem.sources, problem.periods)
    if receipts is None:
        bought = np.flatnonzero(~problem.transfer)
        suppliers: dict[int, set[int]] = {}
        for source in bought.tolist():
            suppliers.setdefault(int(problem.source_item[source]), set()).add(int(problem.supplier[source]))
        known = np.zeros(shape)
        for source in bought[::-1].tolist():
            item = int(problem.source_item[source])
            if len(suppliers[item]) == 1:
                known[bought[problem.source_item[bought] == item]] = 0.0
                known[source] = problem.scheduled_receipts[item]
        return known
    table = np.array(receipts, dtype=np.float64)
    fits = table.shape == shape and bool((np.isfinite(table) & (table >= 0)).all())
    require(fits, "receipts by source", f"of shape {table.shape}", f"units, zero or more, of shape {shape}")
    beyond = (problem.sum_by_item(table) > problem.scheduled_receipts * (1 + TOLERANCE) + TOLERANCE).any(axis=1)
    for item in np.flatnonzero(beyond).tolist():
        name = f"receipts by source of {problem.item_names[item]}"
        require(False, name, "more than its open orders", "no more in any period")
    return table
