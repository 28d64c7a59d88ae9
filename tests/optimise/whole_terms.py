"""What the whole model takes as given of a problem, written once more: nothing here is from where plans are made."""

from __future__ import annotations

import math

import numpy as np

from invopt_xl.optimise import OrderProblem
from invopt_xl.optimise.terms import FloatArray


def given_back(problem: OrderProblem) -> list[float]:
    """Return by item what each unit left above the floor takes off: its worth less the least it could have cost.

    Where nothing can change an item's stock nothing is given back.
    """
    cheapest = [float(worth) for worth in np.minimum(problem.unit_value, problem.replacement_cost)]
    for source in np.flatnonzero(problem.origin < 0).tolist():
        rate = max((_rate(problem, number, source) for number in range(len(problem.discounts))), default=0.0)
        item = int(problem.source_item[source])
        cheapest[item] = min(cheapest[item], (1.0 - rate) * float(problem.unit_cost[source].min()))
    changed = True
    while changed:
        changed = False
        for source in np.flatnonzero(problem.origin >= 0).tolist():
            item, moved = int(problem.source_item[source]), float(problem.unit_cost[source].min())
            if cheapest[int(problem.origin[source])] + moved < cheapest[item] - 1e-9:
                cheapest[item], changed = cheapest[int(problem.origin[source])] + moved, True
    able = {item for source in range(problem.sources) for item in _changed_by(problem, source)}
    return [float(problem.unit_value[item]) - cheapest[item] if item in able else 0.0 for item in range(problem.items)]


def _rate(problem: OrderProblem, number: int, source: int) -> float:
    one = problem.discounts[number]
    uncounted = one.kind == "incremental" and one.from_value is not None and one.item is not None
    mine = one.supplier == problem.supplier[source] and one.item in (None, int(problem.source_item[source]))
    return one.rate if mine and not uncounted else 0.0


def _changed_by(problem: OrderProblem, source: int) -> list[int]:
    """Return the items whose stock a source can change within the horizon."""
    if problem.frozen_periods + int(problem.lead_time_periods[source]) >= problem.periods:
        return []
    return [one for one in (int(problem.source_item[source]), int(problem.origin[source])) if one >= 0]


def paid_for_a_unit(problem: OrderProblem, source: int, period: int) -> float:
    """Return what a unit of a source adds to the total: its cost and likely lateness, less what it is worth more."""
    worth = float(problem.unit_value[int(problem.source_item[source])])
    origin = int(problem.origin[source])
    before = float(problem.unit_value[origin]) if origin >= 0 else 0.0
    return float(problem.unit_cost[source, period]) + float(problem.lateness_cost[source]) + before - worth


def sells_within_life(problem: OrderProblem, item: int, period: int) -> float:
    """Return the units that sell within shelf life from a period on; after the horizon as many as on average."""
    life = float(problem.shelf_life_periods[item])
    life = max(life if period == 0 else life - float(problem.age_on_arrival[item]), 1.0)
    if math.isinf(life):
        return math.inf
    usual = float(problem.demand[item].mean())
    ahead = [*problem.demand[item, period:].tolist(), *([usual] * math.ceil(life))]
    return float(sum(units * min(max(life - number, 0.0), 1.0) for number, units in enumerate(ahead)))


def without_orders(problem: OrderProblem) -> tuple[FloatArray, FloatArray]:
    """Return what is left and what is short, by item and period, with the planner's orders alone."""
    left, short = np.zeros_like(problem.demand), np.zeros_like(problem.demand)
    for item in range(problem.items):
        stock = float(problem.on_hand[item])
        for period in range(problem.periods):
            stock += float(problem.scheduled_receipts[item, period]) + _moved(problem, item, period)
            stock = min(stock, sells_within_life(problem, item, period)) - float(problem.demand[item, period])
            left[item, period], short[item, period] = max(stock, 0.0), max(-stock, 0.0)
            stock = left[item, period] if problem.shortage == "lost" else stock
    return left, short


def _moved(problem: OrderProblem, item: int, period: int) -> float:
    """Return the planner's own units that arrive in a period, less those that leave."""
    units = 0.0
    for source in range(problem.sources):
        fixed, ordered = problem.fixed_quantity[source], period - int(problem.lead_time_periods[source])
        if problem.source_item[source] == item and ordered >= 0 and not math.isnan(fixed[ordered]):
            units += float(fixed[ordered])
        if problem.origin[source] == item and not math.isnan(fixed[period]):
            units -= float(fixed[period])
    return units
