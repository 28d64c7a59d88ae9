"""One call of a cell function: arguments as a host's cells hold them in, rows of cells out, never an exception."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any

import numpy as np

from invopt_xl.errors import InvoptError
from invopt_xl.sheet.answers import Answer, cell_of, marked
from invopt_xl.sheet.arguments import Argument, plain
from invopt_xl.sheet.catalogue import Function, catalogue
from invopt_xl.sheet.cells import Given
from invopt_xl.sheet.items import Items, Outcome
from invopt_xl.sheet.plain import plain_answer
from invopt_xl.sheet.reading import (
    Each,
    HandedOnError,
    Series,
    read_each,
    read_list,
    read_one,
    read_series,
    read_table,
)
from invopt_xl.sheet.run import Run


def calculate(name: str, given: Sequence[Given], run: Run | None = None) -> Answer:
    """Return what a cell function returns for arguments as a host's cells hold them.

    Parameters
    ----------
    name
        In the catalogue, without a host's prefix; upper or lower case.
    given
        An argument each: None where it is omitted, a value, or the rows of a range.
    run
        Progress, cache and the like.

    Examples
    --------
    >>> calculate("EOQ", [[[1200], [4800]], 50, 3]).cells
    [[200.0], [400.0]]
    >>> calculate("EOQ", [1200, 50, -3]).cells
    [['#INVOPT! holding cost is -3; expected a number above 0']]
    """
    try:
        return answer(named(name), given, run or Run())
    except InvoptError as error:
        return Answer.refusal(str(error))
    except Exception as error:  # noqa: BLE001 - a host must never see one; the trace goes to the log
        return Answer.refusal(_stumbled(name, error), traceback.format_exc())


def _stumbled(name: str, error: Exception) -> str:
    kind = "memory ran out" if isinstance(error, MemoryError) else f"the program stumbled ({type(error).__name__})"
    return f"{name.upper()} failed: {kind}; INVOPT_LAST_ERROR() has the details"


def named(name: str) -> Function:
    """Return a cell function by its name, with or without a host's prefix.

    Raises
    ------
    InvoptError
        If there is none; the message names one that is spelt alike.
    """
    wanted = plain(name).upper().removeprefix("INVOPT.").replace(" ", "_").removeprefix("INVOPT_")
    function = catalogue().get(wanted)
    if function is None:
        from difflib import get_close_matches

        near = get_close_matches(wanted, catalogue(), n=1)
        hint = f"did you mean {near[0]}?" if near else "INVOPT_HELP() lists them"
        raise InvoptError(f"there is no function {wanted[:40]}; {hint}")
    return function


def answer(function: Function, given: Sequence[Given], run: Run) -> Answer:
    """Return what a cell function returns.

    Raises
    ------
    InvoptError
        If nothing can be computed.
    """
    with np.errstate(all="ignore"):  # what is no finite number in the end is shown as #N/A
        if (plain := plain_answer(function, given)) is not None:
            return plain
        bound = bind(function, given)
        extra = {"run": run} if function.needs_run else {}
        if not any(isinstance(value, Each | Series) for value in bound.values()):
            return _whole(function, function.compute(**extra, **bound))
        items = Items.of(function, bound)
        outcome = items.outcome(lambda arguments: function.compute(**extra, **arguments))
    return _placed(items, outcome)


def bind(function: Function, given: Sequence[Given]) -> dict[str, Any]:
    """Return the arguments by name, read as each of them expects.

    Raises
    ------
    InputError
        If there are too many, or one of them is of no use.
    """
    arguments = function.arguments
    rest = arguments[-1] if arguments and arguments[-1].takes == "rest" else None
    fixed = arguments[:-1] if rest else arguments
    values = list(given)
    while values and values[-1] is None and not rest:
        values.pop()
    if len(values) > len(fixed) and rest is None:
        raise InvoptError(f"{function.name} takes at most {len(fixed)} arguments; {len(values)} are given")
    values += [None] * (len(fixed) - len(values))
    by_rows = _by_rows(fixed, values)
    try:
        bound = {each.name: _read(each, value, by_rows) for each, value in zip(fixed, values, strict=False)}
    except HandedOnError as error:
        raise InvoptError(str(error)) from None
    if rest is not None:
        bound[rest.name] = values[len(fixed) :]
    return bound


def _by_rows(arguments: Sequence[Argument], values: Sequence[Given]) -> bool:
    """Return whether items are said to stand in rows."""
    for argument, value in zip(arguments, values, strict=False):
        if argument.name == "items_in":
            return read_one(argument, value) == "rows"
    return False


def _read(argument: Argument, value: Given, by_rows: bool) -> Any:
    if argument.takes == "each":
        return read_each(argument, value)
    if argument.takes == "one":
        return read_one(argument, value)
    if argument.takes == "series":
        return read_series(argument, value, by_rows)
    if argument.takes == "list":
        return read_list(argument, value)
    return read_table(argument, value) if argument.takes == "table" else value


def _whole(function: Function, result: Any) -> Answer:
    """Return the answer of a function that knows no items."""
    if isinstance(result, Answer):
        return result
    if function.result.shape == "table":
        rows = [list(result.columns), *result.itertuples(index=False, name=None)]
        return Answer([[cell_of(cell) for cell in row] for row in rows])
    return Answer([[cell_of(result)]])


def _placed(items: Items, outcome: Outcome) -> Answer:
    cells, faults = items.placed(outcome)
    if outcome.computed == 0 and len(set(outcome.faults.values())) == 1 and len(outcome.faults) == items.count:
        return Answer.refusal(next(iter(outcome.faults.values())))
    return Answer(cells, tuple(marked(fault) for fault in faults))
