"""What a plan does: stock, shortage and every cost, from the ordered quantities, for all items at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from invopt_xl.optimise.discounts import best_savings, order_discounts
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import FloatArray


@dataclass(frozen=True, eq=False)
class Flow:
    """Units by item and period.

    Parameters
    ----------
    available
        Stock at the start of the period after receipts, what storage must hold.
    stock
        Left at the end.
    short
        Demand lost in the period, or waiting at its end.
    waste
        Thrown away on arrival, for it would outlast its shelf life.
    """

    available: FloatArray
    stock: FloatArray
    short: FloatArray
    waste: FloatArray


def arrivals(problem: OrderProblem, quantity: FloatArray, sent: FloatArray | None = None) -> FloatArray:
    """Return units arriving by item and period: open orders and what the plan orders, less what leaves for others.

    What transfers take from where they come from is what they bring, unless said otherwise by `sent`.
    """
    arriving = problem.scheduled_receipts.copy()
    for lead_time in np.unique(problem.lead_time_periods):
        if lead_time < problem.periods:
            rows = problem.lead_time_periods == lead_time
            np.add.at(arriving[:, lead_time:], problem.source_item[rows], quantity[rows, : problem.periods - lead_time])
    if problem.transfer.any():
        leaving = quantity if sent is None else sent
        np.subtract.at(arriving, problem.origin[problem.transfer], leaving[problem.transfer])
    return arriving


def sellable(problem: OrderProblem) -> FloatArray:
    """Return the most units, by item and period, that sell within shelf life; infinite where nothing spoils.

    Beyond the horizon demand goes on at its mean. A shelf life below a period counts as one.
    """
    periods, spoils = problem.periods, np.isfinite(problem.shelf_life_periods)
    most = np.full((problem.items, periods), np.inf)
    total = np.concatenate((np.zeros((int(spoils.sum()), 1)), np.cumsum(problem.demand[spoils], axis=1)), axis=1)
    life = np.repeat(problem.shelf_life_periods[spoils][:, None], periods, axis=1)
    life[:, 1:] -= problem.age_on_arrival[spoils][:, None]
    until = np.arange(periods) + np.maximum(life, 1.0)
    beyond = np.maximum(until - periods, 0.0) * total[:, -1:] / periods
    within = np.minimum(until, periods)
    whole = np.minimum(within.astype(np.int64), periods - 1)
    before, after = (np.take_along_axis(total, whole + step, axis=1) for step in (0, 1))
    most[spoils] = before + (after - before) * (within - whole) + beyond - total[:, :-1]
    return most


def simulate(problem: OrderProblem, quantity: FloatArray, sent: FloatArray | None = None) -> Flow:
    """Return the flow of units under expected demand; `sent` as in `arrivals`."""
    arriving = arrivals(problem, quantity, sent)
    most = sellable(problem) if np.isfinite(problem.shelf_life_periods).any() else None
    available, stock, short, waste = (np.zeros_like(problem.demand) for _ in range(4))
    position = problem.on_hand.copy()
    for period in range(problem.periods):
        position = position + arriving[:, period]
        if most is not None:
            waste[:, period] = np.maximum(position - most[:, period], 0)
            position = position - waste[:, period]
        available[:, period] = np.maximum(position, 0)
        position = position - problem.demand[:, period]
        stock[:, period] = np.maximum(position, 0)
        short[:, period] = np.maximum(-position, 0)
        if problem.shortage == "lost":
            position = stock[:, period].copy()
    return Flow(available, stock, short, waste)


@dataclass(frozen=True, eq=False)
class Account:
    """Costs of a plan, money.

    Parameters
    ----------
    purchase
        By item, value ordered at list price; not part of the total, see `OrderPlan`.
    order, price, emergency, transfer, lateness, discount
        By item, what its orders cost: order lines; what units cost more than they are worth, at regular suppliers (less
        than zero if they cost less), at emergency ones and for moving them; expected late deliveries; discounts won,
        which count negative.
    holding, shortage, floor, waste
        By item: stock, units short, stock below its floor, units thrown away.
    end_stock
        By item: savings given back on stock above the floor left after the last period, so that the horizon's end does
        not invite buying ahead or moving it where it is worth more: such stock is worth what it costs at the best
        price and discount, here or, with the move, at a location that sends it.
    supplier_order
        Joint order cost by supplier.
    unavoidable
        By item, the part of holding, shortage, floor and waste that no order could change, for it falls before the
        first arrival.
    """

    purchase: FloatArray
    order: FloatArray
    price: FloatArray
    emergency: FloatArray
    transfer: FloatArray
    lateness: FloatArray
    discount: FloatArray
    holding: FloatArray
    shortage: FloatArray
    floor: FloatArray
    waste: FloatArray
    end_stock: FloatArray
    supplier_order: FloatArray
    unavoidable: FloatArray

    @property
    def per_item(self) -> FloatArray:
        """What each item adds to the total, without joint order costs."""
        paid = self.order + self.price + self.emergency + self.transfer + self.lateness - self.discount
        return paid + self.holding + self.shortage + self.floor + self.waste + self.end_stock

    @property
    def total(self) -> float:
        """What the plan is judged by."""
        return float(self.per_item.sum() + self.supplier_order.sum())

    @property
    def controllable(self) -> float:
        """What orders can change of it, before discounts won: what a gap is measured against."""
        return float(self.total + self.discount.sum() - self.unavoidable.sum())

    def breakdown(self) -> dict[str, float]:
        """Return the parts by name."""
        return {name.replace("_", " "): float(getattr(self, name).sum()) for name in PARTS}


PARTS = (
    *("purchase", "order", "supplier_order", "price", "emergency", "transfer", "lateness"),
    *("holding", "shortage", "floor", "waste", "discount", "end_stock"),
)
"""The costs a plan is broken down into."""


def account(
    problem: OrderProblem, quantity: FloatArray, flow: Flow | None = None, *, discounts: bool = True
) -> Account:
    """Return the costs of a plan, on request without what its orders' discounts win."""
    flow = flow or simulate(problem, quantity)
    ordered = quantity > 0
    below = np.maximum(problem.safety_stock[:, None] - flow.stock, 0)
    rates = np.stack((problem.holding_cost, problem.shortage_cost, problem.floor_penalty, problem.unit_value))
    running = rates[:, :, None] * np.stack((flow.stock, flow.short, below, flow.waste))
    first = problem.first_change
    early = np.arange(problem.periods) < first[:, None]
    spare = np.maximum(flow.stock[:, -1] - problem.safety_stock, 0)
    orders = problem.sum_by_supplier(ordered.astype(float)) > 0
    extra = (problem.premium * quantity).sum(axis=1)
    regular = ~problem.emergency & ~problem.transfer
    won = order_discounts(problem, quantity) if discounts else np.zeros_like(quantity)
    bought = (problem.unit_cost * quantity).sum(axis=1) * ~problem.transfer
    by_item = problem.sum_by_item
    return Account(
        purchase=by_item(bought),
        order=by_item(problem.order_cost * ordered.sum(axis=1)),
        price=by_item(extra * regular),
        emergency=by_item(extra * (problem.emergency & ~problem.transfer)),
        transfer=by_item(extra * problem.transfer),
        lateness=by_item(problem.lateness_cost * quantity.sum(axis=1)),
        discount=by_item(won.sum(axis=1)),
        holding=running[0].sum(axis=1),
        shortage=running[1].sum(axis=1),
        floor=running[2].sum(axis=1),
        waste=running[3].sum(axis=1),
        end_stock=np.where(first < problem.periods, spare * best_savings(problem), 0.0),
        supplier_order=problem.supplier_order_cost * orders.sum(axis=1),
        unavoidable=(running * early).sum(axis=(0, 2)),
    )


