"""What the plan would order if the planner had not decided otherwise."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.cache import ContentCache
from invopt_xl.domain import Progress
from invopt_xl.optimise.terms import FloatArray
from invopt_xl.plan import orders
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.parameters import Parameters


def plan_without_overrides(
    items: pd.DataFrame,
    mean: FloatArray,
    tables: Tables,
    parameters: Parameters,
    sources: pd.DataFrame,
    *,
    cache: ContentCache | None,
    progress: Progress,
) -> orders.Planned:
    """Return the plan that is made if no override counts.

    It is a plan of its own, within ``solver_gap`` of the cheapest and in ``solver_seconds`` at most; the refresh before
    the first override has usually left it in the cache.

    Parameters
    ----------
    items, mean, tables, parameters, sources
        As `orders.order_problem` takes them.
    cache, progress
        As in `pipeline.run`.
    """
    free = items.assign(override=np.nan)
    problem = orders.order_problem(free, mean, tables, parameters, sources)
    effort = orders.Effort(parameters.solver_seconds, parameters.solver_gap)
    return orders.plan_problem(problem, sources, effort, cache=cache, progress=progress)


def with_proposals(items: pd.DataFrame, free: orders.Planned) -> pd.DataFrame:
    """Return the items with what would be ordered of them without overrides.

    Parameters
    ----------
    items
        The planned items, with the planner's ``override_period``.
    free
        The plan without overrides; the plan itself where there are none.

    Returns
    -------
    DataFrame
        The items with ``proposed_quantity`` (units from all suppliers, transfers apart, from now up to and including
        the period of the item's override) and ``proposed_period`` (the first of these with an order; missing where
        there is none).
    """
    bought = free.problem.sum_by_item(free.bought)
    until = items["override_period"].fillna(0.0).to_numpy(dtype=np.int64)
    within = np.where(np.arange(bought.shape[1]) <= until[:, None], bought, 0.0)
    first = np.where(within.any(axis=1), (within > 0).argmax(axis=1), np.nan)
    return items.assign(proposed_quantity=within.sum(axis=1), proposed_period=first)
