"""Walk-forward back-testing: what the methods would have forecast, against what came.

Each history is cut at several origins (Tashman 2000, "Out-of-sample tests of forecasting accuracy", International
Journal of Forecasting 16, 437-450). Every method forecasts what follows from what came before, and is scored by what
is known now. Nothing after an origin reaches a forecast.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from invopt_xl.cache import content_key
from invopt_xl.domain.forecast import QUANTILE_LEVELS, FloatArray, Forecast
from invopt_xl.domain.progress import Progress, Silent
from invopt_xl.errors import require
from invopt_xl.forecasting.arima.engines import Engine
from invopt_xl.forecasting.backtest.cases import Cases, Column, Item, Walk, cases_of, intervals_of, items_of, money_of
from invopt_xl.forecasting.backtest.metrics import critical_level
from invopt_xl.forecasting.backtest.scores import COVERAGES, UPPER_LEVELS, Backtest, Predictions
from invopt_xl.forecasting.batch import forecast_many
from invopt_xl.forecasting.cleaning.history import BoolArray
from invopt_xl.forecasting.lifts.regressors import Regressors
from invopt_xl.forecasting.settings import METHODS
from invopt_xl.forecasting.single import METHOD_VERSION

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache

TOGETHER = 2000
"""Forecasts held at a time; each is a table of sample paths."""

STAGE = "Back-testing"
"""The stage's name in a progress bar."""


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
    unit_cost: Column = None,
    unit_price: Column = None,
    shortage_cost: Column = None,
    holding_rate: float = 0.25,
    periods_per_year: float = 52.0,
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
    histories
        Demand per period of each item, item units, oldest first; NaN where unknown.
    horizon
        Periods ahead.
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
    unit_cost, unit_price, shortage_cost
        Money for a unit of each item, NaN where unknown. A unit short costs `shortage_cost`, by default price less
        cost.
    holding_rate
        Cost of holding stock, share of its value per year. A unit left over is held for the protection interval.
    periods_per_year
        Periods in a year, such as 52 weeks or 12 months.
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
    >>> demand = np.array([3.0, 1, 2, 2, 3, 1, 2, 3, 1, 2, 2, 3, 2, 1])
    >>> made = walk_forward([demand], 3, 2, methods=("median",), paths=200)
    >>> made.cases.origins.tolist(), made.cases.actual[0].tolist()
    ([[8, 11]], [[1.0, 2.0, 2.0], [3.0, 2.0, 1.0]])
    >>> made.by_method().loc["median", ["items", "windows", "periods"]].tolist()
    [1.0, 2.0, 6.0]
    """
    require(1 <= windows <= 1000, "number of windows", windows, "1 to 1,000, such as 4")
    require(1 <= horizon <= 10_000, "forecast horizon", horizon, "1 to 10,000 periods")
    require(step is None or 1 <= step <= 10_000, "step between windows", step, "1 to 10,000 periods")
    require(len(methods) > 0 and len(set(methods)) == len(methods), "methods", tuple(methods), "each of them once")
    for method in methods:
        require(method in METHODS, "forecasting method", method, f"one of {', '.join(METHODS)}")
    levels = tuple(scored_levels)
    require(
        bool(levels) and all(0 < level < 1 for level in levels),
        "scored quantiles",
        levels,
        "between 0 and 1, such as 0.9",
    )
    items = items_of(histories, in_stock, names)
    intervals = intervals_of(protection_periods, len(items), horizon)
    money = money_of(len(items), unit_cost, unit_price, shortage_cost, holding_rate * intervals / periods_per_year)
    cases = cases_of(items, intervals, money, Walk(horizon, windows, step or horizon, season, scale_lag))
    levels = tuple(sorted({*levels, *UPPER_LEVELS.values(), *(level for pair in COVERAGES.values() for level in pair)}))
    explained = [None] * len(items) if regressors is None else regressors
    require(len(explained) == len(items), "number of regressors", len(explained), f"{len(items)}, one per history")
    settings = {"season": season, "engine": engine, "paths": paths}
    predictor = _Predictor(
        items, explained, future_known, cases, horizon, levels, settings, cache, workers, progress or Silent()
    )
    return Backtest(tuple(methods), levels, tuple(scored_levels), cases, predictor.predictions(methods))


class _Advance(Silent):
    """Hands steps on, but keeps the stage: the stages of the parts are none of the reader's business."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def advance(self, steps: int = 1) -> None:
        self._progress.advance(steps)


