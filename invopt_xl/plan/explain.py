"""Why each recommendation is what it is, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from invopt_xl.domain import Period

_SHAPES: Mapping[str, str] = {
    "need": "",
    "minimum": "raised to the minimum of {moq:,.0f}",
    "lot": "rounded up to the case of {lot_size:,.0f}",
    "joint": "ordered along with {supplier}'s other lines",
    "supplier minimum": "raised to reach {supplier}'s minimum order",
    "discount": "raised to earn {supplier}'s discount",
    "capacity": "held to what {supplier} can deliver",
    "budget": "held to the budget",
    "storage": "held to the storage room",
    "override": "the planner's own quantity",
}
"""What shaped an order line, by the code the order plan gives it."""


def amount(value: float) -> str:
    """Return a quantity as a planner writes it: whole units, tenths where small."""
    return f"{value:,.0f}" if abs(value) >= 10 or float(value).is_integer() else f"{value:,.1f}"


def plural(value: float, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> plural(1, "week"), plural(3.1, "week")
    ('1 week', '3.1 weeks')
    """
    text = amount(round(value, 1))
    return f"{text} {noun}" if text == "1" else f"{text} {noun}s"


def service_phrase(row: Mapping[str, object]) -> str:
    """Return the target in words, such as ``at the 97% level``."""
    target = float(str(row["service_target"]))
    measure = "fill rate" if row["service_measure"] == "fill" else "level"
    return f"at the {100 * target:.4g}% {measure}"


def lead_time_phrase(row: Mapping[str, object], period: Period) -> str:
    """Return the lead time and what is known of its spread."""
    lead, spread = float(str(row["lead_periods"])), float(str(row["lead_deviation_periods"]))
    if spread < 0.05:
        return f"{plural(lead, period)} of lead time"
    verb = "vary" if amount(round(lead, 1)) != "1" else "varies"
    return f"{plural(lead, period)} of lead time {verb} by {amount(round(spread, 1))}"


def order_sentence(row: Mapping[str, object], shape: str, quantity: float, covered: float, period: Period) -> str:
    """Return why an order line is there.

    Parameters
    ----------
    row
        The item, as `replenishment.set_stock_levels` returns it.
    shape
        The code of what shaped the line, a key of the order plan's ``shaped_by``.
    quantity
        Units ordered.
    covered
        Periods of expected demand that stock, open orders and this line cover together.
    """
    tail = _SHAPES.get(shape, "").format(**row)
    if shape == "override":
        return f"The planner's own quantity; it covers {plural(covered, period)} with what is there."
    lead = f"Covers {plural(covered, period)} {service_phrase(row)}: {lead_time_phrase(row, period)}"
    return f"{lead}; {tail}." if tail else f"{lead}."


def no_order_sentence(row: Mapping[str, object], period: Period, first_order: date | None) -> str:
    """Return why nothing is ordered now."""
    on_hand, on_order = float(str(row["on_hand"])), float(str(row["on_order"]))
    reorder_point = float(str(row["reorder_point"]))
    if row["status"] == "phase-out":
        return "No order: the item is being phased out."
    there = f"{amount(on_hand)} on hand" + (f" and {amount(on_order)} on order" if on_order else "")
    level = f"the reorder point of {amount(reorder_point)} ({service_phrase(row)}, {lead_time_phrase(row, period)})"
    if on_hand + on_order > reorder_point:
        later = f"; next order about {first_order:%d %b %Y}" if first_order else ""
        return f"No order now: {there} exceed {level}{later}."
    low = f"though {there} are at or below {level}"
    if first_order:
        return f"Waits until {first_order:%d %b %Y} {low}: cheaper together, or limits bind now."
    return f"Not ordered {low}: a minimum, a limit or the cost of ordering outweighs the risk."


def covered_periods(items: pd.DataFrame, quantity: pd.Series[float]) -> pd.Series[float]:
    """Return how many periods of expected demand stock, open orders and an order cover, at most 999."""
    rate = items["demand_per_period"].clip(lower=1e-9)
    return ((items["on_hand"] + items["on_order"] + quantity) / rate).clip(upper=999.0)
