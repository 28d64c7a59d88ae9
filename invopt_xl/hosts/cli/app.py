"""The commands, and the one place where errors become a line on the console."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from invopt_xl.errors import InvoptError, require
from invopt_xl.hosts.cli import options as given
from invopt_xl.hosts.cli.calc import calc
from invopt_xl.hosts.cli.demand_commands import BACKTEST_EXAMPLES, FORECAST_EXAMPLES, backtest, forecast
from invopt_xl.hosts.cli.demo import demo
from invopt_xl.hosts.cli.ending import DONE, Unbroken, details, leave, print_anything, print_nothing_more, say
from invopt_xl.hosts.cli.excel import excel
from invopt_xl.hosts.cli.excess import EXCESS_EXAMPLES, excess
from invopt_xl.hosts.cli.markdown import MARKDOWN_EXAMPLES, markdown
from invopt_xl.hosts.cli.new import NEW_EXAMPLES, new
from invopt_xl.hosts.cli.roll import ROLL_EXAMPLES, roll
from invopt_xl.hosts.cli.running import OUTCOME, PLAIN, Manner, carry_out, user_name, with_usual_options
from invopt_xl.hosts.cli.segment import SEGMENT_EXAMPLES, segment
from invopt_xl.hosts.cli.trial_commands import REPLAY_EXAMPLES, WHAT_IF_EXAMPLES, replay, what_if
from invopt_xl.hosts.cli.undo import show_refresh, undo
from invopt_xl.hosts.cli.web import web

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


@app.command(epilog="Example: invopt refresh workbooks/grocery.xlsx --output plan.xlsx")
@with_usual_options
def refresh(
    book: given.Book,
    output: given.NewBook = None,
    backup: given.Backup = False,
    manner: Manner = PLAIN,
) -> int:
    """Refresh a plan workbook: check its data, forecast, set stock levels, plan orders, write the results back.

    Only the program's own tables change; charts, formulas, notes and overrides stay as they are.
    """
    from invopt_xl.workbook.refresh import refresh_workbook

    target = output or book
    return carry_out(
        lambda run: refresh_workbook(
            book, output=output, backup=backup, cache=run.cache, progress=run.progress, workers=run.workers,
            undoable=True, user=user_name(),
        ),
        lambda _: f"the plan is written to {target}",
        lambda report, result: show_refresh(report, result, target),
        manner,
    )  # fmt: skip


app.command(epilog=ROLL_EXAMPLES)(roll)
app.command(epilog=EXCESS_EXAMPLES)(excess)
app.command(epilog="Examples:\n\ninvopt undo plan.xlsx --list\n\ninvopt undo plan.xlsx")(undo)


@app.command(epilog="Example: invopt plan tables --output results --format parquet")
@with_usual_options
def plan(
    folder: given.Folder,
    output: given.NewFolder,
    format: given.Format = "csv",
    manner: Manner = PLAIN,
) -> int:
    """Plan from a folder of tables, for data beyond Excel's row limit."""
    from invopt_xl.workbook.refresh import plan_folder

    return carry_out(
        lambda run: plan_folder(
            folder, output, suffix=format, cache=run.cache, progress=run.progress, workers=run.workers,
            user=user_name(),
        ),
        lambda _: f"the plan is written to {output}",
        lambda report, result: report.plan(result, output),
        manner,
    )  # fmt: skip


@app.command(
    epilog="Examples:\n\n"
    "invopt orders tables --output orders\n\n"
    "invopt orders workbooks/grocery.xlsx --seconds 20 --gap 0.02 --output orders --format parquet\n\n"
    "invopt orders tables --output orders --compare orders\n\n"
    "invopt orders tables --output after --close North:2018-01-08..2018-01-21 --keep-sent\n\n"
    "invopt orders tables --output after --delay A100:2018-01-09+14 --lost B20@WEST:2018-01-16:50\n\n"
    "invopt orders tables --output after --price-rise North:2018-02-01+5%"
)
@with_usual_options
def orders(
    source: given.Ordered,
    output: given.NewFolder,
    seconds: given.PlanSeconds = 60.0,
    gap: given.PlanGap = 0.01,
    close: given.Close = None,
    delay: given.Delay = None,
    lost: given.LostOrder = None,
    price_rise: given.Rise = None,
    keep_sent: given.KeepSent = False,
    compare: given.Earlier = None,
    format: given.Format = "csv",
    manner: Manner = PLAIN,
) -> int:
    """Plan orders alone: what to order, from whom and when, within every limit, with a proven gap.

    Expected demand is that of a `forecast` table in the folder (item, location, date, mean); without one it is
    forecast from `demand`. Safety stocks are set from `demand`; without it the columns `safety_stock` and
    `reorder_point` of `items` count.

    What --close, --delay, --lost and --price-rise say, each as often as needed, happens together: the plan is made as
    things are, and again as they are then. Written is the new one; `order_changes` says which lines moved, and shown is
    what it costs beside today's plan, and beside following that as it stands.
    """
    from invopt_xl.hosts.cli.disruptions import Beside
    from invopt_xl.hosts.cli.orders import order
    from invopt_xl.hosts.cli.orders_show import order_parts, order_summary
    from invopt_xl.plan.orders import Effort

    effort = Effort(seconds, gap, manner.workers)
    beside = Beside(close or (), delay or (), lost or (), price_rise or (), keep_sent, compare)
    return carry_out(
        lambda run: order(source, output, effort, run, beside=beside, suffix=format),
        lambda _: f"the orders are written to {output}",
        lambda report, ordered: report.result(lambda _: order_parts(ordered), lambda: order_summary(ordered)),
        manner,
    )


