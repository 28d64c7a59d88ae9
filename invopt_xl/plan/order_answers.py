"""What an order plan says in short answers: what to order now, and where a supplier's minimum decides."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.domain.words import amount, counted
from invopt_xl.plan.lanes import sent_from
from invopt_xl.plan.orders import Planned
from invopt_xl.plan.parameters import Parameters

NEAR = 0.05
"""An order less than this share above its minimum is there because of it, or waited for it."""


def orders_answer(by_supplier: pd.DataFrame, planned: Planned, parameters: Parameters) -> str:
    """Return what to order and move now, what the plan orders in all, and what a better one would save.

    A location that goods are moved from is no supplier, and what moving costs buys nothing: they are told apart.

    Parameters
    ----------
    by_supplier
        ``tblSupplierOrders``.
    planned, parameters
        The plan.
    """
    currency, period = parameters.currency, parameters.period
    origins = {sent_from(location) for location in planned.sources["from_location"] if location}
    moved = by_supplier["supplier"].isin(origins)
    first = by_supplier["order_date"] == pd.Timestamp(parameters.calendar.start(np.zeros(1, dtype=np.int64))[0])
    orders, transfers = by_supplier[first & ~moved], by_supplier[first & moved]
    said = [
        f"**Order now: {counted(int(orders['lines'].sum()), 'line')} from {counted(len(orders), 'supplier')} for "
        f"{amount(orders['value'].sum(), currency)}.**"
    ]
    if len(transfers):
        said.append(
            f"Move now: {counted(int(transfers['lines'].sum()), 'line')} from {counted(len(transfers), 'location')}, "
            f"which costs {amount(transfers['value'].sum(), currency)} to move."
        )
    moving = (
        f", and moves goods at a cost of {amount(by_supplier['value'][moved].sum(), currency)}" if moved.any() else ""
    )
    said.append(
        f"Over {counted(parameters.horizon_periods, period)} the plan orders "
        f"{amount(by_supplier['value'][~moved].sum(), currency)}{moving}; a better one would save "
        f"{amount(max(planned.plan.total - planned.plan.bound, 0.0), currency)} at most."
    )
    return " ".join(said)


def minimums_answer(by_supplier: pd.DataFrame) -> str:
    """Return how many orders are at their supplier's minimum, and what that means.

    Parameters
    ----------
    by_supplier
        ``tblSupplierOrders``.

    Examples
    --------
    >>> rows = {"value": [102.0, 300.0], "discount_value": 0.0, "minimum_order_value": 100.0}
    >>> minimums_answer(pd.DataFrame(rows)).split("**")[2]
    ': there the minimum decides how much is ordered, or how long it is waited for.'
    >>> minimums_answer(pd.DataFrame(rows).iloc[1:])
    '**No order is within 5% of its minimum**: the one order under a minimum is larger by that or more.'
    """
    below = by_supplier[by_supplier["minimum_order_value"] > 0]
    if below.empty:
        return "No supplier asks for a minimum."
    listed = below["value"] + below["discount_value"]
    near = int((listed < (1.0 + NEAR) * below["minimum_order_value"]).sum())
    if not near:
        larger = "one order under a minimum is" if len(below) == 1 else f"{len(below):,} orders under a minimum are"
        return f"**No order is within {NEAR:.0%} of its minimum**: the {larger} larger by that or more."
    are = "is" if near == 1 else "are"
    return (
        f"**{near:,} of {counted(len(below), 'order')} under a minimum {are} within {NEAR:.0%} of it**: there the "
        "minimum decides how much is ordered, or how long it is waited for."
    )
