"""Order modes: the ways in which a supplier's order may be priced, each with what it asks for and what it gives.

An order in a period is in at most one mode. The plain mode asks for the supplier's minimum value; every threshold on
an order's value makes a mode with that value as its minimum and the rates that it earns. Within a mode each line's
discount is known from its own quantity alone, which makes items independent once the modes are chosen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.discounts import counted, covered_sources, order_discounts
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.terms import Discount, FloatArray


@dataclass(frozen=True)
class Tier:
    """A price break on a line: from so many units on, a rate on the whole line, less a constant in units."""

    threshold: float
    rate: float
    constant: float


@dataclass(frozen=True, eq=False)
class Mode:
    """One way of pricing a supplier's order.

    Parameters
    ----------
    rate
        Share off the unit cost, by source.
    minimum
        Least value at list price of the lines beside the planner's own, by period.
    cost
        Money by period for an order in this mode, with what the planner's own lines win counted off.
    by_line
        Whether lines may win their own price breaks instead.
    """

    rate: FloatArray
    minimum: FloatArray
    cost: FloatArray
    by_line: bool


def modes_of(work: Groundwork, supplier: int) -> list[Mode]:
    """Return the modes of a supplier, the plain one first."""
    problem = work.problem
    on_value = [one for one in counted(problem) if one.supplier == supplier and one.from_value is not None]
    # A discount on what the supplier does not deliver is no mode: a part of the problem would not have it.
    own = [one for one in on_value if len(covered_sources(problem, one))]
    plain = np.zeros(problem.sources)
    modes = [_mode(work, supplier, plain, 0.0, 0.0, by_line=True)]
    all_unit = [one for one in own if one.kind == "all-unit"]
    for threshold in sorted({one.from_value or 0.0 for one in all_unit}):
        rate = plain.copy()
        for one in all_unit:
            if (one.from_value or 0.0) <= threshold:
                rows = covered_sources(problem, one)
                rate[rows] = np.maximum(rate[rows], one.rate)
        modes.append(_mode(work, supplier, rate, threshold, 0.0, by_line=True))
    for tier in incremental_tiers([one for one in own if one.kind == "incremental"], by_value=True):
        rate = np.where(problem.supplier == supplier, tier.rate, 0.0)
        modes.append(_mode(work, supplier, rate, tier.threshold, tier.constant, by_line=False))
    return modes


def _mode(
    work: Groundwork, supplier: int, rate: FloatArray, threshold: float, constant: float, *, by_line: bool
) -> Mode:
    problem = work.problem
    own = problem.supplier == supplier
    value = np.where(own[:, None], problem.unit_cost * work.fixed, 0.0)
    won = rate[:, None] * value
    if by_line:
        won = np.maximum(won, own[:, None] * line_discounts(work))
    asked = np.maximum(threshold - value.sum(axis=0), 0.0)
    return Mode(
        rate=rate,
        minimum=np.maximum(work.order_minimum[supplier], asked),
        cost=problem.supplier_order_cost[supplier] + constant - won.sum(axis=0),
        by_line=by_line,
    )


def line_discounts(work: Groundwork) -> FloatArray:
    """Return what the planner's own lines win by their quantities alone, money by source and period."""
    problem = work.problem
    if not work.fixed.any():
        return np.zeros_like(work.fixed)
    by_line = tuple(one for one in problem.discounts if one.from_value is None)
    return order_discounts(problem, work.fixed, by_line)


def tiers_among(own: list[Discount]) -> list[Tier]:
    """Return the price breaks on lines that discounts on a quantity make."""
    all_unit = [Tier(one.from_quantity or 0.0, one.rate, 0.0) for one in own if one.kind == "all-unit"]
    return all_unit + incremental_tiers([one for one in own if one.kind == "incremental"], by_value=False)


def incremental_tiers(discounts: list[Discount], *, by_value: bool) -> list[Tier]:
    """Return incremental discounts as straight lines: a rate on the whole amount, less a constant.

    Examples
    --------
    >>> incremental_tiers([Discount(0, None, 0.1, 10.0), Discount(0, None, 0.25, 20.0)], by_value=False)
    [Tier(threshold=10.0, rate=0.1, constant=1.0), Tier(threshold=20.0, rate=0.25, constant=4.0)]
    """
    tiers: list[Tier] = []
    rate, constant = 0.0, 0.0
    steps = [((one.from_value if by_value else one.from_quantity) or 0.0, one.rate) for one in discounts]
    for threshold, next_rate in sorted(steps):
        if next_rate > rate:
            constant += (next_rate - rate) * threshold
            rate = next_rate
            tiers.append(Tier(threshold, rate, constant))
    return tiers
