"""The levels each item may have, with the stock and the fill rate they give: all that a mix chooses from.

Sobel (2004), "Fill rates of single-stage and multistage supply systems", Manufacturing & Service Operations
Management 6(1), 41-52: with inventory position S after a review, E(D_protection - S)+ - E(D_lead - S)+ is short in a
review period. Stock on hand is E(S - D_lead)+ when an order has come and E(S - D_protection)+ before the next one
does; the average stock is taken half-way. Orders of lots Q leave the position uniform on [s, s + Q) above the reorder
point s (Hadley & Whitin 1963), and both are averaged over it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from invopt_xl.policy.costs import BoolArray, FloatArray
from invopt_xl.policy.families import IntArray
from invopt_xl.policy.service import lost_sales_fill_rate, orders_overlap
from invopt_xl.policy.service_mix.items import MixItems, ServiceBounds
from invopt_xl.policy.service_mix.losses import LossTable

LEVELS = 64
"""Levels an item may have; all whole units between its bounds where they are fewer."""

_BISECTIONS = 30
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Outcome:
    """What levels give; arrays of the shape of the levels.

    Parameters
    ----------
    stock
        Average stock on hand, units.
    fill_rate
        Share of demand served from stock.
    waiting
        The same if unmet demand waited.
    """

    stock: FloatArray
    fill_rate: FloatArray
    waiting: FloatArray


@dataclass(frozen=True, eq=False)
class Stocking:
    """Stock and service of many items as functions of their reorder points.

    Parameters
    ----------
    lead, protection
        Losses over the two intervals.
    review
        Expected demand over the review period, units, shape (items,).
    expected
        Expected demand over lead time and protection interval together, units, shape (items,).
    lot
        Usual order quantity, units, shape (items,).
    overlap
        How far orders overlap where unmet demand is lost, see `orders_overlap`, shape (items,); None if it waits.
    """

    lead: LossTable
    protection: LossTable
    review: FloatArray
    expected: FloatArray
    lot: FloatArray
    overlap: FloatArray | None = None

    @classmethod
    def of(cls, items: MixItems) -> Stocking:
        """Return the functions of all items."""
        cycle = items.cycle
        return cls(
            LossTable.of(cycle.lead),
            LossTable.of(cycle.protection),
            cycle.review,
            cycle.lead.expected + cycle.protection.expected,
            items.order_quantity,
            orders_overlap(items.order_quantity, cycle.protection.expected) if items.lost else None,
        )

    def rows(self, rows: IntArray) -> Stocking:
        """Return the functions of some of the items."""
        lead, protection = self.lead.rows(rows), self.protection.rows(rows)
        overlap = None if self.overlap is None else self.overlap[rows]
        return Stocking(lead, protection, self.review[rows], self.expected[rows], self.lot[rows], overlap)

    def at(self, level: FloatArray) -> Outcome:
        """Return what reorder points of zero or more give, shape (items, levels)."""
        lead = self.lead.over(level, self.lot)
        early = lead.averaged
        late = self.protection.over(level, self.lot).averaged
        whole = self.protection.whole
        above = np.where(whole, (np.maximum(np.round(self.lot), 1.0) - 1.0) / 2.0, self.lot / 2.0)
        stock = level + above[:, None] + (early + late - self.expected[:, None]) / 2.0
        demanded = np.where(self.review > 0, self.review, 1.0)[:, None]
        waiting = np.clip(1.0 - np.maximum(late - early, 0.0) / demanded, 0.0, 1.0)
        fill_rate = waiting
        if self.overlap is not None:
            fill_rate = lost_sales_fill_rate(waiting, lead.exceeded, self.overlap[:, None])
        return Outcome(np.maximum(stock, 0.0), fill_rate, waiting)

    def smallest(self, reached: Callable[[Outcome], BoolArray], low: FloatArray, high: FloatArray) -> FloatArray:
        """Return the smallest level above `low` whose outcome is good, `high` where none is, shape (items,)."""
        whole = self.protection.whole
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2.0
            middle = np.where(whole, np.floor(middle), middle)
            done = reached(self.at(middle[:, None]))[:, 0]
            before = low, high
            low, high = np.where(done, low, middle), np.where(done, middle, high)
            if np.array_equal(before, (low, high)):
                break  # whole units that lie side by side: nothing moves any more
        return high

    def level_for(self, fill_rate: FloatArray) -> FloatArray:
        """Return the smallest reorder point of each item, zero or more, that reaches its fill rate, shape (items,).

        A fill rate within a millionth of one may be out of the table's reach; its last node is returned then.
        """
        none = np.zeros(len(fill_rate))
        wanted = fill_rate[:, None]
        level = self.smallest(lambda found: found.fill_rate >= wanted, none, self.protection.nodes[:, -1])
        enough = self.at(none[:, None]).fill_rate[:, 0] >= fill_rate
        return np.where(enough, 0.0, level)


@dataclass(frozen=True, eq=False)
class LevelTable:
    """Levels each item may have, ascending, and what they give; shape (items, levels).

    Parameters
    ----------
    level
        Reorder points, units; repeated where an item has fewer choices.
    stock
        Average stock on hand, units.
    fill_rate, waiting
        Share of demand served from stock, and the same if unmet demand waited.
    """

    level: FloatArray
    stock: FloatArray
    fill_rate: FloatArray
    waiting: FloatArray

    @classmethod
    def of(cls, stocking: Stocking, bounds: ServiceBounds) -> LevelTable:
        """Return the levels within the bounds: as close to each other as the item's distribution of demand asks."""
        nodes, whole = stocking.protection.nodes, stocking.protection.whole
        lowest, highest, least = bounds.of_items(len(nodes))
        least = np.where(whole, np.ceil(least - _ROUNDING), least)
        low = np.maximum(stocking.level_for(lowest), least)
        high = np.maximum(stocking.level_for(highest), low)
        level = _between(nodes, low, high)
        counted = low[:, None] + np.arange(LEVELS)
        few = whole & (high - low < LEVELS)
        level = np.where(whole[:, None], np.ceil(level - _ROUNDING), level)
        level = np.where(few[:, None], np.minimum(counted, high[:, None]), level)
        level[~(stocking.review > 0)] = 0.0
        found = stocking.at(level)
        # All grow with the level; the table's last digits need not.
        rising = [np.maximum.accumulate(one, axis=1) for one in (found.stock, found.fill_rate, found.waiting)]
        return cls(level, *rising)

    def reaching(self, score: FloatArray, wanted: float, whole: BoolArray) -> FloatArray:
        """Return for each item the level at which a score that grows with the level reaches a value, shape (items,).

        Between levels the score is taken as linear; where it never reaches the value the highest level is returned.
        """
        rows = np.arange(len(score))
        after = np.argmax(score >= wanted, axis=1)
        after = np.where(score[:, -1] < wanted, score.shape[1] - 1, after)
        before = np.maximum(after - 1, 0)
        gained, missing = score[rows, after] - score[rows, before], wanted - score[rows, before]
        part = np.clip(np.divide(missing, gained, out=np.ones_like(gained), where=gained > 0), 0.0, 1.0)
        start, end = self.level[rows, before], self.level[rows, after]
        level = start + part * (end - start)
        return np.asarray(np.where(whole, np.ceil(level - _ROUNDING), level))


def _between(nodes: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Return levels from low to high that lie as densely as the nodes do."""
    place = _interpolated(nodes, np.stack([low, high], axis=1))
    steps = np.linspace(0.0, 1.0, LEVELS)
    places = place[:, :1] + steps * (place[:, 1:] - place[:, :1])
    whole = np.minimum(places.astype(np.int64), nodes.shape[1] - 2)
    rows = np.arange(len(nodes))[:, None]
    start = nodes[rows, whole]
    level: FloatArray = start + (places - whole) * (nodes[rows, whole + 1] - start)
    # A least level may lie beyond the last node.
    level = np.clip(level, low[:, None], high[:, None])
    level[:, 0], level[:, -1] = low, high
    return level


def _interpolated(nodes: FloatArray, level: FloatArray) -> FloatArray:
    """Return the place of levels among the nodes, counted from 0, with the fraction of the way to the next."""
    rows = np.arange(len(nodes))[:, None]
    below = np.clip((nodes[:, None, :] <= level[:, :, None]).sum(axis=2) - 1, 0, nodes.shape[1] - 2)
    start = nodes[rows, below]
    return np.asarray(below + np.clip((level - start) / (nodes[rows, below + 1] - start), 0.0, 1.0))
