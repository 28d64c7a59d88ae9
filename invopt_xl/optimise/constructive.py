"""A good plan at once: order cycles per item by dynamic programming, shared order days per supplier by search.

Each item's periods are cut into order cycles by the recursion of Wagner and Whitin (Management Science 5, 1958),
with soft floors and shortages between cycles; a supplier's order periods are chosen by descent on the plan's true
cost. A forward pass then turns cycles into quantities that keep every limit.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.accounting import account, simulate
from invopt_xl.optimise.forward import Cycles, place_orders
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.problem import TOLERANCE, BoolArray, FloatArray

LONGEST_GAP = 6
"""Periods an item may stand below its floor before a cycle, in the recursion; longer gaps count as lost."""


@dataclass(frozen=True, eq=False)
class Prices:
    """What a unit of a shared limit is worth: money per money of budget and per volume of storage, by period."""

    budget: FloatArray
    storage: FloatArray

    @staticmethod
    def none(periods: int) -> Prices:
        """Return prices of zero."""
        return Prices(np.zeros(periods), np.zeros(periods))


class CycleModel:
    """The cost of every order cycle of every item, ready to be minimised under any order periods.

    Requirements are net: M_t is what must have arrived by the end of t to keep the floor, beyond stock and open
    orders, and m_t its increments.
    """

    def __init__(self, work: Groundwork, prices: Prices) -> None:
        problem = work.problem
        self.work, self.prices = work, prices
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
        volume_price = np.concatenate(([0.0], np.cumsum(prices.storage)))
        holding, volume = problem.holding_cost[:, None], problem.unit_volume[:, None]
        per_unit = holding * clock + volume * volume_price[1:]
        zero = np.zeros((problem.items, 1))
        self.weighted = np.hstack((zero, np.cumsum(increments * per_unit, axis=1)))
        money_price = np.zeros_like(problem.demand)
        for lead_time in np.unique(problem.lead_time_periods):
            rows = problem.lead_time_periods == lead_time
            if lead_time < periods:
                money_price[rows, lead_time:] = prices.budget[: periods - lead_time]
        self.unit_price = money_price * problem.unit_cost[:, None]
        self.saved = holding * clock + volume * volume_price[:-1] - self.unit_price
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
            refill = missing if problem.shortage == "backorder" else np.minimum(missing, floor)
            costs[:, length:, length] += refill * self.unit_price[:, length:]
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


def priced_costs(work: Groundwork, quantity: FloatArray, prices: Prices) -> FloatArray:
    """Return the cost by supplier (last: items without one), shared limits paid for at their prices."""
    problem = work.problem
    flow = simulate(problem, quantity)
    costs = account(problem, quantity, flow)
    per_item = costs.per_item + problem.unit_cost * ((quantity - work.fixed) @ prices.budget)
    per_item = per_item + problem.unit_volume * (flow.available @ prices.storage)
    totals = np.zeros(problem.suppliers + 1)
    np.add.at(totals, problem.supplier, per_item)  # supplier -1 is the last row
    totals[: problem.suppliers] += costs.supplier_order
    return totals


def construct(
    work: Groundwork,
    prices: Prices | None = None,
    *,
    coupled: bool = True,
    seconds: float = 1.0,
    order_periods: BoolArray | None = None,
) -> tuple[FloatArray, BoolArray]:
    """Return a plan that keeps every limit, and the order periods it was made for.

    Parameters
    ----------
    work
        The problem.
    prices
        Of the shared limits, if known.
    coupled
        Keep budget and storage; False ignores them.
    seconds
        Time for choosing order periods; a first plan is made whatever the time.
    order_periods
        Where to begin the search; found from regular cycles by default.
    """
    problem = work.problem
    prices = prices or Prices.none(problem.periods)
    model = CycleModel(work, prices)
    deadline = time.monotonic() + seconds
    if order_periods is None:
        order_periods = np.ones((problem.suppliers + 1, problem.periods), dtype=bool)
    search = _Search(model, order_periods)
    if problem.suppliers:
        search.regular_cycles(deadline)
        search.flips(deadline)
    quantity = search.quantity
    if coupled:
        quantity = place_orders(work, model.cycles(search.order_periods), coupled=True)
    return quantity, search.order_periods


class _Search:
    """Descent on order periods, all suppliers at once: a change is kept where the supplier's cost falls."""

    def __init__(self, model: CycleModel, order_periods: BoolArray) -> None:
        self.model = model
        self.order_periods = order_periods
        self.quantity, self.costs = self._evaluate(order_periods)

    def _evaluate(self, order_periods: BoolArray) -> tuple[FloatArray, FloatArray]:
        work = self.model.work
        quantity = place_orders(work, self.model.cycles(order_periods), coupled=False)
        return quantity, priced_costs(work, quantity, self.model.prices)

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
