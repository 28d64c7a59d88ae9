"""The reorder point as a function of what a buffer is made of, so that changes can be told apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.policy.buffers import DRIVERS, BufferDrivers, reorder_points_of
from invopt_xl.policy.buffers.drivers import Buffer
from invopt_xl.policy.stock_levels import Measure

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

COUNT_LIMIT = 100.0
"""Whole-unit demand below this over the protection interval is modelled by counts; above, gamma is as good."""

_NO_TARGET = 0.95
"""Stands for the target where there is none, then and now: it moves nothing."""

_MEASURES = {"cycle": Measure.CYCLE, "fill": Measure.FILL, "ready": Measure.READY, "cost": Measure.FILL}
"""Service measures by their words; any other one is taken for cycle service. Where costs decide, the target of an item
is the fill rate that is cheapest."""

BESIDE_DRIVERS = ("measure", "ahead", "growth")
"""What may change beside drivers, in the order in which it is replaced."""

_OTHER_INTERVAL = 0.05
"""Protection intervals that differ by more than this share are of another length."""

_COLUMNS = (
    *("demand_per_period", "demand_deviation", "lead_time_days", "lead_time_sd_days", "review_days"),
    *("service_target", "order_quantity"),
)
"""Columns of buffers in the order of `DRIVERS`."""


@dataclass(frozen=True, eq=False)
class ReorderModel:
    """What reorder points depend on beside their drivers; arrays over items.

    Parameters
    ----------
    measure
        The `Measure` of each target.
    ahead
        By how much demand of the protection interval exceeds what the mean of the horizon says, units: season, trend
        and promotions.
    growth
        Errors of a forecast last from one period to the next, so those of an interval are larger than the square root
        of its length says: this many times.
    counts
        True where demand is slow and comes in whole units.
    keeps_periods
        Shelf life; NaN where goods keep.
    days_per_period
        Length of a period.
    """

    measure: npt.NDArray[np.int64]
    ahead: FloatArray
    growth: FloatArray
    counts: BoolArray
    keeps_periods: FloatArray
    days_per_period: float

    @classmethod
    def of(cls, buffers: pd.DataFrame, items: pd.DataFrame, days_per_period: float) -> ReorderModel:
        """Return the model of buffers; items tell what these do not, whether then or now: shelf life, whole units."""
        rate, protection = _of(buffers, "demand_per_period"), _protection(buffers, days_per_period)
        late = rate * _of(buffers, "lead_time_sd_days") / days_per_period
        error = np.sqrt(np.maximum(_of(buffers, "protection_deviation") ** 2 - late**2, 0.0) / protection)
        single = _of(buffers, "demand_deviation")
        growth = np.divide(error, single, out=np.ones(len(error)), where=single > 0)
        words = buffers["service_measure"].tolist()
        return cls(
            measure=np.array([_MEASURES.get(word, Measure.CYCLE) for word in words], dtype=np.int64),
            ahead=_of(buffers, "reorder_point") - _of(buffers, "safety_stock") - rate * protection,
            growth=np.clip(growth, 0.1, 10.0),
            counts=items["whole_units"].to_numpy(dtype=bool) & (rate * protection < COUNT_LIMIT),
            keeps_periods=_of(items, "shelf_life_days") / days_per_period,
            days_per_period=days_per_period,
        )

    def rows(self, rows: BoolArray | npt.NDArray[np.int64]) -> ReorderModel:
        """Return the model of some of the items."""
        arrays = {name: getattr(self, name)[rows] for name in (*BESIDE_DRIVERS, "counts", "keeps_periods")}
        return replace(self, **arrays)

    def smooth(self) -> ReorderModel:
        """Return the model without the steps of whole units, which hide what small changes lead to."""
        return replace(self, counts=np.zeros(len(self.counts), dtype=bool))

    def reorder_point(self, drivers: BufferDrivers) -> FloatArray:
        """Return the reorder points that drivers ask for, units."""
        protection = (drivers.lead_time_mean + drivers.review_days) / self.days_per_period
        nearby = replace(
            drivers,
            demand_mean=np.maximum(drivers.demand_mean + self.ahead / protection, 0.0),
            demand_deviation=drivers.demand_deviation * self.growth,
        )
        level = reorder_points_of(nearby, self.measure, self.counts, self.days_per_period)
        sells = np.where(np.isnan(self.keeps_periods), np.inf, drivers.demand_mean * np.nan_to_num(self.keeps_periods))
        return np.asarray(np.minimum(level, np.where(self.counts, np.floor(sells), sells)))

    def remembering(self) -> Buffer:
        """Return the reorder point as a function that looks again only at items other than in any call before."""
        known: list[tuple[BufferDrivers, FloatArray]] = []

        def reorder_point(drivers: BufferDrivers) -> FloatArray:
            level, other = np.zeros(len(self.counts)), np.ones(len(self.counts), dtype=bool)
            for before, reached in known:
                differs = np.any([before.of(name) != drivers.of(name) for name in DRIVERS], axis=0)
                if differs.sum() < other.sum():
                    level, other = reached.copy(), differs
            if other.any():
                level[other] = self.rows(other).reorder_point(drivers.rows(other))
            known.append((drivers, level))
            return level

        return reorder_point


def models(
    before: pd.DataFrame, after: pd.DataFrame, items: pd.DataFrame, days_per_period: float
) -> tuple[ReorderModel, ReorderModel]:
    """Return the models of the same items then and now.

    How much errors grow depends on the interval: where it is of another length, growth is the one of now in both, and
    what it does is the lead time's doing.
    """
    then, now = (ReorderModel.of(buffers, items, days_per_period) for buffers in (before, after))
    old, new = (_protection(buffers, days_per_period) for buffers in (before, after))
    other = np.abs(new - old) > _OTHER_INTERVAL * old
    return replace(then, growth=np.where(other, now.growth, then.growth), counts=now.counts), now


def has_no_levels(buffers: pd.DataFrame) -> BoolArray:
    """Tell which items have demand but no levels, as where the smallest order is years of demand.

    Expected demand and safety stock make up the reorder point: both levels are zero only where none was set.
    """
    none = (buffers["reorder_point"] == 0) & (buffers["safety_stock"] == 0) & (buffers["protection_deviation"] > 0)
    return none.to_numpy(dtype=bool)


def drivers_of(buffers: pd.DataFrame, other: pd.DataFrame) -> BufferDrivers:
    """Return the drivers of buffers; without a target in either of the two plans, the same one stands for both."""
    target = buffers["service_target"].where(other["service_target"].notna().to_numpy(), _NO_TARGET)
    numbers = buffers.assign(service_target=target.fillna(_NO_TARGET))[[*_COLUMNS]].to_numpy(dtype=np.float64)
    supplier = buffers["supplier"].fillna("").to_numpy(dtype=object)
    return BufferDrivers(**dict(zip(DRIVERS, numbers.T, strict=True)), supplier=supplier)


def _of(frame: pd.DataFrame, column: str) -> FloatArray:
    return frame[column].to_numpy(dtype=np.float64)


def _protection(buffers: pd.DataFrame, days_per_period: float) -> FloatArray:
    return (_of(buffers, "lead_time_days") + _of(buffers, "review_days")) / days_per_period
