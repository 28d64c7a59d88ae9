"""Forecasting from the command line: demand in, ``tblForecast`` out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from invopt_xl.domain import Forecast, Period, Progress
from invopt_xl.errors import InputError, require
from invopt_xl.forecasting import METHODS, DemandPattern, Engine, demand_patterns
from invopt_xl.forecasting.panel import DemandPanel, forecast_frame
from invopt_xl.plan.columns import FORECAST, ITEMS, Column, Table, Tables
from invopt_xl.plan.quality import AdmittedDemand, admit_demand
from invopt_xl.plan.quality.admission import read_draft
from invopt_xl.plan.quality.findings import Findings
from invopt_xl.workbook.one_table import check_one, read_demand, read_one, write_one

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache

CHAMPIONS = Table(
    "tblMethods",
    "methods",
    "Methods",
    (
        ITEMS.column("item"),
        ITEMS.column("location"),
        Column("method", "text", "How the item is to be forecast.", required=True, choices=METHODS),
    ),
    key=("item", "location"),
    required=True,
)
"""What ``invopt backtest --champions`` writes and ``invopt forecast --methods`` reads; it may have more columns."""


@dataclass(frozen=True)
class Source:
    """Which demand is read, and how its periods are counted.

    Parameters
    ----------
    path
        A CSV or Parquet file, a workbook, or a folder.
    period, start
        As in `admit_demand`.
    season
        Periods per season; the period's own unless given.
    items
        Only these; all unless given.
    """

    path: Path
    period: Period | None = None
    start: date | None = None
    season: int | None = None
    items: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Histories:
    """Demand as it was read: what was admitted, and the histories of it."""

    admitted: AdmittedDemand
    panel: DemandPanel
    season: int
    raw: Tables

    @property
    def patterns(self) -> list[DemandPattern]:
        """The demand pattern of each item."""
        series = [self.panel.histories.of(row) for row in range(len(self.panel.items))]
        return demand_patterns([np.where(each.in_stock, each.quantity, np.nan) for each in series])

    @property
    def known_periods(self) -> list[int]:
        """Periods of each item that can be learned from."""
        known = ~np.isnan(self.panel.histories.quantity) & self.panel.histories.in_stock
        return [int(count) for count in known.sum(axis=1)]


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


def read_histories(source: Source, progress: Progress) -> Histories:
    """Read and admit demand, and put its histories together.

    Raises
    ------
    InvoptError
        If the source cannot be read, or holds no demand that can be used.
    """
    progress.stage("Reading")
    raw = read_demand(source.path)
    progress.stage("Checking data")
    with _named(source.path):
        admitted = admit_demand(raw, period=source.period, start=source.start, today=date.today())
        if source.items:
            admitted = _only(admitted, source.items)
        missing = admitted.given.get("missing_periods", "zero")
        panel = DemandPanel.of(admitted.demand, admitted.periods, missing_periods=missing)
    season = panel.calendar.season if source.season is None else source.season
    return Histories(admitted, panel, season, raw)


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
    champions = _Champions.of(methods) if methods is not None else _Champions({}, Findings().frame(), 0)
    histories = read_histories(source, progress)
    panel = histories.panel
    chosen = {key: champions.methods.get(key, method) for key in _keys(panel.items)}
    forecasts = panel.forecast(
        horizon,
        season=histories.season,
        method=chosen,
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


@dataclass(frozen=True, eq=False)
class _Champions:
    """Methods by item and location, as a file names them."""

    methods: dict[tuple[str, str], str]
    quality: pd.DataFrame
    rejected: int

    @classmethod
    def of(cls, path: Path) -> _Champions:
        findings = Findings()
        with _named(path):
            draft = read_draft({CHAMPIONS.stem: read_one(path, CHAMPIONS)}, CHAMPIONS, findings)
        frame = draft.frame.fillna({"location": "MAIN"})
        named = dict(zip(_keys(frame), frame["method"], strict=True))
        return cls(named, findings.frame(), draft.rejected)

    def unused(self, chosen: dict[tuple[str, str], str], method: str) -> list[str]:
        """Say which items the file leaves out, and which of the file are not there."""
        if not self.methods:
            return []
        unnamed, gone = len(chosen.keys() - self.methods.keys()), len(self.methods.keys() - chosen.keys())
        sentences = [(unnamed, f"of the items have no method in the file: forecast by {method}")]
        sentences += [(gone, "of the file's items are not in the demand")]
        return [f"{count:,} {words}" for count, words in sentences if count]


def model_counts(forecasts: Sequence[Forecast]) -> Counter[str]:
    """Return how many forecasts each kind of model made, whatever its orders.

    Examples
    --------
    >>> paths = np.ones((2, 1), dtype=np.float32)
    >>> model_counts([Forecast(paths, f"ARIMA({order}) + Theta", "") for order in ("0,1,1", "1,0,0")])
    Counter({'ARIMA + Theta': 2})
    """
    return Counter(_without_orders(made.model) for made in forecasts)


def _without_orders(model: str) -> str:
    kept, depth = [], 0
    for letter in model:
        depth += letter in "(["
        if depth == 0:
            kept.append(letter)
        depth -= letter in ")]" and depth > 0
    return " ".join("".join(kept).split())


def _only(admitted: AdmittedDemand, items: Sequence[str]) -> AdmittedDemand:
    known = admitted.demand["item"].unique().tolist()
    for item in items:
        if item not in known:
            similar = get_close_matches(item, known, 1)
            raise InputError(f"there is no demand of item {item!r}{f'; found {similar[0]!r}' if similar else ''}")
    return replace(admitted, demand=admitted.demand[admitted.demand["item"].isin(items)])


def _keys(items: pd.DataFrame) -> Iterator[tuple[str, str]]:
    return zip(items["item"], items["location"], strict=True)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say in which file the trouble is."""
    try:
        yield
    except InputError as error:
        raise error if path.name in str(error) else InputError(f"{path.name}: {error}") from None
