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
from invopt_xl.domain import Progress, Silent
from invopt_xl.domain.words import counted
from invopt_xl.plan import accuracy, kpis, orders, results
from invopt_xl.plan.buffers import buffer_table, with_changes
from invopt_xl.plan.columns import ORDERS, Tables
from invopt_xl.plan.exceptions import find_exceptions
from invopt_xl.plan.exceptions.goal import missed
from invopt_xl.plan.excess import with_excess
from invopt_xl.plan.levels import set_levels
from invopt_xl.plan.orders.lines import numbered_lines
from invopt_xl.plan.orders.worth import possible_saving, saving_in_words
from invopt_xl.plan.override_outcomes import ordered_before, override_log, value_added_figure
from invopt_xl.plan.proposals import plan_without_overrides, with_proposals
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.plan.service_goals import OverallService
from invopt_xl.plan.trend import with_trend
from invopt_xl.plan.views import Found, views_of
from invopt_xl.plan.views.agreement import agreements

SMALL_SAVING = 0.01
"""What a better order plan could save, as a share of purchases, that is no reason to look: less than a price moves."""


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
    parameters = admitted.parameters
    levelled = set_levels(raw, admitted, progress, forecast_periods=forecast_periods, cache=cache, workers=workers)
    forecasts, overall = levelled.forecasts, levelled.overall
    items = with_excess(levelled.items, parameters.excess_cover_days, parameters.calendar.days_per_period)
    items = with_changes(items, forecasts, levelled.past.whole_units, raw, parameters)
    items = with_trend(items, levelled.past)
    progress.stage("Planning orders")
    sources = orders.source_table(items, admitted.tables, parameters)
    problem = orders.order_problem(items, levelled.mean, admitted.tables, parameters, sources)
    effort = orders.Effort(parameters.solver_seconds, parameters.solver_gap)
    planned = orders.plan_problem(problem, sources, effort, cache=cache, progress=progress)
    free = planned
    if items["override"].notna().any():
        progress.stage("Planning without overrides")
        free = plan_without_overrides(
            items, levelled.mean, admitted.tables, parameters, sources, cache=cache, progress=progress
        )
    items = with_proposals(items, free).assign(ordered_before=ordered_before(raw, items, parameters))
    progress.stage("Explaining")
    items = results.with_orders(items, planned, parameters)
    exceptions = find_exceptions(items, levelled.written, planned, admitted, overall)
    lines = numbered_lines(items, planned, parameters)
    tables = {
        "plan": results.plan_table(items, exceptions, levelled.written),
        "orders": lines[ORDERS.column_names],
        "exceptions": exceptions,
        "buffers": buffer_table(items, parameters),
        "forecast": results.forecast_table(items, forecasts, parameters),
        "quality": admitted.quality,
        **kpis.dashboard(items, exceptions, planned, parameters, overall),
    }
    tables["overrides"] = override_log(raw, items, admitted, user=user, now=datetime.now())
    tables["kpis"] = kpis.with_figure(tables["kpis"], value_added_figure(tables["overrides"], parameters))
    tables |= accuracy.reviews(raw, admitted)
    tables |= views_of(Found(raw, admitted, levelled, planned, items, lines, tables["plan"]), wanted)
    checks = [*_checks(items, tables, lines, planned, admitted, overall), *agreements(tables)]
    tables["checks"] = kpis.check_table(checks, datetime.now())
    seconds = time.perf_counter() - started
    tables["log"] = results.log_table(raw, items, tables, planned, admitted, seconds)
    return PlanResult(tables, len(items), admitted.rejected, seconds, items)


def _checks(
    items: pd.DataFrame,
    tables: Tables,
    lines: pd.DataFrame,
    planned: orders.Planned,
    admitted: Admitted,
    overall: OverallService | None,
) -> list[kpis.Check]:
    """Return every check that rolls up into the master check."""
    bought = ~planned.problem.transfer[lines["source"]]
    now = lines["value"][(lines["period"] == 0) & bought]
    overrides = int(items["override"].notna().sum())
    kept = "all kept" + (f" beside {overrides} overrides" if overrides else "")
    beyond = int(items["beyond_plan"].sum())
    lines_value, plan_value = now.sum(), items["order_value"].sum()
    quantiles = tables["forecast"][[name for name in tables["forecast"].columns if name.startswith("p")]]
    ordered = bool((quantiles.diff(axis=1).iloc[:, 1:] >= -1e-6).all(axis=None))
    limits = planned.broken
    return [
        ("Rows accepted", admitted.rejected == 0, f"{admitted.rejected:,} rejected"),
        ("Every accepted item is planned", len(tables["plan"]) >= len(items) > 0, counted(len(items), "item")),
        ("Forecast quantiles are in order", ordered, f"{len(quantiles):,} forecasts"),
        ("Orders keep minimums, lots and limits", not limits, "; ".join(limits[:3]) or kept),
        ("Every lead time fits the plan", not beyond, _beyond(beyond)),
        (
            "Order lines add up to the plan",
            bool(np.isclose(lines_value, plan_value, atol=0.05)),
            f"{lines_value:,.2f} and {plan_value:,.2f}",
        ),
        closeness_check(planned, admitted),
        *([_reach(items, overall)] if overall else []),
    ]


def _beyond(items: int) -> str:
    return (
        f"{counted(items, 'item')} cannot be ordered in time to be planned" if items else "all can be ordered in time"
    )


def closeness_check(planned: orders.Planned, admitted: Admitted) -> kpis.Check:
    """Return whether the order plan is as close to the cheapest as was asked for, or what is left is little money."""
    parameters = admitted.parameters
    asked = planned.plan.gap <= parameters.solver_gap
    share = possible_saving(planned) / max(planned.plan.costs["purchase"], 1e-9)
    detail = saving_in_words(planned, parameters.currency)
    if not asked:
        detail += f", {100.0 * parameters.solver_gap:.3g}% was asked for; it is {min(share, 1.0):.2%} of purchases"
        detail += "" if share <= SMALL_SAVING else "; give the plan more solver_seconds"
    return ("Order plan is close to the cheapest", asked or share <= SMALL_SAVING, detail)


def _reach(items: pd.DataFrame, overall: OverallService) -> kpis.Check:
    reached = overall.in_reach
    detail = "" if reached else f"; {missed(items, overall)}"
    return "The overall service target is in reach", reached, f"{overall.target:.1%} asked for{detail}"
