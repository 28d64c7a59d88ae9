"""Demand as it was seen or simulated: draws, each with its share, for many items at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from invopt_xl.policy.costs import FloatArray, require_above_zero, require_each
from invopt_xl.policy.families import IntArray

_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class EmpiricalDemand:
    """Demand as it was seen, or as sample paths say; each draw is equally likely unless shares are given.

    Draws are sums over the whole interval: of a forecast's path over the protection interval, or of a window of
    history that long, so dependence between periods is kept.

    Parameters
    ----------
    samples
        Units, zero or more, shape (items, draws).
    whole
        True where demand comes in whole units.
    share
        Probability of each draw, shape (items, draws), rows sum to one; equal if None.

    Examples
    --------
    >>> EmpiricalDemand(np.array([[0.0, 3.0, 1.0, 0.0, 9.0]])).quantile(np.array([0.8])).tolist()
    [3.0]
    """

    samples: FloatArray
    whole: bool = False
    share: FloatArray | None = None

    def __post_init__(self) -> None:
        """Check the draws."""
        samples = np.asarray(self.samples, dtype=np.float64)
        good = np.isfinite(samples) & (samples >= 0)
        require_each(good, "observed demand", samples, "zero or more, such as 12")
        require_above_zero("mean of observed demand", self.mean, "above zero, such as 12")

    @property
    def mean(self) -> FloatArray:
        """Expected demand, units, shape (items,)."""
        samples = np.asarray(self.samples, dtype=np.float64)
        return np.asarray(samples.mean(axis=1) if self.share is None else (samples * self.share).sum(axis=1))

    @cached_property
    def _ordered(self) -> tuple[FloatArray, FloatArray]:
        """Draws from small to large, and their shares."""
        if self.share is None:
            draws = np.sort(np.asarray(self.samples, dtype=np.float64), axis=1)
            return draws, np.full_like(draws, 1.0 / draws.shape[1])
        order = np.argsort(self.samples, axis=1)
        return np.take_along_axis(self.samples, order, axis=1), np.take_along_axis(self.share, order, axis=1)

    @cached_property
    def _above(self) -> FloatArray:
        """Probability, mean and second moment of the k-th draw and those after it, shape (3, items, draws + 1)."""
        draws, share = self._ordered
        sums = np.zeros((3, draws.shape[0], draws.shape[1] + 1))
        power = share
        for number in range(3):
            np.cumsum(power[:, ::-1], axis=1, out=sums[number, :, -2::-1])
            power = power * draws
        return sums

    def _tails(self, quantity: FloatArray) -> FloatArray:
        """Probability, mean and second moment of demand above the quantity."""
        draws, _ = self._ordered
        quantity = np.asarray(quantity, dtype=np.float64)
        items = np.broadcast_to(np.arange(len(draws)), quantity.shape)
        not_above = np.zeros(quantity.shape, dtype=np.int64)
        step = 1 << (draws.shape[1].bit_length() - 1)
        while step:
            probe = not_above + step
            inside = probe <= draws.shape[1]
            fits = inside & (draws[items, np.minimum(probe, draws.shape[1]) - 1] <= quantity)
            not_above, step = np.where(fits, probe, not_above), step >> 1
        return np.asarray(self._above[:, items, not_above])

    def exceeds(self, quantity: FloatArray) -> FloatArray:
        """Return the share of draws above the quantity."""
        return np.asarray(self._tails(quantity)[0])

    def shortage(self, quantity: FloatArray) -> FloatArray:
        """Return the mean of what draws have above the quantity, units."""
        above, first, _ = self._tails(quantity)
        return np.asarray(first - quantity * above)

    def accumulated_shortage(self, quantity: FloatArray) -> FloatArray:
        """Return half the mean square of what draws have above the quantity; of whole units, times one unit more."""
        above, first, second = self._tails(quantity)
        square = second - 2.0 * quantity * first + quantity * quantity * above
        return np.asarray((square + (first - quantity * above if self.whole else 0.0)) / 2.0)

    def quantile(self, probability: FloatArray) -> FloatArray:
        """Return the smallest draw that at least this share of draws does not exceed, units."""
        draws, _ = self._ordered
        # A share such as 0.8 of 5 draws is the 4th, though 0.8 is not exactly four fifths in binary.
        short = 1.0 - self._above[0, :, 1:] < np.asarray(probability).reshape(-1, 1) - _ROUNDING
        rank = np.minimum(short.sum(axis=1), draws.shape[1] - 1)
        return np.asarray(draws[np.arange(len(draws)), rank])

    def rows(self, rows: IntArray) -> EmpiricalDemand:
        """Return the demand of some of the items."""
        return EmpiricalDemand(self.samples[rows], self.whole, None if self.share is None else self.share[rows])
