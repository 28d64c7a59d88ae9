"""Exceptions of stock: too little of it, or too much."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.exceptions.signals import (
    CRITICAL_SHARE,
    LIKELY,
    Signal,
    messages,
    severity_by_value,
    there_in_words,
)
from invopt_xl.plan.excess import cancel_in_words, ordered_in_words, units_to_cancel
from invopt_xl.plan.excess.measures import MOVED, moved_in_words, unmoved_excess
from invopt_xl.plan.explain import percent
from invopt_xl.plan.lanes import moves_of
from invopt_xl.plan.orders.short import advice_when_short
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quantities import finer_by, least_units, told_from
from invopt_xl.plan.service_goals import CRITICALITY_WEIGHTS

NO_DEMAND, EXCESS = "no recent demand", "excess"
"""Kinds of exceptions about stock that is too much."""


def stock_out_signals(items: pd.DataFrame, parameters: Parameters) -> Iterable[Signal]:
    """Yield items that are out of stock, will be, or may be."""
    price, risk = items["shortage_cost"], items["stockout_probability"]
    there = there_in_words(items)
    why = (": " + items["short_reason"]).where(items["short_reason"] != "", "")
    alive = ((items["status"] != "phase-out") & (items["recent_demand"] > 0)).to_numpy()
    out = alive & (items["on_hand"] <= 0).to_numpy()
    lost = (items["expected_shortage"] * price).fillna(0.0)
    severity = severity_by_value(items, lost * items["criticality"].map(CRITICALITY_WEIGHTS), CRITICAL_SHARE)
    yield Signal(
        "stock-out",
        severity,
        out,
        lost,
        messages("out of stock with {} due in time", items["available"] - items["on_hand"])
        + messages(f"; demand is {{}} a {parameters.period}", items["demand_per_period"]),
        _remedy(items),
    )
    low = (items["available"] < items["reorder_point"]).to_numpy() | (items["refused"] != "").to_numpy()
    likely = alive & ~out & low & (risk > LIKELY).to_numpy()
    chance = messages(
        " run out with {}% probability before the next chance to order is delivered", (100 * risk).round()
    )
    yield Signal("stock-out likely", severity, likely, lost, there + chance, _remedy(items))
    settled = out | likely | (items["refused"] != "").to_numpy()
    below = alive & ~settled & low & (items["order_quantity"] + items["moved_in"] <= 0).to_numpy()
    yield Signal(
        "below reorder point",
        "warning",
        below,
        lost,
        there + messages(" are below the reorder point of {}, and nothing is ordered", items["reorder_point"]) + why,
        "See why in the plan; order by override if the reason does not hold.",
    )
    yield _shortage_in_plan(items, why, alive & (items["refused"] == "").to_numpy())
    yield Signal(
        "beyond the plan",
        "critical",
        items["beyond_plan"].to_numpy(dtype=bool),
        lost,
        messages(
            "a lead time of {} days is longer than orders are planned; nothing is ordered", items["lead_time_days"]
        ),
        "Order by override.",
    )


def _shortage_in_plan(items: pd.DataFrame, why: pd.Series[str], asked: npt.NDArray[np.bool_]) -> Signal:
    """Return items, of those asked about, of whose demand the order plan meets far less than the levels mean."""
    met = items["planned_met"].map(lambda share: percent(share, 0))
    meant = items["expected_fill_rate"].map(lambda share: percent(share, 1))
    of_it = items["reached_in_part"].map({True: " of what orders can still reach is met", False: " of it met"})
    return Signal(
        "shortage in plan",
        "warning",
        asked & items["far_below"].to_numpy(dtype=bool),
        items["planned_short"] * items["shortage_cost"],
        "the order plan leaves demand unmet: "
        + met
        + of_it
        + " over the horizon, against "
        + meant
        + " by its levels"
        + why,
        items["short_reason"].map(advice_when_short),
    )


def _remedy(items: pd.DataFrame) -> pd.Series[str]:
    """Return what to do against a stock-out, given what is ordered now, and what is on order and when it comes."""
    due = _are("due", items["first_due_quantity"]) + " " + items["first_due"]
    more = _are("ordered now", items["order_quantity"])
    cancelled = units_to_cancel(items)
    part, kept = cancelled >= told_from(items), items["on_order"] - cancelled
    sooner = items["first_due_quantity"].clip(upper=kept)  # not what the excess says to cancel
    early = messages(" of {}", sooner).where(part, "")
    on_order, ordered = kept > 0, items["order_quantity"] > 0
    moved = _are("sent from another location now; see that the transfer leaves at once.", items["moved_in"])
    nothing = "Nothing is ordered now, see why in the plan; order by override if it must not run out."
    action = pd.Series(nothing, index=items.index)
    action = action.mask(on_order, due + ": ask for early delivery" + early + ", or order by override.")
    action = action.mask(items["moved_in"] > 0, moved)
    action = action.mask(ordered, more + ": ask for early delivery, or offer a substitute.")
    return action.mask(ordered & on_order, due + ": ask for earlier delivery" + early + "; " + more + " besides.")


def _are(what: str, units: pd.Series[float]) -> pd.Series[str]:
    """Return what units are, in words, one unit by itself too."""
    return messages(f"{{}} are {what}", units).mask(units == 1, f"1 is {what}")


def surplus_signals(items: pd.DataFrame, parameters: Parameters) -> Iterable[Signal]:
    """Yield items with more stock than they need."""
    stock_value = items["on_hand"] * items["unit_cost"]
    dead = ((items["on_hand"] > 0) & (items["recent_demand"] <= 0) & (items["known_periods"] > 0)).to_numpy()
    yield Signal(
        NO_DEMAND,
        "warning",
        dead,
        stock_value,
        messages(
            f"{{}} on hand and no demand in the last {{}} {parameters.period}s",
            items["on_hand"],
            items["recent_periods"],
        ),
        _against_surplus(items, "Return, mark down or scrap"),
    )
    excess = ~dead & ((items["excess_quantity"] > 0) & (items["known_periods"] > 0)).to_numpy()
    unit = f" {parameters.currency}" if parameters.currency else ""
    yield Signal(
        EXCESS,
        "warning",
        excess,
        items["excess_value"],
        messages(
            "{} of {} on hand and on order are excess, worth {}" + unit,
            items["excess_quantity"],
            items["on_hand"] + items["on_order"],
            items["excess_value"].round(),
        ),
        _against_surplus(items, "Promote, mark down or return"),
    )


def as_excess_says(exceptions: pd.DataFrame, excess: pd.DataFrame) -> pd.DataFrame:
    """Return the exceptions with what ``tblExcess`` says to do about the same units: two pieces of advice are none.

    Parameters
    ----------
    exceptions
        As `find_exceptions` returns them.
    excess
        ``tblExcess``.

    Examples
    --------
    >>> exceptions = pd.DataFrame({"item": ["tea", "tea"], "location": "MAIN", "kind": ["excess", "stock-out"],
    ...                            "action": "Promote, mark down or return."})
    >>> excess = pd.DataFrame({"item": ["tea"], "location": "MAIN", "action": "Return 8 to North."})
    >>> as_excess_says(exceptions, excess)["action"].tolist()
    ['Return 8 to North.', 'Promote, mark down or return.']
    """
    advice = (
        excess.drop_duplicates(KEY)
        .set_index(KEY)["action"]
        .reindex(pd.MultiIndex.from_frame(exceptions[KEY]))
        .to_numpy()
    )
    taken = exceptions["kind"].isin([NO_DEMAND, EXCESS]).to_numpy() & pd.notna(advice)
    return exceptions.assign(action=np.where(taken, advice, exceptions["action"]))


def _against_surplus(items: pd.DataFrame, what: str) -> pd.Series[str]:
    """Return what to do about stock that is too much, given what of it is on order and what is ordered now."""
    cancelled, then = units_to_cancel(items), f"{what[:1].lower()}{what[1:]}"
    decimals = 1 + finer_by(items)
    stop = pd.Series(map(cancel_in_words, cancelled, items["on_order"], decimals), index=items.index, dtype=object)
    left = unmoved_excess(items) - cancelled >= least_units(items)
    stop += pd.Series("", index=items.index).mask(left, f"; {then} the rest") + "."
    own = messages("Clear the override of {} if it is not meant", items["order_quantity"]) + f"; {then}."
    override = items["override"].fillna(0.0)
    ordered = map(ordered_in_words, items["order_quantity"], override, decimals)
    moves = moves_of(items)
    beside = pd.Series(ordered, index=items.index, dtype=object) + moves["planned_to"].map(moved_in_words)
    idle = (items["on_order"] <= 0) & (items["order_quantity"] <= 0)
    action = pd.Series(f"{what}.", index=items.index).mask(idle, f"{what}; nothing is on order.") + beside
    action = action.mask(~left & (moves["planned_out"] > 0), MOVED + beside)
    return action.mask(override > 0, own).mask(cancelled >= told_from(items), stop + beside)
