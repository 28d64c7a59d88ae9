"""The reorder points that give the service asked for: item by item, or together at the least stock money.

With the goals items and classes each item meets the target that `service_targets` finds; with the goal overall, one
fill rate of all items together costs the least stock (`policy.service_mix`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.service_targets import LEAST_TARGET, BoolArray, FloatArray, IntArray, Targets, codes
from invopt_xl.policy import PolicyCosts, ReplenishmentCycle, stock_levels
from invopt_xl.policy.service_mix import (
    MixItems,
    ServiceBounds,
    ServiceExchange,
    ServiceMix,
    service_weight,
    uniform_fill_rate,
)

CRITICALITY_WEIGHTS = {"critical": 3.0, "normal": 1.0, "minor": 1.0 / 3.0}
"""How much a unit short counts in the overall fill rate, by the item's criticality."""

LOWEST_SERVICE = 0.5
"""A mix leaves no item below this fill rate: planners would not sign it."""

HIGHEST_SERVICE = 0.9999
"""A target above this is a promise that no history bears out."""

ROUNDING = 1e-9
_NEAR = 0.005
"""A mix finds its levels in tables: those within this share of what keeps are at it."""
_TINY = 1e-6
"""Units within which two levels are the same."""


@dataclass(frozen=True, eq=False)
class Stocked:
    """What levels of items are set from; arrays of shape (items,).

    Parameters
    ----------
    items
        Rows with terms, ``demand_per_period`` (units), ``asked_chance``, ``abc`` and ``weak_forecast``.
    cycle
        Demand over lead time and protection interval.
    lot
        Usual order quantity, units.
    protection_periods
        Review period and lead time, periods.
    least, most
        Reorder points that none goes below and above, units: what triggers an order at all, and what sells within
        shelf life.
    """

    items: pd.DataFrame
    cycle: ReplenishmentCycle
    lot: FloatArray
    protection_periods: FloatArray
    least: FloatArray
    most: FloatArray

    @classmethod
    def of(
        cls,
        items: pd.DataFrame,
        cycle: ReplenishmentCycle,
        lot: FloatArray,
        protection_periods: FloatArray,
        parameters: Parameters,
    ) -> Stocked:
        """Return the items with the bounds of their reorder points.

        Stock that cannot sell within its shelf life protects nothing.
        """
        rate, whole = items["demand_per_period"].to_numpy(), cycle.protection.whole
        sells = rate * items["shelf_life_days"].to_numpy() / parameters.calendar.days_per_period
        sells = np.where(np.isnan(sells), np.inf, sells)
        most = np.where(whole, np.floor(sells + ROUNDING), sells)
        least = least_levels(cycle, lost=parameters.shortage == "lost")
        return cls(items, cycle, lot, protection_periods, np.minimum(least, most), most)

    def rows(self, rows: IntArray) -> Stocked:
        """Return some of the items."""
        return Stocked(
            self.items.iloc[rows],
            self.cycle.rows(rows),
            self.lot[rows],
            self.protection_periods[rows],
            self.least[rows],
            self.most[rows],
        )


def asked_chance(cycle: ReplenishmentCycle) -> FloatArray:
    """Return the chance that each item is asked for at all within its protection interval, shape (items,)."""
    return cycle.protection.exceeds(np.zeros(len(cycle.review)))


def least_levels(cycle: ReplenishmentCycle, *, lost: bool) -> FloatArray:
    """Return the least reorder points that order at all, units, shape (items,).

    Where unmet demand is lost, stock and position end at zero: a reorder point of zero would never order again.
    """
    once = np.where(cycle.protection.whole, 1.0, np.minimum(1.0, cycle.review))
    return np.where((cycle.review > 0) & lost, once, 0.0)


@dataclass(frozen=True)
class OverallService:
    """What the overall goal gives and costs; money is that of average stock.

    Parameters
    ----------
    target, reachable
        Overall fill rate asked for, and the most that the items can give.
    service
        Overall fill rate of the levels. Where the target is out of reach it is less than the most: what keeps too
        short a time gives all it can, and the others together the target, not all that money can buy.
    price_of_a_point
        Stock money for one percentage point more at the margin.
    money, uniform_money
        Stock money of the mix, and of the same fill rate for every item that gives as much.
    uniform_target
        That fill rate.
    """

    target: float
    reachable: float
    service: float
    price_of_a_point: float
    money: float
    uniform_money: float
    uniform_target: float

    @property
    def in_reach(self) -> bool:
        """True where the items can give what is asked."""
        return self.reachable >= self.target


@dataclass(frozen=True, eq=False)
class GoalLevels:
    """Reorder points for the goal, units, with what is asked of each item and, of the overall goal, what it gives.

    Where the goal gives an item more than its own target asks, `own` has the reorder point of that target alone.
    """

    reorder_point: FloatArray
    own: FloatArray
    targets: Targets
    overall: OverallService | None = None


