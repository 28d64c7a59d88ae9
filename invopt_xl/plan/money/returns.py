"""What is earned with stock: sales and margin of a year, and the return on the money in it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]

NAMED = 5
"""Items without price that are named; the others are counted."""


def gross_margin_return(gross_margin: float, stock_value: float) -> float:
    """Return the gross margin return on inventory investment (GMROI), money a year for each money in stock.

    GMROI = gross margin of a year / average stock at cost; it is margin share times sales over stock (Sweeney 1973,
    "Improving the profitability of retail merchandising decisions", Journal of Marketing 37(1), 60-68). NaN without
    stock.

    Parameters
    ----------
    gross_margin
        Sales less their cost, money a year.
    stock_value
        Average stock at cost, money.

    Examples
    --------
    >>> gross_margin_return(500_000 - 300_000, 50_000)
    4.0
    """
    return gross_margin / stock_value if stock_value > 0 else float("nan")


def has_price(items: pd.DataFrame) -> pd.Series[bool]:
    """Return which items have a price; zero is how many systems say that there is none."""
    return items["unit_price"] > 0


def sold_in_a_year(items: pd.DataFrame, met: FloatArray, left: FloatArray, periods: float) -> FloatArray:
    """Return the units that are sold in a year, shape (items,).

    Parameters
    ----------
    items
        The planned items.
    met
        Share of demand that is sold: the fill rate where the rest is lost, all where it waits.
    left
        Stock on hand and on order, units: what is phased out sells no more than that.
    periods
        Periods of a year.

    Examples
    --------
    >>> items = pd.DataFrame({"status": ["active", "phase-out"], "demand_per_period": [2.0, 2.0]})
    >>> sold_in_a_year(items, np.array([0.9, 0.9]), np.array([10.0, 10.0]), 52.0).round(1).tolist()
    [93.6, 10.0]
    """
    demand = items["demand_per_period"].to_numpy(dtype=np.float64) * periods
    ending = (items["status"] == "phase-out").to_numpy()
    return np.where(ending, np.minimum(demand, np.maximum(left, 0.0)), demand * met)


def without_price(items: pd.DataFrame) -> str:
    """Return a sentence that names the items left out of sales and margin; "" where all have a price.

    Examples
    --------
    >>> without_price(pd.DataFrame({"item": ["tea", "mug"], "unit_price": [3.0, None]}))
    'Without price, so left out of sales, margin and GMROI: mug.'
    """
    names = items["item"][~has_price(items)].astype(str).drop_duplicates().tolist()
    if not names:
        return ""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return f"Without price, so left out of sales, margin and GMROI: {', '.join(names[:NAMED])}{more}."
