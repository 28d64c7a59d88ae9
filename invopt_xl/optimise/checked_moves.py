"""What a plan moves, item by item and period by period, for the checker: nothing here serves to make plans."""

from __future__ import annotations

from dataclasses import dataclass

from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import FloatArray

Table = list[list[float]]
"""Units by item and period."""


@dataclass(frozen=True)
class Moves:
    """Units by item and period.

    Parameters
    ----------
    arriving
        What orders and transfers bring.
    circling
        The part of it that transfers bring at once from where the item's own units go in the same period: it is not
        there when these leave.
    leaving
        Sent to other locations.
    """

    arriving: Table
    circling: Table
    leaving: Table


def moves_of(problem: OrderProblem, quantity: FloatArray) -> Moves:
    """Return what a plan, units by source and order period, moves."""
    arriving, circling, leaving = ([[0.0] * problem.periods for _ in range(problem.items)] for _ in range(3))
    rounds = [_reached_at_once(problem, quantity, period) for period in range(problem.periods)]
    for source in range(problem.sources):
        item, lead_time = int(problem.source_item[source]), int(problem.lead_time_periods[source])
        origin = int(problem.origin[source])
        for period, units in enumerate(quantity[source].tolist()):
            if period + lead_time < problem.periods:
                arriving[item][period + lead_time] += units
            if origin >= 0:
                leaving[origin][period] += units
            if origin >= 0 and lead_time == 0 and origin in rounds[period].get(item, ()):
                circling[item][period] += units
    return Moves(arriving, circling, leaving)


def _reached_at_once(problem: OrderProblem, quantity: FloatArray, period: int) -> dict[int, set[int]]:
    """Return for each item where its units can come to in a period by transfers that take no time."""
    steps: dict[int, set[int]] = {}
    for source in range(problem.sources):
        origin = int(problem.origin[source])
        if origin >= 0 and problem.lead_time_periods[source] == 0 and quantity[source, period] > 0:
            steps.setdefault(origin, set()).add(int(problem.source_item[source]))
    reached: dict[int, set[int]] = {}
    for begin in steps:
        found: set[int] = set()
        ahead = [begin]
        while ahead:
            fresh = steps.get(ahead.pop(), set()) - found
            found |= fresh
            ahead += fresh
        reached[begin] = found
    return reached
