"""What a planner has to look at, worst first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.plan.columns import EXCEPTIONS
from invopt_xl.plan.exceptions.attention import attention_signals, level_signals, order_signals
from invopt_xl.plan.exceptions.goal import goal_exceptions
from invopt_xl.plan.exceptions.limits import limit_exceptions
from invopt_xl.plan.exceptions.refused import overrides_not_followed, overrides_ordered, rejected_items
from invopt_xl.plan.exceptions.signals import table_of
from invopt_xl.plan.exceptions.stock import as_excess_says, stock_out_signals, surplus_signals
from invopt_xl.plan.histories import item_positions
from invopt_xl.plan.orders import Planned
from invopt_xl.plan.orders.dating import day_in_words
from invopt_xl.plan.overrides import not_followed
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.service_goals import OverallService

__all__ = ["SEVERITIES", "as_excess_says", "find_exceptions"]

SEVERITIES = ("critical", "warning", "notice")


def find_exceptions(
    items: pd.DataFrame,
    written: pd.DataFrame,
    planned: Planned,
    admitted: Admitted,
    overall: OverallService | None = None,
) -> pd.DataFrame:
    """Return the exceptions of the plan and of all items, most severe and most money first.

    Parameters
    ----------
    items
        Rows with stock levels, excess, orders (`results.with_orders`) and what histories say.
    written
        What the planner wrote into the last plan.
    planned
        The order plan; each need a limit leaves unmet is an exception.
    admitted
        For the parameters, and for items whose rows were rejected.
    overall
        What the overall goal gives; None with another goal.

    Returns
    -------
    DataFrame
        Columns of ``tblExceptions``.
    """
    parameters = admitted.parameters
    items = with_dues(items, admitted)
    signals = [
        *stock_out_signals(items, parameters),
        *surplus_signals(items, parameters),
        *order_signals(items, parameters),
        *attention_signals(items),
        *level_signals(items, parameters),
    ]
    parts = [table_of(signal, items) for signal in signals if signal.rows.any()]
    parts += [
        part
        for part in (
            limit_exceptions(planned, items, parameters),
            goal_exceptions(items, overall),
            overrides_not_followed(not_followed(written, items), admitted.entered),
            overrides_ordered(written, admitted.entered),
            rejected_items(admitted),
        )
        if len(part)
    ]
    if not parts:
        return pd.DataFrame(columns=EXCEPTIONS.column_names)
    return ranked(pd.concat(parts, ignore_index=True))


def with_dues(items: pd.DataFrame, admitted: Admitted) -> pd.DataFrame:
    """Return the items with what is on order soonest: ``first_due``, a day in words, and ``first_due_quantity``."""
    open_orders = admitted.tables["open_orders"]
    row = item_positions(items, open_orders)
    known = open_orders.assign(at=row)[row >= 0]
    first = known.groupby("at")["due_date"].transform("min")
    soonest = known[known["due_date"] == first]
    now = admitted.parameters.plan_date
    days = {at: day_in_words(day.date(), now) for at, day in zip(soonest["at"], soonest["due_date"], strict=True)}
    units = np.zeros(len(items))
    np.add.at(units, soonest["at"].to_numpy(dtype=np.intp), soonest["quantity"].to_numpy(dtype=np.float64))
    return items.assign(
        first_due=pd.Series([days.get(place, "") for place in range(len(items))], dtype=object).to_numpy(),
        first_due_quantity=units,
    )


def ranked(exceptions: pd.DataFrame) -> pd.DataFrame:
    """Return exceptions by severity, then money at stake, then name."""
    order = exceptions["severity"].map({name: rank for rank, name in enumerate(SEVERITIES)})
    keyed = exceptions.assign(_order=order).sort_values(
        ["_order", "value_at_stake", "item", "location", "kind"],
        ascending=[True, False, True, True, True],
        kind="stable",
    )
    return keyed.drop(columns="_order").reset_index(drop=True)
