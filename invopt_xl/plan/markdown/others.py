"""What else can be done about stock that might be marked down, as a review of excess ranks it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from invopt_xl.plan.excess import ActionTerms, Assumptions, Stock, review
from invopt_xl.plan.excess.ways import STOP
from invopt_xl.plan.overrides import KEY


def with_other_actions(summary: pd.DataFrame, stock: Stock, terms: ActionTerms) -> pd.DataFrame:
    """Return ``tblMarkdownSummary`` with the other action that gains most for each item, and its gain.

    The gains are those of ``tblActions`` where nothing is marked down. Orders that can be stopped are left out: that
    goes with any price.

    Parameters
    ----------
    summary
        Items looked at.
    stock
        What a review of excess stands on.
    terms
        What actions bring and cost.
    """
    nothing = pd.Series(0.0, index=stock.items.index)
    others = replace(terms, mark_down_recovery=nothing, mark_down_units=nothing)
    made = review(stock, Assumptions(terms=others)).actions
    made = made[made["action"] != STOP].sort_values("gain", ascending=False, kind="stable").drop_duplicates(KEY)
    told = [f"{action} {units:,g}" for action, units in zip(made["action"], made["units"], strict=True)]
    best = made[KEY].assign(other_action=told, other_gain=made["gain"].round(2))
    found = summary.drop(columns=["other_action", "other_gain"]).merge(best, on=KEY, how="left")
    return found.assign(other_action=found["other_action"].fillna(""))[summary.columns.tolist()]
