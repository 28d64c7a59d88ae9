"""Weekly demand per product: the grid of weeks, launches, phase-outs and stock-outs inferred from runs of zeros."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.demo import source

IMPROBABLE = 1e-4
"""A run of weeks without a sale is no chance when its probability is below this."""

NEIGHBOURS = 8
"""Weeks looked at on either side of a run."""

STEADY = 6
"""Weeks with a sale among them, on either side, that make the sales steady."""

PROMOTED_SHARE = 0.5
"""A product is on promotion when at least this share of the stores displays or mails it: the shares gather near none
and near all, and this is the trough between."""

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Grid:
    """Sales of the products (rows) in the complete weeks (columns).

    Parameters
    ----------
    product_ids
        The data's codes, rising.
    quantity
        Units sold.
    price, regular_price
        Mean money per unit; missing where nothing was sold.
    """

    product_ids: npt.NDArray[np.int64]
    quantity: FloatArray
    price: FloatArray
    regular_price: FloatArray

    def take(self, rows: npt.NDArray[np.int64]) -> Grid:
        """Return some of the products."""
        return Grid(self.product_ids[rows], self.quantity[rows], self.price[rows], self.regular_price[rows])


@dataclass(frozen=True, eq=False)
class Life:
    """From which week to which a product was on the shelf, and the weeks it seems to have been out of stock.

    Parameters
    ----------
    start, end
        First and last week as columns of the grid. A product counts as launched (or withdrawn) within the year only
        when the weeks before its first (after its last) sale are improbable for it.
    out_of_stock
        Weeks inferred to be stock-outs, shape of the grid.
    """

    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    out_of_stock: BoolArray

    @property
    def launched(self) -> BoolArray:
        """Products that came within the year."""
        return self.start > 0

    @property
    def withdrawn(self) -> BoolArray:
        """Products that went within the year."""
        return self.end < source.WEEKS - 1


@dataclass(frozen=True, eq=False)
class Promotion:
    """Where each product (rows) was promoted in each week (columns).

    Parameters
    ----------
    on
        On display or in the mailer in at least half of the stores followed.
    display, mailer
        Share of the stores followed that had it on display, and in the mailer.
    """

    on: BoolArray
    display: FloatArray
    mailer: FloatArray


def grid_of(lines: pd.DataFrame, minimum_weeks: int) -> Grid:
    """Return the weekly sales of every product sold in at least `minimum_weeks` weeks."""
    priced = lines["quantity"].where(lines["value"].notna(), 0)
    told = lines[["product_id", "week", "quantity", "value", "regular_value"]]
    weekly = told.assign(priced=priced).groupby(["product_id", "week"], sort=True).sum()
    weeks_sold = weekly.groupby(level=0).size()
    enough = weeks_sold.index[weeks_sold >= minimum_weeks]
    weekly = weekly[weekly.index.get_level_values(0).isin(enough)]
    row = enough.get_indexer(weekly.index.get_level_values(0))
    column = weekly.index.get_level_values(1).to_numpy() - source.FIRST_WEEK

    def spread(values: FloatArray, fill: float) -> FloatArray:
        filled = np.full((len(enough), source.WEEKS), fill)
        filled[row, column] = values
        return filled

    units = weekly["priced"].to_numpy(dtype=float)
    units[units == 0] = np.nan
    return Grid(
        enough.to_numpy(dtype=np.int64),
        spread(weekly["quantity"].to_numpy(dtype=float), 0.0),
        spread(weekly["value"].to_numpy() / units, np.nan),
        spread(weekly["regular_value"].to_numpy() / units, np.nan),
    )


def chance_of_zero(weeks: FloatArray) -> float:
    """Return the probability of a week without a sale, from a negative binomial with the weeks' mean and variance.

    Poisson where the variance does not exceed the mean.

    Examples
    --------
    >>> f"{chance_of_zero(np.array([2.0, 2.0, 2.0, 2.0])):.4f}"
    '0.1353'
    """
    mean = float(weeks.mean())
    variance = float(weeks.var(ddof=1)) if len(weeks) > 1 else mean
    if variance <= mean:
        return float(np.exp(-mean))
    return float((mean / variance) ** (mean * mean / (variance - mean)))


def life_of(quantity: FloatArray) -> Life:
    """Return when each product was on the shelf, inferred from its sales."""
    count, weeks = quantity.shape
    start, end = np.zeros(count, dtype=np.int64), np.full(count, weeks - 1)
    out_of_stock = np.zeros(quantity.shape, dtype=bool)
    for row, sales in enumerate(quantity):
        sold = np.flatnonzero(sales)
        first, last = int(sold[0]), int(sold[-1])
        zero = chance_of_zero(sales[first : last + 1])
        if zero**first < IMPROBABLE:
            start[row] = first
        if zero ** (weeks - 1 - last) < IMPROBABLE:
            end[row] = last
        out_of_stock[row] = _stock_outs(sales, sold)
    return Life(start, end, out_of_stock)


def _stock_outs(sales: FloatArray, sold: npt.NDArray[np.int64]) -> BoolArray:
    marks = np.zeros(len(sales), dtype=bool)
    for before, after in pairwise(sold.tolist()):
        if after - before < 2 or before + 1 < NEIGHBOURS or after + NEIGHBOURS > len(sales):
            continue
        left, right = sales[before + 1 - NEIGHBOURS : before + 1], sales[after : after + NEIGHBOURS]
        if min(np.count_nonzero(left), np.count_nonzero(right)) < STEADY:
            continue
        if chance_of_zero(np.concatenate([left, right])) ** (after - before - 1) < IMPROBABLE:
            marks[before + 1 : after] = True
    return marks


def promotion_of(product_ids: npt.NDArray[np.int64]) -> Promotion:
    """Return in which weeks each product was displayed or mailed, and in which share of the stores followed."""
    counts, stores = source.stores_promoting(product_ids.tolist())
    counts = counts[counts["week"] >= source.FIRST_WEEK]
    row = np.searchsorted(product_ids, counts["product_id"].to_numpy())
    column = counts["week"].to_numpy() - source.FIRST_WEEK

    def spread(name: str) -> FloatArray:
        shares = np.zeros((len(product_ids), source.WEEKS))
        shares[row, column] = counts[name].to_numpy() / stores
        return shares

    return Promotion(spread("stores") >= PROMOTED_SHARE, spread("display"), spread("mailer"))


def demand_table(grid: Grid, life: Life, promotion: Promotion) -> pd.DataFrame:
    """Return one row a product and week on the shelf, weeks without a sale included as zeros.

    The rows of a withdrawn product end with its last sale.
    """
    column = np.arange(source.WEEKS)
    on_shelf = (column >= life.start[:, None]) & (column <= life.end[:, None])
    row, week = np.nonzero(on_shelf)
    return pd.DataFrame(
        {
            "item": item_codes(grid.product_ids)[row],
            "date": source.week_start(week + source.FIRST_WEEK).astype("datetime64[ns]"),
            "quantity": grid.quantity[row, week].astype(np.int64),
            "unit_price": grid.price[row, week].round(3),
            "promotion": promotion.on[row, week].astype(np.int8),
            "in_stock": (~life.out_of_stock[row, week]).astype(np.int8),
            "display": promotion.display[row, week].round(3),
            "mailer": promotion.mailer[row, week].round(3),
        }
    )


def item_codes(product_ids: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """Return the items' codes: the data's number after a P, so that no program takes a code for a number."""
    return np.array([f"P{number}" for number in product_ids.tolist()], dtype=object)
