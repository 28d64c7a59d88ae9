"""Seeded order-planning problems of every size, with all kinds of constraints."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from rich_instances import enrich

from invopt_xl.optimise import Discount, OrderProblem
from invopt_xl.optimise.terms import FloatArray


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
    rich: bool = False,
) -> OrderProblem:
    """Return a problem.

    `tight` is the share of the need per period that budget and storage leave room for; `rich` adds what
    `rich_instances.enrich` knows. Without it the numbers stay as they are: what is measured is measured on them.
    """
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
    problem = OrderProblem(
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
    return enrich(problem, seed) if rich else problem


def scarce_problem(seed: int) -> OrderProblem:
    """Up to three items over three periods that want more than one limit has room for; some lines are overrides."""
    random = np.random.default_rng(seed)
    items = int(random.integers(1, 4))

    def of_items(*values: float) -> FloatArray:
        return random.choice(np.array(values, dtype=float), items)

    fixed = np.full((items, 3), np.nan)
    if random.random() < 0.25:
        fixed[0, random.integers(3)] = random.choice([0.0, 5.0, 10.0])
    problem = OrderProblem(
        item_names=tuple("abc"[:items]),
        supplier=random.integers(0, 2, items),
        unit_cost=of_items(1, 2, 3),
        demand=random.choice([0.0, 3.0, 6.0, 8.0, 10.0], (items, 3)),
        on_hand=of_items(0, 0, 4),
        lead_time_periods=random.integers(0, 2, items),
        shortage_cost=of_items(1, 2, 4),
        holding_cost=of_items(0.02, 0.1),
        order_cost=of_items(0, 1, 5),
        lot_size=of_items(1, 1, 2, 4, 5),
        minimum_order_quantity=of_items(0, 0, 0, 6),
        unit_volume=1.0,
        fixed_quantity=fixed,
        supplier_names=("K", "L"),
        supplier_order_cost=random.choice([0.0, 3.0, 8.0], 2),
        minimum_order_value=random.choice([0.0, 0.0, 0.0, 15.0], 2),
        discounts=(Discount(0, None, 0.2, from_quantity=12.0),) if random.random() < 0.25 else (),
        shortage="backorder" if random.random() < 0.25 else "lost",
    )
    limit = ("budget", "storage_volume", "working_capital", "capacity_units")[random.integers(4)]
    return replace(problem, **{limit: random.choice([0.0, 4.0, 9.0, 14.0, 20.0])})


@st.composite
def tiny_problems(draw: st.DrawFn, items: int = 3) -> OrderProblem:
    """Up to so many items, three periods, few lines, every kind of source and limit."""
    count = draw(st.integers(1, items))
    sources = _tiny_sources(draw, count)
    rows, few = len(sources["source_item"]), st.integers(0, 3)

    def numbers(size: int, values: st.SearchStrategy[float]) -> list[float]:
        return [draw(values) for _ in range(size)]

    fixed = np.array(numbers(rows * 3, st.sampled_from([np.nan] * 14 + [0.0, 2.0])))
    return OrderProblem(
        item_names=tuple(f"item {number}" for number in range(count)),
        **sources,
        demand=np.array(numbers(count * 3, few)).reshape(count, 3),
        on_hand=numbers(count, few),
        shortage_cost=numbers(count, st.integers(1, 6)),
        holding_cost=numbers(count, st.sampled_from([0.25, 0.0])),
        unit_value=draw(st.sampled_from([None, numbers(count, st.sampled_from([1.0, 2.0, 3.5]))])),
        safety_stock=numbers(count, st.integers(0, 2)),
        floor_penalty=numbers(count, st.sampled_from([0.5, 0.0, 2.0])),
        unit_volume=1.0,
        shelf_life_periods=numbers(count, st.sampled_from([np.inf, np.inf, 1.0, 1.5])),
        age_on_arrival=numbers(count, st.sampled_from([0.0, 0.0, 0.3])),
        fixed_quantity=fixed.reshape(rows, 3),
        scheduled_receipts=np.array(numbers(count * 3, st.sampled_from([0, 0, 0, 4]))).reshape(count, 3),
        supplier_names=("K", "L"),
        supplier_order_cost=numbers(2, st.sampled_from([0.0, 2.0])),
        minimum_order_value=numbers(2, st.sampled_from([0.0, 9.0])),
        capacity_units=draw(st.sampled_from([np.inf, 6.0, [[6.0, 0.0, 6.0], [np.inf, 4.0, 4.0]]])),
        discounts=tuple(draw(st.lists(tiny_discounts(count), max_size=3))),
        budget=draw(st.sampled_from([np.inf, 10.0, [8.0, np.inf, 12.0]])),
        storage_volume=draw(st.sampled_from([np.inf, 9.0])),
        working_capital=draw(st.sampled_from([np.inf, 13.0])),
        shortage=draw(st.sampled_from(["lost", "backorder"])),
        frozen_periods=draw(st.sampled_from([0, 0, 1])),
    )


@st.composite
def tiny_discounts(draw: st.DrawFn, items: int) -> Discount:
    """A price break of any kind."""
    on_quantity = draw(st.booleans())
    return Discount(
        draw(st.sampled_from([0, 0, 1])),
        draw(st.sampled_from([None, *range(items)])),
        draw(st.sampled_from([0.1, 0.25])),
        from_quantity=draw(st.sampled_from([2.0, 4.0])) if on_quantity else None,
        from_value=None if on_quantity else draw(st.sampled_from([5.0, 8.0])),
        kind=draw(st.sampled_from(["all-unit", "incremental"])),
    )


def _tiny_sources(draw: st.DrawFn, items: int) -> dict[str, Any]:
    """A usual source of each item, and up to two more: another supplier, an emergency one, another location."""
    item = list(range(items)) + draw(st.lists(st.integers(0, items - 1), max_size=2))
    kinds = ["usual"] * items + [
        draw(st.sampled_from(["usual", "emergency", "transfer" if items > 1 else "usual"])) for _ in item[items:]
    ]
    moved = [kind == "transfer" for kind in kinds]
    rows = range(len(item))

    def numbers(values: list[float]) -> list[float]:
        return [draw(st.sampled_from(values)) for _ in rows]

    cost = np.array([[0.5] * 3 if moved[row] else draw(st.sampled_from([[2.0] * 3, [1.5, 2.0, 3.0]])) for row in rows])
    return {
        "source_item": item,
        "supplier": [-1 if moved[row] else draw(st.sampled_from([0, 0, 1, -1])) for row in rows],
        "origin": [(item[row] + 1) % items if moved[row] else -1 for row in rows],
        "emergency": [kind == "emergency" for kind in kinds],
        "unit_cost": cost + np.array([[1.0 if kind == "emergency" else 0.0] for kind in kinds]),
        "lead_time_periods": numbers([0, 1]),
        "order_cost": numbers([0.0, 1.0]),
        "lateness_cost": numbers([0.0, 0.0, 0.25]),
        "minimum_order_quantity": numbers([0.0, 0.0, 3.0]),
        "maximum_order_quantity": numbers([np.inf, 5.0, 1.0]),
        "lot_size": numbers([2.0, 2.0, 1.0, 3.0]),
    }
