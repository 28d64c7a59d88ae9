"""Why items are short in a plan, where no limit that holds all orders back says it."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from invopt_xl.optimise import reason_short
from invopt_xl.plan.orders.dating import dated
from invopt_xl.plan.orders.planned import Planned
from invopt_xl.plan.parameters import Parameters

MOST_EXPLAINED = 150
"""Items whose shortage is looked into, those of most money first: each takes some milliseconds."""

_TOO_LATE = "no order can arrive before"
_FROZEN = "orders are frozen before"
_DEARER = "more than it saves"
_UNFOUND = "which a longer search may find"
_KINDS = (_TOO_LATE, _FROZEN, _DEARER, _UNFOUND, "no room for it")
"""What each kind of reason has in its words; others are of their own."""


def short_reasons(planned: Planned, which: npt.NDArray[np.bool_], parameters: Parameters) -> list[str]:
    """Return for each item why it is short, or below its safety stock; empty where it is not asked, or neither.

    The reason is that of the first such period which an order now could reach; of earlier ones where there is no other.

    Parameters
    ----------
    planned
        The order plan.
    which
        The items to look into.
    parameters
        For the dates of periods.
    """
    problem, found = planned.problem, [""] * planned.problem.items
    within = slice(problem.told_periods)
    below = np.maximum(problem.safety_stock[:, None] - planned.plan.stock[:, within], 0.0).sum(axis=1)
    worth = planned.plan.short[:, within].sum(axis=1) * problem.shortage_cost + below * problem.floor_penalty
    asked = np.flatnonzero(which)
    for item in asked[np.argsort(-worth[asked], kind="stable")][:MOST_EXPLAINED].tolist():
        soonest = int(problem.lead_time_periods[problem.source_item == item].min(initial=problem.periods))
        told = why_short(planned, item, soonest, parameters)
        found[item] = told or why_short(planned, item, 0, parameters)
    return found


def why_short(planned: Planned, item: int, since: int, parameters: Parameters) -> str:
    """Return why an item is short, or below its safety stock, from a period on; empty if it is not."""
    told = reason_short(planned.problem, planned.plan.quantity, item, since=since)
    reason = re.sub(rf"^{re.escape(planned.problem.item_names[item])} is .*? from period \d+: ", "", told)
    return dated(re.sub(r"^(an? (?:larger )?order.*?) in period 0\b", r"\1 now", reason), parameters)


def kind_of_reason(reason: str) -> str:
    """Return what a reason is about, the same for all of its kind.

    Examples
    --------
    >>> kind_of_reason("the budget of period 2 leaves no room for it")
    'no room for it'
    """
    return next((kind for kind in _KINDS if kind in reason), reason)


def named_by_calendar(reason: str) -> bool:
    """Return whether a reason is that orders are frozen, or come too late: no minimum is at fault then."""
    return _FROZEN in reason or _TOO_LATE in reason


def is_frozen(reason: str) -> bool:
    """Return whether a reason is that orders are frozen."""
    return _FROZEN in reason


def speaks_against_orders(reason: str) -> bool:
    """Return whether a reason says why nothing is ordered: that orders come too late for some time does not.

    Examples
    --------
    >>> speaks_against_orders("no order can arrive before the week from 15 Jan 2018")
    False
    """
    return bool(reason) and _TOO_LATE not in reason


def advice_when_short(reason: str) -> str:
    """Return what to do about an item that is short for a reason.

    Examples
    --------
    >>> advice_when_short("an order in the week from 8 Jan 2018 would cost 7 more than it saves")
    'Order by override if it must not run out.'
    """
    if _TOO_LATE in reason:
        return "Ask for earlier delivery, or offer a substitute."
    if _UNFOUND in reason:
        return "Order by override, or give the plan more solver_seconds."
    if _DEARER in reason:
        return "Order by override if it must not run out."
    return "See why in the plan; order by override if it must not run out."
