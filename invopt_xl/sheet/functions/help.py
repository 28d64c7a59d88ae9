"""What functions are there, why a result is what it is, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from invopt_xl.errors import InvoptError
from invopt_xl.sheet.answers import Answer
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Result, cell_function
from invopt_xl.sheet.cells import ERRORS, MARK, Given, held
from invopt_xl.sheet.run import Fault, Run

if TYPE_CHECKING:
    import pandas as pd

MOST_ALIKE = 5
"""Further calls refused with the same line that are told."""


@cell_function(
    "Help",
    Argument("function", "Name of a function, such as EOQ.", takes="one", kind="text", example="EOQ"),
    Argument("arguments", "The arguments of that function, as it has them.", takes="rest", default=None),
    result=Result("one", "a sentence for each item, laid out like the items"),
    cost="heavy",  # at most: it costs what the function it explains does
    example=("EOQ", 1200, 50, 3),
)
def explain(run: Run, function: str, arguments: Sequence[Given]) -> Answer:
    """Why a function returns what it does for these arguments: what the result is made of, and the defaults it took.

    Put the name of the function first, and then the same arguments: EXPLAIN("EOQ", A2, B2, C2).
    """
    from invopt_xl.sheet.explaining import explanation

    return explanation(function, arguments, run)


@cell_function(
    "Help",
    Argument("function", "Name of a function; all are listed if omitted.", takes="one", kind="text", default=None),
    result=Result("table", "the functions with what they return, or the arguments of one"),
    cost="cheap",
    example=("EOQ",),
)
def help(function: str | None) -> pd.DataFrame:
    """Help in cells: the list of all functions, or the arguments of one."""
    import pandas as pd

    from invopt_xl.sheet.calling import named
    from invopt_xl.sheet.catalogue import catalogue

    if function is None:
        listed = [(each.name, each.category, each.help) for each in catalogue().values()]
        return pd.DataFrame(listed, columns=["function", "category", "returns"])
    found = named(function)
    arguments = [
        (each.name, each.described, "required" if each.required else each.usual or "optional")
        for each in found.arguments
    ]
    rows = [(found.name, found.help, "returns"), *arguments]
    return pd.DataFrame(rows, columns=["argument", "meaning", "if omitted"])


@cell_function(
    "Help",
    Argument("cell", "The cell whose error is in question; the latest one if omitted.", takes="cell", default=None),
    result=Result("one", "what was refused, with which arguments, when and why"),
    cost="live",
    example=(),
)
def last_error(run: Run, cell: Given) -> str:
    """Details of an error: the function, its arguments, the time, and where the program stumbled if it did.

    A cell does not say which formula it has: of several calls that were refused with the same line each is told.
    """
    faults = run.faults()
    content = held(cell)
    shown = str(content[0][0] if isinstance(content, list) else content)
    if content is None or shown in ERRORS:
        # A true error value does not say which error it is; Excel on the web shows #VALUE! for all of them.
        return _told(faults[0]) if faults else "no error so far"
    if not shown.startswith(MARK):
        raise InvoptError(f"cell is {shown[:40]}; expected one that shows an error, beginning with {MARK.strip()}")
    found = {
        (each.function, each.arguments): each for each in reversed(faults) if shown in (each.message, *each.further)
    }
    if not found:
        return f"{shown.removeprefix(MARK)} (no longer remembered)"
    latest, *before = reversed(found.values())
    others = "; ".join(f"{each.function} at {each.when}, given {each.arguments}" for each in before[:MOST_ALIKE])
    return _told(replace(latest, message=shown)) + (f" The same line was shown by {others}." if others else "")


def _told(fault: Fault) -> str:
    where = f" Where it happened: {' '.join(fault.trace.split())}" if fault.trace else ""
    line = fault.message.removeprefix(MARK)
    end = "" if line.endswith(("?", ".")) else "."
    return f"{fault.function} at {fault.when}: {line}{end} Given: {fault.arguments}.{where}"


@cell_function("Help", result=Result("one", "the version of invopt_xl"), cost="cheap", example=())
def version() -> str:
    """Version of invopt_xl, such as 0.1.0."""
    from importlib.metadata import version as installed

    return installed("invopt_xl")
