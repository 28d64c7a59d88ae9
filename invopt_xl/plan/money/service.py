"""What is served of each item: by the levels that today's stock is a sample of, and by those of the plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.replenishment import is_demanded
from invopt_xl.plan.service_goals import Stocked

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Served:
    """What is served of each item; arrays of shape (items,).

    Parameters
    ----------
    fill
        Share of demand met from stock.
    runs_out
        Chance to run out before an order of the next review can come.
    short
        Share of periods that end without stock.
    """

    fill: FloatArray
    runs_out: FloatArray
    short: FloatArray


def served_today(stocked: Stocked, position: FloatArray, fill: FloatArray) -> Served:
    """Return what the levels serve that today's stock is a sample of.

    Parameters
    ----------
    stocked
        What levels are set from.
    position
        Stock on hand and on order as the last review left it, units.
    fill
        Share of demand that this meets.
    """
    cycle = stocked.cycle
    exactly = cycle.positions(np.zeros_like(position))
    ready = cycle.ready_rate_at(exactly, position)
    return Served(fill, exactly.exceeds(cycle.protection, position), 1.0 - ready)


def served_by_plan(stocked: Stocked, items: pd.DataFrame, fill: pd.Series[float]) -> Served:
    """Return what the levels of a plan serve; an item that has none serves nothing.

    Where orders cannot keep an item at its levels, stock is out at least as often as demand is unmet.

    Parameters
    ----------
    stocked
        What levels are set from.
    items
        The planned items.
    fill
        Share of demand that is expected to be met.
    """
    cycle, level = stocked.cycle, items["reorder_point"].to_numpy(dtype=np.float64)
    positions = cycle.positions(stocked.lot)
    none = (items["refused"] != "").to_numpy()
    met = np.asarray(fill, dtype=np.float64)
    least = np.where(held_below_levels(items, fill), 1.0 - met, 0.0)
    return Served(
        met,
        np.where(none, 1.0, np.maximum(positions.exceeds(cycle.protection, level), least)),
        np.where(none, 1.0, np.maximum(1.0 - cycle.ready_rate_at(positions, level), least)),
    )


def held_below_levels(items: pd.DataFrame, fill: pd.Series[float] | FloatArray) -> BoolArray:
    """Return which items the orders of a plan cannot keep at their levels, so that less is met than these mean."""
    return np.asarray(np.asarray(fill) < items["expected_fill_rate"].to_numpy(dtype=np.float64))


def is_counted(items: pd.DataFrame) -> BoolArray:
    """Return which items count in how often stock runs out: those with demand that are bought."""
    return np.asarray(is_demanded(items) & (items["status"] != "phase-out").to_numpy())
