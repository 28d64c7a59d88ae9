"""The whole job on files: read, plan, write back. Every host calls these two functions."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Literal

import pandas as pd

from invopt_xl.cache import ContentCache
from invopt_xl.domain import Progress, Silent
from invopt_xl.plan import columns
from invopt_xl.plan.accuracy import is_last_forecast_wanted
from invopt_xl.plan.overrides import with_added_columns
from invopt_xl.plan.pipeline import PlanResult, run
from invopt_xl.plan.views.last_rows import last_rows, with_added
from invopt_xl.workbook import check_target, read_tables, write_folder, write_tables
from invopt_xl.workbook.below import rows_read
from invopt_xl.workbook.kept_copies import kept
from invopt_xl.workbook.targets import check_folder, results_held


def refresh_workbook(
    book: Path,
    *,
    output: Path | None = None,
    backup: bool = False,
    cache: ContentCache | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    user: str = "",
    undoable: bool = False,
) -> PlanResult:
    """Refresh a plan workbook in place, or into another file.

    Nothing is written before everything is computed, and the old file is there until the new one is whole.

    Parameters
    ----------
    book
        The workbook.
    output
        Where to write; the workbook itself unless given.
    backup
        Keep a copy of the old workbook beside it.
    cache
        Where results are kept between refreshes; None computes everything.
    progress
        Told of stages.
    workers
        Processes for forecasting; all cores unless given.
    user
        Who refreshes, for the log of overrides.
    undoable
        Keep what is written over, so that `kept_copies.undo` can put it back.

    Raises
    ------
    FileError
        If the workbook cannot be read or written.
    InputError
        If a table or a column that is needed is missing, or no item can be planned.

    Notes
    -----
    Only result tables that the workbook holds are written; one that was deleted is left out. Without ``tblPlan``
    there is no place for overrides and notes, which ``tblQuality`` then says.
    """
    progress = progress or Silent()
    check_target(book, output)
    progress.stage("Reading")
    raw = read_tables(book, last_forecast=is_last_forecast_wanted)
    wanted = results_held(book)
    result = plan_book(raw, cache=cache, progress=progress, workers=workers, wanted=wanted, user=user)
    progress.stage("Writing")
    with kept(output or book, "refresh") if undoable else nullcontext():
        write_tables(book, result.tables, output=output, backup=backup, read=rows_read(raw))
    return result


def plan_book(
    raw: columns.Tables,
    *,
    cache: ContentCache | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    wanted: frozenset[str] | None = None,
    user: str = "",
) -> PlanResult:
    """Plan from a workbook's tables, be it a file or open in a program; return what is to be written into it.

    Parameters
    ----------
    raw
        As `read_tables` returns them.
    cache, progress, workers, user
        As in `refresh_workbook`.
    wanted
        Stems of the tables for results that the workbook holds; all unless given.

    Raises
    ------
    InputError
        If a table or a column that is needed is missing, or no item can be planned.
    """
    result = run(raw, cache=cache, progress=progress or Silent(), workers=workers, wanted=wanted, user=user)
    if columns.PLAN.stem not in raw:
        result.tables["quality"] = _with_missing_plan(result.tables["quality"])
    return result


def plan_folder(
    folder: Path,
    output: Path,
    *,
    suffix: Literal["csv", "parquet"] = "csv",
    cache: ContentCache | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    user: str = "",
) -> PlanResult:
    """Plan from a folder of tables and write the results into another folder.

    Parameters
    ----------
    folder
        CSV or Parquet files named by table: ``items.csv``, ``demand.parquet``, ...
    output
        Folder for the results, made if it is not there.
    suffix
        Kind of files to write.
    cache, progress, workers, user
        As in `refresh_workbook`.

    Raises
    ------
    FileError
        If a folder cannot be read or written, or the output holds a table in the other format.
    InputError
        If a table or a column that is needed is missing, or no item can be planned.
    """
    progress = progress or Silent()
    check_folder(output, [table.stem for table in columns.OUTPUTS], suffix)
    progress.stage("Reading")
    raw = read_tables(folder, last_forecast=is_last_forecast_wanted)
    result = run(raw, cache=cache, progress=progress, workers=workers, user=user)
    result.tables["plan"] = with_added_columns(result.tables["plan"], raw)
    last = last_rows(columns.EXCESS, raw, result.items)
    result.tables["excess"] = with_added(columns.EXCESS, result.tables["excess"], last)
    progress.stage("Writing")
    write_folder(output, result.tables, suffix=suffix)
    return result


def _with_missing_plan(quality: pd.DataFrame) -> pd.DataFrame:
    """Return the quality report with a first line that says the workbook has no ``tblPlan``."""
    line = {
        "severity": "warning",
        "table": columns.PLAN.name,
        "reason": f"the workbook has no table {columns.PLAN.name}; expected one for the plan, overrides and notes",
        "action": "plan not written; overrides and notes not read",
    }
    return pd.DataFrame([line, *quality.to_dict("records")], columns=columns.QUALITY.column_names)
