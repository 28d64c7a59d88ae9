"""A real server, and a real browser in which a stand-in for Office.js runs xlwings' own scripts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, Route

from invopt_xl.hosts.service.client import Client
from invopt_xl.hosts.service.settings import default_settings

STAND_IN = Path(__file__).with_name("office_stand_in.js")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
READY = "globalThis.excel?.functions.INVOPT_EOQ && globalThis.xlwings && globalThis.socket?.connected"


@dataclass
class Server:
    """A server that runs."""

    url: str
    environment: dict[str, str]
    said: list[str]
    process: subprocess.Popen[str]


@contextmanager
def serving(folder: Path, *options: str, **variables: str) -> Iterator[Server]:
    """Have a server on a free port, its service and cache in a folder of its own."""
    server = started(folder, *options, **variables)
    try:
        yield server
    finally:
        stopped(server)


def started(folder: Path, *options: str, **variables: str) -> Server:
    """Return a new server; it has to be stopped."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("XLWINGS_")},
        "INVOPT_CACHE": str(folder / "cache"),
        "INVOPT_SERVICE": str(folder / "service.sock"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        **variables,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "invopt_xl", "web", "--port", "0", *options],
        env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    said: list[str] = []
    try:
        assert process.stderr is not None
        while not said or "xlwings Server: " not in said[-1]:
            line = process.stderr.readline()
            assert line, "".join(said)
            said.append(line)
    except BaseException:
        process.kill()
        process.communicate()
        raise
    found = re.search(r"functions at (https?)://localhost:(\d+);", "".join(said))
    assert found
    (kept,) = Path(environment["XDG_CONFIG_HOME"]).rglob("web-path")
    return Server(f"{found[1]}://127.0.0.1:{found[2]}/{kept.read_text()}", environment, said, process)


IDLE = 2.0
"""Seconds without a question after which a connection is opened anew: a server ends it after five."""


class Line:
    """A connection to a server, kept open while it is used.

    Parameters
    ----------
    server
        Its address begins all paths.
    """

    def __init__(self, server: Server) -> None:
        parts = urlsplit(server.url)
        self._path = parts.path
        self._connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self.close = self._connection.close
        self._used = time.monotonic()

    def _refreshed(self) -> None:
        if time.monotonic() - self._used > IDLE:
            self._connection.close()
        self._used = time.monotonic()

    def asked(self, method: str, path: str, headers: dict[str, str], body: object = None) -> tuple[int, str]:
        """Return status and body of what is answered."""
        self._refreshed()
        self._connection.request(method, self._path + path, None if body is None else json.dumps(body), headers)
        response = self._connection.getresponse()
        answer = response.read().decode()
        self._used = time.monotonic()
        return response.status, answer

    def status(self, path: str, headers: dict[str, str]) -> int:
        """Return the status alone; what follows may be another protocol."""
        self._refreshed()
        self._connection.request("GET", self._path + path, headers=headers)
        return self._connection.getresponse().status


def stopped(server: Server) -> str:
    """End a server and its service, if they have not ended; return what was still to be read of what it said."""
    if server.process.poll() is None:
        server.process.terminate()
    assert server.process.stderr is not None
    said = "" if server.process.stderr.closed else server.process.communicate(timeout=60)[1]
    service_of(server).stop()
    return said


def service_of(server: Server) -> Client:
    """Return a client of the service that the server asks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INVOPT_SERVICE", server.environment["INVOPT_SERVICE"])
        return Client(default_settings())


@dataclass
class Excel:
    """Excel, as far as custom functions go: it calculates what cells ask in the browser.

    Parameters
    ----------
    page
        Where the task pane is open.
    state
        Where the task pane asks what is going on.
    """

    page: Page
    state: str
    posts: list[dict[str, Any]] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def calculate(self, function: str, *given: Any, address: str = "Plan!B2", of: Sequence[str] = ()) -> Any:
        """Return what a cell shows: rows, or an error with its message; arguments may be of cells that are told."""
        told = [function, list(given), address, list(of)]
        return self.page.evaluate("([id, args, at, of]) => excel.calculate(id, args, at, of)", told)

    def stream(self, function: str, *given: Any) -> Any:
        """Return all that the cell of a streaming function shows."""
        return self.page.evaluate("([id, args]) => excel.stream(id, args)", [function, list(given)])


def opened(browser: Any, server: Server) -> Excel:
    """Return the task pane in a page of its own, its functions registered."""
    page = browser.new_page(viewport={"width": 400, "height": 760}, ignore_https_errors=True)
    excel = Excel(page, f"{server.url}/invopt/state")

    def note(request: Request) -> None:
        if not request.url.startswith(server.url):
            excel.elsewhere.append(request.url)
        elif "/invopt/calls" in request.url:
            excel.posts += request.post_data_json

    def in_place_of_office(route: Route) -> None:
        route.fulfill(content_type="text/javascript", body=STAND_IN.read_text(encoding="utf-8"))

    page.on("request", note)
    page.on("pageerror", lambda error: excel.faults.append(str(error)))
    page.route("**/office.js", in_place_of_office)
    page.goto(f"{server.url}/taskpane.html?_host_Info=Excel$Win32$16.01$en-US")
    page.wait_for_function(READY)
    return excel
