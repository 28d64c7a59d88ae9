"""Excess and obsolete stock: how much, what it costs to keep, and what to do first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.plan.columns import EXCESS, Tables
from invopt_xl.plan.exceptions.signals import SPOILAGE
from invopt_xl.plan.excess import units_to_cancel
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.replenishment import DAYS_PER_YEAR
from invopt_xl.plan.views.excess_actions import (
    NO_DEMAND,
    NO_HISTORY,
    PHASE_OUT,
    SPOILS,
    TOO_MUCH,
    first_actions,
    transfers,
)
from invopt_xl.plan.views.last_rows import last_rows, unmatched, with_written, written_rows

KEPT = "Nothing: it is not too much any more. The row is kept for what you wrote."


def excess_table(items: pd.DataFrame, lanes: pd.DataFrame, raw: Tables, parameters: Parameters) -> pd.DataFrame:
    """Return ``tblExcess``: items with too much stock, the most money first; then rows kept for the planner's words.

    Listed is what has excess as the plan counts it, what nobody has asked for of late, and what will spoil. The excess
    of the table adds up to that of the plan.

    Parameters
    ----------
    items
        The planned items.
    lanes
        Admitted ``tblLanes``.
    raw
        Tables as read, for what the planner wrote into the last table.
    parameters
        For the length of a period.
    """
    measured = _measured(items, parameters)
    rows = measured.assign(**transfers(measured, lanes))[_is_listed(measured).to_numpy()]
    rows = first_actions(rows.sort_values("excess_value", ascending=False, kind="stable"))
    written = written_rows(EXCESS, last_rows(EXCESS, raw, items))
    kept = written[unmatched(written, rows)]
    about = kept.merge(items[[*KEY, "description", "supplier", "abc"]], on=KEY, how="left")
    shown = with_written(EXCESS, rows, written)[EXCESS.column_names]
    places = dict.fromkeys(("excess_value", "holding_cost", "freed_value", "demand_per_period"), 2)
    shown = shown.round(places | {"cover_days": 0, "excess_quantity": 1, "cancel_quantity": 1})
    if kept.empty:
        return shown.reset_index(drop=True)
    about = about.assign(action=KEPT).reindex(columns=EXCESS.column_names)
    return pd.DataFrame([*shown.to_dict("records"), *about.to_dict("records")], columns=EXCESS.column_names)


def _is_listed(rows: pd.DataFrame) -> pd.Series[bool]:
    """Return which items are too much in one way or another."""
    counted = (rows["excess_quantity"].round(1) > 0) | (rows["excess_value"].round(2) > 0)
    dead = (rows["kind"] == NO_DEMAND) & (rows["on_hand"] > 0)
    return counted | dead | (rows["kind"] == SPOILS)


def _measured(items: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Return the items with the kind of their excess, what it costs to hold, and what of it has not come yet.

    Adds ``kind``, ``holding_cost`` (money a year), ``cancel_quantity``, ``here`` (excess on hand) and ``will_spoil``
    (units that outlast their shelf life, whatever is ordered).
    """
    excess = items["excess_quantity"]
    will_spoil = items["spoiling"] - items["spoiling_order"]
    cancel = units_to_cancel(items)
    kinds = {
        PHASE_OUT: items["status"] == "phase-out",
        NO_HISTORY: items["known_periods"] == 0,
        NO_DEMAND: items["recent_demand"] <= 0,
        SPOILS: will_spoil * items["unit_cost"] > SPOILAGE,
    }
    a_year = DAYS_PER_YEAR / parameters.calendar.days_per_period
    return items.assign(
        kind=np.select(list(kinds.values()), list(kinds), TOO_MUCH),
        holding_cost=excess * items["holding_cost"] * a_year,
        cancel_quantity=cancel,
        here=excess - cancel,
        will_spoil=will_spoil,
    )
