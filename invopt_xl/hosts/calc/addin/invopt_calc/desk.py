"""What becomes of a call: a cell shows its result at once, or the state of it, and the result as soon as it is there.

Nothing here knows the office: `Desk` is given a client of the function service, and something that makes results
which change later.
"""

from __future__ import annotations

import re
import threading
import time
from contextlib import suppress
from typing import Any, Callable, Dict, Mapping, Sequence, Tuple
from weakref import WeakValueDictionary

from .cells import Given, Shown, arguments_of, shown_of

MARK = "#INVOPT! "

UNDER_WAY = "it appears by itself"
"""How the text of a call under way ends."""

STARTING = "Starting the function service"
"""The stage of a call that the service has not taken yet, as its client calls it."""

LOOK = 0.25
"""Seconds for which the watcher waits for the first call of its list before it looks at the others."""

NEWS = 2.0
"""Seconds between two reports of progress in a cell: each has what depends on the cell computed again."""

KEPT = 5.0
"""Seconds for which a result that came late is shown without asking again: showing it makes Calc ask for it."""

LATE = 1.0
"""Seconds beyond its wait after which a call shows that the service is stuck."""

SILENT = 10.0
"""Seconds for which no cell waits for a service that is stuck; the watcher asks it."""

_PREFIX = re.compile("^INVOPT[._]")

Key = Tuple[str, Tuple[Given, ...]]
Answer = Dict[str, Any]


class Waiting:
    """A call that takes longer than a cell may wait."""

    def __init__(self, key: Key, result: Any, text: str, now: float) -> None:
        self.key = key
        self.result = result
        self.text = text
        self.told = now
        self.done: float | None = None


