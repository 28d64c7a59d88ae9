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
from invopt_xl.optimise.accounting import Flow, account, simulate
from invopt_xl.optimise.checker import Verdict, check_plan
from invopt_xl.optimise.constructive import construct
from invopt_xl.optimise.discounts import ignored_discounts
from invopt_xl.optimise.groundwork import Groundwork, keeps_limits, prepare
from invopt_xl.optimise.incumbent import Asked
from invopt_xl.optimise.local_search import polished
from invopt_xl.optimise.price_trials import tried_prices
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.ready import make_ready
from invopt_xl.optimise.search import Found, search_plan, trivial_bound
from invopt_xl.optimise.shadow_prices import MoreRoom, ShadowPrices
from invopt_xl.optimise.shapes import shapes_of
from invopt_xl.optimise.shortfall import Shortfall
from invopt_xl.optimise.shortfalls import shortfalls_of
from invopt_xl.optimise.steady import steadied
from invopt_xl.optimise.terms import TOLERANCE, FloatArray

EXPLAINING_SHARE, EXPLAINING = 0.15, 4.0
"""Part of the time limit that is left to explain the plan, and seconds of it at most."""

MINIMUMS_SHARE = 0.75
"""Part of that in which plans without minimums are tried, to say what these cost."""


@dataclass(frozen=True, eq=False)
class OrderPlan:
    """What to order, what it does, and how good it is.

    Parameters
    ----------
    quantity
        Units by source and order period.
    stock
        Expected units left at the end of each period.
    short
        Expected units short by item and period: lost, or waiting at its end.
    costs
        Money by kind, as `accounting.Account` has them.
    total
        What orders decide: all of `costs` but purchase, less discount. Purchase at list price is not in it: within the
        horizon it is the same for every plan, but for units lost (the shortage cost is their margin), units left over
        (worth what they cost, less the best saving: "end stock") and dearer or cheaper sources ("price", "emergency").
        So a gap cannot hide behind a large constant.
    bound
        No plan has a lower total: proven.
    gap
        (total - bound) as a share of what orders can change: the total before discounts, less the shortage and
        holding of periods before a first order can arrive. The total is the checker's.
    shortfalls
        What cannot be met.
    notes
        What the problem asks for and the plan does not count, such as a kind of discount.
    shaped_by
        For each line the limit that shaped it, one of `invopt_xl.optimise.SHAPES`.
    shadow_prices
        What more of each limit would save, by a unit.
    more_room
        How much more of each limit would save that by a unit.
    solver
        Its name; empty if none was used.
    status
        One line: solver, gap and time, or that no order can help.
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
    shadow_prices: ShadowPrices
    more_room: MoreRoom
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
    start: FloatArray | None = None,
    steady: bool = False,
    proven: float = -math.inf,
) -> OrderPlan:
    """Return a plan that keeps every limit, as cheap as the time allows, with a proven bound.

    Limits that cannot be kept are never a reason for no plan: demand they leave uncovered is short, and the plan's
    shortfalls say what each limit withholds.

    Parameters
    ----------
    problem
        What to plan.
    seconds
        Time limit; loading comes on top, and once after an installation the compiling of its loops.
    gap
        Stop when the plan is proven to be within this share of the cheapest.
    workers
        Threads; by default the number of cores, at most 8.
    progress
        Told how far it is.
    start
        A plan to better, units by source and period, such as yesterday's; left aside where it breaks a limit.
    steady
        Whether lines of the start stay as they are where changing them saves little, see `steady.steadied`.
    proven
        A bound that an earlier search has proven for this very problem, money: the gap counts from the better one.

    Raises
    ------
    InputError
        If the time limit or the gap is not a number above, or at least, zero, or the start is not a table of the
        problem's sources and periods.

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
    shape = problem.fixed_quantity.shape
    if start is not None:
        fits = start.shape == shape and bool(np.isfinite(start).all())
        require(fits, "start", f"of shape {start.shape}", f"finite units by source and period, of shape {shape}")
    progress = progress or Silent()
    make_ready(progress)
    began = time.monotonic()
    progress.stage("First order plan")
    work = prepare(problem)
    first = construct(work, seconds=min(0.6, 0.1 * seconds))
    # Limits are broken where the planner fixed a transfer from stock that is not there; and what scarce room leaves of
    # orders may cost more than it saves.
    if not keeps_limits(work, first) or _cost(problem, work.fixed) < _cost(problem, first):
        first = work.fixed.copy()
    if start is not None and keeps_limits(work, start) and _cost(problem, start) <= _cost(problem, first):
        first = start
    to_first = time.monotonic() - began
    explaining = min(EXPLAINING_SHARE * seconds, EXPLAINING)
    asked = Asked(began + seconds - explaining, gap, workers or min(os.cpu_count() or 1, 8))
    found = search_plan(work, first, asked, progress)
    found = replace(found, quantity=polished(work, found.quantity))
    if steady and start is not None:
        found = replace(found, quantity=steadied(work, found.quantity, start, seconds=max(0.5, 0.1 * seconds)))
    found = replace(found, bound=max(found.bound, proven))
    return _report(work, found, gap, (began, to_first), max(0.5, MINIMUMS_SHARE * explaining))


