"""Rules that extend one order after the other until it seems long enough."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from invopt_xl.policy.lot_sizes.orders import SAME, Order, cumulated

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

Stop = Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], BoolArray]
"""Whether to order again, from set-up and held so far and with one more period, periods and units so far and with."""


def _silver_meal(
    setup: FloatArray, held: FloatArray, more: FloatArray, periods: FloatArray, units: FloatArray, added: FloatArray
) -> BoolArray:
    return np.asarray((setup + more) * periods > (setup + held) * (periods + 1.0) * (1.0 + SAME))


def _least_unit_cost(
    setup: FloatArray, held: FloatArray, more: FloatArray, periods: FloatArray, units: FloatArray, added: FloatArray
) -> BoolArray:
    return np.asarray((setup + more) * units > (setup + held) * (units + added) * (1.0 + SAME))


def _part_period_balancing(
    setup: FloatArray, held: FloatArray, more: FloatArray, periods: FloatArray, units: FloatArray, added: FloatArray
) -> BoolArray:
    # Holding already at the cost of an order, or further above it with this period than below it without.
    return np.asarray((more > setup) & (more - setup >= setup - held) & (added > 0.0))


STOPS: dict[str, Stop] = {
    "silver-meal": _silver_meal,
    "least-unit-cost": _least_unit_cost,
    "part-period-balancing": _part_period_balancing,
}


def look_ahead(demand: FloatArray, setup: FloatArray, holding: FloatArray, stop: Stop) -> BoolArray:
    """Return where orders are placed when each is extended until a rule stops it; all items in one step."""
    items, periods = demand.shape
    starts = np.zeros((items, periods), dtype=bool)
    begun = np.zeros(items, dtype=bool)
    cost, held, units, covered, per_unit = (np.zeros(items) for _ in range(5))
    for period in range(periods):
        added = demand[:, period]
        more = held + added * per_unit
        again = np.where(begun, stop(cost, held, more, covered, units, added), added > 0.0) & (added > 0.0)
        starts[:, period] = again
        begun |= again
        cost = np.where(again, setup[:, period], cost)
        held, units = np.where(again, 0.0, more), np.where(again, added, units + added)
        covered = np.where(again, 1.0, covered + 1.0)
        per_unit = np.where(again, 0.0, per_unit) + holding[:, period]
    return starts


def until_next(demand: FloatArray, starts: BoolArray, order: Order) -> FloatArray:
    """Return orders that last from each start to the next, less what earlier ones left."""
    items, periods = demand.shape
    to = cumulated(demand)
    # Demand up to the next start after each period, from the last period backwards.
    until = np.repeat(to[:, -1:], periods, axis=1)
    for period in range(periods - 2, -1, -1):
        until[:, period] = np.where(starts[:, period + 1], to[:, period + 1], until[:, period + 1])
    quantity, received = np.zeros_like(demand), np.zeros(items)
    for period in range(periods):
        placed = order((until[:, period] - received)[:, None])[:, 0]
        quantity[:, period] = np.where(starts[:, period], placed, 0.0)
        received = received + quantity[:, period]
    return quantity
