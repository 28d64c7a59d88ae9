"""From stock levels to the order problem: what an order plan must respect, from the tables."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.optimise import Discount, OrderProblem
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.histories import item_positions
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.orders.largest import largest_orders
from invopt_xl.plan.orders.sources import planned_lead, source_table
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.service_goals import importance

FloatArray = npt.NDArray[np.float64]

FLOOR_SHARE = 0.5
"""A unit below the safety stock for a period is priced at this share of a unit short: about the chance that it will
be missed while the buffer is thin, and enough that no order cost is saved by running without a buffer."""


def order_problem(
    items: pd.DataFrame,
    mean: FloatArray,
    tables: Tables,
    parameters: Parameters,
    sources: pd.DataFrame | None = None,
) -> OrderProblem:
    """Return the order problem of the planned items, over as many periods as there is expected demand.

    Its first sources are the items' own suppliers, in the order of the items; then come further suppliers and lanes.

    Parameters
    ----------
    items
        As `replenishment.set_stock_levels` returns them, with the planner's ``override`` (units or missing),
        its ``override_period``, and ``floor``, the stock below which a period should not end (units).
    mean
        Expected demand, units, shape (items, periods).
    tables, parameters
        Admitted input.
    sources
        As `source_table` returns them; made from the tables unless given.
    """
    sources = source_table(items, tables, parameters) if sources is None else sources
    row = sources["item_row"].to_numpy()
    bought = (sources["origin_row"] < 0).to_numpy()
    terms = supplier_terms(sources["supplier"][bought], tables["suppliers"])
    index = {name: place for place, name in enumerate(terms.index)}
    # What is phased out, or cannot have levels, is bought only by override: nothing is lost with it in this problem,
    # so nothing else is ordered.
    wanted = ((items["status"] != "phase-out") & (items["refused"] == "")).to_numpy()
    shortage = np.where(wanted, shortage_cost(items), 0.0)
    penalty = np.where(wanted, floor_penalty(items), 0.0)
    return OrderProblem(
        item_names=tuple(item_names(items)),
        source_item=row,
        supplier=sources["supplier"].map(index).fillna(-1).to_numpy().astype(np.int64),
        origin=sources["origin_row"].to_numpy().astype(np.int64),
        emergency=sources["emergency"].to_numpy(dtype=bool),
        unit_cost=sources["unit_cost"].to_numpy(dtype=np.float64),
        demand=mean,
        on_hand=items["on_hand"].to_numpy(),
        lead_time_periods=planned_lead(sources["lead_periods"].to_numpy()),
        lateness_cost=sources["late_periods"].to_numpy() * penalty[row],
        shortage_cost=shortage,
        holding_cost=items["holding_cost"].to_numpy(),
        order_cost=sources["order_cost"].to_numpy(dtype=np.float64),
        minimum_order_quantity=sources["moq"].to_numpy(dtype=np.float64),
        lot_size=sources["lot_size"].to_numpy(dtype=np.float64),
        maximum_order_quantity=largest_orders(items, sources, tables, parameters),
        safety_stock=np.where(wanted, items["floor"].to_numpy(), 0.0),
        floor_penalty=penalty,
        unit_volume=items["unit_volume"].to_numpy(),
        shelf_life_periods=shelf_life_periods(items, parameters),
        age_on_arrival=age_on_arrival(items),
        fixed_quantity=fixed_orders(items, sources, mean.shape[1]),
        scheduled_receipts=scheduled_receipts(items, mean.shape[1], tables, parameters),
        supplier_names=tuple(terms.index),
        supplier_order_cost=terms["order_cost"].to_numpy(),
        minimum_order_value=terms["minimum_order_value"].to_numpy(),
        capacity_units=terms["capacity_units"].to_numpy(),
        discounts=price_breaks(tables["discounts"], items, index),
        budget=_limit(parameters.budget),
        storage_volume=_limit(parameters.storage_volume),
        working_capital=_limit(parameters.working_capital),
        shortage=parameters.shortage,
        frozen_periods=min(parameters.frozen_periods, mean.shape[1]),
        told_periods=parameters.horizon_periods,
    )


def _limit(given: float | None) -> FloatArray:
    return np.array(np.inf if given is None else given)


def fixed_orders(items: pd.DataFrame, sources: pd.DataFrame, periods: int) -> FloatArray:
    """Return the planner's orders, units by source and period; missing where the planner leaves it open.

    An override is what is ordered in its period from the item's own supplier. Nothing comes from elsewhere in that
    period, and nothing at all before it, or it would not be the quantity that the planner decided on. From a closed
    source nothing else is ever ordered.
    """
    override = items["override"].to_numpy(dtype=np.float64)
    own = np.flatnonzero(~np.isnan(override))
    until = np.full(len(items), -1)
    until[own] = items["override_period"].to_numpy(dtype=np.float64)[own]
    fixed = np.full((len(sources), periods), np.nan)
    fixed[sources["closed"].to_numpy(dtype=bool)] = 0.0
    fixed[np.arange(periods) <= until[sources["item_row"]][:, None]] = 0.0
    fixed[own, until[own]] = override[own]
    return fixed


def shelf_life_periods(items: pd.DataFrame, parameters: Parameters) -> FloatArray:
    """Return how many periods a unit keeps; infinite where it does not spoil."""
    days = items["shelf_life_days"].to_numpy(dtype=np.float64)
    return np.where(np.isnan(days), np.inf, days / parameters.calendar.days_per_period)


def age_on_arrival(items: pd.DataFrame) -> FloatArray:
    """Return the periods that a unit of an item's own supplier has aged when the plan counts on it first.

    It comes in the course of a period, and the plan counts on it from the next one.
    """
    lead = items["lead_periods"].to_numpy(dtype=np.float64)
    return np.asarray(np.maximum(planned_lead(lead) - lead, 0.0))


def supplier_terms(named: Iterable[str], suppliers: pd.DataFrame) -> pd.DataFrame:
    """Return the terms of every supplier that is listed or named by a source; one that is not listed has no limits."""
    listed = suppliers.set_index("supplier")[["order_cost", "minimum_order_value", "capacity_units"]]
    others = dict.fromkeys(name for name in named if name and name not in listed.index)
    terms = listed.reindex([*listed.index, *others])
    return terms.fillna({"order_cost": 0.0, "minimum_order_value": 0.0, "capacity_units": np.inf}).astype(np.float64)


def shortage_cost(items: pd.DataFrame) -> FloatArray:
    """Return what a unit short counts in a plan, money: its cost, and more of what is critical.

    Of minor items it is their cost as well: that is lost whatever an item means to customers.
    """
    return np.asarray(items["shortage_cost"].to_numpy() * np.maximum(importance(items), 1.0))


def floor_penalty(items: pd.DataFrame) -> FloatArray:
    """Return what a unit below the safety stock costs in a period, money.

    At least what the service target implies: with holding cost h and target a the newsvendor's balance is at
    h a / (1 - a). On top the holding cost itself, which a unit that is not there saves.
    """
    target = items["service_target"].to_numpy()
    implied = items["holding_cost"].to_numpy() * target / (1.0 - target)
    risked = FLOOR_SHARE * shortage_cost(items)
    return np.asarray(np.maximum(implied, risked) + items["holding_cost"].to_numpy())


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
    row = item_positions(items, tables["open_orders"])
    return _by_arrival(row, (len(items), periods), tables, parameters)


def receipts_by_source(
    items: pd.DataFrame, sources: pd.DataFrame, periods: int, tables: Tables, parameters: Parameters
) -> FloatArray:
    """Return open orders by the source that delivers them and period of arrival, units, shape (sources, periods).

    One that names no supplier comes from the item's own. One of a supplier that delivers the item no more belongs to no
    source and is left out.

    Parameters
    ----------
    items, sources
        As `source_table` takes and returns them.
    periods
        How many are planned.
    tables, parameters
        Admitted input.
    """
    open_orders = tables["open_orders"]
    row = item_positions(items, open_orders)
    own = np.append(items["supplier"].to_numpy(dtype=object), "")[row]
    named = np.where(open_orders["supplier"] == "", own, open_orders["supplier"].to_numpy(dtype=object))
    bought = sources[sources["origin_row"] < 0].sort_values("emergency", kind="stable")
    keys = zip(bought["item_row"], bought["supplier"], strict=True)
    # Of a supplier with a regular and an emergency source it is the regular one, which is written last.
    place = dict(reversed(list(zip(keys, bought.index, strict=True))))
    source = np.array([place.get(key, -1) for key in zip(row.tolist(), named, strict=True)], dtype=np.int64)
    return _by_arrival(source, (len(sources), periods), tables, parameters)


def _by_arrival(
    row: npt.NDArray[np.integer], shape: tuple[int, int], tables: Tables, parameters: Parameters
) -> FloatArray:
    """Return units of open orders in a table of rows by periods; those of row -1 or beyond it are left out."""
    open_orders = tables["open_orders"]
    period = np.maximum(parameters.calendar.index(open_orders["due_date"].to_numpy()), 0)
    receipts = np.zeros(shape)
    inside = (row >= 0) & (period < shape[1])
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
