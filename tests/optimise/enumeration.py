"""The cheapest of all plans, one after another: slow, and obvious."""

from __future__ import annotations

import itertools

import numpy as np

from invopt_xl.optimise import OrderProblem, check_plan


def cheapest_by_enumeration(problem: OrderProblem, most_plans: int = 3000) -> float:
    """Try every plan of up to so many lots a line that the checker accepts; infinite if it accepts none.

    The number of lots is such that no more than `most_plans` are tried, so the cheapest plan of all may be cheaper.
    """
    plan = np.nan_to_num(problem.fixed_quantity)
    open_lines = [
        (source, period)
        for source in range(problem.sources)
        for period in range(problem.frozen_periods, problem.periods - int(problem.lead_time_periods[source]))
        if np.isnan(problem.fixed_quantity[source, period])
    ]
    most_lots = int(most_plans ** (1 / max(len(open_lines), 1)) + 1e-9) - 1
    if most_lots < 1:
        return np.inf
    best = np.inf
    for lots in itertools.product(range(min(most_lots, 6) + 1), repeat=len(open_lines)):
        for (source, period), count in zip(open_lines, lots, strict=True):
            plan[source, period] = count * problem.lot_size[source]
        verdict = check_plan(problem, plan)
        if verdict.feasible:
            best = min(best, verdict.total)
    return best
