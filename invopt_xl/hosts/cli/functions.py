"""``invopt functions``: the catalogue of cell functions on a console."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from invopt_xl.errors import InvoptError
from invopt_xl.sheet.calling import named
from invopt_xl.sheet.catalogue import Function, catalogue
from invopt_xl.sheet.examples import example_of
from invopt_xl.sheet.listing import PREFIX


def known(names: list[str] | None) -> list[str]:
    """Return names as the catalogue has them; a formula's sign before one does not matter.

    Raises
    ------
    InvoptError
        If there is no such function.
    """
    try:
        return [named(each.lstrip("=")).name for each in names or ()]
    except InvoptError as error:
        raise InvoptError(str(error).replace("INVOPT_HELP() lists them", "invopt functions lists them")) from None


def catalogue_parts(names: list[str] | None) -> Iterator[RenderableType]:
    """Yield what a person sees: the list of all functions, or all about those that are named.

    Raises
    ------
    InputError
        If there is no such function.
    """
    if names:
        for name in names:
            yield from _about(named(name))
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold underline")
    for title in ("function", "returns"):
        table.add_column(title, no_wrap=title == "function")
    category = ""
    for function in catalogue().values():
        if function.category != category:
            category = function.category
            table.add_row(Text(f"\n{category}" if table.row_count else category, style="bold"), "")
        table.add_row(PREFIX + function.name, Text(function.help))
    yield table
    yield Text("\ninvopt functions NAME tells the arguments of one.", style="dim")


def _about(function: Function) -> Iterator[RenderableType]:
    yield Text(PREFIX + function.signature, style="bold")
    yield Text(" ".join((function.help, function.notes)).strip())
    table = Table(box=None, padding=(0, 2, 0, 2), header_style="underline")
    for title in ("argument", "meaning", "expected"):
        table.add_column(title, no_wrap=title == "argument")
    for argument in function.arguments:
        table.add_row(argument.name, Text(argument.described), Text(argument.expectation))
    if function.arguments:
        yield table
    yield Text(f"Returns {function.result.help}.")
    if function.result.fields:
        yield Text(f"In this order: {', '.join(function.result.fields)}.")
    yield Text(f"Example: ={example_of(function).formula(PREFIX + function.name)}\n")
