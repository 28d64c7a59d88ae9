"""Headline figures, checks that roll up into one, and the tables behind the dashboard's charts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import DAYS_PER_YEAR
from invopt_xl.domain.words import counted
from invopt_xl.plan.columns import CLASSES, KINDS, KPIS, PROJECTION, WORST, Tables
from invopt_xl.plan.orders import Planned
from invopt_xl.plan.orders.worth import saving_as_money
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.service_goals import OverallService, plain_weights

FloatArray = npt.NDArray[np.float64]

WORST_ITEMS = 5

_WEIGHED = {"value": "sales value", "units": "units", "lines": "item"}


def dashboard(
    items: pd.DataFrame,
    exceptions: pd.DataFrame,
    planned: Planned,
    parameters: Parameters,
    overall: OverallService | None = None,
) -> Tables:
    """Return the tables behind the dashboard: ``kpis``, ``worst``, ``projection``, ``classes`` and ``kinds``."""
    worst = worst_items(exceptions)
    return {
        "kpis": headline_figures(items, exceptions, planned, parameters, overall),
        "worst": worst,
        "projection": stock_projection(items, worst, planned.plan.stock[:, : parameters.horizon_periods], parameters),
        "classes": value_by_class(items, parameters),
        "kinds": exceptions_by_kind(exceptions),
    }


def headline_figures(
    items: pd.DataFrame,
    exceptions: pd.DataFrame,
    planned: Planned,
    parameters: Parameters,
    overall: OverallService | None = None,
) -> pd.DataFrame:
    """Return ``tblKpis``.

    Parameters
    ----------
    items
        The planned items with stock levels, orders and excess.
    exceptions
        ``tblExceptions``.
    planned
        The order plan, for what a better one would save.
    parameters
        For the currency, the length of a period and the service goal.
    overall
        What the overall goal gives and costs; None with another goal.
    """
    money = parameters.currency or "money"
    per_year = DAYS_PER_YEAR / parameters.calendar.days_per_period
    cost_rate = items["demand_per_period"] * items["unit_cost"]
    demand_value, stock_value = cost_rate.sum(), stock_on_hand(items)
    saving = saving_as_money(planned, parameters.currency)
    urgent = exceptions["kind"].isin(["stock-out", "stock-out likely"])
    rows = [
        ("Items planned", len(items), "items", "Item-locations with a plan."),
        ("Stock on hand", stock_value, money, "At cost."),
        ("On order", (items["on_order"] * items["unit_cost"]).sum(), money, "Open orders at cost."),
        ("Stock turns", _ratio(demand_value * per_year, stock_value), "a year", "Expected demand at cost over stock."),
        ("Cover", _ratio(stock_value * parameters.calendar.days_per_period, demand_value), "days", "Of all stock."),
        ("Order lines now", int(items["order_lines"].sum()), "lines", "To place in the first period."),
        ("Order value now", items["order_value"].sum(), money, "After discount."),
        *service_figures(items, money, parameters, overall),
        ("Stock-outs now or likely", int(urgent.sum()), "items", "Out of stock, or more likely than not to run out."),
        ("Excess", items["excess_value"].sum(), money, "Above order-up-to level and cover limit."),
        (
            "Safety stock",
            (items["safety_stock"].clip(lower=0) * items["unit_cost"]).sum(),
            money,
            "At cost.",
        ),
        (
            "Order plan gap",
            100 * planned.plan.gap,
            "%",
            f"Of what orders can change: a better plan saves {saving} at most.",
        ),
    ]
    return pd.DataFrame(rows, columns=KPIS.column_names).round({"value": 1})


def with_figure(figures: pd.DataFrame, row: tuple[str, float, str, str]) -> pd.DataFrame:
    """Return ``tblKpis`` with a figure more: its name, value, unit and note."""
    rows = [*figures.itertuples(index=False, name=None), row]
    return pd.DataFrame(rows, columns=KPIS.column_names).round({"value": 1})


def service_figures(
    items: pd.DataFrame, money: str, parameters: Parameters, overall: OverallService | None
) -> list[tuple[str, float, str, str]]:
    """Return the headline figures about service and the stock it takes: name, value, unit and note.

    Levels serve nobody if they are not ordered up to: no more of an item's demand counts than the order plan meets.
    """
    weighed = f"weighted by {_WEIGHED[parameters.service_weight]}"
    without = int((items["refused"] != "").sum())
    unmet = f" {without:,} without levels count as unmet." if without else ""
    # What is counted does not depend on the goal, so that plans with different ones compare.
    plain = pd.Series(plain_weights(items, parameters), index=items.index)
    meant, fill = items["expected_fill_rate"], expected_fill(items)
    held = int(((fill < meant) & (plain > 0)).sum())
    alone = f" The levels alone give {100 * weighted(meant, plain):.1f}%"
    less = f"{alone}; of {counted(held, 'item')} the order plan meets less." if held else ""
    note = f"Under these levels, {weighed}.{less}{unmet}"
    rows = [
        ("Expected fill rate", 100 * weighted(fill, plain), "%", note),
        ("Stock for this service", stock_for_service(items), money, "Average stock that the levels imply, at cost."),
    ]
    if overall is None:
        target = 100 * weighted(items["service_target"], plain)
        return [*rows, ("Average service target", target, "%", f"{weighed.capitalize()}.")]
    goal, levels = (100 * weighted(one, items["overall_weight"]) for one in (fill, meant))
    alone = f"; the levels alone give {levels:.1f}%" if held else ""
    more = _ratio(overall.uniform_money, overall.money) - 1.0
    return [
        *rows,
        ("Overall fill rate", goal, "%", f"Fill rate counted by criticality and customer weight as well{alone}."),
        ("Overall service target", 100 * overall.target, "%", "What that is to be, at the least stock money."),
        *([("Price of one more point", overall.price_of_a_point, money,
            "Stock for one point more of overall service, criticality and customer weight counted; the table of "
            "service cost counts neither.")] if overall.in_reach else []),
        ("Stock at one target for all", overall.uniform_money, money,
         f"{overall.uniform_target:.1%} for every item gives as much: {more:+.0%} stock."),
    ]  # fmt: skip


def _ratio(numerator: float, denominator: float) -> float:
    return float(numerator / denominator) if denominator > 0 else np.nan


def expected_fill(items: pd.DataFrame) -> pd.Series[float]:
    """Return the share of each item's demand that is expected to be met: no more than its levels give, or orders do."""
    return items["expected_fill_rate"].clip(upper=items["planned_met"])


