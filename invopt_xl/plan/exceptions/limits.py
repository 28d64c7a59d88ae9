"""Exceptions of the order plan: what limits, minimums and the planner's own orders withhold or force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from invopt_xl.optimise import Shortfall
from invopt_xl.plan.columns import EXCEPTIONS
from invopt_xl.plan.exceptions.signals import SPOILAGE
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.orders import Planned
from invopt_xl.plan.orders.dating import dated
from invopt_xl.plan.parameters import Parameters

_ADVICE = {
    "budget": "Raise the budget, or accept the shortage of what is worth least.",
    "storage": "Find more room, ask for smaller and later deliveries, or accept the shortage.",
    "working capital": "Raise the ceiling, sell what is in excess, or accept less stock.",
    "capacity": "Ask {subject} for more, name a further supplier in tblSources, or accept the shortage.",
    "maximum": "Order more by override, if that much is right.",
    "frozen": "Order by override, or make frozen_periods less.",
    "shelf life": "Ask for a smaller lot or minimum, or accept the waste.",
    "override": "Change the override.",
}
"""What to do about a shortfall, by its kind."""

_REFUSED = "Ask for a smaller minimum, name a further supplier in tblSources, or order by override."
_FORCED = "Ask {subject} for a lower minimum, or accept the stock."


def advice(shortfall: Shortfall) -> str:
    """Return what to do about a shortfall.

    Examples
    --------
    >>> advice(Shortfall("capacity", 2, "North", 40.0, "capacity of supplier North is 40 units short"))
    'Ask North for more, name a further supplier in tblSources, or accept the shortage.'
    """
    if shortfall.kind == "minimum":
        # A minimum that forces stock is no hindrance; one that nothing can meet is.
        text = _FORCED if " forces " in shortfall.message else _REFUSED
    else:
        text = _ADVICE[shortfall.kind]
    return text.replace("{subject}", shortfall.subject or "the supplier")


def limit_exceptions(planned: Planned, items: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Return the exceptions of the plan's shortfalls and notes.

    Parameters
    ----------
    planned
        The order plan.
    items
        The planned items. What is said of them already, as that they cannot have levels or that what is ordered now
        spoils, is not said again.
    parameters
        For the dates of periods.
    """
    at = dict(zip(item_names(items), items.index, strict=True))
    rows = []
    for shortfall in planned.plan.shortfalls:
        row = at.get(shortfall.subject)
        if row is not None and _told(shortfall, items.loc[row].to_dict()):
            continue
        about = ("", "", "") if row is None else tuple(items.loc[row, ["item", "location", "description"]])
        message = dated(str(shortfall), parameters)
        rows.append(("warning", *about, "limit", message, shortfall.value, advice(shortfall)))
    rows += [
        ("notice", "", "", "", "not counted", note, 0.0, "State it in another way, or leave it out.")
        for note in planned.plan.notes
    ]
    return pd.DataFrame(rows, columns=EXCEPTIONS.column_names).round({"value_at_stake": 2})


def _told(shortfall: Shortfall, item: Mapping[str, Any]) -> bool:
    """Return whether a shortfall of an item is said already, or not worth saying."""
    if shortfall.kind == "shelf life":
        return shortfall.value <= SPOILAGE or float(item["spoiling"]) * float(item["unit_cost"]) > SPOILAGE
    return bool(shortfall.kind == "minimum" and item["refused"] != "")
