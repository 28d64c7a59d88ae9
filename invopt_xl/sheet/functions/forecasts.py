"""What will be asked for: forecasts, their models and their accuracy, from a history in cells."""

from __future__ import annotations

from invopt_xl.policy.costs import FloatArray
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Result, cell_function
from invopt_xl.sheet.functions.shared import ITEMS_IN
from invopt_xl.sheet.run import Run

DEMAND = Argument(
    "demand", "Demand per period, oldest first: a row, or a column; of several columns each is an item.",
    takes="series", unit="units", minimum=0,
)  # fmt: skip
HORIZON = Argument(
    "horizon", "Periods ahead.", takes="one", unit="periods", default=12, whole=True, minimum=1, maximum=520
)
SEASON = Argument(
    "season", "Periods of a season, such as 12 for months, 52 for weeks; 1 for none.",
    takes="one", unit="periods", default=1, whole=True, minimum=1, maximum=400,
)  # fmt: skip
QUANTILE = Argument(
    "quantile", "Chance that demand is not above the number returned, such as 0.95; the mean if omitted.",
    takes="one", unit="share", default=None, above=0, below=1, example="0.95",
)  # fmt: skip

WEEKS = [[float(units)] for units in (41, 38, 45, 50, 39, 44, 47, 36, 52, 48, 43, 40, 46, 51, 37, 42, 49, 45, 38, 47)]
"""An item's weeks, for examples."""


@cell_function(
    "Forecast",
    DEMAND,
    HORIZON,
    SEASON,
    QUANTILE,
    ITEMS_IN,
    result=Result("series", "demand of each coming period, units"),
    cost="heavy",
    example=(WEEKS, 4),
)
def forecast(
    run: Run, demand: FloatArray, horizon: int, season: int, quantile: float | None, items_in: str
) -> list[FloatArray]:
    """Forecast of demand in each coming period: the mean, or a quantile, in units.

    The model is chosen by the pattern of demand: averages of ARIMA models where it is regular, methods for rare demand
    elsewhere.
    """
    from invopt_xl.forecasting import forecast_many

    made = forecast_many(
        list(demand), int(horizon), season=int(season), cache=run.cache, progress=run.progress, workers=run.workers
    )
    return [each.mean if quantile is None else each.quantiles([quantile])[:, 0] for each in made]
