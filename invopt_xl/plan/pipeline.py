"""The one place that runs it all: tables in, tables out.

A pure function of the tables it is given, so a large plan can be cut into partitions by supplier.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from invopt_xl.cache import ContentCache
from invopt_xl.domain import Forecast, Progress, Silent
from invopt_xl.forecasting import demand_patterns, forecast_many
from invopt_xl.plan import kpis, orders, results
from invopt_xl.plan.buffers import buffer_table, with_changes
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.exceptions import find_exceptions
from invopt_xl.plan.excess import with_excess
from invopt_xl.plan.histories import Histories, histories
from invopt_xl.plan.interval_demand import Outlook, advice_for
from invopt_xl.plan.overrides import KEY, planner_columns
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.plan.replenishment import (
    expected_lead_times,
    mean_rate,
    protection_interval,
    set_stock_levels,
    with_terms,
)
from invopt_xl.plan.running_period import from_now_on
from invopt_xl.plan.segmentation import xyz_classes
from invopt_xl.plan.service_goals import OverallService
from invopt_xl.policy import PathSums

RECENT_PERIODS = 26
"""An item without demand for this many periods is called out."""

FEW_PERIODS = 13
"""A forecast from fewer known periods is called weak."""

GOOD_GAP = 0.25
"""An order plan whose proven gap is larger may be poor: it needs more seconds, or its limits leave hardly a choice."""

LONGEST_FORECAST = 52
"""Periods that are forecast at most for the sake of long lead times; the horizon may ask for more."""

_SPARE_PERIODS = 2
"""Periods beyond the longest protection interval."""


@dataclass(frozen=True, eq=False)
class PlanResult:
    """What a refresh made.

    Parameters
    ----------
    tables
        The output tables by stem.
    planned
        Items planned.
    rejected
        Input rows rejected; each is a row of ``tblQuality``.
    seconds
        Wall time of the refresh.
    items
        The items with all that the plan knows of them: terms, levels, orders; a row each, in the order of the items.
    """

    tables: Tables
    planned: int
    rejected: int
    seconds: float
    items: pd.DataFrame


def run(
    raw: Tables,
    *,
    admitted: Admitted | None = None,
    forecast_periods: int = 0,
    cache: ContentCache | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> PlanResult:
    """Check, forecast, set stock levels, plan orders and explain.

    Parameters
    ----------
    raw
        Input tables by stem, as read: values of any type, the index says where each row stands at its source.
    admitted
        What of them the plan stands on; they are checked for it unless given.
    forecast_periods
        Periods to forecast at least. Sample paths depend on it: plans to be compared need the same.
    cache
        Where forecasts and order plans are kept between refreshes.
    progress
        Told of stages.
    workers
        Processes for forecasting; all cores unless given.

    Raises
    ------
    InputError
        If a table or column that is needed is missing, or no item can be planned.
    """
    started = time.perf_counter()
    progress = progress or Silent()
    if admitted is None:
        progress.stage("Checking data")
        admitted = admit(raw)
    parameters = admitted.parameters
    past = histories(admitted)
    written = planner_columns(raw)
    items = with_terms(admitted.tables, parameters).merge(written, on=KEY, how="left")
    horizon = max(forecast_periods, periods_ahead(items, parameters))
    forecasts = _forecast(items, past, horizon, parameters, cache, progress, workers)
    times = expected_lead_times(items, admitted.tables)
    interval = protection_interval(items, times, parameters)
    season = parameters.calendar.season
    advice = advice_for(past, season=season, cache=cache, workers=workers, progress=progress)
    progress.stage("Setting stock levels")
    items = _described(items, past, forecasts).assign(
        demand_per_period=mean_rate(forecasts, parameters), demand_choice=list(advice.reason)
    )
    known = np.where(past.in_stock, past.quantity, np.nan)
    outlook = Outlook(PathSums.of(forecasts), known, interval, parameters.calendar.share_left)
    items, overall = set_stock_levels(items, outlook.chosen(advice), times, admitted.tables, parameters)
    items = with_excess(items, parameters.excess_cover_days, parameters.calendar.days_per_period)
    items = with_changes(items, forecasts, past.whole_units, raw, parameters)
    progress.stage("Planning orders")
    mean = np.array([forecast.mean for forecast in forecasts])[:, : planning_periods(items, forecasts, parameters)]
    planned = orders.plan(items, mean, admitted.tables, parameters, cache=cache, progress=progress)
    items = items.assign(beyond_plan=np.ceil(items["lead_periods"] - 1e-9) >= mean.shape[1])
    progress.stage("Explaining")
    items = results.with_orders(items, planned, admitted.tables, parameters)
    exceptions = find_exceptions(items, written, planned, admitted)
    tables = {
        "plan": results.plan_table(items, exceptions, written),
        "orders": orders.order_lines(items, planned, parameters),
        "exceptions": exceptions,
        "buffers": buffer_table(items, parameters),
        "forecast": results.forecast_table(items, forecasts, parameters),
        "quality": admitted.quality,
        **kpis.dashboard(items, exceptions, planned, parameters, overall),
    }
    tables["checks"] = kpis.check_table(_checks(items, tables, planned, admitted, overall), datetime.now())
    seconds = time.perf_counter() - started
    tables["log"] = results.log_table(raw, items, tables, planned, admitted, seconds)
    return PlanResult(tables, len(items), admitted.rejected, seconds, items)


def periods_ahead(items: pd.DataFrame, parameters: Parameters) -> int:
    """Return the periods to forecast: enough to plan the horizon and to cover the longest protection interval."""
    length = parameters.calendar.days_per_period
    reach = items["lead_time_days"] + 2.0 * items["lead_time_sd_days"] + items["review_days"]
    longest = np.ceil(float((reach / length).max())) + _SPARE_PERIODS
    return int(max(parameters.horizon_periods, min(longest, LONGEST_FORECAST)))


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


def planning_periods(items: pd.DataFrame, forecasts: list[Forecast], parameters: Parameters) -> int:
    """Return the periods to plan over: the horizon, and far enough that every item can be ordered and reviewed once."""
    review = items["review_days"] / parameters.calendar.days_per_period
    longest = int(np.ceil((items["lead_periods"] + review).max())) + _SPARE_PERIODS
    return min(max(parameters.horizon_periods, longest), forecasts[0].periods)


def _described(items: pd.DataFrame, past: Histories, forecasts: list[Forecast]) -> pd.DataFrame:
    """Return the items with what their histories and forecasts say of them."""
    quantity = np.where(past.in_stock, past.quantity, np.nan)
    known = (~np.isnan(quantity)).sum(axis=1)
    mean = np.nansum(quantity, axis=1) / np.maximum(known, 1)
    deviation = np.sqrt(np.nansum((quantity - mean[:, None]) ** 2, axis=1) / np.maximum(known - 1, 1))
    recent = quantity[:, -RECENT_PERIODS:]
    # Of an item that was out of stock all the time nobody knows whether it would have sold.
    unknown = np.isnan(recent).all(axis=1) & (past.first < past.periods)
    started = [quantity[row, first:] for row, first in enumerate(past.first)]
    return items.assign(
        pattern=[pattern.name for pattern in demand_patterns(started)],
        xyz=xyz_classes(np.where(mean > 0, deviation / np.maximum(mean, 1e-12), np.nan)),
        model=[forecast.model for forecast in forecasts],
        reason=[forecast.reason for forecast in forecasts],
        known_periods=known,
        weak_forecast=(known < FEW_PERIODS) | (items["status"] == "new").to_numpy(),
        recent_demand=np.where(unknown, np.inf, np.nansum(recent, axis=1)),
        recent_periods=float(recent.shape[1]),
    )


def _checks(
    items: pd.DataFrame,
    tables: Tables,
    planned: orders.Planned,
    admitted: Admitted,
    overall: OverallService | None,
) -> list[kpis.Check]:
    """Return every check that rolls up into the master check."""
    now = tables["orders"]["order_date"] == pd.Timestamp(admitted.parameters.plan_date)
    overrides = int(items["override"].notna().sum())
    kept = "all kept" + (f" beside {overrides} overrides" if overrides else "")
    beyond = int(items["beyond_plan"].sum())
    lines_value, plan_value = tables["orders"].loc[now, "value"].sum(), items["order_value"].sum()
    quantiles = tables["forecast"][[name for name in tables["forecast"].columns if name.startswith("p")]]
    ordered = bool((quantiles.diff(axis=1).iloc[:, 1:] >= -1e-6).all(axis=None))
    limits = planned.broken
    return [
        ("Rows accepted", admitted.rejected == 0, f"{admitted.rejected:,} rejected"),
        ("Every accepted item is planned", len(tables["plan"]) >= len(items) > 0, f"{len(items):,} items"),
        ("Forecast quantiles are in order", ordered, f"{len(quantiles):,} forecasts"),
        ("Orders keep minimums, lots and limits", not limits, "; ".join(limits[:3]) or kept),
        ("Every lead time fits the plan", not beyond, f"{beyond:,} items cannot be ordered in time to be planned"),
        (
            "Order lines add up to the plan",
            bool(np.isclose(lines_value, plan_value, atol=0.05)),
            f"{lines_value:,.2f} and {plan_value:,.2f}",
        ),
        (
            f"Order plan gap at most {GOOD_GAP:.0%}",
            planned.plan.gap <= GOOD_GAP,
            f"{planned.plan.status}; more seconds may find a cheaper plan"
            if planned.plan.gap > admitted.parameters.solver_gap
            else planned.plan.status,
        ),
        *([_reach(overall)] if overall else []),
    ]


def _reach(overall: OverallService) -> kpis.Check:
    reached = overall.in_reach
    most = "" if reached else f"; what keeps too short a time to be held allows {overall.reachable:.1%} at most"
    return "The overall service target is in reach", reached, f"{overall.target:.1%} asked for{most}"
