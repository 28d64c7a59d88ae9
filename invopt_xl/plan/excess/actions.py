"""What to do about excess: which units go which way, and what that gains against doing nothing."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.excess.ahead import DemandAhead
from invopt_xl.plan.excess.kinds import NO_DEMAND, SPOILS, is_own_order
from invopt_xl.plan.excess.measures import LEAST_GAIN
from invopt_xl.plan.excess.terms import ActionTerms
from invopt_xl.plan.excess.ways import STOP, TRANSFER, Way
from invopt_xl.plan.excess.worth import Idle
from invopt_xl.plan.excess.write_off import write_off_days, written_off_worth
from invopt_xl.plan.lanes import moves_of
from invopt_xl.plan.quantities import finer_by, rounded, told_from
from invopt_xl.policy.costs import FloatArray
from invopt_xl.policy.families import IntArray

_MONEY = ("freed_value", "cash", "purchase_avoided", "saved_holding", "avoided_write_off", "action_cost", "gain")

_NO_TIME = 1e-3
"""Days that stand for none."""


@dataclass(frozen=True, eq=False)
class Step:
    """One action for every item; arrays of shape (items,).

    Parameters
    ----------
    action
        Its name of each item.
    units
        Units that it takes, from the top of what stock is left.
    freed, cash, avoided, cost
        Money at cost that it frees as ``tblExcess`` has it; money in; purchases that it avoids; what it costs.
    used
        What a unit is worth that would have been used in time, money.
    """

    action: npt.NDArray[np.object_]
    units: FloatArray
    freed: FloatArray
    cash: FloatArray
    avoided: FloatArray
    cost: FloatArray
    used: FloatArray

    def rows(self, rows: IntArray) -> Step:
        """Return the action for some of the items."""
        return Step(*(getattr(self, each.name)[rows] for each in fields(self)))


def idle_stock(rows: pd.DataFrame, ahead: DemandAhead, terms: ActionTerms, after: FloatArray | None = None) -> Idle:
    """Return what stock of the items is worth where nothing is done.

    A unit used in time saves its purchase, so it is worth its cost; one of a phase-out item, which is never bought
    again, its price. What is written off brings salvage, past its shelf life nothing, less its disposal.

    Parameters
    ----------
    rows
        Items with ``unit_cost``, ``unit_price``, ``status``, ``shelf_life_days``, ``whole_units`` and ``holding_cost``
        (money for a unit and period).
    ahead
        Their demand.
    terms
        For the days until the write-off, and salvage.
    after
        Days from now after which it is looked at, shape (items,); now unless given. The write-off stays where it is.
    """
    days = write_off_days(rows, terms)
    if after is not None:
        days, ahead = np.maximum(days - after, _NO_TIME), ahead.later(after)
    cost = rows["unit_cost"].to_numpy(np.float64)
    price = np.maximum(rows["unit_price"].fillna(0.0).to_numpy(np.float64), cost)
    used = np.where(rows["status"] == "phase-out", price, cost)
    left = written_off_worth(rows, terms)
    holding = rows["holding_cost"].to_numpy(np.float64) / ahead.days_per_period
    return Idle.until(ahead, days, (used, left, holding), rows["whole_units"].to_numpy(bool))


def stacked(rows: pd.DataFrame) -> FloatArray:
    """Return the units on hand and on order that wait for demand; of goods that perish what comes later waits apart."""
    coming = rows["on_order"].where(rows["shelf_life_days"].isna(), rows["cancel_quantity"])
    return np.asarray((rows["on_hand"] + coming).clip(lower=0.0), np.float64)


def weighed(rows: pd.DataFrame, idle: Idle, ways: list[Way]) -> pd.DataFrame:
    """Return the actions that gain money against doing nothing, of each item in the order to act in.

    The sequence is the same everywhere: first orders are stopped, which costs nothing, then units go where they are
    needed, then each other way, the one that brings most a unit first. Each takes units from the top of what is left,
    those that are worth least, for as long as it brings more than they are worth to who waits; none is taken twice.

    Parameters
    ----------
    rows
        Listed items, as `kinds.with_kinds` and `transfers` return them.
    idle
        What their stock is worth, in the same order.
    ways
        As `ways_out` returns them.

    Returns
    -------
    DataFrame
        ``row`` (index label of the item), ``action``, ``units``, ``left_over`` (of them, expected to be left at the
        write-off), ``days`` (until then), ``freed_value``, ``cash``, ``purchase_avoided``, ``saved_holding``,
        ``avoided_write_off``, ``action_cost``, ``gain``; money.
    """
    ordered = rows["order_quantity"].to_numpy(np.float64)
    top = np.maximum(stacked(rows) + ordered - moves_of(rows)["planned_out"].to_numpy(np.float64), 0.0)
    skipped = _skipped(rows, idle, top, ordered)
    found = []
    for step in _settled_steps(rows, idle, skipped):
        found.append(_priced(rows, idle, step, top))
        top = top - step.units
    found += _chosen(rows, idle, ways, top)
    table = pd.concat(found).rename_axis("row").reset_index().groupby(["row", "action"], sort=False).sum().reset_index()
    least = table["row"].map(pd.Series(told_from(rows), rows.index)).to_numpy(np.float64)
    table = table[(table["units"] >= least) & (table["gain"] >= LEAST_GAIN)].reset_index(drop=True)
    return table.assign(days=table["row"].map(pd.Series(idle.days, rows.index)))


def ranked(actions: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Return actions as `weighed` returns them, of all items together, those of the items that gain most first.

    Rows of an item stand together in the order to act in. Adds ``cumulative_gain`` (money), ``rank``, and ``decimals``
    to which units of the item are told.
    """
    by_item = actions.groupby("row")["gain"]
    order = actions.assign(total=by_item.transform("sum"), place=by_item.cumcount())
    order = order.sort_values(["total", "row", "place"], ascending=[False, True, True], kind="stable")
    finer = finer_by(items.loc[order["row"]])
    found = rounded(order.drop(columns=["total", "place"]), {"units": 1, "left_over": 2}, finer)
    found = found.assign(decimals=1 + finer).reset_index(drop=True).round(dict.fromkeys(_MONEY, 2))
    return found.assign(cumulative_gain=found["gain"].cumsum().round(2), rank=np.arange(1.0, len(found) + 1.0))


