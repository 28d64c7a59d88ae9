"""What actions against excess take from stock: no unit twice, the most money first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.excess import units_to_cancel
from invopt_xl.plan.excess.ways import MARK_DOWN, PROMOTE, STOP
from invopt_xl.plan.overrides import KEY

FloatArray = npt.NDArray[np.float64]

MONEY_OF_ACTIONS = ("freed_value", "cash", "gain")
"""Money columns of actions that add up: cost that comes free, cash that comes in, what is gained in all."""


def applied(items: pd.DataFrame, actions: pd.DataFrame) -> pd.DataFrame:
    """Return the actions with what each takes of its item, in their order; no unit is taken twice.

    Where several actions of one item want more than it has on hand, on order and ordered now, the first take theirs,
    and the money of the others is that of what is left for them. What is offered at a lower price may stay unsold, so
    that the cost that comes free tells how many units of it are expected to go.

    Parameters
    ----------
    items
        The planned items, with ``on_hand``, ``on_order`` and ``order_quantity``, ``excess_quantity`` and
        ``whole_units``.
    actions
        ``item``, ``location``, ``action``, ``units``, and those of ``freed_value``, ``cash`` and ``gain`` that are
        known (money); by ``rank`` where that is given, else as they stand.

    Returns
    -------
    DataFrame
        The actions that take something: ``row`` (of the item), ``item``, ``location``, ``action``, ``units``,
        ``gone`` (of them, units of stock and open orders: an order not placed takes none) and their money.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["tea"], "location": ["MAIN"], "on_hand": [5.0], "on_order": [0.0],
    ...     "order_quantity": [0.0], "excess_quantity": [5.0], "whole_units": [True]})
    >>> actions = pd.DataFrame({"item": "tea", "location": "MAIN", "action": ["return", "scrap"], "units": [4.0, 4.0],
    ...     "cash": [8.0, 0.0], "gain": [8.0, 1.0]})
    >>> applied(items, actions)[["action", "units", "gain"]].values.tolist()
    [['return', 4.0, 8.0], ['scrap', 1.0, 0.25]]
    """
    there = items["on_hand"].clip(lower=0.0) + items["on_order"] + items["order_quantity"]
    known = items[KEY].assign(row=np.arange(len(items)), room=there.astype(float), placed=units_to_cancel(items))
    wanted = actions.merge(known, on=KEY, how="inner")
    if "rank" in wanted:
        wanted = wanted.sort_values("rank", kind="stable")
    asked = wanted["units"].astype(float).clip(lower=0.0)
    before = asked.groupby(wanted["row"]).cumsum() - asked
    units = np.minimum(asked, (wanted["room"] - before).clip(lower=0.0))
    share = np.divide(units, asked, out=np.zeros(len(wanted)), where=asked > 0)
    money = {name: wanted[name].astype(float) * share for name in MONEY_OF_ACTIONS if name in wanted}
    units = _expected(wanted.assign(units=units, **money), items)
    gone = np.where(wanted["action"] == STOP, np.minimum(units, wanted["placed"]), units)
    kept = wanted.assign(units=units, gone=gone, **money)
    kept = kept.reindex(columns=["row", *KEY, "action", "units", "gone", *MONEY_OF_ACTIONS])
    return kept[kept["units"] > 0].reset_index(drop=True)


def _expected(actions: pd.DataFrame, items: pd.DataFrame) -> FloatArray:
    """Return the units expected to go: of those offered at a lower price as many as free their cost."""
    units = actions["units"].to_numpy(np.float64)
    if "freed_value" not in actions:
        return units
    cost = items["unit_cost"].to_numpy(np.float64)[actions["row"]]
    sold = np.divide(actions["freed_value"], cost, out=np.full(len(units), np.nan), where=cost > 0)
    return np.where(actions["action"].isin([PROMOTE, MARK_DOWN]), np.fmin(units, sold), units)


def in_steps(taken: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each kind of action with all its rows, that of the most money gained first; then by name.

    Parameters
    ----------
    taken
        As `applied` returns it.
    """
    gained = taken.groupby("action")["gain"].sum()
    for action in sorted(gained.index, key=lambda name: (-gained[name], name)):
        yield action, taken[taken["action"] == action]
