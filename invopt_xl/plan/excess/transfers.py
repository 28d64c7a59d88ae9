"""Where excess is needed: what one location has too much of, and another lacks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.explain import amount
from invopt_xl.plan.lanes import lane_pairs, moves_of
from invopt_xl.plan.quantities import finer_by, least_units, told_from

FloatArray = npt.NDArray[np.float64]


def transfers(rows: pd.DataFrame, lanes: pd.DataFrame) -> dict[str, npt.NDArray[Any]]:
    """Return by item where its excess is needed, in words, and the money that moving it there saves.

    A location needs what on hand and on order lack to its order-up-to level. The largest excess is placed first, where
    most is needed first, and no need is met twice; what costs more to move than to buy stays. What the order
    plan moves is neither excess nor need any more.

    Parameters
    ----------
    rows
        Every planned item, with ``here`` (excess on hand that the plan does not move, units).
    lanes
        Admitted ``tblLanes``.

    Returns
    -------
    dict
        ``to``: in words; ``saved``: what need not be bought at the destinations, less the transfer, money; ``moved``:
        units; ``move_cost``: what the transfer costs, money.
    """
    words: list[list[str]] = [[] for _ in range(len(rows))]
    saved, moved, spent = np.zeros((3, len(rows)))
    here, need = rows["here"].to_numpy(np.float64).copy(), _need(rows)
    cost, whole, least = rows["unit_cost"].tolist(), rows["whole_units"].tolist(), least_units(rows).tolist()
    decimals = (1 + finer_by(rows)).tolist()
    for pair in _useful_pairs(rows, lanes, here, need).to_dict("records"):
        origin, goal = pair["row_from"], pair["row_to"]
        places = decimals[origin]
        units = min(here[origin], need[goal])
        units = float(np.floor(units + 1e-9)) if whole[origin] else units
        price = units * pair["transfer_cost"] + pair["order_cost"]
        worth = units * cost[goal] - price
        if units < least[origin] or worth <= 0:
            continue
        here[origin] -= units
        need[goal] -= units
        for total, more in ((saved, worth), (moved, units), (spent, price)):
            total[origin] += more
        words[origin].append(f"{amount(round(units, places), places)} to {pair['to_location']}")
    to = np.array([" and ".join(each) for each in words], dtype=object)
    return {"to": to, "saved": saved, "moved": moved, "move_cost": spent}


def _need(rows: pd.DataFrame) -> FloatArray:
    """Return the units that each item lacks to its order-up-to level beyond what is moved there; phased out, none."""
    lacking = rows["order_up_to"] - rows["on_hand"] - rows["on_order"] - moves_of(rows)["planned_in"]
    return lacking.where(rows["status"] != "phase-out", 0.0).clip(lower=0.0).to_numpy(dtype=np.float64, copy=True)


def _useful_pairs(rows: pd.DataFrame, lanes: pd.DataFrame, here: FloatArray, need: FloatArray) -> pd.DataFrame:
    """Return the lanes from an excess to a need, the largest excess first, and of one item the largest need."""
    if lanes.empty:
        return lanes
    found = lane_pairs(rows, lanes)
    origin, goal = found["row_from"].to_numpy(), found["row_to"].to_numpy()
    least = told_from(rows)
    useful = (here[origin] >= least[origin]) & (need[goal] >= least[goal])
    value = here * rows["unit_cost"].to_numpy(dtype=np.float64)
    pairs: pd.DataFrame = found.assign(excess=value[origin], need=need[goal]).loc[useful]
    return pairs.sort_values(["excess", "row_from", "need"], ascending=[False, True, False], kind="stable")
