"""Lot sizes beside stockpyl: the same answers, and CPU time for each item, in the same run.

Run with ``pytest tests/benchmarks/bench_lot_sizes.py``; the table is printed. Ours takes all items in one call, as a
planner has them; stockpyl takes one item a call, so it gets a few hundred of the same items and is timed per item.
Times are CPU time; read their ratios. Needs the extra ``bench``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from stockpyl_peer import eoq, wagner_whitin

from invopt_xl.policy import (
    TwoSuppliers,
    dual_sourcing,
    dynamic_lots,
    economic_lots,
    joint_replenishment,
    quantity_discounts,
    silver_joint_replenishment,
)

Report = Callable[..., None]

ITEMS, FEW = 10_000, 200
BREAKS, PRICES = [0.0, 200.0, 500.0, 2000.0], np.array([1.0, 0.97, 0.93, 0.9])
REPEATS = 5


def cpu(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what the work gives, and the least CPU seconds of a few goes."""
    work()
    spent = []
    for _ in range(REPEATS):
        begun = time.process_time_ns()
        made = work()
        spent.append((time.process_time_ns() - begun) / 1e9)
    return made, min(spent)


@pytest.fixture(scope="module")
def items() -> dict[str, Any]:
    random = np.random.default_rng(4)
    return {
        "demand": random.uniform(10.0, 5000.0, ITEMS),
        "setup": random.uniform(5.0, 200.0, ITEMS),
        "price": random.uniform(1.0, 80.0, ITEMS),
        "holding": random.uniform(0.1, 20.0, ITEMS),
    }


def discounts_of(items: dict[str, Any], kind: Any) -> Any:
    prices = items["price"][:, None] * PRICES
    return lambda: quantity_discounts(items["demand"], items["setup"], 0.2, BREAKS, prices, kind)


def peer_discounts(items: dict[str, Any], solve: Callable[..., Any]) -> Callable[[], list[Any]]:
    rows = [
        (items["setup"][i].item(), 0.2, items["demand"][i].item(), BREAKS, (items["price"][i] * PRICES).tolist())
        for i in range(FEW)
    ]
    return lambda: [solve(*row) for row in rows]


def steady_cases(items: dict[str, Any]) -> dict[str, tuple[Callable[[], Any], Callable[[], Any], Callable[..., Any]]]:
    demand, setup, holding = items["demand"], items["setup"], items["holding"]
    rows = [(setup[i].item(), holding[i].item(), demand[i].item()) for i in range(FEW)]
    return {
        "economic order quantity": (
            lambda: economic_lots(demand, setup, holding),
            lambda: [eoq.economic_order_quantity(*row) for row in rows],
            lambda found: found[1],
        ),
        "planned backorders": (
            lambda: economic_lots(demand, setup, holding, backorder_cost=30.0),
            lambda: [eoq.economic_order_quantity_with_backorders(a, h, 30.0, d) for a, h, d in rows],
            lambda found: found[2],
        ),
        "economic production quantity": (
            lambda: economic_lots(demand, setup, holding, production_rate=6000.0),
            lambda: [eoq.economic_production_quantity(a, h, d, 6000.0) for a, h, d in rows],
            lambda found: found[1],
        ),
        "all-unit discounts": (
            discounts_of(items, "all-unit"),
            peer_discounts(items, eoq.economic_order_quantity_with_all_units_discounts),
            lambda found: found[2],
        ),
        "incremental discounts": (
            discounts_of(items, "incremental"),
            peer_discounts(items, eoq.economic_order_quantity_with_incremental_discounts),
            lambda found: found[2],
        ),
    }


def wagner_whitin_cases(items: dict[str, Any]) -> dict[str, Any]:
    random = np.random.default_rng(8)
    cases = {}
    for periods in (12, 52):
        table = random.gamma(1.5, 40.0, (ITEMS // 5, periods)).round()
        setup, holding = items["setup"][: len(table)] * 5.0, items["holding"][: len(table)] / 20.0
        few = FEW if periods == 12 else 5
        rows = [(periods, holding[i].item(), setup[i].item(), table[i].tolist()) for i in range(few)]
        cases[f"Wagner-Whitin, {periods} periods"] = (
            lambda table=table, setup=setup, holding=holding: dynamic_lots(table, setup, holding),
            lambda rows=rows: [wagner_whitin.wagner_whitin(*row) for row in rows],
            lambda found: found[1],
        )
    return cases


def test_lot_sizes_beside_stockpyl(benchmark: Any, items: dict[str, Any], report: Report) -> None:
    table = {}
    for name, (ours, theirs, cost_of) in (steady_cases(items) | wagner_whitin_cases(items)).items():
        made, seconds = cpu(ours)
        found, peer_seconds = cpu(theirs)
        costs = [float(cost_of(one)) for one in found]
        assert np.allclose(made.cost[: len(costs)], costs), name
        each, peer_each = 1e6 * seconds / len(made.cost), 1e6 * peer_seconds / len(costs)
        table[name] = {"ours, us an item": each, "stockpyl, us an item": peer_each, "ratio": peer_each / each}
    title = f"LOT SIZES | {ITEMS:,} items in one call, {ITEMS // 5:,} with Wagner-Whitin"
    report(title, pd.DataFrame(table).T.round(3))
    benchmark(lambda: economic_lots(items["demand"], items["setup"], items["holding"]))


def test_joint_replenishment_of_a_thousand_items(benchmark: Any, report: Report) -> None:
    random = np.random.default_rng(6)
    demand, holding, minor = (random.uniform(low, high, 1000) for low, high in ((1, 900), (0.1, 5), (1, 60)))
    made, seconds = cpu(lambda: joint_replenishment(demand, holding, minor, 2000.0))
    quick, quick_seconds = cpu(lambda: silver_joint_replenishment(demand, holding, minor, 2000.0))
    rows = [demand.tolist(), holding.tolist(), minor.tolist()]
    peer, peer_seconds = cpu(
        lambda: eoq.joint_replenishment_problem_silver_heuristic(2000.0, rows[2], rows[1], rows[0])
    )
    assert quick.cost == pytest.approx(peer[3])
    costs = {"powers of two": made.cost, "Silver": quick.cost, "stockpyl, Silver": peer[3]}
    spent = {"powers of two": seconds, "Silver": quick_seconds, "stockpyl, Silver": peer_seconds}
    table = {name: {"above the bound": costs[name] / made.lower_bound - 1, "ms": 1e3 * spent[name]} for name in costs}
    report("JOINT REPLENISHMENT | 1,000 items", pd.DataFrame(table).T.round(4))
    benchmark(joint_replenishment, demand, holding, minor, 2000.0)


def test_two_suppliers(benchmark: Any, report: Report) -> None:
    seen = np.random.default_rng(3).negative_binomial(2, 0.2, 104).astype(float)
    suppliers = TwoSuppliers(10.0, 11.5, 6, 1, 0.05, 1.5)
    made, seconds = cpu(lambda: dual_sourcing(seen, suppliers))
    report(f"TWO SUPPLIERS | {1e3 * seconds:.0f} ms an item: {made.recommendation}")
    benchmark(dual_sourcing, seen, suppliers)
