"""What is known of each item at the end of each period: its rate, its trend, and how long it has been silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MEMORY = 0.08
"""Weight of the newest interval in an item's rate: about the last dozen demands count."""

SLOW = 0.1
FAST = 0.4
"""Weights of the newest demand in what is usual, and in what is so of late."""

SHORTEST_PAUSE = 2.0
RARE_PAUSE = 0.01
"""A silence is a pause where it was longer than so many usual periods, and an item that sells as this one does would
have one so long with less than this chance."""

USUAL_RATE = (0.45, 1.1)
"""Parameters of the beta distribution of items' chance of demand in a period, of which pauses are told apart."""

FEATURES = ("constant", "slowing", "shrinking", "rarity", "youth", "size_variation", "irregularity", "price_cut")
"""What the chance that a demand was the last one depends on; all as of that demand, none changes in a silence."""


@dataclass(frozen=True, eq=False)
class Pace:
    """How often items were asked for until their last demand, shape (any,) each.

    Parameters
    ----------
    intervals, zeros
        Intervals between demands, and silent periods in them, the older ones discounted.
    number
        Intervals between demands, all of them.
    pauses
        Those of them that were pauses: far longer than usual.
    """

    intervals: Floats
    zeros: Floats
    number: Floats
    pauses: Floats

    def of(self, rows: Flags) -> Pace:
        """Return the pace of some of the items."""
        return Pace(self.intervals[rows], self.zeros[rows], self.number[rows], self.pauses[rows])


def joined(paces: list[Pace]) -> Pace:
    """Return the paces one after the other."""
    return Pace(*(np.concatenate([getattr(pace, each.name) for pace in paces]) for each in fields(Pace)))


@dataclass(frozen=True, eq=False)
class State:
    """Items at the end of a period, shape (items,) each, (items, features) of the features.

    Parameters
    ----------
    demands
        Periods with demand so far.
    pace
        How often the item was asked for.
    silence
        Silent periods since the last demand, counted in usual periods: unknown ones count nothing, quiet ones less.
    silent_periods
        The same as the calendar counts them, the unknown ones left out.
    lived
        Known periods since the first demand, that one among them.
    interval
        Periods from one demand to the next, as the calendar counts them.
    longest
        Known periods of the longest silence between two demands.
    features
        See `FEATURES`.
    """

    demands: Floats
    pace: Pace
    silence: Floats
    silent_periods: Floats
    lived: Floats
    interval: Floats
    longest: Floats
    features: Floats


def walk(quantity: Floats, exposure: Floats, price: Floats | None = None) -> Iterator[State]:
    """Yield the state of all items at the end of each period, from what is known by then.

    Parameters
    ----------
    quantity
        Demand, item units, NaN where unknown; shape (items, periods).
    exposure
        How telling a period without demand is: 1 as usual, 0 where nothing is known of it; the same shape.
    price
        Money a unit, NaN where unknown; the same shape.
    """
    now = _Moving(len(quantity))
    for period in range(quantity.shape[1]):
        now.step(quantity[:, period], exposure[:, period], None if price is None else price[:, period])
        yield now.state()


def state_after(quantity: Floats, exposure: Floats, price: Floats | None = None) -> State:
    """Return the state of all items at the end of the last period; nothing is known of them before the first."""
    now = _Moving(len(quantity))
    for period in range(quantity.shape[1]):
        now.step(quantity[:, period], exposure[:, period], None if price is None else price[:, period])
    return now.state()


