"""Overrides of the last plan: which of them can be followed, judged as every other input is."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from invopt_xl.plan.columns import PLAN, Table, Tables
from invopt_xl.plan.quality import rules
from invopt_xl.plan.quality.coercion import read
from invopt_xl.plan.quality.contract import fill_defaults, hold_to_contract, read_cells
from invopt_xl.plan.quality.findings import Draft, Findings
from invopt_xl.plan.quality.headers import draft_of, warn_of_misspelt

_QUANTITY = PLAN.column("override_quantity")

OVERRIDES = Table(
    PLAN.name,
    PLAN.stem,
    PLAN.title,
    (replace(PLAN.column("item"), required=True), PLAN.column("location"), replace(_QUANTITY, required=True)),
    key=PLAN.key,
)
"""What a row of the last plan has to hold for its override to be followed."""


def hold_overrides(raw: Tables, items: Draft, findings: Findings) -> int:
    """Name the overrides that no order follows, and return how many.

    They have no quantity of at least zero, or no item that is planned. Whatever the planner wrote stays in the plan all
    the same. A plan without a column ``item`` is refused by `overrides.planner_columns`, where it is followed.

    Parameters
    ----------
    raw
        Tables as read; without ``plan`` there is nothing to judge.
    items
        Admitted items.
    findings
        Told of every override that is not followed.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["tea"], "unit_cost": 2, "lead_time_days": 7, "on_hand": 5})
    >>> plan = pd.DataFrame({"item": ["tea", "te"], "override_quantity": [24, 5]}, index=[2, 3])
    >>> from invopt_xl.plan.quality import admit
    >>> parameters = pd.DataFrame({"name": ["plan_date"], "value": ["2018-01-01"]})
    >>> demand = pd.DataFrame({"item": ["tea"] * 2, "date": ["2016-01-04", "2017-12-25"], "quantity": [1, 2]})
    >>> found = admit({"items": items, "demand": demand, "plan": plan, "parameters": parameters}).quality
    >>> found.loc[found["table"] == "tblPlan", ["row", "value", "reason"]].values.tolist()
    [[3.0, 'te', 'unknown item; expected an item of tblItems']]
    """
    last = raw.get(PLAN.stem, pd.DataFrame())
    headers = [str(header) for header in last.columns]
    if _QUANTITY.name not in headers:
        mine = [header for header in headers if header not in PLAN.column_names]
        warn_of_misspelt(PLAN, [_QUANTITY.name], mine, findings)
    if not {"item", _QUANTITY.name} <= set(headers):
        return 0
    typed = ~read(last[_QUANTITY.name], _QUANTITY).missing
    there = [name for name in OVERRIDES.column_names if name in headers]
    draft = draft_of(last.loc[typed, there], OVERRIDES, findings)
    draft.left_out = "override not followed"
    hold_to_contract(draft, read_cells(draft))
    if "location" not in there:
        rules.place_at_only_location(draft, items.frame)
    fill_defaults(draft)
    rules.reject_unknown_items(draft, items.frame, items.entered)
    rules.keep_first_of_each_key(draft)
    return draft.rejected
