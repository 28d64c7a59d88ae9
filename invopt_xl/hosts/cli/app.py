"""Commands, exit codes and the one place where errors become a line on the console."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from invopt_xl.errors import InvoptError
from invopt_xl.hosts.cli.ending import (
    DONE,
    Outcome,
    Unbroken,
    details,
    print_anything,
    print_nothing_more,
    say,
)

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache

_INTERRUPTED = 130
"""What the command-line library returns after Ctrl-C."""

_outcome = Outcome()

app = typer.Typer(
    name="invopt",
    help="Plan inventory from a workbook or a folder of tables: what to order, when, from whom, and why.",
    epilog="Exit codes: 0 done; 1 done, some rows were rejected; 2 nothing done.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for machines.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no tables; errors only.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes for forecasting; all cores unless given.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Compute everything again and keep nothing.")]


@app.command(epilog="Example: invopt refresh workbooks/grocery.xlsx --output plan.xlsx")
def refresh(
    book: Annotated[Path, typer.Argument(help="The plan workbook (.xlsx or .xlsm).")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here and leave BOOK as it is.")] = None,
    backup: Annotated[bool, typer.Option("--backup", help="Keep a copy of the old workbook beside it.")] = False,
    quiet: Quiet = False,
    json: Json = False,
    workers: Workers = None,
    no_cache: NoCache = False,
) -> int:
    """Refresh a plan workbook: check its data, forecast, set stock levels, plan orders, write the results back.

    Only the program's own tables change; charts, formulas, notes and overrides stay as they are.
    """
    from invopt_xl.hosts.cli.show import reporter
    from invopt_xl.workbook.refresh import refresh_workbook

    with _cache(no_cache, quiet) as cache, reporter(quiet=quiet, json=json) as report:
        with Unbroken(report.progress) as progress:
            result = refresh_workbook(
                book, output=output, backup=backup, cache=cache, progress=progress, workers=workers
            )
            code = _outcome.reached(result.rejected, f"the plan is written to {output or book}")
        report.plan(result, output or book)
    return code


@app.command(epilog="Example: invopt plan tables --output results --format parquet")
def plan(
    folder: Annotated[Path, typer.Argument(help="Tables as CSV or Parquet: items, demand, suppliers, ...")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the resulting tables.")],
    format: Annotated[Literal["csv", "parquet"], typer.Option(help="Kind of files.")] = "csv",
    quiet: Quiet = False,
    json: Json = False,
    workers: Workers = None,
    no_cache: NoCache = False,
) -> int:
    """Plan from a folder of tables, for data beyond Excel's row limit."""
    from invopt_xl.hosts.cli.show import reporter
    from invopt_xl.workbook.refresh import plan_folder

    with _cache(no_cache, quiet) as cache, reporter(quiet=quiet, json=json) as report:
        with Unbroken(report.progress) as progress:
            result = plan_folder(folder, output, suffix=format, cache=cache, progress=progress, workers=workers)
            code = _outcome.reached(result.rejected, f"the plan is written to {output}")
        report.plan(result, output)
    return code


@app.command(epilog="Example: invopt check workbooks/grocery.xlsx")
def check(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE", help="A plan workbook, a folder of tables, or a CSV or Parquet file of demand."
        ),
    ],
    json: Json = False,
) -> int:
    """Check the data only: every rejected or repaired row with its table, row, value and reason.

    Of demand alone, any item may be forecast; in a workbook or a folder it has to be one of the items.
    """
    from invopt_xl.hosts.cli.show import reporter
    from invopt_xl.plan.quality import admit, admit_demand
    from invopt_xl.workbook.one_table import holds_one_table, read_demand
    from invopt_xl.workbook.reading import read_tables

    with reporter(quiet=json, json=json) as report:
        report.progress.stage("Reading")
        alone = holds_one_table(source)
        raw = read_demand(source) if alone else read_tables(source)
        report.progress.stage("Checking data")
        admitted = admit_demand(raw) if alone else admit(raw)
        code = _outcome.reached(admitted.rejected, "the data are checked")
        report.quality(admitted)
    return code


