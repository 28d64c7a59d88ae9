"""Forecasting from the command line: demand in, ``tblForecast`` out."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from invopt_xl.domain import Forecast, Progress
from invopt_xl.errors import require
from invopt_xl.forecasting import METHODS, Engine
from invopt_xl.forecasting.panel.forecasts import forecast_frame
from invopt_xl.hosts.cli.champions import Champions
from invopt_xl.hosts.cli.demand import Histories, Source, read_histories
from invopt_xl.plan.columns import FORECAST
from invopt_xl.workbook.one_table import check_one, write_one

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache

_DETAIL = re.compile(r"\([^()]*\)|\[[^\[\]]*\]| with \w+| and \d+ more")
"""What a model's name says beyond its kind."""


@dataclass(frozen=True, eq=False)
class Made:
    """Forecasts, and all that is told of them."""

    source: Histories
    forecasts: list[Forecast]
    table: pd.DataFrame
    quality: pd.DataFrame
    rejected: int
    assumptions: tuple[str, ...]
    seconds: float
    output: Path | None


def make_forecast(
    source: Source,
    horizon: int,
    *,
    method: str = "auto",
    methods: Path | None = None,
    engine: Engine | None = None,
    output: Path | None = None,
    cache: ContentCache | None = None,
    workers: int | None = None,
    progress: Progress,
) -> Made:
    """Forecast the demand of a source and write the forecasts, if a file is named.

    Parameters
    ----------
    source
        What is read.
    horizon
        Periods ahead.
    method
        For items that `methods` does not name.
    methods
        A file of methods by item and location.
    engine
        Engine of ARIMA; the source's parameter, or statsforecast.
    output
        File for the forecasts.
    cache, workers, progress
        As in `forecast_many`.

    Raises
    ------
    InvoptError
        If a file cannot be read or written, or an argument is not what a forecast needs.
    """
    started = time.perf_counter()
    require(method in METHODS, "forecasting method", method, f"one of {', '.join(METHODS)}")
    if output is not None:
        check_one(output, FORECAST, source=source.path)
    champions = Champions.of(methods)
    histories = read_histories(source, progress)
    panel = histories.panel
    chosen = champions.of_each(panel.items, method)
    forecasts = panel.forecast(
        horizon,
        season=histories.season,
        method=chosen,
        events=histories.events(horizon),
        engine=engine or histories.admitted.given.get("forecast_engine", "statsforecast"),
        cache=cache,
        workers=workers,
        progress=progress,
    )
    table = forecast_frame(panel.items, forecasts, panel.calendar)
    if output is not None:
        progress.stage("Writing")
        write_one(output, FORECAST, table)
    return Made(
        histories,
        forecasts,
        table,
        pd.concat([histories.admitted.quality, champions.quality], ignore_index=True),
        histories.admitted.rejected + champions.rejected,
        (*panel.assumptions, *champions.unused(chosen, method)),
        time.perf_counter() - started,
        output,
    )


def model_counts(forecasts: Sequence[Forecast]) -> Counter[str]:
    """Return how many forecasts each kind of model made, whatever its orders and how many of them are averaged.

    Examples
    --------
    >>> import numpy as np
    >>> paths = np.ones((2, 1), dtype=np.float32)
    >>> names = ["ARIMA(0,1,1)(1,0,0)[12] + Theta", "ARIMA(1,0,0) with drift and 2 more + Theta"]
    >>> model_counts([Forecast(paths, name, "") for name in names])
    Counter({'ARIMA + Theta': 2})
    """
    return Counter(" ".join(_DETAIL.sub("", made.model).split()) for made in forecasts)
