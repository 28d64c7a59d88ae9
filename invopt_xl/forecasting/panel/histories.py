"""Demand rows as one history per item and location, aligned so that all of them end before the first period ahead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain.calendar import Calendar
from invopt_xl.forecasting.lifts.regressors import LARGEST_NUMBER, Regressors

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
MissingPeriods = Literal["zero", "unknown"]

KEY = ["item", "location"]
"""What tells one history from another."""

MAXIMUM_YEARS = 10
"""Demand older than this is not used: it says little about today, and one mistyped year must not cost memory."""

MAXIMUM_YEARS_AHEAD = 5
"""Prices and promotions planned for later than this are not used."""


def _nothing() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True, eq=False)
class History:
    """What is known of one item at one location, from its first period on.

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
    future_promotion
        1 where a promotion is planned and 0 where none is, for the coming periods from period 0 on; NaN where nothing
        is said.
    future_price
        Planned price, money a unit, for the same periods; NaN where none is given.
    """

    quantity: Floats
    in_stock: Flags
    promotion: Flags
    price: Floats
    future_promotion: Floats = field(default_factory=_nothing)
    future_price: Floats = field(default_factory=_nothing)

    def ahead(self, horizon: int) -> tuple[Floats, Floats]:
        """Return promotions and prices of the coming periods of a horizon, NaN where nothing is planned.

        Examples
        --------
        >>> none = np.zeros(0)
        >>> history = History(none, none > 0, none > 0, none, np.array([1.0, 0.0, 1.0]), np.array([2.0, 3.0, 4.0]))
        >>> [column.tolist() for column in history.ahead(2)]
        [[1.0, 0.0], [2.0, 3.0]]
        """
        made = np.full((2, horizon), np.nan)
        for row, planned in zip(made, (self.future_promotion, self.future_price), strict=True):
            row[: len(planned)] = planned[:horizon]
        return made[0], made[1]

    def regressors(self, horizon: int, events: Mapping[str, Floats] | None = None) -> Regressors | None:
        """Return what may explain demand: planned price and promotion, and events; None where nothing is told.

        Without a plan past promotions are better left in the demand they are a habit of: guessed promotions made
        grocery forecasts 2% worse, planned ones 9% better. What was never seen to change has shown no effect, so a
        first promotion that is planned explains nothing yet.

        Parameters
        ----------
        horizon
            Periods ahead.
        events
            Column of each event, as `calendar_columns` returns them, that ends with the horizon and begins with or
            before this history.

        Examples
        --------
        >>> promoted = np.array([False, True, False])
        >>> history = History(np.ones(3), np.ones(3, bool), promoted, np.full(3, 2.0), np.array([1.0]))
        >>> explained = history.regressors(2)
        >>> explained.names, explained.future.tolist()
        (('promotion',), [[1.0], [nan]])
        """
        promotion, price = self.ahead(horizon)
        planned = not (np.isnan(promotion).all() and np.isnan(price).all())
        known = self.price[self.price > 0]  # a price of nothing is not known
        priced = planned and np.unique(known).size > 1 and known.max() <= LARGEST_NUMBER
        promoted = planned and np.unique(self.promotion).size > 1
        if not (priced or promoted or events):
            return None
        length = len(self.quantity) + horizon
        return Regressors.of(
            len(self.quantity),
            horizon,
            price=self.price if priced else None,
            future_price=np.where(price <= LARGEST_NUMBER, price, np.nan) if priced else None,
            calendar={name: column[-length:] for name, column in (events or {}).items()},
            promotion=self.promotion.astype(float) if promoted else None,
            future_promotion=promotion if promoted else None,
        )


@dataclass(frozen=True, eq=False)
class Histories:
    """All histories, a row for each item and location in the order of the items, a column for each period.

    The last column is period -1 of the calendar. A period without a row counts as zero demand, or as NaN where
    missing periods are unknown; so do periods after an item's last row, for an item that stopped selling has no rows
    either. Before its first row an item has no demand: NaN.

    Parameters
    ----------
    quantity
        Demand per period, item units, shape (items, periods): the sum of its rows with a known quantity; NaN where
        it has rows and none of them is known.
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
    future_promotion
        1 where a promotion is planned, 0 where a row plans without one, NaN where no row plans; shape (items, coming
        periods). The columns begin with period 0 and end with the last period that any row plans for.
    future_price
        Mean planned price, money a unit; NaN where none is given.
    sales
        Demand rows in each period that sold something: not those of nothing, nor those left out, such as returns.
    """

    quantity: Floats
    in_stock: Flags
    promotion: Flags
    price: Floats
    rows: Counts
    first: Counts
    future_promotion: Floats
    future_price: Floats
    sales: Counts

    def __len__(self) -> int:
        return len(self.first)

    @property
    def periods(self) -> int:
        """Columns, from the oldest period of any item to the last before the first one ahead."""
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
            self.future_promotion[item],
            self.future_price[item],
        )


def item_positions(items: pd.DataFrame, rows: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Return which row of the items each record belongs to by item and location; -1 where none.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a", "b"], "location": "MAIN"})
    >>> item_positions(items, pd.DataFrame({"item": ["b", "c"], "location": "MAIN"})).tolist()
    [1, -1]
    """
    if items.empty or rows.empty:
        return np.full(len(rows), -1, dtype=np.intp)
    return np.asarray(pd.MultiIndex.from_frame(items[KEY]).get_indexer(pd.MultiIndex.from_frame(rows[KEY])))


