"""Demand as the command line reads it: admitted row by row, put together as histories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from invopt_xl.domain import Period, Progress
from invopt_xl.errors import InputError, require
from invopt_xl.forecasting import Engine
from invopt_xl.forecasting.lifts.calendar import public_holidays
from invopt_xl.forecasting.panel.forecasts import DemandPanel, Events
from invopt_xl.forecasting.panel.histories import MissingPeriods
from invopt_xl.hosts.cli.given_forecast import admit_given, given_forecast, require_demand
from invopt_xl.plan.columns import DEMAND, Tables
from invopt_xl.plan.quality import Admitted, AdmittedDemand, admit_demand
from invopt_xl.plan.quality.date_order import DateOrder, year_first, year_last
from invopt_xl.workbook.one_table import holds_one_table, read_demand
from invopt_xl.workbook.reading import read_tables


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
    holidays
        Country whose public holidays may explain demand; none unless given.
    missing
        What a period without a row means; as the source's parameter says, else zero demand.
    dates
        Which of day and month comes first in dates that end with the year; such dates are refused unless given.
    """

    path: Path
    period: Period | None = None
    start: date | None = None
    season: int | None = None
    items: Sequence[str] = ()
    holidays: str | None = None
    missing: MissingPeriods | None = None
    dates: DateOrder | None = None


@dataclass(frozen=True, eq=False)
class Histories:
    """Demand as it was read: what was admitted, and the histories of it."""

    admitted: AdmittedDemand
    panel: DemandPanel
    season: int
    raw: Tables
    holidays: str | None = None

    def engine(self, asked: Engine | None) -> Engine:
        """Return the engine of ARIMA: the one asked for, else that of the source's parameters."""
        engine: Engine = asked or self.admitted.given.get("forecast_engine", "statsforecast")
        return engine

    def events(self, horizon: int) -> Events | None:
        """Return the public holidays of history and horizon, by name; None where no country is given."""
        if self.holidays is None:
            return None
        first, last = self.panel.calendar.start(np.array([-self.panel.histories.periods, horizon]))
        return public_holidays(self.holidays, first.astype(object).year, last.astype(object).year)


def read_histories(source: Source, progress: Progress) -> Histories:
    """Read and admit demand, and put its histories together.

    Raises
    ------
    InvoptError
        If the source cannot be read, or holds no demand that can be used.
    """
    progress.stage("Reading")
    raw = _with_dates(read_demand(source.path), source.path, source.dates)
    progress.stage("Checking data")
    with named(source.path):
        admitted = admit_demand(raw, period=source.period, start=source.start, today=date.today())
        if source.items:
            admitted = _only(admitted, source.items)
        missing = source.missing or admitted.given.get("missing_periods", "zero")
        panel = DemandPanel.of(admitted.demand, admitted.periods, missing_periods=missing)
    season = panel.calendar.season if source.season is None else source.season
    return Histories(admitted, panel, season, raw, source.holidays)


def check_source(path: Path, dates: DateOrder | None, progress: Progress) -> Admitted | AdmittedDemand:
    """Read and admit what is there: demand where a file holds it alone, else all that a plan or orders alone need.

    Raises
    ------
    InvoptError
        If the source cannot be read, or holds nothing that can be used.
    """
    progress.stage("Reading")
    alone = holds_one_table(path)
    raw = _with_dates(read_demand(path) if alone else read_tables(path), path, dates)
    progress.stage("Checking data")
    if alone:
        return admit_demand(raw)
    forecast = given_forecast(path)
    with named(path):
        require_demand(raw, forecast, path)
        return admit_given(raw, forecast)


def _with_dates(raw: Tables, path: Path, order: DateOrder | None) -> Tables:
    """Return the tables with the dates of a file of demand in their usual order; refuse one where that is not told."""
    if not holds_one_table(path):
        require(order is None, "option --dates", f"given for {path.name}", "a CSV or Parquet file of demand with it")
        return raw
    demand = raw[DEMAND.stem]
    if "date" not in demand:
        return raw
    if order is not None:
        demand["date"] = year_first(demand["date"], order)
    elif len(held := demand["date"].dropna()) and year_last(held).all():
        raise InputError(
            f"{path.name}: date {held.iloc[0]!r} in row {held.index[0]} does not begin with the year; expected a date "
            "such as 2018-01-31, or the option --dates day-first or --dates month-first"
        )
    return raw


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Say in which file the trouble is."""
    try:
        yield
    except InputError as error:
        name = path.resolve().name
        raise error if name in str(error) else InputError(f"{name}: {error}") from None


def require_two_files(one: str, first: Path | None, other: str, second: Path) -> None:
    """Refuse two options that name one file to write."""
    same = first is not None and first.resolve() == second.resolve()
    require(not same, f"options {one} and {other}", "one file", "two files")


def keys(items: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Return item and location of each row."""
    return zip(items["item"], items["location"], strict=True)


def _only(admitted: AdmittedDemand, items: Sequence[str]) -> AdmittedDemand:
    known = admitted.demand["item"].unique().tolist()
    for item in items:
        if item not in known:
            similar = get_close_matches(item, known, 1)
            raise InputError(f"there is no demand of item {item!r}{f'; found {similar[0]!r}' if similar else ''}")
    return replace(admitted, demand=admitted.demand[admitted.demand["item"].isin(items)])
