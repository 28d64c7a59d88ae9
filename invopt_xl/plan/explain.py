"""Why each recommendation is what it is, in one sentence."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from typing import Any

from invopt_xl.domain import Period

Row = Mapping[Hashable, Any]
"""One item as a record of its columns."""

_SHAPES: Mapping[str, str] = {
    "need": "",
    "minimum": "raised to the minimum of {moq:,g}",
    "lot": "rounded up to cases of {lot_size:,g}",
    "joint": "ordered along with other lines of {supplier}",
    "supplier minimum": "larger or sooner to reach the minimum order of {supplier}",
    "discount": "larger or sooner to earn {off} of {supplier}",
    "price": "bought ahead of a higher price",
    "capacity": "held to what {supplier} can deliver",
    "budget": "held to the budget",
    "storage": "held to the storage room",
    "working capital": "held to the ceiling on working capital",
    "next capacity": "{supplier} cannot deliver the next line as well",
    "next budget": "the budget has no room for the next line as well",
    "next storage": "storage has no room for the next line as well",
    "next capital": "the ceiling on working capital has no room for the next line as well",
    "shelf life": "held to what sells in {keeps}",
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

_RUNS_OUT = "else stock runs out"
"""Why a line is there that nothing but demand asks for."""

_SHARED = ", its share"
"""How the note of a fill rate begins that comes of an overall one."""

LONGEST_COVER = 999.0
"""Longer cover, in periods, is not told apart."""

LOW_SERVICE = 0.75
"""A fill rate below this, found rather than asked for, is told with its reason: planners take it for a mistake."""

SPREAD_TOLD = 0.1
"""A lead time is told where its spread takes at least this share of the safety stock: elsewhere it changes nothing, and
when a line is due stands beside it."""


def amount(value: float, decimals: int = 1) -> str:
    """Return a quantity as a planner writes it: whole units, tenths where small, and two digits below a tenth.

    Parameters
    ----------
    value
        The quantity.
    decimals
        How many are told of less than ten units.

    Examples
    --------
    >>> amount(12.34), amount(1.234), amount(0.0534), amount(0.1234, 3)
    ('12', '1.2', '0.053', '0.123')
    """
    if abs(value) >= 10 or float(value).is_integer():
        return f"{value:,.0f}"
    if abs(value) < 0.1:
        decimals = max(decimals, 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.1f}" if decimals == 1 else f"{value:,.{decimals}f}".rstrip("0").rstrip(".")


def plural(value: float, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> plural(1, "week"), plural(3.1, "week")
    ('1 week', '3.1 weeks')
    """
    text = amount(round(value, 1))
    return f"{text} {noun}" if text == "1" else f"{text} {noun}s"


def service_phrase(row: Row, *, told: bool = False) -> str:
    """Return what is asked of the item in words, and why: ``at the 99% fill rate by class A, critical``.

    Never as met where shelf life forbids it. That a fill rate is the item's share of an overall one is not repeated
    for every item: the notes of the columns say it.

    Parameters
    ----------
    row
        The item, as `replenishment.set_stock_levels` returns it.
    told
        Whether it is told anyway that the item is held to what sells within its shelf life.
    """
    note = "" if _is_found(row) else row["service_note"]
    # A target is given, "the" one; a fill rate that comes of another goal is "a" fill rate, and told to a tenth.
    share = percent(row["service_target"], 1 if _is_found(row) else 2)
    article = _indefinite(share) if _is_found(row) else "the"
    shapes = {
        "cycle": f"{article} {share} level{note}",
        "fill": f"{article} {share} fill rate{note}",
        "ready": f"stock at the end of {share} of periods{note}",
        "cost": f"least cost, {article} {share} fill rate",
    }
    words = shapes[row["service_measure"]]
    if row["cut_to_shelf_life"]:
        keeps = f"it keeps {plural(row['shelf_life_days'], 'day')}"
        if _is_found(row):
            why = "no more" if not told else "low" if row["service_target"] < LOW_SERVICE else ""
            return f"at {words}, {why} as {keeps}" if why else f"at {words}"
        return f"short of {words}, for {keeps}"
    return f"{'with' if row['service_measure'] == 'ready' else 'at'} {words}{_low(row)}"


def _is_found(row: Row) -> bool:
    """Return whether a fill rate comes of another goal, rather than being asked of the item."""
    return bool(row["service_note"].startswith(_SHARED) or row["service_measure"] == "cost")


def _low(row: Row) -> str:
    """Return why a service is low that nobody asked to be; nothing where it is not."""
    if not _is_found(row) or row["service_target"] >= LOW_SERVICE:
        return ""
    if row["service_measure"] == "cost":
        return ", low as more stock costs more than it earns"
    return ", low as stock money serves more demand elsewhere"


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
    """Return the lead time with its spread; nothing where the spread hardly takes any safety stock.

    Without the spread, the uncertainty of demand over the protection interval is the root of what is left of its
    variance, ``protection_deviation ** 2 - (demand_per_period * lead_deviation_periods) ** 2`` (Silver, Pyke and
    Thomas, 2017); safety stock goes along with it.
    """
    lead, spread = row["lead_periods"], row["lead_deviation_periods"]
    whole = row.get("protection_deviation", float("nan"))  # unknown where safety stock is given
    by_spread = min(row["demand_per_period"] * spread / max(whole, 1e-9), 1.0)
    if not 1.0 - (1.0 - by_spread**2) ** 0.5 >= SPREAD_TOLD or spread < 0.05:
        return ""
    return f"lead time of {plural(lead, period)} varies by {amount(round(spread, 1))}"


