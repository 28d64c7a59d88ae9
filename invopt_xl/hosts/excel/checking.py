"""The one test that needs Excel: every function's example, calculated by it and compared with what Python computes."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invopt_xl.errors import InvoptError
from invopt_xl.hosts.excel.binding import worksheet_name
from invopt_xl.hosts.excel.example_book import EXAMPLES, Placed, build_example_book
from invopt_xl.hosts.excel.values import cell_of
from invopt_xl.sheet.cells import MARK, Cell, is_error, shown

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

TOLERANCE = 1e-9
"""Excel keeps 15 digits."""

_PAUSE = 0.5
_RUN_AUTO_OPEN = 1


@dataclass(frozen=True)
class Checked:
    """What became of one function's example.

    Parameters
    ----------
    name
        As a formula has it.
    alike
        Whether Excel shows what Python computes.
    seen
        What Excel shows first, or where it differs.
    expected
        The same as Python computes it.
    """

    name: str
    alike: bool
    seen: str
    expected: str


@dataclass(frozen=True)
class Check:
    """What became of all of them.

    Parameters
    ----------
    excel
        The version of Excel.
    checked
        Function by function.
    """

    excel: str
    checked: tuple[Checked, ...]

    @property
    def wrong(self) -> int:
        """How many differ."""
        return sum(not each.alike for each in self.checked)

    @property
    def advice(self) -> str:
        """What to do, where all of them fail alike; empty where there is nothing to say."""
        if self.wrong and all(each.seen == "#NAME?" for each in self.checked):
            return (
                "Excel does not know the functions: macros are disabled (see invopt doctor), or it did not take those "
                "of the workbook; then use the files that invopt excel vba writes"
            )
        if any("Could not load" in each.seen or "Could not activate" in each.seen for each in self.checked):
            return "Excel does not find Python: run invopt excel install, then invopt doctor"
        return ""


def check_in_excel(seconds: float) -> Check:
    """Return what Excel makes of every function's example.

    Parameters
    ----------
    seconds
        How long it may calculate.

    Raises
    ------
    InvoptError
        If there is no Excel, or it does not open the workbook.
    """
    from invopt_xl.hosts.excel.configuration import WINDOWS

    if not WINDOWS:
        raise InvoptError("this check opens Excel, which is there on Windows alone")
    import xlwings

    return checked_by(lambda: xlwings.App(visible=False, add_book=False), seconds)


def checked_by(start: Callable[[], Any], seconds: float, clock: Callable[[], float] = time.monotonic) -> Check:
    """Do so with an Excel that is started as told.

    Parameters
    ----------
    start
        Returns an `xlwings.App`.
    seconds
        How long it may calculate.
    clock
        Returns the time in seconds.
    """
    with tempfile.TemporaryDirectory(prefix="invopt_", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "check.xlsm"
        placed = build_example_book(path)
        application = _tried("Excel cannot be started", start)
        try:
            application.display_alerts = False
            book = _tried("Excel does not open the workbook", lambda: application.books.open(str(path)))
            try:
                # Macros of a workbook that a program opens do not start by themselves.
                book.api.RunAutoMacros(_RUN_AUTO_OPEN)
                sheet = book.sheets[EXAMPLES]
                _calculate(application, sheet, placed, clock() + seconds, clock)
                checked = tuple(_checked(each, _seen(sheet, each)) for each in placed)
                return Check(str(application.version), checked)
            finally:
                book.close()
        finally:
            application.quit()


def _tried(fault: str, do: Callable[[], Any]) -> Any:
    """Return what is done by a program that has errors of its own.

    Raises
    ------
    InvoptError
        If it fails, in one line.
    """
    try:
        return do()
    except Exception as error:
        raise InvoptError(f"{fault} ({' '.join(str(error).split())}); see invopt doctor") from error


def _calculate(application: Any, sheet: Any, placed: Sequence[Placed], end: float, clock: Callable[[], float]) -> None:
    """Have Excel calculate until nothing is being computed any more."""
    while True:
        application.api.CalculateFull()
        if clock() > end or not any(_is_pending(_seen(sheet, each)[0][0]) for each in placed):
            return
        time.sleep(_PAUSE)


def _is_pending(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.startswith(MARK) and " is being computed" in cell


def _seen(sheet: Any, placed: Placed) -> list[list[Cell]]:
    """Return what Excel shows where an example stands."""
    height, width = len(placed.shown), len(placed.shown[0])
    first = (placed.row + 1, placed.column + 1)
    values = sheet.range(first, (first[0] + height - 1, first[1] + width - 1)).options("raw").value
    rows = values if isinstance(values, list | tuple) else ((values,),)
    return [[cell_of(cell) for cell in row] for row in rows]


def _checked(placed: Placed, seen: list[list[Cell]]) -> Checked:
    name = worksheet_name(placed.function)
    pairs = [pair for lines in zip(seen, placed.shown, strict=True) for pair in zip(*lines, strict=True)]
    if placed.function.cost == "live":
        # What it says is about the moment; that it is no error is what can be compared.
        return Checked(name, not is_error(seen[0][0]), shown(seen[0][0]), "any")
    first, expected = next((pair for pair in pairs if not _alike(*pair)), pairs[0])
    return Checked(
        name, all(_alike(*pair) for pair in pairs), shown(first), shown(None if expected == "" else expected)
    )


def _alike(seen: Cell, expected: Cell) -> bool:
    if isinstance(seen, bool) or isinstance(expected, bool) or not isinstance(expected, int | float):
        return (seen or "") == (expected or "")
    return isinstance(seen, int | float) and math.isclose(seen, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def check_frame(check: Check) -> pd.DataFrame:
    """Return the result as a table, a row for each function."""
    import pandas as pd

    rows = [(each.name, "as expected" if each.alike else "DIFFERS", each.seen, each.expected) for each in check.checked]
    return pd.DataFrame(rows, columns=["function", "result", "Excel", "Python"])


def check_table(check: Check) -> Table:
    """Return the result as a person sees it."""
    from invopt_xl.hosts.cli.show import plain_table

    count = len(check.checked)
    title = f"Excel {check.excel} and Python agree on {count - check.wrong} of {count} functions"
    return plain_table(title, check_frame(check))
