"""The end of a search: a few suppliers at a time are planned anew within what the others leave."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from invopt_xl.optimise.branching import BranchAndPrice
from invopt_xl.optimise.generation import Generation
from invopt_xl.optimise.groundwork import keeps_limits
from invopt_xl.optimise.incumbent import Incumbent
from invopt_xl.optimise.neighbourhood import neighbourhood
from invopt_xl.optimise.terms import IntArray

SECONDS = 2.0
"""What planning a few suppliers anew may take."""

ENOUGH = 3
"""Tries in vain, as often as there are suppliers, after which no more are made."""


def improve(best: Incumbent, solver: str) -> None:
    """Plan a few suppliers anew, and others, until nothing helps or time is up; one core is left for annealing.

    Parameters
    ----------
    best
        The best plan, which is offered what is found.
    solver
        Name of the solver.
    """
    supplier = best.work.problem.supplier
    suppliers = np.unique(supplier[supplier >= 0])  # some that are listed may deliver nothing
    if len(suppliers) < 2:
        return
    random = np.random.default_rng(7)
    waiting = suppliers.tolist()  # each by itself first, then a few together
    fruitless = 0

    def keep_on() -> None:
        nonlocal fruitless
        while not best.done and fruitless < ENOUGH * len(suppliers):
            with best.lock:
                size = 1 if waiting else min(len(suppliers), int(random.integers(2, 4)))
                chosen = [waiting.pop()] if waiting else random.choice(suppliers, size, replace=False)
            better = replan(best, np.array(chosen), solver)
            with best.lock:
                fruitless = 0 if better else fruitless + 1

    workers = max(best.asked.workers - 1, 1)
    with ThreadPoolExecutor(workers) as pool, best.guarded():
        for one in [pool.submit(keep_on) for _ in range(workers)]:
            one.result()


def replan(best: Incumbent, suppliers: IntArray, solver: str) -> bool:
    """Plan some suppliers anew; return whether that is better."""
    current = best.quantity
    part, sources = neighbourhood(best.work, current, suppliers)
    until = min(time.monotonic() + SECONDS, best.asked.deadline)
    before = current[sources]
    if not part.open or not keeps_limits(part, before):
        return False
    search = BranchAndPrice(Generation(part, solver), before)
    tolerance = 0.1 * best.target
    search.root(until, tolerance)
    search.settle(until, tolerance)
    return best.offer_part(search.quantity, sources)  # others may have changed other suppliers meanwhile
