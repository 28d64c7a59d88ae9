"""Rules that the planner's own orders break, and items that no order can be placed for."""

from __future__ import annotations

import numpy as np

from invopt_xl.domain.order_terms import CROWDING
from invopt_xl.optimise.accounting import overdrawn
from invopt_xl.optimise.groundwork import Groundwork, money_ordered, most_worth, of_sources
from invopt_xl.optimise.oversize import BEYOND_ALL_NEED
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.shortfall import Shortfall
from invopt_xl.optimise.targets import floor_asked
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray
from invopt_xl.optimise.wording import listed, money_in_words, source_name, units_named

NAMED = 3
"""Orders named in one message."""


def refusals(work: Groundwork) -> list[Shortfall]:
    """Return what the planner's orders break, and what cannot be ordered whatever the plan."""
    beyond_limits = [*_beyond_capacity(work), *_beyond_worth(work), *_beyond_budget(work)]
    return [*_lines(work), *_orders(work), *beyond_limits, *_beyond_need(work)]


def _place(period: int) -> str:
    return f" in period {period}" if period else ""


def _fixed(problem: OrderProblem, source: int, period: int) -> str:
    units = float(problem.fixed_quantity[source, period])
    return f"the quantity of {units:,.6g} the planner fixed for {source_name(problem, source)}{_place(period)}"


def overridden_rules(problem: OrderProblem) -> list[Shortfall]:
    """Return the planner's lines below their minimum, and those not of whole lots; they are respected all the same.

    Examples
    --------
    >>> problem = OrderProblem(item_names=("tea",), supplier=-1, unit_cost=2.0, demand=[[5.0, 5.0]], on_hand=0.0,
    ...                        lead_time_periods=0, lot_size=5.0, fixed_quantity=[[7.0, np.nan]])
    >>> [str(one) for one in overridden_rules(problem)]
    ['the quantity of 7 the planner fixed for tea is not whole lots of 5']
    """
    found = []
    for source, period in np.argwhere(problem.fixed_quantity > 0).tolist():
        item, units = problem.item_names[problem.source_item[source]], float(problem.fixed_quantity[source, period])
        fixed, lots = _fixed(problem, source, period), units / problem.lot_size[source]
        least = float(problem.minimum_order_quantity[source])
        if units < least * (1 - TOLERANCE):
            message = f"{fixed} is below its minimum of {least:,.6g}"
            found.append(Shortfall("override", period, item, least - units, message))
        if abs(lots - round(lots)) > TOLERANCE * max(1.0, lots):
            message = f"{fixed} is not whole lots of {problem.lot_size[source]:,.6g}"
            found.append(Shortfall("override", period, item, 0.0, message))
    return found


def _lines(work: Groundwork) -> list[Shortfall]:
    """Name the planner's lines that break a rule; they are respected all the same."""
    problem, found = work.problem, overridden_rules(work.problem)
    for source, period in np.argwhere(work.fixed > 0).tolist():
        if period + problem.lead_time_periods[source] >= problem.periods:
            message = f"{_fixed(problem, source, period)} arrives after the horizon"
            item = problem.item_names[problem.source_item[source]]
            found.append(Shortfall("override", period, item, 0.0, message))
    missing = overdrawn(problem, work.fixed)
    for item, period in np.argwhere(missing > TOLERANCE * np.maximum(1, work.fixed.max(initial=0))).tolist():
        units, name = float(missing[item, period]), problem.item_names[item]
        message = f"the planner sends {units_named(f'{units:,.6g}')} of {name} on{_place(period)} that are not there"
        found.append(Shortfall("override", period, name, units, message))
    return found


def _orders(work: Groundwork) -> list[Shortfall]:
    """Name the limits that the planner's orders alone exceed, or stay below."""
    problem, found = work.problem, []
    money = money_ordered(problem, work.fixed)
    for period in np.flatnonzero(money > problem.budget * (1 + TOLERANCE)).tolist():
        worth, budget = float(money[period]), float(problem.budget[period])
        start = f"budget of period {period} ({budget:,.0f}) is exceeded"
        message = f"{start}: the planner's orders alone are worth {worth:,.0f}"
        found.append(Shortfall("budget", period, "", worth - budget, message, worth - budget))
    value = problem.sum_by_supplier(problem.unit_cost * work.fixed)
    units = problem.sum_by_supplier(work.fixed)
    for supplier, period in np.argwhere(units > 0).tolist():
        name, least = problem.supplier_names[supplier], float(problem.minimum_order_value[supplier])
        fixed = f"the orders the planner fixed with supplier {name}{_place(period)} are"
        lacking = least - float(value[supplier, period])
        if lacking > least * TOLERANCE:
            message = f"{fixed} worth {value[supplier, period]:,.2f}, and its minimum is {least:,.2f}"
            found.append(Shortfall("override", period, name, lacking, message))
        most, asked = float(problem.capacity_units[supplier, period]), float(units[supplier, period])
        if asked > most * (1 + TOLERANCE):
            message = f"{fixed} {units_named(f'{asked:,.6g}')}, and its capacity is {most:,.6g}"
            found.append(Shortfall("override", period, name, asked - most, message))
    return found


