"""Demand over an uncertain interval: a mixture, over the lengths the interval may have, of one family or draws.

A normal distribution puts weight below zero exactly where buffers matter most, on slow movers; a gamma (for
quantities that act continuous) or a negative binomial (for small whole units) does not; sample paths know of what
none of them does, such as errors that last.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Literal

import numpy as np

from invopt_xl.errors import require
from invopt_xl.policy.costs import BoolArray, FloatArray
from invopt_xl.policy.counts import NegativeBinomialDemand, PoissonDemand
from invopt_xl.policy.families import GammaDemand, IntArray, ItemDemand, NormalDemand
from invopt_xl.policy.samples import EmpiricalDemand
from invopt_xl.policy.search import Gap, log_gap, smallest

_TINY = 1e-9
"""Mean demand up to this many units is none."""
_POISSON_RATIO = 1.001
"""Counts whose variance is at most this share of their mean are taken as Poisson."""


class Family(IntEnum):
    """The shape of demand over an interval of known length.

    `GAMMA` and `COUNTS` are 0 and 1, so False and True of "is it slow and in whole units" mean them.
    """

    GAMMA = 0
    COUNTS = 1
    """Negative binomial; Poisson where the variance is not above the mean."""
    POISSON = 2
    NORMAL = 3
    EMPIRICAL = 4
    """Draws: sums along a forecast's sample paths."""

    @property
    def words(self) -> str:
        """The family's name for people."""
        return _WORDS[self]


_WORDS = {
    Family.GAMMA: "gamma",
    Family.COUNTS: "negative binomial",
    Family.POISSON: "Poisson",
    Family.NORMAL: "normal",
    Family.EMPIRICAL: "sample paths",
}

_Tail = Literal["exceeds", "shortage", "accumulated_shortage"]


@dataclass(frozen=True, eq=False)
class _Part:
    """Lengths of items that share a family: the item of each, ascending, its weight, and its demand."""

    item: IntArray
    weight: FloatArray
    demand: ItemDemand

    @cached_property
    def first(self) -> IntArray:
        """Where each item's lengths begin."""
        return np.flatnonzero(np.diff(self.item, prepend=-1))


