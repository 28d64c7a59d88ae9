"""Processes for long calculations, in lanes; one that crashes or takes too long costs one call, and is replaced."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from invopt_xl.hosts.service.computing import Outcome, refused
from invopt_xl.hosts.service.logs import log
from invopt_xl.hosts.service.process import DiedError, Worker
from invopt_xl.sheet.run import Fault


class Job(Protocol):
    """A call that is to be computed, and who waits for it."""

    name: str
    body: bytes

    def tell(self, stage: str, done: int, steps: int) -> None:
        """Take note of the progress."""

    def finish(self, outcome: Outcome) -> None:
        """Take the outcome."""


@dataclass
class Place:
    """A place for a worker in a lane: it is started in its turn, and replaced when it ends."""

    turn: threading.Event
    ready: threading.Event
    worker: Worker | None = None
    busy: str = ""
    calls: int = 0

    def dismiss(self) -> None:
        """Let go of a worker that has ended; another one is started for the next call."""
        if self.worker is not None:
            self.worker.close()
        self.worker = None

    def state(self, lane: str) -> dict[str, Any]:
        """Return what it does, for people."""
        pid = self.worker.process.pid if self.worker else None
        return {"lane": lane, "pid": pid, "ready": self.ready.is_set(), "busy": self.busy, "calls": self.calls}


class Lane:
    """A queue of calls, and the processes that take from it.

    Parameters
    ----------
    name
        What it is for.
    workers
        How many processes.
    budget
        Seconds that a call may take.
    warm
        Calls to compute at the start, so that the first real one finds everything loaded.
    """

    def __init__(self, name: str, workers: int, budget: float, warm: Callable[[], Sequence[bytes]]) -> None:
        self.name = name
        self.budget = budget
        self._warm = warm
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self.places = [Place(threading.Event(), threading.Event()) for _ in range(workers)]
        self._closed = False
        self._lock = threading.Lock()
        self._under_way = 0
        for place in self.places:
            threading.Thread(target=self._serve, args=(place,), daemon=True).start()

    def submit(self, job: Job) -> None:
        """Compute a call as soon as a process is free."""
        self._jobs.put(job)
        with self._lock:
            self._under_way += 1
            for place in self.places[: self._under_way]:
                place.turn.set()

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return self._jobs.qsize()

    def close(self) -> None:
        """End the processes."""
        self._closed = True
        for place in self.places:
            if place.worker is not None:
                place.worker.kill()

    def _serve(self, place: Place) -> None:
        place.turn.wait()
        self._warmed(place)
        place.ready.set()
        while True:
            job = self._jobs.get()
            place.busy, place.calls = job.name, place.calls + 1
            try:
                outcome = self._outcome(place, job)
            except Exception as error:  # noqa: BLE001 - whoever waits must get an answer, and the next call a worker
                log.exception("the lane for %s calls stumbled", self.name)
                outcome = _failed(job, f"the function service stumbled ({type(error).__name__}); its log says more")
            place.busy = ""
            with self._lock:
                self._under_way -= 1
            try:
                job.finish(outcome)
            except Exception:  # noqa: BLE001 - the next call needs this lane
                log.exception("an answer to %s could not be kept", job.name)

    def _warmed(self, place: Place) -> None:
        try:
            place.worker = place.worker or Worker()
            place.worker.await_ready()
            for body in self._warm():
                if self._jobs.empty():
                    with place.worker.within(self.budget):
                        place.worker.compute(body, _unheard)
        except (DiedError, OSError):
            log.warning("a process for %s calls did not start", self.name)
            place.dismiss()

    def _outcome(self, place: Place, job: Job) -> Outcome:
        for _ in range(2):
            late = threading.Event()
            try:
                worker = place.worker = place.worker or Worker()
                worker.await_ready()
                with worker.within(self.budget) as late:
                    answer, keep, told = worker.compute(job.body, job.tell)
                return Outcome(answer, keep, replace(Fault(*told), further=tuple(told[-1])) if told else None)
            except DiedError:
                place.dismiss()
            except OSError as error:
                return _failed(job, f"no process can be started ({error})")
            if self._closed:
                break
            log.warning("a process ended while it computed %s%s", job.name, ": its time was over" * late.is_set())
            if late.is_set():
                return _failed(job, f"it took longer than {self.budget:g} s; try fewer items or periods")
        return _failed(job, "the process that computed it ended twice; the log of the service says when")


def _unheard(stage: str, done: int, steps: int) -> None:
    """Ignore the progress."""


def _failed(job: Job, why: str) -> Outcome:
    message = f"{job.name} failed: {why}"
    answer = refused(message)
    when = time.strftime("%Y-%m-%d %H:%M:%S")
    return Outcome(answer, False, Fault(job.name, message, f"{len(job.body):,} bytes", when, ""))
