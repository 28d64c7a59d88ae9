"""Refresh of a workbook that is open in Excel: the same plan as that of a file, read from it and written into it.

Nothing is saved, and what the user has not saved counts. Excel stays at hand meanwhile: what the planner types until
the results are written is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from invopt_xl.domain import Progress, Silent
from invopt_xl.errors import InvoptError
from invopt_xl.hosts.cli.running import user_name
from invopt_xl.hosts.excel.open_book import OpenBook, read_open_tables, results_in
from invopt_xl.hosts.excel.open_rewrite import rewrites_of
from invopt_xl.hosts.excel.open_undo import Overwritten
from invopt_xl.hosts.excel.open_writing import write_states
from invopt_xl.plan.accuracy import is_last_forecast_wanted
from invopt_xl.workbook.refresh import plan_book

if TYPE_CHECKING:
    import xlwings

    from invopt_xl.cache import ContentCache
    from invopt_xl.plan.pipeline import PlanResult


class CancelledError(InvoptError):
    """The user cancelled; nothing was written."""


class Cancellable:
    """Progress that ends the work once the user cancels.

    Parameters
    ----------
    progress
        Told of stages and steps.
    cancelled
        Whether the user has cancelled; asked at each stage and step.
    """

    def __init__(self, progress: Progress, cancelled: Callable[[], bool]) -> None:
        self._progress, self._cancelled = progress, cancelled

    def stage(self, name: str, steps: int = 0) -> None:
        """Pass the stage on."""
        self._look()
        self._progress.stage(name, steps)

    def advance(self, steps: int = 1) -> None:
        """Pass the steps on."""
        self._look()
        self._progress.advance(steps)

    def _look(self) -> None:
        if self._cancelled():
            raise CancelledError("refresh cancelled; nothing was written")


def refresh_open_book(
    book: xlwings.Book | OpenBook,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    cache: ContentCache | None = None,
    undo: Path | None = None,
) -> PlanResult:
    """Refresh a plan workbook that is open in Excel.

    Parameters
    ----------
    book
        The workbook.
    progress
        Told of stages, and of each table that is written.
    cancelled
        Whether the user has cancelled; asked until writing begins.
    cache
        Where results are kept between refreshes; None computes everything.
    undo
        The file in which to keep what is written over; None keeps nothing.

    Raises
    ------
    CancelledError
        If the user cancelled.
    InputError
        If a table or a column that is needed is missing, no item can be planned, or a table would grow over something.
    InvoptError
        If Excel stays busy, or stops taking results: all tables are then as they were.
    """
    progress = progress or Silent()
    watched = Cancellable(progress, cancelled)
    there = book if isinstance(book, OpenBook) else OpenBook(book)
    watched.stage("Reading")
    raw = read_open_tables(there, is_last_forecast_wanted)
    result = plan_book(raw, cache=cache, progress=watched, wanted=results_in(there), user=user_name())
    # What Excel does meanwhile is seen here: what is written goes by the tables as they are now.
    rewrites = rewrites_of(there, result.tables)
    before, after = [each.before for each in rewrites], [each.after for each in rewrites]
    watched.stage("Writing", len(after))
    if undo is not None:
        Overwritten(datetime.now().isoformat(sep=" ", timespec="seconds"), before, after).keep(undo)
    write_states(there, before, after, lambda _: progress.advance())
    return result