def _skipped(rows: pd.DataFrame, idle: Idle, top: FloatArray, ordered: FloatArray) -> FloatArray:
    """Return the units ordered now that had better not be.

    The planner's own on top of excess are; of the plan's only those that are unlikely to be used in time, though a used
    one is worth the shortage that it saves too: what it orders it has its reasons for, such as a minimum to reach.
    """
    if not ordered.any():
        return ordered
    cost = rows["unit_cost"].to_numpy(np.float64)
    needed = idle.worth_if_used(_worth_in_need(rows, idle))
    (kept,) = needed.worth_more_than(cost[None], top, top - ordered)
    # What perishes is used up before what comes later and keeps longer.
    doubtful = np.where(rows["shelf_life_days"].isna(), np.clip(top - kept, 0.0, ordered), 0.0)
    return np.where(is_own_order(rows), ordered, doubtful)


def _worth_in_need(rows: pd.DataFrame, idle: Idle) -> FloatArray:
    """Return what a unit ordered now is worth if it is used: the planner's own on top of excess no more than others."""
    shortage = rows["shortage_cost"].fillna(0.0).to_numpy(np.float64)
    return idle.used + np.where(is_own_order(rows), 0.0, shortage)


def _settled_steps(rows: pd.DataFrame, idle: Idle, skipped: FloatArray) -> list[Step]:
    """Return the steps that come before any choice: orders are stopped, and what is needed elsewhere is moved."""
    cost, none = rows["unit_cost"].to_numpy(np.float64), np.zeros(len(rows))
    cancelled = rows["cancel_quantity"].to_numpy(np.float64)
    # Told as freed is what is done first: orders that were placed are cancelled, else those planned are not placed.
    freed = np.where(cancelled >= told_from(rows), 0.0, skipped) * cost
    saved, spent = rows["saved"].to_numpy(np.float64), rows["move_cost"].to_numpy(np.float64)
    stop, move = (np.full(len(rows), name, dtype=object) for name in (STOP, TRANSFER))
    moved = rows["moved"].to_numpy(np.float64)
    return [
        Step(stop, skipped, freed, none, skipped * cost, none, _worth_in_need(rows, idle)),
        Step(stop, cancelled, cancelled * cost, none, cancelled * cost, none, idle.used),
        Step(move, moved, saved, none, saved + spent, spent, idle.used),
    ]


