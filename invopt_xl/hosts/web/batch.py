"""Many cells in one request: what the task pane's script sends in place of one request a cell.

A browser has six connections to a server, and a request costs milliseconds on both sides; a sheet asks for a thousand
cells at once. So calls that come together travel together, and none of them holds a connection for long: one that is
not over within the request goes on, is answered with status 202, and its answer is fetched under its ticket.
"""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from types import ModuleType
from typing import Annotated, Any

from invopt_xl.hosts.web.desk import CELL

DONE, PENDING, REFUSED, UNKNOWN = 200, 202, 400, 503
"""Status of a call, as HTTP has it. After 500 and above xlwings' script asks once more: of a server that is new."""

LONGEST_HOLD = 0.5
"""Seconds that a request may be held."""

GIVEN_UP = 60.0
"""Seconds after which a call is stopped whose answer nobody asks for."""

logger = logging.getLogger(__name__)

Said = dict[str, Any]
Ticket = tuple[str, str]
"""A user's name for a call of theirs."""


@dataclass
class Open:
    """A call whose answer is still to be fetched."""

    task: "asyncio.Task[Said]"
    asked: float = field(default_factory=time.monotonic)


class Batches:
    """Answers batches.

    Parameters
    ----------
    module
        The custom functions.
    """

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._open: dict[Ticket, Open] = {}

    async def calls(self, user: Any, batch: list[dict[str, Any]], hold: float) -> list[Said]:
        """Return the answers of new calls, as far as they are there after so many seconds."""
        self._drop()
        tickets = [(str(user.id), str(call.get("ticket"))) for call in batch]
        for ticket, call in zip(tickets, batch, strict=True):
            self._open[ticket] = Open(asyncio.create_task(self._answered(call.get("data"), user)))
        await asyncio.wait([self._open[each].task for each in tickets], timeout=min(hold, LONGEST_HOLD))
        return [self._said(ticket) for ticket in tickets]

    async def news(self, user: Any, tickets: list[str]) -> list[Said]:
        """Return the answers of calls made before, as soon as one of them is there, or after a while."""
        own = [(str(user.id), each) for each in tickets]
        tasks = [self._open[each].task for each in own if each in self._open]
        if tasks:
            await asyncio.wait(tasks, timeout=LONGEST_HOLD, return_when=asyncio.FIRST_COMPLETED)
        return [self._said(ticket) for ticket in own]

    def _said(self, ticket: Ticket) -> Said:
        found = self._open.get(ticket)
        if found is None:
            return {"status": UNKNOWN}
        if not found.task.done():
            found.asked = time.monotonic()
            return {"status": PENDING}
        del self._open[ticket]
        return found.task.result()

    def _drop(self) -> None:
        before = time.monotonic() - GIVEN_UP
        for ticket in [each for each, found in self._open.items() if found.asked < before]:
            self._open.pop(ticket).task.cancel()

    async def _answered(self, data: Any, user: Any) -> Said:
        """Return what xlwings' own route would answer, with its status."""
        from xlwings import XlwingsError
        from xlwings.server import custom_functions_call
        from xlwings_server.models import CurrentUser

        try:
            CELL.set(str(data.get("caller_address") or ""))
            rows = await custom_functions_call(data, self._module, user, typehint_to_value={CurrentUser: user})
        except XlwingsError as error:
            return {"status": REFUSED, "data": str(error)}
        except Exception:
            logger.exception("a call could not be read")
            return {"status": REFUSED, "data": "the call could not be read; the log of invopt web says why"}
        return {"status": DONE, "data": {"result": rows}}


def router(module: ModuleType) -> Any:
    """Return the routes that answer batches.

    Parameters
    ----------
    module
        The custom functions.
    """
    from fastapi import APIRouter, Body
    from xlwings_server.config import settings
    from xlwings_server.dependencies import User

    routes = APIRouter(prefix=f"{settings.app_path}/invopt")
    batches = Batches(module)

    @routes.post("/calls")
    async def calls(
        user: User, batch: Annotated[list[dict[str, Any]], Body(min_length=1)], hold: float = LONGEST_HOLD
    ) -> list[Said]:
        return await batches.calls(user, batch, hold)

    @routes.post("/news")
    async def news(user: User, tickets: Annotated[list[str], Body()]) -> list[Said]:
        return await batches.news(user, tickets)

    return routes
