"""What to do first about too much stock, and the money that this frees, no more."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.exceptions.signals import SPOILAGE
from invopt_xl.plan.excess import LEAST, cancel_in_words, ordered_in_words
from invopt_xl.plan.explain import amount
from invopt_xl.plan.lanes import lane_pairs

FloatArray = npt.NDArray[np.float64]
Record = Mapping[Hashable, Any]

PHASE_OUT, NO_HISTORY, NO_DEMAND, SPOILS, TOO_MUCH = "phase-out", "no history", "no demand", "spoils", "excess"
"""Kinds of excess, those that say more first."""


def first_actions(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the items with ``action``, what to do first about their excess, and ``freed_value``, money at cost.

    First what costs nothing: orders that have not come are cancelled, and the planner's own not placed. Then what is
    needed elsewhere is moved there. Then it is sold or returned; goods that do not keep and that nobody asks for are
    scrapped. Freed is the money of this action alone: of an order its cost; of units that move what need not be bought
    at their destination, less the transfer; of units sold or returned their cost, which a mark-down may not bring; of
    scrap none. Where the plan orders now all the same, the action says so.

    Parameters
    ----------
    rows
        Items with ``kind``, ``cancel_quantity``, ``here`` and ``will_spoil`` (units), ``to`` and ``saved``, as
        `transfers` returns them.
    """
    action, freed = np.full(len(rows), "", dtype=object), np.zeros(len(rows))
    beside = map(ordered_in_words, rows["order_quantity"], rows["override"])
    rows = rows.assign(beside=list(beside))
    records, waiting = rows.to_dict("records"), np.ones(len(rows), dtype=bool)
    for applies, money, words in _choices(rows):
        chosen = np.flatnonzero(waiting & applies.to_numpy(dtype=bool))
        action[chosen] = [words(records[row]) for row in chosen]
        freed[chosen] = money.to_numpy(dtype=np.float64)[chosen]
        waiting[chosen] = False
    return rows.drop(columns="beside").assign(action=action, freed_value=freed)


def _choices(rows: pd.DataFrame) -> Iterator[tuple[pd.Series[bool], pd.Series[float], Callable[[Record], str]]]:
    """Yield the actions, the first before the next: where each applies, what it frees there, and its words."""
    cost, none = rows["unit_cost"], rows["unit_cost"] * 0.0
    unsold = (rows["kind"] == NO_DEMAND) & rows["shelf_life_days"].notna()
    yield rows["kind"] == NO_HISTORY, none, lambda _: "Nothing yet: no sale is on record."
    yield rows["cancel_quantity"] >= LEAST, rows["cancel_quantity"] * cost, _cancel
    # What the plan itself orders on top of excess it has its reasons for, such as a minimum to reach.
    own = (rows["override"] > 0) & (rows["excess_quantity"] >= LEAST)
    yield own, rows["override"] * cost, lambda row: f"Clear the override of {amount(row['override'])}, if you can."
    yield rows["to"] != "", rows["saved"], lambda row: f"Send {row['to']}: less has to be bought there.{row['beside']}"
    yield unsold, none, lambda row: f"Scrap what is past its {row['shelf_life_days']:,.0f} days: nobody asks for it."
    yield rows["will_spoil"] * cost > SPOILAGE, rows["will_spoil"] * cost, _sell_before_it_spoils
    yield rows["here"] < LEAST, none, lambda _: "Watch: no demand of late, but no more than the forecast will use."
    yield rows["kind"].isin([NO_DEMAND, PHASE_OUT]), rows["here"] * cost, _part_with
    yield rows["here"] >= LEAST, rows["here"] * cost, _promote


def _cancel(row: Record) -> str:
    return f"{cancel_in_words(row['cancel_quantity'], row['on_order'])}.{row['beside']}"


def _sell_before_it_spoils(row: Record) -> str:
    units, days = amount(round(row["will_spoil"], 1)), f"{row['shelf_life_days']:,.0f}"
    return f"Mark down {units} before they outlast {days} days.{row['beside']}"


def _part_with(row: Record) -> str:
    supplier = f" to {row['supplier']}" if row["supplier"] else ""
    return f"Return {amount(round(row['here'], 1))}{supplier}, or mark them down.{row['beside']}"


def _promote(row: Record) -> str:
    return f"Promote, mark down or return {amount(round(row['here'], 1))}.{row['beside']}"


def transfers(rows: pd.DataFrame, lanes: pd.DataFrame) -> dict[str, npt.NDArray[Any]]:
    """Return by item where its excess is needed, in words, and the money that moving it there saves.

    A location needs what on hand and on order lack to its order-up-to level. The largest excess is placed first, where
    most is needed first, and no need is met twice; what costs more to move than to buy stays.

    Parameters
    ----------
    rows
        Every planned item, with ``here`` (excess on hand, units).
    lanes
        Admitted ``tblLanes``.
    """
    words: list[list[str]] = [[] for _ in range(len(rows))]
    saved = np.zeros(len(rows))
    here, need = rows["here"].to_numpy(np.float64).copy(), _need(rows)
    cost, whole = rows["unit_cost"].tolist(), rows["whole_units"].tolist()
    for pair in _useful_pairs(rows, lanes, here, need).to_dict("records"):
        origin, goal = pair["row_from"], pair["row_to"]
        units = min(here[origin], need[goal])
        units = float(np.floor(units + 1e-9)) if whole[origin] else units
        worth = units * (cost[goal] - pair["transfer_cost"]) - pair["order_cost"]
        if units < LEAST or worth <= 0:
            continue
        here[origin] -= units
        need[goal] -= units
        saved[origin] += worth
        words[origin].append(f"{amount(round(units, 1))} to {pair['to_location']}")
    return {"to": np.array([" and ".join(each) for each in words], dtype=object), "saved": saved}


def _need(rows: pd.DataFrame) -> FloatArray:
    """Return the units that each item lacks to its order-up-to level; what is phased out needs none."""
    lacking = rows["order_up_to"] - rows["on_hand"] - rows["on_order"]
    return lacking.where(rows["status"] != "phase-out", 0.0).clip(lower=0.0).to_numpy(dtype=np.float64, copy=True)


def _useful_pairs(rows: pd.DataFrame, lanes: pd.DataFrame, here: FloatArray, need: FloatArray) -> pd.DataFrame:
    """Return the lanes from an excess to a need, the largest excess first, and of one item the largest need."""
    if lanes.empty:
        return lanes
    found = lane_pairs(rows, lanes)
    origin, goal = found["row_from"].to_numpy(), found["row_to"].to_numpy()
    useful = (here[origin] >= LEAST) & (need[goal] >= LEAST)
    value = here * rows["unit_cost"].to_numpy(dtype=np.float64)
    pairs: pd.DataFrame = found.assign(excess=value[origin], need=need[goal]).loc[useful]
    return pairs.sort_values(["excess", "row_from", "need"], ascending=[False, True, False], kind="stable")
