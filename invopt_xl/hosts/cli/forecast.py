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
from invopt_xl.forecasting import METHODS, CleanHistory, DemandPattern, Engine, demand_patterns
from invopt_xl.forecasting.panel.table import forecast_frame
from invopt_xl.hosts.cli.champions import Champions
from invopt_xl.hosts.cli.demand import Histories, Source, read_histories
from invopt_xl.hosts.cli.reasons import REASONS, reasons_frame
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
    cleaned: list[CleanHistory]
    patterns: list[DemandPattern]
    champions: Champions
    reasons: Path | None = None

    @property
    def every_finding(self) -> pd.DataFrame:
        """The quality report with every row by itself."""
        found = (self.source.admitted.findings.frame(None), self.champions.findings.frame(None))
        return pd.concat(found, ignore_index=True)


def make_forecast(
    source: Source,
    horizon: int,
    *,
    method: str = "auto",
    methods: Path | None = None,
    engine: Engine | None = None,
    output: Path | None = None,
    reasons: Path | None = None,
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
    reasons
        File for the reason of each item's forecast.
    cache, workers, progress
        As in `forecast_many`.

    Raises
    ------
    InvoptError
        If a file cannot be read or written, or an argument is not what a forecast needs.
    """
    started = time.perf_counter()
    require(method in METHODS, "forecasting method", method, f"one of {', '.join(METHODS)}")
    _check_files(source.path, output, reasons)
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
    cleaned = panel.clean(horizon, season=histories.season, events=histories.events(horizon))
    patterns = demand_patterns([each.values[each.known] if each.known.any() else each.values for each in cleaned])
    if output is not None or reasons is not None:
        progress.stage("Writing")
    if output is not None:
        write_one(output, FORECAST, table)
    if reasons is not None:
        write_one(reasons, REASONS, reasons_frame(panel.items, patterns, cleaned, forecasts))
    return Made(
        histories,
        forecasts,
        table,
        pd.concat([histories.admitted.quality, champions.quality], ignore_index=True),
        histories.admitted.rejected + champions.rejected,
        (*panel.assumptions, *champions.unused(chosen, method)),
        time.perf_counter() - started,
        output,
        cleaned,
        patterns,
        champions,
        reasons,
    )


def _check_files(source: Path, output: Path | None, reasons: Path | None) -> None:
    if output is not None:
        check_one(output, FORECAST, source=source)
    if reasons is not None:
        check_one(reasons, REASONS, source=source)
        same = output is not None and output.resolve() == reasons.resolve()
        require(not same, "options --output and --reasons", "one file", "two files")


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