def _cost(problem: OrderProblem, quantity: FloatArray) -> float:
    return account(problem, quantity).total


def relative_gap(total: float, bound: float, base: float) -> float:
    """Return the share by which a plan may exceed the cheapest one."""
    missing = max(total - bound, 0.0)
    return 0.0 if missing <= 1e-9 * max(abs(total), 1.0) else missing / max(base, missing, 1e-12)


def _report(work: Groundwork, found: Found, asked: float, times: tuple[float, float], to_explain: float) -> OrderPlan:
    problem, quantity = work.problem, found.quantity
    flow = simulate(problem, quantity)
    verdict = check_plan(problem, quantity)
    found = _with_sound_bound(work, found, verdict)
    gap = relative_gap(verdict.total, found.bound, verdict.controllable)
    shortfalls, shapes = tuple(shortfalls_of(work, quantity, seconds=to_explain)), shapes_of(work, quantity)
    prices, more_room = tried_prices(work, quantity, found.prices, max(verdict.total - found.bound, 0.0))
    elapsed = time.monotonic() - times[0]  # with what it took to explain the plan
    return OrderPlan(
        quantity=quantity,
        stock=flow.stock,
        short=flow.short,
        costs=verdict.costs,
        total=verdict.total,
        bound=min(found.bound, verdict.total),
        gap=gap,
        shortfalls=shortfalls,
        notes=tuple(ignored_discounts(problem)),
        shaped_by=shapes,
        shadow_prices=prices,
        more_room=more_room,
        solver=found.solver,
        status=_status(found, gap, asked, elapsed) if work.open else _status_without_orders(flow),
        seconds=elapsed,
        seconds_to_first=times[1],
    )


def _status_without_orders(flow: Flow) -> str:
    """Return what is said where no line is open: a gap of nothing would sound as if all were well."""
    left = "lead times, limits and overrides leave none that arrives within the periods planned"
    met = "demand is not met" if (flow.short > TOLERANCE).any() else "demand is met without"
    return f"no order can help: {left}, and {met}"


def _with_sound_bound(work: Groundwork, found: Found, verdict: Verdict) -> Found:
    """Return what was found with a bound that the plan's total confirms; else only what is certain without a search.

    A bound above the total of a plan that keeps every limit is false: that is said, and no gap is claimed from it.
    """
    slack = TOLERANCE * max(1.0, abs(verdict.total), abs(verdict.controllable))
    if found.bound <= verdict.total + slack:
        return found
    note = (
        f"error: the bound of {found.bound:,.6g} exceeds the plan's total of {verdict.total:,.6g}, so it proves nothing"
    )
    return replace(found, bound=trivial_bound(work), notes=(*found.notes, note))


def _status(found: Found, gap: float, asked: float, elapsed: float) -> str:
    failed = f" ({'; '.join(dict.fromkeys(found.notes))})" if found.notes else ""
    if not found.solver:
        return f"no solver could be run: first plan only, gap {gap:.1%} after {elapsed:.1f} s{failed}"
    name = found.solver
    if name == "CBC" and not failed:
        name = "CBC (HiGHS is not available)"
    if gap <= asked:
        return f"{name}, gap {gap:.1%} after {elapsed:.1f} s{failed}"
    ended = "stopped at its time limit" if found.stopped else "search ended"
    return f"{name}, {ended} after {elapsed:.0f} s: gap {gap:.1%}{failed}"
