"""A service of a test's own: started by its client, and stopped whatever happens."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from invopt_xl.hosts.service.client import Client, Settings
from invopt_xl.hosts.service.settings import default_settings, short

ODD = str(Path(__file__).with_name("odd_functions.py"))
"""Starts a service that has odd functions too."""


def settings(folder: Path, *command: str, file: str = "service.sock") -> Settings:
    """Return the settings of a service that lives in a folder; it starts processes when it needs them."""
    started = command or ("-m", "invopt_xl.hosts.service", "--cold")
    return Settings(short(str(folder / file)), (sys.executable, *started), default_settings().version)


@contextmanager
def serving(found: Settings) -> Iterator[Client]:
    """Give a client, and stop the service in the end."""
    client = Client(found)
    try:
        yield client
    finally:
        client.stop()


def until(reached: Callable[[], bool], seconds: float = 60.0) -> None:
    """Return as soon as something is so."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def busy(client: Client) -> list[int]:
    """Return the processes that compute."""
    return [each["pid"] for each in client.status().get("workers", []) if each["busy"]]


def state(pid: int) -> str:
    """Return the state of a process as the system calls it: T is stopped, Z dead; X where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def ended(pid: int) -> bool:
    """Return whether a process is gone."""
    return state(pid) in "XZ"
