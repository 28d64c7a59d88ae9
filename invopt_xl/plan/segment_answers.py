"""What segments say of all items together, in short answers."""

from __future__ import annotations

import pandas as pd

from invopt_xl.domain.words import amount, counted
from invopt_xl.plan.segment_looks import often_asked_for
from invopt_xl.plan.segmentation import Segmentation, Stability
from invopt_xl.plan.segmentation.advising import STOP, TO_ORDER
from invopt_xl.plan.target_choices import ALIKE, FLOORS, MIX, OWN, SAME, USUAL, WEIGHTED

_WORTH = {
    "value": ("demand at cost", "demand that is worth anything at cost"),
    "margin": ("margin", "a margin that is known"),
    "lines": ("sales, whatever their size", "a sale of late"),
}
"""What items are ranked by in words, and what those lack that are worth nothing by it."""

_SHORT = 0.75
"""Share of today's history below which it is said that classes of the past stand on less."""

_LITTLE = 0.02
"""Share of stock money below which a difference is not worth a decision."""

_AS_WELL = 0.005
"""Fill rates that differ by this much at most are called the same service."""


def segment_answer(found: Segmentation) -> str:
    """Return in a few sentences which items deserve which care.

    Parameters
    ----------
    found
        The segments.
    """
    items, worth, count = found.items, found.worth, len(found.items)
    what, none = _WORTH[found.by]
    if not worth.sum() > 0:
        return f"**None of {counted(count, 'item')} has {none}: classes by {found.by} say nothing.** {_stopped(items)}"
    first, last = found.classes == "A", found.classes == "C"
    hard = first & (items["xyz"] == "Z") & items["forecast_error"].notna()
    rest = (
        f"; the {int(last.sum()):,} C items ({last.mean():.0%}) make {_share(worth, last)}: plan them by a simple rule "
        "and leave them"
        if last.any()
        else ""
    )
    look = (
        f" Of these A items {int(hard.sum()):,} are Z, with {_share(worth, hard)} of it: forecasts of them err by "
        "more than mean demand, so look at these first."
        if hard.any()
        else ""
    )
    return (
        f"**{int(first.sum()):,} of {counted(count, 'item')} ({first.mean():.0%}) make {_share(worth, first)} of "
        f"{what}: look at them every week{rest}.**{look}{_classless(found)} {_stopped(items)} {_hopped(found)}"
    )


def _classless(found: Segmentation) -> str:
    """Return in words how many items have no class, and what they are of demand."""
    out, value = found.classes == "", found.items["demand_value"]
    if not out.any():
        return ""
    share = f", {_share(value, out)} of demand at cost" if value.sum() > 0 else ""
    return f" {counted(int(out.sum()), 'item')} without a class by {found.by}{share}: below the matrix, as no class."


def _share(worth: pd.Series[float], rows: pd.Series[bool]) -> str:
    return f"{worth[rows].sum() / worth.sum():.0%}"


def _stopped(items: pd.DataFrame) -> str:
    policy = items["recommended_policy"]
    stop, order = int((policy == STOP).sum()), int((policy == TO_ORDER).sum())
    return f"{counted(stop, 'item')} should not be bought any more, {order:,} only to order."


def _hopped(found: Segmentation) -> str:
    hops = found.items["class_changes"] > 0
    if not len(found.stability.months):
        return "Whether classes are stable cannot be told yet."
    return (
        f"{int(hops.sum()):,} changed class in the months looked back at: plan them by the class they were in most "
        "often."
        if hops.any()
        else "None changed class in the months looked back at."
    )


def disagreement_answer(found: Segmentation, period: str) -> str:
    """Return in a few sentences where value, margin and lines disagree.

    Parameters
    ----------
    found
        The segments.
    period
        What a period is called.
    """
    items = found.items
    priced = items["margin_class"] != ""
    other = priced & (items["margin_class"] != items["abc"])
    margin = (
        f"By margin {int(other.sum()):,} of {counted(int(priced.sum()), 'item')} with a price have another class than "
        "by value."
        if priced.any()
        else "**No item has a price: there is no class by margin.**"
    )
    fading = often_asked_for(found)["fading"]
    gone = (
        f" {counted(int(fading.sum()), 'other')} did so over the last year, but less is expected of them: a good "
        "target buys nothing there."
        if fading.any()
        else ""
    )
    kept = f" Demand is kept a row a {period}, so a line is a {period} with a sale."
    note = kept if items["lines_per_period"].max() <= 1.0 else ""
    return (
        f"{margin} {counted(int((~fading).sum()), 'item')} of class C by value sell as often as an A item: they are "
        f"worth little, and missed often.{gone}{note}"
    )


