"""Why each recommendation is what it is, in one sentence."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from typing import Any

from invopt_xl.domain import Period

Row = Mapping[Hashable, Any]
"""One item as a record of its columns."""

_SHAPES: Mapping[str, str] = {
    "need": "",
    "minimum": "raised to the minimum of {moq:,g}",
    "lot": "rounded up to the case of {lot_size:,g}",
    "joint": "ordered along with other lines of {supplier}",
    "supplier minimum": "raised to reach the minimum order of {supplier}",
    "discount": "raised to earn a discount of {supplier}",
    "price": "bought ahead of a higher price",
    "capacity": "held to what {supplier} can deliver",
    "budget": "held to the budget",
    "storage": "held to the storage room",
    "working capital": "held to the ceiling on working capital",
    "shelf life": "held to what sells before it spoils",
    "frozen": "ordered as soon as orders are no longer frozen",
    "transfer": "moved from {from_location} rather than ordered",
    "emergency": "an emergency order",
    "override": "",
    "sent": "",
}
"""What shaped an order line, by the code the order plan gives it; `SENT` is our own."""

SENT = "sent"
"""Code of a line that is sent already, and so stands whatever is planned."""

_GIVEN = {"override": "The planner's own quantity", SENT: "Sent already"}
"""How the sentence of a line begins that the plan had no say in."""

_TOLD_BY_WAY = ("price", "emergency", "transfer")
"""Shapes that say nothing beyond how a line differs from the item's own supplier, where that is told."""

_SHARED = ", its share"
"""How the note of a fill rate begins that comes of an overall one."""

LONGEST_COVER = 999.0
"""Longer cover, in periods, is not told apart."""


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


def service_phrase(row: Row) -> str:
    """Return what is asked of the item in words, and why: ``at a 97.3% fill rate, its share of the overall 95%``.

    Never as met where shelf life forbids it.
    """
    note = row["service_note"]
    # A target is given, "the" one; a fill rate that comes of another goal is "a" fill rate, and told to a tenth.
    found = note.startswith(_SHARED) or row["service_measure"] == "cost"
    share = percent(row["service_target"], 1 if found else 2)
    article = _indefinite(share) if found else "the"
    shapes = {
        "cycle": f"{article} {share} level{note}",
        "fill": f"{article} {share} fill rate{note}",
        "ready": f"stock at the end of {share} of periods{note}",
        "cost": f"least cost, {article} {share} fill rate",
    }
    words = shapes[row["service_measure"]]
    if row["cut_to_shelf_life"]:
        keeps = f"it keeps {plural(row['shelf_life_days'], 'day')}"
        return f"at {words}, no more as {keeps}" if found else f"short of {words}, for {keeps}"
    return f"with {words}" if row["service_measure"] == "ready" else f"at {words}"


def _indefinite(share: str) -> str:
    """Return the article of a percentage, as it is spoken."""
    return "an" if share.startswith("8") or share[:2] in ("11", "18") else "a"


def percent(share: float, digits: int) -> str:
    """Return a share in percent with so many decimals at most; more where it would read as all.

    Examples
    --------
    >>> percent(0.95, 1), percent(0.9725, 2), percent(0.9234, 1), percent(0.9999, 1)
    ('95%', '97.25%', '92.3%', '99.99%')
    """
    value = round(100.0 * share, digits if 100.0 * share < 99.95 else 2)
    return f"{value:.12g}%"


def lead_time_phrase(row: Row, period: Period) -> str:
    """Return the lead time and what is known of its spread."""
    lead, spread = row["lead_periods"], row["lead_deviation_periods"]
    if spread < 0.05:
        return f"{plural(lead, period)} of lead time"
    verb = "vary" if amount(round(lead, 1)) != "1" else "varies"
    return f"{plural(lead, period)} of lead time {verb} by {amount(round(spread, 1))}"


def order_sentence(row: Row, shape: str, covers: str, period: Period, besides: Sequence[str] = ()) -> str:
    """Return why an order line is there.

    Parameters
    ----------
    row
        The item, as `replenishment.set_stock_levels` returns it; with the terms of the line's source and ``way``, how
        that differs from the item's own supplier in words, where it does.
    shape
        The code of what shaped the line.
    covers
        What the line covers, such as ``covers the demand of 8 Jan to 28 Jan``.
    period
        Length of a period, to name it.
    besides
        What else becomes of its units, a phrase each.
    """
    way = row.get("way", "")
    if shape in _GIVEN:
        return f"{'; '.join([f'{_GIVEN[shape]}: {covers}', *filter(None, [way]), *besides])}."
    service = f" {service_phrase(row)}" if row["service_measure"] else ""
    lead = f"{covers[:1].upper()}{covers[1:]}{service}: {lead_time_phrase(row, period)}"
    shaped = "" if way and shape in _TOLD_BY_WAY else _SHAPES.get(shape, "").format_map(row)
    return f"{'; '.join([lead, *filter(None, (way, shaped)), *besides])}."


def no_order_sentence(row: Row, first_order: date | None) -> str:
    """Return why nothing is ordered now.

    Parameters
    ----------
    row
        The item, as `replenishment.set_stock_levels` returns it, with the planner's ``override`` and ``held_back``,
        what speaks against an order now.
    first_order
        When the order plan first orders the item, if it does.
    """
    if row["override"] == 0:
        return "No order now: the planner's own decision."
    if row["status"] == "phase-out":
        return "No order: the item is being phased out."
    if row["demand_per_period"] <= 0:
        return "No order: no demand is expected."
    if row["pattern"] == "none":
        return "No order: nobody has asked for it in any known period."
    if row["refused"]:
        return f"No order: {row['refused']}."
    coming = row["available"] - row["on_hand"]
    there = f"{amount(row['on_hand'])} on hand" + (f" and {amount(coming)} due in time" if coming > 0 else "")
    level = f"the reorder point of {amount(row['reorder_point'])}"
    later = f"{first_order.day} {first_order:%b %Y}" if first_order else ""
    if row["available"] >= row["reorder_point"]:
        tail = f"; next order about {later}" if later else ""
        return f"No order now: {there} cover {level} ({service_phrase(row)}){tail}."
    lead = f"Waits until {later}" if later else "Not ordered"
    return f"{lead}, though {there} are below {level}: {row['held_back']}."
