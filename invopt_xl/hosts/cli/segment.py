"""``invopt segment``: which items matter, which can be forecast, where they are in their life."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from invopt_xl.hosts.cli import options as given
from invopt_xl.hosts.cli.running import PLAIN, Manner, Run, carry_out, with_usual_options

if TYPE_CHECKING:
    import pandas as pd

    from invopt_xl.plan.quality import Admitted
    from invopt_xl.plan.segmentation import Segmentation

SEGMENT_EXAMPLES = (
    "Examples:\n\n"
    "invopt segment workbooks/grocery.xlsx\n\n"
    "invopt segment tables --by margin --months 12 --output segments.csv\n\n"
    "invopt segment tables --json"
)

By = Annotated[
    Literal["value", "margin", "lines"],
    typer.Option(
        "--by", help="What A, B and C are by: demand at cost, demand at price less cost, or how often it sells."
    ),
]
Months = Annotated[int, typer.Option(min=0, max=120, help="Months to look back for items whose class changes.")]
SegmentsFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write each item's segment here: .csv, .parquet or .xlsx."),
]


@dataclass(frozen=True, eq=False)
class Segmented:
    """Segments, and all that is told of them."""

    source: Path
    found: Segmentation
    table: pd.DataFrame
    admitted: Admitted
    seconds: float
    output: Path | None

    @property
    def rejected(self) -> int:
        """Input rows left out."""
        return self.admitted.rejected

    @property
    def done(self) -> str:
        """What was done, in words."""
        return f"the segments are written to {self.output}" if self.output else "all was segmented, nothing was written"


@with_usual_options
def segment(
    source: given.Planned,
    by: By = "value",
    months: Months = 6,
    output: SegmentsFile = None,
    manner: Manner = PLAIN,
) -> int:
    """Segment items: ABC by worth, XYZ by forecast error, demand pattern, velocity, life cycle, and what they ask for.

    Value is of the demand of the last year where nearly all of it is known, so that no season decides; else of what the
    plan in SOURCE expects, if it is of this plan date. Classes are found again as they were at the end of each of the
    last months: which items hop between them is shown.
    """
    from invopt_xl.hosts.cli.segment_show import segment_parts, segment_summary

    return carry_out(
        lambda run: make_segments(source, by, months, run, output=output),
        lambda segmented: segmented.done,
        lambda report, segmented: report.result(lambda _: segment_parts(segmented), lambda: segment_summary(segmented)),
        manner,
    )


def make_segments(
    source: Path, by: Literal["value", "margin", "lines"], months: int, run: Run, *, output: Path | None = None
) -> Segmented:
    """Segment the items of a workbook or a folder; write their table, if a file is named.

    Parameters
    ----------
    source
        A plan workbook or a folder of tables.
    by
        What the ABC class of the cells is by.
    months
        How many months to look back.
    run
        What it is done with.
    output
        A new file for ``tblSegments``; what only a plan knows stays blank in it.

    Raises
    ------
    InvoptError
        If a file cannot be read or written, or no item can be planned.
    """
    from invopt_xl.errors import FileError, InputError
    from invopt_xl.hosts.cli.demand import named
    from invopt_xl.plan.columns import SEGMENTS
    from invopt_xl.plan.histories import histories
    from invopt_xl.plan.quality import admit
    from invopt_xl.plan.segmentation import segment as found_in
    from invopt_xl.plan.segmentation.planned import with_planned_demand
    from invopt_xl.plan.views.segments import segment_table
    from invopt_xl.workbook.one_table import check_one, holds_one_table, is_book, write_one
    from invopt_xl.workbook.reading import read_tables

    started = time.perf_counter()
    if output is not None:
        if is_book(output) and output.is_file():
            raise FileError(
                f"{output.name} is there already; expected a new name: invopt refresh writes a plan's segments"
            )
        check_one(output, SEGMENTS, source=source)
    if holds_one_table(source) and source.exists():
        raise InputError(f"{source.name} is one file; expected a workbook or a folder with items and demand")
    run.progress.stage("Reading")
    raw = read_tables(source)
    run.progress.stage("Checking data")
    with named(source):
        admitted = admit(raw)
    run.progress.stage("Segmenting")
    items = with_planned_demand(admitted.tables["items"], raw, admitted.parameters)
    found = found_in(items, histories(admitted), admitted.parameters, tables=admitted.tables, by=by, months=months)
    table = segment_table(found)
    if output is not None:
        run.progress.stage("Writing")
        write_one(output, SEGMENTS, table)
    return Segmented(source, found, table, admitted, time.perf_counter() - started, output)
