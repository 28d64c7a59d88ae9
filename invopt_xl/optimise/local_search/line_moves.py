"""Small changes of a plan: a line made larger, smaller, moved, or exchanged against another one."""

from __future__ import annotations

import numpy as np

from invopt_xl.optimise.compiled import compiled_in_place, copied_in_place
from invopt_xl.optimise.local_search.chance import below, chance
from invopt_xl.optimise.local_search.columns import (
    CAN_ORDER,
    DEMAND,
    ITEM,
    LEAD_TIME,
    LEAST,
    LINES,
    LIST_PRICE,
    LOT,
    MOST,
    ORIGIN,
    SUPPLIER,
)
from invopt_xl.optimise.local_search.evaluator import set_line
from invopt_xl.optimise.local_search.tables import State, Tables


@compiled_in_place
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


@copied_in_place
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


@copied_in_place
def _set_within(tables: Tables, state: State, source: int, period: int, lots: int) -> float:
    """Set a line within its minimum and maximum; below the minimum it is left out."""
    lots = min(lots, tables.sources[source, MOST])
    return set_line(tables, state, source, period, lots if lots >= tables.sources[source, LEAST] else 0)


@copied_in_place
def _some_line(tables: Tables, state: State, source: int) -> int:
    """Return the period of a random line of a source, or -1."""
    found, seen = -1, 0
    for period in range(tables.shared.shape[1]):
        if state.lots[source, period] > 0:
            seen += 1
            if seen == 1 or chance(state) * seen < 1:
                found = period
    return found


@copied_in_place
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


@copied_in_place
def _is_open(tables: Tables, state: State, source: int, period: int) -> bool:
    supplier = tables.sources[source, SUPPLIER]
    return bool(supplier < 0 or state.orders[LINES, supplier, period] > 0)


@copied_in_place
def _other_place(tables: Tables, state: State, source: int, period: int) -> tuple[int, int]:
    """Return another source of the item, or the same one, and a period in which it may be used; -1: none found."""
    start = tables.member_starts[tables.sources[source, ITEM]]
    count = tables.member_starts[tables.sources[source, ITEM] + 1] - start
    for _ in range(6):
        other = source if count == 1 or chance(state) < 0.7 else tables.members[start + below(state, count)]
        then = below(state, tables.shared.shape[1])
        elsewhere = other != source or then != period
        if elsewhere and tables.lines[CAN_ORDER, other, then] > 0 and _is_open(tables, state, other, then):
            return other, then
    return source, -1
