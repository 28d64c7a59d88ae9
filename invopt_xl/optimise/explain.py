"""What shaped each order line, and what cannot be met, in a planner's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from invopt_xl.optimise.accounting import simulate
from invopt_xl.optimise.discounts import order_discounts
from invopt_xl.optimise.groundwork import (
    BEYOND_ALL_NEED,
    Groundwork,
    most_sensible_value,
    needed_at_all,
    of_items,
    supplier_totals,
    too_large,
)
from invopt_xl.optimise.problem import TOLERANCE, FloatArray

ShortfallKind = Literal["budget", "storage", "capacity", "minimum", "override"]
SHAPES = (
    "",
    "need",
    "minimum",
    "lot",
    "joint",
    "supplier minimum",
    "discount",
    "capacity",
    "budget",
    "storage",
    "override",
)
"""What can shape an order line; the empty one stands where there is no line."""

NEGLIGIBLE = 0.01
"""Shortfalls below this share of their limit are not named: a plan free of limits is itself not exact."""


@dataclass(frozen=True)
class Shortfall:
    """Something that cannot be met.

    Parameters
    ----------
    kind
        The limit at fault.
    period
        The period, or -1 for all.
    subject
        The supplier or item, if it is about one.
    amount
        How much is missing, in the limit's unit.
    message
        One line for the planner; also the text of ``str``.
    value
        Its worth in money at list price, where it can be told.
    """

    kind: ShortfallKind
    period: int
    subject: str
    amount: float
    message: str
    value: float = 0.0

    def __str__(self) -> str:
        return self.message


def shortfalls_of(work: Groundwork, quantity: FloatArray, wished: FloatArray) -> list[Shortfall]:
    """Return what limits withhold: where a plan free of them asks for more, and this one is short for it.

    Parameters
    ----------
    work
        The problem.
    quantity
        The plan.
    wished
        What would be ordered without budget, storage and capacity.
    """
    lacking = _lacking(work, quantity, wished)
    found = _overrides(work) + _impossible(work) + _too_large(work)
    return found + _shared(work, wished, lacking) + _capacity(work, wished, lacking)


def _lacking(work: Groundwork, quantity: FloatArray, wished: FloatArray) -> FloatArray:
    """Return by item the most units short or below the floor in a period, beyond those of the free plan."""
    problem = work.problem
    missing = []
    for plan in (quantity, wished):
        flow = simulate(problem, plan)
        missing.append(flow.short + np.maximum(problem.safety_stock[:, None] - flow.stock, 0))
    return np.asarray(np.maximum(missing[0] - missing[1], 0).max(axis=1))


def _matters(amount: float, limit: float) -> bool:
    return amount > max(NEGLIGIBLE * limit, TOLERANCE)


def _shared(work: Groundwork, wished: FloatArray, lacking: FloatArray) -> list[Shortfall]:
    """Name the periods in which the free plan passes budget or storage, by no more than what is lacking for it."""
    problem = work.problem
    money, asked = problem.unit_cost @ wished, simulate(problem, wished).available
    volume = problem.unit_volume @ asked
    worth = float(problem.unit_cost @ asked.sum(axis=1)) / max(float(volume.sum()), 1e-9)  # money per volume
    most_money, most_volume = float(problem.unit_cost @ lacking), float(problem.unit_volume @ lacking)
    unhelped, room = problem.unit_volume @ work.flow.available, problem.storage_volume
    found = []
    for period in range(problem.periods):
        limit = problem.budget[period]
        over = min(float(money[period] - limit), most_money)
        if _matters(over, limit):
            message = f"budget of period {period} ({limit:,.0f}) is {over:,.0f} short of what the targets need"
            found.append(Shortfall("budget", period, "", over, message, over))
        over = max(min(float(volume[period] - room), most_volume), float(unhelped[period] - room))
        if _matters(over, room):
            message = f"storage ({room:,.0f}) is short by {over:,.0f} in period {period}"
            found.append(Shortfall("storage", period, "", over, message, over * worth))
    return found


def _capacity(work: Groundwork, wished: FloatArray, lacking: FloatArray) -> list[Shortfall]:
    problem = work.problem
    units = supplier_totals(problem, wished)
    value = supplier_totals(problem, problem.unit_cost[:, None] * wished)
    most = supplier_totals(problem, np.repeat(lacking[:, None], problem.periods, axis=1))[:, :1]
    excess = np.minimum(units - problem.capacity_units[:, None], most)
    found = []
    for supplier, period in np.argwhere(excess > 0).tolist():
        limit, name = problem.capacity_units[supplier], problem.supplier_names[supplier]
        over = float(excess[supplier, period])
        if not _matters(over, limit):
            continue
        message = (
            f"capacity of supplier {name} in period {period} ({limit:,.0f} units) is {over:,.0f} units short "
            "of what the targets need"
        )
        mean_cost = float(value[supplier, period] / units[supplier, period])
        found.append(Shortfall("capacity", period, name, over, message, over * mean_cost))
    return found


def _overrides(work: Groundwork) -> list[Shortfall]:
    """Name the planner's orders that break a rule; they are respected all the same."""
    problem = work.problem
    found = []
    for item in np.flatnonzero(work.fixed[:, 0] > 0).tolist():
        name, units = problem.item_names[item], float(work.fixed[item, 0])
        lots = units / problem.lot_size[item]
        least = float(problem.minimum_order_quantity[item])
        fixed = f"the quantity of {units:,.6g} the planner fixed for {name}"
        if units < least * (1 - TOLERANCE):
            message = f"{fixed} is below its minimum of {least:,.6g}"
            found.append(Shortfall("override", 0, name, least - units, message))
        if abs(lots - round(lots)) > TOLERANCE * max(1.0, lots):
            message = f"{fixed} is not whole lots of {problem.lot_size[item]:,.6g}"
            found.append(Shortfall("override", 0, name, 0.0, message))
        if problem.lead_time_periods[item] >= problem.periods:
            message = f"{fixed} arrives after the horizon"
            found.append(Shortfall("override", 0, name, 0.0, message))
    return found + _override_orders(work)


