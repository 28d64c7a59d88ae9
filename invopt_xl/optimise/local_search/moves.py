"""Changes of a plan: of single lines, of items planned anew, of whole orders opened, closed and shifted."""

from __future__ import annotations

import numpy as np

from invopt_xl.optimise.compiled import compiled, inlined
from invopt_xl.optimise.local_search.chance import below, chance
from invopt_xl.optimise.local_search.columns import (
    LIST_PRICE,
    ORIGIN,
    BARRED,
    CAN_ORDER,
    DEMAND,
    EXCESS,
    FREE,
    ITEM,
    LEAD_TIME,
    LEAST,
    LINES,
    LOT,
    MOST,
    SUPPLIER,
    WEIGHT,
)
from invopt_xl.optimise.local_search.evaluator import keep_best, set_line, undo
from invopt_xl.optimise.local_search.refit import clear, refit
from invopt_xl.optimise.local_search.tables import State, Tables

BLINDNESS = 0.05
"""Probability that a possible line is overlooked where an item is planned anew."""


@compiled
def anneal(tables: Tables, state: State, moves: int, temperature: float, mix) -> None:
    """Try so many changes of whole orders, and many small ones; worse plans are accepted as in simulated annealing."""
    for _ in range(moves):
        _settle(state, tables, change_order(tables, state, mix), temperature)
        for _ in range(mix[0]):
            _settle(state, tables, refit(tables, state, below(state, len(tables.items)), mix[4]), temperature)
        for _ in range(mix[1]):
            _settle(state, tables, change_line(tables, state), temperature)


@inlined
def _settle(state: State, tables: Tables, rise: float, temperature: float) -> None:
    """Keep the changes made since the last time, or take them back."""
    if rise > 0 and chance(state) >= np.exp(-rise / temperature):
        undo(tables, state, 0)
        return
    state.counts[1] = 0
    if rise != 0:
        keep_best(state)


@compiled
def adapt(tables: Tables, state: State, raised: float, lowered: float, eased: float) -> None:
    """Make limits dearer that are exceeded, and the others a little cheaper: shared ones, and those of suppliers."""
    state.totals[1] = 0.0
    shared = tables.shared.size
    for limit in range(state.limits.shape[1]):
        if state.limits[EXCESS, limit] > 0:
            state.limits[WEIGHT, limit] *= raised
        else:
            state.limits[WEIGHT, limit] *= lowered if limit < shared else eased
        state.totals[1] += state.limits[WEIGHT, limit] * state.limits[EXCESS, limit]


# -- lines ------------------------------------------------------------------------------------------------------------


