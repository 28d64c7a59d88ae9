"""Linear programmes that grow by columns and are solved again and again, as column generation needs them.

HiGHS keeps its basis between solves, so it is fed directly: through PuLP every solve would begin anew. CBC is reached
through PuLP.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from invopt_xl.errors import SolverError
from invopt_xl.optimise.solvers.model import LinearModel
from invopt_xl.optimise.solvers.run import CBC, HIGHS, relaxed, solve
from invopt_xl.optimise.terms import BoolArray, FloatArray, IntArray

_DUAL, _PRIMAL = 1, 4
"""HiGHS's numbers of its simplex methods."""


@dataclass(frozen=True, eq=False)
class Columns:
    """Variables from zero to an upper limit, with their entries in existing rows, compressed by column."""

    cost: FloatArray
    upper: FloatArray
    starts: IntArray
    rows: IntArray
    values: FloatArray

    def __len__(self) -> int:
        return len(self.cost)

    def paid(self, duals: FloatArray) -> FloatArray:
        """Return what each variable's entries come to at the rows' duals."""
        column = np.repeat(np.arange(len(self)), np.diff(self.starts))
        return np.bincount(column, self.values * duals[self.rows], minlength=len(self)).astype(float)


@dataclass(frozen=True, eq=False)
class Optimum:
    """The optimum of a linear programme.

    Parameters
    ----------
    objective
        Its value.
    values
        Of the variables.
    duals
        Of the rows: change of the objective per unit of a row's limit.
    reduced
        Costs of the variables less their rows' duals.
    """

    objective: float
    values: FloatArray
    duals: FloatArray
    reduced: FloatArray


class GrowingProgram(Protocol):
    """A linear programme, minimised, to which columns may be added; limits of variables and rows may change."""

    def add_columns(self, columns: Columns) -> None:
        """Add variables."""

    def limit_columns(self, numbers: IntArray, lower: FloatArray, upper: FloatArray) -> None:
        """Change variables' limits."""

    def cost_columns(self, numbers: IntArray, cost: FloatArray) -> None:
        """Change variables' costs."""

    def limit_row(self, number: int, lower: float, upper: float) -> None:
        """Change a row's limits."""

    def solve(self, seconds: float) -> Optimum | None:
        """Return the optimum; None if there is no solution or no time."""

    def model(self, integer: BoolArray) -> LinearModel:
        """Return the programme as a model with some of its variables whole."""


def growing_program(solver: str, lower: FloatArray, upper: FloatArray) -> GrowingProgram:
    """Return a programme with these rows and no variables yet.

    Whatever goes wrong in it later is a `SolverError` too.

    Raises
    ------
    SolverError
        If the solver cannot be started.
    """
    kinds: dict[str, type[_HighsProgram | _PulpProgram]] = {HIGHS: _HighsProgram, CBC: _PulpProgram}
    with _told(solver):
        return _Guarded(solver, kinds[solver](lower, upper))


@contextmanager
def _told(solver: str) -> Iterator[None]:
    """Make any fault one of the solver: it may fail in any way, and the caller falls back and says so."""
    try:
        yield
    except SolverError:
        raise
    except Exception as fault:
        raise SolverError(f"{solver} failed: {type(fault).__name__}: {fault}") from fault


class _Guarded:
    """A programme whose every fault is told as one of its solver."""

    def __init__(self, solver: str, program: GrowingProgram) -> None:
        self.solver, self.program = solver, program

    def add_columns(self, columns: Columns) -> None:
        with _told(self.solver):
            self.program.add_columns(columns)

    def limit_columns(self, numbers: IntArray, lower: FloatArray, upper: FloatArray) -> None:
        with _told(self.solver):
            self.program.limit_columns(numbers, lower, upper)

    def cost_columns(self, numbers: IntArray, cost: FloatArray) -> None:
        with _told(self.solver):
            self.program.cost_columns(numbers, cost)

    def limit_row(self, number: int, lower: float, upper: float) -> None:
        with _told(self.solver):
            self.program.limit_row(number, lower, upper)

    def solve(self, seconds: float) -> Optimum | None:
        with _told(self.solver):
            return self.program.solve(seconds)

    def model(self, integer: BoolArray) -> LinearModel:
        with _told(self.solver):
            return self.program.model(integer)


