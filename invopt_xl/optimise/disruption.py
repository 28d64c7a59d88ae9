"""What may go wrong on the way: a closed supplier, late or lost open orders, dearer prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from invopt_xl.errors import require
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray


@dataclass(frozen=True)
class Closure:
    """A supplier that takes no orders and delivers nothing for some periods; what is due then arrives after them.

    Parameters
    ----------
    supplier
        Index of the supplier.
    first, last
        First and last period it is closed.
    """

    supplier: int
    first: int
    last: int


@dataclass(frozen=True)
class Delay:
    """Units of an open order that arrive later.

    Parameters
    ----------
    item
        Index of the item.
    period
        When they were due.
    periods
        How many periods later they arrive; beyond the horizon they do not.
    quantity
        Units; None: all that is due then.
    """

    item: int
    period: int
    periods: int
    quantity: float | None = None


@dataclass(frozen=True)
class Lost:
    """Units of an open order that never arrive.

    Parameters
    ----------
    item
        Index of the item.
    period
        When they were due.
    quantity
        Units; None: all that is due then.
    """

    item: int
    period: int
    quantity: float | None = None


@dataclass(frozen=True)
class PriceRise:
    """Prices that rise, or, at a rate below zero, fall; open orders keep theirs.

    Parameters
    ----------
    from_period
        The first order period at the new price.
    rate
        Share of the price, such as 0.08.
    supplier
        Index of the supplier that raises them; None: every supplier of the item.
    item
        Index of the item; None: every item of the supplier.
    """

    from_period: int
    rate: float
    supplier: int | None = None
    item: int | None = None


Disruption = Closure | Delay | Lost | PriceRise


def disrupted(
    problem: OrderProblem, disruptions: Sequence[Disruption], *, receipts: FloatArray | None = None
) -> OrderProblem:
    """Return the problem as it is after disruptions, one after the other.

    Parameters
    ----------
    problem
        As it was.
    disruptions
        What happens.
    receipts
        Open orders by the source that delivers them and period of arrival, units, shape (sources, periods), so that a
        closure holds up the right ones. Without it a supplier delivers the open orders of those items that it alone
        supplies; open orders of items with several suppliers arrive as they would.

    Notes
    -----
    Units ordered before a closure that would arrive in it are not planned, but for lines the planner fixed: these
    become open orders that arrive when it is over. The planner's orders with a closed supplier are not placed.

    Raises
    ------
    InputError
        If a disruption is about no such supplier, item, period or open order; its number is named.

    Examples
    --------
    >>> problem = OrderProblem(item_names=("tea",), supplier=0, unit_cost=2.0, demand=[[5.0, 5.0, 5.0]], on_hand=5.0,
    ...                        lead_time_periods=1, scheduled_receipts=[[0.0, 5.0, 0.0]], supplier_names=("K",))
    >>> after = disrupted(problem, [Closure(supplier=0, first=0, last=1), PriceRise(2, 0.5, supplier=0)])
    >>> after.scheduled_receipts.tolist(), after.capacity_units.tolist(), after.unit_cost.tolist()
    ([[0.0, 0.0, 5.0]], [[0.0, 0.0, inf]], [[2.0, 2.0, 3.0]])
    """
    return with_receipts(problem, disruptions, receipts)[0]


def with_receipts(
    problem: OrderProblem, disruptions: Sequence[Disruption], receipts: FloatArray | None
) -> tuple[OrderProblem, FloatArray]:
    """Return the problem after disruptions, and its open orders by source, as far as their source is known."""
    known = _receipts_by_source(problem, receipts)
    for number, disruption in enumerate(disruptions):
        name = f"disruption {number + 1}"
        if isinstance(disruption, Closure):
            problem, known = _close(problem, disruption, known, name)
        elif isinstance(disruption, PriceRise):
            problem = _raise_prices(problem, disruption, name)
        else:
            problem, known = _hold_up(problem, disruption, known, name)
    return problem, known


def _receipts_by_source(problem: OrderProblem, receipts: FloatArray | None) -> FloatArray:
    """Return the open orders whose source is known."""
    shape = (problem.sources, problem.periods)
    if receipts is None:
        bought = np.flatnonzero(~problem.transfer)
        suppliers: dict[int, set[int]] = {}
        for source in bought.tolist():
            suppliers.setdefault(int(problem.source_item[source]), set()).add(int(problem.supplier[source]))
        known = np.zeros(shape)
        for source in bought[::-1].tolist():
            item = int(problem.source_item[source])
            if len(suppliers[item]) == 1:
                known[bought[problem.source_item[bought] == item]] = 0.0
                known[source] = problem.scheduled_receipts[item]
        return known
    table = np.array(receipts, dtype=np.float64)
    fits = table.shape == shape and bool((np.isfinite(table) & (table >= 0)).all())
    require(fits, "receipts by source", f"of shape {table.shape}", f"units, zero or more, of shape {shape}")
    beyond = (problem.sum_by_item(table) > problem.scheduled_receipts * (1 + TOLERANCE) + TOLERANCE).any(axis=1)
    for item in np.flatnonzero(beyond).tolist():
        name = f"receipts by source of {problem.item_names[item]}"
        require(False, name, "more than its open orders", "no more in any period")
    return table


def closed_in(problem: OrderProblem, closure: Closure) -> tuple[BoolArray, BoolArray]:
    """Return which lines a closure forbids, by source and order period, and which arrive while it lasts."""
    clock = np.arange(problem.periods)
    own = (problem.supplier == closure.supplier)[:, None]
    arrival = clock + problem.lead_time_periods[:, None]
    refused = own & (clock >= closure.first) & (clock <= closure.last)
    held = own & ~refused & (arrival >= closure.first) & (arrival <= closure.last)
    return refused, held


def _check_closure(problem: OrderProblem, closure: Closure, name: str) -> None:
    _index(f"supplier of {name}", closure.supplier, problem.suppliers)
    _index(f"first period of {name}", closure.first, problem.periods)
    expected = f"a whole number, at least {closure.first}, the first period"
    require(closure.last == int(closure.last) >= closure.first, f"last period of {name}", closure.last, expected)


def _close(problem: OrderProblem, closure: Closure, known: FloatArray, name: str) -> tuple[OrderProblem, FloatArray]:
    _check_closure(problem, closure, name)
    first, after = closure.first, min(closure.last + 1, problem.periods)
    refused, held = closed_in(problem, closure)
    capacity = problem.capacity_units.copy()
    capacity[closure.supplier, first:after] = 0.0
    own = np.flatnonzero(problem.supplier == closure.supplier)
    fixed = np.where(np.isnan(problem.fixed_quantity), 0.0, problem.fixed_quantity)
    late = known[own, first:after].sum(axis=1)
    receipts = problem.scheduled_receipts.copy()
    np.subtract.at(receipts[:, first:after], problem.source_item[own], known[own, first:after])
    known = known.copy()
    known[own, first:after] = 0.0
    if after < problem.periods:
        known[own, after] += late + (fixed * held).sum(axis=1)[own]
        np.add.at(receipts[:, after], problem.source_item[own], late + (fixed * held).sum(axis=1)[own])
    planned = problem.fixed_quantity.copy()
    planned[refused & (fixed > 0)] = np.nan
    planned[held] = 0.0
    changed = replace(
        problem,
        capacity_units=capacity,
        fixed_quantity=planned,
        scheduled_receipts=np.maximum(receipts, 0.0),
    )
    return changed, known


def _raise_prices(problem: OrderProblem, rise: PriceRise, name: str) -> OrderProblem:
    whose = rise.supplier is not None or rise.item is not None
    require(whose, f"supplier and item of {name}", "not given", "the index of one of them, or of both")
    covered = ~problem.transfer
    if rise.supplier is not None:
        _index(f"supplier of {name}", rise.supplier, problem.suppliers)
        covered &= problem.supplier == rise.supplier
    if rise.item is not None:
        _index(f"item of {name}", rise.item, problem.items)
        covered &= problem.source_item == rise.item
    _index(f"first period of {name}", rise.from_period, problem.periods)
    sound = np.isfinite(rise.rate) and rise.rate > -1
    require(bool(sound), f"rate of {name}", rise.rate, "a share above -1, such as 0.08 for 8%")
    prices = problem.unit_cost.copy()
    prices[covered, rise.from_period :] *= 1.0 + rise.rate
    return replace(problem, unit_cost=prices)


def _hold_up(
    problem: OrderProblem, disruption: Delay | Lost, known: FloatArray, name: str
) -> tuple[OrderProblem, FloatArray]:
    _index(f"item of {name}", disruption.item, problem.items)
    _index(f"period of {name}", disruption.period, problem.periods)
    item, period = disruption.item, disruption.period
    receipts, known = problem.scheduled_receipts.copy(), known.copy()
    due = float(receipts[item, period])
    place = f"due of {problem.item_names[item]} in period {period}"
    units = due if disruption.quantity is None else float(disruption.quantity)
    require(due > 0, f"units of {name}", "of an open order that is not there", f"an open order {place}")
    sound = 0 < units <= due * (1 + TOLERANCE)
    require(sound, f"quantity of {name}", disruption.quantity, f"above 0, at most the {due:,.6g} units {place}")
    share = min(units / due, 1.0)
    own = problem.source_item == item
    moved = known[own, period] * share
    receipts[item, period] -= due * share
    known[own, period] -= moved
    if isinstance(disruption, Delay):
        later = disruption.periods
        require(later == int(later) and later > 0, f"periods of {name}", later, "a whole number, one or more")
        if period + later < problem.periods:
            receipts[item, period + later] += due * share
            known[own, period + later] += moved
    return replace(problem, scheduled_receipts=receipts), known


def _index(name: str, value: int, count: int) -> None:
    require(value == int(value) and 0 <= value < count, name, value, f"an index from 0, below {count}")
