"""The loops over stock levels, compiled: the cheapest plan of an item at given prices, by dynamic programming.

An item's levels at the end of a period are its opening stock less demand so far, and whole steps above and below it.
Two things leave this lattice: lost sales, and clearing by shelf life. An empty shelf, and a cleared one, begin a lane
of levels of their own, so that every stock that a plan can lead to is a level of some lane. Within a period what is
ordered arrives first, then what is sent to other locations leaves, then demand is met.
"""

from __future__ import annotations

import numpy as np

from invopt_xl.optimise.compiled import compiled, compiled_part
from invopt_xl.optimise.lattice_tables import Priced, Stages, Stocks, Taken
from invopt_xl.optimise.terms import FloatArray, IntArray

_TIE = 1e-9
"""A line is taken if it saves more money than this."""


@compiled_part
def _begins(stocks: Stocks, lost: bool, item: int, lane: int) -> float:
    """Return stock on a lane's base level, had there been no demand since the beginning."""
    if lane == 0:
        return float(stocks.origin[item])
    begun = int(lost) + int(stocks.spoils[item])
    period = stocks.first[item] + 1 + (lane - 1) // begun
    if lost and (lane - 1) % begun == 0:
        return float(stocks.net[item, period])
    return float(stocks.net[item, period] + stocks.cleared[item, period - 1])


@compiled_part
def _levels(stocks: Stocks, lost: bool, item: int, lane: int) -> int:
    """Return the number of a lane's levels: the later it begins, the less may still be needed."""
    begun = int(lost) + int(stocks.spoils[item])
    later = 0 if lane == 0 else 1 + (lane - 1) // begun
    return int(stocks.levels[item, stocks.first[item] + later])


@compiled_part
def _level_above(lowest: float, step: float, amount: float, levels: int) -> int:
    """Return the first level that stands for at least an amount."""
    if not amount > lowest:
        return 0
    level = min(np.ceil((amount - lowest) / step), float(levels))
    return int(level)


@compiled_part
def _ended(
    stocks: Stocks, priced: Priced, lost: bool, place: tuple[int, int, int], following: FloatArray, into: FloatArray
) -> None:
    """Write what the end of a period, and all that follows, costs on each level of a lane."""
    item, period, lane = place
    step, base, levels = stocks.step[item], stocks.base[item], _levels(stocks, lost, item, lane)
    lowest = _begins(stocks, lost, item, lane) - stocks.net[item, period + 1] - step * base
    begun = int(lost) + int(stocks.spoils[item])
    later = 1 + begun * (period - stocks.first[item])  # the lanes that begin now come after those there are
    held_cost = stocks.holding[item] + priced.end[period] * stocks.value[item]
    start_cost = priced.start[period] * stocks.volume[item]
    floor, floor_penalty = stocks.floor[item], stocks.floor_penalty[item]
    shortage, demand = stocks.shortage[item], stocks.demand[item, period]
    stays = following[lane]
    there = _level_above(lowest, step, 0.0, levels)
    for level in range(there):
        end = lowest + step * level
        cost = following[later, base] if lost else stays[level]
        into[level] = cost - shortage * end + floor_penalty * floor + start_cost * max(end + demand, 0.0)
    for level in range(there, levels):
        end = lowest + step * level
        cost = stays[level] + held_cost * end + floor_penalty * max(floor - end, 0.0)
        into[level] = cost + start_cost * (end + demand)
    most = stocks.cleared[item, period]
    if most < np.inf:
        held = max(most, 0.0)
        cost = following[later + begun - 1, base] + held_cost * held + shortage * (held - most)
        cost += floor_penalty * max(floor - held, 0.0) + start_cost * max(most + demand, 0.0)
        for level in range(levels):
            end = lowest + step * level
            if end > most:
                waste = end - most
                spared = min(waste, stocks.spared[item])
                into[level] = cost + (waste - spared) * stocks.value[item] - spared * priced.refund[item]


@compiled_part
def _least_ahead(
    ahead: FloatArray, choice: tuple[float, float], steps: tuple[int, int, int], queue: IntArray, best: FloatArray
) -> None:
    """Lower the best costs to those of a line to a level ahead.

    Where a most binds there is a queue of the levels within reach, those that a better one follows left out.
    """
    line, each = choice
    least, most, stride = steps
    levels, bounds = len(ahead), len(queue) > 0
    for rest in range(min(stride, levels)):
        level = rest + (levels - 1 - rest) // stride * stride
        least_so_far, first, last = np.inf, 0, 0
        while level >= 0:
            to = level + least
            if to < levels:
                paid = ahead[to] + each * to
                if not bounds:
                    least_so_far = min(least_so_far, paid)
                else:
                    while last > first and ahead[queue[last - 1]] + each * queue[last - 1] >= paid:
                        last -= 1
                    queue[last] = to
                    last += 1
                    while queue[first] > level + most:
                        first += 1
                    least_so_far = ahead[queue[first]] + each * queue[first]
                best[level] = min(best[level], line + least_so_far - each * level)
            level -= stride


