"""The linear programme whose excess over the limits is the smallest relaxation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.groundwork import Groundwork, of_sources
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.solvers import LinearModel
from invopt_xl.optimise.targets import Targets
from invopt_xl.optimise.terms import BoolArray, FloatArray, IntArray

LATE = 1e-3
"""By what share an excess in the first period is dearer than in the last: among equals, the latest is named."""


@dataclass(frozen=True, eq=False)
class Relaxation:
    """How much more of each limit would do, beside the planner's own orders.

    Parameters
    ----------
    budget
        Money, shape (periods,).
    storage
        Volume, shape (periods,).
    working_capital
        Money, shape (periods,).
    capacity
        Units, shape (suppliers, periods).
    unmet
        Units by item that no relaxation of these limits brings: lines are held to their largest quantity, or the stock
        they would be sent from is not there. Shape (items,).
    """

    budget: FloatArray
    storage: FloatArray
    working_capital: FloatArray
    capacity: FloatArray
    unmet: FloatArray


def uncovered_stock(work: Groundwork, targets: Targets, items: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return stock at the end and the start of periods, but for what arrives by plan for these items."""
    problem = work.problem
    reached = (np.arange(problem.periods) >= targets.reach[:, None]) & items[:, None]
    stock = np.where(reached, targets.base, work.flow.stock)
    return stock, np.where(reached, targets.base + problem.demand, work.flow.available)


