"""What cannot be met, and the smallest relaxation of each limit that withholds it."""

from __future__ import annotations

import numpy as np

from invopt_xl.optimise.coverage import Coverage, coverage_of
from invopt_xl.optimise.groundwork import Groundwork, of_sources
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.refusals import crowding_minimums, refusals
from invopt_xl.optimise.relaxation import smallest_relaxation
from invopt_xl.optimise.relaxation_model import Relaxation
from invopt_xl.optimise.shapes import NEARLY
from invopt_xl.optimise.shortfall import NEGLIGIBLE, Shortfall, matters
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray
from invopt_xl.optimise.underway import whole_capacity
from invopt_xl.optimise.unpaid_minimums import NAMED, unmet_units, unpaid_minimums
from invopt_xl.optimise.withheld import that_matters
from invopt_xl.optimise.wording import expected_units, listed, units_in_words, units_named, without_capacity


def shortfalls_of(work: Groundwork, quantity: FloatArray, *, seconds: float = 5.0) -> list[Shortfall]:
    """Return what cannot be met: rules broken by the planner's orders, and what each limit lacks.

    Only the periods that are told of count, see `OrderProblem.told_periods`: of lines, those that are ordered in them.

    Parameters
    ----------
    work
        The problem.
    quantity
        The plan, units by source and period.
    seconds
        Time limit of the linear programme that finds the smallest relaxation, and of plans without minimums.
    """
    found = refusals(work) + _frozen(work)
    relaxation = that_matters(work, smallest_relaxation(work, seconds=seconds), quantity)
    found += _shared(work, relaxation) + _capacity(work, relaxation) + _unmet(work, relaxation)
    if (unmet_units(work.problem, quantity) > TOLERANCE).any():
        found += crowding_minimums(work)
    told = {one.subject for one in found if one.kind == "minimum"}
    found += _forced(work, quantity) + unpaid_minimums(work, quantity, told, seconds=seconds)
    return [one for one in found if one.period < work.problem.told_periods]


def _shared(work: Groundwork, relaxation: Relaxation) -> list[Shortfall]:
    problem = work.problem
    volume = float(problem.unit_volume @ problem.demand.sum(axis=1))
    worth = float(problem.unit_value @ problem.demand.sum(axis=1)) / max(volume, 1e-9)  # money per volume
    found = []
    for period in range(problem.told_periods):
        limit, over = float(problem.budget[period]), float(relaxation.budget[period])
        if matters(over, limit):
            message = f"budget of period {period} ({limit:,.0f}) is {over:,.0f} short of what the targets need"
            found.append(Shortfall("budget", period, "", over, message, over))
        limit, over = float(problem.storage_volume[period]), float(relaxation.storage[period])
        if matters(over, limit):
            message = f"storage ({limit:,.0f}) is short by {over:,.0f} in period {period}"
            found.append(Shortfall("storage", period, "", over, message, over * worth))
        limit, over = float(problem.working_capital[period]), float(relaxation.working_capital[period])
        if matters(over, limit):
            message = f"working capital ({limit:,.0f}) is short by {over:,.0f} in period {period}"
            found.append(Shortfall("working capital", period, "", over, message, over))
    return found


def _capacity(work: Groundwork, relaxation: Relaxation) -> list[Shortfall]:
    """Name the periods of a supplier that are short, and of one that takes no orders each spell at once."""
    problem, found = work.problem, []
    over, capacity = relaxation.capacity, whole_capacity(work.problem)
    least = np.where(np.isfinite(capacity), NEGLIGIBLE * capacity, 0.0)
    short = np.where(over > np.maximum(least, TOLERANCE), over, 0.0)[:, : problem.told_periods]
    for supplier in np.flatnonzero(short.any(axis=1)).tolist():
        closed = capacity[supplier, : problem.told_periods] <= 0
        for first, last in _spells(closed):
            if short[supplier, first : last + 1].any():
                found.append(_without_capacity(problem, supplier, (first, last), short[supplier, first : last + 1]))
        open_and_short = np.flatnonzero((short[supplier] > 0) & ~closed).tolist()
        found += [
            _beside_capacity(problem, supplier, period, capacity, float(short[supplier, period]))
            for period in open_and_short
        ]
    return found


