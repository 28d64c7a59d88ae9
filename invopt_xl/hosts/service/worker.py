"""A process for long calculations: a line with a call comes in, lines with progress and the answer go out.

It ends with the service: whoever holds the other end of its streams.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple
from typing import BinaryIO

BETWEEN_NEWS = 0.1
"""Seconds between two words on progress."""


class Reported:
    """Progress that is told in lines, not more often than somebody can read them."""

    def __init__(self, say: Callable[[bytes], None]) -> None:
        self._say = say
        self._stage, self._done, self._steps, self._told = "", 0, 0, 0.0

    def stage(self, name: str, steps: int = 0) -> None:
        """Tell that a stage begins."""
        self._stage, self._done, self._steps, self._told = name, 0, steps, 0.0
        self._tell()

    def advance(self, steps: int = 1) -> None:
        """Tell that steps are done."""
        self._done += steps
        self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told >= BETWEEN_NEWS:
            self._told = now
            self._say(b"progress " + json.dumps([self._stage, self._done, self._steps]).encode())


def main() -> None:
    """Answer calls until the service is gone."""
    out = _own_output()
    if hasattr(os, "nice"):
        os.nice(5)  # the office and cheap calls come first

    def say(line: bytes) -> None:
        out.write(line + b"\n")
        out.flush()

    calls: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(calls,), daemon=True).start()
    from invopt_xl.cache import ContentCache
    from invopt_xl.hosts.service.computing import computed
    from invopt_xl.sheet import Run, catalogue

    catalogue()
    run = Run(Reported(say), ContentCache())
    say(b"ready")
    while True:
        outcome = computed(calls.get(), run)
        fault = astuple(outcome.fault) if outcome.fault else None
        say(b"done " + json.dumps([outcome.keep, fault]).encode())
        say(outcome.answer)


def _own_output() -> BinaryIO:
    """Return the output for answers; what libraries print goes elsewhere."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return out


def _listen(calls: queue.SimpleQueue[bytes]) -> None:
    with suppress(OSError):
        for line in sys.stdin.buffer:
            calls.put(line.rstrip(b"\n"))
    if hasattr(os, "killpg"):
        os.killpg(os.getpgrp(), signal.SIGKILL)  # whatever a calculation has started goes too
    os._exit(0)


if __name__ == "__main__":
    main()
