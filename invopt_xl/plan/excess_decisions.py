"""What to decide about each item with too much stock, beside what the planner has decided."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.plan.columns.looks import EXCESS_DECISIONS
from invopt_xl.plan.excess import ExcessReview
from invopt_xl.plan.excess.ways import STOP
from invopt_xl.plan.overrides import KEY

KEEP = "keep"
_CANCEL = "cancel order"
_PLACES = dict.fromkeys(("excess_value", "remaining_value", "expected_write_off", "freed_value", "gain"), 2) | {
    "ending_chance": 4, "proposed_quantity": 1,
}  # fmt: skip


def proposed_decisions(review: ExcessReview, held: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return ``tblExcessDecisions``: what to decide about each item that is too much, the largest gain first.

    Proposed is the action that gains most, in the words of the column ``decision`` of ``tblExcess``; ``actions`` names
    all that gain with their units, and what is freed and gained is of all of them. Where no action gains anything it
    is to keep the stock. What the planner has decided stands beside it, untouched.

    Parameters
    ----------
    review
        As `plan.excess.review` returns it.
    held
        ``tblExcess`` as it stands in the workbook, with the planner's decisions.
    """
    rows = review.items[review.items["listed"]]
    actions = review.actions.sort_values(["gain", "rank"], ascending=[False, True], kind="stable")
    actions = actions.assign(action=actions["action"].mask(actions["action"] == STOP, _CANCEL))
    first = actions.drop_duplicates(KEY).set_index(KEY)[["action", "units", "why"]]
    told = actions.assign(told=[f"{a} {_shown(u)}" for a, u in zip(actions["action"], actions["units"], strict=True)])
    together = told.groupby(KEY).agg(
        actions=("told", "; ".join), freed_value=("freed_value", "sum"), gain=("gain", "sum")
    )
    known = rows.drop(columns=["freed_value"]).set_index(KEY).join(first.add_prefix("first_")).join(together)
    acts = known["first_action"].notna()
    made = known.assign(
        proposed=known["first_action"].where(acts, KEEP),
        proposed_quantity=known["first_units"],
        why=known["first_why"].where(acts, known["action"]),
    ).reset_index()
    decided = _decided(held)
    table = (
        made.merge(decided, on=KEY, how="left") if len(decided) else made.assign(decision=None, decided_quantity=np.nan)
    )
    order = table.sort_values(["gain", "excess_value"], ascending=False, kind="stable", na_position="last")
    return order.reindex(columns=EXCESS_DECISIONS.column_names).round(_PLACES).reset_index(drop=True)


def _shown(units: float) -> str:
    """Return a quantity in words.

    Examples
    --------
    >>> _shown(1250.0), _shown(7.46), _shown(0.0312)
    ('1,250', '7.5', '0.031')
    """
    return f"{units:,.1f}".removesuffix(".0") if units >= 1 else f"{units:.2g}"


def _decided(held: pd.DataFrame | None) -> pd.DataFrame:
    names = [*KEY, "decision", "decided_quantity"]
    if held is None or held.empty:
        return pd.DataFrame(columns=names)
    return held.reindex(columns=names).drop_duplicates(KEY)


def decisions_answer(decisions: pd.DataFrame, money: str) -> str:
    """Return in a sentence or two what is proposed, and what was decided already.

    Examples
    --------
    >>> rows = {"proposed": ["return", "keep"], "actions": ["return 4; promote 2", None], "decision": [None, "keep"]}
    >>> decisions_answer(pd.DataFrame(rows), "USD").split(". ")[0]
    '**Proposed:** 1 return, 1 keep; for 1 of the items other actions help too, which `actions` names'
    """
    if decisions.empty:
        return "**Nothing to decide:** no item is too much."
    told = ", ".join(f"{count:,} {name}" for name, count in decisions["proposed"].value_counts().items())
    further = int(decisions["actions"].fillna("").astype(str).str.contains("; ", regex=False).sum())
    more = f"; for {further:,} of the items other actions help too, which `actions` names" if further else ""
    own = int(decisions["decision"].fillna("").astype(str).ne("").sum())
    after = f" You have decided about {own:,} of them in tblExcess; that stays as it is." if own else ""
    return f"**Proposed:** {told}{more}.{after}"
