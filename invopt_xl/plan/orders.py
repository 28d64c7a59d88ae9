"""From stock levels to order lines: builds the order problem from tables and reads its plan back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.cache import ContentCache, content_key
from invopt_xl.domain import Progress
from invopt_xl.optimise import (
    Discount,
    OrderPlan,
    OrderProblem,
    Shortfall,
    check_plan,
    order_discounts,
    plan_orders,
)
from invopt_xl.plan.columns import ORDERS, Tables
from invopt_xl.plan.explain import LONGEST_COVER, order_sentence
from invopt_xl.plan.histories import item_positions
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.replenishment import LONGEST_CYCLE_DAYS

FloatArray = npt.NDArray[np.float64]

ORDER_PLAN_VERSION = 1
"""Part of the key under which plans are kept; raise it when the same problem would be planned otherwise."""

FLOOR_SHARE = 0.5
"""A unit below the safety stock for a period is priced at this share of a unit short: about the chance that it will
be missed while the buffer is thin, and enough that no order cost is saved by running without a buffer."""


def order_problem(items: pd.DataFrame, mean: FloatArray, tables: Tables, parameters: Parameters) -> OrderProblem:
    """Return the order problem of the planned items, over as many periods as there are forecasts.

    Parameters
    ----------
    items
        As `replenishment.set_stock_levels` returns them, with the planner's ``override`` (units or missing).
    mean
        Expected demand, units, shape (items, periods).
    tables, parameters
        Admitted input.
    """
    terms = supplier_terms(items, tables["suppliers"])
    index = {name: row for row, name in enumerate(terms.index)}
    lead = np.ceil(items["lead_periods"].to_numpy() - 1e-9).astype(np.int64)
    # What is phased out, or cannot have levels, is bought only by override: nothing is lost with it in this problem,
    # so nothing else is ordered.
    wanted = ((items["status"] != "phase-out") & (items["refused"] == "")).to_numpy()
    shortage_cost = np.where(wanted, items["shortage_cost"].to_numpy(), 0.0)
    return OrderProblem(
        item_names=tuple(items["item"].astype(str)),
        supplier=items["supplier"].map(index).fillna(-1).to_numpy().astype(np.int64),
        unit_cost=items["unit_cost"].to_numpy(),
        demand=mean,
        on_hand=items["on_hand"].to_numpy(),
        lead_time_periods=lead,
        shortage_cost=shortage_cost,
        holding_cost=items["holding_cost"].to_numpy(),
        order_cost=items["order_cost"].to_numpy(),
        minimum_order_quantity=items["moq"].to_numpy(),
        lot_size=items["lot_size"].to_numpy(),
        maximum_order_quantity=largest_order(items, parameters),
        safety_stock=np.where(wanted, stock_floor(items, mean, lead), 0.0),
        floor_penalty=np.where(wanted, floor_penalty(items), 0.0),
        unit_volume=items["unit_volume"].to_numpy(),
        fixed_quantity=items["override"].to_numpy(dtype=np.float64),
        scheduled_receipts=scheduled_receipts(items, mean.shape[1], tables, parameters),
        supplier_names=tuple(terms.index),
        supplier_order_cost=terms["order_cost"].to_numpy(),
        minimum_order_value=terms["minimum_order_value"].to_numpy(),
        capacity_units=terms["capacity_units"].to_numpy(),
        discounts=price_breaks(tables["discounts"], items, index),
        budget=np.inf if parameters.budget is None else parameters.budget,  # type: ignore[arg-type]  # spread by it
        storage_volume=np.inf if parameters.storage_volume is None else parameters.storage_volume,
        shortage=parameters.shortage,
    )


def supplier_terms(items: pd.DataFrame, suppliers: pd.DataFrame) -> pd.DataFrame:
    """Return the terms of every supplier that is listed or named by an item; one that is not listed has no limits."""
    listed = suppliers.set_index("supplier")[["order_cost", "minimum_order_value", "capacity_units"]]
    named = items["supplier"][items["supplier"] != ""].unique()
    terms = listed.reindex([*listed.index, *(name for name in named if name not in listed.index)])
    return terms.fillna({"order_cost": 0.0, "minimum_order_value": 0.0, "capacity_units": np.inf}).astype(np.float64)


def floor_penalty(items: pd.DataFrame) -> FloatArray:
    """Return what a unit below the safety stock costs in a period, money.

    At least what the service target implies: with holding cost h and target a the newsvendor's balance is at
    h a / (1 - a). On top the holding cost itself, which a unit that is not there saves.
    """
    target = items["service_target"].to_numpy()
    implied = items["holding_cost"].to_numpy() * target / (1.0 - target)
    risked = FLOOR_SHARE * items["shortage_cost"].to_numpy()
    return np.asarray(np.maximum(implied, risked) + items["holding_cost"].to_numpy())


def largest_order(items: pd.DataFrame, parameters: Parameters) -> FloatArray:
    """Return the most to order at a time, units: what sells within shelf life.

    What does not spoil may fill up to its order-up-to level, or half a year: no supplier's minimum value is worth
    years of one slow item.
    """
    rate = items["demand_per_period"].to_numpy() / parameters.calendar.days_per_period
    lasting = np.maximum(rate * LONGEST_CYCLE_DAYS, items["order_up_to"].to_numpy())
    return np.asarray(np.fmin(rate * items["shelf_life_days"].to_numpy(), lasting))


def stock_floor(items: pd.DataFrame, mean: FloatArray, lead_periods: npt.NDArray[np.int64]) -> FloatArray:
    """Return the expected stock below which a planned period should not end, units.

    An order placed now is the last that can help the end of the period in which it arrives. Stock expected there is
    the inventory position less demand until then, so ending at the reorder point less that demand is the same as
    ordering when the position falls to the reorder point.
    """
    last = mean.shape[1] - 1
    until = np.cumsum(mean, axis=1)[np.arange(len(mean)), np.minimum(lead_periods, last)]
    until += np.maximum(lead_periods - last, 0) * items["demand_per_period"].to_numpy()
    return np.asarray(np.maximum(items["reorder_point"].to_numpy() - until, 0.0))


def scheduled_receipts(items: pd.DataFrame, periods: int, tables: Tables, parameters: Parameters) -> FloatArray:
    """Return open orders by period of arrival, units, shape (items, periods); what is overdue comes in the first."""
    open_orders = tables["open_orders"]
    row = item_positions(items, open_orders)
    period = np.maximum(parameters.calendar.index(open_orders["due_date"].to_numpy()), 0)
    receipts = np.zeros((len(items), periods))
    inside = (row >= 0) & (period < periods)
    np.add.at(receipts, (row[inside], period[inside]), open_orders["quantity"].to_numpy(dtype=np.float64)[inside])
    return receipts


def price_breaks(discounts: pd.DataFrame, items: pd.DataFrame, suppliers: dict[str, int]) -> tuple[Discount, ...]:
    """Return the discounts of known suppliers; one for an item stands for each of its locations."""
    rows_of = items.groupby("item", sort=False).indices
    known = discounts[discounts["supplier"].isin(suppliers.keys())]
    return tuple(
        Discount(
            supplier=suppliers[row["supplier"]],
            item=None if item is None else int(item),
            rate=row["discount_rate"],
            from_quantity=None if np.isnan(row["from_quantity"]) else row["from_quantity"],
            from_value=row["from_value"] if np.isnan(row["from_quantity"]) else None,
            kind=row["kind"],
        )
        for row in known.to_dict("records")
        for item in (rows_of.get(row["item"], ()) if row["item"] else (None,))
    )


@dataclass(frozen=True, eq=False)
class Planned:
    """An order plan with what is needed to explain it.

    Parameters
    ----------
    plan
        The plan itself.
    rates
        Discount earned by each line, a share, shape (items, periods).
    broken
        Limits the plan does not keep, each in one phrase; overrides may break some.
    """

    plan: OrderPlan
    rates: FloatArray
    broken: tuple[str, ...]


def plan(
    items: pd.DataFrame,
    mean: FloatArray,
    tables: Tables,
    parameters: Parameters,
    *,
    cache: ContentCache | None = None,
    progress: Progress | None = None,
) -> Planned:
    """Return the order plan of the items; an equal problem solved before is read from the cache."""
    problem = order_problem(items, mean, tables, parameters)
    seconds, gap = parameters.solver_seconds, parameters.solver_gap
    key = content_key("orders", ORDER_PLAN_VERSION, *vars(problem).values(), seconds, gap)
    kept = cache.get(key) if cache else None
    made = from_arrays(kept) if kept else plan_orders(problem, seconds=seconds, gap=gap, progress=progress)
    if cache and not kept:
        cache.put(key, to_arrays(made))
    value = problem.unit_cost[:, None] * made.quantity
    rates = np.divide(order_discounts(problem, made.quantity), value, out=np.zeros_like(value), where=value > 0)
    return Planned(made, rates, check_plan(problem, made.quantity).violations)


def to_arrays(made: OrderPlan) -> dict[str, npt.NDArray[np.generic]]:
    """Return an order plan as arrays, for the cache: its tables, and the rest as one text."""
    tables = {name: value for name, value in vars(made).items() if isinstance(value, np.ndarray)}
    rest = {name: value for name, value in vars(made).items() if name not in tables}
    rest["shortfalls"] = [asdict(shortfall) for shortfall in made.shortfalls]
    return tables | {"rest": np.array(json.dumps(rest))}


def from_arrays(arrays: Mapping[str, npt.NDArray[np.generic]]) -> OrderPlan:
    """Return the order plan that `to_arrays` took apart."""
    fields: dict[str, Any] = {**arrays, **json.loads(str(arrays["rest"]))}
    del fields["rest"]
    fields["shortfalls"] = tuple(Shortfall(**shortfall) for shortfall in fields["shortfalls"])
    fields["notes"] = tuple(fields["notes"])
    return OrderPlan(**fields)


def order_lines(items: pd.DataFrame, planned: Planned, parameters: Parameters) -> pd.DataFrame:
    """Return ``tblOrders``: every line to place within the horizon, those to place now first."""
    row, period = np.nonzero(planned.plan.quantity[:, : parameters.horizon_periods] > 0)
    lines = items.iloc[row].reset_index(drop=True)
    quantity, rate = planned.plan.quantity[row, period], planned.rates[row, period]
    placed = parameters.calendar.start(period)
    lead_days = lines["lead_periods"].to_numpy() * parameters.calendar.days_per_period
    lead = np.round(lead_days).astype(np.int64).astype("timedelta64[D]")
    reach = covered_periods(items, planned.plan)[row, period]
    records = lines.to_dict("records")
    why = [
        order_sentence(record, shape, covered, parameters.period)
        for record, shape, covered in zip(records, planned.plan.shaped_by[row, period], reach, strict=True)
    ]
    table = lines[["supplier", "item", "location", "description", "unit_cost"]].assign(
        order_date=placed.astype("datetime64[ns]"),
        due_date=(placed + lead).astype("datetime64[ns]"),
        quantity=quantity,
        value=(quantity * lines["unit_cost"] * (1.0 - rate)).round(2),
        discount_rate=rate.round(6),
        why=why,
    )
    keys = ["order_date", "supplier", "item", "location"]
    return table.sort_values(keys, kind="stable").reset_index(drop=True)[ORDERS.column_names]


def covered_periods(items: pd.DataFrame, plan: OrderPlan) -> FloatArray:
    """Return the periods of expected demand that stock and orders up to each period cover from then on."""
    rate = items["demand_per_period"].clip(lower=1e-9).to_numpy()[:, None]
    there = items["available"].to_numpy()[:, None] + np.cumsum(plan.quantity, axis=1)
    used = rate * np.arange(plan.quantity.shape[1])
    return np.asarray(np.clip((there - used) / rate, 0.0, LONGEST_COVER))
