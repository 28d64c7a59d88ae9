"""What may go wrong on the way: a closed supplier, late or lost open orders, dearer prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from invopt_xl.errors import require
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray, IntArray
from invopt_xl.optimise.underway import due_periods, open_orders, sent_apart


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
    """Prices that rise, or, at a rate below zero, fall; open orders, and lines sent already, keep theirs.

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


@dataclass(frozen=True, eq=False)
class Disrupted:
    """An order problem after disruptions.

    Parameters
    ----------
    problem
        As it is then. Behind its sources stands one more for each line that is sent already, or comes late: of these
        nothing else is ordered. Behind its suppliers stands once more each that an order is sent to, see `sent_apart`.
    source
        By source of `problem`, the index of the one before that it is.
    supplier
        By supplier of `problem`, the index of the one before that it is.
    sent
        By source of `problem`, whether it is a line that is sent already.
    receipts
        Its open orders by source and period, as far as their source is known.
    due
        By source and order period, in which period what is ordered is due.
    """

    problem: OrderProblem
    source: IntArray
    supplier: IntArray
    sent: BoolArray
    receipts: FloatArray
    due: IntArray

    def before(self, quantity: FloatArray) -> FloatArray:
        """Return a table of units by the sources there were before, from one by source and period."""
        table = np.zeros((int(self.source.max()) + 1, *quantity.shape[1:]))
        np.add.at(table, self.source, quantity)
        return table

    def of_supplier(self, supplier: int) -> BoolArray:
        """Return which sources of `problem` are those of a supplier there was before."""
        return np.isin(self.problem.supplier, np.flatnonzero(self.supplier == supplier))