class Desk:
    """Answers calls.

    Parameters
    ----------
    client
        Of the function service: its ``call(name, given, wait)`` returns an answer, or that it is pending.
    patience
        Says how long the next call may wait, and is told how long it took.
    later
        Makes a result that changes: it has ``show(value)``, and a place for the answer's ``cells``.
    functions
        By name: ``zeros``, whether a zero can only be an empty cell, for each argument; and whether the last of them
        is a ``rest``.
    wait
        Seconds every call may wait, whatever the patience; None leaves it to the patience.
    """

    def __init__(
        self,
        client: Any,
        patience: Any,
        later: Callable[[], Any],
        functions: Mapping[str, Mapping[str, Any]],
        wait: float | None = None,
    ) -> None:
        self._client = client
        self._patience = patience
        self._later = later
        self._functions = functions
        self._wait = wait
        self._waiting: dict[Key, Waiting] = {}
        self._lock = threading.Lock()
        self._watched = False
        self._silent_until = 0.0
        self._results: WeakValueDictionary[Key, Any] = WeakValueDictionary()

    def answer(self, name: str, values: Sequence[Any]) -> Any:
        """Return what the cell shows: a number, a text, or a result that changes; never raises.

        Parameters
        ----------
        name
            Of the function.
        values
            Its arguments as Calc hands them over.
        """
        try:
            return self._answered((name, self._given(name, values)))
        except Exception as error:  # noqa: BLE001 - the office shows nothing of an exception but a number
            return _failed(name, error)

    def _given(self, name: str, values: Sequence[Any]) -> tuple[Given, ...]:
        function = self._functions[name]
        zeros = list(function["zeros"])
        if not function["rest"]:
            return arguments_of(values, zeros)
        # Calc hands the further arguments over as one; after the name of a function they are that function's own.
        first, further = values[:-1], tuple(values[-1] or ())
        about = self._functions.get(_PREFIX.sub("", str(first[0]).strip().upper())) if first else None
        return arguments_of((*first, *further), zeros[:-1] + (list(about["zeros"]) if about else []))

    def _answered(self, key: Key) -> Any:
        waiting = self._waiting.get(key) if self._waiting else None
        if waiting is not None and (waiting.done is None or time.monotonic() - waiting.done < KEPT):
            return waiting.result
        found = self._asked(key)
        if found.get("pending"):
            return self._put_off(key, found)
        return self._shown(key, found["cells"])

    def _asked(self, key: Key) -> Answer:
        if self._wait is not None:
            answer: Answer = self._client.call(*key, wait=self._wait)
            return answer
        begin = time.monotonic()
        if begin < self._silent_until:
            return {"pending": True, "stage": STARTING}
        allowance = self._patience.allowance()
        answer = self._client.call(*key, wait=allowance)
        end = time.monotonic()
        self._patience.spent(end - begin)
        if end - begin > allowance + LATE:
            self._silent_until = end + SILENT
        return answer

    def _shown(self, key: Key, cells: list[list[Any]]) -> Any:
        """Return a value as it is; rows as a result, which is the only way in which the office takes both."""
        shown = shown_of(cells)
        if not isinstance(shown, tuple):
            return shown
        result = self._results.get(key)
        if result is None or result.cells != cells:
            result = self._results[key] = self._made(cells, shown)
        return result

    def _made(self, cells: list[list[Any]] | None, shown: Shown) -> Any:
        result = self._later()
        result.cells = cells
        result.show(shown)
        return result

    def _put_off(self, key: Key, found: Answer) -> Any:
        text = state_of(key[0], found)
        waiting = Waiting(key, self._made(None, text), text, time.monotonic())
        with self._lock:
            self._forget()
            self._waiting[key] = waiting
            start = not self._watched
            self._watched = True
        if start:
            threading.Thread(target=self._watch, name="invopt", daemon=True).start()
        return waiting.result

    def _forget(self) -> None:
        """Drop what was shown long enough ago."""
        before = time.monotonic() - KEPT
        for key in [key for key, each in self._waiting.items() if each.done is not None and each.done < before]:
            del self._waiting[key]

    def _watch(self) -> None:
        """Look after all calls that are put off, until there are none."""
        while True:
            with self._lock:
                pending = [each for each in self._waiting.values() if each.done is None]
                self._watched = bool(pending)
            if not pending:
                return
            for place, waiting in enumerate(pending):
                self._look(waiting, 0.0 if place else LOOK)

    def _look(self, waiting: Waiting, wait: float) -> None:
        """Ask for one result, and show it, or how far it is."""
        try:
            self._tell(waiting, self._client.call(*waiting.key, wait=wait))
        except Exception as error:  # noqa: BLE001 - one that fails must not leave the others without an answer
            waiting.done = time.monotonic()
            # The document may be gone, and with it whatever would show this.
            with suppress(Exception):
                waiting.result.show(_failed(waiting.key[0], error))

    def _tell(self, waiting: Waiting, found: Answer) -> None:
        now = time.monotonic()
        if not found.get("pending"):
            cells = found["cells"]
            waiting.done = now
            waiting.result.cells = cells
            self._results[waiting.key] = waiting.result
            waiting.result.show(shown_of(cells))
            return
        text = state_of(waiting.key[0], found)
        if text != waiting.text and now - waiting.told >= NEWS:
            waiting.text, waiting.told = text, now
            waiting.result.show(text)


def _failed(name: str, error: Exception) -> str:
    return f"{MARK}{name} failed in the add-in ({type(error).__name__}: {error})"[:255]


def state_of(name: str, found: Answer) -> str:
    """Return what a cell shows of a call that is under way.

    Examples
    --------
    >>> state_of("FORECAST", {"pending": True, "stage": "Forecasting", "done": 12, "steps": 500})
    '#INVOPT! FORECAST is being computed (forecasting, 12 of 500); it appears by itself'
    """
    if found.get("stage") == STARTING:
        return f"{MARK}{name} waits for the function service (invopt doctor, if for long); {UNDER_WAY}"
    steps, stage = found.get("steps") or 0, str(found.get("stage") or "")
    of_what = f"{stage[:1].lower()}{stage[1:]}, " if stage else ""
    progress = f" ({of_what}{found.get('done') or 0} of {steps})" if steps else ""
    return f"{MARK}{name} is being computed{progress}; {UNDER_WAY}"
