"""A function service that knows a few more functions: slow ones, and some that no catalogue should have.

Slow ones wait until a file is there, and leave a note that they were called in the file ``INVOPT_NOTES`` names.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from invopt_xl.hosts.service import __main__, logs, process, worker
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Cost, Result, cell_function
from invopt_xl.sheet.run import Run

GATE = Argument("gate", "A file to wait for.", takes="one", kind="text")
LABEL = Argument("label", "Anything.", takes="one", kind="text", default="")
ANYTHING = Argument("anything", "Any cells.", takes="cell", default=None)
TIMES = Argument("times", "How often it dies.", takes="one")


def noted(word: str) -> int:
    """Leave a note; return how many there are."""
    notes = Path(os.environ["INVOPT_NOTES"])
    with notes.open("a") as file:
        file.write(f"{word}\n")
    return len(notes.read_text().splitlines())


def wait_for(gate: str) -> None:
    while not Path(gate).exists():
        time.sleep(0.005)


def slow(run: Run, gate: str, label: str) -> str:
    """Wait for a file."""
    noted(label)
    run.progress.stage("Waiting", 10)
    run.progress.advance(0)
    wait_for(gate)
    return f"done {label}"


def quicker(gate: str, label: str) -> str:
    """Wait for a file."""
    noted(label)
    wait_for(gate)
    return f"done {label}"


def crash(times: float) -> str:
    """End the process that computes, the first times."""
    if noted("crash") <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def crash_here(times: float) -> str:
    """End the service, the first times."""
    return crash(times)


def stumble() -> str:
    """Fail as no function should."""
    noted("stumble")
    raise ZeroDivisionError("secret 4711")


def count(anything: object) -> str:
    """Return how often it was called."""
    return str(noted("count"))


def latest_fault(run: Run) -> str:
    """Return the latest fault in words."""
    faults = run.faults()
    return f"{faults[0].function}: {faults[0].arguments}: {faults[0].message}" if faults else "none"


def hold() -> str:
    """Never return, nor let anything else of the process take a turn."""
    return str(re.match("(a+)+$", "a" * 60 + "b"))


DECLARED: tuple[tuple[Callable[..., str], tuple[Argument, ...], Cost], ...] = (
    (slow, (GATE, LABEL), "heavy"),
    (quicker, (GATE, LABEL), "cached"),
    (crash, (TIMES,), "heavy"),
    (crash_here, (TIMES,), "cheap"),
    (stumble, (), "cheap"),
    (count, (ANYTHING,), "live"),
    (hold, (), "cheap"),
    (latest_fault, (), "live"),
)

if __name__ == "__main__":
    for function, arguments, cost in DECLARED:
        cell_function("Help", *arguments, result=Result("one", "a word"), cost=cost, example=())(function)
    if sys.argv[1:] == ["worker"]:
        worker.main()
    else:
        logs.STUCK = 3.0
        process.COMMAND = (sys.executable, __file__, "worker")
        __main__.main()
