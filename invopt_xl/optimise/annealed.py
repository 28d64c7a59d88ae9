"""Simulated annealing of the whole plan: at once, and on one core while others prove."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from invopt_xl.optimise.incumbent import Incumbent
from invopt_xl.optimise.local_search import improved

FIRST = 1.0
"""Seconds of the first annealing."""

ANEW = ((4.0, 0.3), (16.0, 0.3))
"""Seconds and warmth of those that follow it, while the plan is proven."""

REHEATING = ((2.0, 0.1), (5.0, 0.1), (10.0, 0.3))
"""Seconds and warmth of those that better the best plan in the end: short ones alone come to a standstill."""

ANEW_AND_AGAIN = ((1.0, 1.0), (1.0, 30.0), (0.5, 0.1))
"""Seconds and warmth of those of a small problem: its plans differ much, and many are made and mixed."""

SMALL = 1000
"""Lines that there may be in a small problem: proven at once, as a rule, so that nothing is annealed before."""

AT_ONCE = 0.5
"""Seconds in which a small problem is proven, as a rule, and always to the same plan; then annealing sets in."""

LOOK_UP = 0.1
"""Seconds after which a search that waits for a core looks up whether it is over."""

ALONE_SHARE = 0.1
"""Part of the time that one more annealing takes where there is no core to spare."""


@contextmanager
def annealing(best: Incumbent) -> Iterator[None]:
    """Look for cheaper plans by simulated annealing, at once, and meanwhile where there is a core to spare.

    A small problem is annealed only where it is not proven soon.

    Parameters
    ----------
    best
        The best plan, which is offered what is found.
    """
    small = best.work.problem.sources * best.work.problem.periods <= SMALL
    over = Event()
    if not small:
        anneal(best, min(FIRST, ALONE_SHARE * best.left), 0)
    if best.asked.workers == 1:
        if not small:
            anneal(best, ALONE_SHARE * best.left, 1)
        yield
        over.set()
        if small:
            _keep_annealing(best, over, small=True)
        return
    with ThreadPoolExecutor(1) as pool:
        task = pool.submit(_keep_annealing, best, over, small=small)
        try:
            with best.guarded():
                yield
        finally:
            over.set()
            task.result()


def _keep_annealing(best: Incumbent, over: Event, *, small: bool) -> None:
    """Anneal anew for longer and longer, then again and again; to the end while that helps now and then."""
    anew = () if small else ANEW
    steps = itertools.chain(anew, itertools.cycle(ANEW_AND_AGAIN if small else REHEATING))
    in_vain = 0
    if small:
        over.wait(AT_ONCE)
    for number, (seconds, warmth) in enumerate(steps, 1):
        before = best.total
        while not best.done:
            if not best.spare.wait(LOOK_UP):
                continue
            anneal(best, min(seconds, best.left), number, warmth, stop=lambda: best.done or not best.spare.is_set())
            if best.spare.is_set():
                break  # else it was broken off while still warm
        if best.done:
            return
        in_vain = 0 if best.total < before else in_vain + 1
        if over.is_set() and in_vain >= len(REHEATING):
            return


def anneal(
    best: Incumbent, seconds: float, seed: int, warmth: float = 1.0, stop: Callable[[], bool] | None = None
) -> None:
    """Look for a cheaper plan by simulated annealing for so many seconds; arguments as `improved` takes them."""
    best.offer(improved(best.work, best.quantity, time.monotonic() + seconds, seed, warmth=warmth, stop=stop))
