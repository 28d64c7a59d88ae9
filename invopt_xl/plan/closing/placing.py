"""Orders that were to be placed in the closed time: they are on their way, or the next plan orders them again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.plan.closing.came import KEY
from invopt_xl.plan.closing.cells import as_meant, headers_of
from invopt_xl.plan.closing.closed import Closed
from invopt_xl.plan.columns import OPEN_ORDERS, ORDERS, Tables
from invopt_xl.plan.quality.rules import only_locations


@dataclass(frozen=True, eq=False)
class Placed:
    """Lines of ``tblOrders`` that were to be placed before the new plan date, as they are meant.

    Parameters
    ----------
    open
        Those that are still to come, and do not stand in ``tblOpenOrders``.
    came
        Those due before the new plan date that have been received: the stock of their item was told, or it was said
        that orders due by then came.
    there
        How many stand in ``tblOpenOrders`` already.
    """

    open: pd.DataFrame
    came: pd.DataFrame
    there: int


def placed_lines(raw: Tables, items: pd.DataFrame, closed: Closed, counted_items: pd.DataFrame | None) -> Placed:
    """Return the order lines of the last plan that were to be placed in the closed time.

    Parameters
    ----------
    raw
        Tables as read, with the orders of the last plan.
    items
        Item and location of every item.
    closed
        The closed time.
    counted_items
        Item and location of what was received if it was due by its end, for its stock is counted again; None for
        everything.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["tea", "cup"], "location": "MAIN"})
    >>> days = {"order_date": ["2018-01-01", "2018-01-01"], "due_date": ["2018-01-04", "2018-01-09"]}
    >>> orders = pd.DataFrame({"item": ["tea", "cup"], "quantity": [6, 12], "value": [9, 8]} | days, index=[5, 6])
    >>> closed = Closed.of({"plan_date": pd.Timestamp("2018-01-01").date()}, 1)
    >>> lines = placed_lines({"orders": orders}, items, closed, items)
    >>> lines.open["item"].tolist(), lines.came["item"].tolist()
    (['cup'], ['tea'])
    """
    lines = as_meant(raw, ORDERS)
    day = lines["order_date"]
    lines = lines[(day >= pd.Timestamp(closed.plan_date)) & (day < pd.Timestamp(closed.end))]
    lines = lines[lines["item"].notna() & lines["due_date"].notna() & (lines["quantity"] > 0)]
    lines = lines.assign(location=only_locations(lines, items))
    is_there = _stand_among(lines, as_meant(raw, OPEN_ORDERS), items)
    lines, there = lines[~is_there], int(is_there.sum())
    came = (lines["due_date"] < pd.Timestamp(closed.end)).to_numpy()
    if counted_items is not None:
        came &= pd.MultiIndex.from_frame(lines[KEY]).isin(pd.MultiIndex.from_frame(counted_items[KEY]))
    return Placed(lines[~came], lines[came], there)


def _stand_among(
    lines: pd.DataFrame, there: pd.DataFrame, items: pd.DataFrame
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which lines stand among open orders: same item, location, day and quantity, same supplier or none told."""
    there = there.assign(location=only_locations(there, items))
    keys = [*KEY, "due_date", "quantity"]
    told = lines[[*keys, "supplier"]].assign(line=np.arange(len(lines)))
    both = told.merge(there[[*keys, "supplier"]], on=keys, suffixes=("", "_there"))
    same = (both["supplier"] == both["supplier_there"]) | both["supplier"].isna() | both["supplier_there"].isna()
    return np.isin(told["line"].to_numpy(), both.loc[same, "line"].to_numpy())


def rows_of_open_orders(raw: Tables, lines: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Return order lines as rows of ``tblOpenOrders``, under its headers.

    Raises
    ------
    InputError
        If there is no such table, or it has no column for what tells the lines apart.
    """
    if OPEN_ORDERS.stem not in raw:
        raise InputError(f"there is no table {OPEN_ORDERS.name}; expected one for the orders that were placed")
    headers = headers_of(raw[OPEN_ORDERS.stem], OPEN_ORDERS)
    needed = [column.name for column in OPEN_ORDERS.columns if column.required]
    if not (only_locations(lines.assign(location=None), items) == lines["location"]).all():
        needed.append("location")
    for name in needed:
        if name not in headers:
            raise InputError(f"{OPEN_ORDERS.name} has no column {name}; expected one for the orders that were placed")
    wanted = [name for name in OPEN_ORDERS.column_names if name in headers]
    return lines[wanted].rename(columns=headers).reset_index(drop=True)
