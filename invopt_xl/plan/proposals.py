"""What the plan would order if the planner had not decided otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from invopt_xl.cache import ContentCache
from invopt_xl.domain import Progress
from invopt_xl.optimise import OrderProblem
from invopt_xl.optimise.terms import FloatArray
from invopt_xl.plan import orders
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.explain import amount
from invopt_xl.plan.keys import item_names
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


def with_changes_told(items: pd.DataFrame, problem: OrderProblem) -> pd.DataFrame:
    """Return the items, those whose order is another because of overrides of other items saying so in ``why``.

    Told of are orders that share something with an overridden item: a limit of the whole plan, a supplier whose
    capacity, minimum, order cost or discount is for all it delivers, or the stock of another location. The plan without
    overrides is one of its own: where nothing is shared, a difference has another cause.

    Parameters
    ----------
    items
        The planned items with ``proposed_quantity``, ``order_quantity`` and ``why``.
    problem
        What the orders have to respect.
    """
    decisive = _decisive_overrides(items)
    now, proposed = items["order_quantity"].tolist(), items["proposed_quantity"].tolist()
    free = items["override"].isna().tolist()
    words = [(amount(before), amount(after)) for before, after in zip(proposed, now, strict=True)]
    changed = [row for row, (before, after) in enumerate(words) if decisive and free[row] and before != after]
    names, why = item_names(items), items["why"].tolist()
    for row, others in _sharing(changed, decisive, problem).items():
        several = f" and {len(others) - 1:,} more change" if len(others) > 1 else " changes"
        who = f"the override{'s' if len(others) > 1 else ''} of {names[others[0]]}{several}"
        before, after = words[row]
        why[row] = f"{why[row].removesuffix('.')}; {who} this order from {before} to {after}."
    return items.assign(why=why)


def _decisive_overrides(items: pd.DataFrame) -> list[int]:
    """Return the rows whose override is another order than was proposed, those of most money first."""
    change = (items["override"] - items["proposed_quantity"]).abs()
    moved = items["override_period"] != items["proposed_period"].fillna(0.0)
    decisive = items["override"].notna() & ((change > 0) | (moved & (items["override"] > 0)))
    order = np.argsort(-(change * items["unit_cost"]).fillna(0.0).to_numpy(), kind="stable")
    return [int(row) for row in order if decisive.iloc[row]]


def _sharing(changed: Iterable[int], decisive: list[int], problem: OrderProblem) -> Mapping[int, list[int]]:
    """Return for each changed row the overridden ones that it shares something with; the others are left out."""
    if any(np.isfinite(limit).any() for limit in (problem.budget, problem.storage_volume, problem.working_capital)):
        return dict.fromkeys(changed, decisive)
    common = _common_suppliers(problem)
    sources: dict[int, list[int]] = {}
    for source, row in enumerate(problem.source_item.tolist()):
        sources.setdefault(row, []).append(source)
    found = {}
    for row in changed:
        suppliers = {int(problem.supplier[source]) for source in sources[row]} & common
        places = {int(problem.origin[source]) for source in sources[row]}
        others = [
            other
            for other in decisive
            # The first sources are the items' own suppliers, and only from these an override is ordered.
            if int(problem.supplier[other]) in suppliers
            or other in places
            or any(problem.origin[source] == row for source in sources[other])
        ]
        if others:
            found[row] = others
    return found


def _common_suppliers(problem: OrderProblem) -> set[int]:
    """Return the suppliers with terms for all that they deliver together."""
    bound = np.isfinite(problem.capacity_units).any(axis=1)
    bound |= (problem.minimum_order_value > 0) | (problem.supplier_order_cost > 0)
    common = set(np.flatnonzero(bound).tolist())
    return common | {discount.supplier for discount in problem.discounts if discount.item is None}
