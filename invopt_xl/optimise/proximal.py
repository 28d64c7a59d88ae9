"""Good duals of the master without solving it: proximal steps over mixtures of the plans known so far.

A large master takes long to solve exactly, and its duals jump about while plans are few. Here rows may be missed at a
cost that grows with the square of the miss (the proximal bundle method: Lemarechal and Sagastizabal, Mathematical
Programming 76, 1997, in its dual form, an augmented Lagrangian over mixtures of plans). Duals then stay near the
centre, the best ones so far, and weight is moved between two plans of an item at a time, in compiled loops. Mixtures
need not be exact: any duals prove a bound.
"""

from __future__ import annotations

import numpy as np

from invopt_xl.optimise.dual_scales import dual_scales
from invopt_xl.optimise.master import Structure
from invopt_xl.optimise.proximal_loops import Mixture, Penalty, cheapest_columns, duals_at, mix
from invopt_xl.optimise.solvers import Columns
from invopt_xl.optimise.terms import FloatArray, IntArray

_SWEEPS, _MOVES = 30, 3
"""Sweeps over all blocks in a step, and moves in a block at a time."""

_ENOUGH = 0.1
"""Share of what a step promises that must come true for the centre to move there."""

_GOOD = 0.5
"""Share of it from which steps grow longer."""

_FIRST, _LONGER, _SHORTER = 3.0, 2.0, 0.7
"""Length of the first step, and by how much steps grow."""

_PATIENCE = 3
"""Steps in vain before they grow shorter."""

_TAIL = 15
"""Steps that must raise the bound by more than a little; else no more are worth their time."""

_LITTLE = 0.1
"""Share of the tolerance that is a little; where that is next to nothing, of a hundredth of what was gained."""


class Proximal:
    """A mixture of each item's plans and each order's modes, and the duals that go with it.

    Parameters
    ----------
    structure
        What the master is made of.
    orders
        Its order variables.
    tolerance
        Money that a better bound is worth the time for.
    """

    def __init__(self, structure: Structure, orders: Columns, tolerance: float) -> None:
        rows = structure.rows
        self.lower, self.upper = rows.lower, rows.upper
        self.own = np.zeros(len(rows.lower), dtype=bool)  # rows that blocks keep by themselves
        for table in (rows.item, rows.one):
            self.own[table[table >= 0]] = True
        scales = dual_scales(structure)
        self.centre, self.stiffness = scales.first, np.where(self.own, 0.0, scales.stiffness)
        self.tolerance, self.items = tolerance, len(structure.live)
        self.length, self.vain, self.best = _FIRST, 0, -np.inf
        self.proven = (-np.inf, self.centre)
        self.bounds: list[float] = []
        self.starts, self.rows = np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64)
        self.values, self.cost, self.weight = np.zeros(0), np.zeros(0), np.zeros(0)
        self.block = np.zeros(0, dtype=np.int64)
        self._add_orders(structure, orders)

    def _add_orders(self, structure: Structure, orders: Columns) -> None:
        """Add orders, a block for each supplier and period, and no order at all where that may be."""
        items, periods = structure.settled.shape
        supplier, _, period = structure.orders
        self.add(orders, items + supplier * periods + period)
        may_be_none = structure.used.any(axis=1) & ~structure.fixed_orders
        none = items + np.flatnonzero(may_be_none.ravel())
        count, empty = len(none), np.zeros(0)
        nothing = Columns(np.zeros(count), np.ones(count), np.zeros(count + 1, dtype=np.int64), none[:0], empty)
        self.add(nothing, none)
        self.weight[len(self.weight) - count :] = 1.0

    def add(self, columns: Columns, block: IntArray) -> None:
        """Add columns to their blocks; the first one of a block bears its weight."""
        kept = ~self.own[columns.rows]
        owner = np.repeat(np.arange(len(columns)), np.diff(columns.starts))
        counts = np.bincount(owner[kept], minlength=len(columns))
        self.starts = np.concatenate((self.starts, self.starts[-1] + np.cumsum(counts)))
        self.rows = np.concatenate((self.rows, columns.rows[kept]))
        self.values = np.concatenate((self.values, columns.values[kept]))
        self.cost = np.concatenate((self.cost, columns.cost))
        self.block = np.concatenate((self.block, block))
        self.weight = np.concatenate((self.weight, np.zeros(len(columns))))

    def _mixture(self) -> Mixture:
        members = np.argsort(self.block, kind="stable")
        ordered = self.block[members]
        first = np.concatenate((np.flatnonzero(np.diff(ordered, prepend=-1)), [len(ordered)]))
        empty = np.add.reduceat(self.weight[members], first[:-1]) == 0.0
        self.weight[members[first[:-1][empty]]] = 1.0
        return Mixture(self.starts, self.rows, self.values, self.cost, first, members, self.weight)

    @property
    def _little(self) -> float:
        gained = self.bounds[-1] - self.bounds[0]
        return _LITTLE * max(self.tolerance, 0.01 * gained)

    @property
    def tired(self) -> bool:
        """Whether the last steps raised the bound by too little to go on."""
        return len(self.bounds) > _TAIL and self.bounds[-1] - self.bounds[-1 - _TAIL] < self._little

    def step(self) -> tuple[FloatArray, float, float]:
        """Mix plans anew; return duals, what they promise without constants, and how much may lie beyond it, about."""
        mixture = self._mixture()
        penalty = Penalty(self.centre, self.length * self.stiffness, self.lower, self.upper)
        weight = np.repeat(self.weight, np.diff(self.starts))
        activity = np.bincount(self.rows, self.values * weight, minlength=len(self.lower)).astype(float)
        duals = duals_at(penalty, activity)
        beyond = mix(mixture, penalty, activity, duals, (_SWEEPS, _MOVES, _LITTLE * self._little / self.items))
        paid = duals != 0.0
        limits = np.where(duals > 0.0, self.lower, self.upper)
        promise = cheapest_columns(mixture, duals) + float((limits[paid] * duals[paid]).sum())
        missed = np.maximum(self.lower - activity, 0.0) + np.maximum(activity - self.upper, 0.0)
        beyond += float((missed * np.abs(self.centre))[~self.own].sum())
        return duals, promise, beyond

    def judge(self, duals: FloatArray, promise: float, bound: float) -> None:
        """Move the centre to duals whose bound keeps enough of what they promised; choose the next step's length."""
        if bound > self.proven[0]:
            self.proven = (bound, duals)
        self.bounds.append(self.proven[0])
        gain, hoped = bound - self.best, max(promise - self.best, 0.0)
        if self.best == -np.inf or gain > _ENOUGH * hoped:
            self.best, self.centre, self.vain = bound, duals, 0
            if gain > _GOOD * hoped:
                self.length *= _LONGER
            return
        self.vain += 1
        if self.vain >= _PATIENCE and gain < -hoped:
            self.length *= _SHORTER
            self.vain = 0
