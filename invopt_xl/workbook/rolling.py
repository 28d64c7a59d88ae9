"""A new period in a workbook: actuals join the demand, the plan date moves, the plan is refreshed; all in one write."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from invopt_xl.cache import ContentCache
from invopt_xl.domain import Progress, Silent
from invopt_xl.errors import FileError, InputError
from invopt_xl.plan import columns
from invopt_xl.plan.closing import ACTUALS, STOCK, Choices, Closing, Given, close_period
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.pipeline import PlanResult
from invopt_xl.workbook.below import rows_read
from invopt_xl.workbook.kept_copies import kept
from invopt_xl.workbook.loose_table import read_loose
from invopt_xl.workbook.parts.book import Book
from invopt_xl.workbook.parts.package import Package
from invopt_xl.workbook.patch.appending import TableChange, alike
from invopt_xl.workbook.reading import frames_of, read_tables
from invopt_xl.workbook.refresh import plan_book
from invopt_xl.workbook.targets import check_target, results_held
from invopt_xl.workbook.writing import write_tables


@dataclass(frozen=True)
class Period:
    """What is known of the period to be closed.

    Parameters
    ----------
    actuals
        A file with what came in it; None where a sheet of the workbook, or ``tblDemand`` itself, holds it.
    sheet
        The sheet it stands on.
    stock
        A file with stock on hand at its end.
    choices
        What is chosen about closing it.
    """

    actuals: Path | None = None
    sheet: str | None = None
    stock: Path | None = None
    choices: Choices = field(default_factory=Choices)


@dataclass(frozen=True, eq=False)
class Rolled:
    """A workbook that was rolled.

    Parameters
    ----------
    closing
        What closing the period changed.
    read
        The tables of the workbook as they were before.
    result
        What the refresh made; None without one.
    """

    closing: Closing
    read: columns.Tables
    result: PlanResult | None

    @property
    def before(self) -> pd.DataFrame:
        """The plan of the last refresh, as it was read."""
        return self.read.get(columns.PLAN.stem, pd.DataFrame())

    @property
    def standing(self) -> tuple[str, ...]:
        """Items whose override without a day was ordered on an earlier plan date, and is ordered again."""
        if self.result is None:
            return ()
        items = self.result.items
        return tuple(item_names(items[(items["ordered_before"] != "") & items["override"].notna()], items))

    @property
    def holding(self) -> tuple[str, ...]:
        """Items whose override of zero has no day: nothing is ordered of them until it is cleared."""
        if self.result is None:
            return ()
        items = self.result.items
        return tuple(item_names(items[(items["override"] == 0) & items["override_on"].isna()], items))

    @property
    def rejected(self) -> int:
        """Rows left out: of the actuals, and of the workbook."""
        left_out = int((self.closing.unknown["severity"] == "rejected").sum())
        return left_out + (self.result.rejected if self.result else 0)


def roll_workbook(
    book: Path,
    period: Period,
    *,
    refresh: bool = True,
    output: Path | None = None,
    backup: bool = False,
    cache: ContentCache | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    user: str = "",
    undoable: bool = False,
) -> Rolled:
    """Close a period of a plan workbook: add its actuals, move the plan date, and refresh.

    Everything is written at once: the workbook is the old one or the new one, never anything between.

    Parameters
    ----------
    book
        The workbook.
    period
        What is known of the period.
    refresh
        Whether the plan is made anew; else only demand, stock and plan date change.
    output, backup, cache, progress, workers, user, undoable
        As in `refresh_workbook`.

    Raises
    ------
    FileError
        If a file cannot be read or written, or the workbook was changed meanwhile.
    InputError
        If the period was closed before, its actuals cannot be used, or no item can be planned.
    """
    progress = progress or Silent()
    check_target(book, output)
    progress.stage("Reading")
    read_at = _version(book)
    # The forecast of the last refresh is what the actuals are held against.
    raw = read_tables(book, last_forecast=lambda _: refresh) | _last_orders(book)
    _require_tables(book, raw)
    closing = close_period(raw, _actuals(book, period), _stock(period), period.choices)
    result = None
    if refresh:
        wanted = results_held(book)
        as_it_will_be = _as_written(raw, closing)
        result = plan_book(as_it_will_be, cache=cache, progress=progress, workers=workers, wanted=wanted, user=user)
    progress.stage("Writing")
    tables = result.tables if result else {}
    changes = changes_of(closing)
    if _version(book) != read_at:
        # Rows are told by where they stood; somebody may have sorted them since.
        raise FileError(f"{book.name} was changed while it was rolled; nothing was written, so roll again")
    with kept(output or book, "roll") if undoable else nullcontext():
        write_tables(book, tables, output=output, backup=backup, changes=changes, read=rows_read(raw))
    return Rolled(closing, raw, result)


def _version(book: Path) -> tuple[int, int] | None:
    """Return what changes when a file is saved; None where it is not there."""
    with suppress(OSError):
        found = book.stat()
        return found.st_mtime_ns, found.st_size
    return None


def _last_orders(book: Path) -> columns.Tables:
    """Return the orders of the last plan, which nothing but a roll reads."""
    with Package(book) as package:
        return frames_of(Book(package), (columns.ORDERS,))


def _require_tables(book: Path, raw: columns.Tables) -> None:
    for table in (columns.ITEMS, columns.DEMAND, columns.PARAMETERS):
        if table.stem not in raw:
            raise InputError(f"{book.name} has no table {table.name}; expected one to roll")


def _actuals(book: Path, period: Period) -> Given | None:
    if period.actuals is None and period.sheet is None:
        return None
    path = period.actuals or book
    name = path.name if period.sheet is None else f"sheet {period.sheet}"
    return Given(read_loose(path, ACTUALS, period.sheet), name)


def _stock(period: Period) -> Given | None:
    return None if period.stock is None else Given(read_loose(period.stock, STOCK), period.stock.name)


def _as_written(raw: columns.Tables, closing: Closing) -> columns.Tables:
    """Return the tables with the added rows as they will be read from the workbook: a day among texts is a text."""
    made = dict(closing.raw)
    for stem, added in closing.added.items():
        if len(raw[stem]) and len(added):
            frame, last = made[stem], raw[stem].iloc[-1].tolist()
            kept = len(frame) - len(added)
            cells = {
                name: [*values.iloc[:kept], *(alike(value, sample) for value in values.iloc[kept:])]
                for (name, values), sample in zip(frame.items(), last, strict=True)
            }
            made[stem] = pd.DataFrame(cells, index=frame.index, dtype=object)
            made[stem].attrs = raw[stem].attrs
    return made


def changes_of(closing: Closing) -> dict[str, TableChange]:
    """Return what closing a period changes in the tables of the planner's."""
    changed = {*closing.cells, *closing.added, *closing.removed}
    return {
        stem: TableChange(
            closing.added.get(stem, pd.DataFrame()),
            closing.cells.get(stem, {}),
            frozenset(closing.removed.get(stem, pd.Index([])).tolist()),
        )
        for stem in sorted(changed)
    }
