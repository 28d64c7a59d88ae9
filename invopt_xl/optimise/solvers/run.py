"""Models through PuLP: PuLP 3 from PuLP 4, HiGHS from CBC."""

from __future__ import annotations

import functools
import importlib.util
import math
import re
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from invopt_xl.errors import SolverError
from invopt_xl.optimise.solvers.model import LinearModel, Solution
from invopt_xl.optimise.terms import FloatArray

HIGHS, CBC = "HiGHS", "CBC"

GRACE = 1.5
"""Seconds a solver may take beyond its limit: it looks at the clock only now and then."""

ROWS_ENTRIES_PER_SECOND = 50_000
"""Entries of a model that are surely written for CBC, and its answer read, in a second."""

LARGEST_FACTOR = 1e12
"""Factors beyond it do not go into one model with those of everyday: tolerances would swallow these."""

_FEASIBLE_POINT = 2
"""HiGHS's `kSolutionStatusFeasible`."""


def available_solvers() -> tuple[str, ...]:
    """Return the names of the solvers that can run here, the preferred one first."""
    return tuple(name for name, there in ((HIGHS, highs_available), (CBC, cbc_available)) if there())


def highs_available() -> bool:
    """Return whether HiGHS can run."""
    return importlib.util.find_spec("highspy") is not None and bool(_pulp().HiGHS(msg=False).available())


def cbc_available() -> bool:
    """Return whether CBC can run: bundled with PuLP 3, installed apart for PuLP 4."""
    return any(solver.available() for solver in _cbc_candidates())


def _pulp() -> Any:
    import pulp

    return pulp


def _cbc_candidates(**options: Any) -> list[Any]:
    pulp = _pulp()
    # PuLP 3 bundles CBC but warns of its own class for it; the plain class takes the bundled program's path.
    bundled = getattr(getattr(pulp, "PULP_CBC_CMD", None), "pulp_cbc_path", None)
    paths = [None] if bundled is None else [bundled, None]
    return [pulp.COIN_CMD(path=path, msg=False, **options) for path in paths]


def solve(
    model: LinearModel,
    *,
    solver: str,
    seconds: float,
    gap: float = 0.0,
    absolute_gap: float = 0.0,
    start: FloatArray | None = None,
) -> Solution:
    """Minimise the model with one thread, without a word on the console.

    Parameters
    ----------
    model
        What to minimise.
    solver
        A name from `available_solvers`.
    seconds
        Time limit.
    gap, absolute_gap
        Good enough: relative, and in units of the objective.
    start
        A feasible solution to begin with, if there is one.

    Raises
    ------
    SolverError
        If the solver fails; the caller may try another.
    """
    if len(model.cost) == 0:
        return Solution(np.zeros(0), model.offset, True, solver)
    run = _run_highs if solver == HIGHS else _run_cbc
    try:
        return run(model, seconds, gap, absolute_gap, start)
    except SolverError:
        raise
    except Exception as fault:  # a solver may fail in any way: the caller falls back and says so
        raise SolverError(f"{solver} failed: {type(fault).__name__}: {fault}") from fault


def sound(model: LinearModel) -> bool:
    """Return whether a solver can tell the model's numbers apart."""
    limits = np.concatenate((model.row_lower, model.row_upper, model.lower, model.upper, model.cost))
    limits = limits[np.isfinite(limits)]
    factors = float(np.abs(model.values).max(initial=0.0))
    return factors <= LARGEST_FACTOR and float(np.abs(limits).max(initial=0.0)) <= LARGEST_FACTOR * 1e3


def _within(seconds: float, run: Callable[[], Any]) -> Any:
    """Return what a solver's run returns, or give it up when it does not heed its time limit.

    Compiled code cannot be stopped from here: what is given up ends by itself, or with the program.
    """
    outcome: list[Any] = []
    faults: list[BaseException] = []

    def kept() -> None:
        try:
            outcome.append(run())
        except BaseException as fault:  # noqa: BLE001 - raised again where it is waited for
            faults.append(fault)

    thread = threading.Thread(target=kept, daemon=True)
    thread.start()
    thread.join(seconds)
    if faults:
        raise faults[0]
    if not outcome:
        raise SolverError(f"given up after {seconds:.0f} s: the solver does not heed its time limit")
    return outcome[0]