def _beside_capacity(problem: OrderProblem, supplier: int, period: int, capacity: FloatArray, over: float) -> Shortfall:
    limit, name = float(capacity[supplier, period]), problem.supplier_names[supplier]
    message = (
        f"capacity of supplier {name} in period {period} ({units_named(f'{limit:,.0f}')}) is "
        f"{units_named(f'{over:,.0f}')} short of what the targets need"
    )
    return Shortfall("capacity", period, name, over, message, over * _mean_cost(problem, supplier, period))


def _without_capacity(problem: OrderProblem, supplier: int, spell: tuple[int, int], short: FloatArray) -> Shortfall:
    """Name a spell in which nothing can be ordered from a supplier, by its first period; always, if that is so."""
    first, last = spell
    name, units = problem.supplier_names[supplier], float(short.sum())
    always = not problem.capacity_units[supplier].any()
    when = f" in periods {first} to {last}" if last > first else f" in period {first}"
    closed = without_capacity([name], "" if always else when)
    message = f"{closed}, {units_named(f'{units:,.0f}')} short of what the targets need"
    worth = sum(float(over) * _mean_cost(problem, supplier, first + place) for place, over in enumerate(short))
    return Shortfall("capacity", -1 if always else first, name, units, message, worth)


def _spells(there: BoolArray) -> list[tuple[int, int]]:
    """Return the first and last period of each spell.

    Examples
    --------
    >>> _spells(np.array([False, True, True, False, True]))
    [(1, 2), (4, 4)]
    """
    steps = np.diff(np.concatenate(([0], there.astype(np.int64), [0])))
    return list(zip(np.flatnonzero(steps > 0).tolist(), (np.flatnonzero(steps < 0) - 1).tolist(), strict=True))


def _mean_cost(problem: OrderProblem, supplier: int, period: int) -> float:
    return float(problem.unit_cost[problem.supplier == supplier, period].mean())


def _unmet(work: Groundwork, relaxation: Relaxation) -> list[Shortfall]:
    """Name the items whose largest line leaves them short whatever the other limits."""
    problem, found = work.problem, []
    for item in np.flatnonzero(relaxation.unmet > 0).tolist():
        largest = work.largest_line[(problem.source_item == item) & ~problem.transfer]
        units, name = float(relaxation.unmet[item]), problem.item_names[item]
        asked = float(problem.demand[item, : problem.told_periods].sum())
        if not len(largest) or not np.isfinite(largest).all() or not matters(units, asked):
            continue
        message = (
            f"the largest order of {units_named(f'{largest.sum():,.6g}')} of {name} is "
            f"{units_named(f'{units:,.6g}')} short of what the targets need"
        )
        worth = units * float(problem.unit_value[item])
        found.append(Shortfall("maximum", -1, name, units, message, worth, ((name, units),)))
    return found


def _frozen(work: Groundwork) -> list[Shortfall]:
    """Name the items that run short in periods an order could reach if the first periods were not frozen."""
    problem = work.problem
    if not problem.frozen_periods:
        return []
    clock, found = np.arange(problem.periods), []
    soonest = np.full(problem.items, problem.periods)
    free = np.isnan(problem.fixed_quantity).any(axis=1)
    np.minimum.at(soonest, problem.source_item[free], problem.lead_time_periods[free])
    kept_out = (clock >= soonest[:, None]) & (clock < (soonest + problem.frozen_periods)[:, None])
    short = np.where(kept_out & (clock < problem.told_periods), work.flow.short, 0.0)
    units = short.sum(axis=1) if problem.shortage == "lost" else short.max(axis=1)
    for item in np.flatnonzero(units > TOLERANCE).tolist():
        name = problem.item_names[item]
        message = f"frozen periods leave {units_named(f'{units[item]:,.6g}')} of {name} short"
        first, lacking = int(np.flatnonzero(short[item])[0]), float(units[item])
        worth = lacking * float(problem.unit_value[item])
        found.append(Shortfall("frozen", first, name, lacking, message, worth, ((name, lacking),)))
    return found