@dataclass(frozen=True, eq=False)
class IntervalDemand:
    """Demand of many items, each over an interval whose length is uncertain.

    Item i sees demand with mean ``mean[i, j]`` and variance ``variance[i, j]`` with probability
    ``weight[i, j]``: one column for each length the interval may have.

    Parameters
    ----------
    mean, variance
        Moments for each possible length, units and units squared, shape (items, lengths).
    weight
        Probabilities of the lengths, rows sum to one, shape (items, lengths); a length of weight zero is left out.
    family
        The `Family` of each item, shape (items,).
    draws
        Demand over the interval, of whatever length, of the items whose family is `EMPIRICAL`, in their order.
    whole_draws
        True where the draws are whole units, shape (items,), None where none are.

    Examples
    --------
    >>> demand = IntervalDemand(np.array([[4.0]]), np.array([[4.0]]), np.array([[1.0]]), np.array([Family.COUNTS]))
    >>> float(demand.quantile(np.array([0.95]))[0])
    8.0
    """

    mean: FloatArray
    variance: FloatArray
    weight: FloatArray
    family: IntArray | BoolArray
    draws: tuple[FloatArray, FloatArray] | None = None
    whole_draws: BoolArray | None = None

    def __post_init__(self) -> None:
        empirical = int((np.asarray(self.family) == Family.EMPIRICAL).sum())
        given = 0 if self.draws is None else len(self.draws[0])
        require(empirical == given, "items with draws", given, f"{empirical}, as many as have the empirical family")

    @cached_property
    def whole(self) -> BoolArray:
        """True where demand comes in whole units, and so do stock levels, shape (items,)."""
        family = np.asarray(self.family)
        whole = (family == Family.COUNTS) | (family == Family.POISSON)
        return whole if self.whole_draws is None else np.asarray(whole | (self.whole_draws & ~self._parametric))

    @property
    def expected(self) -> FloatArray:
        """Expected demand over the interval, units, shape (items,)."""
        return np.asarray((self.weight * self.mean).sum(axis=1))

    @property
    def standard_deviation(self) -> FloatArray:
        """Standard deviation over the interval, units: demand's own, and that of the interval's length."""
        within = (self.weight * self.variance).sum(axis=1)
        between = (self.weight * (self.mean - self.expected[:, None]) ** 2).sum(axis=1)
        return np.asarray(np.sqrt(within + between))

    def exceeds(self, quantity: FloatArray) -> FloatArray:
        """Return the probability that demand is above the quantity, shape (items,), or (any, items) as quantities."""
        return self._mixed("exceeds", quantity)

    def cdf(self, quantity: FloatArray) -> FloatArray:
        """Return the probability that demand is at most the quantity, shape (items,)."""
        return np.asarray(1.0 - self.exceeds(quantity))

    def shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the expected demand above the quantity, E(D - quantity)+, units, shape (items,)."""
        return self._mixed("shortage", quantity)

    def accumulated_shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the shortages of the quantity and all above, added up (whole units) or integrated, shape (items,)."""
        return self._mixed("accumulated_shortage", quantity)

    def quantile(self, probability: FloatArray) -> FloatArray:
        """Return the smallest quantity, zero or more, exceeded with at most 1 - probability, shape (items,)."""
        allowed = 1.0 - np.broadcast_to(probability, self.expected.shape)

        def gap_of(rows: IntArray) -> Gap:
            demand = self.rows(rows)
            return lambda quantity: log_gap(demand.exceeds(quantity), allowed[rows])

        return smallest(gap_of, self.expected + 2.0 * self.standard_deviation, self.whole)

    def rows(self, rows: IntArray) -> IntervalDemand:
        """Return the demand of some of the items, in ascending order; an item may be wanted more than once."""
        if len(rows) == len(self.mean) and (np.diff(rows) == 1).all():
            return self
        draws = self.draws
        if draws is not None:
            place = np.cumsum(~self._parametric) - 1
            chosen = place[rows[~self._parametric[rows]]]
            draws = (draws[0][chosen], draws[1][chosen])
        whole = None if self.whole_draws is None else self.whole_draws[rows]
        family = self.family[rows]
        return IntervalDemand(self.mean[rows], self.variance[rows], self.weight[rows], family, draws, whole)

    @cached_property
    def _parametric(self) -> BoolArray:
        return np.asarray(np.asarray(self.family) != Family.EMPIRICAL)

    def _mixed(self, tail: _Tail, quantity: FloatArray) -> FloatArray:
        """Return the weighted sum of a tail over the lengths."""
        quantity = np.asarray(quantity, dtype=np.float64)
        result = self._of_nothing(tail, quantity)
        for part in self._parts:
            value = part.weight * getattr(part.demand, tail)(quantity[..., part.item])
            result[..., part.item[part.first]] += np.add.reduceat(value, part.first, axis=-1)
        return result

    def _of_nothing(self, tail: _Tail, quantity: FloatArray) -> FloatArray:
        """Return what lengths without demand add: of them a shortage is what was owed before."""
        if not self._without_demand.any():
            return np.zeros(quantity.shape)
        owed = np.maximum(-quantity, 0.0)
        pairs = np.where(self.whole, np.floor(owed) * (np.floor(owed) + 1.0), owed * owed) / 2.0
        value = {"exceeds": (quantity < 0).astype(np.float64), "shortage": owed, "accumulated_shortage": pairs}[tail]
        return np.asarray(self._without_demand * value)

    @cached_property
    def _without_demand(self) -> FloatArray:
        """Chance of a length without demand, shape (items,); draws have such lengths among them."""
        without = np.where(self.mean > _TINY, 0.0, self.weight).sum(axis=1)
        return np.where(self._parametric, without, 0.0)

    @cached_property
    def _parts(self) -> list[_Part]:
        """Lengths by family, those without weight or demand left out."""
        items, lengths = self.mean.shape
        item = np.repeat(np.arange(items), lengths)
        weight, mean = self.weight.ravel(), self.mean.ravel()
        variance = np.maximum(self.variance.ravel(), _TINY * mean)
        family = np.asarray(self.family)[item].astype(np.int64)
        slow = (family == Family.COUNTS) & (variance <= _POISSON_RATIO * mean)
        family = np.where(slow, Family.POISSON, family)
        parts = []
        for kind in (Family.GAMMA, Family.COUNTS, Family.POISSON, Family.NORMAL):
            at = np.flatnonzero((family == kind) & (weight > 0) & (mean > _TINY))
            if at.size:
                parts.append(_Part(item[at], weight[at], _demand(kind, mean[at], np.sqrt(variance[at]))))
        return parts + self._drawn_parts()

    def _drawn_parts(self) -> list[_Part]:
        if self.draws is None:
            return []
        rows = np.flatnonzero(~self._parametric)
        whole = np.zeros(len(rows), dtype=bool) if self.whole_draws is None else self.whole_draws[rows]
        parts = []
        for kind in (False, True):
            at = np.flatnonzero(whole == kind)
            if at.size:
                draws, share = (one[at] for one in self.draws)
                parts.append(_Part(rows[at], np.ones(at.size), EmpiricalDemand(draws, kind, share)))
        return parts


def _demand(family: Family, mean: FloatArray, deviation: FloatArray) -> ItemDemand:
    if family is Family.POISSON:
        return PoissonDemand(mean)
    if family is Family.COUNTS:
        return NegativeBinomialDemand(mean, deviation)
    return NormalDemand(mean, deviation) if family is Family.NORMAL else GammaDemand(mean, deviation)
