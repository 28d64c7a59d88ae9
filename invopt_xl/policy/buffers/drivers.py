"""What an item's buffer depends on, and the buffer as a function of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require
from invopt_xl.policy.costs import BoolArray, FloatArray, require_each
from invopt_xl.policy.cumulative import CumulativeDemand
from invopt_xl.policy.families import IntArray
from invopt_xl.policy.lead_times import lead_times
from invopt_xl.policy.service import ReplenishmentCycle
from invopt_xl.policy.stock_levels import StockLevels, reorder_points, stock_levels

DRIVERS = (
    "demand_mean",
    "demand_deviation",
    "lead_time_mean",
    "lead_time_deviation",
    "review_days",
    "service_target",
    "order_quantity",
)
"""Names of the drivers, in the order in which they are replaced."""


@dataclass(frozen=True, eq=False)
class BufferDrivers:
    """What the buffers of many items depend on; arrays of shape (items,).

    Parameters
    ----------
    demand_mean
        Expected demand, units a period.
    demand_deviation
        Standard deviation of demand about its forecast, units, of one period: the lack of confidence in it.
    lead_time_mean, lead_time_deviation
        Mean and spread of the lead time, days.
    review_days
        Days from a review to the next.
    service_target
        Strictly between 0 and 1.
    order_quantity
        Usual order quantity, units.
    supplier
        Name of each item's supplier, for explanations; empty where unknown.

    Raises
    ------
    InputError
        If an array does not fit the items, a number is negative or not finite, or a target is no share.
    """

    demand_mean: FloatArray
    demand_deviation: FloatArray
    lead_time_mean: FloatArray
    lead_time_deviation: FloatArray
    review_days: FloatArray
    service_target: FloatArray
    order_quantity: FloatArray
    supplier: npt.NDArray[np.object_] | None = None

    def __post_init__(self) -> None:
        """Check the arrays."""
        shape = self.demand_mean.shape
        for name in DRIVERS:
            values, called = self.of(name), name.replace("_", " ")
            require(values.shape == shape, f"shape of {called}", values.shape, f"{shape}, one for each item")
            if name == "service_target":
                require_each((values > 0) & (values < 1), called, values, "between 0 and 1, such as 0.95")
            else:
                require_each(np.isfinite(values) & (values >= 0), called, values, "zero or more, such as 12")
        if self.supplier is not None:
            require(self.supplier.shape == shape, "shape of supplier", self.supplier.shape, f"{shape}, one per item")

    def of(self, name: str) -> FloatArray:
        """Return one driver by its name, shape (items,)."""
        values: FloatArray = getattr(self, name)
        return values

    def with_driver(self, name: str, values: FloatArray) -> BufferDrivers:
        """Return the drivers with one of them replaced."""
        changed: dict[str, Any] = {name: values}
        return replace(self, **changed)

    def rows(self, rows: BoolArray | IntArray) -> BufferDrivers:
        """Return the drivers of some of the items."""
        supplier = None if self.supplier is None else self.supplier[rows]
        return BufferDrivers(**{name: self.of(name)[rows] for name in DRIVERS}, supplier=supplier)

    def supplier_of(self, item: int) -> str:
        """Return the name of an item's supplier, empty where it is unknown."""
        return str(self.supplier[item]) if self.supplier is not None else ""


Buffer = Callable[[BufferDrivers], FloatArray]
"""Safety stock, reorder point or any other level of all items as a function of their drivers, units."""


def levels_of(
    drivers: BufferDrivers, measure: IntArray | BoolArray, counts: BoolArray, days_per_period: float
) -> StockLevels:
    """Return the stock levels that drivers alone ask for: steady demand, gamma lead times, units.

    Its ``safety_stock`` or ``reorder_point`` is the `Buffer` that `explain_change` asks for. Where forecasts have
    seasons or receipts give lead times another shape, pass a function that scales those instead.

    Parameters
    ----------
    drivers
        What the levels depend on.
    measure
        The `Measure` of each item's target; as False and True cycle service and fill rate.
    counts
        True where demand is slow and comes in whole units.
    days_per_period
        Length of a period, days.

    Examples
    --------
    >>> of_one = [np.array([one]) for one in (20.0, 8.0, 14.0, 4.0, 7.0, 0.95, 40.0)]
    >>> levels = levels_of(BufferDrivers(*of_one), np.array([False]), np.array([False]), 7.0)
    >>> levels.safety_stock.round(1).tolist()
    [32.4]
    """
    protection_periods = (drivers.lead_time_mean + drivers.review_days) / days_per_period
    cycle = _cycle_of(drivers, counts, days_per_period)
    return stock_levels(cycle, drivers.service_target, measure, drivers.order_quantity, protection_periods)


def reorder_points_of(
    drivers: BufferDrivers, measure: IntArray | BoolArray, counts: BoolArray, days_per_period: float
) -> FloatArray:
    """Return the reorder points of `levels_of`, units, in half its time."""
    cycle = _cycle_of(drivers, counts, days_per_period)
    return reorder_points(cycle, drivers.service_target, measure, drivers.order_quantity)


def _cycle_of(drivers: BufferDrivers, counts: BoolArray, days_per_period: float) -> ReplenishmentCycle:
    demand = CumulativeDemand(drivers.demand_mean[:, None], drivers.demand_deviation[:, None] ** 2, counts)
    times = lead_times(drivers.lead_time_mean, drivers.lead_time_deviation)
    return ReplenishmentCycle.of(demand, times, drivers.review_days, days_per_period)
