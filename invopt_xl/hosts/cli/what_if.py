"""What-if from the command line: a plan and its replay with some of the input changed, beside today's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from invopt_xl.errors import FileError
from invopt_xl.hosts.cli.demand import named
from invopt_xl.hosts.cli.running import Run
from invopt_xl.hosts.cli.show import records
from invopt_xl.plan.quality import admit
from invopt_xl.plan.what_if import WHAT_IF, Scenario, WhatIf, compare, suppliers
from invopt_xl.workbook.atomic import replacing
from invopt_xl.workbook.one_table import check_one, require_ending, write_one
from invopt_xl.workbook.reading import read_tables
from invopt_xl.workbook.targets import check_place, refuse_open

_JSON = ".json"
_ENDINGS = (".csv", ".parquet", ".xlsx", _JSON)
_EXPECTED = ".csv, .parquet, .xlsx or .json"


@dataclass(frozen=True, eq=False)
class Weighed:
    """A what-if, and the file it is written to."""

    what_if: WhatIf
    output: Path | None

    @property
    def rejected(self) -> int:
        """Input rows left out."""
        return self.what_if.rejected

    @property
    def done(self) -> str:
        """What was done, in words."""
        return f"the comparison is written to {self.output}" if self.output else "all was compared, nothing was written"


def weigh(
    path: Path,
    changes: Sequence[str],
    run: Run,
    *,
    name: str = "",
    replayed: bool = True,
    output: Path | None = None,
) -> Weighed:
    """Compare today's plan and replay with those of one scenario; write the comparison, if a file is named.

    Parameters
    ----------
    path
        A plan workbook or a folder of tables.
    changes
        What is changed, as `plan.what_if.parsed` reads it.
    run
        What it is done with.
    name
        What the scenario is called; the changes themselves unless given.
    replayed
        False to compare plans only.
    output
        A file ending in .csv, .parquet, .xlsx or .json.

    Raises
    ------
    InvoptError
        If a file cannot be read or written, or a change is not possible.
    """
    if output is not None:
        _check_output(output, path)
    run.progress.stage("Reading")
    raw = read_tables(path)
    run.progress.stage("Checking data")
    with named(path):
        admitted = admit(raw)
    scenario = Scenario.of(changes, name, suppliers(admitted))
    made = compare(
        raw, [scenario], replayed=replayed, admitted=admitted,
        cache=run.cache, workers=run.workers, progress=run.progress,
    )  # fmt: skip
    if output is not None:
        run.progress.stage("Writing")
        _write(output, made)
    return Weighed(made, output)


def _check_output(output: Path, source: Path) -> None:
    """Refuse a file that could not be written, before minutes of work."""
    require_ending(output, _ENDINGS, _EXPECTED)
    if output.suffix.lower() != _JSON:
        check_one(output, WHAT_IF, source=source)
        return
    if output.is_dir():
        raise FileError(f"{output.name} is a folder; expected the name of a file to write")
    refuse_open(output)
    check_place(output.resolve())


def _write(output: Path, made: WhatIf) -> None:
    table = made.table
    if output.suffix.lower() != _JSON:
        write_one(output, WHAT_IF, table)
        return
    with replacing(output) as stream:
        stream.write(json.dumps(records(table), indent=2, allow_nan=False).encode())
