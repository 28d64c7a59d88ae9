"""``invopt excess``: what of the stock will remain, what will be lost of it, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from invopt_xl.hosts.cli import options as given
from invopt_xl.hosts.cli.running import PLAIN, Manner, Run, carry_out, with_usual_options

if TYPE_CHECKING:
    import pandas as pd

    from invopt_xl.plan.columns import Tables
    from invopt_xl.plan.excess import Assumptions, ExcessReview, Stock
    from invopt_xl.plan.quality import Admitted

EXCESS_EXAMPLES = (
    "Examples:\n\n"
    "invopt excess workbooks/grocery.xlsx\n\n"
    "invopt excess tables --horizon 182 --output actions.csv\n\n"
    "invopt excess plan.xlsx --forecast --json"
)


@dataclass(frozen=True, eq=False)
class Reviewed:
    """A review of excess, what was rejected on the way, and where its actions are written."""

    review: ExcessReview
    quality: pd.DataFrame
    rejected: int
    output: Path | None

    @property
    def done(self) -> str:
        """What was done, in words."""
        return f"the actions are written to {self.output}" if self.output else "all was reviewed, nothing was written"


@with_usual_options
def excess(
    source: given.Planned,
    horizon: given.ExcessDays = None,
    forecast: given.Forecast = None,
    output: given.ActionsFile = None,
    manner: Manner = PLAIN,
) -> int:
    """Review excess and obsolete stock: what will remain, how old it is, what will be lost, and what to do first.

    A workbook that was refreshed for its plan date is planned first, so that the figures are those that the refresh
    wrote, as long as its tables are the same. Else demand comes from history alone, without seasons, which takes
    seconds for thousands of items; --forecast plans there too, --history never does. Actions are ranked by the money
    they gain against doing nothing; what is assumed for that is told.
    """
    from invopt_xl.hosts.cli.excess_show import excess_parts, excess_summary

    return carry_out(
        lambda run: look_through(source, run, horizon=horizon, forecast=forecast, output=output),
        lambda reviewed: reviewed.done,
        lambda report, reviewed: report.result(lambda _: excess_parts(reviewed), lambda: excess_summary(reviewed)),
        manner,
    )


def look_through(
    source: Path, run: Run, *, horizon: float | None = None, forecast: bool | None = None, output: Path | None = None
) -> Reviewed:
    """Review the excess of a plan workbook or a folder of tables; write the actions, if a file is named.

    Parameters
    ----------
    source
        A plan workbook or a folder of tables.
    run
        What it is done with.
    horizon
        Days after which what is left is too much; as the source says if None.
    forecast
        True to plan first, for demand by forecasts; None to do so where the last refresh was for this plan date.
    output
        A file ending in .csv, .parquet or .xlsx.

    Raises
    ------
    InvoptError
        If a file cannot be read or written, or nothing can be reviewed.
    """
    from invopt_xl.hosts.cli.demand import named
    from invopt_xl.plan.columns import ACTIONS
    from invopt_xl.plan.excess import Assumptions, review
    from invopt_xl.plan.quality import admit
    from invopt_xl.plan.segmentation.planned import is_of_plan_date
    from invopt_xl.workbook.one_table import check_one, write_one
    from invopt_xl.workbook.reading import read_tables

    if output is not None:
        check_one(output, ACTIONS, source=source)
    run.progress.stage("Reading")
    raw = read_tables(source)
    run.progress.stage("Checking data")
    assumptions = Assumptions(horizon_days=horizon)
    with named(source):
        admitted = admit(raw)
        plans = is_of_plan_date(raw, admitted.parameters) if forecast is None else forecast
        stock = _planned(raw, admitted, run) if plans else _quick(admitted, assumptions, run)
    made = review(stock, assumptions)
    if output is not None:
        run.progress.stage("Writing")
        write_one(output, ACTIONS, made.actions)
    return Reviewed(made, admitted.quality, admitted.rejected, output)


def _quick(admitted: Admitted, assumptions: Assumptions, run: Run) -> Stock:
    """Return the items with demand by their histories alone."""
    from invopt_xl.plan.excess import Stock, endings_of
    from invopt_xl.plan.histories import histories

    run.progress.stage("Reviewing stock")
    return Stock.of_tables(admitted, assumptions, endings_of(histories(admitted), admitted.parameters))


def _planned(raw: Tables, admitted: Admitted, run: Run) -> Stock:
    """Return the items as a refresh plans them."""
    from invopt_xl.plan import pipeline
    from invopt_xl.plan.excess import Stock, endings_of

    made = pipeline.run(
        raw, admitted=admitted, cache=run.cache, progress=run.progress, workers=run.workers, wanted=frozenset()
    )
    run.progress.stage("Reviewing stock")
    endings = endings_of(made.levelled.past, admitted.parameters)
    return Stock.of_plan(made.items, made.levelled, admitted, endings)
