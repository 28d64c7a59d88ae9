"""Price breaks: what each order line wins, and the best an item can win at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import BoolArray, Discount, FloatArray, IntArray

_ROUNDING = 1e-12
"""Money by which a circle of free moves may seem to save: what floating-point arithmetic may lose."""


def covered_sources(problem: OrderProblem, discount: Discount) -> IntArray:
    """Return the indices of the sources a discount is for."""
    covered = problem.supplier == discount.supplier
    if discount.item is not None:
        covered &= problem.source_item == discount.item
    return np.flatnonzero(covered)


def ignored_discounts(problem: OrderProblem) -> list[str]:
    """Return a line for each discount that is not counted, with the reason."""
    lines = []
    for number, discount in enumerate(problem.discounts):
        supplier = problem.supplier_names[discount.supplier]
        if discount.kind == "incremental" and discount.from_value is not None and discount.item is not None:
            reason = "an incremental discount on the order's value must be for all items"
        elif len(covered_sources(problem, discount)) == 0:
            reason = "the supplier delivers no such item"
        else:
            continue
        lines.append(f"discount {number + 1} of supplier {supplier} is not counted: {reason}")
    return lines


def counted(problem: OrderProblem) -> list[Discount]:
    """Return the discounts that count."""
    return [discount for discount in problem.discounts if is_counted(discount)]


def is_counted(discount: Discount) -> bool:
    """Return whether a discount counts: an incremental one on an order's value must be for all items."""
    return not (discount.kind == "incremental" and discount.from_value is not None and discount.item is not None)


def best_rates(problem: OrderProblem) -> FloatArray:
    """Return the highest rate each source can win."""
    rates = np.zeros(problem.sources)
    for discount in counted(problem):
        rows = covered_sources(problem, discount)
        rates[rows] = np.maximum(rates[rows], discount.rate)
    return rates


def best_savings(problem: OrderProblem) -> FloatArray:
    """Return by item the most that a unit can cost less than it is worth, money, by discounts, prices and transfers.

    A unit from another location costs the move and what it costs there at best. So stock that is valued with its best
    saving off is worth no more after a move than before it and the move together.
    """
    moved = problem.transfer
    saved = (best_rates(problem)[:, None] * problem.unit_cost - problem.premium).max(axis=1)
    best = np.maximum(problem.unit_value - problem.replacement_cost, 0.0)
    np.maximum.at(best, problem.source_item[~moved], saved[~moved])
    origin, item = problem.origin[moved], problem.source_item[moved]
    for _ in range(problem.items if moved.any() else 0):  # a way without circles has fewer moves than there are items
        before = best.copy()
        np.maximum.at(best, item, before[origin] + saved[moved])
        if not (best > before + _ROUNDING).any():
            break
    return best


def incremental_amount(amount: FloatArray, tiers: list[tuple[float, float]]) -> FloatArray:
    """Return what incremental tiers (threshold, rate) take off an amount, in the amount's unit.

    Examples
    --------
    >>> incremental_amount(np.array([5.0, 15.0, 30.0]), [(10.0, 0.1), (20.0, 0.2)]).tolist()
    [0.0, 0.5, 3.0]
    """
    saved = np.zeros_like(amount)
    reached = 0.0
    for threshold, rate in sorted(tiers):
        if rate > reached:
            saved = saved + (rate - reached) * np.maximum(amount - threshold, 0)
            reached = rate
    return saved


def order_discounts(
    problem: OrderProblem, quantity: FloatArray, discounts: Sequence[Discount] | None = None
) -> FloatArray:
    """Return the money won on each line, shape (sources, periods), by the problem's discounts or some of them."""
    won = np.zeros_like(quantity)
    value = quantity * problem.unit_cost
    by_supplier: dict[int, list[Discount]] = {}
    for discount in problem.discounts if discounts is None else discounts:
        if is_counted(discount):
            by_supplier.setdefault(discount.supplier, []).append(discount)
    for supplier, own in by_supplier.items():
        rows = problem.supplier == supplier
        won[rows] = _of_supplier(problem, own, rows, quantity, value)
    return won


def _of_supplier(
    problem: OrderProblem, own: list[Discount], rows: BoolArray, quantity: FloatArray, value: FloatArray
) -> FloatArray:
    order_value = value[rows].sum(axis=0)
    lines = np.zeros_like(quantity)
    steps: dict[int, list[tuple[float, float]]] = {}
    on_value: list[tuple[float, float]] = []
    for discount in own:
        sources = covered_sources(problem, discount)
        if discount.kind == "all-unit":
            met = (
                order_value >= discount.from_value
                if discount.from_value is not None
                else (quantity[sources] >= (discount.from_quantity or 0))
            )
            lines[sources] = np.maximum(lines[sources], np.where(met, discount.rate * value[sources], 0))
        elif discount.from_value is not None:
            on_value.append((discount.from_value, discount.rate))
        else:
            for source in sources.tolist():
                steps.setdefault(source, []).append((discount.from_quantity or 0.0, discount.rate))
    for source, tiers in steps.items():
        saved = problem.unit_cost[source] * incremental_amount(quantity[source], tiers)
        lines[source] = np.maximum(lines[source], saved)
    if on_value:
        lines[rows] = _better_of(lines[rows], incremental_amount(order_value, on_value), value[rows], order_value)
    return lines[rows]


def _better_of(lines: FloatArray, whole: FloatArray, value: FloatArray, order_value: FloatArray) -> FloatArray:
    """Return the lines' own discounts or the whole order's, spread by value, whichever wins more in a period."""
    share = value / np.where(order_value > 0, order_value, 1.0)
    return np.where(whole > lines.sum(axis=0), share * whole, lines)
