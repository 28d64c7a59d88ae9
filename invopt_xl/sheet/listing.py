"""The catalogue as text: for the console, the README, and programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from invopt_xl.sheet.calling import named
from invopt_xl.sheet.catalogue import Function, catalogue
from invopt_xl.sheet.examples import example_of

if TYPE_CHECKING:
    from invopt_xl.workbook.template import ReferenceSheet

PREFIX = "INVOPT_"
"""Before a name in Excel for Windows and Calc; Excel on the web and Mac has a dot instead."""


def functions_as_data(names: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return the catalogue, or what is named of it, as plain values, for JSON.

    Raises
    ------
    InvoptError
        If there is no such function.
    """
    return [_as_data(function) for function in (map(named, names) if names else catalogue().values())]


def _as_data(function: Function) -> dict[str, Any]:
    return {
        "name": function.name,
        "category": function.category,
        "help": function.help,
        "notes": function.notes,
        "cost": function.cost,
        "example": example_of(function).formula(PREFIX + function.name),
        "result": {
            "shape": function.result.shape,
            "help": function.result.help,
            "fields": list(function.result.fields),
        },
        "arguments": [
            {
                "name": argument.name,
                "help": argument.help,
                "takes": argument.takes,
                "kind": argument.kind,
                "unit": argument.unit,
                "required": argument.required,
                "default": None if argument.required else argument.default,
                "expected": argument.expectation,
            }
            for argument in function.arguments
        ],
    }


def functions_as_markdown() -> str:
    """Return the catalogue as tables of Markdown, one for each category."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    category = ""
    for function in catalogue().values():
        if function.category != category:
            if category:
                yield ""
            category = function.category
            yield f"| {category} | returns |"
            yield "|---|---|"
        names = [each.name if each.required else f"*{each.name}*" for each in function.arguments]
        yield f"| `{function.name}` ({', '.join(names)}) | {_escaped(function.help)} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def functions_sheet(prefix: str = PREFIX) -> ReferenceSheet:
    """Return the sheet *Functions* of a template: what each returns, its arguments, and an example to type.

    Parameters
    ----------
    prefix
        Before a name where the workbook is used.
    """
    import pandas as pd

    from invopt_xl.workbook.template import ReferenceSheet

    rows = [
        {
            "function": prefix + function.name,
            "category": function.category,
            "returns": function.help,
            "arguments": "\n".join(f"{each.name}: {each.described}" for each in function.arguments),
            "example": example_of(function).formula(prefix + function.name),
        }
        for function in catalogue().values()
    ]
    return ReferenceSheet(
        "Functions",
        "tblFunctions",
        f"Cell functions of invopt_xl. In {_elsewhere(prefix)}",
        pd.DataFrame(rows),
        {"function": 34, "category": 11, "returns": 46, "arguments": 90, "example": 60},
    )


def _elsewhere(prefix: str) -> str:
    if prefix == PREFIX:
        return "Excel on the web and on a Mac the name begins with INVOPT. instead of INVOPT_"
    return "Excel for Windows and in LibreOffice Calc the name begins with INVOPT_ instead of INVOPT."
