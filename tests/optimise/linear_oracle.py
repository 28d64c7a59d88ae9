"""The linear programme of a problem in which nothing is yes or no, built as arrays for scipy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from invopt_xl.optimise import OrderProblem

Floats = npt.NDArray[np.float64]
Columns = npt.NDArray[np.int64]


def cheapest_with_fractions(problem: OrderProblem) -> tuple[float, Floats]:
    """Return total and plan of what lots, minimums, order costs, discounts, floors and transfers leave alone.

    Variables: ordered, by source and period; then left, then short, each by item and period.
    """
    ordered = np.arange(problem.sources * problem.periods).reshape(problem.sources, problem.periods)
    left = ordered.size + np.arange(problem.demand.size).reshape(problem.demand.shape)
    short = left + left.size
    cost = np.zeros(int(short.max()) + 1)
    cost[ordered] = problem.unit_cost - problem.unit_value[problem.source_item][:, None]
    cost[left], cost[short] = problem.holding_cost[:, None], problem.shortage_cost[:, None]
    # With a unit bought below its worth, as much is given back for each that is left at the end.
    saved = problem.unit_value[problem.source_item] - problem.unit_cost.min(axis=1)
    for item in range(problem.items):
        cost[left[item, -1]] += max(0.0, saved[problem.source_item == item].max())
    most = np.full(len(cost), np.inf)
    late = np.arange(problem.periods) + problem.lead_time_periods[:, None] >= problem.periods
    most[ordered[late]] = 0.0
    if problem.shortage == "lost":
        most[short] = problem.demand
    balance, net = _balances(problem, ordered, left, short)
    shared, limits = _shared_limits(problem, ordered, len(cost))
    bounds = [(0.0, limit) for limit in most.tolist()]
    found = linprog(cost, shared, limits, balance, net, bounds, method="highs-ds")
    assert found.success
    return float(found.fun), found.x[ordered]


def _balances(problem: OrderProblem, ordered: Columns, left: Columns, short: Columns) -> tuple[Floats, Floats]:
    """Return rows that say: what is left less what is short is what was there and came, less demand."""
    rows = np.zeros((*problem.demand.shape, int(short.max()) + 1))
    net = problem.scheduled_receipts - problem.demand
    net[:, 0] += problem.on_hand
    for item in range(problem.items):
        for period in range(problem.periods):
            row = rows[item, period]
            row[left[item, period]], row[short[item, period]] = 1.0, -1.0
            if period:
                row[left[item, period - 1]] = -1.0
                row[short[item, period - 1]] = 1.0 if problem.shortage == "backorder" else 0.0
            for source in np.flatnonzero(problem.source_item == item):
                if period >= problem.lead_time_periods[source]:
                    row[ordered[source, period - problem.lead_time_periods[source]]] = -1.0
    return rows.reshape(net.size, -1), net.ravel()


def _shared_limits(problem: OrderProblem, ordered: Columns, size: int) -> tuple[Floats | None, Floats | None]:
    """Return the rows and limits of capacity and budget that there are."""
    rows, limits = [], []
    for period in range(problem.periods):
        for supplier in range(problem.suppliers):
            rows.append(np.zeros(size))
            rows[-1][ordered[problem.supplier == supplier, period]] = 1.0
            limits.append(problem.capacity_units[supplier, period])
        rows.append(np.zeros(size))
        rows[-1][ordered[:, period]] = problem.unit_cost[:, period]
        limits.append(problem.budget[period])
    kept = np.isfinite(limits)
    return (np.array(rows)[kept], np.array(limits)[kept]) if kept.any() else (None, None)