class _Moving:
    """The sums that a walk carries along."""

    def __init__(self, items: int) -> None:
        def zeros() -> Floats:
            return np.zeros(items)

        self.demands, self.intervals, self.zeros = zeros(), zeros(), zeros()
        self.silence, self.silent_periods, self.lived = zeros(), zeros(), zeros()
        self.fast_gap, self.slow_gap, self.square_gap, self.gap = zeros(), zeros(), zeros(), zeros()
        self.interval, self.pauses, self.longest = zeros(), zeros(), zeros()
        self.fast_size, self.slow_size, self.square_size = zeros(), zeros(), zeros()
        self.fast_price, self.slow_price, self.prices = zeros(), zeros(), zeros()

    def step(self, quantity: Floats, exposure: Floats, price: Floats | None) -> None:
        sold = quantity > 0
        began = self.demands > 0
        again = sold & began
        self._interval(again)
        self._size(sold, np.log(np.where(sold, quantity, 1.0)))
        if price is not None:
            self._price(sold & (price > 0), np.log(np.where(price > 0, price, 1.0)))
        self.demands = self.demands + sold
        self.silence = np.where(sold, 0.0, self.silence + np.where(began, exposure, 0.0))
        self.silent_periods = np.where(sold, 0.0, self.silent_periods + (began & ~np.isnan(quantity)))
        self.lived = self.lived + (sold | (began & (exposure > 0)))

    def _interval(self, again: Flags) -> None:
        gap = 1.0 + self.silence
        self.pauses = self.pauses + (again & self._paused())
        self.longest = np.where(again, np.maximum(self.longest, self.silent_periods), self.longest)
        self.intervals = np.where(again, (1 - MEMORY) * self.intervals + 1.0, self.intervals)
        self.zeros = np.where(again, (1 - MEMORY) * self.zeros + self.silence, self.zeros)
        number = np.maximum(self.demands, 1.0)
        logged = np.log(gap)
        self.fast_gap = _moved(self.fast_gap, logged, FAST, number, again)
        self.slow_gap = _moved(self.slow_gap, logged, SLOW, number, again)
        self.gap = _moved(self.gap, gap, SLOW, number, again)
        self.square_gap = _moved(self.square_gap, gap**2, SLOW, number, again)
        self.interval = _moved(self.interval, 1.0 + self.silent_periods, SLOW, number, again)

    def _paused(self) -> Flags:
        """Return which items have been silent for so long that they pause."""
        paused = self.silence > SHORTEST_PAUSE
        a, b = USUAL_RATE[0] + self.intervals[paused], USUAL_RATE[1] + self.zeros[paused]
        paused[paused] = silent_so_long(a, b, self.silence[paused]) < RARE_PAUSE
        return paused

    def _size(self, sold: Flags, logged: Floats) -> None:
        number = self.demands + 1.0
        off = np.where(self.demands > 0, logged - self.slow_size, 0.0)
        self.square_size = _moved(self.square_size, off**2, SLOW, np.maximum(self.demands, 1.0), sold)
        self.fast_size = _moved(self.fast_size, logged, FAST, number, sold)
        self.slow_size = _moved(self.slow_size, logged, SLOW, number, sold)

    def _price(self, paid: Flags, logged: Floats) -> None:
        number = self.prices + 1.0
        self.fast_price = _moved(self.fast_price, logged, FAST, number, paid)
        self.slow_price = _moved(self.slow_price, logged, SLOW, number, paid)
        self.prices = self.prices + paid

    def state(self) -> State:
        variation = np.maximum(self.square_gap / np.maximum(self.gap, 1.0) ** 2 - 1.0, 0.0)
        features = np.stack(
            [
                np.ones(len(self.demands)),
                self.fast_gap - self.slow_gap,
                self.slow_size - self.fast_size,
                np.log((self.intervals + self.zeros + 1.0) / (self.intervals + 1.0)),
                1.0 / np.sqrt(np.maximum(self.demands, 1.0)),
                np.sqrt(self.square_size),
                np.sqrt(variation),
                self.slow_price - self.fast_price,
            ],
            axis=1,
        )
        return State(
            self.demands,
            Pace(self.intervals, self.zeros, np.maximum(self.demands - 1.0, 0.0), self.pauses),
            *(self.silence, self.silent_periods, self.lived),
            *(np.maximum(self.interval, 1.0), self.longest),
            features,
        )


def silent_so_long(a: Floats, b: Floats, silence: Floats | float) -> Floats:
    """Return the chance of so many usual periods without demand where the chance of one is beta-distributed."""
    return np.asarray(np.exp(gammaln(b + silence) - gammaln(b) + gammaln(a + b) - gammaln(a + b + silence)))


def _moved(level: Floats, value: Floats, weight: float, number: Floats, there: Flags) -> Floats:
    """Return the smoothed level where there is a new value; the plain mean of the first few."""
    return np.asarray(np.where(there, level + np.maximum(weight, 1.0 / number) * (value - level), level))
