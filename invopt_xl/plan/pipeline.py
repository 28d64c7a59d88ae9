"""The one place that runs it all: tables in, tables out.

A pure function of the tables it is given, so a large plan can be cut into partitions by supplier.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from invopt_xl.cache import ContentCache
from invopt_xl.domain import Progress, Silent
from invopt_xl.plan import accuracy, kpis, orders, results
from invopt_xl.plan.buffers import buffer_table, with_changes
from invopt_xl.plan.checks import check_table, checks_of
from invopt_xl.plan.columns import EXCESS, ORDERS, Tables
from invopt_xl.plan.exceptions import as_excess_says, find_exceptions
from invopt_xl.plan.excess import with_excess
from invopt_xl.plan.levels import Levelled, set_levels
from invopt_xl.plan.orders.lines import numbered_lines
from invopt_xl.plan.override_outcomes import ordered_before, override_log, value_added_figure
from invopt_xl.plan.proposals import plan_without_overrides, with_changes_told, with_proposals
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.plan.trend import with_trend
from invopt_xl.plan.views import Found, views_of
from invopt_xl.plan.views.agreement import agreements


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
    levelled
        What the order plan stands on: histories, forecasts and demand of the same items.
    order_plan
        The order plan of these tables, for what else it comes to: the same problem planned again may give another.
    """

    tables: Tables
    planned: int
    rejected: int
    seconds: float
    items: pd.DataFrame
    levelled: Levelled
    order_plan: orders.Planned


def run(
    raw: Tables,
    *,
    admitted: Admitted | None = None,
    forecast_periods: int = 0,
    as_kept: bool = False,
    cache: ContentCache | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    user: str = "",
    wanted: frozenset[str] | None = None,
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
    as_kept
        Whether the order plan that the cache keeps of the last refresh stands as it is, see `orders.Effort`.
    cache
        Where forecasts and order plans are kept between refreshes.
    progress
        Told of stages.
    workers
        Processes for forecasting; all cores unless given.
    user
        Who refreshes, for the log of overrides.
    wanted
        Stems of the tables somebody wants: of `views.VIEWS` no others are made. All of them unless given.

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
    levelled = set_levels(raw, admitted, progress, forecast_periods=forecast_periods, cache=cache, workers=workers)
    effort = orders.Effort(admitted.parameters.solver_seconds, admitted.parameters.solver_gap, as_kept=as_kept)
    items, planned = _with_order_plan(levelled, raw, admitted, effort, cache=cache, progress=progress)
    progress.stage("Explaining")
    items = with_changes_told(results.with_orders(items, planned, admitted.parameters), planned.problem)
    tables = _tables(raw, admitted, levelled, planned, items, user, wanted)
    seconds = time.perf_counter() - started
    tables["log"] = results.log_table(raw, items, tables, planned, admitted, seconds)
    return PlanResult(tables, len(items), admitted.rejected, seconds, items, levelled, planned)


def _with_order_plan(
    levelled: Levelled,
    raw: Tables,
    admitted: Admitted,
    effort: orders.Effort,
    *,
    cache: ContentCache | None,
    progress: Progress,
) -> tuple[pd.DataFrame, orders.Planned]:
    """Return the items with what would be ordered without overrides and all else that explains a plan, and the plan."""
    parameters = admitted.parameters
    items = with_excess(levelled.items, parameters.excess_cover_days, parameters.calendar.days_per_period)
    items = with_changes(items, levelled.forecasts, levelled.past.whole_units, raw, parameters)
    items = with_trend(items, levelled.past)
    progress.stage("Planning orders")
    sources = orders.source_table(items, admitted.tables, parameters)
    problem = orders.order_problem(items, levelled.mean, admitted.tables, parameters, sources)
    free = planned = orders.plan_problem(problem, sources, effort, cache=cache, progress=progress)
    if items["override"].notna().any():
        progress.stage("Planning without overrides")
        free = plan_without_overrides(
            items, levelled.mean, admitted.tables, parameters, sources, cache=cache, progress=progress
        )
    return with_proposals(items, free).assign(ordered_before=ordered_before(raw, items, parameters)), planned


def _tables(
    raw: Tables,
    admitted: Admitted,
    levelled: Levelled,
    planned: orders.Planned,
    items: pd.DataFrame,
    user: str,
    wanted: frozenset[str] | None,
) -> dict[str, pd.DataFrame]:
    """Return every table of results but the log, which tells how long the rest took."""
    parameters = admitted.parameters
    exceptions = find_exceptions(items, levelled.written, planned, admitted, levelled.overall)
    lines = numbered_lines(items, planned, parameters)
    overrides = override_log(raw, items, admitted, user=user, now=datetime.now())
    dashboard = kpis.dashboard(items, exceptions, planned, parameters, levelled.overall)
    tables = {
        "plan": results.plan_table(items, exceptions, levelled.written),
        "orders": lines[ORDERS.column_names],
        "exceptions": exceptions,
        "buffers": buffer_table(items, parameters),
        "forecast": results.forecast_table(items, levelled.forecasts, parameters),
        "quality": admitted.quality,
        "overrides": overrides,
        **dashboard,
        "kpis": kpis.with_figure(dashboard["kpis"], value_added_figure(overrides, parameters)),
        **accuracy.reviews(raw, admitted),
    }
    found = Found(raw, admitted, levelled, planned, items, lines, tables["plan"])
    tables |= views_of(found, wanted)
    if EXCESS.stem in tables:
        tables["exceptions"] = as_excess_says(exceptions, tables[EXCESS.stem])
    return tables | {"checks": check_table([*checks_of(found, tables), *agreements(tables)], datetime.now())}
