"""What a calculation may use besides its arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from invopt_xl.cache import ContentCache
from invopt_xl.domain import Progress, Silent


@dataclass(frozen=True)
class Fault:
    """A call that was refused.

    Parameters
    ----------
    function
        Its name in the catalogue.
    message
        The line a cell shows; of a range the first.
    arguments
        What was given, in words.
    when
        Local time, such as 2026-01-31 14:05:59.
    trace
        Where the program stumbled; empty where the input was at fault.
    further
        Lines of further items of a range.
    """

    function: str
    message: str
    arguments: str
    when: str
    trace: str = ""
    further: tuple[str, ...] = ()


def _no_faults() -> tuple[Fault, ...]:
    return ()


@dataclass(frozen=True)
class Run:
    """Surroundings of a calculation.

    Parameters
    ----------
    progress
        Told of the stages of long work.
    cache
        Where forecasts are kept; None keeps none.
    workers
        Most processes for long work; None for one a core.
    faults
        Returns the latest refused calls, newest first.
    """

    progress: Progress = field(default_factory=Silent)
    cache: ContentCache | None = None
    workers: int | None = None
    faults: Callable[[], tuple[Fault, ...]] = _no_faults
