"""Seeded order-planning problems of every size, with all kinds of constraints."""

from __future__ import annotations

import numpy as np

from invopt_xl.optimise import Discount, OrderProblem


def random_problem(
    items: int = 200,
    periods: int = 12,
    suppliers: int = 20,
    *,
    seed: int = 1,
    capacity: bool = True,
    discounts: bool = True,
    tight: float | None = None,
    shortage: str = "lost",
) -> OrderProblem:
    """Return a problem; `tight` is the share of the need per period that budget and storage leave room for."""
    random = np.random.default_rng(seed)
    mean = random.lognormal(2.5, 1.0, items)
    season = 1 + 0.3 * np.sin(2 * np.pi * (np.arange(periods) + random.integers(0, periods, (items, 1))) / periods)
    demand = np.round(mean[:, None] * season * random.gamma(9.0, 1 / 9.0, (items, periods)), 2)
    unit_cost = np.round(random.lognormal(1.0, 0.7, items), 2)
    lead_time = random.integers(0, 4, items)
    safety_stock = np.round(mean * random.uniform(0.5, 1.5, items))
    supplier = random.integers(0, suppliers, items)
    receipts = np.zeros((items, periods))
    due = random.random(items) < 0.3
    receipts[due, random.integers(0, max(1, periods // 3), due.sum())] = np.round(mean[due] * 3)
    volume = np.round(random.uniform(0.1, 2.0, items), 2)
    units = np.bincount(supplier, mean, minlength=suppliers)
    value = np.bincount(supplier, mean * unit_cost, minlength=suppliers)
    breaks = []
    if discounts:
        for number in range(0, suppliers, 2):
            threshold = float(np.round(value[number] * random.uniform(2, 4)))
            breaks.append(Discount(number, None, 0.03, from_value=threshold))
            own = np.flatnonzero(supplier == number)[:3]
            breaks += [Discount(number, int(item), 0.06, from_quantity=float(np.round(mean[item] * 5))) for item in own]
    return OrderProblem(
        item_names=tuple(f"item {number}" for number in range(items)),
        supplier=supplier,
        unit_cost=unit_cost,
        demand=demand,
        on_hand=np.round(mean * random.uniform(0, 5, items)),
        lead_time_periods=lead_time,
        shortage_cost=np.round(unit_cost * random.uniform(0.3, 1.0, items), 2),
        holding_cost=unit_cost * 0.25 / 52,
        order_cost=2.0,
        minimum_order_quantity=np.where(random.random(items) < 0.3, np.round(mean * 2), 0),
        lot_size=random.choice([1, 1, 6, 12, 24], items),
        safety_stock=safety_stock,
        floor_penalty=unit_cost * 0.05,
        unit_volume=volume,
        scheduled_receipts=receipts,
        supplier_names=tuple(f"supplier {number}" for number in range(suppliers)),
        supplier_order_cost=random.choice([20.0, 40.0, 60.0], suppliers),
        minimum_order_value=np.where(random.random(suppliers) < 0.5, np.round(value), 0),
        capacity_units=np.where(random.random(suppliers) < 0.3, np.round(units * 3), np.inf) if capacity else np.inf,
        discounts=tuple(breaks),
        budget=np.inf if tight is None else float(mean @ unit_cost) * tight,
        storage_volume=np.inf if tight is None else float((mean * (1 + 4 * tight) + safety_stock) @ volume),
        shortage=shortage,
    )
