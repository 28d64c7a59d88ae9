"""The output tables, column by column as the data contract has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import Forecast
from invopt_xl.forecasting.panel.table import forecast_frame
from invopt_xl.optimise.wording import without_capacity
from invopt_xl.plan.as_read import as_read
from invopt_xl.plan.columns import FORECAST, LOG, PLAN, Tables
from invopt_xl.plan.explain import no_order_sentence
from invopt_xl.plan.orders import Planned
from invopt_xl.plan.orders.dating import first_day
from invopt_xl.plan.orders.lines import line_reasons, main_source_now, other_lines_now, sourced
from invopt_xl.plan.orders.moves import with_moves
from invopt_xl.plan.orders.short import short_reasons, speaks_against_orders
from invopt_xl.plan.orders.waste import spoiling
from invopt_xl.plan.overrides import KEY, left_behind
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.quality.overriding import NOT_FOLLOWED
from invopt_xl.plan.quantities import finer_by, rounded

WORTH_ASKING = 0.5
"""Units short over all periods from which on it is asked why."""

FAR_BELOW = 0.1
"""Demand left unmet beyond what the levels mean, as a share of it, from which on the plan says so."""

FULL = 0.97
"""A limit used to this share holds orders back: what is left seldom takes another lot."""


def with_orders(items: pd.DataFrame, planned: Planned, parameters: Parameters) -> pd.DataFrame:
    """Return the items with what is ordered now, what the plan leaves short, and why.

    Adds ``order_quantity`` (units from all suppliers, transfers apart), ``order_lines`` (how many make it up),
    ``order_value`` (money after discount), ``moved_in`` (units that other locations send now), ``planned_short`` (units
    over the horizon that orders from now on could have met), ``planned_met`` (share of such demand that is met),
    ``reached_in_part`` (True where other demand of the horizon comes before any order could), ``far_below`` (True where
    the share is far less than the levels mean, though orders can be planned), ``spoiling`` and ``spoiling_order``
    (units that outlast their shelf life of what is there, on order and ordered now, and how many of them for the
    order), ``short_reason`` (why it is short, where that was looked into), ``why``, and what `with_moves` adds.
    """
    problem = planned.problem
    bought = problem.sum_by_item(planned.bought)[:, 0]
    paid = problem.sum_by_item(np.where(problem.transfer, 0.0, planned.value[:, 0]))
    comes = problem.sum_by_item(planned.plan.quantity)[:, 0] > 0
    waiting = (items["available"] < items["reorder_point"]).to_numpy() & ~comes
    anyway = planned.plan.short[:, : parameters.horizon_periods].sum(axis=1)
    short, met = within_reach(planned, parameters)
    before = (np.arange(planned.problem.periods) < parameters.horizon_periods) & ~reached_by_orders(planned, parameters)
    far = (short >= 1.0) & (met <= items["expected_fill_rate"].to_numpy() - FAR_BELOW)
    items = with_moves(items, planned, parameters).assign(
        short_reason=short_reasons(planned, waiting | (anyway >= WORTH_ASKING), parameters),
        planned_short=short,
        planned_met=met,
        reached_in_part=np.asarray((planned.problem.demand * before > 0).any(axis=1)),
        far_below=far & ((items["status"] != "phase-out") & ~items["beyond_plan"].astype(bool)).to_numpy(),
    )
    now = np.zeros_like(planned.plan.quantity)
    now[:, 0] = planned.plan.quantity[:, 0]
    spoils, spoils_anyway = spoiling(problem, now), spoiling(problem)
    return items.assign(
        order_quantity=bought,
        order_lines=problem.sum_by_item((planned.bought[:, 0] > 0).astype(np.float64)),
        order_value=paid.round(2),
        moved_in=problem.sum_by_item(planned.plan.quantity)[:, 0] - bought,
        spoiling=spoils,
        spoiling_order=np.maximum(spoils - spoils_anyway, 0.0),
        why=_reasons(items.assign(held_back=held_back(items, planned, parameters)), planned, parameters),
    )


def within_reach(planned: Planned, parameters: Parameters) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return by item units left unmet in the horizon that an order from now on could meet, and the share that is met.

    What comes too late for any order is nobody's decision; of an item that no order planned can reach, all counts.
    Units that wait are counted once, when they begin to.
    """
    problem, short, reached = planned.problem, planned.plan.short, reached_by_orders(planned, parameters)
    if problem.shortage == "backorder":
        short = np.maximum(np.diff(short, prepend=0.0), 0.0)
    demand = (problem.demand * reached).sum(axis=1)
    unmet = np.minimum((short * reached).sum(axis=1), demand)
    return unmet, 1.0 - np.divide(unmet, demand, out=np.zeros_like(demand), where=demand > 0)


def reached_by_orders(planned: Planned, parameters: Parameters) -> npt.NDArray[np.bool_]:
    """Return by item and period where in the horizon an order from now on can arrive; all of it if none ever does."""
    problem = planned.problem
    soonest = np.full(problem.items, problem.periods)
    np.minimum.at(soonest, problem.source_item, problem.lead_time_periods + problem.frozen_periods)
    clock, soonest = np.arange(problem.periods), np.where(soonest < problem.periods, soonest, 0)
    return np.asarray((clock >= soonest[:, None]) & (clock < parameters.horizon_periods))


