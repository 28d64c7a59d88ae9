"""The whole order problem as one plain mixed-integer model, as a planner who programs would write it with PuLP.

No decomposition and no cuts, only factors no larger than needed. On small problems it is the oracle of the plans, on
large ones the peer they are measured beside. It minimises what `check_plan` calls the total.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import pulp
from line_limits import most_useful
from model_writer import ModelWriter
from price_offers import line_offers, order_offers
from whole_discounts import OrderLines, add_discounts
from whole_solvers import minimise
from whole_terms import given_back, paid_for_a_unit, sells_within_life, without_orders

from invopt_xl.optimise import OrderProblem, solvers
from invopt_xl.optimise.terms import FloatArray


@dataclass(frozen=True, eq=False)
class WholeResult:
    """What one big model came to.

    Parameters
    ----------
    quantity
        Units by source and order period; None: no plan was found.
    objective
        The model's cost of that plan, money; infinite without a plan.
    bound
        Proven lower bound of the model's cost.
    build_seconds, seconds
        To write the model down in PuLP; to solve it.
    rows, columns
        Size of the model.
    """

    quantity: FloatArray | None
    objective: float
    bound: float
    build_seconds: float
    seconds: float
    rows: int
    columns: int


def solve_whole(
    problem: OrderProblem,
    solver: str = solvers.HIGHS,
    seconds: float = 60.0,
    *,
    relaxed: bool = False,
    exact: bool = True,
    threads: int = 1,
) -> WholeResult:
    """Minimise the whole problem in one model.

    Parameters
    ----------
    problem
        What to plan. Limits that the planner's own orders break leave it without a plan.
    solver
        ``"HiGHS"`` or ``"CBC"``.
    seconds
        Time limit of the solver; writing the model down comes on top.
    relaxed
        Allow fractions of everything that is whole or yes or no.
    exact
        Model also what hardly ever pays: lines larger than all that is needed of their item, to reach an order's
        value, and customers sent away to keep the safety stock, which a plan may not do. Without it the model is
        smaller and tighter.
    threads
        Of the solver.
    """
    began = time.perf_counter()
    model = WholeModel(problem, relaxed, exact)
    build_seconds = time.perf_counter() - began
    outcome = minimise(model.writer.lp, solver, seconds, threads)
    return WholeResult(
        quantity=model.found_quantity() if outcome.found else None,
        objective=model.writer.objective_value() if outcome.found else math.inf,
        bound=outcome.bound + model.writer.constant,
        build_seconds=build_seconds,
        seconds=time.perf_counter() - began - build_seconds,
        rows=model.writer.rows,
        columns=model.writer.columns,
    )


class WholeModel:
    """The model while it is written down, one group of rules after another.

    Quantities are expressions, or plain numbers where the planner fixed them.
    """

    def __init__(self, problem: OrderProblem, relaxed: bool, exact: bool) -> None:
        self.problem, self.exact = problem, exact
        self.writer = ModelWriter(relaxed)
        self.most = most_useful(problem, filler=exact)
        self.idle_stock, self.idle_short = without_orders(problem)
        self.given_back = given_back(problem)
        self.offers = [line_offers(problem, source) for source in range(problem.sources)]
        self.whole_offers = [order_offers(problem, supplier) for supplier in range(problem.suppliers)]
        self.lots: dict[tuple[int, int], Any] = {}
        self.quantity: dict[tuple[int, int], Any] = {}
        self.storage: list[list[Any]] = [[] for _ in range(problem.periods)]
        self.capital: list[list[Any]] = [[] for _ in range(problem.periods)]
        self._add_lines()
        for item in range(problem.items):
            self._follow_item(item)
        for supplier in range(-1, problem.suppliers):
            for period in range(problem.periods):
                self._add_order(supplier, period)
        self._add_shared_limits()
        self.writer.finish()

    def _add_lines(self) -> None:
        problem = self.problem
        self.arriving: dict[tuple[int, int], list[Any]] = defaultdict(list)
        self.leaving: dict[tuple[int, int], list[Any]] = defaultdict(list)
        for source in range(problem.sources):
            for period in range(problem.periods):
                fixed = float(problem.fixed_quantity[source, period])
                if not math.isnan(fixed):
                    units: Any = fixed
                elif self.most[source, period] > 0:
                    lot = float(problem.lot_size[source])
                    lots = self.writer.whole("lots", round(self.most[source, period] / lot))
                    self.lots[source, period] = lots
                    units = lot * lots
                else:
                    continue
                if isinstance(units, float) and units == 0:
                    continue
                self.quantity[source, period] = units
                self.writer.pay(paid_for_a_unit(problem, source, period), units)
                arrival = period + int(problem.lead_time_periods[source])
                self.arriving[int(problem.source_item[source]), arrival].append(units)
                if problem.origin[source] >= 0:
                    self.leaving[int(problem.origin[source]), period].append(units)

    def _follow_item(self, item: int) -> None:
        problem = self.problem
        most_stock = self._most_stock(item)
        sends = any(self.leaving.get((item, period)) for period in range(problem.periods))
        lost = problem.shortage == "lost"
        withholding_pays = self._withholding_pays(item, sends)
        stock: Any = float(problem.on_hand[item])
        waiting: Any = 0.0
        for period in range(problem.periods):
            demand = float(problem.demand[item, period])
            leaving = pulp.lpSum(self.leaving[item, period])
            here = stock + float(problem.scheduled_receipts[item, period]) + pulp.lpSum(self.arriving[item, period])
            if self.leaving[item, period]:
                self.writer.require(leaving <= here)
            position = here - leaving - waiting
            before = float(problem.demand[item, :period].sum())
            most_short = (demand if lost else before + demand) if sends else float(self.idle_short[item, period])
            if math.isfinite(problem.shelf_life_periods[item]):
                position = position - self._waste(item, period, position, 0.0 if lost else before)
            stock = self.writer.number("stock", most_stock[period])
            short: Any = self.writer.number("short", most_short) if most_short > 0 else 0.0
            self.writer.require(stock - short == position - demand)
            if withholding_pays and most_short > 0 and most_stock[period] > 0:
                some = self.writer.yes_or_no("some_left")
                self.writer.require(stock <= most_stock[period] * some)
                self.writer.require(short <= most_short * (1 - some))
            waiting = 0.0 if lost else short
            self._pay_for_stock(item, period, stock, short)

    def _withholding_pays(self, item: int, sends: bool) -> bool:
        """Return whether a plan might like to keep units that customers ask for: never what happens."""
        problem = self.problem
        keeping = float(problem.holding_cost[item])
        if problem.shortage == "backorder":
            keeping += float(problem.shortage_cost[item])
        floor_pays = bool(problem.safety_stock[item] > 0) and float(problem.floor_penalty[item]) > keeping
        return sends or (self.exact and floor_pays)

    def _waste(self, item: int, period: int, position: Any, owed: float) -> Any:
        """Return what is thrown away: all that does not sell within shelf life, and no more."""
        problem, sells = self.problem, sells_within_life(self.problem, item, period)
        orders = np.where(np.isnan(problem.fixed_quantity), self.most, problem.fixed_quantity)
        most = float(problem.on_hand[item] + problem.scheduled_receipts[item].sum())
        most += float(orders[problem.source_item == item].sum())
        waste, some = self.writer.number("waste", most), self.writer.yes_or_no("some_spoils")
        self.writer.require(position - waste <= sells)
        self.writer.require(waste <= most * some)
        self.writer.require(position - waste >= (sells + owed) * some - owed)
        self.writer.pay(float(problem.unit_value[item]), waste)
        return waste

    def _pay_for_stock(self, item: int, period: int, stock: Any, short: Any) -> None:
        problem = self.problem
        self.writer.pay(float(problem.holding_cost[item]), stock)
        self.writer.pay(float(problem.shortage_cost[item]), short)
        floor, penalty = float(problem.safety_stock[item]), float(problem.floor_penalty[item])
        if floor > 0 and penalty > 0:
            below = self.writer.number("below_floor", floor)
            self.writer.require(below >= floor - stock)
            self.writer.pay(penalty, below)
        if period == problem.periods - 1 and self.given_back[item] > 1e-12:
            spare = self.writer.number("spare")
            self.writer.require(spare >= stock - floor)
            self.writer.pay(self.given_back[item], spare)
        self.capital[period].append(float(problem.unit_value[item]) * stock)
        volume = float(problem.unit_volume[item])
        if volume > 0 and math.isfinite(problem.storage_volume[period]):
            available = self.writer.number("available")
            self.writer.require(available >= stock - short + float(problem.demand[item, period]))
            self.storage[period].append(volume * available)

    def _add_order(self, supplier: int, period: int) -> None:
        """Add what holds for the lines of one order: joint cost, smallest value, capacity, discounts."""
        problem, writer = self.problem, self.writer
        lines = self._lines_of(supplier, period)
        placed: Any = None
        if lines.units and supplier >= 0:
            writer.limit(lines.units.values(), float(problem.capacity_units[supplier, period]))
            joint_cost = float(problem.supplier_order_cost[supplier])
            minimum = float(problem.minimum_order_value[supplier])
            if joint_cost > 0 or minimum > 0:
                planned = any(isinstance(units, float) for units in lines.units.values())
                placed = 1.0 if planned else writer.yes_or_no("order_placed")
                writer.pay(joint_cost, placed)
            if minimum > 0:
                writer.require(lines.value >= minimum * placed)
            offers = {source: self.offers[source] for source in lines.units}
            if self.whole_offers[supplier] or any(offers.values()):
                add_discounts(writer, lines, offers, self.whole_offers[supplier])
        for source, units in lines.units.items():
            self._add_line_rules(source, period, units, placed)

    def _lines_of(self, supplier: int, period: int) -> OrderLines:
        rows = np.flatnonzero(self.problem.supplier == supplier).tolist()
        units = {source: self.quantity[source, period] for source in rows if (source, period) in self.quantity}
        return OrderLines(
            units,
            {row: one if isinstance(one, float) else float(self.most[row, period]) for row, one in units.items()},
            {row: float(self.problem.unit_cost[row, period]) for row in units},
        )

    def _add_line_rules(self, source: int, period: int, units: Any, placed: Any) -> None:
        problem = self.problem
        cost, lot = float(problem.order_cost[source]), float(problem.lot_size[source])
        if isinstance(units, float):  # the planner's
            self.writer.constant += cost
            return
        smallest, most = float(problem.minimum_order_quantity[source]), float(self.most[source, period])
        line: Any = placed
        if cost > 0 or smallest > lot:
            line = self.writer.yes_or_no("line_ordered")
            self.writer.pay(cost, line)
            self.writer.require(units >= max(smallest, lot) * line)
            if placed is not None and not isinstance(placed, float):
                self.writer.require(line <= placed)
        if line is not None:
            self.writer.require(units <= most * line)

    def _add_shared_limits(self) -> None:
        problem = self.problem
        for period in range(problem.periods):
            spent = [
                float(problem.unit_cost[source, when]) * units
                for (source, when), units in self.quantity.items()
                if when == period and problem.origin[source] < 0
            ]
            self.writer.limit(spent, float(problem.budget[period]))
            self.writer.limit(self.storage[period], float(problem.storage_volume[period]))
            self.writer.limit(self.capital[period], float(problem.working_capital[period]))

    def _most_stock(self, item: int) -> list[float]:
        """Return the most units that can be left at the end of each period."""
        problem = self.problem
        arrived, most = 0.0, []
        for period in range(problem.periods):
            for source in np.flatnonzero(problem.source_item == item).tolist():
                ordered = period - int(problem.lead_time_periods[source])
                if ordered >= 0:
                    arrived += float(self.most[source, ordered])
            units = float(self.idle_stock[item, period]) + arrived
            volume, worth = float(problem.unit_volume[item]), float(problem.unit_value[item])
            if volume > 0:
                units = min(units, float(problem.storage_volume[period]) / volume)
            if worth > 0:
                units = min(units, float(problem.working_capital[period]) / worth)
            most.append(units)
        return most

    def found_quantity(self) -> FloatArray:
        """Return the plan that was found, in whole lots."""
        quantity = np.nan_to_num(self.problem.fixed_quantity)
        for (source, period), lots in self.lots.items():
            count = float(lots.varValue or 0.0)
            quantity[source, period] = self.problem.lot_size[source] * (count if self.writer.relaxed else round(count))
        return quantity
