"""What a plan does: stock, shortage and every cost, from the ordered quantities, for all items at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.discounts import best_rates, order_discounts
from invopt_xl.optimise.problem import FloatArray, OrderProblem


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
    """

    available: FloatArray
    stock: FloatArray
    short: FloatArray


def arrivals(problem: OrderProblem, quantity: FloatArray) -> FloatArray:
    """Return units arriving by item and period: open orders and what the plan orders."""
    arriving = problem.scheduled_receipts.copy()
    for lead_time in np.unique(problem.lead_time_periods):
        if lead_time < problem.periods:
            rows = problem.lead_time_periods == lead_time
            arriving[rows, lead_time:] += quantity[rows, : problem.periods - lead_time]
    return arriving


def simulate(problem: OrderProblem, quantity: FloatArray) -> Flow:
    """Return the flow of units under expected demand."""
    arriving = arrivals(problem, quantity)
    available, stock, short = (np.empty_like(problem.demand) for _ in range(3))
    position = problem.on_hand.copy()
    for period in range(problem.periods):
        position = position + arriving[:, period]
        available[:, period] = np.maximum(position, 0)
        position = position - problem.demand[:, period]
        stock[:, period] = np.maximum(position, 0)
        short[:, period] = np.maximum(-position, 0)
        if problem.shortage == "lost":
            position = stock[:, period].copy()
    return Flow(available, stock, short)


@dataclass(frozen=True, eq=False)
class Account:
    """Costs of a plan, money; per item except the supplier orders.

    Parameters
    ----------
    purchase
        Value ordered at list price; not part of the total, see `OrderPlan`.
    order, holding, shortage, floor
        Order lines, stock, units short, stock below its floor.
    discount
        Won on each item's lines; counts negative.
    end_stock
        Discount given back on stock above the floor left after the last period, so that the horizon's end does
        not invite buying ahead: such stock is worth what it costs at the item's best discount.
    supplier_order
        Joint order cost per supplier.
    unavoidable
        The part of holding, shortage and floor that no order could change, for it falls before the first arrival.
    """

    purchase: FloatArray
    order: FloatArray
    holding: FloatArray
    shortage: FloatArray
    floor: FloatArray
    discount: FloatArray
    end_stock: FloatArray
    supplier_order: FloatArray
    unavoidable: FloatArray

    @property
    def per_item(self) -> FloatArray:
        """What each item adds to the total, without joint order costs."""
        return self.order + self.holding + self.shortage + self.floor + self.end_stock - self.discount

    @property
    def total(self) -> float:
        """What the plan is judged by."""
        return float(self.per_item.sum() + self.supplier_order.sum())

    def breakdown(self) -> dict[str, float]:
        """Return the parts by name."""
        names = ("purchase", "order", "supplier_order", "holding", "shortage", "floor", "discount", "end_stock")
        return {name.replace("_", " "): float(getattr(self, name).sum()) for name in names}


def account(problem: OrderProblem, quantity: FloatArray, flow: Flow | None = None) -> Account:
    """Return the costs of a plan."""
    flow = flow or simulate(problem, quantity)
    ordered = quantity > 0
    below = np.maximum(problem.safety_stock[:, None] - flow.stock, 0)
    rates = np.stack((problem.holding_cost, problem.shortage_cost, problem.floor_penalty))
    running = rates[:, :, None] * np.stack((flow.stock, flow.short, below))
    early = np.arange(problem.periods) < problem.lead_time_periods[:, None]
    left_over = np.where(
        problem.lead_time_periods < problem.periods, np.maximum(flow.stock[:, -1] - problem.safety_stock, 0), 0.0
    )
    orders = np.zeros((problem.suppliers, problem.periods), dtype=bool)
    served = problem.supplier >= 0
    np.logical_or.at(orders, problem.supplier[served], ordered[served])
    return Account(
        purchase=problem.unit_cost * quantity.sum(axis=1),
        order=problem.order_cost * ordered.sum(axis=1),
        holding=running[0].sum(axis=1),
        shortage=running[1].sum(axis=1),
        floor=running[2].sum(axis=1),
        discount=order_discounts(problem, quantity).sum(axis=1),
        end_stock=left_over * problem.unit_cost * best_rates(problem),
        supplier_order=problem.supplier_order_cost * orders.sum(axis=1),
        unavoidable=(running * early).sum(axis=(0, 2)),
    )
