"""How long to wait: for the other side of a line, and for results while a sheet is recalculated.

This file is copied into the office's add-in, beside the client. It needs Python 3.8 and its standard library, and
nothing else.
"""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

ATTENTION = 0.0005
"""Seconds of looking out for the other side before going to sleep."""


class Patience:
    """How long one burst of recalculation may wait in all.

    Parameters
    ----------
    seconds
        For all calls of a burst together.
    pause
        Seconds without a call that end a burst.
    clock
        Returns the time in seconds.
    """

    def __init__(self, seconds: float = 2.0, pause: float = 0.5, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self.pause = pause
        self._clock = clock
        self._left = seconds
        self._last = clock()

    def allowance(self) -> float:
        """Return the seconds that the next call may wait."""
        now = self._clock()
        if now - self._last > self.pause:
            self._left = self.seconds
        self._last = now
        return self._left

    def spent(self, seconds: float) -> None:
        """Note that a call took so many seconds."""
        self._left = max(0.0, self._left - seconds)
        self._last = self._clock()


def look_out(connection: socket.socket) -> None:
    """Wait for what comes next with open eyes, for a moment: cells ask by the thousand, one after the other.

    A process that is put to sleep between two of them takes three times as long for each, for it is slow to wake and
    finds nothing of its own in the processor's caches.
    """
    if not hasattr(select, "poll"):
        return  # Windows; there the clock is too coarse for it as well
    eyes = select.poll()
    eyes.register(connection, select.POLLIN)
    until = time.perf_counter() + ATTENTION
    while not eyes.poll(0) and time.perf_counter() < until:
        pass