def relaxed(model: LinearModel) -> LinearModel:
    """Return the model with fractions allowed: its optimum is a bound."""
    return replace(model, integer=np.zeros_like(model.integer))


def _build(model: LinearModel) -> tuple[Any, list[Any]]:
    """Return the model as a PuLP problem, and its variables in the model's order."""
    pulp = _pulp()
    problem = pulp.LpProblem("orders", pulp.LpMinimize)
    add = getattr(problem, "add_variable", None) or pulp.LpVariable  # PuLP 4: variables belong to a problem
    width = len(str(len(model.cost)))
    # PuLP 3 sorts variables by name, so names of one width keep them in the model's order.
    kinds = [pulp.LpInteger if whole else pulp.LpContinuous for whole in model.integer.tolist()]
    variables = [
        add(
            f"x{number:0{width}d}",
            low,
            None if high == math.inf else high,
            kind,
        )
        for number, (low, high, kind) in enumerate(zip(model.lower.tolist(), model.upper.tolist(), kinds, strict=True))
    ]
    expression = _expressions()
    # The constant stays out: PuLP 3 does not hand it to HiGHS, PuLP 4 does.
    objective = expression(list(zip(variables, model.cost.tolist(), strict=True)))
    problem.setObjective(objective)
    starts, columns, values = model.starts.tolist(), model.columns.tolist(), model.values.tolist()
    for row, (low, high) in enumerate(zip(model.row_lower.tolist(), model.row_upper.tolist(), strict=True)):
        span = range(starts[row], starts[row + 1])
        terms = expression([(variables[columns[entry]], values[entry]) for entry in span])
        if low == high:
            problem.addConstraint(terms == low)
            continue
        if low > -math.inf:
            problem.addConstraint(terms >= low)
        if high < math.inf:
            problem.addConstraint(terms <= high)
    return problem, variables


def _expressions() -> Any:
    kind = _pulp().LpAffineExpression
    if hasattr(kind, "from_list"):
        return kind.from_list
    return kind


@functools.cache
def _started_highs() -> Any:
    """Return PuLP's HiGHS with what it lacks: silence on every version, and a start solution."""
    import highspy

    class StartedHighs(_pulp().HiGHS):  # type: ignore[misc]  # PuLP has no types
        start: FloatArray | None = None

        def callSolver(self, lp: Any) -> None:  # noqa: N802 - PuLP's name
            _within(self.timeLimit + GRACE, lambda: super(StartedHighs, self).callSolver(lp))

        def buildSolverModel(self, lp: Any) -> None:  # noqa: N802 - PuLP's name
            lp.solverModel.setOptionValue("output_flag", False)
            super().buildSolverModel(lp)
            if self.start is not None:
                solution = highspy.HighsSolution()
                solution.col_value = self.start.tolist()
                lp.solverModel.setSolution(solution)

    return StartedHighs


def _run_highs(
    model: LinearModel, seconds: float, gap: float, absolute_gap: float, start: FloatArray | None
) -> Solution:
    problem, variables = _build(model)
    options = {"random_seed": 7, "mip_heuristic_effort": 0.1}
    kind = _started_highs()
    engine = kind(
        msg=False, threads=1, timeLimit=max(seconds, 0.05), gapRel=gap, gapAbs=max(absolute_gap, 1e-6), **options
    )
    engine.start = start if model.integer.any() else None
    status = _status(problem, problem.solve(engine))
    highs = problem.solverModel
    information = highs.getInfo()
    bound = -math.inf
    if model.integer.any():
        bound = float(information.mip_dual_bound)
    elif status.optimal:
        bound = float(information.objective_function_value)
    feasible = status.has_solution and information.primal_solution_status == _FEASIBLE_POINT
    values = _values(variables) if feasible else None
    finished = str(highs.getModelStatus()).endswith("kOptimal")
    two_sided = np.isfinite(model.row_lower) & np.isfinite(model.row_upper) & (model.row_lower != model.row_upper)
    duals = None
    if feasible and not model.integer.any() and not two_sided.any():
        duals = np.array(highs.getSolution().row_dual)
    proven = bound + model.offset if math.isfinite(bound) else -math.inf
    return Solution(values, proven, finished, HIGHS, duals)


