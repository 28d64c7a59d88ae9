"""What to decide about each item with too much stock, beside what the planner has decided."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.plan.columns.looks import EXCESS_DECISIONS
from invopt_xl.plan.excess import ExcessReview
from invopt_xl.plan.excess.ways import STOP
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.quality.coercion import read
from invopt_xl.plan.quality.deciding import CANCEL, KEEP, is_decision
from invopt_xl.plan.views.excess_review import KEPT
from invopt_xl.plan.views.last_rows import last_rows, unmatched, with_written, written_rows

_WITH, _GONE = ", with ", "; not too much any more"
_PLACES = dict.fromkeys(("excess_value", "remaining_value", "expected_write_off", "freed_value", "gain"), 2) | {
    "ending_chance": 4,
}


def proposed_decisions(
    review: ExcessReview, excess: pd.DataFrame | None = None, last: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return ``tblExcessDecisions``: what to decide about each item that is too much, the largest gain first.

    Proposed is the action that gains most, in the words of the column ``decision`` of ``tblExcess``; ``actions`` names
    all that gain with their units, and what is freed and gained is of all of them. Where no action gains anything it
    is to keep the stock. What the planner typed into the last table stands beside its item untouched, and
    ``decided_about`` says what it was about; below are the rows of items that are not too much any more.

    Parameters
    ----------
    review
        As `plan.excess.review` returns it.
    excess
        ``tblExcess`` as it stands in the workbook, with the planner's decisions there.
    last
        ``tblExcessDecisions`` as it stands where the new one is to be written.

    Raises
    ------
    InputError
        If the last table has no column ``item``, or something is typed in two of its rows of one item and location.
    """
    rows = _proposals(review).sort_values(["gain", "excess_value"], ascending=False, kind="stable", na_position="last")
    before = last_rows(EXCESS_DECISIONS, {} if last is None else {EXCESS_DECISIONS.stem: last}, review.items)
    written = written_rows(EXCESS_DECISIONS, before)
    gone = written[unmatched(written, rows)][KEY].merge(review.items[[*KEY, "description"]], on=KEY, how="left")
    both = [*rows.to_dict("records"), *gone.assign(why=KEPT).to_dict("records")]
    table = with_written(EXCESS_DECISIONS, pd.DataFrame(both, columns=EXCESS_DECISIONS.column_names), written)
    table["decided_about"] = _decided_about(table, before)
    table["excess_decision"] = table[KEY].merge(_decided_in(excess), on=KEY, how="left")["told"].to_numpy()
    table["decided_quantity"] = _as_numbers(table["decided_quantity"])
    return table[EXCESS_DECISIONS.column_names].round(_PLACES)


def _proposals(review: ExcessReview) -> pd.DataFrame:
    """Return a row for each item that is too much, with what to do about it."""
    rows = review.items[review.items["listed"]]
    actions = review.actions.sort_values(["gain", "rank"], ascending=[False, True], kind="stable")
    actions = actions.assign(action=actions["action"].mask(actions["action"] == STOP, CANCEL))
    first = actions.drop_duplicates(KEY).set_index(KEY)[["action", "units", "why"]]
    told = actions.assign(told=[f"{a} {_shown(u)}" for a, u in zip(actions["action"], actions["units"], strict=True)])
    together = told.groupby(KEY).agg(
        actions=("told", "; ".join), freed_value=("freed_value", "sum"), gain=("gain", "sum")
    )
    known = rows.drop(columns=["freed_value"]).set_index(KEY).join(first.add_prefix("first_")).join(together)
    acts = known["first_action"].notna()
    return known.assign(
        proposed=known["first_action"].where(acts, KEEP),
        proposed_quantity=known["first_units"],
        why=known["first_why"].where(acts, known["action"]),
    ).reset_index()


def _decided_about(table: pd.DataFrame, before: pd.DataFrame) -> list[str | None]:
    """Return each decision with the excess that stood beside it when it was first read, and whether that is gone.

    Text that says so of the same decision stays; of another, or a new one, it is the excess of the last table, which
    the planner had before them.
    """
    stood = before.reindex(columns=[*KEY, "excess_value", "decided_about"]).drop_duplicates(KEY)
    stood["excess_value"] = read(stood["excess_value"], EXCESS_DECISIONS.column("excess_value")).values
    beside = table[KEY].merge(stood, on=KEY, how="left")
    found = []
    for decided, was, excess, proposed in zip(
        _told(table), beside["decided_about"], beside["excess_value"], table["proposed"], strict=True
    ):
        then = str(was).removesuffix(_GONE)
        if then != decided and not then.startswith(f"{decided}{_WITH}"):
            then = f"{decided}" if pd.isna(excess) else f"{decided}{_WITH}{excess:,.2f} too much"
        found.append((then if _is_filled(proposed) else f"{then}{_GONE}") if decided else None)
    return found


