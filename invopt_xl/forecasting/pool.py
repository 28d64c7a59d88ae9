"""Searches for models in processes of their own, one item at a time each, so that a crash costs one item.

The processes are started with nothing but this interpreter and its module path. Unlike `multiprocessing` they do not
run the main script again, so they work from scripts without a guard, from notebooks and inside an office program.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from invopt_xl.forecasting.records import solved_from, task_arrays
from invopt_xl.forecasting.regular.members import State
from invopt_xl.forecasting.single import Solved, Task, solve
from invopt_xl.forecasting.worker import read_frame, write_frame

SECONDS_PER_ITEM = 120.0
"""A search that takes longer is given up."""

SECONDS_TO_START = 60.0
"""A process that takes longer to start is given up; a cold disk and a virus scanner together take half of it."""

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")

Continued = tuple[Task, State | None]
"""A task, and what it continues from."""

Outcome = Solved | str
"""A forecast, or why there is none."""


def failed(fault: str) -> str:
    """Return in words that a search failed."""
    return f"the search for models failed ({fault})"


def solve_here(task: Task, state: State | None) -> Outcome:
    """Return the outcome of a task in this process: as in any other, a fault costs one item."""
    try:
        return solve(task, state)
    except Exception as fault:  # noqa: BLE001 - the other items must not be lost with this one
        return failed(f"{type(fault).__name__}: {fault}")


def worker_command() -> list[str]:
    """Return the command that starts a worker."""
    return [sys.executable, "-m", "invopt_xl.forecasting.worker"]


class Worker:
    """A process that solves one task at a time; it is started when first needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = False
        self._lock = threading.Lock()

    def solve(self, task: Task, state: State | None) -> Outcome | None:
        """Return the outcome of the task, or None if no process can be started here."""
        process = self._process or self._started()
        if process is None or process.stdin is None or process.stdout is None:
            return None
        try:
            with _given_up_after(SECONDS_PER_ITEM, process) as late:
                write_frame(process.stdin, task_arrays(task, state))
                answer = read_frame(process.stdout)
            if answer is not None and "fault" in answer:
                return failed(str(answer["fault"]))
            if answer is not None:
                return solved_from(answer)
        except OSError:
            pass  # how a process that has died is met; told below
        except Exception as fault:  # noqa: BLE001 - whatever it is, it costs one item; the stream is not trusted again
            self._dismiss(process)
            return failed(f"{type(fault).__name__}: {fault}")
        self._dismiss(process)
        return (
            f"the search for models {'took too long' if late.is_set() else 'crashed'} (exit code {process.returncode})"
        )

    def _dismiss(self, process: subprocess.Popen[bytes]) -> None:
        """End a process that is of no more use; another one is started for the next task."""
        self._process = None
        _end(process)

    def _started(self) -> subprocess.Popen[bytes] | None:
        modules = os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path)
        environment = {**os.environ, **dict.fromkeys(_THREAD_VARIABLES, "1"), "PYTHONPATH": modules}
        # Under the lock, so that a process cannot start unseen while the others are ended.
        with self._lock:
            if self._ended:
                return None
            try:
                process = self._process = subprocess.Popen(  # noqa: S603 - this interpreter and this package
                    worker_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    env=environment, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )  # fmt: skip
            except OSError:
                self._ended = True
                return None
        if _answers(process):
            return process
        self.end()
        return None

    def end(self) -> None:
        """End the process; no other is started."""
        with self._lock:
            self._ended = True
            if self._process is not None:
                _end(self._process)


def _answers(process: subprocess.Popen[bytes]) -> bool:
    """Return whether a new process says in time that it is ready."""
    if process.stdout is None:
        return False
    with _given_up_after(SECONDS_TO_START, process), contextlib.suppress(OSError, ValueError):
        return read_frame(process.stdout) == {}
    return False


@contextlib.contextmanager
def _given_up_after(seconds: float, process: subprocess.Popen[bytes]) -> Iterator[threading.Event]:
    """Kill the process if the body takes longer; the event tells."""
    late = threading.Event()
    timer = threading.Timer(seconds, _give_up, (process, late))
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _give_up(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):  # what was not sent any more need not be
                stream.close()


def solve_in_processes(tasks: Mapping[str, Continued], processes: int) -> Iterator[tuple[str, Outcome]]:
    """Yield the outcome of each task as it comes, under its key.

    A task whose process dies gives the reason instead of a forecast, and a new process goes on with the others.
    Where no process can be started, the tasks are solved here. Leaving the iteration, by Ctrl-C too, ends the
    processes.

    Parameters
    ----------
    tasks
        What to solve, under a key each.
    processes
        How many processes.
    """
    waiting: queue.SimpleQueue[tuple[str, Continued]] = queue.SimpleQueue()
    for entry in tasks.items():
        waiting.put(entry)
    outcomes: queue.SimpleQueue[tuple[str, Outcome | None]] = queue.SimpleQueue()
    workers = [Worker() for _ in range(processes)]
    threads = [threading.Thread(target=_serve, args=(worker, waiting, outcomes), daemon=True) for worker in workers]
    try:
        for thread in threads:
            thread.start()
        for _ in range(len(tasks)):
            key, outcome = _next(outcomes)
            yield key, solve_here(*tasks[key]) if outcome is None else outcome
    finally:
        for worker in workers:
            worker.end()
        for thread in threads:
            if thread.ident is not None:
                thread.join()


def _next(outcomes: queue.SimpleQueue[tuple[str, Outcome | None]]) -> tuple[str, Outcome | None]:
    while True:
        # Windows does not let Ctrl-C through to a wait without an end.
        with contextlib.suppress(queue.Empty):
            return outcomes.get(timeout=0.5)


def _serve(
    worker: Worker,
    waiting: queue.SimpleQueue[tuple[str, Continued]],
    outcomes: queue.SimpleQueue[tuple[str, Outcome | None]],
) -> None:
    while True:
        try:
            key, task = waiting.get_nowait()
        except queue.Empty:
            return
        outcome: Outcome | None
        try:
            outcome = worker.solve(*task)
        except Exception as fault:  # noqa: BLE001 - a task without an outcome would be waited for without end
            outcome = f"the search for models could not be run ({type(fault).__name__}: {fault})"
        outcomes.put((key, outcome))
