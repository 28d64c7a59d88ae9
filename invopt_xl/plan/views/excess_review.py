"""Excess and obsolete stock as the planner decides about it: how much, what it costs to keep, and what to do first."""

from __future__ import annotations

import pandas as pd

from invopt_xl.plan.columns import EXCESS, Tables
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.quantities import finer_by, rounded
from invopt_xl.plan.views.last_rows import last_rows, unmatched, with_written, written_rows

KEPT = "Nothing: it is not too much any more. The row is kept for what you wrote."

_PLACES = dict.fromkeys(
    ("excess_value", "holding_cost", "freed_value", "remaining_value", "expected_write_off"), 2
) | {"cover_days": 0, "ending_chance": 4}  # fmt: skip

_UNIT_PLACES = dict.fromkeys(
    ("excess_quantity", "cancel_quantity", "expected_demand", "remaining_50", "remaining_80", "remaining_95"), 1
) | {"demand_per_period": 2}
"""Decimals of usual goods."""


def excess_table(items: pd.DataFrame, raw: Tables) -> pd.DataFrame:
    """Return ``tblExcess``: items with too much stock, the most money first; then rows kept for the planner's words.

    Listed is what has excess as the plan counts it, what nobody has asked for of late, and what will spoil. The excess
    of the table adds up to that of the plan.

    Parameters
    ----------
    items
        As a review of excess returns them: `plan.excess.ExcessReview.items`.
    raw
        Tables as read, for what the planner wrote into the last table.
    """
    rows = items[items["listed"]].sort_values("excess_value", ascending=False, kind="stable")
    rows = rounded(rows.assign(holding_cost=rows["holding_a_year"]), _UNIT_PLACES, finer_by(rows))
    written = written_rows(EXCESS, last_rows(EXCESS, raw, items))
    kept = written[unmatched(written, rows)]
    about = kept.merge(items[[*KEY, "description", "supplier", "abc"]], on=KEY, how="left")
    shown = with_written(EXCESS, rows, written)[EXCESS.column_names].round(_PLACES)
    if kept.empty:
        return shown.reset_index(drop=True)
    about = about.assign(action=KEPT).reindex(columns=EXCESS.column_names)
    return pd.DataFrame([*shown.to_dict("records"), *about.to_dict("records")], columns=EXCESS.column_names)
