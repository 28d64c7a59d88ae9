"""What makes an order-planning problem hard: other sources, perishables, frozen periods, orders of the planner."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from invopt_xl.optimise import Discount, OrderProblem


def enrich(problem: OrderProblem, seed: int) -> OrderProblem:
    """Return the problem with every other kind of rule as well.

    A fifth of the items gets a second supplier (cheaper and slower, or dearer and faster, late now and then), a tenth
    an emergency source, some a sister location that sends them stock; shelf lives, incremental discounts, a ceiling on
    money in stock, capacity by period with a supplier closed for once, a price rise, a frozen period and orders of the
    planner.
    """
    random = np.random.default_rng([seed, 1])
    mean = problem.demand.mean(axis=1)
    worth = problem.unit_cost[:, 0].copy()
    pairs = _sister_locations(problem, random)
    # One article costs about the same at both locations, and hardly ever the very same.
    dearer = np.random.default_rng([seed, 2]).uniform(0.85, 1.2, len(pairs))
    worth[pairs[:, 1]] = np.round(worth[pairs[:, 0]] * dearer, 2)
    sources = _Sources.usual(problem, worth)
    sources.add_second_suppliers(problem, mean, random)
    sources.add_emergencies(problem, random)
    sources.add_transfers(pairs)
    price = np.repeat(sources.column("unit_cost")[:, None], problem.periods, axis=1)
    rising = np.flatnonzero(sources.column("supplier") == 0)
    price[rising, problem.periods // 2 :] *= 1.04
    life = np.where(random.random(problem.items) < 0.15, random.choice([2.0, 3.5, 5.0], problem.items), np.inf)
    capacity = problem.capacity_units * random.uniform(0.7, 1.3, (problem.suppliers, problem.periods)).round(2)
    capacity[problem.suppliers - 1, problem.periods // 2] = 0.0
    rich = replace(
        problem,
        **{name: sources.column(name) for name in _Sources.NAMES if name != "unit_cost"},
        unit_cost=price,
        unit_value=worth,
        holding_cost=worth * 0.25 / 52,
        fixed_quantity=np.nan,
        shelf_life_periods=life,
        working_capital=float((4.5 * mean + problem.safety_stock) @ worth),
        capacity_units=capacity,
        discounts=(*problem.discounts, *_incremental(problem, mean * worth)),
        frozen_periods=1,
    )
    return replace(rich, fixed_quantity=_planners_orders(rich, mean, random))


def _sister_locations(problem: OrderProblem, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return pairs of items that stand for one article at two locations."""
    count = max(1, problem.items // 20) if problem.items > 1 else 0
    return random.permutation(problem.items)[: 2 * count].reshape(count, 2)


def _incremental(problem: OrderProblem, worth: npt.NDArray[np.float64]) -> list[Discount]:
    """Return tiers on the order's value of every fourth supplier, and on the lines of every other fourth."""
    found = []
    for supplier in range(1, problem.suppliers, 2):
        own = np.flatnonzero(problem.supplier == supplier)
        value = float(np.round(worth[own].sum() + 1))
        if supplier % 4 == 1:
            found += [
                Discount(supplier, None, 0.02 * k, from_value=2.0 * k * value, kind="incremental") for k in (1, 2)
            ]
        else:
            item = int(own[0]) if len(own) else None
            units = float(np.round(3 * problem.demand[own[:1]].mean() + 1)) if len(own) else 10.0
            found += [Discount(supplier, item, 0.03 * k, from_quantity=k * units, kind="incremental") for k in (1, 2)]
    return found


def _planners_orders(
    problem: OrderProblem, mean: npt.NDArray[np.float64], random: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return a few orders that keep every limit, and a few lines the planner wants left out."""
    fixed = np.full((problem.sources, problem.periods), np.nan)
    free = np.append(problem.minimum_order_value, 0.0)[problem.supplier] == 0
    free &= np.append(np.isinf(problem.capacity_units).all(axis=1), True)[problem.supplier] & ~problem.transfer
    for source in random.permutation(np.flatnonzero(free))[: max(1, problem.items // 40)].tolist():
        lot = problem.lot_size[source]
        least = max(problem.minimum_order_quantity[source], mean[problem.source_item[source]], lot)
        fixed[source, 0] = np.ceil(least / lot) * lot
    for source in random.permutation(problem.sources)[: max(1, problem.items // 40)].tolist():
        fixed[source, min(1, problem.periods - 1)] = 0.0
    return fixed


class _Sources:
    """Columns of sources while they are put together."""

    NAMES = (
        *("source_item", "supplier", "origin", "emergency", "unit_cost", "lead_time_periods", "order_cost"),
        *("lateness_cost", "minimum_order_quantity", "lot_size", "maximum_order_quantity"),
    )

    def __init__(self) -> None:
        self.rows: list[tuple[float, ...]] = []

    @classmethod
    def usual(cls, problem: OrderProblem, worth: npt.NDArray[np.float64]) -> _Sources:
        made = cls()
        for item in range(problem.items):
            made.add(
                source_item=item,
                supplier=problem.supplier[item],
                unit_cost=worth[item],
                lead_time_periods=problem.lead_time_periods[item],
                order_cost=problem.order_cost[item],
                minimum_order_quantity=problem.minimum_order_quantity[item],
                lot_size=problem.lot_size[item],
            )
        return made

    def add(self, **given: float) -> None:
        usual = {"origin": -1, "lot_size": 1.0, "maximum_order_quantity": np.inf}
        self.rows.append(tuple(float(given.get(name, usual.get(name, 0.0))) for name in self.NAMES))

    def column(self, name: str) -> npt.NDArray[np.float64]:
        return np.array(self.rows)[:, self.NAMES.index(name)]

    def add_second_suppliers(
        self, problem: OrderProblem, mean: npt.NDArray[np.float64], random: np.random.Generator
    ) -> None:
        if problem.suppliers < 2:
            return
        for item in np.flatnonzero(random.random(problem.items) < 0.2).tolist():
            usual = self.rows[item][self.NAMES.index("unit_cost")]
            cheaper = random.random() < 0.5
            lead_time = problem.lead_time_periods[item] + (1 if cheaper else -1)
            self.add(
                source_item=item,
                supplier=(problem.supplier[item] + random.integers(1, problem.suppliers)) % problem.suppliers,
                unit_cost=np.round(usual * (random.uniform(0.93, 0.98) if cheaper else random.uniform(1.02, 1.08)), 2),
                lead_time_periods=max(lead_time, 0),
                order_cost=2.0,
                lateness_cost=np.round(usual * random.uniform(0.0, 0.02), 3),
                minimum_order_quantity=np.round(mean[item] * 2) if cheaper else 0.0,
                lot_size=random.choice([1, 6]),
            )

    def add_emergencies(self, problem: OrderProblem, random: np.random.Generator) -> None:
        for item in np.flatnonzero(random.random(problem.items) < 0.1).tolist():
            usual = self.rows[item][self.NAMES.index("unit_cost")]
            self.add(source_item=item, supplier=-1, emergency=1, unit_cost=np.round(usual * 1.3, 2), order_cost=5.0)

    def add_transfers(self, pairs: npt.NDArray[np.int64]) -> None:
        for origin, item in pairs.tolist():
            worth = self.rows[origin][self.NAMES.index("unit_cost")]
            self.add(
                source_item=item,
                origin=origin,
                supplier=-1,
                unit_cost=np.round(worth * 0.05, 2),
                lead_time_periods=1,
                order_cost=1.0,
            )
