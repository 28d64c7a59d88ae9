"""A few suppliers planned anew while all else stays: within what the others leave of shared limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from invopt_xl.optimise.accounting import arrivals, simulate
from invopt_xl.optimise.groundwork import Groundwork, money_ordered, part_of, prepare
from invopt_xl.optimise.terms import FloatArray, IntArray


def neighbourhood(work: Groundwork, quantity: FloatArray, suppliers: IntArray) -> tuple[Groundwork, IntArray] | None:
    """Return the problem of the items of some suppliers, with what these items get from others as they get it.

    Also returns the numbers of its sources in the whole problem. None if items hand on units to other locations, for
    these would have to follow.

    Parameters
    ----------
    work
        The whole problem.
    quantity
        The plan that the others keep to.
    suppliers
        Whose orders are planned anew.
    """
    problem = work.problem
    chosen = np.isin(problem.supplier, suppliers)
    items = np.unique(problem.source_item[chosen])
    own = np.isin(problem.source_item, items)
    moved = problem.transfer & (own | np.isin(problem.origin, items))
    if (quantity[moved] > 0).any():
        return None
    kept = np.flatnonzero(own & ~problem.transfer)
    others = quantity.copy()
    others[kept] = 0.0
    flow = simulate(problem, quantity)
    rest = np.ones(problem.items, dtype=bool)
    rest[items] = False
    given = problem.only(kept)
    # What the items get from other suppliers stays as if the planner had ordered it.
    stays = ~chosen[kept]
    view = replace(
        given,
        fixed_quantity=np.where(stays[:, None], quantity[kept], given.fixed_quantity),
        # Others are left out in the end; what they send on would be arrivals below zero.
        scheduled_receipts=np.where(rest[:, None], 0.0, arrivals(problem, others)),
        budget=np.maximum(problem.budget - money_ordered(problem, others), 0.0),
        storage_volume=np.maximum(work.storage - problem.unit_volume[rest] @ flow.available[rest], 0.0),
        working_capital=np.maximum(work.working_capital - problem.unit_value[rest] @ flow.stock[rest], 0.0),
    )
    part, sources = part_of(view, items)
    return prepare(part), kept[sources]
