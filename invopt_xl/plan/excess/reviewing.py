"""The review of excess and obsolete stock: frames in, frames out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from invopt_xl.domain.words import at_assumed_rate, named
from invopt_xl.plan.columns import ACTIONS
from invopt_xl.plan.early_warning import Warnings, warnings_of
from invopt_xl.plan.excess.actions import idle_stock, ranked, weighed
from invopt_xl.plan.excess.ageing import AGES
from invopt_xl.plan.excess.ahead import Source
from invopt_xl.plan.excess.demand_words import NOTES
from invopt_xl.plan.excess.measuring import blocks, measured, position
from invopt_xl.plan.excess.quick import LEAST_KNOWN
from invopt_xl.plan.excess.remaining import remaining_curve
from invopt_xl.plan.excess.stocked import Stock
from invopt_xl.plan.excess.terms import ActionTerms, Assumptions
from invopt_xl.plan.excess.transfers import transfers
from invopt_xl.plan.excess.ways import MARK_DOWN, PROMOTE, RETURN, TRANSFER, ways_out
from invopt_xl.plan.excess.words import reasons, with_first_action
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.overrides import KEY

_WRITE_OFF = ("expected_write_off", "write_off_low", "write_off_high")

CURVE_DAYS = (30.0, 91.0, 182.0, 365.0)
"""Horizons that what remains is told for, days."""


@dataclass(frozen=True, eq=False)
class ExcessReview:
    """What a review of excess found.

    Parameters
    ----------
    items
        Every item with its kind, age, what will remain of its stock (``remaining_50``, ``remaining_80``,
        ``remaining_95`` and ``remaining_expected``, units; ``remaining_value``, money at cost that remains with 80%),
        ``will_outlast`` and ``will_outlast_ordered`` (expected units past their shelf life, of what is on hand and with
        what is on order), ``expected_write_off``, ``write_off_low`` and ``write_off_high`` (money, and its central 80%
        range), ``expected_demand`` (units asked for within the horizon, of the same distribution) and
        ``shelf_life_demand`` (likewise within the shelf life), ``demand_differs`` and ``demand_words`` where that is
        far from the forecast, ``ending_chance``, ``last_sale_days``, ``listed``, ``action`` and ``freed_value`` (of
        listed ones).
    actions
        ``tblActions``: what to do, the most money first.
    ageing
        Items with stock here or on order and its money by age: ``ageing``, ``items``, ``units``, ``stock_value``,
        ``remaining_value``, ``expected_write_off``.
    horizon_days
        The horizon of what remains, days.
    stock
        What was reviewed.
    notes
        Who could not be judged, whose demand counts otherwise than as forecast, and whose transfers no plan stands
        behind.
    terms
        What ways to be rid of stock bring and cost.
    """

    items: pd.DataFrame
    actions: pd.DataFrame
    ageing: pd.DataFrame
    horizon_days: float
    stock: Stock
    notes: tuple[str, ...]
    terms: ActionTerms

    @property
    def source(self) -> Source:
        """What demand was made from: forecasts, or history alone."""
        return self.stock.ahead.source

    @property
    def assumed(self) -> dict[str, str]:
        """What is assumed of ways to be rid of stock, and of holding it, by the name of the term, in words."""
        rate = self.stock.assumed_holding_rate
        return self.terms.assumed | ({} if rate is None else {"holding_rate": f"stock is held {at_assumed_rate(rate)}"})

    @property
    def assumed_gain(self) -> dict[str, float]:
        """Money gained by actions that bring what is assumed and not known, by action."""
        estimated = self.items.loc[self.terms.estimated(self.items.index), KEY].assign(estimated=True)
        actions = self.actions.merge(estimated, on=KEY, how="left")
        told = (actions["action"] == MARK_DOWN) & actions["estimated"].notna()
        stands_on = {RETURN: "refund_share", MARK_DOWN: "mark_down_share", PROMOTE: "promotion_lift"}
        sums = actions[~told].groupby("action")["gain"].sum()
        return {name: float(sums[name]) for name, term in stands_on.items() if term in self.assumed and name in sums}

    @property
    def few_periods_gain(self) -> float:
        """Money gained by actions on items known for fewer than `LEAST_KNOWN` periods."""
        few = self.items.loc[self.items["known_periods"] < LEAST_KNOWN, KEY]
        return float(self.actions.merge(few, on=KEY)["gain"].sum())

    @property
    def headline(self) -> dict[str, float]:
        """Money at cost, all items added up: stock, excess, what remains at the horizon, what is lost, what is gained.

        Amounts at a probability, and the range of what is lost, are those of each item added up, as if all went alike.
        They are of stock whose demand is known; ``unjudged`` is that of which it is not, and NaN is told where that is
        all of it.
        """
        items = self.items[position(self.items) > 0]
        cost = items["unit_cost"]
        least = int(len(items) > 0)
        units = {f"remaining_{name}": items[f"remaining_{name}"] for name in ("expected", "50", "80", "95")}
        return {
            "stock": float((position(items) * cost).sum()),
            "unjudged": float((position(items) * cost)[items["remaining_expected"].isna()].sum()),
            "excess": float(items["excess_value"].sum()),
            **{name: float((each * cost).sum(min_count=least)) for name, each in units.items()},
            **{name: float(items[name].sum(min_count=least)) for name in _WRITE_OFF},
            "gain": float(self.actions["gain"].sum()),
        }

    @property
    def early_warnings(self) -> pd.DataFrame:
        """Rows of ``tblEarlyWarning`` that are flagged, of items with stock."""
        held = self.items.loc[self.items["on_hand"] > 0, KEY]
        table = self._warnings.table
        return table[table["flag"] == 1].merge(held, on=KEY)

    @property
    def warning_threshold(self) -> float:
        """Chance that demand has ended from which on an item is among the early warnings."""
        return self._warnings.threshold

    @cached_property
    def _warnings(self) -> Warnings:
        return warnings_of(self.items, self.stock.past, self.stock.parameters)

    def curve(self, horizons: Sequence[float] = CURVE_DAYS) -> pd.DataFrame:
        """Return the money that remains after each of some days, as `remaining_curve` has it."""
        cost = self.items["unit_cost"].to_numpy(np.float64)
        return remaining_curve(self.stock.ahead, position(self.items), cost, horizons)


def review(stock: Stock, assumptions: Assumptions | None = None) -> ExcessReview:
    """Return how much stock will remain, how old it is, what will be lost of it, and what to do, the most money first.

    Parameters
    ----------
    stock
        Items, their histories and demand: of a plan, or of admitted tables.
    assumptions
        Horizon, ages, and what ways to be rid of stock bring and cost.
    """
    assumptions = assumptions or Assumptions()
    horizon = assumptions.horizon(stock.parameters)
    items = measured(stock, horizon, assumptions)
    items, actions = with_actions(items, stock, assumptions.terms)
    notes = (*_unjudged(items), *_before_orders(items, actions))
    return ExcessReview(items, actions, ageing_table(items), horizon, stock, notes, assumptions.terms)


def with_actions(items: pd.DataFrame, stock: Stock, terms: ActionTerms) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the items with what to do first where they are listed, and ``tblActions``."""
    length = stock.parameters.calendar.days_per_period
    items = items.reset_index(drop=True).assign(**transfers(items, stock.lanes))
    at = np.flatnonzero(items["listed"].to_numpy(bool))
    rows = items.iloc[at]
    judged = rows[stock.ahead.known[at] & (rows["unit_cost"] > 0).to_numpy()]
    found = []
    for part in blocks(len(judged)):
        some = judged.iloc[part]
        idle = idle_stock(some, stock.ahead.rows(some.index.to_numpy()), terms)
        found.append(weighed(some, idle, ways_out(some, terms, length)))
    ranking = ranked(pd.concat(found), items)
    listed = with_first_action(rows, ranking)
    named = ranking.join(items[["item", "location", "description"]], on="row")
    table = named.assign(why=reasons(items, ranking, terms))
    told = listed[["action", "freed_value"]].reindex(items.index)
    return items.assign(**told), table[ACTIONS.column_names]


