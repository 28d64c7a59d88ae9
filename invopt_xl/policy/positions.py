"""Where the inventory position stands after a review, and what a demand distribution means averaged over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from invopt_xl.policy.costs import BoolArray, FloatArray
from invopt_xl.policy.distributions import IntervalDemand
from invopt_xl.policy.families import IntArray

_Tail = Callable[[FloatArray], FloatArray]

_LATTICE = 64
"""Steps into which an order-up-to policy's span is cut."""
_NODES = 12
_FAR = 5.0
"""Deviations beyond which the demand of a review period is not looked at."""
_BINS = 6
"""Stretches of the span within which positions are taken as equally likely."""


@dataclass(frozen=True, eq=False)
class Positions:
    """The inventory position after a review, counted from the reorder point up.

    Parameters
    ----------
    edges
        Ends of stretches within which every position is equally likely, units, shape (items, stretches + 1); of whole
        units a stretch holds those from its first edge to the one before its last.
    share
        Probability of each stretch, shape (items, stretches).
    top, at_top
        A position that is taken exactly, units above the reorder point, and its probability, shape (items,).
    lots
        True where whole lots are ordered, false where orders fill up to the top, shape (items,).
    """

    edges: FloatArray
    share: FloatArray
    top: FloatArray
    at_top: FloatArray
    lots: BoolArray

    @classmethod
    def of(cls, review: IntervalDemand, order_quantity: FloatArray, up_to: BoolArray) -> Positions:
        """Return the positions of policies.

        Orders of whole lots Q as soon as the position is below s leave it uniform on [s, s + Q), for whole units on
        s ... s + Q - 1, whatever demand is (Hadley & Whitin 1963, "Analysis of Inventory Systems"). Orders exactly up
        to S = s + Q leave it at S with some probability, else lower by the demand since: in proportion to the renewal
        density of the review period's demand (Karlin 1958; Zheng & Federgruen 1991). Without a lot both are the
        base-stock policy.

        Parameters
        ----------
        review
            Demand of a review period.
        order_quantity
            Lot, or order-up-to level less reorder point, units; zero for base stock.
        up_to
            True where orders fill exactly up to the order-up-to level.
        """
        lot = np.where(review.whole, np.round(order_quantity), order_quantity)
        items, stretches = len(lot), _BINS if up_to.any() else 1
        edges = np.repeat(lot[:, None], stretches + 1, axis=1)
        edges[:, 0] = 0.0
        share = np.zeros((items, stretches))
        share[:, 0] = lot > 0
        at_top = np.where(lot > 0, 0.0, 1.0)
        rows = np.flatnonzero(up_to & (lot > 0))
        if rows.size:
            edges[rows], share[rows], at_top[rows] = _renewal(review.rows(rows), lot[rows])
        return cls(edges, share, lot, at_top, (lot > 0) & ~up_to)

    def rows(self, rows: IntArray) -> Positions:
        """Return the positions of some of the items."""
        if len(rows) == len(self.top):
            return self
        return Positions(self.edges[rows], self.share[rows], self.top[rows], self.at_top[rows], self.lots[rows])

    def mean(self, whole: BoolArray) -> FloatArray:
        """Return the expected position, units above the reorder point, shape (items,)."""
        middles = (self.edges[:, 1:] + self.edges[:, :-1] - whole[:, None]) / 2.0
        return np.asarray((self.share * middles).sum(axis=1) + self.at_top * self.top)

    def exceeds(self, demand: IntervalDemand, reorder_point: FloatArray) -> FloatArray:
        """Return the probability that demand is above the position."""
        return self._average(demand.shortage, demand.exceeds, reorder_point)

    def shortage(self, demand: IntervalDemand, reorder_point: FloatArray) -> FloatArray:
        """Return the expected demand above the position, units."""
        return self._average(demand.accumulated_shortage, demand.shortage, reorder_point)

    def order_chance(self, between: IntervalDemand) -> FloatArray:
        """Return the probability that the next review places an order, from the demand between reviews."""
        moves = between.exceeds(np.zeros_like(self.top))
        per_lot = np.divide(between.expected - between.shortage(self.top), self.top, out=moves, where=self.lots)
        return np.where(self.lots, per_lot, self.at_top * between.exceeds(np.zeros_like(self.top)))

    def exceeds_without_order(self, demand: IntervalDemand, between: IntervalDemand) -> _Tail:
        """Return the probability that a review needs no order and demand from then on is above the position.

        It is returned as a function of the reorder point. Orders up to a level: all positions but the top are such,
        and the top after a review period without demand. Whole lots: positions y at which the demand that led there,
        from a position uniform on the lot, was at most the distance to the lot's end.
        """
        still = self.at_top * (1.0 - between.exceeds(np.zeros_like(self.top)))
        staying = replace(self, at_top=np.where(self.lots, 0.0, still))
        if not self.lots.any():
            return lambda reorder_point: staying.exceeds(demand, reorder_point)
        whole, node = demand.whole, np.arange(_NODES)[:, None]
        reach = np.minimum(self.top, np.ceil(between.expected + _FAR * between.standard_deviation))
        steps = np.where(whole, np.minimum(reach, _NODES), _NODES)
        width = np.divide(reach, steps, out=np.zeros_like(reach), where=steps > 0)
        middle = (node + 0.5) * width
        distance = np.where(whole, np.floor(middle), middle)
        used = (node < steps) & self.lots & (self.top > 0)
        share = np.divide(width, self.top, out=np.zeros_like(width), where=self.top > 0)
        chance = np.where(used, share * between.exceeds(distance), 0.0)
        above = self.top - distance - whole

        def late(reorder_point: FloatArray) -> FloatArray:
            ordered = (chance * demand.exceeds(reorder_point + above)).sum(axis=0)
            return np.asarray(staying.exceeds(demand, reorder_point) - ordered)

        return late

    def _average(self, total: _Tail, value: _Tail, reorder_point: FloatArray) -> FloatArray:
        """Return the average of a tail of demand over the positions, by what it adds up to between edges."""
        result = np.zeros_like(reorder_point)
        if self.at_top.any():
            result += self.at_top * value(reorder_point + self.top)
        if not self.share.any():
            return result
        width = np.diff(self.edges, axis=1)
        start = total(reorder_point + self.edges[:, 0])
        for stretch in range(width.shape[1]):
            if not self.share[:, stretch].any():
                break
            end = total(reorder_point + self.edges[:, stretch + 1])
            step = width[:, stretch]
            mean = np.divide(start - end, step, out=np.zeros_like(step), where=step > 0)
            result += self.share[:, stretch] * mean
            start = end
        return result