def assemble(
    items: pd.DataFrame, demand: pd.DataFrame, calendar: Calendar, *, missing_periods: MissingPeriods = "zero"
) -> Histories:
    """Return the histories of items from rows of demand.

    Rows of coming periods without a quantity are plans of prices and promotions; those with a quantity belong to
    a period that is not over and are not learned.

    Parameters
    ----------
    items
        A row for each item and location, in the order of the histories; columns ``item`` and ``location``.
    demand
        Typed rows of these items, columns ``item``, ``location``, ``date``, ``quantity`` (NaN where unknown),
        ``unit_price`` (NaN where unknown), ``promotion`` and ``in_stock``.
    calendar
        Period 0 is the first that is not history.
    missing_periods
        What a period without a row means: ``zero`` demand, or ``unknown``.

    Examples
    --------
    >>> from datetime import date
    >>> dates = pd.to_datetime(["2024-01-01", "2024-03-01", "2024-04-01"])
    >>> demand = pd.DataFrame({"item": "a", "location": "MAIN", "date": dates, "quantity": [3, 5, np.nan]})
    >>> demand = demand.assign(unit_price=2.0, promotion=[False, False, True], in_stock=True)
    >>> found = assemble(demand[["item", "location"]].head(1), demand, Calendar(date(2024, 4, 1), "month")).of(0)
    >>> found.quantity.tolist(), found.future_promotion.tolist(), found.future_price.tolist()
    ([3.0, 0.0, 5.0], [1.0], [2.0])
    """
    index = calendar.index(demand["date"].to_numpy())
    oldest = -round(MAXIMUM_YEARS * 365.25 / calendar.days_per_period)
    past = _Cells.of(
        items, demand[(index >= oldest) & (index < 0)], index[(index >= oldest) & (index < 0)], from_end=True
    )
    planned = (index >= 0) & (index <= round(MAXIMUM_YEARS_AHEAD * 365.25 / calendar.days_per_period))
    planned &= demand["quantity"].isna().to_numpy()
    future = _Cells.of(items, demand[planned], index[planned], from_end=False)
    count = past.count()
    periods = count.shape[1]
    first = np.where(count.any(axis=1), (count > 0).argmax(axis=1), periods) if periods else np.zeros(len(items), int)
    before = np.arange(periods) < first[:, None]
    sold = past.rows["quantity"].to_numpy(dtype=float)
    quantity = past.total(np.nan_to_num(sold))
    unknown = (count > 0) & ~past.any(~np.isnan(sold))
    quantity[before | unknown | ((count == 0) & (missing_periods == "unknown"))] = np.nan
    return Histories(
        quantity,
        in_stock=~past.any(~past.rows["in_stock"].to_numpy(dtype=bool)),
        promotion=past.any(past.rows["promotion"].to_numpy(dtype=bool)),
        price=_mean_price(past.rows, past.total),
        rows=count,
        first=first.astype(np.int64),
        future_promotion=np.where(
            future.count() > 0, future.any(future.rows["promotion"].to_numpy(dtype=bool)), np.nan
        ),
        future_price=_mean_price(future.rows, future.total),
        sales=past.total((np.nan_to_num(sold) > 0).astype(float)).astype(np.int64),
    )


@dataclass(frozen=True, eq=False)
class _Cells:
    """Rows, and the cell of a table of items by periods that each of them falls in."""

    rows: pd.DataFrame
    cell: Counts
    shape: tuple[int, int]

    @classmethod
    def of(cls, items: pd.DataFrame, rows: pd.DataFrame, index: Counts, *, from_end: bool) -> _Cells:
        """Return the cells of rows by their period; the table ends with period -1, or begins with period 0."""
        periods = int(-index.min() if from_end else index.max() + 1) if len(index) else 0
        column = index + periods if from_end else index
        return cls(rows, item_positions(items, rows) * periods + column, (len(items), periods))

    def total(self, weights: Floats | None = None) -> Floats:
        """Return the sum of the weights in each cell; the number of rows without weights."""
        counted = np.bincount(self.cell, weights=weights, minlength=self.shape[0] * self.shape[1])
        return np.asarray(counted, dtype=np.float64).reshape(self.shape)

    def count(self) -> Counts:
        """Return the number of rows in each cell."""
        return self.total().astype(np.int64)

    def any(self, flags: Flags) -> Flags:
        """Return for each cell whether any of its rows has the flag."""
        return np.asarray(self.total(flags.astype(float)) > 0)


def _mean_price(rows: pd.DataFrame, total: Callable[[Floats], Floats]) -> Floats:
    """Return the mean price of each period weighted by quantity; rows that sold nothing count only among themselves."""
    price, quantity = rows["unit_price"].to_numpy(dtype=float), rows["quantity"].to_numpy(dtype=float)
    weight = np.where(np.isnan(price), 0.0, np.maximum(np.nan_to_num(quantity), 1e-9))
    weights = total(weight)
    known = weights > 0
    spent = total(weight * np.nan_to_num(price))
    return np.asarray(np.divide(spent, weights, out=np.full(weights.shape, np.nan), where=known))
