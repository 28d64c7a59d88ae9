"""The least extra of each limit that would let the targets be met: one linear programme for the whole problem.

Every limit may be exceeded at its worth in money, being below a target costs more than any of that, and orders are
fractions: so what is exceeded is the smallest relaxation, and no plan in whole lots does with less in all.
"""

from __future__ import annotations

import numpy as np

from invopt_xl.errors import SolverError
from invopt_xl.optimise import solvers
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.relaxation_model import Relaxation, RelaxationModel, uncovered_stock
from invopt_xl.optimise.targets import Targets, targets_of
from invopt_xl.optimise.terms import FloatArray


def smallest_relaxation(work: Groundwork, *, seconds: float = 5.0) -> Relaxation:
    """Return the least extra of the limits, weighed by money, that would let the targets be met.

    Where no solver can tell in time, it is what each limit would lack if it were the only one: see
    `each_limit_alone`.

    Parameters
    ----------
    work
        The problem.
    seconds
        Time limit of a solver.

    Examples
    --------
    >>> from invopt_xl.optimise import OrderProblem
    >>> from invopt_xl.optimise.groundwork import prepare
    >>> problem = OrderProblem(item_names=("tea",), supplier=-1, unit_cost=2.0, demand=[[5.0, 5.0]], on_hand=0.0,
    ...                        lead_time_periods=0, shortage_cost=4.0, budget=[9.0, 8.0])
    >>> smallest_relaxation(prepare(problem)).budget.tolist()
    [1.0, 2.0]
    """
    targets = targets_of(work)
    model = RelaxationModel(work, targets)
    if model.excess_at == model.width:  # no limit, and no line of limited size
        return model.read(np.zeros(model.width))
    linear = model.linear()
    for solver in solvers.available_solvers() if solvers.sound(linear) else ():
        try:
            found = solvers.solve(linear, solver=solver, seconds=seconds)
        except SolverError:
            continue
        if found.values is not None and found.finished:
            return model.read(found.values)
    return each_limit_alone(work, targets)


def each_limit_alone(work: Groundwork, targets: Targets) -> Relaxation:
    """Return what each limit would lack if no other were there and every item came from its first usable source.

    Orders may be early, never late: with U_t what must have been ordered by t and R_t the room until then, the excess
    until t is the largest U_s - R_s so far. Stock is least when all arrives just in time.
    """
    problem = work.problem
    arrived = np.maximum.accumulate(np.maximum(targets.needed, 0.0), axis=1)
    stock, available = uncovered_stock(work, targets, targets.reach < problem.periods)
    first = np.full(problem.items, -1)
    usable = np.flatnonzero(targets.usable.any(axis=1) & ~problem.transfer)[::-1]
    first[problem.source_item[usable]] = usable  # reversed: an item's first source is written last
    ordered = np.zeros((problem.sources, problem.periods))
    for item in np.flatnonzero(first >= 0).tolist():
        source, lead_time = int(first[item]), int(problem.lead_time_periods[first[item]])
        units = np.diff(arrived[item], prepend=0.0)
        units[lead_time] += units[:lead_time].sum()  # what a faster source would have brought comes as soon as it can
        ordered[source, : problem.periods - lead_time] = units[lead_time:]
    bought = np.where(problem.transfer[:, None], 0.0, problem.unit_cost * ordered).sum(axis=0)
    return Relaxation(
        budget=_lacking(bought, work.budget),
        storage=np.maximum(problem.unit_volume @ (available + arrived) - problem.storage_volume, 0.0),
        working_capital=np.maximum(problem.unit_value @ (stock + arrived) - problem.working_capital, 0.0),
        capacity=_lacking(problem.sum_by_supplier(ordered), work.capacity),
        unmet=np.zeros(problem.items),
    )


def _lacking(needed: FloatArray, room: FloatArray) -> FloatArray:
    """Return by period the excess over a limit when what is needed may be ordered before, along the last axis."""
    needed, until = np.cumsum(needed, axis=-1), np.cumsum(room, axis=-1)
    most = np.maximum.accumulate(np.maximum(needed - until, 0.0), axis=-1)
    return np.diff(most, axis=-1, prepend=0.0)