def order_sentence(row: Row, shape: str, covers: str, period: Period, besides: Sequence[str] = ()) -> str:
    """Return why an order line is there.

    Parameters
    ----------
    row
        The item, as `replenishment.set_stock_levels` returns it; with the terms of the line's source, the line's
        ``discount_rate`` (a share), and ``way``, how the source differs from the item's own supplier in words, where
        it does.
    shape
        The code of what shaped the line.
    covers
        What the line covers, such as ``covers demand of 8 Jan to 28 Jan``.
    period
        Length of a period, to name it.
    besides
        What else becomes of its units, a phrase each.
    """
    way = row.get("way", "")
    if shape in _GIVEN:
        given = _GIVEN[shape] + (beside_proposal(row) if shape == "override" else "")
        return f"{'; '.join([f'{given}: {covers}', *filter(None, [way]), *besides])}."
    cause = "" if way and shape in _TOLD_BY_WAY else _cause(row, shape, covers)
    lead = f"{covers[:1].upper()}{covers[1:]}{_service(row, shape)}"
    return (
        f"{'; '.join(filter(None, [lead, way, cause, _earned(row, shape), *besides, lead_time_phrase(row, period)]))}."
    )


def beside_proposal(row: Row) -> str:
    """Return how the planner's quantity differs from what the plan proposes, in units and money; "" if not known.

    Examples
    --------
    >>> row = {"override": 24.0, "proposed_quantity": 60.0, "unit_cost": 2.5}
    >>> beside_proposal(row)
    ' instead of 60 proposed (36 fewer, worth 90.00)'
    >>> beside_proposal(row | {"proposed_quantity": 24.0})
    ', as proposed'
    """
    proposed = row.get("proposed_quantity", float("nan"))
    if proposed != proposed:
        return ""
    change = row["override"] - proposed
    if not change:
        return ", as proposed"
    more = "more" if change > 0 else "fewer"
    worth = f"worth {abs(change) * row['unit_cost']:,.2f}"
    return f" instead of {amount(proposed)} proposed ({amount(abs(change))} {more}, {worth})"


def _service(row: Row, shape: str) -> str:
    """Return at which service a line covers what it does, if that is known; shelf life is told once."""
    if not row["service_measure"]:
        return ""
    return f" {service_phrase(row, told=shape == 'shelf life')}"


def _cause(row: Row, shape: str, covers: str) -> str:
    """Return what shaped a line; of one that is as large as it has to be, what it prevents."""
    if shape == "need":
        return _RUNS_OUT if covers.startswith(("covers demand", "covers part")) else ""
    rate = row.get("discount_rate", 0.0)
    off = f"the {percent(rate, 1)} discount" if rate > 0 else "a discount"
    return _SHAPES.get(shape, "").format_map(dict(row) | {"off": off, "keeps": _keeps(row, shape)})


def _keeps(row: Row, shape: str) -> str:
    """Return how long an item keeps; short where its service has told it, see `service_phrase`."""
    if shape != "shelf life":
        return ""
    days = plural(row["shelf_life_days"], "day")
    return "that time" if f"it keeps {days}" in _service(row, shape) else f"the {days} it keeps"


def _earned(row: Row, shape: str) -> str:
    """Return the discount that a line earns besides, where it is not what shaped it."""
    rate = row.get("discount_rate", 0.0)
    return f"earns {percent(rate, 1)} off" if rate >= 0.0005 and shape != "discount" else ""


def no_order_sentence(row: Row, first_order: date | None) -> str:
    """Return why nothing is ordered now.

    Parameters
    ----------
    row
        The item, as `replenishment.set_stock_levels` returns it, with the planner's ``override``, with
        ``override_day`` and ``proposed_quantity`` where known, and ``held_back``, what speaks against an order now,
        and ``far_below``, ``planned_met``, ``reached_in_part`` and ``short_reason``, what the order plan leaves unmet
        and why.
    first_order
        When the order plan first orders the item, if it does.
    """
    if row["override"] >= 0:
        day = row.get("override_day", "")
        wanted = f" to order {amount(row['override'])} on {day}" if day and row["override"] > 0 else ""
        until = f"No order until {day}" if day and not wanted else "No order now"
        return f"{until}: the planner's own decision{wanted}{beside_proposal(row)}."
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
        tail = f"; next order about {later}" if later else "; none is planned" if row["far_below"] else ""
        return f"No order now: {there} cover {level} ({service_phrase(row)}){tail}{_unmet(row)}."
    lead = f"Waits until {later}" if later else "Not ordered"
    return f"{lead}, though {there} are below {level}: {row['held_back']}{_unmet(row, row['held_back'])}."


def _unmet(row: Row, told: str = "") -> str:
    """Return what the order plan leaves unmet where that is far from what is asked for; and why, unless it is told."""
    if not row["far_below"]:
        return ""
    reason = "" if row["short_reason"] in ("", told) else f", as {row['short_reason']}"
    met = percent(row["planned_met"], 0)
    if row["reached_in_part"]:
        return f"; of the demand that orders can still reach, the plan meets {met}{reason}"
    return f"; the plan meets {met} of demand{reason}"
