"""The forecasts of a back-test, and what is kept of each: a few quantiles, not its paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from invopt_xl.cache import content_key
from invopt_xl.domain.forecast import FloatArray, Forecast
from invopt_xl.domain.progress import Progress, Silent
from invopt_xl.forecasting.backtest.cases import Cases, Item
from invopt_xl.forecasting.backtest.costs import critical_level
from invopt_xl.forecasting.batch import forecast_many
from invopt_xl.forecasting.lifts.regressors import Regressors
from invopt_xl.forecasting.single import METHOD_VERSION

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache

TOGETHER = 2000
"""Forecasts held at a time; each is a table of sample paths."""

STAGE = "Back-testing"
"""The stage's name in a progress bar."""

Kept = tuple[npt.NDArray[np.float32], str]
"""The summary of a forecast, and the name of its model."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """What the methods forecast: methods by items by windows, item units, NaN where a window was left out.

    Parameters
    ----------
    mean, quantiles
        Of each step: shape (methods, items, windows, steps), and one axis of levels more.
    interval_quantiles
        Of demand over the protection interval: shape (methods, items, windows, levels).
    stock
        Quantile of demand over the protection interval at the item's critical level.
    models
        Name of the model behind each forecast.
    """

    mean: FloatArray
    quantiles: FloatArray
    interval_quantiles: FloatArray
    stock: FloatArray
    models: npt.NDArray[np.object_]


class Advance(Silent):
    """Hands steps on, but keeps the stage: the stages of the parts are none of the reader's business."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def advance(self, steps: int = 1) -> None:
        """Hand the steps on."""
        self._progress.advance(steps)


@dataclass(frozen=True, eq=False)
class Predictor:
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
            mean[..., :steps], quantiles[..., :steps, :], quantiles[..., steps, :], stock[..., steps], models
        )  # fmt: skip

    def _made(self, method: str, places: Sequence[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], Kept]]:
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
            regressors=[self._columns(place) for place in missing], progress=Advance(self.progress), **self.settings,
        )  # fmt: skip
        for place, made in zip(missing, forecasts, strict=True):
            item = place[0]
            table = summary_table(made, self.levels, int(self.cases.protection_periods[item]), self._critical[item])
            if self.cache is not None and "search failed" not in made.notes:
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
