"""Stock that demand will not use in good time."""

from __future__ import annotations

import numpy as np
import pandas as pd


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
    rate = items["demand_per_period"]
    horizon = rate * excess_cover_days / days_per_period
    needed = np.maximum(items["order_up_to"], horizon)
    # Only stock that is here or coming can be excess; what is on order may still be cancelled.
    quantity = (items["on_hand"] + items["on_order"] - needed).clip(lower=0.0)
    cover = items["on_hand"] * days_per_period / rate.where(rate > 0)
    return items.assign(cover_days=cover, excess_quantity=quantity, excess_value=quantity * items["unit_cost"])
