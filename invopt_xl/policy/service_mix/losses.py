"""Expected shortage of many items as a function of their stock, tabulated once and then looked up.

A service mix asks for the shortage of every item at dozens of levels and averaged over lots; each exact value is an
incomplete gamma or beta function for every possible lead time. The loss function E(D - x)+ is smooth and convex
between nodes that follow the item's own distribution, so a cubic spline through a few exact values gives all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from scipy import special

from invopt_xl.policy.costs import BoolArray, FloatArray
from invopt_xl.policy.families import IntArray

_NODES = 28
_LOGITS = np.linspace(-5.0, 13.5, _NODES - 1)
"""Nodes are zero and the quantiles at these log odds: 0.7% to all but about one in a million."""

_LEAST_VARIATION = 1e-3
"""Demand is given at least this coefficient of variation when nodes are placed."""
_CLOSEST = 1e-3
"""Nodes of continuous demand are at least this many standard deviations apart."""
_CORRECTION = 12.0


class UncertainDemand(Protocol):
    """Demand of many items over an interval, as `IntervalDemand` knows it."""

    @property
    def expected(self) -> FloatArray:
        """Expected demand, units, shape (items,)."""

    @property
    def standard_deviation(self) -> FloatArray:
        """Standard deviation, units, shape (items,)."""

    @property
    def whole(self) -> BoolArray:
        """True where demand, and so stock, comes in whole units."""

    def shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the expected demand above the quantity, units, shape (items,)."""


class _Pieces(NamedTuple):
    """The cubic piece each asked position falls on."""

    past: FloatArray
    start: FloatArray
    slope: FloatArray
    bend: FloatArray
    twist: FloatArray
    area: FloatArray


