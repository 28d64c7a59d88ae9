"""Service targets and customer weights to take over into ``tblItems``, beside those of the planner."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.closing.cells import headers_of
from invopt_xl.plan.columns import ITEMS, Tables
from invopt_xl.plan.segmentation import Segmentation, with_targets
from invopt_xl.plan.service_targets import NONE, OWN, TAKEN

WRITTEN = ("service_target", "customer_weight")
"""Columns that are written into ``tblItems``."""

_KEY, _MEASURE = ["item", "location"], "service_measure"


def recommended(items: pd.DataFrame, found: Segmentation, by_customers: pd.DataFrame | None) -> pd.DataFrame:
    """Return for each item the service target and the customer weight to plan with; the planner's own are kept.

    A customer weight is suggested only where the lift is clear of chance: an interval that holds 1 is no reason to
    favour an item.

    Parameters
    ----------
    items
        Admitted ``tblItems``.
    found
        Their segments.
    by_customers
        ``tblCustomerItems``; None where no sales are known.

    Returns
    -------
    pandas.DataFrame
        item, location, description, cell, life_cycle, demand_value (a year, money at cost), service_target (share),
        recommended_target (share), target_is, customer_weight and suggested_weight (1 is usual).
    """
    own = items["service_target"].notna().to_numpy()
    target = with_targets(items, found)["service_target"].to_numpy(dtype=np.float64)
    weight = items["customer_weight"].to_numpy(dtype=np.float64)
    suggested = _suggested(items["item"], by_customers)
    told = ["description", "cell", "life_cycle", "demand_value", "recommended_target"]
    return found.items[[*_KEY, *told]].assign(
        service_target=target,
        target_is=np.select([own, np.isfinite(target)], [OWN, TAKEN], NONE).astype(object),
        # A weight of one is the default, so nobody's own.
        customer_weight=np.where((weight == 1.0) & np.isfinite(suggested), suggested, weight),
        suggested_weight=suggested,
    )


def clear_lifts(by_customers: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which items of ``tblCustomerItems`` have a lift whose interval does not hold 1, and a weight by it."""
    clear = (by_customers["lift_low"] > 1.0) | (by_customers["lift_high"] < 1.0)
    return np.asarray(clear & (by_customers["customer_weight"] != 1.0), dtype=np.bool_)


def _suggested(item: pd.Series[str], by_customers: pd.DataFrame | None) -> npt.NDArray[np.float64]:
    if by_customers is None:
        return np.full(len(item), np.nan)
    clear = by_customers[clear_lifts(by_customers)].set_index("item")["customer_weight"]
    return item.map(clear).to_numpy(dtype=np.float64)


def to_write(
    raw: Tables, table: pd.DataFrame, columns: Sequence[str] = WRITTEN, *, otherwise: str = "tblRecommended"
) -> tuple[str, pd.DataFrame]:
    """Return the name of the table to write and its rows: the columns that ``tblItems`` has, else a table of its own.

    A weight of 1 is the usual one, which a blank says as well: it is not written. A target that comes with its measure
    is none without it.

    Parameters
    ----------
    raw
        Tables as read.
    table
        As `recommended` or `money.service_targets` returns it.
    columns
        Columns to write: ``service_target``, ``customer_weight`` or both; or a target and ``service_measure``.
    otherwise
        Name of the table of its own.

    Examples
    --------
    >>> table = pd.DataFrame({"item": ["tea"], "location": "MAIN", "service_target": 0.9, "customer_weight": 1.1})
    >>> name, rows = to_write({"items": pd.DataFrame({"item": ["tea"], "Service target": None})}, table)
    >>> name, rows.columns.tolist()
    ('tblItems', ['item', 'location', 'service_target'])
    """
    there = headers_of(raw[ITEMS.stem], ITEMS)
    held = [name for name in columns if name in there]
    if not held or (_MEASURE in columns and _MEASURE not in held):
        return otherwise, table
    rows = table[[*_KEY, *held]]
    if "customer_weight" in held:
        # A missing value leaves its cell as it is.
        rows = rows.assign(customer_weight=rows["customer_weight"].mask(rows["customer_weight"] == 1.0))
    return ITEMS.name, rows


def columns_of_use(goal: str) -> tuple[str, ...]:
    """Return which of the two columns a goal makes good use of.

    Targets are for the goal that plans each item by its own. Under the goal overall they would be floors that keep
    the mix from saving stock, and classes set their targets themselves.

    Parameters
    ----------
    goal
        ``service_goal`` of the plan.

    Examples
    --------
    >>> columns_of_use("items"), columns_of_use("overall")
    (('service_target', 'customer_weight'), ('customer_weight',))
    """
    return WRITTEN if goal == "items" else WRITTEN[1:]
