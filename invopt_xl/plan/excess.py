"""Stock that demand will not use in good time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]


def days_of_cover(on_hand: FloatArray, demand_per_period: FloatArray, days_per_period: float) -> FloatArray:
    """Return how long stock lasts at the expected demand, days; NaN where none is expected.

    Examples
    --------
    >>> days_of_cover(np.array([100.0, 100.0]), np.array([5.0, 0.0]), 7).tolist()
    [140.0, nan]
    """
    expected = demand_per_period > 0
    cover = np.full(len(on_hand), np.nan)
    with np.errstate(over="ignore"):  # next to no demand: for ever
        np.divide(on_hand * days_per_period, demand_per_period, out=cover, where=expected)
    return cover


def excess_units(position: FloatArray, order_up_to: FloatArray, demand_within: FloatArray) -> FloatArray:
    """Return the stock above both the order-up-to level and the demand expected for as long as stock may last, units.

    Parameters
    ----------
    position
        Stock on hand and on order, units.
    order_up_to
        Level that orders fill up to, units.
    demand_within
        Demand expected for as long as stock may last, units.

    Examples
    --------
    >>> excess_units(np.array([100.0, 100.0]), np.array([20.0, 120.0]), np.array([65.0, 65.0])).tolist()
    [35.0, 0.0]
    """
    return np.maximum(position - np.maximum(order_up_to, demand_within), 0.0)


def with_excess(items: pd.DataFrame, excess_cover_days: float, days_per_period: float) -> pd.DataFrame:
    """Return the items with cover and excess.

    Excess is stock on hand and on order above both the order-up-to level and the demand expected over
    `excess_cover_days`.

    Parameters
    ----------
    items
        With ``on_hand``, ``on_order``, ``order_up_to``, ``demand_per_period`` (units) and ``unit_cost`` (money).
    excess_cover_days
        How long stock may last before it counts as excess, days.
    days_per_period
        Length of a period, days.

    Returns
    -------
    DataFrame
        The items with ``cover_days`` (missing where no demand is expected), ``excess_quantity`` (units) and
        ``excess_value`` (money at cost).

    Examples
    --------
    >>> items = pd.DataFrame({"on_hand": [100.0], "on_order": [0.0], "order_up_to": [20.0],
    ...                       "demand_per_period": [5.0], "unit_cost": [2.0]})
    >>> with_excess(items, 91, 7)[["cover_days", "excess_quantity", "excess_value"]].values.tolist()
    [[140.0, 35.0, 70.0]]
    """
    rate = items["demand_per_period"].to_numpy(dtype=np.float64)
    on_hand, on_order, level = (items[name].to_numpy(np.float64) for name in ("on_hand", "on_order", "order_up_to"))
    # Only stock that is here or coming can be excess; what is on order may still be cancelled.
    quantity = excess_units(on_hand + on_order, level, rate * excess_cover_days / days_per_period)
    cover = days_of_cover(on_hand, rate, days_per_period)
    return items.assign(cover_days=cover, excess_quantity=quantity, excess_value=quantity * items["unit_cost"])
