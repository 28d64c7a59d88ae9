"""Runs a model written in PuLP with one thread, on PuLP 3 and 4, and reads what was found and what was proven."""

from __future__ import annotations

import math
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import highspy
import pulp

from invopt_xl.optimise.solvers import run as solvers


@dataclass(frozen=True)
class Outcome:
    """Whether the variables hold a solution, and the proven bound of the objective without its constant."""

    found: bool
    bound: float


def minimise(model: Any, solver: str, seconds: float, threads: int = 1) -> Outcome:
    """Solve to the end, or until the time limit."""
    run = _with_highs if solver == solvers.HIGHS else _with_cbc
    return run(model, seconds, threads)


def _with_highs(model: Any, seconds: float, threads: int) -> Outcome:
    highspy.Highs.resetGlobalScheduler(True)  # it keeps to the number of threads of its first run
    engine = pulp.HiGHS(msg=False, threads=threads, timeLimit=seconds, gapRel=0.0)
    found, optimal = _status(model, model.solve(engine))
    information = model.solverModel.getInfo()
    highspy.Highs.resetGlobalScheduler(True)
    if math.isfinite(information.mip_dual_bound) and model.isMIP():
        return Outcome(found, float(information.mip_dual_bound))
    return Outcome(found, float(information.objective_function_value) if optimal else -math.inf)


def _with_cbc(model: Any, seconds: float, threads: int) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "cbc.log"
        options = {"threads": threads, "timeLimit": seconds, "gapRel": 0.0, "logPath": str(log)}
        engine = next(one for one in solvers._cbc_candidates(**options) if one.available())
        found, optimal = _status(model, model.solve(engine))
        stated = re.findall(r"Lower bound:\s+(-?[\d.eE+-]+)", log.read_text(errors="replace"))
    if stated:
        return Outcome(found, float(stated[-1]))
    return Outcome(found, float(pulp.value(model.objective) or 0.0) if optimal else -math.inf)


def _status(model: Any, outcome: Any) -> tuple[bool, bool]:
    """Return whether there is a solution, and whether it is optimal.

    In PuLP 3 "optimal" as a status also stands for "stopped at the time limit", and a model "not solved" keeps values
    of its relaxation: only `sol_status` tells. PuLP 4 returns what it found.
    """
    if hasattr(outcome, "has_solution"):
        return bool(outcome.has_solution), outcome.status == pulp.constants.LpSolveStatus.Optimal
    optimal = model.sol_status == pulp.LpSolutionOptimal
    return optimal or model.sol_status == pulp.LpSolutionIntegerFeasible, optimal
