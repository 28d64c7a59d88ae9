"""What duals of the master are about, before anything is solved: where to begin, and how far they may have to go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.master import Structure
from invopt_xl.optimise.terms import FloatArray, IntArray

_SHARE = 0.01
"""Of what it would cost to be short of a period's demand: money that a limit is about if no order cost tells."""

_PARTLY = 0.3
"""Share of an order's minimum value or capacity by which mixed plans miss it."""

_LITTLE = 0.1
"""The same for limits that all share."""

_MOVING = 0.05
"""Worth of a unit at another location, as a share of its value."""


@dataclass(frozen=True, eq=False)
class DualScales:
    """Duals to begin with, and how far a dual moves per unit that its row is violated; by row."""

    first: FloatArray
    stiffness: FloatArray


def dual_scales(structure: Structure) -> DualScales:
    """Return first duals, each line paying the same share of its order's cost, and scales for all of them."""
    rows, work, problem = structure.rows, structure.work, structure.work.problem
    first, stiffness = np.zeros(len(rows.lower)), np.zeros(len(rows.lower))
    short = problem.shortage_cost * problem.demand.mean(axis=1)
    served = problem.supplier >= 0
    lines = np.zeros(structure.used.shape)
    np.add.at(lines, problem.supplier[served], (rows.line[served] >= 0).astype(float))
    lines = np.maximum(lines, 1.0)
    cost = np.maximum(np.where(structure.used, structure.order_cost, 0.0), 0.0)
    about = np.maximum(cost, _SHARE * problem.sum_by_supplier(short[problem.source_item])[:, None, None])
    if problem.suppliers:
        _set(first, rows.line, -(cost / lines)[problem.supplier])
        _set(stiffness, rows.line, (about / lines)[problem.supplier])
    capacity = np.broadcast_to(work.capacity[:, None, :], rows.most.shape)
    for table, size in ((rows.least, structure.minimum), (rows.most, capacity)):
        _set(stiffness, table, about / (_PARTLY * _sizes(size, table) ** 2))
    _set(stiffness, rows.count, _LITTLE * about[:, 0].mean(axis=1))
    worth = _MOVING * problem.unit_value / np.maximum(problem.demand.mean(axis=1), 1e-3)
    _set(stiffness, rows.moved, np.broadcast_to(worth[problem.source_item][:, None], rows.moved.shape))
    for table in (rows.budget, rows.storage, rows.working_capital):
        room = _sizes(np.where(table >= 0, rows.upper[table], 0.0), table)
        _set(stiffness, table, _SHARE * short.sum() / (_LITTLE * room**2))
    return DualScales(first, stiffness)


def _sizes(limit: FloatArray, table: IntArray) -> FloatArray:
    """Return limits, those near zero as a tenth of the largest: a dual must not move without end."""
    largest = float(limit[table >= 0].max(initial=0.0))
    return np.asarray(np.maximum(limit, 0.1 * largest if largest > 0 else 1.0))


def _set(values: FloatArray, table: IntArray, value: FloatArray) -> None:
    there = table >= 0
    values[table[there]] = value[there]