def ageing_table(items: pd.DataFrame) -> pd.DataFrame:
    """Return items with stock and its money by age, the liveliest first; ages without stock are left out.

    Stock is what is here and what is on order, as in what remains of it and in the headline. What remains and is lost
    is NaN where demand is known of none of it.
    """
    held = items.assign(units=position(items), items=1.0)
    value = held[held["units"] > 0].assign(stock_value=held["units"] * held["unit_cost"])
    sums = ["items", "units", "stock_value", "remaining_value", "expected_write_off"]
    found = value.groupby("ageing")[sums].sum(min_count=1)
    return found.reindex([age for age in AGES if age in found.index]).reset_index()


def _before_orders(items: pd.DataFrame, actions: pd.DataFrame) -> list[str]:
    """Return that transfers were weighed without an order plan, which may move the same units; where that is so."""
    moved = actions["action"] == TRANSFER
    if "planned_out" in items or not moved.any():
        return []
    told = named(item_names(actions[moved], items), 3)
    return [f"{told}: transfers are weighed before any order is planned, and a plan may move the same units"]


def _unjudged(items: pd.DataFrame) -> list[str]:
    """Return which items could not be judged, or stand on another demand than their forecast, in sentences."""
    unknown = (items["known_periods"] == 0) & (items["on_hand"] > 0)
    few = items["known_periods"].between(1, LEAST_KNOWN - 1) & (items["on_hand"] > 0)
    free = ~(items["unit_cost"] > 0) & (items["on_hand"] > 0)
    ended = (items["status"] == "phase-out") & (items["on_hand"] > 0)
    unpriced = items["listed"] & items["unit_price"].isna()
    told = (
        (unknown, "demand unknown, never seen on sale: what remains of it is not told"),
        (
            few,
            f"fewer than {LEAST_KNOWN} periods of history: what remains is told from them alone, with all their doubt",
        ),
        (free, "no cost: its money is not told"),
        (ended, "phased out: whatever is left is never ordered again"),
        (unpriced, "no price: no promotion is weighed"),
    )
    differs = (((items["demand_differs"] == name) & (items["on_hand"] > 0), words) for name, words in NOTES.items())
    cases = [(which, what) for which, what in (*told, *differs) if which.any()]
    return [f"{named(item_names(items[which], items), 3)}: {what}" for which, what in cases]
