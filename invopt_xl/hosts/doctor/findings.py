"""A finding, and checks that cannot stumble."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Parameters
    ----------
    area
        What it is about.
    status
        ``ok``, ``warning`` (some things will not work) or ``problem`` (the functions will not).
    text
        What is so, on one line.
    advice
        What to do; empty where nothing is to be done.
    """

    area: str
    status: Status
    text: str
    advice: str = ""


def guarded(area: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield what a check finds; that it stumbled, if it does."""
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 - one check that fails must not hide what the others find
        told = " ".join(str(error).split()) or type(error).__name__
        yield Finding(area, "problem", f"could not be checked: {told}", "tell support this line")
