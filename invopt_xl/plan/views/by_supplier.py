"""Order lines as orders: one for each supplier and day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.optimise.terms import TOLERANCE
from invopt_xl.plan.columns import SUPPLIER_ORDERS
from invopt_xl.plan.orders import Planned

NOW, LATER, BELOW = "now", "later", "below minimum"


def supplier_orders(lines: pd.DataFrame, planned: Planned) -> pd.DataFrame:
    """Return ``tblSupplierOrders``: a row for each order, those to place first at the top; transfers among them.

    Parameters
    ----------
    lines
        As `orders.lines.numbered_lines` returns them.
    planned
        Their order plan. A supplier's minimum is one of list prices, before discounts.
    """
    problem, listed = planned.problem, lines["quantity"] * lines["unit_cost"]
    supplier = problem.supplier[lines["source"]]
    bought = (supplier >= 0) & ~problem.transfer[lines["source"]]
    minimum = np.append(problem.minimum_order_value, 0.0)[supplier]
    each = lines.assign(listed=listed, minimum_order_value=np.where(bought, minimum, np.nan))
    orders = each.groupby(["order_date", "supplier"], sort=True, as_index=False).agg(
        due_date=("due_date", "min"),
        period=("period", "min"),
        lines=("item", "size"),
        units=("quantity", "sum"),
        value=("value", "sum"),
        listed=("listed", "sum"),
        # What is sent already stands apart, without a minimum.
        minimum_order_value=("minimum_order_value", "max"),
    )
    lacking = orders["listed"] < orders["minimum_order_value"] * (1.0 - TOLERANCE)
    orders = orders.assign(
        discount_value=(orders["listed"] - orders["value"]).clip(lower=0.0),
        status=np.select([lacking, orders["period"] == 0], [BELOW, NOW], LATER),
    )
    places = {"units": 4, "value": 2, "discount_value": 2, "minimum_order_value": 2}
    return orders.round(places)[SUPPLIER_ORDERS.column_names]
