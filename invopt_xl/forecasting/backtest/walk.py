"""Walk-forward back-testing: what the methods would have forecast, against what came.

Each history is cut at several origins (Tashman 2000, "Out-of-sample tests of forecasting accuracy", International
Journal of Forecasting 16, 437-450). Every method forecasts what follows from what came before, and is scored by what
is known now. Nothing after an origin reaches a forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from invopt_xl.domain.forecast import QUANTILE_LEVELS, FloatArray
from invopt_xl.domain.methods import METHODS
from invopt_xl.domain.progress import Progress, Silent
from invopt_xl.errors import require
from invopt_xl.forecasting.arima.engines import Engine
from invopt_xl.forecasting.backtest.cases import Item, Walk, cases_of, intervals_of, items_of
from invopt_xl.forecasting.backtest.costs import Costs
from invopt_xl.forecasting.backtest.predictions import Predictor
from invopt_xl.forecasting.backtest.scores import COVERAGES, UPPER_LEVELS, Backtest
from invopt_xl.forecasting.checks import numbers
from invopt_xl.forecasting.cleaning.history import BoolArray
from invopt_xl.forecasting.lifts.regressors import Regressors

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache


def walk_forward(
    histories: Sequence[FloatArray],
    horizon: int,
    windows: int = 4,
    *,
    methods: Sequence[str] = METHODS,
    step: int | None = None,
    in_stock: Sequence[BoolArray | None] | None = None,
    season: int = 1,
    engine: Engine = "statsforecast",
    regressors: Sequence[Regressors | None] | None = None,
    future_known: bool = True,
    paths: int = 1000,
    names: Sequence[str] | None = None,
    protection_periods: int | Sequence[int] | None = None,
    scored_levels: Sequence[float] = QUANTILE_LEVELS,
    scale_lag: int | None = None,
    costs: Costs | None = None,
    cache: ContentCache | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Return how well the methods would have forecast the last windows of each history.

    The newest window is the last `horizon` periods, each older one begins `step` periods before. Periods out of stock
    or unknown are no errors: they are not scored, and a window with nothing to score is not forecast. Equal content
    is fitted once, on all cores.

    Parameters
    ----------
    histories, horizon
        As in `forecast_many`.
    windows
        How many origins. Windows with fewer than `SHORTEST_HISTORY` known periods before them are left out, and named.
    methods
        What to compare, of `METHODS`.
    step
        Periods from an origin to the next; by default the horizon, so that no period is forecast twice and the errors
        of the windows are nearly independent. 1 gives the most windows of short histories; their errors are alike.
    in_stock, season, engine, paths, workers
        As in `forecast_many`.
    regressors
        For each history, its prices, promotions and calendar days over all its periods; None without.
    future_known
        Whether prices and promotions of a window were planned when it began. If not, they are expected as before.
    names
        Names of the items in tables and messages; by default their numbers, from 1.
    protection_periods
        Periods that stock has to last, for all items or for each: demand over them is scored as a sum. By default the
        horizon.
    scored_levels
        Quantiles that the pinball loss averages over.
    scale_lag
        Lag of the naive forecast that MASE, RMSSE and pinball losses are scaled by; by default the season where a
        window has two of them before it, else 1.
    costs
        What errors cost; without, they are not priced.
    cache
        Where the quantiles of forecasts are kept under the content they depend on.
    progress
        Told of the stage and of each forecast.

    Raises
    ------
    InputError
        If a history or an argument is not what a back-test needs.

    Examples
    --------
    >>> demand = [3.0, 1, 2, 2, 3, 1, 2, 3, 1, 2, 2, 3, 2, 1]
    >>> made = walk_forward([demand], 3, 2, methods=("median",), paths=200)
    >>> made.cases.origins.tolist(), made.cases.actual[0].tolist()
    ([[8, 11]], [[1.0, 2.0, 2.0], [3.0, 2.0, 1.0]])
    >>> made.by_method().loc["median", ["items", "windows", "periods"]].tolist()
    [1.0, 2.0, 6.0]
    """
    walk = Walk(horizon, windows, step, season, scale_lag)
    _check_methods(methods)
    scored = _checked_levels(scored_levels)
    items = items_of(histories, in_stock, names)
    intervals = intervals_of(protection_periods, len(items), walk.horizon)
    money = (costs or Costs()).money(len(items), intervals)
    cases = cases_of(items, intervals, money, walk)
    levels = tuple(sorted({*scored, *UPPER_LEVELS.values(), *(level for pair in COVERAGES.values() for level in pair)}))
    explained = _checked_regressors(regressors, items)
    predictor = Predictor(
        items, explained, future_known, cases, walk.horizon, levels,
        {"season": walk.season, "engine": engine, "paths": paths}, cache, workers, progress or Silent(),
    )  # fmt: skip
    return Backtest(tuple(methods), levels, scored, cases, predictor.predictions(methods))


def _check_methods(methods: Sequence[str]) -> None:
    require(len(methods) > 0 and len(set(methods)) == len(methods), "methods", tuple(methods), "each of them once")
    for method in methods:
        require(method in METHODS, "forecasting method", method, f"one of {', '.join(METHODS)}")


def _checked_levels(given: Sequence[float]) -> tuple[float, ...]:
    expected = "between 0 and 1, such as 0.9"
    levels = numbers(given, "scored quantiles", expected)
    sound = levels.ndim == 1 and levels.size > 0 and bool(((levels > 0) & (levels < 1)).all())
    require(sound, "scored quantiles", tuple(levels.ravel().tolist()), expected)
    return tuple(levels.tolist())


def _checked_regressors(given: Sequence[Regressors | None] | None, items: Sequence[Item]) -> list[Regressors | None]:
    columns: list[Regressors | None] = [None] * len(items) if given is None else list(given)
    require(len(columns) == len(items), "number of regressors", len(columns), f"{len(items)}, one per history")
    for item, one in zip(items, columns, strict=True):
        if one is not None:
            name = f"regressors of item {item.name}"
            require(
                isinstance(one, Regressors), name, f"of type {type(one).__name__}", "made by Regressors.of, or None"
            )
            told = f"{item.history.size}, as many as the history has"
            require(one.periods == item.history.size, f"periods of the {name}", one.periods, told)
    return columns
