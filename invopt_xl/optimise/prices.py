"""What budget and storage are worth: prices at which suppliers, each by itself, would about keep them.

Any prices give a valid bound on the whole; the dual values of the linear relaxation give a tight one.
"""

from __future__ import annotations

import time

import numpy as np

from invopt_xl.errors import SolverError
from invopt_xl.optimise import solvers
from invopt_xl.optimise.accounting import account, simulate
from invopt_xl.optimise.constructive import Prices, construct, priced_costs
from invopt_xl.optimise.forward import follow
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.groups import groups_of
from invopt_xl.optimise.problem import FloatArray
from invopt_xl.optimise.submodel import SupplierModel

PRICE_STEPS = 30

LINES_PER_SECOND = 1500
"""Lines of a linear relaxation that are surely solved in a second; where time is shorter it is not begun."""


def dual_prices(work: Groundwork, seconds: float) -> Prices | None:
    """Return the dual values of the shared limits in the linear relaxation, if it can be solved in time."""
    problem = work.problem
    if problem.items * problem.periods > LINES_PER_SECOND * seconds:
        return None
    none = Prices.none(problem.periods)
    models = [SupplierModel(work, one.items, one.supplier, none, relaxed=True) for one in groups_of(work)]
    joined, first_row = _join(work, models)
    try:
        found = solvers.solve(joined, solver=solvers.HIGHS, seconds=seconds)
    except SolverError:
        return None
    if found.duals is None or not found.finished:
        return None
    worth = np.maximum(-found.duals[first_row:], 0.0)
    worth = np.where(worth > 1e-9, worth, 0.0)
    return Prices(worth[: problem.periods], worth[problem.periods :])


def _join(work: Groundwork, models: list[SupplierModel]) -> tuple[solvers.LinearModel, int]:
    """Return one linear model of all groups with the shared limits as its last rows, and the first of these."""
    parts = [one.model for one in models]
    periods = work.problem.periods
    shifts = np.cumsum([0] + [len(one.cost) for one in parts])
    row = [np.repeat(np.arange(len(one.row_lower)), np.diff(one.starts)) for one in parts]
    row_shifts = np.cumsum([0] + [len(one.row_lower) for one in parts])
    first_row = int(row_shifts[-1])
    rows = [numbers + shift for numbers, shift in zip(row, row_shifts, strict=False)]
    columns = [one.columns + shift for one, shift in zip(parts, shifts, strict=False)]
    values = [one.values for one in parts]
    storage = work.storage.copy()
    for one, shift in zip(models, shifts.tolist(), strict=False):
        for offset, terms in ((0, one.money_terms()), (periods, one.volume_terms())):
            at, column, value = terms
            rows.append(first_row + offset + at)
            columns.append(column + shift)
            values.append(value)
        storage = storage - one.fixed_volume()
    every_row = np.concatenate(rows)
    order = np.argsort(every_row, kind="stable")
    count = np.bincount(every_row, minlength=first_row + 2 * periods)
    limits = np.concatenate((work.budget, storage))
    model = solvers.LinearModel(
        cost=np.concatenate([one.cost for one in parts]),
        lower=np.concatenate([one.lower for one in parts]),
        upper=np.concatenate([one.upper for one in parts]),
        integer=np.zeros(int(shifts[-1]), dtype=bool),
        starts=np.concatenate(([0], np.cumsum(count))),
        columns=np.concatenate(columns)[order],
        values=np.concatenate(values)[order],
        row_lower=np.concatenate([one.row_lower for one in parts] + [np.full(2 * periods, -np.inf)]),
        row_upper=np.concatenate([one.row_upper for one in parts] + [np.minimum(limits, 1e15)]),
    )
    return model, first_row


def staggered(work: Groundwork, free: FloatArray, seconds: float) -> tuple[FloatArray, Prices]:
    """Return the best plan met on the way to prices of the shared limits, and those prices.

    A subgradient method whose steps plan with the fast heuristic: prices rise where a limit is passed, so suppliers
    move their orders apart.

    Parameters
    ----------
    work
        The problem.
    free
        What would be ordered without shared limits.
    seconds
        Time for it.
    """
    problem = work.problem
    deadline = time.monotonic() + seconds
    prices = Prices.none(problem.periods)
    scales = _price_scales(work, free)
    quantity, order_periods = construct(work, prices, coupled=False, seconds=0.0)
    best, cheapest = free, np.inf
    asked, highest = prices, -np.inf
    for step in range(PRICE_STEPS):
        value = _dual_value(work, quantity, prices)
        if value > highest:
            asked, highest = prices, value
        for plan in (follow(work, quantity), construct(work, prices, seconds=0.0, order_periods=order_periods)[0]):
            total = account(problem, plan).total
            if total < cheapest:
                best, cheapest = plan, total
        if time.monotonic() > deadline:
            break
        over_budget, over_storage = _overruns(work, quantity)
        length = 0.5 / (1 + 0.3 * step)
        prices = Prices(
            np.maximum(prices.budget + length * scales[0] * over_budget, 0),
            np.maximum(prices.storage + length * scales[1] * over_storage, 0),
        )
        limit = min(0.15, max(deadline - time.monotonic(), 0.0))
        quantity, order_periods = construct(work, prices, coupled=False, seconds=limit, order_periods=order_periods)
    return best, asked


def _price_scales(work: Groundwork, free: FloatArray) -> tuple[float, float]:
    """Return the size of prices: the cost of being short for a unit of money, and a tenth of it for volume."""
    problem = work.problem
    typical = float(problem.shortage_cost @ problem.demand.mean(axis=1))
    money = float(problem.unit_cost @ problem.demand.mean(axis=1))
    volume = float(problem.unit_volume @ simulate(problem, free).available.mean(axis=1))
    return 0.1 * typical / max(money, 1e-9), 0.1 * typical / max(volume, 1e-9)


def _dual_value(work: Groundwork, quantity: FloatArray, prices: Prices) -> float:
    value = float(priced_costs(work, quantity, prices).sum())
    value -= float(np.where(prices.budget > 0, work.budget, 0) @ prices.budget)
    return value - float(np.where(prices.storage > 0, work.storage, 0) @ prices.storage)


def _overruns(work: Groundwork, quantity: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what exceeds budget and storage, as shares of them; negative where there is room."""
    problem = work.problem
    money = problem.unit_cost @ (quantity - work.fixed)
    volume = problem.unit_volume @ simulate(problem, quantity).available
    budget, storage = np.maximum(work.budget, 1e-9), np.maximum(work.storage, 1e-9)
    over_budget = np.where(np.isfinite(work.budget), money / budget - 1, -1.0)
    over_storage = np.where(np.isfinite(work.storage), volume / storage - 1, -1.0)
    return np.clip(over_budget, -1, 1), np.clip(over_storage, -1, 1)