@compiled_part
def _beyond(kept: float, each: float, steps: tuple[int, int], far: bool) -> int:
    """Return the steps of the best line that leads beyond the last level; zero if none is worth it.

    Stock beyond the last level is never needed: it is held to the end, or thrown away. So such a line is worth it only
    if units are paid for being ordered, as they are to fill an order's minimum value, or if there must be a line, or
    none is so small as not to lead there: then the smallest.
    """
    least, most = steps
    if each + kept < 0.0:
        return most
    return least if far else 0


@compiled_part
def _ahead(stocks: Stocks, lost: bool, place: tuple[int, int, int], after: FloatArray, into: FloatArray) -> None:
    """Write values of the levels from the highest down; what is not there cannot be sent.

    With backorders levels do not tell what stands there while customers wait: the value is then a bound.
    """
    item, period, lane = place
    levels = len(after)
    lowest = _begins(stocks, lost, item, lane) - stocks.net[item, period + 1] + stocks.demand[item, period]
    lowest -= stocks.step[item] * stocks.base[item]
    for level in range(levels):
        missing = lost and lowest + stocks.step[item] * level < -1e-9
        into[levels - 1 - level] = np.inf if missing else after[level]


@compiled_part
def _allowed(stages: Stages, priced: Priced, choice: int, stage: int, period: int) -> tuple[int, int, float]:
    """Return a choice's least and most steps, and what a line costs; infinite where there cannot be one."""
    least = max(priced.least[choice], stages.least[stage, period])
    most = stages.most[stage, period]
    return least, most, np.inf if most < least else priced.line[choice, period]


@compiled_part
def _improved(
    tables: tuple[Stocks, Stages, Priced], lost: bool, place: tuple[int, int, int], stage: int, rows: FloatArray
) -> bool:
    """Write the values of a lane, `rows[0]`, if a line of the stage may be placed before those in `rows[1]`.

    Returns whether there may be a line at all; if not, nothing is written. The other rows are there to work in.
    """
    stocks, stages, priced = tables
    item, period, lane = place
    levels = _levels(stocks, lost, item, lane)
    best, after, ahead = rows[0, :levels], rows[1, :levels], rows[2, :levels]
    sends, must = stages.sends[stage], stages.must[stage, period]
    queue = np.empty(levels if stages.binds[stage, period] else 0, dtype=np.int64)
    only_in, may = not stages.sends[stocks.stage[item] : stocks.stage[item + 1]].any(), False
    for choice in range(stages.choice[stage], stages.choice[stage + 1]):
        least, most, line = _allowed(stages, priced, choice, stage, period)
        if not np.isfinite(line):
            continue
        if not may:
            may = True
            best[:] = after
            if sends:
                best[:] = after[::-1]
                _ahead(stocks, lost, place, after, ahead)
            if must:
                best[:] = np.inf
        each, kept = priced.step[choice, period], priced.kept[item, period]
        steps = least, most, stages.stride[stage]
        _least_ahead(ahead if sends else after, (line, each), steps, queue, best)
        over = _beyond(kept, each, (least, most), must or stages.far[choice]) if only_in else 0
        for level in range(max(levels - over, 0), levels):
            cost = line + each * over + kept * (level + over - levels + 1) + after[levels - 1]
            best[level] = min(best[level], cost)
    if must and not may:
        best[:] = np.inf
        return True
    if sends and may:
        ahead[:] = best
        best[:] = ahead[::-1]
    return may


