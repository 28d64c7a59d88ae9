"""The commands about demand alone: its forecast, and how well methods would have forecast it."""

from __future__ import annotations

from invopt_xl.hosts.cli import options as given
from invopt_xl.hosts.cli.running import PLAIN, Manner, carry_out, with_usual_options

FORECAST_EXAMPLES = (
    "Examples:\n\n"
    "invopt forecast sales.csv --horizon 12 --output forecast.csv\n\n"
    "invopt forecast sales.parquet --horizon 6 --period month --item A100\n\n"
    "invopt forecast sales.csv --horizon 6 --dates day-first --level 0.5 --level 0.99\n\n"
    "invopt forecast workbooks/grocery.xlsx --horizon 8 --output forecast.xlsx"
)

BACKTEST_EXAMPLES = (
    "Examples:\n\n"
    "invopt backtest sales.csv --horizon 6 --windows 4\n\n"
    "invopt backtest sales.csv --horizon 6 --windows 8 --method auto --method theta --champions methods.csv\n\n"
    "invopt forecast sales.csv --horizon 6 --methods methods.csv"
)


@with_usual_options
def forecast(
    demand: given.Demand,
    horizon: given.Horizon,
    period: given.PeriodName = None,
    season: given.Season = None,
    start: given.Start = None,
    dates: given.Dates = None,
    item: given.Items = None,
    method: given.Method = "auto",
    methods: given.MethodsFile = None,
    holidays: given.Holidays = None,
    missing: given.Missing = None,
    engine: given.EngineName = None,
    level: given.Level = None,
    output: given.ForecastFile = None,
    reasons: given.ReasonsFile = None,
    manner: Manner = PLAIN,
) -> int:
    """Forecast demand as a distribution for each item and coming period.

    Needed columns: item, date, quantity; location, unit_price, promotion and in_stock where known. Rows of one item
    and period are added up, several of one day too; a period that is not over is not learned. The forecasts have
    the columns of tblForecast, and those that --level adds.
    """
    from invopt_xl.hosts.cli.demand import Source
    from invopt_xl.hosts.cli.forecast import Request, make_forecast
    from invopt_xl.hosts.cli.forecast_show import forecast_parts, forecast_summary

    source = Source(demand, period, start.date() if start else None, season, item or (), holidays, missing, dates)
    request = Request(horizon, method, methods, engine, level or ())
    return carry_out(
        lambda run: make_forecast(source, request, run, output=output, reasons=reasons),
        lambda _: f"the forecast is written to {output}" if output else "the forecast was made, nothing was written",
        lambda report, made: report.result(
            lambda console: forecast_parts(made, console), lambda: forecast_summary(made)
        ),
        manner,
    )


@with_usual_options
def backtest(
    demand: given.Demand,
    horizon: given.Horizon,
    windows: given.Windows = 4,
    step: given.Step = None,
    method: given.Compared = None,
    champion: given.Champion = "auto",
    methods: given.FormerMethods = None,
    margin: given.Margin = 0.05,
    measure: given.MeasureName = "pinball",
    period: given.PeriodName = None,
    season: given.Season = None,
    start: given.Start = None,
    dates: given.Dates = None,
    item: given.Items = None,
    holidays: given.Holidays = None,
    missing: given.Missing = None,
    engine: given.EngineName = None,
    output: given.MeasuresFile = None,
    champions: given.ChampionsFile = None,
    manner: Manner = PLAIN,
) -> int:
    """Compare forecasting methods on the past: errors, coverage, cost where prices are known, and the best by item.

    The last windows of each history are forecast from what came before them. A challenger takes an item over only if
    what it gained there, shrunk to what it gained on items alike, exceeds the margin.
    """
    from invopt_xl.hosts.cli.backtest import Contest, compare_methods
    from invopt_xl.hosts.cli.backtest_show import backtest_parts, backtest_summary
    from invopt_xl.hosts.cli.demand import Source

    source = Source(demand, period, start.date() if start else None, season, item or (), holidays, missing, dates)
    contest = Contest(horizon, windows, step, method or (), champion, methods, margin, measure, engine)
    return carry_out(
        lambda run: compare_methods(source, contest, run, output=output, champions_to=champions),
        lambda judged: judged.done,
        lambda report, judged: report.result(lambda _: backtest_parts(judged), lambda: backtest_summary(judged)),
        manner,
    )