def _override_orders(work: Groundwork) -> list[Shortfall]:
    problem = work.problem
    found = []
    money, budget = float(problem.unit_cost @ work.fixed[:, 0]), float(problem.budget[0])
    if money > budget * (1 + TOLERANCE):
        message = f"budget of period 0 ({budget:,.0f}) is exceeded: the planner's orders alone are worth {money:,.0f}"
        found.append(Shortfall("budget", 0, "", money - budget, message, money - budget))
    value = supplier_totals(problem, problem.unit_cost[:, None] * work.fixed)[:, 0]
    units = supplier_totals(problem, work.fixed)[:, 0]
    for supplier in np.flatnonzero(units > 0).tolist():
        name, least = problem.supplier_names[supplier], float(problem.minimum_order_value[supplier])
        if value[supplier] < least * (1 - TOLERANCE):
            message = (
                f"the orders the planner fixed with supplier {name} are worth {value[supplier]:,.2f}, "
                f"and its minimum is {least:,.2f}"
            )
            found.append(Shortfall("override", 0, name, least - float(value[supplier]), message))
        most = float(problem.capacity_units[supplier])
        if units[supplier] > most * (1 + TOLERANCE):
            message = (
                f"the orders the planner fixed with supplier {name} are {units[supplier]:,.6g} units, "
                f"and its capacity is {most:,.6g}"
            )
            found.append(Shortfall("override", 0, name, float(units[supplier]) - most, message))
    return found


def _impossible(work: Groundwork) -> list[Shortfall]:
    """Name the items whose smallest line is beyond their supplier's capacity."""
    problem = work.problem
    capacity = of_items(problem, problem.capacity_units, np.inf)
    found = []
    for item in np.flatnonzero(work.smallest_line > capacity * (1 + TOLERANCE)).tolist():
        name, supplier = problem.item_names[item], problem.supplier_names[problem.supplier[item]]
        message = (
            f"{name} cannot be ordered: its smallest order of {work.smallest_line[item]:,.6g} units exceeds "
            f"the capacity of supplier {supplier} ({capacity[item]:,.6g})"
        )
        found.append(Shortfall("minimum", -1, name, float(work.smallest_line[item] - capacity[item]), message))
    return found


def _too_large(work: Groundwork) -> list[Shortfall]:
    """Name the items and suppliers whose smallest order is far beyond all that is needed of them."""
    problem = work.problem
    need, found = needed_at_all(problem), []
    for item in np.flatnonzero(too_large(problem, work.smallest_line) & (need > 0)).tolist():
        name, smallest = problem.item_names[item], float(work.smallest_line[item])
        message = (
            f"{name} cannot be ordered: its smallest order of {smallest:,.6g} units is more than "
            f"{BEYOND_ALL_NEED:g} times the {need[item]:,.6g} units needed in all periods"
        )
        found.append(Shortfall("minimum", -1, name, smallest - float(need[item]), message))
    needed_value = supplier_totals(problem, (problem.unit_cost * need)[:, None].repeat(problem.periods, axis=1))
    for supplier in np.flatnonzero(problem.minimum_order_value > most_sensible_value(problem)).tolist():
        name, smallest = problem.supplier_names[supplier], float(problem.minimum_order_value[supplier])
        value = float(needed_value[supplier, 0])
        if value > 0:
            message = (
                f"nothing can be ordered from supplier {name}: its minimum order value of {smallest:,.2f} is more than "
                f"{BEYOND_ALL_NEED:g} times the {value:,.2f} that is needed in all periods"
            )
            found.append(Shortfall("minimum", -1, name, smallest - value, message))
    return found


