"""How much to order at a time, and when: lot sizes, discounts and whole order plans."""

from __future__ import annotations

import numpy as np

from invopt_xl.policy.costs import FloatArray
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Result, cell_function

MINIMUM = Argument("minimum_order_quantity", "Least quantity of an order.", unit="units", default=0.0, minimum=0)
LOT = Argument("lot_size", "Orders are whole multiples of it.", unit="units", default=None, above=0, example="12")


@cell_function(
    "Orders",
    Argument("demand", "Demand per year, or per any other time.", unit="units per year", minimum=0),
    Argument("order_cost", "Cost of placing one order.", unit="money", minimum=0),
    Argument("holding_cost", "Cost of holding a unit for the same time.", unit="money per unit and year", above=0),
    MINIMUM,
    LOT,
    result=Result("each", "order quantity, units"),
    cost="cheap",
    example=(1200, 50, 2.5),
)
def eoq(
    demand: FloatArray,
    order_cost: FloatArray,
    holding_cost: FloatArray,
    minimum_order_quantity: FloatArray,
    lot_size: FloatArray,
) -> FloatArray:
    """Economic order quantity: the lot that costs least in orders and stock, in units.

    The root of 2 x demand x order cost / holding cost (Harris 1913), raised to the minimum and brought to the cheaper
    of the multiples of the lot size beside it. It assumes steady demand.
    """
    from invopt_xl.policy import economic_lots

    lots = economic_lots(demand, order_cost, holding_cost)
    unlotted = np.isnan(lot_size)
    multiples = lots.allowed(minimum_order_quantity, np.where(unlotted, 1.0, lot_size)).quantity
    return np.where(unlotted, np.maximum(lots.quantity, minimum_order_quantity), multiples)