def _beyond_capacity(work: Groundwork) -> list[Shortfall]:
    """Name the items whose smallest line is beyond their supplier's capacity in every period.

    A supplier with no capacity at all is closed: that is no matter of minimums.
    """
    problem = work.problem
    capacity = of_sources(problem, problem.capacity_units.max(axis=1), np.inf)
    found = []
    for source in np.flatnonzero((work.smallest_line > capacity * (1 + TOLERANCE)) & (capacity > 0)).tolist():
        name, supplier = source_name(problem, source), problem.supplier_names[problem.supplier[source]]
        smallest = float(work.smallest_line[source])
        message = (
            f"{name} cannot be ordered: its smallest order of {units_named(f'{smallest:,.6g}')} exceeds "
            f"the capacity of supplier {supplier} ({capacity[source]:,.6g})"
        )
        item = problem.item_names[problem.source_item[source]]
        found.append(Shortfall("minimum", -1, item, smallest - float(capacity[source]), message))
    return found


def _beyond_worth(work: Groundwork) -> list[Shortfall]:
    """Name the suppliers whose capacity is worth less than the minimum of an order in every period they are open."""
    problem, asked = work.problem, (work.problem.capacity_units > 0) & (work.order_minimum > 0)
    never = asked.any(axis=1) & (work.too_little_worth | ~asked).all(axis=1)
    worth_then, taken = np.where(asked, most_worth(problem), 0.0), problem.sum_by_supplier(work.fixed)
    found: list[Shortfall] = []
    for supplier in np.flatnonzero(never & ~work.order_too_large & (_needed_value(work) > 0)).tolist():
        name, least = problem.supplier_names[supplier], float(problem.minimum_order_value[supplier])
        best = int(worth_then[supplier].argmax())
        worth, units = float(worth_then[supplier, best]), float(problem.capacity_units[supplier, best])
        nothing = "nothing else" if taken[supplier].any() else "nothing"
        message = (
            f"{nothing} can be ordered from supplier {name}: its capacity of {units:,.6g} is worth "
            f"{money_in_words(worth)} at most, below its minimum order value of {money_in_words(least)}"
        )
        found.append(Shortfall("minimum", -1, name, least - worth, message, least - worth))
    return found


def _beyond_budget(work: Groundwork) -> list[Shortfall]:
    """Name the suppliers and items whose smallest order is beyond the budget of every period, if there is one."""
    problem, budget = work.problem, float(work.problem.budget.max())
    found: list[Shortfall] = []
    if budget <= 0:
        return found
    least = problem.minimum_order_value
    sensible = ~work.order_too_large & (_needed_value(work) > 0)
    for supplier in np.flatnonzero((least > budget * (1 + TOLERANCE)) & sensible).tolist():
        name, missing = problem.supplier_names[supplier], float(least[supplier]) - budget
        message = (
            f"nothing can be ordered from supplier {name}: its minimum order value of {least[supplier]:,.2f} exceeds "
            f"the budget of every period ({budget:,.2f})"
        )
        found.append(Shortfall("minimum", -1, name, missing, message, missing))
    price = np.where(problem.transfer, 0.0, problem.unit_cost.min(axis=1))
    value, needs = price * work.smallest_line, _wanted(work)[problem.source_item]
    for source in np.flatnonzero((value > budget * (1 + TOLERANCE)) & ~work.too_large & needs).tolist():
        missing = float(value[source]) - budget
        smallest = units_named(f"{work.smallest_line[source]:,.6g}")
        message = (
            f"{source_name(problem, source)} cannot be ordered: its smallest order of {smallest} costs "
            f"{value[source]:,.2f}, more than the budget of every period ({budget:,.2f})"
        )
        item = problem.item_names[problem.source_item[source]]
        found.append(Shortfall("minimum", -1, item, missing, message, missing))
    return found


