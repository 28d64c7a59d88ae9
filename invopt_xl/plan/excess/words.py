"""What to do first about an item's excess, and why each action gains, in words."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.domain.words import likely
from invopt_xl.plan.excess.ageing import UNKNOWN
from invopt_xl.plan.excess.kinds import NO_DEMAND, NO_HISTORY, SPOILS
from invopt_xl.plan.excess.measures import MOVED, cancel_in_words, moved_in_words, ordered_in_words
from invopt_xl.plan.excess.terms import ActionTerms
from invopt_xl.plan.excess.ways import MARK_DOWN, PROMOTE, RETURN, SCRAP, STOP, TRANSFER, marked_down_share
from invopt_xl.plan.explain import amount
from invopt_xl.plan.lanes import moves_of
from invopt_xl.plan.quantities import finer_by, told_from

Record = Mapping[Hashable, Any]

WORTH_TELLING, LIKELY = 0.1, 0.5
"""Chances that demand has ended from which on it is said, and taken to be likely."""


def with_first_action(rows: pd.DataFrame, actions: pd.DataFrame) -> pd.DataFrame:
    """Return the items with ``action``, what to do first about their excess, and ``freed_value``, money at cost.

    It is the first of the item's actions as `ranked` has them. Freed is the money of this action alone: of an
    order its cost; of units that move what need not be bought at their destination, less the transfer; of units sold or
    returned their cost, which they may not bring; of scrap none.

    Parameters
    ----------
    rows
        Listed items, as `kinds.with_kinds` and `transfers` return them.
    actions
        As `ranked` returns them.
    """
    first = actions.drop_duplicates("row").set_index("row").reindex(rows.index)
    told = rows.assign(what=first["action"], units=first["units"], silent=_silent(rows))
    records = told.assign(least=told_from(rows), decimals=1 + finer_by(rows), **moves_of(rows)).to_dict("records")
    words = np.array([_sentence(record) for record in records], dtype=object)
    return rows.assign(action=words, freed_value=first["freed_value"].fillna(0.0))


def reasons(rows: pd.DataFrame, actions: pd.DataFrame, terms: ActionTerms) -> list[str]:
    """Return why each action gains, in words.

    Parameters
    ----------
    rows
        The items, with all that the actions stand on.
    actions
        As `ranked` returns them.
    terms
        What marked-down goods bring, and whether that is estimated.
    """
    told = rows[["supplier", "to", "cancel_quantity", "on_order", "override", "ended_chance", "demand_words"]].assign(
        planned_to=moves_of(rows)["planned_to"],
        brings=marked_down_share(rows, terms),
        estimated=terms.estimated(rows.index),
        refund=terms.refund_share - terms.return_cost,
        assumed=" (assumed)" if "refund_share" in terms.assumed else "",
        silent=_silent(rows),
        least=told_from(rows),
    )
    return [_reason(record) for record in actions.join(told, on="row").to_dict("records")]


def _silent(rows: pd.DataFrame) -> list[str]:
    """Return that nobody asks for an item any more, as far as that is known, in words; blank where somebody does."""
    told = np.where(rows["ended_chance"] >= LIKELY, "demand has likely ended", "")
    return [str(each) for each in np.where(rows["kind"] == NO_DEMAND, "nobody asks for them", told)]


def _sentence(row: Record) -> str:
    """Return what to do first about an item's excess."""
    told = _FIRST.get(row["what"], _wait)(row)
    # An override that is to be cleared needs no second word.
    own = row["what"] == STOP and row["cancel_quantity"] < row["least"]
    if not own and row["kind"] != NO_HISTORY:
        told += ordered_in_words(row["order_quantity"], row["override"], row["decimals"])
    return f"{told}{moved_in_words(row['planned_to'])}{row['demand_words']}"


def _units(row: Record, name: str = "units") -> str:
    return amount(round(row[name], row["decimals"]), row["decimals"])


def _stop(row: Record) -> str:
    if row["cancel_quantity"] >= row["least"]:
        return f"{cancel_in_words(row['cancel_quantity'], row['on_order'], row['decimals'])}."
    if row["override"] > 0:
        return f"Clear the override of {_units(row, 'override')}, if you can."
    return f"Do not place {_units(row)} of the {_units(row, 'order_quantity')} ordered now: likely unused in time."


