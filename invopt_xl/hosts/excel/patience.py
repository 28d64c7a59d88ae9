"""Asking a program that may be busy: while somebody edits a cell or a dialog is open, Excel takes no calls."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from invopt_xl.errors import InvoptError

BUSY = frozenset({-2147418111, -2147417846, -2146777998})
"""RPC_E_CALL_REJECTED, RPC_E_SERVERCALL_RETRYLATER, and 0x800AC472, by which Excel says that a cell is being edited."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Patience:
    """How long a busy Excel is asked again.

    Parameters
    ----------
    seconds
        After which it is given up.
    pause
        Seconds between two questions.
    sleep, clock
        Wait so many seconds; tell the time in seconds.
    """

    seconds: float = 120.0
    pause: float = 0.25
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def ask(self, do: Callable[[], Answer]) -> Answer:
        """Return what is done, which must do no harm when it is done twice.

        Raises
        ------
        InvoptError
            If Excel stays busy.
        """
        end = self.clock() + self.seconds
        while True:
            try:
                return do()
            except Exception as error:
                if not is_busy(error):
                    raise
                if self.clock() >= end:
                    raise InvoptError(
                        "Excel takes no calls; leave the cell that is being edited and close its dialogs, then refresh"
                    ) from error
                self.sleep(self.pause)


def is_busy(error: Exception) -> bool:
    """Tell whether an error is Excel's way to say that it is busy; those of COM hold their code, at times a second one.

    Examples
    --------
    >>> is_busy(Exception(-2147418111, "Call was rejected by callee.", None, None)), is_busy(ValueError("no"))
    (True, False)
    >>> is_busy(Exception(-2147352567, "Exception occurred.", (0, None, None, None, 0, -2146777998), None))
    True
    """
    if type(error).__name__ == "ExcelBusyError":
        return True
    codes = [getattr(error, "hresult", None), *error.args[:1]]
    if len(error.args) > 2 and isinstance(error.args[2], tuple):
        codes.append(error.args[2][-1])
    return any(isinstance(code, int) and code in BUSY for code in codes)
