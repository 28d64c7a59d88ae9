"""Which items lanes can bring from one location to another, and what the order plan brings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

MOVES = {"planned_out": 0.0, "planned_in": 0.0, "planned_to": ""}
"""Columns of `orders.moves.with_moves`, with what they hold where nothing is moved, or no order plan is known."""


def lane_pairs(items: pd.DataFrame, lanes: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each item and pair of locations that a lane serves, with the lane's columns.

    A lane for one item goes before one for all items between the same locations.

    Parameters
    ----------
    items
        With ``item`` and ``location``, a row for each pair of them.
    lanes
        As the contract has them, with "" for all items.

    Returns
    -------
    DataFrame
        The lane's columns, ``row_from`` and ``row_to``: places of the item at both ends among the items.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["tea", "tea", "cup"], "location": ["MAIN", "WEST", "MAIN"]})
    >>> lanes = pd.DataFrame({"from_location": ["MAIN"], "to_location": ["WEST"], "item": [""]})
    >>> lane_pairs(items, lanes)[["row_from", "row_to"]].values.tolist()
    [[0, 1]]
    """
    places = pd.DataFrame({"code": items["item"], "location": items["location"], "row": np.arange(len(items))})
    pairs = places.merge(places, on="code", suffixes=("_from", "_to"))
    pairs = pairs.rename(columns={"location_from": "from_location", "location_to": "to_location"})
    found = lanes.merge(pairs, on=["from_location", "to_location"])
    found = found[(found["item"] == "") | (found["item"] == found["code"])]
    found = found.sort_values("item", ascending=False, kind="stable").drop_duplicates(["row_from", "row_to"])
    return found.sort_values(["row_to", "row_from"], kind="stable").reset_index(drop=True)


def sent_from(location: str) -> str:
    """Return who delivers a transfer, where a supplier stands else.

    Examples
    --------
    >>> sent_from("WEST")
    'from WEST'
    """
    return f"from {location}"


def only_by_lane(items: pd.DataFrame, lanes: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which items are never bought where they stand: no supplier is named, and a lane brings them.

    The lane has to come from a location where the item has a supplier, or there would be nobody to buy it from at all.
    """
    alone = np.zeros(len(items), dtype=bool)
    if lanes.empty:
        return alone
    pairs = lane_pairs(items, lanes)
    supplied = (items["supplier"] != "").to_numpy()
    fed = pairs["row_to"].to_numpy()[supplied[pairs["row_from"].to_numpy()]]
    alone[fed] = True
    return alone & ~supplied


def moves_of(items: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of `orders.moves.with_moves`; as if nothing were moved where no order plan is known.

    Examples
    --------
    >>> moves_of(pd.DataFrame({"item": ["tea"]})).values.tolist()
    [[0.0, 0.0, '']]
    """
    return items.reindex(columns=list(MOVES)).fillna(MOVES)