def _mark_down(row: Record) -> str:
    before = f" before they outlast {row['shelf_life_days']:,.0f} days" if row["kind"] == SPOILS else ""
    return f"Mark down {_units(row)}{before}."


def _scrap(row: Record) -> str:
    if row["kind"] == NO_DEMAND and row["shelf_life_days"] > 0:
        return f"Scrap what is past its {row['shelf_life_days']:,.0f} days: nobody asks for it."
    return f"Clear out or scrap {_units(row)}: {row['silent'] or 'they bring more so than by waiting'}."


_FIRST: Mapping[str, Callable[[Record], str]] = {
    STOP: _stop,
    TRANSFER: lambda row: f"Send {row['to']}: less has to be bought there.",
    RETURN: lambda row: f"Return {_units(row)} to {row['supplier']}.",
    PROMOTE: lambda row: f"Promote {_units(row)}: sold for less now, they bring more than later.",
    MARK_DOWN: _mark_down,
    SCRAP: _scrap,
}


def _wait(row: Record) -> str:
    """Return what to do where nothing is better than waiting."""
    if row["kind"] == NO_HISTORY or row["ageing"] == UNKNOWN:
        return "Nothing yet: no sale is on record."
    if not row["unit_cost"] > 0:
        return "Nothing yet: it has no cost, so nothing can be weighed."
    if row["here"] < row["least"] and row["kind"] == SPOILS:
        return "Watch: some of it may outlast its shelf life, but parting with it now would cost more."
    if row["here"] < row["least"] and row["planned_out"] > 0:
        return MOVED
    if row["here"] < row["least"]:
        return "Watch: no demand of late, but no more than the forecast will use."
    kept = _units(row, "here")
    told = f"Keep {kept}" if row["silent"] else f"Let {kept} sell"
    if row["supplier"] and 1.0 < row["lot_size"] > row["here"]:
        told += f": less than a lot of {amount(row['lot_size'])} is not sent back, and"
        return f"{told} any other way out costs more than holding them."
    return f"{told}: any other way out costs more than holding them."


def _marked_down(row: Record) -> str:
    if row["estimated"]:
        return f"What they bring marked down, {row['brings']:.0%} of cost (on their price path), beats waiting"
    return f"What they bring marked down, {row['brings']:.0%} of cost (assumed){_unless_ended(row)}, beats waiting"


def _unless_ended(row: Record) -> str:
    """Return how likely it is that nobody buys at any price, where that is worth a word."""
    return f", unless demand has ended ({likely(row['ended_chance'])})" if row["ended_chance"] >= WORTH_TELLING else ""


_WHY: Mapping[str, Callable[[Record], str]] = {
    TRANSFER: lambda row: f"{row['to'][:1].upper()}{row['to'][1:]}: less has to be bought there",
    RETURN: lambda row: (
        f"{row['supplier']} takes them back for {row['refund']:.0%} of cost after freight{row['assumed']}, "
        "which beats waiting"
    ),
    PROMOTE: lambda row: f"There is demand to lift{_unless_ended(row)}, and its price bears a discount",
    MARK_DOWN: _marked_down,
    SCRAP: lambda row: f"They take room and money{row['silent'] and ', and '}{row['silent']}",
}


def _stopped(row: Record) -> str:
    cancelled = row["cancel_quantity"] if row["cancel_quantity"] >= row["least"] else 0.0
    parts = [cancel_in_words(cancelled, row["on_order"], row["decimals"])] if cancelled else []
    if (more := row["units"] - cancelled) >= row["least"]:
        own = "clear the override of" if row["override"] > 0 else "do not place the order of"
        parts.append(f"{own} {_units({**row, 'more': more}, 'more')}")
    told = "; ".join(parts)
    return f"{told[:1].upper()}{told[1:]}"


def _reason(row: Record) -> str:
    why = (_stopped if row["action"] == STOP else _WHY[row["action"]])(row)
    left, days = _units(row, "left_over"), f"{row['days']:,.0f}"
    told = f"{why}; else {left} of {_units(row)} are expected to be left in {days} days."
    return f"{told}{moved_in_words(row['planned_to'])}{row['demand_words']}"
