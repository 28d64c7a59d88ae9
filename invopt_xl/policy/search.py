"""The smallest quantity that is enough, for many items at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from invopt_xl.errors import require
from invopt_xl.policy.costs import BoolArray, FloatArray
from invopt_xl.policy.families import IntArray

Gap = Callable[[FloatArray], FloatArray]
"""Of some items: above zero where the quantity of an item is not enough, falling as it grows."""

_DOUBLINGS = 60
_STEPS = 200
_PRECISION = 1e-7
"""Quantities are found within this share of themselves."""
_LEAST_MISS = 1e-300
_BISECT_EVERY = 3


def smallest(gap_of: Callable[[IntArray], Gap], start: FloatArray, whole: BoolArray) -> FloatArray:
    """Return the smallest quantity, zero or more, at which a falling function is not above zero.

    By false position with the Illinois rule, halving the bracket now and then; whole units are found exactly. Once
    half of the items are done they are left out.

    Parameters
    ----------
    gap_of
        Returns the falling function of some of the items, given which they are, in ascending order.
    start
        A first guess, units, shape (items,); doubled until it is enough.
    whole
        True where only whole units count, shape (items,).

    Returns
    -------
    array
        Units, shape (items,).

    Raises
    ------
    InputError
        If no quantity is enough.
    """
    items = len(start)
    low, high = np.zeros(items), np.ceil(np.maximum(start, 1.0))
    at_low, at_high = gap_of(np.arange(items))(low), np.full(items, -1.0)
    needed = short = np.flatnonzero(at_low > 0)
    for _ in range(_DOUBLINGS):
        if not short.size:
            break
        at_high[short] = gap_of(short)(high[short])
        short = short[~(at_high[short] <= 0)]
        low[short], at_low[short], high[short] = high[short], at_high[short], 2.0 * high[short]
    require(not short.size, "target", "out of reach", "a service target that some stock can meet")
    ends = _Ends(low[needed], high[needed], at_low[needed], at_high[needed], whole[needed])
    result = np.zeros(items)
    result[needed] = _narrowed(lambda rows: gap_of(needed[rows]), ends)
    return result


@dataclass(frozen=True, eq=False)
class _Ends:
    """Brackets of items and what the falling function is at their ends."""

    low: FloatArray
    high: FloatArray
    at_low: FloatArray
    at_high: FloatArray
    whole: BoolArray

    @property
    def open(self) -> BoolArray:
        """True where a bracket is neither small nor down to one whole unit."""
        return np.asarray(self.high - self.low > np.where(self.whole, 1.0, _PRECISION * self.high))

    def rows(self, rows: IntArray) -> _Ends:
        """Return the ends of some of the items."""
        return _Ends(self.low[rows], self.high[rows], self.at_low[rows], self.at_high[rows], self.whole[rows])

    def moved(self, probe: FloatArray, found: FloatArray) -> _Ends:
        """Return the brackets with a probe as one end; the other is given half its weight, or it would never move."""
        enough = found <= 0
        return _Ends(
            np.where(enough, self.low, probe),
            np.where(enough, probe, self.high),
            np.where(enough, self.at_low / 2.0, found),
            np.where(enough, found, self.at_high / 2.0),
            self.whole,
        )


def _narrowed(gap_of: Callable[[IntArray], Gap], ends: _Ends) -> FloatArray:
    """Return the upper ends of brackets that were shrunk until they are closed."""
    result = ends.high.copy()
    rows = np.flatnonzero(ends.open)
    ends, gap = ends.rows(rows), gap_of(rows)
    for step in range(_STEPS):
        open_ = ends.open
        result[rows] = ends.high
        if not open_.any():
            break
        if 2 * np.count_nonzero(open_) < len(rows):
            still = np.flatnonzero(open_)
            rows, ends, open_ = rows[still], ends.rows(still), open_[still]
            gap = gap_of(rows)
        probe = np.where(open_, _probe(ends, step), ends.high)
        ends = ends.moved(probe, np.where(open_, gap(probe), ends.at_high))
    return result


def _probe(ends: _Ends, step: int) -> FloatArray:
    """Return where to look next, inside each bracket."""
    low, high = ends.low, ends.high
    if step % _BISECT_EVERY == _BISECT_EVERY - 1:
        probe = (low + high) / 2.0
    else:
        slope = ends.at_low - ends.at_high
        probe = low + (high - low) * np.divide(ends.at_low, slope, out=np.full_like(low, 0.5), where=slope > 0)
    nearest = np.where(ends.whole, 1.0, np.minimum(_PRECISION * high, high - low) / 2.0)
    probe = np.where(ends.whole, np.round(probe), probe)
    return np.asarray(np.clip(probe, low + nearest, high - nearest))


def log_gap(miss: FloatArray, allowed: FloatArray) -> FloatArray:
    """Return by how much a share missed is above the share allowed, on a log scale.

    Tails of demand fall exponentially, so this is nearly a straight line in the quantity.
    """
    missed = np.log(np.maximum(miss, _LEAST_MISS)) - np.log(allowed)
    return np.asarray(np.where(missed <= _EQUAL, np.maximum(missed, -_FAR) - _EQUAL, missed))


_EQUAL = 1e-9
"""Shares missed and allowed that differ by less, relatively, are the same but for rounding."""
_FAR = 15.0
"""How much too good an end of the bracket may count: an end in the far tail would send false position astray."""
