"""The ASGI application: xlwings Server with our functions, our task pane, and the gate before it.

Importing xlwings Server reads its settings from the environment once; so `application` is called once in a process,
after the environment is set.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable

from invopt_xl.hosts.web.asking import Asking, Service
from invopt_xl.sheet.catalogue import Function, catalogue


def application(service: Service, hosts: Iterable[str]):  # type: ignore[no-untyped-def]
    """Return the application.

    With authentication, Office still fetches the page of the task pane, its static files, the functions' names and
    script, and the manifest without a token: they hold nothing of users, and are open. All else asks for one.

    Parameters
    ----------
    service
        The function service's client.
    hosts
        Names under which this server is known.
    """
    from xlwings_server.config import settings
    from xlwings_server.models import CurrentUser

    from invopt_xl.hosts.web.desk import Desk
    from invopt_xl.hosts.web.functions import module_of
    from invopt_xl.hosts.web.gate import Gate
    from invopt_xl.hosts.web.refreshing import Refreshes, scripts_of

    many_users = bool(settings.auth_providers)
    functions = served(many_users)
    desk = Desk(Asking(service))
    module = sys.modules["custom_functions"] = module_of(functions, desk, CurrentUser, live=not many_users)
    refreshes = Refreshes()
    sys.modules["custom_scripts"] = scripts_of(refreshes, CurrentUser)
    # xlwings looks for Pyodide at each argument of each call; that it is not there is said once.
    sys.modules.setdefault("pyodide", None)  # type: ignore[arg-type]
    from xlwings import XlwingsError
    from xlwings_server.main import app, main_app

    # A refused cell is no fault of the server, and its values are not for a log.
    logging.getLogger("xlwings_server.main").addFilter(lambda record: not isinstance(record.msg, XlwingsError))

    from invopt_xl.hosts.web import batch, pane, refreshing

    app.include_router(batch.router(module))
    app.include_router(pane.router(functions, desk))
    app.include_router(refreshing.router(refreshes))
    return Gate(main_app, hosts, settings.cors_allow_origins)


def served(many_users: bool) -> list[Function]:
    """Return the functions that are served; what the latest error was is not told to other users."""
    return [each for each in catalogue().values() if not (many_users and each.name == "LAST_ERROR")]
