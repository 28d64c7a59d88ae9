"""Why a function returned what it did: its own sentence, and what was taken where nothing was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

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
    return answer(_explaining(function, taken), given, run)


def _explaining(function: Function, taken: str) -> Function:
    """Return the function that answers with reasons instead of results."""
    because, compute = function.because or _nothing, function.compute

    def reasons(run: Run, **arguments: Any) -> Any:
        results = compute(**({"run": run} if function.needs_run else {}), **arguments)
        table = function.result.shape == "table"
        for result in () if table else results:
            if isinstance(result, InvoptError):
                raise result  # the items are tried in halves, until it concerns this one alone
        sentences = [f"{sentence} {taken}".strip() for sentence in because(results, **arguments)]
        return sentences[0] if table else sentences

    shape: Any = "one" if function.result.shape in ("table", "one") else "each"
    return replace(function, compute=reasons, result=Result(shape, "why"), needs_run=True)


def _nothing(results: Any, **_: Any) -> list[str]:
    return [""] * len(results)


def _taken(function: Function, given: Sequence[Given]) -> str:
    """Return the defaults that counted, as a sentence."""
    usual = [
        f"{argument.words} {argument.usual}"
        for place, argument in enumerate(function.arguments)
        if argument.usual and (place >= len(given) or held(given[place]) is None)
    ]
    return f"Not given, so usual: {', '.join(usual)}." if usual else ""
