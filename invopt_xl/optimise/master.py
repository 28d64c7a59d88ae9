"""The master programme: a mix of each item's plans, tied together by suppliers' orders and shared limits.

Dantzig and Wolfe's decomposition (Operations Research 8, 1960). Each item takes one of its plans, or in the relaxation
a mix of them; a supplier's order in a period is in one of its modes; lines need an order in their mode, orders need
their minimum value and keep within capacity. The duals of these rows are prices at which items are planned anew. What
items and orders cost at any prices, with the rows' limits at these prices, is a lower bound on every plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.accounting import Flow, account, simulate
from invopt_xl.optimise.groundwork import Groundwork, money_ordered
from invopt_xl.optimise.line_prices import ItemPlans, LinePrices
from invopt_xl.optimise.master_rows import Numbering, Rows, columns_of
from invopt_xl.optimise.modes import Mode
from invopt_xl.optimise.solvers import Columns
from invopt_xl.optimise.terms import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class SharedPrices:
    """What shared limits cost by period: per money of budget, volume of storage, money in stock."""

    budget: FloatArray
    storage: FloatArray
    working_capital: FloatArray

    @staticmethod
    def none(periods: int) -> SharedPrices:
        """Return prices of zero."""
        return SharedPrices(np.zeros(periods), np.zeros(periods), np.zeros(periods))


class Structure:
    """What the master of a problem is made of.

    Parameters
    ----------
    work
        The problem.
    modes
        Of each supplier.
    prices
        Of the shared limits, if these are paid for instead of kept.
    """

    def __init__(self, work: Groundwork, modes: list[list[Mode]], prices: SharedPrices | None = None) -> None:
        problem = work.problem
        self.work, self.modes = work, modes
        self.kept = prices is None
        self.prices = prices or SharedPrices.none(problem.periods)
        self.width = max((len(one) for one in modes), default=1)
        self.live = problem.first_change < problem.periods
        self.settled = np.arange(problem.periods) < problem.first_change[:, None]
        shape = (problem.suppliers, self.width, problem.periods)
        self.minimum, self.order_cost = np.zeros(shape), np.full(shape, np.inf)
        for supplier, own in enumerate(modes):
            for number, mode in enumerate(own):
                self.minimum[supplier, number], self.order_cost[supplier, number] = mode.minimum, mode.cost
        self.fixed_orders = problem.sum_by_supplier((work.fixed > 0).astype(float)) > 0
        self.rows = self._rows()
        self.orders = self._orders()
        self.constant = self._constant()

    def _rows(self) -> Rows:
        work, problem, give = self.work, self.work.problem, Numbering()
        served = problem.supplier >= 0
        there = np.isfinite(self.order_cost)
        line = np.zeros((problem.sources, self.width, problem.periods), dtype=bool)
        line[served] = work.can_order[served][:, None, :] & there[problem.supplier[served]]
        used = np.zeros(there.shape, dtype=bool)
        np.logical_or.at(used, problem.supplier[served], line[served])
        used |= there & self.fixed_orders[:, None, :]
        several = (used.sum(axis=1) > 1) | self.fixed_orders
        limits, kept = shared_room(work), np.full(problem.periods, self.kept)
        self.used = used
        item = give.add(self.live, 1.0, 1.0)
        return Rows(
            item=item,
            line=give.add(line, -np.inf, 0.0),
            least=give.add(used & (self.minimum > 0), 0.0, np.inf),
            most=give.add(used & np.isfinite(work.capacity)[:, None, :], -np.inf, 0.0),
            one=give.add(several, self.fixed_orders.astype(float), 1.0),
            count=give.add(np.asarray(used.any(axis=(1, 2))), 0.0, float(problem.periods)),
            moved=give.add(work.can_order & problem.transfer[:, None], 0.0, 0.0),
            budget=give.add(kept & np.isfinite(limits[0]), -np.inf, limits[0]),
            storage=give.add(kept & np.isfinite(limits[1]), -np.inf, limits[1]),
            working_capital=give.add(kept & np.isfinite(limits[2]), -np.inf, limits[2]),
            lower=np.concatenate(give.lower),
            upper=np.concatenate(give.upper),
        )

    def _orders(self) -> IntArray:
        """Return supplier, mode and period of each order variable, shape (3, orders)."""
        return np.stack(np.nonzero(self.used))

    def _constant(self) -> float:
        """Return what no plan changes: what falls before a first arrival, and the planner's own lines."""
        work, problem = self.work, self.work.problem
        costs = account(problem, work.fixed)
        lines = costs.order + costs.price + costs.emergency + costs.transfer + costs.lateness
        still = np.where(self.live, costs.unavoidable + lines, costs.per_item + costs.discount)
        return float(still.sum())

    def order_columns(self) -> Columns:
        """Return the order variables."""
        rows = self.rows
        supplier, mode, period = self.orders
        count = len(supplier)
        parts: list[tuple[IntArray, IntArray, FloatArray]] = []
        number = np.full(self.used.shape, -1)
        number[supplier, mode, period] = np.arange(count)
        served = np.flatnonzero(self.work.problem.supplier >= 0)
        source, line_mode, line_period = np.nonzero(rows.line[served] >= 0)
        source = served[source]
        at = number[self.work.problem.supplier[source], line_mode, line_period]
        parts.append((rows.line[source, line_mode, line_period], at, np.full(len(at), -1.0)))
        every = np.arange(count)
        capacity = self.work.capacity[supplier, period]
        for table, value in (
            (rows.least[supplier, mode, period], -self.minimum[supplier, mode, period]),
            (rows.most[supplier, mode, period], -capacity),
            (rows.one[supplier, period], np.ones(count)),
            (rows.count[supplier], np.ones(count)),
        ):
            there = table >= 0
            parts.append((table[there], every[there], value[there]))
        return columns_of(self.order_cost[supplier, mode, period], np.ones(count), parts, len(rows.lower))

    def plan_columns(self, plans: ItemPlans, made: PlanCosts, items: IntArray) -> Columns:
        """Return variables for the plans of some items."""
        problem, rows = self.work.problem, self.rows
        place = np.full(problem.items, -1)
        place[items] = np.arange(len(items))
        source, period = np.nonzero((plans.quantity > 0) & (place[problem.source_item] >= 0)[:, None])
        mode, units = plans.mode[source, period], plans.quantity[source, period]
        column = place[problem.source_item[source]]
        supplier, value = problem.supplier[source], units * problem.unit_cost[source, period]
        bought = ~problem.transfer[source]
        parts = [
            (rows.item[items], np.arange(len(items)), np.ones(len(items))),
            (rows.line[source, mode, period], column, np.ones(len(source))),
            (np.where(bought, rows.budget[period], -1), column, value),
        ]
        if problem.suppliers:
            parts.append((np.where(supplier >= 0, rows.least[supplier, mode, period], -1), column, value))
            parts.append((np.where(supplier >= 0, rows.most[supplier, mode, period], -1), column, units))
        parts.append((rows.moved[source, period], column, units))
        given, when = np.nonzero((plans.sent > 0) & (problem.transfer & (place[problem.origin] >= 0))[:, None])
        parts.append((rows.moved[given, when], place[problem.origin[given]], -plans.sent[given, when]))
        every = np.repeat(np.arange(len(items)), problem.periods)
        for table, used in ((rows.storage, made.volume[items]), (rows.working_capital, made.capital[items])):
            parts.append((np.tile(table, len(items)), every, used.ravel()))
        kept = [(table[table >= 0], column[table >= 0], value[table >= 0]) for table, column, value in parts]
        return columns_of(made.priced(self.prices)[items], np.full(len(items), np.inf), kept, len(rows.lower))

    def costs_of(self, plans: ItemPlans) -> PlanCosts:
        """Return what items' plans cost and use."""
        work, problem = self.work, self.work.problem
        quantity = plans.quantity + work.fixed
        flow = simulate(problem, quantity, plans.sent + work.fixed)
        costs = account(problem, quantity, flow, discounts=False)
        fixed = account(problem, work.fixed, work.flow, discounts=False)
        lines = fixed.order + fixed.price + fixed.emergency + fixed.transfer + fixed.lateness
        cost = costs.per_item - costs.unavoidable - lines - problem.sum_by_item(plans.saved.sum(axis=1))
        volume = problem.unit_volume[:, None] * np.where(self.settled, 0.0, flow.available)
        capital = problem.unit_value[:, None] * np.where(self.settled, 0.0, flow.stock)
        spent = problem.sum_by_item(np.where(problem.transfer[:, None], 0.0, problem.unit_cost * plans.quantity))
        return PlanCosts(cost, spent, volume, capital)

    def line_prices(self, duals: FloatArray) -> LinePrices:
        """Return what lines and stock cost at the rows' duals."""
        problem, rows = self.work.problem, self.rows

        def dual(table: IntArray) -> FloatArray:
            return rows.dual(duals, table)

        line = -dual(rows.line)
        served = problem.supplier >= 0
        exists = np.zeros(line.shape, dtype=bool)
        if problem.suppliers:
            exists = np.isfinite(self.order_cost)[problem.supplier]
        plain = (np.arange(self.width) == 0)[:, None]
        line = np.where(np.where(served[:, None, None], exists, plain), line, np.inf)
        cost = problem.unit_cost[:, None, :]
        unit = np.zeros(line.shape)
        if problem.suppliers:
            by_supplier = -cost * dual(rows.least)[problem.supplier] - dual(rows.most)[problem.supplier]
            unit = np.where(served[:, None, None], by_supplier, 0.0)
        spent = self.prices.budget - dual(rows.budget)
        moved = dual(rows.moved)
        unit = unit + np.where(problem.transfer[:, None, None], -moved[:, None, :], cost * spent)
        return LinePrices(
            line=line,
            unit=unit,
            sent=moved,
            start=self.prices.storage - dual(rows.storage),
            end=self.prices.working_capital - dual(rows.working_capital),
        )

    def order_bound(self, duals: FloatArray, lower: FloatArray, upper: FloatArray) -> float:
        """Return what orders and the rows' limits cost at least at the duals.

        Parameters
        ----------
        duals
            Of the rows.
        lower, upper
            Limits of the order variables, zero or one.
        """
        supplier, mode, period = self.orders
        cost = self._priced_orders(duals)
        table = np.full(self.used.shape, np.inf)
        table[supplier, mode, period] = np.where(upper > 0, cost, np.inf)
        must = np.zeros(self.used.shape, dtype=bool)
        must[supplier, mode, period] = lower > 0
        cheapest = table.min(axis=1, initial=np.inf)
        forced = np.where(must, table, np.inf).min(axis=1, initial=np.inf)
        free = np.where(self.fixed_orders, cheapest, np.minimum(cheapest, 0.0))
        return float(np.where(must.any(axis=1), forced, free).sum())

    def _priced_orders(self, duals: FloatArray) -> FloatArray:
        """Return what each order costs at the duals."""
        rows, problem = self.rows, self.work.problem
        supplier, mode, period = self.orders
        cost = self.order_cost[supplier, mode, period].copy()
        lines = np.zeros(self.used.shape)
        served = np.flatnonzero(problem.supplier >= 0)
        np.add.at(lines, problem.supplier[served], rows.dual(duals, rows.line[served]))
        cost += lines[supplier, mode, period]

        def dual(table: IntArray) -> FloatArray:
            return rows.dual(duals, table)

        cost += dual(rows.least[supplier, mode, period]) * self.minimum[supplier, mode, period]
        limited = rows.most[supplier, mode, period] >= 0
        capacity = np.where(limited, self.work.capacity[supplier, period], 0.0)
        cost += dual(rows.most[supplier, mode, period]) * capacity - dual(rows.count[supplier])
        return np.asarray(cost)

    def limits_at(self, duals: FloatArray, lower: FloatArray, upper: FloatArray) -> float:
        """Return the rows' limits at their duals, for all rows but those that items and orders keep by themselves."""
        own = np.zeros(len(duals), dtype=bool)
        own[self.rows.item[self.rows.item >= 0]] = True
        own[self.rows.one[self.rows.one >= 0]] = True
        limits = np.where(duals > 0, lower, upper)
        counts = ~own & (np.abs(duals) > 0)
        return float((duals[counts] * limits[counts]).sum())


