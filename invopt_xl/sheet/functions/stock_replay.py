"""What a policy would have done in the past: its levels against a history of demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Result, cell_function
from invopt_xl.sheet.functions._demand import DEMAND, ITEMS_IN, WEEKS
from invopt_xl.sheet.functions.shared import (
    LEAD_TIME,
    LOT_SIZE,
    MINIMUM_ORDER_QUANTITY,
    ORDER_UP_TO,
    REVIEW_PERIOD,
    amount,
    percent,
)
from invopt_xl.sheet.functions.stock_terms import REORDER_POINT, BoolArray, Floats, with_refusals
from invopt_xl.sheet.functions.stock_terms import refusals as refusals_by

LEVEL = replace(ORDER_UP_TO, help="Order up to this; the history begins with as much.")
WHOLE_LEAD_TIME = replace(LEAD_TIME, unit="whole periods of the demand", whole=True)
REVIEW_EVERY = replace(
    REVIEW_PERIOD, help="From one review of stock to the next.", unit="whole periods of the demand", default=1.0,
    whole=True, minimum=1,
)  # fmt: skip
LOST = Argument(
    "lost", "TRUE where demand that finds no stock is lost, FALSE where it waits.", takes="one", kind="flag",
    default=False,
)  # fmt: skip

_SMALLEST_LOT = 1e-6
"""Where no lot is given any quantity can be ordered, to this many units."""


def _because(results: Sequence[Sequence[float]], **asked: Any) -> list[str]:
    lines = []
    for item, (filled, _, stock, orders, short, without) in enumerate(results):
        left_out = int(asked["lead_time"][item] + asked["review_period"][item])
        counted = asked["demand"][item][left_out:]
        lines.append(
            f"Of {amount(float(np.nansum(counted)))} units asked for in {int(np.isfinite(counted).sum())} periods, "
            f"{percent(filled)} were met from stock: {amount(short)} short, in {amount(without)} periods; "
            f"{amount(orders)} orders, {amount(stock)} in stock on average. The first {left_out} periods do not count: "
            "no order of these levels could have come."
        )
    return lines


@cell_function(
    "Stock",
    *(
        DEMAND,
        REORDER_POINT,
        LEVEL,
        WHOLE_LEAD_TIME,
        REVIEW_EVERY,
        MINIMUM_ORDER_QUANTITY,
        LOT_SIZE,
        LOST,
        ITEMS_IN,
    ),
    result=Result(
        "record",
        "fill rate and cycle service, from 0 to 1; average stock, units; orders; units short; periods with a stock-out",
        ("fill_rate", "cycle_service", "average_stock", "orders", "units_short", "periods_short"),
    ),
    cost="cached",
    example=(WEEKS, 130, 150, 2),
    because=_because,
)
def simulate(
    demand: Floats,
    reorder_point: Floats,
    order_up_to: Floats,
    lead_time: Floats,
    review_period: Floats,
    minimum_order_quantity: Floats,
    lot_size: Floats,
    lost: bool,
    items_in: str,
) -> Any:
    """Replay of levels on a history: the fill rate, cycle service, average stock, orders and units short they give.

    Each period the items whose turn it is are reviewed and ordered up to the level if their position is below the
    reorder point; goods that are due arrive; then demand comes. Periods count once an order could have come. Cycle
    service is the share of receipts before which stock lasted; #N/A where none came. Unknown periods are skipped.
    """
    from invopt_xl.policy.replay import Rules, World, replay

    periods = demand.shape[1]
    begins = lead_time + review_period
    refused = refusals_by(
        ("order up to", order_up_to, order_up_to < reorder_point, "at least the reorder point"),
        ("lead time with the review period", begins, begins >= periods, f"below the {periods} periods of the history"),
    )
    world = World(
        demand=demand,
        lead_periods=_each_period(lead_time.astype(np.int64), periods),
        review_periods=review_period.astype(np.int64),
        minimum=minimum_order_quantity,
        lot=np.where(np.isnan(lot_size), _SMALLEST_LOT, lot_size),
        lost=lost,
    )
    seen = replay(world, Rules(_each_period(reorder_point, periods), _each_period(order_up_to, periods)))
    short = _counted(seen.demand - seen.served, seen.measured)
    orders = _counted((seen.ordered > 0).astype(np.float64), seen.measured)
    figures = (seen.fill_rate, seen.cycle_service, seen.stock, orders, short, seen.short.sum(axis=1))
    return with_refusals(np.column_stack(figures), refused)


def _each_period(values: Any, periods: int) -> Any:
    return np.repeat(values[:, None], periods, axis=1)


def _counted(values: Floats, measured: BoolArray) -> Floats:
    return np.asarray(np.where(measured, values, 0.0).sum(axis=1))
