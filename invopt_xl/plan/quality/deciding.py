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
KEEP, CANCEL = "keep", "cancel order"
_OTHERS = [word for word in _DECISION.choices if word not in (KEEP, CANCEL)]
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

    They are no known word, or have units that are no number, negative, more than `most_units`, or without a decision.
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
    [['decision', 'tea: banana'], ['decided_quantity', 'cup: 9 of 5']]
    """
    draft = _typed(raw.get(EXCESS.stem, pd.DataFrame()), findings)
    hold_to_contract(draft, read_cells(draft), may_be_blank=_QUANTITY.name)
    _reject_more_than_is_there(draft, raw)
    return draft.rejected


def is_decision(rows: pd.DataFrame) -> pd.Series[bool]:
    """Tell which decisions are a known word, and have no units or a number of them from 0 to `most_units`.

    Parameters
    ----------
    rows
        ``decision`` and ``decided_quantity``, and ``on_hand`` and ``on_order`` where they are known.

    Examples
    --------
    >>> typed = pd.DataFrame({"decision": ["Keep", "banana", "return", None], "decided_quantity": [None, 4, -1, 3]})
    >>> is_decision(typed).tolist()
    [True, False, False, False]
    """
    words, units = read(rows[_DECISION.name], _DECISION).values, read(rows[_QUANTITY.name], _QUANTITY)
    there = (units.values >= 0) & ~(units.values > most_units(words, rows))
    return words.isin(_DECISION.choices) & (units.missing | there)


def most_units(decisions: pd.Series[Any], rows: pd.DataFrame) -> pd.Series[float]:
    """Return how many units decisions can be about: what is not here yet can only be cancelled or kept.

    Parameters
    ----------
    decisions
        Known words.
    rows
        ``on_hand`` and ``on_order`` beside them; missing where a row is kept for its words alone, and so is the result.

    Examples
    --------
    >>> words = pd.Series(["keep", "cancel order", "return"])
    >>> most_units(words, pd.DataFrame({"on_hand": 5, "on_order": 3}, index=words.index)).tolist()
    [8.0, 3.0, 5.0]
    """
    names = ("on_hand", "on_order")
    stock = rows.reindex(columns=names).astype(object)
    here, coming = (read(stock[name], EXCESS.column(name)).values for name in names)
    of_orders = coming.fillna(0.0).where(here.notna() & decisions.isin([KEEP, CANCEL]), 0.0)
    return (here.mask(here.notna() & (decisions == CANCEL), 0.0) + of_orders).clip(lower=0.0)


def _typed(last: pd.DataFrame, findings: Findings) -> Draft:
    """Return the rows in which a decision or its units are typed, on their way in."""
    rows = last.reindex(columns=DECISIONS.column_names).astype(object)
    typed = ~(read(rows[_DECISION.name], _DECISION).missing & read(rows[_QUANTITY.name], _QUANTITY).missing)
    draft = draft_of(rows[typed], DECISIONS, findings)
    draft.left_out, draft.sorted_anew = _NOT_COUNTED, True
    return draft


def _reject_more_than_is_there(draft: Draft, raw: Tables) -> None:
    """Reject decisions about more units than stand beside them; of a row kept for its words alone none are known."""
    for words, where in (([KEEP], "on hand and on order"), ([CANCEL], "on order"), (_OTHERS, "on hand")):
        if draft.frame.empty:
            return
        decisions, units = draft.frame[_DECISION.name], draft.frame[_QUANTITY.name]
        most = most_units(decisions, raw[EXCESS.stem].loc[draft.frame.index])
        typed = [f"{shown(each)} of {shown(there)}" for each, there in zip(units, most, strict=True)]
        draft.cells = draft.cells.assign(**{_QUANTITY.name: typed})
        more = ((units > most) & decisions.isin(words)).to_numpy()
        draft.reject(more, _QUANTITY.name, f"more units than there are; expected at most those {where}")
