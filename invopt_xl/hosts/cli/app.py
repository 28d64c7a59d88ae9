"""Commands, exit codes and the one place where errors become a line on the console."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from invopt_xl.errors import InvoptError

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache

DONE, DONE_WITH_REJECTED_ROWS, NOTHING_DONE = 0, 1, 2
"""Exit codes."""

_INTERRUPTED = 130
"""What the command-line library returns after Ctrl-C."""

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

    with reporter(quiet=quiet, json=json) as report, _cache(no_cache) as cache:
        result = refresh_workbook(
            book, output=output, backup=backup, cache=cache, progress=report.progress, workers=workers
        )
        report.plan(result, output or book)
    return DONE_WITH_REJECTED_ROWS if result.rejected else DONE


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

    with reporter(quiet=quiet, json=json) as report, _cache(no_cache) as cache:
        result = plan_folder(folder, output, suffix=format, cache=cache, progress=report.progress, workers=workers)
        report.plan(result, output)
    return DONE_WITH_REJECTED_ROWS if result.rejected else DONE


@app.command(epilog="Example: invopt check workbooks/grocery.xlsx")
def check(
    source: Annotated[Path, typer.Argument(metavar="BOOK_OR_FOLDER", help="A plan workbook or a folder of tables.")],
    json: Json = False,
) -> int:
    """Check the data only: every rejected or repaired row with its table, row, value and reason."""
    from invopt_xl.hosts.cli.show import reporter
    from invopt_xl.plan.quality import admit
    from invopt_xl.workbook import read_tables

    with reporter(quiet=json, json=json) as report:
        report.progress.stage("Reading")
        raw = read_tables(source)
        report.progress.stage("Checking data")
        admitted = admit(raw)
        report.quality(admitted)
    return DONE_WITH_REJECTED_ROWS if admitted.rejected else DONE


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


def _cache(no_cache: bool) -> AbstractContextManager[ContentCache | None]:
    from invopt_xl.cache import ContentCache

    return nullcontext() if no_cache else ContentCache()


def main() -> None:
    """Run the command line; every failure is one line on standard error and an exit code."""
    try:
        code = app(standalone_mode=False) or DONE
        if code == _INTERRUPTED:
            code = _fail("stopped; nothing was changed")
    except InvoptError as error:
        code = _fail(str(error))
    except typer.TyperException as error:
        # An empty message means that the help was shown already.
        message = error.format_message()
        code = _fail(f"{message} (try: invopt --help)") if message else NOTHING_DONE
    except (KeyboardInterrupt, typer.Abort):
        code = _fail("stopped; nothing was changed")
    except BrokenPipeError:
        # The reader of our output has gone; nothing is left to say to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = NOTHING_DONE
    except MemoryError:
        code = _fail("out of memory; nothing was changed")
    except Exception as error:  # noqa: BLE001 - the last line of defence: a planner never sees a traceback
        code = _fail(f"internal error ({type(error).__name__}: {error}); details are in {_log_traceback()}")
    sys.exit(code)


def _fail(message: str) -> int:
    first_line = " ".join(message.split())
    typer.echo(f"invopt: {first_line}", err=True)
    return NOTHING_DONE


def _log_traceback() -> Path:
    from invopt_xl.cache import default_directory

    path = default_directory() / "last_error.txt"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(traceback.format_exc(), encoding="utf-8")
    return path
