"""What an order plan comes to, as tables: its costs, its limits, and each item period by period."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.optimise import OrderProblem
from invopt_xl.optimise.accounting import Account, account, arrivals, simulate
from invopt_xl.optimise.underway import whole_capacity
from invopt_xl.plan.columns import ORDER_COSTS, ORDER_ITEMS, ORDER_LIMITS
from invopt_xl.plan.orders.planned import Planned
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quantities import finer_by, rounded

FloatArray = npt.NDArray[np.float64]

WORTH_SAYING = 0.01
"""Share of the total below which what no order could change is not told."""

COST_NOTES = {
    "purchase": "All that is ordered, at list price; apart from the total, as a unit in stock is worth its cost.",
    "discount": "Discounts won.",
    "order": "Order lines.",
    "supplier order": "Orders, each shared by its lines.",
    "price": "What units cost beyond the item's own supplier, at other regular ones; negative: less.",
    "emergency": "What units cost more from emergency sources.",
    "transfer": "Moving units between locations.",
    "lateness": "Expected late deliveries of less reliable sources.",
    "holding": "Holding stock.",
    "shortage": "Demand lost or waiting; of critical items it counts threefold.",
    "floor": "Stock below its safety stock, a unit a period at what the risk is worth: a price of service, not paid.",
    "waste": "Units that outlast their shelf life, at cost.",
    "end stock": "Stock left after the horizon that was bought cheaply: what it saved is not counted yet.",
}
"""What each cost is, in the order in which they are told."""

TOTAL = "What orders decide: all of the above but purchase. The plan is judged by it."


def order_costs(planned: Planned, parameters: Parameters) -> pd.DataFrame:
    """Return ``tblOrderCosts``: costs of the horizon by kind, discounts negative, then their total without purchase.

    What is planned beyond the horizon, for the sake of the orders in it, is not counted.
    """
    periods = min(parameters.horizon_periods, planned.problem.periods)
    problem, quantity = planned.problem.until(periods), planned.plan.quantity[:, :periods]
    found = account(problem, quantity)
    costs = found.breakdown()
    kinds = [kind for kind in COST_NOTES if kind in costs] + [kind for kind in costs if kind not in COST_NOTES]
    rows = [(kind, -costs[kind] if kind == "discount" else costs[kind], COST_NOTES.get(kind, "")) for kind in kinds]
    rows.append(("total", found.total, TOTAL + _unavoidable(found)))
    table = pd.DataFrame(rows, columns=ORDER_COSTS.column_names)
    return table.assign(amount=(table["amount"].round(2) + 0.0))  # no negative zero


def _unavoidable(costs: Account) -> str:
    """Return in words how much of the total falls before anything ordered could arrive, if it is worth a word."""
    early = float(costs.unavoidable.sum())
    if early < WORTH_SAYING * abs(costs.total):
        return ""
    return f" {early:,.2f} of it comes before any order could arrive, whatever is ordered."


def order_limits(planned: Planned, parameters: Parameters) -> pd.DataFrame:
    """Return ``tblOrderLimits``: what the plan takes of each limit in each period of the horizon, and its worth."""
    periods = min(parameters.horizon_periods, planned.problem.periods)
    dates = parameters.calendar.start(np.arange(periods)).astype("datetime64[ns]")
    parts = [
        pd.DataFrame(
            {
                "limit": limit,
                "subject": subject,
                "date": dates,
                "used": used[:periods].round(4),
                "available": available[:periods],
                "shadow_price": price[:periods].round(6) + 0.0,
                "room_tried": np.where(price > 0, more, np.nan)[:periods].round(4),
            }
        )[np.isfinite(available[:periods])]
        for limit, subject, used, available, (price, more) in _limits(planned)
    ]
    parts = [part for part in parts if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=ORDER_LIMITS.column_names)


def _limits(planned: Planned) -> Iterator[tuple[str, str, FloatArray, FloatArray, tuple[FloatArray, FloatArray]]]:
    """Yield each limit with its subject, what is taken of it, and how much there is, by period.

    Last its shadow price, and the room that was tried for it.
    """
    problem, prices, more = planned.problem, planned.plan.shadow_prices, planned.plan.more_room
    flow = simulate(problem, planned.plan.quantity)
    spent = (problem.unit_cost * planned.bought).sum(axis=0)
    yield "budget", "", spent, problem.budget, (prices.budget, more.budget)
    yield "storage", "", problem.unit_volume @ flow.available, problem.storage_volume, (prices.storage, more.storage)
    worth = problem.unit_value @ flow.stock
    yield "working capital", "", worth, problem.working_capital, (prices.working_capital, more.working_capital)
    units, capacity = problem.sum_by_supplier(planned.bought), whole_capacity(problem)
    names = np.array(problem.supplier_names, dtype=object)
    for row, name in enumerate(dict.fromkeys(problem.supplier_names)):
        own = names == name  # with an order that is sent already, the supplier stands there once more
        yield "capacity", name, units[own].sum(axis=0), capacity[row], (prices.capacity[row], more.capacity[row])


def order_items(items: pd.DataFrame, planned: Planned, parameters: Parameters) -> pd.DataFrame:
    """Return ``tblOrderItems``: a row for each item and period of the horizon.

    Stock at the end is stock before, plus receipts, less what is sent, wasted and demanded; what is short is what
    demand found missing. The safety stock is the expected stock below which a period should not end.
    """
    problem, quantity = planned.problem, planned.plan.quantity
    periods = min(parameters.horizon_periods, problem.periods)
    flow, sent = simulate(problem, quantity), _sent(problem, quantity)
    figures = {
        "demand": problem.demand,
        "receipts": arrivals(problem, quantity) + sent,
        "sent": sent,
        "ordered": problem.sum_by_item(quantity),
        "stock": flow.stock,
        "safety_stock": np.broadcast_to(problem.safety_stock[:, None], problem.demand.shape),
        "short": flow.short,
        "waste": flow.waste,
    }
    dates = parameters.calendar.start(np.arange(periods)).astype("datetime64[ns]")
    finer = np.repeat(finer_by(items), periods)
    table = pd.DataFrame({name: values[:, :periods].ravel() for name, values in figures.items()})
    table = rounded(table, dict.fromkeys(figures, 4), finer) + 0.0
    return table.assign(
        item=np.repeat(items["item"].to_numpy(), periods),
        location=np.repeat(items["location"].to_numpy(), periods),
        date=np.tile(dates, len(items)),
    )[ORDER_ITEMS.column_names]


def _sent(problem: OrderProblem, quantity: FloatArray) -> FloatArray:
    """Return units that leave for other locations, by item and period."""
    sent = np.zeros_like(problem.demand)
    moved = problem.transfer
    np.add.at(sent, problem.origin[moved], quantity[moved])
    return sent
