"""Whether what a workbook's plan was made from still stands in it."""

from __future__ import annotations

from math import fsum

import pandas as pd

from invopt_xl.plan.as_read import PRINTS, table_print
from invopt_xl.plan.columns import LOG
from invopt_xl.workbook.parts.book import Book
from invopt_xl.workbook.reading import frames_of

_NEAR = 1e-6
"""Prints that differ by less, as a share, are the same: a file keeps fifteen digits."""


def changed_since_refresh(book: Book) -> list[str]:
    """Return the names of tables whose numbers are others than those of the last refresh; none where it told no print.

    Of tables that share a print, all that the workbook holds are named.

    Parameters
    ----------
    book
        The workbook.
    """
    raw = frames_of(book, (LOG, *(table for tables in PRINTS.values() for table in tables)))
    log = raw.get(LOG.stem, pd.DataFrame())
    if log.empty or "plan_date" not in log:
        return []
    last = log.iloc[-1]
    day = pd.to_datetime(last["plan_date"], errors="coerce")
    if pd.isna(day):
        return []
    return [
        table.name
        for name, tables in PRINTS.items()
        if _differs(last.get(name), fsum(table_print(raw, table, day.date()) for table in tables))
        for table in tables
        if table.stem in raw
    ]


def _differs(before: object, now: float) -> bool:
    known = isinstance(before, int | float) and before == before
    return known and abs(now - float(before)) > _NEAR * max(1.0, abs(now))  # type: ignore[arg-type]
