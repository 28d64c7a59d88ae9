"""Order plans beside one plain model given to CBC and to HiGHS: total, proven gap and seconds, in the same run.

Run with ``pytest tests/benchmarks/bench_orders.py``; a table for each instance is printed as it comes. Each planner
gets the same seconds and all cores; ours stops earlier where its gap is proven to be 1%. For a run of minutes:
``--order-seconds 10``; the instances of 2,000 items run when they are named: ``--orders 200-slack,2000-slack``, or
``--orders all``.

The plain model leaves out what hardly ever pays (`whole_model.solve_whole`, ``exact=False``): that serves its solvers
better. Totals are the checker's. A gap is what `OrderPlan.gap` says, a share of what orders can change; the usual gap
of a solver, a share of all money with purchase in it, is small whatever the plan.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from instances import random_problem
from whole_model import solve_whole

from invopt_xl.optimise import OrderProblem, check_plan, plan_orders, solvers
from invopt_xl.optimise.plan import relative_gap
from invopt_xl.optimise.terms import FloatArray

Report = Callable[..., None]


@dataclass(frozen=True)
class Instance:
    """What is planned, and the seconds it should take at most."""

    size: tuple[int, int, int]
    seconds: float
    tight: float | None = None
    rich: bool = False

    def problem(self) -> OrderProblem:
        return random_problem(*self.size, tight=self.tight, rich=self.rich)

    def title(self, name: str, seconds: float) -> str:
        items, periods, suppliers = self.size
        limits = "no shared limits" if self.tight is None else f"budget and storage at {self.tight} of the need"
        rules = ", every kind of rule" if self.rich else ""
        return (
            f"ORDERS | {name}: {items:,} items x {periods} periods x {suppliers} suppliers, {limits}{rules}; "
            f"{seconds:g} s each"
        )


INSTANCES = {
    "200-slack": Instance((200, 12, 20), 60.0),
    "200-tight": Instance((200, 12, 20), 60.0, 1.5),
    "200-tighter": Instance((200, 12, 20), 60.0, 1.1),
    "200-rich": Instance((200, 12, 20), 60.0, 1.5, rich=True),
    "2000-slack": Instance((2000, 12, 100), 300.0),
    "2000-tight": Instance((2000, 12, 100), 300.0, 1.5),
}


def chosen(config: pytest.Config) -> list[str]:
    """Return the names of the instances asked for."""
    asked = str(config.getoption("--orders"))
    names = list(INSTANCES) if asked == "all" else asked.split(",")
    unknown = [name for name in names if name not in INSTANCES]
    if unknown:
        raise pytest.UsageError(f"--orders {unknown[0]}: expected all, or some of {', '.join(INSTANCES)}")
    return names


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", chosen(metafunc.config))


def judged(problem: OrderProblem, quantity: FloatArray | None, bound: float) -> dict[str, object]:
    """Return the checker's total of a plan, how far it may be from the cheapest, and whether it keeps all limits."""
    proven = {"bound": f"{bound:,.0f}" if np.isfinite(bound) else "none"}
    if quantity is None:
        return proven | {"total": "no plan"}
    verdict = check_plan(problem, quantity)
    spent = verdict.total + verdict.costs["purchase"]
    broken = len(verdict.violations)
    return proven | {
        "total": f"{verdict.total:,.0f}",
        "gap": f"{relative_gap(verdict.total, bound, verdict.controllable):.2%}" if np.isfinite(bound) else None,
        "usual gap": f"{relative_gap(verdict.total, bound, spent):.2%}" if np.isfinite(bound) else None,
        "checker": "keeps all limits" if not broken else f"{broken} broken: {verdict.violations[0]}",
    }


def peer(problem: OrderProblem, solver: str, seconds: float) -> dict[str, object]:
    """Return a row of the table for the plain model."""
    if solver not in solvers.available_solvers():
        return {"total": "not installed"}
    whole = solve_whole(problem, solver, seconds, exact=False, threads=os.cpu_count() or 1)
    row = judged(problem, whole.quantity, whole.bound)
    return row | {"build s": f"{whole.build_seconds:.2f}", "seconds": f"{whole.seconds:.1f}"}


def test_orders_beside_plain_models(benchmark: Any, pytestconfig: pytest.Config, report: Report, name: str) -> None:
    instance = INSTANCES[name]
    seconds = float(pytestconfig.getoption("--order-seconds") or instance.seconds)
    problem = instance.problem()
    plan_orders(random_problem(6, 3, 2), seconds=5.0)  # what is compiled once after an installation is not planning
    plan = benchmark.pedantic(plan_orders, (problem,), {"seconds": seconds}, rounds=1, iterations=1)
    rows = {
        "ours": judged(problem, plan.quantity, plan.bound)
        | {"first plan s": f"{plan.seconds_to_first:.2f}", "seconds": f"{plan.seconds:.1f}"},
        "plain PuLP + HiGHS": peer(problem, solvers.HIGHS, seconds),
        "plain PuLP + CBC": peer(problem, solvers.CBC, seconds),
    }
    columns = ["first plan s", "build s", "total", "bound", "gap", "usual gap", "seconds", "checker"]
    report(instance.title(name, seconds), pd.DataFrame(rows).T.reindex(columns=columns))
    verdict = check_plan(problem, plan.quantity)
    assert set(verdict.violations) <= set(check_plan(problem, np.nan_to_num(problem.fixed_quantity)).violations)
    assert verdict.total == pytest.approx(plan.total)
