"""Exceptions of orders, of what the planner decided, and of levels and forecasts that want a look."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from invopt_xl.plan.buffers import large_changes
from invopt_xl.plan.exceptions.signals import (
    CRITICAL_WASTE,
    LIKELY,
    SPOILAGE,
    Signal,
    messages,
    severity_by_value,
    there_in_words,
)
from invopt_xl.plan.explain import beside_proposal
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.replenishment import LONGEST_CYCLE_DAYS


def order_signals(items: pd.DataFrame, parameters: Parameters) -> Iterable[Signal]:
    """Yield orders larger than is good: forced by a minimum, or more than sells before it spoils."""
    there = items["on_hand"] + items["on_order"] + items["order_quantity"]
    smallest = np.maximum(items["moq"], items["lot_size"])
    daily = items["demand_per_period"] / parameters.calendar.days_per_period
    days = there / daily.clip(lower=1e-9)
    ordered = (items["order_quantity"] > 0) & (items["order_quantity"] <= smallest) & items["override"].isna()
    forced = ordered & (days > LONGEST_CYCLE_DAYS)
    yield Signal(
        "large minimum",
        "warning",
        forced.to_numpy(),
        items["order_quantity"] * items["unit_cost"],
        messages(
            "with the order of {} stock lasts {} days: minimum {}, lot {}",
            items["order_quantity"],
            days.clip(upper=9999).round(),
            items["moq"],
            items["lot_size"],
        ),
        "Ask for a smaller minimum, or drop the item.",
    )
    spoils = items["spoiling"]
    yield Signal(
        "shelf life",
        severity_by_value(items, spoils * items["unit_cost"], CRITICAL_WASTE),
        (spoils * items["unit_cost"] > SPOILAGE).to_numpy(),
        spoils * items["unit_cost"],
        messages(
            "{} of {} on hand, on order and to order will not sell within {} days of shelf life",
            spoils.round(),
            there,
            items["shelf_life_days"],
        ),
        _against_waste(items),
    )


def _against_waste(items: pd.DataFrame) -> pd.Series[str]:
    """Return what to do against waste, given whether it is what is ordered now, and what is on order."""
    actions = pd.Series("Promote or mark down before it spoils.", index=items.index)
    actions = actions.mask(items["on_order"] > 0, "Delay or cancel what is on order; promote or mark down the rest.")
    return actions.mask(
        items["spoiling_order"] > 0.5 * items["spoiling"], "Order less and more often, or accept the waste."
    )


def attention_signals(items: pd.DataFrame) -> Iterable[Signal]:
    """Yield overrides, reorder points that moved, and items that little is known about."""
    override = items["override"]
    yield Signal(
        "override",
        "notice",
        override.notna().to_numpy(),
        ((override - items["proposed_quantity"]).abs() * items["unit_cost"]).fillna(0.0),
        _overrides_in_words(items),
        "Clear override_quantity to follow the plan again.",
    )
    change = items["buffer_change"].fillna(0.0)
    moved = pd.Series("the reorder point rose", index=items.index).where(change > 0, "the reorder point fell")
    yield Signal(
        "buffer changed",
        "notice",
        large_changes(items),
        change.abs() * items["unit_cost"],
        moved
        + messages(" from {} to {}: ", items["reorder_point"] - change, items["reorder_point"])
        + items["buffer_why"],
        "See whether the cause holds; the sheet Buffers has every change.",
    )
    unknown = (items["known_periods"] == 0).to_numpy()
    yield Signal(
        "no history",
        "warning",
        unknown,
        items["on_hand"] * items["unit_cost"],
        messages("no known demand, so nothing is ordered; {} on hand", items["on_hand"]),
        "Give it demand rows (was it renamed?), or order by override.",
    )
    yield Signal(
        "weak forecast",
        "notice",
        items["weak_forecast"].to_numpy(dtype=bool) & ~unknown,
        items["order_quantity"] * items["unit_cost"],
        items["reason"].astype(str),
        "Review the first orders by hand.",
    )


def _overrides_in_words(items: pd.DataFrame) -> pd.Series[str]:
    """Return what the planner orders, when if not now, and how that differs from the proposal."""
    told = messages("the planner orders {}", items["override"])
    later = (" on " + items["override_day"].fillna("").astype(str)).where(items["override_period"] > 0, "")
    beside = [
        "" if row["override"] != row["override"] else beside_proposal(row)
        for row in items[["override", "proposed_quantity", "unit_cost"]].to_dict("records")
    ]
    again = ("; it was ordered on " + items["ordered_before"] + " already").where(items["ordered_before"] != "", "")
    return told + later + pd.Series(beside, index=items.index, dtype=object) + again


def level_signals(items: pd.DataFrame, parameters: Parameters) -> Iterable[Signal]:
    """Yield what the goals say of single items: no levels at all, or a likely stock-out that they accept."""
    alive = ((items["status"] != "phase-out") & (items["recent_demand"] > 0)).to_numpy()
    refused = alive & (items["refused"] != "").to_numpy()
    value = items["demand_per_period"] * items["shortage_cost"] * parameters.horizon_periods
    yield Signal(
        "no levels",
        "warning",
        refused,
        value.fillna(0.0),
        items["refused"] + ", so nothing is ordered",
        "Correct the value, or order by override.",
    )
    accepted = (items["available"] >= items["reorder_point"]) & (items["on_hand"] > 0)
    accepted &= items["stockout_probability"] > LIKELY
    yield Signal(
        "stock-out accepted",
        "notice",
        alive & ~refused & accepted.to_numpy(dtype=bool),
        (items["expected_shortage"] * items["shortage_cost"]).fillna(0.0),
        there_in_words(items)
        + messages(
            " run out with {}% probability before the next chance to order is delivered, as its service target accepts",
            (100 * items["stockout_probability"]).round(),
        ),
        "Give it a service_target of its own if it must not run out.",
    )
