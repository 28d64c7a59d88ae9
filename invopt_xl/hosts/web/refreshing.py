"""Refresh of a workbook that is open in Excel on the web: the script that the task pane runs, and its progress."""

import asyncio
import logging
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from types import ModuleType
from typing import Any

from invopt_xl.domain.words import counted
from invopt_xl.errors import InvoptError
from invopt_xl.hosts.cli.running import user_name
from invopt_xl.hosts.excel.engines import Sent
from invopt_xl.hosts.excel.open_book import OpenBook, read_open_tables, results_in
from invopt_xl.hosts.excel.open_rewrite import rewrites_of
from invopt_xl.hosts.excel.open_writing import write_states
from invopt_xl.hosts.web.planning import CONTEXT, Task, plan_apart
from invopt_xl.plan import columns
from invopt_xl.plan.accuracy import is_last_forecast_wanted
from invopt_xl.workbook.reading import READ

SCRIPT = "invopt_refresh"
"""The name of the script, as the server knows it."""

PATIENCE = 900
"""Seconds that the task pane waits for a refresh; what stands before the server may wait less."""

logger = logging.getLogger(__name__)


@dataclass
class Refresh:
    """A refresh under way.

    Parameters
    ----------
    stop
        Set once the user cancels.
    """

    stop: Event = field(default_factory=CONTEXT.Event)
    name: str = "Reading"
    done: int = 0
    steps: int = 0

    def stage(self, name: str, steps: int = 0) -> None:
        """Note the stage."""
        self.name, self.done, self.steps = name, 0, steps

    def advance(self, steps: int = 1) -> None:
        """Note steps that are done."""
        self.done += steps


class Refreshes:
    """The refreshes of all users, one at a time for each of them."""

    def __init__(self) -> None:
        self._open: dict[str, Refresh] = {}
        self._last: dict[str, str] = {}

    def state(self, user: str) -> dict[str, Any]:
        """Return how far a user's refresh is, and what became of the last one."""
        found = self._open.get(user)
        if found is None:
            return {"running": False, "last": self._last.get(user, "")}
        return {"running": True, "stage": found.name, "done": found.done, "steps": found.steps}

    def cancel(self, user: str) -> None:
        """End a user's refresh before anything is written."""
        if user in self._open:
            self._open[user].stop.set()

    async def run(self, user: str, book: Any, sent: list[dict[str, Any]], name: str = "") -> None:
        """Refresh a workbook that was sent by somebody of this name.

        Raises
        ------
        InvoptError
            If it is refused or cancelled, or another one is under way.
        """
        if user in self._open:
            raise InvoptError("a refresh is under way; cancel it, or wait for it")
        found = self._open[user] = Refresh()
        try:
            self._last[user] = await asyncio.to_thread(_refreshed, book, sent, found, name)
        finally:
            del self._open[user]


def _refreshed(book: Any, sent: list[dict[str, Any]], found: Refresh, user: str) -> str:
    """Read, plan, and say what is to be written; return the outcome in words."""
    there = OpenBook(book, Sent.of(sent))
    task = Task(read_open_tables(there, is_last_forecast_wanted), results_in(there), user)
    result = plan_apart(task, found.stop, found.stage, found.advance)
    found.stage("Writing")
    rewrites = rewrites_of(there, result.tables)
    write_states(there, [each.before for each in rewrites], [each.after for each in rewrites])
    rejected = f", {counted(result.rejected, 'row')} rejected (see tblQuality)" if result.rejected else ""
    return f"{counted(result.planned, 'item')} planned in {result.seconds:.1f} s{rejected}"


def name_of(asker: Any) -> str:
    """Return what a user is called: as they are known to the server, or, on their own computer, logged in there."""
    from xlwings_server.config import settings

    return str(asker.name or "") if settings.auth_providers else user_name()


def scripts_of(refreshes: Refreshes, user: type) -> ModuleType:
    """Return the package ``custom_scripts`` that xlwings Server looks for.

    Parameters
    ----------
    refreshes
        Runs them.
    user
        xlwings' type of the current user, which the server fills in.
    """
    import xlwings
    from xlwings import XlwingsError
    from xlwings.server import script

    async def invopt_refresh(book: xlwings.Book, formulas: list, asker: Any = None) -> None:  # type: ignore[type-arg]
        try:
            await refreshes.run(str(asker.id or ""), book, formulas, name_of(asker))
        except InvoptError as error:
            raise XlwingsError(str(error)) from None
        except Exception as error:
            logger.exception("a refresh stumbled")
            raise XlwingsError(
                f"the program stumbled ({type(error).__name__}), nothing was written; the log of invopt web says where"
            ) from None

    invopt_refresh.__annotations__ |= {"asker": user}
    module = ModuleType("custom_scripts")
    setattr(module, SCRIPT, script(invopt_refresh))
    return module


def router(refreshes: Refreshes) -> Any:
    """Return the routes by which the task pane asks how far it is, and cancels."""
    from fastapi import APIRouter
    from xlwings_server.config import settings
    from xlwings_server.dependencies import User

    routes = APIRouter(prefix=f"{settings.app_path}/invopt")

    @routes.get("/refresh")
    async def state(user: User) -> dict[str, Any]:
        return refreshes.state(str(user.id or ""))

    @routes.post("/refresh/cancel")
    async def cancel(user: User) -> dict[str, Any]:
        refreshes.cancel(str(user.id or ""))
        return refreshes.state(str(user.id or ""))

    return routes


def told_to_pane() -> dict[str, Any]:
    """Return what the task pane's script has to know."""
    return {
        "script": SCRIPT,
        "patience": PATIENCE,
        "read": sorted({table.name.lower() for table in (*READ, *columns.OUTPUTS)}),
        "written": sorted(table.name.lower() for table in columns.OUTPUTS),
    }
