"""Which limits really withhold something from a plan, and where it is short by choice."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from invopt_xl.optimise.accounting import simulate
from invopt_xl.optimise.groundwork import Groundwork, money_ordered, of_sources, whole_lots
from invopt_xl.optimise.relaxation_model import Relaxation
from invopt_xl.optimise.targets import floor_asked, targets_of
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray, IntArray


def that_matters(work: Groundwork, relaxation: Relaxation, quantity: FloatArray) -> Relaxation:
    """Leave out the limits that stand in nobody's way, but for what stock takes of them if nothing is ordered.

    A limit stays if it blocks anything that the plan lacks, or if the plan leaves less of it than it is short of: then
    not even all that is left would do.

    Parameters
    ----------
    work
        The problem.
    relaxation
        The smallest one.
    quantity
        The plan, units by source and period.
    """
    problem, flow = work.problem, simulate(work.problem, quantity)
    blocked = blocking_limits(work, quantity)
    money_left = problem.budget - money_ordered(problem, quantity)
    units_left = problem.capacity_units - problem.sum_by_supplier(quantity)
    room_left = problem.storage_volume - problem.unit_volume @ flow.available
    capital_left = problem.working_capital - problem.unit_value @ flow.stock
    volume, money = problem.unit_volume @ work.flow.available, problem.unit_value @ work.flow.stock
    unhelped = np.maximum(volume - problem.storage_volume, 0.0), np.maximum(money - problem.working_capital, 0.0)
    by_supplier = blocked.capacity | _used_up(relaxation.capacity, units_left).any(axis=1)
    budget = blocked.budget or _used_up(relaxation.budget, money_left).any()
    storage = blocked.storage or bool((relaxation.storage > np.maximum(room_left, 0.0)).any())
    capital = blocked.working_capital or bool((relaxation.working_capital > np.maximum(capital_left, 0.0)).any())
    return replace(
        relaxation,
        budget=relaxation.budget * budget,
        storage=relaxation.storage if storage else unhelped[0],
        working_capital=relaxation.working_capital if capital else unhelped[1],
        capacity=relaxation.capacity * by_supplier[:, None],
    )


def _used_up(short: FloatArray, left: FloatArray) -> BoolArray:
    """Return where more was short until then than is left until then, along the last axis."""
    return np.asarray(np.cumsum(short, axis=-1) > np.cumsum(np.maximum(left, 0.0), axis=-1) * (1 + TOLERANCE))


@dataclass(frozen=True, eq=False)
class Blocking:
    """Whether each kind of limit stands in the way of any unit that is missing.

    Parameters
    ----------
    budget, storage, working_capital
        Whether it does.
    capacity
        Whether it does, by supplier.
    """

    budget: bool
    storage: bool
    working_capital: bool
    capacity: BoolArray


def blocking_limits(work: Groundwork, quantity: FloatArray) -> Blocking:
    """Return which limits stand in the way of what a plan lacks.

    What an item lacks in a period is offered to every line that could bring it in time, whole. Where the room that the
    plan leaves takes one of them, no limit is at fault: the order is dearer than the shortage. Where none fits, every
    limit that one of them hits is at fault.
    """
    problem, targets, flow = work.problem, targets_of(work), simulate(work.problem, quantity)
    room = _Room(work, quantity)
    below = np.maximum(floor_asked(problem)[:, None] - flow.stock, 0.0) * (problem.floor_penalty > 0)[:, None]
    short = flow.short * ((problem.shortage_cost + problem.floor_penalty) > 0)[:, None]
    missing = np.where(np.arange(problem.periods) >= targets.reach[:, None], short + below, 0.0)
    lacking = missing[problem.source_item] > TOLERANCE
    lot = problem.lot_size[:, None]
    units = whole_lots(np.maximum(missing[problem.source_item], work.smallest_line[:, None]), lot)
    hits = np.zeros((5, *lacking.shape), dtype=bool)
    fits = np.zeros_like(lacking)
    for ordered in range(problem.periods):
        arrival = ordered + problem.lead_time_periods
        in_time = lacking & targets.usable[:, [ordered]] & (np.arange(problem.periods) >= arrival[:, None])
        if in_time.any():
            hit = room.hits(units, short[problem.source_item], ordered, np.minimum(arrival, problem.periods - 1))
            hits |= hit & in_time
            fits |= in_time & ~hit.any(axis=0)
    by_item = problem.sum_by_item(fits.astype(float)) > 0
    hits &= ~by_item[problem.source_item]
    capacity = problem.sum_by_supplier(hits[1].any(axis=1).astype(float)) > 0
    return Blocking(bool(hits[0].any()), bool(hits[2].any()), bool(hits[3].any()), capacity)


class _Room:
    """What a plan leaves of every limit, and of every line: its largest quantity, or the stock it is sent from."""

    def __init__(self, work: Groundwork, quantity: FloatArray) -> None:
        problem, flow = work.problem, simulate(work.problem, quantity)
        self.problem = problem
        self.budget = work.budget - money_ordered(problem, quantity - work.fixed)
        left = problem.capacity_units - problem.sum_by_supplier(quantity)
        self.capacity = of_sources(problem, left, np.inf)
        self.storage = _least_between(problem.storage_volume - problem.unit_volume @ flow.available)
        self.capital = _least_between(problem.working_capital - problem.unit_value @ flow.stock)
        stock = np.minimum.accumulate(flow.stock[:, ::-1], axis=1)[:, ::-1]
        self.line = np.where(problem.transfer[:, None], stock[problem.origin], np.inf)
        self.line = np.minimum(self.line, work.largest_line[:, None] - quantity)
        self.capital_then = problem.working_capital - problem.unit_value @ flow.stock
        self.cost = np.where(problem.transfer[:, None], 0.0, problem.unit_cost)
        self.volume = problem.unit_volume[problem.source_item][:, None]

    def hits(self, units: FloatArray, short: FloatArray, ordered: int, arrival: IntArray) -> BoolArray:
        """Return whether units by source, for each period, hit budget, capacity, storage, working capital or the line.

        Parameters
        ----------
        units
            By source and the period they are for.
        short
            Of these, what is sold in that period.
        ordered
            The order period.
        arrival
            By source, when they arrive.
        """
        slack = TOLERANCE * np.maximum(units, 1.0)
        value = self.problem.source_value[:, None]
        spent = self.cost[:, [ordered]] * (units - slack) > self.budget[ordered]
        taken = units - slack > self.capacity[:, [ordered]]
        stored = self.volume * (units - slack) > self.storage[arrival]
        waits = self.capital[arrival]
        before = np.concatenate((np.full((len(waits), 1), np.inf), waits[:, :-1]), axis=1)  # the periods until then
        bound = (value * (units - slack) > before) | (value * (units - short - slack) > self.capital_then)
        return np.stack((spent, taken, stored, bound, units - slack > self.line[:, [ordered]]))


def _least_between(left: FloatArray) -> FloatArray:
    """Return the least of a row between two positions, both included: infinity where the second is before the first."""
    length = len(left)
    table = np.where(np.arange(length) >= np.arange(length)[:, None], left, np.inf)
    return np.asarray(np.minimum.accumulate(table, axis=1))
