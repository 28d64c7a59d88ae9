"""What the macros of a workbook call: it starts a process of its own, so that Excel stays at hand, and returns."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

DO = ("refresh", "cancel", "undo", "check")
"""What can be asked for."""


def start(do: str, fullname: str, window: str) -> None:
    """Do something with an open workbook in a process of its own.

    Parameters
    ----------
    do
        One of `DO`.
    fullname
        The workbook's path or address, as Excel tells it.
    window
        The number of Excel's window, which tells one running Excel from another.

    Raises
    ------
    ValueError
        If that cannot be done.
    """
    if do not in DO:
        raise ValueError(f"{do} is none of {', '.join(DO)}")
    alone: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        alone = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    with _log() as words:
        process = subprocess.Popen(  # noqa: S603 - this interpreter and this package
            command(do, fullname, window),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=words,
            # What lies about in the folder where it starts is not to be taken for a module.
            env={**os.environ, "PYTHONSAFEPATH": "1"}, cwd=Path.home(), **alone,
        )  # fmt: skip
    # Someone has to take note of its end, or it would stay in the process table.
    threading.Thread(target=process.wait, daemon=True).start()


def _log() -> IO[bytes]:
    """Return the file for what it says before it can say it in Excel: that of its user alone, begun anew each time."""
    from platformdirs import user_log_path

    file = user_log_path("invopt_xl") / "excel.log"
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
    except OSError:
        return Path(os.devnull).open("wb")


def command(do: str, fullname: str, window: str) -> list[str]:
    """Return what starts it."""
    return [sys.executable, "-m", "invopt_xl.hosts.excel.at_work", do, fullname, window]
