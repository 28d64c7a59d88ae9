"""Decisions about excess in the last table: which of them are none, judged as every other input is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from invopt_xl.plan.columns import EXCESS, Table, Tables
from invopt_xl.plan.quality.coercion import read
from invopt_xl.plan.quality.contract import hold_to_contract, read_cells
from invopt_xl.plan.quality.findings import Draft, Findings, shown
from invopt_xl.plan.quality.headers import draft_of

_DECISION, _QUANTITY = EXCESS.column("decision"), EXCESS.column("decided_quantity")
_NOT_COUNTED = "decision not counted; it stays as you typed it"

DECISIONS = Table(
    EXCESS.name,
    EXCESS.stem,
    EXCESS.title,
    (EXCESS.column("item"), replace(_DECISION, required=True), replace(_QUANTITY, required=True)),
    key=EXCESS.key,
)
"""What a row of the last excess has to hold for its decision to count; no units are all of them."""


def hold_decisions(raw: Tables, findings: Findings) -> int:
    """Name the decisions about excess that are none, and return how many.

    They are no known word, or have units that are no number, negative, more than are there, or without a decision.
    Whatever the planner wrote stays in the table all the same.

    Parameters
    ----------
    raw
        Tables as read; without ``excess`` there is nothing to judge.
    findings
        Told of every decision that does not count.

    Examples
    --------
    >>> last = pd.DataFrame({"item": ["tea", "cup"], "decision": ["banana", "return"], "decided_quantity": [None, 9],
    ...                      "on_hand": 5, "on_order": 3})
    >>> findings = Findings()
    >>> hold_decisions({"excess": last}, findings)
    2
    >>> findings.frame()[["column", "value"]].values.tolist()
    [['decision', 'tea: banana'], ['decided_quantity', 'cup: 9 of 8']]
    """
    draft = _typed(raw.get(EXCESS.stem, pd.DataFrame()), findings)
    hold_to_contract(draft, read_cells(draft), may_be_blank=_QUANTITY.name)
    _reject_more_than_is_there(draft, raw)
    return draft.rejected


def is_decision(decisions: pd.Series[Any], quantities: pd.Series[Any]) -> pd.Series[bool]:
    """Tell which decisions are a known word, and have no units or a number of them that is not negative.

    Examples
    --------
    >>> is_decision(pd.Series(["Keep", "banana", "return", None]), pd.Series([None, 4, -1, 3])).tolist()
    [True, False, False, False]
    """
    units = read(quantities, _QUANTITY)
    known = read(decisions, _DECISION).values.isin(_DECISION.choices)
    return known & (units.missing | (units.values >= 0))


def _typed(last: pd.DataFrame, findings: Findings) -> Draft:
    """Return the rows in which a decision or its units are typed, on their way in."""
    rows = last.reindex(columns=DECISIONS.column_names).astype(object)
    typed = ~(read(rows[_DECISION.name], _DECISION).missing & read(rows[_QUANTITY.name], _QUANTITY).missing)
    draft = draft_of(rows[typed], DECISIONS, findings)
    draft.left_out, draft.sorted_anew = _NOT_COUNTED, True
    return draft


def _reject_more_than_is_there(draft: Draft, raw: Tables) -> None:
    """Reject decisions about more units than stand beside them; of a row kept for its words alone none are known."""
    if draft.frame.empty:
        return
    last = raw[EXCESS.stem].loc[draft.frame.index].reindex(columns=["on_hand", "on_order"]).astype(object)
    here, coming = (read(last[name], EXCESS.column(name)).values for name in ("on_hand", "on_order"))
    there = here + coming.fillna(0.0)
    more = (draft.frame[_QUANTITY.name] > there).to_numpy()
    typed = [f"{shown(units)} of {shown(most)}" for units, most in zip(draft.frame[_QUANTITY.name], there, strict=True)]
    draft.cells = draft.cells.assign(**{_QUANTITY.name: typed})
    draft.reject(more, _QUANTITY.name, "more units than there are; expected at most those on hand and on order")