Demand = Annotated[
    Path,
    typer.Argument(metavar="DEMAND", help="Demand: a CSV or Parquet file, a workbook with tblDemand, or a folder."),
]
Horizon = Annotated[int, typer.Option(min=1, max=10_000, help="Periods ahead.")]
PeriodName = Annotated[
    Literal["day", "week", "month"] | None, typer.Option("--period", help="Length of a period; told from the dates.")
]
Season = Annotated[
    int | None, typer.Option(min=1, max=10_000, help="Periods per season: 7 days, 52 weeks, 12 months unless given.")
]
Start = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"], metavar="DATE", help="First day to forecast, such as 2018-01-31; later rows are not used."
    ),
]
# Named here rather than asked of the room, whose loading would cost every command a moment.
METHODS = "auto, ensemble, arima, ets, theta, ces, ses, tsb, imapa, croston, sba, seasonal_naive, median"

Items = Annotated[list[str] | None, typer.Option("--item", "-i", help="Only this item; may be repeated.")]
Holidays = Annotated[
    str | None,
    typer.Option(metavar="COUNTRY", help="Let public holidays explain demand, such as US; needs the extra 'calendar'."),
]
Missing = Annotated[
    Literal["unknown", "zero"] | None,
    typer.Option("--missing", help="What a period without a row means; zero demand unless given."),
]
EngineName = Annotated[
    Literal["statsforecast", "pmdarima"] | None, typer.Option("--engine", help="Engine of ARIMA; statsforecast.")
]


@app.command(
    epilog="Examples:\n\n"
    "invopt forecast sales.csv --horizon 12 --output forecast.csv\n\n"
    "invopt forecast sales.parquet --horizon 6 --period month --item A100\n\n"
    "invopt forecast workbooks/grocery.xlsx --horizon 8 --output forecast.xlsx"
)
def forecast(
    demand: Demand,
    horizon: Horizon,
    period: PeriodName = None,
    season: Season = None,
    start: Start = None,
    item: Items = None,
    method: Annotated[str, typer.Option(help=f"One of {METHODS}.")] = "auto",
    methods: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Methods by item, as backtest --champions writes them.")
    ] = None,
    holidays: Holidays = None,
    missing: Missing = None,
    engine: EngineName = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write here: .csv, .parquet or .xlsx.")
    ] = None,
    reasons: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write pattern, model and reason of each item: .csv, .parquet or .xlsx."),
    ] = None,
    quiet: Quiet = False,
    json: Json = False,
    workers: Workers = None,
    no_cache: NoCache = False,
) -> int:
    """Forecast demand as a distribution for each item and coming period.

    Needed columns: item, date, quantity; location, unit_price, promotion and in_stock where known. Rows of one item
    and period are added up, several of one day too; a period that is not over is not learned. The forecasts have
    the columns of tblForecast.
    """
    from invopt_xl.hosts.cli.demand import Source
    from invopt_xl.hosts.cli.forecast import make_forecast
    from invopt_xl.hosts.cli.forecast_show import forecast_parts, forecast_summary
    from invopt_xl.hosts.cli.show import reporter

    source = Source(demand, period, start.date() if start else None, season, item or (), holidays, missing)
    with _cache(no_cache, quiet) as cache, reporter(quiet=quiet, json=json) as report:
        with Unbroken(report.progress) as progress:
            made = make_forecast(
                source, horizon, method=method, methods=methods, engine=engine, output=output, reasons=reasons,
                cache=cache, workers=workers, progress=progress,
            )  # fmt: skip
            done = f"the forecast is written to {output}" if output else "the forecast was made, nothing was written"
            code = _outcome.reached(made.rejected, done)
        report.result(lambda console: forecast_parts(made, console), lambda: forecast_summary(made))
    return code