class RelaxationModel:
    """Variables, one after the other: units of lines, units arrived by item and period, excesses, units unmet."""

    def __init__(self, work: Groundwork, targets: Targets) -> None:
        self.work, self.targets = work, targets
        problem = work.problem
        self.limits = _Limits(work, targets)
        self.items = self.limits.items
        lines = targets.usable & self.items[problem.source_item][:, None]
        self.source, self.period = np.nonzero(lines)
        self.line_count = len(self.source)
        self.row_of = np.cumsum(self.items) - 1
        self.kept = np.flatnonzero(self.items)
        self.arrived_at = self.line_count
        self.excess_at = self.arrived_at + len(self.kept) * problem.periods
        self.soft = _held(work, targets)[self.kept]
        self.unmet_at = self.excess_at + len(self.limits.room)
        self.width = self.unmet_at + int(self.soft.sum()) * problem.periods
        self.rows = len(self.kept) * problem.periods

    def linear(self) -> LinearModel:
        """Return the model in sparse form."""
        problem, limits = self.work.problem, self.limits
        blocks = [self._balance(), self._use(), self._soft_targets()]
        rows, columns, values = (np.concatenate(part) for part in zip(*(block[:3] for block in blocks), strict=True))
        heights = [len(block[3]) for block in blocks]
        shift = np.repeat(np.cumsum([0, *heights[:-1]]), [len(block[0]) for block in blocks])
        order = np.argsort(rows + shift, kind="stable")
        starts = np.concatenate(([0], np.cumsum(np.bincount(rows + shift, minlength=sum(heights)))))
        lower = np.zeros(self.width)
        lower[self.arrived_at : self.excess_at] = self._least_arrived().ravel()
        upper = np.full(self.width, np.inf)
        upper[: self.line_count] = self.work.largest_line[self.source]
        cost = np.zeros(self.width)
        cost[self.excess_at : self.unmet_at] = limits.worth
        below = limits.dearest * (1.0 + problem.periods)
        cost[self.unmet_at :] = np.repeat(below[self.kept[self.soft]], problem.periods)
        return LinearModel(
            cost=cost,
            lower=lower,
            upper=upper,
            integer=np.zeros(self.width, dtype=bool),
            starts=starts,
            columns=columns[order],
            values=values[order],
            row_lower=np.concatenate([block[3] for block in blocks]),
            row_upper=np.concatenate([block[4] for block in blocks]),
        )

    def _least_arrived(self) -> FloatArray:
        """Return by item and period the units that must have arrived, or, of soft targets, what may have left."""
        problem = self.work.problem
        sent = np.zeros(problem.items, dtype=bool)
        sent[problem.origin[problem.transfer]] = True
        there = np.where(sent[:, None], -self.work.flow.available, 0.0)[self.kept]
        return np.where(self.soft[:, None], there, self.targets.needed[self.kept])

    def _balance(self) -> _Block:
        """Let A_t = A_(t-1) + what arrives - what leaves."""
        problem, periods = self.work.problem, self.work.problem.periods
        rows = np.arange(self.rows)
        later = rows[rows % periods > 0]
        arriving = self.row_of[problem.source_item[self.source]] * periods + self.period
        arriving += problem.lead_time_periods[self.source]
        moved = np.flatnonzero(problem.transfer[self.source])
        leaving = self.row_of[problem.origin[self.source[moved]]] * periods + self.period[moved]
        entries = (
            (rows, self.arrived_at + rows, 1.0),
            (later, self.arrived_at + later - 1, -1.0),
            (arriving, np.arange(self.line_count), -1.0),
            (leaving, moved, 1.0),
        )
        zero = np.zeros(self.rows)
        return (*_joined(entries), zero, zero)

    def _use(self) -> _Block:
        """Hold what lines and stock take of a limit, less the excess, to its room."""
        limits, periods = self.limits, self.work.problem.periods
        rows = np.arange(len(limits.room))
        entries: list[_Entries] = [(rows, self.excess_at + rows, -1.0)]
        for table, amounts in ((limits.money_row, limits.money), (limits.capacity_row, limits.units)):
            row = table[self.source, self.period]
            used = np.flatnonzero(row >= 0)
            entries.append((row[used], used, amounts[self.source[used], self.period[used]]))
        variables = self.arrived_at + np.arange(self.rows).reshape(len(self.kept), periods)
        for by_period, per_unit in ((limits.storage_row, limits.volume), (limits.capital_row, limits.value)):
            used = np.flatnonzero(by_period >= 0)
            takes = np.flatnonzero(per_unit[self.kept] > 0)
            if len(used) and len(takes):
                grid = np.broadcast_to(by_period[used], (len(takes), len(used)))
                amounts = np.broadcast_to(per_unit[self.kept[takes]][:, None], grid.shape)
                entries.append((grid.ravel(), variables[np.ix_(takes, used)].ravel(), amounts.ravel()))
        return (*_joined(entries), np.full(len(rows), -np.inf), limits.room)

    def _soft_targets(self) -> _Block:
        """Bring A_t and what is unmet to what is needed, for items that may lack however wide the limits are."""
        periods = self.work.problem.periods
        held = np.flatnonzero(self.soft)
        count = len(held) * periods
        rows = np.arange(count)
        arrived = self.arrived_at + (held[:, None] * periods + np.arange(periods)).ravel()
        entries = ((rows, arrived, 1.0), (rows, self.unmet_at + rows, 1.0))
        return (*_joined(entries), self.targets.needed[self.kept[held]].ravel(), np.full(count, np.inf))

    def read(self, values: FloatArray) -> Relaxation:
        """Return what the variables say."""
        problem, limits = self.work.problem, self.limits
        excess = np.append(np.maximum(values[self.excess_at : self.unmet_at], 0.0), 0.0)  # row -1: no limit
        unmet = np.zeros(problem.items)
        until = values[self.unmet_at :].reshape(-1, problem.periods)[:, : problem.told_periods]
        unmet[self.kept[self.soft]] = until.max(axis=1, initial=0.0)
        capital = excess[limits.capital_row]
        return Relaxation(
            excess[limits.budget_row], excess[limits.storage_row], capital, excess[limits.supplier_row], unmet
        )


_Entries = tuple[IntArray, IntArray, "FloatArray | float"]
_Block = tuple[IntArray, IntArray, FloatArray, FloatArray, FloatArray]


def _joined(entries: tuple[_Entries, ...] | list[_Entries]) -> tuple[IntArray, IntArray, FloatArray]:
    rows = np.concatenate([rows for rows, _, _ in entries])
    columns = np.concatenate([columns for _, columns, _ in entries])
    values = np.concatenate([np.broadcast_to(np.asarray(value, dtype=float), rows.shape) for rows, _, value in entries])
    return rows, columns, values