def _forced(work: Groundwork, quantity: FloatArray) -> list[Shortfall]:
    """Name the minimums and lots that make a plan buy what spoils, or what nobody needs within the horizon."""
    problem = work.problem
    coverage, told = coverage_of(problem, quantity), np.arange(problem.periods) < problem.told_periods
    value = problem.sum_by_supplier(problem.unit_cost * quantity)
    minimum = problem.minimum_order_value[:, None]
    at_minimum = (minimum > 0) & (value > 0) & (value < minimum * (1 + NEARLY)) & told
    return _spoilt(work, quantity, coverage, at_minimum) + _surplus(work, coverage, at_minimum)


def _spoilt(work: Groundwork, quantity: FloatArray, coverage: Coverage, at_minimum: BoolArray) -> list[Shortfall]:
    problem = work.problem
    totals: dict[tuple[int, str], float] = {}
    lines = (coverage.wasted > TOLERANCE * np.maximum(1, quantity)) & (work.fixed <= 0)
    lines[:, problem.told_periods :] = False
    for source, period in np.argwhere(lines).tolist():
        units, supplier = float(coverage.wasted[source, period]), int(problem.supplier[source])
        smallest, lot = float(work.smallest_line[source]), float(problem.lot_size[source])
        if quantity[source, period] <= smallest * (1 + TOLERANCE) and smallest > lot:
            cause = "minimum order"
        elif units < lot and lot > 1:  # of single units some part may always spoil
            cause = "lot"
        elif supplier >= 0 and at_minimum[supplier, period]:
            cause = "minimum order value"
        else:
            continue
        totals[source, cause] = totals.get((source, cause), 0.0) + units
    found = []
    for (source, cause), units in totals.items():
        supplier, item = int(problem.supplier[source]), int(problem.source_item[source])
        name = problem.item_names[item]
        size = f" of {problem.lot_size[source]:,.6g}" if cause == "lot" else ""
        whose = f"supplier {problem.supplier_names[supplier]}'s {cause}" if supplier >= 0 else f"the {cause}"
        told = expected_units(units, float(problem.lot_size[source]))
        if not told:
            continue
        forced = units_named(told)
        message = f"{whose}{size} forces {forced} of {name} beyond its shelf life"
        found.append(Shortfall("shelf life", -1, name, units, message, units * float(problem.unit_value[item])))
    return found


def _left_over(problem: OrderProblem, units: FloatArray) -> str:
    """Return in words which items units by source are of, those first that are worth most."""
    by_item = problem.sum_by_item(units)
    order = np.argsort(-by_item * problem.unit_value, kind="stable")[: int((by_item > TOLERANCE).sum())].tolist()
    named = [f"{units_named(units_in_words(by_item[item]))} of {problem.item_names[item]}" for item in order[:NAMED]]
    more = [f"{len(order) - NAMED:,} more"] if len(order) > NAMED else []
    return listed(named + more)


def _surplus(work: Groundwork, coverage: Coverage, at_minimum: BoolArray) -> list[Shortfall]:
    """Name the suppliers whose minimum order value makes a plan buy what is left at the horizon's end."""
    problem = work.problem
    raised = of_sources(problem, at_minimum.astype(float), 0.0) > 0
    units = np.where(raised & (work.fixed <= 0), coverage.left, 0.0)
    left, found = problem.sum_by_supplier(problem.unit_cost * units), []
    for supplier in np.flatnonzero(left.sum(axis=1) > TOLERANCE).tolist():
        money, least = float(left[supplier].sum()), float(problem.minimum_order_value[supplier])
        if not matters(money, 10.0 * least):
            continue
        name = problem.supplier_names[supplier]
        what = _left_over(problem, np.where(problem.supplier == supplier, units.sum(axis=1), 0.0))
        message = (
            f"supplier {name}'s minimum order value ({least:,.0f}) forces stock worth {money:,.0f} beyond need: {what}"
        )
        found.append(Shortfall("minimum", -1, name, money, message, money))
    return found
