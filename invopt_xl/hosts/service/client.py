"""What a host has of the function service: it asks, starts the service where there is none, and never raises.

This file is copied into the office's add-in. It needs Python 3.8 and its standard library, and nothing else.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .starting import Starting, runs
from .waiting import look_out

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = dict[str, Any]
    Tell = Callable[[str, int, int], None]

MARK = "#INVOPT! "
STARTING = "Starting the function service"
SEE_DOCTOR = "; invopt doctor says what to do"

SECONDS_TO_START = 30.0
"""A service that cannot be reached by then is given up."""

SECONDS_OF_SILENCE = 40.0
"""A service that says nothing for so long is stuck; it would say after `SLICE` that it is still at work."""

HESITATION = 2.0
"""Seconds beyond its wait that a call gives the service to say that it is under way; a cell must not wait longer."""

SLICE = 5.0
"""Seconds after which the service says that it is still at work."""

BETWEEN_NEWS = 0.25
"""The same, where somebody looks at the progress."""

REST = 5.0
"""Seconds for which a service that could not be started is not tried again: cells come by the thousand."""


@dataclass(frozen=True)
class Settings:
    """Where the service is met, and how it is started.

    Parameters
    ----------
    address
        Path of its Unix socket; or, ending in ``.port``, of the file that holds a loopback port and a token.
    command
        What starts it.
    version
        Of the package it should be.
    """

    address: str
    command: tuple[str, ...]
    version: str

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON can hold them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Settings:
        """Return what `to_dict` made."""
        return cls(str(found["address"]), tuple(found["command"]), str(found["version"]))


class UnreachableError(Exception):
    """The service cannot be reached; the text says why."""


class StartingError(Exception):
    """The service was started, or asked, and does not answer yet."""


def refusal(message: str) -> Answer:
    """Return the answer to a call that got none."""
    line = MARK + " ".join(message.split())
    return {"cells": [[line]], "faults": [line], "refused": True}


class Client:
    """Asks the service; threads may share one.

    Parameters
    ----------
    settings
        Where it is met, and how it is started.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._idle: list[_Connection] = []
        self._lock = threading.Lock()
        self._started: Starting | None = None
        self._start_by = 0.0
        self._rest_until = 0.0
        self._fault = ""
        self._accepted = {settings.version}

    def call(self, name: str, given: Any, wait: float | None = None, progress: Tell | None = None) -> Answer:
        """Return the answer to a call, as JSON has it; pending where it takes longer than `wait`.

        Parameters
        ----------
        name
            Of the function.
        given
            Its arguments: values, None where omitted, lists of rows for ranges.
        wait
            Seconds; None waits until there is a result.
        progress
            Told of stage, steps done and steps in all, while waiting.
        """
        begin = time.monotonic()
        deadline = None if wait is None else begin + wait
        try:
            body = json.dumps([name, given], separators=(",", ":"), default=str).encode()
            return self._answer(body, deadline, progress)
        except StartingError:
            return _pending(time.monotonic() - begin)
        except UnreachableError as error:
            return refusal(str(error))
        except Exception as error:  # noqa: BLE001 - a cell must never see one
            return refusal(f"the call cannot be handed to the function service ({type(error).__name__}: {error})")

    def status(self) -> Answer:
        """Return the state of the service; it is not started for that: ``{"running": False}`` where there is none.

        One that does not answer within `SLICE` seconds is ``{"running": True, "answers": False}``, with its process
        where the system tells it.
        """
        pid = None
        try:
            with _Connection(self.settings.address) as connection:
                pid = connection.pid()
                connection.greet(self.settings.version, SLICE)
                return dict(connection.exchange(b"status\n", SLICE), running=True, answers=True)
        except socket.timeout:  # noqa: UP041 - the same in newer versions of Python alone
            return {"running": True, "answers": False, "pid": pid, "why": f"no answer in {SLICE:g} s"}
        except (OSError, ValueError) as error:
            return {"running": False, "why": str(error)}

    def stop(self) -> None:
        """Stop the service, if there is one, and wait until it is gone; one that does not answer is ended."""
        with suppress(OSError, ValueError), _Connection(self.settings.address) as connection:
            try:
                connection.greet(self.settings.version, SLICE)
                connection.stop()
            except (OSError, ValueError):
                pid = connection.pid()
                if pid is not None and runs(pid, self.settings.command):
                    connection.end(pid)
        self.close()
        coming, self._started = self._started, None
        if coming is not None:
            coming.end()

    def start(self) -> None:
        """Start the service, unless there is one.

        Raises
        ------
        UnreachableError
            If that is not possible.
        """
        self._idle.append(self._reached(None))

    def close(self) -> None:
        """Hang up."""
        while self._idle:
            self._idle.pop().close()

    def _answer(self, body: bytes, deadline: float | None, progress: Tell | None) -> Answer:
        longest = SLICE if progress is None else BETWEEN_NEWS
        while True:
            left = longest if deadline is None else max(0.0, min(longest, deadline - time.monotonic()))
            answer = self._asked(b"ask %.3f %s\n" % (left, body), deadline)
            if not answer.get("pending"):
                return answer
            if progress is not None:
                # What an observer does wrong must not cost the answer.
                with suppress(Exception):
                    progress(answer.get("stage", ""), answer.get("done", 0), answer.get("steps", 0))
            if deadline is not None and time.monotonic() >= deadline:
                return answer

    def _asked(self, line: bytes, deadline: float | None) -> Answer:
        """Return what the service says to a line; where it ended meanwhile, it is started and asked once more."""
        failures = 0
        while True:
            try:
                connection, fresh = self._idle.pop(), False
            except IndexError:
                connection, fresh = self._reached(deadline), True
            try:
                answer = connection.exchange(line, _silence(deadline))
            except (OSError, ValueError) as error:
                connection.close()
                self.close()
                if deadline is not None and isinstance(error, socket.timeout):
                    raise StartingError from None
                failures += fresh
                if failures > 1 or isinstance(error, socket.timeout):
                    raise UnreachableError(_in_words(error)) from None
                continue
            self._idle.append(connection)
            return answer

    def _reached(self, deadline: float | None) -> _Connection:
        """Return a new connection, to a service that is started where there is none."""
        while True:
            try:
                return self._greeted(_silence(deadline))
            except (OSError, ValueError) as error:
                # Threads take turns: one of them starts the service.
                with self._lock:
                    self._start(error)
            if deadline is not None and time.monotonic() >= deadline:
                raise StartingError
            time.sleep(0.01)

    def _greeted(self, seconds: float) -> _Connection:
        connection = _Connection(self.settings.address)
        try:
            found = str(connection.greet(self.settings.version, seconds).get("version", ""))
            if found not in self._accepted:
                if self._started is None:
                    connection.stop()
                    raise ConnectionError("the function service was of version " + found)
                # Our own command starts this version, whatever we were told.
                self._accepted.add(found)
        except BaseException:
            connection.close()
            raise
        coming, self._started, self._fault = self._started, None, ""
        if coming is not None:
            coming.forget()
        return connection

    def _start(self, error: Exception) -> None:
        """Start the service, unless it is about to come; give it up after a while."""
        now = time.monotonic()
        if now < self._rest_until:
            raise UnreachableError(self._fault)
        if self._started is None:
            self._start_by = now + SECONDS_TO_START
        elif now > self._start_by:
            self._give_up(f"the function service does not answer ({error})")
        if self._started is not None and self._started.code:
            self._give_up(f"the function service ended at once ({self._started.last_words()})")
        if self._started is None or self._started.code is not None:
            if self._started is not None:
                self._started.forget()
            try:
                self._started = Starting(self.settings)
            except OSError as fault:
                self._give_up(f"the function service cannot be started ({fault})")

    def _give_up(self, fault: str) -> None:
        self._fault = fault + SEE_DOCTOR
        self._rest_until = time.monotonic() + REST
        if self._started is not None:
            self._started.forget()
        self._started = None
        raise UnreachableError(self._fault)


