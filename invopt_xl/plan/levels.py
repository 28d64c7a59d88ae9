"""From histories to items with forecasts and stock levels: what an order plan stands on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.cache import ContentCache
from invopt_xl.domain import Calendar, Forecast, Progress
from invopt_xl.forecasting import believable, demand_patterns, forecast_many
from invopt_xl.forecasting.forecastability import forecastability
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.histories import Histories, histories
from invopt_xl.plan.interval_demand import Outlook, advice_for
from invopt_xl.plan.orders import stock_floor
from invopt_xl.plan.orders.sources import planned_lead
from invopt_xl.plan.overrides import KEY, followed, planner_columns
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.replenishment import (
    expected_lead_times,
    mean_rate,
    protection_interval,
    set_stock_levels,
    stocked_items,
    with_terms,
)
from invopt_xl.plan.running_period import from_now_on
from invopt_xl.plan.segmentation import periods_per_year, velocity, xyz_classes
from invopt_xl.plan.service_goals import OverallService, Stocked
from invopt_xl.policy import CumulativeDemand, PathSums

RECENT_DAYS = 182.0
"""An item without demand for this many days is called out: 26 weeks, 6 months."""

FEW_PERIODS = 13
"""A forecast from fewer known periods is called weak."""

LONGEST_FORECAST = 52
"""Periods that are forecast at most for the sake of long lead times; the horizon may ask for more."""

DAYS_BEYOND = 28.0
"""Calendar days that orders are planned beyond the horizon."""

_SPARE_PERIODS = 2
"""Periods beyond the longest protection interval."""


@dataclass(frozen=True, eq=False)
class Levelled:
    """Items with all that is known of them before anything is ordered.

    Parameters
    ----------
    items
        As `replenishment.set_stock_levels` returns them, with what their histories and forecasts say, the planner's
        own columns, ``floor`` (the stock below which a planned period should not end, units) and ``beyond_plan``
        (True where the lead time is longer than orders are planned).
    mean
        Expected demand over the periods to plan, units, shape (items, periods).
    forecasts
        Of each item.
    past
        Their histories.
    written
        What the planner wrote into the last plan.
    overall
        What the overall goal gives and costs; None with another goal.
    stocked
        What the levels were set from.
    demand
        Demand from now to the end of each coming period: of its forecast, its history or both, as the past advises.
    """

    items: pd.DataFrame
    mean: npt.NDArray[np.float64]
    forecasts: list[Forecast]
    past: Histories
    written: pd.DataFrame
    overall: OverallService | None
    stocked: Stocked
    demand: CumulativeDemand


def set_levels(
    raw: Tables,
    admitted: Admitted,
    progress: Progress,
    *,
    forecast_periods: int = 0,
    cache: ContentCache | None = None,
    workers: int | None = None,
) -> Levelled:
    """Forecast demand and set stock levels.

    Parameters
    ----------
    raw
        Tables as read, for the planner's columns.
    admitted
        What of them the plan stands on.
    progress
        Told of stages.
    forecast_periods, cache, workers
        As in `pipeline.run`.
    """
    parameters = admitted.parameters
    past = histories(admitted)
    written = followed(planner_columns(raw), parameters, raw)
    items = with_terms(admitted.tables, parameters).merge(written, on=KEY, how="left")
    horizon = max(forecast_periods, periods_ahead(items, parameters))
    forecasts = _forecast(items, past, horizon, parameters, cache, progress, workers)
    times = expected_lead_times(items, admitted.tables)
    interval = protection_interval(items, times, parameters)
    season = parameters.calendar.season
    advice = advice_for(past, season=season, cache=cache, workers=workers, progress=progress)
    progress.stage("Setting stock levels")
    items = _described(items, past, forecasts, parameters.calendar).assign(
        demand_per_period=mean_rate(forecasts, parameters), demand_choice=list(advice.reason)
    )
    known = believable(np.where(past.in_stock, past.quantity, np.nan))
    outlook = Outlook(PathSums.of(forecasts), known, interval, parameters.calendar.share_left)
    demand = outlook.chosen(advice)
    stocked = stocked_items(items, demand, times, parameters)
    items, overall = set_stock_levels(stocked, times, admitted.tables, parameters)
    mean = np.array([forecast.mean for forecast in forecasts])[:, : periods_wanted(items, parameters)]
    lead = planned_lead(items["lead_periods"].to_numpy())
    # The buffer is made for the forecast's own demand, whatever demand is planned for in the end.
    items = items.assign(floor=stock_floor(items, mean, lead), beyond_plan=lead >= mean.shape[1])
    return Levelled(items, mean, forecasts, past, written, overall, stocked, demand)


def periods_ahead(items: pd.DataFrame, parameters: Parameters) -> int:
    """Return the periods to forecast: enough to plan the horizon and to cover the longest protection interval."""
    length = parameters.calendar.days_per_period
    reach = items["lead_time_days"] + 2.0 * items["lead_time_sd_days"] + items["review_days"]
    longest = np.ceil(float((reach / length).max())) + _SPARE_PERIODS
    least = parameters.horizon_periods + beyond_horizon(parameters)
    return int(max(least, min(longest, LONGEST_FORECAST)))


def _forecast(
    items: pd.DataFrame,
    past: Histories,
    horizon: int,
    parameters: Parameters,
    cache: ContentCache | None,
    progress: Progress,
    workers: int | None,
) -> list[Forecast]:
    series = [past.of(row) for row in range(len(items))]
    made = forecast_many(
        [history.quantity for history in series],
        horizon,
        in_stock=[history.in_stock for history in series],
        season=parameters.calendar.season,
        engine=parameters.forecast_engine,
        regressors=[history.regressors(horizon) for history in series],
        explained=[history.promotion for history in series],
        cache=cache,
        workers=workers,
        progress=progress,
    )
    share = parameters.calendar.share_left
    return [from_now_on(forecast, share) for forecast in made]


def periods_wanted(items: pd.DataFrame, parameters: Parameters) -> int:
    """Return the periods to plan over: beyond the horizon, and so that every item can be ordered and reviewed once.

    An order late in the horizon pays by what it saves after it: a plan that ended there would let stock run out.
    """
    length = parameters.calendar.days_per_period
    longest = int(np.ceil((items["lead_periods"] + items["review_days"] / length).max())) + _SPARE_PERIODS
    return max(parameters.horizon_periods + beyond_horizon(parameters), longest)


def beyond_horizon(parameters: Parameters) -> int:
    """Return how many periods are planned beyond the horizon, so that its end does not shape the orders in it."""
    return int(np.ceil(DAYS_BEYOND / parameters.calendar.days_per_period))


def recent_periods(calendar: Calendar) -> int:
    """Return how many whole periods `RECENT_DAYS` are.

    Examples
    --------
    >>> from datetime import date
    >>> [recent_periods(Calendar(date(2018, 1, 1), period)) for period in ("day", "week", "month")]
    [182, 26, 6]
    """
    return round(RECENT_DAYS / calendar.days_per_period)


def _described(items: pd.DataFrame, past: Histories, forecasts: list[Forecast], calendar: Calendar) -> pd.DataFrame:
    """Return the items with what their histories and forecasts say of them."""
    quantity = np.where(past.in_stock, past.quantity, np.nan)
    known = (~np.isnan(quantity)).sum(axis=1)
    error = forecastability(quantity, calendar.season).error
    recent = quantity[:, -recent_periods(calendar) :]
    # Of an item that was out of stock all the time nobody knows whether it would have sold.
    unknown = np.isnan(recent).all(axis=1) & (past.first < past.periods)
    started = [quantity[row, first:] for row, first in enumerate(past.first)]
    return items.assign(
        pattern=[pattern.name for pattern in demand_patterns(started)],
        xyz=xyz_classes(error),
        forecast_error=error,
        model=[forecast.model for forecast in forecasts],
        reason=[forecast.reason for forecast in forecasts],
        known_periods=known,
        year_units=velocity(past, periods_per_year(calendar)).year_units,
        weak_forecast=(known < FEW_PERIODS) | (items["status"] == "new").to_numpy(),
        recent_demand=np.where(unknown, np.inf, np.nansum(recent, axis=1)),
        recent_periods=float(recent.shape[1]),
    )
