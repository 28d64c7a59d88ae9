"""The exception of an overall service target that is out of reach: what is reached, and which items hold it back."""

from __future__ import annotations

import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.plan.columns import EXCEPTIONS
from invopt_xl.plan.explain import percent
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.service_goals import OverallService

NAMED = 3
"""Items named in one message."""


def goal_exceptions(items: pd.DataFrame, overall: OverallService | None) -> pd.DataFrame:
    """Return the exception of an overall service target out of reach; none with another goal, or where it is met.

    Parameters
    ----------
    items
        The planned items.
    overall
        What the overall goal gives; None with another goal.
    """
    rows = []
    if overall is not None and not overall.in_reach:
        message = f"the overall service target of {percent(overall.target, 2)} is missed: {missed(items, overall)}"
        action = "Ask for more frequent or faster deliveries, or a longer shelf life, of these; or lower the target."
        rows.append(("warning", "", "", "", "target out of reach", message, 0.0, action))
    return pd.DataFrame(rows, columns=EXCEPTIONS.column_names)


def missed(items: pd.DataFrame, overall: OverallService) -> str:
    """Return in words what is reached of an overall target out of reach, and which items hold it back most.

    Parameters
    ----------
    items
        The planned items with ``cut_to_shelf_life``, ``expected_fill_rate`` and ``overall_weight``.
    overall
        What the overall goal gives.
    """
    lacking = items["overall_weight"] * (overall.target - items["expected_fill_rate"])
    lacking = lacking[items["cut_to_shelf_life"].astype(bool) & (lacking > 0)].sort_values(ascending=False)
    reached = f"{percent(overall.service, 1)} is reached"
    if not len(lacking):
        return reached
    names = pd.Series(item_names(items), index=items.index)[lacking.index[:NAMED]].tolist()
    told = names if len(lacking) <= NAMED else [*names, f"{len(lacking) - NAMED:,} more"]
    keep = "keeps" if len(lacking) == 1 else "keep"
    return (
        f"{reached}, as {counted(len(lacking), 'item')} {keep} too short a time to be held for more ({', '.join(told)})"
    )