def crowding_minimums(work: Groundwork) -> list[Shortfall]:
    """Name the smallest orders that take most of a period's budget, though others want some of it; one line for all.

    Those beyond the budget of every period are left out: they cannot be placed at all.

    Examples
    --------
    >>> from invopt_xl.optimise.groundwork import prepare
    >>> problem = OrderProblem(item_names=("tea", "salt"), supplier=[0, 1], unit_cost=2.0, demand=[[9.0], [9.0]],
    ...                        on_hand=0.0, lead_time_periods=0, shortage_cost=4.0, supplier_names=("K", "W"),
    ...                        minimum_order_value=[45.0, 0.0], budget=50.0)
    >>> [str(one) for one in crowding_minimums(prepare(problem))]
    ["supplier K's minimum order value (45) takes most of the budget of every period (50) and leaves little for others"]
    """
    problem = work.problem
    budget = np.where(problem.budget > 0, problem.budget, np.inf)[: problem.told_periods]
    period = int(budget.argmin())
    least, most = float(budget[period]), float(problem.budget.max())
    found = _crowding(work, CROWDING * least, most * (1 + TOLERANCE)) if np.isfinite(least) else {}
    if not found:
        return []
    ranked = sorted(found, key=lambda name: -found[name])
    names = [f"{name} ({money_in_words(found[name])})" for name in ranked[:NAMED]]
    more = [f"{len(ranked) - NAMED:,} more"] if len(ranked) > NAMED else []
    takes, leaves = ("takes", "leaves") if len(ranked) == 1 else ("each take", "leave")
    when = f"period {period}" if least < most else "every period"
    message = (
        f"{listed(names + more)} {takes} most of the budget of {when} ({money_in_words(least)}) and {leaves} little "
        "for others"
    )
    return [Shortfall("minimum", -1, "", 0.0, message, found[ranked[0]])]


def _crowding(work: Groundwork, least: float, most: float) -> dict[str, float]:
    """Return what smallest orders cost by name, money within two bounds, where others want some of the budget too."""
    problem, bought = work.problem, ~work.problem.transfer
    suppliers = ~work.order_too_large & (_needed_value(work) > 0)
    minimum = problem.minimum_order_value
    found = {
        f"supplier {problem.supplier_names[one]}'s minimum order value": float(minimum[one])
        for one in np.flatnonzero(suppliers & (minimum >= least) & (minimum <= most)).tolist()
        if (problem.supplier[bought] != one).any()
    }
    money = problem.unit_cost.min(axis=1) * work.smallest_line
    lines = ~work.too_large & bought & _wanted(work)[problem.source_item] & (problem.items > 1)
    for source in np.flatnonzero(lines & (money >= least) & (money <= most)).tolist():
        found[f"the smallest order of {source_name(problem, source)}"] = float(money[source])
    return found


def _wanted(work: Groundwork) -> BoolArray:
    """Return by item whether it runs short or below its floor, at a cost, if nothing is ordered."""
    problem = work.problem
    short = work.flow.short * (problem.shortage_cost + problem.floor_penalty)[:, None] > 0
    missing = short | (work.flow.stock < floor_asked(problem)[:, None])
    return np.asarray(missing[:, : problem.told_periods].any(axis=1))


def _needed(work: Groundwork) -> FloatArray:
    """Return by item the units needed in the periods that are told of: what is too large for all is so for these."""
    problem = work.problem
    return np.asarray(problem.demand[:, : problem.told_periods].sum(axis=1) + problem.safety_stock)


def _needed_value(work: Groundwork) -> FloatArray:
    problem = work.problem
    return problem.sum_by_supplier(problem.unit_cost.max(axis=1) * _needed(work)[problem.source_item])


def _beyond_need(work: Groundwork) -> list[Shortfall]:
    """Name the items and suppliers whose smallest order is far beyond all that is needed of them."""
    problem = work.problem
    need, found = _needed(work)[problem.source_item], []
    for source in np.flatnonzero(work.too_large & (need > 0)).tolist():
        smallest = float(work.smallest_line[source])
        ordered, wanted = (units_named(f"{units:,.6g}") for units in (smallest, need[source]))
        message = (
            f"{source_name(problem, source)} cannot be ordered: its smallest order of {ordered} is more than "
            f"{BEYOND_ALL_NEED:g} times the {wanted} needed in all periods"
        )
        item = problem.item_names[problem.source_item[source]]
        found.append(Shortfall("minimum", -1, item, smallest - float(need[source]), message))
    needed = _needed_value(work)
    for supplier in np.flatnonzero(work.order_too_large).tolist():
        name, smallest, value = (
            problem.supplier_names[supplier],
            problem.minimum_order_value[supplier],
            needed[supplier],
        )
        if value > 0:
            message = (
                f"nothing can be ordered from supplier {name}: its minimum order value of {smallest:,.2f} is more than "
                f"{BEYOND_ALL_NEED:g} times the {value:,.2f} that is needed in all periods"
            )
            found.append(Shortfall("minimum", -1, name, smallest - value, message))
    return found
