"""Why an item is short in a plan although, perhaps, no limit lacks anything."""

from __future__ import annotations

import numpy as np

from invopt_xl.errors import require
from invopt_xl.optimise.accounting import Flow, account, simulate
from invopt_xl.optimise.groundwork import Groundwork, money_ordered, prepare, whole_lots
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.refusals import refusals
from invopt_xl.optimise.targets import targets_of
from invopt_xl.optimise.terms import TOLERANCE, FloatArray
from invopt_xl.optimise.wording import (
    expected_units,
    listed,
    money_in_words,
    source_name,
    units_in_words,
    without_capacity,
)

_DEARER = "more than it saves"
_UNFOUND = "which a longer search may find"

_WORTH_SAYING = 0.005
"""Money that shows."""


def reason_short(problem: OrderProblem, quantity: FloatArray, item: int, *, since: int = 0) -> str:
    """Return why an item is short, or below its safety stock, in one line; empty if it is not.

    Only the periods that are told of count, see `OrderProblem.told_periods`.

    What is missing is offered to the plan once more, in every period in which it could be ordered, for the first period
    that is short, for all in a row at once and for one after the other: either the calendar, a rule or a limit forbids
    it, or it costs more than being short.

    Parameters
    ----------
    problem
        What the plan is for.
    quantity
        Units ordered by source and order period.
    item
        Index of the item.
    since
        The first period that is looked at.

    Raises
    ------
    InputError
        If there is no such item.

    Examples
    --------
    >>> problem = OrderProblem(item_names=("tea",), supplier=-1, unit_cost=2.0, demand=[[0.0, 3.0]], on_hand=0.0,
    ...                        lead_time_periods=0, shortage_cost=1.0, order_cost=10.0)
    >>> reason_short(problem, np.zeros((1, 2)), 0)
    'tea is 3 short from period 1: an order in period 1 would cost 7 more than it saves'
    """
    require(0 <= item < problem.items, "item", item, f"an index below {problem.items}")
    work, flow = prepare(problem), simulate(problem, quantity)
    clock = np.arange(problem.periods)
    looked_at = (clock >= since) & (clock < problem.told_periods)
    short = flow.short[item] * looked_at
    below = np.maximum(problem.safety_stock[item] - flow.stock[item], 0.0) * looked_at
    kind, missing = ("short", short) if (short > TOLERANCE).any() else ("below its safety stock", below)
    if not (missing > TOLERANCE).any():
        return ""
    worst = int(missing.argmax()) if kind != "short" else int(np.flatnonzero(short > TOLERANCE)[0])
    units = float(short.sum() if problem.shortage == "lost" and kind == "short" else missing.max())
    start = f"{problem.item_names[item]} is {units_in_words(units)} {kind} from period {worst}"
    row = missing[worst:][np.minimum.accumulate(missing[worst:] > TOLERANCE)]
    in_all = row.sum() if problem.shortage == "lost" and kind == "short" else row.max()
    sizes = sorted({float(missing[worst]), float(in_all)})
    told = _calendar(work, item, worst) or _trials(work, quantity, item, sizes, worst)
    if told.endswith(_DEARER) and kind == "short" and len(row) > 1:
        told = _in_turn(work, quantity, item, range(worst, worst + len(row))) or told
    return f"{start}: {told}"


def _calendar(work: Groundwork, item: int, period: int) -> str:
    """Return what of the calendar or the rules of an order forbids any order in time, if anything does."""
    problem = work.problem
    sources = np.flatnonzero(problem.source_item == item)
    if not len(sources):
        return "nobody delivers it"
    soonest = int(problem.lead_time_periods[sources].min())
    if period < soonest:
        return f"no order can arrive before period {soonest}"
    if period < soonest + problem.frozen_periods:
        return f"orders are frozen before period {problem.frozen_periods}"
    owners = problem.supplier[sources]
    if (owners >= 0).all() and not problem.capacity_units[owners].any():
        return without_capacity(list(dict.fromkeys(problem.supplier_names[one] for one in owners.tolist())))
    usable = targets_of(work).usable[sources]
    clock = np.arange(problem.periods) + problem.lead_time_periods[sources][:, None]
    if (usable & (clock <= period)).any():
        return ""
    suppliers = {problem.supplier_names[one] for one in problem.supplier[sources].tolist() if one >= 0}
    for refusal in refusals(work):
        if refusal.kind == "minimum" and refusal.subject in {problem.item_names[item], *suppliers}:
            return str(refusal)
    return "the planner decided every order that could arrive in time"


def _trials(work: Groundwork, quantity: FloatArray, item: int, sizes: list[float], period: int) -> str:
    """Return what comes of ordering what is missing, in the period of a line that arrives in time."""
    problem = work.problem
    usable = targets_of(work).usable
    total = account(problem, quantity).total
    best: tuple[float, str] | None = None
    hit: dict[str, str] = {}  # the first of each kind: that of the latest order
    for source in np.flatnonzero(problem.source_item == item).tolist():
        for placed in range(period - int(problem.lead_time_periods[source]), -1, -1):
            for units in sizes if usable[source, placed] else ():
                trial, minimum = _with_order(work, quantity, source, placed, units)
                flow = simulate(problem, trial)
                limits = _limits_hit(work, (trial, flow), source, placed)
                if limits:  # a larger one would hit them as well
                    limits |= {"minimum": minimum.removeprefix(" of ")} if minimum else {}
                    hit |= {kind: limit for kind, limit in limits.items() if kind not in hit}
                    break
                more = account(problem, trial, flow).total - total
                if best is None or more < best[0]:
                    best = (more, _order(problem, (quantity, trial), source, placed, minimum))
    if best is None:
        return f"{listed(list(hit.values()))} leave{'s' if len(hit) == 1 else ''} no room for it"
    if best[0] > 0:
        return f"{best[1]} would cost {money_in_words(best[0])} {_DEARER}"
    return f"{best[1]} would save {money_in_words(-best[0])}, {_UNFOUND}"


