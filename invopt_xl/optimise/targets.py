"""What the targets ask for: the units that must have arrived, by item and period, for demand and floor to be met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.accounting import sellable
from invopt_xl.optimise.groundwork import Groundwork, of_sources
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Targets:
    """What must arrive beside stock, open orders and the planner's own orders.

    Parameters
    ----------
    usable
        By source and period, lines that could be placed if no limit but the calendar were in the way.
    reach
        By item, the first period in which such a line arrives; `periods` if there is none.
    needed
        By item and period: units that must have arrived by then so that from `reach` on no demand is short and stock
        never ends below its floor, in whole lots where the item has one lot size. Below zero: what may leave.
    base
        By item and period, stock at the period's end if the needed units were counted apart: base + arrived = stock.
    """

    usable: BoolArray
    reach: IntArray
    needed: FloatArray
    base: FloatArray


def targets_of(work: Groundwork) -> Targets:
    """Return what the targets ask for.

    With lost sales M_t = F - I_t + (l_r + ... + l_t) from the first period r that an order can reach, with floor F and,
    if nothing were ordered, stock I and lost demand l; with backorders the units waiting at the end of t stand for the
    sum. No plan that keeps minimum and lot meets the targets with less than M_t in whole lots. Demand and floor whose
    lack costs nothing are no targets.
    """
    problem, flow = work.problem, work.flow
    usable = _usable(work)
    reach = np.full(problem.items, problem.periods)
    first = np.where(usable.any(axis=1), usable.argmax(axis=1) + problem.lead_time_periods, problem.periods)
    np.minimum.at(reach, problem.source_item, first)
    reached = np.arange(problem.periods) >= reach[:, None]
    if problem.shortage == "lost":
        base = flow.stock - np.cumsum(np.where(reached, flow.short, 0.0), axis=1)
    else:
        base = flow.stock - flow.short
    floor = np.broadcast_to(floor_asked(problem)[:, None], base.shape)
    if np.isfinite(problem.shelf_life_periods).any():  # no more stands on the shelf than sells in time
        floor = np.minimum(floor, np.maximum(sellable(problem) - problem.demand, 0.0))
    lacking = floor - base
    asked = reached & (problem.shortage_cost + problem.floor_penalty > 0)[:, None]
    needed = np.where(asked, lacking, np.minimum(lacking, 0.0))
    return Targets(usable, reach, _in_lots(work, usable, needed), base)


def floor_asked(problem: OrderProblem) -> FloatArray:
    """Return by item the safety stock whose lack costs anything: what costs nothing is no target."""
    return np.where(problem.floor_penalty > 0, problem.safety_stock, 0.0)


def _usable(work: Groundwork) -> BoolArray:
    """Return lines that could be placed, and that are within the most that their supplier has capacity for."""
    capacity = of_sources(work.problem, work.problem.capacity_units.max(axis=1), np.inf)
    fits = (work.smallest_line <= capacity * (1 + TOLERANCE)) | (capacity <= 0)
    closed = work.problem.capacity_units <= 0  # that is no matter of minimums
    worth = of_sources(work.problem, (work.too_little_worth & ~closed).astype(float), 0.0) == 0
    return np.asarray(placeable(work) & fits[:, None] & worth)


def placeable(work: Groundwork) -> BoolArray:
    """Return by source and period lines within the calendar, left open by the planner, and not too large to pay."""
    problem = work.problem
    clock = np.arange(problem.periods)
    open_lines = (clock >= problem.frozen_periods) & (clock + problem.lead_time_periods[:, None] < problem.periods)
    open_lines &= np.isnan(problem.fixed_quantity)
    pays = (of_sources(problem, work.order_too_large.astype(float), 0.0) == 0) & ~work.too_large
    return np.asarray(open_lines & pays[:, None])


def _in_lots(work: Groundwork, usable: BoolArray, needed: FloatArray) -> FloatArray:
    """Round needs up to whole lots, and to the smallest line, of items whose sources share one lot."""
    problem = work.problem
    ordering = usable.any(axis=1)
    rows = problem.source_item[ordering]
    smallest, least_lot = np.full(problem.items, np.inf), np.full(problem.items, np.inf)
    largest_lot = np.zeros(problem.items)
    np.minimum.at(smallest, rows, work.smallest_line[ordering])
    np.minimum.at(least_lot, rows, problem.lot_size[ordering])
    np.maximum.at(largest_lot, rows, problem.lot_size[ordering])
    one = (least_lot == largest_lot) & (largest_lot > 0)
    one[problem.origin[problem.transfer & ordering]] = False  # what leaves need not be of the same lot
    lot = np.where(one, least_lot, 1.0)[:, None]
    rounded = np.ceil(needed / lot - TOLERANCE) * lot
    rounded = np.maximum(rounded, np.where(one, smallest, 0.0)[:, None])
    return np.where(one[:, None] & (needed > TOLERANCE), rounded, needed)
