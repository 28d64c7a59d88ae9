"""Compiled loops of the proximal master: how plans are mixed by moving weight between two of them at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from invopt_xl.optimise.compiled import compiled
from invopt_xl.optimise.terms import FloatArray, IntArray


class Mixture(NamedTuple):
    """Columns compressed one by one, each in a block whose weights add up to one.

    Parameters
    ----------
    starts, rows, values
        Entries of each column.
    cost
        Of each column.
    first, members
        Where each block begins among the members, and the columns by block.
    weight
        Of each column; changed in place.
    """

    starts: IntArray
    rows: IntArray
    values: FloatArray
    cost: FloatArray
    first: IntArray
    members: IntArray
    weight: FloatArray


class Penalty(NamedTuple):
    """What rows cost beyond their limits: duals at the centre, and how fast they move; by row.

    Parameters
    ----------
    centre
        Duals that a row's violation is added to.
    stiffness
        Change of a dual per unit of violation.
    lower, upper
        Limits.
    """

    centre: FloatArray
    stiffness: FloatArray
    lower: FloatArray
    upper: FloatArray


@compiled
def dual_at(penalty: Penalty, row: int, activity: float) -> float:
    """Return a row's dual at its activity."""
    centre, stiffness = penalty.centre[row], penalty.stiffness[row]
    below: float = centre + stiffness * (penalty.lower[row] - activity)
    above: float = centre + stiffness * (penalty.upper[row] - activity)
    if below > 0.0:
        return below
    return above if above < 0.0 else 0.0


@compiled
def duals_at(penalty: Penalty, activity: FloatArray) -> FloatArray:
    """Return the rows' duals at their activities."""
    duals = np.empty(len(activity))
    for row in range(len(activity)):
        duals[row] = dual_at(penalty, row, activity[row])
    return duals


@compiled
def _reduced(mixture: Mixture, duals: FloatArray, column: int) -> float:
    """Return a column's cost less its rows' duals."""
    cost: float = mixture.cost[column]
    for entry in range(mixture.starts[column], mixture.starts[column + 1]):
        cost -= mixture.values[entry] * duals[mixture.rows[entry]]
    return cost


@compiled
def _pair(mixture: Mixture, duals: FloatArray, block: int) -> tuple[int, int, float]:
    """Return a block's cheapest column, the dearest one with weight, and what lies between them."""
    low, high = np.inf, -np.inf
    cheapest = dearest = -1
    for place in range(mixture.first[block], mixture.first[block + 1]):
        column = mixture.members[place]
        cost = _reduced(mixture, duals, column)
        if cost < low:
            low, cheapest = cost, column
        if mixture.weight[column] > 0.0 and cost > high:
            high, dearest = cost, column
    return cheapest, dearest, high - low


@compiled
def _difference(mixture: Mixture, to: int, off: int, change: FloatArray, touched: IntArray) -> int:
    """Write what a unit of weight moved between two columns changes in rows; return how many rows."""
    count = 0
    for entry in range(mixture.starts[to], mixture.starts[to + 1]):
        row = mixture.rows[entry]
        change[row] = mixture.values[entry]
        touched[count] = row
        count += 1
    for entry in range(mixture.starts[off], mixture.starts[off + 1]):
        row = mixture.rows[entry]
        if change[row] == 0.0:
            touched[count] = row
            count += 1
        change[row] -= mixture.values[entry]
    return count


@compiled
def _curvature(penalty: Penalty, duals: FloatArray, change: FloatArray, rows: IntArray) -> float:
    """Return how fast what lies between two columns falls as weight moves, at most."""
    total = 0.0
    for row in rows:
        step = change[row]
        # A row with room to spare that is given more of it costs nothing.
        if duals[row] == 0.0 and (penalty.lower[row] == -np.inf if step < 0.0 else penalty.upper[row] == np.inf):
            continue
        total += penalty.stiffness[row] * step * step
    return total


@compiled
def mix(
    mixture: Mixture, penalty: Penalty, activity: FloatArray, duals: FloatArray, limits: tuple[int, int, float]
) -> float:
    """Move weight to where it costs less, block by block; return what was still to gain in the last sweep, at most.

    Parameters
    ----------
    mixture, penalty
        Columns, and what their rows cost.
    activity, duals
        Of the rows at the mixture's weights; changed in place.
    limits
        Sweeps over the blocks, moves in a block, and what is too little to gain in a block.
    """
    sweeps, moves, least = limits
    change = np.zeros(len(activity))
    touched = np.empty(2 * len(activity), dtype=np.int64)
    open_gain = 0.0
    for _ in range(sweeps):
        open_gain = 0.0
        for block in range(len(mixture.first) - 1):
            for move in range(moves):
                to, off, gain = _pair(mixture, duals, block)
                if to == off or gain <= least:
                    break
                if move == 0:
                    open_gain += gain
                rows = touched[: _difference(mixture, to, off, change, touched)]
                slope = _curvature(penalty, duals, change, rows)
                step = mixture.weight[off] if slope * mixture.weight[off] <= gain else gain / slope
                mixture.weight[to] += step
                mixture.weight[off] = max(mixture.weight[off] - step, 0.0)
                for row in rows:
                    activity[row] += step * change[row]
                    duals[row] = dual_at(penalty, row, activity[row])
                    change[row] = 0.0
        if open_gain <= least * len(mixture.first):
            break
    return open_gain


@compiled
def cheapest_columns(mixture: Mixture, duals: FloatArray) -> float:
    """Return what the cheapest columns of all blocks cost together at the duals."""
    total = 0.0
    for block in range(len(mixture.first) - 1):
        low = np.inf
        for place in range(mixture.first[block], mixture.first[block + 1]):
            low = min(low, _reduced(mixture, duals, mixture.members[place]))
        total += low
    return total
