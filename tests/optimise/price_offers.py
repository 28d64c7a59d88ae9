"""Discounts as plain offers: a rate off the list price, less a constant, from a threshold on."""

from __future__ import annotations

from dataclasses import dataclass

from invopt_xl.optimise import Discount, OrderProblem


@dataclass(frozen=True)
class Offer:
    """What may be taken off: ``rate * amount - deducted``.

    The amount is a line's units (the result counts at list price), or for a whole order its value. Of all offers whose
    thresholds are reached, the best is what the discounts win: tiers of an incremental discount are each a line through
    the curve they make up together.
    """

    rate: float
    deducted: float = 0.0
    from_quantity: float = 0.0
    from_value: float = 0.0


def line_offers(problem: OrderProblem, source: int) -> list[Offer]:
    """Return the offers for the lines of one source."""
    own = [
        one
        for one in problem.discounts
        if one.supplier == problem.supplier[source] and one.item in (None, problem.source_item[source])
    ]
    offers = [
        Offer(one.rate, from_quantity=one.from_quantity or 0.0, from_value=one.from_value or 0.0)
        for one in own
        if one.kind == "all-unit"
    ]
    tiers = [one for one in own if one.kind == "incremental" and one.from_value is None]
    offers += [Offer(rate, deducted, from_quantity=since) for rate, deducted, since in _pieces(tiers)]
    return [offer for offer in offers if offer.rate > 0]


def order_offers(problem: OrderProblem, supplier: int) -> list[Offer]:
    """Return the offers on the whole order's value, of which one may take the place of all its lines' own."""
    tiers = [
        one
        for one in problem.discounts
        if one.supplier == supplier and one.kind == "incremental" and one.from_value is not None and one.item is None
    ]
    return [Offer(rate, deducted, from_value=since) for rate, deducted, since in _pieces(tiers)]


def _pieces(tiers: list[Discount]) -> list[tuple[float, float, float]]:
    """Return rate, constant and threshold of each piece; a lower rate never replaces a higher one."""
    pieces: list[tuple[float, float, float]] = []
    rate = deducted = 0.0
    for since, next_rate in sorted((one.from_quantity or one.from_value or 0.0, one.rate) for one in tiers):
        if next_rate > rate:
            deducted += (next_rate - rate) * since
            rate = next_rate
            pieces.append((rate, deducted, since))
    return pieces
