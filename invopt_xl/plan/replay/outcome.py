"""What became of each policy: service, stock and money, for each item and for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from invopt_xl.domain import DAYS_PER_YEAR
from invopt_xl.plan.replay.stage import FloatArray, Stage
from invopt_xl.plan.service_goals import unit_values
from invopt_xl.policy.replay import Rules, World, replay

Weighting = Literal["value", "units", "lines"]


class Played(NamedTuple):
    """What became of each item under one policy, on average over the draws; arrays of shape (items,).

    Parameters
    ----------
    asked, served
        Units asked for and met from stock, in measured periods.
    stock
        Average stock on hand, units.
    measured
        Periods measured.
    orders
        Order lines placed in measured periods.
    short, cycles, unbroken
        Periods with a stock-out, replenishment cycles ended, those of them without a stock-out.
    """

    asked: FloatArray
    served: FloatArray
    stock: FloatArray
    measured: FloatArray
    orders: FloatArray
    short: FloatArray
    cycles: FloatArray
    unbroken: FloatArray


def played(stage: Stage, world: World, reorder_point: FloatArray) -> Played:
    """Return what becomes of the items if these reorder points meet the world.

    Parameters
    ----------
    stage
        Items and terms.
    world
        Demand and lead times, in `stage.world` draws.
    reorder_point
        Units, shape (items, periods replayed).
    """
    draws = len(world.demand) // len(stage.items)
    levels = np.tile(reorder_point, (draws, 1))
    half = np.where(np.tile(stage.whole, draws), np.floor(world.lot / 2), world.lot / 2)
    made = replay(world, Rules(levels, levels), np.maximum(levels[:, 0], 0.0) + half)
    counted = made.measured

    def mean(values: npt.NDArray[np.generic]) -> FloatArray:
        return np.asarray(values.astype(np.float64).reshape(draws, -1).mean(axis=0))

    return Played(
        mean((made.demand * counted).sum(axis=1)), mean((made.served * counted).sum(axis=1)), mean(made.stock),
        mean(counted.sum(axis=1)), mean(((made.ordered > 0) & counted).sum(axis=1)), mean(made.short.sum(axis=1)),
        mean(made.cycles), mean(made.unbroken),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Figures:
    """What a policy achieved over all items.

    Parameters
    ----------
    fill_value, fill_units, fill_lines
        Share of demand met from stock: of its value (NaN if it has none), of its units, and on average over items.
    cycle_service
        Share of replenishment cycles without a stock-out.
    ready_rate
        Share of periods without a stock-out.
    stock_units, stock_money
        Average stock on hand, units and money at cost.
    turns
        Cost of goods sold in a year, over stock money.
    orders, stockouts
        Order lines placed and periods with a stock-out, over all items and measured periods.
    """

    fill_value: float
    fill_units: float
    fill_lines: float
    cycle_service: float
    ready_rate: float
    stock_units: float
    stock_money: float
    turns: float
    orders: float
    stockouts: float


def figures(stage: Stage, made: Played) -> Figures:
    """Return what all items together achieved."""
    cost = stage.items["unit_cost"].to_numpy()
    value = unit_values(stage.items)
    asked = made.asked > 0
    years = float(made.measured.mean()) * stage.calendar.days_per_period / DAYS_PER_YEAR
    money, worth = float(cost @ made.stock), float(value @ made.asked)
    return Figures(
        fill_value=float(value @ made.served) / worth if worth > 0 else float("nan"),
        fill_units=float(made.served.sum() / made.asked.sum()),
        fill_lines=float((made.served[asked] / made.asked[asked]).mean()),
        cycle_service=float(made.unbroken.sum() / max(made.cycles.sum(), 1e-12)),
        ready_rate=float(1 - made.short.sum() / made.measured.sum()),
        stock_units=float(made.stock.sum()),
        stock_money=money,
        turns=float(cost @ made.served) / years / money if money > 0 else float("inf"),
        orders=float(made.orders.sum()),
        stockouts=float(made.short.sum()),
    )


def unit_worth(stage: Stage, weighting: Weighting) -> FloatArray:
    """Return what a unit of each item's demand counts for in an overall fill rate of value or units, shape (items,)."""
    return unit_values(stage.items) if weighting == "value" else np.ones(len(stage.items))