@compiled_part
def _taken(
    tables: tuple[Stocks, Stages, Priced],
    lost: bool,
    place: tuple[int, int, int],
    at: tuple[int, int],
    rows: FloatArray,
) -> tuple[int, int, int]:
    """Return steps and choice of the best line of a stage from a level, and the level it leads to."""
    stocks, stages, priced = tables
    item, period, lane = place
    stage, level = at
    levels = _levels(stocks, lost, item, lane)
    after, ahead = rows[1, :levels], rows[2, :levels]
    sends = stages.sends[stage]
    begin = levels - 1 - level if sends else level
    if sends:
        _ahead(stocks, lost, place, after, ahead)
    else:
        ahead[:] = after
    only_in = not stages.sends[stocks.stage[item] : stocks.stage[item + 1]].any()
    best, found = np.inf, (0, 0, begin)
    for choice in range(stages.choice[stage], stages.choice[stage + 1]):
        least, most, line = _allowed(stages, priced, choice, stage, period)
        if not np.isfinite(line):
            continue
        each, kept = priced.step[choice, period], priced.kept[item, period]
        stride = stages.stride[stage]
        most_here = min(most, levels - 1 - begin) if stages.binds[stage, period] else levels - 1 - begin
        for steps in range((least + stride - 1) // stride * stride, most_here + 1, stride):
            cost = line + each * steps + ahead[begin + steps]
            if cost < best:
                best, found = cost, (steps, choice, begin + steps)
        far = stages.must[stage, period] or stages.far[choice]
        over = _beyond(kept, each, (least, most), far) if only_in else 0
        if over > 0 and begin + over >= levels:
            cost = line + each * over + kept * (begin + over - levels + 1) + after[levels - 1]
            if cost < best:
                best, found = cost, (over, choice, levels - 1)
    steps, choice, reached = found
    return steps, choice - stages.choice[stage], levels - 1 - reached if sends else reached


@compiled_part
def _next(stocks: Stocks, lost: bool, place: tuple[int, int, int], level: int) -> tuple[int, int]:
    """Return the lane and level in which a period's end leaves an item."""
    item, period, lane = place
    base = stocks.base[item]
    end = _begins(stocks, lost, item, lane) - stocks.net[item, period + 1] - stocks.step[item] * base
    end += stocks.step[item] * level
    begun = int(lost) + int(stocks.spoils[item])
    later = 1 + begun * (period - stocks.first[item])
    if end > stocks.cleared[item, period]:
        return later + begun - 1, base
    if lost and end < 0.0:
        return later, base
    return lane, level


@compiled_part
def _follow(tables: tuple[Stocks, Stages, Priced], lost: bool, item: int, values: FloatArray, taken: Taken) -> None:
    """Follow the cheapest decisions from the opening stock."""
    stocks, stages, priced = tables
    begin, end = stocks.stage[item], stocks.stage[item + 1]
    periods = stocks.demand.shape[1]
    rows = np.empty((end - begin + 1, values.shape[2]))
    work = np.empty((3, values.shape[2]))
    # Not a literal zero: that would be a kind of its own, and all would be compiled twice.
    lane, level = int(np.int64(0)), int(stocks.base[item])
    for period in range(stocks.first[item], periods):
        place = item, period, lane
        _ended(stocks, priced, lost, place, values[period + 1], rows[end - begin])
        for number in range(end - begin - 1, -1, -1):
            work[1] = rows[number + 1]
            rows[number] = work[0] if _improved(tables, lost, place, begin + number, work) else work[1]
        for number in range(end - begin):
            stage = begin + number
            if rows[number + 1, level] - rows[number, level] > _TIE or stages.must[stage, period]:
                work[1] = rows[number + 1]
                steps, choice, level = _taken(tables, lost, place, (stage, level), work)
                ordered = period - stages.shift[stage]
                taken.steps[stage, ordered], taken.choice[stage, ordered] = steps, choice
        lane, level = _next(stocks, lost, place, level)


@compiled_part
def _solve(tables: tuple[Stocks, Stages, Priced], lost: bool, item: int, values: FloatArray) -> None:
    """Write what is to come costs at least, by period, lane and level, backwards."""
    stocks, _, priced = tables
    first, periods = stocks.first[item], stocks.demand.shape[1]
    begun = int(lost) + int(stocks.spoils[item])
    rows = np.empty((3, values.shape[2]))
    for period in range(periods, first - 1, -1):
        for lane in range(1 + begun * (period - first)):
            if lane > 0 and first + 1 + (lane - 1) // begun < stocks.emptied[item]:
                continue  # no plan leads there
            levels = _levels(stocks, lost, item, lane)
            place = item, period, lane
            if period == periods:
                lowest = _begins(stocks, lost, item, lane) - stocks.net[item, periods] - stocks.floor[item]
                for level in range(levels):
                    left = lowest + stocks.step[item] * (level - stocks.base[item])
                    values[periods, lane, level] = stocks.saving[item] * max(left, 0.0)
                continue
            _ended(stocks, priced, lost, place, values[period + 1], rows[1])
            for stage in range(stocks.stage[item + 1] - 1, stocks.stage[item] - 1, -1):
                if _improved(tables, lost, place, stage, rows):
                    rows[1] = rows[0]
            values[period, lane, :levels] = rows[1, :levels]


@compiled
def cheapest_plans(tables: tuple[Stocks, Stages, Priced], lost: bool, items: IntArray, taken: Taken) -> None:
    """Write the cheapest plans of some items.

    Parameters
    ----------
    tables
        What is known of stock and stages, and the prices.
    lost
        Whether sales are lost where stock is short, or else backordered.
    items
        Their numbers in the tables.
    taken
        Written into; where a limit allows no plan its cost is infinite, and it has no lines.
    """
    stocks = tables[0]
    periods = stocks.demand.shape[1]
    for item in items:
        first = stocks.first[item]
        lanes = 1 + (int(lost) + int(stocks.spoils[item])) * (periods - first)
        values = np.empty((periods + 1, lanes, stocks.levels[item, first]))
        _solve(tables, lost, item, values)
        taken.cost[item] = values[first, 0, stocks.base[item]]
        if np.isfinite(taken.cost[item]):
            _follow(tables, lost, item, values, taken)
