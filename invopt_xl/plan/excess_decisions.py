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

    Proposed is the action that gains most, in the words of the column ``decision`` of ``tblExcess``; what else helps
    stands in ``why``. Where no action gains anything it is to keep the stock. What the planner has decided stands
    beside it, untouched.

    Parameters
    ----------
    review
        As `plan.excess.review` returns it.
    held
        ``tblExcess`` as it stands in the workbook, with the planner's decisions.
    """
    rows = review.items[review.items["listed"]]
    actions = review.actions.sort_values(["gain", "rank"], ascending=[False, True], kind="stable")
    total = actions.groupby(KEY)["gain"].sum()
    first = actions.drop_duplicates(KEY).set_index(KEY)
    others = actions[actions.duplicated(KEY)].groupby(KEY).agg(also=("action", ", ".join))
    known = rows.set_index(KEY).join(first[["units", "why", "action"]].add_prefix("first_")).join(others)
    known = known.join(first["freed_value"].rename("first_freed")).join(total.rename("gain"))
    acts = known["first_action"].notna()
    also = (" Besides: " + known["also"].astype(object) + ".").where(known["also"].notna(), "")
    made = known.assign(
        proposed=known["first_action"].replace({STOP: _CANCEL}).where(acts, KEEP),
        proposed_quantity=known["first_units"],
        freed_value=known["first_freed"],
        why=known["first_why"].astype(object).where(acts, known["action"]) + also,
    ).reset_index()
    decided = _decided(held)
    table = (
        made.merge(decided, on=KEY, how="left") if len(decided) else made.assign(decision=None, decided_quantity=np.nan)
    )
    order = table.sort_values(["gain", "excess_value"], ascending=False, kind="stable", na_position="last")
    return order.reindex(columns=EXCESS_DECISIONS.column_names).round(_PLACES).reset_index(drop=True)


def _decided(held: pd.DataFrame | None) -> pd.DataFrame:
    names = [*KEY, "decision", "decided_quantity"]
    if held is None or held.empty:
        return pd.DataFrame(columns=names)
    return held.reindex(columns=names).drop_duplicates(KEY)


def decisions_answer(decisions: pd.DataFrame, money: str) -> str:
    """Return in a sentence or two what is proposed, and what was decided already.

    Examples
    --------
    >>> rows = {"proposed": ["return", "keep"], "gain": [12.0, None], "decision": [None, "keep"]}
    >>> decisions_answer(pd.DataFrame(rows), "USD")
    '**Proposed:** 1 return, 1 keep. You have decided about 1 of them in tblExcess; that stays as it is.'
    """
    if decisions.empty:
        return "**Nothing to decide:** no item is too much."
    told = ", ".join(f"{count:,} {name}" for name, count in decisions["proposed"].value_counts().items())
    own = int(decisions["decision"].fillna("").astype(str).ne("").sum())
    after = f" You have decided about {own:,} of them in tblExcess; that stays as it is." if own else ""
    return f"**Proposed:** {told}.{after}"
