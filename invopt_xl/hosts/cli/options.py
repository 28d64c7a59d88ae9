"""Arguments and options of the commands, each named once.

Choices stand here as literals rather than being asked of their rooms, whose loading would cost every command a moment.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

METHODS = "auto, ensemble, arima, ets, theta, ces, ses, tsb, imapa, croston, sba, seasonal_naive, median"

# All commands

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for machines.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no tables; errors only.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes for forecasting; all cores unless given.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Compute everything again and keep nothing.")]

# Plans

Book = Annotated[Path, typer.Argument(help="The plan workbook (.xlsx or .xlsm).")]
NewBook = Annotated[Path | None, typer.Option("--output", "-o", help="Write here and leave BOOK as it is.")]
Backup = Annotated[bool, typer.Option("--backup", help="Keep a copy of the old workbook beside it.")]
ListCopies = Annotated[bool, typer.Option("--list", help="Show what can be undone, and change nothing.")]
ForceUndo = Annotated[
    bool, typer.Option("--force", help="Also where the workbook was changed since; what it is now is kept beside it.")
]
Folder = Annotated[Path, typer.Argument(help="Tables as CSV or Parquet: items, demand, suppliers, ...")]
NewFolder = Annotated[Path, typer.Option("--output", "-o", help="Folder for the resulting tables.")]
Format = Annotated[Literal["csv", "parquet"], typer.Option(help="Kind of files.")]
Checked = Annotated[
    Path,
    typer.Argument(metavar="SOURCE", help="A plan workbook, a folder of tables, or a CSV or Parquet file of demand."),
]

# A new period

Actuals = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="What came in the closed period, columns as tblDemand, on_hand too where known: .csv, .parquet or .xlsx.",
    ),
]
ActualsSheet = Annotated[
    str | None, typer.Option("--sheet", metavar="NAME", help="The sheet they stand on: of --actuals, else of BOOK.")
]
StockFile = Annotated[
    Path | None, typer.Option("--stock", metavar="FILE", help="Stock on hand on the new plan date: item, on_hand.")
]
ClosedPeriods = Annotated[int, typer.Option("--periods", min=1, max=520, help="Periods to close at once.")]
Received = Annotated[
    bool, typer.Option("--received", help="Take open orders out that were due before the new plan date.")
]
ClearOverrides = Annotated[
    bool, typer.Option("--clear-overrides", help="Clear overrides that were ordered; tblOverrides keeps them.")
]
PlacedOrders = Annotated[
    bool,
    typer.Option(
        "--placed",
        help="The order lines of the closed time were placed: put them into tblOpenOrders, none of them twice.",
    ),
]
NoRefresh = Annotated[bool, typer.Option("--no-refresh", help="Write actuals and plan date only.")]

# Demand, and how its periods are counted

Demand = Annotated[
    Path,
    typer.Argument(metavar="DEMAND", help="Demand: a CSV or Parquet file, a workbook with tblDemand, or a folder."),
]
Dates = Annotated[
    Literal["day-first", "month-first"] | None,
    typer.Option("--dates", help="How to read dates such as 1/2/2018 in a CSV or Parquet file; else they are refused."),
]
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
Items = Annotated[list[str] | None, typer.Option("--item", "-i", help="Only this item; may be repeated.")]
Holidays = Annotated[
    str | None,
    typer.Option(metavar="COUNTRY", help="Let public holidays explain demand, such as US; needs the extra 'calendar'."),
]
Missing = Annotated[
    Literal["unknown", "zero"] | None,
    typer.Option("--missing", help="What a period without a row means; zero demand unless given."),
]

# Forecasts and back-tests

Horizon = Annotated[int, typer.Option(min=1, max=10_000, help="Periods ahead.")]
EngineName = Annotated[
    Literal["statsforecast", "pmdarima"] | None, typer.Option("--engine", help="Engine of ARIMA; statsforecast.")
]
Method = Annotated[str, typer.Option(help=f"One of {METHODS}.")]
MethodsFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Methods by item, as backtest --champions writes them.")
]
Level = Annotated[
    list[float] | None,
    typer.Option(
        help="A central interval to write beside the usual quantiles: 0.99 adds p005 and p995; may be repeated."
    ),
]
ForecastFile = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write here: .csv, .parquet or .xlsx.")
]
ReasonsFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write pattern, model and reason of each item: .csv, .parquet or .xlsx."),
]
Windows = Annotated[int, typer.Option(min=1, max=1000, help="How many times to forecast from the past.")]
Step = Annotated[
    int | None, typer.Option(min=1, max=10_000, help="Periods from window to window; the horizon unless given.")
]
Compared = Annotated[
    list[str] | None, typer.Option(help="A method to compare; may be repeated. Several quick ones unless given.")
]
Champion = Annotated[str, typer.Option(help="The method used so far, which others have to beat.")]
FormerMethods = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Methods used so far by item, as --champions writes them.")
]
Margin = Annotated[
    float, typer.Option(min=0.0, max=0.99, help="Share of the loss by which a challenger has to be better.")
]
MeasureName = Annotated[
    Literal["pinball", "interval", "cost"],
    typer.Option(help="Loss to compare by: each period, the protection interval, or money."),
]
MeasuresFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Measures by item and method: .csv, .parquet or .xlsx."),
]
ChampionsFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The method chosen for each item: .csv or .parquet.")
]

# Replays

Replayed = Annotated[Path, typer.Argument(metavar="SOURCE", help="A plan workbook or a folder of tables.")]
Policies = Annotated[
    str,
    typer.Option(
        metavar="LIST",
        help="Some of ours (service mixed over items), uniform (one target for all), textbook (a spreadsheet's way).",
    ),
]
Service = Annotated[float, typer.Option(help="Service target that figures are shown for, such as 0.95.")]
ServiceMeasure = Annotated[
    Literal["fill", "cycle"], typer.Option(help="Target of uniform: fill rate or cycle service; ours aims at fill.")
]
Weighting = Annotated[
    Literal["value", "units", "lines"], typer.Option("--weigh", help="What the overall fill rate weighs items by.")
]
ReplayPeriods = Annotated[
    int | None, typer.Option("--periods", help="Last periods to replay; half of the history, at most 52, unless given.")
]
Draws = Annotated[int, typer.Option(max=200, help="Times that lead times are drawn.")]
ReplayFile = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="A new .xlsx workbook; .png or .svg for a picture of the curves (extra 'plots'), .csv or .parquet for "
        "their points.",
    ),
]

# What if

Planned = Annotated[Path, typer.Argument(metavar="SOURCE", help="A plan workbook or a folder of tables.")]
Changes = Annotated[
    list[str],
    typer.Option("--change", "-c", metavar="TEXT", help="Such as lead_time_days*0.5@supplier=North; may be repeated."),
]
ScenarioName = Annotated[str, typer.Option(help="What the scenario is called; the changes themselves unless given.")]
NoReplay = Annotated[bool, typer.Option("--no-replay", help="Compare plans only, which is quicker.")]
WhatIfFile = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write every figure and item here: .csv, .parquet, .xlsx or .json."
    ),
]

# Excess

ExcessDays = Annotated[
    float | None,
    typer.Option(
        "--horizon",
        min=1,
        max=3660,
        metavar="DAYS",
        help="Stock that demand does not use within so many days is too much; as the source says unless given.",
    ),
]
Forecast = Annotated[
    bool | None,
    typer.Option(
        "--forecast/--history",
        help="Plan first, for demand by forecasts, as a refresh does; or take demand by history alone, which takes "
        "seconds. By default as the last refresh has it, if SOURCE was refreshed for this plan date, else by history.",
        show_default=False,
    ),
]
ActionsFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write the actions (tblActions): .csv, .parquet or .xlsx."),
]

# Marking down

SellBefore = Annotated[
    datetime | None,
    typer.Option(
        "--before",
        formats=["%Y-%m-%d"],
        metavar="DATE",
        help="Cleared by: nothing sells from this day on. Without it, what is left sells on at today's price.",
    ),
]
Floor = Annotated[
    float, typer.Option(metavar="SHARE", help="Lowest price as a share of unit cost: 1 never sells below cost.")
]
LargestDiscount = Annotated[
    float, typer.Option("--largest-discount", metavar="SHARE", help="Largest share off today's price.")
]
Salvage = Annotated[
    float, typer.Option(metavar="SHARE", help="What a unit brings that is never sold, as a share of cost.")
]
Disposal = Annotated[
    float, typer.Option(metavar="SHARE", help="What it costs to be rid of such a unit, as a share of cost.")
]
MarkdownTable = Annotated[
    Literal["path", "summary", "response"],
    typer.Option("--table", help="What --output writes: prices by period, gains by item, or elasticities."),
]
MarkdownFile = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write a table here: .csv, .parquet or .xlsx.")
]

# Order plans alone

Ordered = Annotated[Path, typer.Argument(metavar="SOURCE", help="A folder of tables or a plan workbook.")]
PlanSeconds = Annotated[float, typer.Option("--seconds", min=0.1, max=86_400, help="Time limit of the search.")]
PlanGap = Annotated[
    float, typer.Option("--gap", min=0.0, max=1.0, help="Good enough within this share of the cheapest.")
]

Close = Annotated[
    list[str] | None,
    typer.Option(metavar="SUPPLIER:FROM..TO", help="A supplier is closed, such as North:2018-01-08..2018-01-21."),
]
Delay = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ITEM:DATE+DAYS",
        help="An open order comes later, such as A100:2018-01-09+14; A100@WEST for one location, :50 at the end for 50 "
        "units of it.",
    ),
]
LostOrder = Annotated[
    list[str] | None, typer.Option("--lost", metavar="ITEM:DATE", help="An open order, or :50 of it, never comes.")
]
Rise = Annotated[
    list[str] | None,
    typer.Option(
        "--price-rise",
        metavar="NAME:DATE+RATE%",
        help="A supplier, or an item, costs more, such as North:2018-02-01+5%.",
    ),
]
KeepSent = Annotated[
    bool, typer.Option("--keep-sent", help="Today's lines of the first period are sent already, and stand.")
]
Earlier = Annotated[
    Path | None,
    typer.Option("--compare", metavar="FOLDER", help="An earlier result: tells which of its orders changed."),
]

# The function service

ServiceDo = Annotated[
    Literal["status", "start", "stop"], typer.Argument(metavar="status|start|stop", help="What to do.")
]

# The demo

NewDemo = Annotated[Path, typer.Argument(help="The workbook to build; with --full a folder of tables.")]
Full = Annotated[
    bool, typer.Option("--full", help="All products that sell, as a folder of tables; needs the extra 'demo'.")
]
Condense = Annotated[
    bool,
    typer.Option("--condense", help="Make the condensed tables again from the full data; needs the extra 'demo'."),
]

# Cell functions

FunctionNames = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME]...", help="Functions to tell about, such as SAFETY_STOCK.")
]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print the list as Markdown tables.")]

# Templates

TemplateName = Annotated[str | None, typer.Argument(metavar="TEMPLATE", help="Which one; --list names them.")]
TemplateBook = Annotated[
    Path | None, typer.Argument(metavar="BOOK", help="The workbook to write: .xlsm for Excel for Windows, else .xlsx.")
]
Host = Annotated[
    Literal["excel", "web", "calc"] | None,
    typer.Option(
        "--host",
        help="What opens it: Excel for Windows (unless said otherwise on Windows), Excel on the web or a Mac (on a "
        "Mac), LibreOffice Calc (on Linux).",
    ),
]
Blank = Annotated[bool, typer.Option("--blank", help="Without the example, ready for your data.")]
Overwrite = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]
ListTemplates = Annotated[bool, typer.Option("--list", help="Name the templates, a line each.")]
EveryTemplate = Annotated[
    Path | None, typer.Option("--all", metavar="FOLDER", help="Write those that are committed into a folder.")
]
