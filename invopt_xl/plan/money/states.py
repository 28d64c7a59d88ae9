"""The money view, a row for each state: now, after the plan, after each action against excess."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import DAYS_PER_YEAR
from invopt_xl.domain.words import counted
from invopt_xl.plan.columns import MONEY
from invopt_xl.plan.excess.ways import STOP
from invopt_xl.plan.money.actions import MONEY_OF_ACTIONS, applied, in_steps
from invopt_xl.plan.money.returns import gross_margin_return, has_price, sold_in_a_year, without_price
from invopt_xl.plan.money.service import Served, held_below_levels, is_counted
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.service_goals import plain_weights

FloatArray = npt.NDArray[np.float64]

NOW, PLANNED, AFTER = "now", "after the plan", "after: {}"
"""What states are called."""

_DECIMALS = dict.fromkeys(
    ("stock_value", "excess_value", "on_order_value", "working_capital", "carrying_cost", "sales_value",
     "gross_margin", "freed_value", "cash", "gain"), 2,
) | {"turns": 4, "cover_days": 1, "fill_rate": 6, "stockout_chance": 6, "periods_short": 6, "gmroi": 4}  # fmt: skip


@dataclass(frozen=True, eq=False)
class State:
    """Stock and service of each item in one state; arrays of shape (items,).

    Parameters
    ----------
    stock, excess, on_order
        On hand, what of stock and orders is too much, and to come, units.
    left
        Stock and orders that there are, units: what is phased out can sell.
    served
        What is served.
    """

    stock: FloatArray
    excess: FloatArray
    on_order: FloatArray
    left: FloatArray
    served: Served


def money_table(
    items: pd.DataFrame, today: Served, plan: Served, actions: pd.DataFrame, parameters: Parameters
) -> pd.DataFrame:
    """Return ``tblMoney``: what stock ties up, costs and earns now, after the plan and after each action.

    After the plan every item has the average stock of its levels, and beside it the excess that it has now, until an
    action takes it: demand alone would take longer than stock may last. On order is then what the lead times take,
    demand times lead time (Little 1961, Operations Research 9(3)).

    Parameters
    ----------
    items
        The planned items.
    today, plan
        What is served now, and as expected of the plan.
    actions
        What is done against excess, as `actions.applied` takes it; may be empty.
    parameters
        For the length of a period, the weights, and what happens to unmet demand.
    """
    figures = _Figures(items, parameters)
    on_hand, on_order = (items[name].to_numpy(dtype=np.float64) for name in ("on_hand", "on_order"))
    excess = items["excess_quantity"].to_numpy(dtype=np.float64)
    now = State(on_hand, excess, on_order, on_hand + on_order, today)
    taken = applied(items, actions)
    first, levels = figures.of(now), figures.of(_planned(items, plan, 0.0 * excess))
    rows: list[dict[str, Any]] = [
        {"state": NOW, **first, "out_of_stock": figures.out_of_stock, "why": figures.why_now},
        {"state": PLANNED, **levels, "why": figures.why_planned(plan)},
    ]
    gone, money = 0.0 * excess, dict.fromkeys(MONEY_OF_ACTIONS, 0.0)
    for action, step in in_steps(taken):
        gone = gone + np.bincount(step["row"], step["gone"], minlength=len(items))
        money = {name: sum_ + float(step[name].sum(min_count=1)) for name, sum_ in money.items()}
        row: dict[str, Any] = {"state": AFTER.format(action), **figures.of(_planned(items, plan, gone)), **money}
        fallen = float(rows[-1]["stock_value"]) - float(row["stock_value"])
        rows.append(row | {"why": _step_in_words(step, items, fallen)})
    return pd.DataFrame(rows).reindex(columns=MONEY.column_names).round(_DECIMALS)


def _planned(items: pd.DataFrame, served: Served, gone: FloatArray) -> State:
    """Return what the plan leads to once so many units of excess are gone."""
    bought = (items["status"] != "phase-out").to_numpy()
    excess = np.maximum(items["excess_quantity"].to_numpy(dtype=np.float64) - gone, 0.0)
    stock = np.where(bought, items["average_stock"].to_numpy(dtype=np.float64), 0.0) + excess
    has_levels = bought & (items["refused"] == "").to_numpy()
    coming = (items["demand_per_period"] * items["lead_periods"]).to_numpy(dtype=np.float64)
    left = (items["on_hand"] + items["on_order"]).to_numpy(dtype=np.float64) - gone
    return State(stock, excess, np.where(has_levels, coming, 0.0), left, served)


def _step_in_words(step: pd.DataFrame, items: pd.DataFrame, fallen: float) -> str:
    """Return what an action takes of how many items, money at cost, and how much of it was no stock of the plan."""
    value = float((step["units"] * items["unit_cost"].to_numpy()[step["row"]]).sum())
    said = f"{value:,.0f} at cost of {counted(step['row'].nunique(), 'item')}; service stays as planned."
    other = value - fallen
    if other < 0.5:
        return said
    what = "not ordered yet" if (step["action"] == STOP).all() else "used or spoilt by then"
    return f"{said} {other:,.0f} of it is {what}, so not in this stock."


class _Figures:
    """The figures of a state, all from the same items."""

    def __init__(self, items: pd.DataFrame, parameters: Parameters) -> None:
        self._items, self._parameters = items, parameters
        self._periods = DAYS_PER_YEAR / parameters.calendar.days_per_period
        self._cost = items["unit_cost"].to_numpy(dtype=np.float64)
        self._demand_value = float((items["demand_per_period"] * items["unit_cost"]).sum())

    def of(self, state: State) -> dict[str, float]:
        """Return every figure of a state."""
        stock = float(state.stock @ self._cost)
        on_order = float(state.on_order @ self._cost)
        days = self._parameters.calendar.days_per_period
        return {
            "stock_value": stock,
            "excess_value": float(state.excess @ self._cost),
            "on_order_value": on_order,
            "working_capital": stock + on_order,
            "carrying_cost": float(state.stock @ self._items["holding_cost"].to_numpy()) * self._periods,
            "turns": _ratio(self._demand_value * self._periods, stock),
            "cover_days": _ratio(stock * days, self._demand_value),
            **self._service(state.served),
            **self._earned(state),
        }

    def _service(self, served: Served) -> dict[str, float]:
        counted_in, weight = self._counted, self._weight
        return {
            "fill_rate": _ratio(float(np.nansum(served.fill * weight)), float(weight.sum())),
            "stockout_chance": _mean(served.runs_out[counted_in]),
            "periods_short": _mean(served.short[counted_in]),
        }

    def _earned(self, state: State) -> dict[str, float]:
        priced = has_price(self._items).to_numpy()
        if not priced.any():
            return {}
        met = state.served.fill if self._parameters.shortage == "lost" else np.ones(len(priced))
        sold = np.where(priced, sold_in_a_year(self._items, np.nan_to_num(met), state.left, self._periods), 0.0)
        price = np.nan_to_num(self._items["unit_price"].to_numpy(dtype=np.float64))
        margin = float(sold @ (price - self._cost))
        held = float(state.stock[priced] @ self._cost[priced])
        return {
            "sales_value": float(sold @ price),
            "gross_margin": margin,
            "gmroi": gross_margin_return(margin, held),
        }

    @cached_property
    def _weight(self) -> FloatArray:
        return plain_weights(self._items, self._parameters)

    @cached_property
    def _counted(self) -> npt.NDArray[np.bool_]:
        return is_counted(self._items)

    @property
    def out_of_stock(self) -> float:
        """Items with demand and nothing on hand."""
        return float((self._counted & (self._items["on_hand"] <= 0).to_numpy()).sum())

    @property
    def why_now(self) -> str:
        """What the first row assumes."""
        said = "Stock and orders of today; service of the levels that this stock is a sample of; demand as forecast."
        return f"{said} {without_price(self._items)}".strip()

    def why_planned(self, plan: Served) -> str:
        """Return what the second row assumes."""
        none = int((self._items["refused"] != "").sum())
        said = "Average stock of the plan's levels, excess of today beside it; service as the order plan meets it."
        held = int((held_below_levels(self._items, plan.fill) & self._counted).sum())
        if held:
            said = f"{said} {counted(held, 'item')} below levels: short as often as demand is unmet."
        return f"{said} {counted(none, 'item')} without levels: nothing is served." if none else said


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator > 0 else float("nan")


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else float("nan")