class LotLoss(NamedTuple):
    """The loss at both ends of stretches as wide as a lot, shape (items, positions).

    Parameters
    ----------
    low, high
        The pieces that the ends fall on.
    at_low, at_high
        The loss there, units.
    width
        Units, shape (items, 1).
    narrow
        True where there is no width to speak of, shape (items, 1).
    whole
        True where positions are whole units, shape (items, 1).
    """

    low: _Pieces
    high: _Pieces
    at_low: FloatArray
    at_high: FloatArray
    width: FloatArray
    narrow: BoolArray
    whole: BoolArray

    @property
    def averaged(self) -> FloatArray:
        """The mean loss, units."""
        area = _running(self.high, self.at_high, self.whole) - _running(self.low, self.at_low, self.whole)
        # A sum that takes its first term whole and not its last, from the trapezoids that halve both.
        area = area + np.where(self.whole, (self.at_low - self.at_high) / 2.0, 0.0)
        return np.where(self.narrow, self.at_low, area / np.where(self.narrow, 1.0, self.width))

    @property
    def exceeded(self) -> FloatArray:
        """The chance that demand exceeds the position."""
        # The loss falls by the chance of exceeding it: from a unit to the next, or along a stretch.
        fall = (self.at_low - self.at_high) / np.where(self.narrow, 1.0, self.width)
        chance = np.where(self.narrow, -_steepness(self.low), fall) if self.narrow.any() else fall
        return np.clip(chance, 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class LossTable:
    """The loss function E(D - x)+ of many items for x of zero or more, units.

    Parameters
    ----------
    nodes, loss, slope
        Positions from zero up, the loss there and its derivative, shape (items, nodes); at the last node both are 0.
    whole
        True where positions are whole units, shape (items,).

    Examples
    --------
    >>> from invopt_xl.policy.distributions import IntervalDemand
    >>> demand = IntervalDemand(np.array([[4.0]]), np.array([[4.0]]), np.array([[1.0]]), np.array([True]))
    >>> table = LossTable.of(demand)
    >>> float(table.at(np.array([[5.0]]))[0, 0].round(9)) == float(demand.shortage(np.array([5.0]))[0].round(9))
    True
    """

    nodes: FloatArray
    loss: FloatArray
    slope: FloatArray
    whole: BoolArray

    @classmethod
    def of(cls, demand: UncertainDemand) -> LossTable:
        """Return the table of the demand of many items."""
        nodes = _nodes(demand)
        loss = np.stack([demand.shortage(node) for node in nodes.T], axis=1)
        # What is left above the last node is below a millionth; zero closes the table.
        loss[:, -1] = 0.0
        return cls(nodes, loss, _slopes(nodes, loss), np.asarray(demand.whole))

    def rows(self, rows: IntArray) -> LossTable:
        """Return the table of some of the items."""
        return LossTable(self.nodes[rows], self.loss[rows], self.slope[rows], self.whole[rows])

    def at(self, position: FloatArray) -> FloatArray:
        """Return the loss at positions of zero or more, units, shape (items, positions)."""
        return _value(self._pieces(position))

    def over(self, position: FloatArray, lot: FloatArray) -> LotLoss:
        """Return what is lost over positions from x up to x + lot; whole units: over x, x + 1 ... x + lot - 1.

        Parameters
        ----------
        position
            Lowest position, units, zero or more, shape (items, positions).
        lot
            Width of the average, units, shape (items,); zero for the loss at the position itself.
        """
        whole = self.whole[:, None]
        width = np.where(whole, np.maximum(np.round(lot), 1.0)[:, None], lot[:, None])
        low, high = self._pieces(position), self._pieces(position + width)
        return LotLoss(low, high, _value(low), _value(high), width, width <= 1e-9 * self.nodes[:, -1:], whole)

    def cdf(self, position: FloatArray) -> FloatArray:
        """Return the probability that demand is at most the position, shape (items, positions)."""
        pieces = self._pieces(position)
        smooth = 1.0 + _steepness(pieces)
        whole = self.whole[:, None]
        steps = 1.0 - (_value(pieces) - self.at(position + 1.0)) if whole.any() else smooth
        return np.clip(np.where(whole, steps, smooth), 0.0, 1.0)

    @cached_property
    def _keys(self) -> FloatArray:
        """All nodes in one ascending array: each item's between its row number times two and one more."""
        rows = 2.0 * np.arange(len(self.nodes))[:, None]
        return np.asarray((self.nodes / self.nodes[:, -1:] + rows).ravel())

    @cached_property
    def _coefficients(self) -> _Pieces:
        """Cubics between the nodes, and the area before each, flat over items and nodes."""
        width, rise = np.diff(self.nodes, axis=1), np.diff(self.loss, axis=1) / np.diff(self.nodes, axis=1)
        left, right = self.slope[:, :-1], self.slope[:, 1:]
        bend = (3.0 * rise - 2.0 * left - right) / width
        twist = (left + right - 2.0 * rise) / width**2
        # Trapezoids with end correction are exact for cubics; with steps of one unit they sum over whole units.
        step = self.whole[:, None].astype(np.float64)
        halves = width * (self.loss[:, :-1] + self.loss[:, 1:]) / 2.0
        areas = np.cumsum(halves + (width**2 - step) * (left - right) / _CORRECTION, axis=1)
        before = np.concatenate([np.zeros((len(areas), 1)), areas[:, :-1]], axis=1)
        return _Pieces(*(part.ravel() for part in (self.nodes[:, :-1], self.loss[:, :-1], left, bend, twist, before)))

    def _pieces(self, position: FloatArray) -> _Pieces:
        top = self.nodes[:, -1:]
        inside = np.clip(position, 0.0, top)
        rows = np.arange(len(self.nodes))[:, None]
        found = np.searchsorted(self._keys, (inside / top + 2.0 * rows).ravel(), side="right").reshape(inside.shape)
        piece = np.clip(found - 1 - rows * self.nodes.shape[1], 0, self.nodes.shape[1] - 2)
        flat = piece + rows * (self.nodes.shape[1] - 1)
        past, *others = (part[flat] for part in self._coefficients)
        return _Pieces(inside - past, *others)


def _value(at: _Pieces) -> FloatArray:
    return np.asarray(np.maximum(at.start + at.past * (at.slope + at.past * (at.bend + at.past * at.twist)), 0.0))


def _steepness(at: _Pieces) -> FloatArray:
    return np.asarray(at.slope + at.past * (2.0 * at.bend + 3.0 * at.past * at.twist))


def _running(at: _Pieces, value: FloatArray, whole: BoolArray) -> FloatArray:
    """Area under the loss from zero to each position; for whole units that of the trapezoids between them."""
    ends = (at.past**2 - whole) * (at.slope - _steepness(at)) / _CORRECTION
    return np.asarray(at.area + at.past * (at.start + value) / 2.0 + ends)


def _nodes(demand: UncertainDemand) -> FloatArray:
    """Zero and quantiles of a gamma distribution with the demand's mean and spread; whole units where it counts."""
    mean = np.maximum(demand.expected, 1e-6)[:, None]
    whole = np.asarray(demand.whole)[:, None]
    # Counts spread at least as a Poisson distribution does, whatever their forecast says.
    least = np.where(whole, np.sqrt(mean), _LEAST_VARIATION * mean)
    deviation = np.hypot(demand.standard_deviation[:, None], least)
    shape = (mean / deviation) ** 2
    quantiles = special.gammaincinv(shape, special.expit(_LOGITS)) * mean / shape
    quantiles = np.where(whole, np.round(quantiles), quantiles)
    nodes = np.concatenate([np.zeros_like(mean), quantiles], axis=1)
    apart = np.where(whole, 1.0, _CLOSEST * deviation) * np.arange(_NODES)
    return np.asarray(np.maximum.accumulate(nodes - apart, axis=1) + apart)


def _slopes(nodes: FloatArray, loss: FloatArray) -> FloatArray:
    """Return the derivatives of the spline through the nodes, held between neighbouring secants: it stays convex."""
    width = np.diff(nodes, axis=1)
    secant = np.diff(loss, axis=1) / width
    inverse = 1.0 / width
    count = nodes.shape[1]
    slope = np.zeros_like(nodes)
    slope[:, 0] = secant[:, 0]
    # Tridiagonal elimination, all items side by side.
    ratio = np.zeros_like(nodes)
    for node in range(1, count - 1):
        before, after = inverse[:, node - 1], inverse[:, node]
        pivot = 2.0 * (before + after) - before * ratio[:, node - 1]
        ratio[:, node] = after / pivot
        wanted = 3.0 * (secant[:, node - 1] * before + secant[:, node] * after)
        slope[:, node] = (wanted - before * slope[:, node - 1]) / pivot
    for node in range(count - 2, 0, -1):
        slope[:, node] -= ratio[:, node] * slope[:, node + 1]
    slope[:, 1:-1] = np.clip(slope[:, 1:-1], secant[:, :-1], np.maximum(secant[:, 1:], secant[:, :-1]))
    return slope
