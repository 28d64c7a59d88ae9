"""Why a function returned what it did: its own sentence, and what was taken where nothing was given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from invopt_xl.errors import InvoptError
from invopt_xl.sheet.answers import Answer
from invopt_xl.sheet.calling import answer, named
from invopt_xl.sheet.catalogue import Function, Result
from invopt_xl.sheet.cells import Given, held
from invopt_xl.sheet.run import Run


def explanation(name: str, given: Sequence[Given], run: Run) -> Answer:
    """Return a sentence for each item of a call, laid out like the items.

    Parameters
    ----------
    name
        Of the function to explain.
    given
        Its arguments.
    run
        Surroundings.

    Raises
    ------
    InvoptError
        If there is no such function, or its arguments are of no use.

    Examples
    --------
    >>> print(explanation("VERSION", [], Run()).cells[0][0])
    Version of invopt_xl, such as 0.1.0.
    """
    function = named(name)
    if function.because is None:
        return Answer([[f"{function.help} {function.notes}".strip()]])
    taken = _taken(function, given)
    return answer(_explaining(function, function.because, taken), given, run)


def _explaining(function: Function, because: Callable[..., list[str]], taken: str) -> Function:
    """Return the function that answers with reasons instead of results."""
    compute = function.compute

    def reasons(run: Run, **arguments: Any) -> Any:
        results = compute(**({"run": run} if function.needs_run else {}), **arguments)
        if function.result.shape == "table":
            return f"{because(results, **arguments)[0]} {taken}".strip()
        good = [item for item, result in enumerate(results) if not isinstance(result, InvoptError)]
        if len(good) < len(results):
            arguments = {name: _chosen(function, name, value, good) for name, value in arguments.items()}
        told = iter(because([results[item] for item in good], **arguments) if good else ())
        return [result if isinstance(result, InvoptError) else f"{next(told)} {taken}".strip() for result in results]

    shape: Any = "one" if function.result.shape in ("table", "one") else "each"
    return replace(function, compute=reasons, result=Result(shape, "why"), needs_run=True)


def _chosen(function: Function, name: str, value: Any, items: Sequence[int]) -> Any:
    """Return the argument of some items; one that is not about items as it is."""
    if value is None or function.argument(name).takes not in ("each", "series"):
        return value
    return value[list(items)] if isinstance(value, np.ndarray) else [value[item] for item in items]


def _taken(function: Function, given: Sequence[Given]) -> str:
    """Return the defaults that counted, and the zeros that may be empty cells, as sentences."""
    cells = [held(each) for each in given] + [None] * len(function.arguments)
    told = list(zip(function.arguments, cells, strict=False))
    usual = [f"{argument.words} {argument.usual}" for argument, cell in told if argument.usual and argument.omits(cell)]
    unused = [argument.words for argument, cell in told if not argument.usual and cell == 0 and argument.omits(cell)]
    zeros = [argument.words for argument, cell in told if argument.required and cell == 0 and argument.kind == "number"]
    sentences = (
        ("Not given (empty, 0 or left out), so usual: {}.", usual),
        ("0 counts as not given: {}.", unused),
        ("0 is taken for {}; an empty cell counts as 0 in LibreOffice Calc.", zeros),
    )
    return " ".join(words.format(", ".join(found)) for words, found in sentences if found)
