"""Whether overrides were better than what the plan proposed, on the demand that came.

An order changes stock from its arrival on, until the next order, a review later, could arrive: the protection interval.
Over the time from the plan date to there, what was on hand and on order is followed through the demand that came, once
with the proposal and once with the override, see `costs.Stretch`. Open orders that were due by then count as there from
the beginning, for both alike. A proposal of several orders counts as one on the day of its first.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.domain import DAYS_PER_YEAR, Calendar
from invopt_xl.optimise.terms import FloatArray
from invopt_xl.plan.actuals import actual_demand, whole_periods
from invopt_xl.plan.columns import OVERRIDES
from invopt_xl.plan.histories import item_positions
from invopt_xl.plan.kept_rows import typed
from invopt_xl.plan.orders.problem import shortage_cost
from invopt_xl.plan.override_outcomes.costs import Stretch
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted

OPEN, UNKNOWN = "open", "unknown"
"""Verdicts of what has not been measured: not yet, and as demand was not known."""

LEAST = 0.005
"""Money between two orders below which neither is better."""

Row = dict[Hashable, Any]


def measured(log: pd.DataFrame, items: pd.DataFrame, admitted: Admitted) -> pd.DataFrame:
    """Return the log with what came of the overrides whose time has passed.

    Parameters
    ----------
    log
        Rows of ``tblOverrides`` as they stand.
    items
        The planned items with their terms; what is not planned now cannot be measured now.
    admitted
        For demand and parameters.

    Returns
    -------
    DataFrame
        The same rows; of those that were open and are over by the plan date, ``actual_demand``, ``proposal_cost``,
        ``override_cost``, ``value_added`` and ``verdict`` are filled in, as demand is known.
    """
    rows = typed(log, OVERRIDES)
    row_of = {key: row for row, key in enumerate(zip(items["item"], items["location"], strict=True))}
    now = pd.Timestamp(admitted.parameters.plan_date)
    is_over = (rows["verdict"] == OPEN) & (rows["measured_to"] < now) & rows["plan_date"].notna()
    made = log.copy()
    terms = items.assign(counted_shortage=shortage_cost(items))
    stretches: Any = rows[is_over].groupby(["plan_date", "measured_to"])
    for (start, last), part in stretches:
        known = [key in row_of for key in zip(part["item"], part["location"], strict=True)]
        part = part[known]
        mine = terms.iloc[[row_of[key] for key in zip(part["item"], part["location"], strict=True)]]
        outcomes = _outcomes(part, mine, admitted, (start.date(), last.date() + timedelta(days=1)))
        for place, found in zip(part.index, outcomes, strict=True):
            made.loc[place, list(found)] = pd.Series(found, dtype=object)
    return made


def _outcomes(
    rows: pd.DataFrame, items: pd.DataFrame, admitted: Admitted, span: tuple[date, date]
) -> list[dict[str, object]]:
    """Return what rows of the log of one stretch of time gain once it is over; their items stand in the same order."""
    if rows.empty:
        return []
    if not whole_periods(*span, admitted.parameters):
        return [{"verdict": UNKNOWN}] * len(rows)  # periods have another length now
    # Several rows may be about one item; its demand, of all there is, is looked for once.
    each = items.drop_duplicates(KEY)
    actual = actual_demand(each, admitted, *span)
    if not actual.reached.all():
        return [{}] * len(rows)  # its time has passed, but what came is not told yet
    place = item_positions(each, items)
    found = zip(rows.to_dict("records"), items.to_dict("records"), actual.quantity[place].copy(), strict=True)
    return [_outcome(row, terms, demand, admitted.parameters) for row, terms, demand in found]


def _outcome(row: Row, terms: Row, demand: FloatArray, parameters: Parameters) -> dict[str, object]:
    """Return what a row of the log gains by the demand that came."""
    start = row["plan_date"].date()
    told = [float(row[name]) for name in ("proposed_quantity", "override_quantity", "on_hand")]
    if np.isnan([*demand.tolist(), *told]).any() or row["measured_from"] != row["measured_from"]:
        return {"verdict": UNKNOWN}
    # A month that had begun on the plan date has only its rest to come.
    demand[0] *= Calendar(start, parameters.period).share_left
    stretch = Stretch(
        demand,
        float(np.nansum([row["on_hand"], row["on_order"]])),
        terms["holding_cost"],
        terms["counted_shortage"],
        parameters.shortage == "backorder",
        terms["demand_per_period"],
        DAYS_PER_YEAR / parameters.calendar.days_per_period,
    )
    ordered = [order_of(row, kind, start, parameters) for kind in ("proposed", "override")]
    first = min(period for _, period in effective(ordered))
    lead = period_of(row["measured_from"], start, parameters) - first
    proposal, override = (stretch.cost(quantity, period + lead) for quantity, period in ordered)
    added = proposal - override
    return {
        "actual_demand": round(float(demand.sum()), 2),
        "proposal_cost": round(proposal, 2),
        "override_cost": round(override, 2),
        "value_added": round(added, 2),
        "verdict": "no difference" if abs(added) < LEAST else "better" if added > 0 else "worse",
    }


Order = tuple[float, int]
"""Units, and the period they are ordered in, counted from the plan date."""


def order_of(row: Mapping[Hashable, Any], kind: str, start: date, parameters: Parameters) -> Order:
    """Return the order that a row of the log tells of: ``proposed`` or ``override``."""
    return float(row[f"{kind}_quantity"]), period_of(row[f"{kind}_date"], start, parameters)


def effective(orders: Sequence[Order]) -> list[Order]:
    """Return the orders that change stock; if none does, the last one."""
    return [order for order in orders if order[0] > 0] or [orders[-1]]


def period_of(day: Any, start: date, parameters: Parameters) -> int:
    """Return the period of a day, counted from the plan date of its row; without a day that is 0."""
    if day != day:  # missing
        return 0
    return int(Calendar(start, parameters.period).index(np.array([day], dtype="datetime64[D]"))[0])
