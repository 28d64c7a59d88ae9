"""Price breaks inside a supplier's model: which threshold a line or an order reaches, and what that wins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from invopt_xl.optimise.discounts import best_rates, counted, covered_items, order_discounts
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.problem import Discount, FloatArray, IntArray, OrderProblem

if TYPE_CHECKING:
    from invopt_xl.optimise.submodel import SupplierModel

Option = tuple[float, float, float]
"""From this amount on, a rate on the whole amount and a constant, both as shares of the amount's unit."""


@dataclass(frozen=True, eq=False)
class LineChoice:
    """The 0-1 variables of a line's option: chosen from the threshold on, it wins rate * units + constant."""

    pairs: IntArray
    chosen: IntArray
    threshold: float
    rate: float
    constant: float


def start_choices(model: SupplierModel, units: FloatArray, order_value: FloatArray, values: FloatArray) -> None:
    """Write into a start solution the options that given units by pair, and order values by period, qualify for."""
    best = np.zeros(model.pairs)
    for choice in model.line_choices:
        gain = np.where(units[choice.pairs] >= choice.threshold, choice.rate * units[choice.pairs] + choice.constant, 0)
        best[choice.pairs] = np.maximum(best[choice.pairs], gain)
    for choice in model.line_choices:
        gain = np.where(units[choice.pairs] >= choice.threshold, choice.rate * units[choice.pairs] + choice.constant, 0)
        takes = (gain > 0) & (gain >= best[choice.pairs])
        values[choice.chosen[takes]] = 1
        best[choice.pairs[takes]] = np.inf
    open_orders = order_value > 0
    for threshold, chosen in sorted(model.order_choices, key=lambda pair: -pair[0]):
        reached = open_orders & (order_value >= threshold)
        values[chosen[reached]] = 1
        open_orders &= ~reached


def largest_threshold(problem: OrderProblem, work: Groundwork) -> FloatArray:
    """Return by item the most units that a threshold can make worth ordering on one line."""
    most = np.zeros(problem.items)
    cost = np.where(problem.unit_cost > 0, problem.unit_cost, np.inf)
    served = problem.supplier >= 0
    if problem.suppliers:
        highest = work.order_minimum.max(axis=1)
        most[served] = highest[problem.supplier[served]] / cost[served]
    for discount in counted(problem):
        rows = covered_items(problem, discount)
        if discount.from_quantity is not None:
            most[rows] = np.maximum(most[rows], discount.from_quantity)
        elif discount.from_value is not None:
            # Any of the supplier's items may lift the order's value over the threshold.
            every = problem.supplier == discount.supplier
            most[every] = np.maximum(most[every], discount.from_value / cost[every])
    return most


def incremental_options(tiers: list[tuple[float, float]]) -> list[Option]:
    """Return each incremental tier as a straight line: rate on the whole amount, less a constant.

    Examples
    --------
    >>> incremental_options([(10.0, 0.1), (20.0, 0.25)])
    [(10.0, 0.1, -1.0), (20.0, 0.25, -4.0)]
    """
    options: list[Option] = []
    rate, constant = 0.0, 0.0
    for threshold, next_rate in sorted(tiers):
        if next_rate > rate:
            constant -= (next_rate - rate) * threshold
            rate = next_rate
            options.append((threshold, rate, constant))
    return options


def add_price_breaks(model: SupplierModel) -> None:
    """Add all price breaks of the model's supplier.

    Discounts on a line and on its order do not add up in truth; here each may be won while a line's sum stays
    within its best rate, so the model's objective never exceeds the true cost and its bound holds.
    """
    own = [one for one in counted(model.work.problem) if one.supplier == model.supplier]
    if not own:
        return
    won: _Won = []
    for item in model.items.tolist():
        _add_line_options(model, item, _line_options(model.work.problem, own, item), won)
    _add_order_rates(model, [one for one in own if one.from_value is not None and one.kind == "all-unit"], won)
    _add_order_steps(model, [one for one in own if one.from_value is not None and one.kind == "incremental"])
    _limit_won(model, won)


_Won = list[tuple[IntArray, IntArray, FloatArray]]
"""Terms of what lines win: pair, variable, money per unit of the variable."""


def _line_options(problem: OrderProblem, own: list[Discount], item: int) -> list[Option]:
    options: list[Option] = []
    tiers: list[tuple[float, float]] = []
    for discount in own:
        if discount.from_quantity is None or discount.item not in (None, item):
            continue
        if discount.kind == "all-unit":
            options.append((discount.from_quantity, discount.rate, 0.0))
        else:
            tiers.append((discount.from_quantity, discount.rate))
    return options + incremental_options(tiers)


def _add_line_options(model: SupplierModel, item: int, options: list[Option], won: _Won) -> None:
    """At most one option per line; its units are within the line's and at least its threshold."""
    problem, rows = model.work.problem, model.rows
    pairs = np.flatnonzero((model.item == item) & (model.lots_cap > 0))
    if not options or not len(pairs):
        return
    unit_cost, lot = problem.unit_cost[item], problem.lot_size[item]
    whole = rows.rows(len(pairs), -np.inf, 0.0)
    rows.terms(whole, model.lots[pairs], -lot)
    one = rows.rows(len(pairs), -np.inf, 0.0)
    rows.terms(one, model.line[pairs], -1.0)
    for threshold, rate, constant in options:
        units = rows.variables(len(pairs), cost=-unit_cost * rate)
        chosen = rows.variables(len(pairs), cost=-unit_cost * constant, upper=1.0, integer=True)
        _between(model, units, chosen, threshold, np.maximum(model.largest[pairs], threshold))
        rows.terms(whole, units, 1.0)
        rows.terms(one, chosen, 1.0)
        model.add_use_limits(pairs, units, chosen, np.ones(len(pairs)))
        model.line_choices.append(LineChoice(pairs, chosen, threshold, unit_cost * rate, unit_cost * constant))
        won.append((pairs, units, np.full(len(pairs), unit_cost * rate)))
        if constant:
            won.append((pairs, chosen, np.full(len(pairs), unit_cost * constant)))