def levels_for(stocked: Stocked, targets: Targets, parameters: Parameters) -> GoalLevels:
    """Return the reorder points that meet the goal, within what triggers orders and what keeps.

    Parameters
    ----------
    stocked
        Items with demand that can have levels.
    targets
        As `asked_of` returns them.
    parameters
        The goal, the overall target and its weights, and what happens to unmet demand.
    """
    if parameters.service_goal != "overall":
        return _each_alone(stocked, targets, parameters)
    part = np.flatnonzero((stocked.items["status"] != "phase-out").to_numpy())
    weight = overall_weights(stocked.items, parameters)
    if not part.size or not weight[part].sum() > 0:
        return _each_alone(stocked, targets, parameters)
    return _with_mix(stocked, targets, weight, part, parameters)


def _each_alone(stocked: Stocked, targets: Targets, parameters: Parameters) -> GoalLevels:
    level = own_levels(stocked, targets, parameters)
    return GoalLevels(level, level, targets)


def own_levels(stocked: Stocked, targets: Targets, parameters: Parameters) -> FloatArray:
    """Return the reorder points that give each item its own target, units."""
    items, lost = stocked.items, parameters.shortage == "lost"
    if not len(items):
        return np.empty(0)
    priced = targets.measure == "cost"
    holding = np.where(priced, items["holding_cost"].to_numpy(), 1.0)
    shortage = np.where(priced, items["shortage_cost"].to_numpy(), 1.0)
    found = stock_levels(
        stocked.cycle,
        targets.target,
        codes(targets.measure, lost=lost),
        stocked.lot,
        stocked.protection_periods,
        lost=np.full(len(items), lost),
        costs=PolicyCosts(holding, shortage),
    )
    return np.minimum(np.maximum(found.reorder_point, stocked.least), stocked.most)


def overall_weights(items: pd.DataFrame, parameters: Parameters) -> FloatArray:
    """Return the weight of each item's fill rate in the overall one.

    With the overall goal, criticality and customer weight multiply what `plain_weights` says.
    """
    plain = plain_weights(items, parameters)
    if parameters.service_goal != "overall":
        return plain
    return np.asarray(plain * importance(items))


def importance(items: pd.DataFrame) -> FloatArray:
    """Return how much a unit short counts by criticality and customer weight; 1 is usual."""
    criticality = items["criticality"].map(CRITICALITY_WEIGHTS).to_numpy(dtype=np.float64)
    return np.asarray(criticality * items["customer_weight"].to_numpy(dtype=np.float64))


def plain_weights(items: pd.DataFrame, parameters: Parameters) -> FloatArray:
    """Return the weight of each item's fill rate as ``service_weight`` says: sales value, units, or lines.

    Lines count an item by its chance of being asked for: one that hardly sells is not worth as much as one that does
    every day. What is phased out is not bought, so that no level serves it: it does not count.
    """
    demand = items["demand_per_period"].to_numpy(dtype=np.float64)
    if parameters.service_weight == "lines":
        demand = np.where(demand > 0, items["asked_chance"].to_numpy(dtype=np.float64), 0.0)
    value = unit_values(items) if parameters.service_weight == "value" else 1.0
    return service_weight(demand, value, np.where(items["status"] == "phase-out", 0.0, 1.0))


def unit_values(items: pd.DataFrame) -> FloatArray:
    """Return what a unit sells for, money; its cost where no price is known."""
    price = items["unit_price"].to_numpy(dtype=np.float64)
    return np.where(price > 0, price, items["unit_cost"].to_numpy(dtype=np.float64))


def _with_mix(
    stocked: Stocked, targets: Targets, weight: FloatArray, part: IntArray, parameters: Parameters
) -> GoalLevels:
    """Return the levels of the mix; what is phased out keeps its own."""
    own = stocked.items["own_target"].to_numpy(dtype=bool) | stocked.items["own_cost"].to_numpy(dtype=bool)
    alone = own | (stocked.items["status"] == "phase-out").to_numpy()
    level = stocked.least.copy()
    rows = np.flatnonzero(alone)
    level[rows] = own_levels(stocked.rows(rows), targets.rows(rows), parameters)
    floor = np.where(own, level, stocked.least)
    lost = parameters.shortage == "lost"
    some = stocked.rows(part)
    mixed = MixItems(some.cycle, some.lot, some.items["unit_cost"].to_numpy(), weight[part], lost)
    bounds = service_bounds(some, floor[part], lost)
    exchange = ServiceExchange.of(mixed, bounds)
    reachable = float(exchange.steps.service[-1])
    if reachable <= 0:
        return _each_alone(stocked, targets, parameters)
    within = reachable >= parameters.service_target
    mix = exchange.least_money(parameters.service_target) if within else _mix_beside_capped(mixed, bounds, parameters)
    level[part] = np.maximum(mix.reorder_point, floor[part])
    level = np.where(level >= (1.0 - _NEAR) * stocked.most, stocked.most, level)
    overall = _told(exchange, mix, (parameters.service_target, reachable))
    bound = own & (level <= floor + _TINY)
    mixed_targets = _mixed_targets(stocked, targets, level, (part, bound), parameters)
    return GoalLevels(level, np.where(own, np.minimum(floor, level), level), mixed_targets, overall)


