"""Replaying from the command line: stock policies on the last part of real history."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from invopt_xl.errors import FileError, InputError
from invopt_xl.hosts.cli.demand import named
from invopt_xl.hosts.cli.running import Run
from invopt_xl.plan.replay.run import Question, ReplayReport, replay_tables
from invopt_xl.plan.replay.tables import CURVES
from invopt_xl.workbook.curve_picture import check_picture, draw_replay, is_picture
from invopt_xl.workbook.one_table import check_one, holds_one_table, is_book, require_ending, write_one
from invopt_xl.workbook.reading import read_tables

DIGITS = 6
"""Decimals of figures in a file."""

_ENDINGS = (".xlsx", ".xlsm", ".csv", ".parquet", ".png", ".svg")
_EXPECTED = ".xlsx, .csv, .parquet, .png or .svg"


@dataclass(frozen=True, eq=False)
class Replayed:
    """A replay, and all that is told of it."""

    source: Path
    report: ReplayReport
    output: Path | None

    @property
    def rejected(self) -> int:
        """Input rows left out."""
        return self.report.rejected

    @property
    def done(self) -> str:
        """What was done, in words."""
        return f"the replay is written to {self.output}" if self.output else "all was replayed, nothing was written"


def policy_names(listed: str) -> tuple[str, ...]:
    """Return the policies of a list with commas, each once.

    Examples
    --------
    >>> policy_names("ours, textbook,ours")
    ('ours', 'textbook')
    """
    return tuple(dict.fromkeys(name.strip() for name in listed.split(",") if name.strip()))


def make_replay(source: Path, question: Question, run: Run, *, output: Path | None = None) -> Replayed:
    """Replay policies on the history of a workbook or a folder; write the result, if a file is named.

    Parameters
    ----------
    source
        A plan workbook or a folder of tables.
    question
        What is replayed.
    run
        What it is done with.
    output
        A new workbook, a picture of the curves, or a file for their points alone.

    Raises
    ------
    InvoptError
        If a file cannot be read or written, or the history is not what a replay needs.
    """
    if output is not None:
        _check_output(output, source)
    if holds_one_table(source) and source.exists():
        raise InputError(
            f"{source.name} is a file of demand alone; expected a workbook or a folder with items, for costs and "
            "lead times"
        )
    run.progress.stage("Reading")
    raw = read_tables(source)
    with named(source):
        report = replay_tables(raw, question, cache=run.cache, workers=run.workers, progress=run.progress)
    if output is not None:
        run.progress.stage("Writing")
        _write(output, report)
    return Replayed(source, report, output)


def _check_output(output: Path, source: Path) -> None:
    require_ending(output, _ENDINGS, _EXPECTED)
    if is_picture(output):
        check_picture(output)
        return
    if is_book(output) and output.is_file():
        raise FileError(f"{output.name} is there already; expected a new name for the workbook of a replay")
    check_one(output, CURVES, source=source)


def _write(output: Path, report: ReplayReport) -> None:
    if is_book(output):
        from invopt_xl.workbook.replay_book import build_replay_workbook

        build_replay_workbook(output, report)
    elif is_picture(output):
        draw_replay(output, report)
    else:
        write_one(output, CURVES, report.curves.round(DIGITS))
