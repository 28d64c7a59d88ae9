"""A process for long calculations, as the service holds it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SECONDS_TO_START = 60.0
"""A process that takes longer to start is given up; a cold disk and a virus scanner together take half of it."""


COMMAND = (sys.executable, "-m", "invopt_xl.hosts.service.worker")
"""What starts a process."""


Computed = tuple[bytes, bool, list[Any] | None]
"""An answer, whether it will always be the same, and the fields of its fault."""


class DiedError(Exception):
    """The process ended while it computed."""


class Worker:
    """A process that computes one call at a time."""

    def __init__(self) -> None:
        modules = os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path)
        alone: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            alone = {"creationflags": subprocess.CREATE_NO_WINDOW}
        self.process = subprocess.Popen(  # noqa: S603 - this interpreter and this package
            COMMAND,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": modules}, **alone,
        )  # fmt: skip
        if self.process.stdin is None or self.process.stdout is None:
            raise DiedError
        self._input, self._output = self.process.stdin, self.process.stdout
        self._ready = False

    def await_ready(self) -> None:
        """Return when everything is loaded.

        Raises
        ------
        DiedError
            If the process ends, or takes too long.
        """
        if not self._ready:
            with self.within(SECONDS_TO_START):
                if self._line() != b"ready":
                    raise DiedError
            self._ready = True

    def compute(self, body: bytes, tell: Callable[[str, int, int], None]) -> Computed:
        """Return what became of a call, while it tells of the progress.

        Raises
        ------
        DiedError
            If the process ends.
        """
        try:
            self._input.write(body + b"\n")
            self._input.flush()
        except OSError as error:
            raise DiedError from error
        while True:
            word, _, rest = self._line().partition(b" ")
            if word == b"progress":
                tell(*json.loads(rest))
            elif word == b"done":
                return self._line(), *json.loads(rest)
            else:
                raise DiedError

    def _line(self) -> bytes:
        line: bytes = self._output.readline()
        if not line.endswith(b"\n"):
            raise DiedError
        return line[:-1]

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[threading.Event]:
        """End the process if the body takes longer; the event tells."""
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self.kill()

        timer = threading.Timer(seconds, give_up)
        timer.daemon = True
        timer.start()
        try:
            yield late
        finally:
            timer.cancel()

    def kill(self) -> None:
        """End the process and whatever it has started."""
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                self.process.kill()
            else:
                os.killpg(self.process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process and let go of it."""
        self.kill()
        self.process.wait()
        for stream in (self._input, self._output):
            with contextlib.suppress(OSError):  # what was not sent any more need not be
                stream.close()
