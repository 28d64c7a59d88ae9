"""One supplier's orders as a mixed-integer model, tight enough to be proven near-optimal.

A unit of stock above the floor and one below it are separate variables, so the floor enters the (l, S)
inequalities (Barany, Van Roy and Wolsey, Management Science 30, 1984) like demand: between two arrivals, the stock
above the floor, what is short and what the floor lacks must together cover the need.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.constructive import Prices
from invopt_xl.optimise.discounts import best_rates, order_discounts
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.pricebreaks import LineChoice, add_price_breaks, largest_threshold, start_choices
from invopt_xl.optimise.problem import FloatArray, IntArray
from invopt_xl.optimise.rows import Rows
from invopt_xl.optimise.solvers import LinearModel

COARSE_LINE = 4
"""Where four periods' demand is at most this many lots, lots are whole in the model; else rounded afterwards."""

SMALL_MODEL = 60
"""Models of at most this many lines plan all lots whole."""

CUT_SPAN = 5
"""Periods the inequalities reach over; further ones are hardly ever violated."""

USE_SPAN = 4
"""Periods ahead for which what arrives is compared with what is used."""


@dataclass(frozen=True, eq=False)
class SharedRoom:
    """What the other suppliers leave of budget and storage, by period: money at list price, and volume."""

    budget: FloatArray
    storage: FloatArray


