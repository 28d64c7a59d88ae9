"""A service of a test's own: started by its client, and stopped whatever happens."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from invopt_xl.hosts.service.client import Client, Settings
from invopt_xl.hosts.service.settings import default_settings, short


def settings(folder: Path, *options: str, port: bool = False, module: str = "invopt_xl.hosts.service") -> Settings:
    """Return the settings of a service that lives in a folder."""
    address = short(str(folder / ("service.port" if port else "service.sock")))
    return Settings(address, (sys.executable, "-m", module, *options), default_settings().version)


@contextmanager
def serving(found: Settings) -> Iterator[Client]:
    """Give a client, and stop the service in the end."""
    client = Client(found)
    try:
        yield client
    finally:
        client.stop()


def ended(pid: int) -> bool:
    """Return whether a process is gone."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