def shared_room(work: Groundwork) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what is left for plans of budget, storage and working capital, by period.

    What stands in stock before a plan can change it is taken off.
    """
    problem = work.problem
    settled = np.arange(problem.periods) < problem.first_change[:, None]
    volume = problem.unit_volume @ np.where(settled, work.flow.available, 0.0)
    capital = problem.unit_value @ np.where(settled, work.flow.stock, 0.0)
    return work.budget, work.storage - volume, work.working_capital - capital


def shared_use(
    work: Groundwork, quantity: FloatArray, flow: Flow | None = None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what a plan takes of the room that `shared_room` tells, by period."""
    problem = work.problem
    flow = flow or simulate(problem, quantity)
    settled = np.arange(problem.periods) < problem.first_change[:, None]
    volume = problem.unit_volume @ np.where(settled, 0.0, flow.available)
    capital = problem.unit_value @ np.where(settled, 0.0, flow.stock)
    return money_ordered(problem, quantity - work.fixed), volume, capital


@dataclass(frozen=True, eq=False)
class PlanCosts:
    """What plans cost and use.

    Parameters
    ----------
    cost
        By item, money, without what shared limits cost.
    spent, volume, capital
        By item and period: money ordered beside the planner's own lines; volume and money in stock, where a plan can
        change them.
    """

    cost: FloatArray
    spent: FloatArray
    volume: FloatArray
    capital: FloatArray

    def priced(self, prices: SharedPrices) -> FloatArray:
        """Return the costs by item with shared limits paid for."""
        used = self.spent @ prices.budget + self.volume @ prices.storage + self.capital @ prices.working_capital
        return np.asarray(self.cost + used)
