"""Many histories: equal ones fitted once, known ones taken from the cache, searches run on all cores."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray, Forecast
from invopt_xl.domain.progress import Progress, Silent
from invopt_xl.errors import InputError, require
from invopt_xl.forecasting.arima import Engine
from invopt_xl.forecasting.history import BoolArray
from invopt_xl.forecasting.single import Task, solve, without_search

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache

FITS_PER_WORKER = 20
"""A worker takes about as long to start as so many searches take."""

STAGE = "Forecasting"
"""The stage's name in a progress bar."""


def forecast_many(
    histories: Sequence[FloatArray],
    horizon: int,
    *,
    in_stock: Sequence[BoolArray | None] | None = None,
    season: int = 1,
    method: str = "auto",
    engine: Engine = "statsforecast",
    paths: int = 1000,
    cache: ContentCache | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[Forecast]:
    """Return the forecast of each history; the same as `forecast` one by one, but faster.

    Parameters
    ----------
    histories
        Demand per period of each item, item units, oldest first; NaN where unknown.
    horizon
        Periods ahead.
    in_stock
        For each history, False where the item was out of stock; None where it always had stock.
    season, method, engine, paths
        As in `forecast`.
    cache
        Where forecasts are kept under the content they depend on.
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
    >>> [made.model for made in forecast_many([np.array([0, 2.0, 0, 0, 1]), np.zeros(9)], 3)]
    ['SES + bootstrap', 'no demand']
    """
    progress = progress or Silent()
    tasks = _tasks(histories, in_stock, (horizon, season, method, engine, paths))
    progress.stage(STAGE, len(tasks))
    places: dict[str, list[int]] = {}
    for place, task in enumerate(tasks):
        places.setdefault(task.key, []).append(place)
    made: dict[str, Forecast] = {}
    for key, result in _solved({key: tasks[where[0]] for key, where in places.items()}, cache, workers):
        made[key] = result
        progress.advance(len(places[key]))
    return [made[task.key] for task in tasks]


def _tasks(
    histories: Sequence[FloatArray], in_stock: Sequence[BoolArray | None] | None, settings: tuple[object, ...]
) -> list[Task]:
    stock = [None] * len(histories) if in_stock is None else in_stock
    require(len(stock) == len(histories), "number of in_stock rows", len(stock), f"{len(histories)}, one per history")
    tasks = []
    for place, (history, stocked) in enumerate(zip(histories, stock, strict=True)):
        try:
            tasks.append(Task.of(history, stocked, *settings))
        except InputError as error:
            raise InputError(f"history {place + 1} of {len(histories)}: {error}") from None
    return tasks


def _solved(
    tasks: Mapping[str, Task], cache: ContentCache | None, workers: int | None
) -> Iterator[tuple[str, Forecast]]:
    searches: dict[str, Task] = {}
    for key, task in tasks.items():
        kept = cache.get(key) if cache else None
        if kept is not None:
            yield key, from_arrays(kept)
        elif task.route.method == "arima":
            searches[key] = task
        else:
            yield key, _kept(cache, key, solve(task))
    processes = min(workers or _cores(), len(searches) // FITS_PER_WORKER)
    if processes < 2:
        for key, task in searches.items():
            yield key, _kept(cache, key, solve(task))
        return
    from invopt_xl.forecasting.pool import solve_in_processes

    for key, outcome in solve_in_processes(searches, processes):
        if isinstance(outcome, Forecast):
            yield key, _kept(cache, key, outcome)
        else:
            # A fault of this machine, not of the history: it is not kept.
            yield key, without_search(tasks[key], outcome)


def _kept(cache: ContentCache | None, key: str, made: Forecast) -> Forecast:
    if cache is not None:
        cache.put(key, to_arrays(made))
    return made


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def to_arrays(made: Forecast) -> dict[str, npt.NDArray[np.generic]]:
    """Return a forecast as named arrays."""
    return {"paths": made.paths, "text": np.array([made.model, made.reason])}


def from_arrays(arrays: Mapping[str, npt.NDArray[np.generic]]) -> Forecast:
    """Return the forecast that `to_arrays` took apart."""
    model, reason = (str(text) for text in arrays["text"])
    return Forecast(np.asarray(arrays["paths"], dtype=np.float32), model, reason)
