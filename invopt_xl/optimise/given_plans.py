"""A plan of all items as one plan of each, for a master that knows better ones later."""

from __future__ import annotations

import numpy as np

from invopt_xl.optimise.item_plans import ItemPlanner
from invopt_xl.optimise.line_prices import ItemPlans
from invopt_xl.optimise.master import Structure
from invopt_xl.optimise.terms import FloatArray, IntArray


def given_plans(structure: Structure, planner: ItemPlanner, quantity: FloatArray) -> ItemPlans:
    """Return a plan as one of each item, its orders in their best modes."""
    work, problem = structure.work, structure.work.problem
    own = np.where(work.can_order, quantity - work.fixed, 0.0)
    mode = np.zeros(own.shape, dtype=np.int64)
    saved = np.zeros(own.shape)
    for supplier, modes in enumerate(structure.modes):
        rows = np.flatnonzero(problem.supplier == supplier)
        won = [_won(planner, (rows, own[rows]), problem.unit_cost, number) for number in range(len(modes))]
        value = (problem.unit_cost[rows] * own[rows]).sum(axis=0)
        cost = np.array([one.cost - lines.sum(axis=0) for one, lines in zip(modes, won, strict=True)])
        reached = np.array([value >= one.minimum * (1 - 1e-9) for one in modes])
        reached[0] = True
        best = np.where(reached, cost, np.inf).argmin(axis=0)
        mode[rows] = best
        saved[rows] = np.take_along_axis(np.stack(won), best[None, None, :], axis=0)[0]
    sent = np.where(problem.transfer[:, None], own, 0.0)
    return ItemPlans(np.zeros(problem.items), own, sent, mode, np.where(own > 0, saved, 0.0))


def _won(planner: ItemPlanner, lines: tuple[IntArray, FloatArray], unit_cost: FloatArray, mode: int) -> FloatArray:
    """Return what lines win in a mode."""
    rows, quantity = lines
    best = np.zeros_like(quantity)
    for place, source in enumerate(rows.tolist()):
        for option in planner.options.get(source, {}).get(mode, ()):
            reached = quantity[place] >= option.threshold * (1 - 1e-9)
            gain = unit_cost[source] * (option.rate * quantity[place] - option.constant)
            best[place] = np.maximum(best[place], np.where(reached, gain, 0.0))
    return best
