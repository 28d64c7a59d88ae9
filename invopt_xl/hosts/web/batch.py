"""Many cells in one request: what the task pane's script sends in place of one request a cell.

A browser has six connections to a server, and a request costs milliseconds on both sides; a sheet asks for a thousand
cells at once. So calls that come together travel together, and none of them holds the connection: one that takes longer
is answered with status 202, and asked again under the same ticket.
"""

import asyncio
import logging
from types import ModuleType
from typing import Annotated, Any

from invopt_xl.hosts.web.desk import BROWSER, Browser

DONE, PENDING, REFUSED = 200, 202, 400
"""Status of a call, as HTTP has it; none of those after which xlwings' script asks once more, for the same answer."""

logger = logging.getLogger(__name__)


def router(module: ModuleType) -> Any:
    """Return the route that answers batches.

    Parameters
    ----------
    module
        The custom functions.
    """
    from fastapi import APIRouter, Body
    from xlwings_server.config import settings
    from xlwings_server.dependencies import User

    routes = APIRouter(prefix=f"{settings.app_path}/invopt")

    @routes.post("/calls")
    async def calls(user: User, batch: Annotated[list[dict[str, Any]], Body()]) -> list[dict[str, Any]]:
        return list(await asyncio.gather(*(_answered(call, module, user) for call in batch)))

    return routes


async def _answered(call: dict[str, Any], module: ModuleType, user: Any) -> dict[str, Any]:
    """Return what xlwings' own route would answer, with its status."""
    from xlwings import XlwingsError
    from xlwings.server import custom_functions_call
    from xlwings_server.models import CurrentUser

    try:
        data = call["data"]
        browser = Browser(str(call["ticket"]), str(data.get("caller_address") or ""))
        BROWSER.set(browser)
        rows = await custom_functions_call(data, module, user, typehint_to_value={CurrentUser: user})
    except XlwingsError as error:
        return {"status": REFUSED, "data": str(error)}
    except Exception:
        logger.exception("a call could not be read")
        return {"status": REFUSED, "data": "the call could not be read; the log of invopt web says why"}
    return {"status": PENDING} if browser.pending else {"status": DONE, "data": {"result": rows}}
