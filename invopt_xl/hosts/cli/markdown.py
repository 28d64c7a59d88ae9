"""``invopt markdown``: the price path that clears excess for the most money before a date."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from invopt_xl.hosts.cli import options as given
from invopt_xl.hosts.cli.running import PLAIN, Manner, Run, carry_out, with_usual_options

if TYPE_CHECKING:
    from invopt_xl.hosts.cli.show import Report
    from invopt_xl.plan.markdown import Asked, Markdowns
    from invopt_xl.plan.quality import Admitted

MARKDOWN_EXAMPLES = (
    "Examples:\n\n"
    "invopt markdown workbooks/grocery.xlsx\n\n"
    "invopt markdown workbooks/grocery.xlsx --before 2018-02-26 --floor 0.8 --output prices.csv\n\n"
    "invopt markdown tables --item P1013928 --salvage 0 --json\n\n"
    "invopt markdown tables --table response --output elasticities.xlsx"
)


@dataclass(frozen=True, eq=False)
class Cleared:
    """What marking down brings, what it stands on, and the file a table of it is written to."""

    made: Markdowns
    admitted: Admitted
    output: Path | None

    @property
    def rejected(self) -> int:
        """Input rows left out."""
        return self.made.rejected

    @property
    def done(self) -> str:
        """What was done, in words."""
        return f"the prices are written to {self.output}" if self.output else "all was told, nothing was written"


@with_usual_options
def markdown(
    source: given.Planned,
    item: given.Items = None,
    before: given.SellBefore = None,
    floor: given.Floor = 1.0,
    largest_discount: given.LargestDiscount = 0.7,
    salvage: given.Salvage = 0.1,
    disposal: given.Disposal = 0.0,
    table: given.MarkdownTable = "path",
    output: given.MarkdownFile = None,
    manner: Manner = PLAIN,
) -> int:
    """Price path that clears excess for the most money, beside no action.

    Stock that is left when a path ends sells on at today's price, which counts on both sides: a healthy item keeps its
    price. With --before nothing sells from the date on, as after a season, and what is left brings --salvage. Goods
    that spoil are cleared within their shelf life: what is left then brings nothing.

    Looks at items with excess on hand or that will spoil, or at those named. How demand answers to price is learned
    from the history of each item and of those like it; where price changes are too few to tell, it says so and proposes
    nothing. Prices only fall, never below the floor, and not far below the lowest price that was ever asked.
    """
    from invopt_xl.hosts.cli.markdown_show import markdown_parts, markdown_summary
    from invopt_xl.plan.markdown import Asked

    asked = Asked(tuple(item or ()), before.date() if before else None, floor, largest_discount, salvage, disposal)

    def show(report: Report, cleared: Cleared) -> None:
        report.result(lambda _: markdown_parts(cleared), lambda: markdown_summary(cleared))

    return carry_out(
        lambda run: clear_excess(source, asked, run, table=table, output=output),
        lambda cleared: cleared.done,
        show,
        manner,
    )


def clear_excess(source: Path, asked: Asked, run: Run, *, table: str = "path", output: Path | None = None) -> Cleared:
    """Find the price paths of a workbook or a folder, and write a table of them, if a file is named.

    Parameters
    ----------
    source
        A plan workbook or a folder of tables.
    asked
        What is to be cleared, and the guard-rails.
    run
        What it is done with.
    table
        What is written: ``path``, ``summary`` or ``response``.
    output
        A file ending in .csv, .parquet or .xlsx.

    Raises
    ------
    InvoptError
        If a file cannot be read or written, or an item is not there.
    """
    from invopt_xl.hosts.cli.demand import named
    from invopt_xl.plan.columns import MARKDOWN, MARKDOWN_SUMMARY, PRICE_RESPONSE
    from invopt_xl.plan.markdown import marked_down
    from invopt_xl.plan.quality import admit
    from invopt_xl.workbook.one_table import check_one, write_one
    from invopt_xl.workbook.reading import read_tables

    contract = {"path": MARKDOWN, "summary": MARKDOWN_SUMMARY, "response": PRICE_RESPONSE}[table]
    if output is not None:
        check_one(output, contract, source=source)
    run.progress.stage("Reading")
    raw = read_tables(source)
    run.progress.stage("Checking data")
    with named(source):
        admitted = admit(raw)
        made = marked_down(raw, asked, admitted=admitted, cache=run.cache, progress=run.progress, workers=run.workers)
    if output is not None:
        run.progress.stage("Writing")
        write_one(output, contract, made.tables[contract.stem])
    return Cleared(made, admitted, output)
