"""One call from a worksheet: arguments go to the function service, and rows of cells come back, whatever happens."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from invopt_xl.hosts.excel.values import arguments_of, rows_for_excel
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Function
from invopt_xl.sheet.cells import MARK, Given

_log = logging.getLogger(__name__)

Rows = list[list[float | str | bool]]


class Service(Protocol):
    """Answers calls; it never raises."""

    def call(self, name: str, given: Sequence[Given], wait: float | None = None) -> dict[str, Any]:
        """Return the answer, pending where it takes longer than so many seconds."""


class Waiting(Protocol):
    """How long one burst of recalculation may wait, in seconds."""

    def allowance(self) -> float:
        """Return what is left of it."""

    def spent(self, seconds: float) -> None:
        """Take from it."""


@dataclass(frozen=True)
class Worksheet:
    """The worksheets' side of the function service.

    Parameters
    ----------
    service
        Answers calls.
    patience
        How long cells of one recalculation may hold Excel up together.
    """

    service: Service
    patience: Waiting

    def rows(self, function: Function, values: Sequence[Any]) -> Rows:
        """Return what the cells of a call show; never an exception.

        Parameters
        ----------
        function
            What is called.
        values
            Its arguments as COM hands them over.
        """
        try:
            given = arguments_of(_arguments(function, values), values)
            answer = self._answer(function.name, given)
            return (
                [[being_computed(function.name, answer)]] if answer.get("pending") else rows_for_excel(answer["cells"])
            )
        except Exception as error:  # noqa: BLE001 - Excel would show a traceback in the cell
            _log.exception("%s failed", function.name)
            return [[f"{MARK}{function.name} failed: the program stumbled ({type(error).__name__}); see invopt doctor"]]

    def _answer(self, name: str, given: Sequence[Given]) -> dict[str, Any]:
        begin = time.monotonic()
        try:
            return self.service.call(name, given, wait=self.patience.allowance())
        finally:
            self.patience.spent(time.monotonic() - begin)


def _arguments(function: Function, values: Sequence[Any]) -> list[Argument]:
    """Return the declaration of each value; the last one is that of all the rest."""
    arguments = list(function.arguments)
    return arguments + arguments[-1:] * (len(values) - len(arguments))


def being_computed(name: str, answer: dict[str, Any]) -> str:
    """Return what a cell shows until its result is there.

    Examples
    --------
    >>> being_computed("FORECAST", {"pending": True, "stage": "Forecasting", "done": 12, "steps": 500})
    '#INVOPT! FORECAST is being computed (forecasting, 12 of 500); press Ctrl+Alt+F9 to see it'
    """
    steps, stage = int(answer.get("steps") or 0), str(answer.get("stage") or "")
    news = [stage[:1].lower() + stage[1:]] if stage else []
    news += [f"{int(answer.get('done') or 0)} of {steps}"] if steps else []
    progress = f" ({', '.join(news)})" if news else ""
    return f"{MARK}{name} is being computed{progress}; press Ctrl+Alt+F9 to see it"
