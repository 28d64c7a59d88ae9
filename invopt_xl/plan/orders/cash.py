"""An order plan as money by period: what is ordered, what arrives, what is used, what stays."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.domain import Calendar
from invopt_xl.plan.overrides import KEY

_ROUNDING = 1e-3
"""Units that figures of four decimals may add up to."""


def money_by_period(
    orders: pd.DataFrame, order_items: pd.DataFrame, items: pd.DataFrame, calendar: Calendar
) -> pd.DataFrame:
    """Return what an order plan orders, receives and holds in each period, money.

    Parameters
    ----------
    orders
        ``tblOrders``.
    order_items
        ``tblOrderItems``.
    items
        With ``item``, ``location`` and ``unit_cost``.
    calendar
        Of the periods.

    Returns
    -------
    DataFrame
        ``date`` (first day), ``ordered`` (after discount, in the period in which the order is placed), ``received``
        and ``used`` (at cost: demand that is met, be it of an earlier period that waited), ``short`` (demand that is
        not, at cost: lost in the period, or waiting at its end), and ``stock`` (at its end, at cost).

    Examples
    --------
    >>> from datetime import date
    >>> days = pd.to_datetime(["2018-01-01", "2018-01-08"])
    >>> plan = pd.DataFrame({"item": "tea", "location": "MAIN", "date": days, "receipts": [0.0, 4.0],
    ...     "sent": 0.0, "waste": 0.0, "demand": [2.0, 2.0], "short": [0.0, 1.0], "stock": [0.0, 3.0]})
    >>> orders = pd.DataFrame({"order_date": days[:1], "value": [7.5]})
    >>> items = pd.DataFrame({"item": ["tea"], "location": ["MAIN"], "unit_cost": [2.0]})
    >>> money_by_period(orders, plan, items, Calendar(date(2018, 1, 1), "week")).drop(columns="date").values.tolist()
    [[7.5, 0.0, 4.0, 0.0, 0.0], [0.0, 8.0, 2.0, 2.0, 6.0]]
    """
    rows = order_items.merge(items[[*KEY, "unit_cost"]], on=KEY, how="left")
    units = {"received": rows["receipts"], "used": _used(rows), "short": rows["short"], "stock": rows["stock"]}
    money = pd.DataFrame({name: (each * rows["unit_cost"]).astype(float) for name, each in units.items()})
    by_period = money.groupby(rows["date"]).sum()
    starts = calendar.start(np.arange(len(by_period) + 1)).astype("datetime64[ns]")
    period = np.searchsorted(starts, orders["order_date"].to_numpy(dtype="datetime64[ns]"), side="right") - 1
    ordered = np.bincount(period, orders["value"].astype(float), minlength=len(by_period))[: len(by_period)]
    by_period.insert(0, "ordered", ordered)
    return by_period.reset_index()


def _used(rows: pd.DataFrame) -> pd.Series[float]:
    """Return the units that leave stock for demand, by row.

    Where demand waits, what is short is the whole backlog: what leaves is told by stock.
    """
    rows = rows.sort_values([*KEY, "date"], kind="stable")
    met = rows["demand"] - rows["short"]
    before = rows.groupby(KEY)["stock"].shift()
    left = before + rows["receipts"] - rows["sent"] - rows["waste"] - rows["stock"]
    # Where it is lost both are the same but for rounding.
    return met.where(~((left - met).abs() > _ROUNDING), left)
