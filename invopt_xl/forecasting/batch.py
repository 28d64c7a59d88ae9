"""Many histories: equal ones fitted once, known ones taken from the cache, searches run on all cores."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray, Forecast
from invopt_xl.domain.progress import Progress, Silent
from invopt_xl.errors import InputError, require
from invopt_xl.forecasting.arima.engines import Engine
from invopt_xl.forecasting.cleaning.history import BoolArray
from invopt_xl.forecasting.lifts.regressors import Regressors
from invopt_xl.forecasting.pool import Continued, Outcome, solve_here, solve_in_processes
from invopt_xl.forecasting.records import forecast_arrays, forecast_from, state_arrays, state_from
from invopt_xl.forecasting.regular.demand import LONGEST_UNSEARCHED
from invopt_xl.forecasting.regular.members import State
from invopt_xl.forecasting.settings import Order, Settings
from invopt_xl.forecasting.single import Task, without_search

if TYPE_CHECKING:
    from invopt_xl.cache import Store

SEARCHES_PER_WORKER = 40
"""A worker takes about as long to start as so many searches take."""

UPDATES_PER_WORKER = 400
"""The same for models that are continued."""

STAGE = "Forecasting"
"""The stage's name in a progress bar."""


def forecast_many(
    histories: Sequence[FloatArray],
    horizon: int,
    *,
    in_stock: Sequence[BoolArray | None] | None = None,
    season: int = 1,
    method: str | Sequence[str] = "auto",
    engine: Engine = "statsforecast",
    order: Order | None = None,
    seasonal_order: Order | None = None,
    regressors: Sequence[Regressors | None] | None = None,
    explained: Sequence[npt.ArrayLike | None] | None = None,
    paths: int = 1000,
    cache: Store | None = None,
    continued: bool = True,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[Forecast]:
    """Return the forecast of each history; the same as `forecast` one by one, but faster.

    With a cache, a history that was forecast before without its last few periods is not searched for models again:
    they are continued while the new demand lies in what was forecast, and `Forecast.reason` says so. So a forecast
    depends on what was asked before, unless `continued` is False.

    Parameters
    ----------
    histories
        Demand per period of each item, item units, oldest first; NaN where unknown.
    horizon
        Periods ahead.
    in_stock
        For each history, False where the item was out of stock; None where it always had stock.
    season, engine, order, seasonal_order, paths
        As in `forecast`.
    method
        As in `forecast`; one for all, or one for each history.
    regressors
        For each history, its prices, promotions and calendar days; None without.
    explained
        For each history, True where demand is known to be unusual; None without.
    cache
        Where forecasts are kept under the content they depend on.
    continued
        Whether models of the cache are continued; False where equal histories must have equal forecasts.
    workers
        Most processes to search models with; by default one for each core. 1 stays in this process.
    progress
        Told of the stage and of each item.

    Raises
    ------
    InputError
        If a history is not what a forecast needs; the message counts histories from 1.

    Examples
    --------
    >>> import numpy as np
    >>> [made.model for made in forecast_many([np.array([0, 2.0, 0, 0, 1]), np.zeros(9)], 3)]
    ['SES/TSB/IMAPA', 'no demand']
    """
    progress = progress or Silent()
    methods = [method] * len(histories) if isinstance(method, str) else list(method)
    settings = {name: Settings(season, name, engine, order, seasonal_order, paths) for name in set(methods)}
    columns = (histories, in_stock, [settings[name] for name in methods], regressors, explained)
    tasks = _tasks(horizon, *columns)
    progress.stage(STAGE, len(tasks))
    places: dict[str, list[int]] = {}
    for place, task in enumerate(tasks):
        places.setdefault(task.key, []).append(place)
    made: dict[str, Forecast] = {}
    different = {key: tasks[where[0]] for key, where in places.items()}
    for key, result in _solved(different, Kept(cache, continued), workers):
        made[key] = result
        progress.advance(len(places[key]))
    return [made[task.key] for task in tasks]


def _tasks(
    horizon: int,
    histories: Sequence[FloatArray],
    in_stock: Sequence[BoolArray | None] | None,
    settings: Sequence[Settings],
    regressors: Sequence[Regressors | None] | None,
    explained: Sequence[npt.ArrayLike | None] | None,
) -> list[Task]:
    none = [None] * len(histories)
    columns = {
        "in_stock rows": none if in_stock is None else in_stock,
        "methods": settings,
        "regressors": none if regressors is None else regressors,
        "explained rows": none if explained is None else explained,
    }
    for what, given in columns.items():
        require(len(given) == len(histories), f"number of {what}", len(given), f"{len(histories)}, one per history")
    tasks = []
    for place, parts in enumerate(zip(histories, *columns.values(), strict=True)):
        history, stocked, how, regressor, unusual = parts
        try:
            tasks.append(Task.of(history, stocked, horizon, how, regressor, unusual))
        except InputError as error:
            raise InputError(f"history {place + 1} of {len(histories)}: {error}") from None
    return tasks


@dataclass(frozen=True)
class Kept:
    """What a cache keeps of forecasts.

    Parameters
    ----------
    cache
        None for nothing.
    continued
        Whether models are continued; forecasts of models that are not are kept apart from those of models that may be.
    """

    cache: Store | None
    continued: bool

    def forecast(self, task: Task) -> Forecast | None:
        """Return the forecast, if it is kept."""
        arrays = self.cache.get(self._key(task)) if self.cache else None
        return None if arrays is None else forecast_from(arrays)

    def state(self, task: Task) -> State | None:
        """Return what the latest forecast of the beginning of this history left, if it is young enough."""
        if self.cache is None or not self.continued:
            return None
        for periods_ago in range(1, min(LONGEST_UNSEARCHED + 1, task.history.size)):
            arrays = self.cache.get(task.state_key(periods_ago))
            if arrays is not None:
                return state_from(arrays)
        return None

    def put(self, task: Task, solved: Outcome) -> Forecast:
        """Return the forecast of an outcome, and keep it."""
        if isinstance(solved, str):
            # A fault of this machine or of the program, not of the history: it is not kept.
            return without_search(task, solved)
        if self.cache is not None:
            self.cache.put(self._key(task), forecast_arrays(solved.forecast))
            if solved.state is not None:
                self.cache.put(task.state_key(0), state_arrays(solved.state))
        return solved.forecast

    def _key(self, task: Task) -> str:
        return task.key if self.continued else f"{task.key} searched"


def _solved(tasks: Mapping[str, Task], kept: Kept, workers: int | None) -> Iterator[tuple[str, Forecast]]:
    searches: dict[str, Continued] = {}
    for key, task in tasks.items():
        forecast = kept.forecast(task)
        if forecast is not None:
            yield key, forecast
        elif task.route.kind == "regular":
            searches[key] = task, kept.state(task)
        else:
            yield key, kept.put(task, solve_here(task, None))
    cold = sum(state is None for _, state in searches.values())
    processes = min(workers or _cores(), max(cold // SEARCHES_PER_WORKER, len(searches) // UPDATES_PER_WORKER))
    if processes < 2:
        for key, (task, state) in searches.items():
            yield key, kept.put(task, solve_here(task, state))
        return
    for key, outcome in solve_in_processes(searches, processes):
        yield key, kept.put(tasks[key], outcome)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
