"""What will be asked for: forecasts, their models and their accuracy, from a history in cells."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.domain.methods import METHODS
from invopt_xl.domain.words import counted
from invopt_xl.errors import InputError, require
from invopt_xl.sheet.arguments import REQUIRED, Argument
from invopt_xl.sheet.catalogue import Result, cell_function
from invopt_xl.sheet.functions._demand import (
    DEMAND,
    EMPTY_CELLS,
    IN_STOCK,
    ITEMS_IN,
    SEASON,
    WEEKS,
    Histories,
    Told,
    sentence,
    whys,
)
from invopt_xl.sheet.functions._fitted import fitted, line, model, unfit
from invopt_xl.sheet.run import Run

if TYPE_CHECKING:
    from invopt_xl.forecasting.backtest.scores import Backtest

HORIZON = Argument(
    "horizon", "Periods ahead.", takes="one", unit="periods", default=12, whole=True, minimum=1, maximum=520
)
QUANTILE = Argument(
    "quantile", "Chance that demand is not above the number returned, such as 0.95; the mean if omitted.",
    takes="one", unit="share", default=None, above=0, below=1, example="0.95",
)  # fmt: skip
METHOD = Argument(
    "method", f"How to forecast: auto chooses by the pattern of demand; the others are {', '.join(METHODS[1:])}.",
    takes="one", kind="choice", choices=METHODS, default="auto",
)  # fmt: skip
WINDOWS = Argument(
    "windows", "Windows to test, each as long as the horizon; the newest are the last periods of demand.",
    takes="one", default=4, whole=True, minimum=1, maximum=100,
)  # fmt: skip

ACCURACY = ("windows", "wape", "bias", "mase", "scaled_pinball", "coverage_80")


def _order(name: str, help: str, most: int, default: float | str = REQUIRED) -> Argument:
    return Argument(name, help, takes="one", default=default, whole=True, minimum=0, maximum=most)


@cell_function(
    "Forecast",
    DEMAND,
    HORIZON,
    SEASON,
    QUANTILE,
    IN_STOCK,
    METHOD,
    EMPTY_CELLS,
    ITEMS_IN,
    result=Result("series", "demand of each coming period, units"),
    cost="heavy",
    example=(WEEKS, 4),
    because=whys,
)
def forecast(
    run: Run,
    demand: FloatArray,
    horizon: int,
    season: int,
    quantile: float | None,
    in_stock: FloatArray | None,
    method: str,
    empty_cells: str,
    items_in: str,
) -> list[Any]:
    """Forecast of demand in each coming period: the mean, or a quantile, in units.

    The model is chosen by the pattern of demand: averages of ARIMA models where it is regular, methods for rare demand
    elsewhere. No season is looked for unless its length is given, and none is used with less than two seasons of
    history. The first coming period follows the last one in which any item has a number; empty cells before an item's
    first number are before it existed.
    """
    histories = Histories.of(demand, in_stock, empty_cells)
    return histories.each(
        lambda known: [line(made, quantile) for made in fitted(run, known, horizon, season=int(season), method=method)]
    )


@cell_function(
    "Forecast",
    DEMAND,
    _order("p", "Autoregressive terms: 0 to 5.", 5),
    _order("d", "Differences: 0 to 2.", 2),
    _order("q", "Moving-average terms: 0 to 5.", 5),
    HORIZON,
    SEASON,
    _order("seasonal_p", "Seasonal autoregressive terms: 0 to 5.", 5, 0),
    _order("seasonal_d", "Seasonal differences: 0 to 2.", 2, 0),
    _order("seasonal_q", "Seasonal moving-average terms: 0 to 5.", 5, 0),
    QUANTILE,
    IN_STOCK,
    EMPTY_CELLS,
    ITEMS_IN,
    result=Result("series", "demand of each coming period, units"),
    cost="heavy",
    example=(WEEKS, 0, 1, 1, 4),
    because=whys,
)
def arima(
    run: Run,
    demand: FloatArray,
    p: int,
    d: int,
    q: int,
    horizon: int,
    season: int,
    seasonal_p: int,
    seasonal_d: int,
    seasonal_q: int,
    quantile: float | None,
    in_stock: FloatArray | None,
    empty_cells: str,
    items_in: str,
) -> list[Any]:
    """Forecast by the ARIMA model of given orders: the mean of each coming period, or a quantile, in units.

    The model is one of the square root of demand, so that forecasts are never negative. A history that cannot bear
    these orders is refused, not forecast by another model. Seasonal orders are for seasons of up to 24 periods; longer
    ones are taken out before, if season is given.
    """
    from invopt_xl.forecasting.regular.smoothing import LONGEST_MODELLED_SEASON

    order, seasonal = (int(p), int(d), int(q)), (int(seasonal_p), int(seasonal_d), int(seasonal_q))
    if any(seasonal):
        most = LONGEST_MODELLED_SEASON
        require(season <= most, "season", f"{season:g}", f"at most {most} with seasonal orders; leave them out")
    settings = {"season": int(season), "method": "arima", "order": order, "seasonal_order": seasonal}

    def lines(known: Histories) -> list[Any]:
        forecasts = fitted(run, known, horizon, **settings)
        return [
            line(made, quantile) if made.model.startswith("ARIMA(") else unfit(made, history, settings)
            for made, history in zip(forecasts, known.demand, strict=True)
        ]

    return Histories.of(demand, in_stock, empty_cells).each(lines)


@cell_function(
    "Forecast",
    DEMAND,
    HORIZON,
    SEASON,
    IN_STOCK,
    METHOD,
    EMPTY_CELLS,
    ITEMS_IN,
    result=Result("record", "model, why it was chosen, and what else is to be known", ("model", "reason", "notes")),
    cost="heavy",
    example=(WEEKS, 4),
    because=whys,
)
def forecast_model(
    run: Run,
    demand: FloatArray,
    horizon: int,
    season: int,
    in_stock: FloatArray | None,
    method: str,
    empty_cells: str,
    items_in: str,
) -> list[Any]:
    """Which model FORECAST uses, why, and what it found in the history: outliers, stock-outs, gaps, shifts of level.

    Given the same arguments as FORECAST, both are fitted once. The model does not depend on the horizon.
    """
    histories = Histories.of(demand, in_stock, empty_cells)
    return histories.each(
        lambda known: [model(made) for made in fitted(run, known, horizon, season=int(season), method=method)]
    )


@cell_function(
    "Forecast",
    DEMAND,
    HORIZON,
    SEASON,
    WINDOWS,
    IN_STOCK,
    METHOD,
    EMPTY_CELLS,
    ITEMS_IN,
    result=Result(
        "record", "windows tested; WAPE and bias as shares of demand; MASE and pinball loss in naive errors; share of "
        "periods within the 80% interval", ACCURACY
    ),
    cost="heavy",
    example=(WEEKS, 4, 1, 2),
    because=whys,
)  # fmt: skip
def forecast_accuracy(
    run: Run,
    demand: FloatArray,
    horizon: int,
    season: int,
    windows: int,
    in_stock: FloatArray | None,
    method: str,
    empty_cells: str,
    items_in: str,
) -> list[Any]:
    """How good FORECAST would have been in the last windows of the history, each forecast from what came before it.

    Of the windows asked for, those count that have 8 known periods before them. WAPE is the sum of absolute errors over
    the sum of demand; bias is positive where too much was forecast; MASE below 1 beats the naive forecast, that of the
    season before where a season is given (Hyndman & Koehler 2006); 80% of demand should lie within its interval.
    """
    from invopt_xl.forecasting.backtest.walk import walk_forward

    def scored(known: Histories) -> list[Any]:
        test = walk_forward(
            list(known.demand), int(horizon), int(windows), methods=(method,), season=int(season),
            in_stock=list(known.in_stock), cache=run.cache, workers=run.workers, progress=run.progress,
        )  # fmt: skip
        return _scores(test, int(horizon))

    return Histories.of(demand, in_stock, empty_cells).each(scored)


def _scores(test: Backtest, horizon: int) -> list[Any]:
    """Return the record of each item, or why none of its windows could be scored."""
    table = test.by_item().droplevel("method").to_dict("index")
    left_out = {item: why for item, _, why in test.cases.left_out}  # of each item the newest window
    return [
        _score(table[name], horizon)
        if name in table
        else InputError(
            f"history does not suffice to test {counted(horizon, 'period')} ahead: "
            f"the newest window has {left_out[place]}"
        )
        for place, name in enumerate(test.cases.names)
    ]


def _score(row: Mapping[Any, Any], horizon: int) -> Told:
    windows, wape, bias, mase, _, coverage = (float(row[name]) for name in ACCURACY)
    return Told(
        (int(windows), *(row[name] for name in ACCURACY[1:])),
        sentence(
            f"{counted(int(windows), 'window')} of {counted(horizon, 'period')} forecast by {row['model']}",
            *_judged(wape, bias, mase, coverage),
        ),
    )


def _judged(wape: float, bias: float, mase: float, coverage: float) -> Sequence[str]:
    """Return what the measures say, those known."""
    many = "much" if bias > 0 else "little"
    naive = "better than" if mase < 1 else "no better than"
    told = {
        f"errors of {wape:.0%} of demand": wape,
        f"{abs(bias):.1%} too {many} in all": bias,
        f"{naive} the naive forecast ({mase:.2f} of its errors)": mase,
        f"{coverage:.0%} of periods within the 80% interval": coverage,
    }
    return [words for words, value in told.items() if math.isfinite(value)]