def _chosen(rows: pd.DataFrame, idle: Idle, ways: list[Way], top: FloatArray) -> list[pd.DataFrame]:
    """Return the other steps with what they gain, of each item that which brings most a unit first.

    A way that takes too little to be worth doing, or gains nothing in all, leaves its units to those after it.
    """
    left = np.maximum(_to_part_with(rows) - rows["moved"].to_numpy(np.float64), 0.0)
    brings = np.array([way.brings(left) for way in ways])
    worth_keeping = idle.worth_more_than(brings, top, top - np.minimum(left, top))
    order = np.argsort(np.where([way.most > 0 for way in ways], -brings, np.inf), axis=0, kind="stable")
    at, none = np.arange(len(rows)), np.zeros(len(rows))
    names = np.array([way.action for way in ways], dtype=object)
    _, *terms = (np.array(each) for each in zip(*ways, strict=True))
    whole = rows["whole_units"].to_numpy(bool)
    found = []
    for place in order:
        most, least, cash, spent, freed, once = (each[place, at] for each in terms)
        units = np.minimum(np.minimum(most, left), np.maximum(top - worth_keeping[place, at], 0.0))
        units = np.where(whole, np.floor(units + 1e-9), units)
        units = np.where(units >= least, units, 0.0)
        paid = units * spent + np.where(units > 0, once, 0.0)
        step = Step(names[place], units, units * freed, units * cash, none, paid, idle.used)
        priced = _priced(rows, idle, step, top)
        found.append(priced[priced["gain"] >= LEAST_GAIN])
        gone = found[-1]["units"].reindex(rows.index).fillna(0.0).to_numpy(np.float64)
        left, top = left - gone, top - gone
    return found


def _to_part_with(rows: pd.DataFrame) -> FloatArray:
    """Return the units on hand that may go: excess, what will spoil, and all that perishes and nobody asks for.

    None of them is what the plan moves elsewhere.
    """
    here = np.maximum(rows["here"], np.where(rows["kind"] == SPOILS, rows["will_spoil"], 0.0))
    perished = (rows["kind"] == NO_DEMAND) & rows["shelf_life_days"].notna()
    stays = (rows["on_hand"] - moves_of(rows)["planned_out"]).clip(lower=0.0)
    return np.asarray(np.where(perished, stays, np.minimum(here, stays)), np.float64)


def _priced(rows: pd.DataFrame, idle: Idle, step: Step, top: FloatArray) -> pd.DataFrame:
    """Return a step with what it gains against leaving its units, the top of the stock, where they are."""
    at = np.flatnonzero(step.units >= told_from(rows))
    idle, step, high, cost = idle.rows(at), step.rows(at), top[at], rows["unit_cost"].to_numpy(np.float64)[at]
    low = high - step.units
    left_over = idle.remaining(high) - idle.remaining(low)
    held = idle.holding * (idle.unit_days(high) - idle.unit_days(low))
    lost = np.maximum(cost - idle.left, 0.0) * left_over
    # A used unit may be worth more than its cost: that is forgone.
    spent = step.cost + (step.used - cost) * (step.units - left_over)
    made = {
        "action": step.action,
        "units": step.units,
        "left_over": left_over,
        "freed_value": step.freed,
        "cash": step.cash,
        "purchase_avoided": step.avoided,
        "saved_holding": held,
        "avoided_write_off": lost,
        "action_cost": spent,
        "gain": step.cash + step.avoided + held + lost - spent - step.units * cost,
    }
    return pd.DataFrame(made, index=rows.index[at])
