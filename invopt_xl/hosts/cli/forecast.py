"""Forecasting from the command line: demand in, ``tblForecast`` out."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from invopt_xl.domain import QUANTILE_LEVELS, Forecast
from invopt_xl.errors import InputError, require
from invopt_xl.forecasting import METHODS, CleanHistory, DemandPattern, Engine, demand_patterns
from invopt_xl.forecasting.panel.forecasts import Methods
from invopt_xl.forecasting.panel.table import forecast_frame, quantile_name, with_intervals
from invopt_xl.hosts.cli.champions import Champions
from invopt_xl.hosts.cli.demand import Histories, Source, read_histories, require_two_files
from invopt_xl.hosts.cli.reasons import REASONS, reasons_frame
from invopt_xl.hosts.cli.running import Run
from invopt_xl.plan.columns import FORECAST, Column, Table
from invopt_xl.workbook.one_table import check_one, is_book, write_one

_DETAIL = re.compile(r"\([^()]*\)|\[[^\[\]]*\]| with \w+| and \d+ more")
"""What a model's name says beyond its kind."""


@dataclass(frozen=True)
class Request:
    """What is forecast, and how.

    Parameters
    ----------
    horizon
        Periods ahead.
    method
        For items that `methods` does not name.
    methods
        A file of methods by item and location.
    engine
        Engine of ARIMA; the source's parameter, or statsforecast.
    levels
        Central intervals wanted beside the quantiles of ``tblForecast``, such as 0.99.
    """

    horizon: int
    method: str = "auto"
    methods: Path | None = None
    engine: Engine | None = None
    levels: Sequence[float] = ()

    @property
    def quantiles(self) -> tuple[float, ...]:
        """The quantiles of the table."""
        return with_intervals(QUANTILE_LEVELS, self.levels)

    @property
    def table(self) -> Table:
        """``tblForecast`` with the columns that are wanted beside its own."""
        own = {column.name: column for column in FORECAST.columns}
        wanted = {quantile_name(level): f"{level:.1%} quantile of demand, units." for level in self.quantiles}
        quantiles = [own.get(name) or Column(name, "number", note) for name, note in wanted.items()]
        others = [column for column in FORECAST.columns if column.name not in wanted]
        return replace(FORECAST, columns=(*others[:-1], *quantiles, others[-1]))


@dataclass(frozen=True, eq=False)
class Made:
    """Forecasts, and all that is told of them."""

    source: Histories
    request: Request
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
    source: Source, request: Request, run: Run, *, output: Path | None = None, reasons: Path | None = None
) -> Made:
    """Forecast the demand of a source and write the forecasts, if a file is named.

    Parameters
    ----------
    source
        What is read.
    request
        What is wanted of it.
    run
        What it is done with.
    output
        File for the forecasts.
    reasons
        File for the reason of each item's forecast.

    Raises
    ------
    InvoptError
        If a file cannot be read or written, or an argument is not what a forecast needs.
    """
    started = time.perf_counter()
    require(request.method in METHODS, "forecasting method", request.method, f"one of {', '.join(METHODS)}")
    _check_files(source.path, request.table, output, reasons)
    champions = Champions.of(request.methods)
    histories = read_histories(source, run.progress)
    panel = histories.panel
    chosen = champions.of_each(panel.items, request.method)
    forecasts = _forecasts(histories, request, chosen, run)
    table = forecast_frame(panel.items, forecasts, panel.calendar, levels=request.quantiles)
    cleaned = panel.clean(request.horizon, season=histories.season, events=histories.events(request.horizon))
    patterns = demand_patterns([each.values[each.known] if each.known.any() else each.values for each in cleaned])
    if output is not None or reasons is not None:
        run.progress.stage("Writing")
    if output is not None:
        write_one(output, request.table, table)
    if reasons is not None:
        write_one(reasons, REASONS, reasons_frame(panel.items, patterns, cleaned, forecasts))
    return Made(
        source=histories,
        request=request,
        forecasts=forecasts,
        table=table,
        quality=pd.concat([histories.admitted.quality, champions.quality], ignore_index=True),
        rejected=histories.admitted.rejected + champions.rejected,
        assumptions=(*panel.assumptions, *champions.unused(chosen, request.method)),
        seconds=time.perf_counter() - started,
        output=output,
        cleaned=cleaned,
        patterns=patterns,
        champions=champions,
        reasons=reasons,
    )


def _forecasts(histories: Histories, request: Request, chosen: Methods, run: Run) -> list[Forecast]:
    return histories.panel.forecast(
        request.horizon,
        season=histories.season,
        method=chosen,
        events=histories.events(request.horizon),
        engine=histories.engine(request.engine),
        cache=run.cache,
        workers=run.workers,
        progress=run.progress,
    )


def _check_files(source: Path, table: Table, output: Path | None, reasons: Path | None) -> None:
    if output is not None:
        check_one(output, table, source=source)
        if is_book(output) and output.exists() and table != FORECAST:
            raise InputError(
                f"option --level adds columns, and the {table.name} of {output.name} has its own; expected a new file"
            )
    if reasons is not None:
        check_one(reasons, REASONS, source=source)
        require_two_files("--output", output, "--reasons", reasons)


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
