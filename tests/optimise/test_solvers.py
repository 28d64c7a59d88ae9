"""Solvers come and go; a plan is made all the same, and says what was used."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest
from instances import random_problem

from invopt_xl.errors import SolverError
from invopt_xl.optimise import check_plan, plan_orders, solvers
from invopt_xl.optimise.solvers import growing, run

INSTALLED = solvers.available_solvers()


def knapsack() -> solvers.LinearModel:
    """Minimise -(5a + 4b + 3c) + 10 within 2a + 3b + c <= 4; the best is a = c = 1 at 2, bound from below by the LP."""
    return solvers.LinearModel(
        cost=np.array([-5.0, -4.0, -3.0]),
        lower=np.zeros(3),
        upper=np.ones(3),
        integer=np.ones(3, dtype=bool),
        starts=np.array([0, 3]),
        columns=np.array([0, 1, 2]),
        values=np.array([2.0, 3.0, 1.0]),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([4.0]),
        offset=10.0,
    )


@pytest.mark.parametrize("solver", INSTALLED)
def test_a_small_model_is_solved_with_its_bound(solver: str, capfd: pytest.CaptureFixture[str]) -> None:
    found = solvers.solve(knapsack(), solver=solver, seconds=10.0, start=np.zeros(3))
    assert found.values is not None
    assert found.values.tolist() == [1.0, 0.0, 1.0]
    assert found.bound == pytest.approx(2.0, abs=1e-6)
    assert found.finished
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("solver", INSTALLED)
def test_a_model_without_a_solution_gives_no_values(solver: str) -> None:
    model = knapsack()
    model.row_lower[0] = 9.0
    model.row_upper[0] = 9.5
    assert solvers.solve(model, solver=solver, seconds=10.0).values is None


def test_highs_is_preferred() -> None:
    assert INSTALLED[0] == solvers.HIGHS


def test_without_highs_cbc_plans_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "highs_available", lambda: False)
    problem = random_problem(6, 5, 2, seed=4)
    plan = plan_orders(problem, seconds=60.0)
    if solvers.cbc_available():
        assert plan.solver == "CBC"
        assert "CBC (HiGHS is not available)" in plan.status
    else:
        assert plan.solver == ""
        assert plan.status.startswith("no solver could be run: first plan only")
    assert plan.bound <= plan.total
    assert check_plan(problem, plan.quantity).feasible


def test_a_solver_that_crashes_is_replaced_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> solvers.Solution:
        raise MemoryError("out of memory")

    monkeypatch.setattr(run, "_run_highs", crash)
    plan = plan_orders(random_problem(6, 5, 2, seed=4), seconds=60.0)
    assert plan.solver == ("CBC" if solvers.cbc_available() else "")
    assert "HiGHS failed: MemoryError: out of memory" in plan.status


@pytest.mark.parametrize("method", ["add_columns", "limit_columns", "limit_row", "solve"])
def test_a_solver_that_crashes_on_the_way_is_replaced_and_it_is_said(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, calls = getattr(growing._HighsProgram, method), [0]

    def crash_later(*given: object) -> object:
        calls[0] += 1
        if calls[0] > 6:
            raise MemoryError("out of memory")
        return usual(*given)

    monkeypatch.setattr(growing._HighsProgram, method, crash_later)
    problem = random_problem(8, 5, 3, seed=2, tight=1.2)
    # Time enough for a slow machine: the plan ends when it is as close as is asked for.
    plan = plan_orders(problem, seconds=20.0, gap=0.05, workers=2)
    assert calls[0] > 6
    assert plan.solver == ("CBC" if solvers.cbc_available() else "")
    assert "HiGHS failed: MemoryError: out of memory" in plan.status
    assert check_plan(problem, plan.quantity).feasible
    assert plan.bound <= plan.total


def test_a_solver_that_does_not_heed_its_time_limit_is_given_up_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "GRACE", 0.2)
    monkeypatch.setattr(run, "cbc_available", lambda: False)
    monkeypatch.setattr("pulp.HiGHS.callSolver", lambda *_: time.sleep(20))
    problem = random_problem(6, 5, 2, seed=4)
    plan = plan_orders(problem, seconds=1.0)
    assert plan.seconds < 3
    assert "the solver does not heed its time limit" in plan.status
    assert check_plan(problem, plan.quantity).feasible


def test_numbers_that_no_solver_can_tell_apart_are_not_handed_over() -> None:
    model = knapsack()
    assert solvers.sound(model)
    model.values[0] = 1e15
    assert not solvers.sound(model)


def test_without_any_solver_the_first_plan_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solvers, "available_solvers", lambda: ())
    problem = random_problem(6, 5, 2, seed=4)
    plan = plan_orders(problem, seconds=60.0)
    assert plan.status.startswith("no solver could be run: first plan only")
    assert check_plan(problem, plan.quantity).feasible
    assert plan.gap > 0


def test_a_failure_is_a_solver_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_run_highs", lambda *_: 1 / 0)
    with pytest.raises(SolverError, match="HiGHS failed: ZeroDivisionError"):
        solvers.solve(knapsack(), solver=solvers.HIGHS, seconds=1.0)


def test_the_room_opens_without_loading_a_solver() -> None:
    code = (
        "import sys, invopt_xl.optimise; print([name for name in ('pulp', 'highspy', 'pandas') if name in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_the_time_limit_is_kept() -> None:
    problem = random_problem(150, 12, 10, seed=2)
    plan = plan_orders(problem, seconds=3.0, gap=0.0)
    assert plan.seconds < 6.0
    assert plan.seconds_to_first < 3.0
    assert "stopped at its time limit" in plan.status