def _between(model: SupplierModel, amount: IntArray, chosen: IntArray, low: float, high: FloatArray) -> None:
    """Keep an amount within its limits where it is chosen, at zero elsewhere."""
    rows = model.rows
    row = rows.rows(len(amount), 0.0, np.inf)
    rows.terms(row, amount, 1.0)
    rows.terms(row, chosen, -low)
    row = rows.rows(len(amount), -np.inf, 0.0)
    rows.terms(row, amount, 1.0)
    rows.terms(row, chosen, -high)


def _order_value(model: SupplierModel, row: IntArray, sign: float) -> FloatArray:
    """Add an order's value at list price to a row per period; return what the planner's lines contribute."""
    problem = model.work.problem
    money = sign * problem.lot_size[model.item] * problem.unit_cost[model.item]
    model.rows.terms(row[model.order_period], model.lots, money)
    return np.asarray(problem.unit_cost[model.items] @ model.work.fixed[model.items])


def _add_order_rates(model: SupplierModel, own: list[Discount], won: _Won) -> None:
    """All-unit rates on the order's value: at most one threshold per order, its rates on the lines' money."""
    if not own:
        return
    problem, rows = model.work.problem, model.rows
    periods = problem.periods
    usable = np.flatnonzero(model.lots_cap > 0)
    money = problem.unit_cost[model.item[usable]]
    within = rows.rows(len(usable), -np.inf, 0.0)
    rows.terms(within, model.lots[usable], -problem.lot_size[model.item[usable]] * money)
    one = rows.rows(periods, -np.inf, 0.0)
    rows.terms(one, model.order, -1.0)
    fixed_value = problem.unit_cost[:, None] * model.work.fixed
    already = order_discounts(problem, model.work.fixed, by_value=False)
    for threshold in sorted({one_discount.from_value or 0.0 for one_discount in own}):
        rates = np.zeros(problem.items)
        for discount in own:
            if (discount.from_value or 0.0) <= threshold:
                covered = covered_items(problem, discount)
                rates[covered] = np.maximum(rates[covered], discount.rate)
        extra = np.maximum(rates[:, None] * fixed_value - already, 0)[model.items].sum(axis=0)
        chosen = rows.variables(periods, cost=-extra, upper=1.0, integer=True)
        rows.terms(one, chosen, 1.0)
        model.order_choices.append((threshold, chosen))
        row = rows.rows(periods, 0.0, np.inf)
        rows.terms(row, chosen, -threshold)
        row_fixed = _order_value(model, row, 1.0)
        _shift(model, row, -row_fixed)
        rate = rates[model.item[usable]]
        part = rows.variables(len(usable), cost=-rate)
        rows.terms(within, part, 1.0)
        row = rows.rows(len(usable), -np.inf, 0.0)
        rows.terms(row, part, 1.0)
        rows.terms(row, chosen[model.order_period[usable]], -money * model.largest[usable])
        per_money = 1 / np.maximum(money, 1e-9)
        model.add_use_limits(usable, part, chosen[model.order_period[usable]], per_money)
        won.append((usable, part, rate))


def _shift(model: SupplierModel, row: IntArray, amount: FloatArray) -> None:
    """Move rows' lower limits by a constant."""
    constant = model.rows.variables(len(row), lower=1.0, upper=1.0)
    model.rows.terms(row, constant, -amount)


def _add_order_steps(model: SupplierModel, own: list[Discount]) -> None:
    """Incremental rates on the order's value."""
    options = incremental_options([(one.from_value or 0.0, one.rate) for one in own if one.item is None])
    if not options:
        return
    problem, rows = model.work.problem, model.rows
    periods = problem.periods
    largest = np.zeros(periods)
    np.add.at(largest, model.order_period, model.largest * problem.unit_cost[model.item])
    whole = rows.rows(periods, -np.inf, 0.0)
    fixed = _order_value(model, whole, -1.0)
    _shift(model, whole, fixed)
    one = rows.rows(periods, -np.inf, 0.0)
    rows.terms(one, model.order, -1.0)
    for threshold, rate, constant in options:
        amount = rows.variables(periods, cost=-rate)
        chosen = rows.variables(periods, cost=-constant, upper=1.0, integer=True)
        _between(model, amount, chosen, threshold, np.maximum(largest + fixed, threshold))
        rows.terms(whole, amount, 1.0)
        rows.terms(one, chosen, 1.0)
        model.order_choices.append((threshold, chosen))


def _limit_won(model: SupplierModel, won: _Won) -> None:
    """Keep what a line wins within its best rate."""
    if len(won) < 2:
        return
    problem, rows = model.work.problem, model.rows
    best = (best_rates(problem) * problem.unit_cost * problem.lot_size)[model.item]
    row = rows.rows(model.pairs, -np.inf, 0.0)
    rows.terms(row, model.lots, -best)
    for pairs, variable, money in won:
        rows.terms(row[pairs], variable, money)
