"""Where each call gets its answer: kept, under way already, computed here, or in a lane."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import numpy as np

from invopt_xl.cache import ContentCache, content_key
from invopt_xl.hosts.service.build import build
from invopt_xl.hosts.service.computing import Outcome, computed, cost_of, fault_kept, function_of
from invopt_xl.hosts.service.kept import Kept, key_of
from invopt_xl.hosts.service.lanes import Lane
from invopt_xl.hosts.service.limits import LARGE, Limits
from invopt_xl.hosts.service.logs import log
from invopt_xl.hosts.service.process import Worker
from invopt_xl.hosts.service.record import Record
from invopt_xl.sheet import Function, Run, catalogue
from invopt_xl.sheet.catalogue import Cost

_FAULTS = b'"faults":'
"""In an answer that tells of faults; a quote within a text has a backslash before it."""

HELD = 60.0
"""Seconds for which an answer that is not kept waits for whoever asked."""


class Flight:
    """A call under way; everybody who asks the same waits for it."""

    def __init__(self, desk: Desk, key: bytes, body: bytes, function: Function | None) -> None:
        self.key = key
        self.body = body
        self.name = function.name if function else "?"
        self.heavy = cost_of(function, body) == "heavy"
        self.began = self.ended = time.monotonic()
        self.landed = threading.Event()
        self.answer = b""
        self._desk = desk
        self._progress: tuple[str, int, int] = ("Waiting for a free process", 0, 0)

    def tell(self, stage: str, done: int, steps: int) -> None:
        """Take note of the progress."""
        self._progress = stage, done, steps

    def finish(self, outcome: Outcome) -> None:
        """Take the outcome, and let everybody know."""
        self._desk.landed(self, outcome)

    def pending(self) -> bytes:
        """Return how far it is."""
        stage, done, steps = self._progress
        seconds = round(time.monotonic() - self.began, 3)
        return json.dumps({"pending": True, "seconds": seconds, "stage": stage, "done": done, "steps": steps}).encode()


class Desk:
    """Answers calls.

    Parameters
    ----------
    limits
        What the service allows itself.
    first
        A process that was started ahead of everything else, so that a first forecast comes soon.
    """

    def __init__(self, limits: Limits, first: Worker | None = None) -> None:
        self.kept = Kept(limits.memory)
        self.record = Record()
        self.heavy = Lane("heavy", limits.workers, limits.heavy, lambda: _examples("heavy")[:1])
        self.cached = Lane("cached", 1, limits.cached, lambda: _examples("cached"))
        self.heavy.places[0].worker = first
        self.joined = 0
        self._build = build()
        self._disk = ContentCache()
        self._run = Run(faults=self.record.faults)
        self._flights: dict[bytes, Flight] = {}
        self._lock = threading.Lock()

    def warm_up(self) -> None:
        """Start the processes one after the other, the one that is missed most first; load what cheap calls need."""
        turns = [self.heavy.places[0], *self.cached.places, *self.heavy.places[1:]]
        turns[0].turn.set()
        for body in _examples("cheap"):
            computed(body, self._run)
        for place in turns:
            place.turn.set()
            place.ready.wait()

    def answer(self, body: bytes, wait: float) -> bytes:
        """Return the answer to a call, or how far it is after so many seconds."""
        self.record.last_call = time.monotonic()
        key = key_of(body)
        found = self.kept.get(key)
        if found is not None:
            if _FAULTS in found:
                self.record.again(fault_kept(body, found))
            return found
        function = function_of(body)
        cost = cost_of(function, body)
        if cost == "live" or (cost == "cheap" and len(body) <= LARGE):
            return self._here(key, body, function)
        return self._elsewhere(key, body, function, wait)

    def _here(self, key: bytes, body: bytes, function: Function | None) -> bytes:
        begin = time.perf_counter()
        outcome = computed(body, self._run)
        self.record.note(function.name if function else "?", time.perf_counter() - begin, outcome.fault)
        if outcome.keep and function is not None and function.cost != "live":
            self.kept.put(key, outcome.answer)
        return outcome.answer

    def _elsewhere(self, key: bytes, body: bytes, function: Function | None, wait: float) -> bytes:
        flight, new = self._flight(key, body, function)
        if flight is None:
            return self.kept.get(key) or self.answer(body, wait)
        if new:
            self._depart(key, flight)
        if not flight.landed.wait(wait):
            return flight.pending()
        with self._lock:
            if self._flights.get(key) is flight:
                del self._flights[key]
        return flight.answer

    def _depart(self, key: bytes, flight: Flight) -> None:
        try:
            if self._from_disk(key, flight):
                return
        except Exception:  # noqa: BLE001 - a cache saves time and nothing else
            log.exception("the cache on disk stumbled")
        (self.heavy if flight.heavy else self.cached).submit(flight)

    def _flight(self, key: bytes, body: bytes, function: Function | None) -> tuple[Flight | None, bool]:
        """Return the flight of a call and whether it is new; None where it has landed just now."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None:
                self.joined += 1
                return flight, False
            if key in self.kept:
                return None, False
            self._drop_unasked()
            flight = self._flights[key] = Flight(self, key, body, function)
            return flight, True

    def _drop_unasked(self) -> None:
        """Forget answers that nobody came for."""
        before = time.monotonic() - HELD
        for key, flight in list(self._flights.items()):
            if flight.landed.is_set() and flight.ended < before:
                del self._flights[key]

    def _from_disk(self, key: bytes, flight: Flight) -> bool:
        """Return whether an earlier service has left the answer."""
        found = self._disk.get(self._disk_key(key)) if flight.heavy else None
        if found is None:
            return False
        self.record.from_disk += 1
        answer = found["answer"].tobytes()
        if _FAULTS in answer:
            self.record.again(fault_kept(flight.body, answer))
        self._land(flight, Outcome(answer, keep=True))
        return True

    def _disk_key(self, key: bytes) -> str:
        return content_key("answer", self._build, key)

    def landed(self, flight: Flight, outcome: Outcome) -> None:
        """Take the outcome of a computed call."""
        self.record.note(flight.name, time.monotonic() - flight.began, outcome.fault)
        try:
            if outcome.keep and flight.heavy:
                self._disk.put(self._disk_key(flight.key), {"answer": np.frombuffer(outcome.answer, np.uint8)})
        finally:
            self._land(flight, outcome)

    def _land(self, flight: Flight, outcome: Outcome) -> None:
        with self._lock:
            flight.answer, flight.ended = outcome.answer, time.monotonic()
            if outcome.keep:
                self.kept.put(flight.key, outcome.answer)
            # What is not kept waits for whoever was told that it is pending.
            if flight.key in self.kept:
                del self._flights[flight.key]
        flight.landed.set()

    @property
    def at_rest(self) -> float:
        """Seconds since the last call; 0 while one is under way."""
        busy = any(not flight.landed.is_set() for flight in list(self._flights.values()))
        return 0.0 if busy else time.monotonic() - self.record.last_call

    def state(self) -> dict[str, Any]:
        """Return what the desk does and did, for people."""
        lanes = (self.heavy, self.cached)
        return {
            **self.record.state(),
            "calls": self.record.computed + self.record.from_disk + self.kept.hits + self.joined,
            "computed": self.record.computed,
            "hits": {"memory": self.kept.hits, "disk": self.record.from_disk, "joined": self.joined},
            "kept": {"answers": len(self.kept), "bytes": self.kept.size},
            "waiting": sum(lane.waiting for lane in lanes),
            "workers": [place.state(lane.name) for lane in lanes for place in lane.places],
            "cache": str(self._disk.directory),
            "cache_fault": self._disk.fault,
        }

    def close(self) -> None:
        """End the processes, and release the files."""
        self.heavy.close()
        self.cached.close()
        self._disk.close()


def _examples(cost: Cost) -> list[bytes]:
    """Return the examples of functions as calls."""
    return [json.dumps([each.name, each.example]).encode() for each in catalogue().values() if each.cost == cost]
