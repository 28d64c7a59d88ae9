"""A few suppliers planned anew while all else stays: within what the others leave of shared limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from invopt_xl.optimise.accounting import arrivals, simulate
from invopt_xl.optimise.discounts import best_savings
from invopt_xl.optimise.groundwork import Groundwork, money_ordered, part_of, prepare
from invopt_xl.optimise.terms import FloatArray, IntArray


def neighbourhood(work: Groundwork, quantity: FloatArray, suppliers: IntArray) -> tuple[Groundwork, IntArray]:
    """Return the problem of the items of some suppliers, with what these items get from others as they get it.

    Also returns the numbers of its sources in the whole problem. Items that units are sent from or to keep all their
    orders: others hold to these.

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
    moved = problem.transfer & (quantity > 0).any(axis=1)
    stays = ~chosen | np.isin(problem.source_item, [*problem.source_item[moved], *problem.origin[moved]])
    kept = np.flatnonzero(own & ~problem.transfer)
    others = quantity.copy()
    others[kept] = 0.0
    flow = simulate(problem, quantity)
    rest = np.ones(problem.items, dtype=bool)
    rest[items] = False
    given = problem.only(kept)
    view = replace(
        given,
        replacement_cost=problem.unit_value - best_savings(problem),  # with the transfers that are left out
        # What stays is as if the planner had ordered it.
        fixed_quantity=np.where(stays[kept][:, None], quantity[kept], given.fixed_quantity),
        # Where more leaves than arrives nothing arrives: such items stay as they are.
        scheduled_receipts=np.where(rest[:, None], 0.0, np.maximum(arrivals(problem, others), 0.0)),
        budget=np.maximum(problem.budget - money_ordered(problem, others), 0.0),
        storage_volume=np.maximum(work.storage - problem.unit_volume[rest] @ flow.available[rest], 0.0),
        working_capital=np.maximum(work.working_capital - problem.unit_value[rest] @ flow.stock[rest], 0.0),
    )
    part, sources = part_of(view, items)
    return prepare(part), kept[sources]