def overdrawn(problem: OrderProblem, quantity: FloatArray) -> FloatArray:
    """Return the units by item and period that a plan sends to other locations beyond what stands there.

    What transfers bring in a circle, back to where it came from within the same period, does not stand there.
    """
    left = np.zeros_like(problem.demand)
    if not problem.transfer.any():
        return left
    moved = problem.transfer
    leaving = np.zeros_like(problem.demand)
    np.add.at(leaving, problem.origin[moved], quantity[moved])
    there = arrivals(problem, quantity) + leaving - _circling(problem, quantity)
    flow = simulate(problem, quantity)
    there[:, 0] += problem.on_hand
    there[:, 1:] += flow.stock[:, :-1]
    return np.asarray(np.maximum(leaving - there, left))


def _circling(problem: OrderProblem, quantity: FloatArray) -> FloatArray:
    """Return the units by item and period that transfers bring at once from where the item's own units go to."""
    circling = np.zeros_like(problem.demand)
    at_once = np.flatnonzero(problem.transfer & (problem.lead_time_periods == 0))
    for period in range(problem.periods):
        rows = at_once[quantity[at_once, period] > 0]
        begin, end = problem.origin[rows], problem.source_item[rows]
        if not np.isin(begin, end).any():
            continue  # nothing is passed on
        graph = sparse.coo_array((np.ones(len(rows)), (begin, end)), shape=(problem.items, problem.items))
        label = connected_components(graph, directed=True, connection="strong")[1]
        same = label[begin] == label[end]
        np.add.at(circling[:, period], end[same], quantity[rows[same], period])
    return circling
