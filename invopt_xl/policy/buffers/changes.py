"""Why a buffer changed: its change shared out among what it depends on, in units and in words.

Drivers are replaced one after the other, first to last and last to first, and each is given the mean of the two
changes it makes. Each order's changes add up to the whole, and so do their means. For two drivers this is the Shapley
value (Shapley 1953, "A value for n-person games"), for more its average over these two orders; every order would take
thousands of levels for each item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from invopt_xl.errors import require
from invopt_xl.policy.buffers.drivers import DRIVERS, Buffer, BufferDrivers
from invopt_xl.policy.buffers.wording import Reason, moved, told
from invopt_xl.policy.costs import FloatArray

LEAST_WORTH_A_WORD = 0.5
"""Contributions below this many units are not mentioned."""


@dataclass(frozen=True, eq=False)
class BufferChange:
    """The change of many items' buffers and what it comes from.

    Parameters
    ----------
    before, after
        Drivers then and now.
    buffer_before, buffer_after
        The buffer they give, units, shape (items,).
    contribution
        What each driver, in the order of `DRIVERS`, adds to the change, units, shape (items, drivers); rows add up to
        the change.
    """

    before: BufferDrivers
    after: BufferDrivers
    buffer_before: FloatArray
    buffer_after: FloatArray
    contribution: FloatArray

    @property
    def change(self) -> FloatArray:
        """Buffer now less buffer then, units, shape (items,)."""
        return np.asarray(self.buffer_after - self.buffer_before)

    def of(self, driver: str) -> FloatArray:
        """Return what one driver adds to the change of each item, units, shape (items,)."""
        require(driver in DRIVERS, "driver", driver, f"one of {', '.join(DRIVERS)}")
        return np.asarray(self.contribution[:, DRIVERS.index(driver)])

    def reasons(self, item: int, period: str = "period") -> list[Reason]:
        """Return what each driver did that moved one item, in words, and the units it added.

        Parameters
        ----------
        item
            Row of the item, from 0.
        period
            What a period is called, such as week.
        """
        added = self.contribution[item]
        return [
            (moved(name, self.before, self.after, item, period), float(added[place]))
            for place, name in enumerate(DRIVERS)
            if added[place] != 0.0
        ]

    def words(self, item: int, most: int = 3, least: float = LEAST_WORTH_A_WORD) -> str:
        """Return the reasons for the change of one item, see `wording.told`."""
        return told(self.reasons(item), most, least)

    def all_words(self, most: int = 3, least: float = LEAST_WORTH_A_WORD) -> list[str]:
        """Return the reasons of every item, see `words`."""
        return [self.words(item, most, least) for item in range(len(self.contribution))]


def explain_change(before: BufferDrivers, after: BufferDrivers, buffer: Buffer) -> BufferChange:
    """Return how much of the change of each item's buffer comes from each of its drivers.

    Parameters
    ----------
    before, after
        Drivers of the same items then and now.
    buffer
        The buffer as a function of the drivers, units; called for all items at once, twice for each driver that
        changed for any of them.

    Raises
    ------
    InputError
        If the two sets of drivers are not of the same items.

    Examples
    --------
    >>> from invopt_xl.policy.buffers.drivers import levels_of
    >>> def drivers(mean: float, spread: float) -> BufferDrivers:
    ...     numbers = [np.array([one]) for one in (mean, 30.0, 14.0, spread, 7.0, 0.95, 300.0)]
    ...     return BufferDrivers(*numbers, supplier=np.array(["K"], dtype=object))
    >>> def safety_stock(drivers: BufferDrivers) -> FloatArray:
    ...     return levels_of(drivers, np.array([False]), np.array([False]), 7.0).safety_stock
    >>> explain_change(drivers(120.0, 2.0), drivers(100.0, 6.0), safety_stock).words(0)
    'lead-time spread of supplier K rose from 2 to 6 days: +94 units; demand fell from 120 to 100 a period: -16'
    """
    items, given = len(before.demand_mean), len(after.demand_mean)
    require(given == items, "number of items now", given, f"{items}, as many as before")
    changed = [name for name in DRIVERS if not np.array_equal(before.of(name), after.of(name))]
    then = buffer(before)
    now = buffer(after) if changed else then
    contribution = np.zeros((items, len(DRIVERS)))
    for order in (changed, changed[::-1]):
        for name, added in zip(order, _added(before, after, then, now, order, buffer), strict=True):
            same = before.of(name) == after.of(name)
            contribution[:, DRIVERS.index(name)] += np.where(same, 0.0, added / 2.0)
    return BufferChange(before, after, then, now, _closed(contribution, now - then))


def _added(
    before: BufferDrivers,
    after: BufferDrivers,
    then: FloatArray,
    now: FloatArray,
    order: Sequence[str],
    buffer: Buffer,
) -> list[FloatArray]:
    """Return what each driver changes when they are replaced in this order."""
    mixed, level, added = before, then, []
    for place, name in enumerate(order):
        mixed = mixed.with_driver(name, after.of(name))
        reached = now if place == len(order) - 1 else buffer(mixed)
        added.append(np.asarray(reached - level))
        level = reached
    return added


def _closed(contribution: FloatArray, change: FloatArray) -> FloatArray:
    """Return contributions that add up to the change: levels come from bisection, and their last digits may differ.

    What rounding leaves goes to the largest contribution; nothing where nothing changed for the item.
    """
    rows, largest = np.arange(len(contribution)), np.abs(contribution).argmax(axis=1)
    left = change - contribution.sum(axis=1)
    contribution[rows, largest] += np.where(contribution[rows, largest] != 0.0, left, 0.0)
    return contribution
