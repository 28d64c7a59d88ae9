"""Changes of whole orders: opened, closed, shifted or exchanged, with their items planned anew."""

from __future__ import annotations

from invopt_xl.optimise.compiled import compiled_in_place, copied_in_place
from invopt_xl.optimise.local_search.chance import below, chance
from invopt_xl.optimise.local_search.columns import BARRED, FREE, ITEM, LINES
from invopt_xl.optimise.local_search.refit import clear, refit
from invopt_xl.optimise.local_search.tables import State, Tables

EXCHANGED, SHIFTED = 0.75, 0.9
"""Probabilities up to which an order changes places with another supplier's, or just moves; else it is closed."""


@compiled_in_place
def change_order(tables: Tables, state: State) -> float:
    """Open, close or shift an order, or exchange two, their items planned anew; return the rise of cost and excess."""
    _, suppliers, periods = tables.orders.shape
    if suppliers == 0:
        return 0.0
    supplier, period, then = below(state, suppliers), below(state, periods), -1
    state.counts[2] = 0
    kind = chance(state)
    if state.orders[LINES, supplier, period] == 0:
        then, period = period, -1
    elif kind < SHIFTED:
        then = below(state, periods)
        if chance(state) < 0.7:
            then = period + 1 if chance(state) < 0.5 else period - 1
        if then < 0 or then >= periods or then == period:
            return 0.0
    other = -1
    if period >= 0 and then >= 0 and kind < EXCHANGED:
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


@compiled_in_place
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


@copied_in_place
def _forget_shift(state: State, supplier: int, period: int, then: int) -> None:
    if period >= 0:
        state.orders[BARRED, supplier, period] = 0.0
    if then >= 0:
        state.orders[FREE, supplier, then] = 0.0


@compiled_in_place
def _refit_queue(tables: Tables, state: State) -> float:
    """Plan the queued items anew, in random order, after the orders of all of them were taken out."""
    rise = 0.0
    for place in range(state.counts[2] - 1, -1, -1):
        other = below(state, place + 1)
        state.queue[0, place], state.queue[0, other] = state.queue[0, other], state.queue[0, place]
        state.queue[1, state.queue[0, place]] = 0
        rise += clear(tables, state, state.queue[0, place], -1)
    for place in range(state.counts[2]):
        rise += refit(tables, state, state.queue[0, place], 0.0, -1)
    return rise