@app.command(
    epilog="Examples:\n\n"
    "invopt backtest sales.csv --horizon 6 --windows 4\n\n"
    "invopt backtest sales.csv --horizon 6 --windows 8 --method auto --method theta --champions methods.csv\n\n"
    "invopt forecast sales.csv --horizon 6 --methods methods.csv"
)
def backtest(
    demand: Demand,
    horizon: Horizon,
    windows: Annotated[int, typer.Option(min=1, max=1000, help="How many times to forecast from the past.")] = 4,
    step: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="Periods from window to window; the horizon unless given.")
    ] = None,
    method: Annotated[
        list[str] | None, typer.Option(help="A method to compare; may be repeated. Several quick ones unless given.")
    ] = None,
    champion: Annotated[str, typer.Option(help="The method used so far, which others have to beat.")] = "auto",
    methods: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Methods used so far by item, as --champions writes them.")
    ] = None,
    margin: Annotated[
        float, typer.Option(min=0.0, max=0.99, help="Share of the loss by which a challenger has to be better.")
    ] = 0.05,
    measure: Annotated[
        Literal["pinball", "interval", "cost"],
        typer.Option(help="Loss to compare by: each period, the protection interval, or money."),
    ] = "pinball",
    period: PeriodName = None,
    season: Season = None,
    start: Start = None,
    item: Items = None,
    holidays: Holidays = None,
    missing: Missing = None,
    engine: EngineName = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Measures by item and method: .csv, .parquet or .xlsx."),
    ] = None,
    champions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The method chosen for each item: .csv or .parquet.")
    ] = None,
    quiet: Quiet = False,
    json: Json = False,
    workers: Workers = None,
    no_cache: NoCache = False,
) -> int:
    """Compare forecasting methods on the past: errors, coverage, cost where prices are known, and the best by item.

    The last windows of each history are forecast from what came before them. A challenger takes an item over only if
    what it gained there, shrunk to what it gained on items alike, exceeds the margin.
    """
    from invopt_xl.hosts.cli.backtest import Contest, compare_methods
    from invopt_xl.hosts.cli.backtest_show import backtest_parts, backtest_summary
    from invopt_xl.hosts.cli.demand import Source
    from invopt_xl.hosts.cli.show import reporter

    source = Source(demand, period, start.date() if start else None, season, item or (), holidays, missing)
    contest = Contest(horizon, windows, step, method or (), champion, methods, margin, measure)
    with _cache(no_cache, quiet) as cache, reporter(quiet=quiet, json=json) as report:
        with Unbroken(report.progress) as progress:
            judged = compare_methods(
                source, contest, engine=engine, output=output, champions_to=champions,
                cache=cache, workers=workers, progress=progress,
            )  # fmt: skip
            written = " and ".join(map(str, judged.written))
            done = f"the results are written to {written}" if written else "all was compared, nothing was written"
            code = _outcome.reached(judged.rejected, done)
        report.result(lambda _: backtest_parts(judged), lambda: backtest_summary(judged))
    return code


@app.command(epilog="Example: invopt demo grocery.xlsx")
def demo(
    target: Annotated[Path, typer.Argument(help="The workbook to build; with --full a folder of tables.")],
    full: Annotated[
        bool, typer.Option("--full", help="All products that sell, as a folder of tables; needs the extra 'demo'.")
    ] = False,
    condense: Annotated[
        bool,
        typer.Option("--condense", help="Make the condensed tables again from the full data; needs the extra 'demo'."),
    ] = False,
) -> None:
    """Build the demo workbook from a grocer's real sales."""
    from invopt_xl.hosts.cli.demo import build_demo

    build_demo(target, full=full, condense=condense)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"invopt {version('invopt_xl')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options common to all commands; the text is the app's own."""


@contextmanager
def _cache(no_cache: bool, quiet: bool) -> Iterator[ContentCache | None]:
    """Open the cache; say at the end, once, if it could not be used."""
    if no_cache:
        yield None
        return
    from invopt_xl.cache import ContentCache

    with ContentCache() as cache:
        yield cache
    if cache.fault and not quiet:
        say(f"warning: {cache.fault}")


def main() -> None:
    """Run the command line; every failure is one line on standard error and an exit code."""
    print_anything()
    try:
        code = app(standalone_mode=False) or DONE
        if code == _INTERRUPTED:
            code = _ended("stopped")
        sys.stdout.flush()
    except InvoptError as error:
        say(str(error))
        code = _outcome.code
    except typer.TyperException as error:
        # An empty message means that the help was shown already.
        if message := error.format_message():
            say(f"{message} (try: invopt --help)")
        code = _outcome.code
    except (KeyboardInterrupt, typer.Abort):
        code = _ended("stopped")
    except (BrokenPipeError, SystemExit):
        # The reader of our output has gone; Rich leaves then. Nothing is left to say to it.
        print_nothing_more()
        code = _outcome.code
    except MemoryError:
        code = _ended("out of memory")
    except Exception as error:  # noqa: BLE001 - the last line of defence: a planner never sees a traceback
        code = _ended(f"internal error ({type(error).__name__}: {error}); {details()}")
        print_nothing_more()
    sys.exit(code)


def _ended(message: str) -> int:
    """Say why the run ended and what it had done by then; return the exit code of that."""
    say(f"{message}; {_outcome.done}")
    return _outcome.code