def _mix_beside_capped(mixed: MixItems, bounds: ServiceBounds, parameters: Parameters) -> ServiceMix:
    """Return the mix for a target out of reach: items that cannot meet it give the most they can, the rest meets it.

    Others do not make up for them: that would take all the stock that there can be, and still miss the target.
    """
    lowest, highest, least = bounds.of_items(len(mixed.weight))
    target = min(parameters.service_target, HIGHEST_SERVICE)
    capped = highest < target
    exchange = ServiceExchange.of(mixed, ServiceBounds(np.where(capped, highest, lowest), highest, least))
    wanted = np.where(capped, exchange.table.fill_rate[:, -1], target)
    return exchange.least_money(min(float(mixed.share @ wanted), float(exchange.steps.service[-1])))


def _told(exchange: ServiceExchange, mix: ServiceMix, asked: tuple[float, float]) -> OverallService:
    """Return what the mix gives and costs beside one fill rate for all; `asked` is the target and what is in reach."""
    target, reachable = asked
    # Where the target is out of reach, it is what the mix gives without it.
    uniform = uniform_fill_rate(exchange, target if reachable >= target else min(mix.service, reachable))
    return OverallService(
        target=target,
        reachable=reachable,
        service=mix.service,
        price_of_a_point=mix.price_of_a_point,
        money=mix.money,
        uniform_money=uniform.levels.money,
        uniform_target=uniform.target,
    )


def service_bounds(stocked: Stocked, floor: FloatArray, lost: bool) -> ServiceBounds:
    """Return what a mix may choose from: no level below the floor, nor more service than shelf life allows.

    Parameters
    ----------
    stocked
        Items with demand that can have levels.
    floor
        Reorder points that none goes below, units.
    lost
        True if demand that finds no stock is lost; false if it waits.
    """
    highest = np.full(len(floor), HIGHEST_SERVICE)
    short_lived = np.flatnonzero(np.isfinite(stocked.most))
    if short_lived.size:
        most = stocked.rows(short_lived)
        highest[short_lived] = np.minimum(fill_rates(most, most.most, lost), HIGHEST_SERVICE)
    return ServiceBounds(np.minimum(LOWEST_SERVICE, highest), highest, np.minimum(floor, stocked.most))


def _mixed_targets(
    stocked: Stocked, targets: Targets, level: FloatArray, part: tuple[IntArray, BoolArray], parameters: Parameters
) -> Targets:
    """Return as each item's target the fill rate that the mix gives it, its own where that binds."""
    mixed, bound = part
    share = np.zeros(len(level), dtype=bool)
    share[mixed] = True
    share &= ~bound
    fill = np.clip(fill_rates(stocked, level, parameters.shortage == "lost"), LEAST_TARGET, HIGHEST_SERVICE)
    overall = f"the overall {100.0 * parameters.service_target:.4g}%"
    note = np.where(share, f", its share of {overall}", np.where(bound, f", its own within {overall}", ""))
    return Targets(
        np.where(share, fill, targets.target),
        np.where(share, "fill", targets.measure).astype(object),
        note.astype(object),
    )


def fill_rates(stocked: Stocked, reorder_point: FloatArray, lost: bool) -> FloatArray:
    """Return the share of demand met from stock under these reorder points."""
    cycle, positions = stocked.cycle, stocked.cycle.positions(stocked.lot)
    if lost:
        return cycle.lost_sales_fill_rate_at(positions, reorder_point, stocked.lot)
    return cycle.fill_rate_at(positions, reorder_point)


def average_stock(stocked: Stocked, reorder_point: FloatArray) -> FloatArray:
    """Return the average stock on hand, units: half-way between the receipt of an order and the next one's."""
    cycle, positions = stocked.cycle, stocked.cycle.positions(stocked.lot)
    late, early = positions.shortage(cycle.protection, reorder_point), positions.shortage(cycle.lead, reorder_point)
    level = reorder_point + positions.mean(cycle.protection.whole)
    stock = level + (early + late - cycle.lead.expected - cycle.protection.expected) / 2.0
    return np.asarray(np.maximum(stock, 0.0))