@compiled
def change_line(tables: Tables, state: State) -> float:
    """Change a random line of a random source, or move all or part of it; return the rise of cost and excess."""
    source = below(state, len(tables.sources))
    period = _some_line(tables, state, source)
    if period < 0:
        return _new_line(tables, state, source)
    lots, kind = state.lots[source, period], chance(state)
    if kind < 0.4:
        more = 1 if chance(state) < 0.5 else 1 + below(state, max(lots // 2, 1))
        after = lots + more if chance(state) < 0.5 else lots - more
        return _set_within(tables, state, source, period, after)
    if kind < 0.5:
        return set_line(tables, state, source, period, 0)
    if kind < 0.7:
        return _exchange(tables, state, source, period, 1 + below(state, max(lots // 2, 1)))
    part = lots if chance(state) < 0.5 else 1 + below(state, lots)
    other, then = _other_place(tables, state, source, period)
    if then < 0:
        return 0.0
    moved = int(np.ceil(part * tables.lines[LOT, source, 0] / tables.lines[LOT, other, 0] - 1e-6))
    rise = _set_within(tables, state, source, period, lots - part)
    return rise + _set_within(
        tables, state, other, then, max(state.lots[other, then] + moved, tables.sources[other, LEAST])
    )


@inlined
def _exchange(tables: Tables, state: State, source: int, period: int, lots: int) -> float:
    """Order less of a line, and more of another one in the same period for about the same money."""
    for _ in range(20):
        other = below(state, len(tables.sources))
        if other != source and state.lots[other, period] > 0 and tables.sources[other, ORIGIN] < 0:
            worth = lots * tables.lines[LOT, source, period] * tables.lines[LIST_PRICE, source, period]
            price = tables.lines[LOT, other, period] * tables.lines[LIST_PRICE, other, period]
            more = max(int(worth / price + chance(state)), 1)
            rise = _set_within(tables, state, source, period, state.lots[source, period] - lots)
            return rise + _set_within(tables, state, other, period, state.lots[other, period] + more)
    return 0.0


@inlined
def _set_within(tables: Tables, state: State, source: int, period: int, lots: int) -> float:
    """Set a line within its minimum and maximum; below the minimum it is left out."""
    lots = min(lots, tables.sources[source, MOST])
    return set_line(tables, state, source, period, lots if lots >= tables.sources[source, LEAST] else 0)


@inlined
def _some_line(tables: Tables, state: State, source: int) -> int:
    """Return the period of a random line of a source, or -1."""
    found, seen = -1, 0
    for period in range(tables.shared.shape[1]):
        if state.lots[source, period] > 0:
            seen += 1
            if seen == 1 or chance(state) * seen < 1:
                found = period
    return found


@inlined
def _new_line(tables: Tables, state: State, source: int) -> float:
    """Add a line of a source, for an origin's stock or for what comes a period later."""
    period = below(state, tables.shared.shape[1])
    if tables.lines[CAN_ORDER, source, period] == 0 or not _is_open(tables, state, source, period):
        return 0.0
    lots = tables.sources[source, LEAST]
    if tables.shared.shape[1] > period + tables.sources[source, LEAD_TIME]:
        wanted = (
            tables.flows[DEMAND, tables.sources[source, ITEM], period + tables.sources[source, LEAD_TIME]]
            * 2
            * chance(state)
        )
        lots = max(lots, int(wanted / tables.lines[LOT, source, 0]))
    return _set_within(tables, state, source, period, lots)


@inlined
def _is_open(tables: Tables, state: State, source: int, period: int) -> bool:
    supplier = tables.sources[source, SUPPLIER]
    return supplier < 0 or state.orders[LINES, supplier, period] > 0


@inlined
def _other_place(tables: Tables, state: State, source: int, period: int) -> tuple[int, int]:
    """Return another source of the item, or the same one, and a period in which it may be used; -1: none found."""
    start = tables.member_starts[tables.sources[source, ITEM]]
    count = tables.member_starts[tables.sources[source, ITEM] + 1] - start
    for _ in range(6):
        other = source if count == 1 or chance(state) < 0.7 else tables.members[start + below(state, count)]
        then = below(state, tables.shared.shape[1])
        if (other != source or then != period) and tables.lines[CAN_ORDER, other, then] > 0:
            if _is_open(tables, state, other, then):
                return other, then
    return source, -1


# -- whole orders -----------------------------------------------------------------------------------------------------


@compiled
def change_order(tables: Tables, state: State, mix) -> float:
    """Open, close or shift an order, or exchange two, their items planned anew; return the rise of cost and excess."""
    _, suppliers, periods = tables.orders.shape
    if suppliers == 0:
        return 0.0
    supplier, period, then = below(state, suppliers), below(state, periods), -1
    state.counts[2] = 0
    kind = chance(state)
    if state.orders[LINES, supplier, period] == 0:
        then, period = period, -1
    elif kind < mix[3]:
        then = below(state, periods)
        if chance(state) < 0.7:
            then = period + 1 if chance(state) < 0.5 else period - 1
        if then < 0 or then >= periods or then == period:
            return 0.0
    other = -1
    if period >= 0 and then >= 0 and kind < mix[2]:
        for _ in range(6):
            one = below(state, suppliers)
            if one != supplier and state.orders[LINES, one, then] > 0:
                other = one
                break
    _plan_shift(tables, state, supplier, period, then)
    if other >= 0:
        _plan_shift(tables, state, other, then, period)
    rise = _refit_queue(tables, state)
    _forget_shift(state, supplier, period, then)
    if other >= 0:
        _forget_shift(state, other, then, period)
    return rise


@compiled
def _plan_shift(tables: Tables, state: State, supplier: int, period: int, then: int) -> None:
    """Rule out an order, count another as placed (-1: none), and queue the items that this concerns."""
    if period >= 0:
        state.orders[BARRED, supplier, period] = 1.0
    if then >= 0:
        state.orders[FREE, supplier, then] = 1.0
    node = len(tables.items) + supplier
    for place in range(tables.member_starts[node], tables.member_starts[node + 1]):
        source = tables.members[place]
        item = tables.sources[source, ITEM]
        if state.queue[1, item] == 0 and (period < 0 or state.lots[source, period] > 0):
            state.queue[0, state.counts[2]] = item
            state.queue[1, item] = 1
            state.counts[2] += 1


@inlined
def _forget_shift(state: State, supplier: int, period: int, then: int) -> None:
    if period >= 0:
        state.orders[BARRED, supplier, period] = 0.0
    if then >= 0:
        state.orders[FREE, supplier, then] = 0.0


@compiled
def _refit_queue(tables: Tables, state: State) -> float:
    """Plan the queued items anew, in random order, after the orders of all of them were taken out."""
    rise = 0.0
    for place in range(state.counts[2] - 1, -1, -1):
        other = below(state, place + 1)
        state.queue[0, place], state.queue[0, other] = state.queue[0, other], state.queue[0, place]
        state.queue[1, state.queue[0, place]] = 0
        rise += clear(tables, state, state.queue[0, place])
    for place in range(state.counts[2]):
        rise += refit(tables, state, state.queue[0, place], 0.0)
    return rise