class _Connection:
    """A line to the service."""

    def __init__(self, address: str) -> None:
        self._token = ""
        if address.endswith(".port"):
            self._socket = self._by_port(address)
        else:
            self._socket = self._by_path(address)

    def _by_port(self, address: str) -> socket.socket:
        try:
            found = json.loads(Path(address).read_bytes())
            port, self._token = int(found["port"]), str(found["token"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"{address} holds no port") from error
        made = socket.create_connection(("127.0.0.1", port), timeout=SLICE)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def _by_path(self, address: str) -> socket.socket:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.settimeout(SLICE)
            made.connect(address)
            peer = peer_of(made)
            if (peer[1] if peer else Path(address).stat().st_uid) != os.getuid():
                raise PermissionError(f"{address} belongs to somebody else")
        except BaseException:
            made.close()
            raise
        return made

    def greet(self, version: str, seconds: float | None = None) -> Answer:
        """Return what the service says of itself, its version and process; it may take so many seconds for that."""
        hello = json.dumps({"version": version, "token": self._token})
        return self.exchange(b"hello %s\n" % hello.encode(), seconds)

    def exchange(self, line: bytes, seconds: float | None = None) -> Answer:
        """Return the service's answer to a line, which may take so many seconds."""
        self._socket.settimeout(SECONDS_OF_SILENCE if seconds is None else seconds)
        self._socket.sendall(line)
        look_out(self._socket)
        answer = self._socket.recv(65536)
        if not answer.endswith(b"\n"):
            answer = self._rest_of(answer)
        found = json.loads(answer)
        if not isinstance(found, dict):
            raise ValueError("it answers in another way")
        return found

    def _rest_of(self, answer: bytes) -> bytes:
        parts = [answer]
        while not parts[-1].endswith(b"\n"):
            if not parts[-1]:
                raise ConnectionResetError("it ended")
            parts.append(self._socket.recv(1 << 20))
        return b"".join(parts)

    def pid(self) -> int | None:
        """Return the process of the service, as far as the system knows it."""
        peer = None if self._token else peer_of(self._socket)
        return None if peer is None else peer[0]

    def stop(self) -> None:
        """Stop the service and wait until it hangs up, which is when it has ended."""
        self.exchange(b"stop\n", SLICE)
        self._gone(SECONDS_OF_SILENCE)

    def end(self, pid: int) -> None:
        """End the service, whose process it is: what nobody answers cannot be asked to leave."""
        for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            os.kill(pid, number)
            if self._gone(HESITATION):
                return

    def _gone(self, seconds: float) -> bool:
        """Return whether the service hangs up within so many seconds."""
        self._socket.settimeout(seconds)
        try:
            while self._socket.recv(65536):
                pass
        except socket.timeout:  # noqa: UP041 - the same in newer versions of Python alone
            return False
        except OSError:
            pass
        return True

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def __enter__(self) -> _Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def peer_of(connection: socket.socket) -> tuple[int, int] | None:
    """Return process and user at the other end of a Unix socket, where the system tells them."""
    kind = getattr(socket, "SO_PEERCRED", None)
    if kind is None:
        return None
    found = connection.getsockopt(socket.SOL_SOCKET, kind, 12)
    return int.from_bytes(found[:4], sys.byteorder), int.from_bytes(found[4:8], sys.byteorder)


def _silence(deadline: float | None) -> float:
    """Return the seconds for which the service may say nothing."""
    if deadline is None:
        return SECONDS_OF_SILENCE
    return min(SECONDS_OF_SILENCE, max(0.0, deadline - time.monotonic()) + HESITATION)


def _pending(seconds: float) -> Answer:
    return {"pending": True, "seconds": round(seconds, 3), "stage": STARTING, "done": 0, "steps": 0}


def _in_words(error: Exception) -> str:
    if isinstance(error, socket.timeout):
        return f"the function service did not answer in {SECONDS_OF_SILENCE:.0f} s; invopt service stop ends it"
    return "the function service ended twice while it computed this; its log says why"
