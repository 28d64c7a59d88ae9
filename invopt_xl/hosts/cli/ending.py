"""How a run ends: its exit code, its last line, and no Ctrl-C or closed pipe that makes either of them untrue."""

from __future__ import annotations

import io
import os
import signal
import sys
import tempfile
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from invopt_xl.domain import Progress

DONE, DONE_WITH_REJECTED_ROWS, NOTHING_DONE = 0, 1, 2
"""Exit codes."""

WRITING = "Writing"
"""The stage from which on results reach the disk."""


class Outcome:
    """What a run has achieved so far; whatever fails afterwards, such as showing it, does not undo it."""

    def __init__(self) -> None:
        self.code = NOTHING_DONE
        self.done = "nothing was changed"

    def reached(self, rejected: int, done: str) -> int:
        """Note that the work is done, in words for a person; return the exit code."""
        self.code, self.done = DONE_WITH_REJECTED_ROWS if rejected else DONE, done
        return self.code


class Unbroken:
    """Progress that heeds every Ctrl-C until results are written, and holds it off from then on.

    Python drops what is raised in a callback of its own, such as one that cleans up: the run would go on as if nobody
    had pressed it. So it is remembered, and the next step of progress stops. Writing takes a second or two, and a file
    is replaced as a whole; there is nothing to gain by stopping then, and the run can say what it did.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._before: signal._HANDLER = None
        self._is_stopped = False
        self._told_of_dropped = sys.unraisablehook

    def stage(self, name: str, steps: int = 0) -> None:
        """Pass the stage on, unless the run was stopped."""
        self._heed()
        if name == WRITING and self._before is not None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._progress.stage(name, steps)

    def advance(self, steps: int = 1) -> None:
        """Pass the steps on, unless the run was stopped."""
        self._heed()
        self._progress.advance(steps)

    def _heed(self) -> None:
        if self._is_stopped:
            raise KeyboardInterrupt

    def _stop(self, _number: int, _frame: object) -> None:
        self._is_stopped = True
        raise KeyboardInterrupt

    def _tell_of_dropped(self, dropped: sys.UnraisableHookArgs) -> None:
        if not issubclass(dropped.exc_type, KeyboardInterrupt):
            self._told_of_dropped(dropped)

    def __enter__(self) -> Unbroken:
        # Where Ctrl-C is meant for others, as in a script's background, it stays theirs.
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            self._before = signal.signal(signal.SIGINT, self._stop)
        self._told_of_dropped, sys.unraisablehook = sys.unraisablehook, self._tell_of_dropped
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        sys.unraisablehook = self._told_of_dropped
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)


def print_anything() -> None:
    """Let consoles and pipes show a substitute for what their encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(message: str) -> None:
    """Write one line to standard error, if anybody still reads it."""
    with suppress(OSError):
        typer.echo(f"invopt: {' '.join(message.split())}", err=True)


def print_nothing_more() -> None:
    """Drop what is still to be printed: its reader has gone."""
    with suppress(OSError, ValueError):  # a stream without a file has nothing to redirect
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def leave(code: int) -> NoReturn:
    """End the program with an exit code, whatever compiled code still runs in a thread that was given up.

    Such code cannot be stopped, and taking the interpreter down around it crashes the program. Ctrl-C comes too late
    here: all is said and done.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not any(thread.daemon for thread in threading.enumerate()):
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def details() -> str:
    """Keep the traceback of the current error where support can find it; return where, in words."""
    from invopt_xl.cache import default_directory

    text = traceback.format_exc()
    path = default_directory() / "last_error.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # It may quote what was given: it is for its user alone, also where one of an older version is there.
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        return _details_elsewhere(text)
    return f"details are in {path}"


def _details_elsewhere(text: str) -> str:
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="invopt_", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            file.write(text)
    except OSError:
        return "no folder could be written to keep details in"
    return f"details are in {Path(file.name)}"