def _renewal(review: IntervalDemand, span: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return edges, shares and the probability of the top for order-up-to policies.

    Demand is put on a lattice so that its mean is kept (whole units on their own where they are few); then the renewal
    density is m(0) = 1 / (1 - p(0)), m(j) = sum of p(k) m(j - k) / (1 - p(0)).
    """
    whole = review.whole
    steps = np.where(whole & (span <= _LATTICE), span, _LATTICE).astype(np.int64)
    step = span / steps
    chances = _on_lattice(review, step)
    density = np.zeros_like(chances)
    moves = np.maximum(1.0 - chances[:, 0], 1e-12)
    density[:, 0] = 1.0 / moves
    for j in range(1, _LATTICE + 1):
        density[:, j] = np.einsum("ij,ij->i", chances[:, 1 : j + 1], density[:, j - 1 :: -1][:, :j]) / moves
    density[np.arange(_LATTICE + 1) > steps[:, None]] = 0.0
    # The top is left by any demand above zero; what the lattice puts there of small demands is just below it.
    at_top = 1.0 / np.maximum(review.exceeds(np.zeros(len(span))), 1e-12)
    at_top = np.minimum(at_top, density[:, 0])
    total = density.sum(axis=1)
    # Of a continuum the lattice points at the two ends stand for half a step each.
    rows, half = np.arange(len(span)), np.where(whole & (step <= 1.0), 1.0, 0.5)
    total -= (1.0 - half) * density[rows, steps]
    density[rows, steps] *= half
    cuts = np.round(np.linspace(1.0, 0.0, _BINS + 1) * steps[:, None]).astype(np.int64)
    below = np.cumsum(density, axis=1) - at_top[:, None]
    # A lattice point between two stretches of a continuum stands for a little of both.
    shared = (1.0 - half)[:, None] * np.take_along_axis(density, cuts, axis=1)
    mass = np.take_along_axis(below, cuts, axis=1) - np.where(cuts < steps[:, None], shared, 0.0)
    mass[:, -1] = 0.0
    edges = span[:, None] - cuts * step[:, None]
    edges = np.where(whole[:, None], np.round(edges), edges)
    shares = (mass[:, :-1] - mass[:, 1:]) / total[:, None]
    return edges, np.asarray(shares), np.asarray(at_top / total)


def _on_lattice(demand: IntervalDemand, step: FloatArray) -> FloatArray:
    """Return probabilities of 0 ... _LATTICE steps, each demand shared between its two neighbours."""
    loss = np.stack([demand.shortage(j * step) for j in range(_LATTICE + 2)], axis=1)
    slope = np.diff(loss, axis=1) / step[:, None]
    chances = np.diff(slope, axis=1)
    return np.asarray(np.maximum(np.hstack([1.0 + slope[:, :1], chances]), 0.0)[:, : _LATTICE + 1])
