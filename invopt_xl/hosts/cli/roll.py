"""``invopt roll``: a new period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invopt_xl.hosts.cli import options as given
from invopt_xl.hosts.cli.running import PLAIN, Manner, Run, carry_out, user_name, with_usual_options
from invopt_xl.hosts.cli.undo import say_undo

if TYPE_CHECKING:
    from invopt_xl.hosts.cli.show import Report
    from invopt_xl.workbook.rolling import Rolled

ROLL_EXAMPLES = (
    "Examples:\n\n"
    "invopt roll plan.xlsx --actuals week.csv\n\n"
    "invopt roll plan.xlsx --sheet Actuals --stock stock.csv --received --placed --clear-overrides\n\n"
    "invopt roll plan.xlsx --actuals sales.xlsx --sheet June --periods 4 --output next.xlsx"
)


@with_usual_options
def roll(
    book: given.Book,
    actuals: given.Actuals = None,
    sheet: given.ActualsSheet = None,
    stock: given.StockFile = None,
    periods: given.ClosedPeriods = 1,
    received: given.Received = False,
    placed: given.PlacedOrders = False,
    clear_overrides: given.ClearOverrides = False,
    no_refresh: given.NoRefresh = False,
    output: given.NewBook = None,
    backup: given.Backup = False,
    manner: Manner = PLAIN,
) -> int:
    """Begin a new period: add what came to tblDemand, move the plan date, refresh, show forecast against actual.

    Without --actuals and --sheet the demand of the period stands in tblDemand already. A period is closed once; a row
    of another day or one that cannot be used is refused, items that tblItems does not know are left out by name. All is
    written at once or not at all.
    """
    from invopt_xl.hosts.cli.roll_show import roll_parts, roll_summary
    from invopt_xl.plan.closing import Choices
    from invopt_xl.workbook.rolling import Period, roll_workbook

    choices = Choices(periods, received, clear_overrides, placed)
    period, target = Period(actuals, sheet, stock, choices), output or book

    def work(run: Run) -> Rolled:
        return roll_workbook(
            book, period, refresh=not no_refresh, output=output, backup=backup, cache=run.cache, progress=run.progress,
            workers=run.workers, user=user_name(), undoable=True,
        )  # fmt: skip

    def show(report: Report, rolled: Rolled) -> None:
        report.result(lambda _: roll_parts(rolled, target), lambda: roll_summary(rolled, target))
        say_undo(report, target)

    return carry_out(
        work,
        lambda _: f"the new period is written to {target}",
        show,
        manner,
    )