def variation_answer(items: pd.DataFrame) -> str:
    """Return in a sentence or two how classes by forecast error differ from those by raw variation.

    Parameters
    ----------
    items
        As `raw_variation` returns them.
    """
    judged = items[items["forecast_error"].notna() & items["variation"].notna()]
    if judged.empty:
        return "**No item can be judged by forecasts yet:** all are Z."
    other = judged["xyz"] != judged["raw_xyz"]
    order = judged["xyz"].map("XYZ".index) - judged["raw_xyz"].map("XYZ".index)
    return (
        f"**{int(other.sum()):,} of {counted(len(judged), 'item')} that can be judged would have another class by raw "
        "variation.** "
        f"{int((order < 0).sum()):,} are easier to forecast than their variation says, as what made it was foreseen; "
        f"{int((order > 0).sum()):,} are harder, as they have become wilder of late or swing from period to period."
    )


def hopping_answer(found: Segmentation) -> str:
    """Return in a few sentences how stable classes are.

    Parameters
    ----------
    found
        The segments.
    """
    looked, items = found.stability, found.items
    steps = int(looked.months["items"].sum()) if len(looked.months) else 0
    if not steps:
        return "**Whether classes hop cannot be told:** no item was classed in two months."
    moved = looked.transitions[looked.transitions["before"] != looked.transitions["after"]]
    changed = int(moved["steps"].sum())
    hops = items["class_changes"] > 0
    if not changed:
        return f"**No item changed class in {counted(len(looked.months), 'month')}.**"
    by_error = int(moved["steps"][moved["before"].str[0] == moved["after"].str[0]].sum())
    back = hops.to_numpy() & (looked.classes[:, 0] == looked.classes[:, -1])
    return (
        f"**{1 - changed / steps:.0%} of items keep their class from one month to the next; {int(hops.sum()):,} of "
        f"{counted(len(items), 'item')} changed it at least once in {counted(len(looked.months), 'month')}.** "
        f"{by_error / changed:.0%} of the changes are of the second letter alone, by forecast error, and "
        f"{counted(int(back.sum()), 'item')} ended where they began: they lie near a limit. A policy that follows "
        "every hop changes settings without need; `stable_class` is the class an item was in most often."
        f"{_shorter(looked)}"
    )


def _shorter(looked: Stability) -> str:
    """Return in words how much less the first classes looked back at stand on, where it is much less."""
    first, last = looked.known[0], looked.known[-1]
    if first > _SHORT * last:
        return ""
    return (
        f" The first classes looked back at, of {looked.dates[0]:%Y-%m-%d}, stand on {first:,} periods of history, "
        f"those of today on {last:,}: that alone makes the first months look less stable."
    )


def choice_answer(choices: pd.DataFrame, currency: str, left_out: int = 0) -> str:
    """Return in a few sentences what recommended targets and customer weights would change.

    Parameters
    ----------
    choices
        As `target_choices.target_choices` returns them.
    currency
        The unit of money; blank where it is not known.
    left_out
        Items for which no stock is advised, so that no choice holds them.
    """
    stock, fill = (choices.set_index("choice")[name] for name in ("stock_value", "fill_rate"))
    if not stock.get(OWN, 0.0) > 0:
        return "**No item takes any stock under its target: there is nothing to compare.**"

    def told(name: str) -> str:
        return f"{amount(stock[name], currency)} of stock for a fill rate of {fill[name]:.1%}"

    beside = {ALIKE: "one target for all", SAME: "the mix"}
    near = [name for name in beside if name in stock and abs(fill[name] - fill[OWN]) <= _AS_WELL]
    first = f"Recommended targets take {told(OWN)}"
    if near:
        first += ". To serve as well, " + ", ".join(f"{beside[name]} takes {told(name)}" for name in near)
    weights = "No customer weight differs from today's."
    if WEIGHTED in stock:
        more = stock[WEIGHTED] - stock[MIX]
        few = "next to nothing" if abs(more) < _LITTLE * stock[MIX] else "enough to decide on"
        weights = f"Customer weights change it by {_money(more, currency)}: {few}."
    out = f" {counted(left_out, 'item')} for which no stock is advised: left out of all." if left_out else ""
    floors = _money(stock[FLOORS] - stock[MIX], currency)
    return (
        f"**{first}.** Asked for the target of the plan, one target for all takes {told(USUAL)}, the mix {told(MIX)}. "
        f"As floors under the mix recommended targets change its stock by {floors}. {weights}{out}"
    )


def _money(value: float, currency: str) -> str:
    return f"{value:+,.0f} {currency}".strip()
