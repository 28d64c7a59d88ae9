"""The cheapest plan of one item at given prices, by trying every table of quantities: slow, and obvious."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from invopt_xl.optimise import OrderProblem
from invopt_xl.optimise.accounting import account, overdrawn, simulate
from invopt_xl.optimise.discounts import best_savings, counted, covered_sources, incremental_amount
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.line_prices import Limits, LinePrices
from invopt_xl.optimise.modes import Mode
from invopt_xl.optimise.terms import FloatArray, IntArray


def cheapest_of_item(
    work: Groundwork, modes: list[list[Mode]], prices: LinePrices, most: FloatArray, limits: Limits, room: float
) -> float | None:
    """Return the least cost of the first item at prices, without what no order can change; None if too much to try.

    Tried are all lines of up to so many units by source, in whole lots, within the limits of a search, that bring no
    more than `room` in all.
    """
    problem = work.problem
    lines = [(source, period) for source, period in np.argwhere(work.can_order).tolist() if _is_own(problem, source)]
    sizes = [_sizes(work, line, float(most[line[0]]), limits) for line in lines]
    count = int(np.prod([float(len(one)) for one in sizes]))
    if count == 0 or any(limits[line][0] > 0 and line not in lines for line in limits if _is_own(problem, line[0])):
        return np.inf
    if count > 15_000:
        return None
    tables = np.zeros((count, *work.fixed.shape))
    for at, units in zip(lines, np.array(list(itertools.product(*sizes))).T, strict=True):
        tables[:, at[0], at[1]] = units
    tables = tables[tables[:, problem.source_item == 0].sum(axis=(1, 2)) <= room]
    count = len(tables)
    if not count:
        return np.inf
    copies = _copies(problem, count)
    quantity = (tables + work.fixed).transpose(1, 0, 2).reshape(-1, problem.periods)
    costs = _own_costs(work, copies, quantity, prices)[:count]
    for source, period in lines:
        units = tables[:, source, period]
        costs += np.where(units > 0, _price_of_lines(work, modes, prices, (source, period), units), 0.0)
    own = overdrawn(copies, np.where(quantity > 0, quantity, 0.0))[:count]
    costs[(own > 1e-9).any(axis=1)] = np.inf
    return float(costs.min())


def line_won(work: Groundwork, modes: list[list[Mode]], source: int, mode: int, units: FloatArray) -> FloatArray:
    """Return the units' worth, at a price of one, that lines of a source win by their order's mode or their size."""
    problem = work.problem
    supplier = int(problem.supplier[source])
    if supplier < 0:
        return np.zeros_like(units)
    order = modes[supplier][mode]
    won = order.rate[source] * units
    if not order.by_line:
        return np.asarray(won)
    own = [one for one in counted(problem) if one.from_value is None and source in covered_sources(problem, one)]
    for one in own:
        if one.kind == "all-unit":
            won = np.maximum(won, np.where(units >= (one.from_quantity or 0.0), one.rate * units, 0.0))
    steps = [(one.from_quantity or 0.0, one.rate) for one in own if one.kind == "incremental"]
    return np.asarray(np.maximum(won, incremental_amount(units, steps)))


def _is_own(problem: OrderProblem, source: int) -> bool:
    return 0 in (int(problem.source_item[source]), int(problem.origin[source]))


def _sizes(work: Groundwork, line: tuple[int, int], most: float, limits: Limits) -> list[float]:
    source = line[0]
    lot, least = float(work.problem.lot_size[source]), float(work.smallest_line[source])
    most = min(most, float(work.largest_line[source]))
    low, high = limits.get(line, (0.0, np.inf))
    sizes = [0.0] + [lot * lots for lots in range(round(least / lot), int(most / lot + 1e-6) + 1)]
    return [units for units in sizes if low - 1e-9 <= units <= high + 1e-9]


def _copies(problem: OrderProblem, count: int) -> OrderProblem:
    """Return the first item so many times, and one more that takes and gives what goes to and comes from others."""
    item = np.append(np.zeros(count, dtype=np.int64), 1)
    source: IntArray = np.repeat(np.arange(problem.sources), count)
    copy = np.tile(np.arange(count), problem.sources)
    lone = replace(
        problem,
        discounts=(),
        supplier=np.full(problem.sources, -1),
        supplier_names=(),
        supplier_order_cost=np.zeros(0),
        minimum_order_value=np.zeros(0),
        capacity_units=np.zeros((0, problem.periods)),
    )
    view = lone.only(source)
    by_item = (
        "demand",
        "on_hand",
        "unit_value",
        "shortage_cost",
        "holding_cost",
        "safety_stock",
        "floor_penalty",
        "unit_volume",
        "shelf_life_periods",
        "age_on_arrival",
        "replacement_cost",
        "scheduled_receipts",
    )
    to = np.where(view.source_item == 0, copy, count)
    origin = np.where(view.origin == 0, copy, np.where(view.origin > 0, count, -1))
    return replace(
        view,
        item_names=tuple(map(str, range(count + 1))),
        source_item=to,
        origin=origin,
        **{name: getattr(problem, name)[item] for name in by_item},
    )


def _own_costs(work: Groundwork, copies: OrderProblem, quantity: FloatArray, prices: LinePrices) -> FloatArray:
    """Return by copy what its plan costs, stock at its price, beyond what would be without the plan's lines."""
    problem = work.problem
    flow = simulate(copies, quantity)
    costs = account(copies, quantity, flow, discounts=False)
    fixed = account(problem, work.fixed, work.flow, discounts=False)
    lines = fixed.order + fixed.price + fixed.emergency + fixed.transfer + fixed.lateness
    spare = np.maximum(flow.stock[:, -1] - copies.safety_stock, 0)
    # The copies have no discounts: what is given back on stock left over depends on them.
    end_stock = spare * best_savings(problem)[0] - costs.end_stock
    begun = np.arange(problem.periods) >= problem.first_change[0]
    volume = copies.unit_volume * (flow.available @ (prices.start * begun))
    capital = copies.unit_value * (flow.stock @ (prices.end * begun))
    return np.asarray(costs.per_item - costs.unavoidable - lines[0] + end_stock + volume + capital)


def _price_of_lines(
    work: Groundwork, modes: list[list[Mode]], prices: LinePrices, line: tuple[int, int], units: FloatArray
) -> FloatArray:
    """Return what lines of so many units cost beyond their own costs, each in its best mode."""
    source, period = line
    problem = work.problem
    if problem.origin[source] == 0:
        return np.asarray(prices.sent[source, period] * units)
    supplier = int(problem.supplier[source])
    ways = [
        prices.line[source, mode, period]
        + prices.unit[source, mode, period] * units
        - problem.unit_cost[source, period] * line_won(work, modes, source, mode, units)
        for mode in range(len(modes[supplier]) if supplier >= 0 else 1)
    ]
    return np.asarray(np.min(ways, axis=0))
