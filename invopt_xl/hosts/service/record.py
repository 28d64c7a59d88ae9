"""What the service remembers of its calls: for its state, for the log, and to show the last error."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any

from invopt_xl.hosts.service.logs import log
from invopt_xl.sheet.answers import Answer
from invopt_xl.sheet.cells import Given, held, shown
from invopt_xl.sheet.run import Fault

MOST = 50
"""Calls, and faults, that are remembered."""

MOST_LINES = 500
"""Refused items of one call that are remembered."""

LONGEST_WORDS = 200
"""Characters of the arguments of a fault."""


def in_words(given: Sequence[Given]) -> str:
    """Return the arguments of a call in words; of a range its size alone.

    Examples
    --------
    >>> in_words([[[1], [2]], 12, None, "rows"])
    '2 x 1 cells; 12; empty; rows'
    """
    words = "; ".join(_in_words(each) for each in given)
    return words if len(words) <= LONGEST_WORDS else f"{words[: LONGEST_WORDS - 3]}..."


def _in_words(given: Given) -> str:
    cell = held(given)
    return f"{len(cell)} x {len(cell[0])} cells" if isinstance(cell, list) else shown(cell)


def fault_of(name: str, given: Sequence[Given], answer: Answer) -> Fault | None:
    """Return what is wrong with a call, None if nothing is."""
    if not answer.faults:
        return None
    try:
        words = in_words(given)
    except Exception:  # noqa: BLE001 - whatever was sent here may be no cells
        words = "no cells"
    first, *further = answer.faults[:MOST_LINES]
    return Fault(name.upper()[:60], first, words, _local(time.time()), answer.trace, tuple(further))


class Record:
    """The latest calls and faults."""

    def __init__(self) -> None:
        self.began = time.time()
        self.last_call = time.monotonic()
        self.computed = 0
        self.from_disk = 0
        self._calls: deque[tuple[str, float, float, str]] = deque(maxlen=MOST)
        self._faults: deque[Fault] = deque(maxlen=MOST)
        self._lock = threading.Lock()

    def note(self, name: str, seconds: float, fault: Fault | None = None) -> None:
        """Note that a call was computed, and what was wrong with it."""
        with self._lock:
            self.computed += 1
            self._calls.appendleft((name, seconds, time.time(), fault.message if fault else ""))
            if fault is not None:
                self._faults.appendleft(fault)
        if fault is not None and fault.trace:
            log.error("%s failed (%s)\n%s", fault.function, fault.arguments, fault.trace)

    def again(self, fault: Fault | None) -> None:
        """Note that a call was refused as one before it was, whose answer was kept: it is the latest fault now."""
        if fault is None:
            return
        with self._lock:
            before = [each for each in self._faults if _same(each, fault)]
            for each in before:
                self._faults.remove(each)
            self._faults.appendleft(fault)

    def faults(self) -> tuple[Fault, ...]:
        """Return the latest faults, newest first."""
        with self._lock:
            return tuple(self._faults)

    def state(self) -> dict[str, Any]:
        """Return all of it for people, newest first, tracebacks aside."""
        with self._lock:
            calls, faults = list(islice(self._calls, MOST)), list(self._faults)
        return {
            "uptime": round(time.time() - self.began, 1),
            "recent": [
                {"name": name, "seconds": round(seconds, 6), "when": _local(when), "fault": fault}
                for name, seconds, when, fault in calls
            ],
            "faults": [
                {**asdict(fault), "trace": bool(fault.trace), "further": len(fault.further)} for fault in faults
            ],
        }


def _same(one: Fault, other: Fault) -> bool:
    return (one.function, one.arguments, one.message) == (other.function, other.arguments, other.message)


def _local(when: float) -> str:
    return datetime.fromtimestamp(when).astimezone().strftime("%Y-%m-%d %H:%M:%S")
