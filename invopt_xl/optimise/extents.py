"""How much stock of an item could be worth having, and how large a line: what lattices must have room for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from invopt_xl.optimise.accounting import arrivals
from invopt_xl.optimise.discounts import counted, covered_sources
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.modes import Mode, Tier, tiers_among
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import BoolArray, Discount, FloatArray


@dataclass(frozen=True, eq=False)
class Extents:
    """Units that lattices must have room for.

    Parameters
    ----------
    span
        By item, above the opening stock.
    later
        By item and period, the same above an empty shelf, or one that shelf life has cleared, at its start; infinite
        before the first change, and for items that transfers connect. Of one more than the periods.
    below
        By item, under it: what is there, or comes anyway, may be sent on.
    line
        By source, the largest line that could be worth it, whatever the largest allowed.
    room
        By item, the largest of the smallest lines, and of those that win a price break, that there are levels for
        beyond all need; larger ones lead beyond the last level.
    tiers
        By source, the price breaks that its lines can reach.
    """

    span: FloatArray
    later: FloatArray
    below: FloatArray
    line: FloatArray
    room: FloatArray
    tiers: list[list[Tier]]


def extents(work: Groundwork, modes: list[list[Mode]]) -> Extents:
    """Return what the lattices of a problem's items must have room for.

    Items that transfers connect may need all that any of them needs, and hold all that there is.
    """
    problem = work.problem
    at = np.arange(problem.items), np.maximum(problem.first_change - 1, 0)
    changed = problem.first_change > 0
    opening = np.where(changed, work.flow.stock[at], problem.on_hand)
    late = changed & (problem.shortage == "backorder")
    later = np.arange(problem.periods) >= problem.first_change[:, None]
    need = (problem.demand * later).sum(axis=1) + problem.safety_stock + np.where(late, work.flow.short[at], 0.0)
    coming = opening + (np.maximum(arrivals(problem, work.fixed), 0.0) * later).sum(axis=1)
    tiers = reachable_tiers(work)
    open_sources = work.can_order.any(axis=1)
    least = np.array([max([0.0, *(tier.threshold for tier in own)]) for own in tiers])
    least = np.where(open_sources, np.maximum(work.smallest_line, least), 0.0)
    filler = np.where(open_sources, _fillers(problem, modes), 0.0)
    forced = _most_by_item(problem, least)
    linked = _Linked(problem, np.asarray(open_sources))
    # Units that are sent on may be needed later than their time: fillers of such items are levels like all others.
    largest = np.where(linked.several, linked.most(np.maximum(forced, _most_by_item(problem, filler))), forced)
    forced = np.where(linked.several, largest, np.minimum(forced, need))
    moved = problem.sum_by_item(np.where(problem.transfer, least, 0.0))
    need = np.where(linked.several, linked.total(need + moved), need)
    there = np.where(linked.several, linked.total(coming), 0.0)
    # What stands on a shelf may be thrown away: all that is needed may have to be bought.
    spoils = np.isfinite(problem.shelf_life_periods)
    life = np.where(spoils, np.maximum(problem.shelf_life_periods, 1.0), 0.0)
    bought = np.where(spoils, need, np.maximum(need - opening, 0.0))
    sends = np.isin(np.arange(problem.items), problem.origin[open_sources & problem.transfer])
    span = bought + forced + life * problem.demand.mean(axis=1) + np.where(sends, there, 0.0)
    begun = np.arange(problem.periods + 1) > problem.first_change[:, None]
    rest = np.hstack((np.cumsum(problem.demand[:, ::-1], axis=1)[:, ::-1], np.zeros((problem.items, 1))))
    extra = problem.safety_stock + forced + life * problem.demand.mean(axis=1)
    rest = np.where(begun & ~linked.several[:, None], rest + extra[:, None], np.inf)
    line = np.maximum(np.maximum(need, largest)[problem.source_item], filler)
    line = line + np.where(problem.transfer, there[problem.source_item], 0.0)
    return Extents(span, rest, np.where(sends, coming, 0.0), line, forced, tiers)


def reachable_tiers(work: Groundwork) -> list[list[Tier]]:
    """Return the price breaks of each source that its largest line reaches."""
    problem = work.problem
    by_source: list[list[Discount]] = [[] for _ in range(problem.sources)]
    for discount in counted(problem):
        if discount.from_value is None:
            for source in covered_sources(problem, discount).tolist():
                by_source[source].append(discount)
    largest = work.largest_line.tolist()
    return [
        [tier for tier in tiers_among(own) if tier.threshold <= most]
        for own, most in zip(by_source, largest, strict=True)
    ]


def _fillers(problem: OrderProblem, modes: list[list[Mode]]) -> FloatArray:
    """Return by source the units of one line that would fill its supplier's highest threshold on an order's value."""
    asked = np.array([*(max(float(mode.minimum.max()) for mode in own) for own in modes), 0.0])
    return np.asarray(asked[problem.supplier] / np.maximum(problem.unit_cost.min(axis=1), 1e-9))


def _most_by_item(problem: OrderProblem, amounts: FloatArray) -> FloatArray:
    most = np.zeros(problem.items)
    np.maximum.at(most, problem.source_item, amounts)
    return most


class _Linked:
    """Items that transfers connect."""

    def __init__(self, problem: OrderProblem, open_sources: BoolArray) -> None:
        moved = np.flatnonzero(problem.transfer & open_sources)
        ends = problem.origin[moved], problem.source_item[moved]
        graph = sparse.coo_array((np.ones(len(moved)), ends), shape=(problem.items, problem.items))
        self.count, self.label = connected_components(graph, directed=False)
        self.several = np.bincount(self.label, minlength=self.count)[self.label] > 1

    def total(self, amounts: FloatArray) -> FloatArray:
        """Return by item the sum of all items connected with it."""
        return np.asarray(np.bincount(self.label, amounts, minlength=self.count)[self.label])

    def most(self, amounts: FloatArray) -> FloatArray:
        """Return by item the most of all items connected with it."""
        most = np.zeros(self.count)
        np.maximum.at(most, self.label, amounts)
        return np.asarray(most[self.label])
