"""From a problem to an order plan, within a time limit and with an honest gap."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from invopt_xl.domain import Progress, Silent
from invopt_xl.errors import require
from invopt_xl.optimise.accounting import account, simulate
from invopt_xl.optimise.checker import check_plan
from invopt_xl.optimise.constructive import Prices, construct
from invopt_xl.optimise.decompose import LAST_MOMENT, Decomposition, Search, controllable_cost, relative_gap
from invopt_xl.optimise.discounts import ignored_discounts
from invopt_xl.optimise.explain import Shortfall, shapes_of, shortfalls_of
from invopt_xl.optimise.groundwork import Groundwork, keeps_limits, prepare
from invopt_xl.optimise.prices import dual_prices, staggered
from invopt_xl.optimise.problem import FloatArray, OrderProblem


@dataclass(frozen=True, eq=False)
class OrderPlan:
    """What to order, what it does, and how good it is.

    Parameters
    ----------
    quantity
        Units by item and order period.
    stock
        Expected units left at the end of each period.
    short
        Expected units short by period: lost, or waiting at its end.
    costs
        Money by kind: order, supplier order, holding, shortage, floor, discount (won; counts negative), end stock,
        and purchase.
    total
        What orders decide: order, supplier order, holding, shortage, floor and end stock, less discount. Purchase at
        list price is not in it: within the horizon it is the same for every plan, but for units lost (the shortage
        cost is their margin) and units left over (worth what they cost, less the best discount: "end stock"). So a
        gap cannot hide behind a large constant.
    bound
        No plan has a lower total: proven.
    gap
        (total - bound) as a share of what orders can change: the total before discounts, less the shortage and
        holding of periods before a first order can arrive.
    shortfalls
        What cannot be met.
    notes
        What the problem asks for and the plan does not count, such as a kind of discount.
    shaped_by
        For each line the limit that shaped it, one of `invopt_xl.optimise.explain.SHAPES`.
    solver
        Its name; empty if none was used.
    status
        One line: solver, gap and time.
    seconds, seconds_to_first
        Time in all, and to the first complete plan.
    """

    quantity: FloatArray
    stock: FloatArray
    short: FloatArray
    costs: dict[str, float]
    total: float
    bound: float
    gap: float
    shortfalls: tuple[Shortfall, ...]
    notes: tuple[str, ...]
    shaped_by: npt.NDArray[np.str_]
    solver: str
    status: str
    seconds: float
    seconds_to_first: float


def plan_orders(
    problem: OrderProblem,
    *,
    seconds: float = 15.0,
    gap: float = 0.01,
    workers: int | None = None,
    progress: Progress | None = None,
) -> OrderPlan:
    """Return a plan that keeps every limit, as cheap as the time allows, with a proven bound.

    Limits that cannot be kept are never a reason for no plan: demand they leave uncovered is short, and the plan's
    shortfalls say what each limit withholds.

    Parameters
    ----------
    problem
        What to plan.
    seconds
        Time limit.
    gap
        Stop when the plan is proven to be within this share of the cheapest.
    workers
        Threads; by default the number of cores, at most 8.
    progress
        Told how far it is.

    Raises
    ------
    InputError
        If the time limit or the gap is not a number above, or at least, zero.

    Examples
    --------
    >>> problem = OrderProblem(item_names=("tea",), supplier=-1, unit_cost=2.0, demand=[[5.0, 5.0, 5.0]], on_hand=5.0,
    ...                        lead_time_periods=1, order_cost=3.0, holding_cost=0.1, shortage_cost=4.0)
    >>> plan = plan_orders(problem)
    >>> plan.quantity.tolist(), f"{plan.total:.2f}", f"{plan.gap:.2%}"
    ([[10.0, 0.0, 0.0]], '3.50', '0.00%')
    """
    require(math.isfinite(seconds) and seconds > 0, "time limit", seconds, "seconds above zero")
    require(0 <= gap <= 1, "gap", gap, "a share from 0 to 1, such as 0.01")
    began = time.monotonic()
    progress = progress or Silent()
    progress.stage("First order plan")
    work = prepare(problem)
    free, _ = construct(work, coupled=False, seconds=min(0.6, 0.1 * seconds))
    coupled = not keeps_limits(work, free)
    first = construct(work, seconds=min(0.2, 0.05 * seconds))[0] if coupled else free
    to_first = time.monotonic() - began
    prices = Prices.none(problem.periods)
    if coupled:
        apart, prices = staggered(work, free, 0.15 * seconds)
        prices = dual_prices(work, 0.15 * seconds) or prices
        first = min((first, apart), key=lambda quantity: account(problem, quantity).total)
    wished = _wished(work, free, min(0.5, 0.05 * seconds))
    search = Search(work, first, began + 0.96 * seconds, gap, workers or min(os.cpu_count() or 1, 8), progress, prices)
    Decomposition(search, free if coupled else None).run()
    return _report(work, search, wished, began, to_first)


def _wished(work: Groundwork, free: FloatArray, seconds: float) -> FloatArray:
    """Return what would be ordered without capacity, budget and storage, to see what they withhold."""
    problem = work.problem
    if not np.isfinite(problem.capacity_units).any():
        return free
    unlimited = replace(
        problem,
        capacity_units=np.full(problem.suppliers, np.inf),
        budget=np.full(problem.periods, np.inf),
        storage_volume=np.inf,
    )
    return construct(prepare(unlimited), coupled=False, seconds=seconds)[0]


def _report(work: Groundwork, search: Search, wished: FloatArray, began: float, to_first: float) -> OrderPlan:
    problem, quantity = work.problem, search.quantity
    flow = simulate(problem, quantity)
    verdict = check_plan(problem, quantity)
    gap = relative_gap(verdict.total, search.bound, controllable_cost(work, quantity))
    elapsed = time.monotonic() - began
    return OrderPlan(
        quantity=quantity,
        stock=flow.stock,
        short=flow.short,
        costs=verdict.costs,
        total=verdict.total,
        bound=min(search.bound, verdict.total),
        gap=gap,
        shortfalls=tuple(shortfalls_of(work, quantity, wished)),
        notes=tuple(ignored_discounts(problem)),
        shaped_by=shapes_of(work, quantity),
        solver=search.solver,
        status=_status(search, gap, elapsed),
        seconds=elapsed,
        seconds_to_first=to_first,
    )


def _status(search: Search, gap: float, elapsed: float) -> str:
    failed = f" ({'; '.join(dict.fromkeys(search.notes))})" if search.notes else ""
    if not search.solver:
        return f"no solver could be run: first plan only, gap {gap:.1%} after {elapsed:.1f} s{failed}"
    name = search.solver
    if name == "CBC" and not failed:
        name = "CBC (HiGHS is not available)"
    if gap <= search.gap:
        return f"{name}, gap {gap:.1%} after {elapsed:.1f} s{failed}"
    # Suppliers proven one by one can still leave a gap where they share limits.
    ended = "stopped at its time limit" if search.left <= LAST_MOMENT else "every supplier searched"
    return f"{name}, {ended} after {elapsed:.0f} s: gap {gap:.1%}{failed}"