class SupplierModel:
    """The model of one group of items that share a supplier, or of one item without a supplier.

    Parameters
    ----------
    work
        The whole problem.
    items
        The group.
    supplier
        Its supplier, or -1.
    prices
        Of budget and storage; paid in the objective.
    room
        Hard limits on budget and storage in place of prices.
    whole
        Plan lots whole where they are coarse; fractions of lots prove more in the same time.
    relaxed
        For a linear relaxation of the whole problem: without the tightening rows, and ready for shared limits.
    """

    def __init__(
        self,
        work: Groundwork,
        items: IntArray,
        supplier: int,
        prices: Prices,
        room: SharedRoom | None = None,
        *,
        relaxed: bool = False,
        whole: bool = True,
    ) -> None:
        problem = work.problem
        self.work, self.items, self.supplier, self.prices, self.room = work, items, supplier, prices, room
        self.whole = whole
        # What no order can change stays out; lost sales could otherwise seem to be put off.
        self.settled = np.arange(problem.periods) < problem.lead_time_periods[items][:, None]
        self.settled |= ~work.can_order[items].any(axis=1, keepdims=True)
        local, arrival = np.nonzero(~self.settled)
        self.local, self.arrival = local, arrival
        self.item = items[local]
        self.order_period = arrival - problem.lead_time_periods[self.item]
        self.first = self.order_period == 0
        self.pairs = len(local)
        self.rows = Rows()
        self.line_choices: list[LineChoice] = []
        self.order_choices: list[tuple[float, IntArray]] = []
        self._place_variables()
        self._add_flow()
        self._add_lines()
        self._add_orders()
        if not relaxed:
            self._add_cuts()
        self._add_room(relaxed)
        self._finish()

    def _place_variables(self) -> None:
        problem, rows, pairs = self.work.problem, self.rows, self.pairs
        item = self.item
        lot = problem.lot_size[item]
        allowed = self.work.can_order[item, self.order_period]
        self.largest = np.where(allowed, self._largest_lines(), 0.0)
        self.lots_cap = np.ceil(self.largest / lot - 1e-9)
        coarse = 4 * problem.demand[item].mean(axis=1) <= COARSE_LINE * lot
        self.coarse = np.full(pairs, self.whole) & (coarse | (pairs <= SMALL_MODEL))
        line_price = lot * problem.unit_cost[item] * self.prices.budget[self.order_period]
        self.lots = rows.variables(pairs, cost=line_price, upper=self.lots_cap, integer=self.coarse)
        self.line = rows.variables(
            pairs, cost=problem.order_cost[item], upper=(self.lots_cap > 0).astype(float), integer=True
        )
        holding, floor = problem.holding_cost[item], problem.safety_stock[item]
        excess_cost = holding.copy()
        last = self.arrival == problem.periods - 1
        excess_cost[last] += (problem.unit_cost * best_rates(problem))[item[last]]
        self.excess = rows.variables(pairs, cost=excess_cost)
        self.below = rows.variables(pairs, cost=problem.floor_penalty[item] - holding, upper=floor)
        rows.offset += float(holding @ floor)
        lost = problem.shortage == "lost"
        most_short = problem.demand[item, self.arrival] if lost else np.inf
        self.short = rows.variables(pairs, cost=problem.shortage_cost[item], upper=most_short)

    def _largest_lines(self) -> FloatArray:
        """Return at least the units that any cheapest plan puts on one line, and no more than a line may hold."""
        problem, item = self.work.problem, self.item
        after = np.cumsum(problem.demand[:, ::-1], axis=1)[:, ::-1]
        backlog = 0.0
        if problem.shortage == "backorder":
            before = np.maximum(problem.lead_time_periods - 1, 0).clip(max=problem.periods - 1)
            waiting = self.work.flow.short[np.arange(problem.items), before]
            # What waits may be all the demand since the first arrival.
            since = after[np.arange(problem.items), problem.lead_time_periods.clip(max=problem.periods - 1)]
            backlog = (waiting + since)[item] - after[item, self.arrival]
        useful = after[item, self.arrival] + backlog + problem.safety_stock[item]
        forced = np.maximum(self.work.smallest_line, largest_threshold(problem, self.work))[item]
        lot = problem.lot_size[item]
        most = (np.ceil(np.maximum(useful, forced) / lot) + 1) * lot
        return np.asarray(np.minimum(most, self.work.largest_line[item]))

    def _opening(self) -> FloatArray:
        """Return stock less backlog just before each pair's arrival, meaningful for the first one of each item."""
        problem = self.work.problem
        before = self.arrival - 1
        flow = self.work.flow
        position = flow.stock[self.item, before]
        if problem.shortage == "backorder":
            position = position - flow.short[self.item, before]
        return np.where(before >= 0, position, problem.on_hand[self.item])

    def _receipts(self) -> FloatArray:
        """Return units that arrive whatever is planned: open orders and the planner's orders."""
        receipts = self.work.problem.scheduled_receipts[self.item, self.arrival]
        return np.asarray(receipts + self.work.fixed[self.item, self.order_period])

    def _add_flow(self) -> None:
        """Stock carried + received + ordered - demand = stock left, with what is short."""
        problem, rows, item = self.work.problem, self.rows, self.item
        pairs = np.arange(self.pairs)
        later = ~self.first
        self.net = problem.demand[item, self.arrival] - self._receipts()
        floor = problem.safety_stock[item]
        self.opening = np.where(self.first, self._opening(), 0.0)
        right = np.where(self.first, self.opening - floor, 0.0) - self.net
        row = rows.rows(self.pairs, right, right)
        rows.terms(row, self.excess, 1.0)
        rows.terms(row, self.below, -1.0)
        rows.terms(row, self.lots, -problem.lot_size[item])
        rows.terms(row, self.short, -1.0)
        previous = pairs[later] - 1
        rows.terms(row[later], self.excess[previous], -1.0)
        rows.terms(row[later], self.below[previous], 1.0)
        if problem.shortage == "backorder":
            rows.terms(row[later], self.short[previous], 1.0)

    def _add_lines(self) -> None:
        """Keep a line within its smallest and largest quantity, or at zero."""
        problem, rows = self.work.problem, self.rows
        smallest = self.work.smallest_line[self.item] / problem.lot_size[self.item]
        usable = self.lots_cap > 0
        row = rows.rows(int(usable.sum()), -np.inf, 0.0)
        rows.terms(row, self.lots[usable], 1.0)
        rows.terms(row, self.line[usable], -self.lots_cap[usable])
        row = rows.rows(int(usable.sum()), 0.0, np.inf)
        rows.terms(row, self.lots[usable], 1.0)
        rows.terms(row, self.line[usable], -np.round(smallest[usable], 9))

    def _add_orders(self) -> None:
        """Lines need their supplier's order; an order keeps capacity and minimum value."""
        self.order = np.zeros(0, dtype=np.int64)
        if self.supplier < 0:
            return
        problem, rows, supplier = self.work.problem, self.rows, self.supplier
        periods = problem.periods
        fixed = (self.work.fixed[self.items] > 0).any(axis=0)
        cost = problem.supplier_order_cost[supplier]
        usable = np.flatnonzero(self.lots_cap > 0)
        possible = fixed.astype(float)
        possible[self.order_period[usable]] = 1.0
        self.order = rows.variables(periods, cost=cost, lower=fixed.astype(float), upper=possible, integer=True)
        row = rows.rows(len(usable), -np.inf, 0.0)
        rows.terms(row, self.line[usable], 1.0)
        rows.terms(row, self.order[self.order_period[usable]], -1.0)
        units = problem.lot_size[self.item]
        capacity = self.work.capacity[supplier]
        if np.isfinite(capacity).any():
            row = rows.rows(periods, -np.inf, 0.0)
            rows.terms(row[self.order_period], self.lots, units)
            rows.terms(row, self.order, -np.minimum(capacity, (units * self.lots_cap).sum()))
        minimum = self.work.order_minimum[supplier]
        if (minimum > 0).any():
            row = rows.rows(periods, 0.0, np.inf)
            rows.terms(row[self.order_period], self.lots, units * problem.unit_cost[self.item])
            rows.terms(row, self.order, -minimum)
        add_price_breaks(self)

    def _add_cuts(self) -> None:
        """Between arrivals, stock above the floor must cover the need (see the module's reference)."""
        pairs = np.arange(self.pairs)
        ends = np.searchsorted(self.local, self.local, side="right")  # after the item's last pair
        floor = self.work.problem.safety_stock[self.item]
        start = np.where(self.first, floor - self.opening, 0.0)
        need = np.zeros((CUT_SPAN, self.pairs))
        reached, total = np.zeros(self.pairs), start.copy()
        for span in range(CUT_SPAN):
            inside = pairs + span < ends
            at = np.minimum(pairs + span, self.pairs - 1)
            total = total + np.where(inside, self.net[at], 0.0)
            grown = np.maximum(total, reached)
            need[span] = np.where(inside, grown - reached, 0.0)
            reached = grown
            rising = np.flatnonzero(inside & (need[span] > 1e-9))
            self._add_cut_rows(rising, span, need[: span + 1, rising])
        self.add_use_limits(np.arange(self.pairs), self.lots, self.line, self.work.problem.lot_size[self.item])

    def _add_cut_rows(self, begin: IntArray, span: int, need: FloatArray) -> None:
        rows = self.rows
        row = rows.rows(len(begin), need.sum(axis=0), np.inf)
        carried = ~self.first[begin]
        rows.terms(row[carried], self.excess[begin[carried] - 1], 1.0)
        for step in range(span + 1):
            rows.terms(row, self.short[begin + step], 1.0)
            rows.terms(row, self.below[begin + step], 1.0)
            rows.terms(row, self.line[begin + step], need[step:].sum(axis=0))

    def add_use_limits(self, pairs: IntArray, amount: IntArray, chosen: IntArray, units: FloatArray) -> None:
        """Hold that what arrives is used by the end of a later period, fills the floor, or is left over.

        Parameters
        ----------
        pairs
            Item and period each amount arrives in.
        amount, chosen
            Variables: the amount, and the 0-1 variable without which it is zero.
        units
            Units per unit of the amount.
        """
        rows = self.rows
        ends = np.searchsorted(self.local, self.local, side="right")
        floor = self.work.problem.safety_stock[self.item]
        total = np.where(self.first, floor - self.opening, 0.0)[pairs]
        for span in range(USE_SPAN):
            at = pairs + span
            inside = np.flatnonzero(at < ends[pairs])
            total[inside] += self.net[at[inside]]
            here = pairs[inside]
            row = rows.rows(len(inside), -np.inf, 0.0)
            rows.terms(row, amount[inside], units[inside])
            rows.terms(row, chosen[inside], -np.maximum(total[inside], 0.0))
            rows.terms(row, self.excess[here + span], -1.0)
            later = ~self.first[here]
            before = here[later] - 1
            rows.terms(row[later], self.below[before], -1.0)
            if self.work.problem.shortage == "backorder":
                rows.terms(row[later], self.short[before], -1.0)

    def _add_room(self, relaxed: bool) -> None:
        """Storage is paid for, or limited together with the budget, by period."""
        problem, rows = self.work.problem, self.rows
        room = self.room
        if room is not None and np.isfinite(room.budget).any():
            row = rows.rows(problem.periods, -np.inf, room.budget)
            rows.terms(row[self.order_period], self.lots, problem.lot_size[self.item] * problem.unit_cost[self.item])
        limited = room is not None and bool(np.isfinite(room.storage).any())
        self.available = np.zeros(0, dtype=np.int64)
        asked = relaxed and np.isfinite(problem.storage_volume)
        if not (limited or asked or self.prices.storage.any()):
            return
        volume = problem.unit_volume[self.item]
        self.available = available = rows.variables(self.pairs, cost=volume * self.prices.storage[self.arrival])
        # available >= stock carried + received; equality except for what is on backorder
        later = ~self.first
        floor = np.where(later, problem.safety_stock[self.item], self.opening)
        row = rows.rows(self.pairs, floor + self._receipts(), np.inf)
        previous = np.flatnonzero(later) - 1
        rows.terms(row, available, 1.0)
        rows.terms(row, self.lots, -problem.lot_size[self.item])
        rows.terms(row[later], self.excess[previous], -1.0)
        rows.terms(row[later], self.below[previous], 1.0)
        if problem.shortage == "backorder":
            rows.terms(row[later], self.short[previous], 1.0)
        if room is not None and limited:
            row = rows.rows(problem.periods, -np.inf, room.storage - self.fixed_volume())
            rows.terms(row[self.arrival], available, volume)

    def fixed_volume(self) -> FloatArray:
        """Return the volume by period that the group takes where no order can arrive."""
        items = self.items
        return np.asarray(
            self.work.problem.unit_volume[items] @ np.where(self.settled, self.work.flow.available[items], 0.0)
        )

    def money_terms(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Return what each line takes of the budget: period, variable, money at list price."""
        problem = self.work.problem
        return self.order_period, self.lots, problem.lot_size[self.item] * problem.unit_cost[self.item]

    def volume_terms(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Return what each line's stock takes of the storage: period, variable, volume."""
        count = len(self.available)
        return self.arrival[:count], self.available, self.work.problem.unit_volume[self.item[:count]]

    def _finish(self) -> None:
        """Add what no order can change, so that the objective is the group's priced cost."""
        problem, items = self.work.problem, self.items
        flow = self.work.flow
        below = np.maximum(problem.safety_stock[items][:, None] - flow.stock[items], 0)
        running = (
            problem.holding_cost[items][:, None] * flow.stock[items]
            + problem.shortage_cost[items][:, None] * flow.short[items]
            + problem.floor_penalty[items][:, None] * below
        )
        volumes = problem.unit_volume[items][:, None] * flow.available[items]
        constant = (running * self.settled).sum() + ((volumes * self.settled) @ self.prices.storage).sum()
        left_over = np.maximum(flow.stock[items, -1] - problem.safety_stock[items], 0)
        left_over = left_over * (self.settled[:, -1] & (problem.lead_time_periods[items] < problem.periods))
        constant += float(left_over @ (problem.unit_cost * best_rates(problem))[items])
        constant += float(problem.order_cost[items] @ (self.work.fixed[items] > 0).sum(axis=1))
        constant -= float(order_discounts(problem, self.work.fixed, by_value=False)[items].sum())
        self.rows.offset += float(constant)
        self.model: LinearModel = self.rows.model()

    def quantities(self, values: FloatArray) -> FloatArray:
        """Return the group's units by item and order period as the model has them, not yet in whole lots."""
        units = values[self.lots] * self.work.problem.lot_size[self.item]
        units = np.where(values[self.line] > 0.5, units, 0.0)
        table = self.work.fixed[self.items].copy()
        table[self.local, self.order_period] += units
        return table

    def start(self, quantity: FloatArray) -> FloatArray:
        """Return the whole-number variables of a plan of all items, for a solver to begin with."""
        problem, items = self.work.problem, self.items
        values = np.zeros(len(self.model.cost))
        own = np.where(self.work.can_order[items], quantity[items], 0.0)
        units = own[self.local, self.order_period]
        values[self.lots] = units / problem.lot_size[self.item]
        values[self.line] = units > 0
        if len(self.order):
            values[self.order] = (quantity[items] > 0).any(axis=0)
        start_choices(self, units, problem.unit_cost[items] @ quantity[items], values)
        return values
