"""The task pane: the state of the service, recent calls, errors with their detail, and help on every function."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from invopt_xl.hosts.web import licence
from invopt_xl.hosts.web.calls import Calls
from invopt_xl.hosts.web.desk import WORKING, Desk
from invopt_xl.hosts.web.functions import LIVE, identity
from invopt_xl.hosts.web.refreshing import told_to_pane
from invopt_xl.hosts.web.refusals import FUNCTION, told
from invopt_xl.sheet.catalogue import Function, catalogue
from invopt_xl.sheet.cells import MARK
from invopt_xl.sheet.examples import example_of

PREFIX = "INVOPT."

WHERE = " Where it happened: "
"""Begins the end of what LAST_ERROR says of a call over which the program stumbled."""

SHOWN = 12
"""Calls and errors that the pane lists."""


@dataclass(frozen=True)
class Help:
    """A function as the pane shows it."""

    function: Function
    name: str
    signature: str
    example: str
    live: str
    searched: str

    @classmethod
    def of(cls, function: Function, live: bool) -> "Help":
        """Return what the pane shows of a function."""
        words = (function.name, function.help, function.category, *(each.name for each in function.arguments))
        return cls(
            function,
            PREFIX + function.name,
            PREFIX + function.signature,
            "=" + example_of(function).formula(PREFIX + function.name),
            PREFIX + function.name + LIVE if live and function.cost == "heavy" else "",
            " ".join(words).replace("_", " ").lower(),
        )


def router(functions: Iterable[Function], desk: Desk) -> Any:
    """Return the routes of the task pane, and tell its template what does not change."""
    from fastapi import APIRouter, Request, Response
    from fastapi.responses import PlainTextResponse
    from xlwings_server.config import settings
    from xlwings_server.dependencies import User
    from xlwings_server.templates import TemplateResponse, templates

    templates.env.globals["invopt"] = _lasting(
        [Help.of(each, live=not settings.auth_providers) for each in functions], settings.app_path
    )
    routes = APIRouter(prefix=f"{settings.app_path}/invopt")

    @routes.get("/state")
    async def state(request: Request, user: User) -> Response:
        found = await desk.asking.status()
        context = {"service": service_in_words(found), **_calls(desk.calls, str(user.id or ""))}
        response: Response = TemplateResponse(request=request, name="invopt_state.html", context=context)
        return response

    @routes.get("/error/{number}")
    async def error(number: int, user: User) -> PlainTextResponse:
        call = next((each for each in desk.calls.errors(str(user.id or "")) if each.number == number), None)
        if call is None:
            return PlainTextResponse("no longer remembered", status_code=404)
        if settings.auth_providers:
            return PlainTextResponse(told(call))
        # The service knows where the program stumbled, if it did; of calls with the same line it tells the latest.
        answer = await desk.asking.answer(catalogue()["LAST_ERROR"], [MARK + call.line.removeprefix(MARK)])
        _, where, trace = str(answer["cells"][0][0]).partition(WHERE)
        return PlainTextResponse(told(call) + where + trace)

    return routes


def _lasting(listed: list[Help], path: str) -> dict[str, Any]:
    """Return what the pane's template and script are told once."""
    repeating = [each for each in listed if any(argument.takes == "rest" for argument in each.function.arguments)]
    return {
        "categories": [(name, list(group)) for name, group in groupby(listed, lambda each: each.function.category)],
        "count": len(listed),
        "licence": licence.in_words(os.environ),
        "terms": licence.TERMS,
        "script": {
            "repeating": [identity(each.function, suffix) for each in repeating for suffix in ("", LIVE)],
            "heavy": [identity(each.function) for each in listed if each.function.cost == "heavy"],
            "byCell": [identity(each.function) for each in listed if each.function.name == FUNCTION],
            "mark": MARK,
            "working": WORKING,
            "path": path,
            "refresh": told_to_pane(),
        },
    }


def _calls(calls: Calls, user: str) -> dict[str, Any]:
    return {
        "under_way": calls.open(user)[:SHOWN],
        "over": calls.over(user)[:SHOWN],
        "errors": calls.errors(user)[:SHOWN],
        "mark": MARK,
    }


def service_in_words(status: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of the service as the pane shows it.

    Examples
    --------
    >>> service_in_words({"running": True, "version": "0.1.0", "uptime": 90})["words"]
    'Function service running · version 0.1.0 · up 1 min'
    """
    if not status.get("running"):
        return {"running": False, "words": "Function service at rest · starts with the next call"}
    if not status.get("answers", True):
        return {"running": False, "words": "Function service does not answer · invopt doctor says what to do"}
    version, uptime = status.get("version", "unknown"), duration(float(status.get("uptime", 0)))
    return {"running": True, "words": f"Function service running · version {version} · up {uptime}"}


def duration(seconds: float) -> str:
    """Return a time in words.

    Examples
    --------
    >>> duration(42), duration(3700), duration(200000)
    ('42 s', '1 h 1 min', '2 d 7 h')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{rest} s"