def _reasons(items: pd.DataFrame, planned: Planned, parameters: Parameters) -> list[str]:
    """Return for each item why what comes now comes, or why nothing does."""
    placed = planned.problem.sum_by_item(planned.plan.quantity) > 0
    starts = parameters.calendar.start(np.arange(placed.shape[1])).astype("datetime64[D]").tolist()
    first = [starts[int(row.argmax())] if row.any() else None for row in placed]
    main = main_source_now(planned)
    others = other_lines_now(planned, main)
    lines = sourced(items, planned, parameters).iloc[np.maximum(main, 0)]
    ordered = line_reasons(lines, planned, parameters, np.maximum(main, 0), np.zeros_like(main))
    return [
        sentence + beside if source >= 0 else no_order_sentence(record, later)
        for source, sentence, beside, record, later in zip(
            main.tolist(), ordered, others, items.to_dict("records"), first, strict=True
        )
    ]


def held_back(items: pd.DataFrame, planned: Planned, parameters: Parameters) -> list[str]:
    """Return for each item what speaks against ordering it now, in words.

    Parameters
    ----------
    items
        The planned items.
    planned
        The order plan.
    parameters
        For the budget, the ceiling on working capital and the frozen periods.
    """
    problem = planned.problem
    if problem.frozen_periods:
        until = first_day(problem.frozen_periods, parameters)
        return [f"orders are frozen until {until.day} {until:%b %Y}"] * len(items)
    full = _shared_limit(planned, parameters)
    taken = problem.sum_by_supplier(planned.bought)[:, 0].tolist()
    capacity = problem.capacity_units[:, 0].tolist()
    units = {name: (taken[row], capacity[row]) for row, name in enumerate(problem.supplier_names)}

    def reason(supplier: str, asked: str) -> str:
        ordered, most = units.get(supplier, (0.0, np.inf))
        if most <= 0:
            return without_capacity([supplier])
        if ordered >= FULL * most:
            return f"{supplier} can deliver no more"
        if full or speaks_against_orders(asked):
            return full or asked
        return _by_risk(supplier if ordered == 0 else "")

    return [reason(*each) for each in zip(items["supplier"], items["short_reason"], strict=True)]


def _shared_limit(planned: Planned, parameters: Parameters) -> str:
    """Return which limit of all items is reached, in words; "" where none is."""
    problem = planned.problem
    spent = float((problem.unit_cost[:, 0] * planned.bought[:, 0]).sum())
    if parameters.budget is not None and spent >= FULL * parameters.budget:
        return f"the budget of {parameters.budget:,.0f} is used up"
    worth = problem.unit_value @ planned.plan.stock
    if parameters.working_capital is not None and (worth >= FULL * parameters.working_capital).any():
        return f"the ceiling on working capital of {parameters.working_capital:,.0f} is reached"
    return ""


def _by_risk(unused: str) -> str:
    """Return what speaks against an order in general, given the supplier if nothing is ordered there."""
    order = f"an order with {unused} and its minimum" if unused else "another line now"
    return f"the risk costs less than {order}"


def plan_table(items: pd.DataFrame, exceptions: pd.DataFrame, written: pd.DataFrame) -> pd.DataFrame:
    """Return ``tblPlan``: a row per item-location in the order of the items, then rows kept for the planner's words.

    Parameters
    ----------
    items
        The planned items.
    exceptions
        ``tblExceptions``, worst first; the first of each item is shown in the plan, or that its override is refused.
    written
        As `overrides.planner_columns` returns it.
    """
    # A refused override comes before all else: the row still shows it, and must not look as if it were ordered.
    first = exceptions.iloc[np.argsort(exceptions["kind"] != NOT_FOLLOWED, kind="stable")]
    worst = first.drop_duplicates(KEY)[[*KEY, "kind"]].rename(columns={"kind": "exception"})
    table = items.merge(worst, on=KEY, how="left").assign(trend=None)[PLAN.column_names]
    table = pd.concat([table, left_behind(written, items)], ignore_index=True)
    units = {"safety_stock": 1, "reorder_point": 1, "order_up_to": 1, "demand_per_period": 2, "excess_quantity": 1}
    # A planner reads a buffer below nothing as a mistake; reorder point and expected demand tell how far below it is.
    table = table.assign(safety_stock=table["safety_stock"].astype(float).clip(lower=0.0))
    places = {"cover_days": 0, "stockout_probability": 4, "expected_fill_rate": 4, "excess_value": 2}
    finer = np.append(finer_by(items), np.zeros(len(table) - len(items), dtype=np.int64))
    return rounded(table, units, finer).round(places)


def forecast_table(items: pd.DataFrame, forecasts: Sequence[Forecast], parameters: Parameters) -> pd.DataFrame:
    """Return ``tblForecast``: a row for each item and period of the horizon."""
    table = forecast_frame(items, forecasts, parameters.calendar, periods=parameters.horizon_periods)
    units = dict.fromkeys((column.name for column in FORECAST.columns if column.kind == "number"), 3)
    return rounded(table[FORECAST.column_names], units, np.repeat(finer_by(items), len(table) // max(len(items), 1)))


def log_table(
    raw: Tables, items: pd.DataFrame, tables: Tables, planned: Planned, admitted: Admitted, seconds: float
) -> pd.DataFrame:
    """Return ``tblLog``: the lines of earlier refreshes, then one for this."""
    earlier = raw.get("log", pd.DataFrame()).reindex(columns=LOG.column_names).dropna(how="all")
    line = {
        "refreshed_at": f"{datetime.now():%Y-%m-%d %H:%M:%S}",
        "plan_date": admitted.parameters.plan_date.isoformat(),
        "items": len(items),
        "rejected_rows": admitted.rejected,
        **as_read(raw, admitted.parameters.plan_date),
        "order_lines": int(items["order_lines"].sum()),
        "order_value": round(float(items["order_value"].sum()), 2),
        "solver_gap": round(planned.plan.gap, 5),
        "seconds": round(seconds, 1),
        "version": version("invopt_xl"),
        "note": planned.plan.status,
    }
    return pd.DataFrame([*earlier.to_dict("records"), line], columns=LOG.column_names)
