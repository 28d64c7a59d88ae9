"""The function service at the command line: its state, starting and stopping it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invopt_xl.errors import InvoptError
from invopt_xl.hosts.service.client import Client, UnreachableError
from invopt_xl.hosts.service.settings import default_settings

if TYPE_CHECKING:
    from rich.console import RenderableType

SHOWN = 10
"""Latest calls and faults that are shown."""


def service_state(do: str) -> dict[str, Any]:
    """Start or stop the service if that is asked; return its state."""
    client = Client(default_settings())
    try:
        if do == "start":
            client.start()
        elif do == "stop":
            client.stop()
    except UnreachableError as error:
        raise InvoptError(str(error)) from None
    finally:
        client.close()
    state = client.status()
    if do == "stop" and state["running"]:
        raise InvoptError(f"{unanswered(state)} and could not be ended; end it as your system ends processes")
    return state


def unanswered(state: dict[str, Any]) -> str:
    """Return in words that a service does not answer."""
    pid = state.get("pid")
    return f"the function service{f' (process {pid})' if pid else ''} does not answer"


def state_parts(state: dict[str, Any]) -> list[RenderableType]:
    """Return what is shown of the state."""
    if not state["running"]:
        return ["The function service is not running; the first cell that needs it starts it."]
    if not state["answers"]:
        return [f"{unanswered(state).capitalize()}; invopt service stop ends it, and the next cell starts another."]
    hits = state["hits"]
    lines = [
        f"The function service runs: version {state['version']}, process {state['pid']}, for {state['uptime']:,.0f} s.",
        f"{state['calls']:,} calls: {state['computed']:,} computed, {hits['memory']:,} from memory, "
        f"{hits['disk']:,} from the disk, {hits['joined']:,} waited for an equal one; {state['waiting']:,} wait.",
        f"Memory {_megabytes(state['memory'])}; answers kept {state['kept']['answers']:,}.",
        f"Address {state['address']}\nLog     {state['log']}\nCache   {state['cache_fault'] or state['cache']}",
    ]
    return [*lines, _workers(state["workers"]), *_latest(state)]


def _megabytes(size: int | None) -> str:
    return "not known" if size is None else f"{size / 2**20:,.0f} MB"


def _workers(workers: list[dict[str, Any]]) -> RenderableType:
    from rich.table import Table

    table = Table(title="Processes for long calls", title_justify="left", show_edge=False, pad_edge=False)
    for name in ("for", "process", "calls", "now"):
        table.add_column(name)
    for each in workers:
        now = each["busy"] or ("ready" if each["ready"] else "starts when needed")
        table.add_row(each["lane"], str(each["pid"] or "-"), str(each["calls"]), now)
    return table


def _latest(state: dict[str, Any]) -> list[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    parts: list[RenderableType] = []
    calls = Table(title="Latest calls computed", title_justify="left", show_edge=False, pad_edge=False)
    for name in ("when", "function", "seconds", "fault"):
        calls.add_column(name, overflow="fold")
    for each in state["recent"][:SHOWN]:
        calls.add_row(each["when"], each["name"], f"{each['seconds']:.4f}", Text(each["fault"]))
    if state["recent"]:
        parts.append(calls)
    return parts
