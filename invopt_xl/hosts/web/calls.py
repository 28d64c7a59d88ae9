"""What was asked of late, and what became of it: for the task pane."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

from invopt_xl.sheet.cells import ERRORS

Key = TypeVar("Key")

REMEMBERED = 50
"""Calls that are over; and errors, which are remembered apart."""

CELLS = 2000
"""Cells whose latest refusal is remembered."""


@dataclass
class Call:
    """A call of a cell function.

    Parameters
    ----------
    function
        Its name.
    user
        Who asked, as xlwings knows them.
    cell
        Where it stands, such as ``[plan.xlsx]Plan!B2``; empty where not known.
    given
        The arguments, in words.
    when
        Local time.
    began
        Seconds of the clock when it was asked.
    seconds
        How long it took; None while it is under way.
    line
        What was refused, in one line; empty where nothing was.
    progress
        How far it is, in words.
    times
        How often the same was refused in the same cell.
    """

    function: str
    user: str
    cell: str = ""
    given: str = ""
    when: str = field(default_factory=lambda: time.strftime("%H:%M:%S"))
    began: float = field(default_factory=time.monotonic)
    seconds: float | None = None
    line: str = ""
    progress: str = ""
    times: int = 1
    number: int = field(default_factory=count(1).__next__)

    @property
    def took(self) -> str:
        """How long it took, or is taking, in words."""
        seconds = time.monotonic() - self.began if self.seconds is None else self.seconds
        return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


class Calls:
    """The latest calls, the latest errors, and what is under way."""

    def __init__(self) -> None:
        self._open: dict[int, Call] = {}
        self._over: OrderedDict[int, Call] = OrderedDict()
        self._faulty: OrderedDict[tuple[str, ...], Call] = OrderedDict()
        self._refused: OrderedDict[tuple[str, ...], Call] = OrderedDict()

    @contextmanager
    def under_way(self, call: Call) -> Iterator[Call]:
        """Keep a call among those that are under way."""
        self._open[call.number] = call
        try:
            yield call
        finally:
            del self._open[call.number]

    def said(self, call: Call, answer: Mapping[str, Any]) -> None:
        """Note what the service said to a call."""
        if answer.get("pending"):
            call.progress = progress_in_words(answer)
            return
        call.seconds = time.monotonic() - call.began
        call.line = next((line for line in answer.get("faults", ()) if line not in ERRORS), "")
        _keep(self._over, call.number, call)
        if call.line:
            # A cell that is calculated again with the same error is one error.
            same = call.user, call.cell, call.function, call.line
            before = self._faulty.pop(same, None)
            call.times += before.times if before else 0
            _keep(self._faulty, same, call)
        if call.cell:
            self._note(call, bool(answer.get("refused") and call.line))

    def _note(self, call: Call, refused: bool) -> None:
        """Remember the refusal of a cell until the same function is answered there."""
        place = call.user, _plain(call.cell)
        before = self._refused.get(place)
        if refused:
            _keep(self._refused, place, call, CELLS)
        elif before and before.function == call.function:
            del self._refused[place]

    def refused(self, user: str, cell: str) -> Call | None:
        """Return the call that was refused in a cell, such as ``[plan.xlsx]Plan!B2``."""
        return self._refused.get((user, _plain(cell)))

    def open(self, user: str) -> list[Call]:
        """Return what is under way, the latest first."""
        return _of(user, self._open)

    def over(self, user: str) -> list[Call]:
        """Return the latest calls that are over, the latest first."""
        return _of(user, self._over)

    def errors(self, user: str) -> list[Call]:
        """Return the latest calls that were refused, or had items that were, the latest first."""
        return _of(user, self._faulty)


def _plain(cell: str) -> str:
    """Return an address without what Excel may write or leave out."""
    return cell.replace("'", "").replace("$", "")


def _keep(calls: OrderedDict[Key, Call], key: Key, call: Call, most: int = REMEMBERED) -> None:
    calls[key] = call
    calls.move_to_end(key)
    if len(calls) > most:
        calls.popitem(last=False)


def _of(user: str, calls: Mapping[Any, Call]) -> list[Call]:
    return [call for call in reversed(list(calls.values())) if call.user == user]


def progress_in_words(pending: Mapping[str, Any]) -> str:
    """Return how far a call is.

    Examples
    --------
    >>> progress_in_words({"stage": "Forecasting", "done": 12, "steps": 500})
    'Forecasting: 12 of 500'
    >>> progress_in_words({"stage": "", "seconds": 2.5})
    'At work for 2 s'
    """
    stage, steps = str(pending.get("stage") or ""), int(pending.get("steps") or 0)
    if steps:
        return f"{stage or 'At work'}: {int(pending.get('done') or 0):,} of {steps:,}"
    return stage or f"At work for {float(pending.get('seconds') or 0):.0f} s"
