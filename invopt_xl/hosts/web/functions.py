"""The custom functions of Office.js, made from the catalogue: fresh wrappers, for xlwings keeps its notes on them."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterable
from inspect import Parameter, Signature
from types import ModuleType
from typing import Any

from invopt_xl.hosts.web.desk import Desk, RefusedError, Rows
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Function

LIVE = ".LIVE"
"""After the name of a heavy function: the same, with its progress in the cell."""

Wrapper = Callable[..., Any]


def module_of(functions: Iterable[Function], desk: Desk, user: type, live: bool = True) -> ModuleType:
    """Return the package ``custom_functions`` that xlwings Server looks for.

    Parameters
    ----------
    functions
        From the catalogue.
    desk
        Answers their calls.
    user
        xlwings' type of the current user; a parameter of this type is filled by the server and hidden from Excel.
    live
        Whether heavy functions have a form that shows its progress; xlwings sends what it shows to all who are
        connected, so it is for one user alone.
    """
    module = ModuleType("custom_functions")
    for function in functions:
        for wrapper in _wrappers(function, desk, user, live):
            setattr(module, wrapper.__name__, wrapper)
    module.__getattr__ = _unknown  # type: ignore[method-assign]
    return module


def _unknown(name: str) -> None:
    """Say in a line that a function is not there: workbooks may be made with a newer version than the server is."""
    from xlwings import XlwingsError

    if name.startswith("_"):
        raise AttributeError(name)

    class UnknownFunctionError(XlwingsError, AttributeError):
        """A function is asked for that this version does not have."""

    raise UnknownFunctionError(f"this server has no function {name[:40]}; a newer version of invopt_xl may have it")


def identity(function: Function, suffix: str = "") -> str:
    """Return the name by which Excel and the server tell a custom function; it never changes."""
    return f"INVOPT_{function.name}{suffix}".replace(".", "_")


def _wrappers(function: Function, desk: Desk, user: type, live: bool) -> Iterable[Wrapper]:
    from xlwings import XlwingsError

    async def answered(*sent: Any, asker: Any = None) -> Rows:
        try:
            return await desk.answer(function, sent, _id(asker))
        except RefusedError as error:
            # Excel shows #VALUE! with the line; xlwings' script would ask three times after any other exception.
            raise XlwingsError(str(error)) from None

    # What is asked about the state of things is asked each time; all else depends on its arguments alone.
    yield _declared(answered, function, user, cache=function.cost != "live")
    if live and function.cost == "heavy":

        async def streamed(*sent: Any, asker: Any = None) -> AsyncIterator[Rows]:
            async for rows in desk.stream(function, sent, _id(asker)):
                yield rows

        yield _declared(streamed, function, user, suffix=LIVE)


def _id(asker: Any) -> str:
    return str(getattr(asker, "id", "") or "")


def _declared(wrapper: Wrapper, function: Function, user: type, suffix: str = "", cache: bool = False) -> Wrapper:
    """Return the wrapper with the name, signature and help that Excel shows."""
    from xlwings.server import arg, func

    wrapper.__name__ = identity(function, suffix)
    wrapper.__doc__ = f"{function.help}{' Shows its progress in the cell.' if suffix else ''}"
    wrapper.__annotations__ = {"asker": user}
    wrapper.__signature__ = _signature(function.arguments)  # type: ignore[attr-defined]
    for argument in function.arguments:
        # Cells are read by the core, alike for every host; xlwings would read error cells as empty.
        arg(argument.name, "raw", doc=argument.described)(wrapper)
    declared: Wrapper = func(name=function.name + suffix, cache=cache)(wrapper)
    return declared


def _signature(arguments: Iterable[Argument]) -> Signature:
    parameters = [
        Parameter(each.name, Parameter.VAR_POSITIONAL)
        if each.takes == "rest"
        else Parameter(
            each.name, Parameter.POSITIONAL_OR_KEYWORD, default=inspect.Parameter.empty if each.required else None
        )
        for each in arguments
    ]
    return Signature([*parameters, Parameter("asker", Parameter.KEYWORD_ONLY, default=None)])
