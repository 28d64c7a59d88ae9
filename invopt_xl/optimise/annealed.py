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

WORTH_ANNEALING = 300
"""Lines that there may be from which a plan is annealed; smaller problems are solved sooner."""

FIRST = 1.0
"""Seconds of the first annealing."""

ANEW = (4.0, 16.0)
"""Seconds of those that follow it, while the plan is proven."""

REHEATING = ((2.0, 0.1), (2.0, 0.03))
"""Seconds and warmth of those that better the best plan in the end."""

ALONE_SHARE = 0.1
"""Part of the time that one more annealing takes where there is no core to spare."""


@contextmanager
def annealing(best: Incumbent) -> Iterator[None]:
    """Look for cheaper plans by simulated annealing, at once, and meanwhile where there is a core to spare.

    Parameters
    ----------
    best
        The best plan, which is offered what is found.
    """
    if best.work.problem.sources * best.work.problem.periods < WORTH_ANNEALING:
        yield
        return
    anneal(best, min(FIRST, ALONE_SHARE * best.left), 0)
    if best.asked.workers == 1:
        anneal(best, ALONE_SHARE * best.left, 1)
        yield
        return
    over = Event()
    with ThreadPoolExecutor(1) as pool:
        task = pool.submit(_keep_annealing, best, over)
        try:
            with best.guarded():
                yield
        finally:
            over.set()
            task.result()


def _keep_annealing(best: Incumbent, over: Event) -> None:
    """Anneal anew for longer and longer, then better the best plan again and again; to the end while that helps."""
    anew = [(seconds, 1.0) for seconds in ANEW]
    for number, (seconds, warmth) in enumerate(itertools.chain(anew, itertools.cycle(REHEATING)), 1):
        before = best.total
        anneal(best, min(seconds, best.left), number, warmth, stop=lambda: best.done)
        if best.done or (over.is_set() and best.total >= before):
            return


def anneal(
    best: Incumbent, seconds: float, seed: int, warmth: float = 1.0, stop: Callable[[], bool] | None = None
) -> None:
    """Look for a cheaper plan by simulated annealing for so many seconds; arguments as `improved` takes them."""
    best.offer(improved(best.work, best.quantity, time.monotonic() + seconds, seed, warmth=warmth, stop=stop))
