"""Exceptions of stock: too little of it, or too much."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.exceptions.signals import LIKELY, WORTH_SAYING, Signal, messages, there_in_words
from invopt_xl.plan.orders.short import advice_when_short
from invopt_xl.plan.parameters import Parameters


def stock_out_signals(items: pd.DataFrame, parameters: Parameters) -> Iterable[Signal]:
    """Yield items that are out of stock, will be, or may be."""
    price, risk = items["shortage_cost"], items["stockout_probability"]
    there = there_in_words(items)
    why = (": " + items["short_reason"]).where(items["short_reason"] != "", "")
    alive = ((items["status"] != "phase-out") & (items["recent_demand"] > 0)).to_numpy()
    out = alive & (items["on_hand"] <= 0).to_numpy()
    lost = (items["expected_shortage"] * price).fillna(0.0)
    yield Signal(
        "stock-out",
        "critical",
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
    yield Signal("stock-out likely", "critical", likely, lost, there + chance, _remedy(items))
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
    yield _shortage_in_plan(items, parameters, why, alive & ~settled)
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


def _shortage_in_plan(
    items: pd.DataFrame, parameters: Parameters, why: pd.Series[str], asked: npt.NDArray[np.bool_]
) -> Signal:
    """Return items, of those asked about, whose plan leaves more unmet than their fill rate means."""
    short = items["planned_short"]
    # A fill rate of 80% means that a fifth of demand is not met; only more than that is news.
    meant = (1.0 - items["expected_fill_rate"]) * items["demand_per_period"] * parameters.horizon_periods
    return Signal(
        "shortage in plan",
        "warning",
        asked & (short - meant >= WORTH_SAYING).to_numpy(),
        short * items["shortage_cost"],
        messages("the order plan leaves {} units of expected demand unmet over the horizon", short) + why,
        items["short_reason"].map(advice_when_short),
    )


def _remedy(items: pd.DataFrame) -> pd.Series[str]:
    """Return what to do against a stock-out, given what is ordered now and what is on order."""
    ordered = messages("{} are ordered now; ask for early delivery, or offer a substitute.", items["order_quantity"])
    expedite = messages("Expedite the {} on order, or order by override.", items["on_order"])
    nothing = "Nothing is ordered now, see why in the plan; order by override if it must not run out."
    moved = messages("{} are sent from another location now; see that they leave at once.", items["moved_in"])
    expedite = expedite.mask(items["moved_in"] > 0, moved)
    return ordered.where(
        items["order_quantity"] > 0, expedite.where(items["on_order"] + items["moved_in"] > 0, nothing)
    )


def surplus_signals(items: pd.DataFrame, parameters: Parameters) -> Iterable[Signal]:
    """Yield items with more stock than they need."""
    stock_value = items["on_hand"] * items["unit_cost"]
    dead = ((items["on_hand"] > 0) & (items["recent_demand"] <= 0) & (items["known_periods"] > 0)).to_numpy()
    yield Signal(
        "no recent demand",
        "warning",
        dead,
        stock_value,
        messages(
            f"{{}} on hand and no demand in the last {{}} {parameters.period}s",
            items["on_hand"],
            items["recent_periods"],
        ),
        "Return, mark down or scrap; stop orders.",
    )
    excess = ~dead & ((items["excess_quantity"] > 0) & (items["known_periods"] > 0)).to_numpy()
    unit = f" {parameters.currency}" if parameters.currency else ""
    yield Signal(
        "excess",
        "warning",
        excess,
        items["excess_value"],
        messages(
            "{} of {} on hand and on order are excess, worth {}" + unit,
            items["excess_quantity"],
            items["on_hand"] + items["on_order"],
            items["excess_value"].round(),
        ),
        "Stop orders; cancel what is on order; promote or return.",
    )
