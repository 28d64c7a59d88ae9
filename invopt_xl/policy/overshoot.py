"""Simulated overshoot: stock due within the emergency lead time above the level the emergency supplier fills up to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

PATHS = 64
"""Independent runs; their spread gives the error of a cost."""
PERIODS = 1500
"""Periods counted in each run."""
WARM_UP = 500
"""Periods before that, until the start is forgotten."""


@dataclass(frozen=True, eq=False)
class Draws:
    """Simulated demand on which all policies are compared.

    Parameters
    ----------
    demand
        Units, shape (paths, warm-up, counted periods and the longest lead time after them).
    """

    demand: FloatArray

    @classmethod
    def of(cls, seen: FloatArray, longest_lead: int, seed: int) -> Draws:
        """Return draws in which every value seen comes equally often, in a random order fixed by the seed."""
        length = WARM_UP + PERIODS + longest_lead + 1
        pool = np.resize(seen, PATHS * length)
        np.random.default_rng(seed).shuffle(pool)
        return cls(pool.reshape(PATHS, length))

    @property
    def sold(self) -> FloatArray:
        """Demand of the period before each counted one, which orders make up for, shape (paths, periods)."""
        return self.demand[:, WARM_UP - 1 : WARM_UP + PERIODS - 1]

    def over(self, lead: int) -> FloatArray:
        """Return demand from each counted period to the end of so many periods later, shape (paths, periods)."""
        total = np.zeros((PATHS, self.demand.shape[1] + 1))
        total[:, 1:] = self.demand.cumsum(axis=1)
        first = total[:, WARM_UP : WARM_UP + PERIODS]
        return np.asarray(total[:, WARM_UP + lead + 1 : WARM_UP + lead + 1 + PERIODS] - first)


@dataclass(frozen=True, eq=False)
class Overshoot:
    """Overshoot after ordering in every counted period, and what the emergency supplier got.

    Parameters
    ----------
    units
        Shape (candidates, paths, periods).
    emergency
        Units ordered from the emergency supplier a period, shape (candidates, paths).
    """

    units: FloatArray
    emergency: FloatArray


def dual_index_overshoot(draws: Draws, spread: FloatArray, lag: int) -> Overshoot:
    """Return the overshoot of the dual-index policy for each spread between its levels.

    Each period's orders make up for the demand before; the emergency supplier gets what overshoot and the regular
    order now due within reach do not cover, the regular one the rest (Veeraraghavan & Scheller-Wolf 2008, section 3).

    Parameters
    ----------
    spread
        Regular less emergency level, units, shape (candidates,).
    lag
        Regular less emergency lead time, periods.
    """
    shape = (len(spread), PATHS)
    share = np.minimum(np.floor(draws.demand.mean()), np.floor(spread / lag))
    due = np.repeat(share[None, :, None], lag, axis=0) * np.ones(shape)
    over = spread[:, None] - due.sum(axis=0)
    units, emergency = np.empty((PERIODS, *shape)), np.zeros(shape)
    for period in range(1, WARM_UP + PERIODS):
        sold = draws.demand[:, period - 1]
        over = over + due[period % lag] - sold
        urgent = np.maximum(-over, 0.0)
        over = over + urgent
        due[period % lag] = sold - urgent
        if period >= WARM_UP:
            units[period - WARM_UP] = over
            emergency += urgent
    return Overshoot(np.moveaxis(units, 0, -1), emergency / PERIODS)


def standing_order_overshoot(draws: Draws, standing: FloatArray) -> Overshoot:
    """Return the overshoot of base surge for each standing order: a queue that demand serves (Lindley 1952).

    O = max(0, O + r - D) is the distance of the running sum of r - D from its least value so far.
    """
    steps = standing[:, None, None] - draws.demand[:, : WARM_UP + PERIODS - 1]
    walk = steps.cumsum(axis=-1)
    lowest = np.minimum(np.minimum.accumulate(walk, axis=-1), 0.0)
    units = (walk - lowest)[..., WARM_UP - 1 :]
    filled = lowest[..., WARM_UP - 2] - lowest[..., -1]
    return Overshoot(units, filled / PERIODS)