def _told(table: pd.DataFrame) -> pd.Series[Any]:
    """Return each decision with its units, in words; None where there is none."""
    quantities = read(table["decided_quantity"], EXCESS_DECISIONS.column("decided_quantity")).values
    told = [
        " ".join(f"{decision} {'' if pd.isna(units) else _shown(units)}".split()) if _is_filled(decision) else None
        for decision, units in zip(table["decision"], quantities, strict=True)
    ]
    return pd.Series(told, index=table.index, dtype=object)


def _is_filled(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _as_numbers(typed: pd.Series[Any]) -> pd.Series[Any]:
    """Return what was typed as numbers; as it was typed where one of it is none."""
    numbers = read(typed, EXCESS_DECISIONS.column("decided_quantity")).values
    return numbers.astype(np.float64) if (numbers.notna() | typed.isna()).all() else typed


def _shown(units: float) -> str:
    """Return a quantity in words.

    Examples
    --------
    >>> _shown(1250.0), _shown(7.46), _shown(0.0312)
    ('1,250', '7.5', '0.031')
    """
    return f"{units:,.1f}".removesuffix(".0") if units >= 1 else f"{units:.2g}"


def _decided_in(excess: pd.DataFrame | None) -> pd.DataFrame:
    """Return what is decided in ``tblExcess``, in words, by item and location."""
    rows = pd.DataFrame() if excess is None else excess
    rows = rows.reindex(columns=[*KEY, "decision", "decided_quantity", "on_hand", "on_order"]).drop_duplicates(KEY)
    return rows[KEY].assign(told=_told(rows).where(is_decision(rows), None))


def decisions_answer(decisions: pd.DataFrame, money: str) -> str:
    """Return in a few sentences what is proposed, and what was decided already.

    A decision about an item that is not too much any more does not count as one about what is; what is no decision
    counts nowhere.

    Examples
    --------
    >>> rows = {"proposed": ["return", "keep"], "actions": ["return 4; promote 2", None], "decision": [None, "keep"]}
    >>> told = decisions_answer(pd.DataFrame(rows | {"excess_decision": None}), "USD")
    >>> told.split(". ")[0]
    '**Proposed:** 1 return, 1 keep; for 1 of the items other actions help too, which `actions` names'
    >>> told.split(". ")[1]
    'You have decided here about 1 of them.'
    """
    listed = decisions["proposed"].map(_is_filled).astype(bool)
    typed = decisions.reindex(columns=["decision", "decided_quantity"])
    decided = is_decision(typed)
    none = int((typed["decision"].map(_is_filled).astype(bool) & ~decided).sum())
    gone = int((decided & ~listed).sum())
    ends = "counts" if gone == 1 else "count"
    after = f" {counted(gone, 'decision')} about what is not too much any more no longer {ends}." if gone else ""
    if none:
        words = ", ".join(EXCESS_DECISIONS.column("decision").choices)
        after += f" In {counted(none, 'row')} here you typed what is no decision: expected one of {words}, with units "
        after += "of at least 0 or none."
    if not listed.any():
        return f"**Nothing to decide:** no item is too much.{after}"
    told = ", ".join(f"{count:,} {name}" for name, count in decisions.loc[listed, "proposed"].value_counts().items())
    further = int(decisions["actions"].fillna("").astype(str).str.contains("; ", regex=False).sum())
    more = f"; for {further:,} of the items other actions help too, which `actions` names" if further else ""
    in_excess = decisions["excess_decision"].map(_is_filled).astype(bool)
    places = [("here", int((decided & listed).sum())), ("in tblExcess", int((in_excess & listed).sum()))]
    own = ", ".join(f"{place} about {number:,} of them" for place, number in places if number)
    return f"**Proposed:** {told}{more}.{f' You have decided {own}.' if own else ''}{after}"