def stock_for_service(items: pd.DataFrame) -> float:
    """Return the average stock that the levels imply of all that is bought, money at cost."""
    bought = items["status"] != "phase-out"
    return float((items["average_stock"] * items["unit_cost"])[bought].sum())


def stock_on_hand(items: pd.DataFrame) -> float:
    """Return the stock on hand, money at cost."""
    return float((items["on_hand"] * items["unit_cost"]).sum())


def weighted(values: pd.Series[float], weight: pd.Series[float]) -> float:
    """Return the weighted mean; NaN without weight."""
    return _ratio(float((values * weight).sum()), float(weight.sum()))


def worst_items(exceptions: pd.DataFrame) -> pd.DataFrame:
    """Return ``tblWorst``: the items whose stock a planner would look at first, at most five."""
    named = exceptions[exceptions["item"] != ""].drop_duplicates(["item", "location"]).head(WORST_ITEMS)
    label = (named["item"] + " " + named["description"]).str.slice(0, 40).str.strip(" ,")
    ranks = np.arange(1, len(named) + 1, dtype=np.float64)
    return named.assign(rank=ranks, label=label)[WORST.column_names].reset_index(drop=True)


def stock_projection(
    items: pd.DataFrame, worst: pd.DataFrame, stock: FloatArray, parameters: Parameters
) -> pd.DataFrame:
    """Return ``tblProjection``: expected stock of the worst items at the end of each period, units."""
    calendar = parameters.calendar
    ends = calendar.start(np.arange(1, stock.shape[1] + 1)) - np.timedelta64(1, "D")
    table = pd.DataFrame({"date": ends.astype("datetime64[ns]")})
    position = {key: row for row, key in enumerate(zip(items["item"], items["location"], strict=True))}
    keys = list(zip(worst["item"], worst["location"], strict=True))
    for rank, name in enumerate(PROJECTION.column_names[1:]):
        table[name] = stock[position[keys[rank]]].round(2) if rank < len(keys) and keys[rank] in position else np.nan
    return table


def value_by_class(items: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Return ``tblClasses``: demand, stock and excess of classes A, B and C, money at cost."""
    money = pd.DataFrame(
        {
            "abc": items["abc"],
            "items": 1.0,
            "demand_value": items["demand_per_period"] * items["unit_cost"] * parameters.horizon_periods,
            "stock_value": items["on_hand"] * items["unit_cost"],
            "excess_value": items["excess_value"],
        }
    )
    totals = money.groupby("abc").sum().reindex(["A", "B", "C"], fill_value=0.0).round(2)
    return totals.rename_axis("abc").reset_index()[CLASSES.column_names]


def exceptions_by_kind(exceptions: pd.DataFrame) -> pd.DataFrame:
    """Return ``tblKinds``: how many exceptions of each kind and what is at stake."""
    grouped = exceptions.groupby("kind", sort=False)["value_at_stake"].agg(["size", "sum"])
    table = grouped.reset_index().set_axis(KINDS.column_names, axis=1)
    return table.sort_values("count", ascending=False, kind="stable").reset_index(drop=True)
