"""Simulated items whose end of demand is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Simulated:
    """Demand of items, and when each had its last one; the number of periods where none of them was."""

    quantity: npt.NDArray[np.float64]
    ended: npt.NDArray[np.bool_]

    @property
    def first(self) -> npt.NDArray[np.int64]:
        return np.zeros(len(self.quantity), dtype=np.int64)


def simulated(items: int = 800, periods: int = 60, last: float = 0.02, seed: int = 4) -> Simulated:
    """Return items asked for at random, each with a chance of its own; any demand may be the last one."""
    rng = np.random.default_rng(seed)
    sold = rng.random((items, periods)) < rng.beta(2, 3, items)[:, None]
    ends = sold & (rng.random((items, periods)) < last)
    sold &= np.cumsum(ends, axis=1) - ends == 0
    return Simulated(sold * rng.integers(1, 9, (items, periods)).astype(float), (ends & sold).any(axis=1))
