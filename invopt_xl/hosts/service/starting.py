"""Starting the function service as a process of its own, and knowing it again.

This file is copied into the office's add-in, beside the client. It needs Python 3.8 and its standard library, and
nothing else.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import Settings

SECONDS_TO_END = 5.0
"""For a service that is told to end while it starts."""


def runs(pid: int, command: tuple[str, ...]) -> bool:
    """Return whether a process was started by a command, with whichever Python: who listens may be another program."""
    try:
        found = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return all(os.fsencode(each) in found for each in command[1:])


class Starting:
    """The service as it starts, on its own: it outlives this program, and has none of its streams."""

    def __init__(self, settings: Settings) -> None:
        alone: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            alone = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
        # What it says before it has a log of its own.
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the service is there
        try:
            self._process = subprocess.Popen(  # noqa: S603 - what the settings of the user say
                list(settings.command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._words,
                env=_environment(settings), cwd=Path.home(), **alone,
            )  # fmt: skip
        except BaseException:
            self.forget()
            raise
        # Someone has to take note of its end, or it would stay in the process table.
        threading.Thread(target=self._process.wait, daemon=True).start()

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll()

    def last_words(self) -> str:
        """Return why it ended, as far as it said."""
        self._words.seek(0)
        lines = self._words.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), f"exit code {self.code}")

    def forget(self) -> None:
        """Leave it to itself."""
        self._words.close()

    def end(self) -> None:
        """End it."""
        if self.code is None:
            self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(SECONDS_TO_END)
        self.forget()


def _environment(settings: Settings) -> dict[str, str]:
    """Return the variables of this process without what an office sets for the Python within it."""
    # What lies about in the folder where it starts is not to be taken for a module.
    found = dict(os.environ, INVOPT_SERVICE=settings.address, PYTHONSAFEPATH="1")
    found.pop("PYTHONHOME", None)
    folders = [each for each in found.get("PYTHONPATH", "").split(os.pathsep) if each]
    found["PYTHONPATH"] = os.pathsep.join(each for each in folders if not _of_an_office(Path(each).resolve()))
    return found


def _of_an_office(folder: Path) -> bool:
    """Return whether modules there are those of the office in which we run."""
    office = getattr(sys.modules.get("uno"), "__file__", None)
    within = office is not None and Path(office).resolve().parent in (folder, *folder.parents)
    return within or (folder / "pythonloader.py").exists()
