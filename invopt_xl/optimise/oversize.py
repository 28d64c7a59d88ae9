"""Orders so large that they cost more than they can ever save: what the search is spared, proven."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from invopt_xl.optimise.accounting import Flow, account
from invopt_xl.optimise.discounts import best_savings
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray

BEYOND_ALL_NEED = 100.0
"""Times all that is needed within the horizon up to which an order is left to the search."""

SMALL_ORDER = 1000.0
"""Units up to which a line is left to the search whatever the need: no number to worry about."""


def needed_at_all(problem: OrderProblem) -> FloatArray:
    """Return by item the units that demand of the horizon and the floor ask for."""
    return np.asarray(problem.demand.sum(axis=1) + problem.safety_stock)


def least_by_item(problem: OrderProblem, fixed: FloatArray, flow: Flow) -> FloatArray:
    """Return by item what every plan adds to the total at least, money: what no order changes, less every saving.

    A unit saves at most `best_savings` on its way in, and gives as much back if it is left above the floor or thrown
    away. So only what is sold, kept as a floor, or ordered by the planner saves anything.
    """
    wanted = needed_at_all(problem) + problem.sum_by_item(fixed).sum(axis=1) + flow.short.max(axis=1)
    return np.asarray(account(problem, fixed, flow).unavoidable - best_savings(problem) * wanted)


def oversized_lines(problem: OrderProblem, fixed: FloatArray, flow: Flow, smallest: FloatArray) -> BoolArray:
    """Return by source whether its smallest line is far beyond all need, and costs more than orders can save.

    What is not sold stands there at the end of the last period at least, or is thrown away. A plan that costs more for
    that than all orders could save is dearer than one without an order, of all items that share its supplier.
    """
    item = problem.source_item
    large = smallest > np.maximum(BEYOND_ALL_NEED * needed_at_all(problem)[item], SMALL_ORDER)
    if not large.any():
        return large
    unsold = np.maximum(smallest - problem.demand.sum(axis=1)[item], 0.0) * _unsold_cost(problem)[item]
    return np.asarray(large & (unsold > _savable(problem, fixed, flow)[item]))


def oversized_orders(problem: OrderProblem, fixed: FloatArray, flow: Flow) -> BoolArray:
    """Return by supplier whether an order of its minimum value is far beyond all need, and costs more than it can save.

    Beyond all that is sold it would be filled with what costs least to keep for its price.
    """
    price, bought = problem.unit_cost.max(axis=1), np.flatnonzero(problem.supplier >= 0)
    lines = np.maximum(BEYOND_ALL_NEED * needed_at_all(problem), SMALL_ORDER)[problem.source_item]
    large = problem.minimum_order_value > problem.sum_by_supplier(price * lines)
    if not large.any():
        return large
    demand, cost = problem.demand.sum(axis=1)[problem.source_item], _unsold_cost(problem)[problem.source_item]
    rate, savable = np.full(problem.suppliers, np.inf), np.zeros(problem.suppliers)
    owner = problem.supplier[bought]
    np.minimum.at(rate, owner, cost[bought] / np.maximum(price[bought], 1e-300))
    np.maximum.at(savable, owner, _savable(problem, fixed, flow)[problem.source_item[bought]])
    unsold = np.maximum(problem.minimum_order_value - problem.sum_by_supplier(price * demand), 0.0)
    return np.asarray(large & (rate > 0) & (unsold > savable / np.maximum(rate, 1e-300)))


def _unsold_cost(problem: OrderProblem) -> FloatArray:
    """Return by item what a unit costs at least that is not sold, money: a period's holding, or its waste."""
    thrown = np.maximum(problem.unit_value - best_savings(problem), 0.0)
    spoils = np.isfinite(problem.shelf_life_periods)
    return np.asarray(np.where(spoils, np.minimum(problem.holding_cost, thrown), problem.holding_cost))


def _savable(problem: OrderProblem, fixed: FloatArray, flow: Flow) -> FloatArray:
    """Return by item what orders of all items that share its suppliers can save; no end where units are moved.

    Without transfers a plan without an order takes no more of any limit than others do, so there may always be one.
    """
    idle = account(problem, fixed, flow)
    served = np.flatnonzero(problem.supplier >= 0)
    ends = problem.source_item[served], problem.items + problem.supplier[served]
    size = problem.items + problem.suppliers
    graph = sparse.coo_array((np.ones(len(served)), ends), shape=(size, size))
    count, label = connected_components(graph, directed=False)
    saved = np.concatenate((idle.per_item - least_by_item(problem, fixed, flow), idle.supplier_order))
    moved = np.flatnonzero(problem.transfer)
    saved[problem.source_item[moved]] = saved[problem.origin[moved]] = np.inf
    total = np.bincount(label, np.maximum(saved, 0.0), minlength=count)
    return np.asarray(total[label][: problem.items] * (1 + TOLERANCE) + TOLERANCE)