class _Limits:
    """The limits that there are, one row each, with the room the items outside the model leave and what it is worth."""

    def __init__(self, work: Groundwork, targets: Targets) -> None:
        problem = work.problem
        self.volume, self.value = problem.unit_volume, problem.unit_value
        self.money = np.where(problem.transfer[:, None], 0.0, problem.unit_cost)
        self.units = np.ones_like(problem.unit_cost)
        tables = (problem.budget, problem.storage_volume, problem.working_capital, problem.capacity_units.ravel())
        finite = np.concatenate([np.isfinite(table) for table in tables])
        numbers = np.where(finite, np.cumsum(finite) - 1, -1)
        periods = problem.periods
        self.budget_row, self.storage_row, self.capital_row = numbers[: 3 * periods].reshape(3, periods)
        self.supplier_row = numbers[3 * periods :].reshape(problem.suppliers, periods)
        taken = self.money > 0
        self.money_row = np.where(taken, self.budget_row, -1)
        self.capacity_row = of_sources(problem, self.supplier_row.astype(float), -1.0).astype(np.int64)
        self.items = self._taking_part(problem, targets)
        storage, capital = self._left_by_others(work, targets)
        room = (work.budget, storage, capital, work.capacity.ravel())
        self.room = np.concatenate(room)[finite]
        self.worth, self.dearest = self._worth(problem, finite)

    def _taking_part(self, problem: OrderProblem, targets: Targets) -> BoolArray:
        """Return the items whose lines or stock a limit holds, and that need something, or are sent from."""
        bound = ((self.money_row >= 0) | (self.capacity_row >= 0)).any(axis=1)
        bound |= np.isfinite(problem.maximum_order_quantity)
        part = np.zeros(problem.items, dtype=bool)
        part[problem.source_item[bound]] = True
        part |= (self.storage_row >= 0).any() & (self.volume > 0)
        part |= (self.capital_row >= 0).any() & (self.value > 0)
        part &= (targets.needed > 0).any(axis=1)
        moving = problem.transfer & targets.usable.any(axis=1)
        part[problem.origin[moving]] = True
        part[problem.source_item[moving]] = True
        return part

    def _left_by_others(self, work: Groundwork, targets: Targets) -> tuple[FloatArray, FloatArray]:
        """Return the storage and working capital left for what arrives, beside what is there without it."""
        problem = work.problem
        stock, available = uncovered_stock(work, targets, self.items)
        return problem.storage_volume - self.volume @ available, problem.working_capital - self.value @ stock

    def _worth(self, problem: OrderProblem, finite: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Return what an excess of each row costs, and by item more than a unit can ever need of all of them."""
        flow = problem.demand.sum(axis=1) + problem.safety_stock + 1e-9
        per_volume = float(self.value @ flow) / max(float(self.volume @ flow), 1e-9)
        served = problem.supplier >= 0
        spent = problem.sum_by_supplier(problem.unit_cost.mean(axis=1))
        count = np.bincount(problem.supplier[served], minlength=problem.suppliers)
        per_unit = np.maximum(spent / np.maximum(count, 1), 1e-6)
        sooner = 1.0 + LATE * np.arange(problem.periods)[::-1] / problem.periods
        worth = np.concatenate([sooner, max(per_volume, 1e-6) * sooner, sooner, np.outer(per_unit, sooner).ravel()])[
            finite
        ]
        per_line = problem.unit_cost.max(axis=1) + of_sources(problem, per_unit, 0.0)
        dearest = np.zeros(problem.items)
        np.maximum.at(dearest, problem.source_item, per_line)
        dearest = 2.0 * (dearest + self.value + per_volume * self.volume) + 1e-6
        if problem.transfer.any():  # a unit may have to be bought where it is sent from
            dearest[:] = 2.0 * dearest.max()
        return worth, dearest


def _held(work: Groundwork, targets: Targets) -> BoolArray:
    """Return the items that could lack even if no shared limit were there: their first lines are of limited size."""
    problem = work.problem
    free = targets.usable.any(axis=1) & ~problem.transfer & np.isinf(work.largest_line)
    first = np.where(free, targets.usable.argmax(axis=1) + problem.lead_time_periods, problem.periods)
    reach = np.full(problem.items, problem.periods)
    np.minimum.at(reach, problem.source_item, first)
    held = reach > targets.reach
    if problem.transfer.any():
        held[problem.origin[problem.transfer]] = True
    return held
