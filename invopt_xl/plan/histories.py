"""Demand rows as one history per item and location, aligned so that all of them end on the plan date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.parameters import Parameters

if TYPE_CHECKING:
    from invopt_xl.plan.quality import Admitted

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MAXIMUM_YEARS = 10
"""Demand older than this is not used: it says little about today, and one mistyped year must not cost memory."""


@dataclass(frozen=True, eq=False)
class History:
    """What is known of one item at one location, from its first period to the one before the plan date.

    Parameters
    ----------
    quantity
        Demand per period, item units; NaN where unknown.
    in_stock
        False where sales understate demand.
    promotion
        True where the item was on promotion.
    price
        Price paid, money a unit; NaN where unknown.
    """

    quantity: Floats
    in_stock: Flags
    promotion: Flags
    price: Floats


@dataclass(frozen=True, eq=False)
class Histories:
    """All histories, a row for each item and location in the order of the items, a column for each period.

    The last column is period -1 of the plan's calendar. A period without a row counts as zero demand, or as NaN
    where the parameter ``missing_periods`` is ``unknown``; so do periods after an item's last row, for an item that
    stopped selling has no rows either. Before its first row an item has no demand: NaN.

    Parameters
    ----------
    quantity
        Demand per period, item units, shape (items, periods).
    in_stock
        False where any row of the period was marked out of stock.
    promotion
        True where any row of the period was on promotion.
    price
        Mean price paid, weighted by quantity, money a unit; NaN where no row of the period has one.
    rows
        Demand rows in each period.
    first
        Column of each item's first row; the number of columns where it has none.
    """

    quantity: Floats
    in_stock: Flags
    promotion: Flags
    price: Floats
    rows: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.first)

    @property
    def periods(self) -> int:
        """Columns, from the oldest period of any item to the last before the plan date."""
        return int(self.quantity.shape[1])

    @property
    def whole_units(self) -> Flags:
        """True for items whose known quantities are all whole, shape (items,)."""
        known = np.nan_to_num(self.quantity)
        return np.asarray((known == np.floor(known)).all(axis=1))

    def of(self, item: int) -> History:
        """Return the history of the item in that row of the items, without the periods before its first row."""
        start = int(self.first[item])
        return History(
            self.quantity[item, start:],
            self.in_stock[item, start:],
            self.promotion[item, start:],
            self.price[item, start:],
        )


def histories(admitted: Admitted) -> Histories:
    """Return the history of every item and location of the admitted tables.

    Parameters
    ----------
    admitted
        Tables and parameters as `plan.quality.admit` returns them.

    Examples
    --------
    >>> from invopt_xl.plan.quality import admit
    >>> items = pd.DataFrame({"item": ["a"], "unit_cost": [2], "lead_time_days": [7], "on_hand": [5]})
    >>> dates = ["2017-12-11", "2017-12-12", "2017-12-25"]
    >>> demand = pd.DataFrame({"item": "a", "date": dates, "quantity": [1, 2, 4]})
    >>> parameters = pd.DataFrame({"name": ["plan_date"], "value": ["2018-01-01"]})
    >>> admitted = admit({"items": items, "demand": demand, "parameters": parameters})
    >>> histories(admitted).of(0).quantity.tolist()
    [3.0, 0.0, 4.0]
    """
    return assemble(admitted.tables["items"], admitted.tables["demand"], admitted.parameters)


def item_positions(items: pd.DataFrame, rows: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Return which row of the items each record belongs to by item and location; -1 where none.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a", "b"], "location": "MAIN"})
    >>> item_positions(items, pd.DataFrame({"item": ["b", "c"], "location": "MAIN"})).tolist()
    [1, -1]
    """
    key = ["item", "location"]
    if items.empty or rows.empty:
        return np.full(len(rows), -1, dtype=np.intp)
    return np.asarray(pd.MultiIndex.from_frame(items[key]).get_indexer(pd.MultiIndex.from_frame(rows[key])))


def assemble(items: pd.DataFrame, demand: pd.DataFrame, parameters: Parameters) -> Histories:
    """Return the histories of typed items from typed demand rows of known items before the plan date."""
    calendar = parameters.calendar
    index = calendar.index(demand["date"].to_numpy())
    oldest = -round(MAXIMUM_YEARS * 365.25 / calendar.days_per_period)
    used = (index >= oldest) & (index < 0)
    rows, index = demand[used], index[used]
    periods = -int(index.min()) if len(index) else 0
    shape = (len(items), periods)
    cell = item_positions(items, rows) * periods + index + periods

    def total(weights: Floats | None = None) -> Floats:
        counted = np.bincount(cell, weights=weights, minlength=shape[0] * periods)
        return np.asarray(counted, dtype=np.float64).reshape(shape)

    count = total().astype(np.int64)
    first = np.where(count.any(axis=1), (count > 0).argmax(axis=1), periods) if periods else np.zeros(len(items), int)
    before = np.arange(periods) < first[:, None]
    quantity = total(rows["quantity"].to_numpy(dtype=float))
    quantity[before | ((count == 0) & (parameters.missing_periods == "unknown"))] = np.nan
    return Histories(
        quantity,
        in_stock=total((~rows["in_stock"].to_numpy(dtype=bool)).astype(float)) == 0,
        promotion=total(rows["promotion"].to_numpy(dtype=bool).astype(float)) > 0,
        price=_mean_price(rows, total),
        rows=count,
        first=first.astype(np.int64),
    )


def _mean_price(rows: pd.DataFrame, total: Callable[[Floats], Floats]) -> Floats:
    """Return the mean price of each period weighted by quantity; rows that sold nothing count only among themselves."""
    price, quantity = rows["unit_price"].to_numpy(dtype=float), rows["quantity"].to_numpy(dtype=float)
    weight = np.where(np.isnan(price), 0.0, np.maximum(quantity, 1e-9))
    weights = total(weight)
    known = weights > 0
    spent = total(weight * np.nan_to_num(price))
    return np.asarray(np.divide(spent, weights, out=np.full(weights.shape, np.nan), where=known))
