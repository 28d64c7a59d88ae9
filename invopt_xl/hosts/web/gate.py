"""What stands before xlwings Server: who may ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class Gate:
    """Passes requests on that are meant for this server.

    A web page from anywhere can make a browser ask a server on the same machine. It cannot lie about the host it asks
    for, nor about the page that asks.

    Parameters
    ----------
    application
        Answers what passes.
    hosts
        Names under which this server is known, without ports.
    origins
        Pages elsewhere that may ask, such as ``https://excel.example.com``; ``*`` for any.
    """

    def __init__(self, application: Application, hosts: Iterable[str], origins: Iterable[str] = ()) -> None:
        self._application = application
        self._hosts = frozenset(each.lower() for each in hosts)
        self._origins = frozenset(origins)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] in ("http", "websocket") and not self._admits(dict(scope["headers"])):
            await _refuse(scope, send)
        else:
            await self._application(scope, receive, send)

    def _admits(self, headers: MutableMapping[bytes, bytes]) -> bool:
        if _host(f"//{_text(headers.get(b'host'))}") not in self._hosts:
            return False
        origin = _text(headers.get(b"origin"))
        return not origin or bool(self._origins & {origin, "*"}) or _host(origin) in self._hosts


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _text(header: bytes | None) -> str:
    return (header or b"").decode("latin-1")


async def _refuse(scope: Message, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = b"This server answers Excel on this machine only; invopt web --help says how others reach one.\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
