"""The resident process: it meets clients, and is there once for its user."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import stat
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from invopt_xl.hosts.service.client import Settings, peer_of
from invopt_xl.hosts.service.limits import LONGEST_LINE, Limits
from invopt_xl.hosts.service.logs import guard, log, log_to
from invopt_xl.hosts.service.process import Worker
from invopt_xl.hosts.service.settings import log_path
from invopt_xl.hosts.service.waiting import look_out

if TYPE_CHECKING:
    from invopt_xl.hosts.service.desk import Desk

SECONDS_TO_GREET = 10.0
"""Whoever has not said who they are by then is shown out."""

LOOK = 0.5
"""Seconds between two looks at whether to end."""


def serve(settings: Settings, limits: Limits) -> None:
    """Serve until stopped or idle for long enough; return at once where another service does already."""
    os.umask(0o077)
    door = Door(settings.address)
    try:
        door.build()
        door.check()
        lock = FileLock(f"{settings.address}.lock", timeout=0)
        lock.acquire()
    except Timeout:
        return
    with lock:
        door.open()
        try:
            log_to(log_path(settings.address))
            _leave_the_starter()
            Service(settings, limits, door).run()
        finally:
            door.close()
    # Threads that compute, or wait for clients, are not waited for.
    os._exit(0)


def _leave_the_starter() -> None:
    """Let go of the stream in which whoever started us looks for what went wrong at the start."""
    with suppress(OSError, ValueError), Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), sys.stderr.fileno())


class Door:
    """Where clients come in: a Unix socket, or a loopback port whose number and token stand in a private file."""

    def __init__(self, address: str) -> None:
        self.address = Path(address)
        self.folder = self.address.parent
        self.by_port = address.endswith(".port")
        self.token = secrets.token_hex(32) if self.by_port else ""
        self.listener = socket.socket(socket.AF_INET if self.by_port else socket.AF_UNIX, socket.SOCK_STREAM)

    def build(self) -> None:
        """Make the folder, and see that nobody else can put another door there."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if sys.platform == "win32":
            return  # folders of the user are closed to others
        found = self.folder.stat()
        if found.st_uid not in (os.getuid(), 0) or (found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX):
            raise PermissionError(f"others may write into {self.folder}; close it to them (chmod go-w)")

    def check(self) -> None:
        """See that nothing else stands there than what a service before this one has left.

        Raises
        ------
        FileExistsError
            If something else does.
        """
        if os.path.lexists(self.address) and not (
            _is_port_file(self.address) if self.by_port else stat.S_ISSOCK(self.address.lstat().st_mode)
        ):
            raise FileExistsError(
                f"{self.address} is something else than the function service's and stays as it is; "
                "name another address in INVOPT_SERVICE"
            )

    def open(self) -> None:
        """Let clients in."""
        self.check()
        self.address.unlink(missing_ok=True)
        self.listener.bind(("127.0.0.1", 0) if self.by_port else str(self.address))
        self.listener.listen(512)
        self.listener.settimeout(LOOK)
        if self.by_port:
            self._publish()
        else:
            self.address.chmod(0o600)

    def _publish(self) -> None:
        """Write port and token, for the user alone; clients find the whole file or none."""
        found = {"port": self.listener.getsockname()[1], "token": self.token}
        draft = self.address.with_name(f"{self.address.name}.new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(found, file)
        draft.replace(self.address)

    def entered(self) -> socket.socket | None:
        """Return the next client's connection, None if nobody came for a moment."""
        try:
            connection, _ = self.listener.accept()
        except OSError:
            return None
        connection.settimeout(SECONDS_TO_GREET)
        if self.by_port:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        elif not _same_user(connection):
            connection.close()
            return None
        return connection

    def admits(self, token: object) -> bool:
        """Return whether a client knows what only its user can read."""
        return not self.by_port or (
            isinstance(token, str) and secrets.compare_digest(token.encode(), self.token.encode())
        )

    def knock(self) -> None:
        """End the wait for the next client."""
        with suppress(OSError), socket.socket(self.listener.family, socket.SOCK_STREAM) as nobody:
            nobody.connect(self.listener.getsockname())

    def close(self) -> None:
        """Let nobody in any more."""
        self.listener.close()
        self.address.unlink(missing_ok=True)


def _is_port_file(path: Path) -> bool:
    with suppress(OSError, ValueError):
        found = json.loads(path.read_bytes()[:4096]) if path.is_file() else None
        return isinstance(found, dict) and found.keys() == {"port", "token"}
    return False


def _same_user(connection: socket.socket) -> bool:
    """Return whether the client runs for the same user, where the system can tell."""
    peer = peer_of(connection)
    return peer is None or peer[1] == os.getuid()


class Service:
    """Reads what clients say, and answers.

    Parameters
    ----------
    settings
        Where it is met.
    limits
        What it allows itself.
    door
        Where clients come in.
    """

    def __init__(self, settings: Settings, limits: Limits, door: Door) -> None:
        self.settings = settings
        self.limits = limits
        self._door = door
        self._stopped = threading.Event()

    def run(self) -> None:
        """Serve until the end."""
        first = self._first_worker()
        from invopt_xl.hosts.service.desk import Desk

        desk = Desk(self.limits, first)
        if first is not None:
            threading.Thread(target=desk.warm_up, daemon=True).start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopped.set())
        log.info("version %s serves at %s", self.settings.version, self.settings.address)
        while not self._stopped.is_set() and desk.at_rest < self.limits.idle:
            guard()
            connection = self._door.entered()
            if connection is not None:
                threading.Thread(target=self._attend, args=(connection, desk), daemon=True).start()
        log.info("ends: %s", "stopped" if self._stopped.is_set() else "idle")
        desk.close()

    def _first_worker(self) -> Worker | None:
        """Return a process started ahead of everything else; where none can be, a call for one says why."""
        with suppress(OSError):
            return None if self.limits.cold else Worker()
        return None

    def _attend(self, connection: socket.socket, desk: Desk) -> None:
        """Answer a client, line by line, until it hangs up or is not understood."""
        # Clients may hang up at any time, in the middle of a line too.
        with suppress(OSError), connection, connection.makefile("rb", 65536) as lines:
            if not self._greeted(connection, lines.readline(4096)):
                return
            connection.settimeout(None)
            while (line := lines.readline(LONGEST_LINE)).endswith(b"\n"):
                connection.sendall(self._said(line, desk) + b"\n")
                look_out(connection)
            if len(line) >= LONGEST_LINE:
                connection.sendall(_no("the call is too large") + b"\n")

    def _greeted(self, connection: socket.socket, line: bytes) -> bool:
        word, _, rest = line.partition(b" ")
        try:
            token = json.loads(rest).get("token") if word == b"hello" else None
        except (ValueError, AttributeError, RecursionError):
            token = None
            word = b""
        if word != b"hello" or not self._door.admits(token):
            if line:
                log.warning("somebody was shown out")
            return False
        found = {"version": self.settings.version, "pid": os.getpid()}
        connection.sendall(json.dumps(found).encode() + b"\n")
        return True

    def _said(self, line: bytes, desk: Desk) -> bytes:
        word, _, rest = line[:-1].partition(b" ")
        try:
            if word == b"ask":
                seconds, _, body = rest.partition(b" ")
                return desk.answer(body, min(max(float(seconds), 0.0), 3600.0))
            if word == b"status":
                return json.dumps(self._state(desk)).encode()
            if word == b"stop":
                self._stopped.set()
                self._door.knock()
                return b"{}"
        except ValueError:
            return _no("the line is not understood")
        except Exception as error:  # noqa: BLE001 - one call must not cost the others
            log.exception("a call stumbled")
            return _no(f"the function service stumbled ({type(error).__name__}); its log says more")
        return _no("the line is not understood")

    def _state(self, desk: Desk) -> dict[str, Any]:
        return {
            "pid": os.getpid(),
            "version": self.settings.version,
            "address": self.settings.address,
            "log": str(log_path(self.settings.address)),
            "memory": _memory(),
            **desk.state(),
        }


def _no(message: str) -> bytes:
    line = f"#INVOPT! {message}"
    return json.dumps({"cells": [[line]], "faults": [line], "refused": True}).encode()


def _memory() -> int | None:
    """Return the bytes of memory this process holds, where the system tells."""
    with suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return None