def disrupted(
    problem: OrderProblem,
    disruptions: Sequence[Disruption],
    *,
    receipts: FloatArray | None = None,
    due: IntArray | None = None,
    sent: FloatArray | None = None,
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
    due
        In which period what is ordered is due, by source and order period: that of its arrival unless given. An order
        may be due a part of a period before it counts as arrived; a closure that begins after it is due does not hold
        it up.
    sent
        Units of the first period that are sent already, by source: no closure refuses them, no price rises, and what is
        ordered anew from the same supplier then is another order.

    Notes
    -----
    Units ordered before a closure that would come in it are not planned, but for lines the planner fixed: these arrive
    when it is over. The planner's orders with a closed supplier are not placed.

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
    return after_disruptions(problem, disruptions, receipts=receipts, due=due, sent=sent).problem


def after_disruptions(
    problem: OrderProblem,
    disruptions: Sequence[Disruption],
    *,
    receipts: FloatArray | None = None,
    due: IntArray | None = None,
    sent: FloatArray | None = None,
) -> Disrupted:
    """Return what `disrupted` does, with what each source was before."""
    known = open_orders(problem, receipts)
    due = due_periods(problem, due)
    apart, source, supplier = sent_apart(problem, np.zeros(problem.sources) if sent is None else sent)
    before = np.arange(len(source)) < problem.sources
    known = np.where(before[:, None], known[source], 0.0)
    found = Disrupted(apart, source, supplier, ~before, known, due[source])
    for number, disruption in enumerate(disruptions):
        name = f"disruption {number + 1}"
        if isinstance(disruption, Closure):
            found = _close(found, disruption, name)
        elif isinstance(disruption, PriceRise):
            found = replace(found, problem=_raise_prices(found, disruption, name))
        else:
            held_up, known = _hold_up(found.problem, disruption, found.receipts, name)
            found = replace(found, problem=held_up, receipts=known)
    return found


def _check_closure(found: Disrupted, closure: Closure, name: str) -> None:
    _index(f"supplier of {name}", closure.supplier, int(found.supplier.max(initial=-1)) + 1)
    _index(f"first period of {name}", closure.first, found.problem.periods)
    expected = f"a whole number, at least {closure.first}, the first period"
    require(closure.last == int(closure.last) >= closure.first, f"last period of {name}", closure.last, expected)


def _close(found: Disrupted, closure: Closure, name: str) -> Disrupted:
    problem = found.problem
    _check_closure(found, closure, name)
    first, after = closure.first, min(closure.last + 1, problem.periods)
    clock = np.arange(problem.periods)
    own = found.of_supplier(closure.supplier)
    fixed = np.nan_to_num(problem.fixed_quantity)
    stands = found.sent[:, None] & (clock == 0)
    refused = own[:, None] & (clock >= first) & (clock <= closure.last) & ~stands
    arrival = clock + problem.lead_time_periods[:, None]
    held = own[:, None] & ~refused & (found.due >= first) & (arrival <= closure.last)
    capacity = problem.capacity_units.copy()
    taken = problem.sum_by_supplier(fixed * stands)
    closed = found.supplier == closure.supplier
    capacity[closed, first:after] = taken[closed, first:after]
    late = found.receipts[own, first:after].sum(axis=1)
    arriving, receipts = problem.scheduled_receipts.copy(), found.receipts.copy()
    np.subtract.at(arriving[:, first:after], problem.source_item[own], receipts[own, first:after])
    receipts[own, first:after] = 0.0
    if after < problem.periods:
        receipts[own, after] += late
        np.add.at(arriving[:, after], problem.source_item[own], late)
    planned = problem.fixed_quantity.copy()
    planned[refused & (fixed > 0)] = np.nan
    planned[held] = 0.0
    changed = replace(
        problem, capacity_units=capacity, fixed_quantity=planned, scheduled_receipts=np.maximum(arriving, 0.0)
    )
    return _with_late_lines(replace(found, problem=changed, receipts=receipts), fixed * held, closure.last + 1)


def _with_late_lines(found: Disrupted, late: FloatArray, arrival: int) -> Disrupted:
    """Return the problem with lines that arrive late, in a given period, each as one of a slower source."""
    source, period = np.nonzero(late > 0)
    if not len(source):
        return found
    source, period = (part[np.lexsort((period, source))] for part in (source, period))
    quantity = np.zeros((len(source), found.problem.periods))
    quantity[np.arange(len(source)), period] = late[source, period]
    before = found.problem.sources
    problem = found.problem.only(np.concatenate((np.arange(before), source)))
    lead, fixed = problem.lead_time_periods.copy(), problem.fixed_quantity.copy()
    lead[before:], fixed[before:] = arrival - period, quantity
    return Disrupted(
        replace(problem, lead_time_periods=lead, fixed_quantity=fixed),
        np.concatenate((found.source, found.source[source])),
        found.supplier,
        np.concatenate((found.sent, found.sent[source])),
        np.concatenate((found.receipts, np.zeros_like(quantity))),
        np.concatenate((found.due, np.arange(found.problem.periods) + lead[before:, None])),
    )


def _raise_prices(found: Disrupted, rise: PriceRise, name: str) -> OrderProblem:
    problem = found.problem
    whose = rise.supplier is not None or rise.item is not None
    require(whose, f"supplier and item of {name}", "not given", "the index of one of them, or of both")
    covered = ~problem.transfer
    if rise.supplier is not None:
        _index(f"supplier of {name}", rise.supplier, int(found.supplier.max(initial=-1)) + 1)
        covered &= found.of_supplier(rise.supplier)
    if rise.item is not None:
        _index(f"item of {name}", rise.item, problem.items)
        covered &= problem.source_item == rise.item
    _index(f"first period of {name}", rise.from_period, problem.periods)
    sound = np.isfinite(rise.rate) and rise.rate > -1
    require(bool(sound), f"rate of {name}", rise.rate, "a share above -1, such as 0.08 for 8%")
    prices = problem.unit_cost.copy()
    prices[covered, rise.from_period :] *= 1.0 + rise.rate
    prices[found.sent, 0] = problem.unit_cost[found.sent, 0]  # at the price it was sent at
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
