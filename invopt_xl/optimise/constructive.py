"""A good plan at once: order cycles per item by dynamic programming, shared order days per supplier by search.

Each item's periods are cut into order cycles by the recursion of Wagner and Whitin (Management Science 5, 1958),
with soft floors and shortages between cycles; a supplier's order periods are chosen by descent on the plan's true
cost. A forward pass then turns cycles into quantities that keep every limit.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from invopt_xl.optimise.accounting import account, arrivals, sellable
from invopt_xl.optimise.forward import Cycles, place_orders
from invopt_xl.optimise.groundwork import Groundwork, money_ordered, prepare
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray, IntArray

LONGEST_GAP = 6
"""Periods an item may stand below its floor before a cycle, in the recursion; longer gaps count as lost."""


class CycleModel:
    """The cost of every order cycle of every item, ready to be minimised under any order periods.

    Requirements are net: M_t is what must have arrived by the end of t to keep the floor, beyond stock and open
    orders, and m_t its increments.
    """

    def __init__(self, work: Groundwork) -> None:
        problem = work.problem
        self.work = work
        periods = problem.periods
        clock = np.arange(periods)
        reachable = clock >= problem.lead_time_periods[:, None]
        below = problem.safety_stock[:, None] - work.flow.stock + work.flow.short
        if problem.shortage == "lost":
            lost = np.cumsum(np.where(reachable, work.flow.short, 0), axis=1)
            below = problem.safety_stock[:, None] - work.flow.stock + lost
        level = np.maximum.accumulate(np.where(reachable, np.maximum(below, 0), 0), axis=1)
        self.needed = np.hstack((np.zeros((problem.items, 1)), level))  # M before each period
        increments = np.diff(self.needed, axis=1)
        holding = problem.holding_cost[:, None]
        self.weighted = np.hstack((np.zeros((problem.items, 1)), np.cumsum(increments * holding * clock, axis=1)))
        self.saved = holding * clock
        self.skipped = (
            increments
            * np.minimum(problem.shortage_cost, problem.floor_penalty * periods + 1e9 * (problem.floor_penalty <= 0))[
                :, None
            ]
        )
        self.gaps = self._gap_costs()

    def _gap_costs(self) -> FloatArray:
        """Cost of leaving the length periods before an arrival below the floor, shape (items, periods, length)."""
        problem = self.work.problem
        costs = np.zeros((problem.items, problem.periods, LONGEST_GAP + 1))
        floor, penalty = problem.safety_stock[:, None], problem.floor_penalty[:, None]
        for length in range(1, min(LONGEST_GAP, problem.periods - 1) + 1):
            before = self.needed[:, : problem.periods - length]  # arrivals at `length` and later
            lost_before = np.zeros_like(before)
            for step in range(1, length + 1):
                missing = self.needed[:, step : problem.periods - length + step] - before
                lost = np.maximum(missing - floor, 0)
                newly = lost if problem.shortage == "backorder" else lost - lost_before
                costs[:, length:, length] += penalty * np.minimum(missing, floor)
                costs[:, length:, length] += problem.shortage_cost[:, None] * newly
                lost_before = lost
        return costs

    def cycles(self, order_periods: BoolArray) -> Cycles:
        """Return the cheapest cycles when suppliers take orders in those periods only.

        Parameters
        ----------
        order_periods
            Shape (suppliers + 1, periods); the last row is for items without a supplier.
        """
        problem = self.work.problem
        items, periods = problem.items, problem.periods
        open_at = self._arrivals_open(order_periods)
        value = np.full((items, periods + 1), np.inf)
        value[:, 0] = 0
        begins = np.full((items, periods + 1), -1)
        gap_of = np.zeros((items, periods), dtype=np.int64)
        smallest = self.work.smallest_line[:, None]
        largest = self.work.largest_line[:, None] * (1 + TOLERANCE)
        span = np.arange(periods + 1)
        for arrival in range(periods):
            skip = value[:, arrival] + self.skipped[:, arrival]
            better = skip < value[:, arrival + 1] - 1e-12
            value[better, arrival + 1] = skip[better]
            begins[better, arrival + 1] = -1
            longest = min(LONGEST_GAP, arrival)
            candidates = value[:, arrival - longest : arrival + 1][:, ::-1] + self.gaps[:, arrival, : longest + 1]
            gap_of[:, arrival] = candidates.argmin(axis=1)
            start = candidates.min(axis=1)
            units = self.needed[:, arrival + 1 :] - self.needed[:, [arrival]]
            spread = self.weighted[:, arrival + 1 :] - self.weighted[:, [arrival]]
            excess = np.maximum(smallest - units, 0) * problem.holding_cost[:, None] * (span[arrival + 1 :] - arrival)
            reach = start[:, None] + problem.order_cost[:, None] + spread - units * self.saved[:, [arrival]] + excess
            # A cycle longer than a line may cover would be cut, and its end left short; the next period alone may be.
            reach[:, 1:][units[:, 1:] > largest] = np.inf
            better_ends = open_at[:, [arrival]] & (reach < value[:, arrival + 1 :] - 1e-12)
            value[:, arrival + 1 :] = np.where(better_ends, reach, value[:, arrival + 1 :])
            begins[:, arrival + 1 :] = np.where(better_ends, arrival, begins[:, arrival + 1 :])
        return self._trace(begins, gap_of)

    def _arrivals_open(self, order_periods: BoolArray) -> BoolArray:
        """Return by item and period of arrival whether an order may arrive."""
        problem = self.work.problem
        usable = self.work.can_order & order_periods[problem.supplier]
        shifted = np.zeros_like(usable)
        for lead_time in np.unique(problem.lead_time_periods):
            if lead_time < problem.periods:
                rows = problem.lead_time_periods == lead_time
                shifted[rows, lead_time:] = usable[rows, : problem.periods - lead_time]
        return shifted

    def _trace(self, begins: np.ndarray, gap_of: np.ndarray) -> Cycles:
        items, periods = gap_of.shape
        covers = np.zeros((items, periods), dtype=np.int64)
        at = np.full(items, periods)
        rows = np.arange(items)
        for _ in range(periods):
            live = at > 0
            arrival = begins[rows, at]
            cycle = live & (arrival >= 0)
            covers[rows[cycle], arrival[cycle]] = at[cycle]
            gap = gap_of[rows, np.maximum(arrival, 0)]
            at = np.where(cycle, arrival - gap, np.maximum(at - 1, 0))
        return Cycles(covers)


def construct(work: Groundwork, *, coupled: bool = True, seconds: float = 1.0) -> FloatArray:
    """Return a plan that keeps every limit and orders each item from one source: units by source and period.

    Parameters
    ----------
    work
        The problem.
    coupled
        Keep budget, storage and working capital; False ignores them.
    seconds
        Time for choosing order periods; a first plan is made whatever the time.
    """
    problem = work.problem
    view, source_of = one_source_each(work)
    ready = prepare(view)
    model = CycleModel(ready)
    search = _Search(model, np.ones((problem.suppliers + 1, problem.periods), dtype=bool))
    if problem.suppliers:
        deadline = time.monotonic() + seconds
        search.regular_cycles(deadline)
        search.flips(deadline)
    made = search.quantity
    if coupled:
        made = place_orders(ready, model.cycles(search.order_periods), coupled=True)
    quantity = work.fixed.copy()
    has = source_of >= 0
    quantity[source_of[has]] = np.where(work.can_order[source_of[has]], made[has], quantity[source_of[has]])
    return quantity


def one_source_each(work: Groundwork) -> tuple[OrderProblem, IntArray]:
    """Return the problem with one source an item, in the items' order, and the source of each (-1: it has none).

    The regular source is the one whose units cost least among those that can order at all, suppliers before other
    locations and emergencies. What the planner fixed with the others counts as an open order.
    """
    problem = work.problem
    cost = problem.premium.mean(axis=1) + problem.lateness_cost
    rank = np.lexsort((cost, problem.emergency, problem.transfer, ~work.can_order.any(axis=1), problem.source_item))
    source_of = np.full(problem.items, -1)
    source_of[problem.source_item[rank[::-1]]] = rank[::-1]
    if problem.sources == problem.items and (source_of == np.arange(problem.items)).all():
        return _within_shelf_life(problem), source_of
    others = work.fixed.copy()
    others[source_of[source_of >= 0]] = 0.0
    rest = problem.only(source_of)  # -1 takes the last source: a stand-in that may not order
    none = source_of < 0
    view = replace(
        rest,
        source_item=np.arange(problem.items),
        supplier=np.where(none, -1, rest.supplier),
        origin=np.full(problem.items, -1),
        unit_cost=np.where(rest.transfer[:, None], problem.unit_value[:, None], rest.unit_cost),
        fixed_quantity=np.where(none[:, None] | rest.transfer[:, None], 0.0, rest.fixed_quantity),
        scheduled_receipts=np.maximum(arrivals(problem, others), 0.0),
        capacity_units=np.maximum(problem.capacity_units - problem.sum_by_supplier(others), 0.0),
        budget=np.maximum(problem.budget - money_ordered(problem, others), 0.0),
    )
    return _within_shelf_life(view), source_of


def _within_shelf_life(view: OrderProblem) -> OrderProblem:
    """Keep lines within what sells in shelf life, as far as the smallest line allows."""
    if not np.isfinite(view.shelf_life_periods).any():
        return view
    lasting = sellable(view).min(axis=1)
    return replace(view, maximum_order_quantity=np.minimum(view.maximum_order_quantity, lasting))


class _Search:
    """Descent on order periods, all suppliers at once: a change is kept where the supplier's cost falls."""

    def __init__(self, model: CycleModel, order_periods: BoolArray) -> None:
        self.model = model
        self.order_periods = order_periods
        self.quantity, self.costs = self._evaluate(order_periods)

    def _evaluate(self, order_periods: BoolArray) -> tuple[FloatArray, FloatArray]:
        work = self.model.work
        quantity = place_orders(work, self.model.cycles(order_periods), coupled=False)
        costs = account(work.problem, quantity)
        totals = np.zeros(work.problem.suppliers + 1)
        np.add.at(totals, work.problem.supplier, costs.per_item)  # supplier -1 is the last row
        totals[:-1] += costs.supplier_order
        return quantity, totals

    def _offer(self, order_periods: BoolArray) -> bool:
        quantity, costs = self._evaluate(order_periods)
        better = costs < self.costs - 1e-9 * np.abs(self.costs) - 1e-9
        rows = better[self.model.work.problem.supplier]
        self.quantity = np.where(rows[:, None], quantity, self.quantity)
        self.order_periods = np.where(better[:, None], order_periods, self.order_periods)
        self.costs = np.where(better, costs, self.costs)
        return bool(better.any())

    def regular_cycles(self, deadline: float) -> None:
        """Offer every 2nd, 3rd ... period, from each first period."""
        periods = self.order_periods.shape[1]
        for every in range(2, min(6, periods) + 1):
            for first in range(every):
                if time.monotonic() > deadline:
                    return
                self._offer(np.broadcast_to(np.arange(periods) % every == first, self.order_periods.shape))

    def flips(self, deadline: float, rounds: int = 3) -> None:
        """Offer each period more, less, or moved by one."""
        periods = self.order_periods.shape[1]
        for _ in range(rounds):
            improved = False
            for period in range(periods):
                for neighbour in (None, period + 1):
                    if time.monotonic() > deadline:
                        return
                    if neighbour is not None and neighbour >= periods:
                        continue
                    trial = self.order_periods.copy()
                    if neighbour is None:
                        trial[:, period] ^= True
                    else:
                        trial[:, [period, neighbour]] = trial[:, [neighbour, period]]
                    improved = self._offer(trial) or improved
            if not improved:
                return
