"""From the bytes of a call to the bytes of its answer."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass, replace

from invopt_xl.errors import InvoptError
from invopt_xl.hosts.service.record import fault_of
from invopt_xl.sheet import Answer, Function, Run, calculate
from invopt_xl.sheet.calling import named
from invopt_xl.sheet.catalogue import Cost
from invopt_xl.sheet.run import Fault

_NAMED = re.compile(rb'\["([A-Za-z0-9_.]{1,80})",\s*(?:\["([^"\\]{1,80})")?')
"""The name of a function, and its first argument where that is a text."""


@dataclass(frozen=True)
class Outcome:
    """What became of a call.

    Parameters
    ----------
    answer
        One line of JSON.
    keep
        Whether it will always be the same.
    fault
        What was wrong with the call.
    """

    answer: bytes
    keep: bool
    fault: Fault | None = None


def function_of(body: bytes) -> Function | None:
    """Return the function that a call names, without reading its arguments; None where there is none."""
    found = _NAMED.match(body)
    return _known(found[1]) if found else None


def cost_of(function: Function | None, body: bytes) -> Cost:
    """Return what a call costs; why a result is as it is costs what the result does."""
    if function is None or function.name != "EXPLAIN":
        return function.cost if function else "cheap"
    found = _NAMED.match(body)
    if found is None or found[2] is None:
        return function.cost
    explained = _known(found[2])
    return explained.cost if explained and explained.because else "cheap"


def _known(name: bytes) -> Function | None:
    with suppress(InvoptError):
        return named(name.decode(errors="replace"))
    return None


def computed(body: bytes, run: Run) -> Outcome:
    """Return the answer to a call; it never raises."""
    try:
        name, given = json.loads(body)
        if not isinstance(name, str) or not isinstance(given, list):
            raise ValueError("a call is a name and a list of arguments")
    except (ValueError, TypeError, RecursionError, MemoryError) as error:
        answer = Answer.refusal(f"the call cannot be read ({error})")
        return Outcome(encoded(answer), False, fault_of("", [], answer))
    answer = calculate(name, given, run)
    return Outcome(encoded(answer), not answer.trace, fault_of(name, given, answer))


def fault_kept(body: bytes, answer: bytes) -> Fault | None:
    """Return what is wrong with a call whose answer was kept."""
    name, given = json.loads(body)
    return fault_of(name, given, Answer([], tuple(json.loads(answer)["faults"])))


def encoded(answer: Answer) -> bytes:
    """Return an answer as a line for a host; the trace is for the log alone."""
    line = (replace(answer, trace="") if answer.trace else answer).to_json()
    # Half of a character, which a cell may hold, goes back as it came.
    return line.encode("utf-8", "surrogatepass")


def refused(message: str) -> bytes:
    """Return the answer to a call that could not be computed."""
    return encoded(Answer.refusal(message))
