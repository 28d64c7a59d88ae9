"""Where the service of this user is met."""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from hashlib import blake2b
from pathlib import Path

from invopt_xl.hosts.service.client import Settings

LONGEST_PATH = 100
"""Bytes of a socket's path; systems allow 104 or 108."""


def default_settings() -> Settings:
    """Return the settings of this user's service; the variable ``INVOPT_SERVICE`` names another address."""
    from importlib.metadata import version

    command = (sys.executable, "-m", "invopt_xl.hosts.service")
    return Settings(default_address(), command, version("invopt_xl"))


def default_address() -> str:
    """Return the path of the socket; on Windows of the file with port and token."""
    named = os.environ.get("INVOPT_SERVICE")
    # The service does not run in the folder of who starts it.
    return short(str(Path(named).absolute())) if named else _usual_address()


def _usual_address() -> str:
    from platformdirs import user_runtime_path

    if sys.platform == "win32":
        return str(user_runtime_path("invopt_xl") / "service.port")
    # Where the system has no such folder for this user, as in a container, it falls back to a temporary one and warns.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return short(str(user_runtime_path("invopt_xl") / "service.sock"))


def short(address: str) -> str:
    """Return an address that a socket can have: a long path becomes one in the user's folder for temporary files.

    Examples
    --------
    >>> short("/run/user/1000/invopt_xl/service.sock")
    '/run/user/1000/invopt_xl/service.sock'
    """
    if len(os.fsencode(address)) <= LONGEST_PATH or address.endswith(".port"):
        return address
    name = blake2b(os.fsencode(address), digest_size=8).hexdigest()
    return str(Path(tempfile.gettempdir()) / f"invopt_xl-{os.getuid()}" / f"{name}.sock")


def log_path(address: str) -> Path:
    """Return the log of the service at an address: the user's log folder, or beside an address of its own."""
    from platformdirs import user_log_path

    usual = _usual_address()
    return user_log_path("invopt_xl") / "service.log" if address == usual else Path(f"{address}.log")
