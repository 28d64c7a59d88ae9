"""Why levels differ between two plans, in words with units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.histories import histories
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.replenishment import COUNT_LIMIT
from invopt_xl.policy.buffers import DRIVERS, BufferChange, BufferDrivers, explain_change, levels_of
from invopt_xl.policy.buffers.wording import signed

FloatArray = npt.NDArray[np.float64]

LEAST = 0.05
"""Changes of fewer units are not told."""

_ALONG = 0.2
"""Share by which a forecast error may miss the change of demand and still be told as one with it."""

_FAR = 3.0
"""Where steady demand and gamma lead times explain a change this many times too large or too small, they do not."""


def reasons(today: pd.DataFrame, then: pd.DataFrame, admitted: Admitted) -> list[str]:
    """Return for each item why its reorder point changed, empty where it did not.

    Contributions are those that steady demand and gamma lead times would give (`policy.buffers.explain_change`), in
    proportion, so that they add up to the change in the plan. Where they are far from it, they stand as they are, and
    what is left is named.

    Parameters
    ----------
    today, then
        Items of the two plans, in one order, as `plan.pipeline.PlanResult` holds them.
    admitted
        Today's input.
    """
    length = admitted.parameters.calendar.days_per_period
    whole = histories(admitted).whole_units
    counts = whole & (today["demand_per_period"] * today["protection_periods"] < COUNT_LIMIT).to_numpy()
    fill = (then["service_measure"] == "fill").to_numpy()
    before, after = _drivers(today, length), _drivers(then, length)
    # A forecast that did not change is as sure as it was; what its error seems to be depends on the lead time.
    same = before.demand_mean == after.demand_mean
    after = replace(after, demand_deviation=np.where(same, before.demand_deviation, after.demand_deviation))
    found = explain_change(before, after, lambda drivers: levels_of(drivers, fill, counts, length).reorder_point)
    found = _error_with_demand(found)
    change = (then["reorder_point"] - today["reorder_point"]).to_numpy()
    return _told(found, change, (today["service_measure"] != then["service_measure"]).to_numpy())


def _error_with_demand(found: BufferChange) -> BufferChange:
    """Return reasons in which a forecast error that moved in proportion to demand is part of demand's own.

    More of the same demand is one thing to a planner. Told apart, the mean at an unchanged error would look steadier.
    """
    mean, error = (DRIVERS.index(name) for name in ("demand_mean", "demand_deviation"))
    before, after = found.before, found.after
    expected = before.demand_deviation * after.demand_mean
    along = np.abs(after.demand_deviation * before.demand_mean - expected) <= _ALONG * expected
    along &= before.demand_mean != after.demand_mean
    contribution = found.contribution.copy()
    contribution[along, mean] += contribution[along, error]
    contribution[along, error] = 0.0
    return replace(found, contribution=contribution)


def _drivers(items: pd.DataFrame, length: float) -> BufferDrivers:
    """Return what the levels of planned items depend on."""
    of = {name: items[name].to_numpy(dtype=np.float64) for name in items.columns if name in _NUMBERS}
    rate, lead = of["demand_per_period"], of["lead_deviation_periods"]
    error = np.maximum(of["protection_deviation"] ** 2 - (rate * lead) ** 2, 0.0) / of["protection_periods"]
    return BufferDrivers(
        rate, np.sqrt(error), length * of["lead_periods"], length * lead, of["review_days"], of["service_target"],
        of["order_cycle"], items["supplier"].to_numpy(dtype=object),
    )  # fmt: skip


_NUMBERS = (
    "demand_per_period", "lead_periods", "lead_deviation_periods", "protection_periods", "protection_deviation",
    "review_days", "service_target", "order_cycle",
)  # fmt: skip


def _told(found: BufferChange, change: FloatArray, measured: npt.NDArray[np.bool_]) -> list[str]:
    told = []
    explained = found.change
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = change / explained
    fits = (ratio > 1 / _FAR) & (ratio < _FAR) & ~measured
    scaled = replace(found, contribution=found.contribution * np.where(fits, ratio, 1.0)[:, None])
    for item, added in enumerate(change):
        if abs(added) < LEAST:
            told.append("")
            continue
        words = scaled.words(item, least=LEAST)
        rest = 0.0 if fits[item] else added - explained[item]
        if abs(rest) >= LEAST:
            name = "service measure" if measured[item] else "shape of demand and lead times, floors and lots"
            words = f"{words}; {name}: {signed(rest)}" if words else f"{name}: {signed(rest)} units"
        told.append(words)
    return told
