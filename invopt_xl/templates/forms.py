"""How formulas with cell functions are written for each host: their names, and how a result of many cells is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from invopt_xl.errors import InputError

HostName = Literal["excel", "web", "calc"]


_IN_CALC = "; in LibreOffice:  invopt calc install"


@dataclass(frozen=True)
class Form:
    """What formulas look like in the files of one host.

    Parameters
    ----------
    host
        Its name at the command line.
    title
        What it is, in words.
    prefix
        Before a function's name in the file; in Excel on the web a formula bar shows ``INVOPT.`` instead.
    shown
        Before a function's name where a person types it.
    spills
        Whether an array formula stands in one cell and fills those below it, or covers all of them from the start.
    suffix
        Of its workbooks; only those for Excel for Windows carry the functions themselves.
    refresh
        How a plan is refreshed there, in words.
    macro
        What a button on the Cover calls to refresh; empty where there is none.
    cure
        What to do where cells show errors because the functions are not there, in words.
    """

    host: HostName
    title: str
    prefix: str
    shown: str
    spills: bool
    suffix: str
    refresh: str = "Save and close, then run:  invopt refresh BOOK"
    macro: str = ""
    cure: str = ""

    def call(self, function: str, arguments: Sequence[str]) -> str:
        """Return a formula that calls a cell function.

        Examples
        --------
        >>> FORMS["web"].call("EOQ", ["A1", "50", "3"])
        '=_xldudf_INVOPT_EOQ(A1,50,3)'
        """
        return f"={self.prefix}{function}({','.join(arguments)})"


FORMS: dict[str, Form] = {
    form.host: form
    for form in (
        Form(
            *("excel", "Excel for Windows", "INVOPT_", "INVOPT_", True, ".xlsm"),
            "Press Refresh, above the checks; or save, close, and run:  invopt refresh BOOK",
            "InvoptRefresh",
            cure="run  invopt excel install , open this book again, Enable Content, press Ctrl+Alt+F9" + _IN_CALC,
        ),
        Form(
            *("web", "Excel on the web and on a Mac", "_xldudf_INVOPT_", "INVOPT.", True, ".xlsx"),
            cure="run  invopt web , upload its manifest as an add-in, open this book again" + _IN_CALC,
        ),
        Form(
            *("calc", "LibreOffice Calc", "INVOPT.", "INVOPT_", False, ".xlsx"),
            cure="run  invopt calc install , open this book again, press Ctrl+Shift+F9",
        ),
    )
}
"""By the host's name."""


def form_of(host: str) -> Form:
    """Return the form of a host.

    Raises
    ------
    InputError
        If there is no such host.
    """
    if host not in FORMS:
        raise InputError(f"host is {host}; expected {', '.join(FORMS)}")
    return FORMS[host]
