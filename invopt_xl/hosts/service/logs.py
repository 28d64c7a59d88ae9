"""The log of the service: what went wrong, for support; no ranges of data and no secrets."""

from __future__ import annotations

import faulthandler
import logging
import threading
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

log = logging.getLogger("invopt_xl.service")

STUCK = 60.0
"""Seconds without a turn after which the process ends itself: a client starts another one."""

_guarded_at = 0.0
_traces: list[TextIO] = []


def log_to(path: Path) -> None:
    """Write the log there, a few megabytes at most."""
    stuck = path.with_suffix(".stuck")
    before = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler: logging.Handler = RotatingFileHandler(path, maxBytes=2**20, backupCount=2, encoding="utf-8")
        before = stuck.read_text(encoding="utf-8", errors="replace") if stuck.exists() else ""
        _traces.append(stuck.open("w", encoding="utf-8"))
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    threading.excepthook = _note
    if before:
        log.error("the service before this one was stuck, and ended itself\n%s", before)


def _note(args: threading.ExceptHookArgs) -> None:
    log.error("a thread stumbled", exc_info=(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback))


def guard() -> None:
    """Say that the process is well; one that cannot say so for long is ended, by a thread that needs no interpreter."""
    global _guarded_at
    if _traces and time.monotonic() - _guarded_at > STUCK / 4:
        _guarded_at = time.monotonic()
        faulthandler.dump_traceback_later(STUCK, exit=True, file=_traces[0])
