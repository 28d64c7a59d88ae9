"""What is compiled before a plan's clock starts is all that is compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from instances import random_problem

from invopt_xl.domain import Silent
from invopt_xl.optimise import lattice_loops, plan_orders, proximal_loops
from invopt_xl.optimise.local_search import evaluator, moves
from invopt_xl.optimise.ready import make_ready

KERNELS: list[Any] = [
    lattice_loops.cheapest_plans,
    proximal_loops.mix,
    proximal_loops.duals_at,
    proximal_loops.cheapest_columns,
    moves.anneal,
    evaluator.take_stock,
]


def test_a_plan_of_any_kind_compiles_nothing_once_loops_are_ready() -> None:
    rich = random_problem(40, 8, 6, seed=2, tight=1.3, rich=True)
    make_ready(Silent())
    ready = [len(kernel.signatures) for kernel in KERNELS]
    assert min(ready) > 0
    for problem in (rich, random_problem(8, 6, 3, seed=3, shortage="backorder")):
        plan = plan_orders(problem, seconds=4.0)
        assert np.isfinite(plan.bound)
    assert [len(kernel.signatures) for kernel in KERNELS] == ready
