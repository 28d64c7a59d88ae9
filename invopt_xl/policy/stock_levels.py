"""Safety stock, reorder point and order-up-to level of many items in one call, whatever their targets.

The protection interval is review period plus lead time: what is ordered now has to last until an order placed at
the next review has come. Demand over it is uncertain because demand is, and because the lead time is; both enter
the distribution together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from invopt_xl.errors import require
from invopt_xl.policy.costs import BoolArray, FloatArray, PolicyCosts, require_each
from invopt_xl.policy.families import IntArray
from invopt_xl.policy.positions import Positions
from invopt_xl.policy.search import Gap, log_gap, smallest
from invopt_xl.policy.service import ReplenishmentCycle

_SEARCH_POINTS = 17
_SEARCH_ROUNDS = 6


class Measure(IntEnum):
    """What a target is about. `CYCLE` and `FILL` are 0 and 1, so False and True of "is it a fill rate" mean them."""

    CYCLE = 0
    """Chance of no stock-out in a protection interval that begins at the reorder point: alpha."""
    FILL = 1
    """Share of demand met from stock: beta."""
    READY = 2
    """Share of periods that end with stock on hand."""
    BACKORDER_COST = 3
    """No target: the least cost, where a unit that waits costs money each period."""
    LOST_SALE_COST = 4
    """No target: the least cost, where a unit that is not sold costs money once."""
    ORDER_CYCLE = 5
    """Share of replenishment cycles, from a receipt to the next, without a stock-out: what a replay counts."""


TARGETS = (Measure.CYCLE, Measure.FILL, Measure.READY, Measure.ORDER_CYCLE)


@dataclass(frozen=True, eq=False)
class StockLevels:
    """What to hold; arrays over items, in units where nothing else is said.

    Parameters
    ----------
    safety_stock
        Reorder point less expected demand over the protection interval; negative where a fill-rate target is met by
        the order quantity itself.
    reorder_point
        Order at a review when stock on hand and on order is below this.
    order_up_to
        Order up to this.
    expected_demand, demand_deviation
        Mean and standard deviation of demand over the protection interval.
    protection_periods
        Expected review period plus lead time, periods.
    fill_rate
        Share of demand met from stock under these levels.
    cycle_service
        Chance of no stock-out in a protection interval that begins at the reorder point.
    ready_rate
        Share of periods that end with stock on hand.
    order_cycle_service
        Share of replenishment cycles, from a receipt to the next, without a stock-out.
    """

    safety_stock: FloatArray
    reorder_point: FloatArray
    order_up_to: FloatArray
    expected_demand: FloatArray
    demand_deviation: FloatArray
    protection_periods: FloatArray
    fill_rate: FloatArray
    cycle_service: FloatArray
    ready_rate: FloatArray
    order_cycle_service: FloatArray


def stock_levels(
    cycle: ReplenishmentCycle,
    target: FloatArray,
    measure: IntArray | BoolArray,
    order_quantity: FloatArray,
    protection_periods: FloatArray,
    *,
    up_to: BoolArray | None = None,
    lost: BoolArray | None = None,
    costs: PolicyCosts | None = None,
) -> StockLevels:
    """Return the levels that meet each item's target.

    Cost-optimal levels: where a unit that waits costs p a period, the best reorder point for a lot is where one more
    unit saves as much as it costs, a share p / (p + h) of periods that end without a backorder, averaged over the
    positions (Hadley & Whitin 1963, section 5-9; Federgruen & Zheng 1992, Operations Research 40(4)). Where a unit
    lost costs p once, h E[stock] + p E[demand] (1 - fill rate) is the least; with no lot and no lead time it is the
    newsvendor's p / (p + h).

    Parameters
    ----------
    cycle
        Demand over lead time and protection interval.
    target
        Service target of each item, strictly between 0 and 1; not looked at where the measure is a cost.
    measure
        The `Measure` of each item; as False and True cycle service and fill rate.
    order_quantity
        Usual order quantity, units; the order-up-to level lies this far above the reorder point. Zero for base stock.
    protection_periods
        Expected protection interval, periods; carried along for explanations.
    up_to
        True where orders fill exactly up to the order-up-to level, (R, s, S); false where whole lots of the order
        quantity are ordered, (R, s, nQ). All false if None.
    lost
        True where demand that finds no stock is lost; see `lost_sales_fill_rate`. All false if None: demand waits.
    costs
        Holding cost of a unit and period, and shortage cost: of a unit and period, or of a unit lost. Needed where
        the measure is a cost.

    Raises
    ------
    InputError
        If a target is not strictly between 0 and 1, an order quantity is negative, or costs are missing.

    Examples
    --------
    >>> from invopt_xl.policy import CumulativeDemand, lead_times
    >>> demand = CumulativeDemand(np.full((3, 1), 10.0), np.full((3, 1), 16.0), np.zeros(3, dtype=bool))
    >>> one, lots = np.ones(3), np.full(3, 30.0)
    >>> cycle = ReplenishmentCycle.of(demand, lead_times(one, 0 * one), one, 1.0)
    >>> measures = np.array([Measure.CYCLE, Measure.FILL, Measure.READY])
    >>> stock_levels(cycle, np.full(3, 0.95), measures, lots, 2 * one).reorder_point.round(1).tolist()
    [30.1, 17.8, 21.9]
    """
    rule = _Rule.of(cycle, target, measure, order_quantity, up_to, lost, costs)
    protection, reorder_point = cycle.protection, rule.reorder_point()
    return StockLevels(
        safety_stock=reorder_point - protection.expected,
        reorder_point=reorder_point,
        order_up_to=reorder_point + order_quantity,
        expected_demand=protection.expected,
        demand_deviation=protection.standard_deviation,
        protection_periods=protection_periods,
        fill_rate=rule.fill_rate_of(np.arange(len(reorder_point)))(reorder_point),
        cycle_service=protection.cdf(reorder_point),
        ready_rate=cycle.ready_rate_at(rule.positions, reorder_point),
        order_cycle_service=cycle.order_cycle_service_of(rule.positions)(reorder_point),
    )


def reorder_points(
    cycle: ReplenishmentCycle, target: FloatArray, measure: IntArray | BoolArray, order_quantity: FloatArray
) -> FloatArray:
    """Return the reorder points that meet each item's target, units: those of `stock_levels`, in half its time.

    Parameters
    ----------
    cycle, target, measure, order_quantity
        As in `stock_levels`; no costs.

    Examples
    --------
    >>> from invopt_xl.policy import CumulativeDemand, lead_times
    >>> demand = CumulativeDemand(np.full((1, 1), 10.0), np.full((1, 1), 16.0), np.zeros(1, dtype=bool))
    >>> one = np.ones(1)
    >>> cycle = ReplenishmentCycle.of(demand, lead_times(one, 0 * one), one, 1.0)
    >>> reorder_points(cycle, np.array([0.95]), np.array([Measure.FILL]), np.array([30.0])).round(1).tolist()
    [17.8]
    """
    return _Rule.of(cycle, target, measure, order_quantity, None, None, None).reorder_point()


@dataclass(frozen=True, eq=False)
class _Rule:
    """When a reorder point is enough, for each item."""

    cycle: ReplenishmentCycle
    positions: Positions
    target: FloatArray
    measure: IntArray
    lost: BoolArray
    order_quantity: FloatArray
    holding: FloatArray
    shortage: FloatArray

    @classmethod
    def of(
        cls,
        cycle: ReplenishmentCycle,
        target: FloatArray,
        measure: IntArray | BoolArray,
        order_quantity: FloatArray,
        up_to: BoolArray | None,
        lost: BoolArray | None,
        costs: PolicyCosts | None,
    ) -> _Rule:
        items = len(cycle.review)
        codes = np.asarray(measure).astype(np.int64)
        require_each(np.isin(codes, list(Measure)), "service measure", codes.astype(float), "a Measure")
        priced = ~np.isin(codes, TARGETS)
        good = priced | ((target > 0) & (target < 1))
        require_each(good, "service target", target, "between 0 and 1, such as 0.95")
        quantity = np.asarray(order_quantity, dtype=np.float64)
        require_each(np.isfinite(quantity) & (quantity >= 0), "order quantity", quantity, "units, zero or more")
        holding = shortage = np.ones(items)
        if priced.any():
            require(costs is not None, "costs", "missing", "holding and shortage costs, as some items' measure is cost")
            holding, shortage, _ = (costs or PolicyCosts(1.0, 1.0)).of_items(items)
        target = np.where(codes == Measure.BACKORDER_COST, shortage / (shortage + holding), target)
        gone = np.zeros(items, dtype=bool) if lost is None else lost
        return cls(cycle, cycle.positions(quantity, up_to), target, codes, gone, quantity, holding, shortage)

    def reorder_point(self) -> FloatArray:
        """Return the reorder points of all items."""
        protection = self.cycle.protection
        start = protection.expected + 2.0 * protection.standard_deviation
        return self.with_least_lost_sale_cost(smallest(self.gap_of, start, protection.whole))

    def gap_of(self, rows: IntArray) -> Gap:
        """Return by how much these items miss their targets; of lost-sale costs there is none to miss."""
        measure = self.measure[rows]
        kinds = [kind for kind in np.unique(measure) if kind != Measure.LOST_SALE_COST]
        parts = [(at := np.flatnonzero(measure == kind), self.miss_of(kind, rows[at])) for kind in kinds]
        allowed = 1.0 - self.target[rows]

        def gap(reorder_point: FloatArray) -> FloatArray:
            result = np.full(len(rows), -1.0)
            for at, miss in parts:
                result[at] = log_gap(miss(reorder_point[at]), allowed[at])
            return result

        return gap

    def miss_of(self, kind: int, rows: IntArray) -> Gap:
        """Return what these items, all of one measure, lack of 1, as a function of their reorder points."""
        cycle, positions = self.cycle.rows(rows), self.positions.rows(rows)
        if kind == Measure.CYCLE:
            return cycle.protection.exceeds
        if kind == Measure.ORDER_CYCLE:
            service = cycle.order_cycle_service_of(positions)
            return lambda reorder_point: 1.0 - service(reorder_point)
        if kind == Measure.READY:
            return lambda reorder_point: 1.0 - cycle.ready_rate_at(positions, reorder_point)
        if kind == Measure.BACKORDER_COST:
            return lambda reorder_point: positions.exceeds(cycle.ends, reorder_point)
        fill_rate = self.fill_rate_of(rows)
        return lambda reorder_point: 1.0 - fill_rate(reorder_point)

    def fill_rate_of(self, rows: IntArray) -> Gap:
        """Return the share of demand met from stock, whether the rest waits or is lost, as such a function."""
        cycle, positions = self.cycle.rows(rows), self.positions.rows(rows)
        lost, quantity = self.lost[rows], self.order_quantity[rows]

        def fill_rate(reorder_point: FloatArray) -> FloatArray:
            waits = cycle.fill_rate_at(positions, reorder_point)
            if not lost.any():
                return waits
            return np.where(lost, cycle.lost_sales_fill_rate_at(positions, reorder_point, quantity), waits)

        return fill_rate

    def with_least_lost_sale_cost(self, reorder_point: FloatArray) -> FloatArray:
        """Return the reorder points, those of items with a lost-sale cost set to the cheapest.

        Cost may have a second valley where nothing is held at all, so a grid is looked at, finer from round to round.
        """
        rows = np.flatnonzero(self.measure == Measure.LOST_SALE_COST)
        if not rows.size:
            return reorder_point
        demand = self.cycle.protection.rows(rows)
        cost_of = self.lost_sale_cost_of(rows)
        rare = np.minimum(0.5, self.holding[rows] / (self.holding[rows] + self.shortage[rows]))
        low, best = np.zeros(rows.size), np.zeros(rows.size)
        high = np.maximum(demand.quantile(1.0 - rare / 2.0), 1.0)
        for _ in range(_SEARCH_ROUNDS):
            grid = low + (high - low) * np.linspace(0.0, 1.0, _SEARCH_POINTS)[:, None]
            grid = np.where(demand.whole, np.round(grid), grid)
            costs = np.array([cost_of(point) for point in grid])
            best = grid[np.argmin(costs, axis=0), np.arange(rows.size)]
            step = (high - low) / (_SEARCH_POINTS - 1)
            low, high = np.maximum(best - step, 0.0), best + step
        result = reorder_point.copy()
        result[rows] = best
        return result

    def lost_sale_cost_of(self, rows: IntArray) -> Gap:
        """Return holding and lost-sale cost of a review period, money, as a function of these reorder points."""
        cycle, positions, fill_rate = self.cycle.rows(rows), self.positions.rows(rows), self.fill_rate_of(rows)
        periods = 1.0 if cycle.review_periods is None else cycle.review_periods

        def cost(reorder_point: FloatArray) -> FloatArray:
            stock = periods * cycle.stock(positions, reorder_point)
            lost = cycle.review * (1.0 - fill_rate(reorder_point))
            return np.asarray(self.holding[rows] * stock + self.shortage[rows] * lost)

        return cost
