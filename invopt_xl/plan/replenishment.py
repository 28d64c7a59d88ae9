"""From items, histories and forecasts to stock levels: one row per item and location."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import Forecast
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.histories import item_positions
from invopt_xl.plan.parameters import Parameters
from invopt_xl.policy import (
    ENOUGH_RECEIPTS,
    CumulativeDemand,
    LeadTimes,
    ReplenishmentCycle,
    StockLevels,
    economic_order_quantity,
    lead_times,
    round_up_to_lot,
    stock_levels,
)

FloatArray = npt.NDArray[np.float64]

DAYS_PER_YEAR = 365.25

COUNT_LIMIT = 100.0
"""Whole-unit demand below this over the protection interval is modelled by counts; above, gamma is as good."""

LONGEST_CYCLE_DAYS = 183.0
"""An economic lot is cut to this much demand: forecasts further out are worth little."""


def with_terms(tables: Tables, parameters: Parameters) -> pd.DataFrame:
    """Return the items with every term filled in: from the item, else its supplier, else the parameters.

    Adds ``holding_cost`` (money for a unit and period), ``on_order`` (units), and numbers rows from 0. A review
    cannot be shorter than a period, for orders leave at the beginning of periods.
    """
    items = tables["items"].reset_index(drop=True)
    calendar = parameters.calendar
    suppliers = tables["suppliers"].set_index("supplier")
    spread = items["lead_time_sd_days"].fillna(items["supplier"].map(suppliers["lead_time_sd_days"])).fillna(0.0)
    cost = items["unit_cost"]
    rate = items["holding_rate"].fillna(parameters.holding_rate)
    return items.assign(
        lead_time_sd_days=spread,
        review_days=items["review_days"].fillna(0.0).clip(lower=calendar.days_per_period),
        order_cost=items["order_cost"].fillna(parameters.order_cost),
        shortage_cost=items["shortage_cost"].fillna(usual_shortage_cost(items)),
        service_target=items["service_target"].fillna(parameters.service_target),
        service_measure=items["service_measure"].where(items["service_measure"] != "", parameters.service_measure),
        holding_cost=rate * cost * calendar.days_per_period / DAYS_PER_YEAR,
        on_order=_on_order(items, tables["open_orders"]),
    )


def usual_shortage_cost(items: pd.DataFrame) -> pd.Series[float]:
    """Return the margin of a unit, or its cost where no margin is known, money.

    A price of zero, or not above cost, is how many systems say that there is none: spare parts and transfers are
    worth holding all the same.

    Examples
    --------
    >>> usual_shortage_cost(pd.DataFrame({"unit_price": [5.0, 0.0, None], "unit_cost": [3.0, 3.0, 0.0]})).tolist()
    [2.0, 3.0, 1.0]
    """
    margin = items["unit_price"] - items["unit_cost"]
    worth = items["unit_cost"].where(items["unit_cost"] > 0, 1.0)
    return margin.where(margin > 0, worth)


def _on_order(items: pd.DataFrame, open_orders: pd.DataFrame) -> FloatArray:
    """Units still to come for each item, in the order of the items."""
    row = item_positions(items, open_orders)
    known = row >= 0
    quantity = open_orders["quantity"].to_numpy(dtype=np.float64)
    return np.asarray(np.bincount(row[known], quantity[known], minlength=len(items)), dtype=np.float64)


def due_in_time(items: pd.DataFrame, tables: Tables, parameters: Parameters, within_days: FloatArray) -> FloatArray:
    """Return the units on order that are due within so many days of the plan date, for each item."""
    open_orders = tables["open_orders"]
    row = item_positions(items, open_orders)
    days = (open_orders["due_date"] - pd.Timestamp(parameters.plan_date)).dt.days.to_numpy()
    soon = (row >= 0) & (days <= np.append(within_days, 0.0)[row])
    return _on_order(items, open_orders[soon])


def observed_lead_times(items: pd.DataFrame, tables: Tables) -> list[FloatArray]:
    """Return the lead times seen in receipts, in days: an item's own where they are enough, else its supplier's.

    A supplier's are stretched to the item where the item's stated lead time differs from the supplier's.
    """
    receipts = tables["receipts"]
    days: FloatArray = (receipts["receipt_date"] - receipts["order_date"]).dt.days.to_numpy().astype(np.float64)
    none = np.empty(0)
    # Receipts from a supplier that the item no longer has say nothing about the next one.
    now = receipts["item"].map(items.drop_duplicates("item").set_index("item")["supplier"])
    current = (receipts["supplier"].eq("") | receipts["supplier"].eq(now)).to_numpy(dtype=bool)
    by_item = _grouped(receipts["item"][current], days[current])
    by_supplier = _grouped(receipts["supplier"], days)
    usual = tables["suppliers"].set_index("supplier")["lead_time_days"].to_dict()
    found = []
    for item, supplier, stated in zip(items["item"], items["supplier"], items["lead_time_days"], strict=True):
        own = by_item.get(item, none)
        if len(own) >= ENOUGH_RECEIPTS or not supplier:
            found.append(own)
            continue
        supplied = by_supplier.get(supplier, none)
        general = usual.get(supplier, np.nan)
        found.append(supplied * (stated / general) if general > 0 else supplied)
    return found


def _grouped(names: pd.Series[str], values: FloatArray) -> dict[str, FloatArray]:
    """Values by name; nameless ones are left out."""
    named = pd.Series(values, index=names.to_numpy())
    return {str(name): group.to_numpy().astype(np.float64) for name, group in named.groupby(level=0) if name}


def set_stock_levels(
    items: pd.DataFrame,
    forecasts: Sequence[Forecast],
    whole_units: npt.NDArray[np.bool_],
    tables: Tables,
    parameters: Parameters,
) -> pd.DataFrame:
    """Return the items with their stock levels.

    Parameters
    ----------
    items
        As `with_terms` returns them.
    forecasts
        One for each item.
    whole_units
        True where an item's history holds whole numbers only.
    tables, parameters
        Admitted input.

    Returns
    -------
    DataFrame
        The items with ``demand_per_period``, ``safety_stock``, ``reorder_point``, ``order_up_to``, ``order_cycle``,
        ``cut_to_shelf_life`` (True where the target would take more stock than keeps),
        ``available`` (on hand, and on order within the protection interval), ``protection_periods``,
        ``lead_periods``, ``lead_deviation_periods``, ``observed_receipts``,
        ``stockout_probability``, ``expected_fill_rate``, ``expected_shortage`` (units until an order placed next
        period would arrive, if nothing is ordered now), ``protection_demand``, ``protection_deviation``; quantities
        in units.
    """
    length = parameters.calendar.days_per_period
    mean = np.array([forecast.cumulative_mean for forecast in forecasts])
    variance = np.array([forecast.cumulative_variance for forecast in forecasts])
    rate = mean_rate(mean, parameters)
    times = lead_times(
        items["lead_time_days"].to_numpy(), items["lead_time_sd_days"].to_numpy(), observed_lead_times(items, tables)
    )
    review_days = items["review_days"].to_numpy()
    protection_periods = (times.mean + review_days) / length
    counts = whole_units & (rate * protection_periods < COUNT_LIMIT)
    cycle = ReplenishmentCycle.of(CumulativeDemand(mean, variance, counts), times, review_days, length)
    lot = order_cycle_quantity(items, rate, review_days / length, length)
    fill = (items["service_measure"] == "fill").to_numpy()
    levels = stock_levels(cycle, items["service_target"].to_numpy(), fill, lot, protection_periods)
    sells = (rate * items["shelf_life_days"] / length).fillna(np.inf).to_numpy()
    reorder_point = practical_reorder_point(levels, sells, counts)
    coming = due_in_time(items, tables, parameters, times.mean + review_days)
    position = items["on_hand"].to_numpy() + coming
    return items.assign(
        demand_per_period=rate,
        safety_stock=reorder_point - levels.expected_demand,
        reorder_point=reorder_point,
        order_up_to=np.fmax(reorder_point, np.fmin(reorder_point + lot, sells)),
        cut_to_shelf_life=reorder_point < levels.reorder_point - 1e-9,
        order_cycle=lot,
        available=position,
        protection_periods=protection_periods,
        protection_demand=levels.expected_demand,
        protection_deviation=levels.demand_deviation,
        stockout_probability=1.0 - cycle.protection.cdf(position),
        expected_shortage=cycle.protection.shortage(position),
        expected_fill_rate=cycle.fill_rate(reorder_point, lot),
        **_lead_columns(times, length),
    )


def practical_reorder_point(levels: StockLevels, sells: FloatArray, counts: npt.NDArray[np.bool_]) -> FloatArray:
    """Return reorder points a planner would sign, units.

    Large lots can meet a fill rate with a reorder point below expected demand: a plan to run out each time. It is
    raised to the expected demand of the protection interval. Stock that cannot sell within its shelf life, `sells`
    units, protects nothing: the reorder point is cut to it.
    """
    expected = np.where(counts, np.ceil(np.round(levels.expected_demand, 6)), levels.expected_demand)
    raised = np.maximum(levels.reorder_point, expected)
    return np.asarray(np.fmin(raised, np.where(counts, np.floor(sells), sells)))


def mean_rate(cumulative_mean: FloatArray, parameters: Parameters) -> FloatArray:
    """Return expected demand a period over the horizon, units; over whole seasons where it holds one."""
    horizon = min(parameters.horizon_periods, cumulative_mean.shape[1])
    season = parameters.calendar.season
    periods = horizon - horizon % season if horizon >= season else horizon
    return np.asarray(cumulative_mean[:, periods - 1] / periods)


def _lead_columns(times: LeadTimes, length: float) -> dict[str, npt.NDArray[np.generic]]:
    return {
        "lead_periods": times.mean / length,
        "lead_deviation_periods": times.standard_deviation / length,
        "observed_receipts": times.observed,
    }


def order_cycle_quantity(
    items: pd.DataFrame, rate: FloatArray, review_periods: FloatArray, days_per_period: float
) -> FloatArray:
    """Return the usual order quantity, units: the economic lot, within shelf life, raised to minimum and lot."""
    economic = economic_order_quantity(rate, items["order_cost"].to_numpy(), items["holding_cost"].to_numpy())
    longest = np.minimum(items["shelf_life_days"].fillna(np.inf).to_numpy() / 2.0, LONGEST_CYCLE_DAYS)
    wanted = np.maximum(np.minimum(economic, rate * longest / days_per_period), rate * review_periods)
    return round_up_to_lot(wanted, items["moq"].to_numpy(), items["lot_size"].to_numpy())
