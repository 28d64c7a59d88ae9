"""Many items at once, frames in and a frame out: rows of demand become rows of forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from invopt_xl.domain.calendar import Calendar, Period
from invopt_xl.domain.forecast import QUANTILE_LEVELS, Forecast
from invopt_xl.domain.progress import Progress
from invopt_xl.errors import require
from invopt_xl.forecasting.arima.engines import Engine
from invopt_xl.forecasting.batch import forecast_many
from invopt_xl.forecasting.cleaning.history import CleanHistory
from invopt_xl.forecasting.lifts.calendar import calendar_columns
from invopt_xl.forecasting.lifts.regressors import Regressors
from invopt_xl.forecasting.panel.assumptions import assumptions
from invopt_xl.forecasting.panel.calendar import DemandCalendar, demand_calendar
from invopt_xl.forecasting.panel.frames import checked_demand
from invopt_xl.forecasting.panel.histories import KEY, Histories, MissingPeriods, assemble
from invopt_xl.forecasting.panel.table import forecast_frame, quantile_name, with_intervals
from invopt_xl.forecasting.settings import Settings
from invopt_xl.forecasting.single import Task

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache

Events = Mapping[str, Sequence[date | str]]
"""Days of each event by its name."""

Methods = str | Mapping[tuple[str, str], str]
"""One method for all histories, or one by item and location; ``auto`` for those not named."""


@dataclass(frozen=True, eq=False)
class DemandPanel:
    """Histories of many items, and what was assumed when they were put together.

    Parameters
    ----------
    items
        Columns ``item`` and ``location``, a row for each history in the order of the histories.
    histories
        Demand before period 0 of the calendar, and what is planned from it on.
    calendar
        Period 0 is the first to forecast.
    assumptions
        One sentence each.
    """

    items: pd.DataFrame
    histories: Histories
    calendar: Calendar
    assumptions: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, demand: pd.DataFrame, periods: DemandCalendar, *, missing_periods: MissingPeriods = "zero"
    ) -> DemandPanel:
        """Return the panel of typed demand rows; items come in the order of their first rows.

        Parameters
        ----------
        demand
            As `frames.checked_demand` returns it.
        periods
            As `calendar.demand_calendar` returns them.
        missing_periods
            What a period without a row means: ``zero`` demand, or ``unknown``.
        """
        require(missing_periods in ("zero", "unknown"), "missing_periods", missing_periods, "zero or unknown")
        items = demand[KEY].drop_duplicates().reset_index(drop=True)
        histories = assemble(items, demand, periods.calendar, missing_periods=missing_periods)
        sentences = assumptions(demand, periods, histories, missing_periods)
        return cls(items, histories, periods.calendar, sentences)

    def forecast(
        self,
        horizon: int,
        *,
        season: int | None = None,
        method: Methods = "auto",
        events: Events | None = None,
        engine: Engine = "statsforecast",
        paths: int = 1000,
        cache: ContentCache | None = None,
        workers: int | None = None,
        progress: Progress | None = None,
    ) -> list[Forecast]:
        """Return the forecast of each item; the arguments are those of `forecast_panel`."""
        series = [self.histories.of(row) for row in range(len(self.items))]
        return forecast_many(
            [history.quantity for history in series],
            horizon,
            in_stock=[history.in_stock for history in series],
            season=season if season is not None else self.calendar.season,
            method=self._methods(method),
            engine=engine,
            regressors=self.regressors(horizon, events),
            explained=[history.promotion for history in series],
            paths=paths,
            cache=cache,
            workers=workers,
            progress=progress,
        )

    def regressors(self, horizon: int, events: Events | None = None) -> list[Regressors | None]:
        """Return for each item what may explain its demand: planned prices and promotions, and the events."""
        edges = self.calendar.start(np.arange(-self.histories.periods, horizon + 1))
        columns = calendar_columns(events, edges) if events else {}
        return [self.histories.of(row).regressors(horizon, columns) for row in range(len(self.items))]

    def clean(self, horizon: int, *, season: int | None = None, events: Events | None = None) -> list[CleanHistory]:
        """Return the demand that the forecast of each item learns from; the arguments are those of `forecast`."""
        settings = Settings(season if season is not None else self.calendar.season)
        found = []
        for row, regressors in enumerate(self.regressors(horizon, events)):
            history = self.histories.of(row)
            columns = (history.in_stock, horizon, settings, regressors, history.promotion)
            found.append(Task.of(history.quantity, *columns).clean)
        return found

    def _methods(self, method: Methods) -> list[str]:
        if isinstance(method, str):
            return [method] * len(self.items)
        return [method.get(key, "auto") for key in zip(self.items["item"], self.items["location"], strict=True)]


def forecast_panel(
    demand: pd.DataFrame,
    horizon: int,
    *,
    period: Period | None = None,
    season: int | None = None,
    method: Methods = "auto",
    events: Events | None = None,
    quantiles: Sequence[float] = QUANTILE_LEVELS,
    level: Sequence[float] = (),
    engine: Engine = "statsforecast",
    start: date | None = None,
    today: date | None = None,
    missing_periods: MissingPeriods = "zero",
    paths: int = 1000,
    cache: ContentCache | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Return the distribution of demand of every item in the coming periods, a row for each item and period.

    Rows of one period are added up, and a period that is not over is never learned as low demand. A row from the
    first period to forecast on with a blank quantity is a plan: its price and promotion.

    Parameters
    ----------
    demand
        Columns ``item``, ``date`` and ``quantity`` (item units); ``location`` (``MAIN`` unless given),
        ``unit_price`` (money), ``promotion`` (False) and ``in_stock`` (True: where False, sales understate demand).
    horizon
        Periods ahead.
    period
        ``day``, ``week`` or ``month``; told from the spacing of the dates unless given.
    season
        Periods per season, 1 without; by default 7 days, 52 weeks or 12 months.
    method
        As in `forecast`; or a method for each (item, location), and ``auto`` for those not named.
    events
        Days of events that move demand, past and coming, such as holidays; dates or texts such as 2017-12-25.
    quantiles
        Quantiles to return, in thousandths: 0.975 is column ``p975``.
    level
        Central intervals to return beside the quantiles: 0.99 adds ``p005`` and ``p995``.
    engine, paths
        As in `forecast`.
    start
        A day of the first period to forecast; by default the period after the last complete one in the data. Later
        rows are not learned.
    today
        The period this day falls in is not over; the clock's day unless given.
    missing_periods
        What a period without a row means: ``zero`` demand, or ``unknown``.
    cache, workers, progress
        As in `forecast_many`.

    Returns
    -------
    pandas.DataFrame
        Columns ``item``, ``location``, ``date`` (first day of the period), ``mean`` (units), a quantile each
        (``p025`` is the 2.5% quantile, ``p500`` the median; units) and ``model``. Its ``attrs["assumptions"]`` say in
        words what was assumed: the period, where the history ends, what was not learned.

    Raises
    ------
    InputError
        If a column is missing, a value cannot be used, or the period cannot be told from the dates.

    Examples
    --------
    >>> months = pd.date_range("2022-01-01", "2023-12-01", freq="MS")
    >>> demand = pd.DataFrame({"item": "tea", "date": months, "quantity": [0, 0, 4] * 8})
    >>> made = forecast_panel(demand, 2, quantiles=[0.5, 0.95])
    >>> made[["item", "location", "date", "model"]].astype(str).values.tolist()[0][:3], list(made.columns)[3:6]
    (['tea', 'MAIN', '2024-01-01'], ['mean', 'p500', 'p950'])
    >>> made.attrs["assumptions"]
    ['the period is a month: the dates fall on one day of each month']
    """
    levels = with_intervals(quantiles, level)
    names = [quantile_name(each) for each in levels]
    require(len(set(names)) == len(names) > 0, "quantiles", list(levels), "different ones, at least one, such as 0.5")
    typed = checked_demand(demand)
    known = typed.loc[typed["quantity"].notna(), "date"].to_numpy()
    periods = demand_calendar(known, period=period, start=start, today=today or date.today())
    panel = DemandPanel.of(typed, periods, missing_periods=missing_periods)
    forecasts = panel.forecast(
        horizon, season=season, method=method, events=events, engine=engine, paths=paths,
        cache=cache, workers=workers, progress=progress,
    )  # fmt: skip
    made = forecast_frame(panel.items, forecasts, panel.calendar, levels=levels)
    made.attrs["assumptions"] = list(panel.assumptions)
    return made