class _Kept:
    """The programme's arrays."""

    def __init__(self, lower: FloatArray, upper: FloatArray) -> None:
        self.row_lower, self.row_upper = lower.astype(float), upper.astype(float)
        self.columns: list[Columns] = []
        self.lower, self.upper, self.cost = np.zeros(0), np.zeros(0), np.zeros(0)

    def add_columns(self, columns: Columns) -> None:
        self.columns.append(columns)
        self.cost = np.concatenate((self.cost, columns.cost))
        self.lower = np.concatenate((self.lower, np.zeros(len(columns))))
        self.upper = np.concatenate((self.upper, columns.upper))

    def limit_columns(self, numbers: IntArray, lower: FloatArray, upper: FloatArray) -> None:
        self.lower[numbers], self.upper[numbers] = lower, upper

    def cost_columns(self, numbers: IntArray, cost: FloatArray) -> None:
        self.cost[numbers] = cost

    def limit_row(self, number: int, lower: float, upper: float) -> None:
        self.row_lower[number], self.row_upper[number] = lower, upper

    def model(self, integer: BoolArray) -> LinearModel:
        counts = np.concatenate([np.diff(one.starts) for one in self.columns])
        column = np.repeat(np.arange(len(counts)), counts)
        row = np.concatenate([one.rows for one in self.columns])
        order = np.argsort(row, kind="stable")
        filled = np.bincount(row, minlength=len(self.row_lower))
        return LinearModel(
            cost=self.cost.copy(),
            lower=self.lower.copy(),
            upper=self.upper.copy(),
            integer=integer,
            starts=np.concatenate(([0], np.cumsum(filled))),
            columns=column[order],
            values=np.concatenate([one.values for one in self.columns])[order],
            row_lower=self.row_lower.copy(),
            row_upper=self.row_upper.copy(),
        )


class _HighsProgram(_Kept):
    """A programme that HiGHS keeps between solves.

    New columns leave its basis feasible, so the primal simplex goes on; new limits leave its duals so, then the dual
    one.
    """

    def __init__(self, lower: FloatArray, upper: FloatArray) -> None:
        import highspy

        super().__init__(lower, upper)
        self.highs = highspy.Highs()  # type: ignore[no-untyped-call]
        self.statuses, self.failed = highspy.HighsModelStatus, highspy.HighsStatus.kError
        for name, value in (("output_flag", False), ("threads", 1), ("random_seed", 7), ("presolve", "off")):
            self.highs.setOptionValue(name, value)
        self.strategy = _PRIMAL
        none = np.zeros(0, dtype=np.int32)
        starts = np.zeros(len(lower), dtype=np.int32)
        empty = (0, starts, none, np.zeros(0))
        self._done("rows", self.highs.addRows(len(lower), self.row_lower, self.row_upper, *empty))

    def _done(self, what: str, status: Any) -> None:
        """Hold HiGHS to what it was asked: it tells by a status alone that it has not done it."""
        if status == self.failed:
            raise SolverError(f"{HIGHS} failed: {what} refused")

    def add_columns(self, columns: Columns) -> None:
        super().add_columns(columns)
        count, entries = len(columns), len(columns.rows)
        starts, rows = columns.starts[:-1].astype(np.int32), columns.rows.astype(np.int32)
        status = self.highs.addCols(
            count, columns.cost, np.zeros(count), columns.upper, entries, starts, rows, columns.values
        )
        self._done("columns", status)

    def limit_columns(self, numbers: IntArray, lower: FloatArray, upper: FloatArray) -> None:
        super().limit_columns(numbers, lower, upper)
        self.strategy = _DUAL
        lower, upper = np.ascontiguousarray(lower, dtype=float), np.ascontiguousarray(upper, dtype=float)
        status = self.highs.changeColsBounds(len(numbers), numbers.astype(np.int32), lower, upper)
        self._done("limits of columns", status)

    def cost_columns(self, numbers: IntArray, cost: FloatArray) -> None:
        super().cost_columns(numbers, cost)
        cost = np.ascontiguousarray(cost, dtype=float)
        self._done("costs", self.highs.changeColsCost(len(numbers), numbers.astype(np.int32), cost))

    def limit_row(self, number: int, lower: float, upper: float) -> None:
        super().limit_row(number, lower, upper)
        self.strategy = _DUAL
        self._done("limits of a row", self.highs.changeRowBounds(number, float(lower), float(upper)))

    def solve(self, seconds: float) -> Optimum | None:
        self.highs.setOptionValue("time_limit", self.highs.getRunTime() + max(seconds, 0.01))
        self.highs.setOptionValue("simplex_strategy", self.strategy)
        ended = self.highs.run()
        self.strategy = _PRIMAL
        status = self.highs.getModelStatus()
        if status == self.statuses.kUnknown or ended == self.failed:  # numerical trouble of a warm start: from scratch
            self.highs.clearSolver()
            self._done("a solve", self.highs.run())
            status = self.highs.getModelStatus()
        if status != self.statuses.kOptimal:
            return None
        found = self.highs.getSolution()
        value = float(self.highs.getInfo().objective_function_value)
        return Optimum(value, np.array(found.col_value), np.array(found.row_dual), np.array(found.col_dual))


class _PulpProgram(_Kept):
    """A programme that is handed over anew for every solve."""

    def solve(self, seconds: float) -> Optimum | None:
        whole = np.zeros(len(self.lower), dtype=bool)
        found = solve(relaxed(self.model(whole)), solver=CBC, seconds=seconds)
        if found.values is None or found.duals is None or not found.finished:
            return None
        paid = np.concatenate([one.paid(found.duals) for one in self.columns])
        return Optimum(found.bound, found.values, found.duals, self.cost - paid)
