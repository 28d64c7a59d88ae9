"""The order plan alone from the command line: read, plan, write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from invopt_xl.errors import FileError, InputError
from invopt_xl.hosts.cli.demand import named
from invopt_xl.hosts.cli.disruptions import Beside
from invopt_xl.hosts.cli.given_forecast import given_forecast, require_demand
from invopt_xl.hosts.cli.running import Run
from invopt_xl.plan.columns import ORDER_OUTPUTS, Tables
from invopt_xl.plan.disruptions import Asked, beside_earlier, orders_after
from invopt_xl.plan.order_plan import OrdersMade, make_orders
from invopt_xl.plan.orders import Effort
from invopt_xl.workbook import read_tables, write_folder
from invopt_xl.workbook.one_table import holds_one_table
from invopt_xl.workbook.targets import Suffix, check_folder


@dataclass(frozen=True, eq=False)
class Ordered:
    """An order plan, and the folder it is written to."""

    made: OrdersMade
    output: Path

    @property
    def rejected(self) -> int:
        """Input rows left out."""
        return self.made.rejected


def order(
    source: Path, output: Path, effort: Effort, run: Run, *, beside: Beside | None = None, suffix: Suffix = "csv"
) -> Ordered:
    """Plan the orders of a folder or a workbook and write them into a folder.

    Parameters
    ----------
    source
        A folder of tables, or a plan workbook.
    output
        Folder for the results, made if it is not there.
    effort
        How long and how well to plan.
    run
        What it is done with.
    beside
        What the plan is compared with.
    suffix
        Kind of files to write.

    Raises
    ------
    InvoptError
        If a file cannot be read or written, or nothing can be planned.
    """
    beside = beside or Beside()
    asked = beside.asked()
    _refuse_own_folder(source, output)
    check_folder(output, [table.stem for table in ORDER_OUTPUTS], suffix)
    if holds_one_table(source) and source.exists():
        raise InputError(f"{source.name} is one file; expected a workbook or a folder with items and demand")
    run.progress.stage("Reading")
    raw, forecast, earlier = read_tables(source), given_forecast(source), beside.earlier()
    with named(source):
        require_demand(raw, forecast, source)
        made = _made(raw, effort, asked, run, forecast)
    if earlier is not None:
        made = beside_earlier(made, earlier)
    run.progress.stage("Writing")
    write_folder(output, made.tables, suffix=suffix)
    return Ordered(made, output)


def _made(raw: Tables, effort: Effort, asked: Asked | None, run: Run, forecast: pd.DataFrame | None) -> OrdersMade:
    if asked is None:
        return make_orders(raw, effort, forecast=forecast, cache=run.cache, progress=run.progress, workers=run.workers)
    return orders_after(
        raw, effort, asked, forecast=forecast, cache=run.cache, progress=run.progress, workers=run.workers
    )


def _refuse_own_folder(source: Path, output: Path) -> None:
    """Keep what stands beside the input, such as orders that a buyer has written down, from being replaced."""
    if source.is_dir() and output.is_dir() and source.samefile(output):
        here = output / "planned"
        raise FileError(f"--output is {output}, the folder of the input; expected one of its own, such as {here}")