def _run_cbc(model: LinearModel, seconds: float, gap: float, absolute_gap: float, start: FloatArray | None) -> Solution:
    problem, variables = _build(model)
    with tempfile.TemporaryDirectory(prefix="invopt_") as folder:
        log = Path(folder) / "cbc.log"
        options = {"threads": 1, "timeLimit": max(seconds, 1.0), "gapRel": gap, "gapAbs": absolute_gap}
        engines = [engine for engine in _cbc_candidates(**options, logPath=str(log)) if engine.available()]
        if not engines:
            raise SolverError("CBC is not installed")
        engine = engines[0]
        if start is not None:
            for variable, value in zip(variables, start.tolist(), strict=True):
                variable.setInitialValue(value, check=False)
            engine.optionsDict["warmStart"] = True
        allowed = options["timeLimit"] + GRACE + len(model.values) / ROWS_ENTRIES_PER_SECOND
        status = _status(problem, _within(allowed, lambda: problem.solve(engine)))
        text = log.read_text(errors="replace") if log.exists() else ""
    values = _values(variables) if status.has_solution else None
    bound = _cbc_bound(model, values, status.optimal, gap, absolute_gap, text)
    duals = _cbc_duals(problem, model) if status.optimal and not model.integer.any() else None
    return Solution(values, bound, status.optimal, CBC, duals)


def _cbc_duals(problem: Any, model: LinearModel) -> FloatArray:
    """Return the rows' duals; a row with two limits was handed over as two."""
    held = problem.constraints
    given = iter([row.pi or 0.0 for row in (held() if callable(held) else held.values())])
    parts = np.isfinite(model.row_lower).astype(int) + (np.isfinite(model.row_upper))
    parts = np.where(model.row_lower == model.row_upper, 1, parts)
    return np.array([sum(next(given) for _ in range(count)) for count in parts.tolist()])


@dataclass(frozen=True)
class _Status:
    """Whether a feasible solution was handed back, and whether the solver calls it optimal."""

    has_solution: bool
    optimal: bool


def _status(problem: Any, outcome: Any) -> _Status:
    """Read PuLP 3's `sol_status` or PuLP 4's statistics.

    "Optimal" in PuLP 3's `LpStatus` also stands for "stopped at the time limit": only `sol_status` tells.
    """
    pulp = _pulp()
    if hasattr(outcome, "has_solution"):
        return _Status(bool(outcome.has_solution), outcome.status == pulp.constants.LpSolveStatus.Optimal)
    optimal = problem.sol_status == pulp.LpSolutionOptimal
    return _Status(optimal or problem.sol_status == pulp.LpSolutionIntegerFeasible, optimal)


def _cbc_bound(
    model: LinearModel, values: FloatArray | None, finished: bool, gap: float, absolute_gap: float, log: str
) -> float:
    """Return a proven bound: from the log of a stopped run, or less the tolerated gap of a finished one."""
    stated = re.findall(r"Lower bound:\s+(-?[\d.eE+-]+)", log)
    if stated:
        return float(stated[-1]) + model.offset
    if not finished or values is None:
        return -math.inf
    objective = float(model.cost @ values)
    return objective - max(gap * abs(objective), absolute_gap) + model.offset


def _values(variables: Sequence[Any]) -> FloatArray:
    return np.array([variable.varValue or 0.0 for variable in variables], dtype=np.float64)
