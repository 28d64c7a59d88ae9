"""The best plan that a search has found so far, and what is proven about it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, RLock

import numpy as np

from invopt_xl.optimise.accounting import Account, account
from invopt_xl.optimise.groundwork import Groundwork, keeps_limits
from invopt_xl.optimise.terms import FloatArray, IntArray

MOST_OFFERED = 20
"""Plans offered of late that are kept."""


@dataclass(frozen=True)
class Asked:
    """What is asked of a search: when to stop by the clock `time.monotonic`, at what gap, with how many threads."""

    deadline: float
    gap: float
    workers: int


class Incumbent:
    """The best plan so far; threads may offer others.

    Parameters
    ----------
    work
        The problem.
    quantity
        A plan that keeps every limit, units by source and period.
    asked
        How good it has to be, and until when.

    Attributes
    ----------
    quantity, total
        The best plan, and its cost, money.
    target
        Money that it may cost more than the cheapest to be good enough.
    bound
        No plan has a lower total: proven.
    spare
        Set while there is a core to spare for chance finds.
    """

    def __init__(self, work: Groundwork, quantity: FloatArray, asked: Asked) -> None:
        self.work, self.quantity, self.asked = work, quantity, asked
        self.total, self.target = self._judged(account(work.problem, quantity))
        self.bound = -np.inf
        self.stopped = False
        self.offered: deque[FloatArray] = deque(maxlen=MOST_OFFERED)
        self.lock = RLock()
        self.spare = Event()
        self.spare.set()

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.asked.deadline - time.monotonic()

    def _judged(self, costs: Account) -> tuple[float, float]:
        """Return a plan's total, and the money that it may cost more than the cheapest to be good enough."""
        return costs.total, self.asked.gap * costs.controllable

    @property
    def done(self) -> bool:
        """Whether the plan is good enough, time is up, or the search was broken off."""
        return self.stopped or self.total - self.bound <= max(self.target, 1e-9 * abs(self.total)) or self.left <= 0

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Break the search off, in all threads, where one fails or the user does."""
        try:
            yield
        except BaseException:
            self.stopped = True
            raise

    @contextmanager
    def crowded(self) -> Iterator[None]:
        """Leave no core to spare for a while."""
        self.spare.clear()
        try:
            yield
        finally:
            self.spare.set()

    def offer(self, quantity: FloatArray) -> bool:
        """Take a plan that keeps every limit and costs less."""
        total, target = self._judged(account(self.work.problem, quantity))
        with self.lock:
            self.offered.append(quantity)
            better = total < self.total - 1e-9 * max(abs(self.total), 1.0) and keeps_limits(self.work, quantity)
            if better:
                self.quantity, self.total, self.target = quantity, total, target
            return better

    def take_offered(self) -> list[FloatArray]:
        """Return the plans offered of late, good or not: the best one may be mixed of several. Each once."""
        with self.lock:
            taken = list(self.offered)
            self.offered.clear()
        return taken

    def offer_part(self, quantity: FloatArray, sources: IntArray) -> bool:
        """Take a plan of some sources, all others as they are in the best plan now."""
        with self.lock:
            whole = self.quantity.copy()
            whole[sources] = quantity
            return self.offer(whole)
