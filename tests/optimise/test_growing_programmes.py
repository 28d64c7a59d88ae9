"""Programmes that grow give at every step what scipy gives for the whole of it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

from invopt_xl.errors import SolverError
from invopt_xl.optimise import solvers
from invopt_xl.optimise.solvers import Columns, GrowingProgram, growing
from invopt_xl.optimise.terms import FloatArray

INSTALLED = solvers.available_solvers()
ROWS = 6
CLOSE = 1e-4
"""CBC is told of a programme, and tells of its optimum, in so many digits."""


class Twin:
    """The same programme as plain arrays, solved anew by scipy."""

    def __init__(self, solver: str, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.lower = np.where(self.random.random(ROWS) < 0.5, self.random.uniform(1.0, 3.0, ROWS), -np.inf)
        self.upper = np.where(np.isinf(self.lower), self.random.uniform(4.0, 9.0, ROWS), np.inf)
        self.lower[0] = self.upper[0] = 2.0
        self.program: GrowingProgram = solvers.growing_program(solver, self.lower, self.upper)
        self.cost, self.low, self.most = np.zeros(0), np.zeros(0), np.zeros(0)
        self.table = np.zeros((ROWS, 0))
        # Fillers of every row: there is always a solution.
        self.add(np.full(ROWS, 50.0), np.full(ROWS, np.inf), np.eye(ROWS))

    def add(self, cost: FloatArray, most: FloatArray, table: FloatArray) -> None:
        entries = sparse.csc_array(table)
        starts, rows = entries.indptr.astype(np.int64), entries.indices.astype(np.int64)
        self.program.add_columns(Columns(cost, most, starts, rows, entries.data))
        self.cost, self.most = np.append(self.cost, cost), np.append(self.most, most)
        self.low, self.table = np.append(self.low, np.zeros(len(cost))), np.hstack((self.table, table))

    def add_some(self) -> None:
        count = int(self.random.integers(1, 6))
        table = self.random.uniform(0.1, 2.0, (ROWS, count)) * (self.random.random((ROWS, count)) < 0.6)
        table[:, self.random.random(count) < 0.2] = 0.0  # some are in no row at all
        self.add(self.random.uniform(0.5, 9.0, count), self.random.uniform(0.5, 4.0, count), table)

    def limit_some(self) -> None:
        numbers = self.random.permutation(np.arange(ROWS, len(self.cost)))[:2]
        low, most = np.full(len(numbers), 0.0), self.random.uniform(0.0, 2.0, len(numbers))
        low[:1] = 0.1 * most[:1]
        self.program.limit_columns(numbers, low, most)
        self.low[numbers], self.most[numbers] = low, most

    def reprice_some(self) -> None:
        numbers = self.random.permutation(len(self.cost))[:3]
        cost = self.random.uniform(0.5, 60.0, 3)
        self.program.cost_columns(numbers, cost)
        self.cost[numbers] = cost

    def limit_a_row(self) -> None:
        row = int(self.random.integers(1, ROWS))
        if np.isfinite(self.lower[row]):
            self.lower[row] = self.random.uniform(0.0, 4.0)
        else:
            self.upper[row] = self.random.uniform(3.0, 9.0)
        self.program.limit_row(row, float(self.lower[row]), float(self.upper[row]))

    def anew(self) -> tuple[float, FloatArray]:
        """Return optimum and duals by scipy: a row between two limits is one of each side."""
        down, up = np.isfinite(self.lower), np.isfinite(self.upper)
        sides = np.vstack((self.table[up], -self.table[down]))
        limits = np.concatenate((self.upper[up], -self.lower[down]))
        bounds = list(zip(self.low.tolist(), self.most.tolist(), strict=True))
        found = linprog(self.cost, sides, limits, bounds=bounds, method="highs-ds")
        assert found.success
        duals = np.zeros(ROWS)
        duals[up] += found.ineqlin.marginals[: up.sum()]
        duals[down] -= found.ineqlin.marginals[up.sum() :]
        return float(found.fun), duals

    def compare(self) -> None:
        optimum, anew = self.program.solve(10.0), self.anew()
        assert optimum is not None
        assert optimum.objective == pytest.approx(anew[0], abs=CLOSE)
        np.testing.assert_allclose(optimum.duals, anew[1], atol=CLOSE)
        np.testing.assert_allclose(optimum.reduced, self.cost - optimum.duals @ self.table, atol=CLOSE)
        assert self.cost @ optimum.values == pytest.approx(anew[0], abs=CLOSE)


@pytest.mark.parametrize("solver", INSTALLED)
@pytest.mark.parametrize("seed", range(4))
def test_a_programme_that_grows_and_changes_is_solved_as_if_anew(solver: str, seed: int) -> None:
    twin = Twin(solver, seed)
    twin.compare()
    for change in (twin.add_some, twin.add_some, twin.limit_some, twin.reprice_some, twin.limit_a_row, twin.add_some):
        change()
        twin.compare()


@pytest.mark.parametrize("solver", INSTALLED)
def test_several_changes_may_come_between_solves(solver: str) -> None:
    twin = Twin(solver, 9)
    for change in (twin.add_some, twin.add_some, twin.limit_a_row, twin.limit_some, twin.reprice_some, twin.add_some):
        change()
    twin.compare()


@pytest.mark.parametrize("solver", INSTALLED)
def test_what_cannot_be_kept_has_no_optimum_until_it_can(solver: str) -> None:
    twin = Twin(solver, 3)
    twin.add_some()
    every = np.arange(len(twin.cost))
    twin.program.limit_columns(every, np.zeros(len(every)), np.zeros(len(every)))
    assert twin.program.solve(10.0) is None
    twin.program.limit_columns(every, twin.low, twin.most)
    twin.compare()


@pytest.mark.parametrize("solver", INSTALLED)
def test_the_programme_is_a_model_of_whole_numbers_too(solver: str) -> None:
    twin = Twin(solver, 5)
    twin.add_some()
    model = twin.program.model(np.zeros(len(twin.cost), dtype=bool))
    assert solvers.solve(model, solver=solver, seconds=10.0).bound == pytest.approx(twin.anew()[0], abs=CLOSE)
    entries = sparse.csr_array((model.values, model.columns, model.starts), shape=twin.table.shape)
    np.testing.assert_allclose(entries.toarray(), twin.table)


def crash(*_: object) -> None:
    raise MemoryError("out of memory")


@pytest.mark.parametrize("method", ["add_columns", "limit_columns", "cost_columns", "limit_row", "solve", "model"])
@pytest.mark.parametrize(("solver", "kind"), [(solvers.HIGHS, "_HighsProgram"), (solvers.CBC, "_PulpProgram")])
def test_a_solver_that_crashes_says_so(solver: str, kind: str, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    twin = Twin(solver, 1)
    calls = {
        "add_columns": twin.add_some,
        "limit_columns": twin.limit_some,
        "cost_columns": twin.reprice_some,
        "limit_row": twin.limit_a_row,
        "solve": lambda: twin.program.solve(1.0),
        "model": lambda: twin.program.model(np.zeros(ROWS, dtype=bool)),
    }
    twin.add_some()
    monkeypatch.setattr(getattr(growing, kind), method, crash)
    with pytest.raises(SolverError, match=f"{solver} failed: MemoryError: out of memory"):
        calls[method]()


def test_a_solver_that_cannot_be_started_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing._HighsProgram, "__init__", crash)
    with pytest.raises(SolverError, match="HiGHS failed: MemoryError: out of memory"):
        solvers.growing_program(solvers.HIGHS, np.zeros(1), np.ones(1))


def test_what_highs_refuses_is_a_failure() -> None:
    twin = Twin(solvers.HIGHS, 1)
    nowhere = Columns(np.ones(1), np.ones(1), np.array([0, 1]), np.array([ROWS + 5]), np.ones(1))
    with pytest.raises(SolverError, match="HiGHS failed: columns refused"):
        twin.program.add_columns(nowhere)
    with pytest.raises(SolverError, match="HiGHS failed: limits of a row refused"):
        twin.program.limit_row(0, np.nan, np.nan)