def shapes_of(work: Groundwork, quantity: FloatArray) -> npt.NDArray[np.str_]:
    """Return for each order line the limit that shaped it most, one of `SHAPES`."""
    lines = quantity > 0
    extra, next_need = _beyond_need(work, quantity)
    shapes = np.where(lines, "need", "").astype("<U16")
    problem = work.problem
    lot = problem.lot_size[:, None]
    beyond = lines & (extra > TOLERANCE * np.maximum(1, quantity))
    smallest = work.smallest_line[:, None]
    partners = supplier_totals(problem, lines.astype(float))
    shared = of_items(problem, partners, 0.0) > 1
    value = supplier_totals(problem, problem.unit_cost[:, None] * quantity)
    minimum = problem.minimum_order_value[:, None]
    at_minimum = (minimum > 0) & (value < minimum * 1.02)
    by_supplier = of_items(problem, at_minimum.astype(float), 0.0) > 0
    shapes[lines & shared & ~next_need] = "joint"
    shapes[beyond & (extra < lot * (1 - TOLERANCE)) & (lot > 1)] = "lot"
    shapes[beyond & by_supplier & (extra >= lot * (1 - TOLERANCE))] = "supplier minimum"
    needed_less = beyond & (order_discounts(problem, quantity) > 0) & (extra >= lot * (1 - TOLERANCE))
    shapes[needed_less & ~by_supplier] = "discount"
    shapes[beyond & (quantity <= smallest * (1 + TOLERANCE)) & (smallest > lot)] = "minimum"
    _mark_scarce(work, quantity, lines, shapes)
    shapes[:, 0][work.fixed[:, 0] > 0] = "override"
    return shapes


def _beyond_need(work: Groundwork, quantity: FloatArray) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Return the units of each line not needed before the next one, and whether any are needed on arrival."""
    problem = work.problem
    flow = simulate(problem, quantity)
    spare = flow.stock - problem.safety_stock[:, None]
    extra = np.zeros_like(quantity)
    urgent = np.zeros(quantity.shape, dtype=bool)
    for item in np.flatnonzero((quantity > 0).any(axis=1)).tolist():
        lead_time = int(problem.lead_time_periods[item])
        periods = np.flatnonzero(quantity[item] > 0)
        ends = np.append(periods[1:], problem.periods - lead_time) + lead_time
        for period, end in zip(periods.tolist(), ends.tolist(), strict=True):
            left = spare[item, period + lead_time : end]
            if len(left):
                units = quantity[item, period]
                extra[item, period] = min(max(float(left.min()), 0.0), units)
                urgent[item, period] = left[0] < units
    return extra, urgent


def _mark_scarce(
    work: Groundwork, quantity: FloatArray, lines: npt.NDArray[np.bool_], shapes: npt.NDArray[np.str_]
) -> None:
    """Mark lines after which stock runs below the floor while a limit has no room for another lot."""
    problem = work.problem
    flow = simulate(problem, quantity)
    lacking = np.zeros_like(lines)
    for item, period in np.argwhere(lines).tolist():
        arrival = period + int(problem.lead_time_periods[item])
        if arrival < problem.periods:
            lacking[item, period] = flow.stock[item, arrival] < problem.safety_stock[item] * (1 - TOLERANCE)
    room = work.storage - problem.unit_volume @ flow.available
    if np.isfinite(room).any():
        tight = room < 0.02 * work.storage
        for item, period in np.argwhere(lacking).tolist():
            arrival = period + int(problem.lead_time_periods[item])
            if tight[arrival]:
                shapes[item, period] = "storage"
    spare = problem.budget - problem.unit_cost @ quantity
    lot_value = (problem.unit_cost * problem.lot_size)[:, None]
    shapes[lacking & (spare < np.maximum(lot_value, 0.02 * problem.budget))] = "budget"
    units_left = problem.capacity_units[:, None] - supplier_totals(problem, quantity)
    left = of_items(problem, units_left, np.inf)
    shapes[lacking & (left < problem.lot_size[:, None])] = "capacity"
