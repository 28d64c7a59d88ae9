"""The order plan alone: from tables, and a forecast if one is given, to order lines and what they come to."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.cache import ContentCache
from invopt_xl.domain import Progress, Silent
from invopt_xl.domain.words import counted
from invopt_xl.optimise import OrderProblem
from invopt_xl.plan.columns import ORDER_CHANGES, Tables
from invopt_xl.plan.excess.measures import with_excess
from invopt_xl.plan.levels import periods_wanted, set_levels
from invopt_xl.plan.orders import Effort, Planned, order_lines, order_problem, plan_problem, source_table, stock_floor
from invopt_xl.plan.orders.shortages import order_shortfalls
from invopt_xl.plan.orders.sources import planned_lead
from invopt_xl.plan.orders.tables import order_costs, order_items, order_limits
from invopt_xl.plan.overrides import KEY, followed, planner_columns
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.plan.replenishment import due_in_time, expected_lead_times, with_terms

FloatArray = npt.NDArray[np.float64]

NAMED = 5
"""Items named in one note."""


@dataclass(frozen=True, eq=False)
class Basis:
    """What an order plan stands on.

    Parameters
    ----------
    items
        Items with their terms and levels, a row each.
    mean
        Expected demand, units, shape (items, periods).
    admitted
        The tables, checked.
    notes
        What was assumed, a sentence each.
    """

    items: pd.DataFrame
    mean: FloatArray
    admitted: Admitted
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Compared:
    """An order plan beside another.

    Parameters
    ----------
    sentences
        What happens, and what it costs.
    costs
        ``kind``, then a column for each plan, money.
    changes
        As ``tblOrderChanges`` has them.
    cost
        What the plan costs more than the one it is compared with, money; None where that is not known.
    saved
        What it saves against following that one as it stands, money; None where that is not asked.
    sent
        The rows of ``tblOrders`` that are sent already; None where that is not asked.
    """

    sentences: tuple[str, ...]
    costs: pd.DataFrame
    changes: pd.DataFrame
    cost: float | None
    saved: float | None
    sent: pd.DataFrame | None = None


@dataclass(frozen=True, eq=False)
class OrdersMade:
    """An order plan with its tables.

    Parameters
    ----------
    tables
        ``orders``, ``order_costs``, ``order_limits``, ``order_items``, ``order_shortfalls``, ``order_changes`` and
        ``quality``.
    planned
        The plan, and the problem it is for.
    basis
        What it stands on.
    seconds
        Wall time in all.
    compared
        The plan beside another, if that was asked.
    """

    tables: Tables
    planned: Planned
    basis: Basis
    seconds: float
    compared: Compared | None = None

    @property
    def rejected(self) -> int:
        """Input rows left out."""
        return self.basis.admitted.rejected


Problem = tuple[OrderProblem, pd.DataFrame]
"""What is planned, and its sources as `source_table` returns them."""


def make_orders(
    raw: Tables,
    effort: Effort | Callable[[Parameters], Effort],
    *,
    forecast: pd.DataFrame | None = None,
    changed: Callable[[Basis, Problem], Problem] | None = None,
    cache: ContentCache | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> OrdersMade:
    """Check the tables, set levels, plan orders, and return what they come to.

    Parameters
    ----------
    raw
        Input tables by stem, as read.
    effort
        How long and how well to plan, or what says so from the tables' parameters.
    forecast
        Demand to come, with item, location, date and mean; forecast from the tables' demand unless given.
    changed
        Changes the problem before it is planned, such as closing a supplier.
    cache, progress, workers
        As in `pipeline.run`.

    Raises
    ------
    InputError
        If a table or column that is needed is missing, or no item can be planned.
    """
    started = time.perf_counter()
    progress = progress or Silent()
    progress.stage("Checking data")
    basis = order_basis(raw, admit(raw, forecast=forecast), progress, cache=cache, workers=workers)
    problem = problem_of(basis)
    if changed is not None:
        problem = changed(basis, problem)
    effort = effort if isinstance(effort, Effort) else effort(basis.admitted.parameters)
    planned = plan_problem(*problem, effort, cache=cache, progress=progress)
    return OrdersMade(tables_of(basis, planned), planned, basis, time.perf_counter() - started)


def problem_of(basis: Basis) -> Problem:
    """Return the order problem of what a plan stands on, with its sources."""
    tables, parameters = basis.admitted.tables, basis.admitted.parameters
    sources = source_table(basis.items, tables, parameters)
    return order_problem(basis.items, basis.mean, tables, parameters, sources), sources


def tables_of(basis: Basis, planned: Planned) -> Tables:
    """Return the tables of an order plan by stem; it changes nothing beside any other."""
    parameters = basis.admitted.parameters
    return {
        "orders": order_lines(basis.items, planned, parameters),
        "order_costs": order_costs(planned, parameters),
        "order_limits": order_limits(planned, parameters),
        "order_items": order_items(basis.items, planned, parameters),
        "order_shortfalls": order_shortfalls(basis.items, planned, parameters),
        "order_changes": pd.DataFrame(columns=ORDER_CHANGES.column_names),
        "quality": basis.admitted.quality,
    }


def order_basis(
    raw: Tables,
    admitted: Admitted,
    progress: Progress,
    *,
    cache: ContentCache | None = None,
    workers: int | None = None,
) -> Basis:
    """Return items with levels and the demand expected of them.

    Levels are set from demand of the past, as a plan sets them. Without it they are those that ``tblItems`` states.
    """
    basis = _basis(raw, admitted, progress, cache, workers)
    return replace(basis, notes=(*basis.notes, *_lead_time_notes(basis)))


def _basis(
    raw: Tables, admitted: Admitted, progress: Progress, cache: ContentCache | None, workers: int | None
) -> Basis:
    known = not admitted.tables["demand"].empty
    if admitted.expected is None or known:
        levelled, parameters = set_levels(raw, admitted, progress, cache=cache, workers=workers), admitted.parameters
        cover, length = parameters.excess_cover_days, parameters.calendar.days_per_period
        if admitted.expected is None:
            items = with_excess(levelled.items, cover, length)
            return Basis(items, levelled.mean, admitted, ("Demand is forecast from tblDemand.",))
        mean, cut = _reaching(admitted.expected, levelled.mean.shape[1], parameters)
        items = with_excess(levelled.items.assign(demand_per_period=mean.mean(axis=1)), cover, length)
        notes = ("Expected demand is that of the forecast table; stock levels are set from tblDemand.", *cut)
        return Basis(items, mean, admitted, notes)
    return _stated_basis(raw, admitted, admitted.expected)


def _lead_time_notes(basis: Basis) -> tuple[str, ...]:
    """Name the items that no order could help any more within the periods planned."""
    late = planned_lead(basis.items["lead_periods"].to_numpy()) >= basis.mean.shape[1]
    if not late.any():
        return ()
    names = basis.items["item"][late].tolist()
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    planned = counted(basis.mean.shape[1], basis.admitted.parameters.period)
    lead = f"The own supplier of {', '.join(names[:NAMED])}{more} takes longer than the {planned} planned"
    return (f"{lead}: no order with it is planned.",)


def _reaching(expected: FloatArray, wanted: int, parameters: Parameters) -> tuple[FloatArray, tuple[str, ...]]:
    """Return demand over the periods wanted, as far as it is given, and a note where that is not the horizon."""
    given = expected.shape[1]
    if given >= min(wanted, parameters.horizon_periods):
        return expected[:, :wanted], ()
    reach = f"The forecast table reaches {counted(given, parameters.period)}"
    return expected, (f"{reach}; orders are planned no further than that.",)


def _stated_basis(raw: Tables, admitted: Admitted, expected: FloatArray) -> Basis:
    """Return items with the levels that ``tblItems`` states."""
    parameters, tables = admitted.parameters, admitted.tables
    written = followed(planner_columns(raw), parameters, raw)
    stated = with_terms(tables, parameters).merge(written, on=KEY, how="left")
    times, length = expected_lead_times(stated, tables), parameters.calendar.days_per_period
    items = stated.assign(
        lead_periods=times.mean / length,
        lead_deviation_periods=times.standard_deviation / length,
        available=stated["on_hand"] + due_in_time(stated, tables, parameters, times.mean + stated["review_days"]),
        order_up_to=0.0,
        refused="",
        service_measure="",
    )
    mean, cut = _reaching(expected, periods_wanted(items, parameters), parameters)
    items = items.assign(demand_per_period=mean.mean(axis=1))
    floor = items["safety_stock"].fillna(pd.Series(_reorder_floor(items, mean)))
    notes = ("Expected demand is that of the forecast table.", *cut, *_floor_notes(floor))
    return Basis(items.assign(floor=floor.fillna(0.0)), mean, admitted, notes)


def _reorder_floor(items: pd.DataFrame, mean: FloatArray) -> FloatArray:
    """Return the floor that a stated reorder point means; missing where none is stated."""
    point = items["reorder_point"]
    lead = planned_lead(items["lead_periods"].to_numpy())
    floor = stock_floor(items.assign(reorder_point=point.fillna(0.0)), mean, lead)
    return np.where(point.isna(), np.nan, floor)


def _floor_notes(floor: pd.Series[float]) -> tuple[str, ...]:
    without = int(floor.isna().sum())
    if not without:
        return ()
    stated = "safety_stock or reorder_point in tblItems, and there is no tblDemand to set one from"
    who = "No item has a" if without == len(floor) else f"{without:,} of {counted(len(floor), 'item')} have no"
    return (f"{who} {stated}: no stock is held there against doubt.",)