@app.command(epilog="Example: invopt check workbooks/grocery.xlsx")
def check(source: given.Checked, dates: given.Dates = None, json: given.Json = False) -> int:
    """Check the data only: every rejected or repaired row with its table, row, value and reason.

    Of demand alone, any item may be forecast; in a workbook or a folder it has to be one of the items.
    """
    from invopt_xl.hosts.cli.demand import check_source
    from invopt_xl.hosts.cli.show import reporter

    with reporter(quiet=json, json=json) as report:
        with Unbroken(report.progress) as progress:
            admitted = check_source(source, dates, progress)
        code = OUTCOME.reached(admitted.rejected, "the data are checked")
        report.quality(admitted)
    return code


app.command(epilog=FORECAST_EXAMPLES)(forecast)
app.command(epilog=BACKTEST_EXAMPLES)(backtest)
app.command(epilog=REPLAY_EXAMPLES)(replay)
app.command("what-if", epilog=WHAT_IF_EXAMPLES)(what_if)
app.command(epilog=SEGMENT_EXAMPLES)(segment)
app.command(epilog=MARKDOWN_EXAMPLES)(markdown)


@app.command(epilog="Examples:\n\ninvopt functions\n\ninvopt functions SAFETY_STOCK\n\ninvopt functions --json")
def functions(name: given.FunctionNames = None, json: given.Json = False, markdown: given.Markdown = False) -> int:
    """List the cell functions, or tell all about those that are named."""
    from invopt_xl.hosts.cli.functions import catalogue_parts, known
    from invopt_xl.hosts.cli.show import reporter
    from invopt_xl.sheet.listing import functions_as_data, functions_as_markdown

    require(not (markdown and json), "options --markdown and --json", "both given", "one of them")
    require(not (markdown and name), "option --markdown", "given with a name", "it alone: it lists all functions")
    if markdown:
        typer.echo(functions_as_markdown(), nl=False)
        return DONE
    names = known(name)
    with reporter(quiet=False, json=json) as report:
        report.result(lambda _: catalogue_parts(names), lambda: {"functions": functions_as_data(names)})
    return DONE


@app.command(epilog="Examples:\n\ninvopt service\n\ninvopt service stop")
def service(do: given.ServiceDo = "status", json: given.Json = False) -> int:
    """Show the function service, which answers the cell functions of every office program; start or stop it.

    It starts by itself with the first cell that needs it, and ends when no cell has for half an hour.
    """
    from invopt_xl.hosts.cli.service import service_state, state_parts
    from invopt_xl.hosts.cli.show import reporter

    with reporter(quiet=False, json=json) as report:
        state = service_state(do)
        report.result(lambda _: state_parts(state), lambda: state)
    return DONE


@app.command(epilog="Exit code: 0 if there is no problem, 1 if there is one.")
def doctor(json: given.Json = False) -> int:
    """Check Python, packages, Excel, LibreOffice, the function service, cache and log; say what to do."""
    from invopt_xl.hosts.cli.doctor import show_health

    return show_health(json)


app.add_typer(calc)
app.add_typer(excel)
app.add_typer(web)


app.command(epilog=NEW_EXAMPLES)(new)
app.command(epilog="Example: invopt demo grocery.xlsx")(demo)


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
        code = OUTCOME.code
    except typer.TyperException as error:
        # An empty message means that the help was shown already.
        if message := error.format_message():
            # The library that checks options says of its own what kind of error it is.
            message = message.replace(": Value error, ", ": ")
            say(f"{message} (try: {_command(error)} --help)")
        code = OUTCOME.code
    except (KeyboardInterrupt, typer.Abort):
        code = _ended("stopped")
    except (BrokenPipeError, SystemExit):
        # The reader of our output has gone; Rich leaves then. Nothing is left to say to it.
        print_nothing_more()
        code = OUTCOME.code
    except MemoryError:
        code = _ended("out of memory")
    except Exception as error:  # noqa: BLE001 - the last line of defence: a planner never sees a traceback
        code = _ended(f"internal error ({type(error).__name__}: {error}); {details()}")
        print_nothing_more()
    leave(code)


def _command(error: typer.TyperException) -> str:
    """Return the command that was misused as it is written, such as ``invopt orders``."""
    context = getattr(error, "ctx", None)
    words: list[str] = []
    while context is not None and context.parent is not None:
        words.insert(0, context.info_name or "")
        context = context.parent
    return " ".join(("invopt", *words))


def _ended(message: str) -> int:
    """Say why the run ended and what it had done by then; return the exit code of that."""
    say(f"{message}; {OUTCOME.done}")
    return OUTCOME.code
