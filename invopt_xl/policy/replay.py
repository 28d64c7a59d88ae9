"""What a stock policy would have done: real demand, its own orders, drawn lead times, all items at once.

Time runs in periods. In each period the items whose turn it is are reviewed and perhaps ordered, then goods that are
due arrive, then demand comes. Whole scenarios (other targets, other policies, other draws) are stacked as further
rows, for rows do not touch each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require
from invopt_xl.policy.costs import FloatArray
from invopt_xl.policy.lot_sizes import round_up_to_lot

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class World:
    """What happens to the items whatever their policy.

    Parameters
    ----------
    demand
        Units asked for in each period, shape (items, periods); NaN where it is not known: nothing happens then.
    lead_periods
        Periods from an order placed in a period to its receipt, whole, shape (items, periods).
    review_periods
        Periods from a review to the next, at least 1, shape (items,).
    minimum, lot
        Smallest order and its multiple, units, shape (items,).
    lost
        True if demand that finds no stock is lost, false if it waits.
    measured_from
        First period that counts, shape (items,); `first_receipts` unless given.

    Raises
    ------
    InputError
        If shapes differ or a number is out of bounds.
    """

    demand: FloatArray
    lead_periods: IntArray
    review_periods: IntArray
    minimum: FloatArray
    lot: FloatArray
    lost: bool = True
    measured_from: IntArray | None = None

    def __post_init__(self) -> None:
        shape = self.demand.shape
        require(self.demand.ndim == 2 and min(shape) > 0, "demand", f"of shape {shape}", "items by periods")
        require(self.lead_periods.shape == shape, "lead times", f"of shape {self.lead_periods.shape}", f"{shape}")
        for name in ("review_periods", "minimum", "lot"):
            given = getattr(self, name).shape
            require(given == shape[:1], name.replace("_", " "), f"of shape {given}", f"{shape[:1]}, one per item")
        require(not (self.demand < 0).any(), "smallest demand", float(np.nanmin(self.demand)), "zero or more")
        require(
            bool((self.lead_periods >= 0).all()), "lead times", int(self.lead_periods.min()), "zero or more periods"
        )
        require(bool((self.review_periods >= 1).all()), "review periods", int(self.review_periods.min()), "at least 1")
        require(bool((self.lot > 0).all()), "smallest lot", float(self.lot.min()), "above zero")

    @property
    def first_receipts(self) -> IntArray:
        """The first period that an order of the policy can have served, shape (items,): before, luck decides."""
        return np.asarray(self.lead_periods[:, 0] + self.review_periods)

    @property
    def measured(self) -> BoolArray:
        """True where a period counts: demand is known, and an order of the policy could have come."""
        first = self.first_receipts if self.measured_from is None else self.measured_from
        return np.asarray(np.isfinite(self.demand) & (np.arange(self.demand.shape[1]) >= first[:, None]))

    def reviewed(self, period: int) -> BoolArray:
        """Return which items are reviewed in this period, shape (items,)."""
        return np.asarray(period % self.review_periods == 0)


@dataclass(frozen=True, eq=False)
class Rules:
    """When and up to what each item is ordered; levels may change from period to period.

    Parameters
    ----------
    reorder_point
        At a review, order if stock on hand and on order, less what waits, is below this; units, (items, periods).
    order_up_to
        Then order up to this, in lots; units, (items, periods).
    """

    reorder_point: FloatArray
    order_up_to: FloatArray


@dataclass(frozen=True, eq=False)
class Replay:
    """What happened; units, shape (items, periods).

    Parameters
    ----------
    demand
        Asked for; 0 where it is not known.
    served
        Met from stock in the period it was asked for.
    opening
        On hand after receipts, before demand.
    closing
        On hand after demand.
    ordered
        Ordered at the period's beginning.
    received
        Come in at the period's beginning.
    measured
        `World.measured`.
    cycles, unbroken
        Replenishment cycles that ended in measured periods, and those of them without a stock-out, shape (items,).
    """

    demand: FloatArray
    served: FloatArray
    opening: FloatArray
    closing: FloatArray
    ordered: FloatArray
    received: FloatArray
    measured: BoolArray
    cycles: IntArray
    unbroken: IntArray

    @property
    def fill_rate(self) -> FloatArray:
        """Share of demand met from stock at once, shape (items,); NaN without demand."""
        asked = np.where(self.measured, self.demand, 0.0).sum(axis=1)
        met = np.where(self.measured, self.served, 0.0).sum(axis=1)
        return np.asarray(np.divide(met, asked, out=np.full(asked.shape, np.nan), where=asked > 0))

    @property
    def stock(self) -> FloatArray:
        """Average stock on hand, units, shape (items,): the mean of before and after demand."""
        between = np.where(self.measured, (self.opening + self.closing) / 2, 0.0).sum(axis=1)
        return np.asarray(between / np.maximum(self.measured.sum(axis=1), 1))

    @property
    def short(self) -> BoolArray:
        """True in measured periods in which demand found too little stock, shape (items, periods)."""
        return np.asarray(self.measured & _lacking(self.demand, self.served))

    @property
    def ready_rate(self) -> FloatArray:
        """Share of periods without a stock-out, shape (items,)."""
        return np.asarray(1 - self.short.sum(axis=1) / np.maximum(self.measured.sum(axis=1), 1))

    @property
    def cycle_service(self) -> FloatArray:
        """Share of replenishment cycles, from a receipt to the next, without a stock-out; NaN without a cycle."""
        known = self.cycles > 0
        return np.asarray(np.divide(self.unbroken, self.cycles, out=np.full(self.cycles.shape, np.nan), where=known))


_ROUNDING = 1e-9
"""Differences below this share of demand come from arithmetic, not from a lack of stock."""


def _lacking(demand: FloatArray, served: FloatArray) -> BoolArray:
    return np.asarray(served < demand - _ROUNDING * np.maximum(demand, 1.0))


def replay(world: World, rules: Rules, opening: FloatArray | None = None) -> Replay:
    """Return what happens when the rules meet the world.

    Parameters
    ----------
    world
        Demand, lead times and order terms.
    rules
        Levels as they were known at each period's beginning, shape (items, periods) each.
    opening
        Stock on hand at the beginning, units, shape (items,); by default the order-up-to level of the first period.

    Raises
    ------
    InputError
        If the rules do not fit the world.

    Examples
    --------
    Five a period, two periods to wait: base stock 15 never runs out, base stock 14 lacks one unit each time (it waits).

    >>> one = np.array([1.0])
    >>> world = World(np.full((1, 6), 5.0), np.full((1, 6), 2), np.array([1]), one, one, lost=False)
    >>> levels = np.full((1, 6), 15.0)
    >>> replay(world, Rules(levels, levels)).fill_rate.tolist()
    [1.0]
    >>> replay(world, Rules(levels - 1, levels - 1)).fill_rate.tolist()
    [0.8]
    """
    items, periods = world.demand.shape
    for name in ("reorder_point", "order_up_to"):
        given = getattr(rules, name)
        require(given.shape == (items, periods), name.replace("_", " "), f"of shape {given.shape}", f"{items, periods}")
    start = rules.order_up_to[:, 0] if opening is None else opening
    require(
        start.shape == (items,) and bool((start >= 0).all()), "opening stock", start, "one number per item, 0 or more"
    )
    return _walked(world, rules, start)


def _walked(world: World, rules: Rules, start: FloatArray) -> Replay:
    items, periods = world.demand.shape
    rows = np.arange(items)
    demand = np.where(np.isfinite(world.demand), world.demand, 0.0)
    measured = world.measured
    # What comes after the last period is all one: nobody sees it.
    due = np.zeros((items, periods + 1))
    served, opening, closing, ordered = (np.zeros((items, periods)) for _ in range(4))
    cycles, unbroken = (np.zeros(items, dtype=np.int64) for _ in range(2))
    broken = np.zeros(items, dtype=np.bool_)
    # Below zero, net stock is what waits; position adds what is on order.
    net, position = start.astype(np.float64), start.astype(np.float64)
    for period in range(periods):
        wanted = world.reviewed(period) & (position < rules.reorder_point[:, period] - _ROUNDING)
        missing = np.where(wanted, rules.order_up_to[:, period] - position, 0.0)
        ordered[:, period] = round_up_to_lot(np.maximum(missing, 0.0), world.minimum, world.lot)
        due[rows, np.minimum(period + world.lead_periods[:, period], periods)] += ordered[:, period]
        came = due[:, period] > 0
        ended = came & measured[:, period]
        cycles += ended
        unbroken += ended & ~broken
        broken &= ~came
        net = net + due[:, period]
        asked = demand[:, period]
        opening[:, period] = np.maximum(net, 0.0)
        served[:, period] = np.minimum(asked, opening[:, period])
        taken = served[:, period] if world.lost else asked
        net = net - taken
        position = position + ordered[:, period] - taken
        closing[:, period] = np.maximum(net, 0.0)
        broken |= _lacking(asked, served[:, period])
    return Replay(demand, served, opening, closing, ordered, due[:, :periods], measured, cycles, unbroken)
