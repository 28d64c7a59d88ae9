"""What is on its way: open orders by the source that delivers them, orders sent already, and when orders are due."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from invopt_xl.errors import require
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import TOLERANCE, FloatArray, IntArray


def due_periods(problem: OrderProblem, due: IntArray | None) -> IntArray:
    """Return in which period what is ordered is due, by source and order period, never after it arrives."""
    arrival: IntArray = np.arange(problem.periods) + problem.lead_time_periods[:, None]
    if due is None:
        return arrival
    require(due.shape == arrival.shape, "due", f"of shape {due.shape}", f"sources by periods, {arrival.shape}")
    return np.minimum(due, arrival)


def open_orders(problem: OrderProblem, receipts: FloatArray | None) -> FloatArray:
    """Return the open orders whose source is known, units by source and period; given as `disrupted` takes them."""
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


def sent_apart(problem: OrderProblem, sent: FloatArray) -> tuple[OrderProblem, IntArray, IntArray]:
    """Return a problem with what is sent already in orders of its own, so that what is ordered anew is another order.

    A supplier with an order sent in the first period stands for two: itself, with what the order leaves of its capacity
    then, and once more with the lines sent and nothing else. So each of the two orders has its own cost, minimum value
    and discounts. The order that is sent stands even if it is below the minimum.

    Parameters
    ----------
    problem
        As it was; its own orders of the first period may be among those sent.
    sent
        Units sent, by source.

    Returns
    -------
    OrderProblem
        With one more source for each line sent, behind all others.
    array
        By source, the index of the one before that it is.
    array
        By supplier, the index of the one before that it is.

    Examples
    --------
    >>> problem = OrderProblem(item_names=("tea",), supplier=0, unit_cost=2.0, demand=[[5.0, 5.0]], on_hand=0.0,
    ...                        lead_time_periods=0, supplier_names=("K",), supplier_order_cost=9.0, capacity_units=8.0)
    >>> apart, source, supplier = sent_apart(problem, np.array([5.0]))
    >>> apart.fixed_quantity.tolist(), apart.supplier.tolist(), source.tolist(), supplier.tolist()
    ([[nan, nan], [5.0, 0.0]], [0, 1], [0, 0], [0, 0])
    >>> apart.capacity_units.tolist(), apart.supplier_order_cost.tolist()
    ([[3.0, 8.0], [8.0, 8.0]], [9.0, 9.0])
    """
    lines = np.flatnonzero(sent > 0)
    asked = np.unique(problem.supplier[lines][problem.supplier[lines] >= 0])
    source = np.concatenate((np.arange(problem.sources), lines))
    supplier = np.concatenate((np.arange(problem.suppliers), asked))
    again = np.full(problem.suppliers + 1, -1)  # supplier -1 is the last
    again[asked] = problem.suppliers + np.arange(len(asked))
    fixed = problem.fixed_quantity[source]
    before = fixed[lines, 0]
    fixed[lines, 0] = np.where(np.isnan(before), np.nan, 0.0)  # beside the planner's quantity nothing else is ordered
    fixed[problem.sources :] = 0.0
    fixed[problem.sources :, 0] = sent[lines]
    capacity = problem.capacity_units[supplier]
    capacity[asked, 0] = np.maximum(capacity[asked, 0] - problem.sum_by_supplier(sent)[asked], 0.0)
    minimum = problem.minimum_order_value[supplier]
    minimum[problem.suppliers :] = 0.0
    apart = replace(
        problem.only(source),
        supplier=np.concatenate((problem.supplier, again[problem.supplier[lines]])),
        fixed_quantity=fixed,
        supplier_names=tuple(problem.supplier_names[one] for one in supplier.tolist()),
        supplier_order_cost=problem.supplier_order_cost[supplier],
        minimum_order_value=minimum,
        capacity_units=capacity,
        discounts=(
            *problem.discounts,
            *(replace(one, supplier=int(again[one.supplier])) for one in problem.discounts if again[one.supplier] >= 0),
        ),
    )
    return apart, source, supplier


def whole_capacity(problem: OrderProblem) -> FloatArray:
    """Return the capacity of each supplier, units by period, with what an order sent already takes of it.

    A supplier that an order is sent to stands there twice, by the same name, see `sent_apart`.

    Examples
    --------
    >>> problem = OrderProblem(item_names=("tea",), supplier=0, unit_cost=2.0, demand=[[5.0, 5.0]], on_hand=0.0,
    ...                        lead_time_periods=0, supplier_names=("K",), capacity_units=8.0)
    >>> whole_capacity(sent_apart(problem, np.array([5.0]))[0]).tolist()
    [[8.0, 8.0], [8.0, 8.0]]
    """
    first = {name: place for place, name in reversed(list(enumerate(problem.supplier_names)))}
    place = np.array([first[name] for name in problem.supplier_names], dtype=np.int64)
    most = np.zeros_like(problem.capacity_units)
    np.maximum.at(most, place, problem.capacity_units)
    return most[place]
