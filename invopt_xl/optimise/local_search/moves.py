"""Simulated annealing of a plan (Kirkpatrick, Gelatt and Vecchi, Science 220, 1983), limits at prices that adapt."""

from __future__ import annotations

import numpy as np

from invopt_xl.optimise.compiled import compiled_in_place, copied_in_place
from invopt_xl.optimise.local_search.chance import below, chance
from invopt_xl.optimise.local_search.columns import BASE_WEIGHT, EXCESS, WEIGHT
from invopt_xl.optimise.local_search.evaluator import keep_best, undo
from invopt_xl.optimise.local_search.lane_moves import change_lane
from invopt_xl.optimise.local_search.line_moves import change_line
from invopt_xl.optimise.local_search.order_moves import change_order
from invopt_xl.optimise.local_search.refit import refit
from invopt_xl.optimise.local_search.tables import State, Tables

ITEMS_A_ROUND, LINES_A_ROUND = 6, 16
"""Items planned anew, and lines changed, for each change of an order: about the same time for each."""

BLINDNESS = 0.05
"""Probability that a possible line is overlooked where an item is planned anew."""

RAISED, EASED = 1.1, 0.998
"""What weights of limits are multiplied by where they are exceeded, and those of suppliers' limits where not."""

COLD = 1e-9
"""A temperature, money, at which only what is cheaper is accepted."""

LOWEST, HIGHEST = 0.05, 1000.0
"""Range of the weights, as multiples of the first ones."""


@compiled_in_place
def anneal(tables: Tables, state: State, rounds: int, temperature: float, softness: float) -> None:
    """Change orders, items and lines at random; worse plans are accepted with a probability.

    Parameters
    ----------
    tables, state
        The problem and the plan.
    rounds
        Changes of an order, each with several of items and lines.
    temperature
        Money: a plan dearer by so much is accepted with probability 1/e.
    softness
        What weights of shared limits that are not exceeded are multiplied by every ten rounds; 1 lets none fall.
    """
    for number in range(rounds):
        _settle(tables, state, change_order(tables, state), temperature)
        for _ in range(ITEMS_A_ROUND):
            _settle(tables, state, refit(tables, state, below(state, len(tables.items)), BLINDNESS, -1), temperature)
        if len(tables.lanes) > 0:
            _settle(tables, state, change_lane(tables, state), temperature)
        for _ in range(LINES_A_ROUND):
            _settle(tables, state, change_line(tables, state), temperature)
        if number % 10 == 9:
            _adapt(tables, state, softness)


@compiled_in_place
def descend(tables: Tables, state: State) -> float:
    """Plan each item anew by itself, and the ends of each lane, where that is cheaper; return what it saves, money.

    Limits that are not exceeded are kept: they cost most that they ever do.
    """
    for limit in range(state.limits.shape[1]):
        state.limits[WEIGHT, limit] = HIGHEST * state.limits[BASE_WEIGHT, limit]
    before = state.totals[2]
    for item in range(len(tables.items)):
        _settle(tables, state, refit(tables, state, item, 0.0, -1), COLD)
    for _ in range(2 * len(tables.lanes)):
        _settle(tables, state, change_lane(tables, state), COLD)
    return float(before - state.totals[2])


@copied_in_place
def _settle(tables: Tables, state: State, rise: float, temperature: float) -> None:
    """Keep the changes made since the last time, or take them back."""
    if rise > 0 and chance(state) >= np.exp(-rise / temperature):
        undo(tables, state, 0)
        return
    state.counts[1] = 0
    if rise != 0:
        keep_best(state)


@copied_in_place
def _adapt(tables: Tables, state: State, softness: float) -> None:
    """Make limits dearer that are exceeded, and the others cheaper."""
    state.totals[1] = 0.0
    for limit in range(state.limits.shape[1]):
        factor = softness if limit < tables.shared.size else max(softness, EASED)
        if state.limits[EXCESS, limit] > 0:
            factor = RAISED
        base, weight = state.limits[BASE_WEIGHT, limit], factor * state.limits[WEIGHT, limit]
        state.limits[WEIGHT, limit] = min(max(weight, LOWEST * base), HIGHEST * base)
        state.totals[1] += state.limits[WEIGHT, limit] * state.limits[EXCESS, limit]