@dataclass(frozen=True, eq=False)
class _Predictor:
    """Makes the forecasts of every window, and keeps of each what the scores need."""

    items: Sequence[Item]
    regressors: Sequence[Regressors | None]
    future_known: bool
    cases: Cases
    horizon: int
    levels: tuple[float, ...]
    settings: Mapping[str, Any]
    cache: ContentCache | None
    workers: int | None
    progress: Progress

    def predictions(self, methods: Sequence[str]) -> Predictions:
        """Return the forecasts of the methods."""
        shape = (len(methods), *self.cases.origins.shape)
        steps, levels = self.horizon, len(self.levels)
        # A window left out stays NaN everywhere.
        tables = np.full((*shape, steps + 1, levels + 2), np.nan, dtype=np.float32)
        models = np.full(shape, "", dtype=np.object_)
        places = [(int(item), int(window)) for item, window in np.argwhere(self.cases.origins >= 0)]
        self.progress.stage(STAGE, len(methods) * len(places))
        for number, method in enumerate(methods):
            for start in range(0, len(places), TOGETHER):
                for place, (table, model) in self._made(method, places[start : start + TOGETHER]):
                    tables[number, *place], models[number, *place] = table, model
        mean, stock = tables[..., levels].astype(np.float64), tables[..., levels + 1].astype(np.float64)
        quantiles = tables[..., :levels]
        return Predictions(
            mean[..., :steps], quantiles[..., :steps, :], mean[..., steps], quantiles[..., steps, :],
            stock[..., steps], models,
        )  # fmt: skip

    def _made(self, method: str, places: Sequence[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], _Kept]]:
        missing = []
        for place in places:
            kept = self.cache.get(self._key(method, place)) if self.cache else None
            if kept is None:
                missing.append(place)
                continue
            self.progress.advance()
            yield place, (kept["table"].astype(np.float32), str(kept["model"]))
        cuts = [(self.items[item], int(self.cases.origins[item, window])) for item, window in missing]
        forecasts = forecast_many(
            [item.history[:origin] for item, origin in cuts], self.horizon, method=method,
            in_stock=[item.in_stock[:origin] for item, origin in cuts], workers=self.workers,
            regressors=[self._columns(place) for place in missing], progress=_Advance(self.progress), **self.settings,
        )  # fmt: skip
        for place, made in zip(missing, forecasts, strict=True):
            item = place[0]
            table = summary_table(made, self.levels, int(self.cases.protection_periods[item]), self._critical[item])
            if self.cache is not None and not made.reason.startswith(FAULT):
                self.cache.put(self._key(method, place), {"table": table, "model": np.array(made.model)})
            yield place, (table, made.model)

    def _columns(self, place: tuple[int, int]) -> Regressors | None:
        """Return the regressors as they stood when the window began."""
        item, window = place
        origin = int(self.cases.origins[item, window])
        given = self.regressors[item]
        return None if given is None else regressors_at(given, origin, self.horizon, self.future_known)

    @cached_property
    def _critical(self) -> list[float]:
        return [float(level) for level in critical_level(self.cases.shortage, self.cases.leftover)]

    def _key(self, method: str, place: tuple[int, int]) -> str:
        item, window = place
        origin = int(self.cases.origins[item, window])
        settings: tuple[object, ...] = (method, self.horizon, *sorted(self.settings.items()), self.levels)
        cut: tuple[object, ...] = (self.items[item].history[:origin], self.items[item].in_stock[:origin])
        interval = (int(self.cases.protection_periods[item]), self._critical[item])
        columns = self._columns(place)
        if columns is not None:
            cut = (*cut, columns.past, columns.future)
            settings = (*settings, columns.names, columns.kinds)
        return content_key("backtest", METHOD_VERSION, *cut, *settings, *interval)


_Kept = tuple[npt.NDArray[np.float32], str]

FAULT = "the search for models "
"""How the reason of a forecast begins that a fault of this machine spoilt; it is not kept."""


def regressors_at(given: Regressors, origin: int, horizon: int, future_known: bool) -> Regressors:
    """Return the columns as they stood at an origin: what came up to it, and what was to be known of the future.

    Parameters
    ----------
    given
        Columns over the whole history.
    origin
        Periods before the window.
    horizon
        Periods of the window.
    future_known
        Whether prices and promotions of the window were planned; calendar days always are.
    """
    future = given.past[origin : origin + horizon].copy()
    if not future_known:
        future[:, [kind != "calendar" for kind in given.kinds]] = np.nan
    return replace(given, past=given.past[:origin], future=future, assumptions=())


def summary_table(
    made: Forecast, levels: Sequence[float], protection_periods: int, critical: float = float("nan")
) -> npt.NDArray[np.float32]:
    """Return what the scores need of a forecast, item units, shape (steps + 1, levels + 2).

    A row for each step and one for demand over the protection interval; a column for each quantile, one for the mean,
    and one for the quantile at the critical level, NaN where that is.

    Parameters
    ----------
    made
        The forecast.
    levels
        Probabilities of the quantiles.
    protection_periods
        Length of the interval from its beginning, periods.
    critical
        Probability of the last column.

    Examples
    --------
    >>> made = Forecast(np.array([[1, 2], [3, 6]], dtype=np.float32), "example", "two paths")
    >>> summary_table(made, [0.5, 0.75], 2, 1.0).tolist()
    [[2.0, 2.5, 2.0, 3.0], [4.0, 5.0, 4.0, 6.0], [6.0, 7.5, 6.0, 9.0]]
    """
    draws = np.empty((made.periods + 1, len(made.paths)), dtype=np.float32)
    draws[:-1] = made.paths.T
    draws[-1] = made.paths[:, :protection_periods].sum(axis=1)
    # Whole rows of single precision are sorted faster than numpy finds nine quantiles in columns.
    draws.sort(axis=1)
    last = len(made.paths) - 1
    place = np.array([*levels, 0.0 if np.isnan(critical) else critical]) * last
    below = np.floor(place).astype(np.int64)
    low, high = draws[:, below], draws[:, np.minimum(below + 1, last)]
    # In this form equal neighbours give exactly their value.
    quantiles = low + (place - below).astype(np.float32) * (high - low)
    if np.isnan(critical):
        quantiles[:, -1] = np.nan
    return np.concatenate([quantiles[:, :-1], draws.mean(axis=1, keepdims=True), quantiles[:, -1:]], axis=1)
