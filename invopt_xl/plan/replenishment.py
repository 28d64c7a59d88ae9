"""From items, histories and forecasts to stock levels: one row per item and location."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import DAYS_PER_YEAR, Forecast
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.histories import item_positions
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.segmentation import abc_classes, year_round_units
from invopt_xl.plan.service_goals import (
    HIGHEST_SERVICE,
    ROUNDING,
    OverallService,
    Stocked,
    asked_chance,
    average_stock,
    fill_rates,
    levels_for,
    overall_weights,
)
from invopt_xl.plan.service_targets import LEAST_TARGET, asked_of, refused
from invopt_xl.policy import (
    ENOUGH_RECEIPTS,
    CumulativeDemand,
    LeadTimes,
    ReplenishmentCycle,
    economic_order_quantity,
    lead_times,
    round_up_to_lot,
)

FloatArray = npt.NDArray[np.float64]


LONGEST_CYCLE_DAYS = 183.0
"""An economic lot is cut to this much demand: forecasts further out are worth little."""


def with_terms(tables: Tables, parameters: Parameters) -> pd.DataFrame:
    """Return the items with every term filled in: from the item, else its supplier, else the parameters.

    Adds ``holding_cost`` (money for a unit and period), ``on_order`` (units), ``own_target`` and ``own_cost`` (True
    where the item itself names a target, or least cost), and numbers rows from 0. A review cannot be shorter than a
    period, for orders leave at the beginning of periods.
    """
    items = tables["items"].reset_index(drop=True)
    calendar = parameters.calendar
    suppliers = tables["suppliers"].set_index("supplier")
    spread = items["lead_time_sd_days"].fillna(items["supplier"].map(suppliers["lead_time_sd_days"])).fillna(0.0)
    cost = items["unit_cost"]
    rate = items["holding_rate"].fillna(parameters.holding_rate)
    own = items["service_target"].notna()
    # A target that is the item's own is one to be met, though the usual measure be least cost.
    usual = np.where(own & (parameters.service_measure == "cost"), "fill", parameters.service_measure)
    return items.assign(
        lead_time_sd_days=spread,
        review_days=items["review_days"].fillna(0.0).clip(lower=calendar.days_per_period),
        order_cost=items["order_cost"].fillna(parameters.order_cost),
        shortage_cost=items["shortage_cost"].fillna(usual_shortage_cost(items)),
        own_target=own & (items["service_measure"] != "cost"),
        own_cost=items["service_measure"] == "cost",
        service_target=items["service_target"].fillna(parameters.service_target),
        service_measure=items["service_measure"].where(items["service_measure"] != "", usual),
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


def expected_lead_times(items: pd.DataFrame, tables: Tables) -> LeadTimes:
    """Return the lead times of items as `with_terms` returns them: as stated, or as receipts showed them."""
    stated, spread = items["lead_time_days"].to_numpy(), items["lead_time_sd_days"].to_numpy()
    return lead_times(stated, spread, observed_lead_times(items, tables))


def protection_interval(items: pd.DataFrame, times: LeadTimes, parameters: Parameters) -> FloatArray:
    """Return the expected lead time and review period of each item, periods."""
    return np.asarray((times.mean + items["review_days"].to_numpy()) / parameters.calendar.days_per_period)


def stocked_items(items: pd.DataFrame, demand: CumulativeDemand, times: LeadTimes, parameters: Parameters) -> Stocked:
    """Return what levels of the items are set from, the items with ``abc`` and ``asked_chance`` beside the others.

    Parameters
    ----------
    items
        As `with_terms` returns them, with ``demand_per_period`` (units) and, for their class, ``year_units``.
    demand
        Demand from now to the end of each coming period.
    times
        Their lead times.
    parameters
        For the length of a period.
    """
    length = parameters.calendar.days_per_period
    rate, review_days = items["demand_per_period"].to_numpy(), items["review_days"].to_numpy()
    cycle = ReplenishmentCycle.of(demand, times, review_days, length)
    worth = year_round_units(items) * items["unit_cost"].to_numpy()
    items = items.assign(abc=abc_classes(worth), asked_chance=asked_chance(cycle))
    lot = order_cycle_quantity(items, rate, items["lot_size"].to_numpy(), length)
    return Stocked.of(items, cycle, lot, protection_interval(items, times, parameters), parameters)


def set_stock_levels(
    stocked: Stocked, times: LeadTimes, tables: Tables, parameters: Parameters
) -> tuple[pd.DataFrame, OverallService | None]:
    """Return the items with their stock levels, and what the overall goal gives and costs.

    Levels are those of the policy (R, s, nQ): at a review at which stock on hand and on order is below the reorder
    point s, the fewest whole order quantities Q are ordered that bring it to s at least. They give the service that is
    asked for, no more; only shelf life cuts them. An item that cannot have levels, or never had demand, has none.

    Parameters
    ----------
    stocked
        Items as `stocked_items` returns them, with ``pattern``, ``weak_forecast`` and ``known_periods``.
    times
        Their lead times.
    tables, parameters
        Admitted input.

    Returns
    -------
    DataFrame
        The items with ``safety_stock``, ``reorder_point``, ``order_up_to``,
        ``order_cycle`` (Q), ``average_stock``, ``refused`` (why it has no levels),
        ``cut_to_shelf_life`` (True where the target would take more stock than keeps),
        ``available`` (on hand, and on order within the protection interval), ``protection_periods``,
        ``lead_periods``, ``lead_deviation_periods``, ``observed_receipts``,
        ``stockout_probability``, ``expected_fill_rate``, ``expected_shortage`` (units until an order placed next
        period would arrive, if nothing is ordered now), ``protection_demand``, ``protection_deviation``,
        ``overall_weight``; quantities in units. ``service_target`` and ``service_measure`` become what the goal asks
        of the item, ``service_note`` says how that came about; what they were are ``stated_target`` and
        ``stated_measure``. ``own_fill_rate`` and ``own_stock`` are what an item's own target gives by itself, where the
        goal gives it more; else those of the plan.
    OverallService or None
        None with another goal.
    """
    length, cycle = parameters.calendar.days_per_period, stocked.cycle
    items, overall = _with_levels(stocked, tables, parameters)
    reach = times.mean + items["review_days"].to_numpy()
    position = items["on_hand"].to_numpy() + due_in_time(items, tables, parameters, reach)
    return items.assign(
        available=position,
        protection_periods=stocked.protection_periods,
        protection_demand=cycle.protection.expected,
        protection_deviation=cycle.protection.standard_deviation,
        stockout_probability=1.0 - cycle.protection.cdf(position),
        expected_shortage=cycle.protection.shortage(position),
        **_lead_columns(times, length),
    ), overall


def _with_levels(
    stocked: Stocked, tables: Tables, parameters: Parameters
) -> tuple[pd.DataFrame, OverallService | None]:
    """Return the items with levels for the goal; those without demand, or that cannot have them, without."""
    items, lost = stocked.items, parameters.shortage == "lost"
    targets = asked_of(items, tables, parameters)
    smallest = round_up_to_lot(np.ones(len(items)), items["moq"].to_numpy(), items["lot_size"].to_numpy())
    lines = refused(items, targets, smallest, DAYS_PER_YEAR / parameters.calendar.days_per_period)
    demanded = is_demanded(items)
    rows = np.flatnonzero((lines == "") & demanded)
    some = stocked.rows(rows)
    goal = levels_for(some, targets.rows(rows), parameters)
    level, stock, fill = np.zeros(len(items)), np.zeros(len(items)), np.where(demanded, 0.0, 1.0)
    target, measure, note = targets.target.copy(), targets.measure.copy(), targets.note.copy()
    level[rows] = goal.reorder_point
    target[rows], measure[rows], note[rows] = goal.targets.target, goal.targets.measure, goal.targets.note
    if rows.size:
        stock[rows], fill[rows] = average_stock(some, level[rows]), fill_rates(some, level[rows], lost)
    own_stock, own_fill = stock.copy(), fill.copy()
    more = np.flatnonzero(goal.own < goal.reorder_point)
    if more.size:
        least, at = some.rows(more), goal.own[more]
        own_stock[rows[more]], own_fill[rows[more]] = average_stock(least, at), fill_rates(least, at, lost)
    priced = measure == "cost"
    target[priced] = np.clip(fill[priced], LEAST_TARGET, HIGHEST_SERVICE)
    has_levels = np.zeros(len(items), dtype=bool)
    has_levels[rows] = True
    up_to = np.where(has_levels, np.fmax(level, np.fmin(level + stocked.lot, stocked.most)), 0.0)
    return items.assign(
        safety_stock=np.where(has_levels, level - stocked.cycle.protection.expected, 0.0),
        reorder_point=level,
        order_up_to=up_to,
        order_cycle=stocked.lot,
        average_stock=stock,
        refused=lines,
        cut_to_shelf_life=has_levels & (level >= stocked.most - ROUNDING),
        expected_fill_rate=fill,
        own_fill_rate=own_fill,
        own_stock=own_stock,
        stated_target=items["service_target"],
        stated_measure=items["service_measure"],
        service_target=target,
        service_measure=measure,
        service_note=note,
        overall_weight=overall_weights(items, parameters),
    ), goal.overall


def is_demanded(items: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which items have demand that a share can be met of.

    What was never asked for has a chance of demand, and no history that could say what share of it to meet.
    """
    return ((items["demand_per_period"] > 0) & (items["pattern"] != "none")).to_numpy()


