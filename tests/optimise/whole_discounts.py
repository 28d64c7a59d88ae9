"""Rows and variables of the whole model for what one order's discounts win."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulp
from model_writer import ModelWriter
from price_offers import Offer


@dataclass(frozen=True)
class OrderLines:
    """The lines of one order, by source: units (expressions or plain numbers), the most of them, and list price."""

    units: dict[int, Any]
    most: dict[int, float]
    cost: dict[int, float]

    @property
    def value(self) -> Any:
        """What the order is worth at list price."""
        return pulp.lpSum(self.cost[source] * units for source, units in self.units.items())


def add_discounts(writer: ModelWriter, lines: OrderLines, offers: dict[int, list[Offer]], whole: list[Offer]) -> None:
    """Let each line take its best offer, or the order one on its whole value in place of all of them."""
    whole_taken = pulp.lpSum(_take_whole(writer, lines, whole))
    reached: dict[float, Any] = {0.0: 1.0}
    for threshold in sorted({one.from_value for own in offers.values() for one in own} - {0.0}):
        reached[threshold] = writer.yes_or_no("value_reached")
        writer.require(lines.value >= threshold * reached[threshold])
    for source, own in offers.items():
        parts = pulp.lpSum(_take_line(writer, lines, source, own, reached))
        if own:
            writer.require(parts <= lines.units[source])
        if own and whole:
            writer.require(parts <= lines.most[source] * (1 - whole_taken))


def _take_line(
    writer: ModelWriter, lines: OrderLines, source: int, offers: list[Offer], reached: dict[float, Any]
) -> list[Any]:
    """Return the units of a line that each offer is taken for."""
    cost, most = lines.cost[source], lines.most[source]
    parts, taken = [], []
    for offer in offers:
        part = writer.number("units_discounted", most)
        if offer.from_value > 0:
            chosen = reached[offer.from_value]
        else:
            chosen = writer.yes_or_no("offer_taken")
            taken.append(chosen)
            writer.require(part >= offer.from_quantity * chosen)
        writer.require(part <= most * chosen)
        writer.pay(-cost * offer.rate, part)
        writer.pay(cost * offer.deducted, chosen)
        parts.append(part)
    if taken:
        writer.require(pulp.lpSum(taken) <= 1)
    return parts


def _take_whole(writer: ModelWriter, lines: OrderLines, offers: list[Offer]) -> list[Any]:
    """Return which of the offers on the whole order's value is taken."""
    largest = sum(lines.cost[source] * most for source, most in lines.most.items())
    taken, parts = [], []
    for offer in offers:
        chosen, part = writer.yes_or_no("whole_taken"), writer.number("value_discounted", largest)
        writer.require(part <= largest * chosen)
        writer.require(part >= offer.from_value * chosen)
        writer.pay(-offer.rate, part)
        writer.pay(offer.deducted, chosen)
        taken.append(chosen)
        parts.append(part)
    if offers:
        writer.require(pulp.lpSum(parts) <= lines.value)
        writer.require(pulp.lpSum(taken) <= 1)
    return taken
