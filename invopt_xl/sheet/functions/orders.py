"""How much to order at a time, and when: economic lots, discounts, and lots for demand that changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from invopt_xl.domain.words import counted
from invopt_xl.errors import InputError
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Result, cell_function
from invopt_xl.sheet.functions._demand import ITEMS_IN
from invopt_xl.sheet.functions.shared import (
    HOLDING_COST,
    HOLDING_RATE,
    LOT_SIZE,
    MINIMUM_ORDER_QUANTITY,
    ORDER_COST,
    amount,
)

if TYPE_CHECKING:
    from invopt_xl.policy.costs import BoolArray, FloatArray
    from invopt_xl.policy.lot_sizes.discounts import Kind
    from invopt_xl.policy.lot_sizes.dynamic import Method


def _because_eoq(
    results: Sequence[float],
    demand: FloatArray,
    order_cost: FloatArray,
    holding_cost: FloatArray,
    minimum_order_quantity: FloatArray,
    lot_size: FloatArray,
) -> list[str]:
    from invopt_xl.policy import economic_order_quantity

    found = []
    free = economic_order_quantity(demand, order_cost, holding_cost)
    for quantity, best, rate, setup, holding in zip(results, free, demand, order_cost, holding_cost, strict=True):
        if not rate > 0:
            found.append("Nothing is ordered where there is no demand.")
            continue
        ordering, carrying = setup * rate / quantity, holding * quantity / 2.0
        told = f"An order of {amount(quantity)} comes {rate / quantity:.3g} times in the time that demand is for: "
        told += f"ordering costs {ordering:,.2f} and holding {carrying:,.2f}."
        if abs(quantity - best) > 1e-9 * best:
            more = ordering + carrying - np.sqrt(2.0 * setup * rate * holding)
            told += f" Without minimum and lot size it would be {amount(best)}, {more:,.2f} cheaper."
        found.append(told)
    return found


@cell_function(
    "Orders",
    Argument("demand", "Demand per year, or per any other time.", unit="units", minimum=0),
    replace(
        ORDER_COST, help="Cost of placing one order; where it is nothing, order as it is needed.",
        minimum=None, above=0, example="50",
    ),
    HOLDING_COST,
    MINIMUM_ORDER_QUANTITY,
    LOT_SIZE,
    result=Result("each", "order quantity, units"),
    cost="cheap",
    example=(1200, 50, 2.5),
    because=_because_eoq,
)  # fmt: skip
def eoq(
    demand: FloatArray,
    order_cost: FloatArray,
    holding_cost: FloatArray,
    minimum_order_quantity: FloatArray,
    lot_size: FloatArray,
) -> FloatArray:
    """Economic order quantity: the lot that costs least in orders and stock, in units.

    The root of 2 x demand x order cost / holding cost (Harris 1913), raised to the minimum and brought to the cheaper
    of the multiples of the lot size beside it. It assumes steady demand; without demand it is 0.
    """
    from invopt_xl.policy import economic_lots, economic_order_quantity

    quantity = economic_order_quantity(demand, order_cost, holding_cost)
    quantity = np.where(demand > 0, np.maximum(quantity, minimum_order_quantity), 0.0)
    lotted = ~np.isnan(lot_size) & (demand > 0)
    if lotted.any():
        lots = economic_lots(demand[lotted], order_cost[lotted], holding_cost[lotted])
        quantity[lotted] = lots.allowed(minimum_order_quantity[lotted], lot_size[lotted]).quantity
    return quantity


FROM_QUANTITIES = Argument(
    "from_quantities", "From how many units on each unit cost holds, rising; the first is 0 or 1.",
    takes="list", unit="units", minimum=0,
)  # fmt: skip
UNIT_COSTS = Argument(
    "unit_costs", "Cost of a unit from each of these quantities on, falling.",
    takes="list", unit="money", above=0,
)  # fmt: skip
DISCOUNT_KIND = Argument(
    "kind", "all-unit: a unit cost holds for the whole order; incremental: for its units from the quantity on.",
    takes="one", kind="choice", choices=("all-unit", "incremental"), default="all-unit",
)  # fmt: skip


def _because_discount(
    results: Sequence[Sequence[float]],
    demand: FloatArray,
    order_cost: FloatArray,
    holding_rate: FloatArray,
    from_quantities: FloatArray,
    unit_costs: FloatArray,
    kind: str,
    minimum_order_quantity: FloatArray,
    lot_size: FloatArray,
) -> list[str]:
    found = []
    for (quantity, price, cost, saving), rate in zip(results, demand, strict=True):
        if not quantity > 0:
            found.append("Nothing is ordered where there is no demand.")
            continue
        tier = int(np.searchsorted(_from_zero(from_quantities), quantity * (1.0 + 1e-9), side="right"))
        ordered = f"An order of {amount(quantity)}, every {12.0 * quantity / rate:.3g} months, is paid at {price:,.4g}"
        paid = f"{ordered} a unit on average (break {tier} of {len(unit_costs)})"
        found.append(f"{paid}; buying, ordering and holding cost {cost:,.2f} a year, {saving:,.2f} less than at list.")
    return found


@cell_function(
    "Orders",
    Argument("demand", "Demand per year.", unit="units", minimum=0),
    ORDER_COST,
    HOLDING_RATE,
    FROM_QUANTITIES,
    UNIT_COSTS,
    DISCOUNT_KIND,
    MINIMUM_ORDER_QUANTITY,
    LOT_SIZE,
    result=Result(
        "record", "order quantity, units; average unit cost; yearly cost and what the discount saves of it, money",
        ("order_quantity", "unit_cost", "yearly_cost", "saving"),
    ),
    cost="cheap",
    example=(600, 8, 0.2, [[0], [500], [1000]], [[0.30], [0.29], [0.28]]),
    because=_because_discount,
)  # fmt: skip
def eoq_discount(
    demand: FloatArray,
    order_cost: FloatArray,
    holding_rate: FloatArray,
    from_quantities: FloatArray,
    unit_costs: FloatArray,
    kind: str,
    minimum_order_quantity: FloatArray,
    lot_size: FloatArray,
) -> list[list[float]]:
    """Order quantity that costs least under quantity discounts, its unit cost, yearly cost and what it saves.

    The yearly cost is that of buying, ordering and holding. Exact (Hadley & Whitin 1963, sections 2.11 and 2.12). It
    assumes steady demand; without demand nothing is ordered. The saving is against the first unit cost for every
    quantity, at the best one for that.
    """
    breaks = _from_zero(from_quantities)
    if len(unit_costs) != len(breaks):
        raise InputError(
            f"unit costs has {counted(len(unit_costs), 'value')}; expected {len(breaks)}, as from quantities has"
        )
    records = [[0.0, np.nan, 0.0, 0.0] for _ in demand]

    def fill(rows: BoolArray, lot: FloatArray | None) -> None:
        from invopt_xl.policy import quantity_discounts

        made = quantity_discounts(
            demand[rows], order_cost[rows], holding_rate[rows], breaks, unit_costs, cast("Kind", kind),
            minimum=minimum_order_quantity[rows], lot=lot,
        )  # fmt: skip
        columns = zip(made.quantity, made.unit_cost, made.cost, made.saving, strict=True)
        for row, values in zip(np.flatnonzero(rows), columns, strict=True):
            records[row] = list(values)

    _with_and_without_lot(fill, demand > 0, lot_size)
    return records


def _from_zero(from_quantities: FloatArray) -> FloatArray:
    """Return where price breaks begin; that the first holds from 1 unit on is another way to say from 0."""
    if from_quantities[0] not in (0.0, 1.0):
        raise InputError(f"from quantities begins with {from_quantities[0]:g}; expected 0 or 1")
    return np.concatenate([[0.0], from_quantities[1:]])


def _with_and_without_lot(
    fill: Callable[[BoolArray, FloatArray | None], None], rows: BoolArray, lot_size: FloatArray
) -> None:
    """Compute items with a lot size and those without: rules know it for all or for none."""
    free = np.isnan(lot_size)
    if (rows & free).any():
        fill(rows & free, None)
    if (rows & ~free).any():
        fill(rows & ~free, lot_size[rows & ~free])


DEMAND_PLAN = Argument(
    "demand", "Demand of each coming period: a row, or a column; of several columns each is an item. Empty is zero.",
    takes="series", unit="units", minimum=0, empty="zero",
)  # fmt: skip
METHOD = Argument(
    "method", "wagner-whitin costs least; the others look ahead from each order alone and are steadier.",
    takes="one", kind="choice", default="wagner-whitin",
    choices=("wagner-whitin", "silver-meal", "least-unit-cost", "part-period-balancing"),
)  # fmt: skip


def _because_lots(
    results: Sequence[FloatArray],
    demand: FloatArray,
    order_cost: FloatArray,
    holding_cost: FloatArray,
    method: str,
    minimum_order_quantity: FloatArray,
    lot_size: FloatArray,
    items_in: str,
) -> list[str]:
    found = []
    for ordered, needed, setup, holding in zip(results, demand, order_cost, holding_cost, strict=True):
        orders = int((ordered > 0).sum())
        stock = np.maximum((ordered - needed).cumsum(), 0.0)
        told = f"{orders} orders of {amount(ordered.sum())} in all cost {setup * orders:,.2f}"
        told = told.replace("1 orders", "1 order") if orders == 1 else told
        told += f", holding {holding * stock.sum():,.2f} over {len(needed)} periods"
        left = f"; {amount(stock[-1])} are left over" if stock[-1] > 1e-9 * max(1.0, needed.sum()) else ""
        found.append(f"{told}{left}." if orders else f"There is no demand in any of {len(needed)} periods.")
    return found


@cell_function(
    "Orders",
    DEMAND_PLAN,
    ORDER_COST,
    HOLDING_COST,
    METHOD,
    MINIMUM_ORDER_QUANTITY,
    LOT_SIZE,
    ITEMS_IN,
    result=Result("series", "quantity to order for the start of each period, units", beside=True),
    cost="cached",
    example=([[90], [120], [80], [70]], 500, 2),
    because=_because_lots,
)
def lot_sizes(
    demand: FloatArray,
    order_cost: FloatArray,
    holding_cost: FloatArray,
    method: str,
    minimum_order_quantity: FloatArray,
    lot_size: FloatArray,
    items_in: str,
) -> FloatArray:
    """Order quantity of each period for demand that changes, so that ordering and holding cost least, in units.

    An order comes at the start of its period; stock is counted at its end; nothing runs short, and nothing is there at
    first. wagner-whitin (1958) is exact without minimum and lot size and nearly so with them; silver-meal (1973),
    least-unit-cost and part-period-balancing (DeMatteis 1968) do not change near orders when far demand changes.
    """
    from invopt_xl.policy import dynamic_lots

    quantity = np.zeros(demand.shape)

    def fill(rows: BoolArray, lot: FloatArray | None) -> None:
        made = dynamic_lots(
            demand[rows], order_cost[rows], holding_cost[rows], cast("Method", method),
            minimum=minimum_order_quantity[rows], lot=lot,
        )  # fmt: skip
        quantity[rows] = made.quantity

    _with_and_without_lot(fill, np.ones(len(demand), dtype=bool), lot_size)
    return quantity