def mean_rate(forecasts: Sequence[Forecast], parameters: Parameters) -> FloatArray:
    """Return expected demand a period over the horizon, units; over whole seasons where it holds one."""
    cumulative_mean = np.array([forecast.cumulative_mean for forecast in forecasts])
    horizon = min(parameters.horizon_periods, cumulative_mean.shape[1])
    season = parameters.calendar.season
    periods = horizon - horizon % season if horizon >= season else horizon
    return np.asarray(cumulative_mean[:, periods - 1] / (periods - 1 + parameters.calendar.share_left))


def _lead_columns(times: LeadTimes, length: float) -> dict[str, npt.NDArray[np.generic]]:
    return {
        "lead_periods": times.mean / length,
        "lead_deviation_periods": times.standard_deviation / length,
        "observed_receipts": times.observed,
    }


def order_cycle_quantity(items: pd.DataFrame, rate: FloatArray, pack: FloatArray, days_per_period: float) -> FloatArray:
    """Return the usual order quantity, units: the economic lot, but no more than keeps, in whole packs.

    Parameters
    ----------
    items
        As `with_terms` returns them.
    rate
        Expected demand a period, units.
    pack
        Smallest amount that is ordered, and what orders are multiples of, units.
    days_per_period
        Length of a period.
    """
    economic = economic_order_quantity(rate, items["order_cost"].to_numpy(), items["holding_cost"].to_numpy())
    longest = np.minimum(items["shelf_life_days"].fillna(np.inf).to_numpy() / 2.0, LONGEST_CYCLE_DAYS)
    wanted = np.minimum(economic, rate * longest / days_per_period)
    return round_up_to_lot(np.maximum(wanted, pack), items["moq"].to_numpy(), pack)
