"""What becomes of one call: it is noted, asked, and its answer made rows, or one error for Excel to show."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from invopt_xl.errors import InvoptError
from invopt_xl.hosts.web import refusals
from invopt_xl.hosts.web.asking import Answer, Asking
from invopt_xl.hosts.web.calls import Call, Calls, progress_in_words
from invopt_xl.hosts.web.wire import given_of
from invopt_xl.sheet.catalogue import Function
from invopt_xl.sheet.cells import ERRORS, MARK, Cell, Given, held, shown

WORKING = "Working: "
"""How the text begins that a cell shows while a streaming function is at work."""

_FUNCTION = re.compile(r"\bINVOPT_(?=[A-Z_]+\()")

Rows = list[list[Cell]]

logger = logging.getLogger(__name__)


class RefusedError(InvoptError):
    """A call was refused; the text is the line that Excel shows."""


CELL: ContextVar[str] = ContextVar("cell", default="")
"""The cell that asks, such as ``[plan.xlsx]Plan!B2``; set where its call comes in."""


@dataclass(frozen=True)
class Desk:
    """Where calls of all functions come together.

    Parameters
    ----------
    asking
        Asks the function service.
    calls
        Remembers what was asked.
    """

    asking: Asking
    calls: Calls = field(default_factory=Calls)

    async def answer(self, function: Function, sent: Sequence[Any], user: str) -> Rows:
        """Return the rows of an answer.

        Raises
        ------
        RefusedError
            If the call is refused; its text is the line to show. No other exception leaves.
        """
        with self.calls.under_way(Call(function.name, user, CELL.get())) as call:
            try:
                if function.name == refusals.FUNCTION and (
                    told := refusals.of_error_value(next(iter(sent), None), CELL.get(), user, self.calls)
                ):
                    return [[told]]
                answer: Answer = {}
                async with aclosing(self._answers(call, function, sent)) as answers:  # type: ignore[type-var]
                    async for each in answers:
                        answer = each
                return _rows(answer)
            except RefusedError:
                raise
            except Exception as error:  # noqa: BLE001 - xlwings would ask three times after any but its own error
                raise RefusedError(self._stumbled(call, error)) from None

    async def stream(self, function: Function, sent: Sequence[Any], user: str) -> AsyncIterator[Rows]:
        """Yield what a cell shows meanwhile, and at last the rows of the answer; a refusal is a marked line."""
        with self.calls.under_way(Call(function.name, user)) as call:
            try:
                async with aclosing(self._answers(call, function, sent)) as answers:  # type: ignore[type-var]
                    async for answer in answers:
                        yield [[WORKING + progress_in_words(answer)]] if answer.get("pending") else answer["cells"]
            except Exception as error:  # noqa: BLE001 - xlwings would show its repr
                yield [[MARK + self._stumbled(call, error)]]

    async def _answers(self, call: Call, function: Function, sent: Sequence[Any]) -> AsyncIterator[Answer]:
        """Yield what the service says to a call, and take note of it."""
        given = [given_of(each) for each in sent]
        call.given = in_words(given)
        async with aclosing(self.asking.answers(function, given)) as answers:  # type: ignore[type-var]
            async for answer in answers:
                self.calls.said(call, answer)
                yield answer

    def _stumbled(self, call: Call, error: Exception) -> str:
        kind = type(error).__name__
        line = f"{call.function} failed: the program stumbled ({kind}); the log of invopt web says where"
        logger.exception(line)
        self.calls.said(call, {"faults": [line], "refused": True})
        return line


def _rows(answer: Answer) -> Rows:
    rows: Rows = answer["cells"]
    if not answer.get("refused"):
        return rows
    line = str(next(iter(answer.get("faults", ())), "") or rows[0][0])
    if line in ERRORS:
        return [[line]]
    raise RefusedError(as_named_here(line.removeprefix(MARK)))


def as_named_here(line: str) -> str:
    """Return a line with functions called as Excel on the web calls them.

    Examples
    --------
    >>> as_named_here("there is no function EOX; INVOPT_HELP() lists them")
    'there is no function EOX; INVOPT.HELP() lists them'
    """
    return _FUNCTION.sub("INVOPT.", line)


def in_words(given: Sequence[Given]) -> str:
    """Return arguments as the task pane shows them.

    Examples
    --------
    >>> in_words([1200, None, [[1, 2], [3, 4]], "week", None])
    '1200, , 2 x 2 cells, "week"'
    """
    words: list[str] = []
    for each in given:
        cell = each if isinstance(each, list) and len(each) * len(each[0]) != 1 else held(each)
        if isinstance(cell, list):
            words.append(f"{len(cell)} x {len(cell[0])} cells")
        elif isinstance(cell, str):
            words.append(f'"{shown(cell)}"')
        else:
            words.append("" if cell is None else shown(cell))
    while words and not words[-1]:
        words.pop()
    return ", ".join(words)
