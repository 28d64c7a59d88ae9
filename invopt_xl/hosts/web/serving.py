"""Starting the server: where, for whom, and under which settings of xlwings Server."""

from __future__ import annotations

import ipaddress
import os
import re
import signal
import socket
from collections.abc import Callable, MutableMapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from invopt_xl.errors import InvoptError, require
from invopt_xl.hosts.web import licence
from invopt_xl.hosts.web.certificate import check_certificate
from invopt_xl.hosts.web.secret import secret_path
from invopt_xl.hosts.web.users import check_users, server_settings

FILES = Path(__file__).parent / "files"
"""Templates and static files; xlwings Server looks there before it takes its own."""

NAMESPACE = "INVOPT"

ADD_IN = "6f1c9d3e-2b57-4a86-9c41-d07e5a83b2f4"
"""Identity of the add-in: Excel tells add-ins apart by it, so it never changes."""

LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Place:
    """Where the server is met.

    Parameters
    ----------
    host, port
        What it binds to.
    url
        Its address for Excel, where something stands before it; empty for none.
    certificate, key
        Files for https; Excel takes no other.
    path
        Secret beginning of all paths, such as ``/yf3k...``, where nothing else tells this user from
        others; else empty.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    url: str = ""
    certificate: Path | None = None
    key: Path | None = None
    path: str = ""

    @property
    def address(self) -> str:
        """How Excel reaches it."""
        host = "localhost" if is_local(self.host) else f"[{self.host}]" if ":" in self.host else self.host
        return self.url or f"http{'s' if self.certificate else ''}://{host}:{self.port}"

    @property
    def names(self) -> set[str]:
        """Names of hosts under which it is asked."""
        return {*LOCAL, self.host, urlsplit(self.address).hostname or ""} - {""}

    @property
    def is_private(self) -> bool:
        """Whether programs of this machine alone can reach it."""
        return all(is_local(name) for name in self.names)


def checked(url: str) -> str:
    """Return the address of a server as Excel takes it: https, a host, and no more than a port.

    Raises
    ------
    InputError
        If it is another.
    """
    found = _ADDRESS.fullmatch(url)
    good = found is not None and int(found["port"] or 0) < 2**16
    require(good, "--url", url, "https and a host, such as https://localhost:8000")
    return url.rstrip("/")


_ADDRESS = re.compile(r"https://([\w-]+(\.[\w-]+)*\.?|\[[\da-fA-F:.]+\])(:(?P<port>\d{1,5}))?/?")


def require_address(place: Place) -> None:
    """Refuse to be reached under all addresses of this computer without knowing which of them Excel is told.

    Raises
    ------
    InvoptError
        If there is no ``--url``.
    """
    try:
        everywhere = ipaddress.ip_address(place.host).is_unspecified
    except ValueError:
        everywhere = not place.host
    if everywhere and not place.url:
        raise InvoptError(
            f"--host {place.host} is every address of this computer; expected --url with the one that Excel is to use, "
            "such as https://plan.example.com:8000"
        )


def is_local(host: str) -> bool:
    """Return whether a host is this machine, reached from this machine alone.

    Examples
    --------
    >>> is_local("127.0.0.1"), is_local("localhost"), is_local("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def with_path(place: Place, say: Callable[[str], None]) -> Place:
    """Return a place that other users of this machine cannot guess, if it is for this machine alone."""
    return replace(place, path=secret_path(say)) if place.is_private else place


def configure(place: Place, environment: MutableMapping[str, str]) -> None:
    """Set what xlwings Server reads from the environment; what the user has set of the rest stays."""
    environment.update(settings_of_ours(place))
    for name, value in _DEFAULTS.items():
        environment.setdefault(name, value)
    if place.is_private:
        # xlwings tells browsers to ask this host by https alone; for localhost that would hold for all other programs.
        environment.setdefault("XLWINGS_CUSTOM_HEADERS", '{"Strict-Transport-Security": "max-age=0"}')


def require_installed() -> None:
    """Refuse to go on without xlwings Server.

    Raises
    ------
    InvoptError
        If the extra ``web`` is not installed.
    """
    if find_spec("xlwings_server") is None:
        raise InvoptError('xlwings Server is not installed; in the folder of invopt_xl: python -m pip install ".[web]"')


_DEFAULTS = {"XLWINGS_LOG_LEVEL": "WARNING", "XLWINGS_MANIFEST_ID_PROD": ADD_IN, "XLWINGS_PROJECT_NAME": "invopt"}


def settings_of_ours(place: Place) -> dict[str, str]:
    """Return the settings of xlwings Server on which this host depends."""
    return {
        "XLWINGS_APP_PATH": place.path,
        "XLWINGS_STATIC_URL_PATH": f"{place.path}/static",
        "XLWINGS_PROJECT_DIR": str(FILES),
        "XLWINGS_ENVIRONMENT": "prod",
        "XLWINGS_FUNCTIONS_NAMESPACE": NAMESPACE,
        "XLWINGS_HOSTNAME": urlsplit(place.address).netloc if place.address.startswith("https://") else "",
        "XLWINGS_TASKPANE_HTML": "taskpane.html",
        "XLWINGS_ENABLE_SOCKETIO": "true",
        "XLWINGS_ENABLE_WASM": "false",
        "XLWINGS_ENABLE_HTMX": "false",
        "XLWINGS_ENABLE_ALPINEJS_CSP": "false",
        "XLWINGS_ENABLE_BOOTSTRAP": "false",
        "XLWINGS_ENABLE_EXAMPLES": "false",
        "XLWINGS_CDN_OFFICEJS": "false",
    }


def serve(place: Place, noncommercial: bool, say: Callable[[str], None]) -> None:
    """Serve until the user ends it.

    Parameters
    ----------
    place
        Where.
    noncommercial
        Whether the user says that the use is noncommercial.
    say
        Told what a person should know, a line each.

    Raises
    ------
    InvoptError
        If it cannot be served so.
    """
    licence_in_words = licence.accept(noncommercial, os.environ)
    require_installed()
    url = checked(place.url) if place.url else ""
    require_address(place)
    check_certificate(place.certificate, place.key)
    with closing(_bound(place)) as listening:
        place = with_path(replace(place, port=listening.getsockname()[1], url=url), say)
        configure(place, os.environ)
        check_users(place, server_settings())
        licence.check()
        from invopt_xl.hosts.service.client import Client
        from invopt_xl.hosts.service.settings import default_settings
        from invopt_xl.hosts.web.application import application

        client = Client(default_settings())
        client.call("VERSION", [], wait=0.0)  # starts the service, so that the first cell need not
        served = application(client, place.names)
        # What ends services ends this one like Ctrl-C: uvicorn passes the signal on once it has closed all.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            # Without the secret path: what is said here may end in a log that others read.
            say(f"{NAMESPACE}.* functions at {place.address}; Ctrl-C ends it")
            if not place.address.startswith("https://"):
                say("Excel takes add-ins over https only: give --certificate and --key, or --url of what stands before")
            say(licence_in_words)
            _run(served, listening, place)


def _bound(place: Place) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
        return socket.create_server((place.host, place.port), family=family, backlog=2048)
    except OSError as error:
        raise InvoptError(
            f"port {place.port} of {place.host} cannot be had ({error.strerror}); another is taken with --port"
        ) from None


def _web_sockets() -> Any:
    """Return uvicorn's protocol for web sockets; at the end it stumbles over a browser that has just left."""
    from uvicorn.protocols.websockets.auto import AutoWebSocketsProtocol
    from wsproto.utilities import LocalProtocolError

    class Protocol(AutoWebSocketsProtocol):  # type: ignore[misc, valid-type]
        def shutdown(self) -> None:
            with suppress(LocalProtocolError):
                super().shutdown()

    return Protocol


def _run(served: Any, listening: socket.socket, place: Place) -> None:
    import uvicorn

    config = uvicorn.Config(
        served,
        log_level="warning",
        ssl_certfile=place.certificate,
        ssl_keyfile=place.key,
        timeout_graceful_shutdown=2,
        server_header=False,
        ws=_web_sockets(),
    )
    uvicorn.Server(config).run(sockets=[listening])
