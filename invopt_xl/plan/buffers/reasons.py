"""Why reorder points differ between two plans, in words with units.

Drivers get what they would change under steady demand and gamma lead times (`policy.buffers.explain_change`), at the
floors and caps of the plan. What comes from the course of demand ahead is known exactly. The little that is missing to
the change in the plan is spread over the drivers in proportion to what they change; where it is not little, it is
named instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.replenishment import COUNT_LIMIT, practical_reorder_point
from invopt_xl.policy.buffers import DRIVERS, BufferChange, BufferDrivers, explain_change, levels_of
from invopt_xl.policy.buffers.wording import Reason, told
from invopt_xl.policy.stock_levels import Measure

FloatArray = npt.NDArray[np.float64]

LEAST = 0.05
"""Changes of fewer units are not told."""

_MOST_REASONS = 3

_MINOR, _NO_WORD = 0.03, 0.003
"""Reasons below this share of all that moved are summed up, and below this share the sum is left out."""

_LITTLE = 0.5
"""What is missing to the change is spread over its drivers up to this share of what they change."""

_ALONG = 0.5
"""A forecast error goes along with demand where the two changed, as shares, by the same but for this share of it."""

_NO_TARGET = 0.95
"""Stands for the target where there is none, then and now: it moves nothing."""

_MEASURES = {"cycle": Measure.CYCLE, "fill": Measure.FILL, "ready": Measure.READY}
"""Service measures by their words; of any other one the reasons are those of cycle service."""

_AHEAD = "season, trend and promotions ahead"
_SHAPE = "shape of demand and lead times, floors and lots"


def reasons(before: pd.DataFrame, after: pd.DataFrame, items: pd.DataFrame, parameters: Parameters) -> list[str]:
    """Return for each item why its reorder point changed, empty where it did not.

    Parameters
    ----------
    before, after
        What the buffers are made of in the two plans, of the same items in one order (`made_of.buffers_of`).
    items
        The items of the second plan.
    parameters
        For the length and the name of a period.

    Notes
    -----
    Numbers with their signs add up to the change, but for rounding to whole units.
    """
    changed = np.flatnonzero((after["reorder_point"] - before["reorder_point"]).abs().to_numpy() >= LEAST)
    words = np.full(len(after), "", dtype=object)
    if len(changed):
        pair = _Pair.of(before.iloc[changed], after.iloc[changed], items.iloc[changed], parameters)
        words[changed] = pair.words(parameters.period)
    return [str(each) for each in words]


@dataclass(frozen=True, eq=False)
class _Model:
    """The reorder point as a function of its drivers, with what they do not tell of an item held as it is now."""

    growth: FloatArray
    counts: npt.NDArray[np.bool_]
    keeps_periods: FloatArray
    days_per_period: float

    @classmethod
    def of(cls, drivers: BufferDrivers, items: pd.DataFrame, days_per_period: float) -> _Model:
        """Return the model of planned items.

        Errors of a forecast last from one period to the next, so that those of an interval are larger than the square
        root of its length says: by the growth.
        """
        periods = items["protection_periods"].to_numpy()
        late = drivers.demand_mean * items["lead_deviation_periods"].to_numpy()
        error = np.sqrt(np.maximum(items["protection_deviation"].to_numpy() ** 2 - late**2, 0.0) / periods)
        known = drivers.demand_deviation > 0
        growth = np.divide(error, drivers.demand_deviation, out=np.ones(len(error)), where=known)
        counts = items["whole_units"].to_numpy(dtype=bool) & (drivers.demand_mean * periods < COUNT_LIMIT)
        keeps = items["shelf_life_days"].to_numpy(dtype=np.float64) / days_per_period
        return cls(np.clip(growth, 0.1, 10.0), counts, keeps, days_per_period)

    def reorder_point(self, drivers: BufferDrivers, measure: npt.NDArray[np.int64]) -> FloatArray:
        """Return the reorder points that drivers ask for, units."""
        wider = drivers.with_driver("demand_deviation", drivers.demand_deviation * self.growth)
        levels = levels_of(wider, measure, self.counts, self.days_per_period)
        sells = np.where(np.isnan(self.keeps_periods), np.inf, drivers.demand_mean * np.nan_to_num(self.keeps_periods))
        return practical_reorder_point(levels, sells, self.counts)


@dataclass(frozen=True, eq=False)
class _Pair:
    """Items before and after, with what was found to have changed their reorder points; arrays over items, units."""

    before: pd.DataFrame
    after: pd.DataFrame
    found: BufferChange
    ahead: FloatArray
    measured: FloatArray

    @classmethod
    def of(cls, before: pd.DataFrame, after: pd.DataFrame, items: pd.DataFrame, parameters: Parameters) -> _Pair:
        """Find what changed."""
        length = parameters.calendar.days_per_period
        then, now = _drivers(before, after), _drivers(after, before)
        model = _Model.of(now, items, length)
        old, new = (_measures(buffers) for buffers in (before, after))
        found = explain_change(then, now, lambda drivers: model.reorder_point(drivers, new))
        measured = np.zeros(len(after))
        if (old != new).any():
            measured = np.where(old == new, 0.0, found.buffer_before - model.reorder_point(then, old))
        ahead = _course_ahead(after, length) - _course_ahead(before, length)
        return cls(before, after, _error_with_demand(found), ahead, measured)

    def words(self, period: str) -> list[str]:
        """Return the reasons of every item."""
        change = (self.after["reorder_point"] - self.before["reorder_point"]).to_numpy()
        explained = self.found.contribution.sum(axis=1) + self.measured
        moved = np.abs(self.found.contribution).sum(axis=1) + np.abs(self.measured)
        missing = change - self.ahead - explained
        spread = np.divide(missing, moved, out=np.zeros(len(change)), where=np.abs(missing) <= _LITTLE * moved)
        added = self.found.contribution + np.abs(self.found.contribution) * spread[:, None]
        scaled = replace(self.found, contribution=added)
        measured = self.measured + np.abs(self.measured) * spread
        rest = missing - moved * spread
        return [
            _told([
                *scaled.reasons(row, period),
                (_AHEAD, float(self.ahead[row])),
                (self._moved_text(row, "service_measure", "service measure"), float(measured[row])),
                (self._moved_text(row, "distribution", "distribution of demand") or _SHAPE, float(rest[row])),
            ])
            for row in range(len(change))
        ]  # fmt: skip

    def _moved_text(self, row: int, column: str, name: str) -> str:
        """Return what became of a word, empty where it stayed."""
        then, now = (str(buffers[column].iat[row] or "") for buffers in (self.before, self.after))
        return f"{name} changed from {then} to {now}" if then and now and then != now else ""


def _told(found: list[Reason]) -> str:
    total = sum(abs(added) for _, added in found)
    return told(found, _MOST_REASONS, max(LEAST, _MINOR * total), max(LEAST, _NO_WORD * total))


def _drivers(buffers: pd.DataFrame, other: pd.DataFrame) -> BufferDrivers:
    """Return the drivers of buffers; without a target in either of the two plans, the same one stands for both."""
    target = buffers["service_target"].where(other["service_target"].notna().to_numpy(), _NO_TARGET)
    columns = [
        *("demand_per_period", "demand_deviation", "lead_time_days", "lead_time_sd_days", "review_days"),
        *("service_target", "order_quantity"),
    ]
    numbers = buffers.assign(service_target=target.fillna(_NO_TARGET))[columns].to_numpy(dtype=np.float64)
    supplier = buffers["supplier"].fillna("").to_numpy(dtype=object)
    return BufferDrivers(**dict(zip(DRIVERS, numbers.T, strict=True)), supplier=supplier)


def _measures(buffers: pd.DataFrame) -> npt.NDArray[np.int64]:
    words = buffers["service_measure"].tolist()
    return np.array([_MEASURES.get(word, Measure.CYCLE) for word in words], dtype=np.int64)


def _course_ahead(buffers: pd.DataFrame, days_per_period: float) -> FloatArray:
    """Return by how much demand of the protection interval exceeds what the mean of the horizon says, units."""
    protection = (buffers["lead_time_days"] + buffers["review_days"]) / days_per_period
    usual = buffers["demand_per_period"] * protection
    return np.asarray(buffers["reorder_point"] - buffers["safety_stock"] - usual, dtype=np.float64)


def _error_with_demand(found: BufferChange) -> BufferChange:
    """Return reasons in which a forecast error that moved in proportion to demand is part of demand's own.

    More of the same demand is one thing to a planner. Told apart, the mean at an unchanged error would look steadier.
    """
    mean, error = (DRIVERS.index(name) for name in ("demand_mean", "demand_deviation"))
    before, after = found.before, found.after
    along = np.ones(len(found.contribution), dtype=bool)
    for name in ("demand_mean", "demand_deviation"):
        along &= (before.of(name) > 0) & (after.of(name) > 0) & (before.of(name) != after.of(name))
    shares = [np.log(after.of(name)[along] / before.of(name)[along]) for name in ("demand_mean", "demand_deviation")]
    along[along] = np.abs(shares[1] - shares[0]) <= _ALONG * np.abs(shares[0])
    contribution = found.contribution.copy()
    contribution[along, mean] += contribution[along, error]
    contribution[along, error] = 0.0
    return replace(found, contribution=contribution)