def _in_turn(work: Groundwork, quantity: FloatArray, item: int, row: range) -> str:
    """Return what one order after the other saves, each for a period that is short then; empty if none does."""
    problem, usable, made = work.problem, targets_of(work).usable, quantity
    total = before = account(problem, quantity).total
    periods: set[int] = set()
    for period in row:
        missing = float(simulate(problem, made).short[item, period])
        for source in np.flatnonzero(problem.source_item == item).tolist() if missing > TOLERANCE else ():
            placed = period - int(problem.lead_time_periods[source])
            if placed < 0 or not usable[source, placed]:
                continue
            trial, _ = _with_order(work, made, source, placed, missing)
            flow = simulate(problem, trial)
            cost = account(problem, trial, flow).total
            if cost < total - _WORTH_SAYING and not _limits_hit(work, (trial, flow), source, placed):
                made, total = trial, cost
                periods.add(placed)
                break
    if not periods:
        return ""
    first, last = min(periods), max(periods)
    orders = f"orders in periods {first} to {last}" if last > first else f"an order in period {first}"
    return f"{orders} would save {money_in_words(before - total)}, {_UNFOUND}"


def _with_order(
    work: Groundwork, quantity: FloatArray, source: int, period: int, missing: float
) -> tuple[FloatArray, str]:
    """Return a plan with so much more of a line, at least its supplier's minimum value; and that in words if it is."""
    problem, supplier, trial = work.problem, int(work.problem.supplier[source]), quantity.copy()
    wanted = max(float(quantity[source, period]) + missing, float(work.smallest_line[source]))
    trial[source, period] = whole_lots(np.array([wanted]), problem.lot_size[[source]])[0]
    if supplier < 0:
        return trial, ""
    cost, least = float(problem.unit_cost[source, period]), float(work.order_minimum[supplier, period])
    lacking = least - float(problem.sum_by_supplier(problem.unit_cost * (trial - work.fixed))[supplier, period])
    if lacking <= least * TOLERANCE or cost <= 0:
        return trial, ""
    raised = np.array([trial[source, period] + lacking / cost])
    trial[source, period] = whole_lots(raised, problem.lot_size[[source]])[0]
    return trial, f" of the supplier's minimum value of {money_in_words(least)}"


def _order(problem: OrderProblem, plans: tuple[FloatArray, FloatArray], source: int, period: int, minimum: str) -> str:
    """Return an order in words, with what of it would spoil: the plans without and with it tell."""
    quantity, trial = plans
    item = int(problem.source_item[source])
    whom = source_name(problem, source).removeprefix(problem.item_names[item])
    spoilt = float((simulate(problem, trial).waste - simulate(problem, quantity).waste)[item].sum())
    # A line that is there already is not spoken of as if nothing were ordered.
    order = "a larger order" if quantity[source, period] > TOLERANCE else "an order"
    words = f"{order}{whom}{minimum} in period {period}"
    told = expected_units(spoilt, float(problem.lot_size[source])) if spoilt > TOLERANCE else ""
    return f"{words}, of which {told} would spoil," if told else words


def _limits_hit(work: Groundwork, tried: tuple[FloatArray, Flow], source: int, period: int) -> dict[str, str]:
    """Return the limits, by kind, that a plan exceeds in the period of a line, or of its stock."""
    problem, (trial, flow) = work.problem, tried
    supplier, slack = int(problem.supplier[source]), 1 + TOLERANCE
    hit = {}
    if money_ordered(problem, trial - work.fixed)[period] > work.budget[period] * slack:
        hit["budget"] = f"the budget of period {period}"
    units = problem.sum_by_supplier(trial - work.fixed)
    if supplier >= 0 and units[supplier, period] > work.capacity[supplier, period] * slack:
        name = f"supplier {problem.supplier_names[supplier]}"
        # Where it has no room at all, it may be closed as well as small.
        full = not work.capacity[supplier, period] > 0
        refuses = f"{name}, which takes no more orders in period {period},"
        hit["capacity"] = refuses if full else f"the capacity of {name} in period {period}"
    over = np.flatnonzero(problem.unit_volume @ flow.available > work.storage * slack)
    if len(over):
        hit["storage"] = f"storage in period {over[0]}"
    over = np.flatnonzero(problem.unit_value @ flow.stock > work.working_capital * slack)
    if len(over):
        hit["working capital"] = f"working capital in period {over[0]}"
    if trial[source, period] > work.largest_line[source] * slack:
        hit["maximum"] = f"the largest order of {work.largest_line[source]:,.6g}"
    origin = int(problem.origin[source])
    if origin >= 0 and flow.short[origin].sum() > simulate(problem, work.fixed).short[origin].sum() + TOLERANCE:
        hit["origin"] = f"the stock of {problem.item_names[origin]}"
    return hit
