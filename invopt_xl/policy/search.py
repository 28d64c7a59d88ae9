"""The smallest quantity that is enough, for many items at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from invopt_xl.errors import require
from invopt_xl.policy.costs import BoolArray, FloatArray
from invopt_xl.policy.families import IntArray

Gap = Callable[[FloatArray, IntArray], FloatArray]

_DOUBLINGS = 60
_STEPS = 200
_PRECISION = 1e-7
"""Quantities are found within this share of themselves."""
_LEAST_MISS = 1e-300
_BISECT_EVERY = 3


def smallest(gap: Gap, start: FloatArray, whole: BoolArray) -> FloatArray:
    """Return the smallest quantity, zero or more, at which a falling function is not above zero.

    By false position with the Illinois rule, halving the bracket now and then; whole units are found exactly. Items
    that are done are not looked at again.

    Parameters
    ----------
    gap
        For a quantity of each of some items, and which items they are: above zero where the quantity is not enough.
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
    at_low = gap(low, np.arange(items))
    needed = np.flatnonzero(at_low > 0)
    at_high = np.full(items, -1.0)
    short = needed
    for _ in range(_DOUBLINGS):
        at_high[short] = gap(high[short], short)
        short = short[~(at_high[short] <= 0)]
        if not short.size:
            break
        low[short], at_low[short], high[short] = high[short], at_high[short], 2.0 * high[short]
    require(not short.size, "target", "out of reach", "a service target that some stock can meet")
    _narrow(gap, whole, needed, low, high, at_low, at_high)
    result = np.zeros(items)
    result[needed] = high[needed]
    return result


def _narrow(
    gap: Gap,
    whole: BoolArray,
    open_: IntArray,
    low: FloatArray,
    high: FloatArray,
    at_low: FloatArray,
    at_high: FloatArray,
) -> None:
    """Shrink the brackets of the open items, in place, until they are small or hold one whole unit."""
    for step in range(_STEPS):
        width = high[open_] - low[open_]
        tolerance = np.where(whole[open_], 1.0, _PRECISION * high[open_])
        open_ = open_[width > tolerance]
        if not open_.size:
            return
        probe = _probe(low[open_], high[open_], at_low[open_], at_high[open_], whole[open_], step)
        found = gap(probe, open_)
        enough = found <= 0
        yes, no = open_[enough], open_[~enough]
        high[yes], at_high[yes] = probe[enough], found[enough]
        low[no], at_low[no] = probe[~enough], found[~enough]
        # The end that stays is given half its weight, or false position would creep.
        at_low[yes] /= 2.0
        at_high[no] /= 2.0


def _probe(
    low: FloatArray, high: FloatArray, at_low: FloatArray, at_high: FloatArray, whole: BoolArray, step: int
) -> FloatArray:
    """Return where to look next, inside each bracket."""
    middle = (low + high) / 2.0
    if step % _BISECT_EVERY == _BISECT_EVERY - 1:
        probe = middle
    else:
        slope = at_low - at_high
        probe = low + (high - low) * np.divide(at_low, slope, out=np.full_like(low, 0.5), where=slope > 0)
    nearest = np.where(whole, 1.0, np.minimum(_PRECISION * high, high - low) / 2.0)
    probe = np.where(whole, np.round(probe), probe)
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
