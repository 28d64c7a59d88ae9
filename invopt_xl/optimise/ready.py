"""The compiled loops made ready before the clock of a plan starts: loaded, or compiled once after an installation."""

from __future__ import annotations

import time
from functools import cache

import numpy as np

from invopt_xl.domain import Progress, Silent
from invopt_xl.optimise.groundwork import prepare
from invopt_xl.optimise.incumbent import Asked
from invopt_xl.optimise.local_search import improved, polished
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.search import search_plan


def make_ready(progress: Progress) -> None:
    """Load or compile what a plan needs: its time limit is for planning."""
    progress.stage("Loading (once after an installation: compiling)")
    _loaded()


@cache
def _loaded() -> None:
    """Plan something tiny."""
    each = np.ones(2)
    problem = OrderProblem(
        item_names=("tea", "jam"),
        supplier=np.zeros(2, dtype=np.int64),
        unit_cost=2 * each,
        demand=np.array([[5.0, 5.0], [3.0, 3.0]]),
        on_hand=0 * each,
        lead_time_periods=np.zeros(2, dtype=np.int64),
        shortage_cost=4 * each,
        supplier_names=("K",),
        supplier_order_cost=3 * each[:1],
        budget=40 * each,
    )
    work = prepare(problem)
    polished(work, improved(work, work.fixed, 0.0, rounds=1))
    search_plan(work, work.fixed.copy(), Asked(time.monotonic() + 60.0, 0.0, 1), Silent())
