"""Stock that demand will not use in good time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.explain import amount
from invopt_xl.plan.lanes import moves_of

LEAST_GAIN = 0.005
"""Money below which tables show no gain."""

MOVED = "Nothing more: what is too much is moved."
"""What to do where the order plan moves all of an excess."""

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
    `excess_cover_days`; of phase-out items above that demand alone, as they are never ordered up to their level again.

    Parameters
    ----------
    items
        With ``status``, ``on_hand``, ``on_order``, ``order_up_to``, ``demand_per_period`` (units) and ``unit_cost``
        (money).
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
    >>> items = pd.DataFrame({"status": ["active", "phase-out"], "on_hand": [100.0, 100.0], "on_order": [0.0, 0.0],
    ...                       "order_up_to": [80.0, 80.0], "demand_per_period": [5.0, 5.0], "unit_cost": [2.0, 2.0]})
    >>> with_excess(items, 91, 7)[["cover_days", "excess_quantity", "excess_value"]].values.tolist()
    [[140.0, 20.0, 40.0], [140.0, 35.0, 70.0]]
    """
    rate = items["demand_per_period"].to_numpy(dtype=np.float64)
    on_hand, on_order, level = (items[name].to_numpy(np.float64) for name in ("on_hand", "on_order", "order_up_to"))
    level = np.where(items["status"] == "phase-out", 0.0, level)
    # Only stock that is here or coming can be excess; what is on order may still be cancelled.
    quantity = excess_units(on_hand + on_order, level, rate * excess_cover_days / days_per_period)
    cover = days_of_cover(on_hand, rate, days_per_period)
    return items.assign(cover_days=cover, excess_quantity=quantity, excess_value=quantity * items["unit_cost"])


def unmoved_excess(items: pd.DataFrame) -> pd.Series[float]:
    """Return the excess that is left after what the order plan moves to other locations, where one is known, units.

    Examples
    --------
    >>> unmoved_excess(pd.DataFrame({"excess_quantity": [8.0, 8.0], "planned_out": [3.0, 20.0]})).tolist()
    [5.0, 0.0]
    """
    return (items["excess_quantity"] - moves_of(items)["planned_out"]).clip(lower=0.0)


def units_to_cancel(items: pd.DataFrame) -> pd.Series[float]:
    """Return the excess that has not come yet, units of open orders; of whole units no part can be cancelled.

    What the order plan moves elsewhere is no excess that an order is cancelled for.

    Examples
    --------
    >>> items = pd.DataFrame({"excess_quantity": [8.3, 8.3, 8.3], "on_order": [60.0, 60.0, 5.0],
    ...                       "whole_units": [True, False, True]})
    >>> units_to_cancel(items).tolist()
    [8.0, 8.3, 5.0]
    """
    coming = np.minimum(unmoved_excess(items), items["on_order"])
    return pd.Series(np.where(items["whole_units"], np.floor(coming + 1e-9), coming), index=items.index)


def cancel_in_words(cancelled: float, on_order: float, decimals: int = 1) -> str:
    """Return what to cancel of what is on order, units, and what to keep, to so many decimals.

    Examples
    --------
    >>> cancel_in_words(8, 60), cancel_in_words(25, 25)
    ('Cancel or delay 8 of the 60 on order, keep 52', 'Cancel or delay the 25 on order')
    """
    kept = on_order - cancelled
    every, part = amount(on_order, decimals), amount(cancelled, decimals)
    if kept <= 0.5 / 10**decimals:
        return f"Cancel or delay the {every} on order"
    return f"Cancel or delay {part} of the {every} on order, keep {amount(round(kept, decimals), decimals)}"


def moved_in_words(planned_to: str) -> str:
    """Return the sentence that follows advice against excess where the order plan moves units; none where it does not.

    They are in none of the units that anything is advised about.

    Parameters
    ----------
    planned_to
        As `orders.moves.with_moves` tells it.

    Examples
    --------
    >>> moved_in_words("40 to WEST in the coming 8 weeks"), moved_in_words("")
    (' Besides, the plan moves 40 to WEST in the coming 8 weeks: see tblOrders.', '')
    """
    return f" Besides, the plan moves {planned_to}: see tblOrders." if planned_to else ""


def ordered_in_words(ordered: float, override: float, decimals: int = 1) -> str:
    """Return the sentence that follows advice against excess where the plan orders now, units; none where it does not.

    The plan may order on top of excess for a discount or a supplier's minimum order.

    Examples
    --------
    >>> ordered_in_words(4, 0), ordered_in_words(0, 0)
    (' 4 are ordered now all the same: see why in the plan.', '')
    >>> ordered_in_words(12, 12)
    ' 12 are ordered now by override: clear it if you can.'
    """
    if ordered <= 0:
        return ""
    if override > 0:
        return f" {amount(ordered, decimals)} are ordered now by override: clear it if you can."
    return f" {amount(ordered, decimals)} are ordered now all the same: see why in the plan."
