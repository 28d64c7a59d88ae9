"""What LAST_ERROR says of an error value: on the web a refused cell shows #VALUE!, which does not say why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invopt_xl.hosts.web.calls import Call, Calls
from invopt_xl.hosts.web.wire import NO_VALUE, given_of
from invopt_xl.sheet.cells import ERRORS, MARK, held

FUNCTION = "LAST_ERROR"


def of_error_value(sent: Any, asking: str, user: str, calls: Calls) -> str:
    """Return the details of the cell that holds an error value; empty where the argument is none.

    Parameters
    ----------
    sent
        The argument. The task pane's script adds the address of its cell to an error value, where Excel tells it.
    asking
        The cell that asks, such as ``[plan.xlsx]Plan!B2``; a cell without a workbook is of the same one.
    user
        Who asks.
    calls
        What is remembered.
    """
    content = held(given_of(sent))
    shown = content[0][0] if isinstance(content, list) else content
    if shown not in ERRORS:
        return ""
    if shown != NO_VALUE:
        return f"{shown} is an error of Excel's own; what invopt refuses shows as {NO_VALUE}"
    cell = _full(str(sent.get("cell") or ""), asking) if isinstance(sent, Mapping) else ""
    found = calls.refused(user, cell)
    return told(found) if found else f"{_nothing(cell)}; {_latest(calls.errors(user))}"


def _full(cell: str, asking: str) -> str:
    return cell if not cell or cell.startswith("[") else asking[: asking.find("]") + 1] + cell


def _nothing(cell: str) -> str:
    if not cell:
        return f"{NO_VALUE} does not say which refusal it is"
    return f"no refusal of {cell} is remembered: its error is Excel's own, of a cell it refers to, or too old"


def _latest(errors: list[Call]) -> str:
    return f"the latest error is: {told(errors[0])}" if errors else "no other refusal is remembered"


def told(call: Call) -> str:
    """Return all that is known of a call that was refused, in a line."""
    place = f" in {call.cell}" if call.cell else ""
    given = f" Given: {call.given}." if call.given else ""
    return f"{call.function}{place} at {call.when}: {call.line.removeprefix(MARK)}.{given}"
